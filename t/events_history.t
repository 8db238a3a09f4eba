#!/usr/bin/perl

# Copyright (C) recs authors

# The history of a visitor: products, newest first, for the visitor alone.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;

my $t = Test::Recs->new;

my $now = int(time) * 1000;

sub event {
    my ($type, $user, $session, $product, $minutes, %more) = @_;
    return { activityType => $type, userId => $user, sessionId => $session,
             productId => $product, timestamp => $now - $minutes * 60_000,
             %more };
}

my @events = (
    event('PRODUCT_VIEW', 'ann', 'ann-1', 'a', 90),
    event('PRODUCT_VIEW', 'ann', 'ann-1', 'b', 80, duration => 30),
    event('PRODUCT_VIEW', 'ann', 'ann-1', 'c', 70),
    event('PRODUCT_VIEW', 'ann', 'ann-2', 'a', 60),
    event('PURCHASE', 'ann', 'ann-2', 'c', 50, orderId => 'o1', price => 5,
          quantity => 1),
    event('PRODUCT_VIEW', 'bob', 'bob-1', 'd', 40),
    (map { event('PRODUCT_VIEW', 'eve', 'eve-1', "e$_", 40 - $_) } 1 .. 25),
);

my $conf = <<'EOC';
%%GLOBALS%%
worker_processes 1;
events { }
http {
    %%GLOBALS_HTTP%%
    recs_snapshot %%DIR%%/base/current check=100ms;

    server {
        listen 127.0.0.1:%%PORT%%;

        location /analytics {
            recs_events;
            recs_user $cookie_verified;
        }
    }
}
EOC

mkdir "$t->{dir}/base";
$t->run($conf);

my $r = $t->get('/analytics/history?sessionId=ann-1');
is($r->{status}, 503, 'without a snapshot');
is($r->{json}{code}, 'no-snapshot', 'told why');

$t->build_snapshot(events => \@events);
$t->wait_for(sub {
    $t->get('/analytics/history?sessionId=x')->{status} == 200 }, 5);

sub history {
    my ($query, %headers) = @_;
    return $t->get("/analytics/history?$query", headers => \%headers);
}

$r = history('sessionId=bob-1');
is($r->{status}, 200, 'a session');
is_deeply([$t->ids($r)], ['d'], 'its product');
is($r->{headers}{'cache-control'}, 'private, no-cache', 'private');
like($r->{headers}{'content-type'}, qr{^application/json}, 'JSON');
is($r->{json}{snapshotId}, $t->snapshot_id, 'of a snapshot');

$r = $t->get('/analytics/history', headers => { 'X-Session-ID' => 'bob-1' });
is_deeply([$t->ids($r)], ['d'], 'session in the header');

$r = history('userId=bob', Cookie => 'verified=bob');
is_deeply([$t->ids($r)], ['d'], 'a verified user');

$r = history('userId=bob&sessionId=bob-1');
is($r->{status}, 200, 'a user in a session of the user');
is_deeply([$t->ids($r)], ['d'], 'the same');

# newest first, one row a product

$r = history('', Cookie => 'verified=ann');
is($r->{status}, 200, 'the verified user without an argument');
my %row = map { $_->{productId} => $_ } @{$r->{json}{items}};
is(scalar @{$r->{json}{items}}, scalar keys %row, 'one row a product');
ok($row{a} && $row{b}, 'all that was seen');
is($row{a}{views}, 2, 'counted');
is($row{a}{lastViewedAt}, $now - 60 * 60_000, 'seen last');
my @last = map { $_->{lastViewedAt} } @{$r->{json}{items}};
is_deeply(\@last, [sort { $b <=> $a } @last], 'newest first');
ok($row{c}{converted}, 'what was bought') if $row{c};
ok(!$row{a}{converted}, 'what was not');
ok(exists $row{a}{product}{available}, 'with the product');

# limits

is(scalar $t->ids(history('sessionId=eve-1')), 10, 'ten without a limit');
is(scalar $t->ids(history('sessionId=eve-1&limit=3')), 3, 'limit');
cmp_ok(scalar $t->ids(history('sessionId=eve-1&limit=9999')), '>', 10,
       'a limit that is too high is cut');

for my $bad ('0', '-1', 'x', '1e3', '') {
    $r = history("sessionId=eve-1&limit=$bad");
    is("$r->{status} $r->{json}{code}", '400 limit-invalid',
       "limit \"$bad\"");
}

# others

is(history('userId=ann')->{status}, 403, 'a user id proves nothing');
is(history('userId=ann&sessionId=bob-1')->{status}, 403,
   'nor with the session of somebody else');
is(history('userId=ann', Cookie => 'verified=bob')->{status}, 403,
   'nor as another user');
is_deeply([$t->ids(history('sessionId=nobody'))], [],
          'a session that is not known has none');
is_deeply([$t->ids($t->get('/analytics/history'))], [], 'nor has nobody');

is(history('limit=1&limit=2')->{status}, 400, 'an argument twice');
is(history('sessionId=%ff')->{status}, 400, 'bytes that are no text');

$r = $t->head('/analytics/history?sessionId=bob-1');
is($r->{status}, 200, 'HEAD');
is($r->{body}, '', 'has no body');
cmp_ok($r->{headers}{'content-length'}, '>', 10, 'but its length');

is($t->http('OPTIONS', '/analytics/history')->{headers}{allow},
   'GET, HEAD, OPTIONS', 'OPTIONS');

# without recs_journal, events have no place

$r = $t->post('/analytics/activity', $events[0]);
is($r->{status}, 503, 'no recs_journal');
is($r->{json}{code}, 'no-journal', 'told why');

$t->done;
