#!/usr/bin/perl

# Copyright (C) recs authors

# SOCIAL_PROOF: what people like somebody buy, by the category that they
# touch most and by how they buy.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;


use constant DAY => 86_400_000;

my $t = Test::Recs->new;
my $start = 1_767_225_600_000;
my (@rows, $orders);

sub act {
    my ($type, $user, $day, @products) = @_;

    $orders++;
    push @rows, map { { activityType => $type, productId => $_,
                        timestamp => $start + $day * DAY + $orders,
                        userId => $user, sessionId => "$user-$day",
                        $type eq 'PURCHASE'
                            ? (orderId => "o$orders", quantity => 1,
                               price => 10) : () } } @products;
}

# anglers buy rods, the loyal ones flies; gardeners buy seeds; everybody soap

for my $n (1 .. 40) {
    act('PRODUCT_VIEW', "angler$n", $n % 50, qw(rod reel line));
    act('PURCHASE', "angler$n", $n % 50, $n % 4 ? 'rod' : 'reel',
        $n % 2 ? 'soap' : ());
    act('PRODUCT_VIEW', "gardener$n", $n % 50, qw(seeds spade hose));
    act('PURCHASE', "gardener$n", $n % 50, 'seeds', $n % 2 ? 'soap' : ());

    act('PURCHASE', "loyal$n", $_, 'fly', 'line') for 10, 30, 60;
}

act('PRODUCT_VIEW', 'looker', 60, qw(rod line));
act('PRODUCT_VIEW', 'planter', 60, qw(seeds hose));
act('PURCHASE', "fan", $_, 'line') for 10, 30, 60;
act('PRODUCT_VIEW', 'lonely', 60, 'vase');
@rows = sort { $a->{timestamp} <=> $b->{timestamp} } @rows;

my %of = (rod => ['Sport', 'Fishing'], reel => ['Sport', 'Fishing'],
          line => ['Sport', 'Fishing'], fly => ['Sport', 'Fishing'],
          net => ['Sport', 'Fishing'], seeds => ['Home', 'Garden'],
          spade => ['Home', 'Garden'], hose => ['Home', 'Garden'],
          vase => ['Home', 'Vases'], soap => ['Drugs']);
my @catalog = map { { productId => $_, title => "A $_", price => 10,
                      currency => 'EUR', category => $of{$_} } }
    sort keys %of;

Test::Recs::Shop::lists($t, \@rows, \@catalog);

sub answer {
    my ($uri) = @_;

    return map { $_->{productId} }
        grep { $_->{reason}{code} eq 'PEOPLE_LIKE_YOU' }
        @{ $t->get("/recommendations/social-proof?$uri")->{json}{items} };
}

is((answer('jwt=planter'))[0], 'seeds', 'what gardeners buy');
is((answer('jwt=fan'))[0], 'fly', 'what loyal ones buy');
ok((grep { $_ eq 'rod' } answer('jwt=looker')), 'who only looks: all of it');
ok(!(grep { $_ eq 'rod' } answer('jwt=angler1')), 'not what somebody has');
ok((grep { $_ eq 'reel' } answer('jwt=angler1')), 'but the rest');
is((answer('jwt=lonely&limit=2'))[0], 'seeds',
   'where few are alike: the category above');
is((answer('sessionId=planter-60&limit=1'))[0], 'seeds',
   'the session of a user is that user');
is((answer('categoryId=Home/Garden'))[0], 'seeds', 'nobody: a category');
is((answer('categoryId=Sport/Fishing'))[0], (answer('jwt=looker'))[0],
   'another one');
is(scalar(grep { $_ eq 'net' } answer('jwt=angler1')), 0,
   'not what nobody buys');
cmp_ok(scalar answer(''), '>=', 3, 'nobody: all people');

my $r = $t->get('/recommendations/social-proof?jwt=angler1&exclude=rod');
is($r->{json}{type}, 'SOCIAL_PROOF', 'the type');
is($r->{json}{algorithm}, 'segment-neighbours', 'the algorithm');
is($r->{json}{items}[0]{reason}{text}, 'People like you bought this', 'why');
ok(!(grep { $_->{productId} eq 'rod' } @{$r->{json}{items}}), 'excluded');
like($r->{headers}{'cache-control'}, qr/private/, 'private');

my ($rc, $out) = $t->command($t->builder, 'inspect',
                            $t->dir . '/base/current');
like($out, qr/"segment","rows":\d+,.*"filled":[1-9]/, 'segments are there');

$t->done;
