/*
 * Copyright (C) recs authors
 *
 * Votes that were counted, so that none is counted twice: the latest ones,
 * in memory that does not grow.
 */

#ifndef _RECS_BUILDER_HOT_VOTES_H_INCLUDED_
#define _RECS_BUILDER_HOT_VOTES_H_INCLUDED_


#include <stdint.h>


/*
 * Two tables of which the older is emptied when the younger is full: at
 * least half of "limit" votes are remembered, at most all of it.
 */

typedef struct {
    uint64_t  *young;
    uint64_t  *old;
    uint32_t   mask;
    uint32_t   count;            /* in the young one */
    uint32_t   half;             /* of the limit */
} recs_hot_votes_t;


void recs_hot_votes_init(recs_hot_votes_t *v, uint32_t limit);
void recs_hot_votes_free(recs_hot_votes_t *v);

/* RECS_DECLINED: it is known.  Two votes with one hash are one. */

int recs_hot_votes_add(recs_hot_votes_t *v, uint64_t hash);


#endif /* _RECS_BUILDER_HOT_VOTES_H_INCLUDED_ */
