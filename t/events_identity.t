#!/usr/bin/perl

# Copyright (C) recs authors

# Who somebody is ends in the request: no raw id is in the journal or in the
# log, and the same id is the same identity in whatever way it came.

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
        recs_user $cookie_verified;
    }

    location /cookie {
        recs_events;
        recs_session $cookie_sid;
    }
'));

sub frames { Test::Recs::Journal::frames("$t->{dir}/journal", 'act') }

sub event {
    my ($fields, $headers, $path) = @_;
    return $t->post(($path // '/analytics') . '/activity',
        { activityType => 'PRODUCT_VIEW', productId => 'shoe-77', %$fields },
        headers => $headers // {});
}

# a session is needed of the anonymous

my $r = event({});
is($r->{status}, 400, 'nobody');
is($r->{json}{code}, 'session-required', 'told why');
is(event({ anonymousId => 'anon-raw-1' })->{status}, 400,
   'anonymous without a session');
is(event({ orderId => 'order-1' })->{status}, 400, 'an order alone');
is(event({}, { 'X-Session-ID' => "bad\x01id" })->{status}, 400,
   'a header that is no id');
is(event({}, { 'X-Session-ID' => 'x' x 300 })->{status}, 400,
   'a header that is too long');
is(scalar frames(), 0, 'none of them is stored');

# the same identities

is(event({ sessionId => 'session-raw-1' })->{status}, 202, 'session in body');
is(event({}, { 'X-Session-ID' => 'session-raw-1' })->{status}, 202,
   'session in header');
is(event({}, { Cookie => 'sid=session-raw-1' }, '/cookie')->{status}, 202,
   'session in a cookie');
is(event({ sessionId => 'session-raw-1' },
         { 'X-Session-ID' => 'session-raw-2' })->{status}, 202, 'in both');
is(event({ userId => 'user-raw-1' })->{status}, 202, 'a user');
is(event({ userId => 'session-raw-1', sessionId => 'user-raw-1',
           anonymousId => 'user-raw-1' })->{status}, 202, 'ids crossed');
is(event({ sessionId => 'session-raw-1' },
         { Cookie => 'verified=user-raw-1' })->{status}, 202,
   'a verified user');
is(event({ userId => 12345, sessionId => 67890 })->{status}, 202, 'numbers');
is(event({ userId => '12345' })->{status}, 202, 'and their digits');

my @e = frames();
my ($session, $user) = ($e[0]{session}, $e[4]{user});

is($e[1]{session}, $session, 'header and body are one');
is($e[2]{session}, $session, 'cookie and body are one');
is($e[3]{session}, $session, 'the body is believed first');
isnt($e[5]{user}, $session, 'a user is no session');
isnt($e[5]{session}, $user, 'and the other way round');
isnt($e[5]{anonymous}, $user, 'nor an anonymous one');
is($e[6]{user}, $user, 'a verified user is the user');
is($e[7]{user}, $e[8]{user}, 'a number is its digits');
is(ord $session, 1, 'the number of the key comes first');

# who only says so, and who is

is($e[4]{verified}, 0, 'a user in the body is a claim');
is($e[6]{verified}, 1, 'a verified user is not');

is(event({ userId => 'user-raw-1' },
         { Cookie => 'verified=user-raw-1' })->{status}, 202, 'both');
@e = frames();
is($e[-1]{verified}, 1, 'a claim that is confirmed');
is($e[-1]{user}, $user, 'is the same user');

$r = event({ userId => 'user-raw-2', sessionId => 'session-raw-1' },
           { Cookie => 'verified=user-raw-1' });
is($r->{status}, 403, 'a claim that is not confirmed');
is($r->{json}{code}, 'user-forbidden', 'told why');
is($r->{json}{parameter}, 'userId', 'and where');
is(event({ userId => 'user-raw-1x' },
         { Cookie => 'verified=user-raw-1' })->{status}, 403, 'a longer one');

$r = $t->post('/analytics/batch', [
    map { { activityType => 'LOGIN', userId => $_, sessionId => 's' } }
        'user-raw-2', 'user-raw-1' ],
    headers => { Cookie => 'verified=user-raw-1' });
is($r->{status}, 202, 'one of two');
is($r->{json}{errors}[0]{code}, 'user-forbidden', 'the other is named');
is($r->{json}{errors}[0]{name}, 'userId', 'and its member');
is(scalar frames(), @e + 1, 'it is not stored');

is(event({ userId => 'user-raw-2', sessionId => 'session-raw-1' },
         { Cookie => 'verified=' })->{status}, 202, 'nobody is verified');
is((frames())[-1]{verified}, 0, 'so it is a claim');

# messageId and the like are kept as they are

event({ userId => 'user-raw-1', anonymousId => 'anon-raw-1',
        sessionId => 'session-raw-1', messageId => 'message-1',
        ipAddress => '198.51.100.23', pageUrl => 'https://x.example/?u=raw-9',
        metadata => { email => 'raw@example.org', note => 'kept' } });

my $last = (frames())[-1];
is($last->{messageId}, 'message-1', 'message id');
is($last->{pageUrl}, 'https://x.example/', 'a page without its query');
is($last->{address}, '198.51.100.0', 'a network');
like($last->{metadata}, qr/kept/, 'metadata');

# nowhere

my $all = '';
$all .= Test::Recs::Journal::slurp($_) // '' for glob "$t->{dir}/journal/*";
my $log = $t->error_log;

for my $raw (qw(user-raw session-raw anon-raw raw-9 raw@ 198.51.100.23)) {
    ok(index($all, $raw) < 0, "\"$raw\" is not in the journal");
    ok(index($log, $raw) < 0, "nor in the error log");
}

ok(index($all, 'shoe-77') > 0, 'what may be there is there');

$t->done;
