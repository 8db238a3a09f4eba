#!/usr/bin/perl

# Copyright (C) recs authors

# What is wrong with one request of a batch is said of that one; what is
# wrong with a batch, of all of it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;

$t->shop(server => '
    location /recommendations { recs; recs_batch_max_body 20k; }
    location /none { recs; recs_snapshot off; }
    location /status { recs_status; }
');

my $uri = '/recommendations/batch';
my $good = { path => 'trending', limit => 1 };

sub one {
    my ($request, $status, $code, $parameter) = @_;
    my $r = $t->post($uri, [ $good, $request, $good ]);
    my $name = JSON::PP->new->canonical->allow_nonref->encode($request);
    my @responses = @{$r->{json}{responses} // []};
    my $problem = $responses[1]{problem};

    is($r->{status}, 200, "$name: the batch is answered");
    is(join(' ', map { $_->{status} } @responses), "200 $status 200",
       "$name: and the others");
    is("$problem->{status} $problem->{code} " . ($problem->{parameter} // '-'),
       "$status $code " . ($parameter // '-'), "$name: refused");
}

one('x', 400, 'argument-invalid');
one([], 400, 'argument-invalid');
one({}, 400, 'type-missing', 'type');
one({ type => 'NO_SUCH' }, 400, 'type-unknown', 'type');
one({ path => 'nothing' }, 404, 'not-found');
one({ path => 'batch' }, 404, 'not-found');
one({ path => 'trending/S1' }, 404, 'not-found');
one({ path => 'similar' }, 400, 'product-missing', 'productId');
one({ path => 'similar/' . 'x' x 300 }, 400, 'product-invalid', 'productId');
one({ path => "similar/a\x01" }, 400, 'argument-invalid', 'path');
one({ %$good, limit => 0 }, 400, 'limit-invalid', 'limit');
one({ %$good, limit => -1 }, 400, 'limit-invalid', 'limit');
one({ %$good, limit => 1.5 }, 400, 'limit-invalid', 'limit');
one({ %$good, limit => JSON::PP::true }, 400, 'argument-invalid', 'limit');
one({ %$good, limit => { a => 1 } }, 400, 'argument-invalid', 'limit');
one({ %$good, minPrice => -0.5 }, 400, 'min-price-invalid', 'minPrice');
one({ %$good, maxPrice => 1e300 }, 400, 'max-price-invalid', 'maxPrice');
one({ %$good, exclude => [ 'S1', 2 ] }, 400, 'argument-invalid', 'exclude');
one({ %$good, exclude => [ 'S1', '' ] }, 400, 'argument-invalid', 'exclude');
one({ %$good, exclude => [ 'a,b' ] }, 400, 'argument-invalid', 'exclude');
one({ %$good, exclude => [ ('S1') x 101 ] }, 400, 'exclude-invalid',
    'exclude');
one({ %$good, brand => [ ('a') x 17 ] }, 400, 'brand-invalid', 'brand');
one({ %$good, fields => 'a,,b' }, 400, 'fields-invalid', 'fields');
one({ %$good, format => 'html' }, 400, 'format-invalid', 'format');
one({ path => 'personalized', userId => 'somebody' }, 403, 'user-forbidden',
    'userId');

is($t->post($uri, [ $good, { %$good, format => 'json',
                             brand => [ 'a,b', 'Walker' ] } ])
     ->{json}{responses}[1]{answer}{fallback}[0], undef,
   'a comma in a name is no end of it');


is($t->post($uri, '[{"path":"trending","limit":1,"limit":2}]')
     ->{json}{responses}[0]{problem}{parameter}, 'limit', 'a member twice');


# all of it

sub all {
    my ($body, $status, $code, $name, %headers) = @_;
    my $r = $t->post($uri, $body, headers => \%headers);
    is("$r->{status} $r->{json}{code}", "$status $code", $name);
}

all('', 400, 'body-invalid', 'nothing');
all('{', 400, 'body-invalid', 'cut off');
all('[]', 400, 'body-invalid', 'an empty array');
all('{}', 400, 'body-invalid', 'an empty object');
all('{"requests":{}}', 400, 'body-invalid', 'no array');
all('"x"', 400, 'body-invalid', 'a string');
all("[{\"path\":\"\xff\"}]", 400, 'body-invalid', 'no UTF-8');
all('[' x 5000 . ']' x 5000, 400, 'body-invalid', 'nested too deep');
all([ ($good) x 101 ], 413, 'batch-too-large', 'too many');
all('[' . ' ' x 20500 . ']', 413, 'body-too-large', 'too long');
all('[]', 415, 'media-type', 'a form', 'Content-Type' => 'text/html');
all('[]', 415, 'content-encoding', 'compressed',
    'Content-Encoding' => 'gzip');

my $r = $t->post('/none/batch', [ $good ]);
is("$r->{status} $r->{json}{code} $r->{headers}{'retry-after'}",
   '503 snapshot-missing 1', 'no snapshot');

for my $method (qw(GET HEAD PUT DELETE)) {
    $r = $t->http($method, $uri);
    is("$r->{status} $r->{headers}{allow}", '405 POST', $method);
}

$r = $t->post('/recommendations/trending', [ $good ]);
is("$r->{status} $r->{headers}{allow}", '405 GET, HEAD',
   'POST to what is no batch');

my $counters = $t->get('/status')->{json}{counters};
ok($counters, 'counted');

$t->done;
