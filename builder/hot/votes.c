/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "../memory.h"
#include "votes.h"


static int recs_hot_votes_find(const recs_hot_votes_t *v,
    const uint64_t *table, uint64_t hash, uint32_t *slot);


void
recs_hot_votes_init(recs_hot_votes_t *v, uint32_t limit)
{
    uint64_t  size;

    /* a table is half full at most */

    for (size = 1024; size < limit; size *= 2) { /* void */ }

    v->young = recs_calloc(size, sizeof(uint64_t));
    v->old = recs_calloc(size, sizeof(uint64_t));
    v->mask = (uint32_t) (size - 1);
    v->count = 0;
    v->half = recs_max(limit / 2, 1);
}


void
recs_hot_votes_free(recs_hot_votes_t *v)
{
    free(v->young);
    free(v->old);
}


int
recs_hot_votes_add(recs_hot_votes_t *v, uint64_t hash)
{
    uint32_t   slot, ignored;
    uint64_t  *swap;

    hash = hash ? hash : 1;

    if (recs_hot_votes_find(v, v->young, hash, &slot)
        || recs_hot_votes_find(v, v->old, hash, &ignored))
    {
        return RECS_DECLINED;
    }

    v->young[slot] = hash;

    if (++v->count == v->half) {
        swap = v->old;
        v->old = v->young;
        v->young = swap;
        v->count = 0;
        memset(swap, 0, ((size_t) v->mask + 1) * sizeof(uint64_t));
    }

    return RECS_OK;
}


static int
recs_hot_votes_find(const recs_hot_votes_t *v, const uint64_t *table,
    uint64_t hash, uint32_t *slot)
{
    uint32_t  i;

    for (i = (uint32_t) hash & v->mask; table[i]; i = (i + 1) & v->mask) {
        if (table[i] == hash) {
            return 1;
        }
    }

    *slot = i;

    return 0;
}
