package Test::Recs::Redis;

# Copyright (C) recs authors

# A client for Redis, for tests: replies as Perl values, errors as
# { error => text }.
#
#     my $r = Test::Recs::Redis->new($socket);
#     my $n = $r->('XLEN', 'recs:events');

use strict;
use warnings;

use IO::Socket::UNIX;
use Test::Recs::Journal;

sub new {
    my ($class, $path) = @_;
    my $s = IO::Socket::UNIX->new(Peer => $path) or return;

    return sub {
        my (@args) = @_;
        local $SIG{PIPE} = 'IGNORE';
        print $s '*' . @args . "\r\n",
            map { '$' . length($_) . "\r\n$_\r\n" } @args;
        return reply($s);
    };
}

sub reply {
    my ($s) = @_;
    my $line = <$s> // return { error => 'closed' };
    my ($type, $rest) = $line =~ /^(.)(.*)\r\n$/s or die "reply: $line";

    return { error => $rest } if $type eq '-';
    return $rest if $type eq '+' || $type eq ':';

    if ($type eq '$') {
        return undef if $rest < 0;
        read($s, my $data, $rest + 2) // die "read: $!";
        return substr $data, 0, $rest;
    }

    return undef if $rest < 0;
    return [ map { reply($s) } 1 .. $rest ];
}

# All frames of a stream, in the order of its entries.

sub frames {
    my ($r, $stream) = @_;
    my ($from, @frames) = ('-');

    while (1) {
        my $entries = $r->('XRANGE', $stream, $from, '+', 'COUNT', 100);
        return @frames if ref $entries ne 'ARRAY' || !@$entries;

        for my $entry (@$entries) {
            my %f = @{$entry->[1]};
            my ($list) = Test::Recs::Journal::split_frames($f{b});
            push @frames, @$list;
        }

        $from = "($entries->[-1][0]";
    }
}

1;
