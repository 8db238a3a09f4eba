/*
 * Copyright (C) recs authors
 *
 * The event log: the builder's only state.  Segments by arrival; one frame
 * is one source batch: what it holds and where it came from, committed by
 * fdatasync, so that a batch and its position are there together or not.
 *
 * DIR/<number, 8 hex>.log: a head of 64 bytes, then frames: length(u32)
 * crc32c(u32) of the rest, then codec(u8: 0 raw, 1 zstd), 3 bytes 0,
 * events(u32), position length(u32), raw length(u32), position text, then
 * the (compressed) event frames of core/event/recs_event_wire.h.
 */

#ifndef _RECS_BUILDER_LOG_H_INCLUDED_
#define _RECS_BUILDER_LOG_H_INCLUDED_


#include "../../core/event/recs_event_wire.h"
#include "../source/source.h"


typedef struct recs_log_s  recs_log_t;


/*
 * Opens or creates the log in "dir" for one writer (flock; RECS_DECLINED:
 * another one has it).  Cuts a torn last frame away, with a warning, and
 * reads the positions and the set of identities already known.
 */

int recs_log_open(recs_log_t **log, const char *dir, recs_error_t *err);
void recs_log_close(recs_log_t *log);

/*
 * Adds an event to the open batch unless it is known already: by (epoch,
 * sequence); by messageId of an identity; for imported files without one, by
 * content and ordinal within the import.  RECS_DECLINED: a duplicate.
 */

int recs_log_add(recs_log_t *log, const recs_event_t *e, recs_error_t *err);

/* Begins an import: ordinals of equal events count from 1 again. */

void recs_log_import(recs_log_t *log);

/*
 * Commits the open batch with "position" (of its source, may be NULL):
 * written, fdatasync.  RECS_ERROR: nothing of it is in the log.
 */

int recs_log_commit(recs_log_t *log, const char *position,
    recs_error_t *err);

/* The highest sequence below which all of an epoch is committed. */

uint64_t recs_log_position(const recs_log_t *log, uint64_t epoch);

/* Calls visit for each epoch: committed position and the first gap. */

typedef int (*recs_log_epoch_pt)(void *ctx, uint64_t epoch,
    uint64_t committed, uint64_t gap_from, uint64_t gap_to);

int recs_log_epochs(const recs_log_t *log, recs_log_epoch_pt visit,
    void *ctx);

/* The last position that recs_log_commit() was given, "" for none. */

const char *recs_log_last(const recs_log_t *log);

/* Reads all events from the beginning into a sink. */

int recs_log_read(const char *dir, recs_sink_pt sink, void *ctx,
    recs_error_t *err);


#endif /* _RECS_BUILDER_LOG_H_INCLUDED_ */
