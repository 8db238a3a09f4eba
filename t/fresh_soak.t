#!/usr/bin/perl

# Copyright (C) recs authors

# How long it takes until answers know: an event and trending, stock 0 and
# absent, a price and shown, at 2,000 events a second for five minutes
# (FRESH_SECONDS), on two workers.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Soak;
use Time::HiRes qw(sleep time);


Test::Recs::Soak::begin();

my $t = Test::Recs->new(slack => 12);
my $dir = $t->dir;
my $key = 'k' x 32;
my $seconds = $ENV{FRESH_SECONDS} // 300;
my $rate = 2000;
my $rising = 20 + int $seconds / 2;
my $json = JSON::PP->new->canonical->utf8;
my $now = int(1000 * time);

my @catalog = map { { productId => "p$_", title => "Product $_",
    category => ['all'], price => 10 + $_, currency => 'EUR', stock => 9 } }
    1 .. 200;
push @catalog, map { { productId => "r$_", title => "Rising $_",
    category => ['rising', "c$_"], price => 5, currency => 'EUR',
    stock => 9 } } 1 .. $rising;

# what rises has been looked at before, a little

my @rows = map { { activityType => $_ % 5 ? 'PRODUCT_VIEW' : 'PURCHASE',
    productId => 'p' . (1 + $_ * $_ % 200), userId => 'u' . $_ % 300,
    sessionId => 's' . int $_ / 4, orderId => "o$_", quantity => 1,
    timestamp => $now - 3_600_000 - (20_000 - $_) * 60_000 } } 1 .. 20_000;
push @rows, map { { activityType => 'PRODUCT_VIEW',
    productId => 'r' . (1 + $_ % $rising), userId => 'u' . $_ % 300,
    timestamp => $now - 10 * 86_400_000 - $_ * 200_000 } }
    1 .. 3 * $rising;

$t->write_file('key.update', "$key\n");
$t->write_file('catalog.jsonl', join '', map { $json->encode($_) . "\n" }
               @catalog);
$t->write_file('events.jsonl', join '', map { $json->encode($_) . "\n" }
               @rows);
my ($rc, $out) = $t->command($t->builder, 'import',
    '--events', "$dir/events.jsonl", '--catalog', "$dir/catalog.jsonl",
    '--log', "$dir/log", '--key', "$dir/key");
is($rc, 0, 'imported') or diag $out;

mkdir "$dir/journal";
$t->write_file('run.conf', <<"EOC");
out = "$dir/base"
hot = "$dir/hot"
log = "$dir/log"
key = "$dir/key"
journal = "$dir/journal"
schedule = "1d"
EOC

my $builder = $t->run_daemon($t->builder, 'run', '-c', "$dir/run.conf");
ok($t->wait_for(sub { -l "$dir/base/current" }, 120), 'a base');

