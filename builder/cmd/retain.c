/*
 * Copyright (C) recs authors
 */

#include <string.h>
#include <time.h>

#include "../data/log_retain.h"
#include "../memory.h"
#include "../report/report.h"
#include "cmd.h"
#include "retain.h"
#include "summary.h"


#define RECS_RETAIN_DAY  86400000.0


int64_t
recs_retain_ms(const recs_config_t *c)
{
    return (int64_t) (c->retention_days * RECS_RETAIN_DAY);
}


/* The report of what goes. */

static int
recs_retain_load(void *ctx, const void *data, size_t len, recs_error_t *e)
{
    return len ? recs_report_load(ctx, data, len, e) : RECS_OK;
}


static void *
recs_retain_save(void *ctx, int64_t newest_ms, size_t *len)
{
    recs_report_clock(ctx, newest_ms);

    return recs_report_save(ctx, len);
}


int
recs_retain(const recs_config_t *c, recs_log_file_t *files, int64_t now_ms,
    recs_log_retained_t *done, recs_error_t *e)
{
    int                rc;
    recs_log_fold_t    fold;
    recs_log_retain_t  how;

    fold.ctx = recs_report_create(c);
    fold.load = recs_retain_load;
    fold.add = recs_report_replay;
    fold.save = recs_retain_save;

    memset(&how, 0, sizeof(recs_log_retain_t));
    how.now_ms = now_ms;
    how.before_ms = now_ms - recs_retain_ms(c);
    how.archive = c->archive;
    how.fold = &fold;

    rc = recs_log_retain(files, &how, done, e);
    recs_report_destroy(fold.ctx);

    return rc;
}


static void
recs_retain_tell(const recs_log_retained_t *done, unsigned json)
{
    recs_summary_t  s;

    s.count = 0;
    recs_summary_add(&s, "files", "files gone", RECS_FACT_COUNT, done->files);
    recs_summary_add(&s, "events", "events in them", RECS_FACT_COUNT,
                     (int64_t) done->events);
    recs_summary_add(&s, "bytes", "bytes", RECS_FACT_COUNT,
                     (int64_t) done->bytes);
    recs_summary_add(&s, "rows", "rows kept of products and users",
                     RECS_FACT_COUNT, (int64_t) done->rows);
    recs_summary_print(&s, json);
}


int
recs_cmd_retain(int argc, char **argv)
{
    int                   rc;
    recs_error_t          e;
    recs_config_t        *c;
    recs_options_t        o;
    struct timespec       ts;
    recs_log_file_t       files;
    recs_log_retained_t   done;

    static const struct argp  argp = {
        NULL, NULL, NULL,
        "Moves the files of the event log that are older than "
        "\"retention_days\" to the archive, or removes them, and keeps in "
        "its checkpoint what must be known of them.  recs-builder run does "
        "the same once a day.",
        NULL, NULL, NULL
    };

    recs_options_parse(&o, RECS_OPTIONS_RETAIN | RECS_OPTIONS_FILE
                       | RECS_OPTIONS_JSON, &argp, NULL, argc, argv);
    recs_options_check(&o, "retain");

    c = &o.config;

    if (recs_retain_ms(c) == 0) {
        recs_error(&e, "\"retention_days\" is 0, so nothing ever goes");
        (void) recs_cmd_failed("retain", RECS_ERROR, &e);
        return RECS_EXIT_USAGE;
    }

    clock_gettime(CLOCK_REALTIME, &ts);

    rc = recs_log_file_take(&files, c->log, &e);

    if (rc == RECS_OK) {
        rc = recs_retain(c, &files, c->now_ms ? c->now_ms
                                    : (int64_t) ts.tv_sec * 1000, &done, &e);
        recs_log_file_close(&files);
    }

    if (rc != RECS_OK) {
        return recs_cmd_failed("retain", rc, &e);
    }

    recs_retain_tell(&done, o.json);

    return RECS_EXIT_OK;
}
