#!/usr/bin/perl

# Copyright (C) recs authors

# Fake users, one of a hundred, push one product for thirty days: it gets into
# the first twenty of nothing, be it a list of the shop, of one of its own
# categories, of a region, a segment or a week, or a row of what is shown with
# a bestseller.  Without trust it does, so that the attack is one.  Of an
# honest log nearly everything is believed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use List::Util qw(max uniq);
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $dir = $t->dir;
my $json = JSON::PP->new->canonical->utf8;
my $seed = $ENV{RECS_SEED} // int rand 1e6;

note "SEED=$seed";
srand $seed;

my @scoped = qw(trending top_rated bestsellers new_arrivals price_drop
                low_stock);

# What a shop is, and what lists there are in the snapshot of its honest log.

my ($shop, $honest, $end, $fakes, %seen, %category, @regions, @segments);
my (@shown, @known, @weeks);

sub read_shop {
    my ($name, $days) = @_;
    my %people;

    my ($rc, $out) = $t->command($t->builder, 'synth', '--users', 2000,
        '--items', 1000, '--events', 60_000, '--days', $days, '--seed', 1,
        '--out', "$dir/$name");
    is($rc, 0, "$name: a shop") or diag $out;

    $shop = $name;
    $honest = $t->read_file("$name/events.jsonl");
    $end = 0;
    %seen = ();

    for my $e (map { $json->decode($_) } split /\n/, $honest) {
        $people{ $e->{userId} // $e->{sessionId} // '' } = 1;
        $seen{ $e->{productId} }++ if defined $e->{productId};
        $end = max($end, $e->{timestamp});
    }

    my @rows = map { $json->decode($_) }
               split /\n/, $t->read_file("$name/catalog.jsonl");
    %category = map { $_->{productId} => $_->{category} } @rows;

    # one that few know, and one that many do

    @known = sort { $seen{$a} <=> $seen{$b} || $a cmp $b }
             grep { $category{$_} } keys %seen;
    $fakes = int(keys(%people) / 100);
    @regions = uniq($honest =~ /"region":"(\w+)"/g);
}

sub build {
    my ($name, $trust) = @_;

    my ($rc, $text) = $t->command($t->builder, 'build', '--json',
        '--events', "$dir/$name.jsonl", '--catalog', "$dir/$shop/catalog.jsonl",
        '--out', "$dir/$name-$trust", '--set', "trust=$trust",
        '--set', 'related=cosine', '--set', 'next=sr');
    is($rc, 0, "$name, trust = $trust: built") or diag $text;
    my ($summary) = $text =~ /^(\{.*\})$/m;

    return $json->decode($summary);
}

sub inspect {
    my ($out, $what) = @_;
    my ($rc, $text) = $t->command($t->builder, 'inspect', $out, $what);

    fail("$out has $what: $text") if $rc != 0;
    return map { $json->decode($_) } grep { /^\{/ } split /\n/, $text;
}

# The first twenty of a row by its name, of those rows that have a list.

sub first {
    my ($out, @names) = @_;
    my %first;

    for my $name (@names) {
        for my $row (inspect($out, $name)) {
            next if !defined $row->{list} || $row->{position} > 20;
            push @{ $first{"$name $row->{list}"} }, $row->{productId};
        }
    }

    return \%first;
}

# The lists that a product may be in.

sub names {
    my ($target) = @_;
    my @path = @{ $category{$target} };

    return ((map { my $list = $_;
                   "list:$list",
                   map { "list:$list:" . join '/', @path[0 .. $_] } 0 .. $#path
             } @scoped),
            (map { "list:region_trending:$_" } @regions),
            (map { "list:segment:$_" }
             grep { /^\w+$/ || index("$_/", ':' . $path[0] . '/') > 0 }
             @segments),
            (map { "list:seasonal:$_" } @weeks),
            (map { "product:$_" } @shown));
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
                timestamp => $at, region => $regions[$fake % @regions],
                $type eq 'RATING' ? (rating => 5) : (),
                $name =~ /denied/ ? (consent => 'denied')
                : (userId => "fake$fake",
                   sessionId => "fake$fake-" . int($at / 86_400_000)),
            }) . "\n";
        }
    }

    $t->write_file("$name.jsonl", join '', $honest, @rows);
}

