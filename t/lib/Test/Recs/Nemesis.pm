package Test::Recs::Nemesis;

# Copyright (C) recs authors

# nginx, the builder and Redis of a test, and whatever happens to them: every
# one to three seconds something does, chosen by a seed.  What is broken is
# healed after some seconds.
#
#     my $n = Test::Recs::Nemesis->new($t, seed => 7, redis => 1);
#     $n->begin;
#     $n->act for 1 .. 10;
#     $n->heal;
#     ok($n->drained(60));
#
# The names of actions are the rows of a table below; "only" leaves all out
# but some.

use strict;
use warnings;

use File::Path qw(make_path);
use POSIX ();
use Test::Recs::Journal;
use Test::Recs::Proxy;
use Test::Recs::Redis;
use Test::Recs::Shop;
use Time::HiRes qw(sleep time);

use constant STREAM => 'recs:events';
use constant DISK => 96;             # MB of the disk of a journal

# what it needs, how often it is chosen, what it does, and what heals it;
# of what needs the same thing one is broken at a time

my %actions = (
    'kill worker'   => [worker  => 6, \&kill_worker],
    'kill builder'  => [builder => 3, \&kill_builder],
    'kill worker at a call'  => [worker  => 1, \&kill_worker_at],
    'kill builder at a call' => [builder => 1, \&kill_builder_at],
    'stop builder'  => [builder => 1, \&stop_builder, \&start_builder],
    'HUP'           => [nginx   => 2, \&reload],
    'USR2'          => [nginx   => 1, \&upgrade],
    'rotate'        => [nginx   => 1, \&rotate],
    'swap'          => [snapshot => 2, \&swap],
    'erase'         => [log     => 1, \&erase],
    'clock'         => [clients => 2, \&clock],
    'full disk'     => [disk    => 2, sub { $_[0]->fill_disk('journal') },
        sub { $_[0]->free_disk('journal') }],
    'full disk of the log' => [log => 1, sub { $_[0]->fill_disk('log') },
        sub { $_[0]->free_disk('log') }],
    'kill Redis'    => [redis   => 2, \&kill_redis, \&start_redis],
    'stop Redis'    => [redis   => 1,
        sub { kill 'STOP', $_[0]{redis} }, sub { kill 'CONT', $_[0]{redis} }],
    'fill Redis'    => [redis   => 1,
        sub { $_[0]->ask('CONFIG', 'SET', 'maxmemory', 1000) },
        sub { $_[0]->ask('CONFIG', 'SET', 'maxmemory', 0) }],
    'demote Redis'  => [redis   => 1,
        sub { $_[0]->ask('REPLICAOF', '127.0.0.1', 1) },
        sub { $_[0]->ask('REPLICAOF', 'NO', 'ONE') }],
    'lock Redis'    => [redis   => 1, \&lock_redis,
                        \&unlock_redis],
    'partition'     => [redis   => 2,
        sub { $_[0]->proxy('edge', 'silent') },
        sub { $_[0]->proxy('edge', 'pass') }],
    'partition of the builder' => [redis => 1,
        sub { $_[0]->proxy('builder', 'silent') },
        sub { $_[0]->proxy('builder', 'pass') }],
    'slow Redis'    => [redis   => 1,
        sub { $_[0]->proxy('edge', 'slow') },
        sub { $_[0]->proxy('edge', 'pass') }],
    'garbage'       => [redis   => 1,
        sub { $_[0]->proxy($_, 'garbage') for 'edge', 'builder' },
        sub { $_[0]->proxy($_, 'pass') for 'edge', 'builder' }],
    'huge replies'  => [redis   => 1,
        sub { $_[0]->proxy($_, 'huge') for 'edge', 'builder' },
        sub { $_[0]->proxy($_, 'pass') for 'edge', 'builder' }],
    'nested replies' => [redis  => 1,
        sub { $_[0]->proxy($_, 'nested') for 'edge', 'builder' },
        sub { $_[0]->proxy($_, 'pass') for 'edge', 'builder' }],
    'block Redis'   => [redis   => 1, \&block_redis, \&unblock_redis],
    'few replicas'  => [redis   => 1,
        sub { $_[0]->ask('CONFIG', 'SET', 'min-replicas-to-write', 5) },
        sub { $_[0]->ask('CONFIG', 'SET', 'min-replicas-to-write', 0) }],
    'failing disk'  => [redis   => 1, \&fail_disk, \&mend_disk],
    'few clients'   => [redis   => 1, \&few_clients, \&many_clients],
    'wrong type'    => [redis   => 1,
        sub { $_[0]->ask('RENAME', STREAM, 'saved');
              $_[0]->ask('SET', STREAM, 'x') },
        sub { $_[0]->ask('DEL', STREAM);
              $_[0]->ask('RENAME', 'saved', STREAM) }],
    'failover'      => [redis   => 1, \&fail_over],
);


