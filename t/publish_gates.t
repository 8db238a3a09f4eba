#!/usr/bin/perl

# Copyright (C) recs authors

# What has lost too much against the current snapshot is not published, the
# message says why and what helps; --force publishes it, nothing publishes an
# empty one.  The same input gives the same bytes; two builders do not meet.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $base = $t->dir . '/base';

sub rows {
    my ($items, $views) = @_;
    return map {
        { activityType => 'PRODUCT_VIEW', productId => 'p' . $_ % $items,
          userId => 'u' . int($_ / 3) % 20, sessionId => 's' . int($_ / 3),
          timestamp => 1_767_571_200_000 + $_ * 1000 }
    } 0 .. $views - 1;
}

sub catalog {
    my ($items) = @_;
    return map { { productId => "p$_", title => "Title $_", price => 5 + $_,
                   currency => 'EUR', category => ['A', 'B' . $_ % 3] } }
        0 .. $items - 1;
}

sub build {
    my (%o) = @_;
    my $id = eval { $t->build_snapshot(%o) };
    return ($id // '', $@);
}

sub files {
    opendir my $dh, $base or die "$base: $!";
    return join ' ', sort grep { /^snap-|^\.tmp/ } readdir $dh;
}


my ($first) = build(events => [rows(100, 900)], catalog => [catalog(100)]);
like($first, qr/^\w{16}$/, 'the first snapshot has nothing to compare with');
my $before = files();

my ($id, $error) = build(events => [rows(100, 900)],
                         catalog => [catalog(80)]);
like($error, qr/80 (listed )?products instead of 100/,
     'a fifth of the catalogue is lost');
like($error, qr/max_items_drop.*--force/, 'what decides, and what helps');
is($t->snapshot_id, $first, 'current stays');
is(files(), $before, 'and nothing else is there');

($id, $error) = build(events => [rows(100, 900)], catalog => [catalog(95)]);
isnt($id, $first, 'five in a hundred may go');

($id, $error) = build(events => [rows(100, 3)], catalog => [catalog(95)]);
like($error, qr/lists instead of/, 'the products are there, their lists not');

my ($forced) = build(events => [rows(100, 3)], catalog => [catalog(95)],
                     args => ['--force']);
isnt($forced, '', 'published by force');
is($t->snapshot_id, $forced, 'and current');

($id, $error) = build(events => "\n", args => ['--force']);
is($id, '', 'an empty one is not, by force');
is($t->snapshot_id, $forced, 'current stays');


# a current snapshot that is broken must not keep a good one away

chmod 0644, "$base/snap-$forced.json";
$t->write_file("base/snap-$forced.json", '{');
($id) = build(events => [rows(100, 900)], catalog => [catalog(50)]);
like($id, qr/^\w{16}$/, 'over a broken one all is better');


# the same bytes from the same input, wherever

for my $dir (qw(one two)) {
    $t->build_snapshot(dir => $dir, events => [rows(60, 900)],
                       catalog => [catalog(60)],
                       args => ['--key', "$t->{dir}/key",
                                '--threads', $dir eq 'one' ? 1 : 2]);
}

is($t->snapshot_id('one'), $t->snapshot_id('two'), 'the same id');
ok($t->read_file('one/snap-' . $t->snapshot_id('one') . '.mdb')
   eq $t->read_file('two/snap-' . $t->snapshot_id('two') . '.mdb'),
   'the same bytes, with one thread and with two');


# a lock held by another

my ($rc, $out) = $t->command('flock', "$base/lock", $t->builder, 'build',
    '--events', $t->write_file('e.jsonl', ''), '--out', $base);
is($rc, 75, 'a second builder ends with status 75') or diag $out;

$t->done;
