#!/usr/bin/perl

# Copyright (C) recs authors

# recs-builder status -c: what is said of a builder from its files, beside a
# running one, after its end and after its death; and the exit status.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP qw(decode_json);
use Test::More;
use Test::Recs;
use Test::Recs::Docs qw(slurp);
use Test::Recs::Frame;

my $t = Test::Recs->new;
my ($dir, $builder) = ($t->dir, $t->builder);

mkdir "$dir/journal";
$t->write_file('catalog.jsonl', join '', map {
    qq({"productId":"p$_","title":"P$_","price":$_.5,"currency":"EUR",)
    . qq("category":["c"]}\n) } 0 .. 4);

sub config {
    my %o = (schedule => '1d', more => '', @_);
    return $t->write_file('run.conf', <<"EOC" . $o{more});
out = "$dir/out"
log = "$dir/log"
journal = "$dir/journal"
catalog = { "$dir/catalog.jsonl" }
schedule = "$o{schedule}"
poll = 0.05
EOC
}

# Exit status, first line, all of it; JSON and the names of its problems.

sub look {
    my ($rc, $text) = $t->command($builder, 'status', '-c', "$dir/run.conf");
    my ($first) = $text =~ /^(.*)$/m;
    my ($again, $json) = $t->command($builder, 'status', '--json', '-c',
                                     "$dir/run.conf");
    $json = eval { decode_json($json) } // diag $json;
    my %word = (ok => 0, warning => 1, critical => 2);

    is($word{$json->{status}}, $again, "$first: the status and its name");

    return ($rc, $first, $text, $json,
            join ' ', sort map { $_->{name} } @{$json->{problems}});
}

# Waits for something that the JSON says.

sub until_it {
    my ($what, $wait) = @_;

    return $t->wait_for(sub {
        my $json = $t->command($builder, 'status', '--json', '-c',
                               "$dir/run.conf");
        $json = decode_json($json);
        local $_ = join ' ', sort map { $_->{name} } @{$json->{problems}};
        return $what->($json);
    }, $wait // 20);
}

my ($rc, $out) = $t->command($builder, 'status');
is($rc, 2, 'nothing to look at');
like($out, qr/neither DIR nor -c FILE/, 'is said');

config();
my ($first, $text, $json, $problems);
($rc, $first, $text, $json, $problems) = look();
is($rc, 2, 'nothing is there: critical');
is($problems, 'RecsBuilderDead RecsNoSnapshot', 'and what');
is($json->{log}, undef, 'no log');


# a build by a timer

Test::Recs::Frame::segment("$dir/journal", 0xa, 0,
    frames => [Test::Recs::Frame::frames(0xa, 1, 10)], ended => 1);
($rc, $out) = $t->command($builder, 'run', '--once', '-c', config());
is($rc, 0, 'once') or diag $out;

($rc, $first, $text, $json, $problems) = look();
is($problems, '', 'nothing is wrong') or diag $text;
is($rc, 0, 'ok');
is($first, 'ok', 'in one word');
is($json->{log}{events}, 15, 'events of the log');
is($json->{log}{files}, 1, 'its files');
is($json->{log}{retentionDays}, 90, 'how long they are kept');
is($json->{log}{bytes}, -s "$dir/log/00000001.log", 'its size');
cmp_ok($json->{log}{oldest}, '>', 0, 'the first of them');
is($json->{journal}{segments}, 1, 'segments of the journal');
is($json->{journal}{positions}, 1, 'with positions');
is($json->{builder}{once}, JSON::PP::true, 'no daemon is expected');
is($json->{facts}{'builds_total.good'}, 1, 'figures');
is(scalar @{$json->{base}{snapshots}}, 1, 'the snapshots');
is($json->{base}{current}, $json->{base}{snapshots}[0]{id}, 'current');
like($text, qr/^log +1 files, .* 15 events, from 20/m, 'log, for people');
like($text, qr/^build +good .* 1 good, 0 failed$/m, 'build, for people');
like($text, qr/^[0-9a-f]{16} .*  current$/m, 'snapshots, for people');

config(schedule => '1s');
ok(until_it(sub { /RecsSnapshotOld/ }),
   'a snapshot that is older than its schedule');


# a daemon

config();
my $pid = $t->run_daemon($builder, 'run', '-c', "$dir/run.conf");
ok(until_it(sub { $_[0]{builder}{pid} == $pid }), 'it runs');
($rc, $first, $text, $json, $problems) = look();
is($rc, 0, 'ok') or diag $text;
like($text, qr/^builder +process $pid, since 20/m, 'its process');

Test::Recs::Frame::segment("$dir/journal", 0xb, 0, first => 3,
    frames => [Test::Recs::Frame::frames(0xb, 3, 4)]);
$t->wait_for(sub { $t->read_file('daemon.log') =~ /1 to 2 are missing/ });
kill 'HUP', $pid;
ok(until_it(sub { $_ eq 'RecsBuilderGaps' }), 'a gap');
($rc, $first, $text, $json) = look();
is($rc, 1, 'is a warning');
is($json->{gaps}[0]{epoch}, '000000000000000b', 'its epoch');
is("$json->{gaps}[0]{from}-$json->{gaps}[0]{to}", '1-2', 'its sequences');

ok(until_it(sub { $_ eq 'RecsBuilderLost' }, 30),
   'it is given up');
is((look())[0], 1, 'a warning');


# a build that fails

rename "$dir/catalog.jsonl", "$dir/away.jsonl";
$t->write_file('catalog.jsonl', qq({"productId":"p0","listed":false}\n));
config(schedule => '1s');
kill 'HUP', $pid;
ok(until_it(sub { /RecsBuildFailed/ }, 30),
   'a build that fails');
rename "$dir/away.jsonl", "$dir/catalog.jsonl";
config();


# it dies, without a word; nobody but its process tells

$t->stop_daemon($pid, 'KILL');
($rc, $first, $text, $json, $problems) = look();
is($rc, 2, 'dead: critical');
like($problems, qr/\bRecsBuilderDead\b/, 'that is it');
like($first, qr/^critical: the daemon died/, 'in the first line');
is($json->{builder}{alive}, JSON::PP::false, 'no process');
is($json->{log}{events}, 18, 'what it knew is there');

# it is stopped

$pid = $t->run_daemon($builder, 'run', '-c', "$dir/run.conf");
ok(until_it(sub { $_[0]{builder}{alive} }), 'started again');
$t->stop_daemon($pid);
($rc, $first) = look();
is($rc, 2, 'stopped: critical');
like($first, qr/^critical: the daemon was stopped/, 'and said so');

# it hangs: its last word is old

$t->write_file('log/status.json',
    $t->read_file('log/status.json') =~ s/("pid": ?)\d+/$1$$/r
    =~ s/("stopped": ?)1/${1}0/r
    =~ s/("written_timestamp_seconds": ?)(\d+)/$1 . ($2 - 120_000)/er);
($rc, $first, $text, $json, $problems) = look();
like($problems, qr/RecsBuilderSilent/, 'silent') or diag $text;
is($rc, 1, 'for a while: a warning');
$t->write_file('log/status.json', 'no JSON');
($rc, $first, $text, $json, $problems) = look();
like($problems, qr/RecsBuilderDead/, 'a file that cannot be read');

unlink "$dir/out/current";
($rc, $first, $text, $json, $problems) = look();
is($rc, 2, 'no snapshot: critical');
is($json->{base}, undef, 'none is shown');

$t->done;
