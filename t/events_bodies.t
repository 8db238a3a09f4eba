#!/usr/bin/perl

# Copyright (C) recs authors

# Bodies of every shape and in every number of pieces: the same result as the
# simple case, or the right refusal, and never half a batch.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Select;
use Test::More;
use Test::Recs;
use Test::Recs::Journal;
use Time::HiRes qw(sleep);

my $t = Test::Recs->new;

$t->run($t->conf(http => '
    recs_key %%DIR%%/key;
    recs_journal %%DIR%%/journal max=64m;
    client_max_body_size 2m;
    recs_events_max_body 1m;
', server => '
    location /analytics { recs_events; }

    location /file {
        recs_events;
        client_body_buffer_size 1k;
    }

    location /only {
        recs_events;
        client_body_in_file_only clean;
    }
'));

my $one = '{"activityType":"PRODUCT_VIEW","productId":"p","sessionId":"s"}';

sub count { scalar Test::Recs::Journal::frames("$t->{dir}/journal", 'act') }

sub body {
    my ($body, %headers) = @_;
    return $t->post('/analytics/activity', $body, headers => \%headers);
}

# what is not one JSON object

my $before = count();

my %refused = (
    'empty'               => '',
    'blank'               => "  \n",
    'null'                => 'null',
    'true'                => 'true',
    'a number'            => '1',
    'a string'            => '"x"',
    'an empty object'     => '{}',
    'a byte order mark'   => "\xef\xbb\xbf$one",
    'trailing garbage'    => "$one x",
    'two documents'       => "$one$one",
    'two lines'           => "$one\n$one",
    'a comment'           => "/* c */$one",
    'a line comment'      => "$one// c",
    'single quotes'       => "{'activityType':'PAGE_VIEW'}",
    'NaN'                 => '{"activityType":"PAGE_VIEW","value":NaN}',
    'Infinity'            => '{"activityType":"PAGE_VIEW","value":Infinity}',
    '1e400'               => '{"activityType":"PAGE_VIEW","value":1e400}',
    '-0'                  => '{"activityType":"PAGE_VIEW","value":-0}',
    '2^63'                => '{"activityType":"PAGE_VIEW",'
                             . '"value":9223372036854775808}',
    '10000 digits'        => '{"activityType":"PAGE_VIEW","value":'
                             . '9' x 10000 . '}',
    'duplicate keys'      => '{"activityType":"PAGE_VIEW","sessionId":"a",'
                             . '"sessionId":"b"}',
    'a trailing comma'    => '{"activityType":"PAGE_VIEW",}',
    'depth 33'            => '{"metadata":' . '[' x 32 . ']' x 32 . '}',
    'brackets'            => '[' x 100_000,
    'braces'              => '{"a":' x 100_000,
    'a NUL'               => '{"activityType":"a\u0000b","sessionId":"s"}',
    'a raw NUL'           => "{\"activityType\":\"a\0b\",\"sessionId\":\"s\"}",
    'a lone surrogate'    => '{"activityType":"\ud800","sessionId":"s"}',
    'inverted surrogates' => '{"activityType":"\udc00\ud800",'
                             . '"sessionId":"s"}',
    'overlong UTF-8'      => "{\"activityType\":\"\xc0\xaf\","
                             . '"sessionId":"s"}',
    'invalid UTF-8'       => "{\"activityType\":\"\xff\",\"sessionId\":\"s\"}",
    'UTF-16'              => "\xff\xfe{\0}\0",
    'half an object'      => substr($one, 0, 30),
    'an array'            => "[$one]",
);

for my $what (sort keys %refused) {
    my $r = body($refused{$what});
    is($r->{status}, 400, "$what: 400");
    like($r->{json}{code} // '', qr/^[a-z-]+$/, "$what: a stable code");
}

is(count(), $before, 'nothing of it is in the journal');

# what is

my %accepted = (
    'white space around'  => " \r\n\t$one\n",
    'depth 32'            => '{"activityType":"PAGE_VIEW","sessionId":"s",'
                             . '"metadata":' . '{"a":' x 30 . '1'
                             . '}' x 30 . '}',
    'escapes'             => '{"activityType":"PAGE\u005fVIEW",'
                             . '"sessionId":"\ud83d\ude00"}',
    'members unknown'     => '{"activityType":"PAGE_VIEW","sessionId":"s",'
                             . join(',', map { "\"k$_\":1" } 1 .. 1000) . '}',
    'a long text'         => '{"activityType":"SEARCH","sessionId":"s",'
                             . '"query":"' . 'x' x 100_000 . '"}',
);

for my $what (sort keys %accepted) {
    is(body($accepted{$what})->{status}, 202, "$what: 202");
}

# media types and encodings

my %media = (
    'application/json'                  => 202,
    'application/json; charset=utf-8'   => 202,
    'Application/JSON;charset="utf-8"'  => 202,
    'text/plain'                        => 202,
    'text/plain;charset=UTF-8'          => 202,
    'application/jsonx'                 => 415,
    'application/x-www-form-urlencoded' => 415,
    'multipart/form-data; boundary=x'   => 415,
    'text/html'                         => 415,
    ''                                  => 415,
);

for my $type (sort keys %media) {
    is(body($one, 'Content-Type' => $type)->{status}, $media{$type},
       "Content-Type \"$type\": $media{$type}");
}

is($t->http('POST', '/analytics/activity', body => $one)->{status}, 415,
   'no Content-Type: 415');
is(body($one, 'Content-Encoding' => 'gzip')->{status}, 415, 'gzip: 415');
is(body($one, 'Content-Encoding' => 'br')->{status}, 415, 'br: 415');
is(body($one, 'Content-Encoding' => 'identity')->{status}, 202,
   'identity: 202');

# size

my $big = '{"activityType":"PAGE_VIEW","sessionId":"s","x":"%s"}';

is(body(sprintf $big, 'x' x 1_048_000)->{status}, 202, 'a body of a megabyte');
is(body(sprintf $big, 'x' x 1_048_577)->{status}, 413, 'a larger one: 413');

for my $n (1023, 1024, 1025, 8191, 8192, 8193, 16383, 16384, 16385) {
    my $text = sprintf $big, '';
    $text = sprintf $big, 'y' x ($n - length $text);

    is(body($text)->{status}, 202, "$n bytes");
    is($t->post('/file/activity', $text)->{status}, 202,
       "$n bytes, through a file");
}

is($t->post('/only/activity', $one)->{status}, 202, 'a file in any case');
is($t->post('/file/activity', sprintf $big, 'x' x 1_048_577)->{status}, 413,
   'too large for a file, too');

# in pieces

my $head = "POST /analytics/activity HTTP/1.1\r\nHost: localhost\r\n"
    . "Content-Type: application/json\r\nConnection: close\r\n";

sub pieces {
    my (@pieces) = @_;
    my $s = $t->socket;

    $s->autoflush(1);
    setsockopt $s, 6, 1, 1;

    my $last = pop @pieces;

    for (@pieces) {
        print $s $_;
        sleep 0.002;
    }

    return $t->raw($last, $s);
}

$before = count();

my $whole = $head . 'Content-Length: ' . length($one) . "\r\n\r\n$one";
my @wrong = grep {
    pieces(substr($whole, 0, $_), substr $whole, $_)->{status} != 202
} length($whole) - length($one) - 4 .. length($whole) - 1;

is("@wrong", '', 'split at every byte of the body');
is(count(), $before + length($one) + 4, 'one event each');

my $chunked = $head . "Transfer-Encoding: chunked\r\n\r\n";
my @chunks = map { sprintf "1\r\n%s\r\n", $_ } split //, $one;

is(pieces($chunked . join('', @chunks) . "0\r\n\r\n")->{status}, 202,
   'chunks of one byte');
is(pieces($chunked, @chunks, "0\r\n\r\n")->{status}, 202,
   'chunks of one byte, one by one');

my $file = $chunked =~ s{/analytics/}{/file/}r;
my $text = sprintf $big, 'z' x 5000;

is(pieces($file . sprintf("%x\r\n%s\r\n", length $text, $text)
          . "0\r\n\r\n")->{status}, 202, 'a chunk, through a file');

# more than the limit, whose length is not told

$text = sprintf $big, 'x' x 1_100_000;
is(pieces($chunked . sprintf("%x\r\n%s\r\n", length $text, $text)
          . "0\r\n\r\n")->{status}, 413, 'chunked and too large: 413');

# Expect

my $s = $t->socket;
print $s $head, 'Content-Length: ', length($one),
    "\r\nExpect: 100-continue\r\n\r\n";
IO::Select->new($s)->can_read(5);
sysread $s, my $continue, 1000;
like($continue, qr{^HTTP/1.1 100 }, '100 Continue');
is($t->raw($one, $s)->{status}, 202, 'then the body');

# pipelined

$before = count();
$s = $t->socket;
my $keep = $whole =~ s/Connection: close/Connection: keep-alive/r;
print $s $keep x 9, $whole;

my $in = '';
while (IO::Select->new($s)->can_read(10) && sysread $s, $in, 65536, length $in)
{
}

is(scalar(() = $in =~ m{HTTP/1\.1 202 }g), 10, 'ten in a row');
is(count(), $before + 10, 'each is in the journal');

# a client that goes away in the middle

$before = count();

for my $n (1, 20, length($one) - 1) {
    $s = $t->socket;
    print $s substr($whole, 0, length($whole) - length($one) + $n);
    close $s;
}

$s = $t->socket;
print $s "POST /analytics/batch HTTP/1.1\r\nHost: x\r\n"
    . "Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
    . "[$one,$one,";
close $s;

is(body($one)->{status}, 202, 'others are served');
is(count(), $before + 1, 'nothing of half a body');

# a connection goes on after a refusal

my $client = $t->client;
my %o = (method => 'POST', headers => { 'Content-Type' => 'text/html' },
         body => $one);
is($client->('/analytics/activity', %o)->{status}, 415, 'refused');
$o{headers} = { 'Content-Type' => 'application/json' };
is($client->('/analytics/activity', %o)->{status}, 202,
   'the next one on the connection');
$o{body} = '{';
is($client->('/analytics/activity', %o)->{status}, 400, 'refused');
$o{body} = $one;
is($client->('/analytics/activity', %o)->{status}, 202, 'and the next');

$t->done;
