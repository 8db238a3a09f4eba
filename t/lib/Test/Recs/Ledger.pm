package Test::Recs::Ledger;

# Copyright (C) recs authors

# Clients that keep a ledger of what they sent and what became of it; what
# compares it with the event log is Test::Recs::Audit.
#
#     my $l = Test::Recs::Ledger->new($t, clients => 2, rate => 1000);
#     ...
#     my $sum = $l->stop;                       # counts
#
# More of new(): "batch" is the largest batch (400), "lists" the share of
# requests that ask for lists (0.125), "stamps" keeps when each request began
# and what it took.
#
# Each event has an id of its own in its metadata.  A client sends it in a
# batch or alone, 5 % of those with a messageId once more though they were
# acknowledged, 2 % later than those after it, 1 % hours late.  What got no
# answer, or 503, is sent again where it has a messageId.  One request in
# eight asks for a list, of which items are seen, clicked, dismissed, put into
# the cart, bought and given back; one in three is clicked by its link.
#
# SIGUSR1 to a client changes its clock: an hour ahead, right, an hour late,
# right, and so on.  Every other visitor sends "sentAt" with it.

use strict;
use warnings;

use POSIX ();
use Test::Recs::Soak;
use Time::HiRes qw(sleep time);

use constant HOUR => 3_600_000;

# type, code, how many of a thousand

my @types = (['PRODUCT_VIEW', 3, 560], ['PRODUCT_CLICK', 7, 80],
             ['ADD_TO_CART', 20, 100], ['PURCHASE', 45, 50],
             ['PAGE_VIEW', 1, 50], ['SEARCH', 12, 50],
             ['CATEGORY_VIEW', 4, 30], ['ADD_TO_WISHLIST', 26, 30],
             ['RATING', 61, 30], ['moon_phase', 255, 20]);
my @deck = map { my $row = $_; ($row) x ($row->[2] / 10) } @types;
my %code = (map({ $_->[0] => $_->[1] } @types), REFUND => 46,
            RECOMMENDATION_VIEW => 70, RECOMMENDATION_CLICK => 71,
            RECOMMENDATION_DISMISS => 72);
my %bare = map { $_ => 1 } 'PAGE_VIEW', 'SEARCH', 'CATEGORY_VIEW',
                           'moon_phase';
my @products = map { my $kind = $_; map { "$kind$_" } 1 .. 8 } qw(S T B);

my @devices = (['mobile', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac '
                . 'OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1'],
               ['desktop', 'Mozilla/5.0 (X11; Linux x86_64; rv:115.0) '
                . 'Gecko/20100101 Firefox/115.0']);
my @uris = map { "/recommendations/$_" }
    qw(similar/S1 similar/B5?limit=3 trending bestsellers?limit=5
       frequently-bought-together/S2 personalized recently-viewed);


sub new {
    my ($class, $t, %o) = @_;
    my $self = bless { t => $t, clients => [], files => [] }, $class;

    $o{rate} //= 1000;
    $o{clients} //= 2;

    for (1 .. $o{clients}) {
        my $name = ++$t->{ledgers};
        my $file = "$t->{dir}/ledger-$name";

        push @{$self->{files}}, $file;
        push @{$self->{clients}}, Test::Recs::Soak->client(sub {
            return run($_[0], $t->port, $name, $file,
                       $o{rate} / $o{clients}, %o);
        });
    }

    return $self;
}

# An hour more or less on the clock of a client.

sub clock {
    my ($self, $n) = @_;
    my $clients = $self->{clients};
    kill 'USR1', $clients->[$n % @$clients]{pid};
}

sub stop {
    my ($self) = @_;
    return $self->{sum} //= Test::Recs::Soak::stop_all(@{$self->{clients}});
}


# a client

