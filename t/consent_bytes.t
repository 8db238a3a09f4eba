#!/usr/bin/perl

# Copyright (C) recs authors

# Who says no leaves no byte: neither an id nor its identity nor the address
# is found in the journal, the zone, Redis, the logs, or in what the builder
# makes of it all; what was done still counts.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Bytes qw(count dump_of files identities zone);
use Test::Recs::Journal;
use Time::HiRes qw(sleep);

my $t = Test::Recs->new(slack => 32);
my $dir = $t->dir;
my $socket = "$dir/redis.sock";
my $redis = $t->redis;
my $now = int(time) * 1000;

mkdir "$dir/$_" for 'journal', 'out';
$t->write_file('key', "1 " . '1f' x 32 . "\n2 " . '2e' x 32 . "\n");
chmod 0640, "$dir/key";

$t->build_snapshot(
    events => [map { { activityType => 'PRODUCT_VIEW', productId => "p$_",
                       sessionId => 'x', timestamp => $now - 86_400_000 } }
               1 .. 9],
    catalog => [map { { productId => "p$_", title => "p$_", price => $_,
                        stock => 9, url => "/p/$_" } } 1 .. 9],
    args => [ '--key', "$dir/key" ]);

my $link = $redis ? "recs_redis unix:$socket session_wait=0;" : '';

$t->run(<<"EOC");
%%GLOBALS%%
worker_processes 2;
events { }
http {
    %%GLOBALS_HTTP%%
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Forwarded-For;
    client_body_buffer_size 1k;

    recs_zone recs:4m;
    recs_snapshot %%DIR%%/base/current;
    recs_key %%DIR%%/key;
    recs_journal %%DIR%%/journal max=16m segment=64k;
    recs_user \$http_x_user;
    recs_consent \$cookie_consent;
    recs_clicks /r/;
    $link

    server {
        listen 127.0.0.1:%%PORT%%;

        location /recommendations { recs; }
        location /analytics { recs_events; }
        location /r/ { recs_click; }
        location /status { recs_status; }
    }
}
EOC

ok($t->wait_for(sub {
    $t->get('/status')->{json}{redisConnected} == 2 }, 10), 'connected')
    if $redis;

my $address = '203.0.113.77';
my %counted;


# All that a visitor can do, as somebody of its own in each way of saying no.

sub person {
    my ($way) = @_;
    return (user => "user-raw-$way", session => "session-raw-$way",
            anonymous => "anonymous-raw-$way", order => "order-raw-$way");
}

sub ask {
    my ($method, $path, $body, %headers) = @_;
    return $t->http($method, $path, headers => {
            'Content-Type' => 'application/json',
            'X-Forwarded-For' => $address, %headers },
        defined $body ? (body => ref $body ? JSON::PP->new->encode($body)
                                           : $body) : ());
}

