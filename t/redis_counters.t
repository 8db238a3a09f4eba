#!/usr/bin/perl

# Copyright (C) recs authors

# Counters in Redis: exact values of what nginx served and was told, absolute,
# each key with its end, back after Redis lost them, never in the way of
# events.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX qw(strftime);
use Test::More;
use Test::Recs;
use Test::Recs::Frame;
use Test::Recs::Redis;
use Test::Recs::Shop;

plan skip_all => 'no redis-server'
    if !grep { -x "$_/redis-server" } split /:/, $ENV{PATH};

my $t = Test::Recs->new(slack => 16);
my ($dir, $builder) = ($t->dir, $t->builder);
my ($r, $server);

sub config {
    my (%o) = @_;
    my $counters = $o{counters} // 'shop';
    return $t->write_file('run.conf', <<"EOC" . ($o{more} // ''));
out = "$dir/base"
log = "$dir/log"
hot = "$dir/hot"
journal = "$dir/journal"
redis = "unix:$dir/redis.sock"
redis_user = "builder"
redis_password_file = "$dir/password"
redis_counters = "$counters"
metrics = "$dir/recs.prom"
schedule = "1d"
poll = 0.05
hot_every = 0.2
EOC
}

sub redis { return Test::Recs::Frame::command($r, @_) }

# The builder may do what the manual says, and nothing else.

sub start {
    unlink "$dir/redis.sock";
    $server = $t->redis;
    Test::Recs::Redis::user(Test::Recs::Redis->new("$dir/redis.sock"),
        'builder', 'secret', counters => ['shop', 'shop:other']);
    $t->wait_for(sub {
        $r = eval { Test::Recs::Frame::redis("$dir/redis.sock") } });
}

# The sums over all days of a prefix: the test may see midnight.

sub counters {
    my ($prefix) = @_;
    my %sum;

    for my $key (@{redis('KEYS', ($prefix // 'shop') . ':day:*')}) {
        my $h = Test::Recs::Frame::hash($r, $key);
        $sum{$_} += $h->{$_} for keys %$h;
    }

    return \%sum;
}

# Waits until fields are what they should be.

sub until_counters {
    my (%want) = @_;
    my $have;
    my $ok = $t->wait_for(sub {
        $have = eval { counters() } or return 0;
        return !grep { ($have->{$_} // 'none') ne $want{$_} } keys %want;
    }, 20);
    diag join ' ', map { "$_=" . ($have->{$_} // 'none') } sort keys %want
        if !$ok;
    return $ok;
}

# Every key that there is goes by itself; each field is a number.

sub ends {
    my ($text) = @_;
    my ($cursor, @keys, @bad) = (0);

    do {
        my $page = redis('SCAN', $cursor, 'MATCH', 'shop:*', 'COUNT', 10);
        $cursor = $page->[0];
        push @keys, @{$page->[1]};
    } while ($cursor);

    for my $key (@keys) {
        my $ttl = redis('TTL', $key);
        push @bad, "$key $ttl" if $ttl < 7 * 86400 || $ttl > 9 * 86400;
        push @bad, "$key fields" if redis('HLEN', $key) > 220;
        my $h = Test::Recs::Frame::hash($r, $key);
        push @bad, map { "$key $_ $h->{$_}" }
            grep { $h->{$_} !~ /^-?\d+(?:\.\d+)?$/ } keys %$h;
    }

    ok(@keys >= 1 && @keys <= 2, "$text: a key a day");
    is_deeply(\@bad, [], "$text: each ends, and is bounded");
}

sub metric {
    my ($name) = @_;
    my $text = eval { $t->read_file('recs.prom') } // '';
    return $text =~ /^recs_builder_$name (\S+)$/m ? $1 : 'none';
}

sub logged { scalar(() = $t->read_file('daemon.log') =~ /$_[0]/g) }


# what it needs is said

mkdir "$dir/journal";
$t->write_file('password', "secret\n");
start();
my ($rc, $out) = $t->command($builder, 'run', '--once', '-c',
    $t->write_file('bad.conf', $t->read_file(config()) =~ s/^hot = .*\n//mr));
is($rc, 2, 'without hot');
like($out, qr/redis_counters\W+ needs \W+redis\W+ and \W+hot/, 'is refused');


# a shop

my @events = Test::Recs::Shop::events();
$t->build_snapshot(events => @events, catalog => Test::Recs::Shop::catalog());

$t->run($t->conf(http => '
    recs_snapshot %%DIR%%/base/current;
    recs_journal %%DIR%%/journal;
', server => '
    location /analytics { recs_events; }
    location /recommendations { recs; }
'));

my $pid = $t->run_daemon($builder, 'run', '-c', config());
my %head = (headers => { 'User-Agent' => 'Mozilla/5.0 (X11; Linux x86_64) '
    . 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36' });

sub ask {
    my ($path, $session) = @_;
    my $a = $t->get("/recommendations/$path&sessionId=$session", %head);
    return ($a->{json}{recommendationId}, $t->ids($a));
}

sub event {
    my ($type, $session, $id, $product, %more) = @_;
    my $a = $t->post('/analytics/activity', { activityType => $type,
        sessionId => $session, productId => $product,
        $id ? (recommendationId => $id) : (), %more }, %head);
    diag $a->{body} if $a->{status} != 202;
    return $a->{status};
}

my ($id, @ids) = ask('bestsellers?limit=3', 'visitor-1');
is(scalar @ids, 3, 'a list');
my ($other, @others) = ask('trending?limit=2', 'visitor-2');
is(event('RECOMMENDATION_CLICK', 'visitor-1', $id, $ids[1]), 202, 'a click');

my %want = ('served' => 5, 'clicks' => 1, 'BESTSELLERS.served' => 3,
            'BESTSELLERS.clicks' => 1, 'TRENDING.served' => 2,
            'TRENDING.clicks' => 0, 'orders' => 0, 'revenue' => 0);
ok(until_counters(%want), 'exactly what was served and clicked');
ends('at first');

is($t->post('/analytics/activity', { activityType => 'PURCHASE',
    sessionId => 'visitor-1', orderId => 'o1', currency => 'EUR',
    items => [{ productId => $ids[1], quantity => 2, price => 12.35 }] },
    %head)->{status}, 202, 'an order');
%want = (%want, orders => 1, units => 2, revenue => '24.7',
         'BESTSELLERS.orders' => 1, 'BESTSELLERS.revenue' => '24.7');
ok(until_counters(%want), 'is attributed to the click');
is(counters()->{'SEASONAL.served'}, undef, 'types without anything are not');

# a builder that begins anew adds nothing

$t->stop_daemon($pid);
redis('DEL', $_) for @{redis('KEYS', 'shop:*')};
redis('HSET', 'shop:day:' . strftime('%Y-%m-%d', gmtime), 'served', 999,
      'nonsense', 17);
$pid = $t->run_daemon($builder, 'run', '-c', config());
ok(until_counters(%want, nonsense => 'none'), 'absolute after a restart');
ends('after a restart');


# Redis loses all it had

$t->stop_daemon($server, 'KILL');
ok($t->wait_for(sub { logged('level=warn stage=redis') >= 1 }, 20),
   'Redis is away');
my ($third) = ask('bestsellers?limit=4', 'visitor-3');
ok($t->wait_for(sub {
       kill 'HUP', $pid;
       metric('report_events') ne 'none' && metric('redis_connected') eq '0'
   }, 20), 'events are read nevertheless');
start();
%want = (%want, 'served' => 9, 'BESTSELLERS.served' => 7);
ok(until_counters(%want), 'it is back: so are the counters');
ends('after Redis lost them');
ok($t->wait_for(sub { metric('counters_total') ne 'none'
                      && metric('counters_total') > 0 }, 20),
   'hashes written are counted');

# flushed while connected: with the next change

redis('FLUSHALL');
ask('trending?limit=1', 'visitor-4');
%want = (%want, 'served' => 10, 'TRENDING.served' => 3);
ok(until_counters(%want), 'flushed, and back with the next change');
ends('flushed');


# Redis refuses: counted, told once, and nothing waits for it

redis('CONFIG', 'SET', 'maxmemory', 1);
ask('trending?limit=1', 'visitor-5');
ok($t->wait_for(sub { logged('counters below .* cannot be written') },
                20), 'refused: told');
select undef, undef, undef, 2.5;
is(logged('counters below .* cannot be written'), 1, 'once');
ok($t->wait_for(sub { metric('counters_failures_total') =~ /^[1-9]/ }, 20),
   'and counted');
redis('CONFIG', 'SET', 'maxmemory', 0);
%want = (%want, 'served' => 11, 'TRENDING.served' => 4);
ok(until_counters(%want), 'written when it is allowed');
ok($t->wait_for(sub { logged('counters are written again') }, 20), 'told');
ends('refused');


# another prefix, by a reload

config(counters => 'shop:other');
kill 'HUP', $pid;
ok($t->wait_for(sub {
       (counters('shop:other')->{served} // 0) == 11 }, 20),
   'another prefix');

$t->stop_daemon($pid);
$t->done;
