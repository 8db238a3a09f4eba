package Test::Recs::Model;

# Copyright (C) recs authors

# The report as docs/analytics.md has it, made of the events of a log in the
# simplest way that there is: each outcome looks at all touches of its person.
#
#     my %cells = Test::Recs::Model::cells(\@events);      # key => [counts]
#     my %told = Test::Recs::Model::told($t, $log);        # the builder's
#
# A key is hour, strategy, device, position, snapshot, placement, variant and
# region, with blanks between. Orders that several events tell of are not
# known here, nor are costs.

use strict;
use warnings;

use constant { HOUR => 3_600_000, DAY => 86_400_000, DOUBLE => 30_000,
               SHARE => 1_000_000, BOT => 5 };
use constant { CLICK_DAYS => 7, VIEW_HOURS => 24 };

my @counts = qw(served seen clicks dismissed carts orders orderLines units
                revenue margin refunds viewThroughOrders viewThroughLines
                viewThroughRevenue);
my %number = map { $counts[$_] => $_ } 0 .. $#counts;

# clicks on anything that names a recommendation, carts, orders: by type

my %click = map { $_ => 1 } 7, 13, 54, 71, 81;
my %seen = map { $_ => 1 } 6, 70, 73;
my %cart = map { $_ => 1 } 20, 29, 74;
use constant { RECOMMENDATION_VIEW => 70, RECOMMENDATION_CLICK => 71,
               RECOMMENDATION_DISMISS => 72, PURCHASE => 45, REFUND => 46 };


sub cells {
    my ($events, $model) = @_;
    my $m = { model => $model // 'last', cells => {}, lists => {},
              touches => {}, refunds => {}, outcomes => [] };

    list($m, $_) for grep { $_->{class} == 2 } @$events;
    touch($m, $_) for grep { $_->{class} == 1 || $_->{class} == 3 } @$events;

    doubles($m);
    count($m);
    given($m, $_) for @{$m->{outcomes}};
    outcome($m, $_) for @{$m->{outcomes}};

    # what adds up to nothing is no cell

    my $cells = $m->{cells};

    for my $key (keys %$cells) {
        delete $cells->{$key} if !grep { $_ } @{$cells->{$key}};
    }

    return %$cells;
}

# What the builder makes of it.

sub told {
    my ($t, $log, @model) = @_;
    my %cells;

    open my $fh, '-|', "$t->{build}/tool/cells", $log, @model
        or die "tool/cells: $!: make unit";

    while (my $line = <$fh>) {
        chomp $line;
        my @f = split /\t/, $line;
        my @key = splice @f, 0, 9;

        die "segment: $line" if pop(@key) ne '-';
        die "twice: $line" if $cells{"@key"};
        $cells{"@key"} = \@f if grep { $_ } @f;
    }

    close $fh or die "tool/cells $log: $?";
    return %cells;
}

# What is not the same, at most ten of it.

