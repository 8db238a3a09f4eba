#!/usr/bin/perl

# Copyright (C) recs authors

# Files of the event log that are older than retention_days go: by "retain"
# and by the daemon, to the archive or for good.  Products and what was
# imported stay known.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP qw(decode_json encode_json);
use Test::More;
use Test::Recs;
use Test::Recs::Frame;
use Test::Recs::Log;

my $t = Test::Recs->new;
my ($dir, $builder) = ($t->dir, $t->builder);


sub views {
    my ($name, $from, $to, $time) = @_;

    $t->write_file("$name.jsonl", join '', map {
        sprintf '{"activityType":"PRODUCT_VIEW","productId":"p%d","userId":'
            . '"u%d","sessionId":"s%d","timestamp":%d}' . "\n", $_ % 5,
            $_ % 7, $_ % 9, $time + $_ * 1000
    } $from .. $to);
}

# clicks on recommendations and what came of them, an order of it much later

sub outcomes {
    my ($name, $time, $late) = @_;
    my @rows = map {
        my %who = (userId => "r$_", sessionId => "rs$_", productId => 'p1');
        my $at = $time + $_ * 60_000;

        ({ %who, activityType => 'RECOMMENDATION_CLICK',
           recommendationId => "rec$_", timestamp => $at },
         $_ % 2 ? { %who, activityType => 'ADD_TO_CART',
                    timestamp => $at + 1000 } : (),
         $_ % 3 ? () : { %who, activityType => 'PURCHASE', price => 2,
                         quantity => 1, currency => 'EUR', orderId => "o$_",
                         timestamp => $at + 2000 + $late })
    } 1 .. 12;

    $t->write_file("$name.jsonl", join '', map { encode_json($_) . "\n" }
        grep { !$late == ($_->{activityType} ne 'PURCHASE') || !$late } @rows);
}

sub report {
    my ($log, $out) = @_;
    my ($rc, $text) = $t->command($builder, 'build', '-q', '--log', $log,
        '--out', "$dir/$out", '--force', '--now', 1_600_900_000_000);
    diag($text) if $rc;
    return scalar $t->command($builder, 'inspect', "$dir/$out", 'report');
}

sub import_again {
    my ($log) = @_;
    my ($rc, $out) = $t->command($builder, 'import', '--log', $log, '--json',
        '-q', '--catalog', "$dir/catalog.jsonl", '--events',
        map { "$dir/$_.jsonl" } qw(a b c));
    return $rc ? $out : decode_json($out);
}

sub retain {
    my ($log, @args) = @_;
    my ($rc, $out) = $t->command($builder, 'retain', '--log', $log, '--json',
                                 '-q', @args);
    return $rc ? "$rc: $out" : decode_json($out);
}

sub oldest {
    my ($log) = @_;
    $t->write_file('status.conf', qq(log = "$log"\nout = "$dir/out"\n));
    my ($rc, $out) = $t->command($builder, 'status', '--json', '-c',
                                 "$dir/status.conf");
    return decode_json($out =~ /^(\{.*\})/ms)->{log}{oldest};
}

sub build {
    my ($log, $out) = @_;
    my ($rc, $text) = $t->command($builder, 'build', '-q', '--log', $log,
        '--out', "$dir/$out", '--force');
    diag($text) if $rc;
    my ($header) = $t->command($builder, 'inspect', "$dir/$out") =~ /^(.*)\n/;
    return decode_json($header);
}


$t->write_file('catalog.jsonl', join '', map {
    qq({"productId":"p$_","title":"P$_","price":$_.5,"currency":"EUR",)
    . qq("category":["c"]}\n) } 0 .. 4);
views('a', 1, 40, 1_600_000_000_000);
views('b', 41, 70, 1_600_000_000_000);
views('c', 71, 100, 1_600_000_000_000);

my @files = ([catalog => 'catalog.jsonl'], map { [events => "$_.jsonl"] }
    qw(a b c));
my $log = Test::Recs::Log::files($t, 'log', @files);
my $in = time + 100 * 86400;


# by command

my $done = retain($log);
is($done->{files}, 0, 'all came just now');

my $first = oldest($log);
ok($first, 'there is an oldest event');
$done = retain($log, '--now', $in . '000', '--archive', "$dir/archive");
is($done->{files}, 3, 'after 100 days all but the last go') or diag(explain $done);
is($done->{events}, 75, 'with their events');
is($done->{rows}, 5, 'the products stay');
is_deeply([Test::Recs::Log::numbers($log)], [4], 'the last one is there');
is_deeply([Test::Recs::Log::numbers("$dir/archive")], [1, 2, 3],
          'the others are in the archive');

cmp_ok(oldest($log), '>', $first, 'the oldest event is one that is there');

