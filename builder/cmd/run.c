/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../memory.h"
#include "../notify.h"
#include "../publish/publish.h"
#include "run.h"


#define RECS_RUN_STATUS_MS  5000     /* between two lines for systemd */
#define RECS_RUN_RETRY_MS   1000     /* after the log has failed */
#define RECS_RUN_ONCE_MS    5000     /* for Redis to be reached */
#define RECS_RUN_TICK_MS    50

#define RECS_RUN_KEY_ONCE   1


static error_t recs_run_parser(int key, char *arg, struct argp_state *state);
static int recs_run_config(const char *path, recs_config_t *c,
    recs_keys_t *keys, recs_schedule_t *s, recs_error_t *e);
static int recs_run_open(recs_run_t *run, recs_error_t *e);
static void recs_run_close(recs_run_t *run);
static void recs_run_reload(recs_run_t *run);
static int recs_run_apply(recs_run_t *run, recs_config_t *c,
    recs_error_t *e);
static int recs_run_loop(recs_run_t *run);
static int recs_run_once(recs_run_t *run);
static int recs_run_poll(recs_run_t *run);
static int recs_run_due(recs_run_t *run, recs_error_t *e);
static void recs_run_tell(recs_run_t *run, unsigned now);


int
recs_cmd_run(int argc, char **argv)
{
    int            rc, status;
    recs_run_t    *run;
    recs_error_t   e;

    static const struct argp_option  options[] = {
        { "once", RECS_RUN_KEY_ONCE, NULL, 0,
          "Read until there is nothing new, build, and end", 0 },
        { NULL, 0, NULL, 0, NULL, 0 }
    };

    static const struct argp  argp = {
        options, recs_run_parser, NULL,
        "Reads the journal of the workers, or their stream in Redis, into "
        "the event log, and publishes a snapshot by schedule.  Stays in the "
        "foreground.  SIGHUP reads the configuration again, SIGTERM ends.",
        NULL, NULL, NULL
    };

    run = recs_calloc(1, sizeof(recs_run_t));
    run->lock = -1;
    run->hot_lock = -1;
    run->begun_ms = recs_run_clock();

    recs_options_parse(&run->options, RECS_OPTIONS_FILE, &argp, run, argc,
                       argv);

    run->config = &run->options.config;
    recs_run_signals_init();

    rc = recs_run_config(run->options.file, run->config, &run->keys,
                         &run->schedule, &e);

    if (rc != RECS_OK) {
        recs_message(RECS_MSG_ERROR, "options", "%s", e.text);
        recs_run_close(run);
        return RECS_EXIT_USAGE;
    }

    rc = recs_run_open(run, &e);

    if (rc != RECS_OK) {
        recs_run_close(run);
        return recs_cmd_failed("run", rc, &e);
    }

    status = run->once ? recs_run_once(run) : recs_run_loop(run);

    recs_notify("STOPPING=1");
    recs_run_kill(run);
    recs_run_facts_write(run, 1);
    recs_run_close(run);

    return status;
}


static error_t
recs_run_parser(int key, char *arg, struct argp_state *state)
{
    recs_run_t  *run;

    run = state->input;

    if (key == RECS_RUN_KEY_ONCE) {
        run->once = 1;
        return 0;
    }

    return ARGP_ERR_UNKNOWN;
}


static int
recs_run_config(const char *path, recs_config_t *c, recs_keys_t *keys,
    recs_schedule_t *s, recs_error_t *e)
{
    const char  *err;

    if (path == NULL) {
        return recs_error(e, "run: no -c FILE");
    }

    recs_config_init(c);

    if (recs_config_read(c, path, e) != RECS_OK
        || recs_config_check(c, "run", e) != RECS_OK)
    {
        return RECS_ERROR;
    }

    if (recs_schedule_parse(s, c->schedule, &err) != RECS_OK) {
        return recs_error(e, "%s: \"schedule\" is \"%s\": %s", path,
                          c->schedule, err);
    }

    return recs_cmd_prepare(c, keys, e);
}


