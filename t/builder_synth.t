#!/usr/bin/perl

# Copyright (C) recs authors

# A shop that does not exist: the same for the same seed, consistent in
# itself, and good input for a build.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;
use Test::Recs;

my $t = Test::Recs->new;
my $json = JSON::PP->new->utf8;
my $day = 86400 * 1000;

synth('a', '--seed', 7);
synth('b', '--seed', 7);
synth('c', '--seed', 8);

for my $name (qw(events catalog users)) {
    ok($t->read_file("a/$name.jsonl") eq $t->read_file("b/$name.jsonl"),
       "one seed, the same $name");
    ok($t->read_file("a/$name.jsonl") ne $t->read_file("c/$name.jsonl"),
       "another seed, other $name");
}

my @events = rows('a/events.jsonl');
my @rows = rows('a/catalog.jsonl');
my @users = rows('a/users.jsonl');
my (%product, %user);

push @{$product{$_->{productId}}}, $_ for @rows;
$user{$_->{userId}} = $_ for @users;

is(scalar @events, 20000, 'as many events as asked for');
is(scalar keys %product, 300, 'products');
is(scalar keys %user, 200, 'users');

catalogue();
activity();
money();
ends();
refused();

$t->done;


sub synth {
    my ($dir, @args) = @_;
    my ($rc, $out) = $t->command($t->builder, 'synth', '--users', 200,
        '--items', 300, '--events', 20000, '--out', $t->dir . "/$dir", @args);

    is($rc, 0, "synth @args") or diag($out);
}


sub rows {
    my ($name) = @_;
    return map { $json->decode($_) } split /\n/, $t->read_file($name);
}


