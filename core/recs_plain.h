/*
 * Copyright (C) recs authors
 *
 * Plain bytes of a text, sixteen or eight at a time: what is neither a control
 * character nor part of a longer one of UTF-8.
 */

#ifndef _RECS_PLAIN_H_INCLUDED_
#define _RECS_PLAIN_H_INCLUDED_


#include <endian.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "recs_types.h"


#if defined(__SSE2__)

#define RECS_PLAIN_STEP  16
#define RECS_PLAIN_BITS  1         /* of a mask, a byte */

/* Below a blank are, as signed numbers, also those above 0x7f. */

static inline uint64_t
recs_plain_odd(const uint8_t *p, unsigned string)
{
    __m128i  v, odd;

    v = _mm_loadu_si128((const __m128i *) p);
    odd = _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)),
                       _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)));

    if (string) {
        odd = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
        odd = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
    }

    return (uint64_t) _mm_movemask_epi8(odd);
}

#else

#define RECS_PLAIN_STEP  8
#define RECS_PLAIN_BITS  8
#define RECS_PLAIN_ONES  0x0101010101010101ULL
#define RECS_PLAIN_TOPS  0x8080808080808080ULL

/* A bit above the lowest byte of a word that is zero, or none is. */

#define recs_plain_zero(w)  (((w) - RECS_PLAIN_ONES) & ~(w) & RECS_PLAIN_TOPS)
#define recs_plain_is(w, c)  recs_plain_zero((w) ^ (RECS_PLAIN_ONES * (c)))

static inline uint64_t
recs_plain_odd(const uint8_t *p, unsigned string)
{
    uint64_t  w, odd;

    memcpy(&w, p, sizeof(w));

    w = le64toh(w);
    odd = (w & RECS_PLAIN_TOPS)
          | ((w - RECS_PLAIN_ONES * 0x20) & ~w & RECS_PLAIN_TOPS)
          | recs_plain_is(w, 0x7f);

    if (string) {
        odd |= recs_plain_is(w, '"') | recs_plain_is(w, '\\');
    }

    return odd;
}

#endif


/* Behind the plain bytes at p; with "string", before a quote or backslash. */

static inline const uint8_t *
recs_plain(const uint8_t *p, const uint8_t *last, unsigned string)
{
    uint64_t        odd;
    const uint8_t  *first;

    for (first = p; last - p >= RECS_PLAIN_STEP; p += RECS_PLAIN_STEP) {
        odd = recs_plain_odd(p, string);

        if (odd) {
            return p + __builtin_ctzll(odd) / RECS_PLAIN_BITS;
        }
    }

    /* the rest with some of what is known to be plain */

    if (p < last && last - first >= RECS_PLAIN_STEP) {
        p = last - RECS_PLAIN_STEP;
        odd = recs_plain_odd(p, string);

        return odd ? p + __builtin_ctzll(odd) / RECS_PLAIN_BITS : last;
    }

    while (p < last && *p >= 0x20 && *p < 0x7f
           && !(string && (*p == '"' || *p == '\\')))
    {
        p++;
    }

    return p;
}


#endif /* _RECS_PLAIN_H_INCLUDED_ */
