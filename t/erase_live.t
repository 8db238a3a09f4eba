#!/usr/bin/perl

# Copyright (C) recs authors

# Erasure while nginx, the daemon and Redis run: asked for over HTTP and by
# recs-builder erase, which waits for the daemon.  Then neither the id nor its
# key is in log, journal, Redis, zone or a snapshot.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP qw(decode_json encode_json);
use MIME::Base64 qw(encode_base64);
use Test::More;
use Test::Recs;
use Test::Recs::Bytes qw(count dump_of files identities zone);
use Test::Recs::Log;
use Test::Recs::Redis;
use Time::HiRes qw(sleep);

plan skip_all => 'no zstd' if system('zstd -q --version >/dev/null 2>&1');

my $t = Test::Recs->new(slack => 32);
my ($dir, $builder) = ($t->dir, $t->builder);
my $redis = $t->redis;
my $socket = "$dir/redis.sock";
my $alice = 'alice-0815@shop.example';

$t->write_file('key', '1 ' . '1f' x 32 . "\n2 " . '2e' x 32 . "\n");
$t->write_file('erase', "secret-of-the-shop-1\n");
chmod 0640, "$dir/key", "$dir/erase";
mkdir "$dir/$_" for qw(out journal);

$t->write_file('catalog.jsonl', join '', map {
    encode_json({productId => "p$_", title => "P$_", price => $_ + .5,
                 currency => 'EUR', category => ['c']}) . "\n" } 0 .. 9);
$t->write_file('events.jsonl', join '', map {
    encode_json({activityType => 'PRODUCT_VIEW', productId => 'p' . $_ % 10,
                 userId => $_ % 3 ? 'bob' : $alice, sessionId => "old-$_",
                 timestamp => 1000 * (time - 86400 + $_)}) . "\n" } 1 .. 60);

my ($rc, $out) = $t->command($builder, 'import', '-q', '--log', "$dir/log",
    '--key', "$dir/key", '--catalog', "$dir/catalog.jsonl", '--events',
    "$dir/events.jsonl");
is($rc, 0, 'imported') or diag($out);

# both may do in Redis what the manual says, and nothing else

my ($link, $source) = ('', '');

if ($redis) {
    my $r = Test::Recs::Redis->new($socket);

    for my $user ('edge', 'builder') {
        Test::Recs::Redis::user($r, $user, "secret-of-$user");
        $t->write_file("password.$user", "secret-of-$user\n");
    }

    $link = "recs_redis unix:$socket user=edge
                        password_file=$dir/password.edge;";
    $source = <<"EOC";
redis = "unix:$socket"
redis_user = "builder"
redis_password_file = "$dir/password.builder"
EOC
}

$t->write_file('run.conf', <<"EOC");
log = "$dir/log"
out = "$dir/out"
key = "$dir/key"
journal = "$dir/journal"
hot = "$dir/hot"
schedule = "1d"
poll = 0.05
hot_every = 0.1
force = true
$source
EOC

my $pid = $t->run_daemon($builder, 'run', '-c', "$dir/run.conf");
ok($t->wait_for(sub { -e "$dir/out/current" }, 20), 'a snapshot')
    or diag($t->read_file('daemon.log'));

$t->run(<<"EOC");
%%GLOBALS%%
worker_processes 2;
events { }
http {
    %%GLOBALS_HTTP%%
    recs_zone recs:4m;
    recs_snapshot %%DIR%%/out/current;
    recs_key %%DIR%%/key;
    recs_journal %%DIR%%/journal max=16m ack=durable;
    recs_user \$http_x_user;
    $link

    server {
        listen 127.0.0.1:%%PORT%%;

        location /analytics { recs_events; recs_erase_key %%DIR%%/erase; }
        location /status { recs_status; }
    }
}
EOC


sub forms {
    return map {
        ($_, unpack('H*', $_), uc unpack('H*', $_), encode_base64($_, ''))
    } @_;
}

sub did {
    my ($user, $session, %o) = @_;
    return $t->post('/analytics/activity',
        { activityType => 'PRODUCT_VIEW', productId => 'p1',
          sessionId => $session, %o },
        headers => $user ? { 'X-User' => $user } : {})->{status};
}

# what is stored, by place

sub stored {
    my %at = (log => files("$dir/log") . Test::Recs::Log::text($t, "$dir/log"),
              journal => files("$dir/journal"), zone => zone($t),
              out => files("$dir/out"), hot => files("$dir/hot"),
              daemon => $t->read_file('daemon.log'));

    if ($redis) {
        $at{redis} = dump_of($t, $socket);
        $t->command('redis-cli', '-s', $socket, 'SAVE');
        $at{rdb} = files("$dir/dump.rdb");
    }

    return \%at;
}

