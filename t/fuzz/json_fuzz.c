/*
 * Copyright (C) recs authors
 *
 * JSON of strangers: another parser, which is lax about a NUL, says the same
 * of it, and a walk over it meets every value and stays inside.
 */

#include <jansson.h>
#include <stdlib.h>

#include "../../core/recs_json.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
walk(const recs_str_t *json, unsigned depth)
{
    uint8_t          *text;
    uint32_t          n, k;
    recs_str_t        name, value;
    recs_json_iter_t  it, inner;

    if (json->len == 0 || depth > RECS_JSON_DEPTH) {
        abort();
    }

    text = malloc(json->len);

    if (text == NULL || recs_json_text(json, text) > text + json->len) {
        abort();
    }

    free(text);

    recs_json_begin(&it, json);

    for (n = 0; recs_json_next(&it, &name, &value) == RECS_OK; n++) {
        walk(&value, depth + 1);
    }

    if (n != recs_json_count(json)) {
        abort();
    }

    if (it.object) {
        return;
    }

    recs_json_begin(&it, json);

    for (k = 0; k < n; k++) {
        if (recs_json_enter(&it, &inner) == RECS_OK) {
            (void) recs_json_next(&inner, &name, &value);
            recs_json_leave(&it, &inner);

        } else if (recs_json_next(&it, &name, &value) != RECS_OK) {
            abort();
        }
    }

    if (recs_json_next(&it, &name, &value) != RECS_DONE) {
        abort();
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int            code;
    json_t        *json;
    recs_str_t     text;
    json_error_t   error;

    text.data = data;
    text.len = size;

    json = json_loadb((const char *) data, size, JSON_DECODE_ANY, &error);
    code = json ? 0 : (int) json_error_code(&error);

    if (recs_json_valid(&text) == RECS_OK) {
        while (text.len && *text.data <= ' ') {
            text.data++;
            text.len--;
        }

        walk(&text, 0);

        if (json == NULL && code != json_error_null_character
            && code != json_error_null_byte_in_key
            && code != json_error_numeric_overflow)
        {
            abort();
        }

    } else if (json && size < 2 * RECS_JSON_DEPTH
               && memchr(data, 0, size) == NULL)
    {
        abort();
    }

    json_decref(json);

    return 0;
}
