package Test::Recs::Sessions;

# Copyright (C) recs authors

# The zone of live sessions under stress: full, one session of very many
# events, an event and the next answer on two workers, workers killed and
# reloaded while they write.  session_zone.t has the short form,
# session_zone_soak.t the long one.

use strict;
use warnings;

use JSON::PP ();
use Test::More;
use Test::Recs;
use Test::Recs::Replay;
use Test::Recs::Soak;
use Time::HiRes qw(sleep time);

use constant PRODUCTS => 60;

sub products { return map { "p$_" } 1 .. PRODUCTS }

# A shop with nothing but products.

sub start {
    my ($zone) = @_;
    my $t = Test::Recs->new(slack => 16);
    my $dir = $t->dir;
    my $now = (int(time) - 86_400) * 1000;

    $t->build_snapshot(
        events => [map { { activityType => 'PRODUCT_VIEW', productId => $_,
                           sessionId => 'x', timestamp => $now } } products],
        catalog => [map { { productId => $_, title => $_ } } products],
        args => [ '--key', "$dir/key" ]);

    $t->run($t->conf(main => 'worker_processes 2;', http => "
        recs_zone recs:$zone;
        recs_snapshot $dir/base/current;
        recs_key $dir/key;
        recs_journal $dir/journal max=1g segment=4m;
        recs_exposures off;
        keepalive_requests 10000000;
    ", server => '
        location /recommendations { recs; }
        location /analytics { recs_events; recs_events_max_body 1m; }
        location /status { recs_status; }
    '));

    return $t;
}

# What the builder would do: the journal does not fill up.

sub trim {
    my ($t) = @_;

    require Test::Recs::Journal;

    my %last;
    my $dir = "$t->{dir}/journal";
    $last{$_->{epoch}} = $_->{next} - 1
        for grep { $_->{ended} } Test::Recs::Journal::heads($dir);

    $t->write_file('journal/positions.new',
                   join '', map { "$_ $last{$_}\n" } sort keys %last);
    rename "$dir/positions.new", "$dir/positions";
}

sub batch {
    my (@rows) = @_;
    return '[' . join(',', map {
        qq({"activityType":"PRODUCT_VIEW","sessionId":"$_->[0]",)
        . qq("productId":"$_->[1]"}) } @rows) . ']';
}

sub request {
    my ($body) = @_;
    return "POST /analytics/batch HTTP/1.1\r\nHost: x\r\n"
        . "Content-Type: application/json\r\nContent-Length: "
        . length($body) . "\r\n\r\n$body";
}

# All of a batch: where the journal has no room for a moment, those behind
# are sent again.

sub send_all {
    my ($s, @rows) = @_;

    for my $try (1 .. 1000) {
        my ($status, $in) = Test::Recs::Replay::ask($s,
                                                    request(batch(@rows)));
        my ($accepted) = $in =~ /"accepted":(\d+)/;

        splice @rows, 0, $accepted // 0;
        return 1 if !@rows;
        return 0 if $status != 202 && $status != 503;
        sleep .01;
    }

    return 0;
}

sub status {
    my ($t) = @_;
    my $r = $t->get('/status?check=sessions');
    return ($r->{json}{sessions}, $r->{json}{counters});
}

sub sound {
    my ($t, $what) = @_;
    my ($s) = status($t);

    is($s->{sound}, $s->{records}, "$what: all $s->{records} are sound");
    is($s->{broken} + $s->{held}, 0, "$what: none is held");
    cmp_ok($s->{records}, '<=', $s->{room}, "$what: no more than fit");
}


# More sessions than there is room for.

sub full {
    my ($t, $sessions) = @_;
    my $s = $t->socket;
    my ($n, $bad) = (0, 0);

    while ($n < $sessions) {
        $bad++ if !send_all($s, map { ['many' . $n++, 'p1'] } 1 .. 1000);
        trim($t) if $n % 200_000 == 0;
    }

    is($bad, 0, 'all accepted');

    my ($z, $c) = status($t);

    cmp_ok($z->{records}, '>=', .9 * $z->{room}, 'the zone is full');
    is($z->{records} + $c->{sessionsEvicted}, $n,
       "$n sessions: $z->{records} are there, the others went");
    sound($t, 'full');

    # who came last is there

    my @there = grep {
        my $r = $t->get('/analytics/history?sessionId=many' . ($n - $_));
        $t->ids($r) == 1;
    } 1 .. 20;

    is(scalar @there, 20, 'the last ones are there');
}


# One session of very many events.

sub long {
    my ($t, $events) = @_;
    my $s = $t->socket;
    my ($n, $sent, @last) = (0, 0);

    while ($n < $events) {
        @last = map { 'p' . (1 + $n++ % PRODUCTS) } 1 .. 1000;
        $sent += send_all($s, map { ['long', $_] } @last);
    }

    is($sent, $events / 1000, "$events events");

    my $r = $t->get('/analytics/history?sessionId=long&limit=100');
    my @got = $t->ids($r);

    is(scalar @got, 40, 'forty products');
    is("@got", join(' ', reverse @last[-40 .. -1]), 'the last ones');
    sound($t, 'long');
}


# An event, and the next answer of the other worker.

sub next_answer {
    my ($t, $times) = @_;
    my $replay = Test::Recs::Replay->new($t);
    my $seen = 0;

    for my $n (1 .. $times) {
        my $session = 'next-' . $n % 50;
        my $product = 'p' . (1 + int rand PRODUCTS);

        $replay->event($session, $product);

        my (undef, $in) = Test::Recs::Replay::ask(
            $replay->{sockets}[$replay->{turn} ^ 1],
            "GET /analytics/history?limit=1&sessionId=$session HTTP/1.1\r\n"
            . "Host: x\r\n\r\n");
        $seen++ if $in =~ /"items":\[\{"productId":"$product"/;
    }

    is($seen, $times, "$seen of $times: the very next answer knows");
}


# Clients that write and read the same sessions without end; each notes what
# is wrong with an answer.

sub client {
    my ($t, $number) = @_;

    return Test::Recs::Soak->client(sub {
        my ($stop) = @_;
        my (%seen, $s);

        local $SIG{PIPE} = 'IGNORE';

        until ($$stop) {
            $s //= $t->socket;

            if (!$s) {
                sleep 0.005;
                next;
            }

            my $ok = eval {
                my $name = 'kill-' . int rand 60;
                my ($status) = Test::Recs::Replay::ask($s, request(batch(
                    map { ['kill-' . int rand 60,
                           'p' . (1 + int rand PRODUCTS)] } 1 .. 300)));
                $seen{"posts $status"}++;

                my $in;
                ($status, $in) = Test::Recs::Replay::ask($s, 'GET /analytics/'
                    . "history?limit=100&sessionId=$name HTTP/1.1\r\n"
                    . "Host: x\r\n\r\n");
                $seen{"gets $status"}++;

                my @ids = $in =~ /"productId":"(p\d+)"/g;
                my %once = map { $_ => 1 } @ids;
                $seen{wrong}++ if @ids > 40 || @ids != keys %once;
                1;
            };

            undef $s if !$ok;
        }

        return \%seen;
    });
}

sub killed {
    my ($t, $kills, $reloads) = @_;
    my @clients = map { client($t, $_) } 1 .. 3;
    my $done = 0;
    my $size = 0;

    $t->allow(qr/exited on signal 9/);

    for my $n (1 .. $kills) {
        sleep .02 + rand .05;

        my @workers = $t->workers or redo;
        kill 'KILL', $workers[rand @workers];

        kill 'HUP', $t->pid if $reloads && $n % int($kills / $reloads) == 0;
        trim($t) if $n % 50 == 0;
    }

    sleep .3;

    my %sum;
    for my $seen (map { $_->stop } @clients) {
        $sum{$_} += $seen->{$_} for keys %$seen;
    }

    is($sum{wrong} // 0, 0, 'no answer was wrong');
    is($sum{error} // '', '', 'no client failed');
    cmp_ok($sum{'gets 200'} // 0, '>', 0, 'some were right');
    diag(join ', ', map { "$_: $sum{$_}" } sort keys %sum) if $kills >= 200;

    # old workers are gone; each session can be written and read

    $t->wait_for(sub {
        my @workers = $t->workers;
        @workers == 2 && $t->read_file("/proc/$workers[0]/cmdline")
            !~ /shutting/;
    }, 20);

    my $s = $t->socket;
    ok(send_all($s, map { ["kill-$_", 'p7'] } 0 .. 59),
       'all are written once more');

    my @stuck = grep {
        my @ids = $t->ids($t->get("/analytics/history?sessionId=kill-$_"));
        @ids == 0 || $ids[0] ne 'p7';
    } 0 .. 59;
    is("@stuck", '', 'none is stuck');

    sound($t, 'killed');

    my (undef, $c) = status($t);
    diag("$c->{sessionsReset} reset, $c->{sessionsRetries} retries, "
         . "$c->{sessionsConflicts} conflicts") if $kills >= 200;
}

1;
