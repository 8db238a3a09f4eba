package Bench;

# What the benches of serving share: nginx with one worker pinned to the first
# core, the load on the second, the sides of a pair in turn.

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use IO::Socket::INET;

our @EXPORT = qw(compare connect_to get lines load nginx port post
                 run spawn stop wait_for write_conf);

my $top = abs_path(dirname(__FILE__) . '/..');
my (@pids, %nginx);

# A port that is free: of two benches none asks the nginx of the other one.

sub port {
    my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
        or die "no port: $!\n";

    return $s->sockport;
}

# nginx.conf in "dir": what all of them have, with what goes to the top, into
# http and into the server.

sub write_conf {
    my ($dir, $port, %o) = @_;
    my $user = $> == 0 ? 'user root;' : '';

    lines("$dir/nginx.conf", <<"EOF");
load_module $top/build/ngx_http_recs_module.so;
@{[ $o{main} // '' ]}
$user
daemon off;
worker_processes 1;
worker_cpu_affinity 01;
pid $dir/nginx.pid;
error_log $dir/error.log;
events { worker_connections 512; }
http {
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path $dir/temp;
    client_body_buffer_size 64k;
    proxy_temp_path $dir/temp;
    fastcgi_temp_path $dir/temp;
    uwsgi_temp_path $dir/temp;
    scgi_temp_path $dir/temp;
$o{http}
    server {
        listen 127.0.0.1:$port;
$o{server}
    }
}
EOF
}

# nginx in the foreground by its configuration; ready when "path" answers 200.

sub nginx {
    my ($dir, $port, $path) = @_;
    my $pid = spawn('nginx', '-e', "$dir/error.log", '-p', "$dir/", '-c',
        "$dir/nginx.conf");

    %nginx = (dir => $dir, port => $port);

    wait_for(sub {
        my $s = connect_to($port) or return;
        (get($s, $path))[0] =~ / 200 /;
    });

    return $pid;
}

# Pairs of loads, the median of their ratio, and that of answers for a second of
# the worker's processor time, which is what a busy machine leaves; a side is
# [ file of paths, prefix ] or [ file of bodies, path, 'post' ], and how many
# answers one is (1).

sub compare {
    my ($sides, $one, $other, $bar, $pairs, $seconds) = @_;
    my (@ratios, @worker, @busy);

    for my $pair (1 .. $pairs) {
        my ($a, $busy_a) = load($sides->{$one}, $seconds);
        my ($b, $busy_b) = load($sides->{$other}, $seconds);
        push @ratios, $a / $b;
        push @worker, $a / ($busy_a || 1) / $b * ($busy_b || 1);
        push @busy, $busy_a, $busy_b;
        printf "  %-8s %8.0f /s   %-8s %8.0f /s   ratio %.3f   cpu %.0f"
            . " %.0f %%\n", $one, $a, $other, $b, $a / $b, $busy_a, $busy_b;
    }

    @ratios = sort { $a <=> $b } @ratios;
    @worker = sort { $a <=> $b } @worker;
    @busy = sort { $a <=> $b } @busy;
    printf "%s / %s: median %.3f (bar %.2f), by processor time %.3f, least cpu"
        . " of a worker %.0f %%\n\n", $one, $other, $ratios[ $#ratios / 2 ],
        $bar, $worker[ $#worker / 2 ], $busy[0];
}

# Requests a second, and how busy the worker was, in percent.

sub load {
    my ($side, $seconds) = @_;
    my ($file, $prefix, $method, $each) = @$side;
    my $worker = worker();
    my $before = busy($worker);

    $method //= 'get';
    my $out = `taskset -c 1 wrk -t1 -c32 -d${seconds}s -s bench/requests.lua http://127.0.0.1:$nginx{port} -- $file '$prefix' $method 2>&1`;
    my $share = (busy($worker) - $before) / $seconds;

    my ($requests, $us, $status, $errors) =
        $out =~ /^RESULT (\d+) (\d+) (\d+) (\d+)/m or die $out;
    die "$file: $status bad answers, $errors errors\n"
        if $status || $errors;

    return ($requests * ($each // 1) / $us * 1e6, $share);
}

sub worker {
    open my $fh, '<', "$nginx{dir}/nginx.pid" or die "nginx.pid: $!\n";
    chomp(my $master = <$fh>);
    chomp(my ($pid) = `pgrep -P $master -f worker`);

    return $pid;
}

# Hundredths of a second of processor that a process had so far.

sub busy {
    my ($pid) = @_;
    open my $fh, '<', "/proc/$pid/stat" or die "$pid: $!\n";
    my @f = split ' ', (<$fh> =~ s/^.*\) //r);

    return $f[11] + $f[12];
}

sub connect_to {
    return IO::Socket::INET->new(PeerAddr => "127.0.0.1:$_[0]");
}

# One request on a connection that is kept: head and body.

sub get { return ask($_[0], "GET $_[1] HTTP/1.1\r\nHost: localhost\r\n\r\n") }

sub post {
    my ($s, $path, $body) = @_;

    return ask($s, "POST $path HTTP/1.1\r\nHost: localhost\r\n"
        . "Content-Type: application/json\r\nContent-Length: "
        . length($body) . "\r\n\r\n$body");
}

sub ask {
    my ($s, $request) = @_;
    my $data = '';

    print $s $request;
    sysread $s, $data, 65536, length $data or die "no answer\n"
        until $data =~ /\r\n\r\n/;

    my ($head, $body) = split /\r\n\r\n/, $data, 2;
    my ($length) = $head =~ /^Content-Length: (\d+)/mi;

    while (defined $length && length $body < $length) {
        sysread $s, $body, 65536, length $body or die "no answer\n";
    }

    return ("$head\r\n", $body);
}

sub lines {
    my ($name, @lines) = @_;
    open my $fh, '>', $name or die "$name: $!\n";
    print $fh map { "$_\n" } @lines;
    close $fh;
}

# A process that ends with the bench, in the background.

sub spawn {
    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        exec @_;
        exit 1;
    }

    push @pids, $pid;

    return $pid;
}

sub wait_for {
    my ($ready) = @_;

    for (1 .. 200) {
        return if eval { $ready->() };
        select undef, undef, undef, 0.05;
    }

    die "timeout; see error.log\n";
}

sub run {
    system("$_[0] > $_[1] 2>&1") == 0 or die "failed: $_[0]; see $_[1]\n";
}

# Processes that are to be ended with the bench.

sub stop {
    kill 'TERM', @pids;
    waitpid $_, 0 for @pids;
    @pids = ();
}

END { kill 'TERM', @pids if @pids }

1;
