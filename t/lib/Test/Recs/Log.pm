package Test::Recs::Log;

# Copyright (C) recs authors

# Event logs of several files, which the builder itself begins by size or by
# age: each is imported into a log of its own and takes its number.
#
#     Test::Recs::Log::files($t, 'log', [events => 'a.jsonl'],
#                            [catalog => 'b.jsonl'], ...);

use strict;
use warnings;


sub name { return sprintf '%08x.log', $_[0] }


sub files {
    my ($t, $log, @imports) = @_;
    my ($n, $dir) = (0, "$t->{dir}/$log");

    mkdir $dir;

    for my $import (@imports) {
        my ($kind, @files) = @$import;
        my $one = "$t->{dir}/.one";

        system('rm', '-rf', $one);
        my ($rc, $out) = $t->command($t->builder, 'import', '--log', $one,
            '--key', "$dir/key", "--$kind", map { "$t->{dir}/$_" } @files);
        die $out if $rc;

        open my $fh, '+<:raw', "$one/" . name(1) or die "$one: $!";
        seek $fh, 12, 0;
        print $fh pack 'V', ++$n;
        close $fh or die "$one: $!";
        rename "$one/" . name(1), "$dir/" . name($n) or die "$dir: $!";
    }

    return $dir;
}


# the numbers of the files that are there

sub numbers {
    my ($dir) = @_;

    opendir my $d, $dir or return ();
    return sort map { /^([0-9a-f]{8})\.log$/ ? hex $1 : () } readdir $d;
}


1;
