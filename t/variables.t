#!/usr/bin/perl

# Copyright (C) recs authors

# What the log can say of an answer.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;

my $snapshot = $t->shop(
    http => '
        recs_snapshot %%DIR%%/base/current;
        log_format recs "$uri $recs_status $recs_type $recs_count "
                        "$recs_fallback $recs_id $recs_snapshot "
                        "$recs_snapshot_age $recs_variant $recs_lookup_time "
                        "$recs_events_accepted $recs_events_rejected";
        access_log %%DIR%%/access.log recs;
    ',
    server => '
        location /recommendations { recs; }
        location /early { set $early "$recs_status"; recs; }
        location /page { return 200 "$recs_snapshot $recs_status"; }
        location /none { recs; recs_snapshot off; }
        location /show { recs; add_header X-Recs "$recs_status $recs_count"; }
    ');

my @uris = ('/recommendations/similar/S1?limit=3&variant=b',
            '/recommendations/frequently-bought-together/S1?limit=22',
            '/recommendations/trending?limit=0', '/none/trending',
            '/recommendations/trending?offset=1000',
            '/early/trending?limit=2', '/page');
my @r = map { $t->get($_) } @uris;
my $not = $t->get('/recommendations/trending', headers =>
                  { 'If-None-Match' => '*' });

my @lines;
$t->wait_for(sub { @lines = split /\n/, $t->read_file('access.log');
                   @lines == 8 });

my $time = qr/0\.\d{6}/;
my ($id, $together) = map { $_->{json}{recommendationId} } @r;

like($lines[0], qr{^/recommendations/similar/S1\ HIT\ SIMILAR_PRODUCTS\ 3\ -
                   \ $id\ $snapshot\ \d+\ b\ $time\ -\ -$}x, 'a hit');
like($lines[1], qr{\ FALLBACK\ FREQUENTLY_BOUGHT_TOGETHER\ 22
                   \ BESTSELLERS\S*\ $together\ }x, 'a fallback');
like($lines[2], qr{ REFUSED TRENDING 0 - - \S+ \S+ - $time - -$},
     'refused');
like($lines[3], qr{ UNAVAILABLE TRENDING 0 - - - - - $time - -$},
     'unavailable');
like($lines[4], qr{ EMPTY TRENDING 0 }, 'empty');
like($lines[5], qr{ FALLBACK TRENDING 2 | HIT TRENDING 2 },
     'asked for too early does not matter');
like($lines[6], qr{^/page - - - - - $snapshot \d+ - - - -$},
     'not a list');
like($lines[7], qr{ NOT_MODIFIED TRENDING 0 - [0-9a-f]{16} }, 'not modified');

is($r[6]{body}, "$snapshot ", 'in a page');
is($t->get('/show/bestsellers?limit=4')->{headers}{'x-recs'}, 'HIT 4',
   'in a header');

$t->done;
