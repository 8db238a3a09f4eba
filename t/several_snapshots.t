#!/usr/bin/perl

# Copyright (C) recs authors

# Several shops on one nginx: each location answers from its own snapshot.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my %id;

for my $shop (qw(shoes books)) {
    $id{$shop} = $t->build_snapshot(dir => $shop,
        events => [ map { { activityType => 'PRODUCT_VIEW', sessionId => "s$_",
                            productId => "$shop-" . ($_ % 3),
                            timestamp => 1767571200000 + $_ } } 1 .. 9 ]);
}

$t->run($t->conf(http => 'recs_snapshot %%DIR%%/shoes/current;', server => '
    location / { root %%DIR%%/www; ssi on; }
    location /recommendations { recs; }
    location /books { recs; recs_snapshot %%DIR%%/books/current check=5s; }
    location /again { recs; recs_snapshot %%DIR%%/shoes/current check=2s; }
    location /later { recs; recs_snapshot %%DIR%%/later/current; }
    location /off { recs; recs_snapshot off; }
    location /status { recs_status; }
    location /ready { recs_status ready; }
'));

sub first { return ($t->ids($t->get($_[0])))[0] }

like(first('/recommendations/trending'), qr/^shoes-/, 'inherited');
like(first('/books/trending'), qr/^books-/, 'of its own');
like(first('/again/trending'), qr/^shoes-/, 'named once more');

for (qw(/later /off)) {
    my $r = $t->get("$_/trending");
    is("$r->{status} $r->{json}{code}", '503 snapshot-missing', $_);
    is($r->{headers}{'retry-after'}, 1, "$_: to be tried again");
}

is(scalar @{$t->get('/status')->{json}{snapshots}}, 3, 'three sources');
is($t->get('/ready')->{status}, 200, 'ready');

$t->write_file('www/page.html', join "\n",
    map { "<!--# include virtual=\"$_/trending\" -->" }
    qw(/recommendations /books /again /books));

is_deeply([ $t->get('/page.html')->{body} =~ /"snapshotId":"(\w+)"/g ],
          [ @id{qw(shoes books shoes books)} ], 'one page of two shops');

$t->build_snapshot(dir => 'later',
    events => [ { activityType => 'PRODUCT_VIEW', sessionId => 's',
                  productId => 'later-1', timestamp => 1767571200000 } ]);

ok($t->wait_for(sub { $t->get('/later/trending')->{status} == 200 }, 5),
   'a directory that was made later');
is(first('/later/trending'), 'later-1', 'answers');
like(first('/books/trending'), qr/^books-/, 'the others as before');

my %two = map { $_->{path} => $_->{snapshotId} }
    @{$t->get('/status')->{json}{snapshots}};
is($two{$t->dir . '/books/current'}, $id{books}, 'status of each');

$t->done;
