#!/usr/bin/perl

# Copyright (C) recs authors

# A bad line costs itself: it is counted and quarantined with its reason.
# Too many of them refuse the build before anything is written.

use warnings;
use strict;

use File::Temp qw/ tempdir /;
use JSON::PP;
use Test::More;

my $builder = ($ENV{RECS_BUILD} // 'build') . '/recs-builder';
my $d = tempdir('recs-bad-XXXXXX', TMPDIR => 1, CLEANUP => 1);


sub builder {
    my $out = qx{$builder @_ --json 2>>$d/stderr};
    my $status = $? >> 8;

    return ($status, $out =~ /^\{/ ? decode_json($out) : {});
}

sub read_file {
    open my $f, '<', "$d/$_[0]" or return '';
    local $/;
    return <$f>;
}

sub view {
    return encode_json({ activityType => 'PRODUCT_VIEW', userId => 'u1',
        productId => "p$_[0]", timestamp => 1_600_000_000_000 + $_[0],
        @_[1 .. $#_] });
}


# what is wrong, and what the reason speaks of

my @bad = (
    ['{"activityType":"PRODUCT_VIEW"', qr/early|JSON/],
    ['hello', qr/JSON/],
    ['"text"', qr/object|JSON/],
    ['{"userId":"u","productId":"p","timestamp":1}', qr/activityType/],
    ['{"activityType":"PRODUCT_VIEW","productId":"p","timestamp":1}', qr/./],
    ['{"activityType":"PRODUCT_VIEW","userId":"u","timestamp":1}',
        qr/product/],
    [view(1, timestamp => 'soon'), qr/timestamp/],
    [view(1, price => 'free'), qr/price/],
    [view(1, productId => 'x' x 300), qr/productId.*long/],
    [view(1, userId => "a\nb"), qr/control character/],
    ["{\"activityType\":\"PRODUCT_VIEW\",\"userId\":\"\xff\"}", qr/UTF-8/],
    ["{\"activityType\":\"PRODUCT_VIEW\0\"}", qr/./],
    ['{"userId":"a","userId":"b"}', qr/duplicate/],
    ['[' x 100, qr/deep/],
    ['{"a":"' . 'x' x 1_100_000 . '"}', qr/longer than 1 MB/],
    ['{"activityType":"PRODUCT_VIEW","userId":"u","productId":"p"}',
        qr/timestamp.*missing/],
);

open my $f, '>', "$d/events.jsonl" or die "$!\n";
print $f view($_) . "\n", $bad[$_][0] . "\n" for 0 .. $#bad;
print $f "\n   \n", view(99);
close $f;

my ($status, $s) = builder("build --events $d/events.jsonl --out $d/out");

is($status, 1, 'too many bad lines');
like(read_file('stderr'), qr/16 of 33 lines are bad.*max_bad = 0\.05/,
    'the message has the share');
like(read_file('stderr'), qr/out\/quarantine\.jsonl/, 'and the quarantine');
is(join(' ', sort map { s{.*/}{}r } glob("$d/out/*")),
    'key lock quarantine.jsonl', 'nothing is published');

my @rows = map { decode_json($_) } split /\n/, read_file('out/quarantine.jsonl');

is(scalar @rows, scalar @bad, 'all are in the quarantine');

for my $n (0 .. $#bad) {
    is($rows[$n]{line}, 2 * $n + 2, "line of bad line $n");
    like($rows[$n]{reason}, $bad[$n][1], "reason: $rows[$n]{reason}");
}

is($rows[0]{file}, "$d/events.jsonl", 'file');
is($rows[1]{text}, 'hello', 'text');
cmp_ok(length($rows[14]{text}), '<=', 1024, 'long text is cut');
is((stat("$d/out/quarantine.jsonl"))[2] & 077, 0,
    'the quarantine is for its owner');

($status, $s) = builder("build --events $d/events.jsonl --out $d/out"
    . " --max-bad 0.6 --quarantine $d/other.jsonl");

is($status, 0, 'a larger share may be bad');
is($s->{bad}, 16, 'bad');
is($s->{events}, 17, 'good ones are there');
is($s->{lines}, 33, 'of all lines');
ok(-l "$d/out/current", 'published');
ok(-s "$d/other.jsonl", 'another quarantine');

($status, $s) = builder("build --events $d/events.jsonl --out $d/forced"
    . " --force");
is($status, 0, 'or by force');

($status, $s) = builder("build --events $d/events.jsonl --out $d/now"
    . " --now 2020-10-01 --max-bad 1");
is($s->{bad}, 15, 'with a clock, an event may have no time');

# an import that is refused adds nothing

($status, $s) = builder("import --events $d/events.jsonl --log $d/log");
is($status, 1, 'an import is refused');
($status, $s) = builder("import --events $d/events.jsonl --log $d/log"
    . " --max-bad 1");
is($s->{events}, 18, 'it had added nothing');
ok(-s "$d/log/quarantine.jsonl", 'a quarantine beside the log');

# the catalogue is checked in the same way

open $f, '>', "$d/catalog.csv" or die "$!\n";
print $f "productId,title,price\np1,One,1\np2,Two,-2\n,Three,3\np4,Four\n",
    "p5,\"Fi\"ve,5\n";
close $f;

($status, $s) = builder("build --events $d/events.jsonl --catalog"
    . " $d/catalog.csv --out $d/catalog --max-bad 1");
is($status, 0, 'catalogue');
is($s->{products}, 1, 'good rows');
is($s->{bad}, 20, 'bad rows');
like(read_file('catalog/quarantine.jsonl'), qr/"line":$_,"reason":"/,
    "row $_") for 3 .. 6;

done_testing();
