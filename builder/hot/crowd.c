/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/recs_types.h"
#include "../memory.h"
#include "crowd.h"


#define RECS_HOT_FEW  1.0        /* votes that nobody doubts */


static recs_hot_person_t *recs_hot_crowd_slot(recs_hot_person_t *table,
    uint32_t mask, uint64_t who);


void
recs_hot_crowd_init(recs_hot_crowd_t *c, uint32_t limit)
{
    uint64_t  size;

    for (size = 1024; size < limit; size *= 2) { /* void */ }

    memset(c, 0, sizeof(recs_hot_crowd_t));

    c->young = recs_calloc(size, sizeof(recs_hot_person_t));
    c->old = recs_calloc(size, sizeof(recs_hot_person_t));
    c->mask = (uint32_t) (size - 1);
    c->half = recs_max(limit / 2, 1);
}


void
recs_hot_crowd_free(recs_hot_crowd_t *c)
{
    free(c->young);
    free(c->old);
}


recs_hot_person_t *
recs_hot_crowd_person(recs_hot_crowd_t *c, uint64_t who)
{
    recs_hot_person_t  *known, *p, *swap;

    who = who ? who : 1;
    p = recs_hot_crowd_slot(c->young, c->mask, who);

    if (p->who) {
        return p;
    }

    if (c->count == c->half) {
        swap = c->old;
        c->old = c->young;
        c->young = swap;
        c->count = 0;
        memset(swap, 0, ((size_t) c->mask + 1) * sizeof(recs_hot_person_t));
        p = recs_hot_crowd_slot(c->young, c->mask, who);
    }

    known = recs_hot_crowd_slot(c->old, c->mask, who);

    *p = *known;
    c->count++;

    if (p->who == 0) {
        p->who = who;
        p->record = RECS_NONE;
    }

    return p;
}


/* A table is half full at most. */

static recs_hot_person_t *
recs_hot_crowd_slot(recs_hot_person_t *table, uint32_t mask, uint64_t who)
{
    uint32_t  i;

    for (i = (uint32_t) who & mask; table[i].who && table[i].who != who;
         i = (i + 1) & mask)
    {
        /* void */
    }

    return &table[i];
}


double
recs_hot_crowd_most(const recs_hot_crowd_t *c, double factor, uint32_t others)
{
    double  usual;

    usual = (c->others > 0) ? c->alone / c->others * factor : 0;

    return RECS_HOT_FEW + recs_max(usual, .5) * (others + .5);
}
