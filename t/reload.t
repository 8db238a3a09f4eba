#!/usr/bin/perl

# Copyright (C) recs authors

# A reload under load: the new workers take the verdict of the old ones, and
# old workers leave although snapshots are watched.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Time::HiRes qw(time);


my $t = Test::Recs->new;
my $snapshot = $t->shop(main => 'worker_processes 2;');

my $pid = open my $fh, '-|';
die "fork: $!" if !defined $pid;

if ($pid == 0) {
    my $stop = 0;
    local $SIG{TERM} = sub { $stop = 1 };
    my ($n, $bad) = (0, 0);

    while (!$stop) {
        $t->get('/recommendations/trending')->{status} == 200 ? $n++ : $bad++;
    }

    print "$n $bad\n";
    close STDOUT;
    POSIX::_exit(0);
}

for my $n (1 .. 5) {
    my $start = time;
    ok($t->reload, "reload $n");
    cmp_ok(time - $start, '<', 5, 'the old workers leave soon');
}

kill 'TERM', $pid;
my ($n, $bad) = split ' ', <$fh>;
waitpid $pid, 0;

cmp_ok($n, '>', 5, "$n answers");
is($bad, 0, 'none failed');
is($t->get('/recommendations/trending')->{json}{snapshotId}, $snapshot,
   'the snapshot');

# another configuration: the snapshot goes and comes back

$t->write_file_expand('nginx.conf', $t->conf(http => 'recs_snapshot off;'));
ok($t->reload, 'reload without a snapshot');
is($t->get('/recommendations/trending')->{status}, 503, 'none');

$t->write_file_expand('nginx.conf', $t->conf);
ok($t->reload, 'reload with a snapshot');
is($t->get('/recommendations/trending')->{status}, 200, 'again');

# a configuration that is wrong changes nothing

$t->write_file_expand('nginx.conf', $t->conf(http => 'recs_limit 0;'));
my @workers = $t->workers;
$t->signal('HUP');
ok($t->wait_for(sub { $t->error_log =~ /invalid limit/ }), 'refused');
is_deeply([ $t->workers ], \@workers, 'the same workers');
$t->allow(qr/invalid limit/);

$t->done;
