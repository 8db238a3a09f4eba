package Test::Recs;

# Copyright (C) recs authors

# A small harness: a directory and ports of its own for each test, nginx
# with the module, the builder, other daemons, and clients on raw sockets.
#
#     my $t = Test::Recs->new;
#     my $id = $t->build_snapshot(events => [...], catalog => [...]);
#     $t->run($t->conf(server => 'location /recommendations { recs; }'));
#     is($t->get('/recommendations/trending')->{status}, 200, 'answered');
#     $t->done;
#
# done() stops everything and adds three checks: no alerts, no sanitizer
# errors, no descriptors left in workers.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use POSIX qw(:sys_wait_h);
use Test::More ();
use Time::HiRes qw(sleep time);

my $home = abs_path(dirname(abs_path(__FILE__)) . '/../../..');
my $json = JSON::PP->new->canonical->utf8;
my @running;


sub new {
    my ($class, %o) = @_;

    my $dir = tempdir('recs-XXXXXXXX', TMPDIR => 1,
                      CLEANUP => !$ENV{RECS_LEAVE});
    chmod 0755, $dir;

    my $build = $ENV{RECS_BUILD} // "$home/build";
    $build = "$home/$build" if $build !~ m{^/};

    my $t = bless { dir => $dir, build => $build, ports => [], locks => [],
                    daemons => [], fds => {}, allow => [], slack => 2,
                    %o }, $class;

    for my $file ($t->module, $t->builder) {
        Test::More::BAIL_OUT("$file is not there: make build") if !-e $file;
    }

    push @running, $t;
    return $t;
}

sub dir     { $_[0]{dir} }
sub module  { "$_[0]{build}/ngx_http_recs_module.so" }
sub builder { "$_[0]{build}/recs-builder" }


# files

sub write_file {
    my ($t, $name, $text) = @_;
    my $path = $name =~ m{^/} ? $name : "$t->{dir}/$name";

    make_path(dirname($path));
    open my $fh, '>', $path or die "$path: $!";
    binmode $fh;
    print $fh $text;
    close $fh or die "$path: $!";

    return $path;
}

sub read_file {
    my ($t, $name) = @_;
    my $path = $name =~ m{^/} ? $name : "$t->{dir}/$name";

    open my $fh, '<', $path or return '';
    binmode $fh;
    local $/;
    return <$fh> // '';
}

# %%DIR%%, %%MODULE%%, %%PORT%%, %%PORT1%%..., %%GLOBALS%%, %%GLOBALS_HTTP%%

sub expand {
    my ($t, $text) = @_;
    my $user = $> == 0 ? 'user root;' : '';

    my $globals = "load_module " . $t->module . ";\n$user\n"
        . "pid %%DIR%%/nginx.pid;\nerror_log %%DIR%%/error.log info;\n";
    $globals .= join '', map { "env $_;\n" }
        qw(LD_PRELOAD ASAN_OPTIONS UBSAN_OPTIONS) if $ENV{RECS_PRELOAD};
    my $http = join '', map { "$_ %%DIR%%/tmp;\n" }
        qw(client_body_temp_path fastcgi_temp_path proxy_temp_path
           uwsgi_temp_path scgi_temp_path);
    $http .= "access_log off;\n" if $text !~ /access_log/;

    $text =~ s/%%GLOBALS%%/$globals/g;
    $text =~ s/%%GLOBALS_HTTP%%/$http/g;
    $text =~ s/%%MODULE%%/$t->module/ge;
    $text =~ s/%%DIR%%/$t->{dir}/g;
    $text =~ s/%%PORT(\d*)%%/$t->port($1 || 0)/ge;

    return $text;
}

sub write_file_expand {
    my ($t, $name, $text) = @_;
    return $t->write_file($name, $t->expand($text));
}


# A port of its own, also under prove -j: a UDP socket on the same number is
# held as long as the test lives.  Below the ports the kernel gives to clients.

