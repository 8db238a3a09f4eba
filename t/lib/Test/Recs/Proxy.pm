package Test::Recs::Proxy;

# Copyright (C) recs authors

# Stands between clients and Redis, in a process of its own, and spoils it:
#
#     my $p = Test::Recs::Proxy->new(to => $socket, edge => "$dir/edge.sock",
#                                    builder => "$dir/builder.sock");
#     $p->mode('edge', 'silent');
#
#     pass       as it is
#     slow       replies half a second late
#     silent     a partition: open connections stay, nothing goes through
#     closed     connections are closed as soon as they are there
#     garbage    replies have bytes in them that nobody sent
#     huge       a string of 4 GB instead of a reply
#     nested     arrays in arrays
#
# to($socket) leads new connections to another one, and ends the old ones;
# late($end) is how many replies came late there.

use strict;
use warnings;

use IO::Socket::UNIX;
use POSIX ();
use Socket qw(AF_UNIX SOCK_STREAM PF_UNSPEC);
use Time::HiRes qw(time);

use constant { LATE => 0.5, BUFFER => 4 << 20, CHUNK => 65536 };

my %running;


sub new {
    my ($class, %o) = @_;
    my $to = delete $o{to};

    socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC
        or die "socketpair: $!";

    my %listen = map {
        unlink $o{$_};
        $_ => IO::Socket::UNIX->new(Local => $o{$_}, Listen => 128)
            // die "$o{$_}: $!"
    } keys %o;

    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        close $ours;
        $SIG{PIPE} = 'IGNORE';
        $SIG{TERM} = 'DEFAULT';
        eval { serve($theirs, $to, %listen) };
        warn $@ if $@;
        POSIX::_exit(0);
    }

    $running{$pid} = $$;
    return bless { pid => $pid, control => $ours }, $class;
}

sub mode { my ($p, @words) = @_; $p->tell('mode', @words) }
sub to   { my ($p, $socket) = @_; $p->tell('to', $socket) }
sub late { my ($p, $end) = @_; $p->tell('late', $end) }

sub tell {
    my ($p, @words) = @_;

    syswrite $p->{control}, "@words\n";
    my $answer = readline $p->{control};
    chomp $answer;
    return $answer;
}

sub stop {
    my ($p) = @_;

    kill 'KILL', $p->{pid};
    waitpid $p->{pid}, 0;
    delete $running{$p->{pid}};
}

END {
    my $status = $?;
    kill 'KILL', $_ for grep { $running{$_} == $$ } keys %running;
    $? = $status;
}


# a connection: two ends, each with what is to be written to it and when

sub serve {
    my ($control, $to, %listen) = @_;
    my (%mode, %end, %late);

    my $drop = sub {
        my ($e) = @_;
        delete $end{fileno $_->{s}} for $e, $e->{other};
        close $_->{s} for $e, $e->{other};
    };

    while (1) {
        my ($r, $w) = ('', '');
        my $now = time;
        my $wait = 1;

        vec($r, fileno $control, 1) = 1;

        for my $name (keys %listen) {
            vec($r, fileno $listen{$name}, 1) = 1
                if ($mode{$name} // 'pass') ne 'silent';
        }

        for my $e (values %end) {
            next if ($mode{$e->{name}} // 'pass') eq 'silent';

            vec($r, fileno $e->{s}, 1) = 1
                if length $e->{other}{out} < BUFFER;

            if (length $e->{out} && $e->{at} <= $now) {
                vec($w, fileno $e->{s}, 1) = 1;
            } elsif (length $e->{out} && $e->{at} - $now < $wait) {
                $wait = $e->{at} - $now;
            }
        }

        my $n = select my $in = $r, my $out = $w, undef, $wait;
        next if $n <= 0;

        if (vec $in, fileno $control, 1) {
            sysread $control, my $text, 4096 or return;

            for my $line (split /\n/, $text) {
                my ($what, @args) = split / /, $line;

                $mode{$args[0]} = $args[1] if $what eq 'mode';
                $to = $args[0] if $what eq 'to';

                # a partition, and its end, leave what is open

                my @end = grep { $what eq 'to'
                                 || $what eq 'mode' && $args[0] eq $_->{name}
                                    && $args[1] !~ /^(?:silent|pass)$/ }
                          values %end;
                $drop->($_) for grep { $_->{client} } @end;

                syswrite $control, ($late{$args[0]} // 0) . "\n";
            }

            next;
        }

        for my $name (keys %listen) {
            next if !vec $in, fileno $listen{$name}, 1;
            my $s = $listen{$name}->accept or next;
            my $up = IO::Socket::UNIX->new(Peer => $to);

            next if !$up || ($mode{$name} // '') eq 'closed';

            $_->blocking(0) for $s, $up;
            my $client = { s => $s, name => $name, out => '', at => 0,
                           client => 1 };
            my $server = { s => $up, name => $name, out => '', at => 0,
                           other => $client };
            $client->{other} = $server;
            $end{fileno $_->{s}} = $_ for $client, $server;
        }

        for my $fd (keys %end) {
            my $e = $end{$fd} or next;

            if (vec $in, $fd, 1) {
                my $got = sysread $e->{s}, my $data, CHUNK;

                if (!$got) {
                    next if !defined $got && ($!{EAGAIN} || $!{EINTR});
                    $drop->($e);
                    next;
                }

                spoil($e->{other}, $data, $mode{$e->{name}} // 'pass');
            }

            if (vec $out, $fd, 1) {
                my $sent = syswrite $e->{s}, $e->{out};

                if (!defined $sent) {
                    next if $!{EAGAIN} || $!{EINTR};
                    $drop->($e);
                    next;
                }

                substr $e->{out}, 0, $sent, '';
                $late{$e->{name}}++ if delete $e->{late};
            }
        }
    }
}

sub spoil {
    my ($e, $data, $mode) = @_;

    if ($e->{client}) {
        @$e{qw(at late)} = (time + LATE, 1)
            if $mode eq 'slow' && !length $e->{out};
        $data = "\x00\xff*7\r\n" . $data if $mode eq 'garbage';
        $data = "\$4294967296\r\n" . 'x' x 100 if $mode eq 'huge';
        $data = "*1\r\n" x 40 if $mode eq 'nested';
    }

    $e->{out} .= $data;
}

1;
