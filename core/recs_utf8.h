/*
 * Copyright (C) recs authors
 *
 * One character of UTF-8: shortest form, no surrogates, up to U+10FFFF.
 */

#ifndef _RECS_UTF8_H_INCLUDED_
#define _RECS_UTF8_H_INCLUDED_


#include "recs_types.h"


/* The bytes of the character at p, p < last; 0 where it is not valid. */

static inline size_t
recs_utf8_char(const uint8_t *p, const uint8_t *last)
{
    size_t   i, n;
    uint8_t  low, high;

    if (p[0] < 0x80) {
        return 1;
    }

    if (p[0] < 0xc2 || p[0] > 0xf4) {
        return 0;
    }

    n = (p[0] < 0xe0) ? 2 : (p[0] < 0xf0) ? 3 : 4;

    if ((size_t) (last - p) < n) {
        return 0;
    }

    low = (p[0] == 0xe0) ? 0xa0 : (p[0] == 0xf0) ? 0x90 : 0x80;
    high = (p[0] == 0xed) ? 0x9f : (p[0] == 0xf4) ? 0x8f : 0xbf;

    if (p[1] < low || p[1] > high) {
        return 0;
    }

    for (i = 2; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }

    return n;
}


#endif /* _RECS_UTF8_H_INCLUDED_ */
