#!/usr/bin/perl

# Copyright (C) recs authors

# Redis is absent, killed, stopped, full, read-only, locked, or wrong: events
# are accepted and lists are answered all the same, and after it is healed
# every acknowledged event is in the stream, once by epoch and sequence.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Journal;
use Test::Recs::Load;
use Test::Recs::Redis;
use Time::HiRes qw(sleep time);

plan skip_all => 'no redis-server'
    if !grep { -x "$_/redis-server" } split /:/, $ENV{PATH};

my $t = Test::Recs->new(slack => 64);
my $dir = "$t->{dir}/journal";
my $socket = "$t->{dir}/redis.sock";

$t->run($t->conf(main => 'worker_processes 2;', http => '
    recs_key %%DIR%%/key;
    recs_journal %%DIR%%/journal max=256m segment=256k;
    recs_redis unix:%%DIR%%/redis.sock stream=test:events;
', server => '
    location /analytics { recs_events; }
    location /plain { return 200 "plain\n"; }
    location /status { recs_status; }
'));

my (%answers, $load, $redis, $r, $slowest);

sub begin { $load = Test::Recs::Load->new($t, clients => 2, pause => 0.004) }

# What a request takes for some seconds, but for one in twenty.

sub watch {
    my ($seconds) = @_;
    my $end = time + $seconds;
    my @times;

    while (time < $end) {
        my $start = time;
        $t->get('/plain');
        push @times, time - $start;
        sleep 0.01;
    }

    @times = sort { $a <=> $b } @times;
    $slowest = $times[@times * 0.95];
}

sub start {
    unlink $socket;
    $redis = $t->redis(@_);
    $r = Test::Recs::Redis->new($socket);
}

sub stream {
    return Test::Recs::Load::once(
        grep { $_->{class} == 1 } Test::Recs::Redis::frames($r,
                                                            'test:events'));
}

# Waits until all that was acknowledged is in the stream, and compares.

sub complete {
    my ($what) = @_;
    my @frames;

    %answers = (%answers, $load->stop);
    my $acked = grep { $_ eq '202' } values %answers;
    my $refused = keys(%answers) - $acked;

    is($refused, 0, "$what: all events are accepted");
    ok($t->wait_for(sub { sleep 0.1; @frames = stream();
                          @frames >= $acked }, 15),
       "$what: they arrive");
    is(join(', ', Test::Recs::Load::wrong(\%answers, @frames)), '',
       "$what: $acked events, each once");
    is_deeply([Test::Recs::Journal::gaps(@frames)], [], "$what: no gaps");
}

# How many workers are connected, as the status has it.

sub connected { return $t->get('/status')->{json}{redisConnected} }

sub connects {
    my ($n, $what) = @_;
    ok($t->wait_for(sub { connected() == $n }, 10),
       "$what: $n workers are connected");
}

# absent at the start

begin();
watch(1);
is(connected(), 0, 'absent: nobody is connected');
cmp_ok($slowest, '<', 0.3, 'absent: requests are not held up');
start();
complete('absent');
like($t->error_log, qr/redis "unix:.*" is away: /, 'logged');
cmp_ok(scalar(() = $t->error_log =~ /is away/g), '<=', 2,
       'once by each worker');

connects(2, 'absent');
is($t->get('/status')->{json}{counters}{redisConnects}, 2,
   'each has connected once');

my $workers = join ' ', $t->workers;
ok($t->wait_for(sub {
       my @names = ($r->('CLIENT', 'LIST') =~ /name=recs-(\d+)/g);
       join(' ', sort { $a <=> $b } @names) eq $workers;
   }, 10), 'connections have names');

# killed, and all is lost

begin();
sleep 0.3;
$t->stop_daemon($redis, 'KILL');
watch(0.5);
cmp_ok($slowest, '<', 0.3, 'killed: requests are not held up');
connects(0, 'killed');
start();
complete('killed');
connects(2, 'killed');
is($t->get('/status')->{json}{counters}{redisConnects}, 4,
   'each has connected once more');

# restarted with its data

$r->('CONFIG', 'SET', 'appendonly', 'yes');
$t->wait_for(sub {
    $r->('INFO', 'persistence') =~ /aof_rewrite_in_progress:0/
        && $r->('INFO', 'persistence') =~ /aof_rewrite_scheduled:0/ }, 10);
begin();
sleep 0.3;
$t->stop_daemon($redis, 'KILL');
sleep 0.3;
start('--appendonly', 'yes');
complete('killed with its log');

# stopped

begin();
sleep 0.2;
kill 'STOP', $redis;
watch(2.5);
cmp_ok($slowest, '<', 0.3, 'stopped: requests are not held up');
kill 'CONT', $redis;
$r = Test::Recs::Redis->new($socket);
complete('stopped');
like($t->error_log, qr/no reply in time/, 'logged');

# what refuses

sub refuses {
    my ($what, $re, $break, $heal) = @_;
    my $before = length $t->error_log;

    begin();
    $break->();
    # a worker that was refused before may wait 5 s until it tries again

    ok($t->wait_for(sub { substr($t->error_log, $before) =~ $re }, 15),
       "$what: logged");
    watch(0.5);
    cmp_ok($slowest, '<', 0.3, "$what: requests are not held up");
    $heal->();
    complete($what);

    my @lines = substr($t->error_log, $before) =~ /($re)/g;
    cmp_ok(scalar @lines, '<=', 4, "$what: and not again and again");
}

refuses('out of memory', qr/refuses: "OOM /,
    sub { $r->('CONFIG', 'SET', 'maxmemory', 1000) },
    sub { $r->('CONFIG', 'SET', 'maxmemory', 0) });

refuses('read-only', qr/refuses: "READONLY /,
    sub { $r->('REPLICAOF', '127.0.0.1', 1) },
    sub { $r->('REPLICAOF', 'NO', 'ONE') });

refuses('too few replicas', qr/refuses: "NOREPLICAS /,
    sub { $r->('CONFIG', 'SET', 'min-replicas-to-write', 3) },
    sub { $r->('CONFIG', 'SET', 'min-replicas-to-write', 0) });

refuses('wrong type', qr/refuses: "WRONGTYPE /,
    sub { $r->('RENAME', 'test:events', 'saved');
          $r->('SET', 'test:events', 'x') },
    sub { $r->('DEL', 'test:events');
          $r->('RENAME', 'saved', 'test:events') });

refuses('password', qr/refuses: "NOAUTH /,
    sub { $r->('CONFIG', 'SET', 'requirepass', 'secret');
          $r->('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes') },
    sub { $r->('CONFIG', 'SET', 'requirepass', '') });

refuses('no permission', qr/refuses: "NOPERM /,
    sub { $r->('ACL', 'SETUSER', 'default', '-xadd') },
    sub { $r->('ACL', 'SETUSER', 'default', '+xadd') });

# no more connections

begin();
$r->('CONFIG', 'SET', 'maxclients', 1);
$r->('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
watch(0.5);
$r->('CONFIG', 'SET', 'maxclients', 1000);
complete('no more connections');

# a worker is killed: another one sends what it had

$t->allow(qr/exited on signal 9/);
begin();
kill 'STOP', $redis;
sleep 0.3;
kill 'KILL', ($t->workers)[0];
sleep 0.3;
my %some = $load->stop;
delete @some{grep { $some{$_} eq '000' } keys %some};
%answers = (%answers, %some);
kill 'CONT', $redis;
begin();
sleep 0.5;
complete('worker killed');
connects(2, 'worker killed');

# what the builder has committed is removed, what it misses is sent again

my @frames = stream();
my %last;
for (@frames) {
    $last{$_->{epoch}} = $_->{sequence}
        if $_->{sequence} > ($last{$_->{epoch}} // 0);
}

$r->('HSET', 'test:events:positions', 'builder', int(time * 1000), %last);
ok($t->wait_for(sub {
       !grep { $_->{ended} && $_->{kind} eq 'act' }
           Test::Recs::Journal::heads($dir) }, 10),
   'what is committed is removed');

for (1 .. 40) {
    $t->post('/analytics/activity', { activityType => 'PAGE_VIEW',
        sessionId => 's', messageId => "w$_" });
    $answers{"w$_"} = 202;
}

sleep 0.3;
my $before = Test::Recs::Redis::frames($r, 'test:events');
my ($live) = sort { @{$b->{frames}} <=> @{$a->{frames}} }
    grep { !$_->{ended} && $_->{kind} eq 'act' }
    Test::Recs::Journal::segments($dir);
my @wanted = map { $live->{first} + $_ } 2 .. 4;

$r->('HSET', 'test:events:wanted', $live->{epoch}, "$wanted[0]-$wanted[2]");

my @more;
ok($t->wait_for(sub {
       my @all = Test::Recs::Redis::frames($r, 'test:events');
       @more = splice @all, $before;
       @more >= 3 }, 5), 'what is wanted is sent again');
is(join(' ', map { $_->{sequence} } @more), "@wanted", 'and no more');
$r->('DEL', 'test:events:wanted');

# the end of a worker

begin();
sleep 0.2;
%answers = (%answers, $load->stop);
ok($t->reload, 'reload');
my @at_once = stream();
is(join(', ', Test::Recs::Load::wrong(\%answers, @at_once)), '',
   'a worker sends what it has before it goes');
connects(2, 'reload');

begin();
sleep 0.2;
kill 'STOP', $redis;
my $start = time;
ok($t->reload, 'reload while Redis does not answer');
cmp_ok(time - $start, '<', 8, 'takes a moment');
kill 'CONT', $redis;
%some = $load->stop;
delete @some{grep { $some{$_} eq '000' } keys %some};
%answers = (%answers, %some);
begin();
complete('stopped at the end');

$t->done;
