#!/usr/bin/perl

# Copyright (C) recs authors

# What is large of one thing only: a million products seen once, each in a
# session of five or each alone, and ten users with 100,000 interactions
# each.  Built by what auto takes, verified, below the default memory_budget.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Soak;
use Time::HiRes qw(sleep time);

use constant ALL => $ENV{RECS_SOAK_EVENTS} // 1_000_000;
use constant BUDGET => 8_000_000;    # kB
use constant START => 1_767_571_200_000;

Test::Recs::Soak::begin();

my $t = Test::Recs->new;
my $dir = $t->dir;

large('five a session', ALL, sub { ($_[0], int $_[0] / 5) });
large('each alone', ALL, sub { ($_[0], $_[0]) });
large('ten who never sleep', 5000, sub { ($_[0] * 7919 % 5000, $_[0] % 10) });

$t->done;


sub large {
    my ($name, $products, $event) = @_;
    my $out = "$dir/out";

    open my $fh, '>', "$dir/events.jsonl" or die "$dir/events.jsonl: $!";

    for my $i (0 .. ALL - 1) {
        my ($product, $user) = $event->($i);
        printf $fh '{"activityType":"PRODUCT_VIEW","productId":"p%d",'
            . '"userId":"u%d","sessionId":"s%d","timestamp":%d}' . "\n",
            $product, $user, $user, START + $i * 1000;
    }

    close $fh or die "$dir/events.jsonl: $!";

    my $since = time;
    my ($peak, $rc) = peak($t->builder, 'build', '-q', '--events',
                           "$dir/events.jsonl", '--out', $out);

    is($rc, 0, "$name: built");
    Test::Recs::Soak::figure("$name, seconds", int(time - $since));
    Test::Recs::Soak::figure("$name, MB", int($peak / 1000));
    cmp_ok($peak, '<', BUDGET, "$name: within the memory");

    my ($bad, $said) = $t->command($t->builder, 'verify', $out);
    is($bad, 0, "$name: good");
    like($said, qr/ $products products/, "$name: with all products");

    system('rm', '-rf', $out);
}


# the most memory that a command had, kB, looked at while it runs

sub peak {
    my (@command) = @_;
    my $peak = 0;
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        exec @command or POSIX::_exit(127);
    }

    while (waitpid($pid, POSIX::WNOHANG()) == 0) {
        if (open my $fh, '<', "/proc/$pid/status") {
            my ($now) = join('', <$fh>) =~ /^VmHWM:\s+(\d+)/m;
            $peak = $now if $now && $now > $peak;
        }

        sleep 0.05;
    }

    return ($peak, $?);
}
