#!/usr/bin/perl

# Copyright (C) recs authors

# recs-builder export: everything that is stored of a user, in the names of the
# event contract, and nothing of others.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP qw(decode_json encode_json);
use Test::More;
use Test::Recs;

my $t = Test::Recs->new;
my ($dir, $builder) = ($t->dir, $t->builder);
my $time = 1_700_000_000_000;

sub event { return encode_json({activityType => 'PRODUCT_VIEW', @_}) . "\n" }

sub export {
    my ($rc, $out) = $t->command($builder, 'export', '-q', '--log',
        "$dir/log", '--out', "$dir/out", @_);
    return ($rc, $out) if $rc;
    return (0, map { decode_json($_) } split /\n/, $out);
}

$t->write_file('events.jsonl', join '',
    event(productId => 'p1', userId => 'alice', sessionId => 's1',
          anonymousId => 'browser', timestamp => $time, messageId => 'm1',
          pageUrl => 'https://shop.example/p1', metadata => {a => [1, 'x']}),
    event(activityType => 'PURCHASE', userId => 'alice', sessionId => 's1',
          orderId => 'o1', currency => 'EUR', timestamp => $time + 1000,
          items => [{productId => 'p1', price => '19.95', quantity => 2},
                    {productId => 'p2', price => 3, quantity => 1}]),
    event(activityType => 'RATING', productId => 'p1', userId => 'alice',
          rating => 4.5, timestamp => $time + 2000),
    event(productId => 'p3', anonymousId => 'browser', sessionId => 's0',
          timestamp => $time - 1000),
    event(productId => 'p1', userId => 'bob', sessionId => 's2',
          timestamp => $time + 3000),
    qq({"activityType":"PRODUCT_VIEW","userId":"alice","price":"x"}\n));

my ($rc, $out) = $t->command($builder, 'import', '-q', '--log', "$dir/log",
    '--max-bad', 1, '--events', "$dir/events.jsonl");
is($rc, 0, 'imported') or diag($out);
($rc, $out) = $t->command($builder, 'build', '-q', '--log', "$dir/log",
    '--out', "$dir/out", '--force');
is($rc, 0, 'built') or diag($out);

is((export(''))[0], 2, 'the empty name is nobody');

($rc, my @lines) = export('alice');
is($rc, 0, 'exported') or diag(@lines);

my @log = sort { $a->{timestamp} cmp $b->{timestamp} }
    grep { ($_->{place} // '') eq 'log' } @lines;
is(scalar @log, 4, 'her events, and those of her browser')
    or diag(explain \@lines);

my $view = $log[1];
my %want = (activityType => 'PRODUCT_VIEW', userId => 'alice',
            messageId => 'm1', timestamp => '2023-11-14T22:13:20Z',
            pageUrl => 'https://shop.example/p1', class => 'activity');
is_deeply({map { $_ => $view->{$_} } keys %want}, \%want, 'in their names');
is_deeply($view->{metadata}, {a => [1, 'x']}, 'metadata');
is($view->{items}[0]{productId}, 'p1', 'the product');
like($view->{sessionId}, qr/^[0-9a-f]{32}$/, 'a session as it is stored');
is($log[0]{userId}, undef, 'what came before her name');

my ($order) = grep { $_->{activityType} eq 'PURCHASE' } @log;
is($order->{orderId}, 'o1', 'an order');
is_deeply([map { [@$_{qw(productId price)}, $_->{quantity} // 1] } @{$order->{items}}],
          [['p1', 19.95, 2], ['p2', 3, 1]], 'its lines');
is((grep { $_->{activityType} eq 'RATING' } @log)[0]{rating}, 4.5, 'stars');

is((grep { ($_->{place} // '') eq 'quarantine' } @lines), 1, 'a bad line');
ok((grep { defined $_->{user} && defined $_->{count} } @lines),
   'the record of the snapshot') or diag(explain \@lines);

# a quarantine elsewhere is one, too, by an option or the configuration

rename "$dir/out/quarantine.jsonl", "$dir/bad"
    or rename "$dir/log/quarantine.jsonl", "$dir/bad"
    or die "there is no quarantine: $!";
($rc, @lines) = export('alice');
is((grep { ($_->{place} // '') eq 'quarantine' } @lines), 0, 'moved away');
($rc, @lines) = export('--quarantine', "$dir/bad", 'alice');
is((grep { ($_->{place} // '') eq 'quarantine' } @lines), 1, 'where it is');
$t->write_file('export.conf', qq(log = "$dir/log"\nout = "$dir/out"\n)
               . qq(quarantine = "$dir/bad"\n));
($rc, $out) = $t->command($builder, 'export', '-q', '-c', "$dir/export.conf",
                          'alice');
like($out, qr/"place":"quarantine"/, 'or where the configuration says');

($rc, @lines) = export('--session', 's2');
is_deeply([map { $_->{productId} // $_->{items}[0]{productId} }
           grep { $_->{place} } @lines], ['p1'], 'a session');
is($lines[0]{sessionId}, 's2', 'as it was asked for');

($rc, @lines) = export('nobody');
is_deeply([$rc, @lines], [0], 'of nobody there is nothing');


# after an erasure there is nothing, while a builder holds the lock

($rc, $out) = $t->command($builder, 'erase', '-q', '--log', "$dir/log",
    '--out', "$dir/out", '--quarantine', "$dir/bad", 'alice');
is($rc, 0, 'erased') or diag($out);
($rc, @lines) = export('--quarantine', "$dir/bad", 'alice');
is((grep { $_->{place} } @lines), 0, 'nothing is left')
    or diag(explain \@lines);

($rc, $out) = export();
is($rc, 2, 'usage');

$t->done;
