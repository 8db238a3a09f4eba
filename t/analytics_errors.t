#!/usr/bin/perl

# Copyright (C) recs authors

# Who may not ask learns nothing: a thousand names, of users that there are
# and that there are not, get one answer; so do wrong keys.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;


my $t = Test::Recs->new;
my $dir = $t->dir;
my $seed = $ENV{SEED} // int rand 1e9;
my $key = 'r' x 40;
my $now = int(time) * 1000;

diag("SEED=$seed");
srand $seed;

my @users = map { 'user' . $_ } 1 .. 50;

$t->build_snapshot(args => ['--key', "$dir/key"], events => [map {
    { activityType => 'PRODUCT_VIEW', userId => $_, sessionId => "$_-1",
      productId => "of-$_", timestamp => $now - 3_600_000 } } @users]);

$t->write_file('keys', "$key\n");
$t->write_file('update', 'u' x 40 . "\n");
chmod 0600, "$dir/$_" for qw(keys update);

$t->run($t->conf(http => "
    recs_snapshot $dir/base/current;
    recs_key $dir/key;
    recs_zone recs:2m;
    recs_journal $dir/journal max=64m segment=1m;
    recs_user \$http_x_user;
", server => "
    location /analytics {
        recs_events;
        recs_update_key update;
        recs_analytics_key keys;
    }
    location /closed { recs_events; }
    location /off { recs_events; recs_analytics_key off; }
    location /empty {
        recs_events;
        recs_snapshot off;
        recs_analytics_key keys;
    }
"));

# some of them are live, too

for (1 .. 10) {
    is($t->post('/analytics/activity', { activityType => 'PRODUCT_VIEW',
           sessionId => "live$_", productId => 'of-user1' },
       headers => { 'X-User' => "live$_" })->{status}, 202, "live$_");
}

my %open = ('X-Recs-Key' => $key);

sub profile {
    my ($id, %headers) = @_;
    return $t->get("/analytics/user-profile/$id", headers => \%headers);
}

for ('user1', 'live1') {
    is(profile($_, %open)->{status}, 200, "$_ is there for the key");
}


# everybody else: the same bytes, but for the date

sub shape {
    my ($r) = @_;
    my %h = %{$r->{headers}};
    delete $h{date};
    return join "\n", $r->{status}, $r->{body},
        map { "$_: $h{$_}" } sort keys %h;
}

my $want = shape(profile('there-is-nobody-of-this-name', %open));
like($want, qr/^404\n.*"code":"user-unknown"/, 'an unknown user');
unlike($want, qr/there-is-nobody/, 'whose name is not repeated');

my @who = ({}, { 'X-User' => 'user7' }, { 'X-User' => 'live2' },
           { 'X-Session-ID' => 'user9-1' }, { 'X-Session-ID' => 'live3' },
           { 'X-Recs-Key' => 'x' x 40 }, { 'X-Recs-Key' => 'u' x 40 },
           { 'X-Recs-Key' => substr $key, 1 }, { 'X-Recs-Key' => '' },
           { Authorization => "Basic $key" }, { Authorization => 'Bearer ' });
my (%shapes, $there);

for (1 .. 1000) {
    my $id = rand() < .4 ? $users[rand @users]
        : rand() < .2 ? 'live' . (1 + int rand 10)
        : join '', map { sprintf '%%%02X', $_ }     # no "..", a path
            grep { $_ != 0x2e } map { 1 + int rand 255 } 0 .. rand 24;
    my %headers = %{$who[rand @who]};
    my $own = $headers{'X-User'}
        // (($headers{'X-Session-ID'} // '') =~ /^(live3|user9)/ ? $1 : '');

    $id = 'user8' if $id eq $own;
    $there++ if $id =~ /^(?:user|live)/;
    $shapes{shape(profile($id, %headers))}++;
}

cmp_ok($there, '>', 300, 'users that there are');
is(join("\n---\n", sort keys %shapes), $want, 'all get one answer');

for ('/closed', '/off') {
    my $r = $t->get("$_/user-profile/user1", headers => \%open);
    is(shape($r), $want, "$_: no key is good");
}

is(shape($t->head('/analytics/user-profile/user1')) =~ /^404\n\n/ ? 1 : 0, 1,
   'HEAD');

# what is no name

for my $id ('', 'a' x 256, '%ff', 'a%0ab', '%00') {
    my $r = profile($id, %open);
    like($r->{status}, qr/^40[04]$/, length $id < 9 ? "\"$id\"" : 'long');
}

is(profile('user1', Authorization => "Bearer $key")->{status}, 200,
   'a bearer');


# history: a claim opens nothing, whoever there is

my %history;

for (1 .. 200) {
    my $id = rand() < .5 ? $users[rand @users] : 'no' . int rand 1e6;
    my $r = $t->get("/analytics/history?userId=$id",
                    headers => { 'X-Session-ID' => 'stranger' });
    $history{shape($r)}++;
}

is(scalar keys %history, 1, 'one answer to all claims');
like((keys %history)[0], qr/^403\n.*user-not-verified/, 'which is a no');


# reports: nothing without the key, whatever is asked

my @reports = ('/recommendation-performance', '/reports',
               '/reports/data-quality', '/reports/nothing');
my %report;

for my $path (@reports, '/recommendation-performance?groupBy=nonsense') {
    for my $headers ({}, { 'X-Recs-Key' => 'u' x 40 },
                     { 'X-Recs-Key' => substr $key, 1 },
                     { Authorization => 'Bearer x' }, { 'X-User' => 'user1' })
    {
        $report{shape($t->get("/analytics$path", headers => $headers))}++;
    }

    for my $closed ('/closed', '/off') {
        $report{shape($t->get("$closed$path", headers => \%open))}++;
    }
}

is(scalar keys %report, 1, 'one answer to all who have no key');
like((keys %report)[0], qr/^403\n.*analytics-forbidden/, 'which is a no');

for (['reports/nothing', '404 report-unknown'],
     ['reports/data-quality/', '404 report-unknown'],
     ['reports/', '404 report-unknown'],
     ['recommendation-performance?grupBy=type',
      '400 argument-unknown grupBy'],
     ['recommendation-performance?hour=3', '400 argument-unknown hour'],
     ['recommendation-performance?%66rom=1', '400 argument-unknown %66rom'],
     ['recommendation-performance?groupBy=type&groupBy=day',
      '400 argument-invalid groupBy'],
     ['recommendation-performance?groupBy=', '400 argument-invalid groupBy'],
     ['recommendation-performance?groupBy=type,,day',
      '400 argument-invalid groupBy'],
     ['recommendation-performance?groupBy=type,day,device,region',
      '400 argument-invalid groupBy'],
     ['recommendation-performance?groupBy=day,day',
      '400 argument-invalid groupBy'],
     ['recommendation-performance?from=yesterday',
      '400 argument-invalid from'],
     ['recommendation-performance?from=2026-01-02T00:00:00Z'
      . '&to=2026-01-01T00:00:00Z', '400 argument-invalid to'],
     ['recommendation-performance?type=NONSENSE',
      '400 argument-invalid type'],
     ['recommendation-performance?position=first',
      '400 argument-invalid position'],
     ['recommendation-performance?snapshot=1',
      '400 argument-invalid snapshot'],
     ['recommendation-performance?device=bot', '400 argument-invalid device'],
     ['recommendation-performance?region=%ff', '400 argument-invalid region'],
     ['recommendation-performance?region=%0a', '400 argument-invalid region'],
     ['recommendation-performance?variant=' . 'v' x 300,
      '400 argument-invalid variant'],
     ['recommendation-performance?format=xml',
      '400 argument-invalid format'],
     ['recommendation-performance?=1', '400 argument-unknown'],
     ['recommendation-performance/', '404 path-unknown'],
     ['reportsx', '404 path-unknown'])
{
    my ($path, $want) = @$_;
    my $r = $t->get("/analytics/$path", headers => \%open);
    is(join(' ', $r->{status}, $r->{json}{code},
            $r->{json}{parameter} // ()), $want, $path);
    like($r->{json}{detail}, qr/^[A-Z].*\.$/, 'a sentence');
}

is($t->get("/analytics$_", headers => \%open)->{status}, 200, "$_: the key")
    for @reports[0 .. 2],
        '/recommendation-performance?&&type=trending&&position=&';


# methods and paths

for my $path ('/analytics/history', '/analytics/user-profile/user1',
              map { "/analytics$_" } @reports)
{
    for my $method (qw(POST PUT DELETE PATCH)) {
        my $r = $t->http($method, $path, headers => \%open);
        is("$r->{status} $r->{headers}{allow}",
           '405 GET, HEAD, OPTIONS', "$method $path");
    }

    my $r = $t->http('OPTIONS', $path);
    is("$r->{status} $r->{headers}{allow}", '204 GET, HEAD, OPTIONS',
       "OPTIONS $path");
}

for my $path ('/analytics/user-profile', '/analytics/historyx',
              '/analytics/history/', '/analytics/', '/analytics')
{
    my $r = $t->get($path, headers => \%open);
    is("$r->{status} $r->{json}{code}", '404 path-unknown', $path);
}

for my $path ('/empty/history', '/empty/user-profile/user1',
              map { "/empty$_" } @reports)
{
    my $r = $t->get($path, headers => \%open);
    is("$r->{status} $r->{json}{code}", '503 no-snapshot', $path);
}

$t->done;