sub port {
    my ($t, $n) = @_;
    $n //= 0;

    return $t->{ports}[$n] if $t->{ports}[$n];

    for my $try (1 .. 1000) {
        my $port = 20000 + int rand 10000;
        my @address = (LocalAddr => '127.0.0.1', LocalPort => $port);

        my $lock = IO::Socket::INET->new(@address, Proto => 'udp') or next;
        my $s = IO::Socket::INET->new(@address, Listen => 1, ReuseAddr => 1)
            or next;
        close $s;

        push @{$t->{locks}}, $lock;
        return $t->{ports}[$n] = $port;
    }

    die 'no free port';
}


# nginx

sub nginx {
    my ($t, @args) = @_;
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', "$t->{dir}/output.log";
        open STDERR, '>&', \*STDOUT;

        if ($ENV{RECS_PRELOAD}) {
            $ENV{LD_PRELOAD} = $ENV{RECS_PRELOAD};
            $ENV{ASAN_OPTIONS} //=
                'detect_leaks=0:detect_odr_violation=0:abort_on_error=1';
        }

        exec $ENV{RECS_NGINX} // 'nginx', '-p', "$t->{dir}/", '-e',
            'error.log', '-c', 'nginx.conf', @args
            or POSIX::_exit(127);
    }

    waitpid $pid, 0;
    return $? >> 8;
}

# A configuration of one server; "main", "http" and "server" are what differs.

sub conf {
    my ($t, %o) = @_;

    $o{main} //= '';
    $o{http} //= 'recs_snapshot %%DIR%%/base/current;';
    $o{server} //= 'location /recommendations { recs; }
                    location /status { recs_status; }';

    return "%%GLOBALS%%\n$o{main}\nevents {}\nhttp {\n%%GLOBALS_HTTP%%\n"
        . "$o{http}\nserver {\nlisten 127.0.0.1:%%PORT%%;\n$o{server}\n}\n}\n";
}

# A file of conf-examples/: what is the machine's becomes the test's, nothing
# else is touched.

