#!/usr/bin/perl

# Copyright (C) recs authors

# FREQUENTLY_BOUGHT_TOGETHER of 9,835 baskets, counted once more: by the
# lower bound of the confidence, with gates.

use warnings;
use strict;

use File::Temp qw/ tempdir /;
use IO::Uncompress::Gunzip qw/ $GunzipError /;
use JSON::PP;
use Test::More;

my $data = $ENV{RECS_DATA} // '../shared/data';
my $file = "$data/baskets/groceries.tsv.gz";

plan(skip_all => "no $file (RECS_DATA)") unless -r $file;

my $builder = ($ENV{RECS_BUILD} // 'build') . '/recs-builder';
my $d = tempdir('recs-groceries-XXXXXX', TMPDIR => 1, CLEANUP => 1);

my ($n, %ni, %nij) = (0);


sub xlogx {
    return $_[0] > 0 ? $_[0] * log($_[0]) : 0;
}

sub g2 {
    my ($k, $i, $j) = @_;
    my @cells = ($k, $i - $k, $j - $k, $n - $i - $j + $k);
    my $g = xlogx($n);

    $g += xlogx($_) for @cells;
    $g -= xlogx($_) for $i, $n - $i, $j, $n - $j;

    return 2 * $g;
}

sub bound {
    my ($k, $i) = @_;
    my ($p, $z) = ($k / $i, 1.28);

    return ($p + $z ** 2 / (2 * $i)
            - $z * sqrt($p * (1 - $p) / $i + $z ** 2 / (4 * $i ** 2)))
           / (1 + $z ** 2 / $i);
}

# What is let through: 3 baskets, lift 1.1, G2 20, the best 100.

sub expected {
    my ($i) = @_;
    my %e;

    for my $j (keys %{ $nij{$i} // {} }) {
        my $k = $nij{$i}{$j};
        my $lift = $k * $n / ($ni{$i} * $ni{$j});

        next if $k < 3 || $lift <= 1.1 || g2($k, $ni{$i}, $ni{$j}) < 20;

        my $value = bound($k, $ni{$i}) / ($ni{$j} / $n) ** 0.3;

        $e{$j} = { count => $k, support => $k / $n,
            confidence => $k / $ni{$i}, lift => $lift,
            bound => bound($k, $ni{$i}), score => $value / (1 + $value) };
    }

    return \%e;
}

sub together {
    my ($id) = @_;

    open my $in, '-|', $builder, 'inspect', "$d/out", "product:$id"
        or die "$builder: $!\n";
    my @lines = map { decode_json($_) } <$in>;
    close $in;

    return grep { ($_->{list} // '') eq 'together' } @lines;
}


my $in = IO::Uncompress::Gunzip->new($file) or die "$file: $GunzipError\n";
open my $out, '>', "$d/events.jsonl" or die "$d/events.jsonl: $!\n";

while (my $line = $in->getline()) {
    chomp $line;
    my %seen;
    my @items = grep { length && !$seen{$_}++ } split /\t/, $line;

    next unless @items;
    $n++;

    for my $i (@items) {
        $ni{$i}++;
        $nij{$i}{$_}++ for grep { $_ ne $i } @items;

        print $out encode_json({ activityType => 'PURCHASE',
            timestamp => 1_500_000_000_000 + 1000 * $n, productId => $i,
            orderId => "b$n", sessionId => "s$n" }), "\n";
    }
}

close $out;

my $set = join ' ', map { "-s together_$_" } 'score=wilson', 'beta=.3',
    'min_g2=20', 'min_lift=1.1';

is(system("$builder build --key $d/key --events $d/events.jsonl -o $d/out "
    . "$set >$d/stdout 2>$d/stderr"), 0, 'built');

my (@wrong, @order, $pairs, $lists);

for my $i (sort keys %ni) {
    my $want = expected($i);
    my @got = together($i);
    my $last = 2;

    $pairs += @got;
    $lists++ if @got;
    push @wrong, "$i: " . @got . ' for ' . keys %$want if @got != keys %$want;

    for my $g (@got) {
        my $w = $want->{$g->{productId}};

        for my $name (qw/ count support confidence lift bound score /) {
            next if $w && abs($g->{$name} - $w->{$name}) < 0.000051;
            push @wrong, "$i, $g->{productId}: $name";
        }

        push @order, $i if $g->{score} > $last;
        $last = $g->{score};
    }
}

is($n, 9835, 'baskets');
is(keys %ni, 169, 'products');
ok($lists >= 100, "$lists products have something bought with them");
is("@wrong[0 .. ($#wrong > 4 ? 4 : $#wrong)]", '', "$pairs pairs are right");
is("@order", '', 'best first');

my ($first) = together('whole milk');
is($first->{count}, $nij{'whole milk'}{$first->{productId}},
    'the first one of whole milk');

done_testing();
