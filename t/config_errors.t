#!/usr/bin/perl

# Copyright (C) recs authors

# nginx -t refuses what can never work, and warns of what may come later.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $dir = $t->dir;

mkdir "$dir/there";
mkdir "$dir/there/directory";
$t->write_file('bad.key', "no key at all\n");
$t->write_file('good.key', '1 ' . '0123456789abcdef' x 4 . "\n");
chmod 0640, "$dir/good.key", "$dir/bad.key";

sub refused {
    my ($http, $re, $server) = @_;
    my ($ok, $out) = $t->test_conf($t->conf(http => $http,
        server => $server // 'location / { recs; }'));

    ok(!$ok, "refused: " . ($server // $http));
    like($out, qr/\[emerg\].*$re/, 'and why');
}

sub taken {
    my ($http, $warning, $server) = @_;
    my ($ok, $out) = $t->test_conf($t->conf(http => $http,
        server => $server // 'location / { recs; }'));

    ok($ok, "taken: $http") or diag $out;
    $warning ? like($out, qr/\[warn\].*$warning/, 'with a warning')
             : unlike($out, qr/\[warn\]/, 'without a warning');
}

refused('recs_snapshot base/current;', qr/"base\/current" must be an abs/);
refused("recs_snapshot $dir/;", qr/has no file name/);
refused("recs_snapshot $dir/there/directory;", qr/is not a file/);
refused("recs_snapshot $dir/current check=soon;", qr/"check=soon"/);
refused("recs_snapshot $dir/current check=0;", qr/"check=0"/);
refused("recs_snapshot $dir/current wrong=1;", qr/"wrong=1"/);
refused("recs_snapshot $dir/a; recs_snapshot $dir/b;", qr/duplicate/);
refused('recs_snapshot;', qr/number of arguments/);

refused('recs_key key;', qr/must be an absolute/);
refused("recs_key $dir/;", qr/has no file name/);
refused("recs_key $dir/bad.key;", qr/key file "$dir\/bad.key"/);
refused("recs_key $dir/there;", qr/key file "$dir\/there"/);

# clicks: what goes into pages and headers as it is

refused("recs_clicks $_;", qr/invalid URI/)
    for 'r/', '//evil.example/', '"/r r/"', '/r"/', "/r'/", '/<r>/', '/r&/',
        'ftp://a/', 'javascript:/', '/\\\\r/', '""', '/' . 'r' x 255 . '/';
refused('recs_clicks /r;', qr/needs a URI that ends with "\/"/);
refused("recs_clicks /r/ $_;", qr/invalid parameter "\Q$_\E"/)
    for qw(ttl= ttl=0 ttl=59s ttl=367d ttl=x age=1d);
refused('recs_clicks off ttl=1d;', qr/invalid URI "off"/);
refused('recs_clicks /r/; recs_clicks off;', qr/duplicate/);
taken("recs_snapshot $dir/there/current; recs_key $dir/good.key;
       recs_clicks $_;", qr/not there yet/)
    for 'off', '/r/', '/r/ ttl=1m', 'https://c.example:8443/r/ ttl=366d';

refused("recs_click_hosts $_;", qr/invalid host/)
    for '*.example', 'https://a.example', 'a.example/', 'a.example:0',
        'a@b.example', '[::1]', '.a', 'a.', 'a.example off/';
refused('recs_click_hosts;', qr/number of arguments/);
refused('recs_click_hosts a; recs_click_hosts b;', qr/duplicate/);
taken("recs_snapshot $dir/there/current; recs_key $dir/good.key;
       recs_click_hosts $_;", qr/not there yet/)
    for 'off', 'a.example', 'a.example b.example:8443';

refused('', qr/invalid URI/, "location /r/ { recs_click $_; }")
    for 'fallback=', 'fallback=x', 'fallback=//x', '"fallback=/a b"';
refused('', qr/invalid parameter "to=\/"/,
        'location /r/ { recs_click to=/; }');
refused('', qr/cannot be used inside an exact location/,
        'location = /r/ { recs_click; }');
refused('', qr/given by regular expression/,
        'location ~ ^/r/ { recs_click; }');
refused('', qr/inside a named location/, 'location @r { recs_click; }');
refused('', qr/is duplicate/, 'location /r/ { recs_click; recs; }');
refused('', qr/is duplicate/, 'location /r/ { recs_events; recs_click; }');
refused('recs_click;', qr/is not allowed here/);

refused("recs_limit $_;", qr/invalid limit/)
    for qw(0 101 -1 x), '10 max=5', '10 max=101', '10 max=x', '10 most=3';

refused('recs_similar_weights 1 2 3;', qr/needs five numbers/);
refused('recs_similar_weights 1 2 3 4 x;', qr/invalid weight "x"/);
refused('recs_similar_weights 1 2 3 4 -5;', qr/invalid weight "-5"/);
refused('recs_similar_weights 0 0 0 0 0;', qr/above zero/);

refused("recs_zone $_;", qr/zone/)
    for qw(recs :1m recs: recs:x recs:1k recs:-1);
refused('recs_zone a:2m; recs_zone b:2m;', qr/duplicate/);

refused('recs_shop "";', qr/invalid shop/);
refused('recs_shop ' . 'x' x 65 . ';', qr/invalid shop/);
refused('recs_exposures maybe;', qr/"maybe"/);
refused('recs_events_max_body 0;', qr/from 1 byte/);
refused('recs_events_max_body many;', qr/invalid value/);
refused('recs_events_max_batch 0;', qr/must be between 1 and/);
refused('recs_user $no_such_variable;', qr/unknown "no_such_variable"/);

refused('', qr/regular expression/, 'location ~ \.json$ { recs; }');
refused('', qr/named location/, 'location @name { recs; }');
refused('', qr/duplicate/, "location / { $_ }")
    for 'recs; recs_events;', 'recs_events; recs;', 'recs; recs_status;',
        'recs_status; recs;', 'recs_events; recs_status live;',
        'recs_status ready; recs_events;', 'recs_status; recs_status live;';
refused('', qr/"xml"/, 'location / { recs_status xml; }');
refused('', qr/not allowed here/, 'recs;');

taken("recs_snapshot $dir/none/current;", 'directory .*none" is not there');
taken("recs_snapshot $dir/there/current;", 'snapshot .*current" is not');
taken("recs_snapshot off; recs_key $dir/none.key;", 'key file .* not there');
taken("recs_snapshot off; recs_key $dir/good.key;");
taken('', '', 'location / { return 200; }');
taken('', '', 'location / { recs_status; } location /x { recs; }');
taken('recs_zone shop:2m; recs_limit 5 max=20; recs_exposures off;
       recs_similar_weights 40 15 20 15 10; recs_shop "Shop 1";
       recs_user $remote_user; recs_session $cookie_sid; recs_region DE;
       recs_variant $arg_arm; recs_consent granted;
       recs_events_max_body 1m; recs_events_max_batch 10;');

mkdir "$dir/base";
taken("recs_snapshot $dir/base/current;", 'key" is not there yet');
ok(!-e "$dir/base/key", 'a test of the configuration makes no key');

unlink "$dir/nginx.conf", "$dir/output.log";
done_testing();
