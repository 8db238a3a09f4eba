#!/usr/bin/perl

# Copyright (C) recs authors

# "recs-builder report": what the event log says of recommendations, as a
# table and as JSON; the same bytes each time, whatever the order of files.

use warnings;
use strict;

use File::Temp qw/ tempdir /;
use JSON::PP;
use Test::More;

my $builder = ($ENV{RECS_BUILD} // 'build') . '/recs-builder';
my $d = tempdir('recs-report-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $t0 = 1_700_006_400_000;                # a midnight, UTC
my $hour = 3_600_000;


sub builder {
    my $out = qx{$builder @_ 2>$d/stderr};

    return ($? >> 8, $out);
}

sub stderr {
    open my $f, '<', "$d/stderr" or return '';
    local $/;
    return <$f>;
}

sub write_file {
    my ($name, @lines) = @_;

    open my $f, '>', "$d/$name" or die "$d/$name: $!\n";
    print $f map { encode_json($_) . "\n" } @lines;
    close $f;
}

sub event {
    my ($type, $ms, %more) = @_;

    return { activityType => $type, timestamp => $t0 + $ms, %more };
}

sub report {
    my ($status, $out) = builder("report --log $d/log --format json @_");

    is($status, 0, "report @_") or diag stderr();
    return $out =~ /^\{/ ? decode_json($out) : {};
}


# one who clicks twice, one whose order is told by two, one who gives back

my @events = (
    event('RECOMMENDATION_CLICK', 0, sessionId => 's1', productId => 'a',
        recommendationId => 'r1', position => 1, placement => 'home'),
    event('RECOMMENDATION_CLICK', 20_000, sessionId => 's1', productId => 'a',
        recommendationId => 'r1', position => 1, placement => 'home'),
    event('RECOMMENDATION_CLICK', $hour, sessionId => 's1', productId => 'a',
        recommendationId => 'r2', position => 2, placement => 'cart'),
    event('ADD_TO_CART', $hour + 1000, sessionId => 's1', productId => 'a',
        price => 10, quantity => 2),
    event('PURCHASE', 2 * $hour, sessionId => 's1', orderId => 'o1',
        currency => 'EUR', items => [
            { productId => 'a', price => 10, quantity => 2 },
            { productId => 'b', price => 7, quantity => 1 } ]),
    event('PURCHASE', 2 * $hour + 5, orderId => 'o1', userId => 'u1',
        items => [ { productId => 'a', price => 10, quantity => 2 } ]),
    event('RECOMMENDATION_VIEW', 3 * $hour, userId => 'u2', productId => 'c',
        recommendationId => 'r3', position => 1),
    event('PURCHASE', 4 * $hour, userId => 'u2', orderId => 'o2',
        items => [ { productId => 'c', price => 5, quantity => 4 } ]),
    event('REFUND', 30 * $hour, orderId => 'o1',
        items => [ { productId => 'a', quantity => 1 } ]),
    event('RECOMMENDATION_DISMISS', $hour, sessionId => 's3',
        productId => 'b', recommendationId => 'r3'),
    event('PRODUCT_VIEW', $hour, sessionId => 's3', productId => 'b',
        userAgent => 'Googlebot/2.1 (+http://www.google.com/bot.html)'),
    map({ event('RECOMMENDATION_CLICK', 5 * $hour + $_ * 1000,
            sessionId => 's4', productId => "p$_", recommendationId => 'r1')
        } 0 .. 54),
);

write_file('events.jsonl', @events);
write_file('catalog.jsonl',
    map { { productId => $_, title => "Product $_", price => 10,
            cost => 4 } } 'a', 'b');

write_file('users.jsonl', { userId => 'u2', segment => 'vip' });

my $out;
my ($status) = builder("import --log $d/log --events $d/events.jsonl "
    . "--catalog $d/catalog.jsonl --users $d/users.jsonl -q");
is($status, 0, 'imported') or diag stderr();

my $j = report();
my $total = $j->{total};

is($total->{clicks}, 2, 'a double click is one');
is($total->{seen}, 1, 'one was seen');
is($total->{dismissed}, 1, 'one was dismissed');
is($total->{served}, 0, 'nothing was served');
is($total->{carts}, 1, 'a cart');
is($total->{orders}, 1, 'an order told twice is one; b had no click');
is($total->{orderLines}, 1, 'and one line');
is($total->{units}, 2, 'two pieces');
is($total->{refunds}, 1, 'one came back');
is($total->{revenue}, 10, 'two pieces less one');
is($total->{margin}, 6, 'less what one costs');
is($total->{viewThroughOrders}, 1, 'an order after a view, apart');
is($total->{viewThroughRevenue}, 20, 'and its money');
is($total->{ctrServed}, undef, 'a rate of nothing is null');
is($total->{conversionRate}{value}, 0.5, 'half of the clicks');
cmp_ok($total->{conversionRate}{low}, '<', 0.1, 'is at least little');
cmp_ok($total->{conversionRate}{high}, '>', 0.9, 'is at most much');
is($j->{attribution}{model}, 'last', 'the model is told');
is($j->{bots}, 56, 'a bot is told, and a click a second is one');
like($j->{definitions}{clicks}, qr/click/, 'definitions come with numbers');


# groups, filters, times

$j = report('--group-by placement,position');
is_deeply([ map { [ @$_{qw/ placement position clicks orders /} ] }
            sort { ($a->{placement} // '') cmp ($b->{placement} // '') }
            grep { $_->{clicks} } @{ $j->{groups} } ],
    [ [ 'cart', 2, 1, 1 ], [ 'home', 1, 1, 0 ] ], 'last touch');

$j = report('--where placement=home --set attribution=first');
is($j->{total}{orders}, 1, 'first touch');

$j = report('--set attribution=linear --group-by placement');
is_deeply([ sort map { $_->{revenue} } grep { $_->{clicks} }
            @{ $j->{groups} } ], [ 5, 5 ], 'half and half');

$j = report('--where segment=vip');
is($j->{total}{viewThroughOrders}, 1, 'the segment of the user');
is($j->{total}{clicks}, 0, 'others have none');

$j = report('--group-by hour --from 2023-11-15T02:00:00Z '
    . '--to 2023-11-15T03:00:00Z');
is(scalar @{ $j->{groups} }, 1, 'one hour');
is($j->{total}{revenue}, 20, 'before anything came back');
is($j->{total}{clicks}, 0, 'clicks were before');


# the same bytes, also of files in another order

my (undef, $once) = builder("report --log $d/log --format json "
    . '--group-by type,position,hour');
my (undef, $twice) = builder("report --log $d/log --format json "
    . '--group-by type,position,hour');
ok(length $once && $once eq $twice, 'a second run says the same');

write_file('events.jsonl', reverse @events);
builder("import --log $d/log2 --catalog $d/catalog.jsonl "
    . "--users $d/users.jsonl --events $d/events.jsonl -q");
(undef, $twice) = builder("report --log $d/log2 --format json "
    . '--group-by type,position,hour');
ok($once eq $twice, 'so does another order of coming');


# tables

(undef, $out) = builder("report --log $d/log --group-by placement");
my ($head) = $out =~ /^(.*)\n/;
my @names = split /\t/, $head;
is($names[0], 'placement', 'a table has its columns');
my ($row) = $out =~ /^(cart\t.*)$/m;
my %row;
@row{@names} = split /\t/, $row;
is($row{clicks}, 1, 'and its numbers');
is($row{ctrServed}, '-', 'nothing is a dash');
like($row{conversionRate}, qr/^1 \[0\.\d+, 1\]$/, 'rates with intervals');
like($out, qr/^clicks: /m, 'and what they mean');


# a button of the cart in the list is a click, one on the product's page not

write_file('carts.jsonl',
    event('ADD_TO_CART', 1000, sessionId => 'c1', productId => 'a',
        recommendationId => 'r1', position => 2, price => 3),
    event('ADD_TO_CART', 90_000, sessionId => 'c1', productId => 'a',
        recommendationId => 'r1', position => 2, price => 3),
    event('PURCHASE', $hour, sessionId => 'c1', productId => 'a', price => 3,
        orderId => 'c1'),
    event('RECOMMENDATION_CLICK', 1000, sessionId => 'c2', productId => 'a',
        recommendationId => 'r1', position => 1),
    event('ADD_TO_CART', 2 * $hour, sessionId => 'c2', productId => 'a',
        recommendationId => 'r1', price => 3),
    event('ADD_TO_CART', $hour, sessionId => 'c3', productId => 'a'),
    event('RECOMMENDATION_CLICK', 5005, sessionId => 'c4', productId => 'b',
        recommendationId => 'r1', position => 3),
    event('ADD_TO_CART', 5000, sessionId => 'c4', productId => 'b',
        recommendationId => 'r1', position => 3),
    event('PURCHASE', $hour, sessionId => 'c5', productId => 'a', price => 3,
        orderId => 'c5', recommendationId => 'r1'));
builder("import --log $d/carts --events $d/carts.jsonl -q");
(undef, $out) = builder("report --log $d/carts --format json "
    . '--group-by position');
$j = decode_json($out);

is_deeply([ map { [ @$_{qw/ position clicks carts orders /} ] }
            @{$j->{groups}} ],
    [ [ 1, 1, 1, 0 ], [ 2, 1, 2, 1 ], [ 3, 1, 1, 0 ] ],
    'a cart from the list is a click, unless there is one');

(undef, $out) = builder("report --log $d/carts --format json data-quality");
is(decode_json($out)->{clicksByCart}, 2, 'which is told');


# euros and dollars

write_file('money.jsonl', map({ my $n = $_; (
    event('RECOMMENDATION_CLICK', $n * $hour, sessionId => "m$n",
        productId => 'a', recommendationId => "r$n", placement => 'home'),
    event('PURCHASE', $n * $hour + 1000, sessionId => "m$n",
        orderId => "m$n", productId => 'a', price => 10,
        $n == 1 ? (currency => 'USD') : $n < 4 ? (currency => 'EUR') : ())
    ) } 1 .. 4),
    event('REFUND', 5 * $hour, orderId => 'm1', productId => 'a'));
builder("import --log $d/money --events $d/money.jsonl -q");

sub money {
    my ($status, $out) = builder("report --log $d/money --format json @_");

    is($status, 0, "money @_") or diag stderr();
    return decode_json($out);
}

$j = money('--group-by hour');
is($j->{total}{orders}, 4, 'orders of all currencies count');
is($j->{total}{revenue}, undef, 'but their money is not added up');
is($j->{total}{averageOrderValue}, undef, 'nor divided');
is($j->{total}{conversionRate}{value}, 1, 'rates of orders are');
is($j->{currency}, undef, 'and there is no currency of it');
is_deeply([ map { $_->{revenue} } @{$j->{groups}} ],
    [ 10, 10, 10, 10, -10 ], 'of one currency each hour has its own');

$j = money('--group-by currency');
is_deeply([ map { [ @$_{qw/ currency clicks orders revenue /} ] }
            @{$j->{groups}} ],
    [ [ undef, 4, 1, 10 ], [ 'EUR', 0, 2, 20 ], [ 'USD', 0, 1, 0 ] ],
    'by currency, clicks have none');

$j = money('--where currency=eur');
is($j->{total}{revenue}, 20, 'euros only');
is($j->{total}{averageOrderValue}, 10, 'divided by their orders');
is($j->{currency}, 'EUR', 'are told to be euros');

$j = money('--to', $t0 + 5 * $hour, '--from', $t0 + 2 * $hour);
is($j->{total}{revenue}, 30, 'an order that names none is as the others are');
is($j->{currency}, 'EUR', 'which is told');

is((builder("report --log $d/money --where currency=euro"))[0], 2,
    'no currency');


# an order of several lines is one order

write_file('baskets.jsonl', map({
    event('RECOMMENDATION_CLICK', $_ * 1000, sessionId => 'k1',
        productId => "k$_", recommendationId => "r$_", position => $_,
        placement => $_ < 3 ? 'home' : 'cart') } 1 .. 3),
    event('PURCHASE', $hour, sessionId => 'k1', orderId => 'k1', items => [
        map { { productId => "k$_", price => 10 * $_, quantity => 1 } }
        1 .. 4 ]),
    event('RECOMMENDATION_CLICK', $hour, sessionId => 'k2',
        productId => 'k3', recommendationId => 'r9', placement => 'cart'),
    event('PURCHASE', 2 * $hour, sessionId => 'k2', orderId => 'k2',
        items => [ { productId => 'k3', price => 30, quantity => 1 } ]));
builder("import --log $d/baskets --events $d/baskets.jsonl -q");
(undef, $out) = builder("report --log $d/baskets --format json "
    . '--group-by placement');
$j = decode_json($out);

is($j->{total}{orderLines}, 4, 'lines after a click');
is($j->{total}{orders}, 2, 'of two orders');
is($j->{total}{revenue}, 90, 'their money');
is($j->{total}{averageOrderValue}, 45, 'is that of two orders');
is($j->{total}{conversionRate}{value}, 1, 'each click has led to a line');
is_deeply([ map { [ @$_{qw/ placement orders orderLines revenue /} ] }
            @{$j->{groups}} ],
    [ [ 'cart', 1.333333, 2, 60 ], [ 'home', 0.666667, 2, 30 ] ],
    'of one order each place has its part');


# the other reports

for my $name (qw/ data-quality position-bias definitions /) {
    (undef, my $json) = builder("report --log $d/log --format json $name");
    ok(eval { decode_json($json) }, "$name is JSON");
    (undef, $out) = builder("report --log $d/log $name");
    like($out, qr/^\w+(\.[\w -]+)*\t/m, "$name is lines");
}

$j = report('data-quality');
is_deeply($j->{bots}{reasons}, { agent => 1, pace => 55 },
    'quality: bots by reason');
is($j->{doubleClicks}{count}, 1, 'quality: double clicks');
is($j->{repeatedOrderLines}, 1, 'quality: a line told twice');
is($j->{unknownProducts}{products}, 56,
    'quality: c and what a program clicks are not in the catalogue');
is($j->{types}{PURCHASE}{missing}{currency}{count}, 2,
    'quality: purchases without a currency');
is($j->{late}{'1s'}{share}, undef, 'quality: imports say nothing of clocks');
ok($j->{definitions}{late}, 'quality: definitions');

$j = report('definitions');
is($j->{attribution}{model}, 'last', 'definitions: the model');
is_deeply($j->{counts}, report()->{definitions},
    'definitions: those that come with the numbers');


# what cannot be

is((builder("report --log $d/log nothing"))[0], 1, 'no such report');
like(stderr(), qr/there is no report \\?"nothing/, 'is told');
is((builder("report --log $d/log --group-by colour"))[0], 2, 'no dimension');
is((builder("report --log $d/log --where x"))[0], 2, 'no value');
is((builder("report --log $d/log --format xml"))[0], 2, 'no format');
is((builder("report --log $d/log --from 5 --to 4"))[0], 2, 'no time');
isnt((builder('report'))[0], 0, 'no log');
isnt((builder("report --log $d/nowhere"))[0], 0, 'a log that is not there');

done_testing();
