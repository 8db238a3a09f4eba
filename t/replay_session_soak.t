#!/usr/bin/perl

# Copyright (C) recs authors

# As replay_session.t, with 2,000 test sessions of diginetica, which have
# their validation recipe of docs/quality.md.

use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Recs;
use Test::Recs::Replay;
use Test::Recs::Soak;


Test::Recs::Soak::begin();

my $data = $ENV{RECS_DATA} // '../shared/data';
my $path = "$data/session/diginetica";

plan skip_all => "no $path (RECS_DATA)"
    if !-e "$path/test_prefix_target.txt.gz";

my @set = map { ('--set', $_) } qw(
    slist_alpha=.7 slist_tau=3 slist_days=5.62 slist_lambda=5
    walk_entries=30 walk_further=1.5 session_neighbours=300
    session_position_scale=4 session_rarity=1.5 session_recency=5.62
    session_power=1.5 session_match_scale=4 session_without=1
    session_before=1 session_idf=5 session_rows=.0952 session_walks=.1429
    session_rows_decay=2 session_walks_decay=1 session_rows_power=.85
    session_current=.7 session_reminder=.0286 session_reminder_scale=16
    session_repeats=yes session_sample=8192 session_last=50);

my $t = Test::Recs->new;
my $dir = $t->dir;

# A line is a prefix and its target; the next one is the same session without
# its last click, or another session.

my ($lines, $enough, @sessions, @last) = ('', 0);
open my $fh, '-|', 'gzip', '-cd', "$path/test_prefix_target.txt.gz"
    or die "gzip: $!";

while (my $line = <$fh>) {
    my @clicks = split /\s+/, $line;

    next if $enough;

    if ("@clicks" ne "@last[0 .. $#last - 1]") {
        $enough = @sessions == 2000;
        push @sessions, [@clicks] if !$enough;
    }

    @last = @clicks;
    $lines .= $line if !$enough;
}

close $fh;

$t->write_file('split/test_prefix_target.txt', $lines);
symlink abs_path("$path/train_sessions.txt.gz"),
    "$dir/split/train_sessions.txt.gz" or die "symlink: $!";

my ($rc, $out) = $t->command($t->builder, 'eval', 'session', '-q',
    "$dir/split", '--strategy', 'SESSION', '--no-fallback', '--at', 20,
    '--json', '--keep', "$dir/base", @set);
is($rc, 0, 'eval') or diag $out;

my $eval = decode_json($out);

my %got = Test::Recs::Replay::compare($t, \@sessions, $eval,
                                       'recs_zone recs:32m;');

Test::Recs::Soak::figure('MRR@20', sprintf '%.4f', $got{mrr});
Test::Recs::Soak::figure('HR@20', sprintf '%.4f', $got{hr});
Test::Recs::Soak::figure('lists', $got{cases});

$t->done;
