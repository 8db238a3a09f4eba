#!/usr/bin/perl

# Copyright (C) recs authors

# COMPLEMENTARY: what is bought later by who has bought something, in that
# direction, soon rather than late; for a product, a cart, a customer.

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

sub buy {
    my ($user, $day, @products) = @_;

    $orders++;
    push @rows, map { { activityType => 'PURCHASE', productId => $_,
                        timestamp => $start + $day * DAY, userId => $user,
                        sessionId => "$user-$day", orderId => "o$orders",
                        quantity => 1, price => 10 } } @products;
}

# a printer, after it ink and paper: ink soon, paper late; nobody goes back

for my $n (1 .. 30) {
    buy("p$n", 0, 'printer');
    buy("p$n", 10, $n % 2 ? 'ink' : 'pens');
    buy("p$n", 100, $n % 2 ? 'paper' : 'chair');
}

for my $n (1 .. 60) {
    buy("o$n", 0, 'sofa');
    buy("o$n", 20, 'lamp');
    buy("o$n", 30, 'rug') if $n % 3;
}

buy('ada', 101, 'printer');
buy('bob', 50, 'printer');
buy('bob', 90, 'sofa', 'ink');
buy('once', 101, 'lamp');
@rows = sort { $a->{timestamp} <=> $b->{timestamp} } @rows;

my @catalog = map { { productId => $_, title => "A $_", price => 10,
                      currency => 'EUR', category => ['Things'],
                      stock => $_ eq 'pens' ? 0 : 9 } }
    qw(printer ink pens paper chair sofa lamp rug);

Test::Recs::Shop::lists($t, \@rows, \@catalog);

sub answer {
    my ($uri) = @_;

    return grep { $_->{reason}{code} eq 'BOUGHT_LATER' }
        @{ $t->get("/recommendations/complementary$uri")->{json}{items} };
}

sub ids { return map { $_->{productId} } @_ }

my @printer = ids(answer('/printer'));
is($printer[0], 'ink', 'what is bought soon after it');
ok((grep { $_ eq 'paper' } @printer), 'and later');
ok(!(grep { /^(?:sofa|lamp|rug|pens)$/ } @printer),
   'not what others buy, nor what is sold out');
is_deeply([ids(answer('/ink'))], ['paper'], 'one way');
is_deeply([ids(answer('/paper'))], [], 'not the other');

is_deeply([ids(answer('?cart=printer'))], \@printer, 'by the cart');
is_deeply([ids(answer('?jwt=ada'))], \@printer, 'by what somebody has');

my @bob = answer('?jwt=bob');
is($bob[0]{productId}, 'lamp', 'what was bought last counts most');
is($bob[0]{reason}{productId}, 'sofa', 'says after what');
ok(!(grep { $_->{productId} eq 'ink' } @bob), 'not what somebody has');
ok((grep { $_->{productId} eq 'paper' } @bob), 'after all of it');
is_deeply([ids(answer('/printer?jwt=bob'))],
          [grep { $_ ne 'ink' } @printer], 'a product, and what bob has');
is_deeply([ids(answer('?jwt=stranger'))], [], 'who has bought nothing');
is_deeply([ids(answer(''))], [], 'nobody');

my $r = $t->get('/recommendations/complementary/printer');
is($r->{json}{type}, 'COMPLEMENTARY', 'the type');
is($r->{json}{algorithm}, 'bought-later', 'the algorithm');
is($r->{json}{items}[0]{reason}{text}, 'Often bought by who has bought this',
   'why');
is($r->{json}{items}[0]{score}, 1, 'the best one has score 1');
like($r->{headers}{'cache-control'}, qr/private/, 'private');
ok(@{$r->{json}{fallback}}, 'filled up');

$t->done;
