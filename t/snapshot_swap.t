#!/usr/bin/perl

# Copyright (C) recs authors

# Snapshots are swapped under load without reload: no request fails, each
# answer is of one snapshot, and nothing is left behind.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;


my $t = Test::Recs->new;
my $swaps = $ENV{RECS_SOAK} ? 200 : 20;
my @rows = (events => Test::Recs::Shop::events(),
            catalog => Test::Recs::Shop::catalog());

my @ids = map { $t->build_snapshot(@rows, args => [ '--now',
                                                    "2026-01-0$_" ]) } 6, 7;

$t->run($t->conf(main => 'worker_processes 2;', server => '
    location /recommendations { recs; }
    location / { root %%DIR%%; ssi on; ssi_types *; }
    location /status { recs_status; }
'));

$t->write_file('page', join "\n",
    map { "<!--# include virtual=\"/recommendations/$_\" -->" }
    qw(trending similar/S1 bestsellers) x 5);

my @workers = $t->workers;
my ($bad, $answers, %seen) = ('', 0);

# clients that go on until they are told to stop

my @clients = map { client($_) } 1 .. 4;

for my $n (1 .. $swaps) {
    $t->publish($ids[$n % 2]);
    select undef, undef, undef, 0.05;
}

my $last = $ids[$swaps % 2];
my $start = time;
my %now;

ok($t->wait_for(sub {
    my $s = $t->get('/status')->{json};
    $now{$s->{pid}} = $s->{snapshots}[0]{snapshotId};
    keys %now == 2 && !grep { $_ ne $last } values %now;
}, 5), 'both workers end with the last one');

for my $c (@clients) {
    kill 'TERM', $c->{pid};
    my $fh = $c->{fh};
    while (<$fh>) {
        chomp;
        if (/^ok (\w+)/) { $answers++; $seen{$1}++ }
        else { $bad .= "$_\n" }
    }
    waitpid $c->{pid}, 0;
}

is($bad, '', 'no request failed');
cmp_ok($answers, '>', 50, "$answers answers");
is_deeply([ sort keys %seen ], [ sort @ids ], 'of both snapshots');
is_deeply([ $t->workers ], \@workers, 'by the same workers');

my $s = $t->get('/status')->{json};
cmp_ok($s->{counters}{snapshotSwaps}, '>', $swaps, 'swapped');

ok($t->wait_for(sub {
    $t->get('/status')->{json}{snapshots}[0]{retired} == 0
}, 5), 'nothing retired is left');

for my $pid (@workers) {
    my %maps = map { $_ => 1 }
        $t->read_file("/proc/$pid/maps") =~ /(snap-\w+\.mdb)/g;
    my $fine = $t->wait_for(sub {
        %maps = map { $_ => 1 }
            $t->read_file("/proc/$pid/maps") =~ /(snap-\w+\.mdb)/g;
        keys %maps <= 1;
    }, 3);
    ok($fine, 'one snapshot is mapped') or diag join ' ', keys %maps;
}

$t->done;


sub client {
    my ($n) = @_;
    my $pid = open my $fh, '-|';
    die "fork: $!" if !defined $pid;
    return { pid => $pid, fh => $fh } if $pid;

    my $stop = 0;
    $SIG{TERM} = sub { $stop = 1 };
    $| = 1;
    my $c = $t->client;

    for (my $i = 0; !$stop; $i++) {
        $c = $t->client if $i % 500 == 499;
        my $r = $c->($n == 1 ? '/page' : '/recommendations/similar/S1');
        my %ids = map { $_ => 1 } $r->{body} =~ /"snapshotId":"(\w+)"/g;
        print $r->{status} == 200 && keys %ids == 1
            ? 'ok ' . (keys %ids)[0] . "\n"
            : "client $n: status $r->{status}, " . keys(%ids) . " ids\n";
    }

    POSIX::_exit(0);
}
