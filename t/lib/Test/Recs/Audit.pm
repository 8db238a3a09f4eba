package Test::Recs::Audit;

# Copyright (C) recs authors

# The ledgers of clients (Test::Recs::Ledger), compared with the event log.
#
#     my ($found, $drained, $events)
#         = Test::Recs::Audit::audit($t, $nemesis, 'mode', @ledgers);
#
# It waits until all is committed, ends nginx and builder, and tests that what
# was acknowledged is within what is counted, and that within what was
# attempted; that all is there once, and is what was sent.

use strict;
use warnings;

use Test::More;
use Test::Recs::Model;

use constant KEY => 'a-key-of-the-test';

our $cells = 0;                      # compared

my @fields = qw(class type time received epoch sequence verified consent
                device user session view shop region variant messageId
                metadata recommendationId placement orderId name position
                value items keys);


sub audit {
    my ($t, $nemesis, $mode, @ledgers) = @_;
    my $drained = $nemesis->drained(120);

    ok(defined $drained, "$mode: all is committed, the journal is empty");
    $t->stop;
    $t->stop_daemon(delete $nemesis->{builder});

    my $events = events($t, $t->dir . '/log');
    my $f = check($events, @ledgers);

    cmp_ok($f->{acked}, '>', 100, "$mode: $f->{acked} were acknowledged");
    is(few(map { @{$_->{sum}{strange} // []} } @ledgers), '',
       "$mode: answers add up");
    is(few(@{$f->{$_}}), '', "$mode: none is $_")
        for qw(lost double invented refused different unnumbered);
    is(few(@{$f->{$_}}), '', "$mode: no exposure is $_")
        for 'not listed', 'shown twice';
    is($f->{'invented exposures'}, 0, "$mode: no exposure is invented");

    my $erased = $nemesis->{erased} // {};
    is(few(grep { $erased->{$_} == 0 && $f->{strangers}{$_} } keys %$erased),
       '', "$mode: nobody is there who was erased");

    # a worker that is killed has not written what it has just answered

    my $missing = $f->{'missing exposures'};
    my $dropped = $nemesis->{exposures_dropped};

    cmp_ok($missing, '<=', $dropped + 2 * $nemesis->{kills},
           "$mode: $missing exposures are missing, $dropped were dropped, "
           . "$nemesis->{kills} workers were killed");

    is(few(@{$f->{$_}}), '', "$mode: none is $_")
        for 'clicked twice', 'clicked by nobody';
    cmp_ok($f->{'missing clicks'}, '<=', $nemesis->{clicks_dropped},
           "$mode: of $f->{links} clicks on links none is missing that was "
           . 'not counted as such');

    is(few($nemesis->alerts), '', "$mode: no alerts");
    is(few($t->read_file('daemon.log') =~ /(.*given up.*)/g), '',
       "$mode: nothing is given up");
    is(join(' ', %{$nemesis->{failed} // {}}), '', "$mode: upgrades work");
    same_cells($t, $mode, $events, $nemesis->{seed} // 0);
    same_bytes($t, $mode);

    note("$mode: ", $nemesis->story);
    diag("$mode: ", $nemesis->story) if !Test::More->builder->is_passing;

    return ($f, $drained, $events);
}

# What is wrong is seen: once more with a log that is not what it should be.

sub sees {
    my ($mode, $events, @ledgers) = @_;
    my ($sent) = read_ledgers(map { @{$_->{files}} } @ledgers);
    my ($n) = grep {
        my $id = $events->[$_]{id};
        defined $id && $sent->{$id}{fate} eq 'acked'
    } reverse 0 .. $#$events;
    my $e = $events->[$n];
    my @without = @$events;

    splice @without, $n, 1;

    my %wrong = (
        lost => [@without],
        double => [@$events, { %$e, epoch => 'another' }],
        unnumbered => [@$events, $e],
        invented => [@$events, { %$e, id => 'x-1', sequence => 0 }],
        different => [@without, { %$e, type => 99 }],
    );

    for my $what (sort keys %wrong) {
        my $f = check($wrong{$what}, @ledgers);
        is(scalar @{$f->{$what}}, 1, "$mode: it is seen what is $what");
    }
}

sub few { return join "\n", grep { defined } @_[0 .. 9] }

# Every cell of the report is that of the model, and the same once more; by
# one of the models of attribution.

sub same_cells {
    my ($t, $mode, $events, $seed) = @_;
    my $model = (qw(last linear last first position))[$seed % 5];
    my @log = ($t, $t->dir . '/log', $model);
    my %ours = Test::Recs::Model::cells($events, $model);
    my %told = Test::Recs::Model::told(@log);
    my %again = Test::Recs::Model::told(@log);

    is(few(Test::Recs::Model::differences(\%ours, \%told)), '',
       "$mode: all cells are those of the model, attribution: $model");
    is(few(Test::Recs::Model::differences(\%told, \%again)), '',
       "$mode: and the same once more");
    $cells += keys %told;
}

# What the module serves, by three of the dimensions.

sub same_sums {
    my ($t, $mode, $events) = @_;
    my %cells = Test::Recs::Model::cells($events);
    my (%ours, %told);

    for my $key (keys %cells) {
        my (undef, $type, $device, $position) = split / /, $key;
        my $sum = $ours{"$type $device $position"} //= [];
        $sum->[$_] += $cells{$key}[$_] for 0 .. $#{$cells{$key}};
    }

    my $r = $t->get('/analytics/recommendation-performance'
                    . '?groupBy=type,device,position',
                    headers => { 'X-Recs-Key' => KEY });
    my %device = (desktop => 1, mobile => 2, tablet => 3, tv => 4);
    my $money = sub { sprintf '%.0f', 1_000_000 * $_[0] };

    for my $g (@{$r->{json}{groups}}) {
        my $device = $device{$g->{device} // ''} // 0;
        my $key = join ' ', $g->{type} // '-', $device, $g->{position} // 0;

        $told{$key} = [@$g{qw(served seen clicks dismissed)},
            map({ $money->($g->{$_}) }
                qw(carts orders orderLines units revenue margin refunds
                   viewThroughOrders)),
            $g->{viewThroughLines}, $money->($g->{viewThroughRevenue})];
    }

    is($r->{json}{lost}, 0, "$mode: the report says that nothing is lost");
    is(few(Test::Recs::Model::differences(\%ours, \%told)), '',
       "$mode: the sums that are served are those of the model");
}

# A build from the log gives the same file as another one.

sub same_bytes {
    my ($t, $mode) = @_;
    my $dir = $t->dir;
    my @files;

    for my $out ('one', 'two') {
        my ($rc, $text) = $t->command($t->builder, 'build', '-q', '--log',
            "$dir/log", '--out', "$dir/$out", '--key', "$dir/base/key",
            '--now', '2027-01-15T00:00:00Z', '--catalog',
            "$dir/input/catalog-1.jsonl", '--force');
        is($rc, 0, "$mode: the log is built") or diag($text);
        push @files, $t->read_file("$out/"
                                   . (readlink("$dir/$out/current") // ''));
    }

    ok(length $files[0] && $files[0] eq $files[1],
       "$mode: twice, with the same bytes");
}

# Once more, to see that it is well and that what is served is what was
# counted; and the end.

sub well {
    my ($t, $nemesis, $mode, $events) = @_;
    my ($rc, $text) = $t->command($t->builder, 'run', '-q', '--once', '-c',
                                  $t->dir . '/run.conf');

    is($rc, 0, "$mode: a last build") or diag($text);
    $t->run;
    same_sums($t, $mode, $events);
    is($t->get('/recommendations/trending')->{status}, 200,
       "$mode: lists are answered");
    $t->{fds} = {};
    $t->note_fds;
    $t->allow($_) for qr/cannot have a segment/, qr/no room for more/;
    $nemesis->end;
}


# The events of a log, each as a hash, in its order.

sub events {
    my ($t, $log) = @_;
    my @events;

    open my $fh, '-|', "$t->{build}/tool/events", $log
        or die "tool/events: $!: make unit";

    while (my $line = <$fh>) {
        chomp $line;
        my %e;
        @e{@fields} = split /\t/, $line, -1;
        ($e{id}) = $e{metadata} =~ /"id":"([^"]+)"/;
        push @events, \%e;
    }

    close $fh or die "tool/events $log: $?";
    return \@events;
}

# What the clients wrote: events by id, lists in a row.

sub read_ledgers {
    my (@files) = @_;
    my (%events, @lists, @clicks);

    for my $file (@files) {
        open my $fh, '<', $file or die "$file: $!";

        while (my $line = <$fh>) {
            chomp $line;
            my @f = split /\t/, $line;

            if ($f[0] eq 'click') {
                push @clicks, { fate => $f[1], on => "$f[2] $f[3]" };

            } elsif ($f[0] eq 'list') {
                push @lists, { fate => $f[1], rec => $f[2], session => $f[3],
                               items => $f[4] };
            } else {
                $events{$f[1]} = { fate => $f[0], type => $f[2],
                    product => $f[3], session => $f[4], rec => $f[5],
                    message => $f[6] };
            }
        }
    }

    return (\%events, \@lists, \@clicks);
}

# acknowledged is within counted is within attempted; each once; each what it
# was.  Returns lists of what is wrong, and counts.

sub check {
    my ($events, @ledgers) = @_;
    my ($sent, $lists, $clicks)
        = read_ledgers(map { @{$_->{files}} } @ledgers);
    my %f = map { $_ => [] } qw(lost double invented refused different
                                unnumbered);
    my (%count, %sequence, %session, %raw, @linked);

    for my $e (@$events) {
        next if $e->{class} > 3;

        push @{$f{unnumbered}}, "$e->{epoch} $e->{sequence}"
            if $sequence{"$e->{epoch} $e->{sequence}"}++;
        next if $e->{class} != 1;

        if ($e->{items} =~ /^(erased-\d+):/) {
            $f{strangers}{$1} += $e->{session} ne '-';
            next;
        }

        if (!defined $e->{id} && $e->{type} == 71) {
            push @linked, $e;
            next;
        }

        my $id = $e->{id} // "none: $e->{epoch} $e->{sequence}";
        my $was = $sent->{$id};

        push @{$f{double}}, $id if $count{$id}++ == 1;

        if (!$was || $was->{fate} eq 'unsent') {
            push @{$f{invented}}, $id;
            next;
        }

        push @{$f{refused}}, $id if $was->{fate} eq 'refused';

        # a session is one identity and the other way round

        my ($product) = $e->{items} =~ /^([^:]+):/;
        my $same = $e->{type} == $was->{type}
            && ($was->{product} eq '-' || $product eq $was->{product})
            && $e->{messageId} eq $was->{message}
            && $e->{recommendationId} eq $was->{rec}
            && ($session{$was->{session}} //= $e->{session})
                eq $e->{session}
            && ($raw{$e->{session}} //= $was->{session})
                eq $was->{session};

        push @{$f{different}}, $id if !$same;
    }

    $f{lost} = [grep { $sent->{$_}{fate} eq 'acked' && !$count{$_} }
                sort keys %$sent];

    $f{acked} = grep { $_->{fate} eq 'acked' } values %$sent;
    $f{unknown} = grep { $_->{fate} eq 'unknown' } values %$sent;
    $f{attempted} = grep { $_->{fate} ne 'unsent' } values %$sent;
    $f{counted} = keys %count;
    $f{kept} = grep { $_->{fate} eq 'unknown' && $count{$_->{id} // ''} }
        map { { %{$sent->{$_}}, id => $_ } } keys %$sent;

    exposures(\%f, $lists, $events, \%session);
    links(\%f, $clicks, @linked);

    return \%f;
}

# Clicks by a link have no name of their own: a session has one at most, and of
# each product in an answer there are as many as were answered, or without an
# answer.

sub links {
    my ($f, $clicks, @events) = @_;
    my (%asked, %unknown, %there, %session);

    $_->{fate} eq 'acked' ? $asked{$_->{on}}++ : $unknown{$_->{on}}++
        for @$clicks;

    for my $e (@events) {
        my ($product) = $e->{items} =~ /^([^:]+):/;
        $there{"$e->{recommendationId} $product"}++;
        $session{$e->{session}}++;
    }

    $f->{'clicked twice'} = [grep { $session{$_} > 1 } sort keys %session];
    $f->{'clicked by nobody'} = [grep {
        $there{$_} > ($asked{$_} // 0) + ($unknown{$_} // 0)
    } sort keys %there];

    $f->{links} = grep { $_->{fate} eq 'acked' } @$clicks;
    $f->{'missing clicks'} = 0;

    for my $on (keys %asked) {
        my $n = $asked{$on} - ($there{$on} // 0);
        $f->{'missing clicks'} += $n if $n > 0;
    }
}

# Of each answer one exposure, to the session that asked: those of answers
# that never arrived may be there, those of a killed worker may be missing.

sub exposures {
    my ($f, $lists, $events, $session) = @_;
    my (%served, %rows, %shown);

    for my $e (@$events) {
        $rows{$e->{recommendationId}}++ if $e->{class} == 2;
        next if $e->{class} != 3;
        $served{$e->{recommendationId}}++;
        $shown{$e->{session}}++;
    }

    $f->{'not listed'} = [grep { !$rows{$_} } sort keys %served];
    $f->{'shown twice'} = [grep { $shown{$_} > 1 } sort keys %shown];
    $f->{exposures} = 0;
    $f->{exposures} += $_ for values %served;

    my %asked;
    my ($unknown, $more) = (0, 0);

    for my $list (@$lists) {
        $list->{fate} eq 'acked' ? $asked{$list->{rec}}++ : $unknown++;
    }

    $f->{lists} = grep { $_->{fate} eq 'acked' } @$lists;
    $f->{'missing exposures'} = 0;

    for my $rec (keys %{{ %asked, %served }}) {
        my $n = ($served{$rec} // 0) - ($asked{$rec} // 0);
        $more += $n if $n > 0;
        $f->{'missing exposures'} -= $n if $n < 0;
    }

    $f->{'unanswered lists'} = $unknown;
    $f->{'invented exposures'} = $more > $unknown ? $more - $unknown : 0;
}

1;
