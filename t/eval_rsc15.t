#!/usr/bin/perl

# Copyright (C) recs authors

# Rows of association rules and of sequential rules against the lists that
# session-rec published for its 100,000 clicks: 387 positions, 50 scores each.

use warnings;
use strict;

use File::Temp qw/ tempdir /;
use IO::Uncompress::Gunzip qw/ $GunzipError /;
use JSON::PP;
use Test::More;

my $data = ($ENV{RECS_DATA} // '../shared/data') . '/session/rsc15_100k';
my $clicks = "$data/yoochoose-clicks-100k";

plan(skip_all => "no $data (RECS_DATA)") unless -r "${clicks}_test.txt.gz";

my $builder = ($ENV{RECS_BUILD} // 'build') . '/recs-builder';
my $d = tempdir('recs-rsc15-XXXXXX', TMPDIR => 1, CLEANUP => 1);


# The lines behind the first.

sub table {
    my ($file, $separator) = @_;
    my @rows;

    my $in = IO::Uncompress::Gunzip->new($file)
        or die "$file: $GunzipError\n";
    $in->getline();

    while (my $line = $in->getline()) {
        chomp $line;
        push @rows, [ split /$separator/, $line ];
    }

    return @rows;
}

# session-rec reads train in the order of the file, not by the clock, and
# begins a session where the id is another one.

sub events {
    my ($session, $time, $last) = (0, 1_500_000_000_000, '');

    open my $out, '>', "$d/events.jsonl" or die "$d/events.jsonl: $!\n";

    for my $row (table("${clicks}_train_full.txt.gz", "\t")) {
        $session++ if $row->[0] ne $last;
        $last = $row->[0];
        $time += 1000;

        print $out encode_json({ activityType => 'PRODUCT_VIEW',
            timestamp => $time, productId => "$row->[1]",
            sessionId => "s$session" }), "\n";
    }

    close $out or die "$d/events.jsonl: $!\n";
}

# What a row of "next" holds: a score of each product.

sub row {
    my ($model, $id) = @_;

    open my $in, '-|', "$builder inspect $d/$model product:$id 2>$d/stderr"
        or die "$builder: $!\n";
    my @lines = map { decode_json($_) } <$in>;
    close $in;

    return { map { $_->{productId} => $_->{weight} }
             grep { ($_->{list} // '') eq 'next' } @lines };
}

# The scores of the list, and each product's own; the products that are
# listed for a score of 0 are arbitrary.

sub differs {
    my ($got, $items, $scores) = @_;
    my @mine = sort { $b <=> $a } values %$got;

    for my $n (0 .. $#$scores) {
        my $own = $got->{$items->[$n]} // 0;

        return "score $n" if abs(($mine[$n] // 0) - $scores->[$n]) > 1e-6;
        return "product $n" if abs($own - $scores->[$n]) > 1e-6;
    }

    return '';
}


events();

my %asked;

for my $row (sort { $a->[0] <=> $b->[0] || $a->[2] <=> $b->[2] }
             table("${clicks}_test.txt.gz", "\t"))
{
    push @{ $asked{$row->[0]} }, $row->[1];
}

for my $model (qw/ ar sr /) {
    is(system("$builder build --key $d/key --events $d/events.jsonl "
        . "--set next=$model --set next_max=20 --set next_power=2 "
        . "--set next_recency=0 --set trust=no -o $d/$model >$d/stdout 2>$d/stderr"), 0,
        "$model: built");

    my ($n, $some, %rows, @wrong) = (0, 0);

    for my $row (table("$data/recoms_rsc15_100k_$model.csv.gz", ';')) {
        my $id = $asked{$row->[0]}[$row->[1]];
        my $got = $rows{$id} //= row($model, $id);
        my $why = differs($got, [ split /,/, $row->[2] ],
                          [ split /,/, $row->[3] ]);

        $n++;
        $some++ if keys %$got;
        push @wrong, "session $row->[0] click $row->[1]: $why" if $why;
    }

    is($n, 387, "$model: positions");
    ok($some > 380, "$model: $some of them have a row");
    is(scalar @wrong, 0, "$model: all 50 scores and whose they are")
        or diag(join "\n", @wrong[0 .. ($#wrong > 9 ? 9 : $#wrong)]);
}

done_testing();
