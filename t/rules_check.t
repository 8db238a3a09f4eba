#!/usr/bin/perl

# Copyright (C) recs authors

# What "recs-builder rules check" says of rules files: every error with its
# line, value and remedy; the file of conf-examples/ has none.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;


my $t = Test::Recs->new;
my $n = 0;

sub check {
    my ($text, @more) = @_;
    my $file = $t->write_file('rules-' . ++$n . '.conf', $text);
    my ($rc, $out) = $t->command($t->builder, 'rules', 'check', $file, @more);

    $out =~ s/\Q$file\E/FILE/g;
    return ($rc, $out);
}


# one error each: its line, and words of what it says

my $pin = 'action = pin place = 1 products = {A}';
my @bad = (
    ['rule "x y" { action = block brand = {A} }', 1, 'no name for a rule'],
    ['rule "x" { brand = {A} }', 1, 'no "action", give action = boost'],
    ["rule \"x\" {\n action = lift\n}", 2,
     '"action" is "lift", must be one of pin, bury, block, boost, cap, '
     . 'diversity'],
    ["# one\n# two\nrule \"x\" {\n action = boost\n factor = 11\n}", 5,
     '"factor" is "11", must be a number from 0.1 to 10'],
    ['rule "x" { action = boost factor = much }', 1, '"factor" is "much"'],
    ['rule "x" { action = boost }', 1, 'boost needs "factor", give factor ='],
    ['rule "x" { action = pin products = {A} }', 1, 'pin needs "place"'],
    ['rule "x" { action = pin place = 1 }', 1, 'pin needs "products"'],
    ['rule "x" { action = pin place = 101 products = {A} }', 1,
     '"place" is "101", must be a whole number from 1 to 100'],
    ['rule "x" { action = pin place = 100 products = {A, B} }', 1,
     '2 products from place 100 on go beyond place 100'],
    ['rule "x" { action = cap at_most = 2 }', 1, 'cap needs "per"'],
    ['rule "x" { action = cap per = brand }', 1, 'cap needs "at_most"'],
    ['rule "x" { action = cap at_most = 1.5 per = brand }', 1,
     '"at_most" is "1.5", must be a whole number'],
    ['rule "x" { action = cap at_most = 1 per = price }', 1,
     '"per" is "price", must be one of brand, category'],
    ['rule "x" { action = diversity strength = 2 }', 1,
     '"strength" is "2", must be a number from 0 to 1'],
    ['rule "x" { action = diversity strength = 1 brand = {A} }', 1,
     '"brand" is nothing for diversity, take it out'],
    ['rule "x" { action = block }', 1, 'block of every product'],
    ['rule "x" { action = bury types = {TRENDING} }', 1,
     'bury of every product'],
    ['rule "x" { action = block brand = {A} factor = 2 }', 1,
     '"factor" is nothing for block'],
    ["rule \"x\" {\n action = block\n colour = {red,\n blue}\n brand = {A}\n}",
     3, 'there is no option "colour"; docs/rules.md lists them'],
    ['rule "x" { action = block brand = {A} types = {NOPE} }', 1,
     '"types" is "NOPE", which is no type'],
    ['rule "x" { action = block brand = {A} months = {q5} }', 1,
     '"months" is "q5", must be 1 to 12'],
    ['rule "x" { action = block brand = {A} from = "soon" }', 1,
     '"from" is "soon", must be a time like 2026-11-27T00:00:00+01:00'],
    ['rule "x" { action = block brand = {A} from = "2026-02-01" '
     . 'to = "2026-01-01" }', 1, 'it ends ("to") before it begins'],
    ['rule "x" { action = block price_min = 3 price_max = 2 }', 1,
     '"price_min" is above "price_max"'],
    ['rule "x" { action = block margin_max = 40 }', 1,
     '"margin_max" is "40", must be a number from -1000000 to 1'],
    ['rule "x" { action = block brand = {A} in_season = perhaps }', 1,
     '"in_season" is "perhaps", must be yes or no'],
    ['rule "x" { action = block brand = {""} }', 1, 'has an empty name'],
    ['rule "x" { action = {block, bury} brand = {A} }', 1,
     '"action" has 2 values, must have one'],
    ["rule \"x\" { $pin }\nrule \"y\" { $pin }", 2,
     'rules "x" (line 1) and "y" both pin a product to place 1'],
    ["rule \"x\" { $pin }\n\nrule \"y\" { action = block products = {B, A} }",
     1, 'rule "x" pins "A", which rule "y" (line 3) blocks'],
    [join("\n", map { "rule \"c$_\" { action = cap at_most = 1 per = brand }" }
                1 .. 9), 9, 'rule "c9" is the 9th cap, 8 are the most'],
    [join("\n", map { "rule \"b$_\" { action = boost factor = 2 }" }
                1 .. 257), 257, 'rule "b257" is one too many, 256 are'],
    ["rule \"x\" { $pin }\nrule \"x\" { $pin }", 2, "duplicate title 'x'"],
    ["rule \"x\" {\n action = block brand = {A}\n", 2,
     'a "}" is missing at the end'],
    ["rule \"x\" {\n action = \"block\n", 3, 'premature end of file'],
    ["rules \"x\" { }", 1, "no such option 'rules'"],
);

