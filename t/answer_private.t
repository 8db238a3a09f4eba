#!/usr/bin/perl

# Copyright (C) recs authors

# What belongs to one user answers to that user only.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;

$t->shop(server => '
    location /recommendations { recs; }
    location /verified { recs; recs_user $arg_jwt; }
    location /cookie { recs; recs_session $cookie_sid; }
    location /consent { recs; recs_consent $arg_consent; }
');

my $ada = 'B5 S2 S1';

sub viewed {
    my ($uri, %headers) = @_;
    my $r = $t->get($uri, headers => \%headers);
    my @ids = map { $_->{productId} }
        grep { $_->{reason}{code} eq 'RECENTLY_VIEWED' }
        @{$r->{json}{items} // []};
    return $r->{status} == 200 ? "@ids" : $r->{status};
}

my $path = '/recommendations/recently-viewed';

is(viewed("$path?sessionId=ada-1"), $ada, 'session by argument');
is(viewed($path, 'X-Session-ID' => 'ada-1'), $ada, 'session by header');
is(viewed("$path?sessionId=ada-1", 'X-Session-ID' => 'other'), $ada,
   'the argument wins');
is(viewed('/cookie/recently-viewed', Cookie => 'sid=ada-1'), $ada,
   'session by recs_session');
is(viewed('/cookie/recently-viewed', 'X-Session-ID' => 'ada-1'), '',
   'which is instead of the header');
is(viewed($path), '', 'nobody');
is(viewed("$path?sessionId=ada-2"), '', 'another session');

is(viewed("$path?userId=ada&sessionId=ada-1"), $ada, 'own user');
is(viewed("$path?userId=ada"), 403, 'a user id proves nothing');
is(viewed("$path?userId=u1&sessionId=ada-1"), 403, 'somebody else');
is(viewed("$path?userId=ada&sessionId=ada-2"), 403, 'a session of nobody');
is(viewed("$path?userId=ada-1"), 403, 'a session id as a user id');

my $verified = '/verified/recently-viewed';

is(viewed("$verified?jwt=ada"), $ada, 'a verified user');
is(viewed("$verified?jwt=ada&userId=ada"), $ada, 'who says so');
is(viewed("$verified?jwt=u1&userId=ada"), 403, 'who says otherwise');
is(viewed("$verified?userId=ada"), 403, 'nobody verified');

my $r = $t->get("$path?userId=ada");
is($r->{json}{code}, 'user-forbidden', 'the problem');
is($r->{json}{parameter}, 'userId', 'and its parameter');
is($r->{headers}{'cache-control'}, 'no-store', 'is not kept');

is($t->get('/recommendations/trending?userId=ada')->{status}, 200,
   'a public list does not care');

is(viewed('/consent/recently-viewed?consent=granted&sessionId=ada-1'), $ada,
   'consent granted');
is(viewed('/consent/recently-viewed?consent=denied&sessionId=ada-1'), '',
   'consent denied');
is(viewed("$path?sessionId=ada-1", 'Sec-GPC' => 1), '',
   'consent denied by the browser');

my ($one, $two) = map { $t->get("$path?sessionId=ada-1") } 1, 2;

is($one->{headers}{'cache-control'}, 'private, no-cache', 'private');
is($one->{headers}{etag}, undef, 'no tag');
like($one->{json}{recommendationId}, qr/^[0-9a-f]{16}-\d+$/,
     'epoch and sequence');
isnt($one->{json}{recommendationId}, $two->{json}{recommendationId},
     'each has an id of its own');
is($t->get("$path?sessionId=ada-1", headers =>
           { 'If-None-Match' => '*' })->{status}, 200, 'never 304');

$t->done;
