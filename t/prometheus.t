#!/usr/bin/perl

# Copyright (C) recs authors

# The text format of Prometheus: every family described, every name known,
# every label of a closed set.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;

my $snapshot = $t->shop(server => '
    location /recommendations { recs; }
    location /odd { recs; recs_snapshot "%%DIR%%/o\\"d\\\\d/current"; }
    location /metrics { recs_status prometheus; }
');

$t->get('/recommendations/trending?limit=5') for 1 .. 4;
$t->get('/recommendations/similar/S1?limit=0');

my $r = $t->get('/metrics');
is($r->{status}, 200, 'metrics');
is($r->{headers}{'content-type'}, 'text/plain; version=0.0.4; charset=utf-8',
   'their type');

my (%type, %value, @bad, %seen);
my $label = qr/[a-z]+="(?:[^"\\\n]|\\["\\n])*"/;

for (split /\n/, $r->{body}) {

    if (/^# HELP (nginx_recs_\w+) \S.*\.$/) {
        push @bad, "twice: $_" if $seen{$1}++;

    } elsif (/^# TYPE (nginx_recs_\w+) (counter|gauge|histogram)$/) {
        push @bad, "no help: $_" if !$seen{$1};
        $type{$1} = $2;

    } elsif (/^(nginx_recs_\w+?)(_bucket|_sum|_count)?
             (\{$label(?:,$label)*\})?\ ([0-9.]+)$/x)
    {
        my ($name, $part) = ($1, $2 // '');
        $name .= $part if !$type{$name};
        push @bad, "no type: $_" if !$type{$name};
        push @bad, "total: $_" if $type{$name} eq 'counter'
            && $name !~ /_total$/;
        my ($key, $n) = /^(.*) (\S+)$/;
        push @bad, "series twice: $_" if exists $value{$key};
        $value{$key} = $n;

    } else {
        push @bad, "format: $_";
    }
}

is_deeply(\@bad, [], 'well formed');

my $path = $t->dir . '/base/current';
my $p = 'nginx_recs';

is($value{"${p}_snapshot_info{path=\"$path\",id=\"$snapshot\"}"}, 1,
   'the snapshot');
is($value{"${p}_snapshot_items{path=\"$path\"}"}, 24, 'its items');
ok($value{"${p}_snapshot_timestamp_seconds{path=\"$path\"}"} > 1.7e9,
   'its time');
is($value{"${p}_items_total"}, 20, 'items');
is($value{"${p}_requests_total{type=\"TRENDING\",result=\"HIT\"}"}
   + $value{"${p}_requests_total{type=\"TRENDING\",result=\"FALLBACK\"}"}, 4,
   'requests');
is($value{"${p}_requests_total{type=\"SIMILAR_PRODUCTS\",result=\"REFUSED\"}"},
   1, 'refused');

my $h = "${p}_request_duration_seconds";
my @le = map { /^\Q$h\E_bucket\{le="(.*)"\}$/ ? $1 : () } keys %value;
@le = sort { ($a eq '+Inf') <=> ($b eq '+Inf')
             || ($a eq '+Inf' ? 0 : $a <=> $b) } @le;

is($le[0], '0.000001', 'buckets from a microsecond');
is($le[-2], '1', 'to a second');
is($le[-1], '+Inf', 'and above');

my @counts = map { $value{"${h}_bucket{le=\"$_\"}"} } @le;
is("@counts", join(' ', sort { $a <=> $b } @counts), 'cumulative');
is($value{"${h}_count"}, 5, 'count');
is($counts[-1], 5, 'all in the last one');
ok($value{"${h}_sum"} > 0 && $value{"${h}_sum"} < 5, 'sum in seconds');

cmp_ok(scalar keys %value, '<', 200, 'few series');

$t->done;
