#!/usr/bin/perl

# Copyright (C) recs authors

# Every event that was acknowledged is in the builder's log exactly once, and
# nothing else is, while Redis is absent, killed with and without its log,
# stopped, full, read-only, locked and of a wrong type, in turn; workers are
# killed fifty times, the builder three times, and nginx is reloaded and
# upgraded.  Lists are answered all the time, but for those that a killed
# worker had in its hands.  Then the same without Redis.
#
# Each event has a product of its own, and every other one a messageId.  The
# log is built into a snapshot: its products are what is in the log, and the
# number of lines without a user says how often.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;
use Test::Recs;
use Test::Recs::Journal;
use Test::Recs::Redis;
use Test::Recs::Shop;
use Test::Recs::Soak;
use Time::HiRes qw(sleep time);

use constant KILLS => 50;            # of workers, in either mode
use constant STREAM => 'recs:events';
use constant AT_ONCE => 0.05;        # s around a kill

Test::Recs::Soak::begin();

my $segment = (qw(64k 256k 1m))[rand 3];
Test::Recs::Soak::figure('segments', $segment);

# the master executes what it was called by: a path

for my $dir (split(/:/, $ENV{PATH}), '/usr/sbin') {
    $ENV{RECS_NGINX} //= "$dir/nginx" if -x "$dir/nginx";
}

my ($t, $dir, $port, $builder, $server, $r, @kills, @kill_times, @story, $pid);


# clients

my @uris = map { "/recommendations/$_" }
    qw(similar/S1 trending bestsellers?limit=5 similar/B5?exclude=B1
       personalized?sessionId=s1 recently-viewed?sessionId=s2);

