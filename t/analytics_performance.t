#!/usr/bin/perl

# Copyright (C) recs authors

# What became of recommendations, from answers and events over HTTP through
# journal, builder and hot layer to the report: every number against the
# test's own count, and the same after a build from scratch.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;
use Time::HiRes qw(sleep time);


my $t = Test::Recs->new(slack => 8);
my $dir = $t->dir;
my $seed = $ENV{SEED} // int rand 1e9;
my $key = 'k' x 32;
my $json = JSON::PP->new->canonical->utf8;

diag("SEED=$seed");
srand $seed;

my @rows = @{Test::Recs::Shop::events()};
my $later = int(1000 * time) - $rows[-1]{timestamp} - 3_600_000;
$_->{timestamp} += $later for @rows;

my @catalog = map { { %$_, cost => $_->{price} - 1.5 } }
    @{Test::Recs::Shop::catalog()};
my %price = map { $_->{productId} => $_->{price} } @catalog;

$t->write_file('keys', "$key\n");
chmod 0600, "$dir/keys";
$t->write_file('catalog.jsonl', join '',
               map { $json->encode($_) . "\n" } @catalog);
$t->write_file('events.jsonl', join '', map { $json->encode($_) . "\n" } @rows);

my ($rc, $text) = $t->command($t->builder, 'import', '--events',
    "$dir/events.jsonl", '--catalog', "$dir/catalog.jsonl", '--log',
    "$dir/log", '--key', "$dir/key");
is($rc, 0, 'imported') or diag $text;

mkdir "$dir/journal";
$t->write_file('run.conf', <<"EOC");
out = "$dir/base"
hot = "$dir/hot"
log = "$dir/log"
key = "$dir/key"
journal = "$dir/journal"
schedule = "1d"
poll = 0.05
hot_every = 0.2
EOC

my $builder = $t->run_daemon($t->builder, 'run', '-c', "$dir/run.conf");
ok($t->wait_for(sub { -l "$dir/base/current" }, 30), 'a base');

