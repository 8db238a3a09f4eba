/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <time.h>

#include "../memory.h"
#include "cmd.h"
#include "summary.h"


typedef struct {
    recs_options_t    options;
    recs_log_t       *log;
    recs_source_t     source;
    recs_keys_t       keys;
    recs_tally_t      tally;
    int64_t           started_ms;
} recs_import_t;


static int
recs_import_add(void *ctx, const recs_event_t *e, recs_error_t *err)
{
    return recs_log_add(ctx, e, err);
}


static int
recs_import_read(recs_import_t *m, recs_error_t *e)
{
    int              rc, end;
    recs_error_t     bad;
    recs_config_t   *c;
    struct timespec  ts;

    c = &m->options.config;
    clock_gettime(CLOCK_REALTIME, &ts);

    recs_tally_init(&m->tally, recs_import_add, m->log, 0);

    m->source.keys = &m->keys;
    m->source.sink = recs_tally_add;
    m->source.ctx = &m->tally;
    m->source.file_time = 1;
    m->source.received_ms = c->now_ms ? c->now_ms
                            : (int64_t) ts.tv_sec * 1000
                              + ts.tv_nsec / 1000000;

    recs_log_import(m->log);

    rc = recs_cmd_read(c, &m->source, e);
    end = recs_source_end(&m->source, c->max_bad, &bad);

    if (rc == RECS_OK && end != RECS_OK) {
        *e = bad;
        rc = RECS_ERROR;
    }

    if (rc != RECS_OK) {
        recs_log_abandon(m->log);
        return rc;
    }

    return recs_log_commit(m->log, NULL, e);
}


static void
recs_import_tell(recs_import_t *m)
{
    recs_summary_t              s;
    const recs_tally_t         *t;
    const recs_source_stats_t  *stats;

    t = &m->tally;
    stats = &m->source.stats;
    s.count = 0;

    recs_summary_add(&s, "lines", "lines", RECS_FACT_COUNT,
                     (int64_t) stats->lines);
    recs_summary_add(&s, "events", "events added", RECS_FACT_COUNT,
                     (int64_t) t->events);
    recs_summary_add(&s, "bad", "bad lines", RECS_FACT_COUNT,
                     (int64_t) stats->bad);
    recs_summary_add(&s, "duplicates", "known already", RECS_FACT_COUNT,
                     (int64_t) stats->duplicates);
    recs_summary_add(&s, "products", "rows of products", RECS_FACT_COUNT,
                     (int64_t) t->products);
    recs_summary_add(&s, "users", "rows of users", RECS_FACT_COUNT,
                     (int64_t) t->users);
    recs_summary_add(&s, "refunds", "refund lines", RECS_FACT_COUNT,
                     (int64_t) t->refunds);
    recs_summary_add(&s, "anonymous", "lines without a user",
                     RECS_FACT_COUNT, (int64_t) t->anonymous);
    recs_summary_money(&s, t, recs_tally_micro(t->revenue));
    recs_summary_add(&s, "seconds", "seconds", RECS_FACT_SECONDS,
                     recs_summary_clock() - m->started_ms);

    recs_summary_print(&s, m->options.json);
}


static int
recs_import_run(recs_import_t *m)
{
    int           rc;
    recs_error_t  e;

    m->started_ms = recs_summary_clock();

    rc = recs_cmd_prepare(&m->options.config, &m->keys, &e);

    if (rc == RECS_OK) {
        rc = recs_log_open(&m->log, m->options.config.log, &e);
    }

    if (rc == RECS_OK) {
        rc = recs_import_read(m, &e);
    }

    if (rc == RECS_OK) {
        recs_import_tell(m);
    }

    if (m->log) {
        recs_log_close(m->log);
    }

    recs_tally_free(&m->tally);

    return (rc == RECS_OK) ? RECS_EXIT_OK : recs_cmd_failed("import", rc, &e);
}


int
recs_cmd_import(int argc, char **argv)
{
    int             status;
    recs_import_t  *m;

    static const struct argp  argp = {
        NULL, NULL, NULL,
        "Reads events, products and users from files into the event log in "
        "the directory of --log.  What is in the log already is not added "
        "again.",
        NULL, NULL, NULL
    };

    m = recs_calloc(1, sizeof(recs_import_t));

    recs_options_parse(&m->options, RECS_OPTIONS_INPUT | RECS_OPTIONS_LOG
                       | RECS_OPTIONS_IMPORT | RECS_OPTIONS_FILE
                       | RECS_OPTIONS_JSON, &argp, NULL, argc, argv);
    recs_options_check(&m->options, "import");

    status = recs_import_run(m);

    free(m);

    return status;
}
