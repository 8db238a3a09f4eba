/*
 * Copyright (C) recs authors
 *
 * What workers are told through two Redis hashes: the committed position of
 * each epoch, and the first gap that is wanted of it.  Only what has changed
 * is written.  The field "builder" is a number that changes every two seconds
 * while a builder reads: a worker sends again what is not committed only
 * then.
 */

#ifndef _RECS_BUILDER_POSITIONS_H_INCLUDED_
#define _RECS_BUILDER_POSITIONS_H_INCLUDED_


#include "../data/log.h"


typedef struct {
    uint64_t             epoch;
    uint64_t             position;
    uint64_t             gap_from;
    uint64_t             gap_to;       /* 0: none */
    unsigned             position_due;
    unsigned             gap_due;
} recs_position_t;

/* A command; RECS_ERROR: it was not done. */

typedef int (*recs_positions_pt)(void *ctx, int argc, const char **argv);

typedef struct {
    char                *committed;    /* keys of the hashes */
    char                *wanted;
    recs_position_t     *epochs;       /* in the order of the log's */
    size_t               count;
    size_t               cap;
    size_t               visited;
    unsigned             cleared;      /* of gaps of an earlier run */
} recs_positions_t;


void recs_positions_init(recs_positions_t *p, const char *stream);
void recs_positions_free(recs_positions_t *p);

/* Everything is due again. */

void recs_positions_reset(recs_positions_t *p);

/* Shows that the builder lives. */

int recs_positions_beat(recs_positions_t *p, int64_t n,
    recs_positions_pt command, void *ctx);

/* RECS_ERROR: some is still due. */

int recs_positions_write(recs_positions_t *p, const recs_log_t *log,
    recs_positions_pt command, void *ctx);


#endif /* _RECS_BUILDER_POSITIONS_H_INCLUDED_ */
