#!/usr/bin/perl

# Copyright (C) recs authors

# A batch is judged event by event; what is too large is refused as a whole.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Journal;

my $t = Test::Recs->new;

$t->run($t->conf(http => '
    recs_key %%DIR%%/key;
    recs_journal %%DIR%%/journal max=16m;
    client_max_body_size 4m;
', server => '
    location /analytics {
        recs_events;
        recs_events_max_body 2m;
    }

    location /small {
        recs_events;
        recs_events_max_batch 3;
        recs_events_max_body 500;
    }
'));

sub frames { Test::Recs::Journal::frames("$t->{dir}/journal", 'act') }

my $good = { activityType => 'PRODUCT_VIEW', productId => 'p',
             sessionId => 's' };
my $bad = { activityType => 'PRODUCT_VIEW', sessionId => 's' };

my $r = $t->post('/analytics/batch', [$good]);
is($r->{status}, 202, 'an array of one');
is($r->{json}{accepted}, 1, 'accepted');

$r = $t->post('/analytics/batch', [$good, $bad, $good, 7, $bad, $good]);
is($r->{status}, 202, 'good and bad ones');
is($r->{json}{accepted}, 3, 'the good ones are accepted');
is($r->{json}{rejected}, 3, 'the bad ones are not');
is_deeply([map { $_->{index} } @{$r->{json}{errors}}], [1, 3, 4],
          'which are named');
is_deeply([map { $_->{code} } @{$r->{json}{errors}}],
          ['event-invalid', 'field-invalid', 'event-invalid'], 'with a code');
is(scalar frames(), 4, 'the good ones are in the journal');

$r = $t->post('/analytics/batch', [$bad, $bad]);
is($r->{status}, 400, 'nothing but bad ones');
is($r->{json}{accepted}, 0, 'none accepted');
is(scalar @{$r->{json}{errors}}, 2, 'each is named');

$r = $t->post('/analytics/batch', [($good) x 1000]);
is($r->{status}, 202, 'a thousand');
is($r->{json}{accepted}, 1000, 'all accepted');

$r = $t->post('/analytics/batch', [($good) x 999, $bad]);
is($r->{json}{accepted}, 999, 'one bad of a thousand');
is_deeply($r->{json}{errors}[0]{index}, 999, 'is the last');

$r = $t->post('/analytics/batch', [($bad) x 1000]);
is($r->{status}, 400, 'a thousand bad ones');
is(scalar @{$r->{json}{errors}}, 1000, 'each is named');

my $before = frames();

$r = $t->post('/analytics/batch', [($good) x 1001]);
is($r->{status}, 413, 'a thousand and one');
is($r->{json}{code}, 'batch-too-large', 'told why');

is($t->post('/small/batch', [($good) x 3])->{status}, 202, 'up to the limit');
$r = $t->post('/small/batch', [($good) x 4]);
is($r->{status}, 413, 'over the limit');
is($r->{json}{code}, 'batch-too-large', 'told why');
$r = $t->post('/small/batch', [($good) x 50]);
is($r->{status}, 413, 'a larger body');
is($r->{json}{code}, 'body-too-large', 'told why');

is(scalar frames(), $before + 3, 'nothing of it is in the journal');

$r = $t->post('/analytics/batch', []);
is($r->{status}, 400, 'an empty array');
$r = $t->post('/analytics/batch', $good);
is($r->{status}, 400, 'an object');
is($r->{json}{code}, 'json-invalid', 'told why');
is($t->post('/analytics/batch', { batch => [$good] })->{status}, 400,
   'an array within an object');
is($t->post('/analytics/activity', [$good])->{status}, 400,
   'an array where one is expected');

is_deeply([Test::Recs::Journal::gaps(frames())], [], 'sequences have no gap');

$t->done;
