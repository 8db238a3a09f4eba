/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../publish/publish.h"
#include "reported.h"
#include "run.h"


/*
 * A layer takes at most this share of a core: what takes long, as half of
 * all prices have changed, is made less often.
 */

#define RECS_RUN_HOT_SHARE     8
#define RECS_RUN_HOT_AGAIN_MS  5000  /* after it could not be opened */
#define RECS_RUN_HOT_TICK_MS   50


static int recs_run_hot_report(recs_run_t *run, recs_error_t *e);
static int recs_run_hot_add(void *ctx, const recs_event_t *event,
    recs_error_t *e);
static int recs_run_hot_tail(recs_run_t *run, recs_error_t *e);
static int64_t recs_run_hot_again(recs_run_t *run);
static int recs_run_hot_layer(recs_run_t *run, unsigned built,
    recs_error_t *e);


int
recs_run_hot_open(recs_run_t *run, recs_error_t *e)
{
    int  rc;

    if (run->config->hot == NULL || run->hot) {
        return RECS_OK;
    }

    if (recs_cmd_directory(run->config->hot, e) != RECS_OK) {
        return RECS_ERROR;
    }

    rc = recs_publish_lock(run->config->hot, &run->hot_lock, e);

    if (rc != RECS_OK) {
        return rc;
    }

    run->hot = recs_hot_state_create(run->config, recs_run_clock());
    run->hot_stamp = 0;

    if (recs_run_hot_report(run, e) != RECS_OK
        || recs_run_hot_tail(run, e) != RECS_OK)
    {
        recs_run_hot_close(run);
        return RECS_ERROR;
    }

    return RECS_OK;
}


/* All of the log: an hour is told as a whole, and orders look far back. */

static int
recs_run_hot_report(recs_run_t *run, recs_error_t *e)
{
    int64_t  begun;

    begun = recs_run_clock();
    run->report_config = *run->config;
    run->report = recs_report_create(&run->report_config);

    if (recs_reported_load(run->report, run->config->log, e) != RECS_OK
        || recs_log_replay(run->log, recs_report_replay, run->report, e)
           != RECS_OK)
    {
        return RECS_ERROR;
    }

    recs_hot_state_report(run->hot, run->report);

    recs_message(RECS_MSG_INFO, "report", "the event log is read\tms=%"
                 PRId64, recs_run_clock() - begun);

    return RECS_OK;
}


static int
recs_run_hot_add(void *ctx, const recs_event_t *event, recs_error_t *e)
{
    recs_run_t  *run;

    run = ctx;

    (void) recs_report_add(run->report, event, e);

    return recs_hot_state_add(run->hot, event, e);
}


/* The base first: what it knows already is told apart by it. */

static int
recs_run_hot_tail(recs_run_t *run, recs_error_t *e)
{
    int64_t                  begun;
    const recs_hot_stats_t  *s;

    begun = recs_run_clock();

    if (recs_hot_state_base(run->hot, 0, e) == RECS_ERROR) {
        recs_message(RECS_MSG_WARN, "hot", "%s; the hot layer waits for the "
                     "next base", e->text);
    }

    if (recs_log_tail(run->log, begun - RECS_HOT_TAIL_MS, recs_hot_state_add,
                      run->hot, e) != RECS_OK)
    {
        return RECS_ERROR;
    }

    recs_hot_state_live(run->hot);
    recs_log_listen(run->log, recs_run_hot_add, run);

    s = recs_hot_state_stats(run->hot);

    recs_message(RECS_MSG_INFO, "hot", "the event log's tail is read\tvotes=%"
                 PRIu64 " updates=%" PRIu64 " ms=%" PRId64, s->votes,
                 s->updates, recs_run_clock() - begun);

    return RECS_OK;
}


void
recs_run_hot_close(recs_run_t *run)
{
    if (run->hot) {
        recs_log_listen(run->log, NULL, NULL);
        recs_hot_state_destroy(run->hot);
        run->hot = NULL;
    }

    if (run->report) {
        recs_run_counters_close(run);
        recs_report_destroy(run->report);
        run->report = NULL;
    }

    if (run->hot_lock != -1) {
        (void) close(run->hot_lock);
        run->hot_lock = -1;
    }

    run->hot_ms = 0;
}