sub names { return sort keys %actions }

# redis => 0: the builder reads the journal; durable => 1; segment => size

sub new {
    my ($class, $t, %o) = @_;
    my $n = bless { t => $t, dir => $t->dir, story => [], broken => {},
                    done => {}, exposures_dropped => 0,
                    clicks_dropped => 0, kills => 0,
                    segment => '256k', builds => 'schedule = "5s"', %o },
                  $class;
    my %only = map { $_ => 1 } @{$o{only} // [keys %actions]};

    $n->{state} = ($o{seed} // 1) * 2654435761 % 2 ** 31;
    $n->rand for 1 .. 5;
    $n->{wants_redis} = delete $n->{redis};
    $n->{only} = [grep { $only{$_}
        && ($actions{$_}[0] ne 'redis' || $n->{wants_redis}) }
        sort keys %actions];

    return $n;
}

# A generator of its own: what is chosen depends on the seed alone.

sub rand {
    my ($n, $max) = @_;
    $n->{state} = ($n->{state} * 1103515245 + 12345) % 2 ** 31;
    return ($n->{state} >> 8) / 2 ** 23 * ($max // 1);
}


# the beginning

sub begin {
    my ($n) = @_;
    my ($t, $dir) = @$n{'t', 'dir'};

    # the master executes what it was called by: a path

    for my $path (split(/:/, $ENV{PATH}), '/usr/sbin') {
        $ENV{RECS_NGINX} //= "$path/nginx" if -x "$path/nginx";
    }

    make_path("$dir/$_") for qw(journal log base hot);
    $t->allow(qr/exited on signal 9/);

    for my $name (qw(journal log)) {
        $n->mount_disk($name) if grep { /^full disk/ } @{$n->{only}};
    }

    $t->build_snapshot(events => Test::Recs::Shop::events(),
                       catalog => Test::Recs::Shop::catalog());

    if ($n->{wants_redis}) {
        $n->start_redis;
        $n->{proxy} = Test::Recs::Proxy->new(to => $n->{socket},
            edge => "$dir/edge.sock", builder => "$dir/builder.sock");
    }

    my $source = $n->{wants_redis} ? qq(redis = "unix:$dir/builder.sock")
                                   : qq(journal = "$dir/journal");
    $t->write_file('analytics.key', "a-key-of-the-test\n");
    $t->write_file('run.conf', <<"EOC");
out = "$dir/base"
log = "$dir/log"
hot = "$dir/hot"
catalog = { "$dir/input/catalog-1.jsonl" }
poll = 0.05
force = true
$n->{builds}
$source
@{[ $n->{more} // '' ]}
EOC

    $n->run_builder;
    $t->run($n->conf);
}

sub conf {
    my ($n) = @_;
    my $redis = $n->{wants_redis} ? 'recs_redis unix:%%DIR%%/edge.sock;' : '';
    my $ack = $n->{durable} ? 'durable' : 'fast';

    return $n->{t}->conf(
        main => 'worker_processes 2; worker_shutdown_timeout 10s;
                 worker_rlimit_nofile 8192;',
        http => "recs_snapshot %%DIR%%/base/current hot=%%DIR%%/hot/current;
                 recs_key %%DIR%%/base/key;
                 recs_journal %%DIR%%/journal max=80m segment=$n->{segment}
                              ack=$ack;
                 recs_user \$http_x_user;
                 recs_clicks /r/;
                 recs_events_max_body 1m; client_max_body_size 1m;
                 keepalive_requests 1000000; $redis",
        server => 'location /recommendations { recs; }
                   location /analytics {
                       recs_events;
                       recs_analytics_key %%DIR%%/analytics.key;
                   }
                   location /r/ { recs_click; }
                   location /plain { return 200 "plain\n"; }
                   location /status { recs_status; }');
}

sub happens {
    my ($n, $what) = @_;
    push @{$n->{story}}, [time, $what];
}


# An action, after its time; what was broken some actions ago is healed.

sub act {
    my ($n) = @_;

    sleep 1 + $n->rand(2);
    $n->supervise;

    for my $what (sort keys %{$n->{broken}}) {
        $n->heal($what) if time > $n->{broken}{$what};
    }

    my %busy = map { $actions{$_}[0] => 1 } keys %{$n->{broken}};
    my @choice = map { ($_) x $actions{$_}[1] }
        grep { !$busy{$actions{$_}[0]} } @{$n->{only}};
    my $what = $choice[$n->rand(scalar @choice)];

    $n->does($what);
}

sub does {
    my ($n, $what) = @_;
    my ($needs, undef, $do, $heal) = @{$actions{$what}};

    $n->happens($what);
    $do->($n);
    $n->{done}{$what}++;
    $n->{broken}{$what} = time + 1 + $n->rand(5) if $heal;
}

sub heal {
    my ($n, $which) = @_;

    for my $what (sort keys %{$n->{broken}}) {
        next if defined $which && $what ne $which;
        delete $n->{broken}{$what};
        $actions{$what}[3]->($n);
        $n->happens("$what: healed");
    }

    $n->{healed} = time;
}


# nginx

sub kill_worker {
    my ($n) = @_;
    my @workers = $n->{t}->workers or return;

    kill 'KILL', $workers[$n->rand(scalar @workers)];
    $n->{kills}++;
}

# At its n-th call of something: the answer of what is in the journal already,
# a segment that is made, cut or removed, a batch to Redis.

sub kill_worker_at {
    my ($n) = @_;
    my @workers = $n->{t}->workers or return;

    my $pid = $workers[$n->rand(scalar @workers)];

    $n->kill_at($pid, qw(
        writev writev writev recvfrom epoll_wait write openat ftruncate
        fallocate mmap munmap unlinkat flock close)) or kill 'KILL', $pid;
    $n->{kills}++;
}

sub kill_at {
    my ($n, $pid, @calls) = @_;
    my $t = $n->{t};
    my $call = $calls[$n->rand(scalar @calls)];
    my $when = 1 + int $n->rand(5);

    return if !grep { -x "$_/strace" } split /:/, $ENV{PATH};

    my $strace = $t->run_daemon('strace', '-f', '-qq', '-o', '/dev/null',
        '-e', "trace=$call", '-e',
        "inject=$call:signal=SIGKILL:when=$when", '-p', $pid);
    my $died = $t->wait_for(sub {
        $t->read_file("/proc/$pid/stat") !~ /^\d+ \(.*\) [^ZX] /s }, 2);

    $t->stop_daemon($strace, 'KILL');
    $n->{at}{$call}++ if $died;
    $n->{traced}++;

    return $died;
}

sub reload {
    my ($n) = @_;
    kill 'HUP', $n->{t}->pid;
}

sub upgrade {
    my ($n) = @_;
    my $t = $n->{t};
    my $old = $t->pid;

    # a master has one upgrade at a time

    $t->wait_for(sub { !-e "$n->{dir}/nginx.pid.oldbin" }, 15);
    $t->signal('USR2', $old);

    if (!$t->wait_for(sub { my $new = $t->pid; $new && $new != $old
                            && $t->workers($new) }, 15))
    {
        $n->happens('USR2 failed');
        $n->{failed}{upgrade}++;
        return;
    }

    $n->count_dropped;
    $t->signal('WINCH', $old);
    $t->wait_for(sub { !$t->workers($old) }, 10);
    $t->signal('QUIT', $old);
    $t->wait_for(sub { !kill 0, $old }, 15) or $n->{failed}{quit}++;
}

sub rotate {
    my ($n) = @_;
    rename "$n->{dir}/error.log", "$n->{dir}/error.log." . ++$n->{logs};
    kill 'USR1', $n->{t}->pid;
}

# All of the error logs.

sub log {
    my ($n) = @_;
    my @old = map { $n->{t}->read_file("error.log.$_") }
        1 .. $n->{logs} // 0;

    return join '', @old, $n->{t}->error_log;
}

# A new master begins to count anew.

sub count_dropped {
    my ($n) = @_;
    my $json = $n->{t}->get('/status')->{json} or return;

    $n->{exposures_dropped} += $json->{counters}{exposuresDropped};
    $n->{clicks_dropped} += $json->{counters}{clicksUncounted};
}


# the builder

sub run_builder {
    my ($n) = @_;
    my $t = $n->{t};

    @{$t->{daemons}} = grep { $_ != ($n->{builder} // 0) } @{$t->{daemons}};
    $n->{builder} = $t->run_daemon($t->builder, 'run', '-c',
                                   "$n->{dir}/run.conf");
}

# As systemd does: one that finds the lock of another one, which may be a child
# of the one that was killed, ends with 75 and is tried again.

sub supervise {
    my ($n) = @_;

    return if !$n->{builder}
        || waitpid($n->{builder}, POSIX::WNOHANG) != $n->{builder};
    my $status = $? >> 8;

    $n->happens("the builder has ended: $status");
    $n->{failed}{builder} = $status if $status != 75;
    $n->run_builder;
}

sub kill_builder {
    my ($n) = @_;
    $n->{t}->stop_daemon($n->{builder}, 'KILL');
    $n->run_builder;
}

# As it writes, syncs or renames, or tells what it has committed.

sub kill_builder_at {
    my ($n) = @_;

    $n->kill_at($n->{builder}, qw(write pwrite64 fdatasync fdatasync fsync
                                  rename renameat sendto openat unlink
                                  unlinkat mmap close));
    $n->kill_builder;
}

sub stop_builder { kill 'STOP', $_[0]{builder} }
sub start_builder { kill 'CONT', $_[0]{builder} }

# Another base, or an older one; the builder makes new ones, too.

sub swap {
    my ($n) = @_;
    my ($t, $dir) = @$n{'t', 'dir'};

    if ($n->rand < 0.3) {
        $t->command($t->builder, 'rollback', '-q', "$dir/base");
        return;
    }

    $n->{done}{'swap by build'}++;
    $t->command($t->builder, 'build', '-q', '--log', "$dir/log", '--catalog',
                "$dir/input/catalog-1.jsonl", '--out', "$dir/base",
                '--force');
}

# Somebody who is in no ledger comes, and is forgotten: what is around him in
# log, journal and Redis stays. "erased" says of whom nothing may be left.

sub erase {
    my ($n) = @_;
    my ($t, $dir) = @$n{'t', 'dir'};
    my $who = 'erased-' . ++$n->{strangers};

    my $r = $t->post('/analytics/batch', [ map {
        { activityType => 'PRODUCT_VIEW', sessionId => $who,
          productId => $who } } 1 .. 5 ]);

    sleep $n->rand(1);
    my ($rc) = $t->command($t->builder, 'erase', '-q', '-c',
                                  "$dir/run.conf", '--wait', 5, '--session',
                                  $who);
    $n->{erased}{$who} = $rc;
    $n->happens("erase: $rc");
}

sub clock {
    my ($n) = @_;
    $n->{ledger}->clock(int $n->rand(10)) if $n->{ledger};
}


# the disks of journal and log: file systems in memory, where that is allowed

sub may_mount {
    my ($t) = @_;
    my $dir = $t->dir . '/may-mount';

    return 0 if $> != 0;
    make_path($dir);
    my ($rc) = $t->command('mount', '-t', 'tmpfs', '-o', 'size=1m', 'none',
                           $dir);
    $t->command('umount', $dir) if $rc == 0;

    return $rc == 0;
}

my %mounted;

sub mount_disk {
    my ($n, $name) = @_;
    my ($rc, $text) = $n->{t}->command('mount', '-t', 'tmpfs', '-o',
        'size=' . DISK . 'm,mode=755', 'none', "$n->{dir}/$name");
    die "mount: $text" if $rc;
    $mounted{"$n->{dir}/$name"} = $$;
}

sub unmount_disks {
    my ($n) = @_;

    for my $dir (grep { /^\Q$n->{dir}\E\// } keys %mounted) {
        delete $mounted{$dir};
        system 'umount', '-l', $dir;
    }
}

END {
    my $status = $?;
    system 'umount', '-l', $_ for grep { $mounted{$_} == $$ } keys %mounted;
    $? = $status;
}

sub fill_disk {
    my ($n, $name) = @_;
    my $path = "$n->{dir}/$name/something-else";

    open my $fh, '>', $path or die "$path: $!";
    while (syswrite $fh, "\0" x 65536) { }
    while (syswrite $fh, "\0") { }
    $n->{full}++;
}

sub free_disk { unlink "$_[0]{dir}/$_[1]/something-else" }


# Redis

sub start_redis {
    my ($n) = @_;

    # of two starts one finds what was there, another one nothing

    my @how = $n->rand < 0.5 ? ('--appendonly', 'yes', '--appendfsync',
                                'everysec') : ();
    my $one = $n->another_redis(@how);

    @$n{qw(redis socket port)} = @$one{qw(redis socket port)};
    $n->{proxy}->to($n->{socket}) if $n->{proxy};
}

# One more, with a port for its replicas; the files of all are the same.

sub another_redis {
    my ($n, @how) = @_;
    my $number = ++$n->{servers};
    my $socket = "$n->{dir}/redis$number.sock";
    my $port = $n->{t}->port(10 + $number);

    my $pid = $n->{t}->run_daemon('redis-server', '--port', $port, '--bind',
        '127.0.0.1', '--unixsocket', $socket, '--dir', $n->{dir},
        '--dbfilename', 'redis.rdb', '--save', '', '--enable-debug-command',
        'yes', '--repl-diskless-sync-delay', 0, @how);
    $n->{t}->wait_for(sub { ($n->ask_at($socket, 'PING') // '') eq 'PONG' },
                      10) or die 'no redis';

    return { redis => $pid, socket => $socket, port => $port };
}

sub kill_redis {
    my ($n) = @_;
    $n->{t}->stop_daemon($n->{redis}, 'KILL');
}

sub talk { return Test::Recs::Redis->new($_[0]{socket}) }

sub ask {
    my ($n, @command) = @_;
    my $r = $n->talk or return;
    return $r->(@command);
}

# For as long as it takes to be noticed, and until it is healed.

sub block_redis {
    my ($n) = @_;
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        $n->ask('DEBUG', 'SLEEP', 2) for 1 .. 30;
        POSIX::_exit(0);
    }

    $n->{blocking} = $pid;
}

sub unblock_redis {
    my ($n) = @_;

    kill 'KILL', $n->{blocking};
    waitpid $n->{blocking}, 0;
    $n->ask('PING');
}

# Snapshots of Redis cannot be written: where the file should be is a
# directory.

sub fail_disk {
    my ($n) = @_;

    mkdir "$n->{dir}/redis.rdb";
    $n->ask('CONFIG', 'SET', 'save', '3600 1');
    $n->ask('BGSAVE');
    $n->{t}->wait_for(sub { $n->ask('INFO', 'persistence')
                            =~ /rdb_last_bgsave_status:err/ }, 10);
}

sub mend_disk {
    my ($n) = @_;

    rmdir "$n->{dir}/redis.rdb";
    $n->ask('BGSAVE');
    $n->{t}->wait_for(sub { $n->ask('INFO', 'persistence')
                            =~ /rdb_last_bgsave_status:ok/ }, 10);
    $n->ask('CONFIG', 'SET', 'save', '');
}

sub few_clients {
    my ($n) = @_;

    $n->{spare} = $n->talk;
    $n->{spare}->('CONFIG', 'SET', 'maxclients', 1);
    $n->{spare}->('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
}

sub many_clients {
    my ($n) = @_;
    (delete $n->{spare})->('CONFIG', 'SET', 'maxclients', 1000);
}

# A replica that has missed the last of it takes over from the primary, which
# dies.

sub fail_over {
    my ($n) = @_;
    my ($t, $old) = @$n{'t', 'redis'};

    my $new = $n->another_redis('--replicaof', "127.0.0.1 $n->{port}");
    $t->wait_for(sub { ($n->ask_at($new->{socket}, 'INFO', 'replication')
                        // '') =~ /master_link_status:up/ }, 15)
        or die 'no replica';
    $n->ask_at($new->{socket}, 'REPLICAOF', 'NO', 'ONE');
    sleep 0.5;

    $t->stop_daemon($old, 'KILL');
    @$n{qw(redis socket port)} = @$new{qw(redis socket port)};
    $n->{proxy}->to($n->{socket});
}

sub ask_at {
    my ($n, $socket, @command) = @_;
    my $r = Test::Recs::Redis->new($socket) or return;
    return $r->(@command);
}

sub lock_redis {
    my ($n) = @_;
    my $r = $n->talk or return;

    $r->('CONFIG', 'SET', 'requirepass', 'secret');
    $r->('AUTH', 'secret');
    $r->('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
}

sub unlock_redis {
    my ($n) = @_;
    my $r = $n->talk or return;

    $r->('AUTH', 'secret');
    $r->('CONFIG', 'SET', 'requirepass', '');
}

sub proxy {
    my ($n, $end, $mode) = @_;
    $n->{proxy}->mode($end, $mode);
}


# the end

# All that is in the journal is committed, and the journal empties: nginx
# leaves all segments at a reload, and is stopped then.  How long it took
# since it was healed; undef: it did not.

sub drained {
    my ($n, $seconds) = @_;
    my ($t, $dir) = @$n{'t', 'dir'};
    my $start = $n->{healed} // time;
    my @left;

    $n->count_dropped;
    $t->reload;

    $t->wait_for(sub {
        sleep 0.1;
        $n->supervise;
        @left = map { "$_->{path} to $_->{next}" } grep { $_->{ended} }
            Test::Recs::Journal::heads("$dir/journal");
        !@left;
    }, $seconds) or return $n->left('not removed', @left);

    $t->stop;

    $t->wait_for(sub {
        sleep 0.1;
        $n->supervise;
        my %at = $n->positions;
        @left = map { "$_->{path} to $_->{next}, committed "
                      . ($at{$_->{epoch}} // 0) }
            grep { $_->{next} - 1 > ($at{$_->{epoch}} // 0) }
            Test::Recs::Journal::heads("$dir/journal");
        !@left;
    }, $seconds) or return $n->left('not committed', @left);

    return time - $start;
}

# How many events of the journal the builder has not committed.

sub waiting {
    my ($n) = @_;
    my %at = $n->positions;
    my $waiting = 0;

    for my $s (Test::Recs::Journal::ends("$n->{dir}/journal")) {
        my $from = $at{$s->{epoch}} // 0;

        $from = $s->{first} - 1 if $from < $s->{first} - 1;
        $waiting += $s->{next} - 1 - $from if $s->{next} - 1 > $from;
    }

    return $waiting;
}

sub left {
    my ($n, @what) = @_;
    Test::More::diag(join "\n", @what);
    return;
}

sub positions {
    my ($n) = @_;

    if ($n->{wants_redis}) {
        my $reply = $n->ask('HGETALL', STREAM . ':positions');
        return ref $reply eq 'ARRAY' ? @$reply : ();
    }

    return map { split / / } split /\n/,
        $n->{t}->read_file('journal/positions');
}

# What an error log must not have; a full disk and a worker that was killed
# are what the test is about. One that is traced may hold the lock of the
# journal while it dies.

sub alerts {
    my ($n) = @_;
    my $expected = qr/exited on signal 9/;

    $expected = qr/$expected|cannot have a segment|no room for more/
        if $n->{full};
    $expected = qr/$expected|flock\(\) failed \(11/ if $n->{traced};

    return grep { !/$expected/ } $n->log =~ /(.*\[(?:alert|emerg|crit)\].*)/g;
}

sub end {
    my ($n) = @_;

    $n->{t}->stop;
    $n->{t}->stop_daemon($n->{builder}) if $n->{builder};
    $n->{t}->stop_daemon($n->{redis}) if $n->{redis};
    $n->{proxy}->stop if $n->{proxy};
    delete @$n{qw(builder redis proxy)};
    $n->unmount_disks;
}

sub story {
    my ($n) = @_;
    my $start = $n->{story}[0][0] // 0;
    return join ', ', map { sprintf '%.1f %s', $_->[0] - $start, $_->[1] }
                      @{$n->{story}};
}

1;
