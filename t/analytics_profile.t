#!/usr/bin/perl

# Copyright (C) recs authors

# The profile of a user: what the snapshot and the live record add up to,
# against the test's own count of the events; for who has a key, and for that
# very user.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $dir = $t->dir;
my $seed = $ENV{SEED} // int rand 1e9;
my $key = 'k' x 32;
my $now = int(time) * 1000;

diag("SEED=$seed");
srand $seed;

my %category = (0 => ['Home', 'Kitchen'], 1 => ['Home', 'Garden'],
                2 => ['Toys & "Games"'], 3 => ['Books']);
my (@catalog, %product);

for my $n (0 .. 59) {
    my $row = { productId => "p$n", title => "Product $n",
                category => $category{$n % 4}, brand => 'Brand ' . $n % 7,
                price => 1 + $n, currency => 'EUR', stock => 5 };
    push @catalog, $row;
    $product{"p$n"} = $row;
}

# what each user did, and what of it the history must have

my %flag = (PRODUCT_VIEW => 1, ADD_TO_CART => 2, ADD_TO_WISHLIST => 4,
            PURCHASE => 8, RECOMMENDATION_DISMISS => 16);
my @types = (('PRODUCT_VIEW') x 6, 'ADD_TO_CART', 'ADD_TO_WISHLIST',
             'PURCHASE', 'RECOMMENDATION_DISMISS');
my (@events, %want);

for my $n (1 .. 600) {
    my $user = 'user' . int rand 20;
    my $type = $types[rand @types];
    my $id = 'p' . int rand 60;
    my $time = $now - 40 * 86_400_000 + $n * 3_600_000;

    push @events, { activityType => $type, productId => $id,
        userId => $user, sessionId => "$user-" . int($n / 50),
        timestamp => $time, region => $user =~ /[02468]$/ ? 'north' : 'south',
        $type eq 'PURCHASE' ? (orderId => "o$n", price => 5, quantity => 1)
                            : () };

    my $w = $want{$user}{$id} //= { views => 0, flags => 0, first => $time };
    $w->{views}++ if $type eq 'PRODUCT_VIEW';
    $w->{flags} |= $flag{$type};
    $w->{flags} &= ~2 if $type eq 'PURCHASE';
    $w->{last} = $time;
    $want{$user}{''} = $time;
}

$t->write_file('keys', "$key\n");
chmod 0600, "$dir/keys";
$t->build_snapshot(events => \@events, catalog => \@catalog,
                   args => ['--key', "$dir/key", '--set', 'high_value=20']);

