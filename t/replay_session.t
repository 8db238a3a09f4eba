#!/usr/bin/perl

# Copyright (C) recs authors

# The test sessions of serenade_toy over HTTP, one event at a time, event and
# list on different workers: what is served is what eval measures, to the last
# digit, and no worse than is published.  So with the recipe, and with the few
# neighbours that bench/sessions calls light.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Recs;
use Test::Recs::Replay;


my $data = $ENV{RECS_DATA} // '../shared/data';
my $path = "$data/session/serenade_toy";

plan skip_all => "no $path (RECS_DATA)" if !-e "$path/test.txt.gz";

# the recipe of docs/quality.md, "Sessions, ours"

my @recipe = qw(
    slist_alpha=.8 slist_days=0 slist_lambda=3 walk_entries=60
    walk_further=.5 postings_max=1000 session_position_scale=15
    session_rarity=1.5 session_recency=0 session_power=3
    session_match_scale=8 session_without=1 session_distance=2
    session_before=.3 session_before_distance=4 session_idf=5
    session_rows=.12 session_walks=.08 session_rows_decay=.7
    session_walks_decay=1 session_rows_power=.5 session_current=1
    session_reminder=.08 session_popularity=.012 session_repeats=others
    session_sample=8192 session_last=50);

my @light = qw(session_sample=64 session_neighbours=16
               session_repeats=others);

# sessions of a table, their clicks in order of time

my (%clicks, @sessions);
open my $fh, '-|', 'gzip', '-cd', "$path/test.txt.gz" or die "gzip: $!";
<$fh>;

while (<$fh>) {
    chomp;
    my ($session, $item, $time) = split /\t/;
    push @sessions, $clicks{$session} = [] if !$clicks{$session};
    push @{$clicks{$session}}, [$time, $item];
}

close $fh;
@sessions = map { [map { $_->[1] } sort { $a->[0] <=> $b->[0] } @$_] }
    @sessions;

subtest('recipe', \&replay, @recipe);
subtest('light', \&replay, @light);
done_testing();


sub replay {
    my (@set) = @_;
    my $t = Test::Recs->new;
    my $dir = $t->dir;

    my ($rc, $out) = $t->command($t->builder, 'eval', 'session', '-q', $path,
        '--strategy', 'SESSION', '--no-fallback', '--at', 20, '--json',
        '--keep', "$dir/base", map { ('--set', $_) } @set);
    is($rc, 0, 'eval') or diag $out;

    my %got = Test::Recs::Replay::compare($t, \@sessions, decode_json($out));

    cmp_ok($got{mrr}, '>=', .339, 'MRR@20 of VMIS-kNN');
    cmp_ok($got{hr}, '>=', .663, 'HR@20 of VMIS-kNN');

    my $status = $t->get('/status?check=sessions')->{json};

    is($status->{sessions}{records}, scalar(grep { @$_ > 1 } @sessions),
       'a record a session');
    is($status->{sessions}{sound}, $status->{sessions}{records}, 'all sound');
    is($status->{counters}{sessionsEvicted}, 0, 'none evicted');

    $t->done;
}
