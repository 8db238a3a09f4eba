#!/usr/bin/perl

# Copyright (C) recs authors

# Keys rotate: who comes back has the history of before, a file that is read
# again is known, an erasure finds what is under a key that is gone, and
# without its line nothing under the old key is in the next snapshot.

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

my $t = Test::Recs->new;
my ($dir, $builder) = ($t->dir, $t->builder);
my $time = 1_700_000_000_000;
my %secret = (1 => '11' x 32, 2 => '22' x 32, 3 => '33' x 32);


sub event { return encode_json({activityType => 'PRODUCT_VIEW', @_}) . "\n" }

sub keys_are { $t->write_file('log/key', join '', map { "$_ $secret{$_}\n" } @_) }

sub import_files {
    my ($rc, $out) = $t->command($builder, 'import', '-q', '--json', '--log',
        "$dir/log", '--now', $time, '--events', map { "$dir/$_.jsonl" } @_);
    diag($out) if $rc;
    return decode_json($out =~ /^(\{.*\})$/m);
}

sub build {
    my ($rc, $out) = $t->command($builder, 'build', '-q', '--log',
        "$dir/log", '--key', "$dir/log/key", '--out', "$dir/out", '--force',
        '--now', $time + 3_600_000);
    diag($out) if $rc;
    return $rc;
}

sub all_identities {
    my ($n, $kind, $id) = @_;
    $t->write_file('one-key', "$n $secret{$n}\n");
    return identities("$dir/one-key", $kind, $id);
}

# products of a user's record, under a key

sub history {
    my ($n, $user) = @_;
    my ($id) = all_identities($n, 'u', $user);
    my ($rc, $out) = $t->command($builder, 'inspect', "$dir/out",
                                 'user:' . unpack 'H*', $id);
    return undef if $rc;
    my %products = map { $_ => 1 } $out =~ /\b(p\d)\b/g;
    return join ' ', sort keys %products;
}

# identities under a key, anywhere in the snapshot

sub under {
    my ($n) = @_;
    my $name = readlink "$dir/out/current";
    return count(files("$dir/out/$name"), map {
        (all_identities($n, 'u', $_), all_identities($n, 'a', "browser-$_"),
         all_identities($n, 's', "$_-1"), all_identities($n, 's', "$_-2"))
    } qw(alice bob carol));
}


mkdir "$dir/log";
keys_are(1);

$t->write_file('a.jsonl', join '', map {
    my $user = $_;
    map { event(productId => "p$_", userId => $user, sessionId => "$user-1",
                timestamp => $time + $_ * 1000) } 1 .. 3
} qw(alice bob));
$t->write_file('b.jsonl', join '', map {
    event(productId => "p$_", anonymousId => 'browser-carol',
          sessionId => 'carol-1', timestamp => $time + $_ * 1000)
} 4 .. 5);

is(import_files(qw(a b))->{events}, 8, 'under the first key');
is(build(), 0, 'built');
is(history(1, 'alice'), 'p1 p2 p3', 'a history');


# the key is rotated

keys_are(1, 2);
is(import_files(qw(a b))->{events}, 0, 'a file that is read again is known');

$t->write_file('c.jsonl', event(productId => 'p6', userId => 'alice',
    sessionId => 'alice-2', timestamp => $time + 100_000)
    . event(productId => 'p7', anonymousId => 'browser-carol',
            sessionId => 'carol-2', timestamp => $time + 100_000));
is(import_files('c')->{events}, 2, 'somebody comes back');
is(build(), 0, 'built');
is(history(2, 'alice'), 'p1 p2 p3 p6', 'the history has moved');
is(history(1, 'alice'), undef, 'it is not there twice');
is(history(1, 'bob'), 'p1 p2 p3', 'who did not come back is still known');


# once more, without a visit in between: two keys are behind

keys_are(1, 2, 3);
is(import_files(qw(a b c))->{events}, 0, 'files are known');
$t->write_file('d.jsonl', event(productId => 'p8', userId => 'bob',
    sessionId => 'bob-2', timestamp => $time + 200_000));
is(import_files('d')->{events}, 1, 'somebody comes back later');
is(build(), 0, 'built');
is(history(3, 'bob'), 'p1 p2 p3 p8', 'from two keys before');
is(history(2, 'alice'), 'p1 p2 p3 p6', 'others are where they were');


# the first key is dropped

cmp_ok(under(1), '>', 0, 'something is under the first key');
keys_are(2, 3);
is(build(), 0, 'built');
is(under(1), 0, 'nothing is under the key that is gone');
is(history(3, 'bob'), 'p1 p2 p3 p8', 'histories that have moved are there');
is(history(2, 'alice'), 'p1 p2 p3 p6', 'all of them');


# an erasure finds what is under the key that is gone

my ($rc, $out) = $t->command($builder, 'erase', '-q', '--log', "$dir/log",
    '--key', "$dir/log/key", 'alice');
is($rc, 0, 'erased') or diag($out);
is(count(Test::Recs::Log::text($t, "$dir/log"),
         map { all_identities($_, 'u', 'alice') } 1 .. 3), 0,
   'under all keys that she had');
cmp_ok(count(Test::Recs::Log::text($t, "$dir/log"),
             all_identities(1, 'u', 'bob')), '>', 0, 'and only her');

$t->done;
