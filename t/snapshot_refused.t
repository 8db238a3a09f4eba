#!/usr/bin/perl

# Copyright (C) recs authors

# A damaged snapshot that is published is refused with one line, the old one
# goes on serving, and a good one after it is taken.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;


my $t = Test::Recs->new;
my $base = $t->dir . '/base';
my @rows = (events => Test::Recs::Shop::events(),
            catalog => Test::Recs::Shop::catalog());

my $good = $t->build_snapshot(@rows);
my $next = $t->build_snapshot(@rows, args => [ '--now', '2026-01-06' ]);
my $file = $t->read_file("base/snap-$next.mdb");
my $manifest = $t->read_file("base/snap-$next.json");

$t->publish($good);
$t->run($t->conf(main => 'worker_processes 2;'));

my @workers = $t->workers;
my $refused = 0;

sub store {
    my ($name, $text, $mode) = @_;
    unlink "$base/$name";
    $t->write_file("base/$name", $text);
    chmod $mode // 0444, "$base/$name";
}

sub status {
    return $t->get('/status')->{json};
}

sub poke {
    my ($at, $bytes) = @_;
    my $copy = $file;
    substr $copy, $at, length $bytes, $bytes;
    return $copy;
}

# publishes what is bad and waits until it is refused by whichever worker

sub bad {
    my ($name, $data, $json, $mode) = @_;

    $t->publish($good);
    $t->wait_for(sub { status()->{snapshots}[0]{snapshotId} eq $good });

    defined $data ? store("snap-$next.mdb", $data, $mode)
                  : unlink "$base/snap-$next.mdb";
    defined $json ? store("snap-$next.json", $json)
                  : unlink "$base/snap-$next.json";
    $t->publish($next);
    $refused++;

    ok($t->wait_for(sub {
        status()->{counters}{snapshotRefused} >= $refused
    }, 5), "$name: refused");

    is($t->get('/recommendations/trending')->{json}{snapshotId}, $good,
       "$name: the old one serves");
}

my $size = length $file;

bad('one bit', poke($size / 2, chr(1 ^ ord substr $file, $size / 2, 1)),
    $manifest);
bad('cut off', substr($file, 0, $size / 2), $manifest);
bad('longer', $file . "\0" x 4096, $manifest);
bad('empty', '', $manifest);
bad('no file', undef, $manifest);
bad('no manifest', $file, undef);
bad('manifest is no JSON', $file, '{');
bad('manifest of another', $file, $t->read_file("base/snap-$good.json"));
bad('open to others', $file, $manifest, 0666);

(my $format = $manifest) =~ s/("format":\s*)\d+/${1}99/;
isnt($format, $manifest, 'the manifest has a format');
bad('another format', $file, $format);

# hashes agree, but it is no snapshot

use Digest::SHA qw(sha256_hex);

for (['no LMDB file', 'x' x $size], ['zeros', "\0" x $size],
     ['no pages', poke(40, "\0\0\0\0")])
{
    my ($name, $data) = @$_;
    my $sum = sha256_hex($data);
    (my $json = $manifest) =~ s/("sha256":\s*")[0-9a-f]+/$1$sum/;
    bad($name, $data, $json);
}

# a good one under the name of another

my $other = $t->read_file("base/snap-$good.json");
$other =~ s/("id":\s*")[0-9a-f]+/$1$next/;
bad('another id', $t->read_file("base/snap-$good.mdb"), $other);

# a link that leads away

unlink "$base/current";
symlink '../base/snap-' . $good . '.mdb', "$base/current";
$refused++;
ok($t->wait_for(sub { status()->{counters}{snapshotRefused} >= $refused }, 5),
   'a path in the link: refused');

is(status()->{counters}{snapshotRefused}, $refused, 'each is counted once');

my @lines = $t->error_log =~ /\[error\].* (is refused: .*)/g;
is(scalar @lines, $refused, 'and logged once') or diag join "\n", @lines;
is_deeply([ $t->workers ], \@workers, 'the same workers');
ok($t->wait_for(sub { status()->{snapshots}[0]{refused} }),
   'the status says why');

# workers that are started now take what the old ones had

ok($t->reload, 'reload');
is($t->get('/recommendations/trending')->{json}{snapshotId}, $good,
   'the old one serves after a reload');
@workers = $t->workers;
kill 'KILL', $workers[0];
ok($t->wait_for(sub { my @now = $t->workers;
                      @now == 2 && $now[0] != $workers[0] }, 10),
   'a worker is killed and started again');
@workers = $t->workers;
my %both;
ok($t->wait_for(sub {
    my $s = status();
    $both{$s->{pid}} = $s->{snapshots}[0]{snapshotId} // '';
    keys %both == 2;
}, 10), 'both answer');
is_deeply([ values %both ], [ $good, $good ], 'from the old one');
is(status()->{counters}{snapshotRefused}, $refused, 'nothing refused anew');
$t->allow(qr/exited on signal 9/);

# repaired in place: nothing but the manifest changes

$t->publish($good);
store("snap-$next.mdb", $file);
store("snap-$next.json", '{}');
$t->publish($next);
$t->wait_for(sub { status()->{snapshots}[0]{refused} });
store("snap-$next.json", $manifest);

my %now;
ok($t->wait_for(sub {
    my $s = status();
    $now{$s->{pid}} = $s->{snapshots}[0]{snapshotId};
    keys %now == 2 && !grep { $_ ne $next } values %now;
}, 5), 'a good one is taken');
is(status()->{snapshots}[0]{refused}, undef, 'and nothing is refused');

is_deeply([ $t->workers ], \@workers, 'still the same workers');

$t->done;
