#!/usr/bin/perl

# Copyright (C) recs authors

# nginx starts without a snapshot, says so, and answers as soon as there is
# one.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;


my $t = Test::Recs->new;
my @rows = (events => Test::Recs::Shop::events(),
            catalog => Test::Recs::Shop::catalog());

mkdir $t->dir . '/base';

$t->run($t->conf(main => 'worker_processes 2;', server => '
    location /recommendations { recs; }
    location /page { root %%DIR%%; ssi on; ssi_types *; }
    location /live { recs_status live; }
    location /ready { recs_status ready; }
    location /status { recs_status; }
'));

my $uri = '/recommendations/trending';
my $r = $t->get($uri);

is("$r->{status} $r->{json}{code}", '503 snapshot-missing', 'none yet');
is($r->{headers}{'retry-after'}, 1, 'to be tried again');
is($r->{headers}{'cache-control'}, 'no-store', 'not to be kept');
is($t->get('/recommendations/trending?limit=0')->{status}, 400,
   'what is wrong is wrong');
is($t->get('/live')->{status}, 200, 'alive');
is($t->get('/ready')->{status}, 503, 'not ready');

my $s = $t->get('/status')->{json};
is($s->{snapshots}[0]{snapshotId}, undef, 'status: none');
is($s->{requests}{TRENDING}{UNAVAILABLE}, 1, 'status: counted');

$t->write_file('page', '<!--# include virtual="/recommendations/trending" -->');
is($t->get('/page')->{body}, '{"items":[]}', 'nothing to list in a page');

my @workers = $t->workers;
my $id = $t->build_snapshot(@rows);
my %pid;

ok($t->wait_for(sub {
    my $s = $t->get('/status')->{json};
    $pid{$s->{pid}}++ if ($s->{snapshots}[0]{snapshotId} // '') eq $id;
    keys %pid == 2;
}, 5), 'each worker has it');

is($t->get($uri)->{json}{snapshotId}, $id, 'it answers');
is($t->get('/ready')->{status}, 200, 'ready');
is_deeply([ $t->workers ], \@workers, 'the same workers');
unlike($t->error_log, qr/\[error\]/, 'nothing to complain of');

# a snapshot that goes away is kept

unlink glob $t->dir . '/base/*';
rmdir $t->dir . '/base';
select undef, undef, undef, 1.3;
is($t->get($uri)->{json}{snapshotId}, $id, 'deleted: kept');

my $next = $t->build_snapshot(@rows, args => [ '--now', '2026-01-06' ]);
ok($t->wait_for(sub { ($t->get($uri)->{json}{snapshotId} // '') eq $next }, 5),
   'made again');

$t->done;
