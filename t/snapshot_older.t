#!/usr/bin/perl

# Copyright (C) recs authors

# nginx that is started while the published file is damaged answers from the
# newest older one, unless an operator has chosen.

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

my @ids = map { $t->build_snapshot(@rows, args => [ '--now',
                                                    "2026-01-$_" ]) }
    '06', '08', '07', '09';
my $good = $t->read_file("base/snap-$ids[3].mdb");

sub damage {
    my ($id) = @_;
    chmod 0644, "$base/snap-$id.mdb";
    open my $fh, '+<', "$base/snap-$id.mdb" or die "open: $!";
    seek $fh, 100_000, 0;
    print $fh 'damage';
    close $fh;
    chmod 0444, "$base/snap-$id.mdb";
}

damage($ids[3]);
$t->run($t->conf(main => 'worker_processes 2;'));

sub served {
    return $t->get('/recommendations/trending')->{json}{snapshotId} // '';
}

is(served(), $ids[2], 'the one before') for 1 .. 4;

my $s;
ok($t->wait_for(sub {
    $s = $t->get('/status')->{json};
    $s->{snapshots}[0]{refused}
}, 5), 'the status says that another one is refused');
is($s->{counters}{snapshotRefused}, 1, 'one is refused');
is(scalar(() = $t->error_log =~ /\[error\]/g), 1, 'one line');

$t->write_file("base/snap.new", $good);
chmod 0444, "$base/snap.new";
rename "$base/snap.new", "$base/snap-$ids[3].mdb";
ok($t->wait_for(sub { served() eq $ids[3] }, 5), 'repaired');
ok($t->stop, 'stop');

damage($ids[3]);
damage($ids[2]);
$t->run;
is(served(), $ids[1], 'two are damaged');
ok($t->stop, 'stop');

$t->write_file('base/pinned', "$ids[3]\n");
$t->run;
is($t->get('/recommendations/trending')->{status}, 503,
   'what an operator has chosen is not replaced');

$t->done;
