#!/usr/bin/perl

# Copyright (C) recs authors

# The ledger: clients write down what they sent and what was answered, while
# a nemesis kills, stops, fills, cuts off and replaces whatever there is.
# Afterwards what was acknowledged is within what is counted, and that within
# what was attempted; nothing is lost, invented or there twice, and a second
# build gives the same bytes.
#
# Here two seeds; t/ledger_soak.t has more. DO=action,... begins with these.

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

my $soak = $ENV{RECS_SOAK} && $0 =~ /_soak/;
my $seed = int($ENV{SEED} // time ^ $$ << 8) & 0x7fffffff;
my $seeds = $ENV{SEEDS} // ($soak ? 20 : 2);
my $actions = $ENV{ACTIONS} // ($soak ? 18 : 3);
my $rate = $ENV{RATE} // ($soak ? 2000 : 400);
my %sum;
my $t;

diag("SEED=$seed");

for my $n ($seed .. $seed + $seeds - 1) {
    $t->stop if $t;
    $t = ledger($n);
    last if $soak && $ENV{SECONDS} && time - $^T > $ENV{SECONDS};
}

if ($soak) {
    Test::Recs::Soak::figure($_, ref $sum{$_} ? "@{$sum{$_}}" : $sum{$_})
        for sort keys %sum;
}

$t->done;


sub ledger {
    my ($n) = @_;
    my $t = Test::Recs->new(slack => 256);
    my $redis = $n % 4 && grep { -x "$_/redis-server" }
                               split /:/, $ENV{PATH};
    my @only = Test::Recs::Nemesis::names();

    if (!Test::Recs::Nemesis::may_mount($t)) {
        diag('no full disk: tmpfs cannot be mounted') if !$sum{seeds};
        @only = grep { !/^full disk/ } @only;
    }

    my $mode = "seed $n" . ($redis ? '' : ', journal')
        . ($n % 8 == 3 ? ', durable' : '');
    my $nemesis = Test::Recs::Nemesis->new($t, seed => $n, redis => $redis,
        only => \@only, durable => $n % 8 == 3,
        segment => (qw(64k 256k 1m))[$n % 3]);

    $nemesis->begin;
    $nemesis->does($_) for split /,/, $ENV{DO} // '';

    my $start = time;
    my $ledger = $nemesis->{ledger}
        = Test::Recs::Ledger->new($t, rate => $rate, clients => 2,
                                  lists => 0.3);

    # it goes on until there is enough to go by

    $nemesis->act for 1 .. $actions;
    sleep 0.5;
    $nemesis->heal;
    sleep 0.5;

    my $sum = $ledger->stop;
    my $took = time - $start;

    my ($f, $drained, $events)
        = Test::Recs::Audit::audit($t, $nemesis, $mode, $ledger);
    Test::Recs::Audit::sees($mode, $events, $ledger) if !$sum{seeds};
    account($mode, $f, $sum, $nemesis, $took, $drained);

    Test::Recs::Audit::well($t, $nemesis, $mode, $events);

    return $t;
}

sub account {
    my ($mode, $f, $sum, $nemesis, $took, $drained) = @_;

    $sum{seeds}++;
    $sum{$_} += $f->{$_}
        for qw(acked unknown attempted counted kept lists exposures links),
            'missing exposures', 'missing clicks';
    $sum{$_} += $sum->{$_} // 0
        for 'retries', 'late', 'out of order', 'sent again', 'requests',
            'answer 503', 'list unknown';
    $sum{$_} += @{$f->{$_}} for qw(lost double invented refused different);
    $sum{'exposures dropped'} += $nemesis->{exposures_dropped};
    $sum{cells} = $Test::Recs::Audit::cells;
    $sum{seconds} += $took;
    $sum{"did: $_"} += $nemesis->{done}{$_} for keys %{$nemesis->{done}};
    push @{$sum{drained}}, sprintf '%.1f', $drained // -1;

    diag(sprintf '%s: %d events in %d s, %d requests, %s (median) %s (99 %%);'
         . ' drained after %.1f s', $mode, $f->{acked}, $took,
         $sum->{requests}, Test::Recs::Soak::quantile($sum->{times}, 0.5),
         Test::Recs::Soak::quantile($sum->{times}, 0.99), $drained // -1)
        if $soak;
}
