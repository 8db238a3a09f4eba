/*
 * Copyright (C) recs authors
 *
 * Retention in the daemon: once a day, in a child, between two builds.
 */

#include <inttypes.h>

#include "retain.h"
#include "run.h"


#define RECS_RUN_DAY_MS  86400000

/* Of a short retention: a file is of a quarter of it at most. */

#define RECS_RUN_RETAIN_SHARE  4


static int recs_run_retain_child(recs_run_t *run, recs_error_t *e);


void
recs_run_retain(recs_run_t *run)
{
    int64_t       now, every;
    recs_error_t  e;

    every = recs_retain_ms(run->config);
    now = recs_run_clock();

    if (every == 0 || run->child || now < run->retain_ms
        || recs_run_stopping())
    {
        return;
    }

    every = recs_min(every / RECS_RUN_RETAIN_SHARE, RECS_RUN_DAY_MS);
    run->retain_ms = now + recs_max(every, 1);

    /* the last file never goes, so it must not grow for ever */

    if (recs_log_roll(run->log, now - every, &e) != RECS_OK
        || recs_run_fork(run, RECS_RUN_RETAIN, recs_run_retain_child, &e)
           != RECS_OK)
    {
        recs_message(RECS_MSG_ERROR, "retain", "%s; it is tried again",
                     e.text);
    }
}


static int
recs_run_retain_child(recs_run_t *run, recs_error_t *e)
{
    recs_log_retained_t  done;

    if (recs_retain(run->config, recs_log_files(run->log), recs_run_clock(),
                    &done, e)
        != RECS_OK)
    {
        return RECS_ERROR;
    }

    if (done.files) {
        recs_message(RECS_MSG_NOTICE, "retain", "old files of the event log "
                     "have gone\tfiles=%u events=%" PRIu64 " rows=%" PRIu64,
                     done.files, done.events, done.rows);
    }

    return RECS_OK;
}
