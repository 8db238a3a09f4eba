#!/usr/bin/perl

# Copyright (C) recs authors

# Reloads, a binary upgrade, and nginx killed as a whole: what was answered
# for is in the journal, once, and what is left behind is taken over.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Journal;
use Test::Recs::Load;
use Time::HiRes qw(sleep);

# a binary that replaces itself needs its path

($ENV{RECS_NGINX}) = grep { -x } map { "$_/nginx" } split /:/, $ENV{PATH}
    if !$ENV{RECS_NGINX};

my $t = Test::Recs->new(slack => 16);

my $conf = <<'EOC';
%%GLOBALS%%
worker_processes 2;
events { }
http {
    %%GLOBALS_HTTP%%
    recs_key %%DIR%%/key;
    recs_journal %%DIR%%/journal max=64m segment=256k;

    server {
        listen 127.0.0.1:%%PORT%%;
        location /analytics { recs_events; }
    }
}
EOC

$t->run($conf);

my $dir = "$t->{dir}/journal";
my (%answers, %more);

sub frames { Test::Recs::Journal::frames($dir, 'act') }

sub complete {
    my ($what) = @_;
    my @frames = frames();

    %answers = (%answers, %more);
    is(join(', ', Test::Recs::Load::wrong(\%answers, @frames)), '',
       "$what: each is there, once");
    is_deeply([Test::Recs::Journal::gaps(@frames)], [], "$what: no gaps");
}

# reloads

my $load = Test::Recs::Load->new($t, clients => 3, pause => 0.003);

for (1 .. 5) {
    sleep 0.1;
    ok($t->reload, 'reload');
}

%more = $load->stop;
is(scalar(grep { $_ ne '202' && $_ ne '000' } values %more), 0,
   'nobody is refused');
complete('reload');

ok($t->wait_for(sub {
       2 >= grep { !$_->{ended} && $_->{kind} eq 'act' }
           Test::Recs::Journal::heads($dir)
   }, 5), 'old workers end their segments');

# another process

my $pid = $t->pid;
$load = Test::Recs::Load->new($t, clients => 2, pause => 0.003);

kill 'USR2', $pid;
my $new = $t->wait_for(sub { my $n = $t->pid; $n && $n != $pid }, 5);

SKIP: {
    skip 'no upgrade here', 1 if !$new;

    $t->wait_for(sub { $t->workers($t->pid) }, 5);
    kill 'QUIT', $pid;
    ok($t->wait_for(sub { !kill 0, $pid }, 10), 'the old one goes');
}

%more = $load->stop;
complete('upgrade');

# all at once

$load = Test::Recs::Load->new($t, clients => 2, pause => 0.003);
sleep 0.3;
kill 'KILL', $t->pid, $t->workers;
%more = $load->stop;
unlink "$t->{dir}/nginx.pid";
sleep 0.2;

my @before = sort map { "$_->{epoch} $_->{sequence}" } frames();

$t->{fds} = {};
$t->run;
ok($t->wait_for(sub {
       2 >= grep { !$_->{ended} && $_->{kind} eq 'act' }
           Test::Recs::Journal::heads($dir)
   }, 10), 'what was left is ended');
complete('killed');
is_deeply([sort map { "$_->{epoch} $_->{sequence}" } frames()], \@before,
          'not a frame more or less');

# a segment of somebody else, a file that is none, damage

my ($old) = grep { $_->{ended} && @{$_->{frames}} > 2 }
    Test::Recs::Journal::segments($dir);
my $text = Test::Recs::Journal::slurp($old->{path});

$t->write_file('journal/notes.txt', 'mine');
$t->write_file('journal/00000000000000aa-00000000.act.seg', 'no segment');
substr $text, 16, 8, pack 'Q<', 0xbb;
substr $text, 48, 8, "\0" x 8;
substr $text, 80, 4, 'XXXX';
$t->write_file('journal/00000000000000bb-00000000.act.seg', $text);
$t->write_file('journal/positions', "nonsense\n$old->{epoch} x\n\n"
               . "00000000000000bb 99999\n$old->{epoch} 18446744073709551615");

ok($t->wait_for(sub {
       !-e "$dir/00000000000000bb-00000000.act.seg" }, 10),
   'a damaged one is ended, and removed when it is committed');
ok($t->wait_for(sub {
       -e "$dir/00000000000000aa-00000000.act.seg.bad" }, 5),
   'what is no segment is put out of the way');
ok(-e $old->{path}, 'half a line is not believed');
ok(-e "$dir/notes.txt", 'files of others are let be');
is($t->post('/analytics/activity', { activityType => 'PAGE_VIEW',
            sessionId => 's' })->{status}, 202, 'events are accepted');

# configuration

my %bad = (
    'recs_journal %%DIR%%/journal max=x;'           => qr/invalid parameter/,
    'recs_journal %%DIR%%/journal segment=1k;'      => qr/invalid parameter/,
    'recs_journal %%DIR%%/journal max=100k;'        => qr/needs max=1m/,
    'recs_journal %%DIR%%/journal max=2m segment=1m;' => qr/needs max=1m/,
    'recs_journal %%DIR%%/journal ack=sometimes;'   => qr/invalid parameter/,
    'recs_journal %%DIR%%/nginx.conf;'              => qr/not a directory/,
    'recs_journal %%DIR%%/j; recs_journal %%DIR%%/j;' => qr/duplicate/,
);

my $kept = $t->read_file('nginx.conf');

for my $directive (sort keys %bad) {
    my ($good, $text) = $t->test_conf($conf =~
        s/recs_journal[^;]*;/$directive/r);
    ok(!$good && $text =~ $bad{$directive}, "refused: $directive")
        or diag($text);
}

$t->write_file('nginx.conf', $kept);
unlink "$t->{dir}/output.log";
$t->allow(qr/\[emerg\]/);

$t->done;
