#!/usr/bin/perl

# Copyright (C) recs authors

# From the answer to the builder's log: whatever is killed on the way, what
# was acknowledged is in the log once, and the journal empties.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Journal;
use Test::Recs::Load;
use Test::Recs::Redis;
use Time::HiRes qw(sleep);

sub conf {
    my ($redis) = @_;
    return <<"EOC";
%%GLOBALS%%
worker_processes 2;
events { }
http {
    %%GLOBALS_HTTP%%
    recs_key %%DIR%%/out/key;
    recs_journal %%DIR%%/journal max=64m segment=64k;
    $redis

    server {
        listen 127.0.0.1:%%PORT%%;
        location /analytics { recs_events; }
    }
}
EOC
}

sub through {
    my ($mode, $redis_conf, $builder_conf, $trouble) = @_;
    my $t = Test::Recs->new(slack => 128);
    my ($dir, $builder) = ($t->dir, $t->builder);

    $t->allow(qr/exited on signal 9/);
    mkdir "$dir/$_" for 'journal', 'out';

    my $config = $t->write_file('run.conf', <<"EOC");
out = "$dir/out"
log = "$dir/log"
$builder_conf
schedule = "1d"
poll = 0.05
EOC
    $config =~ s/%%DIR%%/$dir/g;
    $t->write_file('run.conf', $t->expand($t->read_file('run.conf')));

    my $redis = $redis_conf ? $t->redis('--appendonly', 'yes',
                                        '--appendfsync', 'always') : 0;
    my $run = sub { $t->run_daemon($builder, 'run', '-c', $config) };
    my $pid = $run->();

    $t->run(conf($redis_conf));
    my $load = Test::Recs::Load->new($t, clients => 2, pause => 0.004);

    for my $round (1 .. 3) {
        sleep 0.4;
        kill 'KILL', ($t->workers)[0];
        sleep 0.2;
        $t->stop_daemon($pid, 'KILL');
        sleep 0.2;
        $pid = $run->();

        if ($redis) {
            $t->stop_daemon($redis, 'KILL');
            sleep 0.2;
            unlink "$dir/redis.sock";
            $redis = $t->redis('--appendonly', 'yes', '--appendfsync',
                               'always');
        }
    }

    my %answers = $load->stop;
    my $acked = grep { $_ eq '202' } values %answers;
    my $unknown = grep { $_ eq '000' } values %answers;

    is($acked + $unknown, scalar keys %answers, "$mode: nobody is refused");
    $t->reload;

    ok($t->wait_for(sub {
           sleep 0.1;
           !grep { $_->{ended} } Test::Recs::Journal::heads("$dir/journal")
       }, 30), "$mode: what is committed is removed");

    $t->stop;
    my $left;
    ok($t->wait_for(sub {
           sleep 0.1;
           my %at = map { split / / } split /\n/,
               $t->read_file('journal/positions');
           %at = @{Test::Recs::Redis->new("$dir/redis.sock")
                   ->('HGETALL', 'recs:events:positions')} if $redis;
           $left = grep { $_->{next} - 1 > ($at{$_->{epoch}} // 0) }
               Test::Recs::Journal::heads("$dir/journal");
           $left == 0;
       }, 20), "$mode: all of it is committed") or diag("$left left");
    $t->stop_daemon($pid);

    my ($rc, $text) = $t->command($builder, 'run', '-c', $config, '--once');
    my ($events) = $text =~ /build started.*\bevents=(\d+)/;
    $events //= -1;

    cmp_ok($events, '>=', $acked, "$mode: $acked were acknowledged, "
           . "$events are in the log") or diag($text);
    cmp_ok($events, '<=', $acked + $unknown,
           "$mode: none of them twice");

    my @alerts = grep { /\[(?:alert|emerg)\]/ && !/exited on signal 9/ }
        split /\n/, $t->error_log;
    is("@alerts", '', "$mode: nothing died but what was killed");

    $t->run;
    return $t;
}

my $t = through('journal', '', 'journal = "%%DIR%%/journal"');
$t->stop;

SKIP: {
    skip 'no redis-server', 6
        if !grep { -x "$_/redis-server" } split /:/, $ENV{PATH};

    $t = through('redis', 'recs_redis unix:%%DIR%%/redis.sock;',
                 'redis = "unix:%%DIR%%/redis.sock"');
}

$t->done;
