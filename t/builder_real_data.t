#!/usr/bin/perl

# Copyright (C) recs authors

# Shops that do exist: what the builder counts is what their publishers
# count, and what an addition in another language finds.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;
use Test::Recs;

my $data = $ENV{RECS_DATA} // "$FindBin::Bin/../../shared/data";
my $convert = "$data/../tools/to_events.py";

plan skip_all => "no data in $data: set RECS_DATA" if !-d $data;
plan skip_all => "no converter at $convert" if !-e $convert;
plan skip_all => 'no python3' if system('python3 -c "" 2>/dev/null') != 0;

my $t = Test::Recs->new;
my $dir = $t->dir;

$ENV{RECS_DATA} = $data;

my %published = (
    online_retail => {
        events => 541909, refunds => 9288, anonymous => 135080,
        revenue => '9747747.93', items => 4070, users => 4372,
        orders => 25900
    },
    completejourney => {
        events => 75000, refunds => 0, anonymous => 0,
        users => 2377, catalogue => 92331
    },
    rees46 => { events => 17434, refunds => 0, anonymous => 0 }
);

shop($_) for sort keys %published;

$t->done;


sub shop {
    my ($name) = @_;
    my $want = $published{$name};

    SKIP: {
        skip "no $name in the data", 1 if !-d "$data/$name";

        system("python3 $convert $name > $dir/$name.jsonl") == 0
            && system("python3 $convert $name --catalog"
                      . " > $dir/$name.cat.jsonl") == 0
            or die "$convert $name failed";

        my %listed = map { /"productId":"([^"]*)"/ ? ($1 => 1) : () }
            split /\n/, $t->read_file("$name.cat.jsonl");
        my $counted = counted($name, \%listed);

        events_alone($name, $want, $counted);
        with_catalogue($name, $want, $counted, scalar keys %listed);

        unlink "$dir/$name.jsonl", "$dir/$name.cat.jsonl";
    }
}


# One line at a time, by regular expressions and integers of 1/10000.

sub counted {
    my ($name, $listed) = @_;
    my (%c, %products, %users, %orders, %baskets, %listed_baskets);

    $c{$_} = 0 for qw(events money refunds anonymous unknown);
    open my $fh, '<', "$dir/$name.jsonl" or die "$name: $!";

    while (<$fh>) {
        my ($type) = /"activityType":"(\w+)"/;
        my ($id) = /"productId":"([^"]*)"/;
        my ($user) = /"userId":"([^"]*)"/;
        my ($session) = /"sessionId":"([^"]*)"/;
        my ($order) = /"orderId":"([^"]*)"/;
        my ($price) = /"price":(-?[\d.eE+-]+)/;
        my ($quantity) = /"quantity":(-?[\d.]+)/;

        $c{events}++;
        $products{$id}++;
        $c{unknown}++ if !$listed->{$id};
        defined $user ? $users{$user}++ : $c{anonymous}++;
        $orders{$order}++ if defined $order;

        if ($type eq 'PURCHASE' || $type eq 'REFUND') {
            $c{money} += ($type eq 'REFUND' ? -1 : 1) * $quantity
                * sprintf('%.0f', 10000 * $price);
        }

        $c{refunds}++ if $type eq 'REFUND';

        if ($type eq 'PURCHASE') {
            my $basket = $order // $session;
            $baskets{$basket} = 1;
            $listed_baskets{$basket} = 1 if $listed->{$id};
        }
    }

    @c{qw(products users orders baskets listed_baskets)} =
        map { scalar keys %$_ } \%products, \%users, \%orders, \%baskets,
        \%listed_baskets;

    return \%c;
}


sub build {
    my ($name, @args) = @_;
    my $log = "$dir/$name.log";
    my $builder = $t->builder;
    my $out = `$builder build --events $dir/$name.jsonl @args \\
        --out $dir/$name --force --json \\
        --set related=cosine --set next=sr 2>$log`;

    is($?, 0, "$name: built @{[@args ? 'with its catalogue' : '']}")
        or diag($t->read_file("$name.log"));

    my ($rc, $text) = $t->command($builder, 'inspect',
                                  "$dir/$name/current");
    my ($head) = split /\n/, $text;

    return (JSON::PP::decode_json($out), JSON::PP::decode_json($head));
}


sub same {
    my ($name, $s, $counted) = @_;

    is($s->{events}, $counted->{events}, "$name: events");
    is($s->{bad}, 0, "$name: none is bad");
    cmp_ok($s->{doubted}, '<', .005 * $s->{events},
           "$name: nearly all are believed: $s->{doubted}");
    is($s->{refunds}, $counted->{refunds}, "$name: refunds");
    is($s->{anonymous}, $counted->{anonymous}, "$name: without a user");
    is(sprintf('%.0f', 10000 * $s->{revenue}), $counted->{money},
       "$name: money, exactly");
}


sub events_alone {
    my ($name, $want, $counted) = @_;
    my ($s, $head) = build($name);

    same($name, $s, $counted);

    is($s->{items}, $counted->{products}, "$name: products of the events");
    is($s->{unknown}, 0, "$name: none is unknown");
    is($head->{events} + $s->{doubted}, $counted->{events}, "$name: rows");
    is($head->{baskets}, $counted->{baskets}, "$name: baskets");

    for my $key (qw(events refunds anonymous items)) {
        is($s->{$key}, $want->{$key}, "$name: $key as published")
            if defined $want->{$key};
    }

    for my $key (qw(users orders)) {
        is($counted->{$key}, $want->{$key}, "$name: $key as published")
            if defined $want->{$key};
    }

    is(sprintf('%.2f', $s->{revenue}), $want->{revenue},
       "$name: revenue as published") if $want->{revenue};
}


sub with_catalogue {
    my ($name, $want, $counted, $listed) = @_;
    my ($s, $head) = build($name, "--catalog $dir/$name.cat.jsonl");

    same($name, $s, $counted);

    is($s->{items}, $listed, "$name: products of the catalogue");
    is($s->{items}, $want->{catalogue}, "$name: as published")
        if $want->{catalogue};
    is($s->{unknown}, $counted->{unknown}, "$name: lines of others");
    is($head->{events} + $s->{doubted},
       $counted->{events} - $counted->{unknown},
       "$name: rows of the listed");
    is($head->{baskets}, $counted->{listed_baskets},
       "$name: baskets of the listed");
}
