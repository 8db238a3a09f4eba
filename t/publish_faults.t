#!/usr/bin/perl

# Copyright (C) recs authors

# The builder is killed, or told EIO or ENOSPC, at every system call of the
# publish phase.  Whatever happens: "current" leads to a file that verifies,
# the old one or the new one; the next run succeeds and leaves nothing over.

use strict;
use warnings;

use Test::More;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::Recs;


# calls that only look, give back or ask for memory cannot fail usefully
my %dull = map { $_ => 1 } qw(munmap brk futex close getpid gettid
    exit exit_group execve rt_sigaction rt_sigprocmask clone3 madvise uname
    sched_yield mbind);

# calls that may fail without harm: advice, the end of a lock, memory that
# malloc() then takes elsewhere, whether a leftover is one (the next run asks
# again), and what libraries want to know
my %harmless = map { $_ => 1 } qw(fadvise64 flock unlinkat ioctl mmap sysinfo
    faccessat2 fstatfs);
my $harmless = qr/openat\(AT_FDCWD, ""|newfstatat\(1,/;

# calls that a full disk can answer
my %writes = map { $_ => 1 } qw(write writev pwrite64 pwritev openat fsync
    ftruncate renameat symlinkat mkdir fchmod);


$ENV{OPENSSL_CONF} = '';           # or libcrypto reads its own
$ENV{OPENBLAS_NUM_THREADS} = 1;    # or its threads have calls of their own

my $t = Test::Recs->new;
my ($rc) = $t->command('strace', '-f', '-o', '/dev/null', 'true');
plan skip_all => 'no strace, or it may not trace' if $rc != 0;

my @rows = map {
    { activityType => 'PRODUCT_VIEW', productId => 'p' . $_ % 10,
      userId => 'u' . $_ % 7, sessionId => 's' . $_ % 9,
      timestamp => 1_767_571_200_000 + $_ * 1000 }
} 0 .. 59;

my $old = $t->build_snapshot(events => \@rows, args => ['--threads', 1]);
my $key = "$t->{dir}/base/key";
my @build = ($t->builder, 'build', '--threads', 1, '--key', $key, '--events',
    $t->write_file('new.jsonl', join '', map {
        sprintf '{"activityType":"PRODUCT_VIEW","productId":"p%d","userId":'
            . '"u%d","sessionId":"s%d","timestamp":%d}' . "\n", $_ % 10,
            $_ % 7, $_ % 9, 1_767_571_200_000 + $_ * 2000
    } 0 .. 59), '--out');


sub fresh {
    system('rm', '-rf', "$t->{dir}/run");
    system('cp', '-a', "$t->{dir}/base", "$t->{dir}/run");
    return "$t->{dir}/run";
}

sub current {
    my ($dir) = @_;
    my ($id) = (readlink("$dir/current") // '') =~ /^snap-(\w{16})\.mdb$/;
    my ($rc) = $t->command($t->builder, 'verify', '-q', $dir);
    return $rc == 0 ? $id : "bad ($rc)";
}


# the calls from the first that publishing makes, each with its number

my $dir = fresh();
$t->command('strace', '-f', '-o', "$t->{dir}/trace", @build, $dir);
my $new = current($dir);
isnt($new, $old, 'a second snapshot is published');

my (%seen, @points, $begun);

for (split /\n/, $t->read_file('trace')) {
    my ($call) = /^\d+\s+(\w+)\(/ or next;
    my $n = ++$seen{$call};
    $begun ||= /getdents64/ && !/lib/;
    push @points, [$call, $n, $_] if $begun && !/write\([12],/;
}

my @cases = map { [@$_[0, 1], 'signal=SIGKILL', $_->[2]] }
    grep { $_->[0] !~ /^(exit_group|execve)$/ } @points;
push @cases, map { [@$_[0, 1], 'error=EIO', $_->[2]] }
    grep { !$dull{$_->[0]} } @points;
push @cases, map { [@$_[0, 1], 'error=ENOSPC', $_->[2]] }
    grep { $writes{$_->[0]} && $_->[2] !~ /O_RDONLY/ } @points;

cmp_ok(scalar @cases, '>=', 200, @cases . ' points');


my (@half, @lied, @stuck, @left, @other, %fate);

for my $case (@cases) {
    my ($call, $n, $what, $line) = @$case;
    my $name = "$what at $call $n: $line";

    $dir = fresh();
    my ($rc) = $t->command('strace', '-f', '-o', '/dev/null',
        '-e', "trace=$call", '-e', "inject=$call:$what:when=$n", @build, $dir);

    $rc ||= $?;                     # strace dies as its child did
    my $id = current($dir);
    push @half, "$name: $id" if $id ne $old && $id ne $new;
    push @lied, "$name: exit $rc" if $rc == 0 && $id ne $new;
    push @lied, "$name: not noticed"
        if $rc == 0 && $what =~ /error/ && !$harmless{$call}
           && $line !~ $harmless;
    $fate{$rc == 0 ? 'done' : $id eq $new ? 'new' : 'old'}++;

    ($rc, my $out) = $t->command(@build, $dir);
    $id = current($dir);
    push @stuck, "$name: exit $rc: $out" if $rc != 0;
    push @other, "$name: $id" if $id ne $new;

    opendir my $dh, $dir or die "$dir: $!";
    my @extra = grep { !/^(\.\.?|current|key|lock|snap-($old|$new)\.\w+)$/ }
        readdir $dh;
    push @left, "$name: @extra" if @extra;
}

note("$_: $fate{$_}") for sort keys %fate;

is("@half", '', 'current always leads to a good snapshot');
is(join("\n", @lied), '', 'an error is never exit 0');
is(join("\n", @stuck), '', 'the next run succeeds');
is("@other", '', 'and publishes the same snapshot');
is(join("\n", @left), '', 'nothing is left over');

$t->done;
