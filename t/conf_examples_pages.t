#!/usr/bin/perl

# Copyright (C) recs authors

# The examples of pages: a product, a home page, a cart, SSI, ESI, a cache in
# front. Each does what it is an example of.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;


my $t = Test::Recs->new(slack => 16);
my $ada = { Cookie => 'session=ada-1' };

$t->build_snapshot(events => Test::Recs::Shop::events(),
                   catalog => Test::Recs::Shop::catalog());

sub listed { return [ $_[0] =~ /<li data-product-id="([^"]+)">/g ] }


# product.conf

$t->write_file('www/product.html', '<div class="{{rail}}"><!-- similar --></div>'
               . '<!-- together -->');
$t->run($t->example('product.conf'));

my $r = $t->get('/product/S1');
my ($similar, $together) = split m{</div>}, $r->{body};

is_deeply(listed($similar),
          [ $t->ids($t->get('/recommendations/similar/S1?limit=4')) ],
          'product.conf: what is similar');
is_deeply(listed($together), [ $t->ids($t->get(
          '/recommendations/frequently-bought-together/S1?limit=2')) ],
          'product.conf: what is bought together');
like($similar, qr/^<div class="rail">.*<a href="\/p\/[A-Z]\d">/s,
     'product.conf: a link');
is(scalar @{listed($t->get('/product/S1%26type=TRENDING')->{body})}, 6,
   'product.conf: an id that would be more');
$t->stop;


# home.conf

$t->write_file('www/home.html',
               '<!--# include virtual="/fragments/home?rails=4" -->');
$t->run($t->example('home.conf'));

$r = $t->get('/', headers => $ada);
my $home = $t->get('/recommendations/home?rails=4&limit=6',
                   headers => $ada)->{json};
is_deeply([ $r->{body} =~ m{<h2>(.*?)</h2>}g ],
          [ map { my $title = $_->{title}; $title =~ s/'/&#39;/g; $title }
            @{$home->{rails}} ], 'home.conf: rails');
is_deeply(listed($r->{body}),
          [ map { $_->{productId} } map { @{$_->{items}} } @{$home->{rails}} ],
          'home.conf: of products');
is($r->{headers}{'cache-control'}, 'private, no-cache', 'home.conf: private');
is($t->get('/fragments/home')->{status}, 404, 'home.conf: for the page only');
$t->stop;


# cart.conf

$t->write_file('www/cart.html',
               '<!--# include virtual="/fragments/frequently-bought-together" -->');
$t->run($t->example('cart.conf'));

my %shopper = (Cookie => 'session=shopper');
my $empty = $t->get('/cart', headers => { %shopper });
$t->post('/analytics/activity', { activityType => 'ADD_TO_CART',
         productId => 'S3', sessionId => 'shopper', quantity => 1 });
$r = $t->get('/cart', headers => { %shopper });

is_deeply(listed($r->{body}), [ $t->ids($t->get('/recommendations'
          . '/frequently-bought-together?cart=S3&limit=4')) ],
          'cart.conf: what goes with the cart of the session');
isnt($r->{body}, $empty->{body}, 'cart.conf: which an event filled');

$r = $t->post('/recommendations/batch',
              [ { path => 'frequently-bought-together', limit => 4 },
                { path => 'personalized' } ], headers => { %shopper });
is_deeply([ map { $_->{status} } @{$r->{json}{responses}} ], [ 200, 200 ],
          'cart.conf: all lists at once');
is($t->get('/recommendations/batch')->{status}, 405, 'cart.conf: by POST');
is($t->post('/recommendations/batch', ' ' x 70_000)->{status}, 413,
   'cart.conf: a large body');
$t->stop;


# ssi.conf, esi.conf

$t->write_file('www/pages/p.html', join '|',
    '<!--# include virtual="/fragments/similar/S2?limit=4" -->',
    '<!--# include virtual="/fragments/bestsellers" -->',
    '<!--# include virtual="/fragments/nothing" -->');
$t->run($t->example('ssi.conf'));

$r = $t->get('/pages/p.html');
is_deeply([ map { scalar @{listed($_)} } split /\|/, $r->{body}, -1 ],
          [ 4, 3, 0 ], 'ssi.conf: two lists, and nothing of an error');
is($r->{headers}{'cache-control'}, 'public, max-age=60', 'ssi.conf: public');
$t->stop;

$t->run($t->example('esi.conf'));
$r = $t->get('/pages/p.html');
like($r->{headers}{'surrogate-control'}, qr{content="ESI/1\.0"},
     'esi.conf: the page');

$r = $t->get('/fragments/bestsellers', headers => { Accept => 'text/html' });
is(scalar @{listed($r->{body})}, 3, 'esi.conf: a fragment');
is($r->{headers}{'cache-control'}, 'public, max-age=900',
   'esi.conf: is kept');
is($t->get('/fragments/bestsellers', headers =>
           { 'If-None-Match' => $r->{headers}{etag} })->{status}, 304,
   'esi.conf: and compared');
$t->stop;


# cdn.conf

$t->run($t->example('cdn.conf'));

my @r = map { $t->get('/recommendations/similar/S1', headers =>
                      { Accept => $_ }) } '*/*', 'application/msgpack';
is_deeply([ map { $_->{headers}{'x-cache'} } @r ], [ 'MISS', 'HIT' ],
          'cdn.conf: one for all');
is($r[1]{body}, $r[0]{body}, 'cdn.conf: and the same');
is($r[1]{headers}{etag}, $r[0]{headers}{etag}, 'cdn.conf: with its tag');
is($t->get('/recommendations/similar/S1', headers =>
           { 'If-None-Match' => $r[0]{headers}{etag} })->{status}, 304,
   'cdn.conf: compared in front');

@r = map { $t->get('/recommendations/recently-viewed?sessionId=ada-1') } 1, 2;
is_deeply([ map { $_->{headers}{'x-cache'} } @r ], [ 'MISS', 'MISS' ],
          'cdn.conf: what is private passes');
is($t->get('/recommendations/trending?limit=0')->{status}, 400,
   'cdn.conf: errors pass');

$t->done;
