#!/usr/bin/perl

# Copyright (C) recs authors

# Public answers have an entity tag and a lifetime; a client that has the
# list already gets 304 without a body.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;

$t->shop(server => '
    location /recommendations { recs; }
    location /gzip/ { recs; gzip on; gzip_types application/json;
                      gzip_min_length 1; }
    location /expires { recs; expires 10s; }
    location /variant { recs; recs_variant $arg_arm; }
    location /status { recs_status; }
');

my %minutes = ('trending' => 30, 'similar/S1' => 30, 'bestsellers' => 15,
               'frequently-bought-together/S1' => 30, 'top-rated' => 15,
               'seasonal' => 15, 'new-arrivals' => 15, 'price-drop' => 15,
               'category-trending?categoryId=Books' => 30);

for my $path (sort keys %minutes) {
    my $r = $t->get("/recommendations/$path");
    is($r->{headers}{'cache-control'},
       'public, max-age=' . $minutes{$path} * 60, "$path: lifetime");
    is($r->{headers}{etag}, "\"$r->{json}{recommendationId}\"",
       "$path: entity tag");
}

my $uri = '/recommendations/similar/S1?limit=3';
my $r = $t->get($uri);
my $tag = $r->{headers}{etag};

sub status {
    my ($match, $where) = @_;
    return $t->get($where // $uri,
                   headers => { 'If-None-Match' => $match })->{status};
}

is(status($tag), 304, 'the same');
is(status("W/$tag"), 304, 'weak');
is(status("\"a\", W/\"b\" ,\t$tag"), 304, 'one of several');
is(status('*'), 304, 'any');
is(status('"0123456789abcdef"'), 200, 'another');
is(status('"a", "b"'), 200, 'none of several');
is(status($_), 200, "broken: $_")
    for '"', 'x', 'W/', '"a" b', substr($tag, 0, -1), ',', '"unended';
is(status($tag, '/recommendations/similar/S1?limit=4'), 200,
   'another question');

my $c = $t->client;
my $not = $c->($uri, headers => { 'If-None-Match' => $tag });
is($not->{status}, 304, 'on a kept connection');
is($not->{body}, '', 'no body');
is($not->{headers}{etag}, $tag, 'with its tag');
is($not->{headers}{'cache-control'}, 'public, max-age=1800', 'and lifetime');
is($not->{headers}{'content-type'}, undef, 'no type');
is($c->($uri)->{body}, $r->{body}, 'the next one is whole');

is($t->get($uri, headers => { 'If-Modified-Since' =>
   'Thu, 01 Jan 2099 00:00:00 GMT' })->{status}, 200, 'no date');

my $zip = $t->get('/gzip/similar/S1?limit=3',
                  headers => { 'Accept-Encoding' => 'gzip' });
is($zip->{headers}{'content-encoding'}, 'gzip', 'compressed');
like($zip->{headers}{etag}, qr{^W/"}, 'its tag is weak');
is(status($zip->{headers}{etag}, '/gzip/similar/S1?limit=3'), 304,
   'and known again');

is($t->get('/expires/trending')->{headers}{'cache-control'}, 'max-age=10',
   'expires replaces it');

# a product matters to those types only that are about one

for my $path (sort keys %minutes) {
    my ($type, $arg) = $path =~ m{^([\w-]+)(?:/\w+)?(?:\?(.*))?$};
    my @tag = map {
        $t->get("/recommendations/$type?" . join '&', $arg // (),
                "productId=$_")->{headers}{etag};
    } qw(S1 S2);

    $path =~ m{/S1} ? isnt($tag[0], $tag[1], "$type: of a product")
                    : is($tag[0], $tag[1], "$type: of none");
}

is_deeply([$t->ids($t->get('/recommendations/trending?productId=T1'))],
          [$t->ids($t->get('/recommendations/trending'))],
          'nor is it left out of their lists');

$r = $t->get('/recommendations/trending?variant=b');
is($r->{json}{variant}, 'b', 'a variant of the URL');
like($r->{headers}{'cache-control'}, qr/public/, 'is public');
isnt($r->{headers}{etag}, $t->get('/recommendations/trending')
     ->{headers}{etag}, 'with a tag of its own');

$r = $t->get('/variant/trending?arm=c');
is($r->{json}{variant}, 'c', 'a variant of the configuration');
is($r->{headers}{'cache-control'}, 'private, no-cache', 'is private');
is($r->{headers}{etag}, undef, 'without a tag');

my $counted = $t->get('/status')->{json}{requests}{SIMILAR_PRODUCTS};
is($counted->{NOT_MODIFIED}, 6, 'counted');

$t->done;
