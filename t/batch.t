#!/usr/bin/perl

# Copyright (C) recs authors

# A batch answers as many questions as single requests would, in order, from
# one snapshot, and journals each of them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new(slack => 16);

my $snapshot = $t->shop(
    http => '
        recs_snapshot %%DIR%%/base/current;
        recs_journal %%DIR%%/journal;
        log_format recs "$uri $recs_status $recs_type $recs_count";
        access_log %%DIR%%/access.log recs;
    ',
    server => '
        location /recommendations { recs; recs_batch_max_body 2m;
                                    client_max_body_size 2m; }
        location /status { recs_status; }
    ');

my $uri = '/recommendations/batch';

sub exposures { $t->get('/status')->{json}{counters}{exposures} }

# what each is as a URL, and as an object

my @pairs = (
    [ '/similar/S1', { path => 'similar/S1' } ],
    [ '/similar/S1?limit=3', { path => '/similar/S1', limit => 3 } ],
    [ '/similar/S2', { type => 'SIMILAR_PRODUCTS', productId => 'S2' } ],
    [ '?type=TRENDING&limit=4&offset=2',
      { type => 'TRENDING', limit => '4', offset => 2 } ],
    [ '/bestsellers?exclude=S1,S2',
      { path => 'bestsellers', exclude => [ 'S1', 'S2' ] } ],
    [ '/frequently-bought-together?cart=S1,T2',
      { path => 'frequently-bought-together', cart => 'S1,T2' } ],
    [ '/trending?minPrice=10.5&maxPrice=61&sort=price-asc',
      { path => 'trending', minPrice => 10.5, maxPrice => 61,
        sort => 'price-asc' } ],
    [ '/trending?category=Wear/Shoes,Books&brand=Walker',
      { path => 'trending', category => [ 'Wear/Shoes', 'Books' ],
        brand => [ 'Walker' ] } ],
    [ '/top-rated?attributes=size:1',
      { path => 'top-rated', attributes => [ 'size:1' ] } ],
    [ '/trending?fields=productId,product.title',
      { path => 'trending', fields => 'productId,product.title' } ],
    [ '/trending?fields=productId&limit=2',
      { path => 'trending', fields => [ 'productId' ], limit => 2 } ],
    [ '/similar/S1?variant=b', { path => 'similar/S1', variant => 'b' } ],
    [ '/trending', { path => 'trending', nothing => { a => 1 },
                     limit => undef, exclude => [] } ],
);

my @single = map { $t->get("/recommendations$_->[0]") } @pairs;
my $before = exposures();
my $r = $t->post($uri, [ map { $_->[1] } @pairs ]);

is($r->{status}, 200, 'answered');
is($r->{headers}{'content-type'}, 'application/json', 'as JSON');
is($r->{headers}{'cache-control'}, 'no-store', 'that nobody stores');
is($r->{json}{snapshotId}, $snapshot, 'of one snapshot');
is(scalar @{$r->{json}{responses}}, scalar @pairs, 'an answer each');

for my $n (0 .. $#pairs) {
    is_deeply($r->{json}{responses}[$n],
              { status => 200, answer => $single[$n]{json} }, $pairs[$n][0]);
}

is(exposures() - $before, scalar @pairs, 'each is journalled');

is_deeply($t->post($uri, { requests => [ $pairs[0][1] ] })->{json}{responses},
          [ { status => 200, answer => $single[0]{json} } ], 'an object');


# who asks

my $own = { 'X-Session-ID' => 'ada-1' };
my $lists = $t->post($uri, [ { path => 'recently-viewed' },
                             { path => 'recently-viewed',
                               sessionId => 'nobody' } ],
                     headers => { %$own })->{json}{responses};

is_deeply([ map { $_->{productId} } @{$lists->[0]{answer}{items}} ],
          [ $t->ids($t->get('/recommendations/recently-viewed',
                            headers => $own)) ], 'the session of the header');
isnt($lists->[1]{answer}{items}[0]{reason}{code},
     $lists->[0]{answer}{items}[0]{reason}{code}, 'or one of its own');
isnt($lists->[0]{answer}{recommendationId},
     $lists->[1]{answer}{recommendationId}, 'private ids differ');


# as much as there can be

my @many = map { { path => 'trending', limit => 100 } } 1 .. 100;
my $one = $t->get('/recommendations/trending?limit=100')->{json};
$r = $t->post($uri, \@many);
is_deeply($r->{json}{responses},
          [ map { { status => 200, answer => $one } } @many ],
          'a hundred long ones');
is($r->{headers}{'content-length'}, length $r->{body}, 'and its length');

my $client = $t->client;
is_deeply([ map { my $n = $_;
                  scalar @{$client->($uri, method => 'POST',
                      body => JSON::PP->new->encode([ @many[1 .. $n] ]),
                      headers => { 'Content-Type' => 'application/json' }
                  )->{json}{responses}} } 1, 50, 2 ], [ 1, 50, 2 ],
          'one after the other on a connection');

my @lines;
$t->wait_for(sub { @lines = grep { m{/batch} }
                       split /\n/, $t->read_file('access.log');
                   @lines >= 4 });
like($lines[0], qr{^/recommendations/batch HIT - \d\d+$}, 'the log');

$t->done;