sub left {
    my ($places, @what) = @_;
    my $at = stored();
    return join ' ', map { my $n = count($at->{$_}, @what);
                           $n ? "$_:$n" : () } @$places;
}

sub receipts {
    return map { decode_json($_) }
        split /\n/, -e "$dir/log/receipts.jsonl"
            ? $t->read_file('log/receipts.jsonl') : '';
}

my @hers = (identities("$dir/key", 'u', $alice),
            identities("$dir/key", 's', 'alice-1'));
my @in_redis = $redis ? qw(redis rdb) : ();
my @all = (qw(log journal zone hot daemon), @in_redis);
my @known = ('journal', 'zone', @in_redis);
my $known = join ' ', map { "$_:\\d+" } @known;
my $n = 0;

for my $round (1 .. 2) {
    $n += grep { did(@$_) == 202 } (map { [$alice, 'alice-1',
        productId => "p$_", orderId => "order-of-$alice",
        metadata => {name => $alice}] } 1 .. 9), map { ['bob', "b$_"] } 1 .. 9;
}

is($n, 36, 'events are accepted');
ok($t->wait_for(sub {
    count(Test::Recs::Log::text($t, "$dir/log"), 'order-of') == 18 }, 10),
   'they are in the log');
ok($t->wait_for(sub { left(\@known, forms(@hers)) =~ $known }, 10),
   "and in @known") or diag(left(\@known, forms(@hers)));


# over HTTP

my $r = $t->http('DELETE', '/analytics/users/alice-0815%40shop.example',
                 headers => { 'X-Recs-Key' => 'secret-of-the-shop-1' });
is($r->{status}, 202, 'asked for');
my $id = $r->{json}{receiptId};
ok($t->wait_for(sub { grep { $_->{receiptId} eq $id } receipts() }, 30),
   'the daemon has done it') or diag($t->read_file('daemon.log'));

my ($receipt) = grep { $_->{receiptId} eq $id } receipts();
is($receipt->{complete}, JSON::PP::true, 'complete')
    or diag(explain $receipt);
my ($log) = grep { $_->{place} eq 'log' } @{$receipt->{places}};
cmp_ok($log->{events}, '>=', 38, 'events are blanked');
ok($t->wait_for(sub { left(\@all, forms(@hers)) eq '' }, 5),
   'no key of hers is left but in snapshots')
    or diag(left(\@all, forms(@hers)));
is(left(['log', 'journal', 'daemon'], $alice), '', 'nor her id');
like(left(['out'], @hers), qr/^out:/, 'snapshots still have her');
is((() = Test::Recs::Log::text($t, "$dir/log") =~ /order-of/g), 0,
   'orders have other names');


# what comes now is of somebody new

is(did($alice, 'alice-1'), 202, 'she comes back');
@known = ('log', @in_redis);
$known = join ' ', map { "$_:\\d+" } @known;
ok($t->wait_for(sub { left(\@known, forms(@hers)) =~ $known }, 10),
   "and is stored in @known") or diag(left(\@known, forms(@hers)));


# by command, while the daemon runs: that has no part in the zones, which are
# asked over HTTP, and must not be helped by them

($rc, $out) = $t->command($builder, 'erase', '-q', '-c', "$dir/run.conf",
                          '--now', '--wait', 60, $alice);
is($rc, 0, 'erased') or diag($out, $t->read_file('daemon.log'));
$receipt = decode_json($out);
is($receipt->{complete}, JSON::PP::true, 'complete')
    or diag(explain $receipt);
@known = grep { $_ ne 'zone' } @all, 'out';
is(left(\@known, $alice, forms(@hers)), '', "nothing is left in @known");

$t->http('DELETE', '/analytics/users/alice-0815%40shop.example',
         headers => { 'X-Recs-Key' => 'secret-of-the-shop-1' });
ok($t->wait_for(sub { 3 == receipts() }, 30), 'zones are asked over HTTP');
ok($t->wait_for(sub { left([@all, 'out'], $alice, forms(@hers)) eq '' }, 10),
   'neither id nor key is left anywhere')
    or diag(left([@all, 'out'], $alice, forms(@hers)));
is(left(['log'], identities("$dir/key", 'u', 'bob')) ne '', 1,
   'somebody else is');

# all that was accepted is counted, with a USER_ERASE a key: nothing is lost,
# nothing comes twice

$t->stop_daemon($pid);
($rc, $out) = $t->command($builder, 'build', '-q', '--json', '--force',
    '--log', "$dir/log", '--key', "$dir/key", '--out', "$dir/out2");
my $built = decode_json($out =~ /^(\{.*\})$/m);
is($built->{events}, 60 + 36 + 1 + 2 * 2, 'every event is still there, once')
    or diag($out);

unlike($t->error_log . $t->read_file('daemon.log'), qr/refuses|NOPERM/,
       'Redis allows all that is asked of it');
$t->done;
