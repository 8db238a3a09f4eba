#!/usr/bin/perl

# Copyright (C) recs authors

# BUY_AGAIN: the next basket of who asks, of nobody else, without what is in
# the cart; the same from any number of threads.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


use constant DAY => 86_400_000;

my $t = Test::Recs->new;
my $start = 1_767_225_600_000;
my @rows;

# An order of a day.

sub buy {
    my ($user, $day, @products) = @_;

    push @rows, { activityType => 'PURCHASE', productId => $_,
                  timestamp => $start + $day * DAY, userId => $user,
                  sessionId => "$user-$day", orderId => "$user-$day",
                  quantity => 1, price => 5 } for @products;
}

# ada: coffee each week, filters with every second one, a kettle once; her
# neighbours buy what she does, and sugar; others buy something else

for my $week (0 .. 7) {
    buy('ada', 7 * $week, 'coffee', $week % 2 ? () : 'filters');

    for my $n (1 .. 6) {
        buy("alike$n", 7 * $week + $n % 3, 'coffee', 'sugar',
            $week % 2 ? 'filters' : ());
        buy("other$n", 7 * $week + $n % 3, 'paint', $week == $n ? 'brush'
                                                                : ());
    }
}

buy('ada', 1, 'kettle');
buy('once', 3, 'brush');
push @rows, { activityType => 'ADD_TO_CART', productId => 'filters',
              timestamp => $start + 50 * DAY, userId => 'cart',
              sessionId => 'cart-50', quantity => 1 };
buy('cart', 2, 'filters', 'coffee');
@rows = sort { $a->{timestamp} <=> $b->{timestamp} } @rows;

my @catalog = map { { productId => $_, title => "A $_", price => 5,
                      currency => 'EUR',
                      stock => $_ eq 'brush' ? 0 : 9 } }
    qw(coffee filters kettle sugar paint brush pot);

my $dir = $t->dir;
my @id = map {
    $t->build_snapshot(events => \@rows, catalog => \@catalog,
                       dir => $_ == 1 ? 'base' : "of-$_",
                       args => [ '--key', "$dir/key", '--threads', $_ ])
} 1, 3;

is($id[0], $id[1], 'the same snapshot from any number of threads');

my ($rc, $out) = $t->command($t->builder, 'verify', "$dir/base/current");
is($rc, 0, 'verified') or diag $out;

$t->run($t->conf(http => "
    recs_snapshot $dir/base/current;
    recs_key $dir/key;
", server => '
    location /recommendations { recs; }
    location /verified { recs; recs_user $arg_jwt; }
'));

sub answer {
    my ($uri) = @_;
    my $r = $t->get($uri);

    return map { $_->{productId} }
        grep { $_->{reason}{code} eq 'BUY_AGAIN' } @{$r->{json}{items} // []};
}

my $path = '/verified/buy-again?limit=6';
my @ada = answer("$path&jwt=ada");
my %place = map { $ada[$_] => $_ } 0 .. $#ada;

is($ada[0], 'coffee', 'what is bought each time');
is($ada[1], 'filters', 'what is bought every second time');
ok(exists $place{sugar}, 'what is bought with it by users alike');
ok(($place{paint} // 9) > $place{sugar}, 'rather than by others');
ok(!exists $place{brush}, 'not what is sold out');
ok(!exists $place{pot}, 'nor what nobody buys');

is_deeply([answer('/recommendations/buy-again?limit=6&sessionId=ada-49')],
          \@ada, 'the session of ada is hers');
is_deeply([answer('/recommendations/buy-again?limit=6')], [], 'nobody');
is_deeply([answer("$path&jwt=stranger")], [], 'who bought nothing');
is($t->get('/recommendations/buy-again?userId=ada')->{status}, 403,
   'a user id proves nothing');

my @cart = answer("$path&jwt=cart");
is($cart[0], 'coffee', 'another one');
ok(!(grep { $_ eq 'filters' } @cart), 'without what is in the cart');
is_deeply([answer("$path&jwt=ada&cart=coffee")], [@ada[1 .. $#ada]],
          'nor in that of the question');

my $json_of = $t->get("$path&jwt=ada")->{json};
is($json_of->{items}[0]{score}, 1, 'the best one has score 1');
is($json_of->{algorithm}, 'tifuknn-returns', 'the algorithm');
is($json_of->{items}[0]{reason}{text}, 'Likely in your next order',
   'the reason');

$t->done;
