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
