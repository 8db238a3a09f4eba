#!/usr/bin/perl

# Copyright (C) recs authors

# What listens in the place of Redis speaks nonsense: no worker dies of it,
# nothing is believed to be stored, and the real one gets all of it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Socket::UNIX;
use Test::More;
use Test::Recs;
use Test::Recs::Load;
use Test::Recs::Redis;
use Time::HiRes qw(sleep time);

my $t = Test::Recs->new(slack => 64);
my $socket = "$t->{dir}/redis.sock";

$t->run($t->conf(http => '
    recs_key %%DIR%%/key;
    recs_journal %%DIR%%/journal max=64m segment=256k;
    recs_redis unix:%%DIR%%/redis.sock;
', server => '
    location /analytics { recs_events; }
'));

my ($worker) = $t->workers;

# One that answers each command by code, in pieces of a byte or as it is.

sub fake {
    my ($code) = @_;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;

    $SIG{PIPE} = 'IGNORE';
    unlink $socket;
    my $s = IO::Socket::UNIX->new(Local => $socket, Listen => 5)
        or POSIX::_exit(1);

    while (my $c = $s->accept) {
        while (my $line = <$c>) {
            my ($n) = $line =~ /^\*(\d+)/ or last;
            my @command;

            for (1 .. $n) {
                my ($len) = <$c> =~ /^\$(\d+)/;
                read $c, my $arg, $len + 2;
                push @command, substr $arg, 0, $len;
            }

            my $reply = $code->(@command) // last;
            syswrite $c, $reply or last;
        }
    }

    POSIX::_exit(0);
}

sub good {
    my ($name, @args) = @_;
    return "+OK\r\n" if $name eq 'CLIENT';
    return '*' . (@args - 1) . "\r\n" . "\$-1\r\n" x (@args - 1)
        if $name eq 'HMGET';
    return "\$3\r\n1-1\r\n";
}

sub greets { my ($reply) = @_; return sub { $reply } }

sub adds {
    my ($reply) = @_;
    return sub { $_[0] eq 'XADD' ? $reply : good(@_) };
}

my %nonsense = (
    'bytes'                => greets("\x00\xff" x 100),
    'an array of millions' => greets("*1000000\r\n"),
    'a string of gigabytes' => greets("\$9999999999\r\n"),
    'arrays in arrays'     => greets("*1\r\n" x 20),
    'numbers'              => greets(":1\r\n" x 50),
    'too many replies'     => greets("+OK\r\n" x 100),
    'errors'               => greets("-ERR x\r\n" x 10),
    'nothing'              => greets(''),
    'the end'              => greets(undef),
    'a status to XADD'     => adds("+OK\r\n"),
    'a number to XADD'     => adds(":1\r\n"),
    'nil to XADD'          => adds("\$-1\r\n"),
    'an array to XADD'     => adds("*0\r\n"),
    'two replies to XADD'  => adds("\$3\r\n1-1\r\n\$3\r\n1-2\r\n"),
    'half a reply to XADD' => adds("\$3\r\n1-"),
    'positions too long'   => sub {
        return $_[0] eq 'HMGET' ? "*99\r\n" . "\$1\r\n1\r\n" x 99
            : good(@_) },
    'positions too far'    => sub {
        my $reply = good(@_);
        $reply =~ s/\$-1/\$18\r\n999999999999999999/g
            if $_[0] eq 'HMGET';
        return $reply },
    'a word too much'      => sub {
        my $reply = good(@_);
        return $_[0] eq 'HMGET' && $_[1] =~ /wanted/ ? "$reply+OK\r\n"
            : $reply },
);

my %answers;

for my $what (sort keys %nonsense) {
    my $fake = fake($nonsense{$what});
    my $load = Test::Recs::Load->new($t, clients => 1, pause => 0.01);

    $t->wait_for(sub { $t->error_log =~ /redis .* is away|refuses/ }, 5);
    sleep 0.4;
    %answers = (%answers, $load->stop);

    kill 'KILL', $fake;
    waitpid $fake, 0;
    unlink $socket;

    is(($t->workers)[0], $worker, "$what: the worker lives");
}

# trouble is told when it changes: all is well before it is refused

for my $step ([ \&good, qr/takes events/ ],
              [ sub { $_[0] eq 'HMGET' && $_[1] =~ /wanted/
                          ? "-NOPERM of what is wanted\r\n" : good(@_) },
                qr/refuses: "NOPERM of what is wanted"/ ])
{
    my ($code, $told) = @$step;
    my $before = length $t->error_log;
    my $fake = fake($code);
    my $load = Test::Recs::Load->new($t, clients => 1, pause => 0.01);

    ok($t->wait_for(sub { substr($t->error_log, $before) =~ $told }, 10),
       "told: $told");
    %answers = (%answers, $load->stop);
    kill 'KILL', $fake;
    waitpid $fake, 0;
    unlink $socket;
}

is(scalar(grep { $_ ne '202' } values %answers), 0,
   'all events were accepted');

SKIP: {
    my $redis = $t->redis or skip 'no redis-server', 2;
    my $r = Test::Recs::Redis->new($socket);
    my @frames;

    ok($t->wait_for(sub {
           sleep 0.1;
           @frames = Test::Recs::Load::once(
               Test::Recs::Redis::frames($r, 'recs:events'));
           @frames >= keys %answers;
       }, 20), 'all arrive at the real one');
    is(join(', ', Test::Recs::Load::wrong(\%answers, @frames)), '',
       'each once');
}

$t->done;