sub differences {
    my ($one, $other) = @_;
    my @bad;

    for my $key (sort keys %{{ %$one, %$other }}) {
        my @a = @{$one->{$key} // []};
        my @b = @{$other->{$key} // []};
        push @bad, "$key: (@a) (@b)" if "@a" ne "@b";
    }

    return @bad > 10 ? (@bad[0 .. 9], scalar(@bad) . ' in all') : @bad;
}


# The earliest one counts.

sub list {
    my ($m, $e) = @_;
    my $is = $m->{lists}{$e->{recommendationId}};

    return if $is && ($is->{time} < $e->{time}
                      || $is->{time} == $e->{time} && $is->{view}
                                                      le $e->{view});

    my %place;
    my $n = 0;

    for my $key (split /,/, $e->{keys}) {
        $n++;
        $place{$key} //= $n;
    }

    $m->{lists}{$e->{recommendationId}} = { %$e, place => \%place,
        size => $n };
}

sub items {
    my ($e) = @_;
    return $e->{items} eq '-' ? () : map {
        my ($product, $price, $quantity, $position, $key) = split /:/;
        { key => $key, price => $price eq '-' ? 0 : $price,
          quantity => $quantity, position => $position }
    } split /,/, $e->{items};
}

sub persons {
    my ($e) = @_;
    my @who;

    push @who, "u$e->{user}" if $e->{verified} && $e->{user} ne '-';
    push @who, "s$e->{session}" if $e->{session} ne '-';

    # two that name one answer, of nobody

    push @who, "r$e->{recommendationId}"
        if !@who && $e->{recommendationId} ne '-';

    return @who;
}

sub touch {
    my ($m, $e) = @_;
    my $rec = $e->{recommendationId} ne '-';
    my $type = $e->{class} == 3 ? -1 : $e->{type};
    my @items = items($e);
    my $kind;

    return if $e->{device} == BOT;

    $kind = 'served' if $e->{class} == 3;
    $kind = 'clicks' if $click{$type}
                        && ($rec || $type == RECOMMENDATION_CLICK);
    $kind = 'seen' if $seen{$type} && ($rec || $type == RECOMMENDATION_VIEW);
    $kind = 'dismissed' if $type == RECOMMENDATION_DISMISS;
    $kind = 'clicks' if $cart{$type} && $rec;

    @items = ({ key => '', position => 0 })
        if $kind && ($kind eq 'served' || $kind eq 'seen' && !@items && $rec);

    for my $item ($kind ? @items : ()) {
        my $touch = { %$e, kind => $kind, key => $item->{key},
                      position => $item->{position},
                      direct => $cart{$type} };
        my $list = $m->{lists}{$e->{recommendationId}};

        # what the answer did not hold was not shown

        next if $list && $item->{key} ne '' && !$list->{place}{$item->{key}};

        push @{$m->{touches}{$_}}, $touch for persons($e), 'all';
    }

    if ($cart{$type} || $type == PURCHASE) {
        for my $item (@items) {
            push @{$m->{outcomes}}, { %$e, %$item, cart => $cart{$type} };
        }
    }

    if ($type == REFUND) {
        push @{$m->{refunds}{"$e->{orderId} $_->{key}"}},
            [$e->{time}, $_->{quantity}] for @items;
    }
}

# Of one moment, of one answer: in the order of their positions.

sub older {
    my ($one, $other) = @_;
    return $one->{time} <=> $other->{time}
        || $one->{position} <=> $other->{position};
}

# A click counts once within thirty seconds after another one of the person,
# the product and the answer; a cart only where there is no click before.

sub doubles {
    my ($m) = @_;

    for my $who (grep { $_ ne 'all' } keys %{$m->{touches}}) {
        my %last;
        my @clicks = sort { older($a, $b) }
            grep { $_->{kind} eq 'clicks' } @{$m->{touches}{$who}};

        for my $c (@clicks) {
            my $at = "$c->{key} $c->{recommendationId}";

            my $window = $c->{direct} ? CLICK_DAYS * DAY : DOUBLE;

            $c->{double} = 1 if defined $last{$at}
                                && ($c->{direct} || $who !~ /^r/)
                                && $c->{time} - $last{$at} <= $window;
            $last{$at} = $c->{time};
        }
    }
}

# Where a touch counts; what it does not say itself is that of its list.

sub key {
    my ($m, $touch, $item, $time) = @_;
    my $list = $m->{lists}{$touch->{recommendationId}};
    my %d = %$touch;

    $d{strategy} = $list ? $list->{name} : '-';

    if ($list) {
        $d{position} ||= $list->{place}{$item} // 0;
        $d{view} = $list->{view} if $list->{view} !~ /^0+$/;

        for my $name ('placement', 'variant') {
            $d{$name} = $list->{$name} if $d{$name} eq '-';
        }
    }

    $d{position} = 100 if $d{position} > 100;

    return join ' ', int($time / HOUR), $d{strategy}, $d{device},
        $d{position}, @d{qw(view placement variant region)};
}

sub add {
    my ($m, $key, %counts) = @_;
    my $cell = $m->{cells}{$key} //= [(0) x @counts];

    $cell->[$number{$_}] += $counts{$_} for keys %counts;
}

sub count {
    my ($m) = @_;

    for my $touch (@{$m->{touches}{all}}) {
        next if $touch->{double};

        if ($touch->{key} ne '') {
            add($m, key($m, $touch, $touch->{key}, $touch->{time}),
                $touch->{kind} => 1);
            next;
        }

        my $list = $m->{lists}{$touch->{recommendationId}} or next;

        for my $n (1 .. $list->{size}) {
            add($m, key($m, { %$touch, position => $n }, '',
                        $touch->{time}), $touch->{kind} => 1);
        }
    }
}

# Touches of the person of an outcome in a window before it, the latest last.

sub before {
    my ($m, $o, $window) = @_;
    my %seen;

    return sort { older($a, $b) }
        grep { !$seen{$_}++ && $_->{time} <= $o->{time}
               && $_->{time} >= $o->{time} - $window }
        map { @{$m->{touches}{$_} // []} } persons($o);
}

# Which touches a line is given to.

sub given {
    my ($m, $o) = @_;

    my @clicks = grep { $_->{kind} eq 'clicks' && !$_->{double}
                        && $_->{key} eq $o->{key} }
        before($m, $o, CLICK_DAYS * DAY);
    my @named = grep { $_->{recommendationId} eq $o->{recommendationId} }
        @clicks;

    @clicks = @named if $o->{recommendationId} ne '-' && @named;

    $o->{clicks} = \@clicks;
    $o->{shown} = shown($m, $o) if !@clicks && !$o->{cart};

    my $given = @clicks ? 'clicks' : $o->{shown} ? 'shown' : return;

    push @{$m->{baskets}{"$given $o->{orderId}"}}, $o->{key}
        if !$o->{cart} && $o->{orderId} ne '-';
}

# What part of its order a line is: they are equal, and add up.

sub basket {
    my ($m, $o, $given) = @_;

    return SHARE if $o->{orderId} eq '-';

    my @keys = @{$m->{baskets}{"$given $o->{orderId}"}};
    my $rank = grep { $_ lt $o->{key} } @keys;

    return part(SHARE, $rank, $rank + 1, scalar @keys);
}

sub outcome {
    my ($m, $o) = @_;

    if (@{$o->{clicks}}) {
        my @shares = shares($m->{model}, map { $_->{time} } @{$o->{clicks}});
        sold($m, $o, $o->{clicks}, \@shares);

    } elsif ($o->{shown}) {
        my $shown = $o->{shown};
        my $money = money($o->{price}, $o->{quantity});

        add($m, key($m, $shown, $o->{key}, $o->{time}),
            viewThroughOrders => basket($m, $o, 'shown'),
            viewThroughLines => 1, viewThroughRevenue => $money);

        for my $back (refunds($m, $o)) {
            my ($time, $from, $to) = @$back;
            add($m, key($m, $shown, $o->{key}, $time),
                viewThroughRevenue => -part($money, $from, $to,
                                            $o->{quantity}));
        }
    }
}

sub sold {
    my ($m, $o, $clicks, $shares) = @_;
    my $money = money($o->{price}, $o->{quantity});
    my $basket = $o->{cart} ? 0 : basket($m, $o, 'clicks');
    my $from = 0;

    for my $i (0 .. $#$clicks) {
        my $to = $from + $shares->[$i];
        my @part = ($from, $to, SHARE);
        my $dims = sub { key($m, $clicks->[$i], $o->{key}, $_[0]) };

        $from = $to;
        next if !$shares->[$i];

        if ($o->{cart}) {
            add($m, $dims->($o->{time}), carts => $shares->[$i]);
            next;
        }

        add($m, $dims->($o->{time}), orders => part($basket, @part),
            orderLines => $shares->[$i],
            units => part($o->{quantity}, @part),
            revenue => part($money, @part));

        for my $back (refunds($m, $o)) {
            my ($time, $begin, $end) = @$back;
            my $sum = part($money, $begin, $end, $o->{quantity});

            add($m, $dims->($time), refunds => $shares->[$i],
                revenue => -part($sum, @part));
        }
    }
}

# What the page has reported, else what was served and no page reported.

sub shown {
    my ($m, $o) = @_;
    my @touches = grep { $_->{kind} eq 'seen' || $_->{kind} eq 'served' }
        before($m, $o, VIEW_HOURS * HOUR);
    my %reported = map { $_->{recommendationId} => 1 }
        grep { $_->{kind} eq 'seen' } @touches;

    my @of = grep {
        my $list = $m->{lists}{$_->{recommendationId}};
        $_->{key} ne '' ? $_->{key} eq $o->{key}
            : $list && $list->{place}{$o->{key}};
    } @touches;

    my @seen = grep { $_->{kind} eq 'seen' } @of;
    my @served = grep { $_->{kind} eq 'served'
                        && !$reported{$_->{recommendationId}} } @of;

    return @seen ? $seen[-1] : @served ? $served[-1] : undef;
}

# Lines of refunds, each as time and the pieces of the order it takes back.

sub refunds {
    my ($m, $o) = @_;
    my ($from, %seen, @back) = (0);

    return if $o->{orderId} eq '-';

    for my $r (sort { $a->[0] <=> $b->[0] || $a->[1] <=> $b->[1] }
               @{$m->{refunds}{"$o->{orderId} $o->{key}"} // []})
    {
        my ($time, $quantity) = @$r;
        my $left = $o->{quantity} - $from;

        next if $seen{"$time $quantity"}++ || !$left;
        $quantity = $left if $quantity > $left;
        push @back, [$time, $from, $from + $quantity];
        $from += $quantity;
    }

    return @back;
}

# whole numbers, as in C: half away from zero; parts that add up

sub money {
    my ($price, $quantity) = @_;
    use integer;
    my ($whole, $rest) = ($quantity / SHARE, $quantity % SHARE);
    my $part = $price * $rest;

    return $price * $whole
        + ($part + ($part < 0 ? -1 : 1) * (SHARE / 2)) / SHARE;
}

sub part {
    my ($sum, $from, $to, $whole) = @_;
    use integer;

    return $sum * $to / $whole - $sum * $from / $whole;
}

# Largest remainders; of models that give parts by rank alone.

sub shares {
    my ($model, @times) = @_;
    my $n = @times;
    my @w = $model eq 'first' ? (1, (0) x ($n - 1))
          : $model eq 'linear' ? (1) x $n
          : $model eq 'position' && $n > 2
              ? (2 * ($n - 2), (1) x ($n - 2), 2 * ($n - 2))
          : $model eq 'position' ? (1) x $n
          : ((0) x ($n - 1), 1);
    my ($sum, $left) = (0, SHARE);

    $sum += $_ for @w;
    my @shares = map { int($_ * SHARE / $sum) } @w;
    $left -= $_ for @shares;

    my @order = sort { $w[$b] * SHARE % $sum <=> $w[$a] * SHARE % $sum
                       || $a <=> $b } 0 .. $n - 1;
    $shares[$order[$_]]++ for 0 .. $left - 1;

    return @shares;
}

1;
