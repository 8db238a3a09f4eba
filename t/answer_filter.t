#!/usr/bin/perl

# Copyright (C) recs authors

# Filters act before the cut: a filtered list is as full as the catalogue
# allows, whatever is asked for, and has only what passes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;


my $t = Test::Recs->new;
my $rows = Test::Recs::Shop::catalog();
my %row = map { $_->{productId} => $_ } @$rows;

for my $id (keys %row) {
    my ($n) = $id =~ /(\d)/;
    my $row = $row{$id};

    $row->{tags} = [ 'all', $n % 2 ? 'Odd' : 'even' ];
    $row->{regions} = ['de'] if $n == 1;
    $row->{regions} = ['de', 'fr'] if $n == 2;
    $row->{attributes}{colour} = $n > 4 ? 'Red' : 'blue';
}

delete $row{B1}{stock};
$row{B2}{brand} = 'Ink, Paper';

$t->build_snapshot(events => Test::Recs::Shop::events(), catalog => $rows);
$t->run($t->conf(server => '
    location /recommendations { recs; }
    location /here { recs; recs_region $arg_at; }
'));

sub answer { return $t->get("/recommendations/$_[0]") }
sub ids { return $t->ids(answer($_[0])) }

# The products that a filter lets through, by what the catalogue says.

sub passing {
    my ($code) = @_;
    return join ' ', sort grep {
        local $_ = $row{$_};
        (!defined $_->{stock} || $_->{stock} > 0) && $code->()
    } keys %row;
}

sub filtered {
    my ($filter, $code) = @_;
    my $want = passing($code);

    for my $type (qw(bestsellers trending similar/S1 personalized
                     recently-viewed frequently-bought-together/S1 session))
    {
        my @got = ids("$type?limit=100&sessionId=ada-1&$filter");
        my $all = $want;

        $all = join ' ', grep { $_ ne 'S1' } split / /, $all
            if $type =~ m{/S1};

        is(join(' ', sort @got), $all, "$type?$filter");
    }
}

my $starts = sub { my $path = shift;
                   my $own = join '/', @{$_->{category}};
                   return $own eq $path || index($own, "$path/") == 0 };

filtered('minPrice=61.5&maxPrice=64',
         sub { $_->{price} >= 61.5 && $_->{price} <= 64 });
filtered('maxPrice=9', sub { $_->{price} <= 9 });
filtered('category=Wear', sub { $starts->('Wear') });
filtered('category=Wear/Socks', sub { $starts->('Wear/Socks') });
filtered('category=Socks,Books',
         sub { $starts->('Wear/Socks') || $starts->('Books') });
filtered('brand=Walker', sub { $_->{brand} eq 'Walker' });
filtered('brand=Ink%5c,%20Paper,Knit',
         sub { $_->{brand} eq 'Knit' || $_->{brand} eq 'Ink, Paper' });
filtered('tags=odd', sub { $_->{tags}[1] eq 'Odd' });
filtered('tags=ALL,even', sub { $_->{tags}[1] eq 'even' });
filtered('attributes=colour:red', sub { $_->{attributes}{colour} eq 'Red' });
filtered('attributes=size:1,Colour:Blue',
         sub { $_->{attributes}{size} == 1
               && $_->{attributes}{colour} eq 'blue' });
filtered('region=fr', sub { !$_->{regions} || @{$_->{regions}} == 2 });
filtered('region=de', sub { 1 });
filtered('region=nowhere', sub { !$_->{regions} });
filtered('availability=known', sub { $_->{stock} });
filtered('availability=in-stock', sub { 1 });
filtered('brand=nobody', sub { 0 });
filtered('brand=nobody,Press', sub { $_->{brand} eq 'Press' });
filtered('category=Nothing', sub { 0 });
filtered('tags=none', sub { 0 });
filtered('tags=odd,none', sub { 0 });
filtered('minPrice=1000', sub { 0 });
filtered('category=Wear&minPrice=10&brand=Walker&attributes=colour:blue'
         . '&tags=odd&availability=known&region=de',
         sub { $starts->('Wear') && $_->{brand} eq 'Walker'
               && $_->{tags}[1] eq 'Odd'
               && $_->{attributes}{colour} eq 'blue' });

# by the ratings of the events

my %rating;

for my $item (@{answer('bestsellers?limit=100')->{json}{items}}) {
    $rating{$item->{productId}} = $item->{product}{rating} // 0;
}

is(join(' ', sort(ids('bestsellers?limit=100&minRating=3.5'))),
   join(' ', sort grep { $rating{$_} >= 3.5 } keys %rating), 'minRating');

# sold out

ok(!grep({ $_ eq 'T7' } ids('bestsellers?limit=100')), 'T7 is sold out');

my $all = answer('bestsellers?limit=100&availability=all');
my ($item) = grep { $_->{productId} eq 'T7' } @{$all->{json}{items}};

ok($item, 'availability=all has it');
ok(!$item->{product}{available}, 'and says so');

# the order of relevance stays, and offset cuts the filtered list

my @similar = ids('similar/S1?limit=100');
my @odd = grep { $row{$_}{tags}[1] eq 'Odd' } @similar;

is_deeply([ ids('similar/S1?limit=4&tags=odd') ], [ @odd[0 .. 3] ],
          'relevance within a filter');
is_deeply([ ids('similar/S1?limit=4&tags=odd&offset=3') ],
          [ @odd[3 .. 6] ], 'offset within a filter');
is_deeply([ ids("similar/S1?limit=4&tags=odd&exclude=$odd[0],$odd[2]") ],
          [ @odd[1, 3 .. 5] ], 'exclude within a filter');

# one question, however it is written; a filter is another one

my $one = answer('trending?brand=Knit,Walker&tags=odd&minPrice=5');
my $two = answer('trending?minPrice=5.00&tags=Odd,odd&brand=Walker,Knit');
my $three = answer('trending?brand=Knit&tags=odd&minPrice=5');

is($one->{json}{recommendationId}, $two->{json}{recommendationId},
   'one question');
isnt($one->{json}{recommendationId}, $three->{json}{recommendationId},
     'another filter');
is($one->{headers}{'cache-control'}, 'public, max-age=1800',
   'filters leave a public answer public');
is($t->get('/recommendations/trending?brand=Walker,Knit&tags=odd&minPrice=5',
           headers => { 'If-None-Match' => $one->{headers}{etag} })->{status},
   304, 'its entity tag');
is(answer('trending?availability=in-stock&sort=relevance&brand=')->{json}
   {recommendationId}, answer('trending')->{json}{recommendationId},
   'what is so anyway is no filter');

ok(!exists $one->{json}{truncated}, 'nothing was truncated');

# the asker's own region counts in private answers

my @here = $t->ids($t->get('/here/personalized?limit=100&at=fr'));

ok(!grep({ /1$/ } @here) && grep({ /2$/ } @here), 'recs_region');
is(scalar $t->ids($t->get('/here/personalized?limit=100&at=')), 23,
   'recs_region, not known');
is(scalar $t->ids($t->get('/here/personalized?limit=100&at=fr&region=de')),
   23, 'recs_region, another one is asked for');
is(scalar $t->ids($t->get('/here/trending?limit=100&at=fr')), 23,
   'recs_region is not in the URL of a public answer');


$t->done;
