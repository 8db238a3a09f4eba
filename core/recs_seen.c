/*
 * Copyright (C) recs authors
 */

#include "recs_seen.h"


__extension__ typedef unsigned __int128  recs_u128_t;


void
recs_seen_create(recs_seen_t *seen, size_t size)
{
    seen->lines = (size < sizeof(recs_seen_t)) ? 0
                  : (size - sizeof(recs_seen_t)) / sizeof(seen->hashes[0]);
}


unsigned
recs_seen(recs_seen_t *seen, uint64_t hash)
{
    unsigned   n;
    uint64_t  *line, old, next;

    if (seen->lines == 0) {
        return 0;
    }

    /* zeros are nobody's */

    hash += (hash == 0);
    line = seen->hashes[((recs_u128_t) hash * seen->lines) >> 64];

    for (n = 0; n < RECS_SEEN_WAYS; n++) {
        if (__atomic_load_n(&line[n], __ATOMIC_RELAXED) == hash) {
            return 1;
        }
    }

    for (n = 0, next = hash; n < RECS_SEEN_WAYS && next; n++) {
        old = __atomic_exchange_n(&line[n], next, __ATOMIC_RELAXED);
        next = old;
    }

    return 0;
}
