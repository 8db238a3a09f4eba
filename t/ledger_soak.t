#!/usr/bin/perl

# Copyright (C) recs authors

# As ledger.t, with 20 seeds (SEEDS=n) of 18 actions each (ACTIONS=n) and 2,000
# events a second (RATE=n), which is more than a million in half an hour;
# SECONDS=n begins no seed after that.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs::Soak;

plan(skip_all => 'RECS_SOAK is not set: make soak') if !$ENV{RECS_SOAK};

my $test = "$FindBin::Bin/ledger.t";
my $done = do $test;
die $@ || "$test: $!" if !defined $done;
