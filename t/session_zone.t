#!/usr/bin/perl

# Copyright (C) recs authors

# Live sessions when there are too many of them, when one is very long, and
# when workers are killed or reloaded while they write.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs::Sessions;


my $t = Test::Recs::Sessions::start('1m');

Test::Recs::Sessions::full($t, 3000);
Test::Recs::Sessions::long($t, 10_000);
Test::Recs::Sessions::next_answer($t, 500);
Test::Recs::Sessions::killed($t, 10, 2);

$t->done;
