#!/usr/bin/perl

# Copyright (C) recs authors

# As session_zone.t, with a million sessions, 10,000 answers and 250 workers
# killed, ten times with a reload at the same moment.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs::Sessions;
use Test::Recs::Soak;


Test::Recs::Soak::begin();

my $t = Test::Recs::Sessions::start('64m');

Test::Recs::Sessions::full($t, 1_000_000);
Test::Recs::Sessions::long($t, 10_000);
Test::Recs::Sessions::next_answer($t, 10_000);
Test::Recs::Sessions::killed($t, 250, 10);

$t->done;
