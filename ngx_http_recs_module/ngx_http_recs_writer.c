/*
 * Copyright (C) recs authors
 *
 * The event loop's side of segments.  A writer has one segment it appends
 * to and one that is prepared, so that going on to the next is a pointer
 * change; as long as there is none prepared, the writer is full.
 */

#include "ngx_http_recs_writer.h"
#include "ngx_http_recs_sender.h"
#include "ngx_http_recs_zone.h"


#define NGX_HTTP_RECS_RETRY_MIN    100
#define NGX_HTTP_RECS_RETRY_FULL   1000
#define NGX_HTTP_RECS_RETRY_MAX    5000


static ngx_int_t ngx_http_recs_writer_order(ngx_http_recs_writer_t *w);
static void ngx_http_recs_writer_prepare(ngx_http_recs_writer_t *w);
static void ngx_http_recs_writer_prepare_thread(void *data, ngx_log_t *log);
static void ngx_http_recs_writer_prepared(ngx_event_t *ev);
static void ngx_http_recs_writer_take(ngx_http_recs_writer_t *w);
static void ngx_http_recs_writer_state(ngx_http_recs_writer_t *w,
    ngx_http_recs_writer_e state, ngx_http_recs_make_t *make);
static void ngx_http_recs_writer_retry(ngx_event_t *ev);


ngx_int_t
ngx_http_recs_writer_init(ngx_http_recs_writer_t *w, ngx_cycle_t *cycle,
    uint32_t kind, size_t size)
{
    w->kind = kind;
    w->number = 0;
    w->sequence = 1;
    w->size = size;
    w->state = NGX_HTTP_RECS_WRITER_GOOD;
    w->current = NULL;
    w->next = NULL;
    w->delay = NGX_HTTP_RECS_RETRY_MIN;

    do {
        if (recs_random64(&w->epoch) != RECS_OK) {
            return NGX_ERROR;
        }
    } while (w->epoch == 0);

    w->retry.handler = ngx_http_recs_writer_retry;
    w->retry.data = w;
    w->retry.log = cycle->log;
    w->retry.cancelable = 1;

    w->task = ngx_thread_task_alloc(cycle->pool,
                                    sizeof(ngx_http_recs_make_t));
    if (w->task == NULL) {
        return NGX_ERROR;
    }

    w->task->handler = ngx_http_recs_writer_prepare_thread;
    w->task->event.handler = ngx_http_recs_writer_prepared;
    w->task->event.data = w;
    w->task->event.log = cycle->log;

    /* the first one is there when the first request comes */

    if (ngx_http_recs_writer_order(w) == NGX_OK) {
        ngx_http_recs_segment_make(w->task->ctx, cycle->log);
        ngx_http_recs_writer_take(w);
    }

    (void) ngx_http_recs_writer_roll(w);

    return NGX_OK;
}


void
ngx_http_recs_writer_exit(ngx_http_recs_writer_t *w)
{
    ngx_http_recs_make_t  *make;

    if (w->task == NULL) {
        return;
    }

    make = w->task->ctx;

    /* made by a thread, and nobody was left to take it */

    if (make->segment) {
        if (make->rc == NGX_OK && make->segment->place.map) {
            w->next = make->segment;
        }

        make->segment = NULL;
    }

    if (w->next) {
        w->next->remove = 1;
        ngx_http_recs_segment_close(w->journal->dir.data, w->next);
        w->next = NULL;
    }

    if (w->current) {
        ngx_http_recs_segment_end(w->current);
        ngx_http_recs_segment_trim(w->current);

        if (w->journal->sender == NULL) {
            ngx_http_recs_segment_close(w->journal->dir.data, w->current);
        }

        w->current = NULL;
    }
}


ngx_int_t
ngx_http_recs_writer_roll(ngx_http_recs_writer_t *w)
{
    ngx_time_t               *tp;
    ngx_http_recs_segment_t  *segment;

    segment = w->next;

    if (segment == NULL) {
        ngx_http_recs_writer_prepare(w);
        return NGX_BUSY;
    }

    if (w->current) {
        ngx_http_recs_writer_leave(w);
    }

    tp = ngx_timeofday();

    recs_segment_begin(&segment->place, segment->place.map,
                       segment->place.size, w->epoch, w->sequence, w->kind,
                       (int64_t) tp->sec * 1000 + tp->msec);

    w->current = segment;
    w->next = NULL;

    if (w->journal->sender) {
        ngx_http_recs_sender_add(w->journal->sender, segment);
    }

    ngx_http_recs_writer_prepare(w);

    return NGX_OK;
}


void
ngx_http_recs_writer_leave(ngx_http_recs_writer_t *w)
{
    ngx_http_recs_segment_t  *segment;

    segment = w->current;

    w->current = NULL;
    w->sequence = segment->place.next;

    ngx_http_recs_segment_end(segment);

    /* with Redis, the sender has it until the builder has committed it */

    if (w->journal->sender == NULL) {
        ngx_http_recs_writer_drop(w->journal, segment);
    }

    if (segment->unsynced) {
        (void) ngx_http_recs_sync(w->journal);
    }
}


