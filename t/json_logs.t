#!/usr/bin/perl

# Copyright (C) recs authors

# Logs as JSON: every line of the builder is an object, whatever bytes a path
# or a file has; and conf-examples/log.conf, with nobody in it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP qw(decode_json);
use Test::More;
use Test::Recs;
use Test::Recs::Shop;

my $t = Test::Recs->new(slack => 16);
my ($dir, $builder) = ($t->dir, $t->builder);

# an absurd name: quotes would end a text of the configuration

my $odd = "a\xff\xc3b 'c\x01<d>=e";
mkdir "$dir/$odd";
mkdir "$dir/journal";
my $json = JSON::PP->new->canonical;

for my $f (['events', Test::Recs::Shop::events()],
           ['catalog', Test::Recs::Shop::catalog()])
{
    my ($name, $rows) = @$f;
    $t->write_file("$odd/$name.jsonl", join '', "{\xff\"\n",
        map { ref ? $json->encode($_) . "\n" : $_ }
            ref $rows ? @$rows : $rows);
}

$t->write_file('run.conf', <<"EOC");
out = "$dir/out"
log = "$dir/log"
journal = "$dir/journal"
events = { "$dir/$odd/events.jsonl" }
catalog = { "$dir/$odd/catalog.jsonl" }
schedule = "1d"
log_format = json
EOC

my ($rc, $out) = $t->command($builder, 'run', '--once', '-v', '-c',
                             "$dir/run.conf");
is($rc, 0, 'a build') or diag $out;

my (@lines, @bad);

for (split /\n/, $out) {
    my $line = eval { decode_json($_) };
    push @bad, $_ if ref $line ne 'HASH';
    push @lines, $line if ref $line eq 'HASH';
}

is_deeply(\@bad, [], 'each line is an object');
cmp_ok(scalar @lines, '>', 5, 'there are several');

is_deeply([grep {
    ($_->{time} // '') !~ /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
    || ($_->{level} // '') !~ /^(?:debug|info|notice|warn|error)$/
    || !length($_->{stage} // '') || !defined $_->{msg} } @lines], [],
    'time, level, stage, msg');

my ($published) = grep { $_->{msg} eq 'published' } @lines;
is($published->{snapshot}, readlink("$dir/out/current")
   =~ s/^snap-|\.mdb$//gr, 'an id is a text');
is($published->{items}, 24, 'a number');
my ($raw) = grep { /"published"/ } split /\n/, $out;
like($raw, qr/"items":24,/, 'as a number');

my ($line) = grep { $_->{msg} =~ /bad line/ } @lines;
like($line->{msg}, qr/a\x{fffd}\x{fffd}b 'c\x01<d>=e/,
     'a path, with what is no UTF-8 replaced');

# errors, too; a reload takes it back

($rc, $out) = $t->command($builder, 'run', '--once', '-c', $t->write_file(
    'run.conf', $t->read_file('run.conf') =~ s/^events = .*$/events = { "$dir\/none" }/mr));
is($rc, 1, 'no such file');
my @errors = map { eval { decode_json($_) } // { level => "no JSON: $_" } }
    split /\n/, $out;
is($errors[-1]{level}, 'error', 'an error');
like($errors[-1]{msg}, qr{cannot open \Q$dir\E/none}, 'and why');


# nginx

$t->build_snapshot(events => Test::Recs::Shop::events(),
                   catalog => Test::Recs::Shop::catalog());
$t->run($t->example('log.conf'));

$t->get('/recommendations/similar/S1?limit=3&sessionId=secret-session',
        headers => { Referer => 'http://shop/?user=secret-referer' });
$t->get('/recommendations/trending%22%0a%ff?userId=secret-user');
$t->get('/analytics/user-profile/secret-id');
$t->post('/analytics/activity', { activityType => 'PRODUCT_VIEW',
    sessionId => 'secret-body', productId => 'S1' });

my $log;
ok($t->wait_for(sub {
       ($log = eval { $t->read_file('access.log') } // '')
           =~ m{/analytics/activity} }, 10), 'logged');

my @objects = map { eval { decode_json($_) } } split /\n/, $log;
is(scalar(grep { ref eq 'HASH' } @objects), scalar(split /\n/, $log),
   'each line is an object');

my ($list) = grep { $_->{uri} =~ m{/similar/} } @objects;
is($list->{recs}, 'HIT', 'the status of a list');
is($list->{type}, 'SIMILAR_PRODUCTS', 'its type');
is($list->{count}, 3, 'its products');
is(scalar(split /,/, $list->{items}), 3, 'their ids');
is($list->{snapshot}, $t->snapshot_id, 'its snapshot');

my ($event) = grep { $_->{uri} eq '/analytics/activity' } @objects;
is($event->{accepted}, 1, 'an event');
is(scalar(grep { $_->{uri} eq '/analytics/user-profile' } @objects), 1,
   'a path without the id in it');
unlike($log, qr/secret|127\.0\.0\.1/, 'nobody is in it');

# no example that logs has anybody's id in it

my @examples = grep { $t->read_file($_) =~ /access_log (?!off)/ }
               glob "$FindBin::Bin/../conf-examples/*.conf";
cmp_ok(scalar @examples, '>=', 4, 'examples that log');
$t->write_file($_, 'k' x 32) for 'update.keys', 'analytics.keys';
chmod 0600, "$dir/update.keys", "$dir/analytics.keys";

for my $path (@examples) {
    my ($name) = $path =~ m{([^/]+)$};

    $t->stop;
    unlink "$dir/access.log";
    $t->run($t->example($name));

    for my $port ($t->port, $name eq 'analytics.conf' ? $t->port(3) : ())
    {
        $t->get('/recommendations/trending?userId=secret-user',
                port => $port);
        $t->get('/analytics/user-profile/secret-id', port => $port);
        $t->http('DELETE', "/analytics/$_/secret-id", port => $port)
            for qw(users sessions);
    }

    ok($t->wait_for(sub {
           ($log = eval { $t->read_file('access.log') } // '')
               =~ m{/analytics/sessions}
       }, 10), "$name: logged") or diag $log;
    unlike($log, qr/secret/, "$name: nobody is in it");
}

$t->done;
