#!/usr/bin/perl

# Copyright (C) recs authors

# The next basket on Ta-Feng: TIFUKNN as another program (numpy, the formulas
# of the authors) finds it on the last known baskets, and the model at its
# defaults on the baskets after them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Recs;


my $data = ($ENV{RECS_DATA} // '../shared/data') . '/nextbasket';

plan(skip_all => "no $data (RECS_DATA)") unless -d $data;

my $t = Test::Recs->new;

sub metrics {
    my (@args) = @_;
    my ($rc, $out) = $t->command($t->builder, 'eval', 'basket', '-q', $data,
                                 '--json', @args);
    is($rc, 0, "eval basket @args") or diag $out;

    my $row = decode_json($out);
    is($row->{cases}, 13858, 'every user is asked');

    return { map { $_ => $row->{metrics}{$_}{value} } keys %{$row->{metrics}} };
}

my @tifuknn = map { ('--set', $_) }
    qw(basket_own=0 basket_again=0 basket_due=0 basket_follow=0
       basket_grouped=.7 basket_alike=.3);

my $got = metrics('--part=validation', @tifuknn);
my %want = (recall => .1125, ndcg_all => .0924, hr => .3569);

for my $name (sort keys %want) {
    cmp_ok(abs($got->{$name} / $want{$name} - 1), '<', .01,
           "TIFUKNN, validation: $name") or diag $got->{$name};
}

$got = metrics();
cmp_ok($got->{recall}, '>=', .155, 'recall of the next basket');
cmp_ok($got->{ndcg_all}, '>=', .132, 'NDCG of the next basket');

$t->done;
