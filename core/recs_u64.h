/*
 * Copyright (C) recs authors
 *
 * Ranking by numbers that are all different: a score's bits above, what it is
 * the score of below.  In place, no memory.
 */

#ifndef _RECS_U64_H_INCLUDED_
#define _RECS_U64_H_INCLUDED_


#include "recs_types.h"


/* Moves the "max" largest of n keys to the front, in any order. */

void recs_u64_largest(uint64_t *keys, uint32_t n, uint32_t max);

/* Ascending; made for a few thousand at most. */

void recs_u64_sort(uint64_t *keys, uint32_t n);


#endif /* _RECS_U64_H_INCLUDED_ */
