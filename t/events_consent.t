#!/usr/bin/perl

# Copyright (C) recs authors

# Who says no leaves no identifier; that something was bought is kept.

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
        recs_consent $cookie_consent;
    }
'));

sub frames { Test::Recs::Journal::frames("$t->{dir}/journal", 'act') }

my %event = (activityType => 'PURCHASE', userId => 'u-raw', sessionId => 's-raw',
             anonymousId => 'a-raw', orderId => 'order-raw',
             messageId => 'message-raw', value => 12.5,
             recommendationId => '00000000000000ab-17',
             metadata => { key => 'meta-raw' },
             items => [ { productId => 'p1', price => 12.5, quantity => 1 } ]);

sub event {
    my ($headers, %fields) = @_;
    my $r = $t->post('/analytics/activity', { %event, %fields },
                     headers => $headers);
    is($r->{status}, 202, 'accepted');
    return (frames())[-1];
}

sub denied {
    my ($e, $what) = @_;
    is($e->{consent}, 2, "$what: a no");
    is_deeply([@$e{qw(user anonymous session address metadata
                      recommendationId)}],
              [(undef) x 6], "$what: no identifier");
    is($e->{verified}, 0, "$what: nobody is verified");
    is($e->{items}[0][0], 'p1', "$what: the product is kept");
}

denied(event({ 'Sec-GPC' => '1' }), 'Sec-GPC');
denied(event({}, consent => 'denied'), 'in the event');
denied(event({ Cookie => 'consent=denied' }), 'in the configured place');
denied(event({ 'Sec-GPC' => '1' }, consent => 'granted'),
       'Sec-GPC is stronger than the event');
denied(event({ Cookie => 'consent=granted' }, consent => 'denied'),
       'a no is stronger than a yes');

my @e = frames();

is($e[0]{orderId}, $e[1]{orderId}, 'one order is one order');
unlike($e[0]{orderId}, qr/raw/, 'under another name');
is($e[0]{messageId}, $e[1]{messageId}, 'one message is one message');
isnt($e[0]{messageId}, $e[0]{orderId}, 'which is something else');

my $all = '';
$all .= Test::Recs::Journal::slurp($_) // '' for glob "$t->{dir}/journal/*";
unlike($all, qr/raw/, 'nothing of the rest is in the journal');

# a yes, or nothing said

my $e = event({ Cookie => 'consent=granted' });
is($e->{consent}, 1, 'a yes');
is(length $e->{user}, 16, 'the user is kept');
is($e->{orderId}, 'order-raw', 'and the order');
is($e->{recommendationId}, '00000000000000ab-17', 'and what was answered');

$e = event({});
is($e->{consent}, 0, 'nothing said');
is(length $e->{session}, 16, 'the session is kept');

is(event({ 'Sec-GPC' => '0' })->{consent}, 0, 'Sec-GPC: 0 says nothing');

$e = event({ 'Sec-GPC' => '1' }, recommendationId => '5f0c6d0f8f0c2a11');
is($e->{recommendationId}, '5f0c6d0f8f0c2a11', 'a public one names nobody');

# no is no reason to ask less

my $r = $t->post('/analytics/activity',
    { activityType => 'PRODUCT_VIEW', productId => 'p', consent => 'denied' });
is($r->{status}, 400, 'a session is needed still');
is($r->{json}{code}, 'session-required', 'told why');

$t->done;
