#!/usr/bin/perl

# Copyright (C) recs authors

# Power cuts at every system call of what the builder does with its
# directories, and after answers of ack=durable: nothing is bad, nothing that
# was acknowledged is lost, and protocols without one of their syncs are
# found out by the same checks.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Journal;
use Test::Recs::Power;
use Test::Recs::PowerCases;
use Test::Recs::Soak;

use constant ANSWERS => 60;

my $why = $ENV{RECS_SOAK} && Test::Recs::Power::impossible();
plan skip_all => $why if $why;

Test::Recs::Soak::begin();

my $t = Test::Recs->new;
my $p = Test::Recs::Power->new($t) or plan skip_all => 'no loop mounts';

for my $case (Test::Recs::PowerCases::all($t, $p->now)) {
    $p->base($case->{before});
    my @points = $p->points(@$case{qw(command begins)});
    my @writes = grep { $_->[3] } @points;
    my ($n, @bad) = $p->{images};

    push @bad, $p->cut($case->{command}, $_, $case->{check})
        for @points, @writes;
    is(join("\n", @bad), '', "$case->{name}: nothing bad, nothing lost");
    Test::Recs::Soak::figure("$case->{name}, images", $p->{images} - $n);

    for my $name (sort keys %{$case->{mutants}}) {
        my @mutant = Test::Recs::Power::mutant(\@points,
                                               @{$case->{mutants}{$name}});
        ($n, @bad) = $p->{images};
        push @bad, $p->cut($case->{command}, $_, $case->{check}, @mutant)
            for @writes;
        isnt(scalar @bad, 0, "$case->{name}, $name: seen");
        Test::Recs::Soak::figure("$name", @bad . ' bad in '
                                 . ($p->{images} - $n) . ' images');
    }
}


# ack=durable: an image after each answer, of what was answered till then

my (%acked, $sent);

sub lost {
    my ($dir) = @_;
    my %there = map { $_->{messageId} => 1 }
        Test::Recs::Journal::frames("$dir/journal", 'act');

    return map { "lost: $_" } grep { !$there{$_} } sort keys %acked;
}

sub batch {
    my @names = map { 'm' . ++$sent } 1 .. 1 + rand 80;
    my $r = $t->post('/analytics/batch', [map {
        { activityType => 'SEARCH', sessionId => 's', messageId => $_,
          query => 'q' x (1 + rand 1000) }
    } @names]);

    @acked{@names} = () if ($r->{json}{accepted} // 0) == @names;
    return $r->{json}{accepted} == @names ? 202 : $r->{body};
}

sub answers {
    my @bad;

    for (1 .. ANSWERS) {
        my $status = batch();
        push @bad, "status $status" if $status != 202;
        push @bad, $p->look(\&lost);
        $p->write_journal if rand() < 0.3;
        $p->write_some if rand() < 0.3;
        push @bad, $p->look(\&lost);
    }

    return @bad;
}

$p->base(sub { mkdir "$_[0]/journal" });
$p->copy('base', 'image');
$p->mount('image', $p->now);
$t->run($t->conf(http => '
    recs_key %%DIR%%/key;
    recs_journal %%DIR%%/now/journal max=16m segment=1m ack=durable;
    recs_events_max_body 1m;
', server => '
    location /analytics { recs_events; }
'));

my $n = $p->{images};
my @bad = answers();
is(join("\n", @bad), '', 'durable events: nothing lost');
Test::Recs::Soak::figure('durable events', keys(%acked) . ' in '
                         . ($p->{images} - $n) . ' images');

my ($worker) = $t->workers;
my $strace = $t->run_daemon('strace', '-f', '-qq', '-o', '/dev/null', '-p',
    $worker, '-e', 'trace=fdatasync', '-e', 'inject=fdatasync:retval=0');
$t->wait_for(sub {
    $t->read_file("/proc/$worker/status") =~ /TracerPid:\s+[1-9]/
}, 5);
select undef, undef, undef, 0.2;

batch();
@bad = $p->look(\&lost);
isnt(scalar @bad, 0, 'the journal is not synced: seen');
Test::Recs::Soak::figure('the journal is not synced', @bad . ' events lost');
$t->stop_daemon($strace, 'INT');

cmp_ok($p->{images}, '>=', 1000, "$p->{images} images");
Test::Recs::Soak::figure('images', $p->{images});

END {
    my $status = $?;

    if ($p) {
        $t->stop;
        $p->umount($p->now) if $t->read_file('/proc/mounts')
            =~ /\Q@{[$p->now]}\E /;
    }

    $? = $status;
}

$t->done;
