#!/usr/bin/perl

# Copyright (C) recs authors

# The daemon's hot layer: what could not be opened is tried again, and an
# erasure that fails does not begin it anew.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP qw(encode_json);
use Test::More;
use Test::Recs;

my $t = Test::Recs->new;
my ($dir, $builder) = ($t->dir, $t->builder);

sub conf {
    my ($hot) = @_;
    $t->write_file('run.conf', <<"EOC");
log = "$dir/log"
out = "$dir/out"
hot = "$dir/$hot"
schedule = "1d"
poll = 0.05
hot_every = 0.1
force = true
EOC
}

sub said { return scalar(() = $t->read_file('daemon.log') =~ /$_[0]/g) }

$t->write_file('events.jsonl', join '', map {
    encode_json({activityType => 'PRODUCT_VIEW', productId => 'p' . $_ % 10,
                 userId => $_ % 3 ? 'bob' : 'alice', sessionId => "s$_",
                 timestamp => 1000 * (time - 3600 + $_)}) . "\n" } 1 .. 60);
my ($rc, $out) = $t->command($builder, 'import', '-q', '--log', "$dir/log",
                             '--events', "$dir/events.jsonl");
is($rc, 0, 'imported') or diag($out);

conf('hot');
my $pid = $t->run_daemon($builder, 'run', '-c', "$dir/run.conf");
ok($t->wait_for(sub { readlink "$dir/hot/current" }, 20), 'a layer')
    or diag($t->read_file('daemon.log'));


# something is in the way of an erasure

mkdir $_ for "$dir/log/.rewrite.new", "$dir/log/.rewrite.new/there";
($rc, $out) = $t->command($builder, 'erase', '-q', '-c', "$dir/run.conf",
                          '--wait', 2, 'alice');
is($rc, 75, 'not done') or diag($out);
ok($t->wait_for(sub { said('cannot .*rewrite') }, 10), 'it failed')
    or diag($t->read_file('daemon.log'));
is(said("the event log's tail is read"), 1, 'the hot layer goes on');


# and of the hot layer

$t->write_file('hot2', '');
conf('hot2');
kill 'HUP', $pid;
ok($t->wait_for(sub { said('there is no hot layer') }, 10), 'there is none');
unlink "$dir/hot2";
ok($t->wait_for(sub { readlink "$dir/hot2/current" }, 20), 'until there is')
    or diag($t->read_file('daemon.log'));

$t->stop_daemon($pid);
$t->done;
