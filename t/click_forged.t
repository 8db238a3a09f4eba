#!/usr/bin/perl

# Copyright (C) recs authors

# Links that nobody gave out, and addresses that a catalogue should not have:
# each vector with the status and the Location it gets.  Tokens are made by
# an implementation of core/event/recs_token.h of its own.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Digest::SHA qw(hmac_sha256);
use MIME::Base64 qw(encode_base64url decode_base64url);
use Test::More;
use Test::Recs;
use Test::Recs::Journal;

my $t = Test::Recs->new;

my $evil = 'evil.example';

# what a catalogue says is an address, and where a click on it leads

my @addresses = (
    ['/p/1', '/p/1'],
    ['/p?to=//evil.example#x', '/p?to=//evil.example#x'],
    ["/caf\x{e9}", '/caf%C3%A9'],
    ['/a b"<>', '/a%20b%22%3C%3E'],
    ['/%2f%2fevil.example', '/%2f%2fevil.example'],
    ["/\x{ff0f}evil.example", '/%EF%BC%8Fevil.example'],
    ['https://shop.example/x', 'https://shop.example/x'],
    ['HTTP://SHOP.EXAMPLE/x', 'HTTP://SHOP.EXAMPLE/x'],
    ['https://shop.example:443/x', 'https://shop.example:443/x'],
    ['https://b.example:8443/x', 'https://b.example:8443/x'],
    ['http://localhost/x', 'http://localhost/x'],
    map { [$_] } (
        "//$evil", "///$evil", "////$evil", "/\\$evil", "\\\\$evil",
        "/\t/$evil", "/\n/$evil", "\t//$evil", " //$evil", "/.//$evil",
        "/a/..//$evil", "/a\r\nLocation: https://$evil", "$evil", ".$evil",
        "\@$evil", 'p/1', '../p', '?a', '#a',
        'javascript:alert(1)', "java\tscript:alert(1)", 'data:text/html,x',
        'file:///etc/passwd', 'ftp://shop.example/',
        "https:$evil", "https:/$evil", "https:///$evil", "https:\\\\$evil",
        'https://', 'https:shop.example', "https://$evil",
        "https://shop.example.$evil/", "https://evilshop.example/",
        "https://$evil/shop.example", "https://$evil?shop.example",
        "https://$evil#shop.example", "https://shop.example\@$evil/",
        "https://shop.example:x\@$evil/", 'https://user@shop.example/',
        'https://user:pass@shop.example/', 'https://@shop.example/',
        'https://shop.example:444/', 'https://shop.example:80/',
        'https://shop.example:/', 'https://shop.example:0443/',
        'https://shop.example:66979/', 'https://b.example/',
        'https://a.shop.example/', 'https://shop.example./',
        "https://shop.example\\\@$evil/", "https://$evil\\.shop.example/",
        'https://shop%2eexample/', "https://shop.example%00.$evil/",
        "https://shop\x{3002}example/", "https://shop.example\x{3002}$evil/",
        "https://shop\x{ff0e}example/", "https://shop.exampl\x{435}/",
        "https://$evil\x{ff0f}shop.example/", "https://shop.example\x{ad}/",
        'https://[::1]/', 'https://127.1/', 'https://2130706433/',
        'http://localhost:1/', "http://localhost\@$evil/",
        "https://shop.example;$evil/",
    ),
);

my $now = int(time) * 1000;
my @catalog = map { { productId => "p$_", title => "Product $_",
                      stock => 1, url => $addresses[$_][0] }
                  } 0 .. $#addresses;
my @events = map { { activityType => 'PRODUCT_VIEW', userId => "u$_",
                     productId => "p$_", timestamp => $now - 60_000 }
                 } 0 .. $#addresses;

# rows whose address has no scheme of the web are bad lines already

$t->build_snapshot(events => \@events, catalog => \@catalog,
                   args => ['--max-bad', '1']);

