#!/usr/bin/perl

# Copyright (C) recs authors

# A batch of a hundred heavy questions lets others pass: what came after it is
# answered before it, and a client that goes away meanwhile leaves nothing.

use strict;
use warnings;

use FindBin;
use Socket qw(SOL_SOCKET SO_RCVBUF);
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new(slack => 16);
my $json = JSON::PP->new->canonical;

# 30,000 products, none of which passes the filter: each question looks at all

my @catalog = map { { productId => "p$_", title => "t$_", price => 5,
                      category => [ 'c' . $_ % 7 ], stock => 1 } } 1 .. 30_000;
my @events = map { { activityType => 'PRODUCT_VIEW', productId => "p$_",
                     sessionId => 's' . $_ % 50,
                     timestamp => 1_767_571_200_000 + $_ } } 1 .. 500;

$t->build_snapshot(events => \@events, catalog => \@catalog);
$t->run($t->conf(
    http => '
        recs_snapshot %%DIR%%/base/current;
        recs_journal %%DIR%%/journal;
        log_format order "$uri $status";
        access_log %%DIR%%/access.log order;
    ',
    server => '
        location /recommendations { recs; }
        location /status { recs_status; }
    '));

my $heavy = $json->encode([ map { { path => 'trending', limit => 100,
    minPrice => 6 } } 1 .. 100 ]);
my $batch = join "\r\n", 'POST /recommendations/batch HTTP/1.1', 'Host: a',
    'Content-Type: application/json', 'Connection: close',
    'Content-Length: ' . length $heavy, '', $heavy;
my $single = join "\r\n", 'GET /recommendations/similar/p1 HTTP/1.1',
    'Host: a', 'Connection: close', '', '';
my ($worker) = $t->workers;

sub logged { split /\n/, $t->read_file('access.log') }

# The worker is stopped while both requests arrive, so that it meets them in
# this order and at once.

sub race {
    my ($gone) = @_;
    my @s = map { $t->socket } 1 .. 4;

    unlink $t->dir . '/access.log';
    $t->signal('USR1');
    $t->wait_for(sub { -e $t->dir . '/access.log' });
    $t->get('/status') for 1 .. 2;

    kill 'STOP', $worker;
    my $first = shift @s;
    print $first $batch;
    print $_ $single for @s;
    close $first if $gone;
    kill 'CONT', $worker;

    my @r = map { $t->raw('', $_) } @s;
    push @r, $t->raw('', $first) if !$gone;

    $t->wait_for(sub { (grep { /batch/ } logged()) == 1 }, 20);
    return @r;
}

my @r = race(0);
my @lines = grep { !/status/ } logged();

is_deeply([ map { $_->{status} } @r ], [ (200) x 4 ], 'all are answered');
is(scalar @{$r[3]{json}{responses}}, 100, 'the batch, too');
is_deeply([ grep { $_->{status} != 200 || @{$_->{answer}{items}} }
            @{$r[3]{json}{responses}} ], [], 'whose lists are empty');
is_deeply(\@lines, [ ('/recommendations/similar/p1 200') x 3,
                     '/recommendations/batch 200' ],
          'those that came after it were done before it');


# a client that goes away

for (1 .. 3) {
    @r = race(1);
    @lines = grep { !/status/ } logged();
    like(join(' ', @lines), qr{/batch 499}, 'gone: noticed');
}

is($t->get('/recommendations/similar/p1')->{status}, 200, 'goes on');
is_deeply([ $t->workers ], [ $worker ], 'the same worker');


# one that reads slowly what is more than there is room for on the way: longer
# than the timer of a turn, of which it must not be made again

my $large = $json->encode([ map { { path => 'trending', limit => 100 } }
                            1 .. 100 ]);
my $slow = $t->socket;
setsockopt $slow, SOL_SOCKET, SO_RCVBUF, 65536 or die "setsockopt: $!";
print $slow join "\r\n", 'POST /recommendations/batch HTTP/1.1', 'Host: a',
    'Content-Type: application/json', 'Connection: close',
    'Content-Length: ' . length $large, '', $large;
select undef, undef, undef, 2.5;
my $all = $t->raw('', $slow);
is($all->{status}, 200, 'a slow client');
cmp_ok(length $all->{body}, '>', 2_000_000, 'a large answer');
is(length $all->{body}, $all->{headers}{'content-length'}, 'gets all of it');
is(scalar @{$all->{json}{responses} // []}, 100, 'once');


# a reload while it goes on

my $s = $t->socket;
print $s $batch;
$t->signal('HUP');
my $r = $t->raw('', $s);
is($r->{status}, 200, 'a reload does not end it');
is(scalar @{$r->{json}{responses} // []}, 100, 'nor cut it short');
$t->wait_for(sub { !grep { $_ == $worker } $t->workers }, 20);
$t->note_fds;

$t->done;
