/*
 * Copyright (C) recs authors
 */

#include "recs_json.h"


static const uint8_t *recs_json_skip(const uint8_t *p, const uint8_t *last);
static const uint8_t *recs_json_skip_string(const uint8_t *p,
    const uint8_t *last);
static const uint8_t *recs_json_skip_blank(const uint8_t *p,
    const uint8_t *last);
static uint8_t *recs_json_escape(const uint8_t **from, const uint8_t *last,
    uint8_t *p);
static uint32_t recs_json_hex(const uint8_t *p, const uint8_t *last);
static uint8_t *recs_json_utf8(uint8_t *p, uint32_t c);


recs_json_e
recs_json_type(const recs_str_t *value)
{
    if (value->len == 0) {
        return RECS_JSON_NONE;
    }

    switch (value->data[0]) {
    case '{':
        return RECS_JSON_OBJECT;
    case '[':
        return RECS_JSON_ARRAY;
    case '"':
        return RECS_JSON_STRING;
    case 't':
        return RECS_JSON_TRUE;
    case 'f':
        return RECS_JSON_FALSE;
    case 'n':
        return RECS_JSON_NULL;
    }

    return RECS_JSON_NUMBER;
}


void
recs_json_begin(recs_json_iter_t *it, const recs_str_t *value)
{
    recs_json_e  type;

    type = recs_json_type(value);

    it->object = (type == RECS_JSON_OBJECT);
    it->pos = value->data;
    it->last = value->data + value->len;

    if (type == RECS_JSON_OBJECT || type == RECS_JSON_ARRAY) {
        it->pos++;

    } else {
        it->pos = it->last;
    }
}


int
recs_json_next(recs_json_iter_t *it, recs_str_t *name, recs_str_t *value)
{
    const uint8_t  *p, *end;

    p = recs_json_skip_blank(it->pos, it->last);

    if (p < it->last && *p == ',') {
        p = recs_json_skip_blank(p + 1, it->last);
    }

    if (p >= it->last || *p == ']' || *p == '}') {
        return RECS_DONE;
    }

    if (it->object) {
        end = recs_json_skip_string(p, it->last);

        if (end == NULL) {
            return RECS_DONE;
        }

        name->data = p + 1;
        name->len = end - p - 2;

        p = recs_json_skip_blank(end, it->last);

        if (p >= it->last || *p != ':') {
            return RECS_DONE;
        }

        p = recs_json_skip_blank(p + 1, it->last);
    }

    end = recs_json_skip(p, it->last);

    if (end == NULL) {
        return RECS_DONE;
    }

    value->data = p;
    value->len = end - p;
    it->pos = end;

    return RECS_OK;
}


int
recs_json_enter(recs_json_iter_t *it, recs_json_iter_t *inner)
{
    const uint8_t  *p;

    p = recs_json_skip_blank(it->pos, it->last);

    if (p < it->last && *p == ',') {
        p = recs_json_skip_blank(p + 1, it->last);
    }

    if (p >= it->last || *p == ']') {
        return RECS_DONE;
    }

    if (it->object || (*p != '{' && *p != '[')) {
        return RECS_DECLINED;
    }

    inner->object = (*p == '{');
    inner->pos = p + 1;
    inner->last = it->last;

    return RECS_OK;
}


void
recs_json_leave(recs_json_iter_t *it, recs_json_iter_t *inner)
{
    recs_str_t      name, value;
    const uint8_t  *p;

    while (recs_json_next(inner, &name, &value) == RECS_OK) {
        /* void */
    }

    p = recs_json_skip_blank(inner->pos, inner->last);

    it->pos = (p < inner->last) ? p + 1 : it->last;
}


uint32_t
recs_json_count(const recs_str_t *value)
{
    uint32_t          n;
    recs_str_t        name, one;
    recs_json_iter_t  it;

    recs_json_begin(&it, value);

    for (n = 0; recs_json_next(&it, &name, &one) == RECS_OK; n++) {
        /* void */
    }

    return n;
}


int
recs_json_find(const recs_str_t *object, const recs_str_t *path,
    recs_str_t *value)
{
    size_t             len;
    const uint8_t     *dot, *p, *last;
    recs_str_t         in, name;
    recs_json_iter_t   it;

    in = *object;
    p = path->data;
    last = p + path->len;

    for ( ;; ) {
        dot = memchr(p, '.', last - p);
        len = (dot ? dot : last) - p;

        recs_json_begin(&it, &in);

        do {
            if (!it.object || recs_json_next(&it, &name, value) != RECS_OK) {
                return RECS_DECLINED;
            }

        } while (name.len != len || memcmp(name.data, p, len) != 0);

        if (dot == NULL) {
            return RECS_OK;
        }

        in = *value;
        p = dot + 1;
    }
}