$done = import_again($log);
is($done->{events} + $done->{products}, 0, 'nothing is new when it comes again')
    or diag(explain $done);

my $header = build($log, 'out');
is($header->{items}, 5, 'all products') or diag(explain $header);

is(retain($log, '--retention-days', 0) =~ /retention_days/, 1,
   'for ever means for ever');
like(retain($log, '--archive', $log), qr/^2: .*itself/s,
     'the log is not its own archive');
like(retain("$dir/none"), qr/^0|HASH/, 'an empty log has nothing old');


# back from the archive

system("cp $dir/archive/*.log $log/ && mv $log/checkpoint $dir/");
$header = build($log, 'out2');
is($header->{items}, 5, 'with its files back the log is whole');
is(retain($log, '--now', $in . '000')->{files}, 3, 'they go again');


# figures stay, also of an order whose click is in a file that is gone

outcomes('d', 1_600_000_000_000, 0);
outcomes('e', 1_600_100_000_000, 0);
outcomes('f', 1_600_000_000_000, 86_400_000);
views('g', 1, 9, 1_600_800_000_000);
$log = Test::Recs::Log::files($t, 'log2', [catalog => 'catalog.jsonl'],
                              map { [events => "$_.jsonl"] } qw(d e f g));
my $figures = report($log, 'out4');
like($figures, qr/click/i, 'a report') or diag($figures);
is(retain($log, '--now', $in . '000', '--archive', "$dir/archive2")->{files},
   4, 'its events go');
is(report($log, 'out5'), $figures, 'its figures stay');


# under another model only with all files of the log, by the cure that is told

my @first = ('--log', $log, '--format', 'json', '--set', 'attribution=first');
my ($rc, $out) = $t->command($builder, 'report', @first);
is($rc, 1, 'another model');
like($out, qr/copy the files of the archive back and move LOG\/checkpoint/,
     'how to have it');
system("cp $dir/archive2/*.log $log/ && mv $log/checkpoint $dir/archive2/");
($rc, $out) = $t->command($builder, 'report', @first);
is($rc, 0, 'by that it is there') or diag($out);
is(decode_json($out =~ /^(\{.*\})/ms)->{total}{orders}, 4, 'from all files');


# by the daemon

$log = Test::Recs::Log::files($t, 'log3', @files);
utime 1_600_000_000, 1_600_000_000, "$log/" . Test::Recs::Log::name($_)
    for 1 .. 4;
mkdir "$dir/journal";
$t->write_file('run.conf', <<"EOC");
out = "$dir/out3"
log = "$log"
journal = "$dir/journal"
archive = "$dir/archive3"
catalog = { "$dir/catalog.jsonl" }
events = { "$dir/a.jsonl", "$dir/b.jsonl", "$dir/c.jsonl" }
schedule = "1d"
poll = 0.05
metrics = "$dir/recs.prom"
retention_days = 0.00001
force = true
EOC

Test::Recs::Frame::segment("$dir/journal", 0xa, 0,
    frames => [Test::Recs::Frame::frames(0xa, 1, 9)], ended => 1);

my $pid = $t->run_daemon($builder, 'run', '-c', "$dir/run.conf");
ok($t->wait_for(sub { -e "$log/checkpoint"
                      && (Test::Recs::Log::numbers($log))[0] > 4 }, 20),
   'the daemon lets files go') or diag($t->read_file('daemon.log'));
ok($t->wait_for(sub { -e "$dir/archive3/00000004.log" }, 10),
   'to the archive');
ok($t->wait_for(sub { $t->read_file('daemon.log')
                      =~ /old files of the event log have gone/ }, 10),
   'and says so');

sub retained {
    my $text = eval { $t->read_file('recs.prom') } // '';
    return $text =~ /^recs_builder_retain_timestamp_seconds ([\d.]+)$/m
           ? $1 : undef;
}

my $retained = retained();
ok($retained, 'a metric says when');
ok($t->wait_for(sub { (retained() // 0) > $retained }, 20),
   'and again the next time');
$t->stop_daemon($pid);

is($t->read_file('journal/positions'), "000000000000000a 9\n",
   'positions are known');

Test::Recs::Frame::segment("$dir/journal", 0xa, 1, first => 10,
    frames => [Test::Recs::Frame::frames(0xa, 10, 12)]);
($rc, my $text) = $t->command($builder, 'run', '-c', "$dir/run.conf",
                              '--once');
is($rc, 0, 'it goes on') or diag($text);
is($t->read_file('journal/positions'), "000000000000000a 12\n",
   'from where it was');
$done = import_again($log);
is($done->{events} + $done->{products}, 0, 'imported events are known');

$t->done;
