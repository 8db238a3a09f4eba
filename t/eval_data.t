#!/usr/bin/perl

# Copyright (C) recs authors

# The harness agrees with values that others published, or that were counted
# from the same files by other programs: docs/quality.md, "Parity".

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Recs;


my $data = $ENV{RECS_DATA} // '../shared/data';
my $t = Test::Recs->new;

# protocol, path, strategy, cases, and the values that are published

my @splits = (
    ['topn', 'cf/amazonbeauty_m1', 'CATALOGUE', 7068,
     { recall => .0352, ndcg => .0177 }],
    ['basket', 'nextbasket', 'BESTSELLERS', 13858,
     { recall => .0803, ndcg_all => .0842, hr => .2489 }],
);

for my $split (@splits) {
    my ($protocol, $path, $strategy, $cases, $published) = @$split;

    SKIP: {
        -e "$data/$path" or skip("no $data/$path (RECS_DATA)", 1);

        my ($rc, $out) = $t->command($t->builder, 'eval', $protocol, '-q',
            "$data/$path", '--strategy', $strategy, '--json');
        is($rc, 0, "$protocol $path") or diag $out;

        my $row = eval { decode_json($out) } or next;

        is($row->{cases}, $cases, "$path: cases");

        for my $name (sort keys %$published) {
            my $got = $row->{metrics}{$name}{value};
            my $want = $published->{$name};

            cmp_ok(abs($got / $want - 1), '<', .01, "$path $strategy: $name")
                or diag "$got, published $want";
        }
    }
}

SKIP: {
    my $path = "$data/session/serenade_toy";
    -e $path or skip("no $path (RECS_DATA)", 1);

    my ($rc, $out) = $t->command($t->builder, 'eval', 'session', '-q', $path,
        '--strategy', 'CATALOGUE', '--json');
    is($rc, 0, 'session serenade_toy') or diag $out;

    for (split /\n/, $out) {
        is(decode_json($_)->{cases}, 931, 'serenade_toy: every prefix');
    }
}

$t->done;
