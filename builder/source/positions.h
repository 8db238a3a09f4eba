/*
 * Copyright (C) recs authors
 *
 * What workers are told through two Redis hashes: the committed position of
 * each epoch, and the first gap that is wanted of it.  Only what has changed
 * is written.  The field "builder" is a number that changes every two seconds
 * while a builder reads: a worker sends again what is not committed only
 * then.
 *
 * An epoch of which nothing has come for seven days, and nothing is missing,
 * has no field any more: its worker is gone, in most cases.  A worker that
 * is only quiet sends again what it holds, and the field is back.
 */

#ifndef _RECS_BUILDER_POSITIONS_H_INCLUDED_
#define _RECS_BUILDER_POSITIONS_H_INCLUDED_


#include "../data/log.h"


#define RECS_POSITIONS_SILENT_MS  ((int64_t) 7 * 86400 * 1000)


typedef struct {
    uint64_t             epoch;
    uint64_t             position;
    uint64_t             gap_from;
    uint64_t             gap_to;       /* 0: none */
    int64_t              heard_ms;     /* when something of it came */
    unsigned             silent;       /* has no field */
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
    int64_t              now_ms;
    unsigned             cleared;      /* of gaps of an earlier run */
} recs_positions_t;


void recs_positions_init(recs_positions_t *p, const char *stream);
void recs_positions_free(recs_positions_t *p);

/* Everything is due again. */

void recs_positions_reset(recs_positions_t *p);

/* Shows that the builder lives. */

int recs_positions_beat(recs_positions_t *p, int64_t n,
    recs_positions_pt command, void *ctx);

/* Something of an epoch came, though it may all be known. */

void recs_positions_heard(recs_positions_t *p, uint64_t epoch,
    int64_t now_ms);

/* RECS_ERROR: some is still due. */

int recs_positions_write(recs_positions_t *p, const recs_log_t *log,
    int64_t now_ms, recs_positions_pt command, void *ctx);


#endif /* _RECS_BUILDER_POSITIONS_H_INCLUDED_ */
