#!/usr/bin/perl

# Copyright (C) recs authors

# rollback goes back by one or to an id, verifies first, and pins; --release
# goes to the newest good one.  status tells.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP qw(decode_json);
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $base = $t->dir . '/base';
my @ids = map { build($_) } 1 .. 4;

sub build {
    my ($day) = @_;
    my @rows = map {
        { activityType => 'PRODUCT_VIEW', productId => 'p' . $_ % 9,
          userId => 'u' . $_ % 7, sessionId => 's' . $_ % 20,
          timestamp => 1_767_571_200_000 + $_ * 1000 }
    } 0 .. 99;

    $t->build_snapshot(events => \@rows,
                       args => ['--now', "2026-02-0$day", '--keep', 3]);

    return status()->{snapshots}[0]{id};
}

sub rollback {
    my ($rc, $out) = $t->command($t->builder, 'rollback', $base, @_);
    return ($rc, $out);
}

sub status {
    return decode_json(scalar $t->command($t->builder, 'status', '--json',
                                          $base));
}


my $status = status();
is(scalar @{$status->{snapshots}}, 3, 'three are kept');
ok(!-e "$base/snap-$ids[0].mdb" && !-e "$base/snap-$ids[0].json",
   'the oldest is gone');
is_deeply([map { $_->{generation} } @{$status->{snapshots}}], [4, 3, 2],
          'newest first');
is($status->{current}, $ids[3], 'the newest is current');
is($status->{pinned}, undef, 'nothing is pinned');

my ($rc, $out) = rollback();
is($rc, 0, 'back by one') or diag $out;
is($t->snapshot_id, $ids[2], 'the one before');
is($t->read_file('base/pinned'), "$ids[2]\n", 'pinned');

($rc, $out) = rollback($ids[1]);
is($t->snapshot_id, $ids[1], 'back to an id');
is(status()->{pinned}, $ids[1], 'pinned');

($rc, $out) = rollback();
is($rc, 1, 'there is none before it');
like($out, qr/no good snapshot before/, 'which is told');
is($t->snapshot_id, $ids[1], 'nothing changes');

push @ids, map { build($_) } 5 .. 7;
is($t->snapshot_id, $ids[1], 'what is built stays aside while pinned');
is(scalar @{status()->{snapshots}}, 4, 'the pinned one outlives the others');

($rc, $out) = $t->command($t->builder, 'status', $base);
like($out, qr/^$ids[1] .* current {2}pinned$/m, 'a table for people');

($rc, $out) = rollback('0123456789abcdef');
is($rc, 1, 'an unknown id');
($rc, $out) = rollback('latest');
is($rc, 2, 'no id at all');


# the newest is damaged: released to the one before it

chmod 0644, "$base/snap-$ids[6].mdb";
my $bytes = $t->read_file("base/snap-$ids[6].mdb");
substr($bytes, 50_000, 1) ^= "\x10";
$t->write_file("base/snap-$ids[6].mdb", $bytes);

($rc, $out) = rollback($ids[6]);
is($rc, 1, 'a damaged one is no place to go to');
like($out, qr/SHA-256/, 'for a reason');
is($t->snapshot_id, $ids[1], 'current stays');
is($t->read_file('base/pinned'), "$ids[1]\n", 'and the pin');

($rc, $out) = rollback('--release');
is($rc, 0, 'released') or diag $out;
is($t->snapshot_id, $ids[5], 'to the newest that is good');
ok(!-e "$base/pinned", 'no longer pinned');

($rc, $out) = $t->command($t->builder, 'rollback', $t->dir . '/nowhere');
is($rc, 1, 'no directory');

$t->done;
