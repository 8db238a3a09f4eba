#!/usr/bin/perl

# Copyright (C) recs authors

# recs-builder run: SIGHUP, SIGTERM at any moment of a build, one instance.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Frame;
use Time::HiRes qw(sleep time);

my $t = Test::Recs->new;
my ($dir, $builder) = ($t->dir, $t->builder);

mkdir "$dir/journal";
$t->command($builder, 'synth', '--users', 2000, '--items', 1500, '--events',
            60000, '--out', "$dir/shop");

sub config {
    my (%o) = @_;
    return $t->write_file('run.conf', <<"EOC" . ($o{more} // ''));
out = "$dir/out"
log = "@{[ $o{log} // "$dir/log" ]}"
journal = "$dir/journal"
catalog = { "$dir/shop/catalog.jsonl" }
users = { "$dir/shop/users.jsonl" }
events = { "$dir/shop/events.jsonl" }
schedule = "@{[ $o{schedule} // '1d' ]}"
poll = 0.05
related = "cosine"
next = "ar"
EOC
}

sub begin { return $t->run_daemon($builder, 'run', '-c', "$dir/run.conf") }
sub logged { scalar(() = $t->read_file('daemon.log') =~ /$_[0]/g) }

sub gone {
    my ($pid, $signal) = @_;
    my $begin = time;
    kill $signal, $pid;
    waitpid $pid, 0;
    return ($? >> 8, time - $begin);
}

# Nobody but a child of the daemon that we started may be killed.

sub children {
    my ($pid) = @_;
    my @children;

    for my $stat (glob '/proc/[0-9]*/stat') {
        my ($child, $parent) =
            $t->read_file($stat) =~ /^(\d+) \(.*\) [^Z] (\d+) /s or next;
        push @children, $child if $parent == $pid;
    }

    return @children;
}


config();
my $pid = begin();
ok($t->wait_for(sub { -e "$dir/out/current" }, 60), 'the first build');
my $id = readlink "$dir/out/current";


# one instance

my ($rc, $text) = $t->command($builder, 'run', '-c', "$dir/run.conf");
is($rc, 75, 'the second instance');
like($text, qr/another builder/, 'says why');
($rc, $text) = $t->command($builder, 'import', '--log', "$dir/log",
                           '--events', "$dir/shop/events.jsonl");
is($rc, 75, 'an import into the log of the first one');
like($text, qr/another recs-builder writes/, 'says why');


# SIGHUP

config(more => "threads = many\n");
kill 'HUP', $pid;
ok($t->wait_for(sub { logged('configuration before it stays') }),
   'a bad configuration is refused');
like($t->read_file('daemon.log'), qr/"threads\\?" is \\?"many/, 'and named');

config(log => "$dir/log3");
kill 'HUP', $pid;
ok($t->wait_for(sub { logged('configuration before it stays') == 2 }),
   'the log cannot change');

config(schedule => '1s');
kill 'HUP', $pid;
ok($t->wait_for(sub { logged('configuration read again') }),
   'a good one is taken');
ok($t->wait_for(sub { logged('build started') >= 2 }, 20),
   'a build by the new schedule');


# SIGTERM while the child builds, from its first moment to its last

my (@slow, @status, @left, @bad);

for my $n (0 .. 6) {
    $t->wait_for(sub { logged('build started') >= 2 + $n }, 20);
    sleep $n * 0.03;

    my ($status, $seconds) = gone($pid, $n % 2 ? 'INT' : 'TERM');
    push @status, $status if $status;
    push @slow, $seconds if $seconds > 1;
    push @left, glob "$dir/out/.tmp-*";

    my ($verified) = $t->command($builder, 'verify', "$dir/out");
    push @bad, $n if $verified;

    $pid = begin();
    $t->wait_for(sub { logged('"started"') >= 2 + $n }, 20);
}

is("@status", '', 'SIGTERM and SIGINT end it with status 0');
is("@slow", '', 'in a second');
is("@left", '', 'no leftovers');
is("@bad", '', 'the snapshot is whole each time');


# a killed daemon takes its build with it

ok($t->wait_for(sub { children($pid) }, 20), 'a build runs');
my ($child) = children($pid);
kill 'KILL', $pid;
waitpid $pid, 0;
ok($t->wait_for(sub { $t->read_file("/proc/$child/stat") !~ /\) [^Z] / }),
   'it is gone');

config();
($rc, $text) = $t->command($builder, 'run', '-c', "$dir/run.conf", '--once');
is($rc, 0, 'the next one works') or diag($text);
like($text, qr/files read.*\bnew=0\b/, 'nothing is read twice');
is(join(' ', glob "$dir/out/.tmp-*"), '', 'no leftovers');


# a build that fails is told, and the daemon goes on

my $builds = logged('build started');
config(schedule => '1s');
$pid = begin();
$t->wait_for(sub { logged('build started') > $builds }, 20);
my $killed;
for (1 .. 200) {
    ($child) = children($pid);
    $killed = $child && kill 'KILL', $child;
    last if $killed;
    sleep 0.01;
}
ok($killed, 'a build is killed');
ok($t->wait_for(sub { logged('was ended by signal 9') }), 'it is told');
$builds = logged('"published"');
ok($t->wait_for(sub { logged('"published"') > $builds }, 120),
   'the next one works');
($rc) = gone($pid, 'TERM');
is($rc, 0, 'ended');

$t->done;
