#!/usr/bin/perl

# Copyright (C) recs authors

# What recs_redis takes, and what it refuses at once.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Load;
use Test::Recs::Redis;

my $t = Test::Recs->new(slack => 16);

my $conf = <<'EOC';
%%GLOBALS%%
worker_processes 1;
events { }
http {
    %%GLOBALS_HTTP%%
    recs_key %%DIR%%/key;
    JOURNAL
    recs_redis REDIS;

    server {
        listen 127.0.0.1:%%PORT%%;
        location /analytics { recs_events; }
    }
}
EOC

my $journal = 'recs_journal %%DIR%%/journal max=16m;';

sub conf {
    my ($redis, $other) = @_;
    return ($conf =~ s/REDIS/$redis/r) =~ s/JOURNAL/$other \/\/ $journal/er;
}

$t->write_file('empty', '');
$t->write_file('long', 'x' x 1000);
$t->write_file('password', "secret\n");

my %bad = (
    'rediss://127.0.0.1:6379'                 => qr/has no TLS/,
    'redis://127.0.0.1:6379'                  => qr/not the URL/,
    'unix:'                                   => qr/empty or too long/,
    'unix:/' . 'x' x 120                      => qr/empty or too long/,
    '127.0.0.1:99999'                         => qr/invalid port/,
    'no-such-host.invalid:6379'               => qr/host not found/,
    '127.0.0.1 db=x'                          => qr/invalid parameter/,
    '127.0.0.1 stream='                       => qr/invalid parameter/,
    '127.0.0.1 color=red'                     => qr/invalid parameter/,
    '127.0.0.1 user=me'                       => qr/without a password/,
    '127.0.0.1 password_file=%%DIR%%/missing' => qr/missing.*failed/,
    '127.0.0.1 password_file=%%DIR%%/empty'   => qr/empty or too long/,
    '127.0.0.1 password_file=%%DIR%%/long'    => qr/empty or too long/,
    '127.0.0.1; recs_redis 127.0.0.1'         => qr/duplicate/,
);

for my $redis (sort keys %bad) {
    my ($good, $text) = $t->test_conf(conf($redis));
    ok(!$good && $text =~ $bad{$redis}, 'refused: ' . substr $redis, 0, 60)
        or diag($text);
}

my ($good, $text) = $t->test_conf(conf('127.0.0.1', ''));
ok(!$good && $text =~ /needs "recs_journal"/, 'refused without a journal');
unlike($text, qr/secret/, 'no password in a message');

for my $redis ('127.0.0.1', '127.0.0.1:6380 db=3', '[::1]:6379',
               'localhost:6379 stream=a:b',
               'unix:%%DIR%%/redis.sock user=recs '
               . 'password_file=%%DIR%%/password')
{
    ($good, $text) = $t->test_conf(conf($redis));
    ok($good, "taken: $redis") or diag($text);
}

unlink "$t->{dir}/output.log";
$t->allow(qr/\[emerg\]/);

# over TCP, as a user of its own, in another database

SKIP: {
    my $port = $t->port(1);
    my $pid = $t->redis('--port', $port, '--bind', '127.0.0.1');
    skip 'no redis-server', 5 if !$pid;

    my $r = Test::Recs::Redis->new("$t->{dir}/redis.sock");

    $r->('ACL', 'SETUSER', 'recs', 'on', '>other', 'resetkeys', '~recs:*',
         '-@all', '+xadd', '+hmget', '+select');

    $t->run(conf("127.0.0.1:$port db=2 user=recs "
                 . "password_file=%%DIR%%/password"));

    ok($t->wait_for(sub { $t->error_log =~ /refuses: "WRONGPASS / }, 5),
       'a wrong password is told');

    my $load = Test::Recs::Load->new($t, clients => 1, count => 50);
    my %answers = $load->stop('wait');
    is(scalar(grep { $_ ne '202' } values %answers), 0,
       'events are accepted');

    $r->('ACL', 'SETUSER', 'recs', '>secret');
    $r->('SELECT', 2);

    my @frames;
    ok($t->wait_for(sub {
           @frames = Test::Recs::Redis::frames($r, 'recs:events');
           @frames >= 50 }, 15), 'and sent when the password is right');
    is(join(', ', Test::Recs::Load::wrong(\%answers, @frames)), '',
       'each once');
    unlike($t->error_log, qr/secret/, 'no password in the log');
}

$t->done;