static int
recs_run_open(recs_run_t *run, recs_error_t *e)
{
    int  rc;

    recs_notify("STATUS=reading the event log");

    rc = recs_publish_lock(run->config->out, &run->lock, e);

    if (rc == RECS_OK) {
        rc = recs_log_open(&run->log, run->config->log, e);
    }

    if (rc != RECS_OK) {
        return rc;
    }

    run->feed = recs_calloc(1, sizeof(recs_feed_t));

    if (recs_feed_open(run->feed, run->log, run->config, e) != RECS_OK) {
        free(run->feed);
        run->feed = NULL;
        return RECS_ERROR;
    }

    recs_run_plan(run);

    if (!run->once && recs_run_hot_open(run, e) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_message(RECS_MSG_INFO, "run", "started\tevents=%" PRIu64
                 " schedule=\"%s\"", recs_log_stats(run->log)->stored,
                 run->config->schedule);
    recs_notify("READY=1");

    return RECS_OK;
}


static void
recs_run_close(recs_run_t *run)
{
    recs_run_hot_close(run);

    if (run->feed) {
        recs_feed_close(run->feed);
        free(run->feed);
    }

    if (run->log) {
        recs_log_close(run->log);
    }

    if (run->lock != -1) {
        close(run->lock);
    }

    if (run->config != &run->options.config) {
        free(run->config);
    }

    free(run);
}


static int
recs_run_loop(recs_run_t *run)
{
    int                  rc, built;
    int64_t              hot, ms, left;
    recs_error_t         e;
    recs_run_signals_t   signals;

    for ( ;; ) {
        recs_run_signals(&signals);

        if (signals.stop) {
            recs_message(RECS_MSG_INFO, "run", "stopped");
            return RECS_EXIT_OK;
        }

        if (signals.reload) {
            recs_run_reload(run);
        }

        if (run->hot) {
            recs_hot_state_clock(run->hot, recs_run_clock());
        }

        rc = recs_run_poll(run);

        built = run->child && run->job == RECS_RUN_BUILD;
        built = (recs_run_reap(run) == RECS_OK && built);
        hot = recs_run_hot(run, built && run->status == RECS_EXIT_OK);

        recs_run_erase(run);

        if (recs_run_due(run, &e) == RECS_ERROR && !recs_run_stopping()) {
            recs_message(RECS_MSG_ERROR, "run", "%s; no build this time",
                         e.text);
        }

        recs_run_counters(run);
        recs_run_retain(run);
        recs_run_tell(run, built);

        if (rc == RECS_OK) {
            continue;
        }

        ms = (int64_t) (run->config->poll * 1000);

        if (rc == RECS_ERROR) {
            ms = recs_max(ms, RECS_RUN_RETRY_MS);
        }

        ms = recs_min(ms, hot);

        if (run->child == 0) {
            left = run->next_ms - recs_run_clock();
            left = recs_max(left, 1);
            ms = recs_min(ms, left);
        }

        recs_run_sleep(ms);
    }
}


/* For a timer: all that is there now, one build, its status. */

static int
recs_run_once(recs_run_t *run)
{
    int           rc;
    int64_t       end;
    recs_error_t  e;

    end = recs_run_clock() + RECS_RUN_ONCE_MS;

    do {
        rc = recs_run_poll(run);

        if (rc == RECS_ERROR) {
            return RECS_EXIT_FAILED;
        }

        if (rc == RECS_AGAIN && recs_feed_waits(run->feed)) {

            if (recs_run_clock() >= end) {
                recs_message(RECS_MSG_WARN, "run", "%s cannot be reached; "
                             "building from what is in the event log",
                             run->config->redis);
                break;
            }

            recs_run_sleep(RECS_RUN_TICK_MS);
            rc = RECS_OK;
        }

    } while (rc == RECS_OK && !recs_run_stopping());

    run->next_ms = 0;

    if (recs_run_due(run, &e) == RECS_ERROR) {
        return recs_cmd_failed("run", RECS_ERROR, &e);
    }

    while (recs_run_reap(run) == RECS_AGAIN) {

        if (recs_run_stopping()) {
            return RECS_EXIT_OK;
        }

        recs_run_sleep(RECS_RUN_TICK_MS);
    }

    return run->builds ? run->status : RECS_EXIT_FAILED;
}


/* A state that lasts is told once. */

static int
recs_run_poll(recs_run_t *run)
{
    int           rc;
    recs_error_t  e;

    if (recs_run_room(run) != RECS_OK) {
        return RECS_AGAIN;
    }

    rc = recs_feed_poll(run->feed, &e);

    if (rc != RECS_ERROR) {

        if (run->failing) {
            run->failing = 0;
            recs_message(RECS_MSG_NOTICE, "run", "events are read again");
        }

        return rc;
    }

    if (!run->failing) {
        run->failing = 1;
        recs_message(RECS_MSG_ERROR, "run", "%s; it is tried again, events "
                     "wait in the journal", e.text);
    }

    return rc;
}


/* Starts a build where one is due: it sees what files say now. */

static int
recs_run_due(recs_run_t *run, recs_error_t *e)
{
    int64_t  now;

    now = recs_run_clock();

    if (run->child || now < run->next_ms || recs_run_stopping()) {
        return RECS_OK;
    }

    run->next_ms = recs_schedule_next(&run->schedule, now);

    /* a build goes on with what there is */

    if (!run->full && recs_run_files(run, e) != RECS_OK) {
        return RECS_ERROR;
    }

    if (recs_log_stats(run->log)->stored == 0) {
        recs_message(RECS_MSG_NOTICE, "run", "the event log is empty, there "
                     "is nothing to build from yet");
        return RECS_OK;
    }

    if (recs_run_build(run, e) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_run_tell(run, 1);

    return RECS_OK;
}


static void
recs_run_reload(recs_run_t *run)
{
    recs_keys_t       keys;
    recs_error_t      e;
    recs_config_t    *c;
    recs_schedule_t   schedule;

    recs_notify("RELOADING=1");

    c = recs_alloc(sizeof(recs_config_t));

    if (recs_run_config(run->options.file, c, &keys, &schedule, &e)
        != RECS_OK
        || recs_run_apply(run, c, &e) != RECS_OK)
    {
        recs_message(RECS_MSG_ERROR, "run", "%s; the configuration before it "
                     "stays", e.text);
        free(c);

    } else {
        recs_message_format(c->log_format);
        run->keys = keys;
        run->schedule = schedule;
        run->stamp = 0;
        recs_run_plan(run);

        recs_message(RECS_MSG_NOTICE, "run", "configuration read again\t"
                     "schedule=\"%s\"", c->schedule);
        run->told_ms = 0;
    }

    recs_notify("READY=1");
}


/* Takes the configuration, or leaves all as it was. */

static int
recs_run_apply(recs_run_t *run, recs_config_t *c, recs_error_t *e)
{
    recs_feed_t  *feed;

    if (strcmp(c->log, run->config->log) != 0
        || strcmp(c->out, run->config->out) != 0)
    {
        return recs_error(e, "%s: \"log\" and \"out\" cannot change while "
                          "recs-builder runs, restart it",
                          run->options.file);
    }

    feed = recs_calloc(1, sizeof(recs_feed_t));

    if (recs_feed_open(feed, run->log, c, e) != RECS_OK) {
        free(feed);
        return RECS_ERROR;
    }

    recs_feed_follow(feed, run->feed);
    recs_feed_close(run->feed);
    free(run->feed);
    run->feed = feed;

    recs_run_hot_reload(run, c);
    recs_run_counters_close(run);

    if (run->config != &run->options.config) {
        free(run->config);
    }

    run->config = c;

    return RECS_OK;
}


static void
recs_run_tell(recs_run_t *run, unsigned now)
{
    char                     hot[96];
    int64_t                  ms;
    const recs_hot_stats_t  *s;

    ms = recs_run_clock();

    if (!now && ms - run->told_ms < RECS_RUN_STATUS_MS) {
        return;
    }

    run->told_ms = ms;
    hot[0] = '\0';

    if (run->hot) {
        s = recs_hot_state_stats(run->hot);
        snprintf(hot, sizeof(hot), ", %" PRIu64 " hot layers, the last %"
                 PRId64 " s ago, %" PRIu64 " failed", s->layers,
                 s->layers ? (ms - s->published_ms) / 1000 : 0,
                 run->hot_failures);
    }

    recs_notify("STATUS=%" PRIu64 " events, %s in %" PRId64 " s, %" PRIu64
                " gaps, %" PRIu64 " lost%s%s",
                recs_log_stats(run->log)->stored,
                run->child ? "building, again" : "next build",
                recs_max(run->next_ms - ms, 0) / 1000,
                run->feed->stats.gaps, run->feed->stats.lost, hot,
                run->full ? ", no room: nothing is read" : "");

    recs_run_facts_write(run, 0);
}
