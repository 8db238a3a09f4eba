#!/usr/bin/perl

# Copyright (C) recs authors

# "recs-builder eval" over splits made here: every metric is counted once more
# from the lists it writes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP;
use List::Util qw(sum0 min);
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $dir = $t->dir;

mkdir "$dir/tmp";
$ENV{TMPDIR} = "$dir/tmp";

sub run_eval {
    my ($rc, $out) = $t->command($t->builder, 'eval', '-q', @_);
    return ($rc, grep({ $_ eq '--json' } @_) ? $out : $out =~ s/\\"/"/gr);
}

sub rows {
    my ($rc, $out) = run_eval('--json', @_);
    is($rc, 0, "eval @_[0 .. 1]") or diag $out;
    return map { decode_json($_) } split /\n/, $out;
}

sub near {
    my ($got, $want, $name) = @_;
    ok(abs($got - $want) < 1e-5, $name) or diag "$got, not $want";
}

# The means of the metrics, from lists and right answers by case.

sub counted {
    my ($k, $lists, $right) = @_;
    my %sum;

    for my $n (0 .. $#$right) {
        my %right = map { $_ => 1 } @{$right->[$n]};
        my @list = @{$lists->[$n] // []};
        my @ranks = grep { $right{$list[$_]} } 0 .. $#list;
        my $all = keys %right;
        my $gain = sum0(map { 1 / log($_ + 2) } @ranks);

        $sum{recall} += @ranks / $all;
        $sum{hr} += @ranks > 0;
        $sum{mrr} += @ranks ? 1 / ($ranks[0] + 1) : 0;
        $sum{precision} += @ranks / $k;
        $sum{ndcg} += $gain
            / sum0(map { 1 / log($_ + 2) } 0 .. min($all, $k) - 1);
        $sum{ndcg_all} += $gain
            / sum0(map { 1 / log($_ + 2) } 0 .. $all - 1);
    }

    return { map { $_ => $sum{$_} / @$right } keys %sum };
}

sub lists {
    my ($file) = @_;
    my @lists;

    open my $fh, '<', $file or die "$file: $!\n";

    while (<$fh>) {
        my ($n, $ids) = /^(\d+)\t(.*)$/ or die "$file: $_";
        $lists[$n] = [split / /, $ids];
    }

    return \@lists;
}


# topn: 40 users, every third product is of the taste of every third user

mkdir "$dir/topn";

my (@train, @test, %seen);
my $seed = 5;

sub chance {
    $seed = ($seed * 1103515245 + 12345) % 2147483648;
    return $seed / 2147483648 < $_[0];
}

for my $user (0 .. 39) {
    my (@known, @new);

    for my $i (0 .. 59) {
        next if $i % 3 != $user % 3 && !chance(.05);

        if (chance(.6)) {
            push @known, $i;
        } elsif (chance(.6)) {
            push @new, $i;
        }
    }

    push @train, [$user, @known];
    push @test, [$user, @new];
    $seen{$user} = { map { $_ => 1 } @known };
}

$t->write_file('topn/train.txt', join '', map { "@$_\n" } @train);
$t->write_file('topn/test.txt', join '', map { "@$_\n" } @test);

my @asked = grep { @$_ > 1 } @test;
my @right = map { [@$_[1 .. $#$_]] } @asked;
my @names = qw(recall ndcg ndcg_all hr mrr precision);

for my $strategy (qw(PERSONALIZED CATALOGUE)) {
    unlink "$dir/lists";

    my ($row) = rows('topn', "$dir/topn", '--at', 5, '--strategy', $strategy,
                     '--metrics', "@names", '--lists', "$dir/lists");
    my $lists = lists("$dir/lists");
    my $want = counted(5, $lists, \@right);

    is($row->{cases}, scalar @asked, "$strategy: all cases");
    near($row->{metrics}{$_}{value}, $want->{$_}, "$strategy: $_")
        for @names;

    my %listed = map { $_ => 1 } map { @$_ } @$lists;
    my %known = map { $_ => 1 } map { @$_[1 .. $#$_] } @train;
    near($row->{coverage}, keys(%listed) / keys(%known),
         "$strategy: coverage");

    my @again = grep { my $n = $_; grep { $seen{$asked[$n][0]}{$_} }
                                   @{$lists->[$n]} } 0 .. $#asked;
    is(scalar @again, 0, "$strategy: nothing that a user has");

    is_deeply([sort keys %$row], [sort qw(protocol split data part version
               seed parameters at cases strategy snapshot metrics coverage
               gini diversity distance novelty tail us_p50 us_p99 build_seconds
               answer_seconds bytes peak_kb)], "$strategy: members");
    is($row->{split}, 'topn', "$strategy: no path is told");
    like($row->{data}, qr/^[0-9a-f]{16}$/, "$strategy: hash of the data");
    like($row->{parameters}, qr/\bhalf_life_days=36500\b/,
         "$strategy: parameters");
}


# threads, samples, validation

my @one = rows('topn', "$dir/topn", '--threads', 1);
my @three = rows('topn', "$dir/topn", '--threads', 3);

for my $row (@one, @three) {
    delete $row->{$_} for qw(us_p50 us_p99 build_seconds answer_seconds
                             peak_kb);
}

is_deeply(\@one, \@three, 'the same for any number of threads');

my ($sample) = rows('topn', "$dir/topn", '--sample', 7);
is($sample->{cases}, 7, 'a sample');

rename "$dir/topn/test.txt", "$dir/test.txt";

my ($validation) = rows('topn', "$dir/topn", '--part', 'validation');
is($validation->{part}, 'validation', 'validation does without a test part');
cmp_ok($validation->{cases}, '>', 30, 'and asks who has enough');

my @grid = rows('topn', "$dir/topn", '--try', 'related_max=2,50', '--try',
                'history_decay=1,0.5', '--baseline', 'strategy=CATALOGUE');
is(join(' ', map { $_->{row} } @grid), 'try try try try best baseline',
   'a grid, its best and a baseline');

my ($best) = sort { $b <=> $a } map { $_->{metrics}{recall}{value} }
             @grid[0 .. 3];
is($grid[4]{metrics}{recall}{value}, $best, 'the best is the best');
is($grid[4]{paired}{against}, $grid[0]{parameters}, 'against the first');
near($grid[4]{paired}{recall}[0],
     $best - $grid[0]{metrics}{recall}{value}, 'the difference');
near($grid[5]{paired}{recall}[0],
     $grid[5]{metrics}{recall}{value} - $best, 'of the baseline, too');
is($grid[5]{strategy}, 'CATALOGUE', 'which is another strategy');

# what is served alone is not built again, with the same result

my ($built) = rows('topn', "$dir/topn", '--part', 'validation', '--set',
                   'related_max=50', '--set', 'history_decay=0.5');
near($grid[3]{metrics}{$_}{value}, $built->{metrics}{$_}{value},
     "as if built for it: $_") for qw(recall ndcg hr);

rename "$dir/test.txt", "$dir/topn/test.txt";


# session: two forms of the same sessions

mkdir "$dir/lines";
mkdir "$dir/table";

my @sessions = map { [map { 'p' . ($_ % 17) } $_ .. $_ + 2 + $_ % 4] }
               1 .. 120;
my @late = splice @sessions, 100;

$t->write_file('lines/train_sessions.txt',
               join '', map { "@$_\n" } @sessions);

my (@prefixes, @targets);

for my $s (@late) {
    for my $n (reverse 1 .. $#$s) {
        push @prefixes, "@$s[0 .. $n - 1]\t$s->[$n]\n";
        push @targets, [$s->[$n]];
    }
}

$t->write_file('lines/test_prefix_target.txt', join '', @prefixes);

sub table {
    my ($from, $backwards, @of) = @_;
    my $text = "SessionId\tItemId\tTime\n";
    my $time = 1500000000 + $from;

    for my $n (0 .. $#of) {
        my @rows = map { "s$from.$n\t$_\t" . $time++ . ".0\n" } @{$of[$n]};
        $text .= join '', $backwards ? reverse @rows : @rows;
    }

    return $text;
}

$t->write_file('table/train.txt', table(0, 0, @sessions));
$t->write_file('table/test.txt', table(50000, 1, @late));

unlink "$dir/lists";

my ($lines) = rows('session', "$dir/lines", '--at', 3, '--set',
                   'session_repeats=yes', '--lists', "$dir/lists");
my $want = counted(3, lists("$dir/lists"), \@targets);

near($lines->{metrics}{$_}{value}, $want->{$_}, "session: $_")
    for qw(mrr hr ndcg);
ok(!exists $lines->{variant}, 'repeats are set: no variants');

my @variants = rows('session', "$dir/lines", '--at', 3);
is(join(', ', map { $_->{variant} } @variants), 'repeats, others, no repeats',
   'variants');
near($variants[0]{metrics}{mrr}{value}, $lines->{metrics}{mrr}{value},
     'the first is the same');

my @auto = rows('session', "$dir/lines", '--at', 3, '--auto');
is(scalar @auto, 3, 'chosen once for all variants');
is($auto[0]{parameters}, $auto[2]{parameters}, 'which have one choice');

my ($table) = rows('session', "$dir/table", '--at', 3, '--set',
                   'session_repeats=yes');
is($table->{cases}, $lines->{cases}, 'every prefix of a table');
near($table->{metrics}{$_}{value}, $lines->{metrics}{$_}{value},
     "the same as of lines: $_") for qw(mrr hr ndcg);

my ($tenth) = rows('session', "$dir/table", '--part', 'validation', '--set',
                   'session_repeats=yes');
is($tenth->{cases}, sum0(map { $#$_ } @sessions[90 .. 99]),
   'validation: the last tenth');


# leave-one-out, with and without attributes

$t->write_file('seq.txt', join '', map { my $u = $_; "$u " . join(' ',
               map { ($u * 3 + $_) % 40 } 0 .. 5) . "\n" } 0 .. 79);
unlink "$dir/lists";

my ($last) = rows('leave-one-out', "$dir/seq.txt", '--lists', "$dir/lists");
$want = counted(10, lists("$dir/lists"),
                [map { [($_ * 3 + 5) % 40] } 0 .. 79]);
near($last->{metrics}{$_}{value}, $want->{$_}, "leave-one-out: $_")
    for qw(hr ndcg);

my ($before) = rows('leave-one-out', "$dir/seq.txt", '--part',
                    'validation');
is($before->{cases}, 80, 'validation asks all');

SKIP: {
    eval { require IO::Compress::Gzip; 1 }
        or skip('no IO::Compress::Gzip', 3);

    my $json = encode_json({ map { $_ => [100 + $_ % 7, 200] } 0 .. 39 });

    IO::Compress::Gzip::gzip(\$json,
        "$dir/seq_item2attributes.json.gz") or die "gzip\n";

    my ($rich) = rows('leave-one-out', "$dir/seq.txt", '--keep',
                      "$dir/kept");
    isnt($rich->{data}, $last->{data}, 'attributes are of the data');

    my ($rc, $out) = $t->command($t->builder, 'verify', "$dir/kept");
    is($rc, 0, 'the snapshot is kept') or diag $out;
}


# basket, by popularity where nothing else is needed

my (%history, %future);

for my $user (1 .. 50) {
    $history{$user} = [[-1], map({ my $n = $_;
        [map { ($user + $n * $_) % 30 } 1 .. 3] } 1 .. 4), [-1]];
    $future{$user} = [[-1], [$user % 30, ($user + 7) % 30], [-1]];
}

mkdir "$dir/basket";
$t->write_file('basket/x_history.json', encode_json(\%history));
$t->write_file('basket/x_future.json', encode_json(\%future));
unlink "$dir/lists";

my ($basket) = rows('basket', "$dir/basket", '--strategy', 'CATALOGUE',
                    '--metrics', "@names", '--lists', "$dir/lists");
my %order;

# users come in the order of the file

@{\%order}{$t->command('cat', "$dir/basket/x_history.json") =~ /"(\d+)":/g}
    = 0 .. 49;
$want = counted(10, lists("$dir/lists"),
                [map { [@{$future{$_}[1]}] }
                 sort { $order{$a} <=> $order{$b} } keys %future]);
near($basket->{metrics}{$_}{value}, $want->{$_}, "basket: $_") for @names;

my ($held) = rows('basket', "$dir/basket", '--strategy', 'CATALOGUE',
                  '--part', 'validation');
is($held->{cases}, 50, 'validation asks for the last known basket');


# what is wrong is told

my @wrong = (
    [2, qr/there is no protocol "nosuch"/, 'nosuch', "$dir/topn"],
    [2, qr/--try chooses/, 'topn', "$dir/topn", '--part', 'test', '--try',
     'ridge=1,2'],
    [2, qr/neither test nor validation/, 'topn', "$dir/topn", '--part', 'x'],
    [2, qr/--at "101" is not a number from 1 to 100/, 'topn', "$dir/topn",
     '--at', 101],
    [2, qr/Usage/, 'topn'],
    [1, qr/there is no file "train.txt.gz" in it/, 'topn', "$dir/lines"],
    [1, qr/there is no metric "map"/, 'topn', "$dir/topn", '--metrics',
     'map'],
    [1, qr/there is no strategy "BEST"/, 'topn', "$dir/topn", '--strategy',
     'BEST'],
    [1, qr/there is no option "nosuch"/, 'topn', "$dir/topn", '--set',
     'nosuch=1'],
    [1, qr/"ridge" must be NAME=VALUE/, 'topn', "$dir/topn", '--set',
     'ridge'],
    [1, qr/--try "ridge" must be NAME=A,B,C/, 'topn', "$dir/topn", '--try',
     'ridge'],
    [1, qr/there is no option "nosuch"/, 'topn', "$dir/topn", '--try',
     'nosuch=1,2'],
);

for my $w (@wrong) {
    my ($rc, $like, @args) = @$w;
    my ($got, $out) = run_eval(@args);

    is($got, $rc, "status of @args[1 .. $#args]") or diag $out;
    like($out, $like, "$like");
}

$t->write_file('topn/train.txt', "1 2 3\n1 4 5\n");

my ($rc, $out) = run_eval('topn', "$dir/topn");
is($rc, 1, 'a user twice');
like($out, qr{topn/train.txt:2: this user has a line already},
     'with file and line');

$t->write_file('table/train.txt', "SessionId\tItemId\tTime\n1\t2\tx\n");
($rc, $out) = run_eval('session', "$dir/table");
like($out, qr{table/train.txt:2: Time is not seconds}, 'a bad time');

$t->write_file('table/train.txt', "Session\tItem\n1\t2\n");
($rc, $out) = run_eval('session', "$dir/table");
like($out, qr{table/train.txt:1: the first line must name}, 'no header');

is_deeply([glob "$dir/tmp/*"], [], "nothing is left");

$t->done;
