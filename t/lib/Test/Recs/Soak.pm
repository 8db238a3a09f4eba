package Test::Recs::Soak;

# Copyright (C) recs authors

# What the long tests have in common: they run with RECS_SOAK=1 only, have a
# seed, print figures, and load the server with forked clients that give
# back what they counted.
#
#     Test::Recs::Soak::begin();
#     my $c = Test::Recs::Soak->client(sub {
#         my ($stop) = @_;
#         my %seen;
#         until ($$stop) { ... $seen{answers}++ }
#         return \%seen;
#     });
#     my $seen = $c->stop;
#     Test::Recs::Soak::figure('answers', $seen->{answers});

use strict;
use warnings;

use IO::Socket::INET;
use JSON::PP ();
use POSIX ();
use Socket qw(SOL_SOCKET SO_RCVTIMEO IPPROTO_TCP TCP_NODELAY);
use Test::More ();
use Time::HiRes qw(sleep time);

use constant LONGEST => 1200;        # s that a client lives

my %running;


sub begin {
    Test::More::plan(skip_all => 'RECS_SOAK is not set: make soak')
        if !$ENV{RECS_SOAK};

    my $seed = $ENV{SEED} // time ^ $$ << 8;
    $seed = int($seed) & 0x7fffffff;
    srand $seed;
    Test::More::diag("SEED=$seed");
    $SIG{PIPE} = 'IGNORE';

    return $seed;
}

sub figure {
    my ($name, $value) = @_;
    Test::More::diag("$name: $value");
}


# A process of its own; "stop" ends its loop and returns what it returned.

sub client {
    my ($class, $code) = @_;
    my $seed = int rand 2 ** 31;
    my $pid = open my $fh, '-|';
    die "fork: $!" if !defined $pid;

    if ($pid) {
        $running{$pid} = $$;
        return bless { pid => $pid, fh => $fh }, $class;
    }

    my $stop = 0;
    $SIG{TERM} = sub { $stop = 1 };
    $SIG{INT} = 'IGNORE';
    alarm LONGEST;
    srand $seed;

    my $result = eval { $code->(\$stop) } // { error => "$@" };
    print JSON::PP->new->canonical->encode($result);
    close STDOUT;
    POSIX::_exit(0);
}

sub stop {
    my ($self) = @_;
    my $fh = $self->{fh};

    kill 'TERM', $self->{pid};
    local $/;
    my $text = <$fh> // '';
    close $fh;
    delete $running{$self->{pid}};

    my $result = eval { JSON::PP->new->decode($text) }
        // { error => "a client died: $?" };
    die $result->{error} if $result->{error};

    return $result;
}

END {
    my $status = $?;
    kill 'TERM', $_ for grep { $running{$_} == $$ } keys %running;
    $? = $status;
}

# Ends all and adds up what they counted; lists are joined, a name that
# begins with "max" keeps the largest.

sub stop_all {
    my (@clients) = @_;
    my %sum;

    kill 'TERM', $_->{pid} for @clients;

    for my $result (map { $_->stop } @clients) {
        add(\%sum, $result);
    }

    return \%sum;
}

sub add {
    my ($sum, $more) = @_;

    for my $name (keys %$more) {
        my $value = $more->{$name};

        if (ref $value eq 'ARRAY') {
            push @{$sum->{$name}}, @$value;

        } elsif (ref $value eq 'HASH') {
            add($sum->{$name} //= {}, $value);

        } elsif ($name =~ /^max/) {
            $sum->{$name} = $value
                if !defined $sum->{$name} || $value > $sum->{$name};

        } else {
            $sum->{$name} += $value;
        }
    }
}


# Raw requests, faster than Test::Recs::http: a socket, a text, and back come
# status, head and body; status 0 with a reason where no answer came.

sub connect_to {
    my ($port) = @_;
    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                  PeerPort => $port) or return;

    setsockopt $s, SOL_SOCKET, SO_RCVTIMEO, pack 'q q', 10, 0;
    setsockopt $s, IPPROTO_TCP, TCP_NODELAY, 1;
    return $s;
}

sub request {
    my ($s, $text) = @_;
    my ($in, $at, $need) = ('', -1, -1);

    defined syswrite $s, $text or return (0, "write: $!", '');

    while (1) {
        my $n = sysread $s, $in, 65536, length $in;

        if (!defined $n) {
            next if $!{EINTR};
            return (0, length $in ? "cut off: $!" : "read: $!", $in);
        }

        return (0, length $in ? 'cut off' : 'closed', $in) if $n == 0;

        if ($at < 0) {
            $at = index $in, "\r\n\r\n";
            next if $at < 0;

            my ($status) = unpack 'x9 a3', $in;
            my ($size) = substr($in, 0, $at) =~ /\nContent-Length: (\d+)/i;

            # interim and bodiless answers are not among those asked for

            $size = 0 if $status eq '304' || $status eq '204';
            return (0, 'no length', $in) if !defined $size;
            $need = $at + 4 + $size;
        }

        if (length $in >= $need) {
            return (substr($in, 9, 3), substr($in, 0, $at),
                    substr $in, $at + 4);
        }
    }
}

sub get_text {
    my ($uri, $close, $more) = @_;
    return "GET $uri HTTP/1.1\r\nHost: localhost\r\n"
        . ($close ? "Connection: close\r\n" : '') . ($more // '') . "\r\n";
}


# A histogram of times, in steps of a tenth; what is below 0.1 ms is one.

sub note_time {
    my ($h, $seconds) = @_;
    my $n = $seconds <= 0.0001 ? 0 : int(10 * log($seconds / 0.0001));
    $h->{$n}++;
}

sub quantile {
    my ($h, $q) = @_;
    my ($sum, $all) = (0, 0);

    $all += $_ for values %$h;

    for my $n (sort { $a <=> $b } keys %$h) {
        $sum += $h->{$n};
        return sprintf '%.1f ms', 0.1 * exp(($n + 1) / 10)
            if $sum >= $q * $all;
    }

    return '-';
}

# A keep-alive connection to each worker, by its pid: location /status.

sub to_workers {
    my ($t, @pids) = @_;
    my (%c, %want);

    %want = map { $_ => 1 } @pids;

    for (1 .. 1000) {
        my $s = connect_to($t->port) or next;
        my (undef, undef, $body) = request($s, get_text('/status'));
        my ($pid) = $body =~ /"pid":(\d+)/ or next;
        $c{$pid} //= $s if $want{$pid};
        last if keys %c == @pids;
        select undef, undef, undef, 0.001;
    }

    return \%c;
}

# Bytes of anonymous memory of a process, swapped out or not, in kB.

sub anonymous {
    my ($t, $pid) = @_;
    my $text = $t->read_file("/proc/$pid/smaps_rollup");
    my ($here) = $text =~ /^Anonymous:\s+(\d+)/m;
    my ($away) = $text =~ /^Swap:\s+(\d+)/m;

    return ($here // 0) + ($away // 0);
}

1;
