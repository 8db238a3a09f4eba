package Test::Recs::Msgpack;

# Copyright (C) recs authors

# MessagePack as far as answers use it; dies of what is not, or is left over.

use strict;
use warnings;

use JSON::PP ();
use parent 'Exporter';

our @EXPORT_OK = qw(unpack_msgpack);

my %fixed = (0xc0 => sub { undef }, 0xc2 => sub { JSON::PP::false },
             0xc3 => sub { JSON::PP::true });
my %number = (0xcc => ['C', 1], 0xcd => ['n', 2], 0xce => ['N', 4],
              0xcf => ['Q>', 8], 0xd0 => ['c', 1], 0xd1 => ['s>', 2],
              0xd2 => ['l>', 4], 0xd3 => ['q>', 8], 0xcb => ['d>', 8]);
my %sized = (0xd9 => ['C', 1, 'str'], 0xda => ['n', 2, 'str'],
             0xdb => ['N', 4, 'str'], 0xdc => ['n', 2, 'array'],
             0xdd => ['N', 4, 'array'], 0xde => ['n', 2, 'map'],
             0xdf => ['N', 4, 'map']);

sub unpack_msgpack {
    my ($in) = @_;
    my $value = value(\$in);
    die length($in) . ' bytes are left over' if length $in;
    return $value;
}

sub take {
    my ($in, $n) = @_;
    die 'it is cut off' if length $$in < $n;
    return substr $$in, 0, $n, '';
}

sub value {
    my ($in) = @_;
    my $tag = ord take($in, 1);

    return $tag if $tag < 0x80;
    return many($in, 'map', $tag & 0x0f) if $tag < 0x90;
    return many($in, 'array', $tag & 0x0f) if $tag < 0xa0;
    return many($in, 'str', $tag & 0x1f) if $tag < 0xc0;
    return $tag - 256 if $tag >= 0xe0;
    return $fixed{$tag}->() if $fixed{$tag};

    if (my $n = $number{$tag}) { return unpack $n->[0], take($in, $n->[1]) }
    my $s = $sized{$tag} or die sprintf 'unknown tag %02x', $tag;
    return many($in, $s->[2], unpack $s->[0], take($in, $s->[1]));
}

sub many {
    my ($in, $kind, $n) = @_;

    if ($kind eq 'str') {
        my $text = take($in, $n);
        utf8::decode($text) or die 'not UTF-8';
        return $text;
    }

    return [ map { value($in) } 1 .. $n ] if $kind eq 'array';
    return { map { value($in), value($in) } 1 .. $n };
}

1;
