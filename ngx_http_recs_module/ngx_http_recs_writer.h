/*
 * Copyright (C) recs authors
 *
 * The two writers of a process and the life of their segments.  Private to
 * the journal.
 */

#ifndef _NGX_HTTP_RECS_WRITER_H_INCLUDED_
#define _NGX_HTTP_RECS_WRITER_H_INCLUDED_


#include "ngx_http_recs_journal.h"
#include "ngx_http_recs_segment.h"


#define NGX_HTTP_RECS_WRITERS      2
#define NGX_HTTP_RECS_SYNC_MAX     16
#define NGX_HTTP_RECS_KNOWN        32768       /* a power of two */
#define NGX_HTTP_RECS_AGENTS       1024        /* a power of two */


typedef enum {
    NGX_HTTP_RECS_WRITER_GOOD = 0,
    NGX_HTTP_RECS_WRITER_FULL,         /* of the space it may take */
    NGX_HTTP_RECS_WRITER_FAILED
} ngx_http_recs_writer_e;


typedef struct {
    ngx_http_recs_journal_t   *journal;
    ngx_http_recs_writer_e     state;
    uint32_t                   kind;
    uint32_t                   number;       /* of the next segment */
    uint64_t                   epoch;
    uint64_t                   sequence;     /* of the next frame */
    size_t                     size;         /* of a segment */
    ngx_http_recs_segment_t   *current;
    ngx_http_recs_segment_t   *next;         /* prepared */
    ngx_thread_task_t         *task;         /* prepares it */
    ngx_event_t                retry;
    ngx_msec_t                 delay;
    int64_t                    rolled;       /* when the builder asked */
} ngx_http_recs_writer_t;


typedef struct {
    ngx_uint_t                 n;
    ngx_http_recs_segment_t   *segments[NGX_HTTP_RECS_SYNC_MAX];
    ngx_err_t                  errors[NGX_HTTP_RECS_SYNC_MAX];
} ngx_http_recs_sync_t;


struct ngx_http_recs_journal_s {
    ngx_http_recs_main_conf_t  *rmcf;
    ngx_str_t                  dir;          /* with a NUL */
    off_t                      max;
    size_t                     segment;      /* 0: by "max" */
    ngx_uint_t                 durable;

    /* of this process */

    ngx_log_t                 *log;
    ngx_http_recs_writer_t     writers[NGX_HTTP_RECS_WRITERS];
    struct ngx_http_recs_sender_s  *sender;  /* NULL: there is no Redis */

    ngx_event_t                timer;        /* of the maintenance */
    ngx_thread_task_t         *tend;
    ngx_queue_t                drop;
    ngx_uint_t                 failed;       /* logged once */

    ngx_thread_task_t         *sync;
    ngx_event_t                patience;     /* with a sync */
    ngx_queue_t                unsynced;
    ngx_queue_t                waiting;      /* for the next sync */
    ngx_queue_t                syncing;      /* for the one under way */

    uint64_t                  *known;
    uint64_t                  *agents;       /* hashes of User-Agents */
    recs_event_t              *event;        /* of exposures */
    u_char                    *payload;
};


ngx_int_t ngx_http_recs_writer_init(ngx_http_recs_writer_t *w,
    ngx_cycle_t *cycle, uint32_t kind, size_t size);
void ngx_http_recs_writer_exit(ngx_http_recs_writer_t *w);

/* Begins with the segment that is prepared; NGX_BUSY: there is none. */

ngx_int_t ngx_http_recs_writer_roll(ngx_http_recs_writer_t *w);

/* Ends the segment at work; the next frame begins another one. */

void ngx_http_recs_writer_leave(ngx_http_recs_writer_t *w);

/* Gives a segment up that is ended; it is closed in a thread. */

void ngx_http_recs_writer_drop(ngx_http_recs_journal_t *journal,
    ngx_http_recs_segment_t *segment);

/* The maintenance: every second, in a thread. */

ngx_int_t ngx_http_recs_tend_init(ngx_http_recs_journal_t *journal,
    ngx_cycle_t *cycle);
void ngx_http_recs_tend_exit(ngx_http_recs_journal_t *journal);

/* Group fdatasync of what was appended. */

ngx_int_t ngx_http_recs_sync_init(ngx_http_recs_journal_t *journal,
    ngx_cycle_t *cycle);
ngx_int_t ngx_http_recs_sync(ngx_http_recs_journal_t *journal);

ngx_int_t ngx_http_recs_exposure_init(ngx_http_recs_journal_t *journal,
    ngx_cycle_t *cycle);


#endif /* _NGX_HTTP_RECS_WRITER_H_INCLUDED_ */
