/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>

#include "run.h"


#define RECS_RUN_COUNTERS_MS  2000

/* All of them again: somebody may have removed them, or thrown them out. */

#define RECS_RUN_COUNTERS_ANEW_MS  60000

/* Then the rest is left for the next time, so that events are read. */

#define RECS_RUN_COUNTERS_TAKE_MS  200


static void recs_run_counters_take(recs_run_t *run);
static int recs_run_counters_send(recs_run_t *run,
    const recs_counters_args_t *commands, size_t n);
static int recs_run_counters_text(void *ctx, const recs_str_t *text);
static void recs_run_counters_failed(recs_run_t *run);


void
recs_run_counters(recs_run_t *run)
{
    int                          rc;
    size_t                       n;
    int64_t                      now;
    recs_redis_state_t           redis;
    const recs_counters_args_t  *commands;

    now = recs_run_clock();

    if (run->config->redis_counters == NULL || run->report == NULL
        || now < run->counters_ms)
    {
        return;
    }

    run->counters_ms = now + RECS_RUN_COUNTERS_MS;

    recs_run_counters_take(run);
    recs_redis_state(run->feed->redis, &redis);

    if (redis.connects != run->counters_connects
        || now >= run->counters_anew_ms)
    {
        run->counters_connects = redis.connects;
        run->counters_anew_ms = now + RECS_RUN_COUNTERS_ANEW_MS;
        recs_counters_reset(run->counters);
    }

    while (redis.connected
           && recs_run_clock() - now < RECS_RUN_COUNTERS_TAKE_MS)
    {
        n = recs_counters_commands(run->counters, now, &commands);

        if (n == 0) {
            return;
        }

        rc = recs_run_counters_send(run, commands, n);

        if (rc != RECS_OK) {
            return;
        }

        recs_counters_done(run->counters);
        run->counters_written++;

        if (run->counters_failing) {
            run->counters_failing = 0;
            recs_message(RECS_MSG_NOTICE, "redis", "counters are written "
                         "again");
        }
    }
}


static void
recs_run_counters_take(recs_run_t *run)
{
    uint64_t            turn;
    unsigned            all;
    recs_report_view_t  view;

    if (run->counters == NULL) {
        run->counters = recs_counters_create(run->config->redis_counters);
        run->counters_turn = 0;
    }

    turn = recs_report_turn(run->report);

    if (turn == run->counters_turn) {
        return;
    }

    recs_report_view(run->report, run->counters_turn, &view);

    /* hours have become a day: what was known of them is not told again */

    all = (run->counters_turn == 0);

    if (!all && view.meta.hourly != run->counters_hourly) {
        recs_report_view(run->report, 0, &view);
        all = 1;
    }

    recs_counters_take(run->counters, &view, all);

    run->counters_turn = recs_report_turn(run->report);
    run->counters_hourly = view.meta.hourly;
}


/* RECS_DECLINED: refused, nothing of it was done; RECS_AGAIN: away. */

static int
recs_run_counters_send(recs_run_t *run, const recs_counters_args_t *commands,
    size_t n)
{
    int          rc;
    size_t       i;
    const char  *discard;

    discard = "DISCARD";

    for (i = 0, rc = RECS_OK; i < n && rc == RECS_OK; i++) {
        rc = recs_redis_ask(run->feed->redis, commands[i].argc,
                            commands[i].argv, recs_run_counters_text, NULL);

        /* told before the reason is that of the next one */

        if (rc == RECS_DECLINED) {
            recs_run_counters_failed(run);
        }
    }

    /* a transaction that was begun would take what comes next */

    if (rc == RECS_DECLINED && i > 1) {
        (void) recs_redis_ask(run->feed->redis, 1, &discard,
                              recs_run_counters_text, NULL);
    }

    return rc;
}


static int
recs_run_counters_text(void *ctx, const recs_str_t *text)
{
    return RECS_OK;
}


static void
recs_run_counters_failed(recs_run_t *run)
{
    recs_redis_state_t  redis;

    run->counters_failures++;
    recs_redis_state(run->feed->redis, &redis);

    if (!run->counters_failing) {
        run->counters_failing = 1;
        recs_message(RECS_MSG_WARN, "redis", "counters below \"%s\" cannot "
                     "be written: %s; they are tried again, events are read",
                     run->config->redis_counters, redis.refused);
    }
}


void
recs_run_counters_close(recs_run_t *run)
{
    recs_counters_free(run->counters);

    run->counters = NULL;
    run->counters_connects = 0;
    run->counters_ms = 0;
}
