#!/usr/bin/perl

# Copyright (C) recs authors

# "eval temporal": what is asked of a log, and that nothing from behind the
# cut is known.

use warnings;
use strict;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $d = $t->dir;
my $start = 1_600_000_000;

# 200 orders, one an hour: a0 with b0, a1 with b1 ..., a view before each; by
# 20 users, who take the pairs in turn.  From order 180 on: a9 with "late", by new users, too; an
# order that began before.

my (@events, @catalog);

sub event {
    my ($n, $user, $product, %o) = @_;

    push @events, { activityType => 'PURCHASE', userId => "u$user",
        sessionId => "s$n", orderId => "o$n", productId => $product,
        price => 5, timestamp => ($start + 3600 * $n) * 1000, %o };
}

for my $n (0 .. 199) {
    my $k = ($n + 5 * int($n / 20)) % 12;
    event($n, $n % 20, "a$k", activityType => 'PRODUCT_VIEW');
    event($n, $n % 20, "a$k");
    event($n, $n % 20, "b$k");
}

event(190 + $_, 100, 'late', sessionId => 'new', orderId => 'new') for 0, 1;
event(191, 100, 'a0', sessionId => 'new', orderId => 'new');
event(195, 3, 'b1', sessionId => 's100', orderId => 'o100');

push @catalog, { productId => $_, title => $_, price => 99, stock => 7,
                 category => ['x'] }
    for (map { ("a$_", "b$_") } 0 .. 11), 'late', 'never';

$t->write_file('events.jsonl', join '', map { encode_json($_) . "\n" }
    sort { $a->{timestamp} <=> $b->{timestamp} } @events);
$t->write_file('catalog.jsonl', join '', map { encode_json($_) . "\n" }
    @catalog);

my $builder = $t->builder;
my $cut = 'temporal --test-days ' . (19.5 / 24);


sub measure {
    my (@args) = @_;

    my $text = `$builder eval $cut $d/events.jsonl @args --json 2>$d/stderr`;

    return $? == 0 ? decode_json((split /\n/, $text)[0]) : {};
}

sub said {
    my ($name) = @_;

    return $t->read_file('stderr') =~ /\b$name=(\d+)/ ? $1 : undef;
}


my $set = '-q --set together_min_count=1 --set together_min_lift=1';
my $r = measure('--strategy FREQUENTLY_BOUGHT_TOGETHER --at 1', $set);

is($r->{cases}, 2 * 20, 'each product of each basket after the cut');
is($r->{metrics}{hr}{value}, 1, 'partners are found');

measure('--strategy FREQUENTLY_BOUGHT_TOGETHER --at 1');
is(said('known'), 24, 'what was there at the cut');
is(said('items'), 25, 'of all that ever was');

$r = measure('--strategy SIMILAR_PRODUCTS --at 1', $set);
is($r->{cases}, 20, 'each next product of each session after the cut');
is($r->{metrics}{hr}{value}, 1, 'which is found');
measure('--strategy SIMILAR_PRODUCTS --at 1');
is(said('trimmed'), 1, 'a session that the cut goes through is not asked');

# each user has had nine of twelve pairs; at the last order a new one comes

$r = measure('--at 10');
is($r->{cases}, 20, 'users that were there before');
is(said('cold_users'), 1, 'one was not');
$r = measure('--at 10 --cold');
is($r->{cases}, 1, 'who can be asked for');

# what is bought again is right where that is asked for

event(199.5, 1, 'a0');
event(199.5, 1, 'a1');
$t->write_file('again.jsonl', join '', map { encode_json($_) . "\n" }
    sort { $a->{timestamp} <=> $b->{timestamp} } @events);

my ($again, $listed) = map {
    decode_json(`$builder eval $cut $d/again.jsonl -q --json --at 24 $_`)
        ->{metrics}{recall}{value};
} map { "--repeats --no-fallback $_" } '', '--set personalized_bought=1';

cmp_ok($again, '<', $listed, 'what is bought again is right, and listed');

# a baseline does not ask what the one before it asked

my @rows = map { decode_json($_)->{strategy} } split /\n/,
    `$builder eval $cut $d/events.jsonl -q --json --strategy BUY_AGAIN \\
     --baseline strategy=CATALOGUE --baseline history_decay=.5`;
is("@rows", 'BUY_AGAIN CATALOGUE BUY_AGAIN', 'each by itself');

# the catalogue says what it says today

$r = measure("$d/catalog.jsonl", '--strategy FREQUENTLY_BOUGHT_TOGETHER',
             '--at 1', $set, "--keep $d/kept");
is($r->{metrics}{hr}{value}, 1, 'with a catalogue');

$r = measure("$d/catalog.jsonl", '--at 2');
is($r->{diversity}, 0, 'all of one category');

my $seen = `$builder inspect $d/kept product:a1 2>&1`;
unlike($seen, qr/\b99\b/, 'its price is from another day');
like(`$builder inspect $d/kept product:late 2>&1`, qr/not|no /,
     'what came later is not there');

# the same for any number of threads, another part for validation

my @lists = map {
    measure('--strategy FREQUENTLY_BOUGHT_TOGETHER --at 3', '-t', $_,
            '--lists', "$d/lists$_");
    $t->read_file("lists$_");
} 1, 3;

ok(length $lists[0], 'lists');
is($lists[1], $lists[0], 'the same by three threads');

$r = measure('--strategy FREQUENTLY_BOUGHT_TOGETHER --at 1 --part validation',
             '--validation-days', 10.5 / 24, $set);
is($r->{cases}, 2 * 10, 'validation: between its cut and that of the test');

measure('--part validation --try together_beta=0,.1',
        '--strategy FREQUENTLY_BOUGHT_TOGETHER');
is($?, 0, 'options are tried');

is(system("$builder eval temporal $d/events.jsonl --test-days x "
          . "2>$d/stderr") >> 8, 2, 'no number of days');

$t->done;
