#!/usr/bin/perl

# Copyright (C) recs authors

# recs-builder erase without a daemon: nothing of a user is left in the event
# log, its archive and checkpoint, the quarantine and the snapshots, and the
# counts are as they were.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP qw(decode_json encode_json);
use MIME::Base64 qw(encode_base64);
use POSIX qw(WNOHANG);
use Test::More;
use Test::Recs;
use Test::Recs::Bytes qw(count files identities);
use Test::Recs::Log;

my $t = Test::Recs->new;
my ($dir, $builder) = ($t->dir, $t->builder);
my $alice = 'alice-0815@shop.example';
my $time = 1_700_000_000_000;

plan skip_all => 'no zstd' if system('zstd -q --version >/dev/null 2>&1');


sub event { return encode_json({activityType => 'PRODUCT_VIEW', @_}) . "\n" }

# all ways that a key may be written

sub forms {
    return map {
        ($_, unpack('H*', $_), uc unpack('H*', $_), encode_base64($_, ''),
         encode_base64($_, '') =~ tr{+/=}{-_}dr)
    } @_;
}

$t->write_file('erase.conf', <<"EOC");
log = "$dir/log"
out = "$dir/out"
archive = "$dir/archive"
force = true
EOC

sub erase {
    my (@args) = @_;
    my ($rc, $out) = $t->command($builder, 'erase', '-q', '-c',
                                 "$dir/erase.conf", @args);
    my ($line) = $out =~ /^(\{.*\})$/m;
    return ($rc, $line ? decode_json($line) : $out);
}

sub place {
    my ($receipt, $name) = @_;
    my ($place) = grep { $_->{place} eq $name } @{$receipt->{places}};
    return $place;
}

sub build {
    my ($rc, $out) = $t->command($builder, 'build', '-q', '--json', '--log',
        "$dir/log", '--out', "$dir/out", '--force');
    diag($out) if $rc;
    return decode_json($out =~ /^(\{.*\})$/m);
}

sub counts {
    my ($done) = @_;
    return {map { $_ => $done->{$_} }
            qw(events products refunds revenue items)};
}


# two keys: the first events came under the older one

mkdir "$dir/log";
$t->write_file('log/key', '1 ' . '11' x 32 . "\n");

$t->write_file('catalog.jsonl', join '', map {
    encode_json({productId => "p$_", title => "P$_", price => $_ + .5,
                 currency => 'EUR', category => ['c']}) . "\n" } 0 .. 9);

$t->write_file('a.jsonl', join '', (map {
    event(productId => 'p' . $_ % 10, userId => 'bob', sessionId => "b$_",
          timestamp => $time + $_ * 1000)
} 1 .. 40), (map {
    event(productId => 'p' . $_ % 7, userId => $alice, sessionId => 'alice-1',
          anonymousId => 'alice-browser', timestamp => $time + $_ * 1000,
          messageId => "m-$alice-$_", searchQuery => "gift for $alice",
          ipAddress => '192.0.2.77', metadata => {name => $alice})
} 1 .. 20),

    # before her login, by her browser
    event(productId => 'p3', anonymousId => 'alice-browser',
          sessionId => 'alice-0', timestamp => $time - 5000),
    event(activityType => 'PURCHASE', productId => 'p1', userId => $alice,
          sessionId => 'alice-1', orderId => "order-$alice-1", price => 1.5,
          currency => 'EUR', quantity => 2, timestamp => $time + 50_000));