sub visit {
    my ($way, $lists, $consent, %no) = @_;
    my %p = person($way);
    my %as = ('X-User' => $p{user}, 'X-Session-ID' => $p{session}, %no);
    my $n = 0;

    my $event = sub {
        my ($type, %o) = @_;
        $n++;
        return { activityType => $type, userId => $p{user},
                 sessionId => $p{session}, anonymousId => $p{anonymous},
                 ipAddress => $address, messageId => "message-$p{user}-$n",
                 pageUrl => "https://shop/account/$p{user}?s=$p{session}",
                 referrer => "https://shop/$p{session}",
                 metadata => { note => $p{user}, ip => $address },
                 name => "of $p{anonymous}", placement => $p{session},
                 region => "by $p{user}", variant => "arm of $p{user}",
                 $consent ? (consent => $consent) : (), %o };
    };

    my @events = (
        $event->('PRODUCT_VIEW', productId => 'p1'),
        $event->('ADD_TO_CART', productId => 'p2', price => 2),
        $event->('SEARCH', query => "orders of $p{user}"),
        $event->('PURCHASE', orderId => $p{order}, value => 12.5,
                 currency => 'EUR', items => [
                     { productId => 'p2', price => 2, quantity => 1,
                       variantId => "of $p{session}" } ]),
        $event->('whatever', productId => 'p3'),
        $event->('LOGIN'), $event->('LOGOUT'));

    for my $e (@events) {
        is(ask('POST', '/analytics/activity', $e, %as)->{status}, 202,
           "$way: $e->{activityType}");
        $counted{$e->{activityType}}++;
    }

    # a batch, of which some are refused; bodies that are

    my $r = ask('POST', '/analytics/batch', [
        $event->('PRODUCT_VIEW', productId => 'p4'),
        $event->('PRODUCT_VIEW'),
        $event->('PRODUCT_VIEW', productId => 'p5', position => $p{user}),
    ], %as);
    is("$r->{json}{accepted} $r->{json}{rejected}", '1 2', "$way: a batch");
    unlike($r->{body}, qr/raw/, "$way: the answer names nobody");
    $counted{PRODUCT_VIEW}++;

    for my $bad ('{"userId":"' . $p{user} . '",', "$p{session}",
                 '{"activityType":"PAGE_VIEW","userId":"' . $p{user}
                 . '","x":"' . $p{session} x 200 . '","y":[1,]}') {
        is(ask('POST', '/analytics/activity', $bad, %as)->{status}, 400,
           "$way: a bad body");
    }

    return if !$lists;

    # lists, pages of somebody, a click

    $r = ask('GET', "/recommendations/trending?limit=3", undef, %as);
    is($r->{status}, 200, "$way: a public list");
    my $click = $r->{json}{items}[0]{clickUrl};

    for my $path ('/recommendations/personalized?userId=' . $p{user},
                  '/recommendations/recently-viewed?sessionId='
                  . $p{session}, '/analytics/history?userId=' . $p{user},
                  '/recommendations/home') {
        is(ask('GET', $path, undef, %as)->{status}, 200, "$way: $path");
    }

    is(ask('POST', '/recommendations/batch',
           [{ type => 'PERSONALIZED', sessionId => $p{session} }],
           %as)->{status}, 200, "$way: questions at once");
    is(ask('GET', $click, undef, %as)->{status}, 302, "$way: a click");
    $counted{RECOMMENDATION_CLICK}++;
}


# what is to be found nowhere

sub traces {
    my ($way) = @_;
    my %p = person($way);
    my @found = values %p;

    for my $kind (['u', $p{user}], ['s', $p{session}],
                  ['a', $p{anonymous}]) {
        for my $id (identities("$dir/key", @$kind)) {
            push @found, $id, unpack('H*', $id), uc unpack('H*', $id),
                join '', map { sprintf '\\x%02x', $_ } unpack 'C*', $id;
        }
    }

    return (@found, $address, '203.0.113', pack('C4', 203, 0, 113, 77));
}

sub everywhere {
    my $logs = files("$dir/error.log", "$dir/output.log",
                     "$dir/daemon.log", "$dir/tmp");

    # nginx itself names the client of a line, and what was asked for

    $logs =~ s/^.*client request body is buffered to a temporary file.*$//mg;

    return (journal => files("$dir/journal"), zone => zone($t),
            redis => $redis ? dump_of($t, $socket) : '', logs => $logs);
}

sub none_of {
    my ($way, $what, %places) = @_;

    is(count($places{$_}, traces($way)), 0, "$way: $what: not in $_")
        for sort keys %places;
}


# that it would be found: somebody who says yes

visit('yes', 1, 'granted', Cookie => 'consent=granted');

my @yes = traces('yes');
my %all = everywhere();
my %p = person('yes');
my ($session) = identities("$dir/key", 's', $p{session});

ok(count($all{journal}, $session), 'a yes is in the journal');
ok(count($all{zone}, $session), 'and in the zone');
ok($t->wait_for(sub {
    count(dump_of($t, $socket), $session) }, 10), 'and in Redis') if $redis;
like($all{journal}, qr/203\.0\.113\.0/, 'with the network');


# what the builder makes of it