$t->run($t->conf(http => "
    recs_snapshot $dir/base/current;
    recs_key $dir/key;
    recs_zone recs:2m;
    recs_journal $dir/journal max=64m segment=1m;
    recs_user \$http_x_user;
", server => '
    location /analytics { recs_events; recs_analytics_key keys; }
    location /closed { recs_events; }
'));

sub profile {
    my ($user, %o) = @_;
    return $t->get(($o{uri} // '/analytics') . "/user-profile/$user"
                   . ($o{args} // ''), headers => $o{headers} // {});
}

my %open = ('X-Recs-Key' => $key);


# everything that is said, against the count

sub names {
    my ($flags) = @_;
    return [grep { $flags & $flag{$_} } qw(PRODUCT_VIEW ADD_TO_CART
        ADD_TO_WISHLIST PURCHASE RECOMMENDATION_DISMISS)];
}

sub likes {
    my ($recent, $of) = @_;
    my (%weight, %products, $sum);

    for (grep { $_->{weight} > 0 } @$recent) {
        my $name = $of->($product{$_->{productId}});
        $weight{$name} += $_->{weight};
        $products{$name}++;
        $sum += $_->{weight};
    }

    return map { [$_, $products{$_}, $weight{$_} / $sum] } keys %weight;
}

for my $user (sort keys %want) {
    my %w = %{$want{$user}};
    my $last = delete $w{''};
    my $r = profile($user, headers => \%open, args => '?limit=100');
    my $p = $r->{json};
    my @recent = @{$p->{recent} // []};
    my $count = sub {
        my ($bit) = @_;
        return scalar grep { $_->{flags} & $bit } values %w;
    };
    my $views = 0;
    $views += $_->{views} for values %w;

    is($r->{status}, 200, "$user: answered");
    is($p->{userId}, $user, "$user: it is he");
    is($p->{snapshotId}, $t->snapshot_id, "$user: of this snapshot");
    is($p->{region}, $user =~ /[02468]$/ ? 'north' : 'south',
       "$user: region");
    is($p->{lastActivityAt}, $last, "$user: last activity");
    is($p->{live}, undef, "$user: nothing live");
    is_deeply($p->{counts}, {
        products => scalar keys %w, views => $views, carts => $count->(2),
        wishes => $count->(4), purchases => $count->(8),
        dismissed => $count->(16) }, "$user: counts");
    ok(!!$p->{valuable} == (5 * grep({ $_->{userId} eq $user
                           && $_->{activityType} eq 'PURCHASE' } @events)
                           >= 20), "$user: valuable");

    is_deeply([map { $_->{productId} } @recent],
              [sort { $w{$b}{last} <=> $w{$a}{last} } keys %w],
              "$user: newest first");

    my $bad = 0;

    for (@recent) {
        my $e = $w{$_->{productId}};
        $bad++ if $_->{views} != $e->{views}
            || $_->{lastViewedAt} != $e->{last}
            || "@{$_->{activities}}" ne "@{names($e->{flags})}"
            || $_->{product}{title} ne $product{$_->{productId}}{title};
    }

    is($bad, 0, "$user: each product");

    for (['categories', sub { join '/', @{$_[0]{category}} }],
         ['brands', sub { $_[0]{brand} }])
    {
        my ($what, $of) = @$_;
        my %like = map { $_->[0] => $_ } likes(\@recent, $of);
        my $before = 2;
        my $wrong = 0;

        for (@{$p->{$what}}) {
            my $l = $like{$_->{name}};
            $wrong++ if !$l || $_->{products} != $l->[1]
                || abs($_->{share} - $l->[2]) > .001
                || $_->{share} > $before;
            $before = $_->{share};
        }

        is($wrong, 0, "$user: $what");
        is(scalar @{$p->{$what}}, scalar keys %like, "$user: all $what");
    }
}


# how much of it, and form

my ($some) = sort keys %want;

is(scalar @{profile($some, headers => \%open)->{json}{recent}}, 10,
   'ten products');
is(scalar @{profile($some, headers => \%open, args => '?limit=3')
            ->{json}{recent}}, 3, 'or as many as are asked for');

my $r = profile($some, headers => \%open);
is($r->{headers}{'cache-control'}, 'private, no-cache', 'private');
like($r->{headers}{'content-type'}, qr{^application/json}, 'JSON');

my $head = $t->head("/analytics/user-profile/$some", headers => \%open);
is("$head->{status} $head->{headers}{'content-length'}",
   '200 ' . length $r->{body}, 'HEAD');

for my $bad ('0', 'x', '') {
    $r = profile($some, headers => \%open, args => "?limit=$bad");
    is("$r->{status} $r->{json}{code}", '400 limit-invalid',
       "limit \"$bad\"");
}


# the user himself

$r = profile($some, headers => { 'X-User' => $some });
is($r->{status}, 200, 'his own');
is($r->{json}{counts}{products}, scalar(keys %{$want{$some}}) - 1, 'the same');
is(profile($some, headers => { 'X-User' => $some }, uri => '/closed')
   ->{status}, 200, 'also where there is no key');
is(profile($some, headers => { 'X-User' => 'user1x' })->{status}, 404,
   'not that of another one');
is(profile($some, headers => { 'X-User' => $some, 'Sec-GPC' => 1 })
   ->{status}, 404, 'who refuses to be known is nobody');
is(profile($some, headers => { %open, 'Sec-GPC' => 1 })->{status}, 200,
   'but not who has the key');


# live

sub did {
    my ($type, $user, $id, %more) = @_;
    $r = $t->post('/analytics/activity', { activityType => $type,
        sessionId => "live-$user", productId => $id, %more },
        headers => { 'X-User' => $user, 'User-Agent' =>
                     'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)'
                     . ' AppleWebKit/605.1.15 Mobile/15E148' });
    is($r->{status}, 202, "$type $id by $user");
}

did('PRODUCT_VIEW', 'fresh one', 'p1');
did('PRODUCT_VIEW', 'fresh one', 'p5');
did('PRODUCT_VIEW', 'fresh one', 'p1');
did('ADD_TO_CART', 'fresh one', 'p2', quantity => 1);

$r = profile('fresh%20one', headers => \%open);
is($r->{status}, 200, 'one whom only the last minutes know');
is_deeply($r->{json}{counts}, { products => 3, views => 3, carts => 1,
          wishes => 0, purchases => 0, dismissed => 0 }, 'what he did');
is($r->{json}{live}{events}, 4, 'events');
is($r->{json}{live}{products}, 3, 'products');
is($r->{json}{live}{device}, 'mobile', 'device');
is($r->{json}{lastActivityAt}, $r->{json}{live}{lastAt}, 'last of all');
is($r->{json}{userId}, 'fresh one', 'the name as it is');
ok(!$r->{json}{valuable}, 'of no value yet');
is_deeply([sort map { $_->{name} } @{$r->{json}{categories}}],
          ['Home/Garden', 'Toys & "Games"'], 'what he likes');

is(profile('live-fresh one' =~ s/ /%20/r, headers => \%open)->{status}, 404,
   'a session is no user');

$r = profile('fresh%20one?sessionId=live-fresh%20one');
is($r->{status}, 200, 'by the session of his login');

my $before = profile($some, headers => \%open, args => '?limit=100')->{json};
did('PRODUCT_VIEW', $some, 'p59');
my $after = profile($some, headers => \%open, args => '?limit=100')->{json};
is($after->{recent}[0]{productId}, 'p59', 'what was just seen is first');
is($after->{counts}{views}, $before->{counts}{views} + 1, 'one more view');
is($after->{live}{events}, 1, 'live');

# ids as they are: a path that is normalized would name somebody else

did('PRODUCT_VIEW', $_, 'p7') for 'a/b', 'a//b', 'x/../b', 'b';

for my $id ('a/b', 'a//b', 'x/../b', 'a b+c%', 'b') {
    (my $sent = $id) =~ s/([^a-z.])/sprintf '%%%02x', ord $1/ge;
    $r = profile($sent, headers => \%open, args => '?limit=3');
    is($r->{status}, $id =~ /c/ ? 404 : 200, "id $sent");
    is($r->{json}{userId}, $id, 'is the one that is meant') if $id !~ /c/;
}

is(profile($_, headers => \%open)->{status}, 404, "$_: a slash is written %2F")
    for 'b/b', 'a//b', 'x/../b';


# nothing that a session is known by, and no identity

unlike($r->{body}, qr/live-fresh|[0-9a-f]{30}/, 'no other identifier');

$t->done;
