#!/usr/bin/perl

# Copyright (C) recs authors

# What the report is grouped by that no click says: the segment, which is in
# the rows of the users, and the currency of an order.  From files through the
# builder to the answer; and a snapshot that has no report.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $dir = $t->dir;
my $json = JSON::PP->new->canonical->utf8;
my $key = 'k' x 32;
my $now = int(time) * 1000;

sub lines {
    my ($name, @rows) = @_;
    $t->write_file($name, join '', map { $json->encode($_) . "\n" } @rows);
}

sub build {
    my ($out, @args) = @_;
    my ($rc, $text) = $t->command($t->builder, 'build', '--catalog',
        "$dir/catalog.jsonl", '--key', "$dir/key", '--out', "$dir/$out",
        @args);
    is($rc, 0, "$out: built") or diag $text;
}

lines('catalog.jsonl', map { { productId => "p$_", title => "Product $_",
    price => 10, stock => 5 } } 1 .. 5);

# of each segment some click and buy, of some it is not known

my @users = map { "u$_" } 1 .. 12;
my %segment = map { $users[$_] => $_ < 6 ? 'regulars' : 'new' } 0 .. 9;
my %currency = (u1 => 'USD', u2 => 'EUR', u7 => 'EUR', u8 => 'EUR',
                u11 => 'USD');

lines('users.jsonl', map { { userId => $_, segment => $segment{$_} } }
      sort keys %segment);

my $n = 0;

sub event {
    my ($type, $user, %more) = @_;
    return { activityType => $type, userId => $user, sessionId => "s-$user",
             timestamp => $now - 3_600_000 + 1000 * ++$n, productId => 'p1',
             %more };
}

lines('events.jsonl', map { my $user = $_; (
    event('RECOMMENDATION_CLICK', $user, recommendationId => "r-$user",
          position => 1),
    $currency{$user} ? event('PURCHASE', $user, orderId => "o-$user",
        price => 10, quantity => 1, currency => $currency{$user}) : ()
    ) } @users);

$t->write_file('key', '1 ' . '1f' x 32 . "\n");
$t->write_file('keys', "$key\n");
chmod 0600, "$dir/keys";

build('with', '--events', "$dir/events.jsonl", '--users', "$dir/users.jsonl");
build('without');

$t->run($t->conf(http => 'recs_key %%DIR%%/key;', server => '
    location /analytics {
        recs_snapshot %%DIR%%/with/current;
        recs_events;
        recs_analytics_key %%DIR%%/keys;
    }
    location /without {
        recs_snapshot %%DIR%%/without/current;
        recs_events;
        recs_analytics_key %%DIR%%/keys;
    }
'));

sub report {
    my ($args, $location) = @_;
    return $t->get(($location // '/analytics')
                   . "/recommendation-performance$args",
                   headers => { 'X-Recs-Key' => $key });
}

sub groups {
    my ($args, @members) = @_;
    my $r = report($args);
    is($r->{status}, 200, $args) or diag $r->{body};
    return [ map { [ @$_{@members} ] } @{$r->{json}{groups}} ];
}


# segments

is_deeply(groups('?groupBy=segment', qw(segment clicks orders)),
    [ [ undef, 2, 1 ], [ 'new', 4, 2 ], [ 'regulars', 6, 2 ] ],
    'segments of the rows of users; of some it is not known');

is(report('?segment=regulars')->{json}{total}{clicks}, 6, 'one of them');
is(report('?segment=')->{json}{total}{clicks}, 2, 'those of none');
is(report('?segment=others')->{json}{total}{clicks}, 0,
    'a segment that is none');


# currencies

my $j = report('')->{json};
is($j->{total}{orders}, 5, 'orders of two currencies');
is($j->{total}{revenue}, undef, 'have no sum');
ok(exists $j->{total}{revenue}, 'which is said');
is($j->{currency}, undef, 'nor a currency');
is($j->{total}{averageOrderValue}, undef, 'nor a mean');
cmp_ok($j->{total}{conversionRate}{value}, '>', .4, 'but a rate');

is_deeply(groups('?groupBy=currency', qw(currency clicks orders revenue)),
    [ [ undef, 12, 0, 0 ], [ 'EUR', 0, 3, 30 ], [ 'USD', 0, 2, 20 ] ],
    'each has its own, clicks have none');
is_deeply(groups('?groupBy=segment', qw(segment revenue)),
    [ [ undef, 10 ], [ 'new', 20 ], [ 'regulars', undef ] ],
    'segments of one currency have a sum');
is_deeply(groups('?groupBy=segment,currency', qw(segment currency orders)),
    [ [ undef, undef, 0 ], [ undef, 'USD', 1 ], [ 'new', undef, 0 ],
      [ 'new', 'EUR', 2 ], [ 'regulars', undef, 0 ],
      [ 'regulars', 'EUR', 1 ], [ 'regulars', 'USD', 1 ] ], 'both');

$j = report('?currency=EUR')->{json};
is($j->{total}{revenue}, 30, 'euros alone');
is($j->{currency}, 'EUR', 'are told');

my $csv = report('?groupBy=segment&format=csv')->{body};
like($csv, qr/^"regulars",0,0,6,0,0,2,2,2,,,0,0,0,,/m, 'empty in a CSV');

is(report('?currency=euro')->{status}, 400, 'no currency');


# no report

my $r = report('', '/without');
is($r->{status}, 404, 'a snapshot of a catalogue only');
is($r->{json}{code}, 'report-missing', 'has no report');
is(report('?segment=regulars', '/without')->{status}, 404,
    'whatever is asked for');

$t->done;
