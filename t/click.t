#!/usr/bin/perl

# Copyright (C) recs authors

# Clicks without a script: answers carry signed links, which are journalled
# as clicks and lead to the product's address in the catalogue.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Journal;

my $t = Test::Recs->new(slack => 16);

my $now = int(time) * 1000;
my @events = map {
    my $u = $_;
    map { { activityType => 'PRODUCT_VIEW', userId => "u$u",
            sessionId => "s$u", productId => "p$_",
            timestamp => $now - 3600_000 + $u * 1000 + $_ } } 1 .. 6
} 1 .. 20;

my @catalog = map { { productId => "p$_", title => "Product $_",
                      price => $_, stock => 10, url => "/p/$_.html?a=1&b=2" }
                  } 1 .. 6;
$catalog[4]{url} = 'https://shop.example/five';
delete $catalog[5]{url};

$t->build_snapshot(events => \@events, catalog => \@catalog);
$t->write_file('template', "{{#items}}<a href=\"{{clickUrl}}\">"
                           . "{{product.title}}</a>\n{{/items}}");

my $conf = <<'EOC';
%%GLOBALS%%
worker_processes 1;
events { }
http {
    %%GLOBALS_HTTP%%
    recs_snapshot %%DIR%%/base/current check=100ms;
    recs_journal %%DIR%%/journal max=16m;
    recs_session $cookie_session;
    recs_user $http_x_user;
    recs_shop north;
    recs_template %%DIR%%/template;
    absolute_redirect off;

    server {
        listen 127.0.0.1:%%PORT%%;
        recs_clicks /r/;
        recs_click_hosts shop.example;

        location /recommendations { recs; }
        location /plain { recs; recs_clicks off; }
        location /elsewhere { recs; recs_clicks https://c.example/x/ ttl=2d; }
        location /south { recs; recs_shop south; }
        location /r/ { recs_click; }
        location /soft/ { recs_click fallback=/sorry; }
        location /short { recs_click; }
        location /empty/ { recs_click; recs_snapshot %%DIR%%/none/current; }
        location /analytics { recs_events; }
        location /status { recs_status; }
        location /page {
            recs_list $rail "type=TRENDING&limit=2" format=html;
            return 200 $rail;
        }
    }
}
EOC

$t->run($conf);

my $list = '/recommendations/trending';

sub clicks {
    $t->get('/status');
    return grep { $_->{type} == 71 }
        Test::Recs::Journal::frames("$t->{dir}/journal", 'act');
}

sub counters { return $t->get('/status')->{json}{counters} }

sub url_of {
    my ($id, @get) = @_;
    my $r = $t->get(@get ? @get : $list);
    my ($item) = grep { $_->{productId} eq $id }
        map { $_->{items} ? @{$_->{items}} : () }
        $r->{json}, @{$r->{json}{rails} // []};
    return $item ? $item->{clickUrl} : undef;
}


# links in answers

my $r = $t->get($list);
is($r->{status}, 200, 'a list');
my $id = $r->{json}{recommendationId};
my @items = @{$r->{json}{items}};

like($_->{clickUrl}, qr{^/r/[A-Za-z0-9_-]{54}$},
     "$_->{productId} has a link") for @items;
my %urls = map { $_->{clickUrl} => 1 } @items;
is(scalar keys %urls, scalar @items, 'each its own');

is_deeply([map { $_->{clickUrl} } @{$t->get($list)->{json}{items}}],
          [map { $_->{clickUrl} } @items], 'the same the next time');

my $plain = $t->get('/plain/trending');
is_deeply([grep { exists $_->{clickUrl} } @{$plain->{json}{items}}], [],
          'recs_clicks off: none');
is($plain->{headers}{etag}, "\"$id\"", 'its tag is that of the list');
like($r->{headers}{etag}, qr/^"$id-[0-9a-f]{8}"$/,
     'one with links is another');

is($t->get($list, headers => { 'If-None-Match' => $r->{headers}{etag} })
     ->{status}, 304, 'not modified');
is($t->get($list, headers => { 'If-None-Match' => "\"$id\"" })->{status},
   200, 'without links it is something else');
like(url_of('p1', '/elsewhere/trending'),
     qr{^https://c\.example/x/[\w-]{54}$}, 'links to another host');
isnt($t->get('/elsewhere/trending')->{headers}{etag}, $r->{headers}{etag},
     'which is another tag');

is($t->get("$list?fields=productId")->{json}{items}[0]{clickUrl}, undef,
   'fields leaves it out');
like($t->get("$list?fields=clickUrl")->{json}{items}[0]{clickUrl},
     qr{^/r/}, 'or asks for it');
like($t->get("$list?format=msgpack")->{body}, qr{\xa8clickUrl\xd9.$items[0]{clickUrl}},
     'MessagePack has it');
like($t->get("$list?format=html")->{body},
     qr{<a href="$items[0]{clickUrl}">}, 'HTML has it');
like($t->get('/page')->{body}, qr{<a href="/r/[\w-]{54}">},
     'a list of a page has it');

$r = $t->post('/recommendations/batch', [{ type => 'TRENDING' },
    { type => 'TRENDING', fields => 'clickUrl' }, { type => 'BESTSELLERS' }]);
is($r->{json}{responses}[0]{answer}{items}[0]{clickUrl},
   $items[0]{clickUrl}, 'a batch has it');
is($r->{json}{responses}[1]{answer}{items}[0]{clickUrl},
   $items[0]{clickUrl}, 'of its fields, too');


# a click

$r = $t->get($items[1]{clickUrl},
             headers => { Cookie => 'session=one', Referer => 'http://a/b?c',
                          'User-Agent' => 'iPhone' });
my ($n) = $items[1]{productId} =~ /(\d)/;
is($r->{status}, 302, 'a click');
is($r->{headers}{location}, "/p/$n.html?a=1&b=2", 'leads to the product');
is($r->{headers}{'cache-control'}, 'no-store', 'is not kept');
is($r->{headers}{'x-robots-tag'}, 'noindex, nofollow', 'nor indexed');
is($r->{headers}{'referrer-policy'}, 'strict-origin-when-cross-origin',
   'and says little');

my ($e, @rest) = clicks();
is(scalar @rest, 0, 'one event');
is($e->{recommendationId}, $id, 'of this answer');
is($e->{items}[0][0], $items[1]{productId}, 'on this product');
is($e->{items}[0][3], 2, 'at this position');
is($e->{shop}, 'north', 'in this shop');
is($e->{device}, 2, 'on a mobile');
is($e->{referrer}, 'http://a/b', 'from this page');
is(length $e->{session}, 16, 'by this session');
is($e->{user}, undef, 'of nobody who is known');
cmp_ok(abs($e->{time_ms} - $now), '<', 60_000, 'now');
is(counters()->{clicks}, 1, 'counted');

$r = $t->get('/recommendations/session',
             headers => { Cookie => 'session=one' });
is($r->{json}{items}[0]{reason}{productId}, $items[1]{productId},
   'the session knows of it');

$r = $t->get("$items[1]{clickUrl}?utm_source=mail",
             headers => { Cookie => 'session=two', 'X-User' => 'ann' });
is($r->{status}, 302, 'with arguments');
is($r->{headers}{location}, "/p/$n.html?a=1&b=2", 'which go nowhere');
($e) = (clicks())[-1];
is(length $e->{user}, 16, 'a verified user');
is($e->{verified}, 1, 'is one');

$r = $t->get(url_of('p5'));
is($r->{headers}{location}, 'https://shop.example/five',
   'another host of the shop');
($e) = (clicks())[-1];
is($e->{session}, undef, 'a click without a session');
is($e->{recommendationId}, $id, 'counts');

$r = $t->get($_ . substr $items[1]{clickUrl}, 2) for '/short';
is($r->{status}, 302, 'a location without a slash behind it');


# private answers

my @head = (headers => { Cookie => 'session=one' });
my $private = $t->get('/recommendations/recently-viewed', @head);
like($private->{json}{items}[0]{clickUrl}, qr{^/r/[\w-]{64}$},
     'a private answer');
like($private->{json}{recommendationId}, qr/-/, 'has an id of its own');
$r = $t->get($private->{json}{items}[0]{clickUrl}, @head);
is($r->{status}, 302, 'a click on it');
is((clicks())[-1]{recommendationId}, $private->{json}{recommendationId},
   'which is told');

$r = $t->get('/recommendations/home', @head);
my $item = $r->{json}{rails}[0]{items}[0];
$t->get($item->{clickUrl}, @head);
$e = (clicks())[-1];
is($e->{recommendationId}, $r->{json}{recommendationId}, 'of a home page');
is($e->{items}[0][0], $item->{productId}, 'a product');
is($e->{items}[0][3], $item->{position}, 'at its position in the rail');


# who says no

$r = $t->get($private->{json}{items}[0]{clickUrl},
             headers => { Cookie => 'session=one', 'Sec-GPC' => '1',
                          'X-User' => 'ann' });
is($r->{status}, 302, 'who says no');
$e = (clicks())[-1];
is($e->{consent}, 2, 'has said so');
is_deeply([grep { defined } @$e{qw(session user recommendationId address)}],
          [], 'and is nobody');


# what is no click

my $before = scalar clicks();
$r = $t->head($items[1]{clickUrl}, @head);
is($r->{status}, 302, 'HEAD leads there');
is($r->{headers}{location}, "/p/$n.html?a=1&b=2", 'it does');

for (['Sec-Purpose', 'prefetch;prerender'], ['Purpose', 'prefetch'],
     ['X-Moz', 'prefetch'], ['X-Purpose', 'preview'])
{
    $r = $t->get($items[1]{clickUrl}, headers => { @$_ });
    is($r->{status}, 302, "$_->[0]: leads there");
}

is(scalar clicks(), $before, 'none of them is a click');
is(counters()->{clicksLooks}, 5, 'but is counted');

for my $method (qw(POST PUT DELETE OPTIONS)) {
    $r = $t->http($method, $items[1]{clickUrl}, body => '');
    is($r->{status}, 405, $method);
    is($r->{headers}{allow}, 'GET, HEAD', "$method: Allow");
}


# a link belongs to a shop and its key

$r = $t->get(url_of('p1', '/south/trending'));
is($r->{status}, 404, 'a link of another shop');
is($r->{headers}{'cache-control'}, 'no-store', 'is not kept either');
is(counters()->{clicksForged}, 1, 'which is counted');
is($t->get(url_of('p6'))->{status}, 404, 'a product without address');
is(counters()->{clicksAstray}, 1, 'which is counted');
like($t->error_log, qr/product "p6" has no address/, 'and logged');

(my $soft = url_of('p6')) =~ s{^/r/}{/soft/};
is($t->get($soft)->{headers}{location}, '/sorry', 'goes to the fallback');
is($t->get('/soft/x')->{headers}{location}, '/sorry', 'as does nonsense');
is($t->get('/r/')->{status}, 404, 'no token');
is($t->get('/r/a/b')->{status}, 404, 'something behind it');
(my $empty = $items[1]{clickUrl}) =~ s{^/r/}{/empty/};
is($t->get($empty)->{status}, 404, 'another key, no snapshot');

# a key that came before still opens

my $key = $t->read_file('base/key');
my $old = $items[1]{clickUrl};
$t->write_file('key.new', "${key}77 " . 'ab' x 32 . "\n");
chmod 0640, "$t->{dir}/key.new";
rename "$t->{dir}/key.new", "$t->{dir}/base/key";
ok($t->wait_for(sub { url_of($items[1]{productId}) ne $old }, 5),
   'a new key signs');
is($t->get(url_of($items[1]{productId}))->{status}, 302, 'it opens');
is($t->get($old)->{status}, 302, 'so does the old one');
isnt($t->get($list)->{headers}{etag}, undef, 'another tag');
is($t->get($list, headers => { 'If-None-Match' => "\"$id\"" })->{status},
   200, 'of other bytes');

$t->write_file('key.new', '77 ' . 'ab' x 32 . "\n");
chmod 0640, "$t->{dir}/key.new";
rename "$t->{dir}/key.new", "$t->{dir}/base/key";
ok($t->wait_for(sub { $t->get($old)->{status} == 404 }, 5),
   'until it is taken out');


# what has gone, what is sold out

my $gone = url_of('p2');
my $sold = url_of('p3');
$id = $t->snapshot_id;
$t->build_snapshot(events => \@events, args => ['--force'], catalog => [
    map { $_->{productId} eq 'p2' ? { %$_, listed => JSON::PP::false() }
          : $_->{productId} eq 'p3' ? { %$_, stock => 0 } : $_ } @catalog]);
ok($t->wait_for(sub {
    $t->get($list)->{json}{snapshotId} ne $id }, 5), 'another snapshot');
is($t->get($gone)->{status}, 410, 'what the shop has no more is gone');
is(counters()->{clicksGone}, 1, 'which is counted');
$gone =~ s{^/r/}{/soft/};
is($t->get($gone)->{headers}{location}, '/sorry', 'or goes to the fallback');
is($t->get($sold)->{headers}{location}, '/p/3.html?a=1&b=2',
   'what is sold out has a page still');

is_deeply([Test::Recs::Journal::gaps(
    Test::Recs::Journal::frames("$t->{dir}/journal"))], [], 'no gaps');
$t->stop;


# a journal that is full is not the visitor's trouble

$conf =~ s/recs_journal.*;/recs_journal %%DIR%%\/small max=1m segment=64k;/;
$t->run($conf);

my $event = { activityType => 'PRODUCT_VIEW', sessionId => 's',
              productId => 'p1', query => 'x' x 1000 };
my $refused = 0;

# a segment that is still made is waited for

for (1 .. 1000) {
    my $status = $t->post('/analytics/batch', [($event) x 20])->{status};
    $refused = $status == 503 ? $refused + 1 : 0;
    last if $refused > 20;
    select undef, undef, undef, 0.05 if $refused;
}

cmp_ok($refused, '>', 20, 'a full journal');

my $url = url_of('p1');
$r = $t->get($url, @head) for 1 .. 30;
is($r->{status}, 302, 'a click');
is($r->{headers}{location}, '/p/1.html?a=1&b=2', 'leads there');
cmp_ok(counters()->{clicksUncounted}, '>=', 1, 'and is told of');

$t->done;
