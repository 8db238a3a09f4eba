#!/usr/bin/perl

# Copyright (C) recs authors

# Filters that are wrong are refused by name.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
$t->shop;

sub refused {
    my ($parameter, $code, @values) = @_;

    for my $value (@values) {
        my $query = "$parameter=$value";
        my $r = $t->get("/recommendations/trending?$query");
        my $short = substr $query, 0, 60;

        is("$r->{status} " . ($r->{json}{code} // ''), "400 $code", $short);
        is($r->{json}{parameter} // '', $parameter, "$short: the parameter");
    }
}

sub accepted {
    my ($query) = @_;
    is($t->get("/recommendations/trending?$query")->{status}, 200,
       substr $query, 0, 60);
}

my $names = join ',', map { "n$_" } 1 .. 16;
my $pairs = join ',', map { "n$_:v" } 1 .. 16;
my $long = 'x' x 256;

refused('minPrice', 'min-price-invalid', '-1', 'ten', '1,5', '1e400', '%20',
        '0x10', 'nan', 'inf', '5&maxPrice=4.99');
refused('maxPrice', 'max-price-invalid', '-0.01', 'a', '--1');
refused('minRating', 'min-rating-invalid', '5.01', '-1', 'good', '1e1');
refused('availability', 'availability-invalid', 'yes', 'ALL', 'in-stock,all');
refused('brand', 'brand-invalid', ',', 'a,', ',a', 'a,,b', $long,
        "$names,n17");
refused('category', 'category-filter-invalid', ',', 'a,', "$names,n17", $long);
refused('tags', 'tags-invalid', ',', 'a,,b', "$names,n17", $long);
refused('attributes', 'attributes-invalid', 'size', 'size:', ':1', 'a:b,c',
        'a%5c:b', "$pairs,n17:v", "$long:1");
refused('region', 'region-invalid', $long);
refused('sort', 'sort-invalid', 'price', 'PRICE-ASC', 'newest,rating', '%20');
refused('brand', 'argument-invalid', 'a&brand=b', '%00', '%ff', '%zz');

# tags and attributes have one list

is($t->get("/recommendations/trending?tags=one&attributes=$pairs")->{status},
   400, 'sixteen attributes and a tag');

accepted($_) for 'minPrice=0', 'minPrice=5&maxPrice=5', 'maxPrice=1e3',
    'minRating=5', "brand=$names", "category=$names", "tags=$names",
    "attributes=$pairs", 'attributes=a:b:c', 'attributes=a%5c:b:c',
    "region=" . 'x' x 255, "brand=" . 'x' x 255,
    'minPrice=&maxPrice=&brand=&category=&tags=&attributes=&region=&sort='
    . '&availability=&minRating=';

$t->done;
