#!/usr/bin/perl

# Copyright (C) recs authors

# A hot layer over a base: prices, stock and trends are those of the layer at
# once, without reload; a new base keeps it; what is wrong with it leaves the
# base alone.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Hot;
use Test::Recs::Shop;


my $t = Test::Recs->new;
my @rows = (events => Test::Recs::Shop::events(),
            catalog => Test::Recs::Shop::catalog());
my %row = map { $_->{productId} => $_ } @{Test::Recs::Shop::catalog()};

my $base = $t->build_snapshot(@rows);

$t->run($t->conf(http => '
    recs_snapshot %%DIR%%/base/current hot=%%DIR%%/hot/current check=200ms;
', server => '
    location /recommendations { recs; add_header X-Hot "[$recs_hot]"; }
    location /status { recs_status; }
    location /prometheus { recs_status prometheus; }
'));

my @workers = $t->workers;

sub list { return $t->get("/recommendations/$_[0]")->{json} }

sub item {
    my ($list, $id) = @_;
    my ($item) = grep { $_->{productId} eq $id } @{$list->{items}};
    return $item;
}

sub layer {
    my ($id) = @_;
    my $seen;

    ok($t->wait_for(sub {
        $seen = list('bestsellers')->{layerId} // '';
        return $seen eq $id;
    }, 5), $id ? 'the layer is in use' : 'the base alone')
        or diag "it is \"$seen\"";
}


# none yet

my $before = list('bestsellers?limit=24');
is($before->{snapshotId}, $base, 'the base');
is($before->{layerId}, undef, 'no layer');
is(item($before, 'S1')->{product}{price}, 61, 'its price');
is(item($before, 'S1')->{product}{lowStock}, undef, 'enough of it');


# price, stock, what is rare, and what trends

my $hot = Test::Recs::Hot::publish($t, catalog => [
    { %{$row{S1}}, price => 49.5, listPrice => 61, stock => 3 },
    { %{$row{S2}}, stock => 0 },
    { %{$row{T1}}, price => 7 },
    { %{$row{B1}}, productId => 'UNKNOWN', price => 1 },
], events => [
    (map { { activityType => 'PRODUCT_VIEW', userId => "u$_",
            sessionId => "s$_", productId => $_ % 3 ? 'T1' : 'S1',
            timestamp => Test::Recs::Shop::LAST - (400 - $_) * 3_600_000 } }
        1 .. 300),
    (map { { activityType => 'PRODUCT_VIEW', userId => "v$_",
            sessionId => "v$_", productId => 'S1',
            timestamp => Test::Recs::Shop::LAST - $_ * 1000 } } 1 .. 90)
]);
layer($hot);
is($t->get('/recommendations/bestsellers')->{headers}{'x-hot'}, "[$hot]",
   'as a variable');
is($t->get('/recommendations/bestsellers?layer=base')->{headers}{'x-hot'},
   '[]', 'none without it');

my $now = list('bestsellers?limit=24');
is($now->{snapshotId}, $base, 'the same base');

my $s1 = item($now, 'S1');
is($s1->{product}{price}, 49.5, 'another price');
is($s1->{product}{listPrice}, 61, 'and what it was');
is($s1->{product}{stock}, 3, 'three are left');
ok($s1->{product}{lowStock}, 'which is little');
is($s1->{product}{title}, 'S title 1', 'the same title');
is_deeply($s1->{product}{category}, ['Wear', 'Shoes'], 'the same category');
is($s1->{estimatedValue}, sprintf('%.2f', int(4950 * $s1->{confidence}) / 100)
   + 0, 'worth what it costs now');
is_deeply(item($now, 'B1'), { %{item($before, 'B1')},
          position => item($now, 'B1')->{position} },
          'another product is what it was');

ok(!item($now, 'S2'), 'what is sold out is gone');
my ($instead) = grep { $_->{reason}{code} eq 'ALTERNATIVE_TO' }
    @{$now->{items}};
is($instead->{reason}{productId}, 'S2', 'another one instead of it');
is($instead->{position}, item($before, 'S2')->{position}, 'in its place');
is(scalar(@{$now->{items}}), scalar(@{$before->{items}}) - 1,
   'as many as there are to show');
is(scalar(keys %{{ map { $_->{productId} => 1 } @{$now->{items}} }}),
   scalar @{$now->{items}}, 'each once');

is($t->get('/recommendations/trending?limit=3')->{json}{items}[0]{productId},
   'S1', 'what trends now');


# without it

my $bare = $t->get('/recommendations/bestsellers?limit=24&layer=base');
is($bare->{json}{layerId}, undef, 'no layer where none is wanted');
is_deeply($bare->{json}{items}, $before->{items}, 'the items of the base');
isnt($bare->{headers}{etag},
     $t->get('/recommendations/bestsellers?limit=24')->{headers}{etag},
     'another entity tag');
is($bare->{headers}{'cache-control'}, 'public, max-age=900',
   'to be cached');
is($t->get('/recommendations/bestsellers')->{headers}{'cache-control'},
   'public, max-age=2', 'the layer is not, for long');
is($t->post('/recommendations/batch', [ { path => 'bestsellers' } ])
   ->{json}{layerId}, $hot, 'of a batch, too');
is($t->get('/recommendations/bestsellers?layer=hot')->{json}{layerId}, $hot,
   'as it is anyway');
is($t->get('/recommendations/bestsellers?layer=warm')->{status}, 400,
   'no such layer');


# a new base, and back

my $next = $t->build_snapshot(@rows, args => [ '--now', '2026-01-07' ]);
ok($t->wait_for(sub { list('bestsellers')->{snapshotId} eq $next }, 5),
   'another base');
is(list('bestsellers')->{layerId}, $hot, 'under the same layer');
is(item(list('bestsellers?limit=24'), 'S1')->{product}{price}, 49.5,
   'the price of the layer');

$t->publish($base);
ok($t->wait_for(sub { list('bestsellers')->{snapshotId} eq $base }, 5),
   'rolled back');
is(item(list('bestsellers?limit=24'), 'S1')->{product}{price}, 49.5,
   'the price of the layer');


# another one: what it does not name is the base's again

my $second = Test::Recs::Hot::publish($t, catalog => [
    { %{$row{S2}}, price => 50 } ]);
layer($second);
$now = list('bestsellers?limit=24');
is(item($now, 'S1')->{product}{price}, 61, 'the price of the base');
is(item($now, 'S2')->{product}{price}, 50, 'that of the layer');


# bad ones: the last good layer stays

my $dir = $t->dir . '/hot';
my $bad = Test::Recs::Hot::make($t, catalog => [ { %{$row{S1}},
                                                   price => 1 } ]);
my $text = $t->read_file("$dir/snap-$bad.mdb");
substr $text, length($text) / 2, 1,
    chr(ord(substr $text, length($text) / 2, 1) ^ 1);
unlink "$dir/snap-$bad.mdb";
$t->write_file("$dir/snap-$bad.mdb", $text);
chmod 0444, "$dir/snap-$bad.mdb";
Test::Recs::Hot::link_to($dir, $bad);

ok($t->wait_for(sub { $t->error_log =~ /hot\/current" is refused: .*/ }, 5),
   'a damaged one is refused');
is(list('bestsellers')->{layerId}, $second, 'the one before stays');

my $wrong = Test::Recs::Hot::make($t, base => 1,
                                  catalog => [ { %{$row{S1}}, price => 1 } ]);
Test::Recs::Hot::link_to($dir, $wrong);
ok($t->wait_for(sub { $t->error_log =~ /the file is no hot layer/ }, 5),
   'a base is no layer');

my $third = Test::Recs::Hot::publish($t, catalog => [
    { %{$row{S1}}, price => 44 } ]);
layer($third);


# nor is a layer a base

Test::Recs::Hot::make($t, dir => 'base', catalog => [ { %{$row{S1}} } ]);
my ($layer) = map { /(beef\w+)/ } glob $t->dir . '/base/snap-beef*.mdb';
$t->publish($layer);
ok($t->wait_for(sub {
    $t->error_log =~ /base\/current" is refused: the file is a hot layer/
}, 5), 'a layer is no base');
is(list('bestsellers')->{snapshotId}, $base, 'the one before stays');
$t->publish($base);


# a builder that died long ago

my $old = Test::Recs::Hot::publish($t, now => time - 3600, catalog => [
    { %{$row{S1}}, price => 33 } ]);
layer('');
is(item(list('bestsellers?limit=24'), 'S1')->{product}{price}, 61,
   'the price of the base');
my @lines = $t->error_log =~ /is 36\d\d s old and is not used any more/g;
is(scalar @lines, 1, 'one line');

my $s = $t->get('/status')->{json};
is($s->{counters}{layersExpired}, 1, 'counted');
is($s->{layers}[0]{layerId}, undef, 'no layer');
ok($s->{layers}[0]{expired}, 'because of its age');
is($s->{snapshots}[1]{kind}, 'hot', 'the file is there');

my $last = Test::Recs::Hot::publish($t, catalog => [
    { %{$row{S1}}, price => 40 } ]);
layer($last);
$s = $t->get('/status')->{json};
is($s->{layers}[0]{layerId}, $last, 'in the status');
is($s->{layers}[0]{items}, 1, 'one product');
cmp_ok($s->{counters}{layers}, '>=', 6, 'layers are counted');


# new workers begin with it

ok($t->reload, 'reload');
is(list('bestsellers')->{layerId}, $last, 'the layer is there at once');

is($t->get('/recommendations/bestsellers')->{status}, 200, 'answered');
my $metrics = $t->get('/prometheus')->{body};
like($metrics, qr/^nginx_recs_layers_total \d/m, 'a metric');
like($metrics, qr{^nginx_recs_snapshot_items\{path=".*/hot/current"\} 1$}m,
     'of the hot file');
unlike($metrics, qr{snapshot_info\{path=".*/hot/current"},
       'no series an id of a layer');

$t->done;
