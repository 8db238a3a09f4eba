/*
 * Copyright (C) recs authors
 *
 * Plain bytes of a text, eight at a time: what is neither a control character
 * nor part of a longer one of UTF-8.
 */

#ifndef _RECS_PLAIN_H_INCLUDED_
#define _RECS_PLAIN_H_INCLUDED_


#include <endian.h>
#include <string.h>

#include "recs_types.h"


#define RECS_PLAIN_ONES  0x0101010101010101ULL
#define RECS_PLAIN_TOPS  0x8080808080808080ULL

/* A bit above the lowest byte of a word that is zero, or none is. */

#define recs_plain_zero(w)  (((w) - RECS_PLAIN_ONES) & ~(w) & RECS_PLAIN_TOPS)
#define recs_plain_is(w, c)  recs_plain_zero((w) ^ (RECS_PLAIN_ONES * (c)))

/* Bytes that are not plain. */

#define recs_plain_odd(w)                                                    \
    (((w) & RECS_PLAIN_TOPS)                                                 \
     | (((w) - RECS_PLAIN_ONES * 0x20) & ~(w) & RECS_PLAIN_TOPS)             \
     | recs_plain_is(w, 0x7f))


static inline uint64_t
recs_plain_word(const uint8_t *p)
{
    uint64_t  w;

    memcpy(&w, p, sizeof(w));

    return le64toh(w);
}


/* Behind the plain bytes at p, or behind some of them. */

static inline const uint8_t *
recs_plain(const uint8_t *p, const uint8_t *last)
{
    uint64_t  odd;

    while (last - p >= 8) {
        odd = recs_plain_odd(recs_plain_word(p));

        if (odd) {
            return p + __builtin_ctzll(odd) / 8;
        }

        p += 8;
    }

    return p;
}


/* The same, before a quote or backslash. */

static inline const uint8_t *
recs_plain_string(const uint8_t *p, const uint8_t *last)
{
    uint64_t  w, odd;

    while (last - p >= 8) {
        w = recs_plain_word(p);
        odd = recs_plain_odd(w) | recs_plain_is(w, '"')
              | recs_plain_is(w, '\\');

        if (odd) {
            return p + __builtin_ctzll(odd) / 8;
        }

        p += 8;
    }

    return p;
}


#endif /* _RECS_PLAIN_H_INCLUDED_ */
