#!/usr/bin/perl

# Copyright (C) recs authors

# A hundred snapshots, one after the other, under load.  The generation is in
# every title: no request fails, no answer has titles of two generations, a
# connection never sees an older one again, and every worker has the new one
# within a second.  The files go as soon as the next one is published, and
# nothing of them stays mapped.  Then rollbacks.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;
use Test::Recs::Soak;
use Time::HiRes qw(sleep time lstat);

use constant SWAPS => 100;
use constant KEEP => 5;
use constant PAUSE => 0.4;

Test::Recs::Soak::begin();

my $t = Test::Recs->new(slack => 8);
my $base = $t->dir . '/base';
my (@id, %generation);


# every tenth is twenty times as large

my $events = Test::Recs::Shop::events();

for my $g (0 .. SWAPS) {
    my @catalog = map { { %$_, title => "$_->{title} g$g" } }
        @{Test::Recs::Shop::catalog()};

    push @catalog, map {
        { productId => "X$_", title => "Thing $_ g$g", price => $_,
          category => ['More'], currency => 'EUR', stock => 1,
          description => "What is thing $_? " x 10 }
    } 1 .. ($g % 10 == 5 ? 5000 : 250);

    $id[$g] = $t->build_snapshot(events => $events, catalog => \@catalog,
                                 args => ['--keep', 2 * SWAPS, '--force']);
    $generation{$id[$g]} = $g;
    unlink glob $t->dir . '/input/*';
}

is(keys %generation, SWAPS + 1, 'each generation has an id');
my @sizes = sort { $a <=> $b } map { -s "$base/snap-$_.mdb" } @id;
Test::Recs::Soak::figure('snapshots', sprintf '%d, of %d to %d kB',
                         scalar @sizes, $sizes[0] / 1024, $sizes[-1] / 1024);

