#!/usr/bin/perl

# Copyright (C) recs authors

# From a POST to the next answers: stock, price and trends through journal,
# running builder, hot layer and worker; and the builder killed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;
use Time::HiRes qw(time);


my $t = Test::Recs->new(slack => 6);
my $dir = $t->dir;
my $key = 'k' x 32;

$t->write_file('key.update', "$key\n");
my $config = Test::Recs::Shop::live($t);

$config->('1d');

my $builder = $t->run_daemon($t->builder, 'run', '-c', "$dir/run.conf");
ok($t->wait_for(sub { -l "$dir/base/current" }, 30), 'a base');

$t->run($t->conf(main => 'worker_processes 2;', http => '
    recs_snapshot %%DIR%%/base/current hot=%%DIR%%/hot/current;
    recs_journal %%DIR%%/journal max=64m segment=1m;
    recs_key %%DIR%%/key;
', server => '
    location /analytics { recs_events; recs_update_key %%DIR%%/key.update; }
    location /recommendations { recs; }
    location /status { recs_status; }
'));

sub list { return $t->get("/recommendations/$_[0]")->{json} }

sub item {
    my ($list, $id) = @_;
    my ($item) = grep { $_->{productId} eq $id } @{$list->{items}};
    return $item;
}

sub update {
    my (%row) = @_;
    my $r = $t->post('/analytics/activity',
                     { activityType => 'PRODUCT_UPDATE', %row },
                     headers => { 'X-Recs-Key' => $key });
    is($r->{status}, 202, "$row{productId} is changed") or diag $r->{body};
}

sub soon {
    my ($name, $condition) = @_;
    my $start = time;
    ok($t->wait_for($condition, 10), $name) or diag $t->read_file('daemon.log');
    note sprintf '%s: %d ms', $name, 1000 * (time - $start);
}

my $before = list('bestsellers?limit=24');
is(item($before, 'S1')->{product}{price}, 61, 'the price of the base');
ok(item($before, 'S2'), 'and what is there');

update(productId => 'S1', price => 48.5);
my $s1;
soon('another price', sub {
    $s1 = item(list('bestsellers?limit=24'), 'S1') // {};
    $s1->{product}{price} == 48.5
});
is($s1->{product}{title}, 'S title 1', 'the rest of it stays');
is($s1->{product}{stock}, 10, 'the stock too');

update(productId => 'S2', stock => 0);
my $without;    # the other worker may be a moment behind this one
soon('sold out', sub {
    $without = list('bestsellers?limit=24');
    !item($without, 'S2')
});
ok((grep { $_->{reason}{code} eq 'ALTERNATIVE_TO'
           && $_->{reason}{productId} eq 'S2' } @{$without->{items}}),
   'another one instead of it');
ok(item(list('bestsellers?limit=24&layer=base'), 'S2'), 'not in the base');

update(productId => 'S3', stock => 2);
soon('low stock', sub {
    my $s3 = item(list('bestsellers?limit=24'), 'S3');
    $s3 && $s3->{product}{lowStock} && $s3->{product}{stock} == 2
});

update(productId => 'S2', stock => 7);
soon('there again', sub { item(list('bestsellers?limit=24'), 'S2') });

# what many look at

for my $n (1 .. 60) {
    $t->post('/analytics/activity', { activityType => 'PRODUCT_VIEW',
        productId => $_, sessionId => "visitor-$n" })
        for 'B6', 'S' . (1 + $n % 8);
}
soon('trends', sub {
    list('trending?limit=1')->{items}[0]{productId} eq 'B6'
});

# a crowd that comes for one product alone is believed in part

my $layer = list('trending')->{layerId};
for my $n (1 .. 120) {
    $t->post('/analytics/activity', { activityType => 'PRODUCT_VIEW',
        productId => 'T2', sessionId => "fake-$n" });
}
my $last;
soon('the crowd is in a layer', sub {
    $last = list('trending?limit=1');
    $last->{layerId} ne $layer
});
is($last->{items}[0]{productId}, 'B6', 'which it does not lead');

# and who refuses to be known is one of them, however often

for my $n (1 .. 120) {
    $t->post('/analytics/activity', { activityType => 'PRODUCT_VIEW',
        productId => 'T3', consent => 'denied' });
    $t->post('/analytics/activity', { activityType => 'PRODUCT_VIEW',
        productId => 'T4', sessionId => "gpc-$n" },
        headers => { 'Sec-GPC' => 1 });
}
for my $n (1 .. 20) {
    $t->post('/analytics/activity', { activityType => 'PRODUCT_VIEW',
        productId => $_, sessionId => "reader-$n" }) for 'B5', 'B6';
}
my @first;
soon('the layer after them', sub {
    @first = map { $_->{productId} } @{list('trending?limit=10')->{items}};
    grep { $_ eq 'B5' } @first[0 .. 1]
});
is($first[0], 'B6', 'B6 leads it');
ok(!grep({ /^T[34]$/ } @first), 'they are not in it') or diag "@first";

# another base under the layer, then the builder dies

my $base = $t->snapshot_id;
$config->('1s');
kill 'HUP', $builder;
soon('another base', sub {
    $t->snapshot_id ne $base
        && list('trending')->{snapshotId} eq $t->snapshot_id
});
is(item(list('bestsellers?limit=24'), 'S1')->{product}{price}, 48.5,
   'the price is in it, or in the layer');

$config->('1d');
$t->stop_daemon($builder, 'KILL');
is(item(list('bestsellers?limit=24'), 'S1')->{product}{price}, 48.5,
   'without the builder');
ok(list('bestsellers')->{layerId}, 'the layer stays');
is($t->post('/analytics/activity', { activityType => 'PRODUCT_UPDATE',
       productId => 'S1', price => 1 },
       headers => { 'X-Recs-Key' => $key })->{status}, 202,
   'changes are taken');

$builder = $t->run_daemon($t->builder, 'run', '-c', "$dir/run.conf");
soon('and made up for', sub {
    (item(list('bestsellers?limit=24'), 'S1') // {})->{product}{price} == 1
});
$t->stop_daemon($builder);

$t->done;
