#!/usr/bin/perl

# Copyright (C) recs authors

# A new binary takes over the listening sockets while the old one serves.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


# the master executes what it was called by

for my $dir (split(/:/, $ENV{PATH}), '/usr/sbin') {
    $ENV{RECS_NGINX} //= "$dir/nginx" if -x "$dir/nginx";
}

my $t = Test::Recs->new;
my $snapshot = $t->shop;
my $old = $t->pid;

sub answers {
    my $r = $t->get('/recommendations/trending');
    return $r->{status} == 200 && $r->{json}{snapshotId} eq $snapshot;
}

$t->signal('USR2');
ok($t->wait_for(sub { $t->pid('nginx.pid.oldbin') && $t->pid
                      && $t->pid != $old && $t->workers }, 10),
   'a new master');

my $new = $t->pid;
ok(answers(), 'both serve') for 1 .. 10;

$t->signal('WINCH', $old);
ok($t->wait_for(sub { !$t->workers($old) }, 10), 'the old workers leave');
ok(answers(), 'the new ones serve') for 1 .. 10;
is($t->get('/status')->{json}{pid}, ($t->workers)[0], 'by the new worker');

$t->signal('QUIT', $old);
ok($t->wait_for(sub { !kill 0, $old }, 10), 'the old master leaves');
ok(answers(), 'still served');
is($t->pid, $new, 'the pid of the new one');

$t->done;