# Where the product is among the first twenty, and was not before.

sub gained {
    my ($before, $after, $target) = @_;

    return grep { my $list = $_;
                  grep({ $_ eq $target } @{ $after->{$list} })
                  && !grep({ $_ eq $target } @{ $before->{$list} // [] })
           } sort keys %$after;
}

my @looks = qw(PRODUCT_VIEW PRODUCT_CLICK ADD_TO_CART ADD_TO_WISHLIST
               RECOMMENDATION_CLICK);

sub attacks {
    my (@cases) = @_;

    # an honest log

    @segments = @shown = ();
    $t->write_file("$shop-honest.jsonl", $honest);
    my $s = build("$shop-honest", 'yes');
    my $out = "$dir/$shop-honest-yes";
    cmp_ok($s->{doubted}, '<=', .005 * $s->{events},
           "$shop: an honest log is believed but for $s->{doubted} lines");

    my @paths = uniq(map { my @path = @{ $category{ $_->[1] } };
                           map { join '/', @path[0 .. $_] } 0 .. $#path
                     } @cases);
    @segments = grep {
        my ($rc) = $t->command($t->builder, 'inspect', $out,
                               "list:segment:$_");
        $rc == 0
    } map { ("all$_", "buyers$_", "loyal$_") } '', map { ":$_" } @paths;
    cmp_ok(scalar @segments, '>=', 3, "$shop: segments: @segments");

    @shown = map { $_->{productId} } (inspect($out, 'list:bestsellers'))[0 .. 4];
    @weeks = grep { inspect($out, "list:seasonal:$_") } 0 .. 52;

    for my $case (@cases) {
        my ($kind, $target, $days, $times, @types) = @$case;
        my $name = "$shop-$kind";
        my @names = names($target);
        my $before = first($out, @names);

        attack($name, $target, $days, $times, @types);
        $s = build($name, 'yes');
        my $after = first("$dir/$name-yes", @names);
        my @gained = gained($before, $after, $target);

        cmp_ok(scalar keys %$after, '>', 30,
               "$name: so many lists: " . keys %$after);
        is("@gained", '', "$name: not in the first twenty of anything by it")
            or diag "$target of @{$category{$target}}: ",
                    map { $json->encode($_) . "\n" }
                    grep { ($_->{productId} // '') eq $target }
                    map { my $list = $_ =~ s/ \w+$//r;
                          map { inspect($_, $list) } $out, "$dir/$name-yes"
                    } @gained;
        cmp_ok($s->{doubted}, '>=', .5 * $fakes * $days * $times,
               "$name: $s->{doubted} lines are not believed");

        next if $kind !~ /few$/;

        build($name, 'no');
        $after = first("$dir/$name-no", @names);
        @gained = gained($before, $after, $target);
        cmp_ok(scalar @gained, '>', 3, "without trust it is there: @gained");
    }
}

read_shop('shop', 60);
attacks([ 'few', $known[200], 30, 3, @looks ],
        [ 'hammered', $known[200], 3, 60, @looks ],
        [ 'rated', $known[150], 30, 3, @looks, 'RATING' ],
        [ 'popular', $known[-100], 30, 3, @looks ],
        [ 'denied-few', $known[200], 30, 3, @looks, 'RATING' ],
        [ 'denied-popular', $known[-100], 30, 3, @looks ],
        [ 'denied-now', $known[200], 1, 90, @looks ]);

# of whole years there are lists of weeks, too

read_shop('years', 800);
attacks([ 'few', $known[200], 30, 3, @looks ],
        [ 'denied', $known[200], 30, 3, @looks ]);
cmp_ok(scalar @weeks, '>', 40, 'lists of weeks');

$t->done;
