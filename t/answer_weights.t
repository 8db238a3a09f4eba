#!/usr/bin/perl

# Copyright (C) recs authors

# The five factors of similar products, weighed by the configuration.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;

# one product is of the same brand, another one has the same price

my @catalog = (
    { productId => 'seed', category => ['Shoes'], brand => 'Walker',
      price => 50 },
    { productId => 'brand', category => ['Shoes'], brand => 'Walker',
      price => 900 },
    { productId => 'price', category => ['Shoes'], brand => 'Press',
      price => 50 },
);

$t->build_snapshot(catalog => \@catalog, events => [
    map { { activityType => 'PRODUCT_VIEW', productId => $_->{productId},
            sessionId => "s-$_->{productId}", timestamp => 1767571200000 } }
        @catalog ]);

$t->run($t->conf(server => '
    location /stored { recs; }
    location /brand { recs; recs_similar_weights 0 1 0 0 0; }
    location /price { recs; recs_similar_weights 0 0 0.5 0 0; }
'));

my %id;

for my $weighed (qw(brand price)) {
    my $r = $t->get("/$weighed/similar/seed?limit=1");
    is(($t->ids($r))[0], $weighed, "$weighed alone");
    like($r->{headers}{'cache-control'}, qr/public/, "$weighed: public");
    $id{$r->{json}{recommendationId}}++;
}

$id{$t->get('/stored/similar/seed?limit=1')->{json}{recommendationId}}++;
is(scalar keys %id, 3, 'other weights are another list');

$t->done;
