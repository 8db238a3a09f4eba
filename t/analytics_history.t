#!/usr/bin/perl

# Copyright (C) recs authors

# The own history by what was done, and never that of anybody else.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $dir = $t->dir;
my $now = int(time) * 1000;
my $n = 0;

sub event {
    my ($type, $user, $product, %more) = @_;
    return { activityType => $type, userId => $user, sessionId => "$user-1",
             productId => $product, timestamp => $now - 3_600_000 + 1000 * $n++,
             %more };
}

my @events = (
    event('PRODUCT_VIEW', 'ann', 'a'),
    event('PRODUCT_VIEW', 'ann', 'b'),
    event('ADD_TO_CART', 'ann', 'b'),
    event('ADD_TO_WISHLIST', 'ann', 'c'),
    event('PRODUCT_VIEW', 'ann', 'd'),
    event('PURCHASE', 'ann', 'd', orderId => 'o1', price => 5, quantity => 1),
    event('RECOMMENDATION_DISMISS', 'ann', 'e'),
    event('PRODUCT_VIEW', 'bob', 'x'),
    event('PURCHASE', 'bob', 'y', orderId => 'o2', price => 5, quantity => 1),
);

$t->build_snapshot(events => \@events, args => ['--key', "$dir/key"]);
$t->write_file('keys', 'k' x 32 . "\n");
chmod 0600, "$dir/keys";

$t->run($t->conf(http => "
    recs_snapshot $dir/base/current;
    recs_key $dir/key;
    recs_zone recs:2m;
    recs_journal $dir/journal max=64m segment=1m;
    recs_user \$http_x_user;
", server => '
    location /analytics {
        recs_events;
        recs_analytics_key keys;
        recs_consent $http_x_consent;
    }
    location = /one/history { recs_events; }
'));

sub history {
    my ($args, %headers) = @_;
    return $t->get("/analytics/history?$args", headers => \%headers);
}

sub ids { return join ' ', $t->ids($_[0]) }

my %ann = ('X-User' => 'ann');

is(ids(history('', %ann)), 'e d c b a', 'all, newest first');

for (['PRODUCT_VIEW', 'd b a'], ['ADD_TO_CART', 'b'],
     ['ADD_TO_WISHLIST', 'c'], ['PURCHASE', 'd'],
     ['RECOMMENDATION_DISMISS', 'e'], ['view', 'd b a'],
     ['add-to-cart', 'b'], ['order_completed', 'd'], ['', 'e d c b a'])
{
    my ($type, $want) = @$_;
    is(ids(history("type=$type", %ann)), $want, "type \"$type\"");
}

is(ids(history('type=PRODUCT_VIEW&limit=2', %ann)), 'd b',
   'so many of the type, not of all');
is(ids(history('type=PURCHASE', 'X-User' => 'bob')), 'y', 'of whoever asks');

for my $type (qw(SEARCH TRENDING nothing %20)) {
    my $r = history("type=$type", %ann);
    is("$r->{status} $r->{json}{code} $r->{json}{parameter}",
       '400 type-unknown type', "type \"$type\"");
}

is(history('type=view&type=cart', %ann)->{json}{code}, 'argument-invalid',
   'twice');

my ($d) = grep { $_->{productId} eq 'd' } @{history('', %ann)->{json}{items}};
is_deeply($d->{activities}, ['PRODUCT_VIEW', 'PURCHASE'],
          'what was done with it');

my $r = $t->get('/one/history?type=PURCHASE', headers => \%ann);
is(ids($r), 'd', 'in a location of its own');


# others: not by a claim, a key, another session, a header twice

is(history('userId=ann')->{status}, 403, 'a claim');
is(history('userId=ann', 'X-User' => 'bob')->{status}, 403,
   'of somebody else');
is(history('userId=ann&sessionId=bob-1')->{status}, 403,
   'in a session of somebody else');
is(history('userId=ann', 'X-Recs-Key' => 'k' x 32)->{status}, 403,
   'the key of the reports opens no history');
is(ids(history('sessionId=ann-1', 'X-User' => 'bob')), 'y x e d c b a',
   'who knows a session sees it, and his own');
is(ids(history('sessionId=ann')), '', 'the name of a user is no session');
is(ids(history('', 'X-Session-ID' => 'bob-1')), 'y x', 'the header');
is(ids(history('')), '', 'nobody');


# who refuses

for (['recs_consent', 'X-Consent' => 'denied'], ['Sec-GPC', 'Sec-GPC' => 1]) {
    my ($name, %headers) = @$_;
    $r = history('', %ann, %headers);
    is("$r->{status} " . ids($r), '200 ', "$name: an empty list");
    is(ids(history('sessionId=ann-1', %headers)), '', "$name: by session");
}

is(ids(history('', %ann, 'X-Consent' => 'granted')), 'e d c b a', 'granted');


# no cache has it

$r = history('', %ann);
is($r->{headers}{'cache-control'}, 'private, no-cache', 'private');
ok(!exists $r->{headers}{etag}, 'no ETag');

# what was just done

is($t->post('/analytics/activity', { activityType => 'ADD_TO_CART',
       sessionId => 'ann-2', productId => 'a', quantity => 1 },
   headers => \%ann)->{status}, 202, 'one more');
is(ids(history('type=ADD_TO_CART', %ann)), 'a b', 'is there at once');
is(ids(history('type=ADD_TO_CART', 'X-User' => 'bob')), '', 'for her alone');

is($t->head('/analytics/history?type=view', headers => \%ann)->{body}, '',
   'HEAD has no body');
$r = $t->post('/analytics/history', {});
is("$r->{status} $r->{headers}{allow}", '405 GET, HEAD, OPTIONS', 'POST');

$t->done;
