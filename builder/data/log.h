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
 *
 * The position text is the source's, in one line, and a line for each range
 * of sequences that is not among the events: "skip <epoch, 16 hex>
 * <from>-<to>" was dropped as a repeated messageId, "lost ..." was given up.
 *
 * What is known is held in memory and rebuilt from the log when it is opened
 * (about a million events a second): nothing for an event of the journal
 * without a messageId, whose epoch keeps intervals; about 40 bytes for every
 * other event and 50 for every product and user.
 */

#ifndef _RECS_BUILDER_LOG_H_INCLUDED_
#define _RECS_BUILDER_LOG_H_INCLUDED_


#include "../../core/event/recs_event_wire.h"
#include "../source/source.h"


typedef struct recs_log_s  recs_log_t;


/*
 * Why an event is not taken: a worker or Redis brought its sequence before, a
 * client sent its messageId before, a file says what another line said.
 */

typedef enum {
    RECS_TWICE_SEQUENCE = 0,
    RECS_TWICE_MESSAGE,
    RECS_TWICE_CONTENT,
    RECS_TWICE
} recs_twice_e;


/* Since it was opened, except for "stored". */

typedef struct {
    uint64_t  stored;            /* events in the log */
    uint64_t  events;            /* committed */
    uint64_t  duplicates[RECS_TWICE];
    uint64_t  lost;              /* sequences given up */
} recs_log_stats_t;


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
 *
 * An imported row of a product or a user without a time of its own (time_ms
 * 0 or received_ms) is a duplicate where it says what the last one said, so
 * that a price that goes up and down again has its history.
 *
 * A batch of more than 8 MB is committed in parts under the position before
 * it: a source that is read again from there adds nothing twice.
 */

int recs_log_add(recs_log_t *log, const recs_event_t *e, recs_error_t *err);

/* Begins an import: ordinals of equal events count from 1 again. */

void recs_log_import(recs_log_t *log);

/*
 * Commits the open batch with "position" (of its source, one line; NULL: as
 * it was): written, fdatasync.  RECS_ERROR: nothing of it is in the log, and
 * none of its events is known: the source has to read them again.
 */

int recs_log_commit(recs_log_t *log, const char *position,
    recs_error_t *err);

/*
 * Who is to be forgotten: events of class RECS_CLASS_ERASE, in the log and
 * still with their identity, or in the open batch.  Valid until the next
 * event; forgotten by _done().
 */

typedef struct {
    char             id[40];     /* of the receipt */
    recs_identity_t  user;
    recs_identity_t  session;
    int64_t          asked_ms;
} recs_log_erasure_t;

const recs_log_erasure_t *recs_log_erasures(const recs_log_t *log,
    size_t *count);
void recs_log_erasures_done(recs_log_t *log);

/*
 * From now on each event goes to "sink" once it is committed, whichever
 * source it came from.  The sink cannot refuse it: what it returns does not
 * matter.  NULL: to nobody.
 */

void recs_log_listen(recs_log_t *log, recs_sink_pt sink, void *ctx);

/* Forgets the open batch. */

void recs_log_abandon(recs_log_t *log);

/* The highest sequence below which all of an epoch is committed. */

uint64_t recs_log_position(const recs_log_t *log, uint64_t epoch);

/*
 * Gives up sequences that no source has any more, with the next commit: the
 * position goes on behind them.  They are taken when they come after all.
 */

void recs_log_lost(recs_log_t *log, uint64_t epoch, uint64_t from,
    uint64_t to);

/*
 * Calls visit for each epoch: committed position and the first gap (gap_to
 * is 0 where there is none), until visit returns anything but RECS_OK.
 */

typedef int (*recs_log_epoch_pt)(void *ctx, uint64_t epoch,
    uint64_t committed, uint64_t gap_from, uint64_t gap_to);

int recs_log_epochs(const recs_log_t *log, recs_log_epoch_pt visit,
    void *ctx);

/*
 * Sequences of all epochs that were given up, and those that are missing
 * before others that are here.
 */

void recs_log_missing(const recs_log_t *log, uint64_t *lost, uint64_t *gaps);

/* The last position that recs_log_commit() was given, "" for none. */

const char *recs_log_last(const recs_log_t *log);

const recs_log_stats_t *recs_log_stats(const recs_log_t *log);

/* Reads all events from the beginning into a sink. */

int recs_log_read(const char *dir, recs_sink_pt sink, void *ctx,
    recs_error_t *err);

/*
 * The same up to the last commit of "log": after a fork a child reads what
 * was there then, while its parent goes on.
 */

int recs_log_replay(const recs_log_t *log, recs_sink_pt sink, void *ctx,
    recs_error_t *err);

/*
 * The same without files that nothing was written to since a moment (epoch
 * ms): all that has come since then, and some of what came before.
 */

int recs_log_tail(const recs_log_t *log, int64_t since_ms, recs_sink_pt sink,
    void *ctx, recs_error_t *err);


#endif /* _RECS_BUILDER_LOG_H_INCLUDED_ */
