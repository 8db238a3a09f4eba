/*
 * Copyright (C) recs authors
 *
 * The maintenance of the journal's directory, every second in a thread.
 */

#include "ngx_http_recs_writer.h"
#include "ngx_http_recs_sender.h"
#include "ngx_http_recs_zone.h"


#define NGX_HTTP_RECS_TEND  1000


static void ngx_http_recs_tend_timer(ngx_event_t *ev);
static void ngx_http_recs_tend_order(ngx_http_recs_journal_t *journal);
static void ngx_http_recs_tend_thread(void *data, ngx_log_t *log);
static void ngx_http_recs_tend_done(ngx_event_t *ev);
static void ngx_http_recs_tend_roll(ngx_http_recs_journal_t *journal,
    int64_t roll);
static void ngx_http_recs_tend_count(ngx_http_recs_journal_t *journal,
    ngx_http_recs_tend_t *tend);


ngx_int_t
ngx_http_recs_tend_init(ngx_http_recs_journal_t *journal, ngx_cycle_t *cycle)
{
    int64_t                roll;
    ngx_uint_t             i;
    ngx_http_recs_tend_t  *tend;

    ngx_queue_init(&journal->drop);

    roll = ngx_http_recs_segment_asked(journal->dir.data);

    for (i = 0; i < NGX_HTTP_RECS_WRITERS; i++) {
        journal->writers[i].rolled = roll;
    }

    journal->tend = ngx_thread_task_alloc(cycle->pool,
                                          sizeof(ngx_http_recs_tend_t));
    if (journal->tend == NULL) {
        return NGX_ERROR;
    }

    journal->tend->handler = ngx_http_recs_tend_thread;
    journal->tend->event.handler = ngx_http_recs_tend_done;
    journal->tend->event.data = journal;
    journal->tend->event.log = cycle->log;

    tend = journal->tend->ctx;
    tend->dir = journal->dir.data;

    ngx_queue_init(&tend->drop);
    ngx_queue_init(&tend->adopted);

    journal->timer.handler = ngx_http_recs_tend_timer;
    journal->timer.data = journal;
    journal->timer.log = cycle->log;
    journal->timer.cancelable = 1;

    /* workers take turns */

    ngx_add_timer(&journal->timer, 1 + ngx_random() % NGX_HTTP_RECS_TEND);

    return NGX_OK;
}


void
ngx_http_recs_tend_exit(ngx_http_recs_journal_t *journal)
{
    ngx_queue_t              *q;
    ngx_http_recs_tend_t     *tend;
    ngx_http_recs_segment_t  *segment;

    if (journal->tend == NULL) {
        return;
    }

    tend = journal->tend->ctx;

    ngx_queue_add(&journal->drop, &tend->drop);
    ngx_queue_init(&tend->drop);

    ngx_queue_add(&journal->drop, &tend->adopted);
    ngx_queue_init(&tend->adopted);

    while (!ngx_queue_empty(&journal->drop)) {
        q = ngx_queue_head(&journal->drop);
        ngx_queue_remove(q);

        segment = ngx_queue_data(q, ngx_http_recs_segment_t, queue);

        ngx_http_recs_segment_close(journal->dir.data, segment);
    }
}


static void
ngx_http_recs_tend_timer(ngx_event_t *ev)
{
    if (ngx_exiting) {
        return;
    }

    ngx_http_recs_tend_order(ev->data);
}


