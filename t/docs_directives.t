#!/usr/bin/perl

# Copyright (C) recs authors

# docs/directives.md has every directive with its contexts, every variable,
# every metric with its type, every result, and every message of nginx -t;
# docs/operations.md has the messages of a running nginx.  Lists come from
# the tables in the sources.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs::Docs qw(slurp table_of messages documented);


my $module = 'ngx_http_recs_module';
my $doc = slurp('docs/directives.md');
my $c = slurp("$module/ngx_http_recs_module.c");


# directives

my %context = (MAIN => 'http', SRV => 'server', LOC => 'location');
my (@names, %documented);

for my $row (table_of($c, 'ngx_command_t  ngx_http_recs_commands[]')) {
    my ($name) = $row =~ /ngx_string\("(\w+)"\)/ or next;
    my $flags = join ', ', map { $context{$_} }
        grep { $row =~ /NGX_HTTP_${_}_CONF[|,\s]/ } qw(MAIN SRV LOC);

    push @names, $name;

    my ($text) = $doc =~ /^### $name\n(.*?)(?=^##)/ms;
    ok($text, "$name is documented") or next;

    like($text, qr/^\| Syntax: \| \*\*$name\*\*.*; \|$/m, "$name: syntax");
    like($text, qr/^\| Default: \| \S/m, "$name: default");
    like($text, qr/^\| Context: \| \Q$flags\E \|$/m, "$name: context");
    like($text, qr/\|\n\n[^|#\s].*\S\n/s, "$name: text");
}

cmp_ok(scalar @names, '>=', 19, 'the table of directives was found');

my ($section) = $doc =~ /^## Directives\n(.*?)^## /ms;
is_deeply([$section =~ /^### (\w+)$/mg], [sort @names],
          'no others, and in order');


# what a parameter can be

for my $file (qw(journal redis_conf snapshot module click_conf)) {
    my $text = slurp("$module/ngx_http_recs_$file.c");

    for ($text =~ /ngx_strn?cmp\(\w+(?:\[\d\]\.|->)data, "([a-z_]+=?\w*)"/g) {
        my $re = s/=$// ? qr/`?\b$_(?:`|=)/ : qr/\b\Q$_\E\b/;
        like($doc, $re, "parameter $_");
    }
}

for (slurp("$module/ngx_http_recs_status.c") =~ /\{ ngx_string\("(\w+)"\),/g)
{
    like($doc, qr/^\| Syntax: \| \*\*recs_status\*\*.*\b$_\b/m,
         "recs_status $_");
}


# variables

my @vars = map { /ngx_string\("(\w+)"\)/ ? $1 : () }
    table_of(slurp("$module/ngx_http_recs_vars.c"),
             'ngx_http_variable_t  ngx_http_recs_vars[]');

cmp_ok(scalar @vars, '>=', 11, 'the table of variables was found');
is_deeply([sort($doc =~ /^\| `\$(\w+)` \|/mg)], [sort @vars], 'variables');

my $zone = slurp("$module/ngx_http_recs_zone.c");
my ($results) = $zone =~ /ngx_http_recs_results\[\] = \{(.*?)\};/s;
my ($status) = $doc =~ /^\| `\$recs_status` \|(.*)$/m;
like($status, qr/`$_`/, "result $_") for $results =~ /"(\w+)"/g;


# metrics: counters, gauges of snapshots, and those that are written out

my $report = join '', map { slurp("$module/ngx_http_recs_$_.c") }
    qw(report prometheus);
my %type;

$type{$_} = 'counter' for map { /ngx_string\("(\w+)"\)/ ? $1 : () }
    table_of($zone, 'ngx_http_recs_counter_t  ngx_http_recs_counters[]');
$type{$_} = 'gauge' for map { /ngx_string\("(\w+)"\)/ ? $1 : () }
    table_of($report, 'ngx_http_recs_counter_t  ngx_http_recs_gauges[]');

while ($report =~ /prometheus_head\(out, &(\w+), "(\w+)"/g) {
    my ($variable, $type) = ($1, $2);
    next if $variable eq 'g' || $variable eq 'c';

    # the last one of this name before it is used

    my ($name) = substr($report, 0, pos $report)
        =~ /.*ngx_str_t  $variable =\s+ngx_string\("(\w+)"\)/s;
    $type{$name} = $type;
}

cmp_ok(scalar keys %type, '>=', 28, 'the tables of metrics were found');

my %there = $doc =~ /^\| `nginx_recs_(\w+)`(?: \*)? \| (\w+) \|/mg;
is_deeply(\%there, \%type, 'metrics and their types');

my %label;
$label{$1} .= " $2" while $report =~ /nginx_recs_(\w+)\{(\w+)=/g;

for my $label ($report =~ /[{,](\w+)=\\"/g) {
    like($doc, qr/^\| `nginx_recs_\w+`(?: \*)? \| \w+ \| [^|]*`$label`/m,
         "label $label");
}


# members of the status

for my $member ($report =~ /\\"([a-z]\w*)\\":/g) {
    like($doc, qr/^\| .*`(?:snapshots\[\])?\.?$member`|"$member":/m,
         "member $member");
}


# messages: those of nginx -t here, those of a running nginx there

my $operations = slurp('docs/operations.md');
my $n = 0;

for my $file (sort glob "$FindBin::Bin/../$module/*.c") {
    my $text = slurp($file);
    my ($short) = $file =~ /ngx_http_recs_(\w+)\.c$/;

    for my $m (messages($text, 'ngx_conf_log_error', 'ngx_log_error')) {
        $n++;
        ok(documented($m, $doc, $operations), "$short: $m");
    }

    for ($text =~ /\breturn ("[^;]*");/g) {
        my $m = join '', /"((?:[^"\\]|\\.)*)"/g;
        ok(documented($m, $doc), "$short: $m");
    }
}

cmp_ok($n, '>=', 50, 'messages were found');

done_testing();
