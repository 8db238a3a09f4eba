#!/usr/bin/perl

# Copyright (C) recs authors

# Fake users, one of a hundred, push one product for thirty days: it gets into
# the first twenty of nothing.  Without trust it does, so that the attack is
# one.  Of an honest log nearly everything is believed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use List::Util qw(max);
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $dir = $t->dir;
my $json = JSON::PP->new->canonical->utf8;
my $seed = $ENV{RECS_SEED} // int rand 1e6;

note "SEED=$seed";
srand $seed;

my ($rc, $out) = $t->command($t->builder, 'synth', '--users', 2000,
                             '--items', 1000, '--events', 60_000, '--days', 60,
                             '--seed', 1, '--out', "$dir/shop");
is($rc, 0, 'a shop') or diag $out;

my $honest = $t->read_file('shop/events.jsonl');
my @events = map { $json->decode($_) } split /\n/, $honest;
my (%people, %seen);
my $end = 0;

for my $e (@events) {
    $people{ $e->{userId} // $e->{sessionId} // '' } = 1;
    $seen{ $e->{productId} }++ if defined $e->{productId};
    $end = max($end, $e->{timestamp});
}

# one that few know, and one that many do

my @known = sort { $seen{$a} <=> $seen{$b} || $a cmp $b } keys %seen;
my $fakes = int(keys(%people) / 100);

sub lists {
    my ($out) = @_;
    my %first;

    for my $list (qw(trending top_rated bestsellers new_arrivals price_drop
                     low_stock region_trending segment))
    {
        my ($rc, $text) = $t->command($t->builder, 'inspect', $out,
                                      "list:$list");

        for my $line (split /\n/, $text) {
            my $row = eval { $json->decode($line) } or next;
            push @{ $first{$list} }, $row->{productId}
                if ($row->{position} // 99) <= 20;
        }
    }

    return \%first;
}

sub build {
    my ($name, $trust) = @_;

    my ($rc, $text) = $t->command($t->builder, 'build', '--json',
        '--events', "$dir/$name.jsonl", '--catalog', "$dir/shop/catalog.jsonl",
        '--out', "$dir/$name-$trust", '--set', "trust=$trust",
        '--set', 'related=cosine', '--set', 'next=sr');
    is($rc, 0, "$name, trust = $trust: built") or diag $text;
    my ($summary) = $text =~ /^(\{.*\})$/m;

    return $json->decode($summary);
}

sub attack {
    my ($name, $target, $days, $times, @types) = @_;
    my @rows;

    for my $fake (1 .. $fakes) {
        for my $n (1 .. $days * $times) {
            my $type = $types[rand @types];
            my $at = int($end - rand($days * 86_400_000));

            push @rows, $json->encode({
                activityType => $type, productId => $target,
                timestamp => $at, userId => "fake$fake",
                sessionId => "fake$fake-" . int($at / 86_400_000),
                $type eq 'RATING' ? (rating => 5) : (),
            }) . "\n";
        }
    }

    $t->write_file("$name.jsonl", join '', $honest, @rows);
}

# an honest log

$t->write_file('honest.jsonl', $honest);
my $s = build('honest', 'yes');
cmp_ok($s->{doubted}, '<=', .005 * $s->{events},
       "an honest log is believed but for $s->{doubted} lines");
my $before = lists("$dir/honest-yes");

my @looks = qw(PRODUCT_VIEW PRODUCT_CLICK ADD_TO_CART ADD_TO_WISHLIST
               RECOMMENDATION_CLICK);

for my $case ([ 'few', $known[200], 30, 3, @looks ],
              [ 'hammered', $known[200], 3, 60, @looks ],
              [ 'rated', $known[150], 30, 3, @looks, 'RATING' ],
              [ 'popular', $known[-100], 30, 3, @looks ])
{
    my ($name, $target, $days, $times, @types) = @$case;

    attack($name, $target, $days, $times, @types);
    $s = build($name, 'yes');
    my $lists = lists("$dir/$name-yes");

    for my $list (sort keys %$lists) {
        ok(!grep({ $_ eq $target } @{ $lists->{$list} })
           || grep({ $_ eq $target } @{ $before->{$list} // [] }),
           "$name: not in the first twenty of $list by it");
    }

    cmp_ok($s->{doubted}, '>=', .5 * $fakes * $days * $times,
           "$name: $s->{doubted} lines are not believed");

    next if $name ne 'few';

    build($name, 'no');
    $lists = lists("$dir/$name-no");
    ok(grep({ $_ eq $target } map { @$_ } values %$lists),
       'without trust it is there');
}

$t->done;
