#!/usr/bin/perl

# Copyright (C) recs authors

# One answer as JSON, MessagePack and HTML says the same; who wants what is
# in the URL, the configuration or the header Accept, and caches can tell.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Msgpack qw(unpack_msgpack);


my $t = Test::Recs->new;

$t->write_file('list.html', '{{#items}}{{position}}:{{productId}};{{/items}}');
$t->shop(server => '
    recs_template %%DIR%%/list.html;
    location /recommendations { recs; }
    location /json { recs; recs_format json; }
    location /msgpack { recs; recs_format msgpack; recs_limit 3; }
    location /html { recs; recs_format html; }
    location /plain { recs; recs_template off; }
');

my $uri = '/recommendations/similar/S1';
my %accept = (json => 'application/json', msgpack => 'application/msgpack',
              html => 'text/html; charset=utf-8');

sub get {
    my ($path, $accept) = @_;
    return $t->get($path, headers =>
                   { defined $accept ? (Accept => $accept) : () });
}

my %r = map { $_ => $t->get("$uri?format=$_") } keys %accept;

for my $format (sort keys %accept) {
    my $r = $r{$format};

    is($r->{status}, 200, "$format: answered");
    is($r->{headers}{'content-type'}, $accept{$format}, "$format: its type");
    is($r->{headers}{vary}, undef, "$format: by the URL alone");
}


# the same, in any form

my $json = $r{json}{json};
my $msgpack = unpack_msgpack($r{msgpack}{body});

is(scalar @{$json->{items}}, 10, 'a list');
is_deeply($msgpack, $json, 'MessagePack says the same');
cmp_ok(length $r{msgpack}{body}, '<', length $r{json}{body}, 'and is shorter');
is($r{html}{body},
   join('', map { "$_->{position}:$_->{productId};" } @{$json->{items}}),
   'HTML by a template');

$r{long} = $t->get('/recommendations/trending?limit=100&format=msgpack');
is_deeply(unpack_msgpack($r{long}{body}),
          $t->get('/recommendations/trending?limit=100')->{json},
          'a long one, which needs more memory');


# entity tags: one id, three tags, each known again only as what it is

my %tag = map { $_ => $r{$_}{headers}{etag} } keys %accept;
my %seen = reverse %tag;

is(scalar keys %seen, 3, 'three entity tags');
is($tag{json}, qq("$json->{recommendationId}"), 'that of JSON is the id');

for my $have (sort keys %tag) {
    for my $want (sort keys %tag) {
        my $status = $t->get("$uri?format=$want", headers =>
                             { 'If-None-Match' => $tag{$have} })->{status};
        is($status, $have eq $want ? 304 : 200, "$want for who has $have");
    }
}


# negotiation

my @accept = (
    [ undef, 'json' ], [ '*/*', 'json' ], [ '', 'json' ],
    [ 'application/json', 'json' ], [ 'application/*', 'json' ],
    [ 'Application/MsgPack', 'msgpack' ],
    [ 'application/vnd.msgpack', 'msgpack' ],
    [ 'application/x-msgpack', 'msgpack' ],
    [ 'application/msgpack, */*;q=0.8', 'msgpack' ],
    [ 'application/msgpack;q=0.5, application/json;q=0.6', 'json' ],
    [ 'application/msgpack;q=0.6,application/json;q=0.5', 'msgpack' ],
    [ 'application/msgpack; v=1; q=0.3 , application/json; q=0.2', 'msgpack' ],
    [ 'application/json;q=0, */*', 'msgpack' ],
    [ 'application/*;q=0.2, application/msgpack;q=0', 'json' ],
    [ 'application/msgpack;q=x, */*;q=0.1', 'json' ],
    [ 'text/html,application/xhtml+xml,*/*;q=0.8', 'json' ],
    [ ', ,;;, */*', 'json' ],
);

for (@accept) {
    my ($accept, $format) = @$_;
    my $r = get($uri, $accept);
    my $name = $accept // 'nothing';

    is($r->{headers}{'content-type'}, $accept{$format}, "Accept: $name");
    is($r->{headers}{vary}, 'Accept', "Accept: $name: varies");
}

for my $accept ('text/html', 'image/*', 'application/json;q=0', 'x', '*/*;q=0')
{
    my $r = get($uri, $accept);
    is("$r->{status} $r->{json}{code}", '406 not-acceptable',
       "Accept: $accept");
}

is($t->get($uri, headers => { Accept => 'application/msgpack',
       'If-None-Match' => $tag{msgpack} })->{headers}{vary}, 'Accept',
   'a 304 varies, too');


# the configuration says, and the URL more so

my $r = get('/json/similar/S1', 'application/msgpack');
is($r->{headers}{'content-type'}, $accept{json}, 'recs_format json');
is($r->{headers}{vary}, undef, 'recs_format: no Vary');
is(get('/json/similar/S1', 'image/png')->{status}, 200,
   'recs_format: Accept does not matter');
is(scalar @{unpack_msgpack(get('/msgpack/trending')->{body})->{items}}, 3,
   'recs_format msgpack');
is(get('/html/trending')->{headers}{'content-type'}, $accept{html},
   'recs_format html');
is(get('/html/trending?format=json')->{headers}{'content-type'},
   $accept{json}, 'the URL is first');

for my $case ([ '/recommendations/trending?format=xml', 'format-invalid' ],
              [ '/recommendations/trending?format=JSON', 'format-invalid' ],
              [ '/plain/trending?format=html', 'format-unavailable' ])
{
    $r = get($case->[0]);
    is("$r->{status} $r->{json}{code} $r->{json}{parameter}",
       "400 $case->[1] format", $case->[0]);
    is($r->{headers}{'content-type'}, 'application/problem+json',
       "$case->[0]: a problem");
}

is(get('/html/trending?limit=0')->{json}{code}, 'limit-invalid',
   'a problem is JSON whatever the format');
is($t->head("$uri?format=msgpack")->{headers}{'content-length'},
   length $r{msgpack}{body}, 'HEAD');

$t->done;
