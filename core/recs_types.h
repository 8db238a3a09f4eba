/*
 * Copyright (C) recs authors
 *
 * The vocabulary of core/: strings, return codes, numbers and their units.
 * Pure C: no nginx, no stdio, no globals that change.
 */

#ifndef _RECS_TYPES_H_INCLUDED_
#define _RECS_TYPES_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>


/*
 * Return codes, the same numbers as NGX_*.  Functions that can fail for a
 * reason worth telling take "const char **err" and point it at a static
 * string: lower case, no full stop; the caller adds file, line and value.
 */

#define RECS_OK          0
#define RECS_ERROR      -1
#define RECS_AGAIN      -2
#define RECS_BUSY       -3
#define RECS_DONE       -4
#define RECS_DECLINED   -5


/* A counted string, never terminated, never owned by who receives it. */

typedef struct {
    size_t          len;
    const uint8_t  *data;
} recs_str_t;

#define recs_string(s)  { sizeof(s) - 1, (const uint8_t *) s }
#define recs_null_string  { 0, NULL }


/* Longest product, category, brand, user, session or message id in bytes. */

#define RECS_ID_MAX      255

/* Money and quantities: int64_t in millionths ("micro"). */

#define RECS_MICRO       1000000

/* A price, rating, stock that is not known. */

#define RECS_NO_MONEY    INT64_MIN
#define RECS_NO_STOCK    INT32_MIN

/*
 * An item is a dense number inside one snapshot: 0 is the most popular.
 * Outside a snapshot a product is its 64-bit key, recs_key64() of its id.
 */

typedef uint32_t  recs_item_t;

#define RECS_NO_ITEM     UINT32_MAX
#define RECS_NONE        UINT32_MAX    /* no category, no brand */


/* What memory brings at once, bytes. */

#define RECS_CACHE_LINE  64


/* Arguments are evaluated twice: no calls, nothing with a side effect. */

#define recs_min(a, b)   (((a) < (b)) ? (a) : (b))
#define recs_max(a, b)   (((a) > (b)) ? (a) : (b))


static inline unsigned
recs_str_equal(const recs_str_t *one, const recs_str_t *other)
{
    return one->len == other->len
           && (one->len == 0
               || __builtin_memcmp(one->data, other->data, one->len) == 0);
}


/* The value of a hexadecimal digit in either case, -1: it is none. */

static inline int
recs_hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return (c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
}


#endif /* _RECS_TYPES_H_INCLUDED_ */
