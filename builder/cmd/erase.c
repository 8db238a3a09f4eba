/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../publish/publish.h"
#include "run.h"
#include "whom.h"


#define RECS_ERASE_TICK_MS   100
#define RECS_ERASE_AGAIN_MS  1000
#define RECS_ERASE_REDIS_MS  5000     /* for Redis to be reached */
#define RECS_ERASE_WAIT      3600     /* seconds, for a daemon */

#define RECS_ERASE_KEY_NOW   2
#define RECS_ERASE_KEY_WAIT  3


typedef struct {
    recs_cmd_whom_t  whom;
    unsigned         now;
    uint64_t         wait;
} recs_erase_args_t;


static error_t recs_erase_parser(int key, char *arg,
    struct argp_state *state);
static int recs_erase_wait(recs_run_t *run, const recs_erase_ask_t *ask,
    uint64_t seconds, recs_error_t *e);
static int recs_erase_alone(recs_run_t *run, recs_error_t *e);
static int recs_erase_read(recs_run_t *run, recs_error_t *e);
static int recs_erase_tell(const recs_erase_ask_t *ask, const char *log);


int
recs_cmd_erase(int argc, char **argv)
{
    int                  rc;
    recs_run_t          *run;
    recs_error_t         e;
    recs_erase_ask_t     ask;
    recs_erase_args_t    a = { recs_cmd_whom_none, 0, RECS_ERASE_WAIT };

    static const struct argp_option  options[] = {
        recs_cmd_whom_option,
        { "now", RECS_ERASE_KEY_NOW, NULL, 0,
          "Publish a snapshot without them, and remove those with them", 0 },
        { "wait", RECS_ERASE_KEY_WAIT, "SECONDS", 0,
          "For a daemon that does it, default 3600", 0 },
        { NULL, 0, NULL, 0, NULL, 0 }
    };

    static const struct argp  argp = {
        options, recs_erase_parser, "[USER]",
        "Forgets a user: in the event log, its archive and checkpoint, the "
        "journal, Redis and the quarantine.  Where a daemon runs, it does it "
        "and this waits.  Prints a receipt.",
        NULL, NULL, NULL
    };

    run = recs_calloc(1, sizeof(recs_run_t));
    run->lock = -1;
    run->hot_lock = -1;

    recs_options_parse(&run->options, RECS_OPTIONS_ERASE | RECS_OPTIONS_FILE,
                       &argp, &a, argc, argv);
    recs_options_check(&run->options, "retain");
    run->config = &run->options.config;

    if (recs_cmd_whom(&a.whom, run->config, &run->keys, &ask, &e) != RECS_OK) {
        (void) recs_cmd_failed("erase", RECS_ERROR, &e);
        return RECS_EXIT_USAGE;
    }

    ask.now = a.now;

    rc = recs_erase_ask_write(&ask, run->config->log, &e);

    if (rc == RECS_OK) {
        rc = recs_erase_wait(run, &ask, a.wait, &e);
    }

    if (rc == RECS_OK) {
        rc = recs_erase_tell(&ask, run->config->log);

    } else {
        rc = recs_cmd_failed("erase", rc, &e);
    }

    recs_erase_ask_free(&ask);
    free(run);

    return rc;
}


static error_t
recs_erase_parser(int key, char *arg, struct argp_state *state)
{
    recs_erase_args_t  *a;

    a = state->input;

    switch (key) {

    case RECS_ERASE_KEY_NOW:
        a->now = 1;
        return 0;

    case RECS_ERASE_KEY_WAIT:
        a->wait = recs_argument_number(state, "wait", arg, 0, 1000000);
        return 0;
    }

    return recs_cmd_whom_parser(key, arg, state);
}


/* A daemon does it, or, where there is none, this. */

static int
recs_erase_wait(recs_run_t *run, const recs_erase_ask_t *ask,
    uint64_t seconds, recs_error_t *e)
{
    int      rc;
    int64_t  end;

    end = recs_run_clock() + (int64_t) seconds * 1000;

    while (recs_erase_ask_waits(ask, run->config->log)) {

        rc = recs_erase_alone(run, e);

        if (rc == RECS_ERROR) {
            return rc;
        }

        if (rc == RECS_OK && !recs_erase_ask_waits(ask, run->config->log)) {
            return RECS_OK;
        }

        if (recs_run_clock() >= end) {
            recs_error(e, "not done yet; receipt %s will be in "
                       "%s/receipts.jsonl", ask->id, run->config->log);
            return RECS_AGAIN;
        }

        /* with the locks, all that could be read was done */

        recs_run_sleep(rc == RECS_OK ? RECS_ERASE_AGAIN_MS
                                     : RECS_ERASE_TICK_MS);
    }

    return RECS_OK;
}


/* RECS_DECLINED, RECS_AGAIN: somebody has a lock. */

static int
recs_erase_alone(recs_run_t *run, recs_error_t *e)
{
    int  rc;

    rc = RECS_OK;

    if (run->config->out && access(run->config->out, F_OK) == 0) {
        rc = recs_publish_lock(run->config->out, &run->lock, e);
    }

    if (rc == RECS_OK) {
        rc = recs_log_open(&run->log, run->config->log, e);
    }

    if (rc == RECS_OK) {
        rc = recs_erase_read(run, e);

        if (rc == RECS_OK) {
            rc = recs_log_roll(run->log, INT64_MAX, e);
        }

        if (rc == RECS_OK) {
            rc = recs_run_erase_work(run, e);
        }

        recs_log_close(run->log);
        run->log = NULL;
    }

    if (run->lock != -1) {
        (void) close(run->lock);
        run->lock = -1;
    }

    return rc;
}


/* What workers have sent so far is theirs, too. */

static int
recs_erase_read(recs_run_t *run, recs_error_t *e)
{
    int           rc;
    int64_t       end;
    recs_feed_t  *feed;

    feed = recs_calloc(1, sizeof(recs_feed_t));
    end = recs_run_clock() + RECS_ERASE_REDIS_MS;

    rc = recs_feed_open(feed, run->log, run->config, e);

    if (rc != RECS_OK) {
        free(feed);
        return rc;
    }

    do {
        rc = recs_feed_poll(feed, e);

        if (rc == RECS_AGAIN && recs_feed_waits(feed)
            && recs_run_clock() < end)
        {
            recs_run_sleep(RECS_ERASE_TICK_MS);
            rc = RECS_OK;
        }

    } while (rc == RECS_OK);

    recs_feed_close(feed);
    free(feed);

    return (rc == RECS_AGAIN) ? RECS_OK : rc;
}


static int
recs_erase_tell(const recs_erase_ask_t *ask, const char *log)
{
    int    rc;
    char  *line;

    line = recs_erase_receipt(log, ask->id);

    if (line == NULL) {
        recs_message(RECS_MSG_ERROR, "erase", "receipt %s is not in "
                     "%s/receipts.jsonl", ask->id, log);
        return RECS_EXIT_FAILED;
    }

    fputs(line, stdout);

    rc = strstr(line, "\"complete\":true") ? RECS_EXIT_OK
                                           : RECS_EXIT_FAILED;
    free(line);

    return rc;
}
