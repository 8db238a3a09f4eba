#!/usr/bin/perl

# Copyright (C) recs authors

# DELETE /analytics/users/ID and /sessions/ID: nothing of the user is left in
# the zone and in Redis, the builder is told, and nobody learns who was known.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Bytes qw(count dump_of identities zone);
use Test::Recs::Journal;
use Time::HiRes qw(sleep);

my $t = Test::Recs->new(slack => 32);
my $dir = $t->dir;
my $redis = $t->redis;
my $socket = "$dir/redis.sock";

$t->write_file('key', "1 " . '1f' x 32 . "\n2 " . '2e' x 32 . "\n");
$t->write_file('erase', "# the shop's\nsecret-of-the-shop-1\n");
chmod 0640, "$dir/key", "$dir/erase";

my $link = $redis
    ? "recs_redis unix:$socket stream=a[b*:events session_wait=0;" : '';

$t->run(<<"EOC");
%%GLOBALS%%
worker_processes 2;
events { }
http {
    %%GLOBALS_HTTP%%
    recs_zone recs:4m;
    recs_key %%DIR%%/key;
    recs_journal %%DIR%%/journal max=16m ack=durable;
    recs_user \$http_x_user;
    $link

    server {
        listen 127.0.0.1:%%PORT%%;

        location /analytics { recs_events; recs_erase_key %%DIR%%/erase; }
        location /other { recs_events; recs_shop other;
                          recs_erase_key %%DIR%%/erase; }
        location /closed { recs_events; }
        location /status { recs_status; }
    }
}
EOC

ok($t->wait_for(sub {
    $t->get('/status')->{json}{redisConnected} == 2 }, 10), 'connected')
    if $redis;

my %key = ('X-Recs-Key' => 'secret-of-the-shop-1');

sub erase {
    my ($path, %headers) = @_;
    return $t->http('DELETE', "/analytics/$path",
                    headers => { %key, %headers });
}

