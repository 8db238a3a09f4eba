package Test::Recs::PowerCases;

# Copyright (C) recs authors

# What the builder has on disk, and what of it must have survived a power cut: of
# each the state before, the command, and a check of the state after, which
# returns complaints: "lost" is what was said to be done and is not there.

use strict;
use warnings;

use JSON::PP qw(decode_json);
use Test::Recs::Frame;
use Test::Recs::Journal;
use Test::Recs::Log;


sub rows {
    my ($n) = @_;
    return join '', map {
        sprintf '{"activityType":"PRODUCT_VIEW","productId":"p%d","userId":'
            . '"u%d","sessionId":"s%d","timestamp":%d}' . "\n", $_ % 10,
            $_ % 7, $_ % 9, 1_767_571_200_000 + $_ * 1000 * $n + $n
    } 0 .. 59;
}

sub catalog {
    return join '', map {
        qq({"productId":"p$_","title":"P$_","price":$_.5,"currency":"EUR"}\n)
    } 0 .. 4;
}

sub current {
    my ($t, $dir) = @_;
    my ($id) = (readlink("$dir/current") // '') =~ /^snap-(\w{16})\.mdb$/;
    my ($rc) = $t->command($t->builder, 'verify', '-q', $dir);
    return $rc == 0 ? $id : 'none that is good';
}

# How many events of files are new to a log.

sub fresh {
    my ($t, $log, @args) = @_;
    my ($rc, $out) = $t->command($t->builder, 'import', '-q', '--json',
                                 '--key', "$t->{dir}/key", '--log', $log,
                                 @args);
    return "exit $rc: $out" if $rc;
    my $done = eval { decode_json($out) } or return "no JSON: $out";
    return $done->{events} + $done->{products};
}

sub all {
    my ($t, $now) = @_;

    $t->write_file("$_.jsonl", rows($_)) for 1 .. 3;
    $t->write_file('catalog.jsonl', catalog());
    return (publish($t, $now), log_import($t, $now), retain($t, $now),
            daemon($t, $now));
}

sub publish {
    my ($t, $now) = @_;
    my @build = ($t->builder, 'build', '-q', '--threads', 1, '--key',
                 "$t->{dir}/key", '--events');
    my ($old, $new) = map {
        $t->command(@build, "$t->{dir}/$_.jsonl", '--out', "$t->{dir}/o$_");
        current($t, "$t->{dir}/o$_");
    } 1, 2;

    return {
        name => 'publish', begins => qr/getdents64\(\d+<\Q$now\E/,
        command => [@build, "$t->{dir}/2.jsonl", '--out', "$now/out"],
        before => sub { system('cp', '-a', "$t->{dir}/o1", "$_[0]/out") },
        check => sub {
            my ($dir, $done) = @_;
            my @bad;
            my $id = current($t, "$dir/out");

            push @bad, "lost: $id is current" if $done && $id ne $new;
            push @bad, "bad: $id is current" if $id ne $old && $id ne $new;
            my ($rc, $out) = $t->command(@build, "$t->{dir}/2.jsonl", '--out',
                                         "$dir/out");
            $id = current($t, "$dir/out");
            push @bad, "bad: then exit $rc: $out" if $rc;
            push @bad, "bad: then $id is current" if $id ne $new;
            return @bad;
        },
        mutants => {
            'the snapshot is not synced' => ['fsync', qr/tmp-snapshot/,
                                             'fadvise64:retval=0'],
            'the manifest is not synced' => ['fsync', qr/tmp-manifest/],
            'current is not synced' => ['fsync', qr/fsync\(\d+<[^>]*out>/],
        },
    };
}

sub log_import {
    my ($t, $now) = @_;

    return {
        name => 'import', begins => qr/openat\(.*"\Q$now\E\/log"/,
        command => [$t->builder, 'import', '-q', '--key', "$t->{dir}/key",
                    '--log', "$now/log", '--events', "$t->{dir}/2.jsonl"],
        before => sub { fresh($t, "$_[0]/log", '--events',
                              "$t->{dir}/1.jsonl") },
        check => sub {
            my ($dir, $done) = @_;
            my @bad;
            my ($first, $second, $again) = map {
                fresh($t, "$dir/log", '--events', "$t->{dir}/$_.jsonl")
            } 1, 2, 2;

            push @bad, "lost: $first of the first" if $first ne '0';
            push @bad, "lost: $second of the second"
                if $done && $second ne '0';
            push @bad, "bad: $second of the second" if $second !~ /^(0|60)$/;
            push @bad, "bad: $again again" if $again ne '0';
            return @bad;
        },
        mutants => {
            'a batch is not synced' => ['fdatasync', qr/./],
        },
    };
}

sub retain {
    my ($t, $now) = @_;
    my @retain = ($t->builder, 'retain', '-q', '--now',
                  (time + 100 * 86400) . '000');

    Test::Recs::Log::files($t, 'files', [catalog => 'catalog.jsonl'],
                           map { [events => "$_.jsonl"] } 1 .. 3);

    return {
        name => 'retention', begins => qr/openat\(.*"\Q$now\E\/log"/,
        command => [@retain, '--log', "$now/log", '--archive',
                    "$now/archive"],
        before => sub { system('cp', '-a', "$t->{dir}/files", "$_[0]/log") },
        check => sub {
            my ($dir) = @_;
            my @bad;
            my ($rc, $out) = $t->command($t->builder, 'import', '-q',
                '--json', '--log', "$dir/log", '--catalog',
                "$t->{dir}/catalog.jsonl", '--events',
                map { "$t->{dir}/$_.jsonl" } 1 .. 3);
            my $done = $rc ? {} : eval { decode_json($out) } // {};
            my $new = ($done->{events} // 1) + ($done->{products} // 0);

            push @bad, "lost: $new (exit $rc: $out)" if $rc || $new;
            ($rc, $out) = $t->command(@retain, '--log', "$dir/log",
                                      '--archive', "$dir/archive");
            push @bad, "bad: then exit $rc: $out" if $rc;
            return @bad;
        },
        mutants => {
            'the checkpoint is not synced' => ['fsync', qr/checkpoint/],
        },
    };
}

# From the journal into the log; the journal may forget what "positions" says.

sub daemon {
    my ($t, $now) = @_;
    my $config = sub {
        my ($dir) = @_;
        return $t->write_file('run-' . ($dir eq $now ? 1 : 2) . '.conf',
            qq(out = "$dir/out"\nlog = "$dir/log"\njournal = "$dir/journal"\n)
            . qq(catalog = { "$t->{dir}/catalog.jsonl" }\nschedule = "1d"\n)
            . qq(poll = 0.05\nthreads = 1\n));
    };
    my @run = ($t->builder, 'run', '--once', '-c');

    return {
        name => 'daemon', begins => qr/openat\(.*"\Q$now\E\/log"/,
        command => [@run, $config->($now)],
        before => sub {
            my ($dir) = @_;
            mkdir "$dir/journal";
            for (0 .. 5) {
                my ($from, $to) = ($_ * 10 + 1, $_ * 10 + 10);
                Test::Recs::Frame::segment("$dir/journal", 0xa, $_,
                    first => $from, ended => 1,
                    frames => [Test::Recs::Frame::frames(0xa, $from, $to)]);
            }
        },
        check => sub {
            my ($dir, $done) = @_;
            my ($at) = $t->read_file("$dir/journal/positions") =~ / (\d+)$/;
            my @bad;

            push @bad, 'lost: positions' if $done && ($at // 0) != 60;

            for (Test::Recs::Journal::segments("$dir/journal")) {
                unlink $_->{path}
                    if $_->{first} + @{$_->{frames}} - 1 <= ($at // 0);
            }

            my ($rc, $out) = $t->command(@run, $config->($dir));
            my ($events) = $out =~ /build started.*\bevents=(\d+)/;
            push @bad, 'lost: ' . ($events // 'none') . ' of 65'
                if ($events // 0) != 65;
            push @bad, "bad: then exit $rc: $out" if $rc;
            return @bad;
        },
        mutants => {
            'no batch of the journal is synced' => ['fdatasync', undef],
        },
    };
}

1;
