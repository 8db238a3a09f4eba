#!/usr/bin/perl

# Copyright (C) recs authors

# A large file is hashed beside the event loop: requests go on, one worker
# hashes for all, and a worker that is told to leave does not finish first.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Time::HiRes qw(time);


my $t = Test::Recs->new;
my $base = $t->dir . '/base';
my $good = $t->shop(main => 'worker_processes 2;');
my $size = 4 << 30;

# publishes a hole of four gigabytes

sub large {
    my ($id) = @_;
    my $json = $t->read_file("base/snap-$good.json");

    $json =~ s/("id":\s*)"$good"/$1"$id"/;
    $json =~ s/("size":\s*)\d+/$1$size/;
    $t->write_file("base/snap-$id.json", $json);
    $t->write_file("base/snap-$id.mdb", '');
    truncate "$base/snap-$id.mdb", $size or die "truncate: $!";
    $t->publish($id);
}

large('00000000000000aa');
my ($slowest, $n) = (0, 0);
my $start = time;

while (time - $start < 0.5) {
    my $one = time;
    my $r = $t->get('/recommendations/trending');
    $n++ if $r->{status} == 200 && $r->{json}{snapshotId} eq $good;
    my $took = time - $one;
    $slowest = $took if $took > $slowest;
}

cmp_ok($n, '>', 2, "$n requests meanwhile");
cmp_ok($slowest, '<', 1, sprintf 'the slowest took %d ms', $slowest * 1000);
is($t->get('/status')->{json}{counters}{snapshotRefused}, 0,
   'it is not through yet');

# in the middle of it

$start = time;
ok($t->reload, 'reload');
is($t->get('/recommendations/trending')->{json}{snapshotId}, $good,
   'the new workers take what the old ones had');
ok($t->stop, 'stop');
cmp_ok(time - $start, '<', 10, 'nobody waits for the hash');

$t->publish($good);
$t->run;
is($t->get('/recommendations/trending')->{json}{snapshotId}, $good,
   'started again');
large('00000000000000bb');
select undef, undef, undef, 0.3;

$start = time;
$t->signal('TERM');
ok($t->wait_for(sub { !-e $t->dir . '/nginx.pid' }, 10), 'terminated');
cmp_ok(time - $start, '<', 2, 'at once');

unlink glob "$base/snap-00000000000000*.mdb";
$t->done;
