#!/usr/bin/perl

# Copyright (C) recs authors

# Hot layers that come and go under load, some of them broken, while bases
# are swapped, workers killed and the configuration reloaded: no request
# fails, an answer is of one base and one layer, and nothing is left behind.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Hot;
use Test::Recs::Shop;
use Time::HiRes qw(sleep);


my $t = Test::Recs->new(slack => 6);
my $rounds = $ENV{RECS_SOAK} ? 600 : 40;
my %row = map { $_->{productId} => $_ } @{Test::Recs::Shop::catalog()};
my @rows = (events => Test::Recs::Shop::events(),
            catalog => Test::Recs::Shop::catalog());
my $dir = $t->dir . '/hot';

my @bases = map { $t->build_snapshot(@rows, args => [ '--now',
                                                      "2026-01-0$_" ]) } 6, 7;

# what S1 costs and whether S2 is there, by layer; 'no' is the base alone

my (%price, %there);
my @hot = map {
    my $n = $_;
    my $id = Test::Recs::Hot::make($t, catalog => [
        { %{$row{S1}}, price => 100 + $n },
        { %{$row{S2}}, stock => $n % 2 ? 0 : 10 } ]);
    @price{$id} = 100 + $n;
    @there{$id} = $n % 2 ? 0 : 1;
    $id;
} 1 .. 4;
$price{no} = 61;
$there{no} = 1;

# broken ones, each in its way

my @bad = map { Test::Recs::Hot::make($t, catalog => [
    { %{$row{S1}}, price => 1 } ]) } 1 .. 4;

sub spoil {
    my ($id, $change) = @_;
    my $path = "$dir/snap-$id.mdb";
    my $data = $change->($t->read_file($path));
    unlink $path;
    $t->write_file($path, $data);
    chmod 0444, $path;
}

spoil($bad[0], sub { my $d = $_[0]; substr($d, 20_000, 1) ^= "\1"; $d });
spoil($bad[1], sub { substr $_[0], 0, 4096 * 10 });
spoil($bad[2], sub { '' });
unlink "$dir/snap-$bad[3].json";

Test::Recs::Hot::link_to($dir, $hot[0]);

