#!/usr/bin/perl

# Copyright (C) recs authors

# A full journal refuses events and nothing else, keeps to its space, drops
# exposures first, and goes on when the builder has committed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Journal;

my $t = Test::Recs->new(slack => 16);

my $now = int(time) * 1000;
$t->build_snapshot(events => [ map {
    { activityType => 'PRODUCT_VIEW', userId => "u$_", productId => "p$_",
      timestamp => $now - 60_000 } } 1 .. 5 ]);

$t->run($t->conf(http => '
    keepalive_requests 100000;
    recs_snapshot %%DIR%%/base/current;
    recs_journal %%DIR%%/journal max=1m segment=64k;
', server => '
    location /analytics { recs_events; }
    location /recommendations { recs; }
    location /status { recs_status; }
'));

my $dir = "$t->{dir}/journal";
my $client = $t->client;

sub size {
    my ($kind) = @_;
    my $size = 0;
    $size += -s $_ // 0 for glob "$dir/*.$kind.seg";
    return $size;
}

sub view {
    my ($n) = @_;
    return { activityType => 'PRODUCT_VIEW', productId => 'p',
             sessionId => 's', messageId => "m$n",
             metadata => { text => 'x' x 1000 } };
}

# exposures stop at a quarter

my $answered = 0;
for (1 .. 5000) {
    $answered += $client->('/recommendations/trending')->{status} == 200;
}

is($answered, 5000, 'answers go on when exposures have no place');

# what is not there is counted

my $counters = $t->get('/status')->{json}{counters};
my @shown = grep { $_->{class} == 3 }
    Test::Recs::Journal::frames($dir, 'exp');

cmp_ok($counters->{exposuresDropped}, '>', 0, 'some are dropped');
is($counters->{exposures}, @shown, 'the others are in the journal');
is($counters->{exposures} + $counters->{exposuresDropped}, 5000,
   'together they are all');
cmp_ok(size('exp'), '<=', 256 * 1024, 'exposures take a quarter at most');

# events until nothing fits; a segment that is still made is waited for

sub fill {
    my ($n) = @_;
    my ($accepted, $refused, $last) = (0, 0);

    for (1 .. 10_000) {
        $last = $client->('/analytics/activity', method => 'POST',
            headers => { 'Content-Type' => 'application/json' },
            body => JSON::PP::encode_json(view($$n)));

        if ($last->{status} == 202) {
            $accepted++;
            $$n++;
            $refused = 0;
            next;
        }

        last if $last->{status} != 503 || ++$refused > 40;
        select undef, undef, undef, 0.05;
    }

    return ($accepted, $last);
}

my $n = 1;
my ($accepted, $r) = fill(\$n);

cmp_ok($accepted, '>', 300, "$accepted events were accepted");
is($r->{status}, 503, 'then no more');
is($r->{json}{code}, 'journal-full', 'told why');
is($r->{headers}{'retry-after'}, 1, 'and when to try again');
cmp_ok(size('act') + size('exp'), '<=', 1024 * 1024,
       'all segments together keep to the limit');
is($t->get('/recommendations/trending')->{status}, 200,
   'lists are answered');
like($t->error_log, qr/has no room for more events/, 'logged');

my @log = $t->error_log =~ /(has no room for more events)/g;
is(scalar @log, 1, 'once');

$r = $t->post('/analytics/batch', [view('x'), view('y')]);
is($r->{status}, 503, 'a batch is refused, too');

# a segment has room for small events still

my @few = map { { activityType => 'PAGE_VIEW', sessionId => 's',
                  messageId => "small$_" } } 1 .. 400;
$r = $t->post('/analytics/batch', \@few);

if ($r->{status} == 202) {
    my @codes = map { $_->{code} } @{$r->{json}{errors}};
    is($r->{json}{accepted} + @codes, 400, 'each has its verdict');
    is(scalar(grep { $_ ne 'journal-full' } @codes), 0, 'full in the middle');

} else {
    is($r->{status}, 503, 'no room even for those');
    is($r->{json}{code}, 'journal-full', 'told why');
}

my @frames = Test::Recs::Journal::frames($dir, 'act');
my %seen = map { ($_->{messageId} // '') => 1 } @frames;
is(scalar(grep { !$seen{"m$_"} } 1 .. $n - 1), 0,
   'what was accepted is there');
ok(!$seen{x} && !$seen{y}, 'what was refused is not');
is_deeply([Test::Recs::Journal::gaps(@frames)], [], 'no gaps');

# the builder commits

my %last;
for my $s (grep { $_->{ended} } Test::Recs::Journal::heads($dir)) {
    $last{$s->{epoch}} = $s->{next} - 1;
}

$t->write_file('journal/.positions.new',
               join '', map { "$_ $last{$_}\n" } sort keys %last);
rename "$dir/.positions.new", "$dir/positions";

ok($t->wait_for(sub {
       $t->post('/analytics/activity', view('again'))->{status} == 202
   }, 10), 'events are accepted again');
ok($t->wait_for(sub { $t->error_log =~ /has room for events again/ }, 5),
   'logged');

# what does not fit into a segment is not waited for

$r = $t->post('/analytics/activity',
    { activityType => 'PURCHASE', sessionId => 's', orderId => 'o',
      items => [ map { { productId => $_ . 'x' x 240,
                         variantId => 'y' x 250 } } 100 .. 199 ] });
is($r->{status}, 202, 'the largest event fits');

$t->done;
