#!/usr/bin/perl

# Copyright (C) recs authors

# Forty reloads, a quarter of a second apart, and six binary upgrades, under
# load.  No request on a fresh connection fails and all are answered from the
# snapshot; old workers and masters leave.  A connection that is kept may be
# closed by a worker that leaves: that is counted for information, and is no
# more than once a connection and change.  Events that are posted meanwhile
# are in the journal once.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Journal;
use Test::Recs::Load;
use Test::Recs::Soak;
use Time::HiRes qw(sleep time);

use constant RELOADS => 40;
use constant APART => 0.25;
use constant UPGRADES => 6;
use constant KEPT => 4;

Test::Recs::Soak::begin();

# the master executes what it was called by: a path

for my $dir (split(/:/, $ENV{PATH}), '/usr/sbin') {
    $ENV{RECS_NGINX} //= "$dir/nginx" if -x "$dir/nginx";
}

my $t = Test::Recs->new(slack => 64);
my $snapshot = $t->shop(main => 'worker_processes 2; '
                        . 'worker_shutdown_timeout 10s;',
    http => 'recs_snapshot %%DIR%%/base/current;
             recs_key %%DIR%%/base/key;
             recs_journal %%DIR%%/journal max=256m segment=256k;
             keepalive_requests 1000000;',
    server => 'location /recommendations { recs; }
               location /analytics { recs_events; }
               location /status { recs_status; }');

my $port = $t->port;
my @uris = map { "/recommendations/$_" }
    qw(similar/S1 trending bestsellers?limit=5 similar/B5?exclude=B1);

sub watch {
    my ($kept) = @_;

    return Test::Recs::Soak->client(sub {
        my ($stop) = @_;
        my %seen = map { $_ => 0 } qw(answers failed closed);
        my ($s, $used);
        $seen{bad} = [];
        $seen{times} = {};

        until ($$stop) {
            my $start = time;
            ($s, $used) = (Test::Recs::Soak::connect_to($port), 0) if !$s;
            my ($status, $head, $body) = !$s ? (0, "connect: $!", '') :
                Test::Recs::Soak::request($s, Test::Recs::Soak::get_text(
                    $uris[rand @uris], !$kept));
            my $end = !$kept || !$status || $head =~ /\nConnection: close/i;

            if ($status == 200 && $body =~ /"snapshotId":"$snapshot"/) {
                $seen{answers}++;
                Test::Recs::Soak::note_time($seen{times}, time - $start);

            } elsif (!$status && $used && $body eq '') {
                $seen{closed}++;

            } else {
                $seen{failed}++;
                push @{$seen{bad}}, "$status $head "
                    . substr($body, 0, 100) if @{$seen{bad}} < 5;
            }

            $used++;
            undef $s if $end;
            sleep 0.001;
        }

        return \%seen;
    });
}

my (@fresh, @kept, $load);

sub begin {
    @fresh = map { watch(0) } 1 .. 6;
    @kept = map { watch(1) } 1 .. KEPT;
    $load = Test::Recs::Load->new($t, clients => 1, pause => 0.01);
}

my %posted;

sub finish {
    my ($what, $changes) = @_;
    my $fresh = Test::Recs::Soak::stop_all(@fresh);
    my $kept = Test::Recs::Soak::stop_all(@kept);
    %posted = (%posted, $load->stop);

    is($fresh->{failed}, 0, "$what: none of $fresh->{answers} on fresh "
       . 'connections failed') or diag(join "\n", @{$fresh->{bad}});
    is($kept->{failed}, 0, "$what: nothing is wrong on kept ones")
        or diag(join "\n", @{$kept->{bad}});
    cmp_ok($kept->{closed}, '<=', KEPT * $changes,
           "$what: a kept one is closed once a change at most");

    Test::Recs::Soak::figure($what, sprintf '%d failed of %d on fresh '
        . 'connections (median %s, 99 %% %s); %d of %d on kept ones found '
        . 'them closed', $fresh->{failed}, $fresh->{answers},
        Test::Recs::Soak::quantile($fresh->{times}, 0.5),
        Test::Recs::Soak::quantile($fresh->{times}, 0.99),
        $kept->{closed}, $kept->{closed} + $kept->{answers});

    return $fresh->{answers};
}

# processes that were workers once and still are there

my %old;

sub note_old { $old{$_} = 1 for $t->workers }

sub old_ones {
    my %now = map { $_ => 1 } $t->workers;
    return grep { !$now{$_} && -e "/proc/$_"
                  && $t->read_file("/proc/$_/cmdline") =~ /worker/ }
        keys %old;
}


# reloads

begin();
sleep 0.5;

for (1 .. RELOADS) {
    note_old();
    $t->signal('HUP');
    sleep APART;
}

my $start = time;
ok($t->wait_for(sub { $t->workers == 2 && !old_ones() }, 12),
   'old workers leave');
my $left = time - $start;
sleep 4;
my $n = finish(RELOADS . ' reloads', RELOADS + 1);
Test::Recs::Soak::figure('old workers', keys(%old) . ' left, the last '
    . sprintf('%.1f s', $left) . ' after the last reload');


# upgrades

begin();
sleep 0.5;
my $slowest = 0;

for my $i (1 .. UPGRADES) {
    my $pid = $t->pid;
    my @workers = $t->workers($pid);

    $t->signal('USR2', $pid);
    ok($t->wait_for(sub {
        my $new = $t->pid;
        $new && $new != $pid && $t->pid('nginx.pid.oldbin')
            && $t->workers($new) == 2;
    }, 10), "upgrade $i: a new master");

    $t->signal('WINCH', $pid);
    my $start = time;
    ok($t->wait_for(sub { !grep { -e "/proc/$_" } @workers }, 12),
       "upgrade $i: the old workers leave");
    $t->signal('QUIT', $pid);
    ok($t->wait_for(sub { !kill 0, $pid }, 10),
       "upgrade $i: the old master leaves");
    $slowest = time - $start if time - $start > $slowest;
    sleep 0.5;
}

sleep 2;
$n += finish(UPGRADES . ' upgrades', 2 * UPGRADES + 1);
Test::Recs::Soak::figure('old masters and workers', sprintf 'left within '
                         . '%.1f s', $slowest);
cmp_ok($n, '>=', 50_000, "$n answers on fresh connections");


# events

my $acked = grep { $_ eq '202' } values %posted;
is(scalar(grep { $_ ne '202' && $_ ne '000' } values %posted), 0,
   'no event was refused');
my @wrong = Test::Recs::Load::wrong(\%posted,
    Test::Recs::Journal::frames("$t->{dir}/journal", 'act'));
is(join(', ', @wrong), '', "each of $acked events is in the journal, once");
Test::Recs::Soak::figure('events', "$acked acknowledged, " . @wrong
                         . ' missing or twice');

is($t->get('/status')->{json}{snapshots}[0]{snapshotId}, $snapshot,
   'the snapshot');
unlike($t->error_log, qr/is refused|\[crit\]/, 'nothing refused');
$t->{fds} = {};
$t->note_fds;

$t->done;
