#!/usr/bin/perl

# Copyright (C) recs authors

# A rollback is seen within a second, without reload and without hashing the
# file again; so is the release.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;
use Time::HiRes qw(time);


my $t = Test::Recs->new;
my $base = $t->dir . '/base';
my @rows = (events => Test::Recs::Shop::events(),
            catalog => Test::Recs::Shop::catalog());

my $old = $t->build_snapshot(@rows);
$t->run($t->conf);
my @workers = $t->workers;

sub serves {
    my ($id, $name) = @_;
    my $start = time;
    my $done = $t->wait_for(sub {
        $t->get('/recommendations/trending')->{json}{snapshotId} eq $id
    }, 5);
    my $ms = int 1000 * (time - $start);

    ok($done, $name);
    cmp_ok($ms, '<', 1000, "$name: within a second, $ms ms");
}

my $new = $t->build_snapshot(@rows, args => [ '--now', '2026-01-06' ]);
serves($new, 'published');

my ($rc, $out) = $t->command($t->builder, 'rollback', $base);
is($rc, 0, 'rollback') or diag $out;
serves($old, 'rolled back');

my $pinned = $t->build_snapshot(@rows, args => [ '--now', '2026-01-07' ]);
is($pinned, $old, 'what is built meanwhile is not published');

($rc, $out) = $t->command($t->builder, 'rollback', $base, '--release');
is($rc, 0, 'release') or diag $out;
my $current = $t->snapshot_id;
isnt($current, $old, 'the newest again');
serves($current, 'released');

($rc, $out) = $t->command($t->builder, 'rollback', $base, $new);
is($rc, 0, 'rollback by id') or diag $out;
serves($new, 'rolled back by id');

is_deeply([ $t->workers ], \@workers, 'the same worker');
unlike($t->error_log, qr/\[error\]|is refused/, 'nothing refused');

$t->done;
