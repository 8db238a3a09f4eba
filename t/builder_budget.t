#!/usr/bin/perl

# Copyright (C) recs authors

# Lists made for users cost the most: where the budgets do not allow them the
# build says so and goes on without them, whatever the number of threads.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;

my $t = Test::Recs->new;
my $dir = $t->dir;

my ($rc, $out) = $t->command($t->builder, 'synth', '--users', 200,
    '--items', 100, '--events', 5000, '--seed', 3, '--out', "$dir/shop");
is($rc, 0, 'a shop') or diag($out);

my $all = size('all');
unlike($out, qr/left out/, 'all fits the budgets');

my $less = size('less', '--time-budget', 0);
like($out, qr/tifuknn.*left out: takes about [\d.]+ minutes, time_budget/,
     'it is said what does not');
cmp_ok($less, '<', $all, 'and it is not there');

is(size('four', '--time-budget', 0, '--threads', 4), $less,
   'the same with four threads');

$t->done;


sub size {
    my ($name, @options) = @_;

    $t->write_file("$name.conf", "related = cosine\nnext = sr\n"
                                 . "ranker = off\n");
    ($rc, $out) = $t->command($t->builder, 'build', '-c', "$dir/$name.conf",
        '--events', "$dir/shop/events.jsonl",
        '--catalog', "$dir/shop/catalog.jsonl", '--out', "$dir/$name",
        @options);
    is($rc, 0, "build @options") or diag($out);

    ($rc, my $verify) = $t->command($t->builder, 'verify', "$dir/$name");
    is($rc, 0, 'a good one') or diag($verify);

    return -s "$dir/$name/snap-" . $t->snapshot_id($name) . '.mdb';
}