$t->publish($id[0]);
$t->run($t->conf(main => 'worker_processes 2; worker_rlimit_nofile 4096;',
                 server => '
    keepalive_requests 1000000;
    location /recommendations { recs; }
    location / { root %%DIR%%; ssi on; ssi_types *; }
    location /status { recs_status; }
'));

$t->write_file('page', join "\n",
    map { "<!--# include virtual=\"/recommendations/$_\" -->" }
    qw(trending similar/S1 bestsellers similar/X7 new-arrivals) x 3);

my @workers = $t->workers;
my $port = $t->port;
my @uris = map { "/recommendations/$_" }
    qw(similar/S1?limit=24 trending bestsellers?limit=50 similar/X3
       price-drop similar/B5?exclude=B1 new-arrivals?offset=3 top-rated);

# times at which a generation was answered last are those of the question

sub watch {
    my ($kind) = @_;

    return Test::Recs::Soak->client(sub {
        my ($stop) = @_;
        my %seen = (answers => 0, failed => 0, mixed => 0, back => 0,
                    bad => [], times => {}, max_back => 0);
        my ($s, $last, $newest, $n, %last_seen) = (undef, -1, 0, 0);

        until ($$stop) {
            my $uri = $kind eq 'page' ? '/page' : $uris[rand @uris];
            my $close = $kind eq 'fresh';
            my $text = Test::Recs::Soak::get_text($uri, $close,
                $kind eq 'page' ? "Connection: close\r\n" : '');

            my $start = time;

            if (!$s) {
                $s = Test::Recs::Soak::connect_to($port);
                $last = -1;
            }

            my ($status, $head, $body) = $s
                ? $kind eq 'page' ? page($s, $text)
                                  : Test::Recs::Soak::request($s, $text)
                : (0, "connect: $!", '');
            my $took = time - $start;
            undef $s if $kind ne 'kept' || $status != 200;

            if ($status != 200) {
                $seen{failed}++;
                push @{$seen{bad}}, "$kind $uri: $status $head"
                    if @{$seen{bad}} < 5;
                next;
            }

            my %g = map { $_ => 1 } $body =~ /"title":"[^"]* g(\d+)"/g;
            my %ids = map { $_ => 1 } $body =~ /"snapshotId":"(\w+)"/g;
            my ($g) = keys %g;

            if (keys %g != 1 || keys %ids != 1
                || ($generation{(keys %ids)[0]} // -1) != $g)
            {
                $seen{mixed}++;
                push @{$seen{bad}}, "$kind $uri: g " . join(',', keys %g)
                    . ' of ' . join ',', keys %ids if @{$seen{bad}} < 5;
                next;
            }

            if ($n++ % 16 == 0 && $kind ne 'page'
                && !eval { JSON::PP->new->utf8->decode($body) })
            {
                $seen{failed}++;
                push @{$seen{bad}}, "$kind $uri: no JSON";
                next;
            }

            $seen{answers}++;
            $seen{$kind}++;
            $seen{back}++ if $kind eq 'kept' && $g < $last;
            $last = $g;
            $newest = $g if $g > $newest;
            $seen{max_back} = $newest - $g if $newest - $g > $seen{max_back};
            $last_seen{"max $g"} = $start;
            Test::Recs::Soak::note_time($seen{times}, $took)
                if $kind ne 'page';
            sleep 0.001;
        }

        $seen{last} = \%last_seen;
        return \%seen;
    });
}

# an SSI page has no length: read to its end

sub page {
    my ($s, $text) = @_;
    my $in = '';

    syswrite $s, $text;
    1 while sysread $s, $in, 65536, length $in;

    return (0, 'cut off', $in) if $in !~ m{^HTTP/1.1 200 .*\}\s*\z}s
        && $in !~ /\r\n0\r\n\r\n\z/;
    $in =~ s/\r\n[0-9a-f]+\r\n//g;
    return (200, '', $in);
}

# names of snapshots that a worker has mapped and that are deleted

sub deleted {
    my ($pid) = @_;
    my %maps = map { $_ => 1 }
        $t->read_file("/proc/$pid/maps") =~ /(snap-\w+\.mdb \(deleted\))/g;
    return scalar keys %maps;
}

sub mapped {
    my ($pid) = @_;
    my %maps = map { $_ => 1 }
        $t->read_file("/proc/$pid/maps") =~ /(snap-\w+\.mdb)/g;
    return scalar keys %maps;
}


my @clients = map { watch($_) } ('kept') x 4, ('fresh') x 4, 'page';
my (@published, $max_deleted);

sleep 1;
$max_deleted = 0;

for my $g (1 .. SWAPS) {
    $published[$g] = time;
    $t->publish($id[$g]);

    # what the builder's retention does after days, at once

    unlink "$base/snap-$id[$g - 1].mdb", "$base/snap-$id[$g - 1].json"
        if $g <= SWAPS - KEEP;

    sleep PAUSE;

    for my $pid (@workers) {
        my $n = deleted($pid);
        $max_deleted = $n if $n > $max_deleted;
    }
}

sleep 1;
my $seen = Test::Recs::Soak::stop_all(@clients);

cmp_ok($seen->{answers}, '>=', 50_000, 'answers enough');
is($seen->{failed}, 0, 'none failed');
is($seen->{mixed}, 0, 'none of two generations');
is($seen->{back}, 0, 'no connection sees an older one again');
is(join("\n", @{$seen->{bad}}), '', 'nothing to tell');

my ($late, $late_g, $lates) = (0, 0, 0);
for my $g (1 .. SWAPS) {
    my $ms = 1000 * (($seen->{last}{'max ' . ($g - 1)} // 0) - $published[$g]);
    ($late, $late_g) = ($ms, $g) if $ms > $late;
    $lates++ if $ms > 100;
}

cmp_ok($late, '<', 1000, 'the old one is gone within a second');
is(scalar(keys %{$seen->{last}}), SWAPS + 1, 'every generation was seen');

Test::Recs::Soak::figure('answers', "$seen->{answers} ($seen->{kept} kept, "
    . "$seen->{fresh} fresh connections, $seen->{page} pages), "
    . "$seen->{failed} failed, $seen->{mixed} mixed");
Test::Recs::Soak::figure('swaps', SWAPS . ", old one answered at most "
    . sprintf('%.0f ms', $late) . " after the publish (to $late_g), "
    . "$lates above 100 ms");
Test::Recs::Soak::figure('backwards', "$seen->{back} on one connection, at "
    . "most $seen->{max_back} generations between workers");
Test::Recs::Soak::figure('time of a client', 'median '
    . Test::Recs::Soak::quantile($seen->{times}, 0.5) . ', 99 % '
    . Test::Recs::Soak::quantile($seen->{times}, 0.99));

cmp_ok($max_deleted, '<=', 1, 'one deleted map at most');
my $left;
ok($t->wait_for(sub { !($left = grep { deleted($_) } @workers) }, 2),
   'none when idle');
ok($t->wait_for(sub { !grep { mapped($_) != 1 } @workers }, 2),
   'one snapshot is mapped');
Test::Recs::Soak::figure('deleted maps', "at most $max_deleted under load, "
    . "$left workers with one when idle");

is_deeply([$t->workers], \@workers, 'the same workers');
my $status = $t->get('/status')->{json};
is($status->{counters}{snapshotRefused}, 0, 'nothing is refused');
is($status->{snapshots}[0]{retired}, 0, 'nothing retired is left');


# rollbacks, under load, to be seen in both workers

@clients = map { watch($_) } qw(kept fresh fresh page);
my $c = Test::Recs::Soak::to_workers($t, @workers);
is(scalar keys %$c, 2, 'a connection to each worker');

my $question = Test::Recs::Soak::get_text('/status');
my (@from_link, @from_command, $failed);

for my $n (1 .. 20) {
    my $to = $n % 5 == 0 ? SWAPS : SWAPS - $n % 5;
    my @args = $n % 5 == 0 ? '--release' : $id[$to];
    my $start = time;
    my ($rc, $out) = $t->command($t->builder, 'rollback', $base, @args);
    my $link = (lstat "$base/current")[10];
    $failed .= $out if $rc != 0;

    my %have;
    while (time - $start < 5) {
        for my $pid (@workers) {
            my (undef, undef, $body) =
                Test::Recs::Soak::request($c->{$pid}, $question);
            ($have{$pid}) = $body =~ /"snapshotId":"(\w+)"/;
        }

        last if !grep { ($have{$_} // '') ne $id[$to] } @workers;
        sleep 0.001;
    }

    push @from_link, 1000 * (time - $link);
    push @from_command, 1000 * (time - $start);
    sleep 0.2;
}

is($failed, undef, 'rollbacks succeed');
@from_link = sort { $a <=> $b } @from_link;
@from_command = sort { $a <=> $b } @from_command;
cmp_ok($from_link[-1], '<=', 1000, 'seen by all workers within a second');
cmp_ok($from_command[10], '<=', 1000, 'with the command, too, in the median');
Test::Recs::Soak::figure('rollbacks', sprintf '20, seen by both workers '
    . '%.0f to %.0f ms after the link, %.0f to %.0f ms after the command was '
    . 'entered (median %.0f ms)', @from_link[0, -1],
    @from_command[0, -1, 10]);

close $_ for values %$c;
$seen = Test::Recs::Soak::stop_all(@clients);
is($seen->{failed} + $seen->{mixed}, 0, "none of $seen->{answers} failed")
    or diag(join "\n", @{$seen->{bad}});

$t->done;
