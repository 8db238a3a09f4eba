#!/usr/bin/perl

# Copyright (C) recs authors

# ack=durable: the answer comes after fdatasync, one for all who wait.  When
# it fails, the segment is left and the waiting are told.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Journal;
use Test::Recs::Load;

plan skip_all => 'no strace'
    if !grep { -x "$_/strace" } split /:/, $ENV{PATH};

my $t = Test::Recs->new(slack => 16);

$t->run($t->conf(http => '
    recs_key %%DIR%%/key;
    recs_journal %%DIR%%/journal max=64m segment=1m ack=durable;
', server => '
    location /analytics { recs_events; }
'));

my $dir = "$t->{dir}/journal";
my ($worker) = $t->workers;
my $event = { activityType => 'PRODUCT_VIEW', productId => 'p',
              sessionId => 's' };

# In a process under strace, what happens and in which order is seen.

sub traced {
    my ($options, $code) = @_;
    my $file = "$t->{dir}/strace";

    unlink $file;
    my $pid = $t->run_daemon('strace', '-f', '-qq', '-o', $file, '-p',
                             ($t->workers)[0], @$options);
    $t->wait_for(sub {
        $t->read_file('/proc/' . ($t->workers)[0] . '/status')
            =~ /TracerPid:\s+[1-9]/;
    }, 5) or return;
    select undef, undef, undef, 0.2;

    $code->();
    $t->stop_daemon($pid, 'INT');

    return $t->read_file('strace');
}

my $r;
my $trace = traced(['-e', 'trace=fdatasync,writev,sendto,write'],
                   sub { $r = $t->post('/analytics/activity', $event) });

SKIP: {
    skip 'cannot trace', 10 if !defined $trace;

    is($r->{status}, 202, 'accepted');
    like($trace, qr/fdatasync.*= 0.*HTTP\/1\.1 202/s, 'synced, then answered');

    $trace = traced(['-e', 'trace=fdatasync', '-e',
                     'inject=fdatasync:error=EIO:when=1'],
                    sub { $r = $t->post('/analytics/activity', $event) });
    is($r->{status}, 503, 'an error of the disk');
    is($r->{json}{code}, 'journal-failed', 'told why');

    my ($left) = grep { $_->{kind} eq 'act' }
        Test::Recs::Journal::heads($dir);
    is($left->{ended}, 1, 'the segment is left');
    like($t->error_log, qr/\[crit\].*fdatasync\(\) .* failed.*\(5:/, 'logged');

    is($t->post('/analytics/activity', $event)->{status}, 202,
       'another one is begun');

    # waits of several are one

    my %answers;
    $trace = traced(['-e', 'trace=fdatasync', '-e',
                     'inject=fdatasync:delay_enter=100000'], sub {
        my $load = Test::Recs::Load->new($t, clients => 8, count => 5);
        %answers = $load->stop('wait');
    });
    my $syncs = () = $trace =~ /fdatasync/g;

    is(scalar(grep { $_ ne '202' } values %answers), 0, 'all are accepted');
    cmp_ok($syncs, '<', 30, "$syncs syncs for 40 events");
    is(join(', ', Test::Recs::Load::wrong(\%answers,
           grep { $_->{messageId} } Test::Recs::Journal::frames($dir, 'act'))),
       '', 'each is there, once');
}

# clients that do not wait for the answer

for (1 .. 20) {
    my $s = $t->socket;
    my $body = JSON::PP::encode_json($event);
    print $s "POST /analytics/activity HTTP/1.1\r\nHost: x\r\n"
        . "Content-Type: application/json\r\nContent-Length: "
        . length($body) . "\r\n\r\n$body";
    close $s;
}

is($t->post('/analytics/activity', $event)->{status}, 202, 'goes on');
is(($t->workers)[0], $worker, 'in the same worker');

# a worker that shuts down answers who waits

my $load = Test::Recs::Load->new($t, clients => 4, pause => 0.005);
select undef, undef, undef, 0.3;
ok($t->reload, 'reload');
my %answers = $load->stop;

is(scalar(grep { $_ ne '202' && $_ ne '000' } values %answers), 0,
   'nobody is refused');
is(join(', ', Test::Recs::Load::wrong(\%answers,
       grep { ($_->{messageId} // '') =~ /^m-(\d+)/
              && exists $answers{$_->{messageId}} }
       Test::Recs::Journal::frames($dir, 'act'))), '', 'nothing is lost');

$t->done;
