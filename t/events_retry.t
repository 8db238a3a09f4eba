#!/usr/bin/perl

# Copyright (C) recs authors

# A client that saw no answer sends again: the answer is the same, the live
# session has it once, and so has the builder; without a messageId nobody can
# tell.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Bytes qw(identity zone);
use Test::Recs::Journal;

my $t = Test::Recs->new;
my $dir = $t->dir;

mkdir "$dir/$_" for 'journal', 'out';

$t->run($t->conf(main => 'worker_processes 2;', http => '
    recs_zone recs:4m;
    recs_key %%DIR%%/out/key;
    recs_journal %%DIR%%/journal max=16m segment=64k;
    recs_user $http_x_user;
', server => '
    location /analytics { recs_events; }
'));

sub event {
    my ($type, $session, $product, $message, %o) = @_;
    return { activityType => $type, sessionId => $session,
             productId => $product,
             $message ? (messageId => $message) : (), %o };
}

# The record of a session or user (core/recs_visit.h): events, and what was
# done with products, by the weights of their types.

sub live {
    my ($kind, $name) = @_;
    my $zone = zone($t);
    my $id = identity("$dir/out/key", $kind, $name);
    my ($at, $head) = (-1);

    # in a session the identity of its user has no record behind it

    while (($at = index $zone, $id, $at + 1) >= 0) {
        $head = substr $zone, $at + 24, 16;
        last if unpack('S<', $head) == 1 && unpack('x12 C', $head) < 6;
        undef $head;
    }

    return {} if !$head;

    my (undef, $clicks, $touches, undef, $events) = unpack 'S<4 L<', $head;
    my ($weight, $views) = (0, 0);

    for my $n (0 .. $touches - 1) {
        my (undef, undef, undef, $w, $v) = unpack 'Q< L< L< f< S<',
            substr $zone, $at + 24 + 472 + 24 * $n, 24;
        $weight += $w;
        $views += $v;
    }

    return { events => $events, clicks => $clicks, products => $touches,
             weight => $weight, views => $views };
}

sub post_is {
    my ($path, $body, $accepted, $rejected, $what, %o) = @_;
    my $r = $t->post("/analytics/$path", $body, %o);

    is($r->{status}, 202, "$what: taken");
    is($r->{json}{accepted}, $accepted, "$what: $accepted accepted");
    is($r->{json}{rejected}, $rejected, "$what: $rejected rejected");

    return $r;
}


# single events, from whichever worker

my $cart = event('ADD_TO_CART', 's1', 'p1', 'm1');
my @answers = map { post_is('activity', $cart, 1, 0, "try $_") } 1 .. 6;

is(scalar(grep { $_->{body} eq $answers[0]{body} } @answers), 6,
   'all answers are the same');
is(live('s', 's1')->{events}, 1, 'one event in the live session');
is(live('s', 's1')->{weight}, 4, 'in the cart once');

post_is('activity', event('PRODUCT_VIEW', 's1', 'p1', 'm2'), 1, 0,
        'another message');
is(live('s', 's1')->{events}, 2, 'counts');
is(live('s', 's1')->{views}, 1, 'as a view');

post_is('activity', event('ADD_TO_CART', 's2', 'p1', 'm1'), 1, 0,
        'the same of another session');
is(live('s', 's2')->{events}, 1, 'is another one');


# of a user: known by the user, whatever the session is

my @as = (headers => { 'X-User' => 'u1' });

post_is('activity', event('ADD_TO_CART', 's3', 'p2', 'm3'), 1, 0,
        "user's try $_", @as) for 1 .. 3;
is(live('s', 's3')->{events}, 1, 'once in the session');
is(live('u', 'u1')->{events}, 1, 'once of the user');


# a batch that is sent as a whole again, with one event that is bad

my @batch = ((map { event('PRODUCT_VIEW', 's4', "p$_", "b$_") } 1 .. 9),
             { activityType => 'SEARCH', sessionId => 's4' },
             event('ADD_TO_CART', 's4', 'p1', 'b10'));

my $first = post_is('batch', \@batch, 10, 1, 'a batch');
my $again = post_is('batch', \@batch, 10, 1, 'the same again');
is($again->{body}, $first->{body}, 'the same answer');
is($first->{json}{errors}[0]{index}, 9, 'which one is bad');
is(live('s', 's4')->{events}, 10, 'ten in the live session');
is(live('s', 's4')->{views}, 9, 'nine views');
is(live('s', 's4')->{weight}, 9 + 4, 'one cart');


# nobody can tell without a name

post_is('activity', event('PRODUCT_VIEW', 's5', 'p1'), 1, 0, "try $_")
    for 1, 2;
is(live('s', 's5')->{events}, 2, 'without a messageId there are two');


# who said no has no session, and no messages

post_is('activity', event('PRODUCT_VIEW', 's6', 'p1', 'n1',
                          consent => 'denied'), 1, 0, 'a no') for 1, 2;
is_deeply(live('s', 's6'), {}, 'is nowhere');


# what the builder makes of it

my $sent = Test::Recs::Journal::frames("$dir/journal", 'act');
is($sent, 6 + 1 + 1 + 3 + 20 + 2 + 2, 'all of it is in the journal');

my $config = $t->write_file('run.conf', <<"EOC");
out = "$dir/out"
log = "$dir/log"
journal = "$dir/journal"
EOC

my ($rc, $text) = $t->command($t->builder, 'run', '-c', $config, '--once');

my ($events) = $text =~ /build started.*\bevents=(\d+)/;
is($events, 1 + 1 + 1 + 1 + 10 + 2 + 1, 'each message counts once')
    or diag($text);

$t->done;
