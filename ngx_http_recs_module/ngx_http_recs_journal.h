/*
 * Copyright (C) recs authors
 *
 * The journal of this process: two writers (activities; lists and
 * exposures) into mapped segments (core/event/recs_segment.h).  Appending is
 * a memcpy and a release store; files are made, prefaulted, synced, adopted
 * and removed in a thread.
 */

#ifndef _NGX_HTTP_RECS_JOURNAL_H_INCLUDED_
#define _NGX_HTTP_RECS_JOURNAL_H_INCLUDED_


#include "ngx_http_recs_module.h"


/* recs_journal DIR [max=SIZE] [segment=SIZE] [ack=fast|durable]. */

char *ngx_http_recs_journal(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

ngx_int_t ngx_http_recs_journal_init_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);
void ngx_http_recs_journal_exit_worker(ngx_cycle_t *cycle,
    ngx_http_recs_main_conf_t *rmcf);

/*
 * Appends an event: sets its epoch, sequence and received_ms.  "kind" is
 * RECS_SEGMENT_ACTIVITY or RECS_SEGMENT_EXPOSURE.  NGX_OK, NGX_DECLINED
 * where there is no journal, NGX_BUSY where it is full (the caller answers
 * 503, or counts a dropped exposure).
 */

ngx_int_t ngx_http_recs_journal_append(ngx_http_recs_main_conf_t *rmcf,
    recs_event_t *e, ngx_uint_t kind);

/*
 * With ack=durable: calls handler(data) when all that was appended so far is
 * on disk (NGX_OK) or could not be synced (NGX_ERROR); a handler whose
 * request went away is taken back by its own pool cleanup.  NGX_DECLINED
 * with ack=fast: go on at once.
 */

typedef struct ngx_http_recs_wait_s  ngx_http_recs_wait_t;

struct ngx_http_recs_wait_s {
    ngx_queue_t    queue;
    void         (*handler)(void *data, ngx_int_t rc);
    void          *data;
};

ngx_int_t ngx_http_recs_journal_wait(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_wait_t *wait);

/*
 * Whether an id was journalled by this worker lately; remembers it.  An id is
 * a hash of the view, too, so that a new snapshot makes all ids new.
 */

ngx_uint_t ngx_http_recs_journal_known(ngx_http_recs_main_conf_t *rmcf,
    uint64_t id);

/* That question will come: the memory of its answer is asked for. */

void ngx_http_recs_journal_expect(ngx_http_recs_main_conf_t *rmcf,
    uint64_t id);

/*
 * A served answer: journals the list behind a public id once per worker and
 * view, and the exposure.  The list is of ctx->view.  Never fails a request:
 * what cannot be written is counted as dropped.
 */

void ngx_http_recs_journal_exposure(ngx_http_request_t *r,
    ngx_http_recs_ctx_t *ctx, const recs_asker_t *asker, uint64_t id,
    const recs_answer_t *list);


#endif /* _NGX_HTTP_RECS_JOURNAL_H_INCLUDED_ */
