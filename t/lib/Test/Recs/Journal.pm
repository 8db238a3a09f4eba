package Test::Recs::Journal;

# Copyright (C) recs authors

# Reads the segments of a journal, for tests: an implementation of
# core/event/recs_segment.h and recs_event_wire.h of its own.
#
#     my @segments = Test::Recs::Journal::segments($dir);
#     my @frames = Test::Recs::Journal::frames($dir, 'act');

use strict;
use warnings;

my @members = qw(version class shop epoch sequence type received_ms time_ms
                 sent_ms user anonymous session consent region device variant
                 view verified fields);
my %fields = (1 => 'messageId', 2 => 'recommendationId', 3 => 'placement',
              5 => 'query', 8 => 'orderId', 11 => 'pageUrl',
              12 => 'referrer', 13 => 'browser', 14 => 'address',
              15 => 'name', 16 => 'metadata',
              17 => 'document',
              23 => 'items', 24 => 'keys');

sub slurp {
    my ($path) = @_;
    open my $fh, '<', $path or return;
    binmode $fh;
    local $/;
    return <$fh>;
}

# In order of epoch and number; files that have no head yet are left out.
# An ended segment has the sequence after its last one in its head.

sub heads {
    my ($dir) = @_;
    my @segments;

    for my $path (sort glob "$dir/*.seg") {
        my ($number, $kind) =
            $path =~ m{/[0-9a-f]{16}-([0-9a-f]{8})\.(act|exp)\.seg$} or next;

        open my $fh, '<', $path or next;
        binmode $fh;
        read $fh, my $head, 64;

        my ($magic, $version, $k, $e, $first, $size, $created, $next) =
            unpack 'a8 L< L< Q< Q< Q< q< Q<', $head;
        next if $magic ne 'RECSSEG1';

        push @segments, {
            path => $path, epoch => sprintf('%016x', $e), number => $number,
            kind => $kind, first => $first, size => $size, next => $next,
            ended => $next != 0,
        };
    }

    return @segments;
}

sub segments {
    my ($dir) = @_;
    my @segments;

    for my $s (heads($dir)) {
        my $data = slurp($s->{path}) // next;
        @$s{'frames', 'ended'} = split_frames(substr $data, 64);
        push @segments, $s;
    }

    return @segments;
}

# The sequence after the last one of each segment, open ones too, by epoch and
# number: lengths alone are read.

sub ends {
    my ($dir) = @_;
    my @ends;

    for my $s (heads($dir)) {
        my $next = $s->{next};

        if (!$next) {
            my $data = slurp($s->{path}) // next;
            my $at = 64;
            $next = $s->{first};

            while ($at + 8 <= length $data) {
                my $len = unpack 'L<', substr $data, $at, 4;
                last if $len == 0 || $len == 0xffffffff;
                $at += (8 + $len + 7) & ~7;
                $next++;
            }
        }

        push @ends, { %$s, next => $next };
    }

    return @ends;
}

# The payloads of frames that follow one another, decoded.

sub split_frames {
    my ($data) = @_;
    my ($at, @frames) = (0);

    while ($at + 8 <= length $data) {
        my $len = unpack 'L<', substr $data, $at, 4;
        return (\@frames, 1) if $len == 0xffffffff;
        last if $len == 0 || $at + 8 + $len > length $data;
        push @frames, event(substr $data, $at + 8, $len);
        $at += (8 + $len + 7) & ~7;
    }

    return (\@frames, 0);
}

sub frames {
    my ($dir, $kind) = @_;
    return map { @{$_->{frames}} }
        grep { !$kind || $_->{kind} eq $kind } segments($dir);
}

# Epochs whose sequences are not one after the other, from 1 or later.

sub gaps {
    my (@frames) = @_;
    my (%seen, @bad);

    $seen{$_->{epoch}}{$_->{sequence}}++ for @frames;

    for my $epoch (sort keys %seen) {
        my @s = sort { $a <=> $b } keys %{$seen{$epoch}};
        my $twice = grep { $_ > 1 } values %{$seen{$epoch}};
        push @bad, $epoch
            if $twice || $s[-1] - $s[0] + 1 != @s;
    }

    return @bad;
}

sub event {
    my ($payload) = @_;
    my $at = 0;
    my $array = value(\$payload, \$at);
    my %e;

    @e{@members} = @$array;
    $e{epoch} = sprintf '%016x', $e{epoch};
    $e{$fields{$_} // "field$_"} = $e{fields}{$_} for keys %{$e{fields}};
    delete $e{fields};

    return \%e;
}

sub value {
    my ($data, $at) = @_;
    my $take = sub { my $s = substr $$data, $$at, $_[0]; $$at += $_[0]; $s };
    my $b = ord $take->(1);

    return $b if $b < 0x80;
    return $b - 256 if $b >= 0xe0;
    return $take->($b & 0x1f) if $b >= 0xa0 && $b < 0xc0;
    return list($data, $at, $b & 0x0f) if $b >= 0x90 && $b < 0xa0;
    return { @{list($data, $at, 2 * ($b & 0x0f))} } if $b < 0x90;
    return undef if $b == 0xc0;

    my %number = (0xcc => [1, 'C'], 0xcd => [2, 'n'], 0xce => [4, 'N'],
                  0xcf => [8, 'Q>'], 0xd0 => [1, 'c'], 0xd1 => [2, 's>'],
                  0xd2 => [4, 'l>'], 0xd3 => [8, 'q>']);
    my %string = (0xc4 => [1, 'C'], 0xc5 => [2, 'n'], 0xc6 => [4, 'N'],
                  0xd9 => [1, 'C'], 0xda => [2, 'n'], 0xdb => [4, 'N']);

    if (my $n = $number{$b}) {
        return unpack $n->[1], $take->($n->[0]);
    }

    if (my $n = $string{$b}) {
        return $take->(unpack $n->[1], $take->($n->[0]));
    }

    return list($data, $at, unpack 'n', $take->(2)) if $b == 0xdc;
    return { @{list($data, $at, 2 * unpack 'n', $take->(2))} }
        if $b == 0xde;

    die sprintf 'msgpack byte %02x', $b;
}

sub list {
    my ($data, $at, $n) = @_;
    return [ map { value($data, $at) } 1 .. $n ];
}

1;
