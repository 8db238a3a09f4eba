#!/usr/bin/perl

# Copyright (C) recs authors

# What a visitor does is seen by the very next answer, whichever worker gives
# it: clicks, the cart, what is bought or dismissed, searches, a login.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


use constant DAY => 86_400_000;

my $t = Test::Recs->new;
my $start = (int(time) - 20 * 86_400) * 1000;
my ($n, @rows) = (0);

sub session {
    my ($name, $day, @products) = @_;

    push @rows, { activityType => 'PRODUCT_VIEW', productId => $_,
                  timestamp => $start + $day * DAY + 60_000 * $n++,
                  sessionId => $name } for @products;
}

# a tent leads to a mat, a mat to a stove; who looked at paint took brushes

for my $day (0 .. 9) {
    session("camp$day", $day, qw(tent mat stove));
    session("paint$day", $day, qw(paint brush));
    push @rows, { activityType => 'PURCHASE', productId => $_,
                  orderId => "o$day", timestamp => $start + $day * DAY,
                  sessionId => "buy$day", quantity => 1, price => 5 }
        for qw(lamp bulb);
}

push @rows, { activityType => 'PRODUCT_VIEW', productId => 'cup',
              timestamp => $start + 11 * DAY, sessionId => 'old',
              userId => 'ann', verified => 1 };

@rows = sort { $a->{timestamp} <=> $b->{timestamp} } @rows;

my @catalog = map { { productId => $_, title => "A $_", price => 5,
                      currency => 'EUR', stock => 9 } }
    qw(tent mat stove paint brush lamp bulb cup spoon fork);

my $dir = $t->dir;

$t->build_snapshot(events => \@rows, catalog => \@catalog,
    args => [ '--key', "$dir/key", '--set', 'together_min_count=1' ]);

my $http = "
    recs_snapshot $dir/base/current;
    recs_key $dir/key;
    recs_journal $dir/journal max=64m segment=256k;
    recs_user \$http_x_user;
    ";
my $server = '
    location /recommendations { recs; }
    location /analytics { recs_events; }
    location /status { recs_status; }
    location /other/recommendations { recs; recs_shop other; }
    location /other/analytics { recs_events; recs_shop other; }
    ';

