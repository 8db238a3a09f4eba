package Test::Recs::Redis;

# Copyright (C) recs authors

# A client for Redis, for tests: replies as Perl values, errors as
# { error => text }.
#
#     my $r = Test::Recs::Redis->new($socket);
#     my $n = $r->('XLEN', 'recs:events');
#     Test::Recs::Redis::user($r, 'edge', 'secret', stream => 'a:b');

use strict;
use warnings;

use IO::Socket::UNIX;
use Test::Recs::Docs qw(slurp);
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

# What a user may do, as docs/operations.md tells an operator: arguments of ACL
# SETUSER.  "stream" is another one, "counters" lists prefixes that it writes.

sub rights {
    my ($user, %o) = @_;
    my $doc = slurp('docs/operations.md');

    my ($line) = $doc =~ /^user \Q$user\E on >\S+ (.+)$/m
        or die "docs/operations.md: no user $user";
    $line =~ s/recs:events/$o{stream}/g if defined $o{stream};
    my @rights = split / /, $line;

    for my $prefix (@{$o{counters} // []}) {
        my ($key, $more) = $doc
            =~ /the builder needs\s+`(%RW~recs:counters\S+)`[^`]*`([^`]+)`/
            or die 'docs/operations.md: no rights of counters';
        push @rights, $key =~ s/recs:counters/$prefix/r, split / /, $more;
    }

    return @rights;
}

sub user {
    my ($r, $user, $password, %o) = @_;
    my $reply = $r->('ACL', 'SETUSER', $user, 'on', ">$password",
                     rights($user, %o));

    die "$user: $reply->{error}" if ref $reply;
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