sub run {
    my ($stop, $port, $name, $file, $rate, %o) = @_;
    my $turn = 0;
    my $c = { name => $name, n => 0, queue => [], held => [], alone => [],
              visitors => 0,
              port => $port, sum => { times => {}, gets => {} },
              limit => $o{batch} // 400, stamps => $o{stamps} };

    $SIG{USR1} = sub { $turn++ };
    $SIG{PIPE} = 'IGNORE';
    open $c->{out}, '>', $file or die "$file: $!";

    my $start = time;

    until ($$stop) {
        $c->{shift} = (0, HOUR, 0, -HOUR)[$turn % 4];

        if (rand() < ($o{lists} // 0.125)) {
            get($c);
        } else {
            send_events($c);
        }

        my $ahead = ($c->{n} / $rate) - (time - $start);
        sleep $ahead > 0.5 ? 0.5 : $ahead if $ahead > 0;

        # what was held up for long is not made up for

        $start = time - $c->{n} / $rate if $ahead < -2;
    }

    # what is not decided is the ledger's, too

    fate($c, $_, $_->{fate} // 'unsent')
        for map { @{$c->{$_}} } qw(queue held alone);
    close $c->{out} or die "$file: $!";

    return $c->{sum};
}

sub now_ms { return int(1000 * time) }

# One event; %o has what is more than a type, session and time.

sub event {
    my ($c, $type, $session, $ms, %o) = @_;
    my $id = sprintf '%d-%d', $c->{name}, ++$c->{n};
    my $e = { id => $id, type => $type, session => $session,
              product => $o{product} // '-', rec => $o{rec} // '-',
              message => rand() < 0.6 };
    my @text = (qq("activityType":"$type"), qq("sessionId":"$session"),
                qq("timestamp":) . ($ms + $c->{shift}),
                qq("metadata":{"id":"$id"}));

    push @text, qq("messageId":"m-$id") if $e->{message};
    push @text, qq("sentAt":) . (now_ms() + $c->{shift}) if $o{sent};
    push @text, qq("productId":"$o{product}") if defined $o{product};
    push @text, qq("recommendationId":"$o{rec}") if defined $o{rec};
    push @text, $o{more} if defined $o{more};

    $e->{json} = '{' . join(',', @text) . '}';
    $c->{sum}{made}++;

    return $e;
}

# What one visitor does in a shop, some minutes ago, 20 s apart.

sub visitor {
    my ($c) = @_;
    my $session = sprintf 's%d-%d', $c->{name}, ++$c->{visitors};
    my $n = 5 + int rand 20;
    my $ms = now_ms() - 20_000 * $n;
    my $sent = rand() < 0.5;

    for my $i (1 .. $n) {
        my $type = $deck[rand @deck][0];
        my $at = $ms + 20_000 * $i;
        my %o = (sent => $sent);

        $o{product} = $products[rand @products] if !$bare{$type};
        $o{more} = '"query":"socks"' if $type eq 'SEARCH';
        $o{more} = '"categoryId":"Wear"' if $type eq 'CATEGORY_VIEW';
        $o{more} = '"rating":4' if $type eq 'RATING';
        $o{more} = qq("orderId":"o-$session-$i","price":) . (1 + int rand 90)
            . ',"quantity":' . (1 + int rand 3) if $type eq 'PURCHASE';

        if (rand() < 0.01) {
            $at -= HOUR * (1 + int rand 20);
            $c->{sum}{late}++;
        }

        my $e = event($c, $type, $session, $at, %o);

        if (rand() < 0.02) {
            push @{$c->{held}}, $e;
            $c->{sum}{'out of order'}++;
        } else {
            push @{$c->{queue}}, $e;
        }
    }

    push @{$c->{queue}}, splice @{$c->{held}}, 0, 5 if @{$c->{held}} > 20;
}

sub send_events {
    my ($c) = @_;
    my $dice = $c->{limit} > 1 ? rand : 0;

    if (my $e = shift @{$c->{alone}}) {
        post($c, $e->{headers}, $e);
        return;
    }

    my $n = $dice < 0.6 ? 1 : $dice < 0.9 ? 2 + int rand 20
          : 50 + int rand($c->{limit} - 49);

    visitor($c) while @{$c->{queue}} < $n;
    post($c, '', splice @{$c->{queue}}, 0, $n);
}

sub request {
    my ($c, $text) = @_;

    $c->{socket} //= Test::Recs::Soak::connect_to($c->{port});

    # without a connection nothing was sent

    if (!$c->{socket}) {
        sleep 0.01;
        return ('none', '', '');
    }

    my ($code, $head, $body) =
        Test::Recs::Soak::request($c->{socket}, $text);

    undef $c->{socket} if !$code || $head =~ /\nConnection: close/i;
    return ($code, $head, $body);
}

sub post {
    my ($c, $headers, @events) = @_;
    my $body = @events > 1 || rand() < 0.1
        ? '[' . join(',', map { $_->{json} } @events) . ']'
        : $events[0]{json};
    my $uri = $body =~ /^\[/ ? 'batch' : 'activity';
    my $start = time;

    my ($code, $head, $answer) = request($c,
        "POST /analytics/$uri HTTP/1.1\r\nHost: localhost\r\n"
        . "Content-Type: application/json\r\n$headers"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body");

    my $fate = $code eq '202' ? 'acked' : $code eq 'none' ? 'unsent'
             : !$code || $answer =~ /journal-failed/ ? 'unknown' : 'refused';
    my %refused = $code eq '202'
        ? $answer =~ /"index":(\d+),"code":"([^"]*)"/g : ();
    my $accepted = $code eq '202'
        ? ($answer =~ /"accepted":(\d+)/)[0] // -1 : 0;

    took($c, 'times', $start) if $code eq '202';
    $c->{sum}{requests}++;
    $c->{sum}{"answer $code"}++;

    # an answer that does not add up is nothing to rely on

    push @{$c->{sum}{strange}}, "$code $answer"
        if $code !~ /^(?:0|none|503)$/
            && $accepted != @events - keys %refused;

    for my $i (0 .. $#events) {
        decide($c, $events[$i], defined $refused{$i} ? 'refused' : $fate);
    }

    sleep 0.05 if $fate eq 'refused' || %refused;
}

sub took {
    my ($c, $what, $start) = @_;
    my $took = time - $start;

    Test::Recs::Soak::note_time($c->{sum}{$what}, $took);
    push @{$c->{sum}{"$what at"}}, sprintf '%.4f %.6f', $start, $took
        if $c->{stamps};
}

# The best that was heard of an event counts; some are sent again.

sub decide {
    my ($c, $e, $fate) = @_;

    $e->{fate} = $fate
        if ($e->{fate} // '') ne 'acked'
            && ($fate ne 'refused' || ($e->{fate} // '') ne 'unknown');

    if ($fate ne 'acked' && ($e->{message} || $fate eq 'unsent')
        && $e->{fate} ne 'acked')
    {
        again($c, $e);
        $c->{sum}{'sent again'}++;

    } elsif ($fate eq 'acked' && $e->{message} && !$e->{twice}
             && rand() < 0.05 / 0.6)
    {
        $e->{twice} = 1;
        again($c, $e);
        $c->{sum}{retries}++;

    } else {
        fate($c, $e, $e->{fate});
    }
}

# by the same user, who is in a header

sub again {
    my ($c, $e) = @_;
    push @{$c->{$e->{headers} ? 'alone' : 'queue'}}, $e;
}

sub fate {
    my ($c, $e, $fate) = @_;

    print {$c->{out}} join("\t", $fate, $e->{id}, $code{$e->{type}},
                           @$e{qw(product session rec)},
                           $e->{message} ? "m-$e->{id}" : '-'), "\n";
    $c->{sum}{$fate}++;
}

# A list, and what its reader does with it.

sub get {
    my ($c) = @_;
    my $session = sprintf 's%d-%d', $c->{name}, ++$c->{visitors};
    my $user = rand() < 0.3 ? "X-User: u$session\r\n" : '';
    my ($device, $agent) = @{$devices[rand @devices]};
    my $uri = $uris[rand @uris];
    my $start = time;

    $uri .= ($uri =~ /\?/ ? '&' : '?') . 'placement=home' if rand() < 0.5;

    my ($code, undef, $body) = request($c, Test::Recs::Soak::get_text(
        $uri, 0, "X-Session-ID: $session\r\nUser-Agent: $agent\r\n$user"));

    my ($rec) = $body =~ /"recommendationId":"([^"]+)"/;
    my %once;
    my @ids = grep { !$once{$_}++ }
              $body =~ /"productId":"([^"]+)","position":/g;
    my $fate = $code eq '200' ? 'acked' : $code eq 'none' ? 'unsent'
             : !$code ? 'unknown' : 'refused';

    took($c, 'gets', $start) if $code eq '200';
    $c->{sum}{"list $fate"}++;
    push @{$c->{sum}{strange}}, "list $code $body" if $fate eq 'refused';
    return if $fate eq 'unsent';

    print {$c->{out}} join("\t", 'list', $fate, $rec // '-', $session,
                           scalar @ids), "\n";
    return if $fate ne 'acked' || !@ids || !defined $rec;

    my $now = now_ms();
    my @events;

    my $does = sub {
        my ($type, $product, %o) = @_;
        $o{more} = join ',', $o{more} // (), qq("deviceType":"$device");
        push @events, event($c, $type, $session, $now + @events * 10,
                            product => $product, %o);
    };
    my $buys = sub {
        my ($product, %o) = @_;
        my $order = sprintf '"orderId":"o-%s-%d"', $session, scalar @events;
        my $line = sprintf '%s,"price":%d.5,"quantity":', $order,
                           1 + rand 90;
        my $n = 1 + int rand 3;

        $does->('PURCHASE', $product, more => "$line$n", %o);
        $does->('REFUND', $product, more => $line . (1 + int rand $n))
            if rand() < 0.2;
    };

    $does->('RECOMMENDATION_VIEW', undef, rec => $rec,
            more => '"items":[' . join(',', map {
                qq({"productId":"$ids[$_]","position":) . ($_ + 1) . '}'
            } 0 .. $#ids) . ']') if rand() < 0.3;

    # one link without a script; where it leads does not matter

    my ($linked, $link) = $body
        =~ m{"productId":"([^"]+)","position":\d+,"clickUrl":"([^"]+)"};

    redirect($c, $link, $rec, $linked, "X-Session-ID: $session\r\n$user")
        if defined $link && rand() < 0.3;

    while (rand() < 0.5) {
        my $n = int rand @ids;
        my %click = (rec => $rec, more => '"position":' . ($n + 1));

        if (rand() < 0.1) {
            $does->('RECOMMENDATION_DISMISS', $ids[$n], %click);
            next;
        }

        # a button of the cart in the list; what was not in it

        if (rand() < 0.1) {
            $does->('ADD_TO_CART', $ids[$n], %click);
            next;
        }

        $does->('RECOMMENDATION_CLICK', "not-$ids[$n]", %click)
            if rand() < 0.05;

        $does->('RECOMMENDATION_CLICK', $ids[$n], %click);
        $does->('RECOMMENDATION_CLICK', $ids[$n], %click) if rand() < 0.1;
        next if rand() < 0.5;

        $does->('ADD_TO_CART', $ids[$n]);
        $buys->($ids[$n], rand() < 0.3 ? (rec => $rec) : ())
            if rand() < 0.6;
    }

    # what was only shown is bought, too

    $buys->($ids[rand @ids]) if rand() < 0.2;

    # of a user: all of one request

    if (length $user) {
        $_->{headers} = $user for @events;
        post($c, $user, @events) if @events;
    } else {
        push @{$c->{queue}}, @events;
    }
}

# A click on the first product.

sub redirect {
    my ($c, $link, $rec, $product, $headers) = @_;
    my ($code, $head) = request($c, Test::Recs::Soak::get_text($link, 0,
                                                               $headers));
    my $fate = $code eq '302' ? 'acked' : $code eq 'none' ? 'unsent'
             : !$code ? 'unknown' : 'refused';

    $c->{sum}{"click $fate"}++;
    push @{$c->{sum}{strange}}, "click $code $head" if $fate eq 'refused';
    print {$c->{out}} join("\t", 'click', $fate, $rec, $product), "\n"
        if $fate ne 'unsent';
}

1;
