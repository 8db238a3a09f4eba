package Test::Recs::Power;

# Copyright (C) recs authors

# Power cuts: a directory on an ext4 image; a program is killed at a system
# call, and the image is copied as it is while it is still mounted: what was
# not synced is not in it.  The copy is mounted, which replays the journal of
# the file system, and looked at.  Of one kill come three images: at once,
# after some files were written out in an order of the kernel's own choice,
# and after the file system wrote its journal, but not the data.
#
#     my $p = Test::Recs::Power->new($t) or plan skip_all => ...;
#     $p->base(sub { my ($dir) = @_; ... });
#     for my $point ($p->points(\@command, qr/begins/)) {
#         $p->cut(\@command, $point, sub { my ($dir, $done) = @_; ... });
#     }
#
# A mutant is a list of strace's "inject" expressions: calls that say that
# they have synced and have not.

use strict;
use warnings;

use File::Temp qw(tempdir);

use constant SIZE => 24;         # MB

# calls that change nothing on a disk

my %dull = map { $_ => 1 } qw(munmap brk futex close getpid gettid exit
    exit_group execve rt_sigaction rt_sigprocmask clone3 madvise uname
    sched_yield mbind mprotect read pread64 newfstatat fstat access lseek
    getdents64 fcntl prlimit64 getrandom clock_gettime poll mmap sysinfo);
my $writes = qr/^(?:pwrite64|write|writev|fsync|fdatasync|msync|rename|renameat
                  |unlink|unlinkat|symlinkat|linkat|mkdir|ftruncate|fchmod)$/x;


# Begins the test anew where its mounts are nobody else's; the reason why it
# cannot be, or nothing.

sub impossible {
    return 'not root' if $> != 0;

    for my $program (qw(strace mkfs.ext4 mount unshare)) {
        return "no $program" if !grep { -x "$_/$program" }
            split(/:/, $ENV{PATH}), '/sbin', '/usr/sbin';
    }

    if (!$ENV{RECS_POWER_CUT}) {
        return 'no mounts of its own' if system('unshare -m true 2>/dev/null');
        $ENV{RECS_POWER_CUT} = 1;
        exec 'unshare', '-m', $^X, $0 or return "unshare: $!";
    }

    return 'strace may not trace'
        if system('strace -f -qq -o /dev/null true 2>/dev/null');
    return;
}

sub new {
    my ($class, $t) = @_;
    my $dir = tempdir('recs-power-XXXXXXXX', CLEANUP => 1,
                      -w '/dev/shm' ? (DIR => '/dev/shm') : (TMPDIR => 1));

    $ENV{OPENSSL_CONF} = '';
    $ENV{OPENBLAS_NUM_THREADS} = 1;
    $ENV{PATH} .= ':/sbin:/usr/sbin';

    my $p = bless { t => $t, dir => $dir, images => 0, now => "$t->{dir}/now",
                    then => "$t->{dir}/then" }, $class;
    mkdir $p->{$_} for qw(now then);

    return eval { $p->base(sub {}); 1 } ? $p : undef;
}

sub now  { $_[0]{now} }
sub then { $_[0]{then} }

sub mount {
    my ($p, $image, $where) = @_;
    system('mount', '-o', 'loop,noauto_da_alloc,commit=300',
           "$p->{dir}/$image", $where) == 0 or die "mount $image";
}

sub umount {
    my ($p, $where) = @_;

    for (1 .. 50) {
        return if system("umount $where 2>/dev/null") == 0;
        select undef, undef, undef, 0.05;
    }

    die "umount $where";
}

sub copy {
    my ($p, $from, $to) = @_;
    system('cp', '--sparse=always', "$p->{dir}/$from", "$p->{dir}/$to") == 0
        or die "cp $from";
}

# What all begins with.

sub base {
    my ($p, $code) = @_;
    my $image = "$p->{dir}/base";

    open my $fh, '>', $image or die "$image: $!";
    truncate $fh, SIZE << 20;
    close $fh;

    system('mkfs.ext4', '-q', '-F', '-E',
           'lazy_itable_init=0,lazy_journal_init=0', $image) == 0
        or die 'mkfs.ext4';
    $p->mount('base', $p->{now});
    $code->($p->{now});
    system('sync', '-f', $p->{now});
    $p->umount($p->{now});
}

# The calls of a command from the first line that matches: [name, number].

sub points {
    my ($p, $command, $begins) = @_;
    my ($t, %seen, @points, $begun) = ($p->{t});

    $p->copy('base', 'image');
    $p->mount('image', $p->{now});
    $t->command('strace', '-f', '-y', '-o', "$t->{dir}/trace", @$command);
    $p->umount($p->{now});

    for (split /\n/, $t->read_file('trace')) {
        my ($call) = /^\d+\s+(\w+)\(/ or next;
        my $n = ++$seen{$call};
        $begun ||= $_ =~ $begins;
        push @points, [$call, $n, $_, $call =~ $writes]
            if $begun && !$dull{$call} && !/^\d+\s+write\([12]</;
    }

    return (@points, ['exit_group', 1, 'the end', 1]);
}

# Runs, kills, cuts; back come complaints.

sub cut {
    my ($p, $command, $point, $check, @mutant) = @_;
    my ($call, $n, $line) = @$point;
    my ($t, @bad) = ($p->{t});

    $p->copy('base', 'image');
    $p->mount('image', $p->{now});

    my @inject = map { ('-e', "inject=$_") } @mutant,
        $line eq 'the end' ? () : "$call:signal=SIGKILL:when=$n";
    my ($rc) = $t->command('strace', '-f', '-qq', '-o', '/dev/null', @inject,
                           @$command);
    my $done = $rc == 0 && $? == 0;

    for my $how ('at once', 'some written', 'journal written') {
        $p->write_some if $how eq 'some written';
        $p->write_journal if $how eq 'journal written';
        push @bad, map { "$call $n, $how: $_: $line" }
            $p->look(sub { $check->($_[0], $done) });
    }

    $p->umount($p->{now});
    return @bad;
}

# What a copy of the image, as it is now, makes of it.

sub look {
    my ($p, $check) = @_;

    $p->{images}++;
    $p->copy('image', 'copy');
    return 'bad: it cannot be mounted'
        if !eval { $p->mount('copy', $p->{then}); 1 };

    my @bad = $check->($p->{then});
    $p->umount($p->{then});
    return @bad;
}

# What strace is told so that a mutant is run: of the calls that match the last
# one, or every one, says that it is done and is not.

sub mutant {
    my ($points, $call, $line, @more) = @_;
    my @at = map { $_->[1] }
        grep { $_->[0] eq $call && $_->[2] =~ ($line // qr/./) } @$points;

    die "no $call" if !@at;
    return ("$call:retval=0" . ($line ? ":when=$at[-1]" : ''), @more);
}

sub write_some {
    my ($p) = @_;
    my @files = split /\n/, `find $p->{now} -type f`;

    for (grep { rand() < 0.5 } @files) {
        system('sync', '--data', $_);
    }
}

sub write_journal {
    my ($p) = @_;

    open my $fh, '>>', "$p->{now}/unrelated" or die "unrelated: $!";
    syswrite $fh, 'x';
    close $fh;
    system('sync', "$p->{now}/unrelated");
}

1;
