/*
 * Copyright (C) recs authors
 *
 * What was seen lately, in memory that processes share: hashes in lines of
 * eight, the oldest of a line goes first.  Nothing is locked: two processes
 * that write one line at once may lose a hash, never find one that was not
 * put there.
 */

#ifndef _RECS_SEEN_H_INCLUDED_
#define _RECS_SEEN_H_INCLUDED_


#include "recs_types.h"


#define RECS_SEEN_WAYS  8


typedef struct {
    uint64_t  lines;                 /* 0: nothing is ever seen again */
    uint64_t  pad[RECS_SEEN_WAYS - 1];
    uint64_t  hashes[][RECS_SEEN_WAYS];
} recs_seen_t;


/* Of zeroed memory, aligned to a cache line, for as many as fit. */

void recs_seen_create(recs_seen_t *seen, size_t size);

/* Whether a hash was seen already; it is now. */

unsigned recs_seen(recs_seen_t *seen, uint64_t hash);


#endif /* _RECS_SEEN_H_INCLUDED_ */
