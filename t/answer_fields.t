#!/usr/bin/perl

# Copyright (C) recs authors

# fields= leaves of the items what is named, in every form.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Msgpack qw(unpack_msgpack);


my $t = Test::Recs->new;

$t->write_file('list.html', '{{#items}}{{productId}}{{score}},{{/items}}');
$t->shop(server => '
    recs_template %%DIR%%/list.html;
    location /recommendations { recs; }
');

my $uri = '/recommendations/similar/S1?limit=4';
my $all = $t->get($uri);
my @items = @{$all->{json}{items}};

sub fields { return $t->get("$uri&fields=$_[0]") }

my $r = fields('productId');
is_deeply($r->{json}{items}, [ map { { productId => $_->{productId} } } @items ],
          'one');
is_deeply([ sort keys %{$r->{json}} ], [ sort keys %{$all->{json}} ],
          'the head is whole');

$r = fields('productId,product.title,product.price,reason.code');
is_deeply($r->{json}{items}, [ map { {
              productId => $_->{productId},
              reason => { code => $_->{reason}{code} },
              product => { title => $_->{product}{title},
                           price => $_->{product}{price} } } } @items ],
          'some, and parts of some');

is_deeply(fields('product,product.title')->{json}{items},
          [ map { { product => $_->{product} } } @items ], 'all of one');
is_deeply(fields('nothing,product.nothing,score.deep')->{json}{items},
          [ map { { product => {}, score => $_->{score} } } @items ],
          'what there is not')
    or diag explain fields('nothing,product.nothing,score.deep')->{json};

is_deeply(unpack_msgpack($t->get("$uri&format=msgpack&fields=productId,score")
                             ->{body})->{items},
          fields('productId,score')->{json}{items}, 'as MessagePack');
is($t->get("$uri&format=html&fields=productId")->{body},
   join('', map { "$_->{productId}," } @items), 'before the template');

my $home = $t->get('/recommendations/home?fields=productId');
is_deeply([ map { keys %$_ } map { @{$_->{items}} } @{$home->{json}{rails}} ],
          [ ('productId') x map { @{$_->{items}} } @{$home->{json}{rails}} ],
          'in rails') if $home->{status} == 200;


# one list, other bytes: another entity tag, the same id

my ($one, $two) = map { fields($_) } 'productId', 'productId,score';
is($one->{json}{recommendationId}, $all->{json}{recommendationId}, 'one id');
isnt($one->{headers}{etag}, $_->{headers}{etag}, 'an entity tag of its own')
    for $all, $two;
is($t->get("$uri&fields=productId", headers =>
           { 'If-None-Match' => $one->{headers}{etag} })->{status}, 304,
   'known again');
is($t->get("$uri&fields=score", headers =>
           { 'If-None-Match' => $one->{headers}{etag} })->{status}, 200,
   'as itself only');
is(fields('')->{headers}{etag}, $all->{headers}{etag}, 'none are all');

for my $bad ('a,', ',a', 'a,,b', 'a..b', '.a', 'a.', 'a%20b', 'a%22', '*',
             join(',', ('a') x 33))
{
    $r = fields($bad);
    is("$r->{status} $r->{json}{code} $r->{json}{parameter}",
       '400 fields-invalid fields', $bad);
}

is(fields(join ',', ('a') x 32)->{status}, 200, 'as many as can be');

$t->done;
