#!/usr/bin/perl

# Copyright (C) recs authors

# Redis well, stopped, and gone, while one answer in ten is the first of its
# session: fewer than one in a hundred waits in vain.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Replay;
use Test::Recs::Soak;
use Time::HiRes qw(time);


Test::Recs::Soak::begin();

plan skip_all => 'no redis-server'
    if !grep { -x "$_/redis-server" } split /:/, $ENV{PATH};

use constant REQUESTS => 20_000;

my $t = Test::Recs->new(slack => 32);
my $dir = $t->dir;
my $now = (int(time) - 86_400) * 1000;
my $redis = $t->redis;
my @products = map { "p$_" } 1 .. 50;

$t->build_snapshot(
    events => [map { my $s = $_; map { { activityType => 'PRODUCT_VIEW',
                  productId => $products[($s * 7 + $_ * $_) % 50],
                  sessionId => "x$s", timestamp => $now + $_ } } 1 .. 9 }
               1 .. 200],
    catalog => [map { { productId => $_, title => $_ } } @products],
    args => [ '--key', "$dir/key" ]);

$t->run($t->conf(main => 'worker_processes 2;', http => "
    recs_zone recs:32m;
    recs_snapshot $dir/base/current;
    recs_key $dir/key;
    recs_journal $dir/journal max=256m segment=4m;
    recs_exposures off;
    recs_redis unix:$dir/redis.sock;
    keepalive_requests 10000000;
", server => '
    location /recommendations { recs; }
    location /analytics { recs_events; }
    location /status { recs_status; }
'));

$t->wait_for(sub { $t->get('/status')->{json}{redisConnected} == 2 }, 10);

my $replay = Test::Recs::Replay->new($t);
my $number = 0;

$replay->event("known-$_", $products[$_ % 50]) for 0 .. 99;

# Times of the answers, and how many waited in vain.

sub ask {
    my ($what) = @_;
    my $before = $t->get('/status')->{json}{counters};
    my @times;

    for my $n (1 .. REQUESTS) {
        my $session = $n % 10 ? 'known-' . int rand 100 : 'new-' . ++$number;
        my $start = time;

        $replay->{turn} ^= 1;
        $replay->list($session, 10);
        push @times, time - $start;
    }

    my $after = $t->get('/status')->{json}{counters};
    my $late = $after->{sessionsLate} - $before->{sessionsLate};

    @times = sort { $a <=> $b } @times;
    Test::Recs::Soak::figure($what, sprintf
        '%d answers, p50 %.0f us, p99 %.0f us, longest %.1f ms; %d asked for, '
        . '%d waited in vain', scalar @times, 1e6 * $times[@times / 2],
        1e6 * $times[@times * .99], 1e3 * $times[-1],
        $after->{sessionsAsked} - $before->{sessionsAsked}, $late);

    cmp_ok($late, '<', REQUESTS / 100, "$what: few wait in vain");
}

ask('Redis is well');
kill 'STOP', $redis;
ask('Redis is stopped');
kill 'CONT', $redis;
$t->wait_for(sub { $t->get('/status')->{json}{redisConnected} == 2 }, 20);
ask('Redis is well again');
$t->stop_daemon($redis, 'KILL');
ask('Redis is gone');

$t->done;
