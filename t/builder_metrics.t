#!/usr/bin/perl

# Copyright (C) recs authors

# The builder's metrics: well formed, true, only growing, written as a whole;
# and each of them in docs/operations.md.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Docs qw(slurp);
use Test::Recs::Frame;

my $t = Test::Recs->new;
my ($dir, $builder) = ($t->dir, $t->builder);
my $redis = $t->redis;

mkdir "$dir/journal";
$t->write_file('catalog.jsonl', join '', "no JSON\n", map {
    qq({"productId":"p$_","title":"P$_","price":$_.5,"currency":"EUR",)
    . qq("category":["c"]}\n) } 0 .. 4);

sub config {
    my ($more) = @_;
    return $t->write_file('run.conf', <<"EOC" . ($more // ''));
out = "$dir/out"
log = "$dir/log"
hot = "$dir/hot"
journal = "$dir/journal"
catalog = { "$dir/catalog.jsonl" }
metrics = "$dir/recs.prom"
schedule = "1d"
log_max = 1e9
disk_reserve = 1
max_bad = 0.5
poll = 0.05
EOC
}

my $label = qr/[a-z]+="(?:[^"\\\n]|\\["\\n])*"/;
my (%type, %last, @bad);

# One file: value by series.

sub metrics {
    my (%value, %seen, $family);

    for (split /^/, eval { $t->read_file('recs.prom') } // '') {

        if (/^# HELP (recs_builder_\w+) \S.*\.$/) {
            push @bad, "twice: $_" if $seen{$1}++;

        } elsif (/^# TYPE (recs_builder_\w+) (counter|gauge)$/) {
            push @bad, "no help: $_" if !$seen{$1};
            $family = $1;
            $type{$1} = $2;
            push @bad, "total: $_" if $2 eq 'counter' xor /_total /;

        } elsif (/^(recs_builder_\w+)((?:\{$label\})?) ([0-9]+(?:\.\d+)?)\n$/)
        {
            push @bad, "not of its family: $_" if $1 ne ($family // '');
            push @bad, "series twice: $_" if exists $value{"$1$2"};
            push @bad, "shrinks: $_" if $type{$1} eq 'counter'
                && defined $last{"$1$2"} && $last{"$1$2"} > $3;
            $value{"$1$2"} = $last{"$1$2"} = $3;

        } else {
            push @bad, "format: $_";
        }
    }

    return \%value;
}

my $now;

sub is_metric {
    my ($name, $value, $text) = @_;
    is($now->{"recs_builder_$name"}, $value, $text // $name);
}

sub reached {
    my ($name, $value) = @_;
    return $t->wait_for(sub {
        $now = metrics();
        return ($now->{"recs_builder_$name"} // -1) == $value;
    }, 20);
}


# a run of a timer

Test::Recs::Frame::segment("$dir/journal", 0xa, 0,
    frames => [Test::Recs::Frame::frames(0xa, 1, 10)], ended => 1);

my ($rc, $out) = $t->command($builder, 'run', '--once', '-c', config());
is($rc, 0, 'once') or diag $out;

$now = metrics();
is_metric('events_read_total', 10);
is_metric('events_committed_total', 15, 'events and products');
is_metric('log_events', 15);
is_metric('epochs', 1);
is_metric('quarantined_total{reason="' . (grep { /quarantined/ } keys %$now)[0]
          =~ s/^[^"]*"|"\}$//gr . '"}', 1, 'a bad line, by its reason');
is_metric('builds_total{result="good"}', 1);
is_metric('build_good', 1);
is_metric('stopped', 1);
is_metric('redis_connected', undef, 'no Redis, no figure');
my $id = readlink("$dir/out/current") =~ s/^snap-|\.mdb$//gr;
is_metric("snapshot_info{id=\"$id\"}", 1);
is_metric('snapshot_size_bytes', -s "$dir/out/snap-$id.mdb");
is_metric('snapshot_items', 5);
is_metric('log_bytes', -s "$dir/log/00000001.log");

for my $disk (qw(log journal out)) {
    my $free = $now->{"recs_builder_disk_free_bytes{dir=\"$disk\"}"};
    ok($free > 0 && $free <= $now->{
       "recs_builder_disk_size_bytes{dir=\"$disk\"}"}, "room of $disk");
}

is((stat "$dir/recs.prom")[2] & 07777, 0644, 'for others to read');


# a daemon: what it counts begins at 0

%last = ();
unlink "$dir/recs.prom";
config($redis ? qq(redis = "unix:$dir/redis.sock"\n)
                . qq(redis_counters = "counters"\n) : '');
my $pid = $t->run_daemon($builder, 'run', '-c', "$dir/run.conf");
ok(reached('stopped', 0), 'a daemon');
is_metric('events_read_total', 0, 'begins at 0');
is_metric('redis_connected', 1) if $redis;

my $path = Test::Recs::Frame::segment("$dir/journal", 0xb, 0,
    frames => [Test::Recs::Frame::frames(0xb, 1, 3),
               Test::Recs::Frame::frames(0xb, 4, 6, session => 's1',
                                         message => 'm')]);
$t->wait_for(sub { $t->read_file('journal/positions') =~ /^0+b 6$/m });

# a reload writes at once, and what was counted stays

kill 'HUP', $pid;
ok(reached('events_read_total', 6), 'events are read');
is_metric('events_committed_total', 4);
is_metric('duplicates_total{by="messageId"}', 2, 'sent again by a client');
is_metric('duplicates_total{by="sequence"}', 0, 'nothing by a worker');
($rc, $out) = $t->command($builder, 'status', '-c', "$dir/run.conf");
like($out, qr/ known already \(2 by messageId\)/, 'status tells it');
is_metric('gaps_total', 0);
is_metric('lost_total', 0);
is_metric('newest_timestamp_seconds', '1700000006.000', 'the newest one');
cmp_ok($now->{recs_builder_lag_seconds}, '<', 60, 'nothing waits');
cmp_ok($now->{recs_builder_written_timestamp_seconds}, '>', time - 600,
       'a sign of life');
cmp_ok($now->{recs_builder_resident_bytes}, '>', 1 << 20, 'memory');

Test::Recs::Frame::segment("$dir/journal", 0xc, 0, ended => 1,
    frames => [Test::Recs::Frame::frames(0xc, 1, 2)]);
Test::Recs::Frame::segment("$dir/journal", 0xc, 2, first => 5,
    frames => [Test::Recs::Frame::frames(0xc, 5, 6)]);
$t->wait_for(sub { $t->read_file('daemon.log') =~ /3 to 4 are missing/ });
kill 'HUP', $pid;
ok(reached('gaps_total', 1), 'a gap');
is_metric('gaps_waiting', 1);
cmp_ok($now->{recs_builder_events_read_total}, '>=', 6,
       'nothing begins anew with a reload');

if (!$redis) {
    ok(reached('lost_total', 2), 'given up');
    ok($now->{recs_builder_lost_timestamp_seconds} > time - 600, 'and when');
}

# it cannot be written: told once, and nothing ends

rename "$dir/recs.prom", "$dir/old.prom";
mkdir "$dir/recs.prom.new";
kill 'HUP', $pid;
ok($t->wait_for(sub {
       $t->read_file('daemon.log') =~ /what watches this program/ }),
   'it cannot be written');
kill 'HUP', $pid;
rmdir "$dir/recs.prom.new";
ok(reached('log_events', 23), 'it is again');
my @told = $t->read_file('daemon.log') =~ /(what watches this program)/g;
is(scalar @told, 1, 'told once');

$t->stop_daemon($pid);
$now = metrics();
is_metric('stopped', 1);
is_deeply(\@bad, [], 'all files were well formed');


# docs

my $doc = slurp('docs/operations.md');
my $source = slurp('builder/cmd/facts.c');
my %all = map { ("recs_builder_$_->[0]" => lc $_->[1]) }
    (map { [$_->[0], $_->[1]] }
     map { [/"(\w+)", (GAUGE|COUNTER)/] }
     $source =~ /^    recs_metric(?:_label)?\(("\w+", \w+),/mg),
    (map { [/"(\w+)", "(\w+)"/] }
     $source =~ /recs_facts_head\(out, ("\w+", "\w+")/g);

my %there = $doc =~ /^\| `(recs_builder_\w+)` \| (\w+) \|/mg;

cmp_ok(scalar keys %all, '>=', 40, 'the table of metrics was found');
is_deeply(\%there, \%all, 'each of the table is documented, and no other');

my @none = grep { !$type{$_} } sort keys %there;
my $wanted = $redis ? [qw(lost_timestamp_seconds)]
             : [qw(counters_failures_total counters_total redis_connected
                   redis_entries)];
is_deeply(\@none, [map { "recs_builder_$_" } @$wanted],
          'each that is documented is written, where there is something');
is($there{$_}, $type{$_}, "$_ is documented") for sort keys %type;

for my $key (sort keys %last) {
    my ($name, $l) = $key =~ /^(\w+)\{(\w+)=/ or next;
    ok($doc =~ /^\| `$name` \| \w+ \| [^|]*`$l`/m, "label $l of $name");
}

$t->done;
