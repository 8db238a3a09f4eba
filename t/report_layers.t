#!/usr/bin/perl

# Copyright (C) recs authors

# What became of recommendations, from a POST through journal, running builder
# and hot layer: what base and layer say together is what was posted, before
# and after another base, after a restart, and of a second build.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;
use Time::HiRes qw(time sleep);


my $t = Test::Recs->new(slack => 6);
my $dir = $t->dir;
my $json = JSON::PP->new->canonical->utf8;
my ($rc, $out);

my $config = Test::Recs::Shop::live($t);

$config->('1d');
my $builder = $t->run_daemon($t->builder, 'run', '-c', "$dir/run.conf");
ok($t->wait_for(sub { -l "$dir/base/current" && -l "$dir/hot/current" }, 30),
   'a base and a layer');

$t->run($t->conf(main => 'worker_processes 2;', http => '
    recs_snapshot %%DIR%%/base/current hot=%%DIR%%/hot/current;
    recs_journal %%DIR%%/journal max=64m segment=1m;
    recs_key %%DIR%%/key;
', server => '
    location /analytics { recs_events; }
    location /recommendations { recs; }
'));


# the section of a file: [head, cells, parts without cells, texts]

sub section {
    my ($path) = @_;
    my ($rc, $text) = $t->command($t->builder, 'inspect', $path, 'report');

    return if $rc;

    my ($head, @lines) = map { $json->decode($_) } split /\n/, $text;

    return {
        head => $head,
        cells => [grep { exists $_->{clicks} } @lines],
        gone => [grep { !exists $_->{clicks} && !exists $_->{report} }
                 @lines],
        texts => {map { $_->{report} => $_->{json} }
                  grep { exists $_->{report} } @lines},
    };
}

sub days {
    my ($cell) = @_;
    return ($cell->{day} // $cell->{hour}) =~ /^(\d+-\d+-\d+)T/ ? $1 : '?';
}

# by the rule: what the layer has of an hour or a day takes the base's place

sub together {
    my $base = section("$dir/base") // return {};
    my $hot = section("$dir/hot") // return {};
    my (%day, %hour, %sum);

    for (@{$hot->{cells}}, @{$hot->{gone}}) {
        $_->{day} ? ($day{days($_)} = 'day')
                  : ($day{days($_)} //= 'hours', $hour{$_->{hour}} = 1);
    }

    for my $c (@{$hot->{cells}}, grep {
        my $day = $day{days($_)} // '';
        $_->{day} ? !$day : $day ne 'day' && !$hour{$_->{hour}};
    } @{$base->{cells}}) {
        $sum{$_} += $c->{$_} for grep { $c->{$_} =~ /^-?\d+$/ } keys %$c;
        $sum{types}{$c->{type} // ''} += $c->{clicks};
        $sum{placements}{$c->{placement} // ''} += $c->{clicks};
    }

    return \%sum;
}

sub soon {
    my ($name, $condition) = @_;
    my $start = time;
    ok($t->wait_for($condition, 20), $name)
        or diag explain(together()), $t->read_file('daemon.log');
    note sprintf '%s: %d ms', $name, 1000 * (time - $start);
}

my %want = (served => 0, seen => 0, clicks => 0, dismissed => 0, carts => 0,
            orders => 0, revenue => 0);
my $n = 0;

sub told {
    my $sum = together();
    return !grep { ($sum->{$_} // 0) != $want{$_} } keys %want;
}

# one visitor: an answer, some of it seen, a click, a cart, an order

sub visit {
    my ($path, $placement) = @_;
    my $session = 'visitor-' . ++$n;
    my $r = $t->get("/recommendations/$path?limit=4&sessionId=$session"
                    . "&placement=$placement")->{json};
    my @ids = map { $_->{productId} } @{$r->{items}};
    my %from = (recommendationId => $r->{recommendationId},
                sessionId => $session, placement => $placement);
    my $price = $r->{items}[0]{product}{price};

    for ({ activityType => 'RECOMMENDATION_VIEW',
           items => [map { { productId => $_ } } @ids[0, 1]] },
         { activityType => 'RECOMMENDATION_CLICK', productId => $ids[0],
           position => 1 },
         { activityType => 'RECOMMENDATION_DISMISS', productId => $ids[2] },
         { activityType => 'ADD_TO_CART', productId => $ids[0],
           price => $price },
         { activityType => 'PURCHASE', orderId => "o-$n",
           items => [{ productId => $ids[0], price => $price,
                       quantity => 2 }] }) {
        my $answer = $t->post('/analytics/activity', { %from, %$_ });
        is($answer->{status}, 202, "$_->{activityType} of $session")
            or diag $answer->{body};
    }

    $want{served} += @ids;
    $want{seen} += 2;
    $want{clicks}++;
    $want{dismissed}++;
    $want{carts} += 1_000_000;
    $want{orders} += 1_000_000;
    $want{revenue} += int(2_000_000 * $price + .5);
}

visit('bestsellers', 'start');
soon('in the layer', \&told);

my $sum = together();
is_deeply($sum->{types}, { BESTSELLERS => 1 }, 'of its type');
is_deeply($sum->{placements}, { start => 1 }, 'at its place');

visit('trending', 'cart') for 1 .. 3;
soon('more of it', \&told);
is(together()->{placements}{cart}, 3, 'at another place');

my $head = section("$dir/hot")->{head};
is($head->{lost}, 0, 'nothing is lost');
is($head->{gaps}, 0, 'nothing is missing');
ok(exists section("$dir/hot")->{texts}{'data-quality'}, 'reports are there');
is(section("$dir/base")->{head}{cells}, 0, 'the base has not known of it');

# nothing happens: nothing is published, but that a layer of a minute is made
# anew, which may be now

my $before = section("$dir/hot");
ok($t->wait_for(sub {
       my $layer = readlink "$dir/hot/current";
       sleep 1.5;
       return readlink "$dir/hot/current" eq $layer;
   }, 10), 'a quiet shop keeps its layer');
is_deeply(section("$dir/hot")->{cells}, $before->{cells},
          'and what is in it');

# another base

my $base = $t->snapshot_id;
$config->('1s');
kill 'HUP', $builder;
soon('another base', sub { $t->snapshot_id ne $base });
$config->('1d');
kill 'HUP', $builder;

soon('has it', sub {
    my $clicks = 0;
    $clicks += $_->{clicks} for @{section("$dir/base")->{cells}};
    $clicks == $want{clicks};
});
soon('and it counts once', \&told);
soon('the layer has no part in it',
     sub { !@{section("$dir/hot")->{cells}} });

visit('bestsellers', 'start');
soon('what comes then is added', \&told);
is($sum = together()->{placements}{start}, 2, 'in its place');

# the builder killed and started again

$t->stop_daemon($builder, 'KILL');
visit('trending', 'cart');
$builder = $t->run_daemon($t->builder, 'run', '-c', "$dir/run.conf");
soon('made up for', \&told);
$t->stop_daemon($builder);

# the same log gives the same bytes, with a layer or without

my $now = int(1000 * time);
my @texts;

for my $out ('one', 'two') {
    ($rc, my $said) = $t->command($t->builder, 'build', '--log', "$dir/log",
        '--key', "$dir/key", '--out', "$dir/$out", '--now', $now);
    is($rc, 0, "build $out") or diag $said;
    push @texts, scalar $t->command($t->builder, 'inspect', "$dir/$out",
                                    'report');
}

is($texts[0], $texts[1], 'a second build has the same report');
is(readlink "$dir/one/current", readlink "$dir/two/current",
   'to the byte');

my %all;
for my $c (@{section("$dir/one")->{cells}}) {
    $all{$_} += $c->{$_} for keys %want;
}
is_deeply(\%all, \%want, 'and all of it');

# what inspect calls a count is what the report does

($rc, $out) = $t->command($t->builder, 'report', '--log', "$dir/log",
                          '--format', 'json');
my $total = $json->decode($out)->{total};
my %key = map { $_ => 1 } qw(hour type device position snapshot placement
                             variant region segment currency day);
is_deeply([grep { !$key{$_} && !exists $total->{$_} }
           sort keys %{section("$dir/one")->{cells}[0]}], [],
          'counts have the same names everywhere');

($rc, $out) = $t->command($t->builder, 'inspect', "$dir/one",
                          'report:data-quality');
is($rc, 0, 'a text by its name');
like($out, qr/^\{"report":"data-quality","json":\{/, 'is JSON');
($rc, $out) = $t->command($t->builder, 'inspect', "$dir/one", 'report:none');
is($rc, 1, 'none of another name');
like($out, qr/report .+none.+ is not in the snapshot/, 'and says so');

$t->done;
