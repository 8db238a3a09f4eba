#!/usr/bin/perl

# Copyright (C) recs authors

# The faults of Redis, one row each: lists are answered and events are
# accepted meanwhile, the fault is noticed, and after it is healed every
# event that was acknowledged is committed, once.
#
# t/redis_matrix_soak.t has more load, figures, and bars for them.

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

plan skip_all => 'no redis-server'
    if !grep { -x "$_/redis-server" } split /:/, $ENV{PATH};

$SIG{PIPE} = 'IGNORE';

my $soak = $0 =~ /_soak/;
my $seed = int($ENV{SEED} // time ^ $$ << 8) & 0x7fffffff;
my $rate = $ENV{RATE} // ($soak ? 1500 : 150);
my $hold = $ENV{HOLD} // ($soak ? 5 : 0.5);
my $pairs = $ENV{PAIRS} // ($soak ? 3 : 1);

# what happens, what a worker says of it or what else tells it

my $away = qr/redis "[^"]*" is away: /;
my $silent = qr/${away}no reply in time/;
my $nonsense = qr/${away}|no reply/;

my @rows = (
    ['kill Redis',     $away],
    ['stop Redis',     $silent],
    ['slow Redis',     sub { $_[0]{proxy}->late('edge') }],
    ['block Redis',    $silent],
    ['fill Redis',     qr/refuses: "OOM /],
    ['demote Redis',   qr/refuses: "READONLY /],
    ['few replicas',   qr/refuses: "NOREPLICAS /],
    ['failing disk',   qr/refuses: "MISCONF /],
    ['lock Redis',     qr/refuses: "NOAUTH /],
    ['few clients',    qr/max number of clients|$away/],
    ['wrong type',     qr/refuses: "WRONGTYPE /],
    ['partition',      $silent],
    ['failover',       $away],
    ['garbage',        $nonsense],
    ['huge replies',   $nonsense],
    ['nested replies', $nonsense],
);

@rows = grep { $_->[0] eq $ENV{ROW} } @rows if $ENV{ROW};

diag("SEED=$seed");
srand $seed;

my $t = Test::Recs->new(slack => 256);
my $n = Test::Recs::Nemesis->new($t, seed => $seed, redis => 1, only => [],
                                 builds => 'schedule = "1d"',
                                 $soak ? (segment => '1m') : ());
my (@ledgers, %reads, %acks, @drained);

$n->begin;
like($t->get('/status')->{body}, qr/"redisConnected":/, 'it runs');

row(@$_) for @rows;

my ($f, undef, $events)
    = Test::Recs::Audit::audit($t, $n, 'all', @ledgers);
figures() if $soak;

Test::Recs::Audit::well($t, $n, 'all', $events);
$t->done;


sub row {
    my ($name, $says) = @_;
    my $logged = length $n->log;
    my @windows;

    # one client for load, one for what single requests take

    my @now = (Test::Recs::Ledger->new($t, rate => $rate, clients => 1),
               Test::Recs::Ledger->new($t, rate => $soak ? 400 : 50,
                   clients => 1, batch => 1, lists => 0.5, stamps => 1));
    push @ledgers, @now;

    for my $pair (1 .. $pairs) {
        sleep 0.3;
        my $start = time;
        sleep $hold;
        push @windows, [well => $start, time];

        $n->does($name);
        $start = time;

        # one that was refused before may wait 5 s before it tries again

        my $noticed = ref $says eq 'CODE' ? $says
            : sub { substr($n->log, $logged) =~ $says };

        ok($t->wait_for(sub { sleep 0.05; $noticed->($n) }, 20),
           "$name: noticed") if $pair == 1;
        sleep $hold;
        push @windows, [broken => $start, time];

        heal($name, $soak, \@now) if $pair < $pairs;
    }

    my $sum = {};

    if ($soak) {
        heal($name, 1, \@now);
        Test::Recs::Soak::add($sum, $_->stop) for @now;

    } else {
        Test::Recs::Soak::add($sum, $_->stop) for @now;
        heal($name, 0, \@now);
    }

    is($sum->{'list refused'} // 0, 0, "$name: all lists are answered");
    is($sum->{'list unknown'} // 0, 0, "$name: none is cut off");
    is($sum->{'unknown'} // 0, 0, "$name: all posts are answered");
    is($sum->{'answer 503'} // 0, 0, "$name: all events are accepted");
    is(join("\n", @{$sum->{strange} // []}), '', "$name: answers add up");
    ok($t->wait_for(sub { sleep 0.05; !$n->waiting }, 60),
       "$name: all of it is committed")
        or diag($n->waiting . ' are waiting');

    windows($name, $sum, @windows) if $soak;
}

# The end of it, and how fast what has waited is gone while more comes in: as
# soon as no more waits than comes in within a second.

sub heal {
    my ($name, $measure, $ledgers) = @_;

    $n->heal;
    return if !$measure;

    my ($start, $first) = (time);
    my $backlog = $n->waiting;

    my $done = $t->wait_for(sub {
        sleep 0.02;
        my $waiting = $n->waiting;
        $first //= time if $waiting < 0.9 * $backlog;
        return $waiting < 1.5 * ($rate + 400);
    }, 60);

    my $took = time - $start;
    push @drained, { name => $name, backlog => $backlog, took => $took,
                     moving => time - ($first // time) };
    ok($done && $took <= 30, "$name: caught up within 30 s")
        or diag("$backlog waited, after $took s " . $n->waiting);
}

sub p99 {
    my @sorted = sort { $a <=> $b } @_;
    return @sorted ? $sorted[$#sorted * 0.99] : 0;
}

sub windows {
    my ($name, $sum, @windows) = @_;
    my %took;

    for my $what ('gets', 'times') {
        for my $at (@{$sum->{"$what at"}}) {
            my ($start, $took) = split / /, $at;

            for my $w (@windows) {
                push @{$took{"$what $w->[0]"}}, 1000 * $took
                    if $w->[1] <= $start && $start + $took <= $w->[2];
            }
        }
    }

    push @{$reads{$_}}, @{$took{"gets $_"} // []} for 'well', 'broken';
    push @{$acks{$_}}, @{$took{"times $_"} // []} for 'well', 'broken';

    my ($last) = grep { $_->{name} eq $name } reverse @drained;
    my ($slowest) = sort { $b <=> $a }
        map { $_->{took} } grep { $_->{name} eq $name } @drained;

    diag(sprintf '%s: lists %.2f ms (99 %%) well, %.2f ms broken (%d); '
         . 'acknowledged in %.2f and %.2f ms; %d waited, caught up after '
         . '%.1f s at the most', $name,
         p99(@{$took{'gets well'}}), p99(@{$took{'gets broken'}}),
         scalar @{$took{'gets broken'}}, p99(@{$took{'times well'}}),
         p99(@{$took{'times broken'}}), $last->{backlog}, $slowest);
}

# The bars. A machine that is too busy for one of them while all is well is not
# slow because of Redis.

sub figures {
    my $in = $rate + 400;
    my @all = sort { $a->{took} <=> $b->{took} } @drained;
    my ($well, $broken) = map { p99(@{$reads{$_}}) } 'well', 'broken';
    my ($ack_well, $ack) = map { p99(@{$acks{$_}}) } 'well', 'broken';
    my $longest = 1.1 * $ack_well > 5 ? 1.1 * $ack_well : 5;

    # of those where enough had gathered for a rate, since it began to move

    my ($slowest) = sort { $a <=> $b }
        map { $_->{backlog} / ($_->{moving} > 0.05 ? $_->{moving} : 0.05) }
        grep { $_->{backlog} > 2 * $in } @all;

    cmp_ok($broken, '<=', 1.1 * $well, 'lists take a tenth longer at most');
    cmp_ok($ack, '<=', $longest, "events are acknowledged within $longest ms");
    cmp_ok($slowest, '>=', 5 * $in, 'what waited goes at five times the rate')
        if defined $slowest || @rows > 1;

    Test::Recs::Soak::figure('events acknowledged', $f->{acked});
    Test::Recs::Soak::figure('lists', sprintf
        '%d and %d answers, 99 %% within %.3f ms well, %.3f ms broken',
        scalar @{$reads{well}}, scalar @{$reads{broken}}, $well, $broken);
    Test::Recs::Soak::figure('acknowledged', sprintf
        '99 %% within %.3f ms well, %.3f ms broken', $ack_well, $ack);
    Test::Recs::Soak::figure('caught up', sprintf
        'after %.1f s (median), %.1f s (longest)', $all[@all / 2]{took},
        $all[-1]{took});
    Test::Recs::Soak::figure('once connected', sprintf
        '%d events a second at least, while %d came in', $slowest // 0, $in);
}
