/*
 * Copyright (C) recs authors
 */

#include "recs_json.h"
#include "recs_utf8.h"


static const uint8_t *recs_json_valid_value(const uint8_t *p,
    const uint8_t *last);
static const uint8_t *recs_json_valid_word(const uint8_t *p,
    const uint8_t *last, const char *word, size_t len);
static const uint8_t *recs_json_valid_number(const uint8_t *p,
    const uint8_t *last);
static const uint8_t *recs_json_valid_digits(const uint8_t *p,
    const uint8_t *last);
static const uint8_t *recs_json_valid_name(const uint8_t *p,
    const uint8_t *last);
static const uint8_t *recs_json_valid_string(const uint8_t *p,
    const uint8_t *last);
static const uint8_t *recs_json_valid_escape(const uint8_t *p,
    const uint8_t *last);
static const uint8_t *recs_json_valid_unit(const uint8_t *p,
    const uint8_t *last, uint32_t *unit);
static const uint8_t *recs_json_valid_blank(const uint8_t *p,
    const uint8_t *last);


/*
 * Without recursion: a bit for each level that is open says whether it is an
 * object.  NULL for a place is an error, which all steps pass on.
 */

int
recs_json_valid(const recs_str_t *text)
{
    uint8_t         end;
    uint32_t        objects;
    unsigned        depth;
    const uint8_t  *p, *last;

    p = text->data;
    last = p + text->len;
    objects = 0;
    depth = 0;

    for ( ;; ) {
        p = recs_json_valid_blank(p, last);

        if (p && p < last && (*p == '{' || *p == '[')) {

            if (depth++ == RECS_JSON_DEPTH) {
                return RECS_ERROR;
            }

            objects = objects << 1 | (*p == '{');
            end = *p + 2;
            p = recs_json_valid_blank(p + 1, last);

            if (p == last || *p != end) {
                p = (objects & 1) ? recs_json_valid_name(p, last) : p;
                continue;
            }

        } else {
            p = recs_json_valid_value(p, last);
        }

        /* behind a value, or at the end of what is empty */

        for ( ;; ) {

            if (p && p < last && depth && *p == ((objects & 1) ? '}' : ']')) {
                p++;
                depth--;
                objects >>= 1;
            }

            p = recs_json_valid_blank(p, last);

            if (depth == 0 || p == NULL || p == last) {
                return (depth == 0 && p == last) ? RECS_OK : RECS_ERROR;
            }

            if (*p == ',') {
                p++;
                p = (objects & 1) ? recs_json_valid_name(p, last) : p;
                break;
            }

            if (*p != ((objects & 1) ? '}' : ']')) {
                return RECS_ERROR;
            }
        }
    }
}


static const uint8_t *
recs_json_valid_value(const uint8_t *p, const uint8_t *last)
{
    if (p == NULL || p == last) {
        return NULL;
    }

    switch (*p) {

    case '"':
        return recs_json_valid_string(p, last);

    case 't':
        return recs_json_valid_word(p, last, "true", 4);

    case 'f':
        return recs_json_valid_word(p, last, "false", 5);

    case 'n':
        return recs_json_valid_word(p, last, "null", 4);

    default:
        return recs_json_valid_number(p, last);
    }
}


static const uint8_t *
recs_json_valid_word(const uint8_t *p, const uint8_t *last, const char *word,
    size_t len)
{
    return ((size_t) (last - p) >= len && memcmp(p, word, len) == 0)
           ? p + len : NULL;
}


static const uint8_t *
recs_json_valid_number(const uint8_t *p, const uint8_t *last)
{
    if (*p == '-') {
        p++;
    }

    if (p < last && *p == '0') {
        p++;

    } else {
        p = recs_json_valid_digits(p, last);
    }

    if (p && p < last && *p == '.') {
        p = recs_json_valid_digits(p + 1, last);
    }

    if (p && p < last && (*p | 0x20) == 'e') {
        p++;

        if (p < last && (*p == '+' || *p == '-')) {
            p++;
        }

        p = recs_json_valid_digits(p, last);
    }

    return p;
}


/* One at least. */

static const uint8_t *
recs_json_valid_digits(const uint8_t *p, const uint8_t *last)
{
    const uint8_t  *begin;

    begin = p;

    while (p < last && *p >= '0' && *p <= '9') {
        p++;
    }

    return (p == begin) ? NULL : p;
}


/* Of a member, and its colon. */

static const uint8_t *
recs_json_valid_name(const uint8_t *p, const uint8_t *last)
{
    p = recs_json_valid_blank(p, last);

    if (p == last || *p != '"') {
        return NULL;
    }

    p = recs_json_valid_string(p, last);
    p = recs_json_valid_blank(p, last);

    return (p && p < last && *p == ':') ? p + 1 : NULL;
}


static const uint8_t *
recs_json_valid_string(const uint8_t *p, const uint8_t *last)
{
    size_t  n;

    p++;

    while (p < last) {

        if (*p == '"') {
            return p + 1;
        }

        if (*p == '\\') {
            p = recs_json_valid_escape(p + 1, last);

            if (p == NULL) {
                return NULL;
            }

            continue;
        }

        if (*p < 0x20) {
            return NULL;
        }

        n = recs_utf8_char(p, last);

        if (n == 0) {
            return NULL;
        }

        p += n;
    }

    return NULL;
}


/* Behind the backslash; a pair of surrogates is one. */

static const uint8_t *
recs_json_valid_escape(const uint8_t *p, const uint8_t *last)
{
    uint32_t  unit;

    if (p == last) {
        return NULL;
    }

    if (*p != 'u') {
        return (*p && strchr("\"\\/bfnrt", *p)) ? p + 1 : NULL;
    }

    p = recs_json_valid_unit(p, last, &unit);

    if (p == NULL || unit < 0xd800 || unit > 0xdfff) {
        return p;
    }

    if (unit > 0xdbff || last - p < 2 || *p != '\\' || p[1] != 'u') {
        return NULL;
    }

    p = recs_json_valid_unit(p + 1, last, &unit);

    return (p && unit >= 0xdc00 && unit <= 0xdfff) ? p : NULL;
}


/* "u" and four digits. */

static const uint8_t *
recs_json_valid_unit(const uint8_t *p, const uint8_t *last, uint32_t *unit)
{
    int       digit;
    unsigned  i;

    if (last - p < 5) {
        return NULL;
    }

    for (i = 1, *unit = 0; i < 5; i++) {
        digit = recs_hex_digit(p[i]);

        if (digit < 0) {
            return NULL;
        }

        *unit = *unit << 4 | (uint32_t) digit;
    }

    return p + 5;
}


static const uint8_t *
recs_json_valid_blank(const uint8_t *p, const uint8_t *last)
{
    if (p == NULL) {
        return NULL;
    }

    while (p < last && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
    {
        p++;
    }

    return p;
}
