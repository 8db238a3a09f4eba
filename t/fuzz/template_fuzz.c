/*
 * Copyright (C) recs authors
 *
 * A template, a NUL, an answer: what compiles renders within its memory, the
 * same bytes in any memory that is enough, and lets nothing of the answer
 * become markup.
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/answer/recs_template.h"


#define ROOM  (1 << 20)


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static recs_template_t  t;
static uint8_t          large[ROOM];


static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}


static uint32_t
lines(const recs_str_t *text)
{
    size_t    i;
    uint32_t  n;

    for (i = 0, n = 1; i < text->len; i++) {
        n += text->data[i] == '\n';
    }

    return n;
}


static int
has_markup(const uint8_t *p, size_t len)
{
    return memchr(p, '<', len) || memchr(p, '>', len) || memchr(p, '"', len)
           || memchr(p, '\'', len);
}


/*
 * A room of exactly so many bytes: what goes beyond is seen at once.  It may
 * be found too small, since a number wants room for all of its digits.
 */

static void
check_room(const recs_str_t *json, size_t len)
{
    uint8_t     *memory;
    recs_out_t   out;

    memory = malloc(len + 1);
    require(memory != NULL);

    recs_out_init(&out, memory, len);

    if (recs_template_render(&t, json, &out) == RECS_OK) {
        require((size_t) (out.pos - memory) == len
                && memcmp(memory, large, len) == 0);
    }

    if (len) {
        free(memory);
        memory = malloc(len);
        require(memory != NULL);

        recs_out_init(&out, memory, len - 1);
        require(recs_template_render(&t, json, &out) == RECS_ERROR);
    }

    free(memory);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t        line;
    const char     *err;
    recs_str_t      text, json;
    recs_out_t      out;
    const uint8_t  *nul;

    nul = size ? memchr(data, '\0', size) : NULL;

    if (nul == NULL) {
        return 0;
    }

    text.data = data;
    text.len = nul - data;
    json.data = nul + 1;
    json.len = size - text.len - 1;

    err = NULL;
    line = 0;

    if (recs_template_compile(&t, &text, &err, &line) != RECS_OK) {
        require(err != NULL && line >= 1 && line <= lines(&text));
        return 0;
    }

    if (json.len == 0 || json.data[0] != '{'
        || recs_json_valid(&json) != RECS_OK)
    {
        return 0;
    }

    recs_out_init(&out, large, ROOM);

    if (recs_template_render(&t, &json, &out) != RECS_OK) {
        return 0;
    }

    require(has_markup(text.data, text.len)
            || !has_markup(large, out.pos - large));

    check_room(&json, out.pos - large);

    return 0;
}
