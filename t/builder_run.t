#!/usr/bin/perl

# Copyright (C) recs authors

# recs-builder run: the journal into the event log, snapshots by schedule.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::UNIX;
use JSON::PP qw(decode_json);
use Socket qw(SOCK_DGRAM);
use Test::More;
use Test::Recs;
use Test::Recs::Frame;
use Time::HiRes qw(time);

my $t = Test::Recs->new;
my ($dir, $builder) = ($t->dir, $t->builder);

mkdir "$dir/journal";
$t->write_file('catalog.jsonl', join '', map {
    qq({"productId":"p$_","title":"P$_","price":$_.5,"currency":"EUR",)
    . qq("category":["c"]}\n) } 0 .. 4);

sub config {
    my %o = (schedule => '1d', @_);
    return $t->write_file($o{name} // 'run.conf', <<"EOC");
out = "$dir/out"
log = "$dir/log"
journal = "$dir/journal"
catalog = { "$dir/catalog.jsonl" }
schedule = "$o{schedule}"
poll = 0.05
EOC
}

sub once {
    my ($rc, $text) = $t->command($builder, 'run', '-c', config(), '--once');
    return ($rc, $text, $text =~ /build started.*\bevents=(\d+)/);
}

sub positions { $t->read_file('journal/positions') }

sub manifest {
    my $name = readlink("$dir/out/current") // return {};
    $name =~ s/mdb$/json/;
    return decode_json($t->read_file("out/$name"));
}


# once

Test::Recs::Frame::segment("$dir/journal", 0xa, 0,
    frames => [Test::Recs::Frame::frames(0xa, 1, 50)], ended => 1);
my $path = Test::Recs::Frame::segment("$dir/journal", 0xa, 1, first => 51,
    frames => [Test::Recs::Frame::frames(0xa, 51, 60)]);

my ($rc, $text, $events) = once();
is($rc, 0, 'once') or diag($text);
is($events, 65, 'sixty events and five products are in the log');
is(positions(), "000000000000000a 60\n", 'positions are published');
ok(-e "$dir/out/current", 'a snapshot is published');
is_deeply(manifest()->{positions}{epochs}, { '000000000000000a' => 60 },
          'the manifest names what was consumed');

($rc, $text, $events) = once();
is($rc, 0, 'once more');
is($events, 65, 'nothing is there twice');

my $frames = join '', Test::Recs::Frame::frames(0xa, 51, 60);
my $offset = Test::Recs::Frame::append($path, 64 + length $frames,
    Test::Recs::Frame::frames(0xa, 61, 65));
unlink "$dir/journal/" . Test::Recs::Frame::segment_name(0xa, 0);

($rc, $text, $events) = once();
is($events, 70, 'what was appended is new');
is(positions(), "000000000000000a 65\n", 'positions go on');


# a daemon

my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM,
                                   Local => "$dir/notify.sock");
$ENV{NOTIFY_SOCKET} = "$dir/notify.sock";
my $pid = $t->run_daemon($builder, 'run', '-c', config());
delete $ENV{NOTIFY_SOCKET};

my $told = '';
sub told {
    my ($re) = @_;
    return $t->wait_for(sub {
        my $buf;
        $socket->blocking(0);
        $told .= "$buf\n" while defined $socket->recv($buf, 1000);
        return $told =~ $re;
    });
}

ok(told(qr/^READY=1$/m), 'systemd is told that it is ready');

Test::Recs::Frame::append($path, $offset,
    Test::Recs::Frame::frames(0xa, 66, 70));
ok($t->wait_for(sub { positions() eq "000000000000000a 70\n" }),
   'events are read as they come');

my $other = Test::Recs::Frame::segment("$dir/journal", 0xb, 0,
    frames => [Test::Recs::Frame::frames(0xb, 1, 3)]);
ok($t->wait_for(sub { positions() =~ /^000000000000000b 3$/m }),
   'another worker');
unlink $other;
ok($t->wait_for(sub { positions() !~ /^000000000000000b/m }),
   'is forgotten with its segments');

my $id = manifest()->{id};
is(readlink("$dir/out/current"), "snap-$id.mdb", 'no build before its time');

config(schedule => '1s');
kill 'HUP', $pid;
ok($t->wait_for(sub { manifest()->{id} ne $id }, 10), 'a build by schedule');
is(manifest()->{positions}{epochs}{'000000000000000b'}, 3,
   'it has what came meanwhile');

my $rows = $t->read_file('catalog.jsonl');
$rows =~ s/"price":3.5/"price":2.5/;
$t->write_file('catalog.jsonl',
               $rows . qq({"productId":"new","title":"New"}\n));
ok($t->wait_for(sub { manifest()->{items} == 6 }, 10),
   'a catalogue that has changed is read before a build');
like($t->read_file('daemon.log'), qr/files read.*\bnew=2\b.*\bknown=4\b/,
     'only what it says anew goes into the log');

$t->write_file('catalog.jsonl', "not a catalogue\n");
ok($t->wait_for(sub {
       $t->read_file('daemon.log') =~ /level=error.*no build this time/
   }, 10), 'a bad catalogue is reported');
$id = manifest()->{id};
is(manifest()->{items}, 6, 'the snapshot stays');
$t->write_file('catalog.jsonl', $rows);
ok($t->wait_for(sub { manifest()->{id} ne $id }, 10), 'the next build works');

my $begin = time;
kill 'TERM', $pid;
waitpid $pid, 0;
is($? >> 8, 0, 'SIGTERM ends it');
cmp_ok(time - $begin, '<', 1, 'in a second');
ok(told(qr/^STOPPING=1$/m), 'systemd is told');
like($told, qr/^STATUS=\d+ events/m, 'and how it goes');
is(join(' ', glob "$dir/out/.tmp-*"), '', 'no leftovers');


# what is wrong

for (['no -c FILE', ''],
     ['names no directory', qq(out = "$dir/out"\n)],
     ['neither an interval',
      qq(out = "$dir/out"\nlog = "$dir/log"\nschedule = "sometimes"\n)],
     ['this day never comes',
      qq(out = "$dir/out"\nlog = "$dir/log"\nschedule = "0 0 30 2 *"\n)])
{
    my ($name, $conf) = @$_;
    my @args = $conf ? ('-c', $t->write_file('bad.conf', $conf)) : ();
    ($rc, $text) = $t->command($builder, 'run', @args);
    is($rc, 2, "usage: $name");
    like($text, qr/$name/, 'it says so');
}

$t->write_file('bad.conf', qq(out = "$dir/out"\nlog = "$dir/log"\n)
               . qq(journal = "$dir/none"\n));
($rc, $text) = $t->command($builder, 'run', '-c', "$dir/bad.conf");
is($rc, 1, 'no journal');
like($text, qr/cannot open the journal \S+none/, 'it is named');

$t->write_file('bad.conf', qq(out = "$dir/out2"\nlog = "$dir/log2"\n));
($rc, $text) = $t->command($builder, 'run', '-c', "$dir/bad.conf", '--once');
is($rc, 1, 'once without anything to build from');
like($text, qr/nothing to build from/, 'it says so');

$t->done;
