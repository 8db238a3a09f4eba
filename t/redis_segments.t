#!/usr/bin/perl

# Copyright (C) recs authors

# The sender goes from segment to segment while the builder's commits remove
# those behind it: nothing has to be sent twice, and no worker dies.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Journal;
use Time::HiRes qw(sleep time);

plan skip_all => 'no redis-server'
    if !grep { -x "$_/redis-server" } split /:/, $ENV{PATH};

my $t = Test::Recs->new(slack => 8);
my ($dir, $builder) = ($t->dir, $t->builder);

mkdir "$dir/$_" for 'journal', 'out';
$t->redis;
$t->write_file('run.conf', <<"EOC");
out = "$dir/out"
log = "$dir/log"
redis = "unix:$dir/redis.sock"
schedule = "1d"
poll = 0.01
EOC
$t->run_daemon($builder, 'run', '-c', "$dir/run.conf");
ok($t->wait_for(sub { -e "$dir/out/key" }), 'the builder runs');

$t->run($t->conf(http => '
        recs_key %%DIR%%/out/key;
        recs_journal %%DIR%%/journal max=64m segment=64k;
        recs_redis unix:%%DIR%%/redis.sock;',
    server => 'keepalive_requests 1000000;
               location /analytics { recs_events; }
               location /status { recs_status; }'));

my ($worker) = $t->workers;
my $c = $t->client;
my $bad = 0;
my $end = time + 4;

for (my $n = 1; time < $end; $n++) {
    my $r = $c->('/analytics/activity', method => 'POST',
        headers => { 'Content-Type' => 'application/json' },
        body => qq({"activityType":"PAGE_VIEW","sessionId":"s$n",)
                . '"pageUrl":"https://shop.example/' . 'x' x 600 . '"}');
    $bad++ if $r->{status} != 202;
    $c = $t->client if !$r->{status};
    sleep 0.001;
}

is($bad, 0, 'every event is accepted');
is_deeply([$t->workers], [$worker], 'the worker lives');

ok($t->wait_for(sub {
       2 >= Test::Recs::Journal::heads("$dir/journal") }, 10),
   'what is committed is removed');

my $s = $t->get('/status')->{json}{counters};
cmp_ok($s->{journalRemoved}, '>', 5, "$s->{journalRemoved} segments");
is($s->{redisResent}, 0, 'nothing was sent twice');
is(join("\n", $t->error_log =~ /(.* (?:sent|wanted) again .*)/g), '',
   'and nothing sent late');
is(join("\n", $t->read_file('daemon.log') =~ /(.* are missing.*)/g), '',
   'or missed by the builder');

$t->done;
