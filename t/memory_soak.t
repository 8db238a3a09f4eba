#!/usr/bin/perl

# Copyright (C) recs authors

# A million mixed requests to one worker: lists of all types, exclusions, 304,
# private ones, pages, events one by one and in batches, histories, status
# and errors, while the builder takes the journal and snapshots are swapped.
# After the first 200,000 its anonymous memory does not grow by more than
# 64 kB, and its descriptors not at all.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;
use Test::Recs;
use Test::Recs::Soak;
use Time::HiRes qw(sleep time);

use constant ALL => $ENV{RECS_SOAK_REQUESTS} // 1_000_000;
use constant WARM => ALL / 5;
use constant GROWTH => 64;           # kB
use constant CONNECTIONS => 32;

Test::Recs::Soak::begin();

my $t = Test::Recs->new(slack => 8);
my ($dir, $builder) = ($t->dir, $t->builder);
my $json = JSON::PP->new->canonical;


# a shop with users, published twice

my ($rc, $out) = $t->command($builder, 'synth', '--users', 500, '--items',
    2000, '--events', 40000, '--seed', 1, '--out', "$dir/shop");
is($rc, 0, 'a shop') or diag $out;
my @build = ('--events', "$dir/shop/events.jsonl", '--catalog',
             "$dir/shop/catalog.jsonl", '--force');
my $first = $t->build_snapshot(args => [@build]);
my ($date) = $t->read_file("base/snap-$first.json") =~ /"created":\s*(\d+)/;
my $second = $t->build_snapshot(args => [@build, '--now',
                                         $date + 86_400_000]);
isnt($first, $second, 'two snapshots');

my %seen;
my @products = grep { !$seen{$_}++ }
    $t->read_file('shop/catalog.jsonl') =~ /"productId":"([^"]+)"/g;
%seen = ();
my @users = grep { !$seen{$_}++ }
    $t->read_file('shop/events.jsonl') =~ /"userId":"([^"]+)"/g;
%seen = ();
my @categories = map { s/ /%20/gr } grep { /^\w[\w ]*$/ && !$seen{$_}++ }
    $t->read_file('shop/catalog.jsonl') =~ /"category":\["([^"]+)"/g;

# of the 32 threads of nginx's default pool each one's stack is touched when
# its turn comes for the first time, which takes a while: 5 kB each, once

