#!/usr/bin/perl

# Copyright (C) recs authors

# GET and HEAD, nothing else; a body is thrown away, whatever comes of it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
$t->shop;

for my $uri (qw(/recommendations/trending /status)) {
    for my $method (qw(POST PUT DELETE PATCH OPTIONS)) {
        my $r = $t->http($method, $uri);
        is($r->{status}, 405, "$method $uri");
        is($r->{headers}{allow}, 'GET, HEAD', "$method $uri: what is allowed");
        is($r->{json}{code}, 'method-not-allowed', "$method $uri: a problem");
    }
}

my $c = $t->client;
my $body = 'GET /status HTTP/1.1' . "\r\n" x 2;

for my $method (qw(GET HEAD POST)) {
    my $r = $c->('/recommendations/trending', method => $method,
                 body => $body);
    is($r->{status}, $method eq 'POST' ? 405 : 200, "$method with a body");

    $r = $c->('/recommendations/bestsellers?limit=1');
    is($r->{json}{type}, 'BESTSELLERS', "$method: the next one is in step");
}

my $s = $t->socket;
my $r = $t->raw("GET /recommendations/trending HTTP/1.1\r\nHost: a\r\n"
    . "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", $s);
is($r->{status}, 200, 'a chunked body');
$r = $t->raw("GET /recommendations/top-rated HTTP/1.1\r\nHost: a\r\n\r\n", $s);
is($r->{json}{type}, 'TOP_RATED', 'the next one is in step');

$s = $t->socket;
$r = $t->raw("POST /recommendations/trending HTTP/1.1\r\nHost: a\r\n"
    . "Content-Length: 300000\r\n\r\n" . 'x' x 300000, $s);
is($r->{status}, 405, 'a large body');
$r = $t->raw("GET /recommendations/top-rated HTTP/1.1\r\nHost: a\r\n\r\n", $s);
is($r->{json}{type}, 'TOP_RATED', 'the next one is in step');

$s = $t->socket;
print $s "GET /recommendations/trending HTTP/1.0\r\n\r\n";
$r = $t->raw('', $s);
is($r->{status}, 200, 'HTTP/1.0');

$t->done;
