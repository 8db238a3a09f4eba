#!/usr/bin/perl

# Copyright (C) recs authors

# HEAD is GET without a body, also where it is refused.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
$t->shop;

for my $uri (qw(/recommendations/trending /recommendations/similar/S1?limit=3
                /recommendations/trending?limit=0 /recommendations/none
                /status))
{
    my $get = $t->get($uri);
    my $head = $t->head($uri);

    is($head->{status}, $get->{status}, "$uri: status");
    is($head->{body}, '', "$uri: no body");
    is($head->{headers}{$_}, $get->{headers}{$_}, "$uri: $_")
        for qw(content-type etag cache-control);

    is($head->{headers}{'content-length'}, length $get->{body},
       "$uri: length") if $uri ne '/status';
}

my $c = $t->client;
is($c->('/recommendations/trending', method => 'HEAD')->{status}, 200,
   'on a kept connection');
is($c->('/recommendations/trending')->{status}, 200, 'the next one');

$t->done;
