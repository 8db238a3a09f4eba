#!/usr/bin/perl

# Copyright (C) recs authors

# What was bought after a search comes first for who has searched for it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my ($now, @events) = (1_600_000_000);

sub event {
    my ($user, $type, %o) = @_;

    push @events, { activityType => $type, userId => $user,
        sessionId => "of-$user", timestamp => $now++ * 1000, %o };
}

# five of ten buy the red shoes after a search, five the lamp without one;
# everybody buys milk

for my $n (0 .. 9) {
    event("u$n", 'PURCHASE', productId => 'milk', orderId => "m$n");
    event("u$n", 'SEARCH', query => $n % 2 ? 'Red  Shoes' : 'red shoes ')
        if $n < 5;
    event("u$n", 'PURCHASE', productId => $n < 5 ? 'shoes' : 'lamp',
          orderId => "p$n");
}

event('u7', 'SEARCH', query => 'my own name');
event('new', 'PRODUCT_VIEW', productId => 'milk');

$t->build_snapshot(events => \@events,
                   args => [ '-s', 'query_buy_weight=1',
                             '-s', 'related_weight=0' ]);
$t->run($t->conf(server => 'location /recommendations { recs; }'));

sub first {
    my ($uri) = @_;
    my $r = $t->get("/recommendations/$uri");

    is($r->{status}, 200, $uri);

    return $r->{json}{items}[0];
}

my $item = first('personalized?sessionId=nobody&query=RED+shoes');
is($item->{productId}, 'shoes', 'what was bought after such searches');
is($item->{reason}{code}, $t->get('/recommendations/personalized?'
    . 'sessionId=nobody&query=red%20shoes')->{json}{items}[0]{reason}{code},
   'however it is typed');

isnt(first('personalized?sessionId=nobody')->{productId}, 'shoes',
     'without a search');
isnt(first('personalized?sessionId=nobody&query=my+own+name')->{productId},
     'shoes', 'what one person searched for is not known');

my @ids = map { $t->get("/recommendations/bestsellers$_")
                  ->{json}{recommendationId} } '', '?query=red+shoes';
is($ids[0], $ids[1], 'other types do not look at it');

is($t->get('/recommendations/personalized?query=a&query=b')->{status}, 400,
   'once');
is($t->get('/recommendations/personalized?sessionId=x&query='
           . 'x' x 1000)->{status}, 200, 'a long one');

my ($rc, $out) = $t->command($t->builder, 'inspect',
                             $t->dir . '/base/current', 'search:red shoes');
like($out, qr/"shoes"/, 'inspect');

$t->done;
