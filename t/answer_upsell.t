#!/usr/bin/perl

# Copyright (C) recs authors

# UP_SELL: dearer ones of the kind that are bought by who looked at it, up to
# what the visitor looks at, by what they earn more.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


use constant DAY => 86_400_000;

my $t = Test::Recs->new;
my $start = 1_767_225_600_000;
my ($n, $orders) = (0, 0);
my @rows;

# Somebody looks at all, and buys the last of them.

sub visit {
    my ($times, $bought, @seen) = @_;

    for (1 .. $times) {
        $n++;
        push @rows, map { { activityType => 'PRODUCT_VIEW', productId => $_,
                            timestamp => $start + $n * 60_000,
                            userId => "u$n", sessionId => "s$n" } } @seen;
        push @rows, { activityType => 'PURCHASE', productId => $bought,
                      timestamp => $start + $n * 60_000 + 1000,
                      userId => "u$n", sessionId => "s$n", orderId => "o$n",
                      quantity => 1, price => 10 } if $bought;
    }
}

# the mixer is looked at; bought are a better one, a much dearer one, ...

visit(60, 'better', 'mixer', 'better');
visit(30, 'best', 'mixer', 'best');
visit(90, 'luxury', 'mixer', 'luxury');
visit(50, 'poor', 'mixer', 'poor');
visit(50, 'cheap', 'mixer', 'cheap');
visit(50, 'knife', 'mixer', 'knife');
visit(40, undef, 'mixer', 'seen');
visit(100, 'mixer', 'mixer');
visit(400, undef, 'knife');

# ada looks at cheap ones only, bob at dear ones, too

for ([ada => qw(c1 c2 c3 c4 c5 mixer)], [bob => qw(better c2 best c4 luxury)])
{
    my ($user, @seen) = @$_;
    push @rows, map { { activityType => 'PRODUCT_VIEW', productId => $_,
                        timestamp => $start + 3 * DAY + $orders++ * 1000,
                        userId => $user, sessionId => "$user-1" } } @seen;
}

my %item = (mixer => [100, 60], better => [120, 70], best => [150, 70],
            luxury => [170, 80], poor => [120, 50], cheap => [90, 40],
            seen => [130, 80], unsold => [110, 70], same => [104, 50],
            (map { ("c$_" => [50 + $_, 40]) } 1 .. 5));
my @catalog = map { { productId => $_, title => "A $_", currency => 'EUR',
                      category => ['Kitchen', 'Mixers'],
                      price => $item{$_}[0], cost => $item{$_}[1],
                      rating => $_ eq 'poor' ? 2 : 4.5,
                      ratingCount => 200 } } sort keys %item;
push @catalog, { productId => 'knife', title => 'A knife', currency => 'EUR',
                 category => ['Kitchen', 'Knives'], price => 120,
                 cost => 20, rating => 4.5, ratingCount => 200 };

my $dir = $t->dir;
$t->build_by_threads(events => \@rows, catalog => \@catalog,
                     args => ['--key', "$dir/key"]);

$t->write_file('plain.conf', "margin_power = 0\n");
$t->build_snapshot(events => \@rows, catalog => \@catalog, dir => 'plain',
                   args => ['-c', "$dir/plain.conf", '--key', "$dir/key"]);

$t->run($t->conf(http => "
    recs_snapshot $dir/base/current;
    recs_key $dir/key;
", server => "
    location /recommendations { recs; recs_user \$arg_jwt; }
    location /plain { recs; recs_user \$arg_jwt;
                      recs_snapshot $dir/plain/current; }
"));

sub answer {
    my ($uri) = @_;

    return map { $_->{productId} } grep { $_->{reason}{code} eq 'STEP_UP' }
        @{ $t->get($uri)->{json}{items} };
}

my @plain = answer('/plain/up-sell/mixer');
is_deeply([@plain[0 .. 2]], [qw(better best seen)],
          'bought most, then looked at');
is_deeply([sort @plain], [qw(best better seen)],
          'not: too dear, too cheap, badly rated, another kind, as dear');

# what they earn more: better 10, best 40, seen 10

my @list = answer('/recommendations/up-sell/mixer');
is($list[0], 'best', 'by what it earns more');
is_deeply([sort @list], [qw(best better seen)], 'the same');

is_deeply([answer('/plain/up-sell/mixer?jwt=ada')], [],
          'nothing above what somebody looks at');
is_deeply([answer('/plain/up-sell/mixer?jwt=bob')], \@plain,
          'all of it for who looks at dear ones');
is_deeply([answer('/plain/up-sell/mixer?jwt=u1')], \@plain,
          'and for who is hardly known');
is_deeply([answer('/plain/up-sell/best')], ['luxury'], 'from another one');

my $r = $t->get('/recommendations/up-sell/mixer?jwt=bob');
is($r->{json}{type}, 'UP_SELL', 'the type');
is($r->{json}{algorithm}, 'dearer-bought-after-view', 'the algorithm');
is($r->{json}{items}[0]{reason}{productId}, 'mixer', 'says from what');
is($r->{json}{items}[0]{reason}{text}, 'A step up from this product', 'why');
is($r->{json}{items}[0]{score}, 1, 'the best one has score 1');
like($r->{headers}{'cache-control'}, qr/private/, 'private');
is(scalar @{$r->{json}{items}}, 10, 'filled up');
is($r->{json}{fallback}[0], 'SIMILAR_PRODUCTS', 'by what is like it');
is($t->get('/recommendations/up-sell')->{status}, 400, 'needs a product');
is($t->get('/recommendations/up-sell/unknown')->{status}, 200, 'any one');

$t->done;
