#!/usr/bin/perl

# Copyright (C) recs authors

# recs-builder verify by hand: a damaged snapshot is exit status 1 and a
# reason, whatever the damage.  t/unit/damage_test.c has it in thousands.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $seed = $ENV{SEED} // time;
srand $seed;
diag("SEED=$seed") if $ENV{SEED};
note("SEED=$seed");

my $t = Test::Recs->new;
my $base = $t->dir . '/base';

my @rows = map {
    { activityType => 'PRODUCT_VIEW', productId => 'p' . $_ % 30,
      userId => 'u' . $_ % 7, sessionId => 's' . int($_ / 4),
      timestamp => 1_767_571_200_000 + $_ * 1000 }
} 0 .. 299;

my $id = $t->build_snapshot(events => \@rows);
my ($mdb, $json) = ("$base/snap-$id.mdb", "$base/snap-$id.json");
my $bytes = $t->read_file($mdb);
my $text = $t->read_file($json);
my $size = length $bytes;
my $pages = $size / 4096;

sub verify {
    my ($path) = @_;
    my ($rc, $out) = $t->command($t->builder, 'verify', $path // $mdb);
    return ($rc || $? && "signal $?", $out);
}

sub store {
    my ($path, $data, $mode) = @_;
    unlink $path;
    $t->write_file($path, $data);
    chmod $mode // 0444, $path;
}

sub refused {
    my ($name, $like) = @_;
    my ($rc, $out) = verify();
    is($rc, 1, "refused: $name");
    like($out, $like, $name) if $like;
}

is((verify($_))[0], 0, "$_ is good") for $mdb, $base, "$base/current";
is(int $pages, $pages, 'whole pages');


my @wrong;

for my $n (1 .. 200) {
    my $data = $bytes;
    my $at = int rand $size;
    my $page = 4096 * int rand $pages;
    my $what;

    if ($n % 4 == 0) {
        $what = "bit at $at";
        substr($data, $at, 1) ^= chr 1 << int rand 8;

    } elsif ($n % 4 == 1) {
        $what = "truncated to $at";
        $data = substr $data, 0, $at;

    } elsif ($n % 4 == 2) {
        $what = "page at $page lost";
        next if substr($data, $page, 4096) !~ /[^\0]/;
        substr($data, $page, 4096) = "\0" x 4096;

    } else {
        my $other = 4096 * int rand $pages;
        $what = "page at $other in place of $page";
        next if substr($data, $page, 4096) eq substr($data, $other, 4096);
        substr($data, $page, 4096) = substr $data, $other, 4096;
    }

    store($mdb, $data);
    my ($rc) = verify();
    push @wrong, "$what: $rc" if $rc ne 1;
}

is("@wrong", '', 'none of 200 damaged files is accepted');
store($mdb, $bytes);


# manifests

for my $case (
    ['of another version', sub { s/"format":\d+/"format":99/ }, qr/version/],
    ['of another size', sub { s/"size":/"size":1/ }, qr/size/],
    ['of another id', sub { s/"id":"./"id":"x/ }, qr/no valid/],
    ['with another hash', sub { s/("sha256":".*)(\w)(")/$1 . ($2 eq 'a'
        ? 'b' : 'a') . $3/e }, qr/SHA-256/],
    ['with other counts', sub { s/"items":/"items":1/ }, qr/counts/],
    ['with a member twice', sub { s/"items"/"lists"/ }, qr/JSON/],
    ['cut short', sub { $_ = substr $_, 0, 100 }, qr/JSON/],
    ['that is empty', sub { $_ = '' }, qr/JSON/],
) {
    my ($name, $change, $like) = @$case;
    local $_ = $text;
    $change->();
    store($json, $_);
    refused("a manifest $name", $like);
}

store($json, $text, 0464);
refused('a manifest that a group may write', qr/others/);
store($json, $text);


# files

store($mdb, $bytes, 0666);
refused('a snapshot that all may write', qr/others/);
unlink $mdb;
refused('no snapshot', qr/open/);
mkdir $mdb;
refused('a directory', qr/nothing is published/);
rmdir $mdb;
store("$base/good", $bytes);
symlink 'good', $mdb;
refused('a link', qr/open/);
unlink $mdb;
store($mdb, $bytes);

is((verify())[0], 0, 'and the good one is good');
is((verify("$base/snap-x.mdb"))[0], 1, 'another name is not');
is((verify($t->dir))[0], 1, 'a directory without one neither');

$t->done;
