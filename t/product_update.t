#!/usr/bin/perl

# Copyright (C) recs authors

# The catalogue is changed by POST only by who has a key; what is accepted is
# in the journal without anything about its sender, and in the next build.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Journal;
use Test::Recs::Shop;


my $t = Test::Recs->new;
my ($first, $second) = ('a' x 32, 'b' x 40);

$t->write_file('keys', "# of the shop\n$first\n$second\r\n");
chmod 0600, $t->dir . '/keys';
$t->build_snapshot(events => Test::Recs::Shop::events(),
                   catalog => Test::Recs::Shop::catalog());

$t->run($t->conf(http => '
    recs_snapshot %%DIR%%/base/current;
    recs_journal %%DIR%%/journal max=64m segment=1m;
', server => '
    location /analytics { recs_events; recs_update_key keys; }
    location /closed { recs_events; }
    location /recommendations { recs; }
'));

my %update = (activityType => 'PRODUCT_UPDATE', productId => 'S1',
              price => 12.5, stock => 3);

sub update {
    my ($headers, %o) = @_;
    return $t->post($o{uri} // '/analytics/activity',
                    $o{body} // { %update, %{$o{more} // {}} },
                    headers => $headers);
}

# who may

for (['no key', {}],
     ['an empty one', { 'X-Recs-Key' => '' }],
     ['another one', { 'X-Recs-Key' => 'c' x 32 }],
     ['a part of one', { 'X-Recs-Key' => substr $first, 0, 31 }],
     ['more than one', { 'X-Recs-Key' => "$first$first" }],
     ['another scheme', { Authorization => "Basic $first" }],
     ['a comment', { 'X-Recs-Key' => '# of the shop' }])
{
    my ($name, $headers) = @$_;
    my $r = update($headers);
    is($r->{status}, 403, $name);
    is($r->{json}{code}, 'update-forbidden', "$name: why");
}

is(update({ 'X-Recs-Key' => $first }, uri => '/closed/activity')->{status},
   403, 'no key is good where there is none');

is(update({ 'X-Recs-Key' => $first })->{status}, 202, 'the first key');
is(update({ Authorization => "Bearer $second" },
          more => { stock => 2 })->{status}, 202, 'the second, as a bearer');

# what is kept

my $r = update({ 'X-Recs-Key' => $first, 'X-Session-ID' => 'secret-session',
                 'User-Agent' => 'secret-agent' },
               more => { userId => 'secret-user', sessionId => 'secret-id',
                         email => 'secret@example.org', stock => 0,
                         tags => ['sale'] });
is($r->{status}, 202, 'with a user');

$r = update({ 'X-Recs-Key' => $first }, body => {
    activityType => 'PRODUCT_UPDATE', productId => 'S2',
    document => { title => 'Another', price => 3, category => ['Wear'] } });
is($r->{status}, 202, 'with a document');

$r = update({ 'X-Recs-Key' => $first }, body => {
    activityType => 'PRODUCT_UPDATE', price => 1 });
is($r->{status}, 400, 'of no product');

my @events = grep { $_->{type} == 100 }
    Test::Recs::Journal::frames($t->dir . '/journal', 'act');
is(scalar @events, 4, 'four in the journal');

my @documents = map { JSON::PP->new->utf8->decode($_->{document}) } @events;
is_deeply($documents[0], { productId => 'S1', price => 12.5, stock => 3 },
          'the row');
is($documents[1]{stock}, 2, 'the next one');
is_deeply($documents[2], { productId => 'S1', price => 12.5, stock => 0,
                           tags => ['sale'] }, 'without who sent it');
is_deeply($documents[3], { productId => 'S2', title => 'Another', price => 3,
                           category => ['Wear'] }, 'the document');

my $raw = join '', map { $t->read_file($_) } glob $t->dir . '/journal/*';
unlike($raw, qr/secret/, 'nothing else either');

# in a batch

$r = $t->post('/analytics/batch',
              [ { activityType => 'PRODUCT_VIEW', productId => 'S1',
                  sessionId => 's1' }, \%update ]);
is($r->{status}, 202, 'a batch');
is($r->{json}{accepted}, 1, 'the view is taken');
is($r->{json}{errors}[0]{code}, 'update-forbidden', 'the update is not');

$r = $t->post('/analytics/batch',
              [ { activityType => 'PRODUCT_VIEW', productId => 'S1',
                  sessionId => 's1' }, \%update ],
              headers => { 'X-Recs-Key' => $first });
is($r->{json}{accepted}, 2, 'both, with the key');

# wrong files

for (["short\n", qr/a key that is shorter than 16/],
     ["# nothing\n\n", qr/has a file without a key/],
     [join('', map { "$_\n" } ('d' x 20) x 5), qr/more than 4 keys/],
     ['#' . 'x' x 4070 . "\n" . 'd' x 64 . "\n", qr/longer than 4096 bytes/],
     [undef, qr/open\(\) ".*" failed/])
{
    my ($text, $error) = @$_;
    my $e = Test::Recs->new;
    $e->write_file('keys', $text) if defined $text;
    my (undef, $out) = $e->test_conf($e->conf(server =>
        'location /a { recs_events; recs_update_key %%DIR%%/keys; }'));
    like($out, $error, "$error");
}

my $l = Test::Recs->new;
$l->write_file('keys', '#' . 'x' x 4030 . "\n" . 'd' x 64);
my (undef, $out) = $l->test_conf($l->conf(server =>
    'location /a { recs_events; recs_update_key %%DIR%%/keys; }'));
like($out, qr/test is successful/, 'a long comment, and a whole key');

$t->done;
