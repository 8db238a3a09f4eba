package Test::Recs::Docs;

# Copyright (C) recs authors

# What the sources say and a document must: rows of a table in C, and the
# messages of a program.

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);

our @EXPORT_OK = qw(slurp table_of messages documented);

my $home = abs_path(dirname(abs_path(__FILE__)) . '/../../../..');


sub slurp {
    my ($name) = @_;
    my $path = $name =~ m{^/} ? $name : "$home/$name";

    open my $fh, '<', $path or die "$path: $!\n";
    local $/;
    return scalar <$fh>;
}


# The rows "{ ... }" of an array that is declared as "start".

sub table_of {
    my ($text, $start) = @_;
    my ($body) = $text =~ /\Q$start\E = \{(.*?)^\};/ms
        or die "no table: $start\n";

    return $body =~ /(\{(?:[^{}]|\{[^{}]*\})*\})/g;
}


# The formats that functions are called with, without those of a level that
# nobody is called out of bed for.

sub messages {
    my ($text, @functions) = @_;
    my $string = qr/"(?:[^"\\]|\\.)*"/;
    my $functions = join '|', @functions;
    my @messages;

    $text =~ s{/\*.*?\*/}{}gs;

    while ($text =~ /\b($functions)\s*(\((?:[^()"]|$string|(?2))*\))/g) {
        my ($function, $call) = ($1, $2);
        next if $call =~ /\b(?:RECS_MSG|NGX_LOG)_(?:INFO|DEBUG)\b/;

        # its level is followed by the name of a stage

        $call =~ s{^\(\s*\w+,\s*$string}{} if $function eq 'recs_message';

        my ($format) = $call =~ /((?:$string|\s|PRI\w+|ngx_\w+_n\b)*$string
                                  (?:$string|\s|PRI\w+)*)/x or next;

        $format =~ s/\bngx_open_file_n\b/"open()"/g;
        $format = join '', map { s/^"|"$//g; $_ }
            $format =~ /($string|PRI\w+)/g;
        $format =~ s/\\t.*//s;
        $format =~ s/\\"/"/g;

        push @messages, $format;
    }

    return @messages;
}


# Whether one of the documents has the longest piece of a format that is not
# filled in.  What hardly has words of its own cannot be looked up.

sub documented {
    my ($format, @docs) = @_;

    $format =~ s/\\"/"/g;
    $format =~ s/%%/\0/g;

    # what stands around a piece belongs to what is filled in

    my ($piece) = sort { length $b <=> length $a }
        map { s/^[\s:;,."\/()-]+|[\s:;,."\/(-]+$//gr } split m{
            %[-+\ 0-9.*]*(?:PRI\w+|xL|uL|ui|uD|uz|V|ll[ud]|z[udx]|[a-zA-Z])
        }x, $format;

    $piece = '' if !defined $piece;
    $piece =~ s/\0/%/g;
    return 1 if $piece !~ /[a-z()]{2}.*[a-z()]{2}/;

    for my $doc (@docs) {
        my $text = $doc =~ s/\s+/ /gr;
        $text =~ s/\\\|/|/g;
        return 1 if index($text, $piece) >= 0;
    }

    return 0;
}

1;
