#!/usr/bin/perl

# Copyright (C) recs authors

# Workers and builders are killed at random points, every third time as they
# make a certain system call, while events come in and are built: nothing that
# was acknowledged is lost, nothing is there twice.
#
# Here ten of each by way of Redis, and ten without; t/kill_soak.t has more.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Audit;
use Test::Recs::Ledger;
use Test::Recs::Nemesis;
use Test::Recs::Soak;
use Time::HiRes qw(sleep time);

$SIG{PIPE} = 'IGNORE';

my $soak = $0 =~ /_soak/;
my $seed = int($ENV{SEED} // time ^ $$ << 8) & 0x7fffffff;
my $kills = $ENV{KILLS} // ($soak ? 100 : 10);
my $rate = $ENV{RATE} // ($soak ? 1000 : 400);

diag("SEED=$seed");
srand $seed;

my $t = kills('journal', 0);

SKIP: {
    skip 'no redis-server', 1
        if !grep { -x "$_/redis-server" } split /:/, $ENV{PATH};

    $t->stop;
    $t = kills('redis', 1);
}

$t->done;


sub kills {
    my ($mode, $redis) = @_;
    my $t = Test::Recs->new(slack => 256);
    my $nemesis = Test::Recs::Nemesis->new($t, seed => $seed, only => [],
        redis => $redis, builds => 'schedule = "1s"', segment => '64k');

    $nemesis->begin;

    my $start = time;
    my $ledger = Test::Recs::Ledger->new($t, rate => $rate, batch => 60,
                                         lists => 0.2);

    # a builder is killed as it starts, reads, commits and builds

    for my $i (1 .. $kills) {
        for my $what ('kill worker', 'kill builder') {
            sleep rand($soak ? 1.2 : 0.5);
            $nemesis->does($i % 3 ? $what : "$what at a call");
        }
    }

    sleep 0.3;
    $nemesis->heal;

    my $sum = $ledger->stop;
    my $took = time - $start;
    my ($f, $drained, $events)
        = Test::Recs::Audit::audit($t, $nemesis, $mode, $ledger);

    Test::Recs::Soak::figure($mode, sprintf '%d events acknowledged in %d s, '
        . '%d workers and %d builders killed: %d lost, %d twice, %d '
        . 'invented; of %d without an answer %d are there; %d of %d '
        . 'exposures missing; drained after %.1f s', $f->{acked}, $took,
        $nemesis->{kills}, $kills,
        scalar @{$f->{lost}}, scalar @{$f->{double}},
        scalar @{$f->{invented}}, $f->{unknown}, $f->{kept},
        $f->{'missing exposures'}, $f->{lists}, $drained // -1) if $soak;
    my %at = %{$nemesis->{at} // {}};
    diag("$mode: died at ", join ', ', map { "$_ $at{$_}" } sort keys %at)
        if $soak;

    Test::Recs::Audit::well($t, $nemesis, $mode, $events);

    return $t;
}
