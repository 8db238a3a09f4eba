package Test::Recs::Shop;

# Copyright (C) recs authors

# A shop made by hand: 24 products in three categories, sixty days of views
# and orders.  Shoes and socks with one number are bought together; books
# with one number, too; T1 is rising; B3 is cheaper than it was; S8, T8 and
# B8 are new; T7 is out of stock.

use strict;
use warnings;

use JSON::PP ();
use Test::More ();

use constant DAY => 86_400_000;
use constant LAST => 1_767_571_200_000;    # 2026-01-05T00:00:00Z

my %category = (S => ['Wear', 'Shoes'], T => ['Wear', 'Socks'],
                B => ['Books']);
my %brand = (S => 'Walker', T => 'Knit', B => 'Press');
my %price = (S => 60, T => 8, B => 20);


sub catalog {
    my @rows;

    for my $kind (qw(S T B)) {
        for my $n (1 .. 8) {
            push @rows, {
                productId => "$kind$n", title => "$kind title $n",
                category => $category{$kind}, brand => $brand{$kind},
                price => $price{$kind} + $n, currency => 'EUR',
                stock => "$kind$n" eq 'T7' ? 0 : 10,
                url => "/p/$kind$n", attributes => { size => $n % 3 },
            };
        }
    }

    $rows[$_]{price} = 15 for grep { $rows[$_]{productId} eq 'B3' } 0 .. $#rows;

    return \@rows;
}

sub events {
    my @rows;
    my $n = 0;

    my $add = sub {
        my ($day, $user, $type, $product, %more) = @_;
        push @rows, { activityType => $type, productId => $product,
            timestamp => LAST - (60 - $day) * DAY + ($n++ % 80_000) * 1000,
            userId => "u$user", sessionId => "s$user-$day", %more };
    };

    for my $day (0 .. 59) {
        for my $i (0 .. 7) {
            my $user = ($day * 3 + $i * 5) % 40;
            my $k = 1 + ($day + $i * $i) % ($day < 55 ? 7 : 8);
            my $kind = qw(S T B)[($day + $i) % 3];

            $add->($day, $user, 'PRODUCT_VIEW', "$kind$k");
            $add->($day, $user, 'PRODUCT_VIEW', "$kind" . (1 + $k % 7));

            if ($i % 2 == 0) {
                my @pair = $kind eq 'B' ? ("B$k", 'B' . (1 + $k % 7))
                                        : ("S$k", "T$k");
                my $order = "o$day-$i";

                $add->($day, $user, 'ADD_TO_CART', $pair[0], quantity => 1);
                $add->($day, $user, 'PURCHASE', $_, orderId => $order,
                       quantity => 1, price => price($_, $day)) for @pair;
                $add->($day, $user, 'RATING', $pair[0],
                       rating => $pair[0] =~ /[12]$/ ? 5 : 3);
            }
        }

        if ($day > 55) {
            $add->($day, $_, 'PRODUCT_VIEW', 'T1') for 1 .. 12;
        }
    }

    # one visitor whose history is known line by line

    my $last = 0;
    for my $product (qw(S1 S2 B5)) {
        push @rows, { activityType => 'PRODUCT_VIEW', productId => $product,
            timestamp => LAST - 3_600_000 + 60_000 * $last++,
            userId => 'ada', sessionId => 'ada-1' };
    }

    @rows = sort { $a->{timestamp} <=> $b->{timestamp} } @rows;

    return \@rows;
}

sub price {
    my ($product, $day) = @_;
    my ($kind, $n) = $product =~ /^(.)(\d)$/;

    return $day < 50 ? 25 : 15 if $product eq 'B3';
    return $price{$kind} + $n;
}

# The shop as if it had been until an hour ago, for daemon().

sub live {
    my ($t) = @_;
    my $json = JSON::PP->new->canonical->utf8;
    my @rows = @{events()};
    my $later = int(1000 * time) - $rows[-1]{timestamp} - 3_600_000;

    $_->{timestamp} += $later for @rows;

    $t->write_file("$_->[0].jsonl",
                   join '', map { $json->encode($_) . "\n" } @{ $_->[1] })
        for [ catalog => catalog() ], [ events => \@rows ];

    return daemon($t, "poll = 0.05\nhot_every = 0.2\n");
}

# DIR/events.jsonl and catalog.jsonl imported into DIR/log, and what a running
# builder needs. Returns a function that writes DIR/run.conf with a schedule
# and with "more".

sub daemon {
    my ($t, $more) = @_;
    my $dir = $t->dir;

    my ($rc, $out) = $t->command($t->builder, 'import',
                                 '--events', "$dir/events.jsonl",
                                 '--catalog', "$dir/catalog.jsonl",
                                 '--log', "$dir/log", '--key', "$dir/key");
    Test::More::is($rc, 0, 'imported') or Test::More::diag($out);

    mkdir "$dir/journal";

    return sub {
        my ($schedule) = @_;
        $t->write_file('run.conf', <<"EOC");
out = "$dir/base"
hot = "$dir/hot"
log = "$dir/log"
key = "$dir/key"
journal = "$dir/journal"
schedule = "$schedule"
$more
EOC
    };
}

# A shop of rows, built in two ways, and its lists, for whom "jwt" names.

sub lists {
    my ($t, $events, $catalog) = @_;
    my $dir = $t->dir;

    $t->build_by_threads(events => $events, catalog => $catalog,
                         args => ['--key', "$dir/key"]);
    $t->run($t->conf(http => "
        recs_snapshot $dir/base/current;
        recs_key $dir/key;
    ", server => '
        location /recommendations { recs; recs_user $arg_jwt; }
    '));
}

1;
