#!/usr/bin/perl

# Copyright (C) recs authors

# Two edges and one Redis: a session that is new to an edge is known by its
# first answer there; Redis slow or gone, an answer comes without it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Redis;
use Time::HiRes qw(sleep);


plan skip_all => 'no redis-server'
    if !grep { -x "$_/redis-server" } split /:/, $ENV{PATH};

my ($one, $two, $off) = map { Test::Recs->new(slack => 32) } 1 .. 3;
my $dir = $one->dir;
my $now = (int(time) - 86_400) * 1000;
my $redis = $one->redis;

# an edge may do what the manual says, and nothing else

Test::Recs::Redis::user(Test::Recs::Redis->new("$dir/redis.sock"), 'edge',
                        'secret', stream => 'test:events');
$one->write_file('password', "secret\n");

my @products = map { "p$_" } 1 .. 9;

$one->build_snapshot(
    events => [map { { activityType => 'PRODUCT_VIEW', productId => $_,
                       sessionId => 'x', timestamp => $now } } @products],
    catalog => [map { { productId => $_, title => $_ } } @products],
    args => [ '--key', "$dir/key" ]);

sub start {
    my ($t, $options) = @_;

    $t->run($t->conf(main => 'worker_processes 2;', http => "
        recs_zone recs:2m;
        recs_snapshot $dir/base/current;
        recs_key $dir/key;
        recs_journal $t->{dir}/journal max=64m segment=256k;
        recs_user \$http_x_user;
        recs_redis unix:$dir/redis.sock stream=test:events user=edge
                   password_file=$dir/password $options;
    ", server => '
        location /recommendations { recs; }
        location /analytics { recs_events; }
        location /status { recs_status; }
    '));
    ok($t->wait_for(sub {
        $t->get('/status')->{json}{redisConnected} == 2 }, 10), 'connected');
}

start($one, 'session_wait=1s');
start($two, 'session_wait=1s');
start($off, 'sessions=off');

sub did {
    my ($t, $type, $session, $product, %more) = @_;
    my $headers = delete $more{headers} // {};
    my $r = $t->post('/analytics/activity',
        { activityType => $type, sessionId => $session,
          $product ? (productId => $product) : (), %more },
        headers => { 'Content-Type' => 'application/json', %$headers });
    is($r->{status}, 202, "$type " . ($product // ''));
}

sub keys_of {
    my (undef, $out) = $one->command('redis-cli', '-s', "$dir/redis.sock",
                                     'keys', 'test:events:session:*');
    return grep { /\S/ } split /\n/, $out;
}

sub recent {
    my ($t, $session, %headers) = @_;
    my $r = $t->get("/recommendations/recently-viewed?sessionId=$session",
                    headers => \%headers);
    return join ' ', sort map { $_->{productId} }
        grep { $_->{reason}{code} eq 'RECENTLY_VIEWED' }
        @{$r->{json}{items} // []};
}

sub counter { return $_[0]->get('/status')->{json}{counters}{$_[1]} }


# from one to the other, and on

did($one, 'PRODUCT_VIEW', 's1', 'p1');
did($one, 'PRODUCT_VIEW', 's1', 'p2');
ok($one->wait_for(sub { keys_of() == 1 }, 10), 'stored');

is(recent($two, 's1'), 'p1 p2', 'its first answer elsewhere');
is(counter($two, 'sessionsFollowed'), 1, 'counted');
is(recent($off, 's1'), '', 'not where sessions are off');

is(recent($two, 's2'), '', 'a session of nobody');
my $asked = counter($two, 'sessionsAsked');
is(recent($two, 's2'), '', 'still') for 1 .. 10;
cmp_ok(counter($two, 'sessionsAsked'), '<=', $asked + 1, 'is asked for once');

did($two, 'PRODUCT_VIEW', 's1', 'p3');
is(recent($two, 's1'), 'p1 p2 p3', 'goes on');

did($one, 'ADD_TO_CART', 's3', 'p4');
ok($one->wait_for(sub { keys_of() == 2 }, 10), 'stored');
did($two, 'PRODUCT_VIEW', 's3', 'p5');

my @ids;
$two->wait_for(sub {
    @ids = $two->ids($two->get('/analytics/history?sessionId=s3'));
    @ids == 2;
}, 10);
is("@ids", 'p5 p4', 'an event that comes first is put behind the rest');


# a user

did($one, 'LOGIN', 's4', undef, headers => { 'X-User' => 'ann' });
did($one, 'PRODUCT_VIEW', 's4', 'p6', headers => { 'X-User' => 'ann' });
ok($one->wait_for(sub { keys_of() == 4 }, 10), 'stored, with the user');
is(recent($two, 's5', 'X-User' => 'ann'), 'p6', 'the user elsewhere');
is(recent($two, 's4'), 'p6', 'the session, too');


# who refuses

did($one, 'CONSENT_UPDATE', 's3', undef, consent => 'denied');
ok($one->wait_for(sub { keys_of() == 3 }, 10), 'forgotten, also there');


# what is no record is none

my ($key) = keys_of();
$one->command('redis-cli', '-s', "$dir/redis.sock", 'set', $_, 'nonsense')
    for keys_of();
ok($off->get('/status')->{json}, 'alive');
did($two, 'PRODUCT_VIEW', 's6', 'p1');
$one->command('redis-cli', '-s', "$dir/redis.sock", 'lpush', 'x', 1);
is(recent($one, 's7'), '', 'goes on');


# slow: some wait as long as they may, then nobody does; gone: nobody

$one->stop;
$one->write_file('error.log', '');
start($one, 'session_wait=50ms');

kill 'STOP', $redis;

for my $n (1 .. 40) {
    $one->get("/recommendations/session?sessionId=slow$n")->{status} == 200
        or fail("slow $n");
}

my $late = counter($one, 'sessionsLate');
cmp_ok($late, '>=', 1, 'some went on without');
cmp_ok($late, '<=', 8, 'the others did not wait');

kill 'CONT', $redis;
ok($one->wait_for(sub {
    $one->get('/status')->{json}{redisConnected} == 2 }, 20), 'back');
did($one, 'PRODUCT_VIEW', 's8', 'p8');
$two->wait_for(sub { recent($two, 's8') eq 'p8' || sleep(.2) && 0 }, 15);
is(recent($two, 's8'), 'p8', 'as before');

$one->stop_daemon($redis, 'KILL');

is($one->get("/recommendations/session?sessionId=gone$_")->{status}, 200,
   'without Redis') for 1 .. 5;
did($one, 'PRODUCT_VIEW', 's9', 'p9');
is(recent($one, 's9'), 'p9', 'sessions go on');

unlike($_->error_log, qr/refuses/, 'Redis allowed what it was asked')
    for $one, $two, $off;

for my $t ($two, $off) {
    ok($t->stop, 'stop');
    unlike($t->error_log, qr/\[(?:alert|emerg)\]|Sanitizer/, 'no alerts');
}

$one->done;