$t->write_file('b.jsonl', join '',

    # a browser that two people use
    event(productId => 'p4', userId => $alice, sessionId => 'family',
          timestamp => $time + 60_000),
    event(productId => 'p5', userId => 'bob', sessionId => 'family',
          timestamp => $time + 61_000),
    event(productId => 'p6', sessionId => 'family',
          timestamp => $time + 62_000),

    # somebody else's event speaks of her
    event(productId => 'p2', userId => 'carol', sessionId => 'c1',
          pageUrl => "https://shop.example/wishlist/$alice/",
          timestamp => $time + 63_000),

    event(activityType => 'REFUND', productId => 'p1', userId => $alice,
          sessionId => 'alice-2', orderId => "order-$alice-1", price => 1.5,
          currency => 'EUR', quantity => 1, timestamp => $time + 70_000),
    event(activityType => 'PURCHASE', productId => 'p2', userId => 'bob',
          sessionId => 'b1', orderId => 'order-bob', price => 2.5,
          currency => 'EUR', timestamp => $time + 71_000),
    qq({"activityType":"PRODUCT_VIEW","userId":"$alice","price":"x"}\n),
    qq({"activityType":"PRODUCT_VIEW","userId":"bob","price":"x"}\n));

$t->write_file('users.jsonl', join '', map {
    encode_json({userId => $_, region => 'north', cohort => "of-$_"}) . "\n"
} 'bob', 'carol');

my @import = ($builder, 'import', '-q', '--json', '--log', "$dir/log",
              '--max-bad', 1);
my ($rc, $out) = $t->command(@import, '--catalog', "$dir/catalog.jsonl",
    '--events', "$dir/a.jsonl", '--now', $time);
is($rc, 0, 'imported') or diag($out);

$t->write_file('log/key', '1 ' . '11' x 32 . "\n7 " . '22' x 32 . "\n");
($rc, $out) = $t->command(@import, '--events', "$dir/b.jsonl", '--users',
                          "$dir/users.jsonl");
is($rc, 0, 'more under another key') or diag($out);

my $before = build();

# what is old is in the archive

system("mkdir $dir/archive && cp $dir/log/00000001.log $dir/archive/");

my @keys = identities("$dir/log/key", 'u', $alice);
my @hers = (@keys, map({ identities("$dir/log/key", 's', $_) }
                       qw(alice-0 alice-1 alice-2)),
            identities("$dir/log/key", 'a', 'alice-browser'));
is(scalar @keys, 2, 'two keys');

sub left {
    my @dirs = ("$dir/log", "$dir/archive");
    return count(Test::Recs::Log::text($t, @dirs) . files(@dirs, "$dir/out"),
                 @_);
}

cmp_ok(left(forms(@hers)), '>', 40, 'her identities are there');
cmp_ok(left($alice), '>', 20, 'so is her id');

sub others {
    return count(Test::Recs::Log::text($t, "$dir/log"),
                 identities("$dir/log/key", 'u', 'bob'));
}

my $bobs = others();


# what was being written as somebody was killed

$t->write_file($_, "of $alice\n")
    for 'log/.rewrite.new', 'log/.checkpoint.new', 'archive/.archive.new',
        'archive/.rewrite.new', 'log/quarantine.jsonl.new',
        'out/quarantine.jsonl.new';


# without --now

system("mkdir $dir/copy && cp -a $dir/log $dir/out $dir/archive $dir/copy/");

($rc, my $receipt) = erase($alice);
is($rc, 0, 'erased') or diag(explain $receipt);
is($receipt->{complete}, JSON::PP::true, 'complete');
like($receipt->{receiptId}, qr/^[0-9a-f]{32}$/, 'a receipt');
is(place($receipt, 'log')->{events}, 25, 'events in the log')
    or diag(explain $receipt);
is(place($receipt, 'archive')->{events}, 25, 'and in the archive');
is(place($receipt, 'quarantine')->{removed}, 1, 'a bad line');
like(place($receipt, 'snapshots')->{left}, qr/^1 snapshots have them/,
     'the snapshot still has her');

my $line = $t->read_file('log/receipts.jsonl');
is_deeply(decode_json($line), $receipt, 'it is kept');
is(count($line, $alice, forms(@hers)), 0, 'without who it was');
is(join(' ', glob("$dir/log/erase/*")), '', 'nobody waits');
is(count(files("$dir/log", "$dir/archive")
         . Test::Recs::Log::text($t, "$dir/log", "$dir/archive"), $alice,
         forms(@hers)), 0, 'nothing is left in log and archive');
