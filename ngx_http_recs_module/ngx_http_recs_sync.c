/*
 * Copyright (C) recs authors
 *
 * ack=durable: one fdatasync in a thread for all who wait.  Who comes while
 * it runs waits for the next one.  After an error the kernel has forgotten
 * what was not written, so that a second try would lie: the segment is left.
 */

#include "ngx_http_recs_writer.h"
#include "ngx_http_recs_zone.h"


#define NGX_HTTP_RECS_PATIENCE  10000


static void ngx_http_recs_sync_thread(void *data, ngx_log_t *log);
static void ngx_http_recs_sync_done(ngx_event_t *ev);
static ngx_int_t ngx_http_recs_sync_result(ngx_http_recs_journal_t *journal,
    ngx_http_recs_segment_t *segment, ngx_err_t err);
static void ngx_http_recs_sync_timeout(ngx_event_t *ev);
static void ngx_http_recs_sync_wake(ngx_queue_t *waiting, ngx_int_t rc);


ngx_int_t
ngx_http_recs_sync_init(ngx_http_recs_journal_t *journal, ngx_cycle_t *cycle)
{
    ngx_queue_init(&journal->unsynced);
    ngx_queue_init(&journal->waiting);
    ngx_queue_init(&journal->syncing);

    journal->sync = ngx_thread_task_alloc(cycle->pool,
                                          sizeof(ngx_http_recs_sync_t));
    if (journal->sync == NULL) {
        return NGX_ERROR;
    }

    journal->sync->handler = ngx_http_recs_sync_thread;
    journal->sync->event.handler = ngx_http_recs_sync_done;
    journal->sync->event.data = journal;
    journal->sync->event.log = cycle->log;

    /* not cancelable: a worker that shuts down answers who waits */

    journal->patience.handler = ngx_http_recs_sync_timeout;
    journal->patience.data = journal;
    journal->patience.log = cycle->log;

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_journal_wait(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_wait_t *wait)
{
    ngx_http_recs_journal_t  *journal;

    journal = rmcf->journal;

    if (journal == NULL || !journal->durable) {
        return NGX_DECLINED;
    }

    ngx_queue_insert_tail(&journal->waiting, &wait->queue);

    if (ngx_http_recs_sync(journal) != NGX_OK) {
        ngx_queue_remove(&wait->queue);
        return NGX_ERROR;
    }

    if (!journal->patience.timer_set) {
        ngx_add_timer(&journal->patience, NGX_HTTP_RECS_PATIENCE);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_sync(ngx_http_recs_journal_t *journal)
{
    ngx_queue_t              *q;
    ngx_http_recs_sync_t     *sync;
    ngx_http_recs_segment_t  *segment;

    if (journal->sync->event.active) {
        return NGX_OK;
    }

    sync = journal->sync->ctx;
    sync->n = 0;

    while (sync->n < NGX_HTTP_RECS_SYNC_MAX
           && !ngx_queue_empty(&journal->unsynced))
    {
        q = ngx_queue_head(&journal->unsynced);
        ngx_queue_remove(q);

        segment = ngx_queue_data(q, ngx_http_recs_segment_t, dirty);
        segment->unsynced = 0;
        segment->syncing = 1;

        sync->segments[sync->n++] = segment;
    }

    if (ngx_thread_task_post(journal->rmcf->thread_pool, journal->sync)
        != NGX_OK)
    {
        while (sync->n) {
            segment = sync->segments[--sync->n];
            segment->syncing = 0;
            segment->unsynced = 1;

            ngx_queue_insert_tail(&journal->unsynced, &segment->dirty);
        }

        return NGX_ERROR;
    }

    /* all that they wait for is in the hands of the thread */

    if (ngx_queue_empty(&journal->unsynced)) {
        ngx_queue_add(&journal->syncing, &journal->waiting);
        ngx_queue_init(&journal->waiting);
    }

    return NGX_OK;
}


static void
ngx_http_recs_sync_thread(void *data, ngx_log_t *log)
{
    ngx_http_recs_sync_t *sync = data;

    ngx_uint_t  i;

    for (i = 0; i < sync->n; i++) {
        sync->errors[i] = 0;

        if (fdatasync(sync->segments[i]->fd) == -1) {
            sync->errors[i] = ngx_errno;
        }
    }
}


static void
ngx_http_recs_sync_done(ngx_event_t *ev)
{
    ngx_int_t                 rc;
    ngx_uint_t                i;
    ngx_queue_t               done;
    ngx_http_recs_sync_t     *sync;
    ngx_http_recs_journal_t  *journal;

    journal = ev->data;
    sync = journal->sync->ctx;

    if (journal->patience.timer_set) {
        ngx_del_timer(&journal->patience);
    }

    rc = NGX_OK;

    for (i = 0; i < sync->n; i++) {
        if (ngx_http_recs_sync_result(journal, sync->segments[i],
                                      sync->errors[i])
            != NGX_OK)
        {
            rc = NGX_ERROR;
        }
    }

    /* the woken may wait again */

    ngx_queue_init(&done);
    ngx_queue_add(&done, &journal->syncing);
    ngx_queue_init(&journal->syncing);

    if (!ngx_queue_empty(&journal->waiting)
        || !ngx_queue_empty(&journal->unsynced))
    {
        if (ngx_http_recs_sync(journal) != NGX_OK) {
            ngx_queue_add(&done, &journal->waiting);
            ngx_queue_init(&journal->waiting);
            rc = NGX_ERROR;
        }
    }

    ngx_http_recs_sync_wake(&done, rc);

    if (!ngx_queue_empty(&journal->syncing) && !journal->patience.timer_set) {
        ngx_add_timer(&journal->patience, NGX_HTTP_RECS_PATIENCE);
    }
}


static ngx_int_t
ngx_http_recs_sync_result(ngx_http_recs_journal_t *journal,
    ngx_http_recs_segment_t *segment, ngx_err_t err)
{
    ngx_uint_t               i;
    ngx_http_recs_writer_t  *w;

    segment->syncing = 0;

    if (err == 0) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_CRIT, journal->log, err,
                  "fdatasync() of a segment in journal \"%V\" failed, "
                  "it is left", &journal->dir);

    ngx_http_recs_count(journal->rmcf, NGX_HTTP_RECS_JOURNAL_ERRORS, 1);

    for (i = 0; i < NGX_HTTP_RECS_WRITERS; i++) {
        w = &journal->writers[i];

        if (w->current == segment) {
            ngx_http_recs_writer_leave(w);
        }
    }

    return NGX_ERROR;
}


static void
ngx_http_recs_sync_timeout(ngx_event_t *ev)
{
    ngx_queue_t               done;
    ngx_http_recs_journal_t  *journal;

    journal = ev->data;

    ngx_log_error(NGX_LOG_CRIT, journal->log, 0,
                  "fdatasync() in journal \"%V\" hangs", &journal->dir);

    ngx_http_recs_count(journal->rmcf, NGX_HTTP_RECS_JOURNAL_ERRORS, 1);

    ngx_queue_init(&done);
    ngx_queue_add(&done, &journal->syncing);
    ngx_queue_init(&journal->syncing);
    ngx_queue_add(&done, &journal->waiting);
    ngx_queue_init(&journal->waiting);

    ngx_http_recs_sync_wake(&done, NGX_ERROR);
}


static void
ngx_http_recs_sync_wake(ngx_queue_t *waiting, ngx_int_t rc)
{
    ngx_queue_t           *q;
    ngx_http_recs_wait_t  *wait;

    while (!ngx_queue_empty(waiting)) {
        q = ngx_queue_head(waiting);
        ngx_queue_remove(q);

        wait = ngx_queue_data(q, ngx_http_recs_wait_t, queue);
        wait->handler(wait->data, rc);
    }
}
