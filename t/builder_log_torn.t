#!/usr/bin/perl

# Copyright (C) recs authors

# The event log: whatever is cut off or fails, what was committed is there,
# and what was not can be read again.

use strict;
use warnings;

use File::Copy qw(copy);
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX qw(WNOHANG);
use Test::More;
use Test::Recs;
use Test::Recs::Frame;

my $t = Test::Recs->new;
my ($dir, $builder) = ($t->dir, $t->builder);
my $log = "$dir/log/00000001.log";

mkdir "$dir/journal";
my $conf = $t->write_file('run.conf', <<"EOC");
out = "$dir/out"
log = "$dir/log"
journal = "$dir/journal"
schedule = "1d"
EOC

sub once {
    my (@before) = @_;
    my ($rc, $text) = $t->command(@before, $builder, 'run', '-c', $conf,
                                  '--once');
    return ($rc, $text, ($text =~ /build started.*\bevents=(\d+)/)[0] // -1);
}

sub segment {
    my ($epoch, $count) = @_;
    Test::Recs::Frame::segment("$dir/journal", $epoch, 0,
        frames => [Test::Recs::Frame::frames($epoch, 1, $count)]);
}

sub gone { unlink glob "$dir/journal/*.seg" }


# five batches, each of an epoch of its own

my @ends;

for my $n (1 .. 5) {
    segment($n, 10 * $n);
    my ($rc, $text) = once();
    is($rc, 0, "batch $n") or diag($text);
    push @ends, -s $log;
}

copy($log, "$dir/whole.log");
gone();

# of any length the log is a prefix; garbage after it changes nothing

my $size = $ends[-1];
my (@bad, @told);
my @offsets = map { my $e = $_; ($e - 1, $e, $e + 1, $e + 9, $e + 25) } @ends;
push @offsets, map { 64 + int(($size - 64) * $_ / 17) } 0 .. 16;

for my $offset (sort { $a <=> $b } grep { $_ >= 64 && $_ <= $size } @offsets) {
    for my $garbage ('', "\0" x 500, join '', map { chr int rand 256 } 1 .. 99)
    {
        my $text = $t->read_file('whole.log');

        # garbage that begins with the byte that is missing completes a frame

        next if $garbage ne '' && (grep { $_ == $offset + 1 } @ends)
            && substr($garbage, 0, 1) eq substr($text, $offset, 1);

        $t->write_file('log/00000001.log', substr($text, 0, $offset)
                       . $garbage);

        my $want = 0;
        $want += 10 * $_ for grep { $ends[$_ - 1] <= $offset } 1 .. 5;

        my ($rc, $out, $events) = once();
        $events = 0 if $out =~ /event log is empty/;
        push @bad, "$offset: $events, not $want" if $events != $want;

        my $torn = !grep { $_ == $offset } 64, @ends;
        push @told, $offset
            if ($torn || $garbage ne '') != ($out =~ /is cut away/ || 0);
    }
}

is("@bad", '', 'the log is a prefix');
is("@told", '', 'what is cut away is told');

# damage is not cut away

my $text = $t->read_file('whole.log');
substr($text, $ends[1] + 40, 1) ^= "\1";
$t->write_file('log/00000001.log', $text);
my ($rc, $out) = once();
is($rc, 1, 'damage in the middle is refused');
like($out, qr/batch at \d+ is damaged.*backup/, 'and named');
is(-s $log, $size, 'nothing is cut away');


# what was lost is read again

unlink $log;
copy("$dir/whole.log", $log);
truncate $log, $ends[3] + 5;
segment($_, 10 * $_) for 1 .. 5;
my $events;
($rc, $out, $events) = once();
is($rc, 0, 'with the journal');
is($events, 150, 'all is there, once');
gone();


# a write that fails

SKIP: {
    skip 'no strace', 1 if !grep { -x "$_/strace" } split /:/, $ENV{PATH};

    my ($can) = $t->command('strace', '-f', '-qq', '-o', '/dev/null', 'true');
    skip 'strace may not trace here', 1 if $can != 0;

    # it cannot look for leaks while it is traced
    $ENV{ASAN_OPTIONS} = join ':', $ENV{ASAN_OPTIONS} // (), 'detect_leaks=0';

    my (@failed, @lost, $points);

    for my $fault (['fdatasync', 'EIO'], ['fdatasync', 'ENOSPC'],
                   ['pwrite64', 'ENOSPC'], ['pwrite64', 'EIO'],
                   ['pwrite64', 'EINTR'])
    {
        my ($call, $error) = @$fault;

        for my $nth (1 .. 3) {
            system 'rm', '-rf', "$dir/log", "$dir/out", "$dir/journal";
            mkdir "$dir/journal";
            segment(1, 20);

            my ($rc, $out, $events) = once('strace', '-qq', '-o',
                '/dev/null', '-e', "trace=$call", '-e',
                "inject=$call:error=$error:when=$nth");
            $points++;

            # it either did not happen, or it is told and nothing is there

            my $positions = $t->read_file('journal/positions');

            if ($rc != 0) {
                push @failed, "$call $error $nth: $out"
                    if $out !~ /(?:write|create|fdatasync)\ failed/x
                    || $positions ne '';

            } elsif ($events != 20) {
                push @failed, "$call $error $nth: $events";
            }

            ($rc, $out, $events) = once();
            push @lost, "$call $error $nth: $events $out" if $events != 20;
        }
    }

    is("@failed", '', "a write that fails is told, in $points points");
    is("@lost", '', 'the next run has everything once');


    # a daemon goes on by itself

    system 'rm', '-rf', "$dir/log", "$dir/out", "$dir/journal";
    mkdir "$dir/journal";
    my $pid = $t->run_daemon('strace', '-qq', '-f', '-o', '/dev/null', '-e',
        'trace=fdatasync', '-e', 'inject=fdatasync:error=EIO:when=2..3',
        $builder, 'run', '-c', $conf);
    segment(7, 20);
    ok($t->wait_for(sub {
           $t->read_file('journal/positions') eq "0000000000000007 20\n"
       }, 20), 'a daemon tries again');
    like($t->read_file('daemon.log'), qr/fdatasync failed: Input.*disk/,
         'it says what failed');
    ok($t->wait_for(sub {
           $t->read_file('daemon.log') =~ /events are read again/
       }, 10), 'and that it works again');

    # strace would leave it behind

    open my $fh, '<', "/proc/$pid/task/$pid/children" or die "children: $!";
    kill 'TERM', split ' ', <$fh>;
    close $fh;
    ok($t->wait_for(sub { waitpid($pid, WNOHANG) == $pid }, 10), 'it ends');
}

$t->done;
