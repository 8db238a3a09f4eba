#!/usr/bin/perl

# Copyright (C) recs authors

# Whose a session is: from events over HTTP through the builder to what the
# session may read.  Who claims to be somebody reads nothing of theirs.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;

my $t = Test::Recs->new;
my $dir = $t->dir;

mkdir "$dir/$_" for 'journal', 'out';

$t->run($t->conf(http => '
    recs_key %%DIR%%/out/key;
    recs_journal %%DIR%%/journal max=16m;
    recs_snapshot %%DIR%%/out/current check=100ms;
', server => '
    location /recommendations { recs; recs_user $cookie_verified; }
    location /analytics { recs_events; recs_user $cookie_verified; }
    location /open { recs_events; }
'));

my $now = int(time) * 1000;
my $sent = 0;

# An event so many minutes ago; who is verified is in a cookie.

sub event {
    my ($type, $session, $minutes, %o) = @_;
    my ($as, $path) = (delete $o{as}, delete $o{path} // '/analytics');

    my $r = $t->post("$path/activity",
        { activityType => $type, sessionId => $session,
          timestamp => $now - $minutes * 60_000, %o },
        headers => $as ? { Cookie => "verified=$as" } : {});

    is($r->{status}, 202, "$type in $session");
    $sent++;
}

sub view { event('PRODUCT_VIEW', $_[0], $_[1], productId => $_[2],
                 @_[3 .. $#_]) }

# victim: views before and after a login, in two sessions

view('victim-1', 90, 'secret-1', anonymousId => 'victim-browser');
event('LOGIN', 'victim-1', 80, as => 'victim');
view('victim-1', 70, 'secret-2', as => 'victim');
view('victim-2', 60, 'secret-3', as => 'victim', userId => 'victim');

# a session in which she only logs in

event('LOGIN', 'victim-3', 50, as => 'victim');

# those who claim to be her, by any event, where nobody is verified and where
# nobody can be

view('thief-1', 40, 'bait', userId => 'victim');
event('LOGIN', 'thief-1', 39, userId => 'victim');
view('thief-2', 40, 'bait', userId => 'victim', path => '/open');
event('LOGIN', 'thief-2', 39, userId => 'victim', path => '/open',
      anonymousId => 'victim-browser');
event('LOGIN', 'thief-3', 38, userId => 'victim');
view('thief-4', 37, 'bait', anonymousId => 'victim-browser');

# one who is somebody else

view('other-1', 30, 'mine', as => 'other');
view('other-1', 29, 'bait', userId => 'victim');

$t->write_file('run.conf', <<"EOC");
out = "$dir/out"
log = "$dir/log"
journal = "$dir/journal"
schedule = "1d"
EOC

my ($rc, $text) = $t->command($t->builder, 'run', '-c', "$dir/run.conf",
                              '--once');
is($rc, 0, 'built') or diag($text);
like($text, qr/\bevents=$sent\b/, 'from all events');

sub history {
    my ($session, $as) = @_;
    my $r = $t->get("/analytics/history?sessionId=$session&limit=20",
                    headers => $as ? { Cookie => "verified=$as" } : {});
    return join ' ', sort map { $_->{productId} } @{$r->{json}{items}};
}

# What is listed because the asker has seen it; the rest is from others.

sub viewed {
    my ($session) = @_;
    my $r = $t->get("/recommendations/recently-viewed?sessionId=$session");
    return join ' ', sort map { $_->{productId} }
        grep { $_->{reason}{code} eq 'RECENTLY_VIEWED' }
        @{$r->{json}{items}};
}

my $hers = 'bait secret-1 secret-2 secret-3';

ok($t->wait_for(sub { history('victim-1') ne '' }), 'the snapshot is there');

is(history('victim-1'), $hers, 'a session with a login');
is(history('victim-2'), $hers, 'another one');
is(history('victim-3'), $hers, 'one that only has a login');
is(history('new', 'victim'), $hers, 'a verified user');

is(history('thief-1'), 'bait', 'a claim in a view and a login');
is(history('thief-2'), 'bait', 'where nobody is verified');
is(history('thief-3'), '', 'a claim in a login alone');
is(history('thief-4'), 'bait', "another one's browser");
is(history('other-1'), 'bait mine', 'a claim in a session of a user');

for my $session (qw(thief-1 thief-2 thief-3 thief-4 other-1)) {
    for my $path ('/recommendations/recently-viewed',
                  '/recommendations/personalized', '/analytics/history')
    {
        is($t->get("$path?sessionId=$session&userId=victim")->{status}, 403,
           "$session: $path of the victim");
    }

    unlike(viewed($session), qr/secret/, "$session: nothing of hers");
}

is(viewed('victim-3'), $hers, 'what she has viewed');

is($t->get('/recommendations/recently-viewed?sessionId=victim-3&userId=victim')
   ->{status}, 200, 'her own, by the session of her login');

$t->done;
