#!/usr/bin/perl

# Copyright (C) recs authors

# What is out of stock is not in any list, though it sells best.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
$t->shop;

for my $path (qw(personalized?sessionId=ada-1 similar/S7 trending
                 frequently-bought-together/S7 recently-viewed top-rated
                 bestsellers seasonal price-drop new-arrivals
                 category-trending?categoryId=Wear/Socks))
{
    my $r = $t->get("/recommendations/$path"
                    . ($path =~ /\?/ ? '&' : '?') . 'limit=100');
    my @ids = $t->ids($r);

    cmp_ok(scalar @ids, '>=', 22, "$path: everything else");
    ok(!(grep { $_ eq 'T7' } @ids), "$path: not what is out of stock");
    ok(!(grep { !$_->{product}{available} } @{$r->{json}{items}}),
       "$path: what is available");
}

is($t->get('/recommendations/similar/T7')->{status}, 200,
   'alternatives to what is out of stock');

$t->done;
