package Test::Recs::Bytes;

# Copyright (C) recs authors

# Looks for bytes where nothing of somebody is to be found: files, the shared
# memory of a worker, a dump of Redis; and makes identities as
# core/event/recs_identity.h has them, by code of its own.
#
#     my $id = identity("$dir/key", 'u', 'alice');        # current key
#     my $n = count(zone($t), $id, unpack 'H*', $id);

use strict;
use warnings;
no warnings 'portable';

use Digest::SHA qw(hmac_sha256);
use Exporter qw(import);

our @EXPORT_OK = qw(count dump_of files identities identity zone);

# Under all keys of a file, the current one first.

sub identities {
    my ($file, $kind, $id) = @_;
    open my $fh, '<', $file or die "$file: $!";

    return reverse map { /^(\d+) ([0-9a-f]{64})/i
        ? chr($1) . substr hmac_sha256("$kind\0$id", pack 'H*', $2), 0, 15
        : () } <$fh>;
}

sub identity { return (identities(@_))[0] }

# How often any of the texts is there.

sub count {
    my ($bytes, @texts) = @_;
    my $n = 0;

    for my $text (@texts) {
        my $at = -1;
        $n++ while ($at = index $bytes, $text, $at + 1) >= 0;
    }

    return $n;
}

# What a worker shares with the others: all of its zones.

sub zone {
    my ($t) = @_;
    my ($pid) = $t->workers;
    my $bytes = '';

    open my $maps, '<', "/proc/$pid/maps" or die "maps: $!";
    open my $mem, '<:raw', "/proc/$pid/mem" or die "mem: $!";

    while (<$maps>) {
        m{^([0-9a-f]+)-([0-9a-f]+) rw-s .*/dev/zero} or next;
        my ($from, $to) = (hex $1, hex $2);

        sysseek $mem, $from, 0 or die "seek: $!";

        while ($from < $to) {
            my $n = sysread $mem, $bytes, $to - $from, length $bytes;
            die "mem: $!" if !$n;
            $from += $n;
        }
    }

    return $bytes;
}

# All files below directories.

sub files {
    my $bytes = '';

    for my $path (@_) {
        if (-d $path) {
            $bytes .= files(glob("$path/* $path/.[!.]*"));

        } elsif (-f $path && open my $fh, '<:raw', $path) {
            local $/;
            $bytes .= <$fh> // '';
        }
    }

    return $bytes;
}

# Every key of a Redis with its value, whatever it is: DUMP and the members.

sub dump_of {
    my ($t, $socket) = @_;
    my (undef, $keys) = $t->command('redis-cli', '-s', $socket, 'KEYS', '*');
    my $bytes = $keys;

    for my $key (grep { length } split /\n/, $keys) {
        my $type = $t->command('redis-cli', '-s', $socket, 'TYPE', $key);
        my @read = $type =~ /^string/ ? ('GET', $key)
            : $type =~ /^hash/ ? ('HGETALL', $key)
            : $type =~ /^stream/ ? ('XRANGE', $key, '-', '+')
            : $type =~ /^zset/ ? ('ZRANGE', $key, 0, -1)
            : $type =~ /^set/ ? ('SMEMBERS', $key)
            : $type =~ /^list/ ? ('LRANGE', $key, 0, -1) : next;

        $bytes .= $t->command('redis-cli', '-s', $socket, '--raw', @read);
    }

    return $bytes;
}

1;
