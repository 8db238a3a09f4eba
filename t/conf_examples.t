#!/usr/bin/perl

# Copyright (C) recs authors

# Every file of conf-examples/ (but rules.conf, which t/rules_check.t has)
# passes nginx -t with the paths of a test, and each answers what it is an
# example of: lists, events, several shops, users.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;


# segments of the journal are made, and Redis is tried, all the time

my $t = Test::Recs->new(slack => 16);
my $dir = $t->dir;
my %files = map { m{([^/]+)$} => $_ }
    grep { !m{/rules\.conf$} } glob "$FindBin::Bin/../conf-examples/*.conf";

cmp_ok(scalar keys %files, '>=', 4, 'there are examples');

$t->write_file($_, 'k' x 32) for 'update.keys', 'analytics.keys';
chmod 0600, "$dir/update.keys", "$dir/analytics.keys";


sub example { return $t->example($_[0]) }

for my $name (sort keys %files) {
    my $conf = example($name);

    unlike($conf, qr{[\s:"]/(?:var|etc|run|usr)/},
           "$name: all paths are known here");
    like($t->read_file($files{$name}),
         qr{\A\#\ .*\n(?:\#.*\n)*\nload_module
            \ modules/ngx_http_recs_module\.so;}x,
         "$name: says what it is, and loads the module");

    my ($ok, $out) = $t->test_conf($conf);
    ok($ok, "$name: nginx -t") or diag $out;
    unlike($out, qr/\[(?:emerg|alert|crit|error)\]/, "$name: without errors");
}

unlink "$dir/output.log";


# shop.conf: lists, events, status, and a log without arguments

$t->build_snapshot(events => Test::Recs::Shop::events(),
                   catalog => Test::Recs::Shop::catalog());
$t->run(example('shop.conf'));

my $r = $t->get('/recommendations/similar/S1?limit=3&sessionId=secret');
is($r->{status}, 200, 'shop.conf: a list');
is(scalar $t->ids($r), 3, 'shop.conf: of three products');
ok($r->{json}{items}[0]{product}{title}, 'shop.conf: with a title');

my $event = { activityType => 'PRODUCT_VIEW', sessionId => 'secret',
              productId => 'S1' };
is($t->post('/analytics/activity', $event)->{status}, 202,
   'shop.conf: an event');
is($t->post('/analytics/batch', [$event, $event])->{json}{accepted}, 2,
   'shop.conf: a batch');

is($t->get('/recs/status')->{json}{counters}{eventsAccepted}, 3,
   'shop.conf: status');
is($t->get("/recs/$_")->{status}, 200, "shop.conf: $_") for qw(live ready);

is($t->reload, 1, 'shop.conf: reloads');

my $log;
$t->wait_for(sub { ($log = $t->read_file('access.log')) =~ /similar/ });
like($log, qr{"GET\ /recommendations/similar/S1"\ 200\ \d+\ recs=HIT
              \ type=SIMILAR_PRODUCTS\ n=3\ fb=-\ snap=[0-9a-f]{16}
              \ t=0\.\d{6}}x, 'shop.conf: what was answered is logged');
unlike($log, qr/secret/, 'shop.conf: who asked is not');
$t->stop;


# shops.conf: a snapshot for each name, and another one below a path

my %name = (shoes => 'shoes.example', books => 'books.example');

$t->build_snapshot(dir => $_, events => Test::Recs::Shop::events(),
                   catalog => Test::Recs::Shop::catalog(),
                   args => ['--shop', $_]) for 'books-archive', keys %name;
$t->run(example('shops.conf'));

for my $shop (sort keys %name) {
    $r = $t->get('/recommendations/bestsellers',
                 headers => { Host => $name{$shop} });
    is($r->{json}{snapshotId}, $t->snapshot_id($shop), "shops.conf: $shop");
}

$r = $t->get('/archive/recommendations/bestsellers',
             headers => { Host => $name{books} });
is($r->{json}{snapshotId}, $t->snapshot_id('books-archive'),
   'shops.conf: a path of another snapshot');
$t->stop;


# users.conf: who is verified, and a page that includes a list

$t->write_file('www/pages/index.html',
               '<!--# include virtual="/fragments/bestsellers?limit=3" -->');
$t->run(example('users.conf'));

$r = $t->get('/pages/index.html');
is(() = $r->{body} =~ /"productId":/g, 3, 'users.conf: a page with a list')
    or diag $r->{body};
is($t->get('/fragments/bestsellers')->{status}, 404,
   'users.conf: which is for pages only');
is($t->get('/recommendations/personalized')->{status}, 500,
   'users.conf: nobody is verified without the shop');
$t->stop;


# canary.conf: two snapshots, each for its own; stock comes with a key

my $next = $t->build_snapshot(dir => 'next',
    events => Test::Recs::Shop::events(),
    catalog => Test::Recs::Shop::catalog(), args => ['--now', '2026-01-07']);
$t->run(example('canary.conf'));

my %by = map { $_ => $t->get("/cdn/bestsellers?snapshot=$_") }
    qw(base canary);
is($by{base}{json}{snapshotId}, $t->snapshot_id, 'canary.conf: the one');
is($by{canary}{json}{snapshotId}, $next, 'canary.conf: the other');
like($by{canary}{headers}{'cache-control'}, qr/public/,
     'canary.conf: for a CDN');

my %seen;
$seen{$t->get('/recommendations/bestsellers',
              headers => { Cookie => "session=s$_" })->{json}{snapshotId}}++
    for 1 .. 200;
cmp_ok($seen{$next} // 0, '<', 40, 'canary.conf: few of the visitors');

my $update = { activityType => 'PRODUCT_UPDATE', productId => 'S1',
               stock => 0 };
is($t->post('/analytics/activity', $update)->{status}, 403,
   'canary.conf: anybody');
is($t->post('/analytics/activity', $update,
            headers => { 'X-Recs-Key' => 'k' x 32 })->{status}, 202,
   'canary.conf: the shop');
$t->stop;


# analytics.conf: reports where only the shop's own people are, with the key

$t->run(example('analytics.conf'));
$t->wait_for_socket($t->port(3));

my $performance = '/analytics/recommendation-performance?groupBy=type';
my %shop = (headers => { 'X-Recs-Key' => 'k' x 32 });
is($t->get($performance, %shop)->{status}, 403,
   'analytics.conf: not where visitors are');
is($t->get($performance, port => $t->port(3))->{status}, 403,
   'analytics.conf: not without the key');
is($t->get($performance, port => $t->port(3), %shop)->{status}, 200,
   'analytics.conf: the shop');
is($t->get('/analytics/history',
           headers => { Cookie => 'session=s1' })->{status}, 200,
   'analytics.conf: a history');
$t->stop;


# clicks.conf: links that count and lead to the product

$t->write_file('www/mails/index.html',
    '<!--# include virtual="/mail/trending?format=html" -->');
$t->run(example('clicks.conf'));

my ($link) = $t->get('/recommendations/trending?format=html')->{body}
    =~ m{<a href="(/r/[\w-]+)">};
$r = $t->get($link, headers => { Cookie => 'session=s1' });
is($r->{status}, 302, 'clicks.conf: a click');
like($r->{headers}{location}, qr{/p/[A-Z]\d+$},
     'clicks.conf: leads to the product');
like($t->get("${link}x")->{headers}{location}, qr{/$},
     'clicks.conf: what leads nowhere leads to the front page');
like($t->get('/mails/index.html')->{body},
     qr{<a href="https://www\.shop\.example/r/[\w-]+">},
     'clicks.conf: links of a mail have a host');
$t->stop;


# redis.conf: takes events with Redis away

$t->run(example('redis.conf'));
is($t->get('/recommendations/trending')->{status}, 200, 'redis.conf: a list');
is($t->post('/analytics/activity', $event)->{status}, 202,
   'redis.conf: an event, while Redis is away');
like($t->error_log, qr/redis "127\.0\.0\.1:\d+" is away/,
     'redis.conf: which is told');

$t->done;
