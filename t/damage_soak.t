#!/usr/bin/perl

# Copyright (C) recs authors

# More than a thousand damaged snapshots are published, one after the other,
# to a nginx that serves: none is accepted, no worker dies, the old one goes
# on answering, each is counted.  Then damage under a hash that is right:
# whatever is accepted must not end a worker.

use strict;
use warnings;
no warnings 'portable';

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Shop;
use Test::Recs::Soak;
use Time::HiRes qw(sleep time);

use constant PAGE => 4096;
use constant EACH => 70;             # cases of a class
use constant FORGED => 400;
use constant WORKER => 65534;        # "nobody"

Test::Recs::Soak::begin();

my $t = Test::Recs->new(slack => 8);
my $base = $t->dir . '/base';

my @catalog = (@{Test::Recs::Shop::catalog()}, map {
    { productId => "X$_", title => "Thing $_", price => $_, stock => 1,
      category => ['More', 'Row ' . $_ % 20], currency => 'EUR' }
} 1 .. 1500);

my $good = $t->build_snapshot(events => Test::Recs::Shop::events(),
                              catalog => \@catalog);
my $file = $t->read_file("base/snap-$good.mdb");
my $manifest = $t->read_file("base/snap-$good.json");
my $size = length $file;
my $pages = $size / PAGE;

# workers that may not read everything