$t->run($t->conf(http => '
    recs_snapshot %%DIR%%/base/current hot=%%DIR%%/hot/current check=100ms;
    recs_journal %%DIR%%/journal max=64m segment=1m;
    recs_key %%DIR%%/key;
    recs_region $http_x_region;
', server => '
    location /analytics { recs_events; recs_analytics_key %%DIR%%/keys; }
    location /base {
        recs_events;
        recs_analytics_key %%DIR%%/keys;
        recs_snapshot %%DIR%%/base/current check=100ms;
    }
    location /recommendations { recs; }
'));


# what visitors do, and what it counts for

my %agent = (
    desktop => 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101'
               . ' Firefox/128.0',
    mobile => 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)'
              . ' AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1');
my %type = (trending => 'TRENDING', bestsellers => 'BESTSELLERS',
            'top-rated' => 'TOP_RATED');
my @counts = qw(served seen clicks dismissed carts orders orderLines units
                revenue margin refunds viewThroughOrders viewThroughLines
                viewThroughRevenue);
my ($n, @cells) = (0);

sub count {
    my ($visit, $position, %add) = @_;
    push @cells, { type => $type{$visit->{path}}, device => $visit->{device},
        placement => $visit->{placement}, region => $visit->{region},
        variant => $visit->{variant}, snapshot => $visit->{snapshot},
        position => $position, %add };
}

sub headers {
    my ($visit) = @_;
    return { 'X-Session-ID' => $visit->{session},
             'X-Region' => $visit->{region},
             'User-Agent' => $agent{$visit->{device}} };
}

sub did {
    my ($visit, $type, %more) = @_;

    sleep .003;         # one thing after the other, also to the millisecond
    my $r = $t->post('/analytics/activity', { activityType => $type,
        placement => $visit->{placement}, variant => $visit->{variant},
        %more },
        headers => headers($visit));
    $n++ if $r->{status} == 202;
    diag("$type: $r->{body}") if $r->{status} != 202;
}

for my $i (1 .. 60) {
    my %v = (session => "visit$i", path => (sort keys %type)[rand 3],
             placement => qw(home cart =sum(1))[rand 3],
             region => qw(north south)[rand 2], variant => qw(A B)[rand 2],
             device => (sort keys %agent)[rand 2]);
    my $place = $v{placement} =~ s/=/%3D/r;
    my $r = $t->get("/recommendations/$v{path}?limit=5&placement=$place"
                    . "&variant=$v{variant}", headers => headers(\%v));
    my @items = @{$r->{json}{items}};
    $v{snapshot} = $r->{json}{snapshotId};
    my %of = (recommendationId => $r->{json}{recommendationId});

    is(scalar @items, 5, "$v{session} gets a list");
    count(\%v, $_, served => 1) for 1 .. 5;

    my $seen = rand() < .7;

    if ($seen) {
        did(\%v, 'RECOMMENDATION_VIEW', %of);
        count(\%v, $_, seen => 1) for 1 .. 5;
    }

    my $place_of = int rand 5;
    my ($item, $position) = ($items[$place_of]{productId}, $place_of + 1);
    my $what = rand;

    if ($what < .1) {
        did(\%v, 'RECOMMENDATION_DISMISS', %of, productId => $item,
            position => $position);
        count(\%v, $position, dismissed => 1);
        next;
    }

    my $pieces = 1 + int rand 3;
    my $value = $pieces * $price{$item};
    my %order = (orderId => "order$i", productId => $item,
                 price => $price{$item}, quantity => $pieces);

    if ($what < .2) {
        next if !$seen;
        did(\%v, 'PURCHASE', %order);
        count(\%v, $position, viewThroughOrders => 1,
              viewThroughLines => 1, viewThroughRevenue => $value);
        next;
    }

    next if $what > .8;

    did(\%v, 'RECOMMENDATION_CLICK', %of, productId => $item,
        position => $position) for 0 .. rand 2;      # some click twice
    count(\%v, $position, clicks => 1);
    next if rand() < .3;

    did(\%v, 'ADD_TO_CART', productId => $item, quantity => $pieces);
    count(\%v, $position, carts => 1);
    next if rand() < .3;

    did(\%v, 'PURCHASE', %order);
    count(\%v, $position, orders => 1, orderLines => 1, units => $pieces,
          revenue => $value, margin => 1.5 * $pieces);
    next if rand() < .6;

    did(\%v, 'REFUND', orderId => "order$i");
    count(\%v, $position, refunds => 1, revenue => -$value,
          margin => -1.5 * $pieces);
}

# bots are counted apart

$t->get('/recommendations/trending', headers => {
    'X-Session-ID' => 'robot', 'User-Agent' => 'Googlebot/2.1' });


# sums of the test, and of the report

my $where = '/analytics';

sub performance {
    my ($args, %headers) = @_;
    return $t->get("$where/recommendation-performance"
                   . ($args ? "?$args" : ''),
                   headers => { 'X-Recs-Key' => $key, %headers });
}

# Who clicks without a report that it was seen makes more clicks than views.

sub wilson {
    my ($hits, $of) = @_;
    my ($p, $z) = ($hits > $of ? 1 : $hits / $of, 1.959963984540054);
    my $middle = $p + $z * $z / 2 / $of;
    my $half = $z * sqrt($p * (1 - $p) / $of + $z * $z / 4 / $of / $of);
    return map { $_ / (1 + $z * $z / $of) } $middle - $half, $middle + $half;
}

my @rates = (['ctrSeen', 'clicks', 'seen'], ['ctrServed', 'clicks', 'served'],
    ['seenRate', 'seen', 'served'], ['dismissRate', 'dismissed', 'served'],
    ['addToCartRate', 'carts', 'clicks'],
    ['conversionRate', 'orderLines', 'clicks'],
    ['refundRate', 'refunds', 'orderLines'],
    ['viewThroughRate', 'viewThroughLines', 'served']);

sub near { defined $_[0] && abs($_[0] - $_[1]) < 2e-6 }

# How many numbers of a row are not those of the test.

sub wrong {
    my ($row, $want) = @_;
    my @wrong = grep { !near($row->{$_}, $want->{$_} // 0) } @counts;

    for (@rates) {
        my ($name, $hits, $of) = @$_;
        my ($x, $y) = map { $want->{$_} // 0 } $hits, $of;
        my $r = $row->{$name};

        if (!$y) {
            push @wrong, $name if !exists $row->{$name} || defined $r;
            next;
        }

        my ($low, $high) = wilson($x, $y);
        push @wrong, $name if !near($r->{value}, $x / $y)
            || !near($r->{low}, $low) || !near($r->{high}, $high);
    }

    for (['averageOrderValue', 'orders'], ['revenuePerClick', 'clicks']) {
        my ($name, $of) = @$_;
        my $y = $want->{$of} // 0;
        push @wrong, $name if $y
            ? !near($row->{$name}, ($want->{revenue} // 0) / $y)
            : defined $row->{$name};
    }

    return @wrong;
}

sub sums {
    my ($by, %filter) = @_;
    my %sums;

    for my $cell (@cells) {
        next if grep { $cell->{$_} ne $filter{$_} } keys %filter;
        my $group = join "\t", map { $cell->{$_} } @$by;
        $sums{$group}{$_} += $cell->{$_} // 0 for @counts;
    }

    return \%sums;
}

sub same {
    my ($name, $by, $args, %filter) = @_;
    my $r = performance(join '&', @$by ? 'groupBy=' . join(',', @$by) : (),
                        length $args ? $args : ());
    my $p = $r->{json};
    my $want = sums($by, %filter);
    my ($total) = values %{sums([], %filter)};

    is($r->{status}, 200, "$name: answered");
    is(join(' ', wrong($p->{total}, $total // {})), '', "$name: the total");
    return $r if !@$by;

    my %groups = map { my $g = $_;
        join("\t", map { $g->{$_} // 'null' } @$by) => $_ } @{$p->{groups}};
    is_deeply([sort keys %groups], [sort keys %$want], "$name: the groups");

    my @wrong = map { my $g = $_;
        map { "$g/$_" } wrong($groups{$g}, $want->{$g}) }
        grep { $groups{$_} } keys %$want;
    is("@wrong", '', "$name: each number of each");

    return $r;
}

my $all = sums([])->{''};

ok($t->wait_for(sub {
    my $total = performance('')->{json}{total} // {};
    return !grep { !near($total->{$_}, $all->{$_} // 0) } @counts;
}, 15), 'the report has everything, seconds after it was done')
    or diag explain performance('')->{json}{total}, $all,
            $t->read_file('daemon.log');

sub everything {
    my ($when) = @_;

    same("$when, all", [], '');
    same("$when, by type", ['type'], '');
    same("$when, by type and position", ['type', 'position'], '');
    same("$when, by three", ['placement', 'device', 'type'], '');
    same("$when, by where they are", ['region', 'variant'], '');
    same("$when, by what served", ['snapshot'], '');
    same("$when, of mobiles", ['placement'], 'device=mobile',
         device => 'mobile');
    same("$when, of one place", ['type'], 'placement=%3Dsum(1)',
         placement => '=sum(1)');
    same("$when, of a type", ['position', 'device'], 'type=TRENDING',
         type => 'TRENDING');
    same("$when, by its path", ['device'], 'type=top-rated&position=2',
         type => 'TOP_RATED', position => 2);
    same("$when, of no such place", ['type'], 'placement=nowhere',
         placement => 'nowhere');

    my $p = performance('groupBy=hour')->{json};
    my %sum;
    for my $g (@{$p->{groups}}) { $sum{$_} += $g->{$_} for @counts }
    is(join(' ', grep { !near($sum{$_}, $p->{total}{$_}) } @counts), '',
       "$when: hours add up");
    is($p->{lost}, 0, "$when: nothing is lost");
    is($p->{gaps}, 0, "$when: nothing is missing");
    cmp_ok($p->{bots}, '>=', 1, "$when: bots are told");
    is($p->{attribution}{model}, 'last', "$when: the model");
    ok((!grep { !$p->{definitions}{$_} } @counts, map { $_->[0] } @rates),
       "$when: each number is defined");
    is(scalar grep({ $_->{served} } @{performance('groupBy=day&to='
           . ($p->{groups}[0] ? $p->{groups}[0]{hour} : ''))
           ->{json}{groups}}), 0, "$when: nothing before the first hour");
}

everything('hot');


# forms and caching

my $csv = performance('groupBy=placement,type&format=csv');
is($csv->{headers}{'content-type'}, 'text/csv; charset=utf-8', 'CSV');
my ($head, @lines) = split /\n/, $csv->{body};
my @names = split /,/, $head;
is_deeply([@names[0 .. 3]], [qw(placement type served seen)], 'its names');
is(scalar @lines, scalar keys %{sums(['placement', 'type'])}, 'a line each');

my $sums = sums(['placement', 'type']);
my @bad;

for (@lines) {
    my @values = map { s/^"(.*)"$/$1/r } split /,/, $_, -1;
    my %row;
    @row{@names} = @values;
    $row{placement} =~ s/^'=/=/;
    my $want = $sums->{"$row{placement}\t$row{type}"};
    push @bad, grep { !near($row{$_}, $want->{$_} // 0) } @counts;
    push @bad, 'columns' if @values != @names;
}

is("@bad", '', 'its numbers');
like($csv->{body}, qr/^"'=sum\(1\)",/m, 'no formula of a stranger');
unlike($csv->{head}, qr/x-recs-truncated/i, 'not truncated');

my $r = performance('groupBy=type');
my $tag = $r->{headers}{etag};
like($tag, qr/^"[0-9a-f]{16}"$/, 'an ETag');
is($r->{headers}{'cache-control'}, 'private, no-cache', 'private');
is(performance('groupBy=type', 'If-None-Match' => $tag)->{status}, 304,
   'known');
is(performance('groupBy=device', 'If-None-Match' => $tag)->{status}, 200,
   'another question is not');

$r = $t->head('/analytics/recommendation-performance?groupBy=type',
              headers => { 'X-Recs-Key' => $key });
is("$r->{status} $r->{body}", '200 ', 'HEAD');
cmp_ok($r->{headers}{'content-length'}, '>', 500, 'and its length');


# the reports of the builder

my $list = $t->get('/analytics/reports', headers => { 'X-Recs-Key' => $key });
my @reports = map { $_->{name} } @{$list->{json}{reports}};
is($list->{status}, 200, 'reports');
ok((grep { $_ eq 'data-quality' } @reports), 'data-quality is there');
is("@reports", join(' ', sort @reports), 'in order');

for my $name (@reports) {
    $r = $t->get("/analytics/reports/$name",
                 headers => { 'X-Recs-Key' => $key });
    is($r->{status}, 200, "$name is there");
    ok(ref $r->{json}, "$name is JSON");
    is($t->get("/analytics/reports/$name", headers => { 'X-Recs-Key' => $key,
           'If-None-Match' => $r->{headers}{etag} })->{status}, 304,
       "$name is known");
}

my $said = $t->get('/analytics/reports/definitions',
                   headers => { 'X-Recs-Key' => $key })->{body};
is(join(' ', grep { $said !~ /"$_":"/ } @counts, map { $_->[0] } @rates), '',
   'each number has its name in the definitions');

is($t->get('/analytics/reports/data-qualit',
           headers => { 'X-Recs-Key' => $key })->{json}{code},
   'report-unknown', 'no such report');


# from scratch, without the layer

$t->stop_daemon($builder);
my $old = $t->snapshot_id;
($rc, $text) = $t->command($t->builder, 'run', '-c', "$dir/run.conf",
                           '--once');
is($rc, 0, 'built anew') or diag $text;
isnt($t->snapshot_id, $old, 'another base');
$where = '/base';
ok($t->wait_for(sub {
    my $r = $t->get('/base/reports', headers => { 'X-Recs-Key' => $key });
    return $r->{json}{snapshotId} eq $t->snapshot_id;
}, 10), 'which is served');
ok(!exists $t->get('/base/reports', headers => { 'X-Recs-Key' => $key })
   ->{json}{layerId}, 'without a layer');

isnt(performance('groupBy=type')->{headers}{etag}, $tag, 'another ETag');
everything('from scratch');

$where = '/analytics';
everything('with the old layer');

$t->done;
