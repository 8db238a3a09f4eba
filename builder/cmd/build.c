/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../data/dataset.h"
#include "../eval/ranker.h"
#include "../eval/select.h"
#include "../publish/publish.h"
#include "../rules/rules.h"
#include "cmd.h"
#include "reported.h"
#include "summary.h"


typedef struct {
    recs_options_t    options;
    recs_dataset_t   *dataset;
    recs_reported_t   reported;
    recs_source_t     source;
    recs_keys_t       keys;
    recs_tally_t      tally;
    int64_t           started_ms;
    int64_t           read_ms;
    int64_t           read_cpu_ms;
    uint64_t          id;
} recs_build_t;


static int
recs_build_read(recs_build_t *b, recs_error_t *e)
{
    int             rc, end;
    recs_error_t    bad;
    recs_config_t  *c;

    c = &b->options.config;

    b->dataset = recs_dataset_create(c);

    if (recs_reported_init(&b->reported, b->dataset, c, e) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_tally_init(&b->tally, recs_reported_add, &b->reported, 1);

    b->source.keys = &b->keys;
    b->source.sink = recs_tally_add;
    b->source.ctx = &b->tally;
    b->source.received_ms = c->now_ms;

    rc = recs_cmd_read(c, &b->source, e);

    /* in any case: it closes the quarantine */

    end = recs_source_end(&b->source, c->max_bad, &bad);

    if (rc != RECS_OK) {
        return rc;
    }

    if (end != RECS_OK) {

        if (!c->force) {
            *e = bad;
            return RECS_ERROR;
        }

        recs_message(RECS_MSG_WARN, "build", "%s; forced", bad.text);
    }

    if (c->log && recs_log_read(c->log, recs_tally_add, &b->tally, e)
                  == RECS_ERROR)
    {
        return RECS_ERROR;
    }

    if (b->tally.events == 0 && b->tally.products == 0) {
        return recs_error(e, "no event and no product was read, so nothing "
                          "can be published");
    }

    return RECS_OK;
}


static int
recs_build_publish(recs_build_t *b, recs_error_t *e)
{
    int             rc;
    recs_config_t  *c;

    recs_tally_free(&b->tally);
    b->read_ms = recs_summary_clock();
    b->read_cpu_ms = recs_summary_cpu();

    recs_message(RECS_MSG_INFO, "build", "read\tevents=%llu products=%llu "
                 "bad=%llu ms=%lld", (unsigned long long) b->tally.events,
                 (unsigned long long) b->tally.products,
                 (unsigned long long) b->source.stats.bad,
                 (long long) (b->read_ms - b->started_ms));

    if (recs_dataset_finish(b->dataset, e) != RECS_OK) {
        return RECS_ERROR;
    }

    c = &b->options.config;
    rc = recs_reported_section(&b->reported, c, NULL, e);

    if (rc == RECS_OK) {
        rc = recs_select(b->dataset, c, e);
    }

    if (rc == RECS_OK) {
        rc = recs_ranker(b->dataset, c, RECS_STRATEGY_MAX, e);
    }

    if (rc == RECS_OK) {
        rc = recs_publish(b->dataset, c, NULL, &b->id, e);
    }

    recs_ranker_free(c);

    free(c->selection);
    c->selection = NULL;

    return rc;
}


static void
recs_build_tell(recs_build_t *b)
{
    recs_summary_t              s;
    const recs_tally_t         *t;
    const recs_dataset_t       *d;
    const recs_source_stats_t  *stats;

    t = &b->tally;
    d = b->dataset;
    stats = &b->source.stats;

    s.count = 0;

    recs_summary_add(&s, "lines", "lines", RECS_FACT_COUNT,
                     (int64_t) stats->lines);
    recs_summary_add(&s, "events", "events", RECS_FACT_COUNT,
                     (int64_t) t->events);
    recs_summary_add(&s, "bad", "bad lines", RECS_FACT_COUNT,
                     (int64_t) stats->bad);
    recs_summary_add(&s, "duplicates", "duplicates", RECS_FACT_COUNT,
                     (int64_t) stats->duplicates);
    recs_summary_add(&s, "products", "rows of products", RECS_FACT_COUNT,
                     (int64_t) t->products);
    recs_summary_add(&s, "users", "rows of users", RECS_FACT_COUNT,
                     (int64_t) t->users);
    recs_summary_add(&s, "refunds", "refund lines", RECS_FACT_COUNT,
                     (int64_t) d->refunds);
    recs_summary_add(&s, "anonymous", "lines without a user",
                     RECS_FACT_COUNT, (int64_t) d->anonymous);
    recs_summary_add(&s, "unknown", "lines not in the catalogue",
                     RECS_FACT_COUNT, (int64_t) d->unknown);
    recs_summary_add(&s, "doubted", "lines not believed", RECS_FACT_COUNT,
                     (int64_t) recs_dataset_doubted(d));
    recs_summary_money(&s, t, d->revenue);
    recs_summary_add(&s, "items", "products", RECS_FACT_COUNT, d->items);
    recs_summary_add(&s, "read_seconds", "seconds to read",
                     RECS_FACT_SECONDS, b->read_ms - b->started_ms);
    recs_summary_add(&s, "read_cpu_seconds", "processor seconds of it",
                     RECS_FACT_SECONDS, b->read_cpu_ms);
    recs_summary_add(&s, "seconds", "seconds", RECS_FACT_SECONDS,
                     recs_summary_clock() - b->started_ms);
    recs_summary_add(&s, "snapshot", "snapshot", RECS_FACT_ID,
                     (int64_t) b->id);

    recs_summary_print(&s, b->options.json);
}


static int
recs_build_run(recs_build_t *b)
{
    int           fd, rc;
    recs_error_t  e;

    fd = -1;
    b->started_ms = recs_summary_clock();

    rc = recs_rules_ready(b->options.config.rules, &e);

    if (rc == RECS_OK) {
        rc = recs_cmd_directory(b->options.config.out, &e);
    }

    if (rc == RECS_OK) {
        rc = recs_publish_lock(b->options.config.out, &fd, &e);
    }

    if (rc == RECS_OK) {
        rc = recs_cmd_prepare(&b->options.config, &b->keys, &e);
    }

    if (rc == RECS_OK) {
        rc = recs_build_read(b, &e);
    }

    if (rc == RECS_OK) {
        rc = recs_build_publish(b, &e);
    }

    if (rc == RECS_OK) {
        recs_build_tell(b);
    }

    recs_tally_free(&b->tally);
    recs_reported_free(&b->reported);

    if (b->dataset) {
        recs_dataset_destroy(b->dataset);
    }

    if (fd != -1) {
        close(fd);
    }

    return (rc == RECS_OK) ? RECS_EXIT_OK : recs_cmd_failed("build", rc, &e);
}


int
recs_cmd_build(int argc, char **argv)
{
    int            status;
    recs_build_t  *b;

    static const struct argp  argp = {
        NULL, NULL, NULL,
        "Reads events, products and users from files, or from the event log, "
        "and publishes a snapshot in the directory of --out.",
        NULL, NULL, NULL
    };

    b = recs_calloc(1, sizeof(recs_build_t));

    recs_options_parse(&b->options, RECS_OPTIONS_INPUT | RECS_OPTIONS_LOG
                       | RECS_OPTIONS_BUILD | RECS_OPTIONS_FILE
                       | RECS_OPTIONS_JSON, &argp, NULL, argc, argv);
    recs_options_check(&b->options, "build");

    status = recs_build_run(b);

    free(b);

    return status;
}