sub did {
    my ($user, $session, %o) = @_;
    my $path = delete $o{path} // '/analytics';
    my $r = $t->post("$path/activity",
        { activityType => 'PRODUCT_VIEW', productId => "of-$session",
          sessionId => $session, %o },
        headers => $user ? { 'X-User' => $user } : {});
    is($r->{status}, 202, "$session of " . ($user // 'nobody'));
}

sub of_user { return identities("$dir/key", 'u', $_[0]) }
sub of_session { return identities("$dir/key", 's', $_[0]) }

# What the builder is told, by a receipt or all of it.

sub told {
    my ($r) = @_;
    return grep { $_->{type} == 102
                  && (!$r || $_->{messageId} eq $r->{json}{receiptId}) }
        Test::Recs::Journal::frames("$dir/journal", 'act');
}

sub redis_keys {
    my $keys = $t->command('redis-cli', '-s', $socket, 'KEYS', '*:session:*');
    return $keys;
}


# who may

my $r = $t->http('DELETE', '/closed/users/u1', headers => { %key });
is($r->{status}, 404, 'without the directive there is nothing');
is($r->{json}{code}, 'path-unknown', 'says why');

for my $headers ({}, { 'X-Recs-Key' => 'secret-of-the-shop-2' },
                 { 'X-Recs-Key' => '' },
                 { Authorization => 'Bearer secret-of-the-shop' }) {
    $r = $t->http('DELETE', '/analytics/users/u1', headers => $headers);
    is($r->{status}, 403, 'not without the key');
    is($r->{json}{code}, 'key-required', 'says why');
}

is($t->get('/analytics/users/u1', headers => \%key)->{status}, 405,
   'not a GET');
is($t->http('OPTIONS', '/analytics/users/u1')->{headers}{allow},
   'DELETE, OPTIONS', 'Allow');
is(erase('users/')->{status}, 404, 'nobody is named');
is(erase('users/a/b')->{status}, 404, 'a slash is written %2F');
is(erase('users/' . 'x' x 256)->{json}{code}, 'id-invalid', 'too long');
is(erase('users/a%01')->{json}{code}, 'id-invalid', 'a control character');
is(scalar told(), 0, 'nothing was journalled');


# a user with two sessions, one more, one of another shop, and somebody else

did('u1', 's1');
did('u1', 's2');
did(undef, 's3');
did('u2', 's4');
did('u1', 's5', path => '/other');

my @u1 = of_user('u1');

ok(count(zone($t), @u1) >= 3, 'the user is in the zone');
ok($t->wait_for(sub { count(dump_of($t, $socket), @u1) >= 3 }, 10),
   'and in Redis') if $redis;

my $before = $t->get('/status')->{json}{sessions}{records};

$r = erase('users/u1');
is($r->{status}, 202, 'erased');
is($r->{headers}{'cache-control'}, 'no-store', 'not to be kept');
like($r->{json}{receiptId}, qr/^[0-9a-f]{32}$/, 'a receipt');
like($r->{json}{acceptedAt}, qr/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/,
     'with a time');
unlike($r->{body}, qr/u1/, 'nobody is named in it');
is(join(' ', sort keys %{$r->{json}}), 'acceptedAt receiptId', 'no more');

my $zone = zone($t);

# what is there of the other shop: a user's record, a session's

is(count($zone, @u1), 2, 'nothing is left in the zone but of another shop');
is(count($zone, of_session($_)), 0, "nor $_") for 's1', 's2';
is(count($zone, of_session($_)), 1, "$_ stays") for 's3', 's4', 's5';
is($before - $t->get('/status')->{json}{sessions}{records}, 3,
   'three records are gone');

my @told = told($r);
is(scalar @told, 2, 'the builder is told once a key');
is_deeply([map { $_->{user} } @told], \@u1, 'who it was');
is($_->{class}, 6, 'class') for @told;
is($_->{messageId}, $r->{json}{receiptId}, 'by its receipt') for @told;
is($_->{session}, undef, 'no session') for @told;
is($_->{shop}, '', 'which shop') for @told;


# again, and who was never there: nobody can tell

for my $who ('u1', 'never-seen') {
    my $again = erase("users/$who");
    is($again->{status}, 202, "$who: the same answer");
    isnt($again->{json}{receiptId}, $r->{json}{receiptId}, 'another receipt');
    is(length $again->{body}, length $r->{body}, 'of the same length');
}


# a session alone

did('u3', 's6');
did('u3', 's7');
$r = erase('sessions/s6');
is($r->{status}, 202, 'a session');
$zone = zone($t);
is(count($zone, of_session('s6')), 0, 'is gone');
is(count($zone, of_session('s7')), 1, 'not the other one');
ok(count($zone, of_user('u3')) >= 2, 'and not the user');
is((told($r))[-1]{session}, (of_session('s6'))[-1], 'the builder is told');
is((told($r))[-1]{user}, undef, 'of no user');


# ids as they are

for my $id ('a//b', 'a/../b', 'a b+c%', "\xc3\xa9") {
    (my $sent = $id) =~ s/([^a-z.])/sprintf '%%%02x', ord $1/ge;
    $r = erase("users/$sent?x=1");
    is($r->{status}, 202, "id $sent");
    is((told($r))[-1]{user}, (of_user($id))[-1], 'is the one that is meant');
}


# Redis forgets, what another worker was about to store, too

if ($redis) {
    did('u4', 's8');
    is(erase('users/u4')->{status}, 202, 'at once after an event');
    ok($t->wait_for(sub {
        my $names = join '|', map { unpack 'H*', $_ } @u1, of_user('u4'),
            map { of_session($_) } 's1', 's2', 's8';
        return redis_keys() !~ /$names/;
    }, 10), 'no record by name');

    # which other edges have stored: the name says nothing, the record does

    my ($u5) = of_user('u5');
    my $put = sub {
        my ($name, $value) = @_;
        open my $fh, '|-', 'redis-cli', '-s', $socket, '-x', 'SET',
            "a[b*:events:session:$name" or die;
        binmode $fh;
        print $fh $value;
        close $fh;
    };

    did('u5', 's9');
    my $hex = unpack 'H*', $u5;
    ok($t->wait_for(sub { redis_keys() =~ $hex }, 10), 'stored');
    my ($mine) = redis_keys() =~ /session:([0-9a-f]{16})$hex/;

    $put->($mine . 'ab' x 16, "elsewhere $u5 of this user");
    $put->($mine . 'cd' x 16, "elsewhere of another user");
    $put->('f' x 16 . 'ab' x 16, "elsewhere $u5 of another shop");

    $t->command('redis-cli', '-s', $socket, 'CLIENT', 'KILL', 'TYPE',
                'normal');
    is(erase('users/u5')->{status}, 202, 'while there is no connection');

    ok($t->wait_for(sub {
        return redis_keys() !~ /session:$mine(?:abab|$hex)/;
    }, 15), 'the record of another edge is gone');

    my $keys = redis_keys();
    like($keys, qr/session:${mine}cdcd/, 'but not others');
    like($keys, qr/session:ffff/, 'nor those of other shops');

    # a worker that is to exit goes on to the last name

    did('u6', 's10');
    $hex = unpack 'H*', (of_session('s10'))[0];
    ok($t->wait_for(sub { redis_keys() =~ $hex }, 10), 'stored');
    $t->command('redis-cli', '-s', $socket, 'EVAL',
        "local v = redis.call('GET', KEYS[1] .. '$hex') "
        . "for i = 1, 20000 do redis.call('SET', KEYS[1] .. "
        . "string.format('%032x', i), i % 200 == 0 and v or 'x') end",
        1, "a[b*:events:session:$mine");
    my @old = $t->workers;
    is(erase('users/u6')->{status}, 202, 'erased');
    $t->reload;
    ok($t->wait_for(sub { !grep { kill 0, $_ } @old }, 30),
       'the worker has gone');
    my @names = redis_keys() =~ /session:$mine([0-9a-f]{32})/g;
    cmp_ok(scalar @names, '>', 19_000, 'names of others are there');
    is(scalar(grep { hex(substr $_, -6) % 200 == 0 && /^0{20}/ } @names), 0,
       'none of a record with the user in it');
}

is($t->get('/status')->{json}{counters}{erasures},
   scalar(told()) / 2, 'counted');
unlike($t->error_log, qr/never-seen|\bu[1-6]\b/, 'no id is in the log');

$t->done;
