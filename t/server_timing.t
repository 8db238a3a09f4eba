#!/usr/bin/perl

# Copyright (C) recs authors

# Server-Timing says what an answer took, where it is asked for.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;

$t->shop(server => '
    location /recommendations { recs; }
    location /timed { recs; recs_server_timing on;
                      add_header X-Time $recs_lookup_time; }
');

is($t->get('/recommendations/trending')->{headers}{'server-timing'}, undef,
   'off by default');

for my $uri ('/timed/trending', '/timed/similar/S1?format=msgpack') {
    my $r = $t->get($uri);
    like($r->{headers}{'server-timing'}, qr/^recs;dur=\d+\.\d{3}$/, $uri);

    my ($ms) = $r->{headers}{'server-timing'} =~ /=(.*)/;
    is(sprintf('%.6f', $ms / 1000), $r->{headers}{'x-time'},
       "$uri: in milliseconds");
}

is($t->get('/timed/trending?limit=0')->{headers}{'server-timing'}, undef,
   'not of what is refused');

$t->done;
