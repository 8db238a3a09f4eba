/*
 * Copyright (C) recs authors
 *
 * Keys in an order, in place, without memory.  Where they rank, they are all
 * different: a score's bits above, what it is the score of below.
 */

#ifndef _RECS_U64_H_INCLUDED_
#define _RECS_U64_H_INCLUDED_


#include "recs_types.h"


/* Moves the "max" largest of n keys to the front, in any order. */

void recs_u64_largest(uint64_t *keys, uint32_t n, uint32_t max);

/*
 * Sorts a few keys, some of them equal, and keeps one of each; returns how
 * many are left.
 */

uint32_t recs_u64_unique(uint64_t *keys, uint32_t n);

/* Ascending; made for a few thousand at most. */

void recs_u64_sort(uint64_t *keys, uint32_t n);


#endif /* _RECS_U64_H_INCLUDED_ */