sub build {
    my $config = $t->write_file('run.conf', qq(out = "$dir/out"\n)
        . qq(log = "$dir/log"\nkey = "$dir/key"\n)
        . ($redis ? qq(redis = "unix:$socket"\n)
                  : qq(journal = "$dir/journal"\n)));
    my ($rc, $text) = $t->command($t->builder, 'run', '-c', $config,
                                  '--once');
    my ($events) = $text =~ /build started.*\bevents=(\d+)/;
    return ($events // diag($text), $text);
}

sub acts { return grep { $_->{class} == 1 }
           Test::Recs::Journal::frames("$dir/journal", 'act') }

%counted = ();


# three ways to say no, and all of them at once

visit('gpc', 1, undef, 'Sec-GPC' => '1');
visit('gpc-yes', 1, 'granted', 'Sec-GPC' => '1');
visit('event', 0, 'denied');
visit('conf', 1, undef, Cookie => 'consent=denied');
visit('conf-yes', 1, 'granted', Cookie => 'consent=DENIED');
visit('all', 1, 'denied', 'Sec-GPC' => '1', Cookie => 'consent=denied');

# somebody who was known and says no then: what is live goes, in the zone and
# in Redis; the journal keeps what was agreed to

visit('later', 0, undef);
my ($later) = identities("$dir/key", 'u', 'user-raw-later');
ok(count(zone($t), $later), 'who was known');
ok($t->wait_for(sub { count(dump_of($t, $socket), unpack 'H*', $later) }, 10),
   'in Redis, too') if $redis;
visit('later', 1, undef, 'Sec-GPC' => '1');
is(count(zone($t), traces('later')), 0, 'and says no, is not any more');
ok($t->wait_for(sub {
    my $keys = $t->command('redis-cli', '-s', $socket, 'KEYS',
                           '*:session:*');
    return $keys !~ unpack 'H*', $later;
}, 10), 'nor in Redis') if $redis;

sleep 1;
%all = everywhere();

# the network of those who said nothing is there

$all{$_} =~ s/203\.0\.113\.0//g for 'journal', 'redis';
none_of($_, 'served', %all)
    for 'gpc', 'gpc-yes', 'event', 'conf', 'conf-yes', 'all';

my @acts = acts();
my @no = grep { $_->{consent} == 2 } @acts;
my %name = (3 => 'PRODUCT_VIEW', 20 => 'ADD_TO_CART', 12 => 'SEARCH',
            45 => 'PURCHASE', 255 => 'whatever', 90 => 'LOGIN',
            91 => 'LOGOUT', 71 => 'RECOMMENDATION_CLICK');
my %there;
$there{$name{$_->{type}}}++ for @no;
$counted{$_->{activityType}}-- for map { { activityType => $_ } }
    qw(PRODUCT_VIEW PRODUCT_VIEW ADD_TO_CART SEARCH PURCHASE whatever LOGIN
       LOGOUT);
is_deeply(\%there, \%counted, 'all of it is there, of nobody');

my @bought = grep { $_->{type} == 45 } @no;
is($_->{items}[0][0], 'p2', 'what was bought') for @bought;
is(scalar(grep { $_->{address} || $_->{metadata} || $_->{pageUrl}
                 || $_->{referrer} || $_->{region} || $_->{variant}
                 || $_->{user} || $_->{session}
                 || $_->{anonymous} || $_->{verified} } @no), 0,
   'nothing that tells who');

my @exposures = grep { $_->{class} == 3 && $_->{consent} == 2 }
    Test::Recs::Journal::frames("$dir/journal", 'exp');
ok(scalar @exposures, 'answers are counted');
is(scalar(grep { $_->{user} || $_->{session} || $_->{anonymous} }
          @exposures), 0, 'of nobody');


# and in what the builder keeps

my @all = Test::Recs::Journal::frames("$dir/journal");
my ($events) = build();
is($events, scalar @all, 'the builder counts all of it');

my %kept = (log => files("$dir/log"), out => files("$dir/out"));
$kept{log} =~ s/203\.0\.113\.0//g;
none_of($_, 'built', %kept)
    for 'gpc', 'gpc-yes', 'event', 'conf', 'conf-yes', 'all';

$t->done;
