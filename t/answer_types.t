#!/usr/bin/perl

# Copyright (C) recs authors

# Each of the types answers under its path and under type=.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $snapshot = $t->shop;

my @types = (
    [ 'PERSONALIZED', 'personalized', 'sessionId=ada-1' ],
    [ 'SIMILAR_PRODUCTS', 'similar/S1', '' ],
    [ 'FREQUENTLY_BOUGHT_TOGETHER', 'frequently-bought-together/S1', '' ],
    [ 'TRENDING', 'trending', '' ],
    [ 'RECENTLY_VIEWED', 'recently-viewed', 'sessionId=ada-1' ],
    [ 'TOP_RATED', 'top-rated', '' ],
    [ 'BESTSELLERS', 'bestsellers', '' ],
    [ 'SEASONAL', 'seasonal', '' ],
    [ 'PRICE_DROP', 'price-drop', '' ],
    [ 'NEW_ARRIVALS', 'new-arrivals', '' ],
    [ 'CATEGORY_TRENDING', 'category-trending', 'categoryId=Books' ],
    [ 'BUY_AGAIN', 'buy-again', 'sessionId=ada-1' ],
    [ 'SESSION', 'session', 'sessionId=ada-1' ],
    [ 'CROSS_SELL', 'cross-sell/S1', '' ],
    [ 'UP_SELL', 'up-sell/S1', '' ],
    [ 'UPGRADE_PATH', 'upgrade-path/S1', '' ],
    [ 'COMPLEMENTARY', 'complementary/S1', '' ],
    [ 'SOCIAL_PROOF', 'social-proof', 'sessionId=ada-1' ],
);

my %list;

for (@types) {
    my ($type, $path, $args) = @$_;
    my $r = $t->get("/recommendations/$path?limit=5&$args");
    my $json = $r->{json};

    is($r->{status}, 200, "$type answers");
    is($json->{type}, $type, "$type names itself");
    is(scalar @{$json->{items}}, 5, "$type is full");
    is($json->{snapshotId}, $snapshot, "$type names the snapshot");

    my @bad = grep {
        my $item = $json->{items}[$_];
        $item->{position} != $_ + 1 || $item->{score} < 0
            || $item->{score} > 1 || $item->{confidence} < 0
            || $item->{confidence} > 1 || !$item->{reason}{code}
            || !$item->{reason}{text} || !$item->{product}{title}
            || !$item->{product}{price}
    } 0 .. 4;

    is("@bad", '', "$type says where, how much and why");

    my %ids = map { $_ => 1 } $t->ids($r);
    is(scalar keys %ids, 5, "$type lists nothing twice");

    my ($product) = $path =~ m{/(.+)};
    $product = $product ? "&productId=$product" : '';

    my $same = $t->get("/recommendations?limit=5&type=" . lc($type)
                       . "$product&$args");
    is_deeply([ $t->ids($same) ], [ $t->ids($r) ], "$type by type=");

    $list{$type} = [ $t->ids($r) ];
}

is($list{FREQUENTLY_BOUGHT_TOGETHER}[0], 'T1', 'shoe and sock of one number');
like("@{$list{SIMILAR_PRODUCTS}}", qr/^(?:S\d ?)+$/, 'shoes are like shoes');
is("@{$list{RECENTLY_VIEWED}}[0 .. 2]", 'B5 S2 S1', 'newest view first');
is($list{TRENDING}[0], 'T1', 'what rises');
is($list{PRICE_DROP}[0], 'B3', 'what is cheaper than it was');
is_deeply([ sort @{$list{NEW_ARRIVALS}}[0 .. 2] ], [ qw(B8 S8 T8) ],
          'what is new');
like("@{$list{TOP_RATED}}", qr/^(?:[SB][12] ?){4}/, 'five stars first');
like("@{$list{CATEGORY_TRENDING}}", qr/^(?:B\d ?)+$/, 'of the category');

$t->done;
