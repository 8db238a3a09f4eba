#!/usr/bin/perl

# Copyright (C) recs authors

# The daemon is killed, or told EIO or ENOSPC, at system calls of publishing a
# hot layer.  Whatever happens: "current" leads to a layer that verifies; a
# daemon that was told goes on, and the next layer is published.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP qw(encode_json);
use Test::More;
use Test::Recs;
use Test::Recs::Frame;
use Time::HiRes qw(sleep);


$ENV{OPENSSL_CONF} = '';

my $t = Test::Recs->new;
my ($rc) = $t->command('strace', '-f', '-o', '/dev/null', 'true');
plan skip_all => 'no strace, or it may not trace' if $rc != 0;

my ($dir, $builder) = ($t->dir, $t->builder);

# calls on the directory and what is written there, and how many of each

my %calls = (openat => 6, pwrite64 => 4, write => 2, ftruncate => 2,
             fchmod => 2, renameat => 4, symlinkat => 2, unlinkat => 3,
             readlinkat => 2, getdents64 => 2);
my %told = map { $_ => 1 } qw(openat pwrite64 write ftruncate fchmod renameat
                              symlinkat);
my @paths = map { ('-P', "$dir/hot$_") }
    '', map { "/$_" } qw(.tmp-snapshot .tmp-manifest .tmp-current current);

mkdir $_ for "$dir/journal", "$dir/updates";
$t->write_file('catalog.jsonl', join '', map {
    encode_json({ productId => "p$_", title => "P$_", price => 10,
                  stock => 5 }) . "\n" } 0 .. 9);
$t->write_file('run.conf', <<"EOC");
out = "$dir/base"
hot = "$dir/hot"
log = "$dir/log"
journal = "$dir/journal"
catalog = { "$dir/catalog.jsonl" }
hot_updates = { "$dir/updates" }
hot_every = 0.05
poll = 0.02
schedule = "1d"
related = "cosine"
next = "ar"
EOC

Test::Recs::Frame::segment("$dir/journal", 0xa, 0,
    frames => [Test::Recs::Frame::frames(0xa, 1, 20)]);

my @run = ($builder, 'run', '-c', "$dir/run.conf");
my $changes = 0;

sub change {
    $t->write_file('updates/new', encode_json({
        productId => 'p1', stock => ++$changes }) . "\n");
    rename "$dir/updates/new", "$dir/updates/stock.jsonl";
}

sub current { return readlink("$dir/hot/current") // '' }

sub verified {
    my ($rc) = $t->command($builder, 'verify', '-q', "$dir/hot");
    return $rc == 0;
}

# strace -D stands aside: what we start is the daemon

sub traced {
    my ($call, $what) = @_;
    return $t->run_daemon('strace', '-D', '-f', '-o', '/dev/null', @paths,
                          '-e', "trace=$call", '-e', "inject=$call:$what",
                          @run);
}

my $ended;

sub gone {
    my ($pid) = @_;
    return 1 if defined $ended;
    return 0 if waitpid($pid, POSIX::WNOHANG()) <= 0;
    $ended = $? & 127;
    return 1;
}

sub end {
    my ($pid) = @_;
    kill 'TERM', $pid if !gone($pid);
    $t->wait_for(sub { gone($pid) }, 5);
    my $signal = $ended;
    undef $ended;
    return $signal;
}


change();
my $pid = $t->run_daemon(@run);
ok($t->wait_for(sub { current() }, 30), 'a layer');
end($pid);

my (@bad, @stuck, @left, $killed, $told);
my $rounds = $ENV{RECS_SOAK} ? 5 : 1;

for my $call (map { ($_) x $rounds } sort keys %calls) {
    for my $when (1 .. $calls{$call}) {
        my $name = "SIGKILL at $call $when";

        change();
        $pid = traced($call, "signal=SIGKILL:when=$when");

        my $first = current();
        $t->wait_for(sub { gone($pid) || current() ne $first }, 5);
        sleep 0.1;
        $killed++ if end($pid) == 9;

        push @bad, $name if !verified();
    }
}

is("@bad", '', 'current always leads to a good layer');
cmp_ok($killed, '>=', 15, "$killed times killed");

$pid = $t->run_daemon(@run);
my $before = current();
change();
ok($t->wait_for(sub { current() ne $before }, 10), 'the next one goes on');
end($pid);

opendir my $dh, "$dir/hot" or die "$dir/hot: $!";
is("@{[ grep { /^\.tmp/ } readdir $dh ]}", '', 'nothing is left over');


# a full disk, or a broken one

for my $error (qw(ENOSPC EIO)) {
    for my $call (sort keys %told) {
        my $name = "$error at $call";

        change();
        unlink "$dir/daemon.log";
        $pid = traced($call, "error=$error:when=3..5");

        my $first = current();
        $t->wait_for(sub { current() ne $first }, 5)
            or push @stuck, $name;
        $first = current();
        change();
        $t->wait_for(sub { current() ne $first }, 5)
            or push @stuck, "$name: the next";

        $told++ if $t->read_file('daemon.log') =~ /the layer before it stays/;
        push @bad, $name if !verified();
        push @left, $name if end($pid) != 0;
    }
}

is("@stuck", '', 'what cannot be written is tried again');
is("@bad", '', 'and what is current is good');
is("@left", '', 'the daemon ends as ever');
cmp_ok($told, '>=', 8, "$told times it was said");

$t->done;