$t->run($t->conf(http => '
    recs_snapshot %%DIR%%/base/current;
    recs_journal %%DIR%%/journal max=16m;
    recs_session $cookie_session;
    absolute_redirect off;
    large_client_header_buffers 4 16k;
    keepalive_requests 100000;
', server => '
    recs_clicks /r/;
    recs_click_hosts shop.example b.example:8443;

    location /recommendations { recs; }
    location /r/ { recs_click; }
    location /north/ { recs_click; recs_shop north; }
    location /status { recs_status; }
    location / { return 204; }
'));

my %link;

for my $offset (0, 50, 100) {
    my $r = $t->get("/recommendations/bestsellers?limit=50&offset=$offset");
    $link{$_->{productId}} = $_->{clickUrl} for @{$r->{json}{items}};
}


cmp_ok(scalar keys %link, '>=', @addresses - 9, 'products have links');

sub clicks {
    $t->get('/status');
    return grep { $_->{type} == 71 }
        Test::Recs::Journal::frames("$t->{dir}/journal", 'act');
}

sub counters { return $t->get('/status')->{json}{counters} }

sub one_line {
    my ($s) = @_;
    $s =~ s/([^\x20-\x7e]|#)/sprintf '\\x{%x}', ord $1/ge;
    return length $s > 60 ? substr($s, 0, 57) . '...' : $s;
}

sub vector {
    my ($name, $uri, $status, $location) = @_;
    my $r = $t->get($uri);

    $name = one_line($name);
    is($r->{status}, $status, "$name: $status");
    is($r->{headers}{location}, $location,
       "$name: " . (defined $location ? one_line($location) : 'nowhere'));
    return $r;
}


# addresses

for my $n (0 .. $#addresses) {
    my ($url, $location) = @{$addresses[$n]};

    if (!$link{"p$n"}) {
        like($url, qr{^[^/]*[:\t\r\n ]}, one_line($url) . ': not listed');
        next;
    }

    vector($url, $link{"p$n"}, defined $location ? 302 : 404, $location);
}

my $good = grep { $_->[1] } @addresses;
is(scalar clicks(), $good, 'what led somewhere is a click');
is(counters()->{clicks}, $good, 'and counted');
is(counters()->{clicksForged}, 0, 'nothing was forged so far');


# tokens

my ($number, $secret) = $t->read_file('base/key') =~ /^(\d+) ([0-9a-f]{64})/m;
my $raw = pack 'H*', $secret;
my $key = hmac_sha256("recs click\1", $raw);
my $shop = pack 'H*', '2d06800538d394c2';        # XXH3 of nothing
my $token = substr $link{p0}, 3;
my $whole = decode_base64url($token);
my @f = unpack 'C C N a8 n a8 a*', $whole;

sub seal {
    my ($bytes, %o) = @_;
    my $mac = hmac_sha256($bytes . ($o{shop} // $shop), $o{key} // $key);
    return encode_base64url($bytes . substr $mac, 0, $o{size} // 16);
}

sub made {
    my (%o) = @_;
    my $data = pack 'C C N a8 n a8', $o{kind} // 0x10, $o{number} // $number,
        $o{expires} // $f[2], $o{product} // $f[3], $o{position} // $f[4],
        $o{id} // $f[5];
    return seal($data . ($o{more} // ''), %o);
}

is($f[0], 0x10, 'a public token');
is($f[1], $number, 'under the current key');
cmp_ok($f[2], '>', time / 60 + 24 * 60 - 2, 'good for a day at least');
cmp_ok($f[2], '<=', time / 60 + 2 * 24 * 60 + 2, 'and for two at most');
is($f[2] % 1440, 0, 'until the end of a day');
is(made(), $token, 'is made by this test, too');

my $minute = int(time / 60);
my @digits = ('A' .. 'Z', 'a' .. 'z', 0 .. 9, '-', '_');
my %value = map { $digits[$_] => $_ } 0 .. 63;
my $last = $digits[$value{substr $token, -1} | 1];

# genuine in whatever way it is written

my @opens = (
    ['the token itself', "/r/$token"],
    ['once more', "/r/$token"],
    ['with arguments', "/r/$token?a=b&url=//$evil"],
    ['percent-encoded', '/r/' . join '', map { sprintf '%%%02x', ord }
                                    split //, $token],
    ['a slash too many', "/r//$token"],
    ['a dot segment', "/r/./$token"],
    ['up and down again', "/x/../r/$token"],
    ['the last minute of all', '/r/' . made(expires => 0xffffffff)],
    ['this minute', '/r/' . made(expires => $minute + 1)],
    ['position 65535', '/r/' . made(position => 65535)],
    ['position 0', '/r/' . made(position => 0)],
    ['a private one', '/r/' . made(kind => 0x11, more => "\xff" x 8)],
);

my $before = clicks();
vector(@$_[0, 1], 302, '/p/1') for @opens;
is(clicks() - $before, @opens, 'each is a click');
is((clicks())[-1]{recommendationId}, 'ffffffffffffffff-'
   . unpack('Q>', $f[5]), 'of the answer that is in it');

# too old: it leads there and does not count

$before = clicks();
vector('too old', '/r/' . made(expires => $minute - 2), 302, '/p/1');
vector('much too old', '/r/' . made(expires => 1), 302, '/p/1');
vector('never good', '/r/' . made(expires => 0), 302, '/p/1');
is(clicks() - $before, 0, 'is no click');
is(counters()->{clicksLate}, 3, 'but counted as late');

# nobody's product

vector('another product', '/r/' . made(product => "\0" x 8), 410);
vector('one more', '/r/' . made(product => "\xff" x 8), 410);
is(counters()->{clicksGone}, 2, 'which is counted');

# forged

my @forged = (
    ['empty', ''],
    ['one character', 'E'],
    ['two characters', 'EA'],
    ['nonsense', 'index.html'],
    ['zeros', 'A' x 54],
    ['ones', '_' x 54],
    ['zeros of a private one', 'A' x 64],
    ['one character less', substr $token, 0, -1],
    ['one character less in front', substr $token, 1],
    ['a byte less', encode_base64url(substr $whole, 0, -1)],
    ['half', substr $token, 0, 27],
    ['the data alone', encode_base64url(substr $whole, 0, 24)],
    ['the signature alone', encode_base64url(substr $whole, 24)],
    ['one character more', $token . 'A'],
    ['two characters more', $token . 'AA'],
    ['twice', $token . $token],
    ['a byte more', encode_base64url("$whole\0")],
    ['as long as a private one', $token . 'A' x 10],
    ['left-over bits', substr($token, 0, -1) . $last],
    ['padding', "$token="],
    ['more padding', "$token=="],
    ['padding, encoded', "$token%3D%3D"],
    ['the other alphabet', '+' . substr $token, 1],
    ['the other alphabet, too', '%2F' . substr $token, 1],
    ['capital letters', uc $token],
    ['small letters', lc $token],
    ['reversed', scalar reverse $token],
    ['a blank behind it', "$token%20"],
    ['a blank in front', "%20$token"],
    ['a tab in it', substr($token, 0, 20) . '%09' . substr $token, 20],
    ['a new line behind it', "$token%0A"],
    ['a header behind it', "$token%0D%0ALocation:%20https://$evil"],
    ['a byte of 0x80', substr($token, 0, 53) . '%80'],
    ['fullwidth letters', '%EF%BC%A1' . substr $token, 1],
    ['a slash behind it', "$token/"],
    ['a path behind it', "$token/x"],
    ['a path in front', "x/$token"],
    ['a host behind it', "$token//$evil"],
    ['a host in front', "$evil/$token"],
    ['a user', "$token\@$evil"],
    ['a URL', "https://$evil"],
    ['a backslash', "$token%5C$evil"],
    ['a semicolon', "$token;$evil"],
    ['an encoded question mark', "$token%3Fa=b"],
    ['an encoded hash', "$token%23a"],
    ['encoded twice', join '', map { sprintf '%%25%02x', ord }
                               split //, $token],
    ['huge', $token . 'A' x 4000],
    ['hugely padded', $token . '=' x 4000],
    ['under no key', made(number => 0)],
    ['under a key that is not there', made(number => $number ^ 255)],
    ['under another key', made(key => 'x' x 32)],
    ['under no secret', made(key => '')],
    ['under the key of identities', made(key => $raw)],
    ['under its hexadecimal digits', made(key => $secret)],
    ['under another label', made(key => hmac_sha256("recs\1", $raw))],
    ['under the label without its end',
     made(key => hmac_sha256('recs click', $raw))],
    ['another shop', made(shop => "\0" x 8)],
    ['no shop', made(shop => '')],
    ['kind 0', made(kind => 0)],
    ['kind 0x12', made(kind => 0x12)],
    ['version 0', made(kind => 0x00)],
    ['version 2', made(kind => 0x20)],
    ['a public one that is long', made(more => "\0" x 8)],
    ['a private one that is short', made(kind => 0x11)],
    ['a signature of 8 bytes', made(size => 8)],
    ['a signature of 15 bytes', made(size => 15)],
    ['a signature of 32 bytes', made(size => 32)],
    ['no signature', made(size => 0)],
    ['the signature of another', encode_base64url(
        substr($whole, 0, 24)
        . substr decode_base64url(substr $link{p1}, 3), 24)],
    ['another product', encode_base64url(
        substr($whole, 0, 6) . substr(decode_base64url(
            substr $link{p1}, 3), 6, 8) . substr $whole, 14)],
    ['a later end', encode_base64url(
        substr($whole, 0, 2) . "\xff" x 4 . substr $whole, 6)],
    ['another position', encode_base64url(
        substr($whole, 0, 14) . "\0\x63" . substr $whole, 16)],
    ['another answer', encode_base64url(
        substr($whole, 0, 16) . "\0" x 8 . substr $whole, 24)],
);

$before = counters()->{clicksForged};

my @kept = grep {
    vector($_->[0], "/r/$_->[1]", 404)->{headers}{'cache-control'}
        ne 'no-store'
} @forged;
is(scalar @kept, 0, 'none is kept by a cache');

vector('at the place of another shop', "/north/$token", 404);
is(counters()->{clicksForged} - $before, @forged + 1, 'all are counted');
cmp_ok(scalar @forged, '>=', 60, 'these are not few');

vector('a NUL', "/r/$token%00", 400);
vector('a NUL in front', "/r/%00$token", 400);
vector('beyond the location', "/r/../$token", 204);
vector('out of all', "/r/../../$token", 400);
vector('longer than any URI', '/r/' . 'A' x 20_000, 414);

# each bit

my $client = $t->client;
my ($opened, $told) = (0, 0);

for my $bit (0 .. 8 * length($whole) - 1) {
    my $bytes = $whole;
    vec($bytes, $bit, 1) ^= 1;

    my $r = $client->('/r/' . encode_base64url($bytes));
    $opened++ if $r->{status} != 404;
    $told++ if defined $r->{headers}{location};
}

is("$opened $told", '0 0', 'with any bit turned it opens nothing');

$opened = 0;

for my $at (0 .. length($token) - 1) {
    for my $c (@digits) {
        next if $c eq substr $token, $at, 1;
        next if $at % 9 && $c !~ /[AEIOU_]/;
        substr(my $other = $token, $at, 1) = $c;
        $opened++ if $client->("/r/$other")->{status} != 404;
    }
}

is($opened, 0, 'nor with any other character');

$client = undef;

is_deeply([grep { $_->{items}[0][0] !~ /^p\d+$/ } clicks()], [],
          'no click is on what is not there');

$t->done;
