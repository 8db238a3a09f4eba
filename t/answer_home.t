#!/usr/bin/perl

# Copyright (C) recs authors

# HOME: rails by what is known of the visitor, no product twice.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $dir = $t->dir;

my ($rc, $out) = $t->command($t->builder, 'synth', '--users', 1000,
    '--items', 300, '--events', 60000, '--seed', 3, '--out', "$dir/shop");
is($rc, 0, 'a shop') or diag $out;

$t->write_file('recs.conf', <<'EOF');
related = "cosine"
next = "sr"
ranker = "off"
EOF

($rc, $out) = $t->command($t->builder, 'build', '-c', "$dir/recs.conf",
    '--events', "$dir/shop/events.jsonl", '--catalog',
    "$dir/shop/catalog.jsonl", '--out', "$dir/base", '--force');
is($rc, 0, 'a snapshot') or diag $out;

$t->run($t->conf(http => "
    recs_snapshot $dir/base/current;
    recs_key $dir/base/key;
", server => '
    location /recommendations { recs; recs_user $arg_jwt; }
'));

# a user who bought often, late, and views

my (%bought, %viewed);
open my $fh, '<', "$dir/shop/events.jsonl" or die $!;

while (<$fh>) {
    next if !/"userId":"([^"]+)"/;
    my $user = $1;
    $bought{$user}++ if /"CHECKOUT_COMPLETE"|"PURCHASE"/;
    $viewed{$user}++ if /"PRODUCT_VIEW"/;
}

my ($ada) = sort { $bought{$b} <=> $bought{$a} || $a cmp $b }
    grep { ($viewed{$_} // 0) > 10 } keys %bought;

sub home {
    my ($args) = @_;

    return $t->get("/recommendations/home?$args");
}

sub types { return map { $_->{type} } @{$_[0]{json}{rails}} }

for (['a customer', "jwt=$ada&rails=12&limit=5", 5],
     ['nobody', 'rails=12&limit=5', 5])
{
    my ($who, $args, $limit) = @$_;
    my $r = home($args);
    my $json = $r->{json};

    is($r->{status}, 200, "$who: answered");
    is($json->{type}, 'HOME', "$who: the type");
    is($json->{algorithm}, 'rails-by-visitor', "$who: the algorithm");
    ok(!exists $json->{items}, "$who: no items but those of rails");
    cmp_ok(scalar @{$json->{rails}}, '>=', 4, "$who: several rails");

    my (%seen, @twice, @bad);

    for my $rail (@{$json->{rails}}) {
        push @bad, $rail->{type} if !$rail->{title} || !$rail->{algorithm}
            || !$rail->{reason}{code} || !$rail->{reason}{text}
            || @{$rail->{items}} < 3 || @{$rail->{items}} > $limit;

        for my $k (0 .. $#{$rail->{items}}) {
            my $item = $rail->{items}[$k];

            push @twice, $item->{productId} if $seen{$item->{productId}}++;
            push @bad, "$rail->{type} $k" if $item->{position} != $k + 1
                || !$item->{product}{title} || $item->{score} > 1;
        }
    }

    is("@twice", '', "$who: no product twice");
    is("@bad", '', "$who: rails are whole");
}

my @types = types(home("jwt=$ada&rails=12&limit=5"));
is($types[0], 'RECENTLY_VIEWED', 'first what was viewed');
is($types[1], 'PERSONALIZED', 'then what is recommended');
ok((grep { $_ eq 'BUY_AGAIN' } @types), 'something to buy again');
ok((grep { $_ eq 'CATEGORY_TRENDING' } @types), 'what trends in the category');

my ($because) = grep { $_->{type} eq 'SIMILAR_PRODUCTS' }
    @{home("jwt=$ada&rails=12&limit=5")->{json}{rails}};
ok($because->{reason}{productId}, 'because of a product');
is($because->{items}[0]{reason}{productId}, $because->{reason}{productId},
   'which each item names');

my ($trend) = grep { $_->{type} eq 'CATEGORY_TRENDING' }
    @{home("jwt=$ada&rails=12&limit=5")->{json}{rails}};
like($trend->{reason}{category}, qr{\w/\w}, 'in a category');

is_deeply([types(home('rails=12&limit=5'))],
          [qw(TRENDING BESTSELLERS PRICE_DROP NEW_ARRIVALS SEASONAL
              TOP_RATED)], 'nobody: what is of the shop');

# arguments

is(scalar types(home("jwt=$ada")), 6, 'six rails');
is(scalar types(home("jwt=$ada&rails=2")), 2, 'as many as asked for');
cmp_ok(scalar @{home("jwt=$ada&rails=2&limit=20")->{json}{rails}[1]{items}},
       '>', 10, 'as long as asked for');
is(scalar types(home("jwt=$ada&limit=50")), 2, 'at most 100 items in all');
is(home("rails=$_")->{status}, 400, "rails=$_ is refused")
    for 0, 21, 'x', '-1';
is(home('rails=6&limit=20')->{status}, 400, 'more than 100 items are refused');
is(home('rails=6&limit=20')->{json}{code}, 'rails-invalid', 'by its code');
is($t->get('/recommendations/trending?rails=x')->{status}, 200,
   'other types do not look at it');

my $first = home("jwt=$ada")->{json}{rails}[0]{items}[0]{productId};
ok(!(grep { $_->{productId} eq $first }
     map { @{$_->{items}} } @{home("jwt=$ada&exclude=$first")->{json}{rails}}),
   'what is excluded is in no rail');

my $r = home("jwt=$ada");
like($r->{headers}{'cache-control'}, qr/private/, 'private');
ok(!$r->{headers}{etag}, 'no entity tag');
is_deeply([types($t->get("/recommendations?type=HOME&jwt=$ada"))],
          [types($r)], 'by type=');
is($t->get('/recommendations/home/x')->{status}, 404, 'takes no product');

my $packed = $t->get("/recommendations/home?format=msgpack&jwt=$ada");
is($packed->{status}, 200, 'as MessagePack, too');

$t->done;
