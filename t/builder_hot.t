#!/usr/bin/perl

# Copyright (C) recs authors

# Hot layers of recs-builder run: what comes through the journal and from
# files is in the current layer within moments; a restart keeps it; a base
# that knows it takes it out again.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP qw(decode_json encode_json);
use Test::More;
use Test::Recs;
use Test::Recs::Frame;
use Time::HiRes qw(time);

my $t = Test::Recs->new;
my ($dir, $builder) = ($t->dir, $t->builder);
my $now = int(1000 * time);
my $day = 86_400_000;

mkdir "$dir/journal";
$t->write_file('catalog.jsonl', join '', map {
    encode_json({ productId => "p$_", title => "P$_", price => 10 + $_,
                  stock => 100, currency => 'EUR',
                  category => $_ < 20 ? ['Even', "C$_"] : ['Odd'] }) . "\n"
} 0 .. 39);

# ten days on which all are seen alike, from both regions

my $n = 0;
$t->write_file('events.jsonl', join '', map {
    my $age = $_;
    map { encode_json({ activityType => 'PRODUCT_VIEW', productId => "p$_",
                        userId => 'u' . $n++, region => $n % 2 ? 'AT' : 'DE',
                        timestamp => $now - $age * $day }) . "\n" }
        map { ($_) x 4 } 0 .. 39
} reverse 1 .. 10);

sub config {
    my (%o) = @_;
    return $t->write_file('run.conf', <<"EOC");
out = "$dir/base"
hot = "$dir/hot"
log = "$dir/log"
journal = "$dir/journal"
catalog = { "$dir/catalog.jsonl" }
events = { "$dir/events.jsonl" }
hot_updates = { "$dir/updates" }
hot_signals = "$dir/signals.jsonl"
hot_every = 0.1
trust = no
poll = 0.05
schedule = "@{[ $o{schedule} // '1d' ]}"
related = "cosine"
next = "ar"
EOC
}

sub run { return $t->run_daemon($builder, 'run', '-v', '-c', config(@_)) }

sub stop {
    my ($pid, $signal) = @_;
    kill $signal, $pid;
    waitpid $pid, 0;
}

sub inspect {
    my ($key) = @_;
    my ($rc, $text) = $t->command($builder, 'inspect', "$dir/hot", $key);
    return $rc == 0 ? map { decode_json($_) } split /\n/, $text : ();
}

sub product { return (inspect("product:$_[0]"))[0] // {} }
sub first_of { return ((inspect("list:$_[0]"))[0] // {})->{productId} // '' }

sub soon {
    my ($name, $test) = @_;
    ok($t->wait_for($test, 10), $name)
        or diag(substr $t->read_file('daemon.log'), -2000);
}

# frames of a worker

my $path = Test::Recs::Frame::segment("$dir/journal", 0xa, 0,
                                      size => 1 << 20);
my ($offset, $sequence) = (64, 0);

sub post {
    my (@events) = @_;

    $offset = Test::Recs::Frame::append($path, $offset, map {
        Test::Recs::Frame::frame(epoch => 0xa, sequence => ++$sequence,
                                 time => int(1000 * time), %$_)
    } @events);
}

sub update {
    my ($id, %o) = @_;
    my $row = JSON::PP->new->canonical->encode({ productId => $id, %o });
    post({ class => 4, type => 100, product => $id, document => $row });
}

sub views {
    my ($id, $from, $to, %o) = @_;
    return map { { product => $id, user => "v$_", session => "s$_", %o } }
        $from .. $to;
}


mkdir "$dir/updates";
my $pid = run();
ok($t->wait_for(sub { -l "$dir/base/current" }, 30), 'a base');
soon('a layer beside it', sub { -l "$dir/hot/current" });

my ($rc, $out) = $t->command($builder, 'verify', "$dir/hot");
is($rc, 0, 'verify') or diag $out;

# the journal

update('p3', stock => 0);
soon('sold out', sub { (product('p3')->{stock} // 1) == 0 });
is(product('p3')->{flags}, 1, 'not in stock');
is(product('p3')->{price}, 13, 'the price of the base');

update('p3', price => 5.5, stock => 7);
soon('cheaper', sub { (product('p3')->{price} // 0) == 5.5 });
is(product('p3')->{flags}, 3, 'in stock');
is(product('p3')->{reference_price}, 13, 'the price before');
is(first_of('price_drop'), 'p3', 'a price drop');
is(first_of('price_drop:Even/C3'), 'p3', 'in its category');

post(views('p5', 1, 30, region => 'AT'),
     views('p25', 1, 20, region => 'DE'));
soon('a burst is trending', sub { first_of('trending') eq 'p5' });
is(first_of('trending:Even'), 'p5', 'in its category');
is(first_of('trending:Odd'), 'p25', 'the other in the other one');
is(first_of('region_trending:AT'), 'p5', 'in its region');
is(first_of('region_trending:DE'), 'p25', 'the other in the other one');

# files

$t->write_file('updates/stock.csv', "productId,stock,price\np7,0,\np8,,3\n");
soon('a file of changes', sub { (product('p7')->{stock} // 1) == 0 });
is(product('p8')->{price}, 3, 'another one in it');
is(product('p8')->{stock}, 100, 'what is not told stays');
like($t->read_file('daemon.log'), qr/msg="updates read" lines=2 new=2/,
     'is said');

$t->write_file('signals.jsonl', encode_json({ productId => 'p33',
                                              weight => 500 }) . "\n");
soon('a signal', sub { first_of('trending') eq 'p33' });
unlink "$dir/signals.jsonl";
soon('and its end', sub { first_of('trending') eq 'p5' });

# a restart, not a soft one

stop($pid, 'KILL');
unlink glob "$dir/hot/snap-* $dir/hot/current";
$pid = run();
soon('the state is made again', sub { -l "$dir/hot/current" });
is(product('p3')->{price}, 5.5, 'the price');
is(product('p7')->{stock}, 0, 'the stock');
is(first_of('trending'), 'p5', 'the trend');
is(first_of('region_trending:DE'), 'p25', 'of a region');

# a base that knows it all

my $base = readlink "$dir/base/current";
stop($pid, 'TERM');
$pid = run(schedule => '3s');
soon('another base', sub { readlink("$dir/base/current") ne $base });
soon('has nothing to be changed', sub { !product('p7')->{productId} });
($rc, $out) = $t->command($builder, 'inspect', "$dir/base", 'product:p3');
like($out, qr/"price":5.5,/, 'as it knows it');

update('p7', stock => 4);
soon('until something is', sub { (product('p7')->{stock} // 0) == 4 });

# configuration

config(schedule => '1d');
my $text = $t->read_file('run.conf');
$text =~ s/^hot = .*\n//m;
$t->write_file('run.conf', $text);
kill 'HUP', $pid;
soon('configuration read again', sub {
    $t->read_file('daemon.log') =~ /configuration read again.*\n/ });

my $layer = readlink "$dir/hot/current";
update('p9', stock => 1);
sleep 1;
is(readlink "$dir/hot/current", $layer, 'no layers without a directory');

config();
kill 'HUP', $pid;
soon('layers again', sub { (product('p9')->{stock} // 0) == 1 });

like($t->command($builder, 'status', "$dir/hot"),
     qr/^\w{16}\s+\d+\s+\S+\s+\d+s\s.*current$/m, 'status has its age');
cmp_ok(scalar(my @files = glob "$dir/hot/snap-*.mdb"), '<=', 6,
       'the last few are kept');

stop($pid, 'TERM');
is($? >> 8, 0, 'SIGTERM');

$t->done;
