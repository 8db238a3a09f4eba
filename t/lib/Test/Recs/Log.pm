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


# what is in the frames of some bytes of a log: positions and events, unpacked

sub unpacked {
    my ($t, $bytes) = @_;
    my ($text, $packed, $at) = ('', '', 0);

    while ($at + 24 <= length $bytes) {
        my ($length, undef, $codec, $events, $position)
            = unpack 'VVCx3VV', substr $bytes, $at, 20;
        $text .= substr $bytes, $at + 24, $position;
        $packed .= substr $bytes, $at + 24 + $position,
            $length - 16 - $position;
        $at += 8 + $length;
    }

    return $text if $packed eq '';

    $t->write_file('.packed.zst', $packed);
    return $text . `zstd -dcq $t->{dir}/.packed.zst`;
}

# of all files of a log, its archive or its checkpoint

sub text {
    my ($t, @dirs) = @_;
    my $text = '';

    for my $file (map { glob("$_/*.log $_/checkpoint") } @dirs) {
        open my $fh, '<:raw', $file or next;
        local $/;
        my $bytes = <$fh>;
        my ($from, $len) = $file =~ /checkpoint$/
            ? unpack('x24 Q<Q<', $bytes) : (64, length($bytes) - 64);
        $text .= unpacked($t, substr $bytes, $from, $len);
    }

    return $text;
}


# the numbers of the files that are there

sub numbers {
    my ($dir) = @_;

    opendir my $d, $dir or return ();
    return sort map { /^([0-9a-f]{8})\.log$/ ? hex $1 : () } readdir $d;
}


1;