my $conf = $t->expand($t->conf(main => 'worker_processes 2;', http =>
    'keepalive_requests 1000000;
     recs_snapshot %%DIR%%/base/current check=100ms;'));
$conf =~ s/user root;/user nobody nogroup;/;
$t->write_file('nginx.conf', $conf);
$t->run;

my @workers = $t->workers;
my $port = $t->port;
my $c = Test::Recs::Soak::to_workers($t, @workers);
is(scalar keys %$c, 2, 'a connection to each worker');


# an old snapshot that serves, by what clients see

my @uris = map { "/recommendations/$_" }
    qw(similar/S1 trending bestsellers?limit=50 similar/X7 new-arrivals);

sub poll {
    my ($close, $id) = @_;

    return Test::Recs::Soak->client(sub {
        my ($stop) = @_;
        my %seen = (answers => 0, bad => [], failed => 0, other => 0);
        my $s;

        until ($$stop) {
            $s //= Test::Recs::Soak::connect_to($port);
            my ($status, $head, $body) = !$s ? (0, "connect: $!") :
                Test::Recs::Soak::request($s, Test::Recs::Soak::get_text(
                    $uris[rand @uris], $close));
            undef $s if $close || !$status;

            if ($status != 200) {
                $seen{failed}++;
                push @{$seen{bad}}, "$status $head" if @{$seen{bad}} < 5;
            } elsif ($id && $body !~ /"snapshotId":"$id"/) {
                $seen{other}++;
                push @{$seen{bad}}, substr $body, 0, 200
                    if @{$seen{bad}} < 5;
            } else {
                $seen{answers}++;
            }

            sleep 0.01;
        }

        return \%seen;
    });
}


# what is published

my $number = 0;
my $last = $good;

sub new_id { return sprintf '%08x%08x', ++$number, int rand 2 ** 32 }

sub store {
    my ($name, $data, $mode) = @_;
    $t->write_file("base/.tmp", $data);
    chmod $mode // 0444, "$base/.tmp";
    rename "$base/.tmp", "$base/$name" or die "$name: $!";
}

sub manifest_of {
    my ($id, $data) = @_;
    my $json = $manifest;

    $json =~ s/("id":\s*")[0-9a-f]{16}/$1$id/ or die 'no id';

    if (defined $data) {
        my $sum = sha256_hex($data);
        my $n = length $data;
        $json =~ s/("sha256":\s*")[0-9a-f]+/$1$sum/ or die 'no sha256';
        $json =~ s/("size":\s*)\d+/$1$n/ or die 'no size';
    }

    return $json;
}

sub publish {
    my ($id) = @_;
    my $gone = $last;

    $t->publish($id);
    $last = $id;

    if ($gone ne $good && $gone ne $id) {
        unlink "$base/snap-$gone.json";
        unlink "$base/snap-$gone.mdb" or rmdir "$base/snap-$gone.mdb";
    }
}

my $question = Test::Recs::Soak::get_text('/status');

sub status {
    my ($pid) = @_;
    my ($code, $head, $body) =
        Test::Recs::Soak::request($c->{$pid}, $question);
    my ($refused) = $body =~ /"snapshotRefused":(\d+)/;
    my ($id) = $body =~ /"snapshotId":"(\w+)"/;
    my ($reason) = $body =~ /"refused":"([^"]*)"/;
    return ($refused // -1, $id // '', $reason);
}

my ($cases, @missed, @wrong, %reasons, %count) = (0);

# publishes, and waits until it is refused

sub bad {
    my ($class, $what, $id) = @_;
    my $end = time + 5;
    my ($refused, $serves, $reason);

    publish($id);
    $cases++;
    $count{$class}++;

    do {
        ($refused, $serves, $reason) = status($workers[$cases % 2]);
        push @wrong, "$class: $what: $serves serves" if $serves ne $good;
        sleep 0.001 if $refused < $cases;
    } while ($refused < $cases && time < $end);

    if ($refused != $cases) {
        push @missed, "$class: $what: $refused refused, not $cases";
        $cases = $refused;
    }

    $reasons{$reason}++ if defined $reason;
}


sub few { return join "\n", grep { defined } @_[0 .. 9] }


# damage

sub flip {
    my ($data, $at) = @_;
    substr($$data, $at, 1) ^= chr 1 << int rand 8;
    return "a bit at $at";
}

# pages by kind: the later pages of an overflow value have no head

my %pages;
for (my $p = 0; $p < $pages; $p++) {
    my ($no, $flags, $n) = unpack 'Q< x2 S< L<', substr $file, $p * PAGE, 16;
    my %kinds = (1 => 'branch', 2 => 'leaf', 4 => 'overflow', 8 => 'meta');
    next if $no != $p || !$kinds{$flags & 15};

    push @{$pages{$kinds{$flags & 15}}}, $p;
    $p += $n - 1 if ($flags & 15) == 4;
}

Test::Recs::Soak::figure('snapshot', sprintf '%d kB, %s', $size / 1024,
    join ', ', map { @{$pages{$_}} . " $_" } sort keys %pages);

my %data = map {
    my $kind = $_;
    my $pick = sub { PAGE * $pages{$kind}[rand @{$pages{$kind}}] };
    ("$kind head" => sub {
         flip($_[0], $pick->() + int rand($kind eq 'meta' ? 16 : 64)) },
     "$kind body" => sub {
         flip($_[0], $pick->() + 64 + int rand(PAGE - 64)) });
} keys %pages;

%data = (%data,
    'a bit anywhere' => sub { flip($_[0], int rand $size) },
    'bytes anywhere' => sub {
        my $at = int rand($size - 64);
        substr(${$_[0]}, $at, 64) = join '', map { chr rand 256 } 1 .. 64;
        return "at $at";
    },
    'truncated at a page' => sub {
        my $at = PAGE * int rand $pages;
        ${$_[0]} = substr $file, 0, $at;
        return "at $at";
    },
    'truncated anywhere' => sub {
        my $at = int rand $size;
        ${$_[0]} = substr $file, 0, $at;
        return "at $at";
    },
    'longer' => sub { ${$_[0]} .= "\0" x (1 + int rand PAGE); 'longer' },
    'a page of zeros' => sub {
        my $at;
        do { $at = PAGE * int rand $pages }
            while substr($file, $at, PAGE) !~ /[^\0]/;
        substr(${$_[0]}, $at, PAGE) = "\0" x PAGE;
        return "at $at";
    },
    'two pages swapped' => sub {
        my ($p, $q);
        do { ($p, $q) = map { PAGE * int rand $pages } 1, 2 }
            while substr($file, $p, PAGE) eq substr($file, $q, PAGE);
        substr(${$_[0]}, $p, PAGE) = substr $file, $q, PAGE;
        substr(${$_[0]}, $q, PAGE) = substr $file, $p, PAGE;
        return "$p and $q";
    },
    'same size, other content' => sub {
        ${$_[0]} = join '', map { pack 'L', rand 2 ** 32 } 1 .. $size / 4;
        return 'noise';
    },
);

my $start = time;
my @clients = (poll(0, $good), poll(1, $good));

# in an order of no class

my @todo = map { my $class = $_; map { $class } 1 .. EACH } sort keys %data;
for my $i (reverse 1 .. $#todo) {
    my $j = int rand($i + 1);
    @todo[$i, $j] = @todo[$j, $i];
}

for my $class (@todo) {
    my $data = $file;
    my $what = $data{$class}->(\$data);
    my $id = new_id();

    # half of the short and long ones have a manifest of their size

    my $json = manifest_of($id);
    my $n = length $data;
    $json =~ s/("size":\s*)\d+/$1$n/ if rand() < 0.5;

    store("snap-$id.mdb", $data);
    store("snap-$id.json", $json);
    bad($class, $what, $id);
}


# manifests

my %change = (
    'cut' => sub { $_ = substr $_, 0, int rand length },
    'a bit' => sub {
        flip(\$_, int rand length);
        $_ = '{' if eval { JSON::PP->new->decode($_) };
    },
    'format' => sub { s/("format":\s*)1\b/$1 . (2 + int rand 99)/e },
    'size' => sub { my $n = $size + PAGE * (1 + int rand 9);
                    s/("size":\s*)\d+/$1$n/ },
    'hash' => sub { my $sum = sha256_hex(rand);
                    s/("sha256":\s*")[0-9a-f]+/$1$sum/ },
    'id' => sub { my $id = new_id(); s/("id":\s*")\w+/$1$id/ },
    'empty' => sub { $_ = '' },
    'zeros' => sub { $_ = "\0" x length },
    'huge' => sub { $_ .= ' ' x (1 << 20) },
    'a member missing' => sub { s/"(?:items|sha256|size|format|id)"/"x"/ },
    'a member twice' => sub { s/\{/{"format":1,/ },
    'nested' => sub { $_ = '[' x 10000 },
    'none' => sub { undef $_ },
);

for my $class (sort keys %change) {
    for my $n (1 .. 15) {
        my $id = new_id();
        local $_ = manifest_of($id);
        $change{$class}->();

        store("snap-$id.mdb", $file);
        store("snap-$id.json", $_) if defined;
        bad('a wrong manifest', "$class: " . substr($_ // '', 0, 80), $id);
    }
}


# a hash that is right, and content that is none

my %none = (
    'zeros' => sub { "\0" x $size },
    'noise' => sub { join '', map { pack 'L', rand 2 ** 32 }
                              1 .. $size / 4 },
    'another version' => sub {
        my $data = $file;
        my $at = index $data, pack('Q<', 0x31504e5353434552);
        die 'no magic' if $at < 0;
        substr($data, $at + 8, 1) = chr 2 + int rand 200;
        return $data;
    },
    'another magic' => sub {
        my $data = $file;
        my $at = index $data, pack('Q<', 0x31504e5353434552);
        substr($data, $at + int rand 8, 1) ^= chr 1 << int rand 8;
        return $data;
    },
    'no root' => sub {
        my $data = $file;
        substr($data, $_ * PAGE + 16, 8) = "\0" x 8 for 0, 1;
        return $data;
    },
    'short' => sub { substr $file, 0, PAGE * int rand $pages },
    'odd' => sub { substr $file, 0, $size - 1 - int rand PAGE },
    'another id' => sub { $file },
);

for my $class (sort keys %none) {
    for my $n (1 .. 15) {
        my $id = new_id();
        my $data = $none{$class}->();
        store("snap-$id.mdb", $data);
        store("snap-$id.json", manifest_of($id, $data));
        bad('another content', $class, $id);
    }
}


# what is no file, or one that others may write, or the worker may not read

my %thing = (
    'empty' => sub { store("snap-$_[0].mdb", '') },
    'directory' => sub { mkdir "$base/snap-$_[0].mdb" },
    'symlink' => sub {
        symlink "snap-$good.mdb", "$base/snap-$_[0].mdb" or die $! },
    'symlink away' => sub {
        symlink '/dev/zero', "$base/snap-$_[0].mdb" or die $! },
    'fifo' => sub {
        POSIX::mkfifo("$base/snap-$_[0].mdb", 0444) or die $! },
    'nothing' => sub { },
    'writable' => sub { store("snap-$_[0].mdb", $file, 0664) },
    'by all' => sub { store("snap-$_[0].mdb", $file, 0446) },
    'sparse' => sub {
        store("snap-$_[0].mdb", $file, 0644);
        truncate "$base/snap-$_[0].mdb", 1 << 40 or die $!;
    },
    $> == 0 ? (
        'unreadable' => sub { store("snap-$_[0].mdb", $file, 0400) },
        'unreadable manifest' => sub {
            store("snap-$_[0].mdb", $file);
            store("snap-$_[0].json", manifest_of($_[0]), 0400) },
    ) : (),
);

for my $class (sort keys %thing) {
    for my $n (1 .. 10) {
        my $id = new_id();
        store("snap-$id.json", manifest_of($id, $file));
        $thing{$class}->($id);
        bad($class, $class, $id);
    }
}

# a link that leads away

for my $to ("../base/snap-$good.mdb", "$base/snap-$good.mdb", 'nginx.conf',
            '/etc/passwd', '.', 'snap-.mdb', 'x' x 200)
{
    symlink $to, "$base/current.new" or die "symlink: $!";
    rename "$base/current.new", "$base/current" or die "rename: $!";
    $cases++;
    $count{'a link that leads away'}++;

    $t->wait_for(sub { (status($workers[0]))[0] >= $cases }, 5)
        or push @missed, "link to $to";
    push @wrong, "link to $to" if (status($workers[1]))[1] ne $good;
}

my $took = time - $start;
my $seen = Test::Recs::Soak::stop_all(@clients);

cmp_ok($cases, '>=', 1000, "$cases damaged snapshots");
is(scalar @wrong, 0, 'none is accepted') or diag(few(@wrong));
is(scalar @missed, 0, 'each is counted') or diag(few(@missed));
is($seen->{failed} + $seen->{other}, 0,
   "the old one answered all of $seen->{answers}")
    or diag(join "\n", @{$seen->{bad}});
is_deeply([$t->workers], \@workers, 'no worker died');
my @lines = $t->error_log =~ /\[error\].* is refused: /g;
is(scalar @lines, $cases, 'a line for each');

Test::Recs::Soak::figure('damaged', sprintf '%d published in %d s (%.0f a '
    . 'second), %d refused, %d accepted, %d of %d workers are the same',
    $cases, $took, $cases / $took, (status($workers[0]))[0],
    scalar @wrong, scalar(grep { kill 0, $_ } @workers), scalar @workers);
Test::Recs::Soak::figure('classes', join ', ', map { "$_ $count{$_}" }
                         sort keys %count);
Test::Recs::Soak::figure('reasons', join ', ', map { "$reasons{$_} $_" }
                         sort { $reasons{$b} <=> $reasons{$a} }
                         keys %reasons);
Test::Recs::Soak::figure('answers meanwhile', "$seen->{answers}, "
    . ($seen->{failed} + $seen->{other}) . ' failed or of another');


# damage under a right hash: only what is inside can tell

my $id_at = index $file, pack 'Q<', hex $good;
my @flips = grep { !/truncated|longer|same/ } sort keys %data;
my ($accepted, $refusals, $late, $dead) = (0, 0, 0, 0);

@clients = map { poll($_) } 0, 1;

for my $n (1 .. FORGED) {
    my $data = $file;
    my $id = new_id();

    substr($data, $id_at, 8) = pack 'Q<', hex $id;
    $data{$flips[rand @flips]}->(\$data) for 0 .. rand 3;
    store("snap-$id.mdb", $data);
    store("snap-$id.json", manifest_of($id, $data));
    publish($id);

    my $end = time + 5;
    my $fate = '';

    while (!$fate && time < $end) {
        my @now = map { [status($_)] } @workers;

        if ($now[0][0] > $cases) {
            $refusals++;
            $cases = $now[0][0];
            $fate = 'refused';

        } elsif (!grep { $_->[1] ne $id } @now) {
            $accepted++;
            $fate = 'accepted';

        } else {
            sleep 0.001;
        }
    }

    $late++ if !$fate;

    for my $pid (@workers) {
        for my $uri (@uris, '/recommendations/similar/X' . int rand 1500) {
            my ($code) = Test::Recs::Soak::request($c->{$pid},
                Test::Recs::Soak::get_text($uri));
            $dead++ if $code != 200;
        }
    }

    last if "@{[$t->workers]}" ne "@workers";
}

$seen = Test::Recs::Soak::stop_all(@clients);
is_deeply([$t->workers], \@workers, 'no worker dies of what it accepts');
is($dead + $seen->{failed}, 0, 'all is answered')
    or diag(join "\n", @{$seen->{bad}});
is($late, 0, 'each has a verdict');
Test::Recs::Soak::figure('damaged under a right hash', FORGED . " published, "
    . "$refusals refused, $accepted accepted (what differs is no more than "
    . "a value), " . ($seen->{answers} + 12 * FORGED) . ' answers');

close $_ for values %$c;
$t->done;
