#!/usr/bin/perl

# Copyright (C) recs authors

# Counters outlive a reload; another size of the zone begins anew.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $http = 'recs_snapshot %%DIR%%/base/current; recs_zone shop:2m;';

$t->shop(http => $http, main => 'worker_processes 2;');

sub counters { return $t->get('/status')->{json}{counters} }

$t->get('/recommendations/trending') for 1 .. 20;
is(counters()->{items}, 200, 'counted by both workers');
is(counters()->{snapshotSwaps}, 2, 'each has a snapshot');

ok($t->reload, 'reload');
is(counters()->{items}, 200, 'kept');
is(counters()->{snapshotSwaps}, 4, 'and counted on');

$t->get('/recommendations/trending');
is(counters()->{items}, 210, 'by the new workers, too');

$http =~ s/2m/3m/;
$t->write_file_expand('nginx.conf', $t->conf(http => $http));
ok($t->reload, 'reload with another size and number of workers');
is(counters()->{items}, 0, 'begun anew');
is($t->get('/recommendations/trending')->{status}, 200, 'answers');

unlike($t->error_log, qr/is refused/, 'nothing refused');

$t->done;
