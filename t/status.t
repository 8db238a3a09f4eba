#!/usr/bin/perl

# Copyright (C) recs authors

# The status as JSON, and whether a worker is alive and ready.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Docs qw(slurp);


my $t = Test::Recs->new;

my $snapshot = $t->shop(server => '
    location /recommendations { recs; }
    location /status { recs_status; }
    location /json { recs_status json; }
    location /live { recs_status live; }
    location /ready { recs_status ready; }
');

$t->get('/recommendations/trending') for 1 .. 3;
$t->get('/recommendations/similar/S1?limit=2');
$t->get('/recommendations/similar/S1', headers => { 'If-None-Match' => '*' });
$t->get('/recommendations?type=none');
$t->get('/recommendations/trending?limit=x');

my $r = $t->get('/status');
my $s = $r->{json};

is($r->{status}, 200, 'status');
is($r->{headers}{'content-type'}, 'application/json', 'as JSON');
is($r->{headers}{'cache-control'}, 'no-store', 'not to be kept');
like($s->{version}, qr/^\d+\.\d+\.\d+$/, 'version');
is($s->{pid}, ($t->workers)[0], 'pid');
cmp_ok($s->{uptime}, '<', 60, 'uptime');

my $file = $s->{snapshots}[0];
is(scalar @{$s->{snapshots}}, 1, 'one snapshot');
is($file->{path}, $t->dir . '/base/current', 'its path');
is($file->{snapshotId}, $snapshot, 'its id');
is($file->{items}, 24, 'its items');
is($file->{bytes}, -s $t->dir . "/base/snap-$snapshot.mdb", 'its bytes');
cmp_ok(abs($file->{loadedAt} - time), '<', 60, 'when it was loaded');
cmp_ok($file->{age}, '>', 0, 'its age');
is($file->{refused}, undef, 'nothing refused');
is($file->{retired}, 0, 'nothing retired');

my $sum = sub { my $n = 0; $n += $_ for @_; $n };
my $requests = $s->{requests};

is($sum->(@{$requests->{TRENDING}}{qw(HIT FALLBACK)}), 3, 'answered');
is($requests->{TRENDING}{REFUSED}, 1, 'refused');
is($requests->{SIMILAR_PRODUCTS}{NOT_MODIFIED}, 1, 'not modified');
is($requests->{NONE}{REFUSED}, 1, 'of no type');
is(scalar keys %$requests,
   1 + (() = slurp('core/answer/recs_strategy.c')
              =~ /^    \{ recs_string\("\w+"\),\n      recs_string\(/mg),
   'all types and none');
is($s->{counters}{items}, 32, 'items');
is($s->{counters}{snapshotSwaps}, 1, 'swaps');
is($s->{counters}{snapshotRefused}, 0, 'no refusals');

my @names = map { s/_(\w)/uc $1/ger } slurp('docs/directives.md')
    =~ /^\| `nginx_recs_(\w+)_total` \| counter \| \|/mg;
is_deeply([sort keys %{$s->{counters}}], [sort @names],
          'counters by the names that are documented');

my $latency = $s->{latency};
is($latency->{count}, 7, 'all are timed');
is($latency->{buckets}[-1]{count}, 7, 'in less than a second');
my @counts = map { $_->{count} } @{$latency->{buckets}};
is("@counts", join(' ', sort { $a <=> $b } @counts), 'buckets add up');

is($t->get('/json')->{json}{pid}, $s->{pid}, 'json by name');
is($t->get('/status?format=json')->{json}{pid}, $s->{pid}, 'by argument');
like($t->get('/status?format=prometheus')->{body}, qr/^# HELP/,
     'another format');
$r = $t->get('/status?format=xml');
is("$r->{status} $r->{json}{code}", '400 format-unknown', 'no such format');

is_deeply($t->get($_)->{json}, { status => 'ok' }, $_) for qw(/live /ready);
is($t->get('/ready?format=xml')->{status}, 200, 'a format does not matter');

$t->done;
