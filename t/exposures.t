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

$t->run($t->conf(http => '
    recs_snapshot %%DIR%%/base/current check=100ms;
    recs_journal %%DIR%%/journal max=16m;
    recs_shop north;
', server => '
    location /recommendations { recs; }
    location /quiet { recs; recs_exposures off; }
    location /status { recs_status; }
'));

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

# what sort of list it is, on what, and where on the page

my %agent = (
    desktop => [1, 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101'
                   . ' Firefox/128.0'],
    mobile => [2, 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)'
                  . ' AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1'],
    tablet => [3, 'Mozilla/5.0 (iPad; CPU OS 16_1 like Mac OS X)'],
    tv => [4, 'Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) TV Safari/538.1'],
    bot => [5, 'Mozilla/5.0 (compatible; Googlebot/2.1)'],
    nothing => [0, 'x'],
);

for my $name (sort keys %agent) {
    my ($device, $agent) = @{$agent{$name}};

    for my $again ('', ', again') {
        $t->get($list, headers => { 'User-Agent' => $agent });
        is((frames())[-1]{device}, $device, "served to a $name$again");
    }
}

$t->get($list);
@e = frames();
is($e[-1]{device}, 0, 'served to nobody knows what');
is($e[-1]{placement}, undef, 'and nobody knows where');
is_deeply([grep { defined } map { $_->{name} } of_class(3, @e)], [],
          'an exposure has no name');
is_deeply([grep { $_->{device} || $_->{placement} } of_class(2, @e)], [],
          'a list is not of a device or place');
is($e[0]{name}, 'TRENDING', 'a list has the name of its type');
is((of_class(2, @e))[-1]{name}, 'RECENTLY_VIEWED', 'each its own');

$before = of_class(2, frames());
$r = $t->get("$list?placement=home%2Dhero");
is($r->{json}{recommendationId}, $id, 'a placement makes no other question');
is($r->{headers}{etag}, "\"$id\"", 'nor another tag');
@e = frames();
is($e[-1]{placement}, 'home-hero', 'it is told of the exposure');
is(scalar of_class(2, @e), $before, 'the list is known');

$t->get("$list?placement=" . 'x' x 64);
is((frames())[-1]{placement}, 'x' x 64, 'a long one');
$r = $t->get("$list?placement=" . 'x' x 65);
is($r->{status}, 400, 'a longer one');
is($r->{json}{code}, 'placement-invalid', 'is said so');
is($r->{json}{parameter}, 'placement', 'and what it is');

$t->get("$list?placement=a", headers => { 'If-None-Match' => "\"$id\"" });
is((frames())[-1]{placement}, 'a', 'of what was not modified, too');

$t->get('/recommendations/home?placement=front&sessionId=s1');
@e = frames();
is((of_class(2, @e))[-1]{name}, 'HOME', 'a home page');
is($e[-1]{placement}, 'front', 'has a place, too');

$before = @e;
$r = $t->post('/recommendations/batch', [
    { type => 'TRENDING', placement => 'one' }, { type => 'BESTSELLERS' },
    { type => 'TRENDING', placement => 'x' x 65 } ],
    headers => { 'User-Agent' => $agent{mobile}[1] });
is_deeply([map { $_->{status} } @{$r->{json}{responses}}], [200, 200, 400],
          'a batch');
@e = frames();
@e = of_class(3, @e[$before .. $#e]);
is_deeply([map { $_->{placement} } @e], ['one', undef],
          'has the placement of each');
is_deeply([map { $_->{device} } @e], [2, 2], 'and one device');

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
