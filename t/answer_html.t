#!/usr/bin/perl

# Copyright (C) recs authors

# A list as HTML: whole in a page of SSI, with one view for all of its lists,
# escaped, empty where it is refused, and with the headers that ESI needs.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;


my $t = Test::Recs->new;
my $catalog = Test::Recs::Shop::catalog();

$_->{title} = q(<b>"5 > 4" & 'so'</b>) for grep { $_->{productId} eq 'S2' }
                                            @$catalog;

$t->write_file('list.html', <<'END');
{{! a rail }}<ol data-id="{{recommendationId}}" data-snapshot="{{snapshotId}}">
{{#items}}<li id="{{productId}}">{{product.title}} {{product.price:2}}</li>
{{/items}}{{^items}}<li>nothing</li>
{{/items}}</ol>
END

my $snapshot = $t->build_snapshot(events => Test::Recs::Shop::events(),
                                  catalog => $catalog);
$t->run($t->conf(server => '
    recs_template list.html;
    location / { root %%DIR%%/www; ssi on; }
    location /fragments { recs; recs_format html; recs_limit 3; }
    location /any { internal; recs; recs_limit 3; }
    location /none { internal; recs; recs_format html; recs_snapshot off; }
    location /esi {
        root %%DIR%%/www;
        default_type text/html;
        add_header Surrogate-Control \'content="ESI/1.0"\';
    }
'));

sub include { return '<!--# include virtual="' . $_[0] . '" -->' }

$t->write_file('www/page.html',
    '<h1>' . include('/fragments/similar/S1') . '</h1>'
    . include('/any/trending?format=html') . 'end');
$t->write_file('www/bad.html',
    'a' . include('/fragments/trending?limit=0') . 'b'
    . include('/any/nothing?format=html') . 'c' . include('/none/trending')
    . 'd');
$t->write_file('www/esi/page', '<esi:include src="/fragments/trending"/>');

my $json = $t->get('/fragments/similar/S1?format=json')->{json};
my $r = $t->get('/fragments/similar/S1');

is($r->{headers}{'content-type'}, 'text/html; charset=utf-8', 'HTML');
like($r->{body}, qr/^<ol data-id="$json->{recommendationId}"/, 'its head');
is_deeply([ $r->{body} =~ /<li id="(\w+)">/g ],
          [ map { $_->{productId} } @{$json->{items}} ], 'its items');
like($r->{body}, qr{>S\ title\ \d\ \d+\.00</li>}x, 'a price');

$r = $t->get('/fragments/similar/S1?limit=100');
like($r->{body}, qr{&lt;b&gt;&quot;5\ &gt;\ 4&quot;\ &amp;
                   \ &\#39;so&\#39;&lt;/b&gt;}x, 'escaped');
is($t->get('/fragments/trending?offset=1000')->{body},
   $t->get('/fragments/trending?offset=1000')->{body}, 'no items');
like($t->get('/fragments/trending?offset=1000')->{body},
     qr{<li>nothing</li>}, 'the inverted section');


# a page of two lists

$r = $t->get('/page.html');
my @lists = $r->{body} =~ /(<ol .*?<\/ol>)/sg;

is($r->{status}, 200, 'a page');
is(scalar @lists, 2, 'of two lists');
is(scalar(() = $r->{body} =~ /<li id=/g), 6, 'both are full');
is_deeply([ map { /data-snapshot="(\w+)"/ } @lists ], [ ($snapshot) x 2 ],
          'of one snapshot');
is($r->{headers}{'cache-control'}, undef, 'no headers of theirs');

is($t->get('/bad.html')->{body}, 'abcd', 'empty where it is refused');


# what a processor of ESI is told

$r = $t->get('/esi/page');
is($r->{headers}{'surrogate-control'}, 'content="ESI/1.0"', 'ESI: the page');
$r = $t->get('/fragments/trending', headers => { Accept => 'text/html' });
is($r->{headers}{'content-type'}, 'text/html; charset=utf-8',
   'ESI: a fragment is HTML');
is($r->{headers}{'cache-control'}, 'public, max-age=1800',
   'ESI: which is kept for a while');
is($t->get('/fragments/session?sessionId=x')->{headers}{'cache-control'},
   'private, no-cache', 'ESI: unless it is made for somebody');

$t->done;
