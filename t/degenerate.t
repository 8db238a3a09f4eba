#!/usr/bin/perl

# Copyright (C) recs authors

# Input with nothing in it, or too much of one thing: each model of a list
# that has several, and a fusion of them, gives a snapshot that "verify"
# takes, and a list where there is one to give.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;
use Test::Recs;
use Test::Recs::Docs qw(slurp table_of);


my $start = 1_767_571_200_000;
my $t = Test::Recs->new;
my $dir = $t->dir;


# what there is to choose from, by list

my %models;

for (table_of(slurp('builder/model/model.c'),
              'recs_model_t  recs_models[]'))
{
    push @{ $models{ lc $2 } }, $1 if /\{ "(\w+)", RECS_LIST_(\w+),/;
}

my @choices = map {
    my $list = $_;
    map { [$list, $_] } @{ $models{$list} };
} qw(related next);

cmp_ok(scalar @choices, '>=', 8, 'the table of models was found');

my %fusion;

for my $list (qw(related next)) {
    my $n = 0;
    my @parts = grep { $_ ne 'fusion' } @{ $models{$list} };
    splice @parts, 8 if @parts > 8;
    $fusion{$list} = join ' ', map { "$_:" . ++$n } @parts;
}


# an event a line, written as it is made: a list of 100,000 is 100 MB of Perl

sub events {
    my ($name, $n, $event) = @_;

    open my $fh, '>', "$dir/$name.jsonl" or die "$name: $!";

    for my $i (0 .. $n - 1) {
        my %e = (activityType => 'PRODUCT_VIEW',
                 timestamp => $start + $i * 1000, $event->($i));
        delete @e{ grep { !defined $e{$_} } keys %e };
        print $fh '{', join(',', map {
            qq("$_":) . ($_ eq 'timestamp' ? $e{$_} : qq("$e{$_}"))
        } sort keys %e), "}\n";
    }

    close $fh or die "$name: $!";
    return "$dir/$name.jsonl";
}


sub build {
    my ($name, $file, @set) = @_;
    my $out = "$dir/out-" . $name =~ tr/a-zA-Z0-9/-/cr;

    mkdir $out;
    my ($rc, $text) = $t->command($t->builder, 'build', '-q', '--events',
        $file, '--out', $out, map { ('--set', $_) } @set);
    is($rc, 0, "$name is built") or diag $text;

    ($rc, $text) = $t->command($t->builder, 'verify', $out);
    is($rc, 0, "$name is good") or diag $text;

    system('rm', '-rf', $out);
    return $text;
}


# each model of each list: what is small

my %small = (
    'one user, one item' => [1, sub {
        (productId => 'p', userId => 'u', sessionId => 's') }],
    'all the same item' => [400, sub {
        (productId => 'p', userId => 'u' . $_[0] % 50,
         sessionId => 's' . $_[0] % 70) }],
    'all at one time' => [600, sub {
        (productId => 'p' . $_[0] % 20, userId => 'u' . $_[0] % 50,
         sessionId => 's' . $_[0] % 70, timestamp => $start) }],
    'purchases of nobody' => [600, sub {
        (activityType => 'PURCHASE', productId => 'p' . $_[0] % 23,
         orderId => 'o' . int $_[0] / 5) }],
    'one who has everything' => [600, sub {
        my ($i) = @_;
        $i < 100 ? (productId => "p$i", userId => 'all', sessionId => 'all')
                 : (productId => 'p' . $i % 7, userId => 'u' . $i % 40,
                    sessionId => 's' . $i % 40) }],
);

for my $name (sort keys %small) {
    my $file = events('small', @{ $small{$name} });

    build("$name, auto", $file);

    for (@choices) {
        my ($list, $model) = @$_;
        build("$name, $list = $model", $file, "$list=$model",
              "${list}_fusion=$fusion{$list}", 'related_weights=true',
              'knn_shrink=0');
    }
}


# what is long, by what auto takes and by the default budgets

my $file = events('robot', 100_000, sub {
    (productId => 'p' . $_[0] * 7919 % 5000, userId => 'robot',
     sessionId => 's' . int $_[0] / 1000, timestamp => $start + $_[0]) });

like(build('a user of 100,000 interactions', $file), qr/5000 products/,
     'with all products');

$file = events('once', 50_000, sub {
    (productId => "p$_[0]", userId => 'u' . int $_[0] / 5,
     sessionId => 's' . int $_[0] / 5) });

like(build('50,000 items seen once', $file), qr/50000 products/,
     'with all products');

$t->done;
