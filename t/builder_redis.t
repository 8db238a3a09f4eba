#!/usr/bin/perl

# Copyright (C) recs authors

# recs-builder run: the stream of the workers; every event once, whatever
# Redis does meanwhile.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Frame;
use Test::Recs::Redis;
use Time::HiRes qw(sleep time);

plan skip_all => 'no redis-server'
    if !grep { -x "$_/redis-server" } split /:/, $ENV{PATH};

my $t = Test::Recs->new;
my ($dir, $builder) = ($t->dir, $t->builder);
my $socket = "$dir/redis.sock";
my $stream = 'recs:events';
my ($r, $server);

sub config {
    my (%o) = @_;
    return $t->write_file('run.conf', <<"EOC" . ($o{more} // ''));
out = "$dir/out"
log = "$dir/log"
redis = "unix:$socket"
stream = "@{[ $o{stream} // $stream ]}"
schedule = "1d"
poll = 0.05
EOC
}

sub start {
    unlink $socket;
    $server = $t->redis(@_);
    connected();
}

sub connected {
    $t->wait_for(sub { $r = eval { Test::Recs::Frame::redis($socket) } });
}

sub redis { return Test::Recs::Frame::command($r, @_) }
sub positions { Test::Recs::Frame::hash($r, "$stream:positions") }
sub wanted { Test::Recs::Frame::hash($r, "$stream:wanted") }
sub logged { scalar(() = $t->read_file('daemon.log') =~ /$_[0]/g) }

sub add {
    my ($epoch, $from, $to, %o) = @_;
    return Test::Recs::Frame::xadd($r, $stream, $epoch, $from,
               Test::Recs::Frame::frames($epoch, $from, $to, %o));
}

# Whether an epoch is committed up to a sequence, as workers see it.

sub reached {
    my ($epoch, $sequence) = @_;
    my $field = sprintf '%016x', $epoch;
    return $t->wait_for(sub {
        my $p = eval { positions() } or return connected() && 0;
        return ($p->{$field} // 0) == $sequence;
    }, 12);
}

sub begin { return $t->run_daemon($builder, 'run', '-c', config(@_)) }

sub end {
    my ($pid) = @_;
    my $begin = time;
    kill 'TERM', $pid;
    waitpid $pid, 0;
    return time - $begin;
}

# How many events are in the log.

sub stored {
    my ($rc, $text) = $t->command($builder, 'run', '-c', config(), '--once');
    return ($text =~ /build started.*\bevents=(\d+)/)[0] // $text;
}


# reading

start();
my $pid = begin();
add(0xa, 1, 10);
my $id = add(0xa, 11, 20);
ok(reached(0xa, 20), 'positions are written');
ok($t->wait_for(sub { redis('XLEN', $stream) == 0 }),
   'what is committed is trimmed');
is({@{redis('XINFO', 'STREAM', $stream)}}->{'last-generated-id'}, $id,
   'up to the last one');
is_deeply(wanted(), {}, 'nothing is wanted');
my $beat = positions()->{builder};
like($beat, qr/^[1-9]\d*$/, 'the builder shows that it lives');
ok($t->wait_for(sub { positions()->{builder} != $beat }), 'again and again');

add(0xa, 11, 20);
add(0xa, 21, 21);
ok(reached(0xa, 21), 'a batch twice');

add(0xb, 1, 5);
add(0xb, 9, 10);
ok(reached(0xb, 5), 'a gap keeps the position');
$t->wait_for(sub { %{wanted()} });
is_deeply(wanted(), { sprintf('%016x', 0xb) => '6-8' }, 'it is wanted');
add(0xb, 6, 10);
ok(reached(0xb, 10), 'it is filled');
ok($t->wait_for(sub { !%{wanted()} }), 'and no longer wanted');
is(logged('events 6 to 8 are missing'), 1, 'one alarm');

cmp_ok(end($pid), '<', 1, 'SIGTERM ends it in a second');
is(stored(), 31, 'each event once');


# away, and back with all it had

$pid = begin();
ok($t->wait_for(sub { logged('connected, reading from') >= 2 }), 'connected');
add(0xa, 22, 22);
ok(reached(0xa, 22), 'after a restart of the builder');
$t->stop_daemon($server, 'KILL');
ok($t->wait_for(sub { logged('level=warn stage=redis') == 1 }),
   'it is told that Redis is away');
my $cpu = cpu($pid);
sleep 1;
cmp_ok(cpu($pid) - $cpu, '<', 20, 'and not busy');
cmp_ok(logged('level=warn stage=redis'), '<=', 2,
       'one message for each state');


# back without its data: ids begin below those that were read

start();
redis('XADD', $stream, '1-1', 'x', 'y');
redis('XADD', $stream, '2-1', 'e', sprintf('%016x', 0xa), 's', 22, 'n', 3,
      'b', join '', Test::Recs::Frame::frames(0xa, 22, 24));
ok(reached(0xa, 24), 'a stream that is younger is read from its beginning');
is(logged('read from its beginning'), 1, 'it is told');
is(positions()->{sprintf '%016x', 0xb}, 10, 'all positions are written anew');
is(logged('entry 1-1 .* damaged'), 1, 'an entry that is none of ours');

# flushed while connected

redis('FLUSHALL');
redis('XADD', $stream, '1-1', 'e', sprintf('%016x', 0xc), 's', 1, 'n', 2,
      'b', join '', Test::Recs::Frame::frames(0xc, 1, 2));
ok(reached(0xc, 2), 'flushed');
ok(reached(0xa, 24), 'positions are written anew');


# paused, as by a slow command

kill 'STOP', $server;
sleep 1.5;
my $begin = time;
kill 'CONT', $server;
add(0xc, 3, 4);
ok(reached(0xc, 4), 'it goes on after a pause');

kill 'STOP', $server;
sleep 0.3;
cmp_ok(end($pid), '<', 1, 'SIGTERM while Redis hangs');
kill 'CONT', $server;
connected();


# entries that are damaged

my @frames = Test::Recs::Frame::frames(0xd, 1, 6);
substr($frames[2], 30, 1) ^= "\1";
Test::Recs::Frame::xadd($r, $stream, 0xd, 1, @frames);
redis('XADD', $stream, '*', 'e', 'nonsense', 'b', 'x');
redis('XADD', $stream, '*', 'e', sprintf('%016x', 0xd), 'b', 'short');
redis('XADD', $stream, '*', 'e', sprintf('%016x', 0xe), 'b', $frames[0]);
redis('XADD', $stream, '*', 'b', $frames[0]);
$pid = begin();
add(0xd, 7, 8);
ok($t->wait_for(sub { (wanted()->{sprintf '%016x', 0xd} // '') eq '3-6' }),
   'what is damaged is wanted');
ok(reached(0xd, 2), 'what is before it is committed');
is(logged('entry .* damaged'), 6, 'each is told');
add(0xd, 3, 6);
ok(reached(0xd, 8), 'it came again');


# refusals

kill 'STOP', $pid;
add(0xd, 9, 9);
add(0xd, 10, 10);
redis('CONFIG', 'SET', 'maxmemory', 1);
kill 'CONT', $pid;
ok($t->wait_for(sub { logged('cannot be written: OOM') }), 'out of memory');
ok($t->wait_for(sub { redis('XLEN', $stream) == 0 }), 'it is still trimmed');
redis('CONFIG', 'SET', 'maxmemory', 0);
ok(reached(0xd, 10), 'positions are written later');

kill 'STOP', $pid;
add(0xd, 11, 11);
redis('REPLICAOF', '127.0.0.1', 1);
kill 'CONT', $pid;
ok($t->wait_for(sub { logged('cannot be written: READONLY') }), 'a replica');
redis('REPLICAOF', 'NO', 'ONE');
ok(reached(0xd, 11), 'positions are written later');
is(logged('positions are written again'), 2, 'it is told');

redis('CONFIG', 'SET', 'requirepass', 'secret');
redis('CLIENT', 'KILL', 'TYPE', 'normal');
ok($t->wait_for(sub { logged('NOAUTH') }), 'a password is wanted');
like($t->read_file('daemon.log'), qr/NOAUTH.*redis_password_file/,
     'what to do is told');
$t->write_file('password', "not-this-one\n");
config(more => qq(redis_password_file = "$dir/password"\n));
kill 'HUP', $pid;
ok($t->wait_for(sub { logged('WRONGPASS') }), 'a wrong one');
unlike($t->read_file('daemon.log'), qr/not-this-one/, 'it is not in the log');
$t->write_file('password', "secret\n");
connected();
redis('AUTH', 'secret');
add(0xd, 12, 12);
ok(reached(0xd, 12), 'the right one is read from the file');
redis('CONFIG', 'SET', 'requirepass', '');

# a user of the access control list, in another database

redis('ACL', 'SETUSER', 'builder', 'on', '>mine',
      Test::Recs::Redis::rights('builder'), '-select');
$t->write_file('password', "mine\n");
config(more => qq(redis_user = "builder"\nredis_db = 1\n)
             . qq(redis_password_file = "$dir/password"\n));
kill 'HUP', $pid;
ok($t->wait_for(sub { logged('NOPERM') }), 'a user without rights');
like($t->read_file('daemon.log'), qr/NOPERM.*select with .*redis_db/,
     'what to do is told');
redis('ACL', 'SETUSER', 'builder', '+select');
redis('SELECT', 1);
add(0x11, 1, 3);
ok(reached(0x11, 3), 'database 1 is read as a user');
is(positions()->{sprintf '%016x', 0xd}, 12, 'all positions are there, too');
unlike($t->read_file('daemon.log'), qr/mine/, 'the password is not told');

config(more => qq(redis_db = 60000\n));
kill 'HUP', $pid;
ok($t->wait_for(sub { logged('ERR DB index.*; check .*redis_db') }),
   'a database that there is not');
redis('SELECT', 0);

redis('SET', 'other', 'text');
config(stream => 'other');
kill 'HUP', $pid;
ok($t->wait_for(sub { logged('WRONGTYPE') }), 'a key of another type');
config();
kill 'HUP', $pid;
add(0xd, 13, 13);
ok(reached(0xd, 13), 'the stream again');


# many epochs, many entries

add($_, 1, 1) for 0x1000 .. 0x1000 + 1200;
ok(reached(0x1000 + 1200, 1), 'many epochs');
is(scalar(grep { /^000000000000[0-9a-f]{4}$/ && $_ ge '0000000000001000' }
          keys %{positions()}), 1201, 'all positions are there');

end($pid);
my $want = 31 + 3 + 4 + 13 + 3 + 1201;
is(stored(), $want, 'each event once');

# by a killed builder nothing is lost or doubled

for (1 .. 6) {
    $pid = begin();
    add(0xf, 20 * $_ - 19, 20 * $_) && sleep 0.02 * $_;
    kill 'KILL', $pid;
    waitpid $pid, 0;
}

is(stored(), $want + 120, 'each event once');
ok(reached(0xf, 120), 'positions');

# Redis that is away for once and all

$t->stop_daemon($server);
$begin = time;
my ($rc, $text) = $t->command($builder, 'run', '-c', config(), '--once');
is($rc, 0, 'once builds without Redis');
like($text, qr/cannot be reached/, 'and says so');

for (['redis = "nonsense"', qr/unix:PATH or HOST:PORT/],
     ["redis_user = \"u\"", qr/redis_user.* needs .*redis_password_file/, 2],
     ['redis = "127.0.0.1:1"' . "\nstream = \"a b\"", qr/quotes and blanks/])
{
    my ($more, $re, $status) = @$_;
    $t->write_file('bad.conf', qq(out = "$dir/out"\nlog = "$dir/log"\n$more\n));
    ($rc, $text) = $t->command($builder, 'run', '-c', "$dir/bad.conf");
    is($rc, $status // 1, 'refused');
    like($text, $re, 'it says why');
}

$t->done;


sub cpu {
    my ($pid) = @_;
    my @f = split ' ', $t->read_file("/proc/$pid/stat") =~ s/^.*\) //sr;
    return $f[11] + $f[12];
}
