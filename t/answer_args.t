#!/usr/bin/perl

# Copyright (C) recs authors

# Arguments that are wrong are refused by name, those that are too large
# are clamped, and those that are unknown do not matter.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;

$t->shop(server => '
    location /recommendations { recs; }
    location /few { recs; recs_limit 2 max=3; }
');

sub refused {
    my ($query, $code, $parameter) = @_;
    my $r = $t->get("/recommendations?$query");

    is("$r->{status} " . ($r->{json}{code} // ''), "400 $code", $query);
    is($r->{json}{parameter} // '', $parameter, "$query: the parameter");
    is($r->{headers}{'content-type'}, 'application/problem+json',
       "$query: a problem");
}

sub listed {
    my ($path, $n, $name) = @_;
    my $r = $t->get($path);
    is($r->{status}, 200, "$name: answered");
    is(scalar $t->ids($r), $n, $name);
    return $r;
}

my $a = 'type=TRENDING';

refused('', 'type-missing', 'type');
refused('limit=3', 'type-missing', 'type');
refused('type=', 'type-missing', 'type');
refused('type=NO_SUCH_LIST', 'type-unknown', 'type');
refused('type=CATALOGUE', 'type-unknown', 'type');

refused("$a&limit=$_", 'limit-invalid', 'limit')
    for '0', '-1', 'ten', '1e3', '1.5', '%2010', '', '0x10', '000';
refused("$a&offset=$_", 'offset-invalid', 'offset')
    for '-1', 'x', '1001', '99999999999999999999999', '';

refused("$a&limit=3&limit=3", 'argument-invalid', 'limit');
refused("$a&$a", 'argument-invalid', 'type');
refused("$a&categoryId=$_", 'argument-invalid', 'categoryId')
    for '%00', 'a%0ab', '%7f', '%', '%2', '%zz', '%c0%af', '%ff', '%ed%a0%80',
        '%e2%82', "\xff";

refused('type=SIMILAR_PRODUCTS', 'product-missing', 'productId');
refused('type=SIMILAR_PRODUCTS&productId=', 'product-missing', 'productId');
refused('type=FREQUENTLY_BOUGHT_TOGETHER', 'product-missing', 'productId');
refused('type=FREQUENTLY_BOUGHT_TOGETHER&cart=', 'product-missing', 'productId');
refused('type=SIMILAR_PRODUCTS&cart=S1', 'product-missing', 'productId');
refused('type=CATEGORY_TRENDING', 'category-missing', 'categoryId');
refused("$a&productId=" . 'p' x 256, 'product-invalid', 'productId');
refused("$a&categoryId=" . 'c' x 256, 'category-invalid', 'categoryId');
refused("$a&userId=" . 'u' x 256, 'user-invalid', 'userId');
refused("$a&sessionId=" . 's' x 256, 'session-invalid', 'sessionId');
refused("$a&variant=" . 'v' x 65, 'variant-invalid', 'variant');

listed("/recommendations?$a", 10, 'ten without a limit');
listed("/recommendations?$a&limit=1", 1, 'one');
listed("/recommendations?$a&limit=0007", 7, 'zeros in front');
listed("/recommendations?$a&limit=1000000", 23, 'all, clamped to 100');
listed("/recommendations?$a&limit=" . '9' x 40, 23, 'a number too long');
listed("/few?$a", 2, 'another default');
listed("/few?$a&limit=50", 3, 'another maximum');
listed("/recommendations?$a&unknown=%zz&limit=4&x&&=&=y", 4, 'unknown ones');
listed("/recommendations?$a&exclude=&cart=&userId=&sessionId=&categoryId="
       . '&productId=&variant=', 10, 'empty ones');
listed("/recommendations?type=Trending", 10, 'a type in any case');

my $one = $t->get("/recommendations?$a&categoryId=Wear/Shoes&limit=3");
my $two = $t->get("/recommendations?limit=3&categoryId=Wear%2fShoes&$a&z=1");
is($one->{json}{recommendationId}, $two->{json}{recommendationId},
   'one question, however it is written');

my $long = $t->get("/recommendations?$a&pad=" . 'x' x 6000);
is($long->{status}, 200, 'a long query');

$t->done;