for (@bad) {
    my ($text, $line, $words) = @$_;
    my ($rc, $out) = check($text);

    is($rc, 1, "refused: $words");
    like($out, qr/^FILE:$line: error: .*\Q$words\E/m, 'with line and words');
    like($out, qr/ 1 errors, 0 warnings$/m, 'and nothing else') or diag $out;
}


# all of a file's errors at once, in the order of its lines

my @some = map { my $n = $_; $bad[$n][0] =~ s/"x"/"x$n"/r } 1, 2, 5;
my ($rc, $out) = check(join "\n", @some);
is(() = $out =~ /error:/g, 3, 'three errors of three rules') or diag $out;


# no conflict where they cannot meet

for my $apart (['types = {TRENDING}', 'types = {SIMILAR_PRODUCTS}'],
               ['months = {q4}', 'months = {q1}'],
               ['region = {de}', 'region = {fr}'],
               ['segment = {new}', 'segment = {old}'],
               ['to = "2026-01-01"', 'from = "2026-01-01"'])
{
    ($rc, $out) = check("rule \"x\" { $pin $apart->[0] }\n"
                        . "rule \"y\" { $pin $apart->[1] }\n"
                        . "rule \"z\" { action = block products = {A} "
                        . "stock_max = 3 }\n");
    is($rc, 0, "@$apart: no conflict") or diag $out;
}

is((check(''))[0], 0, 'a file may be empty');


# with a snapshot: names that it does not know

$t->build_snapshot(events => Test::Recs::Shop::events(),
                   catalog => Test::Recs::Shop::catalog());

($rc, $out) = check(q(rule "a" { action = pin place = 1 products = {S1, Q1} }
rule "b" { action = block category = {Wear, Hats} }
rule "c" { action = boost factor = 2 brand = {Walker, Runner} }
rule "d" { action = boost factor = 2 category = {Socks, "Wear/Shoes"} }
), $t->dir . '/base');

is($rc, 0, 'unknown names are no errors');
like($out, qr/^FILE:1: warning: rule "a": there is no product "Q1"$/m,
     'a product');
like($out, qr/^FILE:2: warning: rule "b": there is no category "Hats"$/m,
     'a category');
like($out, qr/^FILE:3: warning: rule "c": there is no brand "Runner"$/m,
     'a brand');
like($out, qr/rule "a" pins product "S1", which rule "b" blocks/,
     'a pin that is blocked by its category');
like($out, qr/4 rules, 0 errors, 4 warnings$/, 'and no others');


# the example, which is one for the snapshot, too

my $example = "$FindBin::Bin/../conf-examples/rules.conf";

($rc, $out) = $t->command($t->builder, 'rules', 'check', $example,
                          $t->dir . '/base');
is($rc, 0, 'conf-examples/rules.conf is good');
like($out, qr/ 0 errors, 0 warnings$/, 'without a warning') or diag $out;

$t->build_snapshot(events => Test::Recs::Shop::events(),
                   catalog => Test::Recs::Shop::catalog(),
                   args => ['--rules', $example]);
my @rules = $t->read_file($example) =~ /^rule "(.*?)"/mg;
my @there = $t->command($t->builder, 'inspect', $t->dir . '/base')
            =~ /^\{"rule":"(.*?)"/mg;
is_deeply(\@there, \@rules, 'inspect has its rules');
like($t->command($t->builder, 'verify', $t->dir . '/base'), qr/is good/,
     'and the snapshot is verified');


# what is no file, and no command

($rc, $out) = $t->command($t->builder, 'rules', 'check',
                          $t->dir . '/nothing');
is($rc, 1, 'no such file');
like($out, qr/cannot open the rules/, 'which is said');
is(($t->command($t->builder, 'rules', 'apply', $example))[0], 2,
   'rules are checked, nothing else');

done_testing();
