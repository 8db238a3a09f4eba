/*
 * Copyright (C) recs authors
 */

#include "pairs.h"

#include <stdlib.h>


static uint32_t recs_pairs_pick(const uint32_t *from, uint32_t n,
    uint32_t max, uint64_t seed, uint32_t *to);
static uint64_t recs_pairs_random(uint64_t *state);


void
recs_pairs_sample(const recs_rows_t *rows, uint32_t max, recs_rows_t *out)
{
    uint32_t         n, r;
    uint64_t         total;
    const uint32_t  *from;

    out->rows = rows->rows;
    out->offsets = recs_alloc(((size_t) rows->rows + 1) * sizeof(uint64_t));
    out->entries = recs_alloc(rows->offsets[rows->rows] * sizeof(uint32_t)
                              + 1);
    total = 0;

    for (r = 0; r < rows->rows; r++) {
        from = &rows->entries[rows->offsets[r]];
        n = rows->offsets[r + 1] - rows->offsets[r];

        out->offsets[r] = total;
        total += recs_pairs_pick(from, n, max, r, &out->entries[total]);
    }

    out->offsets[r] = total;
}


/* Selection sampling: keeps the order, each subset equally likely. */

static uint32_t
recs_pairs_pick(const uint32_t *from, uint32_t n, uint32_t max,
    uint64_t seed, uint32_t *to)
{
    uint32_t  i, got, need;

    got = 0;
    need = recs_min(n, max);

    for (i = 0; got < need; i++) {
        if (n - i == need - got
            || recs_pairs_random(&seed) % (n - i) < need - got)
        {
            to[got++] = from[i];
        }
    }

    return need;
}


/* SplitMix64 (Steele et al. 2014) */

static uint64_t
recs_pairs_random(uint64_t *state)
{
    uint64_t  z;

    z = (*state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;

    return z ^ (z >> 31);
}
