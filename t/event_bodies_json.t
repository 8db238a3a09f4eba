#!/usr/bin/perl

# Copyright (C) recs authors

# Bodies by tables: what JSON allows, forbids and leaves open (RFC 8259), and
# what events may say, each with its code, sent alone and in a batch between
# good ones.  The quick reader of plain texts and the full one must agree,
# which is why every case is also sent with a member that only the full one
# takes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Recs;
use Test::Recs::Journal;

my $t = Test::Recs->new;

$t->run($t->conf(http => '
    recs_key %%DIR%%/key;
    recs_journal %%DIR%%/journal max=64m;
    client_max_body_size 1m;
    recs_events_max_body 1m;
    keepalive_requests 100000;
', server => '
    location /analytics { recs_events; }
'));

my $good = '{"activityType":"PAGE_VIEW","sessionId":"s"}';
my ($cases, $accepted, @wrong) = (0, 0);
my $client = $t->client;

sub send_body {
    my ($path, $body) = @_;
    my $r = $client->("/analytics/$path", method => 'POST', body => $body,
                      headers => { 'Content-Type' => 'application/json' });

    $client = $t->client if $r->{status} == 0;
    return $r;
}

sub said {
    my ($r) = @_;
    my $j = $r->{json} // {};
    my $e = ref $j->{errors} eq 'ARRAY' ? $j->{errors} : [];

    return join ' ', $r->{status}, $j->{code} // '-', $j->{accepted} // '-',
        map { join ':', $_->{index}, $_->{code}, $_->{name} // '' } @$e;
}

sub check {
    my ($what, $path, $body, $want) = @_;
    my $got = said(send_body($path, $body));

    $cases++;
    return if $got eq $want;
    $body = substr($body, 0, 200) =~ s/([^ -~])/sprintf '<%02x>', ord $1/gre;
    push @wrong, "$what: $got, not $want: $body";
}

# An event, or what is none: the code of its refusal, '' for none; "json" is
# a text that is no JSON, which no event of a batch survives.

sub event {
    my ($what, $text, $code, $name) = @_;
    my $status = ($code =~ /forbidden/) ? 403 : 400;

    if ($code eq 'json') {
        check($what, 'activity', $text, '400 json-invalid -');
        check("$what, in a batch", 'batch', "[$good,$text,$good]",
              '400 json-invalid -');
        return;
    }

    check($what, 'activity', $text,
          $code ? "$status $code -" : '202 - 1');
    check("$what, in a batch", 'batch', "[$good,$text,$good]",
          $code ? "202 - 2 1:$code:" . ($name // '') : '202 - 3');
    $accepted += $code ? 2 : 4;
}

# A value where nobody looks, plain and beside an escape; then in an array, in
# an object, and in the metadata, which is kept.

sub value {
    my ($what, $text, $code) = @_;
    my $head = '{"activityType":"PAGE_VIEW","sessionId":"s"';

    event($what, "$head,\"x\":$text}", $code);
    event("$what, beside an escape", "$head,\"\\u0079\":1,\"x\":$text}",
          $code);
    event("$what, in an array", "$head,\"x\":[1,$text]}", $code);
    event("$what, in metadata", "$head,\"metadata\":{\"x\":$text}}", $code);
}

# Members beside those of a good event.

sub fields {
    my ($what, $text, $code, $name, $type) = @_;
    my $head = '{"activityType":"' . ($type // 'PAGE_VIEW')
        . '","sessionId":"s"';

    event($what, "$head,$text}", $code, $name);
    event("$what, beside an escape", "$head,\"\\u0079\":1,$text}", $code,
          $name);
}

sub done {
    my ($what) = @_;
    is(join("\n", splice @wrong), '', $what);
}


# numbers

for (qw(0 1 -1 12 0.5 -0.5 1.0 1e5 1E5 1e+5 1e-5 1.5e3 -1.5E-3 0e1 0E0 0.0
        0e+1 1e0 123456789 0.1e1 9007199254740993 9223372036854775807
        -9223372036854775808 1e308 1.7976931348623157e308 2.2e-308 -0.0 -0e1
        100000000000000000000.5 0.30000000000000004 1e-7 20.25e00 1e-400))
{
    value("the number $_", $_, '');
}

for (qw(01 -01 00 .5 5. -.5 -5. +1 ++1 --1 - + . e1 E 1e 1e+ 1e- 1.e5 1.5e
        1ee5 1e5.5 0x10 0b1 0o7 1_000 1.2.3 1a -a -x1 1e400 -1e400 1e999
        NaN nan Infinity -Infinity inf -NaN -0 1/2 1f 1L 0e 1e+-5 -1x 1.x 1'0
        9223372036854775808 -9223372036854775809 18446744073709551616))
{
    value("no number: $_", $_, 'json');
}

value("the digits \xef\xbc\x91", "\xef\xbc\x91", 'json');
value('forty digits', '4' x 40, 'json');
value('forty digits of a fraction', '0.' . '4' x 40, '');
value('1000 digits of a fraction', '0.' . '3' x 1000, '');
value('a blank in a number', '1 2', 'json');
value('a blank behind a sign', '- 1', 'json');
done('numbers');


# literals

value($_, $_, '') for qw(null true false);
value("no literal: $_", $_, 'json')
    for qw(Null TRUE False nul tru fals nulll truee None undefined nil yes
           t n f True true1 nu\u006cl);
value('two literals', 'true false', 'json');
value('nothing', '', 'json');
value('a single quote', "'a'", 'json');
value('a name', 'abc', 'json');
done('literals');


# strings: escapes

for ('', 'a', '\\"', '\\\\', '\\/', '\\b\\f\\n\\r\\t', '\\u0041', '\\u00e9',
     '\\u20AC', '\\ud83d\\ude00', '\\uD83D\\uDE00', '\\udbff\\udfff',
     '\\ud800\\udc00', '\\uffff', '\\ufffe', '\\ufeff', '\\u2028', '\\u007f',
     '\\u0001', '\\u001f', '\\\\u0000', '\\\\ud800', '/', '//', '/* */', '#',
     '[', ']]', '{}', ':,', 'null', '\\u0022', '\\u005c', '\\u005C\\u0022')
{
    value("the string \"$_\"", "\"$_\"", '');
}

for ('\\', '\\x41', '\\a', '\\v', '\\0', "\\'", '\\u', '\\u0', '\\u00',
     '\\u004', '\\u004g', '\\u-041', '\\u 041', '\\U0041', '\\u{41}',
     '\\u0000', 'a\\u0000b', '\\ud800', '\\udc00', '\\ud800a', '\\ud800\\n',
     '\\ud800\\u0041', '\\ud800\\ud800', '\\udc00\\ud800',
     '\\ud800\\u', '\\ud83d\\ude0', '\\ud83d\\\\ude00', '\\dfff', '\\ ',
     '\\101', '\\u+041', '"', 'a"b', '\\"\\')
{
    value("no string: \"$_\"", "\"$_\"", 'json');
}

done('escapes');


# strings: bytes

for (['a tab', "\t"], ['a line feed', "\n"], ['a carriage return', "\r"],
     ['a NUL', "\0"], ['a backspace', "\b"], ['an escape', "\e"],
     ['a unit separator', "\x1f"], ['an escaped line feed', "\\\n"],
     ['a lone continuation', "\x80"], ['another', "\xbf"],
     ['two bytes cut', "\xc3"], ['two bytes, no continuation', "\xc3\x28"],
     ['three bytes cut', "\xe2\x82"], ['no continuation', "\xe2\x28\xa1"],
     ['the third is none', "\xe2\x82\x28"], ['four bytes cut', "\xf0\x9f\x98"],
     ['no fourth', "\xf0\x9f\x98\x28"], ['no second', "\xf0\x28\x8c\xbc"],
     ['overlong /', "\xc0\xaf"], ['overlong NUL', "\xc0\x80"],
     ['overlong DEL', "\xc1\xbf"], ['overlong in three', "\xe0\x80\xaf"],
     ['the largest of them', "\xe0\x9f\xbf"],
     ['overlong in four', "\xf0\x80\x80\xaf"],
     ['the largest of them', "\xf0\x8f\xbf\xbf"],
     ['five bytes', "\xf8\x88\x80\x80\x80"],
     ['six bytes', "\xfc\x84\x80\x80\x80\x80"],
     ['fe', "\xfe"], ['ff', "\xff"], ['U+D800 in UTF-8', "\xed\xa0\x80"],
     ['U+DFFF in UTF-8', "\xed\xbf\xbf"],
     ['a pair in CESU-8', "\xed\xa0\xbd\xed\xb8\x80"],
     ['U+110000', "\xf4\x90\x80\x80"], ['f5', "\xf5\x80\x80\x80"],
     ['Latin-1', "caf\xe9"])
{
    value("$_->[0] in a string", "\"a$_->[1]b\"", 'json');
}

for (['U+0080', "\xc2\x80"], ['U+07FF', "\xdf\xbf"],
     ['U+0800', "\xe0\xa0\x80"], ['U+D7FF', "\xed\x9f\xbf"],
     ['U+E000', "\xee\x80\x80"], ['U+FEFF', "\xef\xbb\xbf"],
     ['U+FFFF', "\xef\xbf\xbf"], ['U+10000', "\xf0\x90\x80\x80"],
     ['U+10FFFF', "\xf4\x8f\xbf\xbf"], ['DEL', "\x7f"],
     ['U+2028', "\xe2\x80\xa8"], ['a family', "\xf0\x9f\x91\xa8\xe2\x80\x8d"
      . "\xf0\x9f\x91\xa9"], ['an accent of its own', "e\xcc\x81"])
{
    value("$_->[0] in a string", "\"a$_->[1]b\"", '');
}

value('no end of a string', '"a', 'json');
value('no end but an escaped one', '"a\\"', 'json');
value('no beginning', 'a"', 'json');
value('64 kB of text', '"' . 'y' x 65536 . '"', '');
done('bytes');


# structures

for ('[]', '{}', '[[]]', '[{}]', '{"a":[]}', '[1,2]', '[null]', '[[],[]]',
     '{"":1}', '{"a":{"b":{"c":1}}}', '[ ]', '{ }', "[\t1\r\n, 2 ]",
     "{ \"a\" :\n1 , \"b\"\t:2}", '{"a":1,"A":2}', '{"a":{"b":1},"b":1}',
     '[1,1,1]', '{"a":[{"a":1},{"a":1}]}', '{"a b":1}', '{"__proto__":1}',
     '{"constructor":{"prototype":{}}}', '{"\\u0061":1}', '[' x 20 . ']' x 20,
     '{"a":' x 20 . '1' . '}' x 20, "{\"\xc3\xa9\":1}")
{
    value("the structure $_", $_, '');
}

for ('[', ']', '{', '}', '[1', '1]', '[1,]', '[,1]', '[,]', '[1,,2]', '[1 2]',
     '[1;2]', '[1:2]', '{"a"}', '{"a":}', '{:1}', '{"a":1,}', '{,"a":1}',
     '{"a":1,,"b":2}', '{"a":1 "b":2}', '{"a":1;"b":2}', '{"a"=1}',
     '{"a"=>1}', '{"a"::1}', '{"a","b"}', '{"a":"b":"c"}', '{a:1}', '{1:1}',
     '{null:1}', '{[]:1}', '{{}:1}', "{'a':1}", '{"a":1}}', '{"a":1]', '[1}',
     '[1]]', '{"a":[1}', '["a":1]', '{"a":1,"a":2}', '{"a":1,"a":1}',
     '{"a":1,"\\u0061":2}', '{"a":{"b":1,"b":1}}', '[{"":1,"":2}]',
     '{"\\u0000":1}', '{"a\\u0000b":1}', '{"\\ud800":1}', "{\"\xff\":1}",
     "{\"a\n\":1}", "[1\0,2]", "[1\0\0]", "{\"a\":1\0}", "[true\0]",
     "[\"a\"\0]", "{\"a\"\0:1}", '{"a', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,"',
     '[...]', '(1)', '<a>', '[1,2', "[1\0]", "[\0]", "[1,\x0b2]", "[1,\x0c2]",
     "[1,\xc2\xa02]", "[1,\xe2\x80\x832]", "[1\xef\xbb\xbf]", '[/**/]',
     "[//\n]", '[1,#2]', '{"a":/* b */1}', '[1,<!-- 2]', '{**}', '[*]',
     '{"a":`b`}', '{"a":0,}', '[""', '["a', '["\\', '["a",', '[-', '[tru',
     "[\"a\"\n\"b\"]", '{"a":1,"b"}', '[1,"a" 2]', '${x}', '{{x}}', '@1',
     '%7b%7d')
{
    value("no structure: $_", $_, 'json');
}

value('as deep as can be', '[' x 29 . ']' x 29, '');
value('too deep', '[' x 32 . ']' x 32, 'json');
value('too deep in objects', '{"a":' x 32 . '1' . '}' x 32, 'json');
value('a bomb without an end', '[' x 50_000, 'json');
value('a bomb of objects', '{"a":' x 20_000, 'json');
value('brackets in a string are not deep', '"' . '[{' x 2000 . '"', '');
done('structures');


# whole bodies: those that are no JSON text, then those that are no event

for (['nothing', ''], ['a blank', ' '], ['blanks', "\t\r\n "],
     ['a BOM', "\xef\xbb\xbf"], ['a BOM and an event', "\xef\xbb\xbf$good"],
     ['a BOM behind it', "$good\xef\xbb\xbf"],
     ['UTF-16LE', join '', map { "$_\0" } split //, $good],
     ['UTF-16BE', join '', map { "\0$_" } split //, $good],
     ['UTF-16 with a BOM', "\xff\xfe" . join '', map { "$_\0" }
      split //, $good],
     ['UTF-32', join '', map { "$_\0\0\0" } split //, $good],
     ['a NUL before', "\0$good"], ['a NUL behind', "$good\0"],
     ['NULs', "\0" x 100], ['a form feed before', "\f$good"],
     ['a no-break space', "\xc2\xa0$good"], ['ff', "\xff"],
     ['two', "$good$good"], ['two and a blank', "$good $good"],
     ['lines', "$good\n$good\n"], ['two and a comma', "$good,$good"],
     ['RS and LF', "\x1e$good\n"], ['a comma behind', "$good,"],
     ['a brace behind', "$good}"], ['a bracket behind', "$good]"],
     ['a comment behind', "$good /* x */"], ['a hash behind', "$good # x"],
     ['a semicolon behind', "$good;"], ['JSONP', "f($good)"],
     ['a guard', ")]}',\n$good"], ['a loop', "for(;;);$good"],
     ['an assignment', "x=$good"], ['a form', 'activityType=PAGE_VIEW'],
     ['XML', '<event/>'], ['YAML', "activityType: PAGE_VIEW\n"],
     ['CBOR', "\xa1\x61a\x01"], ['gzip', "\x1f\x8b\x08\0\0\0\0\0"],
     ['base64', 'eyJhIjoxfQ=='], ['a length', "2c\r\n$good\r\n0\r\n"])
{
    check($_->[0], 'activity', $_->[1], '400 json-invalid -');
    check("$_->[0], in a batch", 'batch', "[$good,$_->[1]]",
          $_->[1] =~ /^\s*$/ || $_->[0] !~ /^two and a comma$/
          ? '400 json-invalid -' : '202 - 3');
    check("$_->[0] around a batch", 'batch', "[$good]$_->[1]",
          $_->[1] =~ /^\s+$/ || $_->[1] eq '' ? '202 - 1'
                                              : '400 json-invalid -');
    $accepted += 3 if $_->[0] eq 'two and a comma';
    $accepted++ if $_->[1] =~ /^\s*$/;
}

for (0 .. length($good) - 1) {
    check("cut at $_", 'activity', substr($good, 0, $_),
          '400 json-invalid -');
    check("a batch cut at $_", 'batch', substr("[$good,$good]", 0, $_ + 46),
          '400 json-invalid -');
}

check("no array: $_", 'batch', $_, '400 json-invalid -')
    for $good, '{}', 'null', '1', '"a"', 'true', '[', ']', '[]', '[ ]',
        "{\"batch\":[$good]}", "[$good", "$good]", "[$good,]", "[,$good]",
        "[$good,,$good]", "[$good $good]", "[$good][$good]", "[$good]]";

for ('null', '1', '-1.5', '"a"', 'true', 'false', '""') {
    check("the body $_", 'activity', $_, '400 json-invalid -');
    check("an element $_", 'batch', "[$good,$_,$good]",
          '202 - 2 1:field-invalid:');
    $accepted += 2;
}

for ('[]', '[1]', "[$good]") {
    check("an array: $_", 'activity', $_, '400 json-invalid -');
    check("$_ in a batch", 'batch', "[$good,$_]",
          '202 - 1 1:field-invalid:');
    $accepted++;
}

check('bad ones only', 'batch', '[1,{},"a",[]]',
      '400 - 0 0:field-invalid: 1:session-required: 2:field-invalid: '
      . '3:field-invalid:');
done('whole bodies');


# who and what

for (['{}', 'session-required'], ['{"activityType":"PAGE_VIEW"}',
      'session-required'], ['{"sessionId":"s"}', 'event-invalid'],
     ['{"activityType":null,"sessionId":"s"}', 'event-invalid'],
     ['{"activityType":"","sessionId":"s"}', 'event-invalid'],
     ['{"activityType":"PAGE_VIEW","sessionId":""}', 'session-required'],
     ['{"activityType":"PAGE_VIEW","sessionId":null}', 'session-required'],
     ['{"activityType":"PAGE_VIEW","anonymousId":"a"}', 'session-required'],
     ['{"activityType":"PURCHASE","orderId":"o","productId":"p"}',
      'session-required'],
     ['{"activityType":"PAGE_VIEW","userId":"u"}', ''],
     ['{"activityType":"PAGE_VIEW","userId":7}', ''],
     ['{"activityType":"PAGE_VIEW","context":{"sessionId":"s"}}', ''],
     ['{"activityType":"PAGE_VIEW","context":{"sessionId":1}}',
      'session-required'],
     ['{"activityType":"PAGE_VIEW","context":[]}', 'session-required'],
     ['{"event":"page","user_session":"s"}', ''],
     ['{"ACTIVITY_TYPE":"page view","Session-ID":"s"}', ''],
     ['{"activityType":"of our own","sessionId":"s"}', ''],
     ['{"activityType":7,"sessionId":"s"}', ''])
{
    event(@$_[0, 0, 1]);
}

event("a type that $_->[0]", "{\"activityType\":$_->[0],\"sessionId\":\"s\"}",
      'field-invalid', 'activityType')
    for ['true'], ['[]'], ['{}'], ['1.5'], ['["PAGE_VIEW"]'];

event("$_ from a stranger", "{\"activityType\":\"$_\",\"productId\":\"p\","
      . '"userId":"u","sessionId":"s"}', 'type-server-only')
    for qw(CART_ABANDONMENT USER_UPDATE USER_ERASE user-erase);

event('a product from a stranger', '{"activityType":"PRODUCT_UPDATE",'
      . '"productId":"p","price":1}', 'update-forbidden');


# what types need

for (qw(PRODUCT_VIEW PRODUCT_CLICK ADD_TO_CART REMOVE_FROM_CART CART_UPDATE
        ADD_TO_WISHLIST PURCHASE REVIEW_SUBMITTED RECOMMENDATION_CLICK
        RECOMMENDATION_DISMISS BUNDLE_ADD_TO_CART view))
{
    fields("$_ of nothing", '"x":1', 'event-invalid', undef, $_);
    fields("$_ of a product", '"productId":"p"', '', undef, $_);
    fields("$_ of an item", '"items":[{"productId":"p"}]', '', undef, $_);
    fields("$_ of an entity", '"entityId":"p"', '', undef, $_);
}

for (['SEARCH', 'query'], ['CATEGORY_VIEW', 'categoryId'],
     ['BRAND_VIEW', 'brand'], ['REFUND', 'orderId'],
     ['ORDER_CANCEL', 'orderId'], ['ORDER_UPDATE', 'orderId'])
{
    fields("$_->[0] without", '"x":1', 'event-invalid', undef, $_->[0]);
    fields("$_->[0] of null", "\"$_->[1]\":null", 'event-invalid', undef,
           $_->[0]);
    fields("$_->[0] of nothing", "\"$_->[1]\":\"\"", 'event-invalid', undef,
           $_->[0]);
    fields("$_->[0] with", "\"$_->[1]\":\"a\"", '', undef, $_->[0]);
    fields("$_->[0] of digits", "\"$_->[1]\":12", '', undef, $_->[0]);
}

done('what events need');


# fields, by kind

for my $name (qw(userId anonymousId messageId recommendationId placement
                 source orderId status currency browser name brand categoryId
                 region variant entityId entityType productId variantId))
{
    fields("$name of 255 bytes", "\"$name\":\"" . 'n' x 255 . '"', '');
    fields("$name of 256 bytes", "\"$name\":\"" . 'n' x 256 . '"',
           'field-invalid', $name);
    fields("$name: a number", "\"$name\":12", '');
    fields("$name: $_", "\"$name\":$_", 'field-invalid', $name)
        for qw(true false [] {} 1.5 ["a"]);
    fields("$name: null", "\"$name\":null", '');
    fields("$name: empty", "\"$name\":\"\"", '');
    fields("$name: a control character", "\"$name\":\"a\\nb\"",
           'event-invalid') if $name !~ /^(entity|variantId)/;
}

for my $name (qw(query pageUrl referrer)) {
    fields("$name of 5000 bytes", "\"$name\":\"" . 'n' x 5000 . '"', '');
    fields("$name: $_", "\"$name\":$_", 'field-invalid', $name)
        for qw(true [] {} 1.5);
}

for my $name (qw(value rating duration scrollDepth position)) {
    fields("$name: $_", "\"$name\":$_", '') for qw(1 2.5 "3" "1.5" 0.5e1 null);
    fields("$name: $_", "\"$name\":$_", 'field-invalid', $name)
        for qw(true false [] {} "a" "1x" "0x1" "1e" "+1" "--1" "NaN");
}

fields("negative $_", "\"$_\":-1", 'field-invalid', $_)
    for qw(rating duration scrollDepth position);

for (['value', '-5', ''], ['value', '999999999999', ''],
     ['value', '1000000000000', 'event-invalid'],
     ['value', '-1000000000000', 'event-invalid'],
     ['value', '1e300', 'field-invalid'], ['rating', '5', ''],
     ['rating', '5.001', 'event-invalid'], ['rating', '6', 'event-invalid'],
     ['scrollDepth', '250', ''], ['position', '10000', ''],
     ['position', '10001', 'event-invalid'],
     ['position', '2147483647', 'field-invalid'],
     ['duration', '1e10', 'field-invalid'])
{
    fields("$_->[0] $_->[1]", "\"$_->[0]\":$_->[1]", $_->[2],
           $_->[2] eq 'field-invalid' ? $_->[0] : undef);
}

my $now = time;

fields("a time $_", "\"timestamp\":$_", '')
    for $now, "${now}000", "${now}000000", "\"$now\"", "$now.25", 'null',
        '"2999-12-31T23:59:59Z"', '"2999-12-31"', '"2999-12-31 10:00"',
        '"2999-12-31T10:00:00+0100"', '99999999999';

fields("no time: $_", "\"timestamp\":$_", 'field-invalid', 'timestamp')
    for qw("now" "20x6" "a" "2026-13-01" "2026-00-01" "2026-02-30"
           "2026-01-01T25:00" "2026-01-01T10:60" "2026-01-01X10:00"
           "2026-01-01T10:00:00+25:00" "01/02/2026" "2026-1-1" true [] {}
           1e30 9223372036854775807);

fields("too old: $_", "\"timestamp\":$_", 'too-old')
    for 1, '"2026"', '-1', '"1970-01-02"', '"2001-02-03T04:05:06Z"', $now - 31 * 86400;

fields("consent $_", "\"consent\":$_", '')
    for qw("granted" "denied" "unknown" "yes" "no" true false 1 0 {} null
           {"ads":true} {"ads":"denied"});

fields("no consent: $_", "\"consent\":$_", 'field-invalid', 'consent')
    for qw("maybe" [] 2 "2");

fields("metadata $_", "\"metadata\":$_", '')
    for '{}', 'null', '{"a":1}', '{"email":"a@b"}',
        '{"a":"' . 'm' x 3000 . '"}';

fields("no metadata: $_", "\"metadata\":$_", 'field-invalid', 'metadata')
    for qw([] 1 "a" true 1.5 [{}]);

done('fields');


# items

for (['[{"productId":"p"}]', ''], ['[{"productId":"p"},{"sku":"q"}]', ''],
     ['[{"productId":7,"price":"1.50","quantity":2}]', ''],
     ['[{"productId":"p","price":-1}]', ''], ['null', ''],
     ['[{"productId":"p","x":[{"y":1}]}]', ''],
     ['[{"productId":"p"}' . ',{"productId":"p"}' x 99 . ']', ''],
     ['[{"productId":"p"}' . ',{"productId":"p"}' x 100 . ']',
      'field-invalid'],
     ['[]', ''], ['{}', 'field-invalid'], ['1', 'field-invalid'],
     ['"a"', 'field-invalid'], ['true', 'field-invalid'],
     ['[1]', 'field-invalid'], ['[null]', 'field-invalid'],
     ['[[]]', 'field-invalid'], ['["p"]', 'field-invalid'],
     ['[{"productId":"p"},1]', 'field-invalid'], ['[{}]', 'event-invalid'],
     ['[{"productId":""}]', 'event-invalid'],
     ['[{"productId":null}]', 'event-invalid'],
     ['[{"productId":"p"},{"price":1}]', 'event-invalid'],
     ['[{"productId":{}}]', 'field-invalid'],
     ['[{"productId":true}]', 'field-invalid'],
     ['[{"productId":"p","price":"a"}]', 'field-invalid'],
     ['[{"productId":"p","price":[]}]', 'field-invalid'],
     ['[{"productId":"p","price":1e12}]', 'event-invalid'],
     ['[{"productId":"p","quantity":0}]', 'event-invalid'],
     ['[{"productId":"p","quantity":-1}]', 'event-invalid'],
     ['[{"productId":"p","quantity":1000000001}]', 'event-invalid'],
     ['[{"productId":"p","quantity":1e-7}]', 'event-invalid'],
     ['[{"productId":"p","position":-1}]', 'field-invalid'],
     ['[{"productId":"p","position":10001}]', 'event-invalid'])
{
    fields("items $_->[0]", "\"items\":$_->[0]", $_->[1],
           $_->[1] eq 'field-invalid' ? 'items' : undef);
    fields("products $_->[0]", "\"products\":$_->[0]", $_->[1],
           $_->[1] eq 'field-invalid' ? 'products' : undef);
}

event('too large for a frame', '{"activityType":"PURCHASE","sessionId":"s",'
      . '"items":[{"productId":"' . 'p' x 255 . '"' . ',"variantId":"'
      . 'v' x 255 . '"}' . (',{"productId":"' . 'p' x 255 . '","variantId":"'
      . 'v' x 255 . '"}') x 99 . '],"metadata":{"a":"' . 'm' x 2000 . '"},'
      . join(',', map { "\"$_\":\"" . 'f' x 1024 . '"' }
             qw(query pageUrl referrer)) . '}', '');
done('items');


cmp_ok($cases, '>=', 300, "$cases bodies");
is(scalar Test::Recs::Journal::frames("$t->{dir}/journal", 'act'), $accepted,
   "$accepted events were accepted, as many are in the journal");

$t->done;
