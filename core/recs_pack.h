/*
 * Copyright (C) recs authors
 *
 * Writes msgpack, each value in its shortest form, into the caller's memory:
 * the other half of recs_unpack.h.  Inline, because a frame is packed for
 * each answer.
 */

#ifndef _RECS_PACK_H_INCLUDED_
#define _RECS_PACK_H_INCLUDED_


#include "recs_out.h"


/* A type byte and the "size" low bytes of n, most significant first. */

static inline void
recs_pack_tag(recs_out_t *out, uint8_t tag, uint64_t n, unsigned size)
{
    uint8_t   buf[9];
    uint64_t  big;

    big = __builtin_bswap64(n << (64 - 8 * size));

    buf[0] = tag;
    memcpy(buf + 1, &big, 8);

    recs_out_bytes(out, buf, 1 + size);
}


static inline void
recs_pack_nil(recs_out_t *out)
{
    recs_out_byte(out, 0xc0);
}


static inline void
recs_pack_uint(recs_out_t *out, uint64_t n)
{
    if (n < 0x80) {
        recs_out_byte(out, (uint8_t) n);

    } else if (n > UINT32_MAX) {
        recs_pack_tag(out, 0xcf, n, 8);

    } else if (n > UINT16_MAX) {
        recs_pack_tag(out, 0xce, n, 4);

    } else if (n > UINT8_MAX) {
        recs_pack_tag(out, 0xcd, n, 2);

    } else {
        recs_pack_tag(out, 0xcc, n, 1);
    }
}


static inline void
recs_pack_int(recs_out_t *out, int64_t n)
{
    if (n >= 0) {
        recs_pack_uint(out, (uint64_t) n);

    } else if (n >= -32) {
        recs_out_byte(out, (uint8_t) n);

    } else if (n >= INT8_MIN) {
        recs_pack_tag(out, 0xd0, (uint64_t) n, 1);

    } else if (n >= INT16_MIN) {
        recs_pack_tag(out, 0xd1, (uint64_t) n, 2);

    } else if (n >= INT32_MIN) {
        recs_pack_tag(out, 0xd2, (uint64_t) n, 4);

    } else {
        recs_pack_tag(out, 0xd3, (uint64_t) n, 8);
    }
}


static inline void
recs_pack_array(recs_out_t *out, uint32_t n)
{
    if (n < 16) {
        recs_out_byte(out, (uint8_t) (0x90 | n));

    } else if (n > UINT16_MAX) {
        recs_pack_tag(out, 0xdd, n, 4);

    } else {
        recs_pack_tag(out, 0xdc, n, 2);
    }
}


static inline void
recs_pack_map(recs_out_t *out, uint32_t n)
{
    if (n < 16) {
        recs_out_byte(out, (uint8_t) (0x80 | n));

    } else if (n > UINT16_MAX) {
        recs_pack_tag(out, 0xdf, n, 4);

    } else {
        recs_pack_tag(out, 0xde, n, 2);
    }
}


static inline void
recs_pack_str(recs_out_t *out, const void *data, uint32_t len)
{
    if (len < 32) {
        recs_out_byte(out, (uint8_t) (0xa0 | len));

    } else if (len > UINT16_MAX) {
        recs_pack_tag(out, 0xdb, len, 4);

    } else if (len > UINT8_MAX) {
        recs_pack_tag(out, 0xda, len, 2);

    } else {
        recs_pack_tag(out, 0xd9, len, 1);
    }

    recs_out_bytes(out, data, len);
}


static inline void
recs_pack_bin_head(recs_out_t *out, uint32_t len)
{
    if (len > UINT16_MAX) {
        recs_pack_tag(out, 0xc6, len, 4);

    } else if (len > UINT8_MAX) {
        recs_pack_tag(out, 0xc5, len, 2);

    } else {
        recs_pack_tag(out, 0xc4, len, 1);
    }
}


#endif /* _RECS_PACK_H_INCLUDED_ */
