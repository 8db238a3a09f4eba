#!/usr/bin/perl

# Copyright (C) recs authors

# One shop in every format that is read is one snapshot.

use warnings;
use strict;

use File::Temp qw/ tempdir /;
use IO::Compress::Gzip qw/ gzip $GzipError /;
use JSON::PP;
use Test::More;

my $builder = ($ENV{RECS_BUILD} // 'build') . '/recs-builder';
my $d = tempdir('recs-formats-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $out = 0;


sub build {
    my $json = qx{$builder build --json --key $d/key -o $d/out@{[$out++]} @_ 2>>$d/stderr};

    return $json =~ /^\{/ ? decode_json($json) : {};
}

sub write_file {
    my ($name, $text) = @_;

    open my $f, '>', "$d/$name" or die "$d/$name: $!\n";
    print $f $text;
    close $f;
}

sub cell {
    my ($text) = @_;

    return $text unless $text =~ /[",\n]/;
    $text =~ s/"/""/g;
    return "\"$text\"";
}


my @columns = qw/ activityType timestamp userId sessionId productId price
    quantity orderId /;
my @events;

for my $user (1 .. 30) {
    for my $i (0 .. 3) {
        my $p = ($user * 3 + $i * $i) % 12;
        my $order = $i % 2;

        push @events, {
            activityType => $order ? 'PURCHASE' : 'PRODUCT_VIEW',
            timestamp => 1_600_000_000_000 + 1000 * @events,
            userId => "user \"$user\"", sessionId => "s,$user",
            productId => "p$p", price => $p + 0.25,
            $order ? (quantity => 2, orderId => "o$user") : (),
        };
    }
}

my @products = map { {
    productId => "p$_", title => "The \"$_\", new", price => $_ + 0.25,
    category => ['Food', $_ % 2 ? 'Tea' : 'Coffee'], brand => 'B' . $_ % 3,
    attributes => { size => 'L' . $_ % 2 }, tags => ['a', "t$_"],
} } 0 .. 11;

my $json = JSON::PP->new->canonical;
my $jsonl = join '', map { $json->encode($_) . "\n" } @events;
my $catalog = join '', map { $json->encode($_) . "\n" } @products;

my $csv = join '', map { "$_\r\n" } join(',', @columns), map {
    my $e = $_;
    join ',', map { cell($e->{$_} // '') } @columns;
} @events;

my $catalog_csv = join '', map { "$_\n" }
    'productId,title,price,category,brand,attributes.size,tags', map {
    join ',', cell($_->{productId}), cell($_->{title}), $_->{price},
        join('/', @{$_->{category}}), $_->{brand}, $_->{attributes}{size},
        cell($json->encode($_->{tags}));
} @products;

write_file('events.jsonl', $jsonl);
write_file('catalog.jsonl', $catalog);

my $s = build("--events $d/events.jsonl --catalog $d/catalog.jsonl");
my $id = $s->{snapshot};

ok($id, 'JSON lines') or diag(qx{cat $d/stderr});
is($s->{events}, 120, 'events');
is($s->{products}, 12, 'products');
is($s->{bad}, 0, 'bad');


sub same {
    my ($name, @args) = @_;

    is(build(@args)->{snapshot}, $id, $name);
}


my $rest = "--catalog $d/catalog.jsonl";

gzip(\$jsonl => "$d/events.jsonl.gz") or die $GzipError;
same('gzip', "--events $d/events.jsonl.gz $rest");

write_file('crlf', "\xef\xbb\xbf" . $jsonl =~ s/\n/\r\n\r\n/gr);
same('CR LF, blank lines, a byte order mark', "--events $d/crlf $rest");

write_file('last.jsonl', $jsonl =~ s/\n\z//r);
same('a last line without an end', "--events $d/last.jsonl $rest");

same('standard input', "--events - $rest <$d/events.jsonl");
same('compressed standard input', "--events - $rest <$d/events.jsonl.gz");

write_file('events.csv', $csv);
same('CSV', "--events $d/events.csv $rest");

write_file('unnamed', $csv);
same('CSV by its content', "--events $d/unnamed $rest");

gzip(\$csv => "$d/events.csv.gz") or die $GzipError;
same('CSV and gzip', "--events $d/events.csv.gz $rest");

write_file('catalog.csv', $catalog_csv);
same('a catalogue in CSV', "--events $d/events.jsonl --catalog"
    . " $d/catalog.csv");

write_file('array.jsonl', join '', map { "[$_]\n" } join ',',
    map { $json->encode($_) } @events);
same('arrays of events', "--events $d/array.jsonl $rest");

# a directory, in the order of names

my @lines = split /^/, $jsonl;

mkdir "$d/dir" or die "$!\n";
write_file('dir/b.json', join '', @lines[50 .. 119]);
write_file('dir/a.jsonl', join '', @lines[0 .. 39]);
gzip(\(join '', @lines[40 .. 49]) => "$d/dir/a2.jsonl.gz") or die $GzipError;
write_file('dir/readme.txt', 'nothing');
same('a directory', "--events $d/dir $rest");
same('several paths', "--events $d/dir/a.jsonl $d/dir/a2.jsonl.gz"
    . " $d/dir/b.json $rest");

same('one thread', "--events $d/events.jsonl $rest --threads 1");
same('three threads', "--events $d/events.jsonl $rest --threads 3");

SKIP: {
    skip 'no zstd', 2
        if system("zstd -q $d/events.jsonl $d/catalog.jsonl 2>/dev/null");

    same('zstd', "--events $d/events.jsonl.zst --catalog"
        . " $d/catalog.jsonl.zst");

    truncate("$d/events.jsonl.zst", 100) or die "$!\n";
    build("--events $d/events.jsonl.zst $rest");
    like(qx{tail -n 1 $d/stderr}, qr/ends early.*fetch the file again/,
        'half of a file is refused');
}

done_testing();
