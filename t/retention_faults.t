#!/usr/bin/perl

# Copyright (C) recs authors

# "retain" is killed, or told EIO or ENOSPC, at every system call that it
# makes with the log.  Whatever happens: the log can be read, nothing is new
# that was known, and the next run ends as if nothing had happened.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP qw(decode_json);
use Test::More;
use Test::Recs;
use Test::Recs::Log;

my %dull = map { $_ => 1 } qw(munmap brk futex close getpid gettid
    exit exit_group execve rt_sigaction rt_sigprocmask clone3 madvise uname
    sched_yield mbind mmap mprotect flock fadvise64 ioctl getrandom
    clock_gettime lseek prlimit64 set_robust_list rseq arch_prctl
    set_tid_address access);
my %writes = map { $_ => 1 } qw(write pwrite64 openat fsync renameat mkdir);

$ENV{OPENSSL_CONF} = '';
$ENV{OPENBLAS_NUM_THREADS} = 1;

my $t = Test::Recs->new;
my $dir = $t->dir;
my ($rc) = $t->command('strace', '-f', '-o', '/dev/null', 'true');
plan skip_all => 'no strace, or it may not trace' if $rc != 0;

$t->write_file('catalog.jsonl', join '', map {
    qq({"productId":"p$_","title":"P$_","price":$_.5,"currency":"EUR"}\n)
} 0 .. 4);

for my $n (1 .. 3) {
    $t->write_file("$n.jsonl", join '', map {
        sprintf '{"activityType":"PRODUCT_VIEW","productId":"p%d","userId":'
            . '"u%d","sessionId":"s%d","timestamp":%d}' . "\n", $_ % 5,
            $_ % 7, $_ % 9, 1_600_000_000_000 + $_ * 1000 + $n
    } 0 .. 19);
}

Test::Recs::Log::files($t, 'base', [catalog => 'catalog.jsonl'],
    map { [events => "$_.jsonl"] } 1 .. 3);

my $log = "$dir/run";
my @retain = ($t->builder, 'retain', '-q', '--log', $log, '--archive',
    "$dir/archive", '--now', (time + 100 * 86400) . '000');

sub fresh {
    system('rm', '-rf', $log, "$dir/archive");
    system('cp', '-a', "$dir/base", $log);
}

# what is new when everything comes once more

sub fresh_events {
    my ($rc, $out) = $t->command($t->builder, 'import', '-q', '--json',
        '--log', $log, '--catalog', "$dir/catalog.jsonl", '--events',
        map { "$dir/$_.jsonl" } 1 .. 3);
    return "exit $rc: $out" if $rc;
    my $done = decode_json($out);
    return $done->{events} + $done->{products};
}

sub state_of {
    return join ' ', Test::Recs::Log::numbers($log), -e "$log/checkpoint"
        ? 'checkpoint' : '', Test::Recs::Log::numbers("$dir/archive");
}


fresh();
$t->command('strace', '-f', '-o', "$dir/trace", @retain);
my $end = state_of();
is($end, '4 checkpoint 1 2 3', 'without a fault');
is(fresh_events(), 0, 'nothing is new');

my (%seen, @cases, $begun);

for (split /\n/, $t->read_file('trace')) {
    my ($call) = /^\d+\s+(\w+)\(/ or next;
    my $n = ++$seen{$call};
    $begun ||= /openat\(AT_FDCWD, "\Q$log\E"/;
    next if !$begun || /write\([12],/ || $call =~ /^exit/;

    push @cases, [$call, $n, 'signal=SIGKILL', $_];
    push @cases, [$call, $n, 'error=EIO', $_] if !$dull{$call};
    push @cases, [$call, $n, 'error=ENOSPC', $_]
        if $writes{$call} && !/O_RDONLY/;
}

cmp_ok(scalar @cases, '>=', 100, @cases . ' points');

my (@unread, @stuck, @other);

for my $case (@cases) {
    my ($call, $n, $what, $line) = @$case;
    my $name = "$what at $call $n: $line";

    fresh();
    $t->command('strace', '-f', '-o', '/dev/null', '-e', "trace=$call", '-e',
                "inject=$call:$what:when=$n", @retain);

    my $new = fresh_events();
    push @unread, "$name: $new" if $new ne '0';

    my ($rc, $out) = $t->command(@retain);
    push @stuck, "$name: $rc: $out" if $rc;
    push @other, "$name: " . state_of() if state_of() ne $end;
}

is_deeply(\@unread, [], 'the log can be read and knows everything');
is_deeply(\@stuck, [], 'the next run succeeds');
is_deeply(\@other, [], 'and leaves what it should');

$t->done;
