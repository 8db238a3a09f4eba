#!/usr/bin/perl

# Copyright (C) recs authors

# One event over HTTP: what is in the journal is what was said, and what the
# request itself says where the event does not.

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
', server => '
    location /analytics {
        recs_events;
        recs_shop north;
        recs_region $http_x_region;
        recs_variant $http_x_variant;
    }

    location /slash/ { recs_events; }
    location = /one/activity { recs_events; }
'));

my $n = 0;

sub last_event {
    my @frames = Test::Recs::Journal::frames("$t->{dir}/journal", 'act');
    $n = @frames;
    return $frames[-1];
}

my $agent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) '
    . 'AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 '
    . 'Safari/604.1';

my $r = $t->post('/analytics/activity',
    { activityType => 'PRODUCT_VIEW', productId => 'p1', sessionId => 's1',
      messageId => 'm1', recommendationId => '00000000000000ff' },
    headers => { 'User-Agent' => $agent, 'X-Region' => 'DE-BY',
                 'X-Variant' => 'b',
                 Referer => 'https://shop.example/list?user=7' });

is($r->{status}, 202, 'accepted');
is_deeply($r->{json}, { accepted => 1, rejected => 0, errors => [] },
          'and said so');
is($r->{headers}{'cache-control'}, 'no-store', 'not to be stored');

my $e = last_event();
my $now = time * 1000;

is($n, 1, 'one frame');
is($e->{sequence}, 1, 'the first of its epoch');
is($e->{type}, 3, 'its type');
is($e->{class}, 1, 'an activity');
is($e->{shop}, 'north', 'the shop');
is($e->{items}[0][0], 'p1', 'the product');
is($e->{messageId}, 'm1', 'the message id');
is($e->{recommendationId}, '00000000000000ff', 'what it was caused by');
is(length $e->{session}, 16, 'a session, under the key');
is($e->{user}, undef, 'no user');
is($e->{device}, 2, 'a mobile');
is($e->{browser}, 'safari', 'the browser');
is($e->{address}, '127.0.0.0', 'a network, not an address');
is($e->{referrer}, 'https://shop.example/list', 'referrer without its query');
is($e->{region}, 'DE-BY', 'the region');
is($e->{variant}, 'b', 'the variant');
cmp_ok(abs($e->{received_ms} - $now), '<', 20000, 'received now');
is($e->{time_ms}, $e->{received_ms}, 'and happened now');

$t->post('/analytics/track-activity',
    { activityType => 'Product Added', productId => 'p2', sessionId => 's1',
      deviceType => 'tv', browser => 'mine', region => 'FR', variant => 'x',
      ipAddress => '192.0.2.77', referrer => 'https://a.example/b#c' });
$e = last_event();

is($e->{type}, 20, 'an alias of the type');
is_deeply([@$e{qw(device browser region variant address referrer)}],
          [4, 'mine', 'FR', 'x', '192.0.2.0', 'https://a.example/b'],
          'the event is believed first');

# clocks

sub at {
    my (%fields) = @_;
    return $t->post('/analytics/activity',
        { activityType => 'PAGE_VIEW', sessionId => 's1', %fields });
}

at(timestamp => $now - 3600_000);
is(last_event()->{time_ms}, $now - 3600_000, 'a time of an hour ago');

at(timestamp => $now - 86400_000, sentAt => $now - 86400_000 + 5000);
$e = last_event();
is($e->{time_ms}, $e->{received_ms} - 5000, 'a clock that is a day late');

at(timestamp => $now + 3600_000);
$e = last_event();
is($e->{time_ms}, $e->{received_ms}, 'the future is now');

at(timestamp => $now + 60_000);
is(last_event()->{time_ms}, $now + 60_000, 'a minute ahead is let be');

$r = at(timestamp => $now - 31 * 86400_000);
is($r->{status}, 400, 'older than 30 days');
is($r->{json}{code}, 'too-old', 'and told why');

# what is not for browsers

for my $type ('CART_ABANDONMENT', 'PRODUCT_UPDATE', 'USER_UPDATE') {
    $r = at(activityType => $type, productId => 'p1', userId => 'u1');
    my $update = $type eq 'PRODUCT_UPDATE';
    is($r->{status}, $update ? 403 : 400, "$type is refused");
    is($r->{json}{code}, $update ? 'update-forbidden' : 'type-server-only',
       'and told why');
}

$r = at(activityType => 'PRODUCT_VIEW');
is($r->{status}, 400, 'a view of no product');
is($r->{json}{code}, 'event-invalid', 'and told why');
like($r->{headers}{'content-type'}, qr{^application/problem\+json},
     'as a problem');

is(at(activityType => 'something of ours')->{status}, 202,
   'an unknown type is a custom one');

# paths and methods

is($t->post('/slash/activity', { activityType => 'PAGE_VIEW',
            sessionId => 's' })->{status}, 202, 'location with a slash');
is($t->post('/one/activity', { activityType => 'PAGE_VIEW',
            sessionId => 's' })->{status}, 202, 'exact location');
is($t->post('/analytics/other', {})->{status}, 404, 'another path');
is($t->post('/analytics', {})->{status}, 404, 'no path');
is($t->post('/analytics/activity/x', {})->{status}, 404, 'a longer path');

for my $method (qw(GET HEAD PUT DELETE PATCH)) {
    $r = $t->http($method, '/analytics/activity');
    is($r->{status}, 405, "$method is not allowed");
    is($r->{headers}{allow}, 'POST, OPTIONS', 'and told what is');
}

$r = $t->http('OPTIONS', '/analytics/batch');
is($r->{status}, 204, 'OPTIONS');
is($r->{headers}{allow}, 'POST, OPTIONS', 'tells what is allowed');
ok(!exists $r->{headers}{'access-control-allow-origin'},
   'CORS is the business of add_header');

is($t->http('POST', '/analytics/history')->{status}, 405,
   'POST of the history');

my $before = $n;
last_event();
is($n, $before + 3, 'nothing that was refused is in the journal');

$t->done;
