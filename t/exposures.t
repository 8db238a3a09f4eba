#!/usr/bin/perl

# Copyright (C) recs authors

# What was shown is in the journal: a list once per worker and view, each
# time it was served as id, session and time.  It never fails an answer.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Journal;

my $t = Test::Recs->new;

my $now = int(time) * 1000;
my @events = map {
    my $u = $_;
    map { { activityType => 'PRODUCT_VIEW', userId => "u$u",
            sessionId => "s$u", productId => "p$_",
            timestamp => $now - 3600_000 + $u * 1000 + $_ } } 1 .. 4
} 1 .. 20;

$t->build_snapshot(events => \@events);

$t->run(<<'EOC');
%%GLOBALS%%
worker_processes 1;
events { }
http {
    %%GLOBALS_HTTP%%
    recs_snapshot %%DIR%%/base/current check=100ms;
    recs_journal %%DIR%%/journal max=16m;
    recs_shop north;

    server {
        listen 127.0.0.1:%%PORT%%;

        location /recommendations { recs; }
        location /quiet { recs; recs_exposures off; }
        location /status { recs_status; }
    }
}
EOC

# An exposure is written behind the answer: when the one worker answers
# something else, it is there.

sub frames {
    $t->get('/status');
    return Test::Recs::Journal::frames("$t->{dir}/journal", 'exp');
}

sub of_class { my ($class, @e) = @_; return grep { $_->{class} == $class } @e }

my $list = '/recommendations/trending';

my $r = $t->get($list, headers => { 'X-Session-ID' => 's1' });
is($r->{status}, 200, 'a list');

my $id = $r->{json}{recommendationId};
my @ids = $t->ids($r);
my @e = frames();

is(scalar @e, 2, 'two frames');
is($e[0]{class}, 2, 'the list');
is($e[1]{class}, 3, 'and that it was served');
is_deeply([map { $_->{recommendationId} } @e], [$id, $id], 'by its id');
is(length($e[0]{keys}), 8 * @ids, 'all its items');
is($e[0]{session}, undef, 'a list is nobody\'s');
is(length $e[1]{session}, 16, 'it was served to a session');
is($e[1]{shop}, 'north', 'in a shop');
is(sprintf('%016x', $e[1]{view}), $r->{json}{snapshotId}, 'of a view');
cmp_ok(abs($e[1]{time_ms} - $now), '<', 60_000, 'now');

my $client = $t->client;
$client->($list) for 1 .. 50;
@e = frames();
is(scalar of_class(2, @e), 1, 'the list is there once');
is(scalar of_class(3, @e), 51, 'each time it was served');

$r = $t->get($list, headers => { 'If-None-Match' => "\"$id\"" });
is($r->{status}, 304, 'not modified');
is(scalar of_class(3, frames()), 52, 'was shown, too');
is(scalar of_class(2, frames()), 1, 'the list is known');

$t->get("$list?limit=2");
is(scalar of_class(2, frames()), 2, 'another question, another list');

# private answers have ids of their own

my @private = map {
    $t->get('/recommendations/recently-viewed',
            headers => { 'X-Session-ID' => 's1' })
} 1 .. 2;

is($_->{status}, 200, 'a private list') for @private;
isnt($private[0]{json}{recommendationId}, $private[1]{json}{recommendationId},
     'with an id of its own');
@e = frames();
is(scalar of_class(2, @e), 4, 'each is kept');

# what is not shown

my $before = frames();
$t->head($list);
$t->get('/recommendations/similar/');
$t->get("$list?limit=x");
$t->get('/quiet/trending');
is(scalar frames(), $before, 'HEAD, errors and recs_exposures off: nothing');

# no names

$t->get($list, headers => { 'X-Session-ID' => 's1', 'Sec-GPC' => '1' });
is((frames())[-1]{session}, undef, 'nobody is named who said no');
is((frames())[-1]{consent}, 2, 'and that is said');

my $all = join '', map { Test::Recs::Journal::slurp($_) // '' }
    glob "$t->{dir}/journal/*";
unlike($all, qr/s1\b/, 'no raw id is in the journal');

# another view

$t->build_snapshot(events => [@events, { %{$events[0]},
    productId => 'p9', timestamp => $now - 1000 }]);
my $old = $private[0]{json}{snapshotId};
ok($t->wait_for(sub { $t->get($list)->{json}{snapshotId} ne $old }, 5),
   'a new view');
$t->get($list) for 1 .. 3;
$before = of_class(2, frames());
cmp_ok($before, '>=', 5, 'a new view, a new list');

is_deeply([Test::Recs::Journal::gaps(frames())], [], 'no gaps');

$t->done;