$t->run($t->conf(main => 'worker_processes 2;', http => '
    recs_snapshot %%DIR%%/base/current hot=%%DIR%%/hot/current;
    recs_journal %%DIR%%/journal max=1g segment=16m;
    recs_key %%DIR%%/key;
', server => '
    location /analytics { recs_events; recs_update_key %%DIR%%/key.update;
                          client_max_body_size 1m; }
    location /recommendations { recs; }
    location /status { recs_status; }
'));

# three who measure at the same time, and who makes noise

my @clients = map { Test::Recs::Soak->client($_) }
    \&prices, \&stocks, \&trends;
my $load = Test::Recs::Soak->client(\&load);

sleep $seconds;

my $sent = $load->stop;
my %wait = %{Test::Recs::Soak::stop_all(@clients)};
my $s = $t->get('/status')->{json};

Test::Recs::Soak::figure('events a second',
                         sprintf '%.0f', $sent->{events} / $seconds);
cmp_ok($sent->{events} / $seconds, '>', 0.9 * $rate, 'as fast as it should');
is($sent->{refused} // 0, 0, 'none refused');

for my $what (sort keys %wait) {
    my @w = sort { $a <=> $b } @{$wait{$what}};
    my $p99 = $w[int(0.99 * $#w + 0.5)];
    Test::Recs::Soak::figure($what, sprintf
        '%d times, p50 %.2f s, p99 %.2f s, longest %.2f s',
        scalar @w, $w[@w / 2], $p99, $w[-1]);
    cmp_ok($p99, '<=', 5, "$what: p99");
}

is($s->{counters}{layersExpired}, 0, 'no layer was too old');
is($s->{counters}{snapshotRefused}, 0, 'none was refused');
$t->stop_daemon($builder);
$t->done;


sub load {
    my ($stop) = @_;
    my ($sent, $refused, $i) = (0, 0, 0);
    my $begun = time;
    my $c = $t->client;

    until ($$stop) {
        my @batch = map { $i++; { activityType => 'PRODUCT_VIEW',
            productId => 'p' . (1 + int rand 200),
            sessionId => 'load-' . int rand 300 } } 1 .. 100;
        my $r = $c->('/analytics/batch', method => 'POST',
                     body => $json->encode(\@batch),
                     headers => { 'Content-Type' => 'application/json' });

        if ($r->{status} == 202) { $sent += 100 } else { $refused++ }
        $c = $t->client if $r->{status} == 0
            || ($r->{headers}{connection} // '') eq 'close';

        my $ahead = $sent / $rate - (time - $begun);
        sleep $ahead if $ahead > 0;
    }

    return { events => $sent, refused => $refused };
}

sub update {
    my ($id, %row) = @_;
    my $r = $t->post('/analytics/activity',
        { activityType => 'PRODUCT_UPDATE', productId => $id, %row },
        headers => { 'X-Recs-Key' => $key });
    die "update: $r->{status}" if $r->{status} != 202;
}

sub prices {
    my ($stop) = @_;
    my %wait;

    for (my $n = 1; !$$stop; $n++) {
        my $p = 'p' . (1 + $n % 100);
        my $price = 1000 + $n;

        update($p, price => $price);
        measure($stop, \%wait, 'price', sub {
            (shown($p) // {})->{product}{price} == $price
        });
    }

    return \%wait;
}

sub stocks {
    my ($stop) = @_;
    my %wait;

    for (my $n = 1; !$$stop; $n++) {
        my $p = 'p' . (101 + $n % 100);

        update($p, stock => 0);
        measure($stop, \%wait, 'sold out', sub { !shown($p) });
        update($p, stock => 9);
        measure($stop, \%wait, 'there again', sub { shown($p) });
    }

    return \%wait;
}

sub trends {
    my ($stop) = @_;
    my %wait;

    for (my $n = 1; !$$stop && $n <= $rising; $n++) {
        $t->post('/analytics/batch', [ map { {
            activityType => 'PRODUCT_VIEW', productId => "r$n",
            sessionId => "rising-$n-$_" } } 1 .. 200 ]);

        measure($stop, \%wait, 'trending', sub {
            my $r = $t->get('/recommendations/category-trending?limit=1'
                            . "&categoryId=rising/c$n")->{json};
            return $r->{items}[0]{productId} eq "r$n"
                && $r->{items}[0]{reason}{code} eq 'TRENDING_IN_CATEGORY'
        });
    }

    return \%wait;
}

# How a product is listed, if it is.

sub shown {
    my ($id) = @_;

    for my $page (0, 1, 2, 3) {
        my $r = $t->get('/recommendations/bestsellers?limit=100&offset='
                        . 100 * $page)->{json};
        my ($item) = grep { $_->{productId} eq $id } @{$r->{items}};
        return $item if $item;
        last if @{$r->{items}} < 100;
    }

    return;
}

sub measure {
    my ($stop, $wait, $what, $condition) = @_;
    my $begun = time;

    # what the end of the test cuts off was not measured

    until ($condition->() || time - $begun > 30) {
        return if $$stop;
        sleep 0.02;
    }

    push @{$wait->{$what}}, time - $begun;
}
