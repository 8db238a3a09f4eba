/*
 * Copyright (C) recs authors
 *
 * Files of the event log that are old go, and what of them must be known is
 * kept in the checkpoint: sequences and positions, what imported events are
 * known by, the rows of products and users in force, and what was made of
 * the events.
 */

#ifndef _RECS_BUILDER_LOG_RETAIN_H_INCLUDED_
#define _RECS_BUILDER_LOG_RETAIN_H_INCLUDED_


#include "log.h"
#include "log_file.h"


/*
 * What is made of the events that go, an aggregate: begun from the bytes of
 * the checkpoint before (NULL and 0: there was none), given every event that
 * goes for good (rows in force do not), asked for its bytes, which are freed
 * by the caller.  "newest_ms" is when the last of them happened: what comes
 * goes on from there.
 */

typedef struct {
    void          *ctx;
    int          (*load)(void *ctx, const void *data, size_t len,
                         recs_error_t *e);
    recs_sink_pt   add;
    void        *(*save)(void *ctx, int64_t newest_ms, size_t *len);
} recs_log_fold_t;


typedef struct {
    int64_t                 before_ms; /* a file goes if its newest event,
                                          by its time and by its arrival, is
                                          older */
    int64_t                 now_ms;
    const char             *archive;   /* directory they are moved to, NULL:
                                          they are removed */
    const recs_log_fold_t  *fold;      /* NULL: the bytes stay as they are */
} recs_log_retain_t;

typedef struct {
    uint32_t  files;             /* gone, with what was left by a crash */
    uint64_t  events;            /* in those of this time */
    uint64_t  rows;              /* in the new checkpoint */
    uint64_t  bytes;             /* of the files */
} recs_log_retained_t;


/*
 * Commits a checkpoint for the oldest files that may go, then lets them go.
 * Files go from the oldest on, never the last one.  After a crash at any
 * point the log is the old one or the new one, and the next call removes what
 * was left.  "f" holds the lock.  RECS_ERROR: the log is as it was, or its
 * files could not be moved, which is tried again the next time.
 */

int recs_log_retain(recs_log_file_t *f, const recs_log_retain_t *how,
    recs_log_retained_t *done, recs_error_t *e);

/* The files of an open log. */

recs_log_file_t *recs_log_files(recs_log_t *log);

/*
 * Whatever is added from now on goes to another file, where this one was
 * begun before a moment.
 */

int recs_log_roll(recs_log_t *log, int64_t before_ms, recs_error_t *e);


#endif /* _RECS_BUILDER_LOG_RETAIN_H_INCLUDED_ */
