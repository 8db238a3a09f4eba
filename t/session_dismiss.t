#!/usr/bin/perl

# Copyright (C) recs authors

# What was dismissed in a session is shown to it no more: in no list that is
# made for somebody, in no rail, by no fallback and in nothing's place; nor to
# its user, wherever.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $dir = $t->dir;
my $now = int(time) * 1000;
my (@rows, %seen);

# twenty products that many looked at, bought and put together

for my $u (1 .. 40) {
    for my $k (0 .. 5) {
        my $p = sprintf 'p%02d', ($u + $k * ($u % 3 + 1)) % 20 + 1;
        my @who = (sessionId => "old$u", userId => "u$u", verified => 1,
                   timestamp => $now - 86_400_000 * ($u % 20 + 1)
                                + $k * 60_000);

        push @rows, { activityType => 'PRODUCT_VIEW', productId => $p, @who };
        push @rows, { activityType => 'PURCHASE', productId => $p,
                      orderId => "o$u", quantity => 1, price => 5, @who }
            if $k < 3;
    }
}

# and what somebody has dismissed before all this

push @rows, { activityType => 'RECOMMENDATION_DISMISS', productId => 'p08',
              sessionId => 'old5', userId => 'u5', verified => 1,
              timestamp => $now - 3600_000 };

@rows = sort { $a->{timestamp} <=> $b->{timestamp} } @rows;

my @catalog = map { { productId => sprintf('p%02d', $_), title => "A $_",
                      price => 5 + $_, currency => 'EUR',
                      stock => $_ == 20 ? 0 : 9, category => ['A', 'B'],
                      tier => $_ % 2 ? 'low' : 'high', rating => 4,
                      ratingCount => 9, createdAt => '2026-01-01' }
                  } 1 .. 20;

$t->build_snapshot(events => \@rows, catalog => \@catalog,
                   args => ['--key', "$dir/key"]);

$t->run($t->conf(main => 'worker_processes 2;', http => "
    recs_snapshot $dir/base/current;
    recs_key $dir/key;
    recs_journal $dir/journal max=16m;
    recs_user \$http_x_user;", server => '
    location /recommendations { recs; }
    location /analytics { recs_events; }
    location /page {
        recs_list $list
            "type=PERSONALIZED&limit=20&sessionId=$arg_sessionId" format=ids;
        return 200 $list;
    }'));

sub did {
    my ($type, $session, $product, %headers) = @_;
    my $r = $t->post('/analytics/activity',
        { activityType => $type, sessionId => $session,
          productId => $product },
        headers => { 'Content-Type' => 'application/json', %headers });
    is($r->{status}, 202, "$type $product");
}

my @paths = map { "/recommendations/$_" }
    qw(personalized recently-viewed buy-again session up-sell/p05
       upgrade-path complementary social-proof home
       frequently-bought-together);

sub shown {
    my ($path, $session, %headers) = @_;
    my $r = $t->get("$path?limit=20&rails=5&sessionId=$session",
                    headers => \%headers);
    my $answer = $r->{json};

    is($r->{status}, 200, "$path: 200") or diag $r->{body};

    return map { $_->{productId} } @{$answer->{items} // []},
        map { @{$_->{items}} } @{$answer->{rails} // []};
}

did('PRODUCT_VIEW', 's1', 'p03');
did('PRODUCT_VIEW', 's1', 'p04');
did('ADD_TO_CART', 's1', 'p06');

for my $path (@paths) {
    my @first = shown($path, 's1');
    cmp_ok(scalar @first, '>', 0, "$path: a list");
    $seen{$_}++ for @first;
}

# the best of each list, one after the other: also what was looked at, what
# stands in for p20, which is sold out, and what only fills up

my %gone;

for my $round (1 .. 2) {
    for my $path (@paths) {
        my ($first) = grep { !$gone{$_} } shown($path, 's1');
        next if !defined $first;
        $gone{$first} = 1;
        did('RECOMMENDATION_DISMISS', 's1', $first);
    }

    for my $path (@paths) {
        is_deeply([grep { $gone{$_} } map { shown($path, 's1') } 1 .. 3], [],
                  "$path: nothing that was dismissed");
    }
}

cmp_ok(scalar keys %gone, '>=', 8, 'several were dismissed');

my $batch = $t->post('/recommendations/batch',
    [map { { path => $_, limit => 20 } } qw(personalized session)],
    headers => { 'Content-Type' => 'application/json',
                 'X-Session-ID' => 's1' });
is_deeply([grep { $gone{$_} } map { $_->{productId} }
           map { @{$_->{answer}{items}} } @{$batch->{json}{responses}}], [],
          'nor in a batch');
is_deeply([grep { $gone{$_} } split /,/,
           $t->get('/page?sessionId=s1')->{body}], [], 'nor in a page');

# what is looked at again is dismissed still; another session is not asked

my ($one) = sort keys %gone;
did('PRODUCT_VIEW', 's1', $one);
is_deeply([grep { $_ eq $one } map { shown($_, 's1') } @paths], [],
          'a look takes nothing back');
cmp_ok(scalar(grep { $gone{$_} } map { shown($_, 's2') } @paths), '>', 0,
       'another session is shown them');

# more than a session remembers: what was dismissed goes last

did('PRODUCT_VIEW', 's1', sprintf 'p%02d', $_ % 20 + 1) for 1 .. 60;
is_deeply([grep { $gone{$_} } map { shown($_, 's1') } @paths], [],
          'after sixty more events');

# a verified user has dismissed it everywhere

my @ann = ('X-User' => 'u3');
did('RECOMMENDATION_DISMISS', 's3', 'p07', @ann);
is_deeply([grep { $_ eq 'p07' } map { shown($_, 's4', @ann) } @paths], [],
          'a user, in another session');
is_deeply([grep { $_ eq 'p07' } map { shown($_, 's3') } @paths], [],
          'the session, without the user');

# the snapshot knows it when the session is not live any more; without a live
# cart the last of the lists is nobody's

pop @paths;
is_deeply([grep { $_ eq 'p08' } map { shown($_, 'new', 'X-User' => 'u5') }
           @paths], [], 'a user of the snapshot');
is_deeply([grep { $_ eq 'p08' } map { shown($_, 'old5') } @paths], [],
          'a session of the snapshot');
cmp_ok(scalar(grep { $_ eq 'p08' } map { shown($_, 's2') } @paths), '>', 0,
       'which others are shown');

$t->done;
