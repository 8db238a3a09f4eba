#!/usr/bin/perl

# Copyright (C) recs authors

# On shops that do exist, each list that their data allows has ten products,
# and no two lists are the same under another name.

use warnings;
use strict;

use File::Temp qw/ tempdir /;
use FindBin;
use JSON::PP ();
use Test::More;

my $data = $ENV{RECS_DATA} // "$FindBin::Bin/../../shared/data";
my $convert = "$data/../tools/to_events.py";

plan skip_all => "no data in $data: set RECS_DATA" if !-d $data;
plan skip_all => "no converter at $convert" if !-e $convert;
plan skip_all => 'no python3' if system('python3 -c "" 2>/dev/null') != 0;

my $dir = tempdir('recs-types-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $builder = ($ENV{RECS_BUILD} // 'build') . '/recs-builder';

$ENV{RECS_DATA} = $data;

# The week is that of the newest event.  No ratings in any; half a morning
# of rees46 knows no arrivals, drops and seasons.

my %lists = (
    online_retail => [ qw/ trending bestsellers new_arrivals price_drop
                           seasonal:48 / ],
    completejourney => [ qw/ trending bestsellers new_arrivals price_drop
                             seasonal:0 / ],
    rees46 => [ qw/ trending bestsellers / ]
);

# Nearly all baskets of the completejourney sample have one line; 214 were
# bought in rees46.

my %together = (online_retail => 1);

shop($_) for sort keys %lists;

done_testing();


sub shop {
    my ($name) = @_;

    SKIP: {
        skip "no $name in the data", 1 if !-d "$data/$name";

        system("python3 $convert $name > $dir/$name.jsonl") == 0
            && system("python3 $convert $name --catalog"
                      . " > $dir/$name.cat.jsonl") == 0
            or die "$convert $name failed";

        is(system("$builder build --events $dir/$name.jsonl"
                  . " --catalog $dir/$name.cat.jsonl --key $dir/key"
                  . " -o $dir/$name >$dir/$name.out 2>&1"), 0,
           "$name: built");

        my %top = map { $_ => [ top($name, "list:$_") ] } @{ $lists{$name} };

        different($name, \%top);
        different("$name, the most popular", beside($name, $top{bestsellers}));
    }
}


sub top {
    my ($name, $key, $list) = @_;

    open my $in, '-|', $builder, 'inspect', "$dir/$name", $key
        or die "$builder: $!\n";
    my @lines = map { JSON::PP::decode_json($_) } <$in>;
    close $in;

    @lines = grep { ($_->{list} // '') eq $list } @lines if $list;

    return map { $_->{productId} } @lines > 10 ? @lines[0 .. 9] : @lines;
}


# What stands beside the first of the bestsellers.

sub beside {
    my ($name, $bestsellers) = @_;
    my $key = "product:$bestsellers->[0]";
    my %top = (similar => [ top($name, $key, 'similar') ]);

    $top{together} = [ top($name, $key, 'together') ] if $together{$name};

    return \%top;
}


sub different {
    my ($name, $top) = @_;
    my @names = sort keys %$top;

    for my $i (0 .. $#names) {
        my %in = map { $_ => 1 } @{ $top->{$names[$i]} };

        is(keys %in, 10, "$name: $names[$i] has ten products");

        for my $other (@names[$i + 1 .. $#names]) {
            my $both = grep { $in{$_} } @{ $top->{$other} };

            cmp_ok($both, '<=', 5, "$name: $names[$i] is not $other");
        }
    }
}