sub post {
    my ($client) = @_;

    return Test::Recs::Soak->client(sub {
        my ($stop) = @_;
        my (%seen, $s, $n);
        %seen = (times => {}, acked => [], unknown => [], refused => []);

        until ($$stop) {
            my @ids = map { sprintf 'ev%02d%07d', $client, ++$n }
                1 .. (rand() < 0.2 ? 2 + rand 8 : 1);
            my @events = map {
                qq({"activityType":"PRODUCT_VIEW","productId":"$_",)
                . qq("sessionId":"s$client")
                . (/[02468]$/ ? qq(,"messageId":"m-$_") : '') . '}'
            } @ids;
            my $body = @ids == 1 ? $events[0]
                                 : '[' . join(',', @events) . ']';
            my $uri = @ids == 1 ? 'activity' : 'batch';

            my $start = time;
            $s //= Test::Recs::Soak::connect_to($port);

            my ($code, $head, $text) = !$s ? (0, "connect: $!", '')
                : Test::Recs::Soak::request($s,
                    "POST /analytics/$uri HTTP/1.1\r\nHost: localhost\r\n"
                    . "Content-Type: application/json\r\nContent-Length: "
                    . length($body) . "\r\n\r\n$body");
            my ($accepted) = $text =~ /"accepted":(\d+)/;

            my $fate = $code == 202 && $accepted == @ids ? 'acked'
                     : $code ? 'refused' : $s ? 'unknown' : 'refused';
            push @{$seen{$fate}}, @ids;
            Test::Recs::Soak::note_time($seen{times}, time - $start)
                if $code == 202;

            undef $s if !$code || $head =~ /\nConnection: close/i;

            # the first one hardly rests: it is there when a worker is killed

            sleep $client > 1 ? 0.002 : 0.0003;
        }

        return \%seen;
    });
}

sub list {
    my ($kept) = @_;

    return Test::Recs::Soak->client(sub {
        my ($stop) = @_;
        my ($s, $used);
        my %seen = (answers => 0, closed => 0, failed => [], times => {},
                    max => 0);

        until ($$stop) {
            my $start = time;
            ($s, $used) = (Test::Recs::Soak::connect_to($port), 0) if !$s;
            my ($code, $head, $body) = !$s ? (0, "connect: $!", '')
                : Test::Recs::Soak::request($s, Test::Recs::Soak::get_text(
                    $uris[rand @uris], !$kept));
            my $took = time - $start;

            if ($code == 200 && $body =~ /"items":\[\{/) {
                $seen{answers}++;
                $seen{max} = $took if $took > $seen{max};
                Test::Recs::Soak::note_time($seen{times}, $took);
            } elsif (!$code && $used && $body eq '') {
                $seen{closed}++;
            } else {
                push @{$seen{failed}}, [$start, time, "$code $head"];
            }

            $used++;
            undef $s if !$kept || !$code || $head =~ /\nConnection: close/i;
            sleep 0.004;
        }

        return \%seen;
    });
}


# what happens to it

sub kill_worker {
    return if @kills >= KILLS;
    my @workers = $t->workers or return;
    my $pid = $workers[rand @workers];
    push @kill_times, time;
    happens("the kill of $pid");
    push @kills, $pid;
    kill 'KILL', $pid;
}

# some seconds of load, with kills that are spread over them

sub go_on {
    my ($seconds, $n) = @_;

    for (1 .. $n) {
        sleep $seconds / $n * (0.5 + rand);
        kill_worker();
    }

    sleep $seconds / 4;
}

sub reload {
    my ($what) = @_;
    happens('HUP');
    ok($t->reload, "$what: reload");
    happens('the reload');
}

sub upgrade {
    my $old = $t->pid;

    happens('USR2');
    $t->signal('USR2', $old);
    ok($t->wait_for(sub { my $new = $t->pid; $new && $new != $old
                          && $t->workers($new) == 2 }, 10), 'upgrade');
    happens('WINCH');
    $t->signal('WINCH', $old);
    $t->wait_for(sub { !$t->workers($old) }, 10);
    happens('QUIT');
    $t->signal('QUIT', $old);
    ok($t->wait_for(sub { !kill 0, $old }, 15), 'the old master leaves');
    happens('the upgrade');
}

sub run_builder { $pid = $t->run_daemon($builder, 'run', '-c',
                                        "$dir/run.conf") }

sub kill_builder {
    $t->stop_daemon($pid, 'KILL');
    run_builder();
}

sub start_redis {
    unlink "$dir/redis.sock";
    $server = $t->redis(@_);
    $t->wait_for(sub { $r = Test::Recs::Redis->new("$dir/redis.sock");
                       $r && $r->('PING') eq 'PONG' }, 10);
}

sub drop_clients { $r->('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes') }


# Starts all, lets $trouble happen, heals, and counts.

sub through {
    my ($mode, $redis, $trouble) = @_;

    $t = Test::Recs->new(slack => 128);
    ($dir, $builder, $port) = ($t->dir, $t->builder, $t->port);
    @kills = @kill_times = @story = ();
    mkdir "$dir/$_" for 'journal', 'out';
    $t->allow(qr/exited on signal 9/);

    my $snapshot = $t->build_snapshot(events => Test::Recs::Shop::events(),
                                      catalog => Test::Recs::Shop::catalog());
    $t->write_file('run.conf', <<"EOC");
out = "$dir/out"
log = "$dir/log"
key = "$dir/base/key"
schedule = "1d"
poll = 0.05
@{[ $redis ? qq(redis = "unix:$dir/redis.sock") : qq(journal = "$dir/journal") ]}
EOC
    run_builder();

    $t->run($t->conf(main => 'worker_processes 2; '
                     . 'worker_shutdown_timeout 10s;',
        http => 'recs_snapshot %%DIR%%/base/current;
                 recs_key %%DIR%%/base/key;
                 recs_journal %%DIR%%/journal max=512m segment='
                . "$segment;"
                . ($redis ? "recs_redis unix:%%DIR%%/redis.sock;" : ''),
        server => 'location /recommendations { recs; }
                   location /analytics { recs_events; }
                   location /status { recs_status; }'));

    my $start = time;
    my @posts = map { post($_) } 1 .. 3;
    my @lists = (list(0), list(0), list(1));

    $trouble->();

    my $took = time - $start;
    my $posted = Test::Recs::Soak::stop_all(@posts);
    my $listed = Test::Recs::Soak::stop_all(@lists);

    drained($mode, $redis);
    count($mode, $took, $posted, $listed);
    $t->stop_daemon($server) if $redis;

    $t->run;
    is($t->get($uris[0])->{json}{snapshotId}, $snapshot,
       "$mode: it is well");
    $t->{fds} = {};
    $t->note_fds;
}


# All that is in the journal is committed by the builder, and the journal
# empties.

sub drained {
    my ($mode, $redis) = @_;
    my $start = time;

    ok($t->reload, "$mode: reload");

    ok($t->wait_for(sub {
           sleep 0.1;
           !grep { $_->{ended} } Test::Recs::Journal::heads("$dir/journal")
       }, 60), "$mode: what is committed is removed")
        or diag(join "\n", map { "$_->{path} $_->{next}" } grep { $_->{ended} }
                Test::Recs::Journal::heads("$dir/journal"));

    $t->stop;
    my @left;
    ok($t->wait_for(sub {
           sleep 0.1;
           my %at = $redis
               ? @{Test::Recs::Redis->new("$dir/redis.sock")
                   ->('HGETALL', STREAM . ':positions')}
               : map { split / / } split /\n/,
                     $t->read_file('journal/positions');
           @left = grep { $_->{next} - 1 > ($at{$_->{epoch}} // 0) }
               Test::Recs::Journal::heads("$dir/journal");
           !@left;
       }, 30), "$mode: all of it is committed")
        or diag(join "\n", map { "$_->{path} $_->{next}" } @left);

    $t->stop_daemon($pid);
    Test::Recs::Soak::figure("$mode, drained",
                             sprintf '%.1f s after it was healed',
                             time - $start);
}

sub count {
    my ($mode, $took, $posted, $listed) = @_;
    my %fate;

    for my $fate (qw(acked unknown refused)) {
        $fate{$_} = $fate for @{$posted->{$fate}};
    }

    my ($rc, $text) = $t->command($builder, 'build', '-q', '--log',
        "$dir/log", '--out', "$dir/check", '--key', "$dir/base/key",
        '--force', '--json');
    is($rc, 0, "$mode: the log is built") or diag($text);
    my $sum = eval { JSON::PP->new->decode($text =~ /^(\{.*\})$/m) } // {};

    # product ids of ours stand in the file as they are

    my %there;
    $there{$_} = 1 for $t->read_file('check/'
        . (readlink("$dir/check/current") // '')) =~ /(ev\d{9})/g;

    my @missing = grep { $fate{$_} eq 'acked' && !$there{$_} }
        sort keys %fate;
    my @invented = grep { !$fate{$_} } sort keys %there;
    my @refused = grep { ($fate{$_} // '') eq 'refused' } sort keys %there;
    my $there = keys %there;
    my $twice = ($sum->{anonymous} // -1) - $there;
    my $acked = @{$posted->{acked}};

    cmp_ok($acked, '>', 10_000, "$mode: $acked events were acknowledged");
    is(few(@missing), '', "$mode: none of them is missing");
    is($twice, 0, "$mode: none is there twice");
    is(few(@invented), '', "$mode: none is invented");
    is(few(@refused), '', "$mode: none that was refused");
    is(scalar @{$posted->{refused}}, 0, "$mode: none was refused");

    my @bad = grep { !/exited on signal 9/ }
        $t->error_log =~ /(.*\[(?:alert|emerg|crit)\].*)/g;
    is(few(@bad), '', "$mode: no alerts");

    my @lost = $t->read_file('daemon.log') =~ /(.*given up.*)/g;
    is("@lost", '', "$mode: nothing is given up");

    Test::Recs::Soak::figure("$mode, events", sprintf '%d acknowledged, %d '
        . 'missing, %d twice, %d invented; of %d without an answer %d are '
        . 'there; %d refused; answered in %s (median), %s (99 %%)', $acked,
        scalar @missing, $twice, scalar @invented,
        scalar @{$posted->{unknown}},
        scalar(grep { $there{$_} } @{$posted->{unknown}}),
        scalar @{$posted->{refused}},
        Test::Recs::Soak::quantile($posted->{times}, 0.5),
        Test::Recs::Soak::quantile($posted->{times}, 0.99));

    # lists: what failed was in the hands of a worker as it was killed

    my @failed = grep {
        my ($from, $to) = @$_;
        !grep { $from - AT_ONCE <= $_ && $_ <= $to + AT_ONCE } @kill_times;
    } @{$listed->{failed}};

    is(scalar @kills, KILLS, "$mode: workers were killed");
    is(few(map { $_->[2] } @failed), '',
       "$mode: lists are answered, but for those of a killed worker")
        or diag(join "\n", map { when(@$_) } @failed);
    cmp_ok(scalar @{$listed->{failed}}, '<=', 2 * KILLS,
           "$mode: and these are few");
    cmp_ok($listed->{max}, '<', 2, "$mode: none waits for Redis");

    Test::Recs::Soak::figure("$mode, lists", sprintf '%d answers in %d s, %d '
        . 'workers killed, %d failed at that moment, %d at another; %d '
        . 'found a kept connection closed; %s (median), %s (99 %%), %.0f ms '
        . '(longest)', $listed->{answers}, $took, scalar @kills,
        @{$listed->{failed}} - @failed, scalar @failed, $listed->{closed},
        Test::Recs::Soak::quantile($listed->{times}, 0.5),
        Test::Recs::Soak::quantile($listed->{times}, 0.99),
        1000 * $listed->{max});
}

# the moment of a failure, from the last thing before it and to the next

sub when {
    my ($from, $to, $what) = @_;
    my ($before) = grep { $_->[0] < $from } reverse @story;
    my ($after) = grep { $_->[0] > $to } @story;

    return sprintf '%s: took %.3f s, %.3f s after %s, %.3f s before %s',
        $what, $to - $from, $from - ($before // [0])->[0],
        ($before // [0, 'the start'])->[1], ($after // [0])->[0] - $to,
        ($after // [0, 'the end'])->[1];
}

sub happens { push @story, [time, $_[0]] }

sub few { return join "\n", grep { defined } @_[0 .. 9] }


my @aof = ('--appendonly', 'yes', '--appendfsync', 'everysec');

sub redis_troubles {
    my @faults = (
        ['killed', sub { $t->stop_daemon($server, 'KILL') },
                   sub { start_redis() }],
        ['killed with its log',
                   sub {
                       $t->stop_daemon($server, 'KILL');
                       start_redis(@aof);
                       sleep 1.5;
                       $t->stop_daemon($server, 'KILL');
                   },
                   sub { start_redis(@aof) }],
        ['stopped', sub { kill 'STOP', $server },
                    sub { kill 'CONT', $server;
                          $r = Test::Recs::Redis->new("$dir/redis.sock") }],
        ['out of memory', sub { $r->('CONFIG', 'SET', 'maxmemory', 1000) },
                          sub { $r->('CONFIG', 'SET', 'maxmemory', 0) }],
        ['read-only', sub { $r->('REPLICAOF', '127.0.0.1', 1) },
                      sub { $r->('REPLICAOF', 'NO', 'ONE') }],
        ['password', sub { $r->('CONFIG', 'SET', 'requirepass', 'secret');
                           drop_clients() },
                     sub { $r->('CONFIG', 'SET', 'requirepass', '') }],
        ['wrong type', sub { $r->('RENAME', STREAM, 'saved');
                             $r->('SET', STREAM, 'x') },
                       sub { $r->('DEL', STREAM);
                             $r->('RENAME', 'saved', STREAM) }],
    );

    go_on(2, 5);
    start_redis();
    sleep 1;

    for my $i (0 .. $#faults) {
        my ($name, $break, $heal) = @{$faults[$i]};
        note($name);

        go_on(0.5, 1);
        happens($name);
        $break->();
        go_on(2.5, 5);
        kill_builder() if $i % 3 == 1;
        reload($name) if $i % 2 == 0;
        upgrade() if $i == 3;
        $heal->();
        happens("$name, healed");
        sleep 1;
    }

    go_on(1, KILLS - @kills);
    sleep 1;

    like($t->error_log, $_, "workers met $_")
        for map { qr/$_/ } 'redis .* is away: ', 'no reply in time',
            map { "refuses: \"$_ " } qw(OOM READONLY NOAUTH WRONGTYPE);
}

sub other_troubles {
    for my $i (1 .. 6) {
        go_on(2.5, 8);
        kill_builder() if $i % 2;
        reload('journal') if $i % 2 == 0;
        upgrade() if $i == 3;
    }

    go_on(0.5, KILLS - @kills);
    sleep 1;
}


SKIP: {
    skip 'no redis-server', 1
        if !grep { -x "$_/redis-server" } split /:/, $ENV{PATH};
    through('redis', 1, \&redis_troubles);
    ok($t->stop, 'redis: stopped');
}

through('journal', 0, \&other_troubles);

$t->done;