/* Brackets are counted: of text that we have made they are in pairs. */

static const uint8_t *
recs_json_skip(const uint8_t *p, const uint8_t *last)
{
    unsigned  depth;

    depth = 0;

    while (p < last) {

        switch (*p) {

        case '"':
            p = recs_json_skip_string(p, last);

            if (p == NULL) {
                return NULL;
            }

            break;

        case '{':
        case '[':
            depth++;
            p++;
            break;

        case '}':
        case ']':
            if (depth-- == 0) {
                return NULL;
            }

            p++;
            break;

        case ',':
        case ':':
            if (depth == 0) {
                return NULL;
            }

            p++;
            continue;

        default:
            if (depth) {
                p++;
                continue;
            }

            while (p < last && *p != ',' && *p != ']' && *p != '}'
                   && *p > ' ')
            {
                p++;
            }
        }

        if (depth == 0) {
            return p;
        }
    }

    return NULL;
}


static const uint8_t *
recs_json_skip_string(const uint8_t *p, const uint8_t *last)
{
    if (p >= last || *p != '"') {
        return NULL;
    }

    for (p++; p < last; p++) {

        if (*p == '"') {
            return p + 1;
        }

        if (*p == '\\') {
            p++;
        }
    }

    return NULL;
}


static const uint8_t *
recs_json_skip_blank(const uint8_t *p, const uint8_t *last)
{
    while (p < last && *p <= ' ') {
        p++;
    }

    return p;
}


uint8_t *
recs_json_text(const recs_str_t *value, uint8_t *p)
{
    const uint8_t  *from, *last;

    if (recs_json_type(value) != RECS_JSON_STRING || value->len < 2) {
        return p;
    }

    from = value->data + 1;
    last = value->data + value->len - 1;

    while (from < last) {
        if (*from != '\\') {
            *p++ = *from++;

        } else {
            p = recs_json_escape(&from, last, p);
        }
    }

    return p;
}


/* Six bytes of an escape become three of UTF-8, a pair of them four. */

static uint8_t *
recs_json_escape(const uint8_t **from, const uint8_t *last, uint8_t *p)
{
    uint32_t        c, low;
    const char     *found;
    const uint8_t  *e;

    static const char  names[] = "bfnrt";
    static const char  meant[] = "\b\f\n\r\t";

    e = *from + 1;

    if (e == last) {
        *from = last;
        return p;
    }

    if (*e != 'u') {
        found = strchr(names, *e);
        *p++ = found ? (uint8_t) meant[found - names] : *e;
        *from = e + 1;

        return p;
    }

    c = recs_json_hex(e + 1, last);
    e = recs_min(e + 5, last);

    if (c >= 0xd800 && c < 0xdc00 && last - e >= 6 && e[0] == '\\'
        && e[1] == 'u')
    {
        low = recs_json_hex(e + 2, last);

        if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            e += 6;
        }
    }

    *from = e;

    return recs_json_utf8(p, c);
}


static uint32_t
recs_json_hex(const uint8_t *p, const uint8_t *last)
{
    int       digit;
    unsigned  i;
    uint32_t  n;

    if (last - p < 4) {
        return 0xfffd;
    }

    for (i = 0, n = 0; i < 4; i++) {
        digit = recs_hex_digit(p[i]);

        if (digit < 0) {
            return 0xfffd;
        }

        n = n << 4 | (uint32_t) digit;
    }

    return n;
}


static uint8_t *
recs_json_utf8(uint8_t *p, uint32_t c)
{
    if (c >= 0xd800 && c < 0xe000) {
        c = 0xfffd;
    }

    if (c < 0x80) {
        *p++ = (uint8_t) c;
        return p;
    }

    if (c < 0x800) {
        *p++ = (uint8_t) (0xc0 | c >> 6);

    } else {

        if (c < 0x10000) {
            *p++ = (uint8_t) (0xe0 | c >> 12);

        } else {
            *p++ = (uint8_t) (0xf0 | c >> 18);
            *p++ = (uint8_t) (0x80 | (c >> 12 & 0x3f));
        }

        *p++ = (uint8_t) (0x80 | (c >> 6 & 0x3f));
    }

    *p++ = (uint8_t) (0x80 | (c & 0x3f));

    return p;
}
