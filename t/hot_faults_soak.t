#!/usr/bin/perl

# Copyright (C) recs authors

# As hot_faults.t, with 600 changes, 60 workers killed, 30 reloads, and 1,000
# layers one after another.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs::Soak;


Test::Recs::Soak::begin();

my $test = "$FindBin::Bin/hot_faults.t";
my $done = do $test;
die $@ || "$test: $!" if !defined $done;