$t->run($t->conf(main => 'worker_processes 2;', http => "$http
    recs_zone recs:4m;", server => $server));

# Each request is a connection of its own, and two workers answer in turn as
# they like: what is asked four times was asked of both.

sub did {
    my ($type, $session, $product, %more) = @_;
    my $headers = delete $more{headers} // {};
    my $r = $t->post(delete $more{uri} // '/analytics/activity',
        { activityType => $type, sessionId => $session,
          $product ? (productId => $product) : (), %more },
        headers => { 'Content-Type' => 'application/json', %$headers });
    is($r->{status}, 202, "$type " . ($product // ''));
}

sub listed {
    my ($path, $session, %headers) = @_;
    my %seen;

    for (1 .. 4) {
        my $r = $t->get("$path" . ($path =~ /\?/ ? '&' : '?')
                        . "limit=20&sessionId=$session",
                        headers => \%headers);
        $seen{join ' ', map { "$_->{productId}"
                . ($_->{reason}{productId} ? ":$_->{reason}{productId}" : '')
                . "/$_->{reason}{code}" } @{$r->{json}{items} // []}}++;
    }

    is(scalar keys %seen, 1, 'workers agree');

    return (keys %seen)[0];
}

sub found {
    my ($code, $list) = @_;
    return join ' ', map { m{^(.*)/$code$} ? $1 : () } split / /, $list;
}

my $session = '/recommendations/session';
my $because = 'BECAUSE_OF_THIS_SESSION';


# clicks

is(found($because, listed($session, 's1')), '', 'nobody yet');

did('PRODUCT_VIEW', 's1', 'tent');
is(found($because, listed($session, 's1')), 'mat:tent stove:tent',
   'the next answer knows');

did('PRODUCT_VIEW', 's1', 'paint');
my $list = found($because, listed($session, 's1'));
like($list, qr/brush:paint/, 'the one after that, too');
like($list, qr/mat:tent|stove:tent/, 'and what was before');

is(found($because, listed($session, 's2')), '', 'not somebody else');
is(found($because, listed("/other$session", 's1')), '', 'nor another shop');

my $history = $t->get('/analytics/history?sessionId=s1');
is_deeply([$t->ids($history)], ['paint', 'tent'], 'history, newest first');
is($history->{json}{items}[0]{views}, 1, 'views');
ok(!$history->{json}{items}[0]{converted}, 'not bought');

like(found('RECENTLY_VIEWED', listed('/recommendations/recently-viewed',
                                     's1')),
     qr/^(paint tent|tent paint)$/, 'recently viewed');
like(found('BECAUSE_YOU_VIEWED', listed('/recommendations/personalized',
                                        's1')), qr/mat/, 'personalized');


# cart

my $together = '/recommendations/frequently-bought-together';
is($t->get($together)->{status}, 400, 'no session, no cart');
is(found('BOUGHT_TOGETHER', listed($together, 's3')), '',
   'a session without one');
did('ADD_TO_CART', 's3', 'lamp');
is(found('BOUGHT_TOGETHER', listed($together, 's3')), 'bulb:lamp',
   'what goes with the cart');
like($t->get("$together?sessionId=s3")->{headers}{'cache-control'},
     qr/private/, 'for nobody else');
unlike(listed("$session", 's3'), qr/(?:^| )lamp/, 'the cart is not listed');
unlike(listed('/recommendations/personalized', 's3'), qr/(?:^| )lamp/,
       'nor by others');

did('REMOVE_FROM_CART', 's3', 'lamp');
is(found('BOUGHT_TOGETHER', listed($together, 's3')), '', 'taken out');
like(listed('/recommendations/personalized', 's3'), qr/(?:^| )lamp/,
     'listed again');

did('PURCHASE', 's3', 'lamp', orderId => 'x1', quantity => 1, price => 5);
unlike(listed('/recommendations/personalized', 's3'), qr/(?:^| )lamp/, 'bought');
ok($t->get('/analytics/history?sessionId=s3')->{json}{items}[0]{converted},
   'told so');

did('RECOMMENDATION_DISMISS', 's3', 'spoon');
unlike(listed('/recommendations/personalized', 's3'), qr/(?:^| )spoon/,
       'dismissed');


# a login

did('PRODUCT_VIEW', 's4', 'tent');
is($t->get('/analytics/history?userId=ann&sessionId=s4')->{status}, 403,
   'a session of nobody');
did('LOGIN', 's4', undef, headers => { 'X-User' => 'ann' });
is_deeply([$t->ids($t->get('/analytics/history?userId=ann&sessionId=s4'))],
          ['tent', 'cup'], 'with the history of the user');
is_deeply([$t->ids($t->get('/analytics/history',
                           headers => { 'X-User' => 'ann' }))],
          ['tent', 'cup'], 'the same elsewhere');

did('PRODUCT_VIEW', 's5', 'paint', headers => { 'X-User' => 'ann' });
is_deeply([$t->ids($t->get('/analytics/history?sessionId=s4'))],
          ['paint', 'tent', 'cup'], 'what was done elsewhere');
is(found($because, listed($session, 's4')), 'mat:tent stove:tent',
   'a session is that of its own clicks');

is_deeply([$t->ids($t->get('/analytics/history?sessionId=s4',
                           headers => { 'X-User' => 'bob' }))],
          [], 'not for somebody else');

did('LOGOUT', 's4', undef, headers => { 'X-User' => 'ann' });
is_deeply([$t->ids($t->get('/analytics/history?sessionId=s4'))], [],
          'a logout forgets');
is($t->get('/analytics/history?userId=ann&sessionId=s4')->{status}, 403,
   'whose it was');
did('LOGOUT', 'old', undef);
is_deeply([$t->ids($t->get('/analytics/history?sessionId=old'))], [],
          'what the snapshot knows, too');
did('LOGIN', 's4', undef, headers => { 'X-User' => 'bob' });
is_deeply([$t->ids($t->get('/analytics/history?sessionId=s4'))], [],
          'the next one has nothing of it');
is_deeply([$t->ids($t->get('/analytics/history',
                           headers => { 'X-User' => 'ann' }))],
          ['paint', 'tent', 'cup'], 'the user has it all');


# who refuses

did('PRODUCT_VIEW', 's6', 'tent', headers => { 'Sec-GPC' => 1 });
is(found($because, listed($session, 's6')), '', 'not with Sec-GPC');
did('PRODUCT_VIEW', 's7', 'tent', consent => 'denied');
is(found($because, listed($session, 's7')), '', 'nor without consent');
did('PRODUCT_VIEW', 's8', 'tent');
isnt(found($because, listed($session, 's8')), '', 'with it');
did('CONSENT_UPDATE', 's8', undef, consent => 'denied');
is(found($because, listed($session, 's8')), '', 'until it is taken back');


# what was not accepted is not seen

my $r = $t->post('/analytics/activity', { activityType => 'PRODUCT_VIEW',
                                          sessionId => 's9' });
is($r->{status}, 400, 'no product');
$r = $t->post('/analytics/batch', [
    { activityType => 'PRODUCT_VIEW', sessionId => 's9',
      productId => 'tent' },
    { activityType => 'PRODUCT_VIEW', sessionId => 's9' },
    { activityType => 'PRODUCT_VIEW', sessionId => 's9',
      productId => 'paint' } ]);
is($r->{json}{accepted}, 2, 'two of three');
is_deeply([$t->ids($t->get('/analytics/history?sessionId=s9'))],
          ['paint', 'tent'], 'are seen');


# numbers

my $status = $t->get('/status?check=sessions')->{json};
cmp_ok($status->{sessions}{records}, '>=', 8, 'records');
cmp_ok($status->{sessions}{room}, '>', 1000, 'room');
is($status->{sessions}{sound}, $status->{sessions}{records}, 'all sound');
is($status->{sessions}{broken} + $status->{sessions}{held}, 0, 'none held');
is($status->{counters}{sessionsEvicted}, 0, 'none evicted');

my $text = $t->get('/status?format=prometheus')->{body};
like($text, qr/^nginx_recs_sessions $status->{sessions}{records}$/m,
     'gauge');
like($text, qr/^nginx_recs_sessions_room \d+$/m, 'room');
like($text, qr/^nginx_recs_sessions_evicted_total 0$/m, 'counter');


# a reload keeps them; another zone begins anew, one too small has none

ok($t->reload, 'reload');
like(found($because, listed($session, 's1')), qr/brush:paint/, 'kept');

$t->write_file_expand('nginx.conf', $t->conf(main => 'worker_processes 2;',
    http => "$http recs_zone recs:200k;", server => $server));
ok($t->reload, 'a small zone');
is($t->get('/status')->{json}{sessions}{room}, 0, 'no room');
did('PRODUCT_VIEW', 's1', 'tent');
is(found($because, listed($session, 's1')), '', 'works without');
is_deeply([$t->ids($t->get('/analytics/history',
                           headers => { 'X-User' => 'ann' }))],
          ['cup'], 'from the snapshot alone');

$t->done;
