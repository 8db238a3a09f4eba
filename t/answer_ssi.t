#!/usr/bin/perl

# Copyright (C) recs authors

# A page that includes lists sees one snapshot, and an empty list where one
# is refused.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $conf = '
    location / { root %%DIR%%/www; ssi on; ssi_types text/html; }
    location /fragments { internal; recs; recs_limit 3; }
    location /none { internal; recs; recs_snapshot off; }
';
my $snapshot = $t->shop(server => $conf);

sub include { return '<!--# include virtual="' . $_[0] . '" -->' }

$t->write_file('www/page.html', join "\n",
    include('/fragments/trending'),
    include('/fragments/similar/S1?limit=2'),
    include('/fragments/recently-viewed?sessionId=ada-1'),
    '');
$t->write_file('www/bad.html', join "\n",
    'begin', include('/fragments/trending?limit=0'),
    include('/fragments/nothing'), include('/none/trending'), 'end', '');
$t->write_file('www/many.html',
    join "\n", map({ include("/fragments/trending?limit=$_") } 1 .. 20), '');

my $r = $t->get('/page.html', headers => { 'If-None-Match' => '*' });
$r = $t->get('/page.html') if $r->{status} != 200;
my @lists = map { JSON::PP->new->utf8->decode($_) } split /\n/, $r->{body};

is($r->{status}, 200, 'a page');
is_deeply([ map { $_->{type} } @lists ],
          [ qw(TRENDING SIMILAR_PRODUCTS RECENTLY_VIEWED) ], 'its lists');
is_deeply([ map { scalar @{$_->{items}} } @lists ], [ 3, 2, 3 ],
          'are full');
is_deeply([ map { $_->{snapshotId} } @lists ], [ ($snapshot) x 3 ],
          'of one snapshot');
is($lists[2]{items}[0]{productId}, 'B5', 'a private one, too');
is($r->{headers}{'cache-control'}, undef, 'no headers of theirs');
like($r->{headers}{'content-type'}, qr{^text/html}, 'nor their type');

$r = $t->get('/bad.html');
is($r->{body}, qq(begin\n{"items":[]}\n{"items":[]}\n{"items":[]}\nend\n),
   'nothing to list where it is refused');

$r = $t->get('/many.html');
is(scalar(() = $r->{body} =~ /"recommendationId"/g), 20, 'many lists');

is($t->head('/page.html')->{status}, 200, 'HEAD of a page');
is($t->get('/fragments/trending')->{status}, 404, 'internal');

$t->done;
