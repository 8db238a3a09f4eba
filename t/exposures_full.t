#!/usr/bin/perl

# Copyright (C) recs authors

# Lists of one person have ids of their own.  When there is no room for a list
# any more there may be some for its exposure, which would be of nothing: no
# exposure is without its list, and what is dropped is counted.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Journal;
use Test::Recs::Shop;

my $t = Test::Recs->new(slack => 16);

$t->build_snapshot(events => Test::Recs::Shop::events(),
                   catalog => Test::Recs::Shop::catalog());

$t->run($t->conf(http => '
    keepalive_requests 100000;
    recs_snapshot %%DIR%%/base/current;
    recs_key %%DIR%%/base/key;
    recs_journal %%DIR%%/journal max=1m segment=64k;
', server => '
    location /analytics { recs_events; }
    location /recommendations { recs; }
    location /status { recs_status; }
'));

my @views = map { { activityType => 'PRODUCT_VIEW', sessionId => 's1',
                    productId => $_ } }
    map { ("S$_", "T$_", "B$_") } 1 .. 6;
is($t->post('/analytics/batch', \@views)->{status}, 202, 'a session');

my $client = $t->client;
my ($answered, $items) = (0, 0);

for (1 .. 1000) {
    my $r = $client->('/recommendations/recently-viewed?limit=16',
                      headers => { 'X-Session-ID' => 's1' });
    $answered += $r->{status} == 200;
    $items = @{$r->{json}{items}};
}

is($answered, 1000, 'answers go on when exposures have no place');
is($items, 16, 'of many products each');

my $counters = $t->get('/status')->{json}{counters};
my @frames = Test::Recs::Journal::frames("$t->{dir}/journal", 'exp');
my %list = map { $_->{recommendationId} => 1 }
    grep { $_->{class} == 2 } @frames;
my @shown = grep { $_->{class} == 3 } @frames;
my @without = grep { !$list{$_->{recommendationId}} } @shown;

cmp_ok(scalar @shown, '<', 1000, 'some are dropped');
is(scalar @without, 0, 'no exposure is without its list');
is($counters->{exposures}, @shown, 'what is there is counted');
is($counters->{lists}, keys %list, 'lists, too');
is($counters->{exposuresDropped},
   1000 - @shown + 1000 - keys %list, 'and what is dropped');

$t->done;
