#!/usr/bin/perl

# Copyright (C) recs authors

# CROSS_SELL: what is bought with a product and the cart, of other leaf
# categories than theirs, by probability and margin.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $start = 1_767_225_600_000;
my (@rows, $orders);

sub basket {
    my ($times, @products) = @_;

    for (1 .. $times) {
        $orders++;
        push @rows, map { { activityType => 'PURCHASE', productId => $_,
                            timestamp => $start + $orders * 60_000,
                            userId => "u$orders", sessionId => "s$orders",
                            orderId => "o$orders", quantity => 1,
                            price => 10 } } @_[1 .. $#_];
    }
}

# with the camera: often a second one, a case, less often a card, a book

basket(40, qw(camera spare));
basket(30, qw(camera case));
basket(20, qw(camera card));
basket(20, qw(camera gift));
basket(20, qw(camera loss));
basket(20, qw(phone card));
basket(20, qw(phone cover));
basket(200, "other$_", "more$_") for 1 .. 4;

my %item = (
    camera => ['Cameras', 500, 400], spare => ['Cameras', 400, 300],
    case => ['Cases', 20, 18], card => ['Cards', 30, 10],
    gift => ['Gifts', 30, undef], loss => ['Sale', 10, 12],
    phone => ['Phones', 300, 250], cover => ['Cases', 15, 10],
    map { ("other$_" => ['Rest', 10, 5], "more$_" => ['More', 10, 5]) }
        1 .. 4);
my @catalog = map { { productId => $_, title => "A $_",
                      category => ['Shop', $item{$_}[0]],
                      price => $item{$_}[1], currency => 'EUR',
                      defined $item{$_}[2] ? (cost => $item{$_}[2]) : () } }
    sort keys %item;

my $dir = $t->dir;
$t->build_snapshot(events => \@rows, catalog => \@catalog);
$t->write_file('plain.conf', "margin_power = 0\n");
$t->build_snapshot(events => \@rows, catalog => \@catalog, dir => 'plain',
                   args => ['-c', "$dir/plain.conf"]);

$t->run($t->conf(http => "recs_snapshot $dir/base/current;", server => "
    location /recommendations { recs; }
    location /plain { recs; recs_snapshot $dir/plain/current; }
"));

sub answer {
    my ($uri, $place) = @_;

    $place //= '/recommendations';

    return map { $_->{productId} } grep { $_->{reason}{code} eq 'GOES_WITH' }
        @{ $t->get("$place/cross-sell$uri")->{json}{items} };
}

my @plain = answer('/camera', '/plain');
is($plain[0], 'case', 'what is bought with it most');
ok(!(grep { $_ eq 'spare' } @plain), 'but nothing of its own kind');
is_deeply([sort @plain[0 .. 3]], [qw(card case gift loss)],
          'all others, before what their kinds are bought with');

# margins: card 20, case 2, their mean 11; gift is not known, loss earns none

my @list = answer('/camera');
is($list[0], 'card', 'what earns more');
ok(!(grep { $_ eq 'loss' } @list), 'not what earns nothing');
is(join(' ', grep { /^(?:card|gift|case)$/ } @list), 'card gift case',
   'what is not known is as the mean');

is_deeply([answer('?cart=camera')], \@list, 'by the cart');
is_deeply([answer('?productId=camera')], \@list, 'by an argument');
is(scalar(grep { $_ eq 'card' } answer('/camera?cart=card')), 0,
   'what is in the cart is not listed');
is((answer('?cart=camera,phone', '/plain'))[0], 'card',
   'what goes with both of a cart');
ok(!(grep { $_ eq 'cover' } answer('/phone?cart=case', '/plain')),
   'nothing of the kind of what is in the cart');

my $r = $t->get('/recommendations/cross-sell/camera');
is($r->{json}{type}, 'CROSS_SELL', 'the type');
is($r->{json}{algorithm}, 'complements-by-margin', 'the algorithm');
is($r->{json}{items}[0]{reason}{productId}, 'camera', 'says with what');
is($r->{json}{items}[0]{reason}{text}, 'Goes with what you chose', 'and why');
is($r->{json}{items}[0]{score}, 1, 'the best one has score 1');
like($r->{headers}{'cache-control'}, qr/public, max-age=1800/, 'public');
ok($r->{headers}{etag}, 'with an entity tag');

is($t->get('/recommendations/cross-sell')->{status}, 400,
   'a product or a cart is needed');
is(scalar @{$t->get('/recommendations/cross-sell/other1')->{json}{items}}, 10,
   'a full list in any case');
is_deeply([answer('/unknown')], [], 'nothing of its own of what is unknown');

$t->done;
