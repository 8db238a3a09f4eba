#!/usr/bin/perl

# Copyright (C) recs authors

# "eval rules": the integers that others publish, and what it refuses.

use warnings;
use strict;

use File::Temp qw/ tempdir /;
use JSON::PP;
use Test::More;

my $data = ($ENV{RECS_DATA} // '../shared/data') . '/baskets';
my $builder = ($ENV{RECS_BUILD} // 'build') . '/recs-builder';
my $d = tempdir('recs-rules-XXXXXX', TMPDIR => 1, CLEANUP => 1);


sub run {
    my $text = `$builder eval rules @_ 2>$d/stderr`;

    return ($? >> 8, $text);
}

sub counts {
    my ($rc, $text) = run(@_, '--json');

    return $rc == 0 ? decode_json($text) : {};
}

sub file {
    my ($name, $text) = @_;

    open my $out, '>', "$d/$name" or die "$d/$name: $!\n";
    print $out $text;
    close $out;

    return "$d/$name";
}

sub complaint {
    open my $in, '<', "$d/stderr" or die "$d/stderr: $!\n";
    local $/;

    return scalar <$in>;
}


# by hand: {a} 4, {b} 3, {c} 2, {a b} 3, {a c} 2, {b c} 1, {a b c} 1

my $small = file('small', "a b c\na b\n\na c a\nb a\nd\n");
my $r = counts($small, '--support', 2, '--confidence', 0.75);

is($r->{baskets}, 5, 'a line without an item is no basket');
is($r->{items}, 4, 'items');
is($r->{itemsets}, 5, 'itemsets of two baskets');
is_deeply($r->{byLength}, [3, 2], 'by length');
is($r->{rules}, 4, 'rules: a => b, b => a, c => a, and nothing => a');

$r = counts($small, qw/ --support 0.4 --confidence 0.75 --min-length 2 /);
is($r->{minCount}, 2, 'a share of the baskets');
is($r->{rules}, 3, 'with something on the left');

$r = counts(file('tabs', "whole milk\twhite bread\nwhite bread\n"),
            qw/ --support 1 /);
is($r->{items}, 2, 'by tabs where there is one');
is($r->{itemsets}, 3, 'and not by blanks');
ok(!exists $r->{rules}, 'no rules unless asked for');

my ($rc, $text) = run($small);
is($rc, 0, 'for people');
like($text, qr/^frequent itemsets\s+8$/m, 'itemsets');

is((run(file('empty', "\n")))[0], 1, 'no basket');
like(complaint(), qr/has no basket/, 'is said');
is((run("$d/nothing"))[0], 1, 'no file');
like(complaint(), qr/nothing/, 'is named');
is((run($small, '--support', 'x'))[0], 2, 'no number');


my @published = (
    ['groceries.tsv.gz', '.001', 13492],
    ['groceries.tsv.gz', '.001', 13492, '.5', 1, 5668],
    ['groceries.tsv.gz', '.001', 13492, '.8', 1, 410],
    ['groceries.tsv.gz', '.006', undef, '.25', 2, 463],
    ['retail.dat.gz', '.01', 159],
    ['retail.dat.gz', '.005', 580],
    ['retail.dat.gz', '89', 7589],
    ['retail.dat.gz', '.001', 7589],
    ['BMS1.dat.gz', '.01', 77],
    ['BMS1.dat.gz', '.005', 201],
    ['BMS1.dat.gz', '60', 3991],
    ['BMS1.dat.gz', '.001', 3991],
);

SKIP: {
    skip "no $data (RECS_DATA)", 1 if !-r "$data/groceries.tsv.gz";

    for my $p (@published) {
        my ($name, $support, $sets, $confidence, $least, $rules) = @$p;

        my $got = counts("$data/$name", '--support', $support, $confidence
            ? ('--confidence', $confidence, '--min-length', $least) : ());

        is($got->{itemsets}, $sets, "$name $support: itemsets") if $sets;
        is($got->{rules}, $rules, "$name $support $confidence: rules")
            if $confidence;
    }
}

done_testing();