sub catalogue {
    my @changed = grep { @$_ == 2 } values %product;
    my @dropped = grep { $_->[1]{price} < $_->[0]{price} } @changed;

    cmp_ok(scalar @dropped, '>', 3, 'prices fell');
    cmp_ok(scalar(@changed), '>', scalar @dropped, 'and rose');
    is(scalar(grep { $_->[1]{updatedAt} <= $_->[0]{updatedAt} } @changed), 0,
       'the later row comes later');

    my @last = map { $_->[-1] } values %product;
    my %of;

    for my $row (@last) {
        $of{brand}{$row->{brand}}++;
        $of{category}{join '/', @{$row->{category}}}++;
        $of{currency}{$row->{currency}}++;
        $of{stock}{$row->{stock} == 0 ? 'out' :
                   $row->{stock} < 6 ? 'low' : 'enough'}++;
    }

    cmp_ok(scalar keys %{$of{category}}, '>', 30, 'many categories');
    cmp_ok(scalar keys %{$of{brand}}, '>=', 8, 'several brands');
    is_deeply([keys %{$of{currency}}], ['EUR'], 'one currency');
    is(scalar keys %{$of{stock}}, 3, 'in stock, low and out of it');
    is(scalar(grep { $_->{cost} >= $_->{price} } @last), 0,
       'sold for more than it costs');
    is(scalar(grep { ($_->{listPrice} // 1e9) <= $_->{price} } @last), 0,
       'list prices are higher');
    cmp_ok(scalar(grep { $_->{rating} } @last), '>', 100, 'ratings');
    cmp_ok(scalar(grep { $_->{regions} } @last), '>', 5, 'regions');
}


sub activity {
    my (%types, @wrong, %sessions, %pairs);
    my $last = 0;

    for my $e (@events) {
        my $type = $e->{activityType};
        my @lines = $e->{items} ? @{$e->{items}}
            : $e->{productId} ? ($e) : ();

        $types{$type}++;
        $sessions{$e->{sessionId}}++ if $e->{sessionId};

        push @wrong, 'time' if $e->{timestamp} < $last;
        push @wrong, 'nobody' if !$e->{userId} && !$e->{anonymousId};
        push @wrong, 'user' if $e->{userId} && !$user{$e->{userId}};
        $last = $e->{timestamp};

        for my $line (@lines) {
            my $p = $product{$line->{productId}};

            if (!$p) {
                push @wrong, 'product';

            } elsif ($line->{price} && $type ne 'REFUND') {
                my ($row) = grep { $_->{updatedAt} <= $e->{timestamp} }
                    reverse @$p;
                push @wrong, 'price' if !$row
                    || $row->{price} != $line->{price};
            }
        }

        if ($type eq 'PURCHASE') {
            my @ids = sort map { $_->{productId} } @lines;
            for my $i (0 .. $#ids) {
                $pairs{"$ids[$i] $ids[$_]"}++ for $i + 1 .. $#ids;
            }
        }
    }

    is("@wrong", '', 'in order of time, everybody and everything is known, '
       . 'at the price of the day');

    my @missing = grep { !$types{$_} } qw(HOME_VIEW SEARCH CATEGORY_VIEW
        FILTER_USE PRODUCT_CLICK PRODUCT_VIEW ADD_TO_CART REMOVE_FROM_CART
        ADD_TO_WISHLIST LOGIN CHECKOUT_START CHECKOUT_COMPLETE PURCHASE
        REFUND RATING REVIEW_SUBMITTED);

    is("@missing", '', 'all kinds of events');
    cmp_ok($types{PRODUCT_VIEW}, '>', 10 * $types{PURCHASE},
           'far more is looked at than bought');
    cmp_ok(scalar keys %sessions, '>', 1000, 'many visits');
    cmp_ok((sort { $b <=> $a } values %pairs)[0], '>', 2,
           'some are bought together again and again');
}


# What the builder says of it is what is in it.

sub money {
    my ($cents, $refunds, %orders) = (0, 0);

    for my $e (grep { $_->{items} } @events) {
        my $sign = $e->{activityType} eq 'REFUND' ? -1 : 1;

        for my $line (@{$e->{items}}) {
            $cents += $sign * sprintf('%.0f', 100 * $line->{price})
                * $line->{quantity};
            $refunds++ if $sign < 0;
        }

        $orders{$e->{orderId}}++ if $sign > 0;
    }

    my $dir = $t->dir;
    my $out = `@{[$t->builder]} build --events $dir/a/events.jsonl --catalog \\
        $dir/a/catalog.jsonl --users $dir/a/users.jsonl --out $dir/base \\
        --json 2>$dir/build.log`;
    is($?, 0, 'built') or diag($t->read_file('build.log'));

    my $s = $json->decode($out);

    is($s->{events}, 20000, 'all events are good');
    is($s->{bad}, 0, 'none is bad');
    is($s->{products}, scalar @rows, 'rows of the catalogue');
    is($s->{users}, 200, 'users');
    is($s->{items}, 300, 'products');
    is($s->{unknown}, 0, 'none is unknown');
    is($s->{refunds}, $refunds, 'refunds');
    is(sprintf('%.0f', 100 * $s->{revenue}), $cents, 'revenue, to the cent');
}


sub ends {
    synth('d', '--days', 10, '--now', '2024-03-01T00:00:00Z');

    my @d = rows('d/events.jsonl');
    my $now = 1709251200000;

    is(scalar @d, 20000, 'as many in ten days');
    cmp_ok($d[0]{timestamp}, '>=', $now - 10 * $day, 'after the beginning');
    cmp_ok($d[0]{timestamp}, '<', $now - 9 * $day, 'in the first of them');
    cmp_ok($d[-1]{timestamp}, '<=', $now, 'before the end');
    cmp_ok($d[-1]{timestamp}, '>', $now - $day, 'in the last of them');

    my ($rc) = $t->command($t->builder, 'synth', '--users', 1, '--items', 1,
        '--events', 1, '--out', $t->dir . '/deep/er');

    is($rc, 0, 'one of each');
    is(scalar(rows('deep/er/events.jsonl')), 1, 'one event');
}


sub refused {
    my ($rc, $out) = $t->command($t->builder, 'synth');

    is($rc, 2, 'usage: no directory');
    like($out, qr/--out/, 'which is said');

    for my $bad (['--items', 0], ['--events', 'many'], ['--days', -1],
                 ['--now', 'soon'])
    {
        ($rc, $out) = $t->command($t->builder, 'synth', '--out',
                                  $t->dir . '/x', @$bad);
        is($rc, 2, "usage: @$bad");
        like($out, qr/$bad->[0] "$bad->[1]"/, 'which is said');
    }

    ($rc, $out) = $t->command($t->builder, 'synth', '--out',
                              $t->dir . '/a/events.jsonl');
    is($rc, 1, 'failed: not a directory');
    like($out, qr/events\.jsonl/, 'which is said');
}
