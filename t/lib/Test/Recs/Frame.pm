package Test::Recs::Frame;

# Copyright (C) recs authors

# What a worker writes: events as msgpack in frames, segments of the journal,
# and entries of the Redis stream; and a client that speaks to Redis.
#
#     my $f = Test::Recs::Frame::frame(epoch => 1, sequence => 1,
#                                      product => 'p1');
#     Test::Recs::Frame::segment($dir, 0xa, 0, first => 1, frames => [$f]);

use strict;
use warnings;

use IO::Socket::UNIX;

my @crc = map {
    my $n = $_;
    $n = $n & 1 ? ($n >> 1) ^ 0x82f63b78 : $n >> 1 for 1 .. 8;
    $n;
} 0 .. 255;


sub crc32c {
    my $crc = 0xffffffff;
    $crc = $crc[($crc ^ $_) & 255] ^ ($crc >> 8) for unpack 'C*', $_[0];
    return $crc ^ 0xffffffff;
}


# msgpack

sub uint {
    my ($n) = @_;
    return $n < 128 ? chr $n : pack 'C Q>', 0xcf, $n;
}

sub str {
    my ($s) = @_;
    return length $s < 32 ? chr(0xa0 | length $s) . $s
        : pack 'C n a*', 0xda, length $s, $s;
}

sub bin {
    my ($s) = @_;
    return defined $s ? pack 'C C a*', 0xc4, length $s, $s : "\xc0";
}

sub identity { return pack 'C a15', 1, $_[0] }


# epoch, sequence, product, session, user, verified, type, time, message,
# region, document

sub payload {
    my %o = (shop => '', type => 3, time => 1_700_000_000_000,
             session => 's1', class => 1, @_);

    my @fields;
    push @fields, uint(1) . str($o{message}) if defined $o{message};
    push @fields, uint(17) . str($o{document}) if defined $o{document};
    push @fields, uint(23) . "\x91\x95" . str($o{product}) . "\xc0" x 4
        if defined $o{product};

    return join '', pack('C n', 0xdc, 19), uint(1), uint($o{class}),
        str($o{shop}), uint($o{epoch}), uint($o{sequence}), uint($o{type}),
        uint($o{time}), uint($o{time}), uint(0),
        bin(defined $o{user} ? identity($o{user}) : undef), bin(undef),
        bin(identity($o{session})), uint(1), str($o{region} // ''), uint(1),
        str(''),
        uint(0), uint($o{verified} // 0), chr(0x80 | @fields), @fields;
}

sub seal {
    my ($payload) = @_;
    my $frame = pack('V V', length $payload, crc32c($payload)) . $payload;
    return $frame . "\0" x (-length($frame) % 8);
}

sub frame { return seal(payload(@_)) }

# Frames of an epoch for sequences from .. to, products in turn.

sub frames {
    my ($epoch, $from, $to, %o) = @_;
    return map {
        frame(epoch => $epoch, sequence => $_, product => 'p' . $_ % 5,
              session => 's' . $_ % 7, time => 1_700_000_000_000 + $_ * 1000,
              %o)
    } $from .. $to;
}


# segments

sub segment_name {
    my ($epoch, $number, $kind) = @_;
    return sprintf '%016x-%08x.%s.seg', $epoch, $number, $kind // 'act';
}

sub segment {
    my ($dir, $epoch, $number, %o) = @_;
    my $size = $o{size} // 65536;

    my $text = pack('a8 V V Q< Q< Q< Q< Q< Q<', 'RECSSEG1', 1, 1, $epoch,
                    $o{first} // 1, $size, 1_700_000_000_000, 0, 0)
        . join '', @{$o{frames} // []};
    $text .= pack 'V', 0xffffffff if $o{ended};
    $text .= "\0" x ($size - length $text);

    my $path = "$dir/" . segment_name($epoch, $number);
    open my $fh, '>', "$path.new" or die "$path: $!";
    binmode $fh;
    print $fh $text;
    close $fh or die "$path: $!";
    rename "$path.new", $path or die "$path: $!";

    return $path;
}

# Appends as a worker does: the length last.

sub append {
    my ($path, $offset, @frames) = @_;

    open my $fh, '+<', $path or die "$path: $!";
    binmode $fh;

    for my $frame (@frames) {
        sysseek $fh, $offset + 4, 0;
        syswrite $fh, substr $frame, 4;
        sysseek $fh, $offset, 0;
        syswrite $fh, substr $frame, 0, 4;
        $offset += length $frame;
    }

    close $fh;
    return $offset;
}


# Redis

sub redis {
    my ($socket) = @_;
    my $s = IO::Socket::UNIX->new(Peer => $socket) or die "$socket: $!";
    return $s;
}

sub command {
    my ($s, @args) = @_;

    print $s '*' . @args . "\r\n",
        map { '$' . length($_) . "\r\n$_\r\n" } @args;
    $s->flush;
    return reply($s);
}

# Errors are returned as a reference to their text.

sub reply {
    my ($s) = @_;
    my $line = <$s> // die 'redis: connection closed';
    $line =~ s/\r\n$//;
    my ($type, $rest) = $line =~ /^(.)(.*)$/s;

    return $rest if $type eq '+' || $type eq ':';
    return \$rest if $type eq '-';
    return undef if $rest < 0;

    if ($type eq '$') {
        my $text = '';
        while (length $text < $rest + 2) {
            read $s, $text, $rest + 2 - length $text, length $text
                or die 'redis: connection closed';
        }
        return substr $text, 0, $rest;
    }

    return [map { scalar reply($s) } 1 .. $rest];
}

sub xadd {
    my ($s, $stream, $epoch, $first, @frames) = @_;
    return command($s, 'XADD', $stream, '*', 'e', sprintf('%016x', $epoch),
                   's', $first, 'n', scalar @frames, 'b', join '', @frames);
}

sub hash {
    my ($s, $key) = @_;
    return { @{command($s, 'HGETALL', $key)} };
}


1;