is(count($t->read_file('log/quarantine.jsonl'), 'bob'), 1,
   "somebody else's bad line stays");


# with --now

my $kept = Test::Recs::Log::text($t, "$dir/log");
system("rm -r $dir/log $dir/out $dir/archive && mv $dir/copy/* $dir/");
cmp_ok(left($alice), '>', 20, 'once more, with a copy');

($rc, $receipt) = erase($alice, '--now');
is($rc, 0, 'erased now') or diag(explain $receipt);
is(place($receipt, 'snapshots')->{removed}, 1, 'with older snapshots')
    or diag(explain $receipt);
is(left($alice, forms(@hers)), 0, 'neither the id nor a key is left');
($rc) = $t->command($builder, 'verify', '-q', "$dir/out");
is($rc, 0, 'the new snapshot is good');

my $after = build();
is_deeply(counts($after), counts($before), 'counts are as they were')
    or diag(explain [$before, $after]);
is(others(), $bobs, 'others are there');
is(count($kept, identities("$dir/log/key", 's', 'family')), 2,
   'in the session of two only what she did is blanked');
is(count($kept, 'order-bob'), 1, 'orders of others have their names');

# her orders have another name, the same in both of her events

my %names;
$names{$1}++ while $kept =~ /(?<![0-9a-f])([0-9a-f]{32})(?![0-9a-f])/g;
is(join(',', values %names), 2, 'a purchase and its refund go together');


# what is read again is known: it does not come back

$t->write_file('log/key', '1 ' . '11' x 32 . "\n");
($rc, $out) = $t->command(@import, '--events', "$dir/a.jsonl", '--now',
                          $time);
my $again = decode_json($out =~ /^(\{.*\})$/m);
is($again->{events}, 0, 'files that are read again bring nothing back')
    or diag($out);
is(left($alice, forms(@hers)), 0, 'still nothing is left');
$t->write_file('log/key', '1 ' . '11' x 32 . "\n7 " . '22' x 32 . "\n");


# sessions of nobody

$t->write_file('c.jsonl', join '', map {
    event(productId => 'p1', sessionId => $_, timestamp => $time + 90_000)
} 'nobody-1', 'nobody-2');
($rc, $out) = $t->command(@import, '--events', "$dir/c.jsonl");
is($rc, 0, 'sessions') or diag($out);
($rc, $receipt) = erase('--session', 'nobody-1');
is($rc, 0, 'a session is erased') or diag(explain $receipt);
is(place($receipt, 'log')->{events}, 1, 'its event');
my $text = Test::Recs::Log::text($t, "$dir/log");
is(count($text, identities("$dir/log/key", 's', 'nobody-1')), 0, 'is blanked');
is(count($text, identities("$dir/log/key", 's', 'nobody-2')), 1,
   'the other one is not');


# what cannot be read may have them

mkdir "$dir/journal";
symlink 'loop.bad', "$dir/journal/loop.bad";
my ($snapshot) = glob "$dir/out/snap-*.mdb";
rename $snapshot, "$dir/kept";
symlink $snapshot, $snapshot;
$t->write_file('journal.conf', $t->read_file('erase.conf')
               . qq(journal = "$dir/journal"\n));
($rc, $receipt) = erase('--session', 'nobody-2', '-c', "$dir/journal.conf");
is($rc, 1, 'not complete') or diag(explain $receipt);
like(place($receipt, $_)->{left}, qr/ cannot be read: /, "left: $_")
    for 'journal', 'snapshots';
rename "$dir/kept", $snapshot;


# her sales stay with their clicks, and nothing else holds her together

