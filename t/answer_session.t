#!/usr/bin/perl

# Copyright (C) recs authors

# SESSION: what sessions like the asker's went on with, and why; of nobody
# else (walks would go there), and only what may be shown.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


use constant DAY => 86_400_000;

my $t = Test::Recs->new;
my $start = 1_767_225_600_000;
my ($n, @rows) = (0);

# Clicks of a session, a minute apart.

sub session {
    my ($name, $day, @products) = @_;

    push @rows, { activityType => 'PRODUCT_VIEW', productId => $_,
                  timestamp => $start + $day * DAY + 60_000 * $n++,
                  sessionId => $name } for @products;
}

# a tent leads to a mat, a mat to a stove; who looked at paint took brushes

for my $day (0 .. 9) {
    session("camp$day", $day, qw(tent mat stove));
    session("paint$day", $day, qw(paint brush), $day % 2 ? 'gone' : ());
    session("cup$day", $day, qw(cup spoon cup)) if $day > 6;
}

session('asker', 11, 'tent');
session('two', 11, qw(paint tent));
session('back', 11, qw(spoon cup));
push @rows, { activityType => 'ADD_TO_CART', productId => 'mat',
              timestamp => $start + 11 * DAY + 60_000 * $n++,
              sessionId => 'cart', quantity => 1 };
session('cart', 11, 'tent');

@rows = sort { $a->{timestamp} <=> $b->{timestamp} } @rows;

my @catalog = map { { productId => $_, title => "A $_", price => 5,
                      currency => 'EUR', stock => $_ eq 'gone' ? 0 : 9 } }
    qw(tent mat stove paint brush gone cup spoon lamp);

my $dir = $t->dir;

$t->build_snapshot(events => \@rows, catalog => \@catalog, dir => 'base',
    args => [ '--key', "$dir/key", '--set', 'session_rows=0.2',
              '--set', 'next=sr',
              '--set', 'session_walks=0' ]);

my ($rc, $out) = $t->command($t->builder, 'verify', "$dir/base/current");
is($rc, 0, 'verified') or diag $out;

$t->run($t->conf(http => "
    recs_snapshot $dir/base/current;
    recs_key $dir/key;
", server => '
    location /recommendations { recs; }
'));


# What the session found, each with the product that it is because of.

sub answer {
    my ($arguments) = @_;
    my $r = $t->get("/recommendations/session?limit=9&$arguments");

    return map { $_->{productId} => $_->{reason}{productId} }
        grep { $_->{reason}{code} eq 'BECAUSE_OF_THIS_SESSION' }
        @{$r->{json}{items} // []};
}

my %asker = answer('sessionId=asker');

is($asker{mat}, 'tent', 'what sessions like it went on with');
is($asker{stove}, 'tent', 'a click later, too');
ok(!exists $asker{tent}, 'not what is looked at');
ok(!exists $asker{brush}, 'nor what others went on with');

my %two = answer('sessionId=two');

is($two{stove}, 'tent', 'because of the last click');
is($two{brush}, 'paint', 'because of the one before');
ok(!exists $two{gone}, 'not what is sold out');

my %cart = answer('sessionId=cart');

ok(exists $cart{stove}, 'with something in the cart');
ok(!exists $cart{mat}, 'which is not listed');

my %excluded = answer('sessionId=asker&exclude=stove');

is(join(' ', sort keys %excluded),
   join(' ', grep { $_ ne 'stove' } sort keys %asker), 'what is excluded');

is_deeply([answer('sessionId=back')], [], 'no session went on');
is_deeply([answer('sessionId=unknown')], [], 'a session of nobody');
is_deeply([answer('')], [], 'nobody');

my $r = $t->get('/recommendations/session?limit=9');

is(scalar @{$r->{json}{items}}, 8, 'all that there is, then');
is($r->{json}{fallback}[0], 'TRENDING', 'by fallback');

$r = $t->get('/recommendations/session?sessionId=asker');

is($r->{json}{algorithm}, 'session-knn', 'algorithm');
like($r->{headers}{'cache-control'}, qr/private/, 'private');

$t->done;
