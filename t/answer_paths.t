#!/usr/bin/perl

# Copyright (C) recs authors

# The path below the location says what is asked for, and for which product.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;


my $t = Test::Recs->new;
my $catalog = Test::Recs::Shop::catalog();
my $events = Test::Recs::Shop::events();

my $size = "Gr\x{f6}\x{df}e 4";

for my $id ('a/b', $size, '100%', 'q?x=1&y') {
    push @$catalog, { productId => $id, title => 'odd', price => 61,
                      category => [ 'Wear', 'Shoes' ], brand => 'Walker' };
}

$t->build_snapshot(events => $events, catalog => $catalog);

$t->run($t->conf(server => '
    location /recommendations { recs; }
    location /slash/ { recs; }
    location = /exact { recs; }
    location / { recs; }
    location /moved { rewrite ^/moved/(.*)$ /recommendations/$1 last; }
    location /astray { rewrite ^ /elsewhere break; recs; }
'));

sub type {
    my $r = $t->get($_[0]);
    return $r->{json}{type} && $r->{json}{type} ne 'about:blank'
        ? $r->{json}{type} : $r->{status};
}

is(type('/recommendations/similar/S1'), 'SIMILAR_PRODUCTS', 'path and id');
is(type('/recommendations/similar?productId=S1'), 'SIMILAR_PRODUCTS',
   'path and argument');
is(type('/recommendations?type=SIMILAR_PRODUCTS&productId=S1'),
   'SIMILAR_PRODUCTS', 'arguments');
is(type('/recommendations/?type=TRENDING'), 'TRENDING', 'a slash behind');
is(type('/slash/trending'), 'TRENDING', 'a location with a slash');
is(type('/exact?type=TRENDING'), 'TRENDING', 'an exact location');
is(type('/trending'), 'TRENDING', 'the root');
is(type('/moved/trending'), 'TRENDING', 'rewritten');
is(type('/recommendations/trending?type=TRENDING'), 'TRENDING', 'both agree');
is(type('/recommendations/trending?type=BESTSELLERS'), 400, 'both differ');
is(type('/recommendations/similar/S1?productId=S2'), 400, 'two products');
is(type('/recommendations/similar/'), 400, 'no product');

is(type("/recommendations/$_"), 404, "$_ is not there")
    for qw(none similarity TRENDING trending/S1 trending/ catalogue
           personalized/u1);
is(type('/recommendationstrending'), 404, 'not below the location');
is(type('/astray'), 404, 'rewritten out of the location');

for (['a%2Fb', 'a/b'], ['a/b', 'a/b'], ['Gr%C3%B6%C3%9Fe%204', $size],
     ['100%25', '100%'], ['q%3Fx=1&y', 'q?x=1&y'])
{
    my ($path, $id) = @$_;
    my $r = $t->get("/recommendations/similar/$path?limit=100");

    is($r->{status}, 200, "$path: answered");
    is($r->{json}{items}[0]{reason}{productId}, $id, "$path: known");
    ok(!(grep { $_ eq $id } $t->ids($r)), "$path: is the product asked about");
}

is(type('/recommendations/similar/%ff'), 400, 'an id that is not UTF-8');
is(type('/recommendations/similar/a%0Ab'), 400, 'a control character');
is(type('/recommendations/similar/' . 'x' x 256), 400, 'too long');
is(type('/recommendations/similar/' . 'x' x 255), 'SIMILAR_PRODUCTS',
   'as long as can be');

my $r = $t->get('/recommendations/none');
is($r->{json}{code}, 'not-found', 'the problem');

$t->done;
