package Test::Recs::Replay;

# Copyright (C) recs authors

# Sessions replayed over HTTP, one event at a time, the list that follows each
# compared with the next click: on connections to two workers, so that no
# answer comes from the worker that took the event.
#
#     my %got = Test::Recs::Replay::compare($t, \@sessions, $eval);
#                                            # mrr, hr, cases: those of eval
#     my $r = Test::Recs::Replay->new($t);
#     %got = $r->run(\@sessions, 20);

use strict;
use warnings;

use Errno;
use Test::More;

sub new {
    my ($class, $t) = @_;
    my %by;

    # one connection a worker, and those beyond are closed

    for (1 .. 200) {
        my $s = $t->socket or die 'no connection';
        my $r = $t->http('GET', '/status', socket => $s);
        $by{$r->{json}{pid}} //= $s;
        last if keys %by == 2;
    }

    die 'one worker only' if keys %by != 2;

    return bless { t => $t, sockets => [map { $by{$_} } sort keys %by],
                   turn => 0, number => 0 }, $class;
}

# One request on a connection that is kept: status and body.

sub ask {
    my ($s, $request) = @_;
    my ($in, $n) = ('', 0);

    print $s $request;

    while ($n == 0 || length $in < $n) {
        $! = 0;
        sysread $s, $in, 65536, length $in
            or $!{EINTR} ? next : die "no answer: $!";

        if ($n == 0 && $in =~ /\r\n\r\n/g) {
            my $end = pos $in;
            $in =~ /^content-length: (\d+)/im or die "no length: $in";
            $n = $end + $1;
        }
    }

    return substr($in, 9, 3), $in;
}

# An event on the one worker, and the list on the other.

sub event {
    my ($self, $session, $product) = @_;
    my $body = qq({"activityType":"PRODUCT_VIEW","sessionId":"$session",)
        . qq("productId":"$product"});

    my ($status, $in) = ask($self->{sockets}[$self->{turn} ^= 1],
        "POST /analytics/activity HTTP/1.1\r\nHost: x\r\n"
        . "Content-Type: application/json\r\nContent-Length: "
        . length($body) . "\r\n\r\n$body");

    die "event: $in" if $status != 202;
}

# The products that SESSION found, in order, without its fallback.

sub list {
    my ($self, $session, $at) = @_;

    my ($status, $in) = ask($self->{sockets}[$self->{turn} ^ 1],
        "GET /recommendations/session?limit=$at&sessionId=$session HTTP/1.1"
        . "\r\nHost: x\r\n\r\n");

    die "list: $in" if $status != 200;

    my @items;

    while ($in =~ /"productId":"([^"]*)","position":\d+.*?"code":"(\w+)"/g) {
        last if $2 ne 'BECAUSE_OF_THIS_SESSION';
        push @items, $1;
    }

    return @items;
}

# The snapshot that eval has kept in "base" served by two workers: what is
# served is what it measured, to the last digit.

sub compare {
    my ($t, $sessions, $eval, $http) = @_;
    my $dir = $t->dir;

    $t->run($t->conf(main => 'worker_processes 2;', http => ($http // '') . "
        recs_snapshot $dir/base/current;
        recs_key $dir/base/key;
        recs_journal $dir/journal max=256m segment=1m;
        recs_exposures off;
        keepalive_requests 1000000;
    ", server => '
        location /recommendations { recs; }
        location /analytics { recs_events; }
        location /status { recs_status; }
    '));

    my %got = __PACKAGE__->new($t)->run($sessions, 20);

    is($got{cases}, $eval->{cases}, "cases: $got{cases}");

    for my $metric (qw(mrr hr)) {
        my $value = sprintf '%.7g', $got{$metric};
        is($value, sprintf('%.7g', $eval->{metrics}{$metric}{value}),
           "\U$metric\E\@20 is that of eval: $value");
    }

    return %got;
}

sub run {
    my ($self, $sessions, $at) = @_;
    my ($cases, $mrr, $hr) = (0, 0, 0);

    for my $clicks (@$sessions) {
        my $session = 'replay-' . ++$self->{number};

        for my $i (0 .. $#$clicks - 1) {
            $self->event($session, $clicks->[$i]);

            my @list = $self->list($session, $at);
            my ($rank) = grep { $list[$_] eq $clicks->[$i + 1] } 0 .. $#list;

            $cases++;
            next if !defined $rank;

            # as eval keeps it: in single precision

            $mrr += unpack 'f', pack 'f', 1 / ($rank + 1);
            $hr++;
        }
    }

    return (cases => $cases, mrr => $mrr / $cases, hr => $hr / $cases);
}

1;
