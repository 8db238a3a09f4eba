/*
 * Copyright (C) recs authors
 */

#include "recs_unpack.h"


static unsigned recs_unpack_fail(recs_unpack_t *u);
static uint8_t recs_unpack_byte(recs_unpack_t *u);
static uint64_t recs_unpack_be(recs_unpack_t *u, unsigned size);
static uint32_t recs_unpack_count(recs_unpack_t *u, uint8_t fix,
    uint8_t wide, unsigned bytes);


void
recs_unpack_init(recs_unpack_t *u, const void *data, size_t len)
{
    u->pos = data;
    u->last = u->pos + len;
    u->failed = 0;
}


/* Leaves nothing to read, so that all that follows fails, too. */

static unsigned
recs_unpack_fail(recs_unpack_t *u)
{
    u->pos = u->last;
    u->failed = 1;

    return 0;
}


/* 0xc1 is what msgpack never uses: nobody takes it for a value. */

static uint8_t
recs_unpack_byte(recs_unpack_t *u)
{
    if (u->pos == u->last) {
        recs_unpack_fail(u);
        return 0xc1;
    }

    return *u->pos++;
}


static uint64_t
recs_unpack_be(recs_unpack_t *u, unsigned size)
{
    uint64_t  n;

    if ((size_t) (u->last - u->pos) < size) {
        return recs_unpack_fail(u);
    }

    for (n = 0; size; size--) {
        n = n << 8 | *u->pos++;
    }

    return n;
}


uint64_t
recs_unpack_uint(recs_unpack_t *u, uint64_t max)
{
    uint8_t   c;
    uint64_t  n;

    c = recs_unpack_byte(u);

    if (c < 0x80) {
        n = c;

    } else if (c >= 0xcc && c <= 0xcf) {
        n = recs_unpack_be(u, 1u << (c - 0xcc));

    } else {
        return recs_unpack_fail(u);
    }

    if (n > max) {
        return recs_unpack_fail(u);
    }

    return n;
}


int64_t
recs_unpack_int(recs_unpack_t *u)
{
    uint8_t   c;
    unsigned  bits;
    uint64_t  n;

    if (u->pos < u->last) {
        c = *u->pos;

        if (c >= 0xe0) {
            u->pos++;
            return (int8_t) c;
        }

        if (c >= 0xd0 && c <= 0xd3) {
            u->pos++;
            bits = 8u << (c - 0xd0);
            n = recs_unpack_be(u, bits / 8) << (64 - bits);

            return (int64_t) n >> (64 - bits);
        }
    }

    return (int64_t) recs_unpack_uint(u, INT64_MAX);
}


int64_t
recs_unpack_int_or(recs_unpack_t *u, int64_t absent)
{
    return recs_unpack_nil(u) ? absent : recs_unpack_int(u);
}


unsigned
recs_unpack_nil(recs_unpack_t *u)
{
    if (u->pos < u->last && *u->pos == 0xc0) {
        u->pos++;
        return 1;
    }

    return 0;
}


void
recs_unpack_str(recs_unpack_t *u, recs_str_t *s, size_t max)
{
    size_t   len;
    uint8_t  c;

    s->len = 0;
    s->data = NULL;

    c = recs_unpack_byte(u);

    if (c == 0xc0) {
        return;
    }

    if (c >= 0xa0 && c <= 0xbf) {
        len = c & 0x1f;

    } else if (c >= 0xc4 && c <= 0xc6) {
        len = recs_unpack_be(u, 1u << (c - 0xc4));

    } else if (c >= 0xd9 && c <= 0xdb) {
        len = recs_unpack_be(u, 1u << (c - 0xd9));

    } else {
        recs_unpack_fail(u);
        return;
    }

    if (u->failed || len > max || len > (size_t) (u->last - u->pos)) {
        recs_unpack_fail(u);
        return;
    }

    s->len = len;
    s->data = u->pos;
    u->pos += len;
}


uint32_t
recs_unpack_array(recs_unpack_t *u)
{
    return recs_unpack_count(u, 0x90, 0xdc, 1);
}


uint32_t
recs_unpack_map(recs_unpack_t *u)
{
    return recs_unpack_count(u, 0x80, 0xde, 2);
}


/* A member takes "bytes" or more, so a count that cannot fit is a lie. */

static uint32_t
recs_unpack_count(recs_unpack_t *u, uint8_t fix, uint8_t wide, unsigned bytes)
{
    uint8_t   c;
    uint64_t  n;

    c = recs_unpack_byte(u);

    n = ((c & 0xf0) == fix) ? (c & 0x0f)
        : (c == wide) ? recs_unpack_be(u, 2)
        : (c == wide + 1) ? recs_unpack_be(u, 4) : UINT64_MAX;

    if (u->failed || n > (size_t) (u->last - u->pos) / bytes) {
        return recs_unpack_fail(u);
    }

    return (uint32_t) n;
}


void
recs_unpack_skip(recs_unpack_t *u, uint64_t values)
{
    uint8_t   c;
    uint64_t  size;

    /* bytes behind the first of 0xc4..0xdb; + 64: a length of that many */

    static const uint8_t  sizes[] = {
        64 + 1, 64 + 2, 64 + 4,          /* bin */
        128 + 1, 128 + 2, 128 + 4,       /* ext, a byte more for the type */
        4, 8, 1, 2, 4, 8, 1, 2, 4, 8,    /* float, uint, int */
        2, 3, 5, 9, 17,                  /* fixext */
        64 + 1, 64 + 2, 64 + 4           /* str */
    };

    while (values && !u->failed) {
        values--;
        size = 0;

        if (u->pos == u->last) {
            recs_unpack_fail(u);
            return;
        }

        c = *u->pos;

        if ((c & 0xf0) == 0x90 || c == 0xdc || c == 0xdd) {
            values += recs_unpack_array(u);
            continue;
        }

        if ((c & 0xf0) == 0x80 || c == 0xde || c == 0xdf) {
            values += 2 * (uint64_t) recs_unpack_map(u);
            continue;
        }

        u->pos++;

        if (c >= 0xa0 && c <= 0xbf) {
            size = c & 0x1f;

        } else if (c >= 0xc4 && c <= 0xdb) {
            size = sizes[c - 0xc4];

            if (size > 64) {
                size = recs_unpack_be(u, size & 7) + (size > 128);
            }

        } else if (c == 0xc1) {
            recs_unpack_fail(u);
            return;
        }

        if (size > (size_t) (u->last - u->pos)) {
            recs_unpack_fail(u);
            return;
        }

        u->pos += size;
    }
}