/* Whether a report is another one under another configuration. */

static unsigned
recs_run_hot_windows(const recs_config_t *one, const recs_config_t *other)
{
    return one->attribution != other->attribution
           || one->report_click_days != other->report_click_days
           || one->report_view_hours != other->report_view_hours
           || one->report_refund_days != other->report_refund_days
           || one->report_hours != other->report_hours
           || one->report_cells != other->report_cells;
}


void
recs_run_hot_reload(recs_run_t *run, const recs_config_t *c)
{
    if (run->hot
        && (c->hot == NULL || strcmp(c->hot, run->config->hot) != 0
            || recs_run_hot_windows(&run->report_config, c)
            || recs_hot_state_config(run->hot, c) != RECS_OK))
    {
        recs_run_hot_close(run);
    }
}


int64_t
recs_run_hot(recs_run_t *run, unsigned built)
{
    int           rc;
    int64_t       every, now, took;
    recs_error_t  e;

    if (run->config->hot == NULL) {
        return INT64_MAX;
    }

    now = recs_run_clock();

    if (now < run->hot_ms && !(built && run->hot)) {
        return run->hot_ms - now;
    }

    if (run->hot == NULL) {
        return recs_run_hot_again(run);
    }

    recs_hot_state_clock(run->hot, now);
    rc = recs_run_hot_layer(run, built, &e);

    if (rc == RECS_ERROR) {
        run->hot_failures++;

        if (!run->hot_failing) {
            run->hot_failing = 1;
            recs_message(RECS_MSG_ERROR, "hot", "%s; the layer before it "
                         "stays, it is tried again", e.text);
        }

    } else if (run->hot_failing) {
        run->hot_failing = 0;
        recs_message(RECS_MSG_NOTICE, "hot", "layers are published again");
    }

    every = (int64_t) (run->config->hot_every * 1000);
    took = (rc == RECS_OK) ? recs_hot_state_stats(run->hot)->cpu_ms : 0;
    run->hot_ms = now + recs_max(every, took * RECS_RUN_HOT_SHARE);

    return recs_max(run->hot_ms - recs_run_clock(), 1);
}


/* It was closed, by an erasure or another configuration. */

static int64_t
recs_run_hot_again(recs_run_t *run)
{
    int64_t       begun, took;
    recs_error_t  e;

    /* files may go while they would be read */

    if (run->child && run->job == RECS_RUN_RETAIN) {
        return RECS_RUN_HOT_TICK_MS;
    }

    begun = recs_run_clock();

    if (recs_run_hot_open(run, &e) == RECS_OK) {
        return 1;
    }

    took = recs_run_clock() - begun;
    took = recs_max(took * RECS_RUN_HOT_SHARE, RECS_RUN_HOT_AGAIN_MS);
    run->hot_ms = begun + took;
    run->hot_failures++;

    recs_message(RECS_MSG_ERROR, "run", "%s; there is no hot layer, it is "
                 "tried again", e.text);

    return took;
}


static int
recs_run_hot_layer(recs_run_t *run, unsigned built, recs_error_t *e)
{
    int                      rc;
    uint64_t                 gaps, lost;
    const recs_hot_stats_t  *s;

    rc = recs_hot_state_base(run->hot, built, e);

    if (rc == RECS_ERROR
        || recs_run_updates(run, e) != RECS_OK
        || recs_hot_state_signals(run->hot, e) != RECS_OK)
    {
        return RECS_ERROR;
    }

    recs_log_missing(run->log, &lost, &gaps);
    recs_hot_state_missing(run->hot, lost, gaps);

    rc = recs_hot_state_publish(run->hot, e);

    if (rc == RECS_OK) {
        s = recs_hot_state_stats(run->hot);
        recs_message(RECS_MSG_DEBUG, "hot", "published\titems=%u votes=%"
                     PRIu64 " updates=%" PRIu64 " ms=%" PRId64, s->items,
                     s->votes, s->updates, s->took_ms);
    }

    return rc;
}
