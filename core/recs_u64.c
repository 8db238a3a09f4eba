/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "recs_u64.h"


#define RECS_U64_FEW  64


static uint64_t recs_u64_median(const uint64_t *keys, uint32_t from,
    uint32_t to);
static void recs_u64_place(uint64_t *keys, uint32_t n);


/* Hoare's FIND. */

void
recs_u64_largest(uint64_t *keys, uint32_t n, uint32_t max)
{
    uint32_t  from, to, i, at;
    uint64_t  pivot, key;

    from = 0;
    to = n;

    while (to - from > 1 && max > from && max < to) {
        pivot = recs_u64_median(keys, from, to);

        /* no branch depends on a key: they come in no order at all */

        for (i = from, at = from; i < to; i++) {
            key = keys[i];
            keys[i] = keys[at];
            keys[at] = key;
            at += (key >= pivot);
        }

        /*
         * [from, at) is not below the pivot, which is the smallest of it:
         * where all are, it alone is put last
         */

        if (at == to) {
            for (i = from; keys[i] != pivot; i++) {
                /* void */
            }

            keys[i] = keys[to - 1];
            keys[to - 1] = pivot;
            at = to - 1;
        }

        if (at <= max) {
            from = at;

        } else {
            to = at;
        }
    }
}


static uint64_t
recs_u64_median(const uint64_t *keys, uint32_t from, uint32_t to)
{
    uint64_t  a, b, c;

    a = keys[from];
    b = keys[from + (to - from) / 2];
    c = keys[to - 1];

    if (a < b) {
        return (b < c) ? b : recs_max(a, c);
    }

    return (a < c) ? a : recs_max(b, c);
}


/* Few are counted into their places, more by Shell, gaps of Ciura (2001). */

void
recs_u64_sort(uint64_t *keys, uint32_t n)
{
    uint32_t  gap, i, j;
    uint64_t  key;
    unsigned  g;

    static const uint32_t  gaps[] = {
        1750, 701, 301, 132, 57, 23, 10, 4, 1
    };

    if (n <= RECS_U64_FEW) {
        recs_u64_place(keys, n);
        return;
    }

    for (g = 0; g < sizeof(gaps) / sizeof(gaps[0]); g++) {
        gap = gaps[g];

        for (i = gap; i < n; i++) {
            key = keys[i];

            for (j = i; j >= gap && keys[j - gap] > key; j -= gap) {
                keys[j] = keys[j - gap];
            }

            keys[j] = key;
        }
    }
}


/* How many go before a key is where it goes: no branch depends on a key. */

static void
recs_u64_place(uint64_t *keys, uint32_t n)
{
    uint32_t  i, j, at;
    uint64_t  key, unsorted[RECS_U64_FEW];

    memcpy(unsorted, keys, n * sizeof(uint64_t));

    for (i = 0; i < n; i++) {
        key = unsorted[i];

        for (j = 0, at = 0; j < i; j++) {
            at += unsorted[j] <= key;
        }

        for (j = i + 1; j < n; j++) {
            at += unsorted[j] < key;
        }

        keys[at] = key;
    }
}


/* Inserted one by one: lists of a question have a hundred at most. */

uint32_t
recs_u64_unique(uint64_t *keys, uint32_t n)
{
    uint32_t  i, j, unique;
    uint64_t  key;

    for (i = 1; i < n; i++) {
        key = keys[i];

        for (j = i; j > 0 && keys[j - 1] > key; j--) {
            keys[j] = keys[j - 1];
        }

        keys[j] = key;
    }

    for (i = 0, unique = 0; i < n; i++) {
        if (unique == 0 || keys[unique - 1] != keys[i]) {
            keys[unique++] = keys[i];
        }
    }

    return unique;
}
