#!/usr/bin/perl

# Copyright (C) recs authors

# What an answer lists, as variables; and lists of any location, made when
# they are read, once, and journalled then.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new(slack => 16);

$t->write_file('list.html', '<ul>{{#items}}<li>{{productId}}</li>{{/items}}</ul>');
$t->write_file('www/page.html', "<html><!--rail-->|<!--rail-->|<!--none--></html>");
my $snapshot = $t->shop(
    http => '
        recs_snapshot %%DIR%%/base/current;
        recs_journal %%DIR%%/journal;
        recs_template list.html;
        map $ids $has { default some; "" none; }
        map $first $known { default no; S2 yes; }
        recs_list $first "type=SIMILAR_PRODUCTS&productId=S1&limit=1" format=ids;
        log_format recs "$uri $recs_items $recs_first $recs_reason $recs_algorithm [$recs_hot]";
        access_log %%DIR%%/access.log recs;
    ',
    server => '
        location /recommendations { recs; }
        location /status { recs_status; }

        location = /page.html {
            root %%DIR%%/www;
            recs_list $rail "type=SIMILAR_PRODUCTS&productId=$arg_id&limit=3" format=html;
            recs_list $none "type=SIMILAR_PRODUCTS";
            sub_filter "<!--rail-->" $rail;
            sub_filter "<!--none-->" "[$none]";
            sub_filter_once off;
            add_header X-Rail $rail_id;
        }

        location /headers {
            recs_list $ids "type=TRENDING&limit=4&exclude=$arg_not" format=ids;
            recs_list $json "type=TRENDING&limit=2&fields=productId&format=html";
            recs_list $other "type=$arg_other" format=ids;
            add_header X-Ids $ids;
            add_header X-Ids-Id $ids_id;
            add_header X-Has $has;
            add_header X-Json $json;
            add_header X-Other "<$other>" always;
            return 200 "$ids";
        }

        location /inherited { return 200 "$first $ids|"; }
        location /own { recs; recs_list $ids "type=BESTSELLERS&limit=1" format=ids;
                        add_header X-Ids $ids; add_header X-Items $recs_items; }
        location /unread { recs_list $ids "type=TRENDING" format=ids; return 200 "x"; }
        location /none { recs_snapshot off; recs_list $ids "type=TRENDING" format=ids;
                         return 200 "[$ids]"; }
        location /mine { recs_list $ids "type=RECENTLY_VIEWED&limit=2" format=ids;
                         return 200 "$ids"; }
    ');

sub counters { $t->get('/status')->{json}{counters} }
sub exposures { counters()->{exposures} }
sub ids { join ',', $t->ids($t->get("/recommendations/$_[0]")) }


# of an answer

my $r = $t->get('/recommendations/similar/S1?limit=3');
my @items = @{$r->{json}{items}};
$t->get('/recommendations/trending?limit=0');

my @lines;
$t->wait_for(sub { @lines = grep { m{^/rec} }
                       split /\n/, $t->read_file('access.log');
                   @lines >= 2 });
is($lines[0], "/recommendations/similar/S1 "
   . join(',', map { $_->{productId} } @items)
   . " $items[0]{productId} $items[0]{reason}{code} $r->{json}{algorithm} []",
   'of an answer');
like($lines[1], qr{^/recommendations/trending - - - \S+ \[-\]$},
     'of a refusal');


# sub_filter

my $before = exposures();
$r = $t->get('/page.html?id=S2');
my $one = '<ul>' . join('', map { "<li>$_</li>" }
                        split /,/, ids('similar/S2?limit=3')) . '</ul>';
is($r->{body}, "<html>$one|$one|[]</html>", 'sub_filter');
is($r->{headers}{'x-rail'},
   $t->get('/recommendations/similar/S2?limit=3')->{json}{recommendationId},
   'its recommendationId');
is(exposures() - $before, 3, 'journalled once, as are the two asked for');


# map and add_header

$r = $t->get('/headers?not=T1');
is($r->{headers}{'x-ids'}, ids('trending?limit=4&exclude=T1'), 'add_header');
is($r->{body}, $r->{headers}{'x-ids'}, 'the same all over the request');
like($r->{headers}{'x-ids-id'}, qr/^[0-9a-f]{16}$/, 'its id');
is($r->{headers}{'x-has'}, 'some', 'map');
is_deeply(JSON::PP->new->decode($r->{headers}{'x-json'})->{items},
          [ map { { productId => $_ } } split /,/, ids('trending?limit=2') ],
          'JSON, with fields');
is($r->{headers}{'x-other'}, '<>', 'nothing where it is refused');

$r = $t->get('/headers?other=BESTSELLERS%26limit=1');
is($r->{headers}{'x-other'}, '<>', 'an encoded value is one value');

is($t->get('/inherited')->{body}, ids('similar/S1?limit=1') . ' |',
   'inherited, or not there');
is($t->get('/none')->{body}, '[]', 'no snapshot');
is($t->get('/mine', headers => { 'X-Session-ID' => 'ada-1' })->{body},
   join(',', map { $_->{productId} } @{$t->get(
        '/recommendations/recently-viewed?limit=2',
        headers => { 'X-Session-ID' => 'ada-1' })->{json}{items}}),
   'made for who asks');

$before = exposures();
$t->get('/unread');
is(exposures() - $before, 0, 'not made where nobody reads it');


# where an answer is sent besides

$r = $t->get('/own/trending?limit=3');
is($r->{headers}{'x-ids'}, ids('bestsellers?limit=1'), 'beside an answer');
is($r->{headers}{'x-items'}, join(',', $t->ids($r)), 'which keeps its own');
is($r->{json}{recommendationId},
   $t->get('/recommendations/trending?limit=3')->{json}{recommendationId},
   'and its id');


# configuration

for my $case (
    [ 'recs_list x "type=TRENDING";', 'invalid variable name "x"' ],
    [ 'recs_list $ "type=TRENDING";', 'invalid variable name "$"' ],
    [ 'recs_list $a "type=TRENDING" format=xml;',
      'invalid parameter "format=xml"' ],
    [ 'recs_list $a "x"; recs_list $a "y";',
      '"recs_list" directive is duplicate' ],
    [ 'recs_list $uri "x";', 'the duplicate "uri" variable' ])
{
    my $other = Test::Recs->new;
    my ($ok, $out) = $other->test_conf($other->conf(server => $case->[0]));
    ok(!$ok, "$case->[0] is refused");
    like($out, qr/\Q$case->[1]\E/, $case->[1]);
}

$t->done;