sub example {
    my ($t, $name) = @_;
    my $conf = $t->read_file("$home/conf-examples/$name");

    $t->write_file($_, $t->read_file("$home/conf-examples/$_"))
        for qw(rail.html rails.html);

    $conf =~ s/^load_module modules\/[^;]+;\n//m or die "$name: load_module";
    $conf =~ s{(["\s])/var/lib/recs}{$1%%DIR%%}g;
    $conf =~ s{(\s)/var/spool/recs}{$1%%DIR%%/journal}g;
    $conf =~ s{(\s)/var/www}{$1%%DIR%%/www}g;
    $conf =~ s{(\s)/etc/recs}{$1%%DIR%%}g;
    $conf =~ s{unix:/run/redis}{unix:%%DIR%%}g;
    $conf =~ s{access_log logs/}{access_log %%DIR%%/}g;
    $conf =~ s{127\.0\.0\.1:6379}{'127.0.0.1:' . $t->port(1)}ge;
    $conf =~ s{127\.0\.0\.1:9000}{'127.0.0.1:' . $t->port(2)}ge;
    $conf =~ s{127\.0\.0\.1:8081}{'127.0.0.1:' . $t->port(3)}ge;
    $conf =~ s{listen 8080;}{listen 127.0.0.1:%%PORT%%;}g;
    $conf =~ s/^http \{\n/http {\n%%GLOBALS_HTTP%%\n/m or die "$name: http";

    return "%%GLOBALS%%\n$conf";
}

# Starts nginx with a configuration and waits until it answers.

sub run {
    my ($t, $conf) = @_;

    $t->write_file_expand('nginx.conf', $conf) if defined $conf;
    make_path("$t->{dir}/tmp");

    if ($t->nginx != 0) {
        Test::More::diag($t->read_file('output.log'));
        die 'nginx does not start';
    }

    $t->wait_for(sub { $t->pid && $t->workers }, 10) or die 'no worker';
    $t->wait_for_socket($t->port) if $t->{ports}[0];
    $t->note_fds;

    return $t;
}

# The messages of nginx -t, and whether it found the configuration good.

sub test_conf {
    my ($t, $conf) = @_;

    $t->write_file_expand('nginx.conf', $conf);
    make_path("$t->{dir}/tmp");
    unlink "$t->{dir}/output.log";

    my $rc = $t->nginx('-t');
    return ($rc == 0, $t->read_file('output.log'));
}

sub pid {
    my ($t, $name) = @_;
    my ($pid) = $t->read_file($name // 'nginx.pid') =~ /(\d+)/;
    return $pid;
}

sub workers {
    my ($t, $master) = @_;
    my @pids;

    $master //= $t->pid // return;

    for my $stat (glob '/proc/[0-9]*/stat') {
        my ($pid, $ppid) =
            $t->read_file($stat) =~ /^(\d+) \(.*\) \S (\d+)/s or next;
        push @pids, $pid if $ppid == $master
            && ($ENV{RECS_VALGRIND}      # knows no title of a process
                || $t->read_file("/proc/$pid/cmdline")
                   =~ /worker process(?! is)/);
    }

    @pids = sort { $a <=> $b } @pids;
    return @pids;
}

# Reloads and waits until the old workers are gone.

sub reload {
    my ($t) = @_;
    my %old = map { $_ => 1 } $t->workers;

    kill 'HUP', $t->pid;
    my $done = $t->wait_for(sub {
        my @now = $t->workers;
        return @now && !grep { $old{$_} } @now;
    }, 20);

    $t->note_fds;
    return $done;
}

sub signal {
    my ($t, $signal, $pid) = @_;
    return kill $signal, $pid // $t->pid;
}

sub stop {
    my ($t) = @_;
    my $pid = $t->pid or return 1;

    kill 'QUIT', $pid;
    my $gone = $t->wait_for(sub { !kill 0, $pid }, 10);

    if (!$gone) {
        kill 'TERM', $pid;
        $t->wait_for(sub { !kill 0, $pid }, 5) or kill 'KILL', $pid;
    }

    unlink "$t->{dir}/nginx.pid";
    return $gone;
}

sub error_log { $_[0]->read_file('error.log') }

# Lines of the error log that are expected in spite of their level.

sub allow {
    my ($t, $re) = @_;
    push @{$t->{allow}}, $re;
}

sub fds {
    my ($t, $pid) = @_;
    my @fds = glob "/proc/$pid/fd/*";
    return scalar @fds;
}

# A worker that has just begun still opens what it will keep: its number
# counts when it has stayed the same for a while.

sub note_fds {
    my ($t) = @_;

    for my $pid (grep { !defined $t->{fds}{$_} } $t->workers) {
        my ($n, $same) = (0, 0);

        $t->wait_for(sub {
            my $now = $t->fds($pid);
            $same = $now == $n ? $same + 1 : 0;
            $n = $now;
            return $same >= 4;
        }, 5);

        $t->{fds}{$pid} = $n;
    }
}


# other programs

sub run_daemon {
    my ($t, @command) = @_;
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', "$t->{dir}/daemon.log";
        open STDERR, '>&', \*STDOUT;
        exec @command or POSIX::_exit(127);
    }

    push @{$t->{daemons}}, $pid;
    return $pid;
}

sub stop_daemon {
    my ($t, $pid, $signal) = @_;

    kill 'CONT', $pid;
    kill $signal // 'TERM', $pid;
    $t->wait_for(sub { waitpid($pid, WNOHANG) != 0 }, 5)
        or do { kill 'KILL', $pid; waitpid $pid, 0 };
    @{$t->{daemons}} = grep { $_ != $pid } @{$t->{daemons}};
}

# Redis on a socket of its own; returns its pid, or 0 where there is none.

sub redis {
    my ($t, @options) = @_;
    my $socket = "$t->{dir}/redis.sock";

    return 0 if !grep { -x "$_/redis-server" } split /:/, $ENV{PATH};

    my $pid = $t->run_daemon('redis-server', '--port', 0, '--unixsocket',
        $socket, '--save', '', '--appendonly', 'no', '--dir', $t->{dir},
        @options);
    $t->wait_for(sub { -S $socket }, 10) or die 'no redis';

    return $pid;
}

sub command {
    my ($t, @command) = @_;
    my $pid = open my $fh, '-|';

    die "fork: $!" if !defined $pid;

    if ($pid == 0) {
        open STDERR, '>&', \*STDOUT;
        exec @command or POSIX::_exit(127);
    }

    local $/;
    my $out = <$fh> // '';
    close $fh;

    return wantarray ? ($? >> 8, $out) : $out;
}

# Builds and publishes; rows are texts or references to JSON lines.  Returns
# the id of the snapshot.

sub build_snapshot {
    my ($t, %o) = @_;
    my $n = ++$t->{builds};
    my $out = "$t->{dir}/" . ($o{dir} // 'base');
    my @args;

    for my $what (qw(events catalog users)) {
        next if !defined $o{$what};
        my $rows = $o{$what};
        $rows = join '', map { $json->encode($_) . "\n" } @$rows
            if ref $rows;
        push @args, "--$what",
            $t->write_file("input/$what-$n.jsonl", $rows);
    }

    make_path($out);
    my ($rc, $text) = $t->command($t->builder, 'build', @args, '--out', $out,
                                  @{$o{args} // []});
    die "recs-builder build failed ($rc): $text" if $rc != 0;

    return $t->snapshot_id($o{dir});
}

# The same from one thread and from three, which must be the same snapshot.

sub build_by_threads {
    my ($t, %o) = @_;
    my @id = map {
        $t->build_snapshot(%o, dir => $_ == 1 ? 'base' : "of-$_",
                           args => [ @{$o{args} // []}, '--threads', $_ ])
    } 1, 3;

    Test::More::is($id[0], $id[1],
                   'the same snapshot from any number of threads');

    return $id[0];
}

sub snapshot_id {
    my ($t, $dir) = @_;
    my $link = readlink("$t->{dir}/" . ($dir // 'base') . '/current') // '';
    my ($id) = $link =~ /^snap-([0-9a-f]{16})\.mdb$/;
    return $id;
}

# What "current" names, changed as the builder does it.

sub publish {
    my ($t, $id, $dir) = @_;
    my $link = "$t->{dir}/" . ($dir // 'base') . '/current';

    symlink "snap-$id.mdb", "$link.new" or die "symlink: $!";
    rename "$link.new", $link or die "rename: $!";
}


# clients

sub get  { my ($t, $uri, %o) = @_; return $t->http('GET', $uri, %o) }
sub head { my ($t, $uri, %o) = @_; return $t->http('HEAD', $uri, %o) }

sub post {
    my ($t, $uri, $body, %o) = @_;
    $body = $json->encode($body) if ref $body;
    $o{headers}{'Content-Type'} //= 'application/json';
    return $t->http('POST', $uri, body => $body, %o);
}

# One request on a connection of its own, or on that of client().

sub http {
    my ($t, $method, $uri, %o) = @_;
    my $s = $o{socket} // $t->socket($o{port});
    my %h = (Host => 'localhost', %{$o{headers} // {}});

    return { status => 0, headers => {}, body => '' } if !$s;

    $h{Connection} //= $o{socket} ? 'keep-alive' : 'close';
    $h{'Content-Length'} //= length $o{body} if defined $o{body};

    my $request = "$method $uri HTTP/1.1\r\n"
        . join('', map { "$_: $h{$_}\r\n" } sort keys %h) . "\r\n"
        . ($o{body} // '');

    return $t->raw($request, $s, $method eq 'HEAD');
}

sub socket {
    my ($t, $port) = @_;
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $port // $t->port, Timeout => 5);
}

# A connection that is kept: $c->("/uri", headers => {...}).

sub client {
    my ($t, $port) = @_;
    my $s = $t->socket($port);
    return sub {
        my ($uri, %o) = @_;
        return $t->http($o{method} // 'GET', $uri, %o, socket => $s);
    };
}

sub raw {
    my ($t, $request, $s, $head) = @_;
    my $in = '';

    $s //= $t->socket;
    local $SIG{PIPE} = 'IGNORE';
    print $s $request;

    my $more = sub {
        my $end = time + 10;

        while (time < $end) {
            $! = 0;
            if (IO::Select->new($s)->can_read($end - time)) {
                my $n = sysread $s, $in, 65536, length $in;
                return $n if defined $n || !$!{EINTR};
            }
        }

        return 0;
    };

    while ($in !~ /\r\n\r\n/) { $more->() or last }

    my ($top, $body) = split /\r\n\r\n/, $in, 2;
    my ($line, @lines) = split /\r\n/, $top // '';
    my ($status) = ($line // '') =~ m{^HTTP/1\.[01] (\d+)};
    my %r = (status => $status // 0, head => $top // '', headers => {});

    for (@lines) {
        my ($name, $value) = /^([^:]+):\s*(.*)$/ or next;
        $name = lc $name;
        $r{headers}{$name} = exists $r{headers}{$name}
            ? "$r{headers}{$name}, $value" : $value;
    }

    $in = $body // '';

    if ($head || $r{status} == 304 || $r{status} == 204) {

        # what a server should not have sent is seen by the caller

    } elsif (defined(my $n = $r{headers}{'content-length'})) {
        while (length $in < $n) { $more->() or last }

    } elsif (($r{headers}{'transfer-encoding'} // '') eq 'chunked') {
        while ($in !~ /(?:^|\r\n)0\r\n\r\n$/) { $more->() or last }
        my $text = '';
        while ($in =~ s/^([0-9a-f]+)\r\n//i) {
            $text .= substr $in, 0, hex $1, '';
            $in =~ s/^\r\n//;
        }
        $in = $text;

    } else {
        while ($more->()) { }
    }

    $r{body} = $in;
    $r{json} = eval { $json->decode($in) }
        if ($r{headers}{'content-type'} // '') =~ /json/ && length $in;

    return \%r;
}

# The shop of Test::Recs::Shop, published and served.

sub shop {
    my ($t, %o) = @_;

    require Test::Recs::Shop;
    my $id = $t->build_snapshot(events => Test::Recs::Shop::events(),
                                catalog => Test::Recs::Shop::catalog());
    $t->run($t->conf(%o));
    return $id;
}

# The product ids of an answer.

sub ids {
    my ($t, $r) = @_;
    return map { $_->{productId} } @{$r->{json}{items} // []};
}


# waiting and ending

sub wait_for {
    my ($t, $condition, $seconds) = @_;
    my $end = time + ($seconds // 5);

    while (1) {
        return 1 if $condition->();
        return 0 if time > $end;
        sleep 0.02;
    }
}

sub wait_for_socket {
    my ($t, $port) = @_;
    return $t->wait_for(sub { $t->socket($port) }, 10);
}

sub done {
    my ($t) = @_;

    my @left = grep {
        my ($pid, $n) = ($_, $t->{fds}{$_} + $t->{slack});
        -e "/proc/$pid" && !$t->wait_for(sub { $t->fds($pid) <= $n }, 3);
    } $ENV{RECS_VALGRIND} ? () : sort keys %{$t->{fds}};

    Test::More::is("@left", '', 'no descriptors left in workers');
    Test::More::ok($t->stop, 'graceful stop');

    my $text = $t->error_log . $t->read_file('output.log');
    my @bad = grep { my $line = $_;
                     !grep { $line =~ $_ } @{$t->{allow}} }
        grep { /\[(?:alert|emerg)\]/ } split /\n/, $text;

    Test::More::is(join("\n", @bad), '', 'no alerts');
    Test::More::unlike($text, qr/Sanitizer|runtime error/,
                       'no sanitizer errors');
    Test::More::done_testing();
}

END {
    my $status = $?;

    for my $t (@running) {
        $t->stop;
        $t->stop_daemon($_) for my @daemons = @{$t->{daemons}};
    }

    $? = $status;
}

$SIG{INT} = $SIG{TERM} = sub { exit 1 };

1;
