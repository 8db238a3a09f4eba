#!/usr/bin/perl

# Copyright (C) recs authors

# A list is full whatever happens, and says what filled it up.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
$t->shop;

sub answer {
    my ($uri, $n) = @_;
    my $r = $t->get("/recommendations/$uri");
    is("$r->{status} " . $t->ids($r), '200 ' . ($n // 10), "$uri is full");
    return $r->{json};
}

is_deeply(answer('similar/S1?limit=5', 5)->{fallback}, [], 'enough by itself');

my $unknown = answer('similar/no-such-product');
is($unknown->{type}, 'SIMILAR_PRODUCTS', 'it is still what was asked for');
ok(@{$unknown->{fallback}}, 'unknown: named');
answer('frequently-bought-together/no-such-product');
answer('category-trending?categoryId=no/such/category');
answer('trending?productId=no-such-product&categoryId=none');

my $new = answer('personalized?sessionId=somebody-new');
is($new->{fallback}[0], 'TRENDING', 'a new visitor gets what is trending');
is_deeply([ map { $_->{productId} } @{$new->{items}} ],
          [ $t->ids($t->get('/recommendations/trending')) ],
          'the same as trending');

answer('recently-viewed');
answer('price-drop?limit=100', 23);

my $together = answer('frequently-bought-together/S1?limit=100', 22);
is($together->{items}[0]{reason}{code}, 'BOUGHT_TOGETHER', 'own reason');
ok((grep { $_->{reason}{code} ne 'BOUGHT_TOGETHER' } @{$together->{items}}),
   'what filled up has its own reason');
is($together->{fallback}[0], 'BESTSELLERS', 'in the order it was tried');

$t->done;
