#!/usr/bin/perl

# Copyright (C) recs authors

# Rules of a snapshot in the answers of nginx: what they do, when and for
# whom, what an answer says of it, and what caches are told.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX qw(strftime);
use Test::More;
use Test::Recs;
use Test::Recs::Shop;
use Time::HiRes qw(time);


my $t = Test::Recs->new;
my @months = qw(january february march april may june july august september
                october november december);
my $month = (gmtime)[4];

# A snapshot with these rules is current, and is served.

sub rules {
    my ($text) = @_;
    my $file = $t->write_file('rules.conf', $text);
    my $id = $t->build_snapshot(events => Test::Recs::Shop::events(),
                                catalog => Test::Recs::Shop::catalog(),
                                args => ['--rules', $file]);

    return $id if !$t->pid;

    $t->wait_for(sub {
        ($t->get('/recommendations/trending?limit=1')->{json}{snapshotId}
         // '') eq $id;
    }, 20) or die 'the new snapshot is not served';

    return $id;
}

sub items {
    my ($uri) = @_;
    return @{$t->get("/recommendations/$uri")->{json}{items} // []};
}

sub ids { return map { $_->{productId} } items(@_) }


# without rules

rules('');
$t->run($t->conf(server => '
    location /recommendations { recs; }
    location /by-header { recs_region $http_x_region; recs; }
    location /status { recs_status; }'));

my @plain = ids('bestsellers?limit=30');
is(scalar @plain, 23, 'everything that is in stock');
ok(!(grep { exists $_->{rule} } items('bestsellers?limit=30')),
   'without rules nothing says that it was moved');


# pins, blocks, bury and caps, in one type

my ($first, $last) = @plain[0, -1];
my $middle = $plain[10];

rules(qq{
rule "hero" {
    action = pin
    place = 2
    products = {"$last", "T7", "$middle"}
    types = {BESTSELLERS}
}

rule "never" { action = block  products = {"$plain[1]"}  types = {bestsellers} }
rule "behind" { action = bury  products = {"$first"}  types = {bestsellers} }
});

my @items = items('bestsellers?limit=30');
my @ids = map { $_->{productId} } @items;

is($ids[1], $last, 'pinned to the second place');
is($items[1]{rule}, 'hero', 'the rule is named');
is($items[1]{position}, 2, 'and the place');
is($ids[3], $middle, 'the third keeps its place') or diag "@ids";
is($items[3]{rule}, 'hero', 'by the same rule');
ok(!(grep { $_ eq 'T7' } @ids), 'out of stock is not pinned');
ok(!(grep { $_ eq $plain[1] } @ids), 'blocked');
is($ids[-1], $first, 'buried');
is($items[-1]{rule}, 'behind', 'which is said');
is(scalar @ids, 22, 'and all the others');
is_deeply([grep { $_ ne $last && $_ ne $middle && $_ ne $first } @ids],
          [grep { $_ ne $last && $_ ne $middle && $_ ne $first
                  && $_ ne $plain[1] } @plain], 'in their order');
ok((grep { $_ eq $plain[1] } ids('top-rated?limit=30')),
   'another type has what is blocked there');
ok(!(grep { $_ eq $plain[1] } ids('bestsellers?limit=30&sort=price-asc')),
   'nor is it in a sorted list');
is_deeply([map { $_->{rule} // '-' } items('bestsellers?limit=3&sort=popular')],
          ['-', '-', '-'], 'where nothing else is done');

my @pages = map { ids("bestsellers?limit=3&offset=$_") } map { 3 * $_ } 0 .. 7;
is_deeply(\@pages, \@ids, 'pages fit together');

my @gone = items("bestsellers?limit=5&exclude=$last");
is($gone[1]{rule}, undef, 'what is excluded is not pinned');
is($gone[3]{productId}, $middle, 'which moves no other pin');

rules(qq{rule "a" { action = pin place = 1 products = {"$last"}
                    types = {BESTSELLERS} }});
is((ids('bestsellers?limit=1'))[0], $last, 'the first of a short list');
is((items("similar/$last?limit=1"))[0]{rule}, undef, 'not of another type');


# what nothing has found

rules(q{rule "show" { action = pin place = 1 products = {"B8"} }});
my ($chosen) = items('similar/S1?limit=2');
is($chosen->{productId}, 'B8', 'a book among shoes');
is($chosen->{rule}, 'show', 'by a rule');
like($chosen->{reason}{code}, qr/^(?:CHOSEN|SIMILAR|BESTSELLER|POPULAR|BOUGHT)/,
     'with a reason');


# caps and boosts

rules(q{
rule "two" { action = cap  at_most = 2  per = brand }
rule "wear" { action = boost  factor = 10  category = {Socks}
              types = {bestsellers} }
});

@items = items('bestsellers?limit=10');
my %brands;
$brands{$_->{product}{brand}}++ for @items[0 .. 5];
is_deeply(\%brands, { Walker => 2, Knit => 2, Press => 2 },
          'two of a brand, then two of the next');
is($items[0]{product}{brand}, 'Knit', 'socks first');
is($items[0]{rule}, 'wear', 'by their rule');
is($items[6]{rule}, 'two', 'the rest behind, by the cap');


# margin, stock and price

rules(q{
rule "dear" { action = block  price_min = 60 }
rule "stock" { action = boost  factor = 2  stock_min = 10  stock_max = 10
               price_max = 10 }
rule "size" { action = block  tag = {"Size=2"} }
});

@items = items('bestsellers?limit=30');
ok(!(grep { $_->{product}{price} >= 60 } @items), 'no price from 60 on');
ok(!(grep { $_->{productId} =~ /[258]$/ } @items), 'no attribute of a value');
ok((grep { ($_->{rule} // '') eq 'stock' } @items), 'a boost by stock')
    or diag join ' ', map { $_->{productId} } @items;


# who asks

rules(q{
rule "here" { action = pin  place = 1  products = {"B8"}  region = {"de"}
              types = {bestsellers} }
});

my $r = $t->get('/recommendations/bestsellers?limit=1&region=de');
is($r->{json}{items}[0]{productId}, 'B8', 'in a region');
like($r->{headers}{'cache-control'}, qr/^public/,
     'which the URL names: public');
$r = $t->get('/recommendations/bestsellers?limit=1&region=fr');
isnt($r->{json}{items}[0]{productId}, 'B8', 'not in another one');
$r = $t->get('/recommendations/bestsellers?limit=1');
isnt($r->{json}{items}[0]{productId}, 'B8', 'nor where it is not known');
like($r->{headers}{'cache-control'}, qr/^private/, 'but that is private');
$r = $t->get('/by-header/bestsellers?limit=1',
             headers => { 'X-Region' => 'de' });
is($r->{json}{items}[0]{productId}, 'B8', 'a region that nginx knows');
like($r->{headers}{'cache-control'}, qr/^private/, 'is private');
like($t->get('/recommendations/trending')->{headers}{'cache-control'},
     qr/^public, max-age=1800$/, 'other types are public');


# months

rules(qq{
rule "now" { action = pin  place = 1  products = {"B8"}
             months = {$months[$month]}  types = {bestsellers} }
rule "not-now" { action = pin  place = 2  products = {"S8"}
                 months = {$months[($month + 6) % 12]} types = {bestsellers} }
});

@ids = ids('bestsellers?limit=2');
is($ids[0], 'B8', 'a month that is');
isnt($ids[1], 'S8', 'one that is not');


# a campaign begins and ends by the clock

my $from = int((time() + 4) * 1000);
my $to = $from + 4000;

rules(qq{
rule "campaign" { action = pin  place = 1  products = {"B8"}
                  from = "$from"  to = "$to"  types = {bestsellers} }
});

my $before = $t->get('/recommendations/bestsellers?limit=1');
my $early = time() * 1000 < $from - 1000;

SKIP: {
    skip 'too late to see it begin', 2 if !$early;
    isnt($before->{json}{items}[0]{productId}, 'B8', 'before it begins');
    my ($age) = $before->{headers}{'cache-control'} =~ /max-age=(\d+)$/;
    cmp_ok($age, '<=', 4, 'is fresh until then');
}

my $during;
ok($t->wait_for(sub {
    $during = $t->get('/recommendations/bestsellers?limit=1');
    $during->{json}{items}[0]{productId} eq 'B8';
}, 15), 'it begins');
isnt($during->{headers}{etag}, $before->{headers}{etag},
     'with another entity tag');

my $after;
ok($t->wait_for(sub {
    $after = $t->get('/recommendations/bestsellers?limit=1');
    $after->{json}{items}[0]{productId} ne 'B8';
}, 15), 'and ends');
isnt($after->{headers}{etag}, $during->{headers}{etag},
     'with another entity tag');
like($after->{headers}{'cache-control'}, qr/max-age=900$/,
     'from then on it is as ever');
is($t->get('/recommendations/bestsellers?limit=1',
           headers => { 'If-None-Match' => $during->{headers}{etag} })
   ->{status}, 200, 'whoever has the campaign gets the list after it');


# diversity

my $plain = join ' ', @plain;

rules(q{rule "mixed" { action = diversity  strength = 0.9
                       types = {bestsellers} }});
@items = items('bestsellers?limit=6');
%brands = ();
$brands{$_->{product}{brand}}++ for @items[0 .. 2];
is(scalar keys %brands, 3, 'three kinds in the first three places')
    or diag join ' ', map { $_->{productId} } @items;
@pages = map { ids("bestsellers?limit=4&offset=$_") } 0, 4, 8, 12, 16, 20;
is_deeply([sort @pages], [sort @plain], 'each item once on all pages');


# what is wrong refuses a build, and what was there goes on

my $id = $t->snapshot_id;
my $bad = $t->write_file('bad.conf', "rule \"x\" {\n  action = boost\n}\n");
my ($rc, $out) = $t->command($t->builder, 'build', '--events',
    glob($t->dir . '/input/events-1.jsonl'), '--out', $t->dir . '/base',
    '--rules', $bad);

is($rc, 1, 'a build with a bad rule fails');
like($out, qr{\Q$bad\E:2: rule \\?"x\\?": boost needs \\?"factor\\?"},
     'and says where') or diag $out;
is($t->snapshot_id, $id, 'the snapshot before it stays');

$t->done;
