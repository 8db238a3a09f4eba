/*
 * Copyright (C) recs authors
 *
 * What the event log holds already, in memory: rebuilt when the log is
 * opened, then followed event by event.  Changes since the last commit can
 * be taken back.
 */

#ifndef _RECS_BUILDER_LOG_INDEX_H_INCLUDED_
#define _RECS_BUILDER_LOG_INDEX_H_INCLUDED_


#include "../../core/event/recs_event_wire.h"
#include "../memory.h"
#include "../message.h"
#include "spans.h"


#define RECS_LOG_NOTE  80        /* bytes of a note, and more */


/*
 * An epoch has the sequences seen, and those given up as lost: these count
 * for the committed position, but are welcome when they turn up after all.
 */

typedef struct {
    uint64_t      epoch;
    recs_spans_t  seen;
    recs_spans_t  lost;
} recs_log_epoch_t;


typedef enum {
    RECS_LOG_SEEN = 0,           /* epoch, from, to */
    RECS_LOG_LOST,               /* epoch, from, to */
    RECS_LOG_COUNT,              /* key */
    RECS_LOG_STATE               /* key, what it was */
} recs_log_change_e;

typedef struct {
    recs_log_change_e  kind;
    uint32_t           key;
    uint64_t           epoch;
    uint64_t           from;
    uint64_t           to;
    uint8_t            state[16];
} recs_log_change_t;


typedef struct {
    recs_log_epoch_t   *epochs;  /* ascending */
    size_t              epoch_count;
    size_t              epochs_cap;

    /* messages and contents: how often in the log, and in this import */

    recs_keys16_t      *known;
    uint32_t           *counts;
    uint32_t           *imported;
    size_t              counts_cap;
    size_t              imported_cap;

    /* rows of products and users: the hash of the last one */

    recs_keys16_t      *rows;
    uint8_t            *states;
    size_t              states_cap;

    recs_log_change_t  *changes;
    size_t              change_count;
    size_t              changes_cap;

    uint64_t            seed;
    recs_event_t        bare;
    uint8_t             buf[RECS_FRAME_MAX];
} recs_log_index_t;


int recs_log_index_init(recs_log_index_t *index);
void recs_log_index_free(recs_log_index_t *index);

/*
 * For an event whose sequence, if it has one, is not seen yet.  RECS_OK: new,
 * and known from now on; RECS_DECLINED: it is known but for its sequence.
 */

int recs_log_index_add(recs_log_index_t *index, const recs_event_t *e);

/* The same for an event that is in the log: never a duplicate. */

void recs_log_index_load(recs_log_index_t *index, const recs_event_t *e);

/*
 * What a position text says of sequences; the first line of it, the source's
 * own, is returned.
 */

recs_str_t recs_log_index_notes(recs_log_index_t *index,
    const recs_str_t *text);

/*
 * What imported events are known by, as bytes for a checkpoint (to be freed),
 * and back into an index that knows nothing yet.
 */

void *recs_log_index_give(const recs_log_index_t *index, size_t *len);
int recs_log_index_take(recs_log_index_t *index, const recs_str_t *known,
    const char *dir, recs_error_t *e);

void recs_log_index_mark(recs_log_index_t *index, recs_log_change_e kind,
    uint64_t epoch, uint64_t from, uint64_t to);
int recs_log_index_seen(recs_log_index_t *index, uint64_t epoch,
    uint64_t sequence);

void recs_log_index_import(recs_log_index_t *index);
void recs_log_index_commit(recs_log_index_t *index);
void recs_log_index_undo(recs_log_index_t *index);

/* Made where there is none. */

recs_log_epoch_t *recs_log_index_epoch_add(recs_log_index_t *index,
    uint64_t epoch);

/* NULL where the epoch is not known. */

const recs_log_epoch_t *recs_log_index_epoch(const recs_log_index_t *index,
    uint64_t epoch);

/*
 * The last sequence before the first gap, and the gap; gap_to 0 for none.
 */

uint64_t recs_log_epoch_position(const recs_log_epoch_t *epoch,
    uint64_t *gap_from, uint64_t *gap_to);


#endif /* _RECS_BUILDER_LOG_INDEX_H_INCLUDED_ */
