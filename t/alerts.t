#!/usr/bin/perl

# Copyright (C) recs authors

# packaging/alerts.yml: well formed, made of metrics that there are, each rule
# with its section in docs/runbooks.md and no section without a rule; and,
# where promtool is installed, that rules are right and tell what they should.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use JSON::PP qw(decode_json encode_json);
use Test::More;
use Test::Recs::Docs qw(slurp);


my $home = "$FindBin::Bin/..";
my $text = slurp('packaging/alerts.yml');
my $docs = slurp('docs/directives.md') . slurp('docs/operations.md');
my $runbooks = slurp('docs/runbooks.md');


# YAML, as far as it is used here, and by a parser where there is one

my (@rules, @bad);

for (split /^/, $text) {
    if (/^  - alert: (\w+)$/) {
        push @rules, { alert => $1, expr => '' };
    } elsif (@rules && /^    (for|expr): (\S+)$/) {
        $rules[-1]{$1} = $2 if $2 ne '>-';
    } elsif (@rules && /^      (severity|summary|runbook): (\S.*)$/) {
        $rules[-1]{$1} = $2;
    } elsif (@rules && /^      (\S.*)$/) {
        $rules[-1]{expr} .= ($rules[-1]{expr} ? ' ' : '') . $1;
    } elsif (!/^(?:#.*|groups:|- name: recs-\w+|  rules:)?$/
             && !/^    (?:labels|annotations):$/)
    {
        push @bad, $_;
    }
}

is_deeply(\@bad, [], 'the form of all lines');
cmp_ok(scalar @rules, '>=', 30, 'rules were found');

SKIP: {
    my $json = `python3 -c 'import sys, json, yaml
print(json.dumps(yaml.safe_load(open(sys.argv[1]))))' \Q$home\E/packaging/alerts.yml 2>/dev/null`;
    skip 'no python3-yaml', 1 if $?;

    my @read = map { @{$_->{rules}} } @{decode_json($json)->{groups}};
    my @flat = map { { alert => $_->{alert}, expr => $_->{expr},
                       $_->{for} ? (for => $_->{for}) : (),
                       %{$_->{labels}}, %{$_->{annotations}} } } @read;
    is_deeply(\@flat, \@rules, 'a parser of YAML reads the same');
}


# metrics and labels

my %metric = map { $_ => 1 }
    $docs =~ /^\| `((?:nginx_recs|recs_builder)_\w+)`/mg;
my %seen;

for my $rule (@rules) {
    my ($name, $expr) = @{$rule}{qw(alert expr)};

    ok(!$seen{$name}++, "$name: once");
    like($rule->{severity}, qr/^(?:critical|warning)$/, "$name: severity");
    like($rule->{for} // '1m', qr/^\d+[mhd]$/, "$name: for");
    is($rule->{runbook}, 'docs/runbooks.md#' . lc $name, "$name: runbook");

    my @used = $expr =~ /\b((?:nginx_recs|recs_builder)_\w+|up\{)/g;
    ok(scalar @used, "$name: asks for something");

    my @unknown = grep { !$metric{$_} }
        map { s/_bucket$//r } grep { $_ ne 'up{' } @used;
    is_deeply(\@unknown, [], "$name: of what is documented");

    while ($expr =~ /(\w+)\{(\w+)="(\w+)"\}/g) {
        my ($m, $label, $value) = ($1, $2, $3);
        next if $m eq 'up';
        like($docs, qr/^\| `$m`[^\n]*`$label`/m, "$name: label $label");
        like($docs, qr/`$value`/, "$name: value $value");
    }

    # a counter says nothing by itself

    for my $counter (grep { /_total$/ } @used) {
        like($expr, qr/(?:rate|increase|deriv)\(.*\b$counter\b
                      |\b$counter\ >\ 0/x, "$name: $counter by time");
    }
}


# runbooks

my @sections = $runbooks =~ /^### (\w+)$/mg;
is_deeply([sort @sections], [sort map { $_->{alert} } @rules],
          'a section for each rule, and no other');

for my $name (@sections) {
    my ($section) = $runbooks =~ /^### $name\n(.*?)(?=^##|\z)/ms;
    is_deeply([$section =~ /^- \*\*(\w+):\*\* \S/mg],
              [qw(Symptom Users Look Cure Over)],
              "$name: symptom, users, look, cure, over");
}

# what "status -c" says leads there

my $check = slurp('builder/cmd/status_check.c');
my %there = map { $_ => 1 } @sections;
my @names = $check =~ /"(Recs\w+)"/g;
cmp_ok(scalar @names, '>=', 12, 'names of "status" were found');
is_deeply([grep { !$there{$_} } @names], [], 'each has a section');

# links

sub anchors {
    my %a;
    for (slurp($_[0]) =~ /^#+ (.+)$/mg) {
        $a{lc(s/[^\w\s-]//gr) =~ s/ /-/gr} = 1;
    }
    return \%a;
}

my %anchor;

for my $link ($runbooks =~ /\]\(([^)\s]+)\)/g) {
    my ($file, $anchor) = $link =~ /^([^#]*)(?:#(.*))?$/;
    $file = 'runbooks.md' if $file eq '';
    ok(-e "$home/docs/$file", "$link: the file") or next;
    next if !defined $anchor;
    $anchor{$file} //= anchors("docs/$file");
    ok($anchor{$file}{$anchor}, "$link: the section");
}


# promtool

my ($promtool) = grep { -x } map { "$_/promtool" } split /:/, $ENV{PATH};

SKIP: {

    # Debian has it in "prometheus", 330 MB with what that needs: nothing to
    # install for one test

    skip 'no promtool (Debian: prometheus): rules are not run', 2
        if !$promtool;

    my $out = `\Q$promtool\E check rules \Q$home\E/packaging/alerts.yml 2>&1`;
    is($?, 0, 'promtool check rules') or diag $out;

    # what fires after twenty minutes of a fault, and what does not of none

    my $edge = 'instance="e1"';
    my $b = 'recs_builder';
    my %quiet = (
        qq(up{job="recs",$edge}) => '1x40',
        qq(nginx_recs_requests_total{$edge,type="TRENDING",result="HIT"})
            => '0+60x40',
        qq(nginx_recs_requests_total{$edge,type="NONE",result="REFUSED"})
            => '0x40',
        qq(nginx_recs_requests_total{$edge,type="NONE",result="UNAVAILABLE"})
            => '0x40',
        qq(nginx_recs_events_accepted_total{$edge}) => '0+60x40',
        qq(nginx_recs_events_rejected_total{$edge}) => '0+1x40',
        (map { (qq(nginx_recs_${_}_total{$edge}) => '0x40') }
         qw(events_unavailable exposures_dropped snapshot_refused
            journal_errors journal_adopted layers_expired redis_resent)),
        qq(nginx_recs_redis_connects_total{$edge}) => '2x40',
        qq(nginx_recs_redis_connected{$edge}) => '2x40',
        (map { ("${b}_${_}_total" => '0x40') }
         qw(gaps lost damaged hot_failures)),
        "${b}_stopped" => '0x40',
        "${b}_written_timestamp_seconds" => '0+60x40',
        "${b}_lag_seconds" => '0.3x40',
        "${b}_reading_fails" => '0x40',
        "${b}_redis_connected" => '1x40',
        "${b}_build_good" => '1x40',
        "${b}_retain_timestamp_seconds" => '0x40',
        "${b}_snapshots" => '5x40',
        (map { (qq(${b}_paused{why="$_"}) => '0x40') }
         qw(log_max disk_reserve)),
        "${b}_log_bytes" => '50x40',
        "${b}_log_max_bytes" => '100x40',
        qq(${b}_disk_free_bytes{dir="log"}) => '50x40',
        qq(${b}_disk_size_bytes{dir="log"}) => '100x40',
    );
    my %fault = (
        RecsEdgeDown => [qq(up{job="recs",$edge}) => '0x40'],
        RecsUnavailable => [qq(nginx_recs_requests_total{$edge,type="NONE",)
            . 'result="UNAVAILABLE"}' => '0+5x40'],
        RecsQuestionsRefused => [qq(nginx_recs_requests_total{$edge,)
            . 'type="NONE",result="REFUSED"}' => '0+60x40'],
        RecsEventsRefused =>
            [qq(nginx_recs_events_unavailable_total{$edge}) => '0+5x40'],
        RecsEventsInvalid =>
            [qq(nginx_recs_events_rejected_total{$edge}) => '0+60x40'],
        RecsExposuresDropped =>
            [qq(nginx_recs_exposures_dropped_total{$edge}) => '0+5x40'],
        RecsWorkersDie =>
            [qq(nginx_recs_journal_adopted_total{$edge}) => '0x15 1x25'],
        RecsRedisAway => [qq(nginx_recs_redis_connected{$edge}) => '0x40'],
        RecsBuilderDead => ["${b}_stopped" => '1x40'],
        RecsBuilderSilent =>
            ["${b}_written_timestamp_seconds" => '0+60x15 900x25'],
        RecsBuilderBehind => ["${b}_lag_seconds" => '0+30x40'],
        RecsBuilderReadingFails => ["${b}_reading_fails" => '1x40'],
        RecsBuilderLost => ["${b}_lost_total" => '0x10 7x30'],
        RecsBuildFailed => ["${b}_build_good" => '0x40'],
        RecsRetentionFails => ["${b}_written_timestamp_seconds" =>
            '130000+60x40'],
        RecsNoSnapshot => ["${b}_snapshots" => '0x40'],
        RecsLogFull => [qq(${b}_paused{why="log_max"}) => '1x40'],
        RecsDiskLow => [qq(${b}_disk_free_bytes{dir="log"}) => '4x40'],
    );

    my $dir = tempdir(CLEANUP => 1);
    my %rule = map { $_->{alert} => $_ } @rules;
    my @tests;

    for my $name ('', sort keys %fault) {
        my %series = (%quiet, @{$fault{$name} // []});

        push @tests, {
            interval => '1m',
            input_series => [map { { series => $_, values => $series{$_} } }
                             sort keys %series],
            promql_expr_test => [{
                eval_time => '20m',
                expr => 'count by (alertname) (ALERTS{alertstate="firing"})',
                exp_samples => $name ? [{ value => 1, labels =>
                    qq({alertname="$name"}) }] : [],
            }],
        };
    }

    open my $fh, '>', "$dir/test.yml" or die $!;
    print $fh encode_json({ rule_files => ["$home/packaging/alerts.yml"],
                            tests => \@tests });
    close $fh;

    $out = `\Q$promtool\E test rules \Q$dir\E/test.yml 2>&1`;
    is($?, 0, 'each fault is told, by its own rule; without one nothing is')
        or diag $out;
}

done_testing();