$t->run($t->conf(main => 'worker_processes 2;', http => '
    recs_snapshot %%DIR%%/base/current hot=%%DIR%%/hot/current check=100ms;
', server => '
    location /recommendations { recs; }
    location / { root %%DIR%%; ssi on; ssi_types *; }
    location /status { recs_status; }
'));

$t->write_file('page', join "\n",
    map { "<!--# include virtual=\"/recommendations/$_?limit=24\" -->" }
    qw(trending bestsellers similar/S1) x 3);

my @clients = map { client($_) } 1 .. 3;

for my $n (1 .. $rounds) {
    Test::Recs::Hot::link_to($dir, $n % 5 ? $hot[$n % 4] : $bad[$n / 5 % 4]);
    $t->publish($bases[$n / 7 % 2]) if $n % 7 == 0;

    if ($n % 10 == 3) {
        my @workers = $t->workers;
        kill 'KILL', $workers[0] if @workers > 1;
    }

    kill 'HUP', $t->pid if $n % 20 == 8;
    sleep 0.1;
}

Test::Recs::Hot::link_to($dir, $hot[1]);
$t->publish($bases[1]);

my ($bad, $answers, %seen) = ('', 0);

ok($t->wait_for(sub {
    my %ids = map { $_ => 1 } map { state_of() } 1 .. 6;
    return keys %ids == 1 && $ids{"$bases[1] $hot[1]"};
}, 15), 'all end with the last base and the last layer');

for my $c (@clients) {
    kill 'TERM', $c->{pid};
    my $fh = $c->{fh};
    while (<$fh>) {
        chomp;
        if (/^ok (\w+) (\w+)/) { $answers++; $seen{$2}++ }
        else { $bad .= "$_\n" }
    }
    waitpid $c->{pid}, 0;
}

is($bad, '', 'no answer is mixed, none fails');
cmp_ok($answers, '>', 100, "$answers answers");
cmp_ok(scalar(grep { $seen{$_} } @hot), '>=', 3, 'of several layers');
is(scalar(grep { $seen{$_} } @bad), 0, 'of no broken one');

like($t->error_log, qr/hot\/current" is refused: /, 'broken ones are refused');
$t->allow(qr/exited on signal 9/);


# what is mapped and open does not grow: hundreds of layers, one after another

ok($t->wait_for(sub { scalar($t->workers) == 2 }, 10), 'two workers');
my @workers = $t->workers;
my %before = map { $_ => left($_) } @workers;
my $last = $hot[1];

for (1 .. ($ENV{RECS_SOAK} ? 1000 : 150)) {
    my $id = Test::Recs::Hot::renew($t, $last);
    unlink "$dir/snap-$last.mdb", "$dir/snap-$last.json";
    $last = $id;
    sleep 0.01;
}

ok($t->wait_for(sub {
    my %ids = map { $_ => 1 } map { (split ' ', state_of())[1] } 1 .. 6;
    return keys %ids == 1 && $ids{$last};
}, 15), 'the last of many');

for my $pid (@workers) {
    my $now;
    ok($t->wait_for(sub { ($now = left($pid)) eq $before{$pid} }, 5),
       'files, maps and descriptors as before')
        or diag "$before{$pid}, $now";
}

is_deeply([ $t->workers ], \@workers, 'by the same workers');

# nobody has forgotten what is good: the other base needs no second look

$t->publish($bases[0]);
ok($t->wait_for(sub { (split ' ', state_of())[0] eq $bases[0] }, 5),
   'the other base, under the layer');

my @alerts = grep { !/exited on signal 9/ } $t->error_log =~ /^.*\[alert\].*$/mg;
is("@alerts", '', 'no alerts');

$t->done;


# snapshot and layer that any worker answers from

sub state_of {
    my $r = $t->get('/recommendations/bestsellers?limit=1')->{json};
    return ($r->{snapshotId} // '-') . ' ' . ($r->{layerId} // 'no');
}

# snapshots that are mapped, and descriptors

sub left {
    my ($pid) = @_;
    my %maps = map { $_ => 1 }
        $t->read_file("/proc/$pid/maps") =~ m{/(\w+)/snap-\w+\.mdb}g;
    my @maps = $t->read_file("/proc/$pid/maps") =~ /snap-\w+\.mdb/g;
    my @fds = grep { (readlink($_) // '') =~ /snap-/ } glob "/proc/$pid/fd/*";

    return join ' ', sort(keys %maps), scalar @maps, scalar @fds;
}

sub client {
    my ($n) = @_;
    my $pid = open my $fh, '-|';
    die "fork: $!" if !defined $pid;
    return { pid => $pid, fh => $fh } if $pid;

    my $stop = 0;
    $SIG{TERM} = sub { $stop = 1 };
    $| = 1;

    until ($stop) {
        my $r = $t->get($n == 1 ? '/page'
                        : '/recommendations/bestsellers?limit=24');
        next if $r->{status} == 0;        # its worker was killed
        print check($r->{status}, $r->{body}), "\n";
        sleep 0.002;
    }

    POSIX::_exit(0);
}

sub check {
    my ($status, $body) = @_;
    my %base = map { $_ => 1 } $body =~ /"snapshotId":"(\w+)"/g;
    my %layer = map { $_ => 1 } $body =~ /"layerId":"(\w+)"/g;
    my ($base, $layer) = (keys %base, '', keys %layer ? keys %layer : 'no');
    my @lists = $body =~ /"recommendationId"/g;
    my @s1 = $body =~ /"title":"S title 1".*?"price":([\d.]+)/g;
    my @s2 = $body =~ /"productId":"S2","position"/g;

    ($base) = keys %base;
    ($layer) = keys %layer ? keys %layer : 'no';

    return "status $status" if $status != 200;
    return 'cut off' if $body !~ /\]\}\s*$/;
    return 'bases ' . join ' ', keys %base if keys %base != 1;
    return 'layers ' . join ' ', keys %layer if keys %layer > 1;
    return "unknown layer $layer" if !defined $price{$layer};

    for (@s1) {
        return "layer $layer, price $_" if $_ != $price{$layer};
    }

    return "layer $layer, no S1" if !@s1;
    return "layer $layer, S2 " . @s2 if !!@s2 != !!$there{$layer};
    return "ok $base $layer";
}
