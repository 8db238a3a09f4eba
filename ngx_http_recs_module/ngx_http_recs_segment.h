/*
 * Copyright (C) recs authors
 *
 * The files of the journal, and what is done to them in a thread.  Private
 * to the journal and to the sender.
 *
 * Whoever makes, adopts or removes a segment holds flock(LOCK_EX) on the
 * file "lock" of the directory for that moment; whoever writes to a segment,
 * or still has to send it, holds flock(LOCK_EX) on the segment.
 */

#ifndef _NGX_HTTP_RECS_SEGMENT_H_INCLUDED_
#define _NGX_HTTP_RECS_SEGMENT_H_INCLUDED_


#include "ngx_http_recs_module.h"
#include "../core/event/recs_segment.h"


/* A segment that this process holds: mapped and locked. */

typedef struct {
    ngx_queue_t               queue;     /* of a feed, or of those to drop */
    ngx_queue_t               dirty;     /* of those to be synced */
    recs_segment_t            place;     /* where the next frame goes */
    ngx_fd_t                  fd;
    uint32_t                  number;
    unsigned                  ended:1;
    unsigned                  remove:1;  /* covered, or nothing in it */
    unsigned                  unsynced:1;
    unsigned                  syncing:1; /* a thread has it */
} ngx_http_recs_segment_t;


#define ngx_http_recs_segment_head(s)                                        \
    ((recs_segment_head_t *) (void *) (s)->place.map)

#define ngx_http_recs_segment_first(s)  ngx_http_recs_segment_head(s)->first


/* What a thread was asked for, and what came of it. */

typedef struct {
    u_char                   *dir;
    off_t                     max;       /* of all segments together */
    ngx_uint_t                durable;

    ngx_http_recs_segment_t  *segment;   /* epoch, number, kind, size */

    ngx_int_t                 rc;        /* NGX_BUSY: no room */
    ngx_err_t                 err;
    const char               *failed;    /* name of the call */
} ngx_http_recs_make_t;

typedef struct {
    u_char                   *dir;
    ngx_uint_t                keep;      /* adopted ones are wanted */
    ngx_uint_t                room;      /* for so many */

    ngx_queue_t               drop;      /* to be closed, or removed */
    ngx_queue_t               adopted;

    ngx_uint_t                removed;
    ngx_uint_t                ended;     /* found without an owner */
    ngx_uint_t                damaged;
    int64_t                   roll;      /* when the builder asked, ns, 0 */

    ngx_int_t                 rc;
    ngx_err_t                 err;
    const char               *failed;
} ngx_http_recs_tend_t;


/* Makes the file of a segment: allocated, locked, mapped, prefaulted. */

void ngx_http_recs_segment_make(ngx_http_recs_make_t *make, ngx_log_t *log);

/*
 * Drops what is to be dropped, ends what has no owner (and keeps it, locked,
 * where it is wanted), removes what the builder has committed.
 */

void ngx_http_recs_segment_tend(ngx_http_recs_tend_t *tend, ngx_log_t *log);

/*
 * The time of the file by which the builder asks for segments to be ended
 * (recs_segment.h), ns; 0: there is none.
 */

int64_t ngx_http_recs_segment_asked(u_char *dir);

/*
 * Ends a segment; cuts an ended one to what is in it, since space is counted
 * by files; gives it up.
 */

void ngx_http_recs_segment_end(ngx_http_recs_segment_t *segment);
void ngx_http_recs_segment_trim(ngx_http_recs_segment_t *segment);
void ngx_http_recs_segment_close(u_char *dir,
    ngx_http_recs_segment_t *segment);


#endif /* _NGX_HTTP_RECS_SEGMENT_H_INCLUDED_ */
