/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "../recs_unpack.h"
#include "recs_meta.h"


static void recs_meta_value(recs_unpack_t *u, recs_out_t *out,
    unsigned depth);
static void recs_meta_array(recs_unpack_t *u, recs_out_t *out,
    unsigned depth);
static void recs_meta_map(recs_unpack_t *u, recs_out_t *out, unsigned depth);
static void recs_meta_string(recs_unpack_t *u, recs_out_t *out);
static void recs_meta_float(recs_unpack_t *u, recs_out_t *out, size_t size);


/* First bytes of msgpack. */

#define RECS_META_NIL      0xc0
#define RECS_META_FALSE    0xc2
#define RECS_META_TRUE     0xc3
#define RECS_META_FLOAT32  0xca
#define RECS_META_FLOAT64  0xcb


int
recs_meta_json(const recs_str_t *value, recs_out_t *out)
{
    recs_unpack_t  u;

    recs_unpack_init(&u, value->data, value->len);
    recs_meta_value(&u, out, 0);

    return (u.failed || u.pos != u.last) ? RECS_ERROR : RECS_OK;
}


static void
recs_meta_value(recs_unpack_t *u, recs_out_t *out, unsigned depth)
{
    uint8_t  c;

    if (u->pos == u->last || depth > RECS_META_DEPTH) {
        u->failed = 1;
        return;
    }

    c = *u->pos;

    if (c <= 0x7f || (c >= 0xcc && c <= 0xcf)) {
        recs_out_u64(out, recs_unpack_uint(u, UINT64_MAX));

    } else if (c >= 0xe0 || (c >= 0xd0 && c <= 0xd3)) {
        recs_out_i64(out, recs_unpack_int(u));

    } else if (c <= 0x8f || c == 0xde || c == 0xdf) {
        recs_meta_map(u, out, depth + 1);

    } else if (c <= 0x9f || c == 0xdc || c == 0xdd) {
        recs_meta_array(u, out, depth + 1);

    } else if (c <= 0xbf || (c >= 0xd9 && c <= 0xdb)) {
        recs_meta_string(u, out);

    } else if (c == RECS_META_FLOAT32 || c == RECS_META_FLOAT64) {
        recs_meta_float(u, out, (c == RECS_META_FLOAT32) ? 4 : 8);

    } else if (c == RECS_META_NIL) {
        u->pos++;
        recs_out_lit(out, "null");

    } else if (c == RECS_META_FALSE) {
        u->pos++;
        recs_out_lit(out, "false");

    } else if (c == RECS_META_TRUE) {
        u->pos++;
        recs_out_lit(out, "true");

    } else {
        u->failed = 1;
    }
}


static void
recs_meta_array(recs_unpack_t *u, recs_out_t *out, unsigned depth)
{
    uint32_t  i, n;

    n = recs_unpack_array(u);
    recs_out_byte(out, '[');

    for (i = 0; i < n && !u->failed; i++) {

        if (i) {
            recs_out_byte(out, ',');
        }

        recs_meta_value(u, out, depth);
    }

    recs_out_byte(out, ']');
}


static void
recs_meta_map(recs_unpack_t *u, recs_out_t *out, unsigned depth)
{
    uint32_t  i, n;

    n = recs_unpack_map(u);
    recs_out_byte(out, '{');

    for (i = 0; i < n && !u->failed; i++) {

        if (i) {
            recs_out_byte(out, ',');
        }

        recs_meta_string(u, out);
        recs_out_byte(out, ':');
        recs_meta_value(u, out, depth);
    }

    recs_out_byte(out, '}');
}


static void
recs_meta_string(recs_unpack_t *u, recs_out_t *out)
{
    recs_str_t  s;

    /* nil would be read as empty */

    if (u->pos == u->last || *u->pos == RECS_META_NIL) {
        u->failed = 1;
        return;
    }

    s.len = 0;
    recs_unpack_str(u, &s, UINT32_MAX);

    recs_out_byte(out, '"');

    if (s.len && !u->failed) {
        recs_out_json(out, s.data, s.len);
    }

    recs_out_byte(out, '"');
}


static void
recs_meta_float(recs_unpack_t *u, recs_out_t *out, size_t size)
{
    size_t    i;
    float     small;
    double    number;
    uint32_t  half;
    uint64_t  bits;

    if ((size_t) (u->last - u->pos) < 1 + size) {
        u->failed = 1;
        return;
    }

    for (bits = 0, i = 1; i <= size; i++) {
        bits = bits << 8 | u->pos[i];
    }

    u->pos += 1 + size;

    if (size == 4) {
        half = (uint32_t) bits;
        memcpy(&small, &half, sizeof(small));
        number = small;

    } else {
        memcpy(&number, &bits, sizeof(number));
    }

    recs_out_fraction(out, number);
}
