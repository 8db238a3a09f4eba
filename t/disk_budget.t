#!/usr/bin/perl

# Copyright (C) recs authors

# Disk budgets: the order in which room runs out, each state visible, lists
# all the time, and everything that was acknowledged is there in the end.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP qw(decode_json encode_json);
use Test::More;
use Test::Recs;
use Test::Recs::Frame;
use Test::Recs::Shop;

my $t = Test::Recs->new(slack => 16);
my ($dir, $builder) = ($t->dir, $t->builder);
my $json = JSON::PP->new->canonical;
my $now = int(time) * 1000;

$t->write_file('catalog.jsonl', join '', map {
    $json->encode({ productId => "p$_", title => "P$_", price => $_,
                    currency => 'EUR', category => ['c'] }) . "\n" } 1 .. 9);
$t->write_file('events.jsonl', join '', map {
    $json->encode({ activityType => 'PRODUCT_VIEW', userId => "u$_",
                    productId => "p$_", timestamp => $now - 60_000 }) . "\n"
    } 1 .. 9);

sub config {
    my (%o) = @_;
    my $log = $o{log} // 'log';
    return $t->write_file('run.conf', <<"EOC");
out = "$dir/base"
log = "$dir/$log"
journal = "$dir/journal"
events = { "$dir/events.jsonl" }
catalog = { "$dir/catalog.jsonl" }
metrics = "$dir/recs.prom"
schedule = "@{[ $o{schedule} // '1d' ]}"
poll = 0.05
log_max = @{[ $o{max} // 0 ]}
disk_reserve = @{[ $o{reserve} // 0 ]}
EOC
}

sub metric {
    my ($name) = @_;
    my $text = eval { $t->read_file('recs.prom') } // '';
    return $text =~ /^recs_builder_\Q$name\E (\S+)$/m ? $1 : 'none';
}

sub problems {
    my ($rc, $out) = $t->command($builder, 'status', '--json', '-c',
                                 "$dir/run.conf");
    my $status = decode_json($out);
    return join ' ', $rc, sort map { $_->{name} } @{$status->{problems}};
}

sub until_problems {
    my ($what) = @_;
    my $is = '';
    my $ok = $t->wait_for(sub { ($is = problems()) =~ $what }, 30);
    diag "problems: $is" if !$ok;
    return $ok;
}

sub counters { $t->get('/recs/status')->{json}{counters} }
sub logged { scalar(() = $t->read_file('daemon.log') =~ /$_[0]/g) }


# a shop, whose log is full with the first batch

mkdir "$dir/journal";
my ($rc, $out) = $t->command($builder, 'run', '--once', '-c', config());
is($rc, 0, 'a snapshot') or diag $out;

$t->run($t->conf(http => '
    keepalive_requests 100000;
    recs_snapshot %%DIR%%/base/current;
    recs_journal %%DIR%%/journal max=1m segment=64k;
', server => '
    location /analytics { recs_events; }
    location /recommendations { recs; }
    location = /recs/status { recs_status; }
'));

my $client = $t->client;
my $pid = $t->run_daemon($builder, 'run', '-c',
                         config(max => 1, schedule => '1s'));

ok(until_problems(qr/^2 RecsLogFull\b/), 'the log is full: critical');
ok($t->wait_for(sub { metric('paused{why="log_max"}') eq '1' }, 20),
   'the metric');
is(metric('paused{why="disk_reserve"}'), 0, 'and why');
is(logged('nothing is read until there is room'), 1, 'told once');

my $size = -s "$dir/log/00000001.log";


# exposures first, while events are accepted

my $served = 0;
my $asked = 0;

for (1 .. 10_000) {
    $served += $client->('/recommendations/trending')->{status} == 200;
    $asked++;
    last if $_ % 200 == 0 && counters()->{exposuresDropped};
}

is($served, $asked, 'lists go on');
cmp_ok(counters()->{exposuresDropped}, '>', 0, 'exposures are dropped first');

my ($accepted, $refused) = (0, 0);

sub view {
    my ($text) = @_;
    my $r = $client->('/analytics/activity', method => 'POST',
        headers => { 'Content-Type' => 'application/json' },
        body => encode_json({ activityType => 'PRODUCT_VIEW',
            productId => 'p1', sessionId => 's', messageId => 'm' . $accepted,
            metadata => { text => $text } }));
    $accepted++ if $r->{status} == 202;
    return $r;
}

is(view('x')->{status}, 202, 'events are not refused then');


# then events, with 503 and when to try again

my $r;

for (1 .. 20_000) {
    $r = view('x' x 1000);
    $refused = $r->{status} == 202 ? 0 : $refused + 1;
    last if $refused > 20;
    select undef, undef, undef, 0.02 if $refused;
}

is($r->{status}, 503, 'the journal is full');
is($r->{headers}{'retry-after'}, 1, 'when to try again');
is($r->{json}{code}, 'journal-full', 'and why');
is($client->('/recommendations/trending')->{status}, 200, 'lists go on');

# a build goes on with what there is

my $builds = metric('builds_total{result="good"}');
ok($t->wait_for(sub { metric('builds_total{result="good"}') > $builds }, 30),
   'snapshots are published');
is(-s "$dir/log/00000001.log", $size, 'the log does not grow');
cmp_ok(metric('lag_seconds'), '>', 0, 'it is behind');


# room: all of it is read, nothing is missing, events are accepted again

config(max => 1e9);
kill 'HUP', $pid;
ok($t->wait_for(sub { logged('the event log has room again') == 1 }, 20),
   'it is told');
ok($t->wait_for(sub { view('again')->{status} == 202 }, 20),
   'events are accepted again');
ok($t->wait_for(sub {
       my $c = counters();
       my $sum = $c->{eventsAccepted} + $c->{exposures} + $c->{lists};
       kill 'HUP', $pid;
       return metric('events_committed_total') >= $sum
   }, 30), 'all that was accepted is in the log');
is(metric('lost_total'), 0, 'nothing is lost');
is(metric('gaps_total'), 0, 'nothing was missing');
is(metric('duplicates_total{by="sequence"}'), 0, 'nothing came twice');
is(metric('paused{why="log_max"}'), 0, 'it is read');
is(problems() =~ s/ RecsDiskLow//r, '0', 'and all is well');


# what must be left of the file system

my $free = metric('disk_free_bytes{dir="log"}');
config(reserve => int($free * 2));
kill 'HUP', $pid;
ok(until_problems(qr/^2 .*RecsLogFull/), 'disk_reserve: critical');
ok($t->wait_for(sub { metric('paused{why="disk_reserve"}') eq '1' }, 20),
   'the metric');
is(view('kept')->{status}, 202, 'events wait');
config(reserve => 1);
kill 'HUP', $pid;
ok($t->wait_for(sub { logged('the event log has room again') == 2 }, 20),
   'and back');
$t->stop_daemon($pid);
$t->stop;


# a disk that is really full

SKIP: {
    skip 'only root can mount', 11 if $> != 0;

    mkdir "$dir/disk";
    my ($rc, $out) = $t->command('mount', '-t', 'tmpfs', '-o',
        'size=2m,mode=755', 'none', "$dir/disk");
    skip "cannot mount: $out", 11 if $rc;

    my $path = "$dir/disk/something-else";

    my $fill = sub {
        my ($leave) = @_;
        open my $fh, '>', $path or die "$path: $!";
        while (syswrite $fh, "\0" x 4096) { }
        truncate $fh, (-s $path) - $leave;
    };

    # batches that hardly shrink: random texts

    srand 7;
    my $n = 0;
    my $segment = sub {
        Test::Recs::Frame::segment("$dir/journal", 0xabc, $n++,
            first => $n * 50 - 99 + 50, ended => 1,
            frames => [map { Test::Recs::Frame::frame(epoch => 0xabc,
                sequence => $_, product => 'p1', message => join '',
                map { chr 33 + rand 90 } 1 .. 200) }
                $n * 50 - 49 .. $n * 50]);
    };

    config(log => 'disk');
    $pid = $t->run_daemon($builder, 'run', '-c', "$dir/run.conf");
    ok($t->wait_for(sub { -s "$dir/disk/00000001.log" }, 20), 'a small disk');
    $t->wait_for(sub { metric('log_events') > 0 }, 20);

    $fill->(0);
    $segment->();
    ok($t->wait_for(sub { logged('make room on its file system') >= 1 }, 20),
       'it is full') or diag $t->read_file('daemon.log');

    # killed at the worst moment, started again on a full disk

    $t->stop_daemon($pid, 'KILL');
    $pid = $t->run_daemon($builder, 'run', '-c', "$dir/run.conf");
    ok($t->wait_for(sub { logged('make room on its file system') >= 2 }, 20),
       'still full after a restart');
    is(logged('is cut away'), 0, 'the log is not torn');

    unlink $path;
    ok($t->wait_for(sub { logged('events are read again') >= 1 }, 20),
       'there is room: it goes on by itself');
    ok($t->wait_for(sub {
           $t->read_file('journal/positions') =~ /^0+abc 50$/m }, 20),
       'what waited is read');

    # with a reserve it does not come to that

    config(log => 'disk', reserve => 500_000);
    kill 'HUP', $pid;
    $t->wait_for(sub { metric('disk_reserve_bytes') eq '500000' }, 20);
    my $failed = logged('make room on its file system');
    $fill->(300_000);
    ok($t->wait_for(sub { logged('less than disk_reserve') >= 2 }, 20),
       'the reserve is reached');
    $segment->();
    select undef, undef, undef, 0.5;
    is(logged('make room on its file system'), $failed,
       'nothing has failed');
    unlink $path;
    ok($t->wait_for(sub {
           $t->read_file('journal/positions') =~ /^0+abc 100$/m }, 20),
       'read when there is room');

    $t->stop_daemon($pid);
    ($rc, $out) = $t->command($builder, 'build', '--log', "$dir/disk",
                              '--out', "$dir/again");
    is($rc, 0, 'the log is whole') or diag $out;
    is(metric('lost_total'), 0, 'nothing is lost');

    system 'umount', '-l', "$dir/disk";
}

$t->done;
