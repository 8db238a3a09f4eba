#!/usr/bin/perl

# Copyright (C) recs authors

# A share of the visitors is answered from another snapshot: the same ones in
# every worker, after a reload and when the share grows; caches never mix the
# two; each has its hot layer and its rollback.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Hot;
use Test::Recs::Shop;


# a client and two hot files come after the start

my $t = Test::Recs->new(slack => 4);
my @rows = (events => Test::Recs::Shop::events(),
            catalog => Test::Recs::Shop::catalog());
my %row = map { $_->{productId} => $_ } @{Test::Recs::Shop::catalog()};

my $base = $t->build_snapshot(@rows);
my $canary = $t->build_snapshot(dir => 'canary', @rows,
                                args => [ '--now', '2026-01-07' ]);
isnt($base, $canary, 'two snapshots');

sub conf {
    my ($share) = @_;
    my $canary = "%%DIR%%/canary/current hot=%%DIR%%/hot-canary/current";

    return $t->conf(main => 'worker_processes 2;', http => "
    recs_snapshot %%DIR%%/base/current hot=%%DIR%%/hot/current check=200ms;
    ", server => "
    location /recommendations {
        recs;
        recs_canary $share $canary check=200ms;
        recs_user \$http_x_user;
        recs_consent \$http_x_consent;
    }
    location /by-cookie {
        recs;
        recs_canary 50% %%DIR%%/canary/current key=\$cookie_visitor;
    }
    location /without {
        recs;
        recs_canary 0%;
    }
    location /status { recs_status; }
    location /prometheus { recs_status prometheus; }
    ");
}

$t->run(conf('20%'));
my $c = $t->client;

sub arm {
    my ($session, %o) = @_;
    my $uri = ($o{uri} // '/recommendations/bestsellers') . '?limit=1'
        . (defined $session ? "&sessionId=$session" : '') . ($o{args} // '');
    my $r = $o{alone} ? $t->get($uri, headers => $o{headers} // {})
                      : $c->($uri, headers => $o{headers} // {});
    my $id = $r->{json}{snapshotId} // "status $r->{status}";

    return $id eq $canary ? 1 : $id eq $base ? 0 : $id;
}


# a fifth, within five standard deviations: sqrt(2000 x .2 x .8) is 17.9

my %arm = map { $_ => arm("s$_") } 1 .. 900;
$c = $t->client;
$arm{$_} = arm("s$_") for 901 .. 1800;
$c = $t->client;
$arm{$_} = arm("s$_") for 1801 .. 2000;

my $n = grep { $arm{$_} } keys %arm;
cmp_ok($n, '>', 400 - 90, "$n of 2000 sessions, not too few");
cmp_ok($n, '<', 400 + 90, 'nor too many');

my $s = $t->get('/status')->{json};
is($s->{arms}{canary}, $n, 'counted');
is($s->{arms}{base}, 2000 - $n, 'the others too');
like($t->get('/prometheus')->{body},
     qr/^nginx_recs_snapshot_answers_total\{arm="canary"\} $n$/m,
     'as a metric');


# sticky: any worker, any time, after a reload, and when the share grows

my @some = map { $_ * 13 } 1 .. 60;
my $wrong = grep { arm("s$_", alone => 1) ne $arm{$_} } @some, @some;
is($wrong, 0, 'the same on any connection');

ok($t->reload, 'reload');
$c = $t->client;
is(scalar(grep { arm("s$_") ne $arm{$_} } @some), 0, 'after a reload');

$t->write_file_expand('nginx.conf', conf('60%'));
ok($t->reload, 'a larger share');
$c = $t->client;
my @more = map { arm("s$_") } @some;
is(scalar(grep { $arm{$some[$_]} && !$more[$_] } 0 .. $#some), 0,
   'who was one of them still is');
cmp_ok(scalar(grep { $_ } @more), '>', scalar(grep { $arm{$_} } @some),
       'and more are');

$t->write_file_expand('nginx.conf', conf('20%'));
ok($t->reload, 'the first share again');
$c = $t->client;

my ($in) = grep { $arm{$_} } sort { $a <=> $b } keys %arm;
my ($out) = grep { !$arm{$_} } sort { $a <=> $b } keys %arm;


# who is not known, who does not want to be, who is known better

is(arm(undef), 0, 'without identity');
is(arm("s$in", headers => { 'X-Consent' => 'denied' }), 0,
   'without consent');
is(arm(undef, headers => { 'X-Session-ID' => "s$in" }), 1, 'by header');
is(arm("s$in", headers => { 'X-User' => "s$out" }), 0,
   'the verified user goes before the session');
is(arm(undef, uri => '/without/bestsellers',
       headers => { 'X-Session-ID' => "s$in" }), 0, 'no share');

my %cookie = map { $_ => arm(undef, uri => '/by-cookie/bestsellers',
                             headers => { Cookie => "visitor=v$_" }) }
    1 .. 60;
my $half = grep { $_ } values %cookie;
cmp_ok($half, '>', 5, 'by a variable');
cmp_ok($half, '<', 55, 'not all');


# caches

my $r = $t->get("/recommendations/bestsellers?sessionId=s$in");
is($r->{headers}{'cache-control'}, 'private, no-cache', 'private');
is($r->{headers}{etag}, undef, 'without a tag');
my %public = map { $_ => $t->get("/recommendations/bestsellers?snapshot=$_") }
    qw(base canary);
like($public{$_}{headers}{'cache-control'}, qr/^public/,
     "$_: public where the URL says which") for sort keys %public;
is($public{base}{json}{snapshotId}, $base, 'the one');
is($public{canary}{json}{snapshotId}, $canary, 'the other');
isnt($public{base}{headers}{etag}, $public{canary}{headers}{etag},
     'two tags');
is($t->get('/recommendations/bestsellers?snapshot=x')->{status}, 400,
   'no such snapshot');


# a hot layer for each

my $hot = Test::Recs::Hot::publish($t, catalog => [
    { %{$row{S1}}, price => 11 } ]);
my $other = Test::Recs::Hot::publish($t, dir => 'hot-canary', catalog => [
    { %{$row{S1}}, price => 22 } ]);

sub price {
    my ($session) = @_;
    my $r = $t->get("/recommendations/bestsellers?limit=24"
                    . "&sessionId=s$session");
    my ($s1) = grep { $_->{productId} eq 'S1' } @{$r->{json}{items}};
    return join ' ', $r->{json}{snapshotId}, $r->{json}{layerId} // '-',
        $s1->{product}{price};
}

sub becomes {
    my ($session, $want, $name) = @_;
    my $got;
    ok($t->wait_for(sub { ($got = price($session)) eq $want }, 5), $name)
        or diag $got;
}

becomes($out, "$base $hot 11", 'the layer of the base');
becomes($in, "$canary $other 22", 'the layer of the canary');


# each rolls back by itself

my $next = $t->build_snapshot(@rows, args => [ '--now', '2026-01-08' ]);
becomes($out, "$next $hot 11", 'another base');
becomes($in, "$canary $other 22", 'the same canary');
$t->publish($base);
becomes($out, "$base $hot 11", 'the base rolled back');

my $newer = $t->build_snapshot(dir => 'canary', @rows,
                               args => [ '--now', '2026-01-09' ]);
becomes($in, "$newer $other 22", 'another canary');
$t->publish($canary, 'canary');
becomes($in, "$canary $other 22", 'the canary rolled back');
becomes($out, "$base $hot 11", 'and nothing else');


# errors

for ([ '101% /x/current', qr/invalid share "101%", it must be from 0% to/ ],
     [ '5 /x/current', qr/invalid share "5"/ ],
     [ '5%', qr/"recs_canary" directive needs a snapshot/ ],
     [ '5% x', qr/snapshot "x" must be an absolute path/ ],
     [ '5% /x/current layer=1', qr/invalid parameter "layer=1"/ ],
     [ '5% /x/current hot=y', qr/snapshot "y" must be an absolute path/ ])
{
    my ($value, $error) = @$_;
    my $e = Test::Recs->new;
    my (undef, $text) = $e->test_conf($e->conf(http => '', server =>
        "location /recommendations { recs; recs_canary $value; }"));
    like($text, $error, "recs_canary $value");
}

$t->done;
