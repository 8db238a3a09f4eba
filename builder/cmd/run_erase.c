/*
 * Copyright (C) recs authors
 *
 * Erasures in the daemon: asked for by events of the log and by files in
 * LOG/erase, done in a child, for all that wait together.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../erase/erase.h"
#include "run.h"


#define RECS_RUN_ERASE_AGAIN_MS  60000


static int recs_run_erase_asked(recs_run_t *run, recs_error_t *e);
static int recs_run_erase_ask(recs_run_t *run,
    const recs_log_erasure_t *erasure, const recs_log_erasure_t *end,
    recs_error_t *e);
static int recs_run_erase_wait(recs_run_t *run, recs_error_t *e);
static int recs_run_erase_now(recs_run_t *run, recs_erase_t *erase,
    recs_error_t *e);


void
recs_run_erase(recs_run_t *run)
{
    int           rc;
    recs_error_t  e;

    if (run->child || recs_run_clock() < run->erase_ms
        || recs_run_stopping())
    {
        return;
    }

    rc = recs_run_erase_asked(run, &e);

    if (rc == RECS_OK) {
        rc = recs_run_erase_wait(run, &e);
    }

    if (rc == RECS_DECLINED) {
        return;
    }

    /* what comes from now on is of somebody new: it is not looked at */

    if (rc == RECS_OK) {
        rc = recs_log_roll(run->log, INT64_MAX, &e);
    }

    if (rc == RECS_OK) {
        rc = recs_run_fork(run, RECS_RUN_ERASE, recs_run_erase_work, &e);
    }

    if (rc != RECS_OK) {
        run->erase_ms = recs_run_clock() + RECS_RUN_ERASE_AGAIN_MS;
        recs_message(RECS_MSG_ERROR, "erase", "%s; it is tried again",
                     e.text);
    }
}


/* The hot layer may know sessions: it begins anew, from the log. */

void
recs_run_erased(recs_run_t *run, unsigned good)
{
    run->erase_ms = good ? 0 : recs_run_clock() + RECS_RUN_ERASE_AGAIN_MS;

    if (good) {
        recs_run_hot_close(run);
    }
}


/* Events of the log become files: what is there is done also after a crash. */

static int
recs_run_erase_asked(recs_run_t *run, recs_error_t *e)
{
    size_t                     i, count;
    const recs_log_erasure_t  *erasures;

    erasures = recs_log_erasures(run->log, &count);

    for (i = 0; i < count; i++) {
        if (recs_run_erase_ask(run, &erasures[i], erasures + count, e)
            != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    recs_log_erasures_done(run->log);

    return RECS_OK;
}


/* One for all events of a receipt, which are one for each key. */

static int
recs_run_erase_ask(recs_run_t *run, const recs_log_erasure_t *erasure,
    const recs_log_erasure_t *end, recs_error_t *e)
{
    int                        rc;
    recs_erase_ask_t           ask;
    const recs_log_erasure_t  *p;

    if (recs_erase_ask_init(&ask, erasure->asked_ms, e) != RECS_OK) {
        return RECS_ERROR;
    }

    if (strlen(erasure->id) == RECS_ERASE_ID
        && strspn(erasure->id, "0123456789abcdef") == RECS_ERASE_ID)
    {
        strcpy(ask.id, erasure->id);
    }

    for (p = erasure; p < end; p++) {
        if (strcmp(p->id, erasure->id) == 0) {
            recs_erase_ask_who(&ask, RECS_KIND_USER, &p->user);
            recs_erase_ask_who(&ask, RECS_KIND_SESSION, &p->session);
        }
    }

    rc = recs_erase_ask_waits(&ask, run->config->log) ? RECS_OK
         : recs_erase_ask_write(&ask, run->config->log, e);
    recs_erase_ask_free(&ask);

    return rc;
}


/* RECS_DECLINED: nobody asks. */

static int
recs_run_erase_wait(recs_run_t *run, recs_error_t *e)
{
    int                rc;
    size_t             i, count;
    recs_erase_ask_t  *asks;

    rc = recs_erase_asks(run->config->log, &asks, &count, e);

    if (rc == RECS_OK && count == 0) {
        rc = RECS_DECLINED;
    }

    for (i = 0; i < count; i++) {
        recs_erase_ask_free(&asks[i]);
    }

    free(asks);

    return rc;
}


int
recs_run_erase_work(recs_run_t *run, recs_error_t *e)
{
    int           rc;
    recs_erase_t  erase;

    memset(&erase, 0, sizeof(recs_erase_t));
    erase.config = run->config;
    erase.log = run->log;

    rc = recs_erase_asks(run->config->log, &erase.asks, &erase.count, e);

    if (rc == RECS_OK && erase.count) {
        rc = recs_erase(&erase, e);

        if (rc == RECS_OK) {
            rc = recs_run_erase_now(run, &erase, e);
        }

        if (rc == RECS_OK) {
            rc = recs_erase_receipts(&erase, recs_run_clock(), e);
        }

        if (rc == RECS_OK) {
            recs_message(RECS_MSG_NOTICE, "erase", "somebody is forgotten\t"
                         "asked=%zu events=%llu", erase.count,
                         (unsigned long long)
                         erase.places[RECS_ERASE_LOG].changed);
        }
    }

    recs_erase_free(&erase);

    return rc;
}


/* A build that fails is told by the receipt; what is blanked stays so. */

static int
recs_run_erase_now(recs_run_t *run, recs_erase_t *erase, recs_error_t *e)
{
    size_t        i;
    unsigned      now;
    recs_error_t  failed;

    for (i = 0, now = 0; i < erase->count; i++) {
        now |= erase->asks[i].now;
    }

    run->id = 0;

    if (now && run->config->out && recs_log_stats(run->log)->stored) {
        run->started_ms = recs_run_clock();

        if (recs_run_snapshot(run, &failed) != RECS_OK) {
            run->id = 0;
            recs_erase_left(erase, RECS_ERASE_SNAPSHOTS, "no snapshot could "
                            "be built: %s", failed.text);
        }
    }

    return recs_erase_snapshots(erase, run->id, e);
}
