/*
 * Copyright (C) recs authors
 */

#include "../recs_pack.h"
#include "recs_msgpack.h"


#define RECS_MSGPACK_DIGITS  15      /* a double has them all */


static int recs_msgpack_value(const recs_str_t *json, recs_out_t *out,
    unsigned depth);
static int recs_msgpack_members(const recs_str_t *json, recs_out_t *out,
    unsigned depth);
static void recs_msgpack_string(const recs_str_t *json, recs_out_t *out);
static void recs_msgpack_number(const recs_str_t *json, recs_out_t *out);


int
recs_msgpack(const recs_str_t *json, recs_out_t *out)
{
    if (recs_msgpack_value(json, out, 0) != RECS_OK) {
        return RECS_ERROR;
    }

    return out->overflow ? RECS_ERROR : RECS_OK;
}


static int
recs_msgpack_value(const recs_str_t *json, recs_out_t *out, unsigned depth)
{
    switch (recs_json_type(json)) {

    case RECS_JSON_OBJECT:
    case RECS_JSON_ARRAY:
        return recs_msgpack_members(json, out, depth + 1);

    case RECS_JSON_STRING:
        recs_msgpack_string(json, out);
        return RECS_OK;

    case RECS_JSON_NUMBER:
        recs_msgpack_number(json, out);
        return RECS_OK;

    case RECS_JSON_TRUE:
        recs_out_byte(out, 0xc3);
        return RECS_OK;

    case RECS_JSON_FALSE:
        recs_out_byte(out, 0xc2);
        return RECS_OK;

    default:
        recs_pack_nil(out);
        return RECS_OK;
    }
}


static int
recs_msgpack_members(const recs_str_t *json, recs_out_t *out, unsigned depth)
{
    recs_str_t        name, value;
    recs_json_iter_t  it;

    if (depth > RECS_JSON_DEPTH) {
        return RECS_ERROR;
    }

    recs_json_begin(&it, json);

    if (it.object) {
        recs_pack_map(out, recs_json_count(json));

    } else {
        recs_pack_array(out, recs_json_count(json));
    }

    while (recs_json_next(&it, &name, &value) == RECS_OK) {

        if (it.object) {
            recs_pack_str(out, name.data, (uint32_t) name.len);
        }

        if (recs_msgpack_value(&value, out, depth) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


/* Most strings have no escapes and are copied once. */

static void
recs_msgpack_string(const recs_str_t *json, recs_out_t *out)
{
    size_t      len;
    uint8_t    *text;

    if (json->len < 2 || memchr(json->data, '\\', json->len) == NULL) {
        len = (json->len < 2) ? 0 : json->len - 2;
        recs_pack_str(out, json->data + 1, (uint32_t) len);
        return;
    }

    /* resolved behind where it will stand, then moved there */

    if ((size_t) (out->last - out->pos) < 2 * json->len + 8) {
        out->last = out->pos;
        out->overflow = 1;
        return;
    }

    text = out->pos + json->len + 8;
    len = recs_json_text(json, text) - text;
    recs_pack_str(out, text, (uint32_t) len);
}


static void
recs_msgpack_number(const recs_str_t *json, recs_out_t *out)
{
    double          d;
    int64_t         n;
    uint64_t        bits;
    unsigned        digits, decimals, negative, point;
    const uint8_t  *p, *last;

    p = json->data;
    last = p + json->len;
    negative = (p < last && *p == '-');
    p += negative;

    for (n = 0, digits = 0, decimals = 0, point = 0; p < last; p++) {

        if (*p == '.') {
            point = 1;

        } else if (digits < RECS_MSGPACK_DIGITS || !point) {
            n = (int64_t) ((uint64_t) n * 10 + (*p - '0'));
            digits += (n != 0);
            decimals += point;
        }
    }

    n = negative ? -n : n;

    if (!point) {
        recs_pack_int(out, n);
        return;
    }

    /* an integer below 2^53 by a power of ten below 10^22 is rounded once */

    for (d = 1; decimals; decimals--) {
        d *= 10;
    }

    d = n / d;
    memcpy(&bits, &d, sizeof(bits));
    recs_pack_tag(out, 0xcb, bits, 8);
}
