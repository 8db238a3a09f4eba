#!/usr/bin/perl

# Copyright (C) recs authors

# UPGRADE_PATH: a ladder of four, its shipped numbers (40/25/15/5, x 1.5, the
# season, at most 100, three items, .70/.85/.90), and what purchases add.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


use constant DAY => 86_400_000;

my $t = Test::Recs->new;
my $start = 1_767_225_600_000;
my (@rows, $orders);

sub buy {
    my ($user, $day, $product, $price) = @_;

    push @rows, { activityType => 'PURCHASE', productId => $product,
                  timestamp => $start + $day * DAY, userId => $user,
                  sessionId => "$user-$day", orderId => 'o' . ++$orders,
                  quantity => 1, price => $price };
}

my %price = (starter => 99, pro => 499, premium => 999, platinum => 2999);

buy('first', 3, 'starter', 99);
buy('second', 3, 'pro', 499);
buy('third', 3, 'premium', 999);
buy('third', 4, 'extra', 10);
buy('top', 3, 'platinum', 2999);
buy('other', 3, 'extra', 10);
push @rows, { activityType => 'PRODUCT_VIEW', productId => 'extra',
              timestamp => $start + 9 * DAY, userId => 'new',
              sessionId => 'new-9' };

# basic: 60 of 60 went on to plus after ten days

for my $n (1 .. 60) {
    buy("went$n", 1, 'basic', 20);
    buy("went$n", 11, 'plus', 40);
}

buy('stays', 2, 'basic', 20);

# no tiers: lamp, then torch, then beacon; the chair is cheaper

for my $n (1 .. 20) {
    buy("lit$n", 1, 'lamp', 10);
    buy("lit$n", 5, 'torch', 20);
    buy("lit$n", 15, 'beacon', 40);
    buy("lit$n", 17, 'match', 1);
}

buy('lamp', 15, 'lamp', 10);
@rows = sort { $a->{timestamp} <=> $b->{timestamp} } @rows;

my %tier = (starter => 'Starter', pro => 'Pro', premium => 'Premium',
            platinum => 'Platinum');
my @catalog = (
    (map { { productId => $_, title => "The $_", price => $price{$_},
             currency => 'EUR', category => ['Packs'], tier => $tier{$_} } }
     qw(platinum starter premium pro)),
    (map { { productId => $_->[0], title => "A $_->[0]", price => $_->[1],
             currency => 'EUR', category => ['Tools'], tier => $_->[2] } }
     ['basic', 20, 1], ['plus', 40, 2]),
    (map { { productId => $_->[0], title => "A $_->[0]", price => $_->[1],
             currency => 'EUR', category => ['Light'] } }
     ['lamp', 10], ['torch', 20], ['beacon', 40], ['match', 1]),
    { productId => 'extra', title => 'An extra', price => 10,
      currency => 'EUR', category => ['Rest'] });

my $dir = $t->dir;
$t->write_file('recs.conf', 'tiers = "Starter, pro ,Premium,Platinum"' . "\n");
$t->build_by_threads(events => \@rows, catalog => \@catalog,
                     args => ['-c', "$dir/recs.conf", '--key', "$dir/key"]);

$t->run($t->conf(http => "
    recs_snapshot $dir/base/current;
    recs_key $dir/key;
", server => '
    location /recommendations { recs; recs_user $arg_jwt; }
'));

my $month = (gmtime)[4] + 1;
my $season = $month >= 10 ? 1.3 : $month <= 2 ? 1.2 : 1;

sub answer {
    my ($uri) = @_;

    return grep { $_->{reason}{code} eq 'UPGRADE' }
        @{ $t->get("/recommendations/upgrade-path$uri")->{json}{items} };
}

sub cut { return sprintf '%.2f', $_[0] > 100 ? 100 : $_[0] }

sub path {
    return join ' ', map { "$_->{productId} " . cut($_->{affinity})
                           . " $_->{confidence}" } @_;
}

sub wanted {
    my ($confidence, @steps) = @_;
    my @list;

    push @list, shift(@steps) . ' ' . cut(shift(@steps) * $season)
        . " $confidence" while @steps;

    return join ' ', @list;
}

my $all = $t->get('/recommendations/upgrade-path?jwt=first')->{json};
is(scalar @{$all->{items}}, 3, 'three, where nothing else is asked for');
is($all->{type}, 'UPGRADE_PATH', 'the type');
is($all->{algorithm}, 'ladder-affinity', 'the algorithm');
is(scalar @{$t->get('/recommendations/upgrade-path?jwt=first&limit=5')
            ->{json}{items}}, 5, 'as many as asked for');

my @new = answer('?jwt=new&limit=4&category=Packs');
is(path(@new), wanted(.7, starter => 40, pro => 25, premium => 15,
                      platinum => 5), 'who has bought nothing: the ladder');
is(scalar(grep { exists $_->{reason}{productId} } @new), 0, 'from nowhere');

is(path(answer('?jwt=first')),
   wanted(.85, pro => 37.5, premium => 22.5, platinum => 7.5),
   'from the first step, times one and a half');
is(path(answer('?jwt=second')), wanted(.85, premium => 22.5,
                                       platinum => 7.5),
   'from the second, only higher ones');
is(path(answer('?jwt=third')), wanted('.9', platinum => 7.5) =~ s/ \.9/ 0.9/r,
   'a customer of high value');
is(path(answer('?jwt=top')), '', 'there is nothing above the top');
is(path(answer('/starter?jwt=first&exclude=pro')),
   wanted(.85, premium => 22.5, platinum => 7.5), 'but what is excluded');
is(path(answer('/pro')), wanted(.7, premium => 15, platinum => 5),
   'from a product that is not bought');

my ($pro) = answer('?jwt=first');
is($pro->{reason}{productId}, 'starter', 'says from what');
is($pro->{reason}{text}, 'The next step up', 'says why');
is($pro->{score}, $pro->{affinity} / 100, 'the score is the affinity');
cmp_ok(abs($pro->{estimatedConversionValue}
           - 499 * $pro->{affinity} / 100 * .85), '<', .02,
       'price by affinity by confidence');

my ($plus) = answer('?jwt=stays');
is(path($plus), 'plus 100.00 0.85', 'what all do, but not above 100');
is($plus->{reason}{productId}, 'basic', 'in its own family');

# 1 of 1 is (20 + 20 x .25) / 40 = .625, the second step its square

my @lamp = answer('?jwt=lamp');
is($lamp[0]{productId}, 'torch', 'without tiers: what is bought next, dearer');
is(cut($lamp[0]{affinity}), cut(62.5 * 1.5 * $season), 'its share');
is($lamp[1]{productId}, 'beacon', 'then what is next to that');
is(cut($lamp[1]{affinity}), cut(39.0625 * 1.5 * $season),
   'by the product of shares');
is(scalar @lamp, 2, 'nothing cheaper');
cmp_ok(abs($lamp[0]{confidence} - .85 * 20 / 22), '<', .0001,
       'with the evidence that there is');

my $json = $t->get('/recommendations/upgrade-path?jwt=first');
like($json->{headers}{'cache-control'} // '', qr/private/, 'private');
is_deeply([map { $_->{affinity} } @{$t->get(
               '/recommendations?type=upgrade_path&jwt=first')->{json}{items}}],
          [map { $_->{affinity} } @{$json->{json}{items}}], 'by type=');
is($t->get('/recommendations/trending')->{json}{items}[0]{affinity}, undef,
   'other types have none');

$t->done;
