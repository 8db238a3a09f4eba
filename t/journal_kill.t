#!/usr/bin/perl

# Copyright (C) recs authors

# Workers are killed fifty times under load: every event that was answered
# with 202 is in a segment, once, and those left behind are ended.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Journal;
use Test::Recs::Load;
use Time::HiRes qw(sleep);

my $t = Test::Recs->new(slack => 16);
$t->allow(qr/exited on signal 9/);

$t->run($t->conf(main => 'worker_processes 2;', http => '
    recs_key %%DIR%%/key;
    recs_journal %%DIR%%/journal max=256m segment=256k;
', server => '
    location /analytics { recs_events; }
    location /status { recs_status; }
'));

my $dir = "$t->{dir}/journal";
my $load = Test::Recs::Load->new($t, clients => 3, pause => 0.002);

for my $n (1 .. 50) {
    sleep 0.05;
    my @workers = $t->workers or next;
    kill 'KILL', $workers[rand @workers];
}

sleep 0.3;
my %answers = $load->stop;
my $acked = grep { $_ eq '202' } values %answers;

cmp_ok($acked, '>', 200, "$acked events were acknowledged");

sub frames { Test::Recs::Journal::frames($dir, 'act') }

is(join(', ', Test::Recs::Load::wrong(\%answers, frames())), '',
   'each is there, once');
is_deeply([Test::Recs::Journal::gaps(frames())], [], 'no gaps');

# two writers of two workers go on; all others are ended

my $open;
ok($t->wait_for(sub {
       $open = grep { !$_->{ended} } Test::Recs::Journal::heads($dir);
       $open <= 4;
   }, 10), 'segments without an owner are ended') or diag("$open are open");

is(join(', ', Test::Recs::Load::wrong(\%answers, frames())), '',
   'and complete still');

# what was never begun is removed, what was ended is cut to its size

my @empty;
ok($t->wait_for(sub {
       my %begun = map { $_->{path} => 1 } Test::Recs::Journal::heads($dir);
       @empty = grep { !$begun{$_} } glob "$dir/*.seg";
       @empty <= 4;
   }, 10), 'segments that were prepared are removed') or diag("@empty");

my @long = grep { $_->{ended} && -s $_->{path} > $_->{size} }
    Test::Recs::Journal::heads($dir);
is(scalar @long, 0, 'ended ones are as long as they say');

my $size = 0;
$size += -s $_ for glob "$dir/*.seg";
cmp_ok($size, '<', 16 * 1024 * 1024, 'and take little space');

# the builder's position removes them

my %last;
for my $s (grep { $_->{ended} } Test::Recs::Journal::heads($dir)) {
    $last{$s->{epoch}} = $s->{next} - 1;
}

$t->write_file('journal/positions.new',
               join '', map { "$_ $last{$_}\n" } sort keys %last);
rename "$dir/positions.new", "$dir/positions";

ok($t->wait_for(sub {
       !grep { $_->{ended} } Test::Recs::Journal::heads($dir);
   }, 10), 'what the builder has committed is removed');

$t->done;