$t->write_file('d.jsonl', join '', map { event(@$_, userId => 'dora-4711') }
    [activityType => 'RECOMMENDATION_CLICK', productId => 'p1', position => 1,
     recommendationId => 'r1', sessionId => 'd1', timestamp => $time],
    [activityType => 'RECOMMENDATION_CLICK', productId => 'p1', position => 1,
     recommendationId => 'r1', sessionId => 'd1', timestamp => $time + 1000],
    [activityType => 'RECOMMENDATION_CLICK', productId => 'p2', position => 2,
     recommendationId => '0-1', sessionId => 'd1', timestamp => $time + 2000],
    [productId => 'p3', sessionId => 'd1', timestamp => $time + 3000],
    [activityType => 'ADD_TO_CART', productId => 'p1', sessionId => 'd1',
     price => 10, timestamp => $time + 4000],
    [activityType => 'PURCHASE', productId => 'p1', price => 10,
     currency => 'EUR', sessionId => 'd1', orderId => 'd-1',
     timestamp => $time + 5000],
    [activityType => 'PURCHASE', productId => 'p2', price => 7,
     currency => 'EUR', sessionId => 'd2', orderId => 'd-2',
     timestamp => $time + 6000]);

sub total {
    my ($rc, $out) = $t->command($builder, 'report', '--log', "$dir/sales",
                                 '--format', 'json', '-q');
    return decode_json($out)->{total};
}

($rc, $out) = $t->command($builder, 'import', '-q', '--log', "$dir/sales",
                          '--events', "$dir/d.jsonl");
is($rc, 0, 'sales') or diag($out);
my $sales = total();
is("$sales->{clicks} $sales->{carts} $sales->{orders} $sales->{revenue}",
   '2 1 2 17', 'two sales of two clicks') or diag(explain $sales);

# nothing was archived yet

my @sales = ('--log', "$dir/sales", '--archive', "$dir/later");
($rc, $out) = $t->command($builder, 'export', '-q', @sales, 'dora-4711');
is("$rc " . ($out =~ tr/\n//), '0 7', 'exported without an archive')
    or diag($out);

($rc, $receipt) = erase('dora-4711', @sales, '--out', "$dir/sold");
is($rc, 0, 'erased without an archive') or diag(explain $receipt);
is(place($receipt, 'log')->{events}, 7, 'erased') or diag(explain $receipt);
is_deeply(total(), $sales, 'the report says what it said')
    or diag(explain total());
$text = Test::Recs::Log::text($t, "$dir/sales");
is(count($text, map { identities("$dir/sales/key", @$_) } [u => 'dora-4711'],
         [s => 'd1'], [s => 'd2']), 0, 'of nobody');
is(() = $text =~ /\xc4\x10\0/g, 12, 'what is not reported has no session');


# what root writes is read by a daemon that is not

SKIP: {
    skip 'not root', 2 if $>;

    system("chown -R 65534:65534 $dir/log && chmod 600 $dir/log/*.log");
    erase('bob');
    my @roots = grep { (stat)[4] == 0 } "$dir/log",
        glob "$dir/log/* $dir/log/erase";
    is("@roots", '', 'each file stays whose it was');
    is(join(' ', grep { (stat)[2] & 077 } "$dir/log/00000001.log"), '',
       'and who may read it');
}


# what cannot be read is not waited for without end

open my $lock, '<', "$dir/sales" or die "sales: $!";
flock $lock, 2;
my $pid = $t->run_daemon($builder, 'erase', '-q', '--log', "$dir/sales",
                         '--wait', 1, 'erna');
my $ask;
$t->wait_for(sub { ($ask) = glob "$dir/sales/erase/*.json" }, 10);
$t->write_file($ask =~ s{^\Q$dir/}{}r, '{}');
close $lock;
ok($t->wait_for(sub { waitpid($pid, WNOHANG) > 0 }, 10), 'it ends')
    or $t->stop_daemon($pid);
is($? >> 8, 75, 'not done');
like($t->read_file('daemon.log'), qr/\.json cannot be read/, 'it says why');


# usage

for (['whom', ], ['no event log', $alice, '--log', "$dir/none"],
     ['no key', $alice, '--key', "$dir/none"])
{
    my ($name, @args) = @$_;
    ($rc, $out) = erase(@args);
    is($rc, 2, "usage: $name");
    like($out, qr/$name/, 'it says so');
}

$t->done;
