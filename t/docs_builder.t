#!/usr/bin/perl

# Copyright (C) recs authors

# docs/builder.md has every command, option and model, packaging/builder.conf
# every option at its default, docs/operations.md every message of the
# builder.  Lists come from the tables in the sources.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Test::Recs;
use Test::Recs::Docs qw(slurp table_of messages documented);


my $doc = slurp('docs/builder.md');


# a name in the table stands for its number

sub maximum {
    my ($name) = @_;

    return slurp('core/snapshot/recs_format.h') =~ /^#define $name\s+(\d+)/m
        ? $1 : $name;
}


# the configuration: name, default and range

my $source = slurp('builder/config_options.c');
my ($table) = $source =~ /recs_config_options\[\] = \{(.*?)^\};/ms;
my (%default, %range, %words, @options);

while ($table =~ /recs_(?:option|model|serving)_row\((\w+),\s*(?:[a-z_]+,\s*)?
                  ([A-Z]\w+),\s*(NULL|"[^"]*"),\s*([^,]+),\s*([^,]+),/xg)
{
    my ($name, $type, $value, $min, $max) = ($1, $2, $3, $4, $5);

    $name = 'now' if $name eq 'now_ms';
    push @options, $name;
    $default{$name} = $value eq 'NULL' ? undef : $value =~ s/"//gr;
    $range{$name} = [map { $_ =~ /^\w+_MAX$/ ? maximum($_) : $_ } $min, $max]
        if $type =~ /^(?:NUMBER|COUNT|FLOAT|WORD32)$/;
}

while ($table =~ /recs_(?:option|model|serving)_word\((\w+),\s*(?:\w+,\s*)?
                  "(\w+)",\s*(\w+)/xg)
{
    my ($name, $value, $words) = ($1, $2, $3);

    push @options, $name;
    $default{$name} = $value;
    ($words) = $source =~ /$words\[\] = \{(.*?)\};/s;
    $words{$name} = join ', ', $words =~ /"(\w+)"/g;
}

cmp_ok(scalar @options, '>=', 60, 'the table of options was found');

my ($section) = $doc =~ /^## Configuration\n(.*?)^## /ms;
my %row;

for (split /\n/, $section) {
    my ($name, @cells) = /^\| `(\w+)` \|(.*?)\|(.*?)\|(.*)\|$/ or next;
    $row{$name} = [map { s/^ | $//gr } @cells];
}

is_deeply([sort keys %row], [sort @options], 'all options, and no others');

for my $name (@options) {
    my ($default, $range, $text) = @{$row{$name} // ['', '', '']};
    my $value = $default{$name};

    if (defined $value) {
        $value = '""' if $value eq '';
        is($default, "`$value`", "$name: default");
    } else {
        unlike($default, qr/^`[\d.]+`$/, "$name: has no default");
    }

    if ($range{$name}) {
        my ($min, $max) = map { s/^\././r } @{$range{$name}};
        is($range, "$min to $max", "$name: range");
    }

    is($range, $words{$name}, "$name: words") if $words{$name};

    like($text, qr/\w/, "$name: meaning");
}


# the example: each option once, at its default

my $conf = slurp('packaging/builder.conf');
my %example;
my %where = (out => 1, log => 1, journal => 1);

for (split /\n/, $conf) {
    my ($off, $name, $value) = /^(#?)(\w+) = (.*)$/ or next;

    ok(!exists $example{$name}, "$name is there once");
    $value =~ s/^"(.*)"$/$1/;
    $value =~ s/^\{ (.*) \}$/$1/ and $value =~ s/,//g;
    $example{$name} = $off ? undef : $value;
}

is_deeply([sort keys %example], [sort @options], 'builder.conf has them all');

for my $name (grep { !$where{$_} } @options) {
    is($example{$name}, $default{$name}, "builder.conf: $name");
}

unlike($conf, qr/^\s*\w+ *=(?! ).*$/m, 'builder.conf: one style');


# it is read, and a shop is built by it

my $t = Test::Recs->new;
my $dir = $t->dir;

$conf =~ s{"/var/lib/recs}{"$dir}g;
$conf =~ s{"/var/spool/recs}{"$dir/journal}g;
$t->write_file('builder.conf', $conf);
mkdir "$dir/journal";

my ($rc, $out) = $t->command($t->builder, 'import', '-c',
                             "$dir/builder.conf");
is($rc, 2, 'nothing to import');
like($out, qr/nothing to import/, 'is all that is wrong with it');

require Test::Recs::Shop;
my $json = JSON::PP->new->canonical;
my %file = (events => [Test::Recs::Shop::events()],
            catalog => [Test::Recs::Shop::catalog()]);

for my $name (keys %file) {
    my @rows = map { ref eq 'ARRAY' ? @$_ : $_ } @{$file{$name}};
    $t->write_file("$name.jsonl",
        join '', map { ref ? $json->encode($_) . "\n" : $_ } @rows);
}

($rc, $out) = $t->command($t->builder, 'import', '-c', "$dir/builder.conf",
    '--events', "$dir/events.jsonl", '--catalog', "$dir/catalog.jsonl");
is($rc, 0, 'import') or diag $out;

($rc, $out) = $t->command($t->builder, 'run', '--once', '-c',
                          "$dir/builder.conf");
is($rc, 0, 'run --once') or diag $out;
ok($t->snapshot_id, 'is published');


# commands and their options

my @commands = map { /^\{ "(\w+)",/ ? $1 : () }
    table_of(slurp('builder/main.c'), 'recs_command_t  recs_commands[]');

cmp_ok(scalar @commands, '>=', 8, 'the table of commands was found');

for my $command (@commands) {
    like($doc, qr/^\| \[`$command`\]\(#$command\) \|/m, "command $command");

    my ($text) = $doc =~ /^### $command\n(.*?)(?=^##)/ms;
    ok($text, "$command is documented") or next;

    (undef, $out) = $t->command($t->builder, $command, '--help');

    for my $option ($out =~ /^ +(?:-\w, |    )--([a-z-]+)/mg) {
        next if $option =~ /^(?:help|usage|version|quiet|verbose)$/;

        # import refers to build, but not for what only one of them has

        my $there = $text;
        $there .= ($doc =~ /^### build\n(.*?)(?=^##)/ms)[0]
            if $command eq 'import';
        $there .= "--config --json" if $command =~ /^(?:run|status)$/
            && $text =~ /-c FILE|--json/;

        like($there, qr/--$option\b/, "$command --$option");
    }
}

(undef, $out) = $t->command($t->builder, '--help');
like($out, qr/^  $_ /m, "--help names $_") for @commands;
unlike($out, qr/Options:\s*$/, 'and ends with what it has to say');

my %clock = (build => 'The clock', import => 'The time of arrival');

for my $command (sort keys %clock) {
    (undef, $out) = $t->command($t->builder, $command, '--help');
    like($out, qr/--now=TIME\s+$clock{$command},/, "--now of $command");
}

for my $status (slurp('builder/cmd/cmd.h') =~ /RECS_EXIT_\w+ +(\d+)/g) {
    like($doc, qr/^\| $status \|/m, "exit status $status");
}


# models, gates, units

my $models = slurp('builder/model/model.c');

for my $name (map { /"(\w+)"/ ? $1 : () }
              table_of($models, 'recs_model_t  recs_models[]'))
{
    like($doc, qr/^\| `$name`/m, "model $name: memory");
    like($doc, qr/^`$name`[:,]/m, "model $name: formula");
}

my $strategies = slurp('core/answer/recs_strategy.c');

for my $name ($strategies =~ /\{ recs_string\("(\w+)"\),\n\s+recs_string/g) {
    like($doc, qr/^### (?:\w+, )?$name\b/m, "type $name");
}

like($doc, qr/`$_`/, "unit $_")
    for map { m{packaging/([^/]+\.(?:service|timer))$} ? $1 : () }
        glob "$FindBin::Bin/../packaging/*";


# messages

my $operations = slurp('docs/operations.md');
my $n = 0;

for my $file (sort(glob("$FindBin::Bin/../builder/*.c"),
                   glob("$FindBin::Bin/../builder/*/*.c")))
{
    my ($short) = $file =~ m{builder/(.*)\.c$};

    for my $m (messages(slurp($file), 'recs_message', 'recs_error',
                        'recs_link_say'))
    {
        $n++;
        ok(documented($m, $operations), "$short: $m");
    }
}

cmp_ok($n, '>=', 140, 'messages were found');

$t->done;
