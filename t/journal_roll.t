#!/usr/bin/perl

# Copyright (C) recs authors

# The builder asks for segments to be ended by another time of the file
# "roll", whatever that time is: clocks are set back.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Journal;

my $t = Test::Recs->new(slack => 16);
my $dir = $t->dir . '/journal';
my $n = 0;

mkdir $dir;
$t->write_file('journal/roll', '');
utime 1000, 1_000_000_000, "$dir/roll";

$t->run($t->conf(http => 'recs_key %%DIR%%/key;
                          recs_journal %%DIR%%/journal;',
                 server => 'location /analytics { recs_events; }'));

# How many activities are in segments that are ended, and in others.

sub there {
    my ($ended, $open) = (0, 0);

    for my $s (grep { $_->{kind} eq 'act' }
               Test::Recs::Journal::segments($dir)) {
        $s->{ended} ? ($ended += @{$s->{frames}})
                    : ($open += @{$s->{frames}});
    }

    return "$ended $open";
}

sub event {
    is($t->post('/analytics/activity',
                { activityType => 'PRODUCT_VIEW', productId => 'p' . ++$n,
                  sessionId => 's' })->{status}, 202, "event $n");
}

sub becomes {
    my ($want, $name) = @_;
    $t->wait_for(sub { there() eq $want });
    is(there(), $want, $name);
}

event();
is(there(), '0 1', 'one is in a segment at work');

my $now = time;
utime $now, $now - 3600, "$dir/roll";
becomes('1 0', 'asked an hour ago: the segment is ended');

event();
utime $now, $now + 3600, "$dir/roll";
becomes('2 0', 'asked in an hour: likewise');

event();
utime $now, $now - 7200, "$dir/roll";
becomes('3 0', 'asked two hours ago: likewise');

# what had been asked for before a worker began is not for it

my ($old) = $t->workers;
$t->reload;
$t->wait_for(sub { !grep { $_ == $old } $t->workers });
event();
sleep 2;
becomes('3 1', 'an old question ends nothing');

$t->done;
