#!/usr/bin/perl

# Copyright (C) recs authors

# Pages follow each other without gaps and repeats.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
$t->shop;

for my $path (qw(trending similar/S1 bestsellers top-rated
                 recently-viewed personalized))
{
    my $session = $path =~ /recently|personalized/ ? '&sessionId=ada-1' : '';
    my @all = $t->ids($t->get("/recommendations/$path?limit=100$session"));
    my @pages;

    for (my $offset = 0; $offset < 30; $offset += 4) {
        my $r = $t->get("/recommendations/$path?limit=4&offset=$offset"
                        . $session);
        my @ids = $t->ids($r);

        is($r->{json}{items}[0]{position}, $offset + 1,
           "$path: positions go on at $offset") if @ids;
        push @pages, @ids;
    }

    is("@pages", "@all", "$path: pages make the list");
}

my $r = $t->get('/recommendations/trending?offset=1000');
is("$r->{status} " . $t->ids($r), '200 0', 'nothing beyond the end');
is($t->get('/recommendations/trending?offset=1001')->{status}, 400,
   'an offset that is too large');

$t->done;
