#!/usr/bin/perl

# Copyright (C) recs authors

# Another order: what the type itself finds comes first in that order, then
# the rest of the catalogue in that order; of equals the popular first.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;


my $t = Test::Recs->new;
my $rows = Test::Recs::Shop::catalog();

for my $row (@$rows) {
    my ($kind, $n) = $row->{productId} =~ /(.)(.)/;

    $row->{createdAt} = sprintf '2025-%02d-%02dT00:00:00Z',
        { S => 3, T => 5, B => 4 }->{$kind}, 1 + $n % 3;
    $row->{price} = 30 if $n == 4;
    delete $row->{price} if $row->{productId} eq 'B6';
}

$t->build_snapshot(events => Test::Recs::Shop::events(), catalog => $rows);
$t->run($t->conf);

my %row = map { $_->{productId} => $_ } @$rows;

sub ids { return $t->ids($t->get("/recommendations/$_[0]")) }

sub product {
    my ($r) = @_;
    return map { $_->{productId} => $_->{product} } @{$r->{json}{items}};
}

my $all = $t->get('/recommendations/bestsellers?limit=100');
my %product = product($all);
my %place;

@place{ids('similar/none?limit=100&sort=popular')} = 0 .. 22;

my %order = (
    'popular' => sub { 0 },
    'price-asc' => sub { $product{$_[0]}{price} // 9e9 },
    'price-desc' => sub { -($product{$_[0]}{price} // -9e9) },
    'rating' => sub { -($product{$_[0]}{rating} // 0) },
    'newest' => sub { join '', map { 9 - $_ }
                      $row{$_[0]}{createdAt} =~ /(\d)/g },
);

# Of one mean the one that more people gave: by what the answers say.

sub sorted {
    my ($sort, @ids) = @_;
    my $key = $order{$sort};

    return sort { $key->($a) <=> $key->($b)
                  || ($sort eq 'rating'
                      ? ($product{$b}{ratingCount} // 0)
                        <=> ($product{$a}{ratingCount} // 0) : 0)
                  || $place{$a} <=> $place{$b} } @ids;
}

is(scalar keys %place, 23, 'the catalogue by popularity');

# What a type finds by itself, whatever is sold out: by the reasons it gives.

my %reason = (
    'bestsellers' => 'BESTSELLER', 'trending' => 'TRENDING',
    'similar/S1' => 'SIMILAR', 'price-drop' => 'PRICE_DROP',
    'personalized' => 'BECAUSE_YOU_VIEWED',
    'frequently-bought-together/B1' => 'BOUGHT_TOGETHER',
);

for my $type (sort keys %reason) {
    my $path = "$type?limit=100&sessionId=ada-1";
    my $r = $t->get("/recommendations/$path&availability=all");
    my ($subject) = $type =~ m{/(\w+)$};
    my %own = map { $_->{productId} => 1 }
        grep { $_->{reason}{code} eq $reason{$type}
               && $_->{productId} ne 'T7' } @{$r->{json}{items}};
    my @rest = grep { !$own{$_} && $_ ne ($subject // '') } keys %place;

    cmp_ok(scalar keys %own, '>', 0, "$type finds some");

    for my $sort (sort keys %order) {
        my @want = (sorted($sort, keys %own), sorted($sort, @rest));

        is(join(' ', ids("$path&sort=$sort")), "@want", "$type by $sort");
        is(join(' ', ids("$type?sessionId=ada-1&sort=$sort&limit=5&offset=3")),
           "@want[3 .. 7]", "$type by $sort, offset");
    }
}

# the other way round, but for those without a price and for equals

my @up = ids('trending?limit=100&sort=price-asc&category=Wear');
my @down = ids('trending?limit=100&sort=price-desc&category=Wear');

is_deeply([ sort @up ], [ sort @down ], 'the same products');

# with a filter, and the rest of it

my $r = $t->get('/recommendations/price-drop?limit=100&sort=price-asc'
                . '&maxPrice=30');
my @cheap = $t->ids($r);

ok(!grep({ ($product{$_}{price} // 99) > 30 } @cheap), 'only what passes');
is(scalar @cheap, scalar grep { ($product{$_}{price} // 99) <= 30 }
   keys %place, 'and all of it');
is_deeply($r->{json}{fallback}, [ 'CATALOGUE' ],
          'the rest is the catalogue');

# an order is another question

isnt($t->get('/recommendations/trending?sort=newest')->{json}
     {recommendationId},
     $t->get('/recommendations/trending')->{json}{recommendationId},
     'another question');
is($t->get('/recommendations/trending?sort=newest')->{headers}
   {'cache-control'}, 'public, max-age=1800', 'as public as without');

$t->done;
