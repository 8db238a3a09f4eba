#!/usr/bin/perl

# Copyright (C) recs authors

# What is excluded, in the cart or asked about is never listed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
$t->shop;

sub ids { return $t->ids($t->get("/recommendations/$_[0]")) }

my @all = ids('bestsellers?limit=100');
my ($one, $two, $three) = @all;

is(scalar @all, 23, 'all that can be bought');

is_deeply([ ids("bestsellers?limit=100&exclude=$one,$three") ],
          [ grep { $_ ne $one && $_ ne $three } @all ], 'excluded');
is_deeply([ ids("bestsellers?limit=100&cart=$two") ],
          [ grep { $_ ne $two } @all ], 'in the cart');
is_deeply([ ids("bestsellers?limit=100&exclude=$one&cart=$two") ],
          [ grep { $_ ne $one && $_ ne $two } @all ], 'both');
is_deeply([ ids("bestsellers?limit=100&exclude=none,$one,$one") ],
          [ grep { $_ ne $one } @all ], 'unknown and twice');

ok(!grep({ $_ eq 'S1' } ids('similar/S1?limit=100')), 'asked about');
is((ids('frequently-bought-together/S1'))[0], 'T1', 'together');
isnt((ids('frequently-bought-together/S1?exclude=T1'))[0], 'T1',
     'together, excluded');
is((ids('frequently-bought-together?cart=S1'))[0], 'T1',
   'together with the cart');

my $a = $t->get('/recommendations/trending?exclude=S1,B2');
my $b = $t->get('/recommendations/trending?exclude=B2,S1,B2');
is($a->{json}{recommendationId}, $b->{json}{recommendationId},
   'the order of exclude does not matter');

for (['exclude', 100], ['cart', 50]) {
    my ($name, $max) = @$_;

    is($t->get("/recommendations/trending?$name="
               . join(',', map { "p$_" } 1 .. $max))->{status}, 200,
       "$max in $name");
    my $r = $t->get("/recommendations/trending?$name="
                    . join(',', map { "p$_" } 1 .. $max + 1));
    is("$r->{status} $r->{json}{code}", "400 $name-invalid",
       "one more in $name");
    is($t->get("/recommendations/trending?$name=a,,b")->{status}, 400,
       "an empty id in $name");
    is($t->get("/recommendations/trending?$name=" . 'x' x 256)->{status}, 400,
       "a long id in $name");
}

$t->done;
