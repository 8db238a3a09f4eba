/*
 * Copyright (C) recs authors
 *
 * What is JSON, against another parser: by hand, and by 60,000 changes of a
 * few texts.
 */

#include <jansson.h>

#include "../../core/recs_json.h"
#include "tap.h"


#define CHANGES  60000
#define SIZE     256


static const char *const  good[] = {
    "{}", "[]", " [ ] ", "0", "-0", "1.5e+3", "-1E-2", "\"\"", "true",
    "false", "null", "\t\r\n{ \"a\" : [ 1 , {} , [] ] , \"b\" : null }\n",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"",
    "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", "\"\xc3\xa9\xf0\x9f\x98\x80\"",
    "{\"a\":1,\"a\":2}", NULL
};

static const char *const  bad[] = {
    "", " ", "{", "[", "]", "}", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{,}",
    "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{1:2}",
    "[}", "{]", "[1]]", "[1}", "{\"a\":1]", "01", "-", "+1", ".5", "1.",
    "1e", "1e+", "0x1", "1 1", "tru", "truth", "nul", "NaN", "'a'", "\"",
    "\"\\\"", "\"\\x\"", "\"\\u12g4\"", "\"\\u123\"", "\"\\ud800\"",
    "\"\\ud800\\u0041\"", "\"\\ude00\"", "\"\n\"", "\"\x7f\xff\"",
    "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]",
    "\xef\xbb\xbf[]", "[1]x", "//\n[]", "{\"a\":1 \"b\":2}", NULL
};

static const char *const  texts[] = {
    "[{\"type\":\"SIMILAR_PRODUCTS\",\"productId\":\"S1\",\"limit\":10}]",
    "{\"requests\":[{\"path\":\"a\\u00e9\\ud83d\\ude00\",\"x\":-1.5e2},[]]}",
    "[true,false,null,\"\xc3\xa9\xe2\x82\xac\",[[{}]],{\"a\":{\"b\":[0]}}]"
};

static const char  pieces[] = "\"\\{}[]:,0-.eu9 tdDfn\xc3\xa9\n\x01/8+";


static int
valid(const char *text, size_t len)
{
    recs_str_t  s = { len, (const uint8_t *) text };

    return recs_json_valid(&s) == RECS_OK;
}


/* 1 it is, 0 it is not, -1 the other parser has reasons of its own. */

static int
other(const char *text, size_t len)
{
    json_t        *json;
    json_error_t   error;

    json = json_loadb(text, len, JSON_DECODE_ANY, &error);

    if (json) {
        json_decref(json);
        return 1;
    }

    switch (json_error_code(&error)) {

    case json_error_null_character:
    case json_error_null_byte_in_key:
    case json_error_numeric_overflow:
    case json_error_stack_overflow:
        return -1;

    default:
        return 0;
    }
}


static void
changed(void)
{
    char      text[SIZE];
    int       theirs;
    size_t    len;
    unsigned  i, k, wrong, both;
    uint64_t  seed;

    seed = 1;
    wrong = 0;
    both = 0;

    for (i = 0; i < CHANGES; i++) {
        len = strlen(texts[i % 3]);
        memcpy(text, texts[i % 3], len);

        for (k = 0; k <= i % 4; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[(seed >> 33) % len] = pieces[(seed >> 20)
                                              % (sizeof(pieces) - 1)];
        }

        if (i % 7 == 0) {
            len = (seed >> 40) % len;
        }

        theirs = other(text, len);
        both += (theirs == 1);

        if (theirs != -1 && theirs != valid(text, len)) {
            wrong++;
            printf("# %.*s\n", (int) len, text);
        }
    }

    is_int(wrong, 0, "changed texts: both say the same");
    ok(both > CHANGES / 50, "of many that they are JSON");
}


int
main(void)
{
    unsigned  i;

    for (i = 0; good[i]; i++) {
        ok(valid(good[i], strlen(good[i])), "good text %u", i);
    }

    for (i = 0; bad[i]; i++) {
        ok(!valid(bad[i], strlen(bad[i])), "bad text %u", i);
    }

    ok(!valid("[\"a\0b\"]", 7) && !valid("8\0", 2), "a NUL");

    changed();

    return done_testing();
}