$t->run($t->conf(main => 'thread_pool default threads=2;
                          worker_processes 1; worker_rlimit_nofile 4096;',
    http => 'recs_snapshot %%DIR%%/base/current;
             recs_key %%DIR%%/base/key;
             recs_journal %%DIR%%/journal max=1g segment=4m;
             recs_user $http_x_user;
             keepalive_requests 20000;',
    server => 'location /recommendations { recs; }
               location /analytics { recs_events; client_max_body_size 256k;
                                     client_body_buffer_size 16k; }
               location /pages { root %%DIR%%; ssi on; ssi_types *; }
               location /status { recs_status; }'));

my ($worker) = $t->workers;

$t->write_file('pages/home', join "\n", 'home',
    map { "<!--# include virtual=\"/recommendations/$_\" -->" }
    'trending', "similar/$products[0]", 'bestsellers', 'personalized');

$t->write_file('run.conf', <<"EOC");
out = "$dir/built"
log = "$dir/log"
journal = "$dir/journal"
key = "$dir/base/key"
schedule = "1d"
poll = 0.1
EOC
my $pid = $t->run_daemon($builder, 'run', '-c', "$dir/run.conf");


# requests

sub one { return $_[rand @_] }

sub text {
    my ($method, $uri, $body, @headers) = @_;
    push @headers, 'Content-Type: application/json',
        'Content-Length: ' . length $body if defined $body;
    return join("\r\n", "$method $uri HTTP/1.1", 'Host: localhost', @headers)
        . "\r\n\r\n" . ($body // '');
}

sub event {
    my $type = one(qw(PRODUCT_VIEW ADD_TO_CART PURCHASE PRODUCT_CLICK));
    return {
        activityType => $type, productId => one(@products),
        sessionId => 's' . int rand 5000,
        (rand() < 0.3 ? (userId => one(@users)) : ()),
        (rand() < 0.5 ? (price => int(rand 10000) / 100, quantity => 1,
                         currency => 'EUR', orderId => 'o' . int rand 1e6)
                      : ()),
        (rand() < 0.2 ? (metadata => { note => 'x' x rand 200 }) : ()),
        (rand() < 0.2 ? (pageUrl => 'https://shop.example/p?q='
                         . int rand 1e9) : ()),
    };
}

my $r = '/recommendations';

my @kinds = (
    [similar => 20, sub { "$r/similar/" . one(@products) }],
    [trending => 4, sub { "$r/trending?limit=" . (1 + int rand 100) }],
    [bestsellers => 4, sub { "$r/bestsellers?offset=" . int rand 500 }],
    [together => 6,
     sub { "$r/frequently-bought-together/" . one(@products) }],
    [cart => 3, sub { "$r?type=FREQUENTLY_BOUGHT_TOGETHER&cart="
                      . join ',', map { one(@products) } 1 .. 1 + rand 10 }],
    [lists => 6, sub { "$r/" . one(qw(top-rated seasonal price-drop
                                      new-arrivals)) }],
    [category => 4, sub { "$r/category-trending?categoryId="
                          . one(@categories) }],
    [exclude => 10, sub { "$r/similar/" . one(@products) . '?exclude='
                          . join ',', map { one(@products) } 1 .. rand 90 }],
    [session => 5, sub { "$r/personalized?sessionId=s" . int rand 5000 }],
    [user => 5, sub { "$r/personalized" },
     sub { 'X-User: ' . one(@users) }],
    [viewed => 3, sub { "$r/recently-viewed" },
     sub { 'X-User: ' . one(@users) }],
    [variant => 2, sub { "$r/trending?variant=v" . int rand 9 }],
    [page => 1, sub { '/pages/home' }],
    [history => 3, sub { '/analytics/history?limit=20' },
     sub { 'X-User: ' . one(@users) }],
    [status => 1, sub { '/status' }],
    [prometheus => 1, sub { '/status?format=prometheus' }],
    [error400 => 2, sub { "$r/similar/" . one(@products)
                          . one('?limit=x', '?limit=0', '?offset=99999',
                                '?exclude=%zz', '?limit=1&limit=2') }],
    [error403 => 1, sub { "$r/personalized?userId=somebody" }],
    [error404 => 1, sub { "$r/nothing/of/it" }],
    [unknown => 1, sub { "$r/similar/none-" . int rand 1e9 }],
);

my (@texts, %kinds);

sub add {
    my ($kind, @more) = @_;
    push @texts, @more;
    $kinds{$kind} += @more;
}

for my $kind (@kinds) {
    my ($name, $share, $uri, $header) = @$kind;
    add($name, map { text('GET', $uri->(), undef,
                          $header ? $header->() : ()) } 1 .. 50 * $share);
}

# what the client has already: of both snapshots, so that some differ

my $c = $t->client;

for (1 .. 400) {
    my $uri = "$r/similar/" . one(@products);
    my $etag = $c->($uri)->{headers}{etag};
    add('304', text('GET', $uri, undef, "If-None-Match: $etag"));
}

undef $c;

add('event', map { text('POST', '/analytics/activity',
                        $json->encode(event())) } 1 .. 400);
add('batch', map { text('POST', '/analytics/batch', $json->encode(
    [map { event() } 1 .. 1 + rand(rand() < 0.1 ? 200 : 20)])) } 1 .. 150);
add('bad event', map { text('POST', '/analytics/activity', one(
    '{', '[]', '{"activityType":"NONE","sessionId":"s"}', '',
    '{"activityType":"PRODUCT_VIEW","sessionId":"s"}', '[' x 200)) }
    1 .. 50);
add('too many', text('POST', '/analytics/batch', $json->encode(
    [map { { activityType => 'PAGE_VIEW', sessionId => 's' } } 1 .. 1001])));
add('method', text('POST', "$r/trending", '{}'),
    text('DELETE', '/analytics/activity'));

Test::Recs::Soak::figure('requests', scalar(@texts) . ' different, '
    . join ', ', map { "$kinds{$_} $_" } sort keys %kinds);


# wrk, or clients of our own where there is none

my ($wrk) = grep { -x } map { "$_/wrk" } split /:/, $ENV{PATH};
my %status;
my $broken = 0;

$t->write_file('texts', join "\0", @texts);
$t->write_file('mixed.lua', <<'EOL' =~ s/%%DIR%%/$dir/r);
local texts = {}
local file = assert(io.open("%%DIR%%/texts", "rb"))
for text in (file:read("*a") .. "\0"):gmatch("(.-)%z") do
    texts[#texts + 1] = text
end
file:close()

local threads = {}
counts = {}

function setup(thread) table.insert(threads, thread) end
function init(args) math.randomseed(tonumber(args[1])) end
function request() return texts[math.random(#texts)] end

function response(status)
    counts[status] = (counts[status] or 0) + 1
end

function done(summary)
    for _, thread in ipairs(threads) do
        for status, n in pairs(thread:get("counts")) do
            print("status " .. status .. " " .. n)
        end
    end
    local e = summary.errors
    print("broken " .. e.connect + e.read + e.write + e.timeout)
end
EOL

sub load_by_wrk {
    my ($seconds) = @_;
    my ($rc, $text) = $t->command($wrk, '-t1', '-c' . CONNECTIONS,
        "-d${seconds}s", '--timeout', '10s', '-s', "$dir/mixed.lua",
        'http://127.0.0.1:' . $t->port, '--', int rand 2 ** 31);
    my $n = 0;

    while ($text =~ /^status (\d+) (\d+)$/mg) {
        $status{$1} += $2;
        $n += $2;
    }

    $broken += ($text =~ /^broken (\d+)/m)[0] // 1;
    die $text if $rc != 0 || $n == 0;
    return $n;
}

sub load_by_clients {
    my ($seconds) = @_;
    my $port = $t->port;
    my @clients = map { Test::Recs::Soak->client(sub {
        my ($stop) = @_;
        my %seen = (broken => 0);
        my @s;

        for (my $i = 0; !$$stop; $i = ($i + 1) % 8) {
            $s[$i] //= Test::Recs::Soak::connect_to($port);
            my ($code, $head) = Test::Recs::Soak::request($s[$i],
                $texts[rand @texts]);
            $code ? $seen{status}{$code}++ : $seen{broken}++;
            undef $s[$i] if !$code || $head =~ /\nConnection: close/;
        }

        return \%seen;
    }) } 1 .. 2;

    sleep $seconds;
    my $seen = Test::Recs::Soak::stop_all(@clients);
    my $n = 0;
    $broken += $seen->{broken};
    $status{$_} += $seen->{status}{$_} for keys %{$seen->{status}};
    $n += $_ for values %{$seen->{status}};
    return $n;
}

if (!$wrk) {
    diag('no wrk: slower clients');

    # of those, a page without a length is none

    @texts = grep { !m{^GET /pages} } @texts;
}

my ($n, $flips, @series) = (0, 0);

# each thread has opened a snapshot and let go of one

for (1 .. 20) {
    $t->publish(++$flips % 2 ? $second : $first);
    sleep 0.1;
}

my $start = time;

while ($n < ALL) {
    $t->publish(++$flips % 2 ? $second : $first);
    $n += $wrk ? load_by_wrk(5) : load_by_clients(5);
    sleep 1;
    push @series, [$n, Test::Recs::Soak::anonymous($t, $worker),
                   $t->fds($worker)];
    last if "@{[$t->workers]}" ne $worker;
}

my $took = time - $start;
my @flat = grep { $_->[0] >= WARM } @series;
my $grown = $flat[-1][1] - $flat[0][1];

is_deeply([$t->workers], [$worker], 'the same worker');
cmp_ok($n, '>=', ALL, "$n requests");
cmp_ok($grown, '<=', GROWTH, 'memory does not grow');
cmp_ok($flat[-1][2], '<=', $flat[0][2] + 1, 'nor do descriptors');
is($broken, 0, 'no connection broke');

my @codes = sort keys %status;
is_deeply([grep { !/^(200|202|304|400|403|404|405|413|415)$/ } @codes], [],
          'answers are those asked for');
ok($status{$_}, "some are $_") for qw(200 202 304 400 403 404 405 413);

Test::Recs::Soak::figure('answers', sprintf '%d in %d s: %s', $n, $took,
    join ', ', map { "$status{$_} of $_" } @codes);
Test::Recs::Soak::figure('anonymous memory', sprintf '%d kB after %d, %d kB '
    . 'after %d requests: %+d kB; %s', $flat[0][1], $flat[0][0],
    $flat[-1][1], $flat[-1][0], $grown,
    join ' ', map { $_->[1] } @series);
Test::Recs::Soak::figure('descriptors', join ' ', map { $_->[2] } @series);

my $counters = $t->get('/status')->{json}{counters};
Test::Recs::Soak::figure('counters', join ', ', map { "$_ $counters->{$_}" }
    grep { $counters->{$_} } sort keys %$counters);
is($counters->{eventsUnavailable} // 0, 0, 'no event was refused');

$t->stop_daemon($pid);
$t->done;
