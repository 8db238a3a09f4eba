#!/usr/bin/perl

# Copyright (C) recs authors

# Power cuts, the short form of power_cut_soak.t: some of the points, and the
# mutants that tell whether the checks see anything.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Power;
use Test::Recs::PowerCases;

my $why = Test::Recs::Power::impossible();
plan skip_all => $why if $why;

my $seed = $ENV{SEED} // time ^ $$ << 8;
srand $seed;
diag("SEED=$seed");

my $t = Test::Recs->new;
my $p = Test::Recs::Power->new($t) or plan skip_all => 'no loop mounts';

for my $case (Test::Recs::PowerCases::all($t, $p->now)) {
    $p->base($case->{before});
    my @points = $p->points(@$case{qw(command begins)});
    my @writes = grep { $_->[3] } @points;
    my @bad;

    while (@writes > 5) {
        splice @writes, rand $#writes, 1;
    }

    push @bad, $p->cut($case->{command}, $_, $case->{check}) for @writes;
    is(join("\n", @bad), '', "$case->{name}: nothing bad, nothing lost");

    my ($name) = sort keys %{$case->{mutants}};
    my @mutant = Test::Recs::Power::mutant(\@points,
                                           @{$case->{mutants}{$name}});

    isnt(join('', $p->cut($case->{command}, $points[-1], $case->{check},
                          @mutant)), '', "$case->{name}, $name: seen");
}

note("$p->{images} images");
$t->done;
