#!/usr/bin/perl

# Copyright (C) recs authors

# A mistake in a template is found by nginx -t, with file and line; a reload
# with one leaves the old one at work.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $file = $t->dir . '/list.html';
my $conf = $t->conf(server => '
    location /recommendations { recs; recs_format html;
                                recs_template %%DIR%%/list.html; }
');

sub refused {
    my ($text, $message, $name) = @_;

    $t->write_file('list.html', $text);
    my ($ok, $out) = $t->test_conf($conf);
    ok(!$ok, "$name: refused");
    like($out, qr/\[emerg\].*template "\Q$file\E" $message/, "$name: told");
}

refused("a\n{{#items}}\n{{x}}\n", qr/line \d: \S/, 'a section without end');
refused("a\n\n{{x", qr/line 3: \S/, 'a tag without end');
refused("{{/items}}", qr/line 1: \S/, 'an end without a section');
refused("\n{{#a}}{{/b}}", qr/line 2: \S/, 'the end of another section');
refused("{{}}", qr/line 1: \S/, 'no name');
refused("{{a b}}", qr/line 1: \S/, 'a name that is none');
refused("{{a:x}}", qr/line 1: \S/, 'decimals that are none');
refused("{{#a}}" x 9 . "{{/a}}" x 9, qr/line 1: \S/, 'sections too deep');
refused("{{a}}" x 600, qr/line 1: \S/, 'too much of it');
refused('x' x (256 * 1024 + 1), qr/is larger than 256 kilobytes/, 'too large');

unlink $file;
my ($ok, $out) = $t->test_conf($conf);
like($out, qr/template "\Q$file\E" cannot be opened \(2: No such/,
     'no file');

mkdir $file;
($ok, $out) = $t->test_conf($conf);
like($out, qr/template "\Q$file\E" is not a file/, 'a directory');
rmdir $file;

$t->write_file('list.html', '');
($ok, $out) = $t->test_conf($conf);
ok($ok, 'an empty one is a template') or diag $out;

$t->write_file('list.html', 'x');
($ok, $out) = $t->test_conf($t->conf(server => '
    recs_template list.html; recs_template off; location / { recs; }'));
like($out, qr/"recs_template" directive is duplicate/, 'twice');
($ok, $out) = $t->test_conf($t->conf(server => '
    recs_format xml; location / { recs; }'));
like($out, qr/invalid value "xml"/, 'an unknown format');


# at work

unlink $t->dir . '/output.log';
$t->write_file('list.html', '{{type}}');
require Test::Recs::Shop;
$t->build_snapshot(events => Test::Recs::Shop::events(),
                   catalog => Test::Recs::Shop::catalog());
$t->run($conf);
is($t->get('/recommendations/trending')->{body}, 'TRENDING', 'a good one');
my $tag = $t->get('/recommendations/trending')->{headers}{etag};

$t->allow(qr/template|"xml"/);
$t->write_file('list.html', '{{type');
$t->signal('HUP');
$t->wait_for(sub { $t->error_log =~ /\[emerg\]/ });
is($t->get('/recommendations/trending')->{body}, 'TRENDING',
   'goes on after a bad one');

$t->write_file('list.html', '<{{type}}>');
is($t->reload, 1, 'another good one');
my $r = $t->get('/recommendations/trending');
is($r->{body}, '<TRENDING>', 'is used');
isnt($r->{headers}{etag}, $tag, 'and has another entity tag');

$t->done;