void
ngx_http_recs_writer_drop(ngx_http_recs_journal_t *journal,
    ngx_http_recs_segment_t *segment)
{
    ngx_queue_insert_tail(&journal->drop, &segment->queue);
}


static ngx_int_t
ngx_http_recs_writer_order(ngx_http_recs_writer_t *w)
{
    ngx_http_recs_make_t     *make;
    ngx_http_recs_journal_t  *journal;

    journal = w->journal;
    make = w->task->ctx;

    make->segment = ngx_calloc(sizeof(ngx_http_recs_segment_t), journal->log);
    if (make->segment == NULL) {
        return NGX_ERROR;
    }

    make->dir = journal->dir.data;
    make->max = journal->max;
    make->durable = journal->durable && w->kind == RECS_SEGMENT_ACTIVITY;

    make->segment->number = w->number++;
    make->segment->place.epoch = w->epoch;
    make->segment->place.kind = w->kind;
    make->segment->place.size = w->size;

    return NGX_OK;
}


static void
ngx_http_recs_writer_prepare(ngx_http_recs_writer_t *w)
{
    ngx_http_recs_make_t  *make;

    make = w->task->ctx;

    if (make->segment || w->next || w->retry.timer_set) {
        return;
    }

    if (ngx_http_recs_writer_order(w) != NGX_OK) {
        ngx_add_timer(&w->retry, NGX_HTTP_RECS_RETRY_MAX);
        return;
    }

    if (ngx_thread_task_post(w->journal->rmcf->thread_pool, w->task)
        != NGX_OK)
    {
        ngx_free(make->segment);
        make->segment = NULL;

        ngx_add_timer(&w->retry, NGX_HTTP_RECS_RETRY_MAX);
    }
}


static void
ngx_http_recs_writer_prepare_thread(void *data, ngx_log_t *log)
{
    ngx_http_recs_segment_make(data, log);
}


static void
ngx_http_recs_writer_prepared(ngx_event_t *ev)
{
    ngx_http_recs_writer_t  *w;

    w = ev->data;

    ngx_http_recs_writer_take(w);

    if (w->current == NULL && w->next) {
        (void) ngx_http_recs_writer_roll(w);
    }
}


/* Takes what was made, or comes back later. */

static void
ngx_http_recs_writer_take(ngx_http_recs_writer_t *w)
{
    ngx_msec_t             most;
    ngx_http_recs_make_t  *make;

    make = w->task->ctx;

    if (make->rc == NGX_OK) {
        w->next = make->segment;
        w->delay = NGX_HTTP_RECS_RETRY_MIN;

        ngx_http_recs_count(w->journal->rmcf, NGX_HTTP_RECS_JOURNAL_SEGMENTS,
                            1);
        ngx_http_recs_writer_state(w, NGX_HTTP_RECS_WRITER_GOOD, make);

    } else {
        ngx_free(make->segment);

        ngx_http_recs_writer_state(w, (make->rc == NGX_BUSY)
                                      ? NGX_HTTP_RECS_WRITER_FULL
                                      : NGX_HTTP_RECS_WRITER_FAILED, make);

        most = (make->rc == NGX_BUSY) ? NGX_HTTP_RECS_RETRY_FULL
                                      : NGX_HTTP_RECS_RETRY_MAX;

        w->delay = ngx_min(w->delay, most);

        ngx_add_timer(&w->retry, w->delay);

        w->delay *= 2;
    }

    make->segment = NULL;
}


static void
ngx_http_recs_writer_state(ngx_http_recs_writer_t *w,
    ngx_http_recs_writer_e state, ngx_http_recs_make_t *make)
{
    const char               *what;
    ngx_http_recs_journal_t  *journal;

    if (state == NGX_HTTP_RECS_WRITER_FAILED) {
        ngx_http_recs_count(w->journal->rmcf, NGX_HTTP_RECS_JOURNAL_ERRORS,
                            1);
    }

    if (w->state == state) {
        return;
    }

    w->state = state;

    journal = w->journal;
    what = (w->kind == RECS_SEGMENT_EXPOSURE) ? "exposures" : "events";

    switch (state) {

    case NGX_HTTP_RECS_WRITER_GOOD:
        ngx_log_error(NGX_LOG_NOTICE, journal->log, 0,
                      "journal \"%V\" has room for %s again",
                      &journal->dir, what);
        break;

    case NGX_HTTP_RECS_WRITER_FULL:
        ngx_log_error(NGX_LOG_WARN, journal->log, 0,
                      "journal \"%V\" has no room for more %s, "
                      "is the builder running?", &journal->dir, what);
        break;

    case NGX_HTTP_RECS_WRITER_FAILED:
        ngx_log_error(NGX_LOG_CRIT, journal->log, make->err,
                      "journal \"%V\" cannot have a segment for %s, "
                      "%s failed", &journal->dir, what, make->failed);
        break;
    }
}


static void
ngx_http_recs_writer_retry(ngx_event_t *ev)
{
    ngx_http_recs_writer_prepare(ev->data);
}
