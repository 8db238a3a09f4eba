#!/usr/bin/perl

# Copyright (C) recs authors

# "erase" is killed at every system call that changes something.  Whatever
# happens: the log can be read, no event is lost or twice, and the next erasure
# ends what was begun.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP qw(decode_json encode_json);
use Test::More;
use Test::Recs;
use Test::Recs::Bytes qw(count files identities);
use Test::Recs::Log;

plan skip_all => 'no zstd' if system('zstd -q --version >/dev/null 2>&1');

$ENV{OPENSSL_CONF} = '';
$ENV{OPENBLAS_NUM_THREADS} = 1;

my $t = Test::Recs->new;
my $dir = $t->dir;
my $alice = 'alice-0815@shop.example';
my ($rc) = $t->command('strace', '-f', '-o', '/dev/null', 'true');
plan skip_all => 'no strace, or it may not trace' if $rc != 0;

for my $n (1 .. 3) {
    $t->write_file("$n.jsonl", join '', map {
        encode_json({activityType => 'PRODUCT_VIEW', productId => 'p' . $_ % 5,
                     userId => $_ % 3 ? "u$_" : $alice,
                     sessionId => "s$n-$_",
                     timestamp => 1_700_000_000_000 + $_ * 1000 + $n}) . "\n"
    } 0 .. 19);
}

Test::Recs::Log::files($t, 'base', map { [events => "$_.jsonl"] } 1 .. 3);

my $log = "$dir/run";
my @erase = ($t->builder, 'erase', '-q', '--log', $log, $alice);
my @hers = ($alice, identities("$dir/base/key", 'u', $alice));

sub fresh {
    system('rm', '-rf', $log);
    system('cp', '-a', "$dir/base", $log);
}

# events in the log, and what is new when the files come once more

sub events {
    my ($rc, $out) = $t->command($t->builder, 'import', '-q', '--json',
        '--log', $log, '--events', map { "$dir/$_.jsonl" } 1 .. 3);
    return "exit $rc: $out" if $rc;
    return decode_json($out =~ /^(\{.*\})$/m)->{events};
}

fresh();
$t->command('strace', '-f', '-o', "$dir/trace", @erase);
is(count(Test::Recs::Log::text($t, $log) . files($log), @hers), 0,
   'without a fault');
is(events(), 0, 'nothing is new');

my (%seen, @cases, $begun);

for (split /\n/, $t->read_file('trace')) {
    my ($call) = /^\d+\s+(\w+)\(/ or next;
    my $n = ++$seen{$call};
    $begun ||= /\Q$log\E\/erase/;
    next if !$begun || /write\([12],/;
    push @cases, [$call, $n, $_]
        if $call =~ /^(?:write|pwrite64|fsync|fdatasync|rename|renameat
                         |unlink|unlinkat|mkdir)$/x
           || ($call eq 'openat' && /O_CREAT/);
}

cmp_ok(scalar @cases, '>=', 25, @cases . ' points');

my (@unread, @stuck, @left);

for my $case (@cases) {
    my ($call, $n, $line) = @$case;
    my $name = "$call $n: $line";

    fresh();
    $t->command('strace', '-f', '-o', '/dev/null', '-e', "trace=$call", '-e',
                "inject=$call:signal=SIGKILL:when=$n", @erase);

    my $new = events();
    push @unread, "$name: $new" if $new ne '0';

    my ($rc, $out) = $t->command(@erase);
    push @stuck, "$name: $rc: $out" if $rc;
    $new = count(Test::Recs::Log::text($t, $log) . files($log), @hers);
    push @left, "$name: $new" if $new;
    push @left, "$name: " . join ' ', glob "$log/erase/*"
        if glob "$log/erase/*.json";
}

is_deeply(\@unread, [], 'the log can be read, no event is new');
is_deeply(\@stuck, [], 'the next erasure succeeds');
is_deeply(\@left, [], 'and leaves nothing, also of the one before');

$t->done;
