#!/usr/bin/perl

# Copyright (C) recs authors

# As kills.t, 100 workers and 100 builders (KILLS=n) without Redis, and as
# many by way of it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs::Soak;

plan(skip_all => 'RECS_SOAK is not set: make soak') if !$ENV{RECS_SOAK};

my $test = "$FindBin::Bin/kills.t";
my $done = do $test;
die $@ || "$test: $!" if !defined $done;
