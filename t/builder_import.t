#!/usr/bin/perl

# Copyright (C) recs authors

# Files into the event log: nothing twice, no raw id kept, and a snapshot
# from the log is that from the files.

use warnings;
use strict;

use Fcntl qw/ :flock /;
use File::Temp qw/ tempdir /;
use JSON::PP;
use Test::More;

my $builder = ($ENV{RECS_BUILD} // 'build') . '/recs-builder';
my $d = tempdir('recs-import-XXXXXX', TMPDIR => 1, CLEANUP => 1);


sub builder {
    my $out = qx{$builder @_ --json 2>>$d/stderr};
    my $status = $? >> 8;

    return ($status, $out =~ /^\{/ ? decode_json($out) : {});
}

sub write_file {
    my ($name, $text) = @_;

    open my $f, '>', "$d/$name" or die "$d/$name: $!\n";
    print $f $text;
    close $f;
}

sub line {
    return encode_json({ @_ }) . "\n";
}

sub stderr {
    open my $f, '<', "$d/stderr" or return '';
    local $/;
    return <$f>;
}


my ($events, $n) = ('', 0);

for my $user (1 .. 40) {
    for my $i (0 .. 4) {
        my $p = ($user + $i * $i) % 15;

        $events .= line(activityType => 'PURCHASE', userId => "raw-user-$user",
            sessionId => "raw-session-$user", orderId => "o$user",
            productId => "p$p", price => 0.1 * ($p + 1), quantity => 3,
            timestamp => 1_600_000_000_000 + 60_000 * $n++);
    }
}

# two equal lines, a refund, a line of nobody, a message sent twice

my $again = line(activityType => 'PRODUCT_VIEW', userId => 'raw-user-1',
    productId => 'p1', timestamp => 1_600_100_000_000);
my $message = line(activityType => 'PRODUCT_VIEW', userId => 'raw-user-2',
    productId => 'p2', timestamp => 1_600_100_000_000, messageId => 'm1');
my $other = line(activityType => 'PRODUCT_VIEW', userId => 'raw-user-3',
    productId => 'p2', timestamp => 1_600_100_000_000, messageId => 'm1');

$events .= $again . $again . $message . $message . $other;
$events .= line(activityType => 'REFUND', userId => 'raw-user-1',
    orderId => 'o1', productId => 'p1', price => 0.2, quantity => 1,
    timestamp => 1_600_200_000_000);
$events .= line(activityType => 'PURCHASE', sessionId => 'raw-nobody',
    orderId => 'o99', productId => 'p1', price => 0.2,
    timestamp => 1_600_200_000_000);

write_file('events.jsonl', $events);
write_file('catalog.jsonl', join '', map { line(productId => "p$_",
    title => "Product $_", price => 0.1 * ($_ + 1)) } 0 .. 14);
write_file('users.jsonl', line(userId => 'raw-user-1', cohort => 'A',
    email => 'raw-mail'));

my $revenue = 0;

for my $user (1 .. 40) {
    $revenue += 3 * (($user + $_ * $_) % 15 + 1) for 0 .. 4;
}

$revenue = $revenue / 10;


my ($status, $s) = builder("import --events $d/events.jsonl --catalog"
    . " $d/catalog.jsonl --users $d/users.jsonl --log $d/log");

is($status, 0, 'import');
is($s->{lines}, 223, 'lines');
is($s->{events}, 206, 'events');
is($s->{duplicates}, 1, 'a message comes once for an identity');
is($s->{products}, 15, 'products');
is($s->{users}, 1, 'users');
is($s->{refunds}, 1, 'refunds');
is($s->{anonymous}, 1, 'lines without a user');
cmp_ok(abs($s->{revenue} - $revenue), '<', 1e-9, 'revenue, net of refunds');

($status, $s) = builder("import --events $d/events.jsonl --catalog"
    . " $d/catalog.jsonl --users $d/users.jsonl --log $d/log");

is($status, 0, 'import again');
is($s->{events} + $s->{products} + $s->{users}, 0, 'adds nothing');
is($s->{duplicates}, 223, 'all is known');

write_file('more.jsonl', $again x 3);
($status, $s) = builder("import --events $d/more.jsonl --log $d/log");
is($s->{events}, 1, 'of three equal lines two were there');

# the key of the log goes to the snapshots

($status, my $log) = builder("build --log $d/log --out $d/one");
is($status, 0, 'build from the log') or diag(stderr());
is($log->{events}, 207, 'of all events');
is($log->{items}, 15, 'products');
cmp_ok(abs($log->{revenue} - $revenue), '<', 1e-9, 'revenue');

($status, my $files) = builder("build --events $d/events.jsonl $d/more2.jsonl"
    . " --out $d/two");
is($status, 1, 'a file that is not there');
like(stderr(), qr/more2\.jsonl: No such file/, 'is named');
ok(!-e "$d/two/current", 'nothing is published');

write_file('all.jsonl', $events . $again);
builder("import --events $d/all.jsonl --log $d/log2 --key $d/log/key");

($status, $log) = builder("build --log $d/log2 --key $d/log/key"
    . " --out $d/three");
is($status, 0, 'build from a log of events alone');
($status, $files) = builder("build --events $d/all.jsonl --key $d/log/key"
    . " --out $d/four");
is($status, 0, 'build from files');
is($files->{snapshot}, $log->{snapshot}, 'is the same snapshot');
is($files->{duplicates}, 1, 'a message comes once here, too');

is(system("$builder verify -q $d/four/current >$d/stdout 2>&1"), 0, 'verify');

# what was said of whom is nowhere

is(qx{grep -rla raw- $d/log $d/log2 $d/one $d/three $d/four}, '',
    'no raw id in any file');

# one at a time

open my $lock, '>>', "$d/four/lock" or die "$d/four/lock: $!\n";
flock($lock, LOCK_EX) or die "flock: $!\n";

($status) = builder("build --events $d/all.jsonl --out $d/four");
is($status, 75, 'another one builds');
close $lock;

# how it is used

is(system("$builder build >$d/stdout 2>&1") >> 8, 2, 'nothing to build');
is(system("$builder import --log $d/log >$d/stdout 2>&1") >> 8, 2,
    'nothing to import');
is(system("$builder nothing >$d/stdout 2>&1") >> 8, 2, 'no such command');
is(system("$builder --version >$d/stdout 2>&1") >> 8, 0, 'version');

my $help = qx{$builder --help};
like($help, qr/^  \Q$_\E +\w/m, "help names $_")
    for qw/ build import inspect verify rollback status /;

like(qx{$builder build --events $d/all.jsonl --out $d/four --keep 0 2>&1},
    qr/keep.* is 0, must be 1 to/, 'a range');

write_file('bad.conf', "threads = 2\nthread = 3\n");
like(qx{$builder build -c $d/bad.conf --events $d/all.jsonl 2>&1},
    qr/bad\.conf:2: no such option 'thread'/, 'an unknown option has a line');

write_file('good.conf', "events = {$d/nothing}\nout = $d/five\n");
($status) = builder("build --events $d/all.jsonl -c $d/good.conf");
is($status, 0, 'what is given goes before the file');

done_testing();