static void
ngx_http_recs_tend_order(ngx_http_recs_journal_t *journal)
{
    ngx_queue_t              *q, *next;
    ngx_http_recs_tend_t     *tend;
    ngx_http_recs_segment_t  *segment;

    tend = journal->tend->ctx;

    for (q = ngx_queue_head(&journal->drop);
         q != ngx_queue_sentinel(&journal->drop);
         q = next)
    {
        next = ngx_queue_next(q);
        segment = ngx_queue_data(q, ngx_http_recs_segment_t, queue);

        if (segment->unsynced || segment->syncing) {
            continue;
        }

        ngx_queue_remove(q);
        ngx_queue_insert_tail(&tend->drop, q);
    }

    tend->keep = (journal->sender != NULL);
    tend->room = tend->keep ? ngx_http_recs_sender_room(journal->sender) : 0;
    tend->removed = 0;
    tend->ended = 0;
    tend->damaged = 0;
    tend->rc = NGX_OK;

    if (ngx_thread_task_post(journal->rmcf->thread_pool, journal->tend)
        != NGX_OK)
    {
        ngx_add_timer(&journal->timer, NGX_HTTP_RECS_TEND);
    }
}


static void
ngx_http_recs_tend_thread(void *data, ngx_log_t *log)
{
    ngx_http_recs_segment_tend(data, log);
}


static void
ngx_http_recs_tend_done(ngx_event_t *ev)
{
    ngx_queue_t              *q;
    ngx_http_recs_tend_t     *tend;
    ngx_http_recs_journal_t  *journal;

    journal = ev->data;
    tend = journal->tend->ctx;

    ngx_http_recs_tend_count(journal, tend);
    ngx_http_recs_tend_roll(journal, tend->roll);

    while (!ngx_queue_empty(&tend->adopted)) {
        q = ngx_queue_head(&tend->adopted);
        ngx_queue_remove(q);

        ngx_http_recs_sender_add(journal->sender,
                             ngx_queue_data(q, ngx_http_recs_segment_t, queue));
    }

    if (!ngx_exiting) {
        ngx_add_timer(&journal->timer, NGX_HTTP_RECS_TEND);
    }
}


/*
 * Segments that were begun before the builder asked.  The time of its file is
 * another than the last one, whatever the clock was set to meanwhile.
 */

static void
ngx_http_recs_tend_roll(ngx_http_recs_journal_t *journal, int64_t roll)
{
    ngx_uint_t               i;
    ngx_http_recs_writer_t  *w;

    if (roll == 0 || ngx_exiting) {
        return;
    }

    for (i = 0; i < NGX_HTTP_RECS_WRITERS; i++) {
        w = &journal->writers[i];

        if (roll == w->rolled) {
            continue;
        }

        if (w->current
            && w->current->place.next
               != ngx_http_recs_segment_first(w->current))
        {
            /* nobody is to wait for the next one: the next look is soon */

            if (w->next == NULL) {
                continue;
            }

            ngx_http_recs_writer_leave(w);
        }

        w->rolled = roll;
    }
}


static void
ngx_http_recs_tend_count(ngx_http_recs_journal_t *journal,
    ngx_http_recs_tend_t *tend)
{
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = journal->rmcf;

    ngx_http_recs_count(rmcf, NGX_HTTP_RECS_JOURNAL_REMOVED, tend->removed);
    ngx_http_recs_count(rmcf, NGX_HTTP_RECS_JOURNAL_ADOPTED, tend->ended);
    ngx_http_recs_count(rmcf, NGX_HTTP_RECS_JOURNAL_ERRORS, tend->damaged);

    if (tend->ended) {
        ngx_log_error(NGX_LOG_NOTICE, journal->log, 0,
                      "%ui segments without an owner in journal \"%V\" ended",
                      tend->ended, &journal->dir);
    }

    if (tend->damaged) {
        ngx_log_error(NGX_LOG_ERR, journal->log, 0,
                      "%ui segments in journal \"%V\" are damaged",
                      tend->damaged, &journal->dir);
    }

    if (tend->rc != NGX_OK && !journal->failed) {
        ngx_log_error(NGX_LOG_CRIT, journal->log, tend->err,
                      "journal \"%V\" cannot be looked after, %s failed",
                      &journal->dir, tend->failed);
    }

    if (tend->rc != NGX_OK) {
        ngx_http_recs_count(rmcf, NGX_HTTP_RECS_JOURNAL_ERRORS, 1);
    }

    journal->failed = (tend->rc != NGX_OK);
}
