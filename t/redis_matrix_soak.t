#!/usr/bin/perl

# Copyright (C) recs authors

# As redis_matrix.t, with 1,900 events a second (RATE=n and 400) while each
# fault comes and goes three times (PAIRS=n) for five seconds (HOLD=n), and
# figures: what lists and posts take well and broken, in turn, and how fast
# what has waited is gone.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs::Soak;

plan(skip_all => 'RECS_SOAK is not set: make soak') if !$ENV{RECS_SOAK};

my $test = "$FindBin::Bin/redis_matrix.t";
my $done = do $test;
die $@ || "$test: $!" if !defined $done;
