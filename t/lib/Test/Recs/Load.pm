package Test::Recs::Load;

# Copyright (C) recs authors

# Clients that post events, each with an id of its own, and write down what
# was answered: "202 id", "503 id", "000 id" where no answer came.
#
#     my $load = Test::Recs::Load->new($t, clients => 2);
#     ...
#     my %answers = $load->stop;          # id => status

use strict;
use warnings;

use Time::HiRes qw(sleep time);

sub new {
    my ($class, $t, %o) = @_;
    my $self = bless { t => $t, pids => [], files => [] }, $class;

    for my $client (1 .. $o{clients} // 2) {
        my $file = "$t->{dir}/load-" . ++$t->{loads};

        # who is ended before it runs must not end the test's nginx

        local $SIG{TERM} = 'DEFAULT';
        open my $none, '>', $file or die "$file: $!";
        my $pid = fork // die "fork: $!";

        if ($pid == 0) {
            run($t, "$file", $t->{loads}, %o);
            POSIX::_exit(0);
        }

        push @{$self->{pids}}, $pid;
        push @{$self->{files}}, $file;
    }

    return $self;
}

sub run {
    my ($t, $file, $client, %o) = @_;
    my ($stop, $n, $s) = (0, 0);

    local $SIG{TERM} = sub { $stop = 1 };
    local $SIG{PIPE} = 'IGNORE';
    open my $out, '>', $file or die "$file: $!";

    while (!$stop && (!$o{count} || $n < $o{count})) {
        my $id = "m-$client-" . ++$n;
        my $body = qq({"activityType":"PRODUCT_VIEW","productId":"p$n",)
            . qq("sessionId":"s$client","messageId":"$id"})
            ;
        my $uri = $o{uri} // '/analytics/activity';

        $s //= $t->socket // do { sleep 0.01; $n--; next };
        my $r = $t->http('POST', $uri, body => $body, socket => $s,
            headers => { 'Content-Type' => 'application/json' });

        # a connection that the server closed is no answer

        if ($r->{status} == 0
            || ($r->{headers}{connection} // '') eq 'close')
        {
            undef $s;
        }

        printf $out "%03d %s\n", $r->{status}, $id;
        sleep $o{pause} if $o{pause};
    }

    close $out;
}

# Ends the clients, or waits for those that have a count.

sub stop {
    my ($self, $wait) = @_;
    my %answers;

    for my $pid (@{$self->{pids}}) {
        kill 'TERM', $pid if !$wait;
        waitpid $pid, 0;
    }

    for my $file (@{$self->{files}}) {
        for my $line (split /\n/, $self->{t}->read_file($file)) {
            my ($status, $id) = split / /, $line;
            $answers{$id} = $status;
        }
    }

    return %answers;
}

# What is wrong with a set of frames, given the answers: acknowledged and not
# there, there twice, refused and there nevertheless.

sub wrong {
    my ($answers, @frames) = @_;
    my (%seen, @wrong);

    $seen{$_->{messageId} // ''}++ for @frames;

    for my $id (sort keys %$answers) {
        my ($status, $n) = ($answers->{$id}, $seen{$id} // 0);

        push @wrong, "$id is missing" if $status eq '202' && $n == 0;
        push @wrong, "$id is there $n times" if $n > 1;
        push @wrong, "$id was refused and is there"
            if $status ne '202' && $status ne '000' && $n;
    }

    push @wrong, "$_ was never sent"
        for grep { !exists $answers->{$_} } sort keys %seen;

    return @wrong;
}

# Each frame once, by epoch and sequence.

sub once {
    my (@frames) = @_;
    my %seen;
    return grep { !$seen{"$_->{epoch} $_->{sequence}"}++ } @frames;
}

1;
