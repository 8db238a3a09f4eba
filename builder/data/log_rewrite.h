/*
 * Copyright (C) recs authors
 *
 * Events of the log changed in place: a file that has some is written anew
 * beside, with the same batches, positions and times, and takes its place by
 * rename.  What is read at that moment is the old file or the new one.
 */

#ifndef _RECS_BUILDER_LOG_REWRITE_H_INCLUDED_
#define _RECS_BUILDER_LOG_REWRITE_H_INCLUDED_


#include "log_file.h"
#include "../../core/event/recs_event_wire.h"


typedef struct {

    /* Whether an event is to be changed; asked more than once. */

    int  (*match)(void *ctx, const recs_event_t *e);

    /* Changes it; strings live until the next call. */

    void (*change)(void *ctx, recs_event_t *e);

    void  *ctx;
} recs_log_edit_t;


/*
 * One file of a directory, which no one appends to.  *changed: events.  "f"
 * holds the lock of the log; "dir" may be its archive.
 */

int recs_log_rewrite(recs_log_file_t *f, const char *dir, uint32_t number,
    const recs_log_edit_t *edit, uint64_t *changed, recs_error_t *e);

/*
 * The checkpoint, with other parts of what is known and of the report (NULL
 * and 0: none); made where there is none.
 */

typedef struct {
    const void  *known;
    size_t       known_len;
    const void  *report;
    size_t       report_len;
} recs_log_parts_t;

int recs_log_rewrite_checkpoint(recs_log_file_t *f,
    const recs_log_edit_t *edit, const recs_log_parts_t *parts,
    uint64_t *changed, recs_error_t *e);

/*
 * Removes from a directory what was being written there by who was killed;
 * nobody writes there now.
 */

int recs_log_rewrite_sweep(const char *dir, recs_error_t *e);


#endif /* _RECS_BUILDER_LOG_REWRITE_H_INCLUDED_ */
