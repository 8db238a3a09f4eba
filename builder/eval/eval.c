/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../publish/open.h"
#include "../publish/publish.h"
#include "../synth/random.h"
#include "ask.h"
#include "lists.h"
#include "ranker.h"
#include "scratch.h"
#include "select.h"


struct recs_eval_s {
    recs_eval_options_t   options;
    unsigned              strategy;
    unsigned              asked;       /* that it was opened with */
    char                 *dir;
    recs_keys_t           keys;
    recs_cases_t          cases;
    uint32_t             *chosen;      /* cases asked */
    uint32_t              count;
    recs_config_t         config;      /* of dataset and snapshot */
    recs_dataset_t       *dataset;
    float                *surprise;    /* by item */
    recs_snapshot_t      *snapshot;
    recs_config_t         given;       /* what recs_select() was given */
    recs_config_t         selected;    /* and what it made of it */
    unsigned              selected_known;
    char                 *parameters;  /* without the variant's */
    double                seconds;     /* of the last build */
    long                  peak_kb;
};


static double
recs_eval_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec + ts.tv_nsec / 1e9;
}


int
recs_eval_strategy(recs_eval_t *e, const char *name, recs_error_t *err)
{
    size_t             len;
    unsigned           n;
    const recs_str_t  *row;

    if (name == NULL) {
        name = e->options.strategy ? e->options.strategy
                                   : e->options.protocol->strategy;
    }

    len = strlen(name);

    for (n = 0; n < RECS_STRATEGY_MAX; n++) {
        row = &recs_strategies[n].name;

        if (row->len == len && memcmp(row->data, name, len) == 0) {
            e->strategy = n;
            return RECS_OK;
        }
    }

    return recs_error(err, "there is no strategy \"%s\"; names are those of "
                      "docs/http-api.md, in capitals", name);
}


recs_eval_t *
recs_eval_open(const recs_eval_options_t *o, recs_error_t *err)
{
    recs_eval_t  *e;

    e = recs_calloc(1, sizeof(recs_eval_t));
    e->options = *o;

    if (recs_eval_strategy(e, NULL, err) == RECS_OK) {
        e->asked = e->strategy;
        e->dir = recs_scratch_make(o->keep, &e->keys, err);
    }

    if (e->dir == NULL) {
        free(e);
        return NULL;
    }

    return e;
}


static void
recs_eval_forget(recs_eval_t *e)
{
    if (e->snapshot) {
        recs_snapshot_close(e->snapshot);
        e->snapshot = NULL;
    }
}


void
recs_eval_close(recs_eval_t *e)
{
    recs_eval_forget(e);

    if (e->dataset) {
        recs_dataset_destroy(e->dataset);
    }

    if (e->options.keep == NULL) {
        recs_scratch_remove(e->dir);
    }

    recs_cases_free(&e->cases);
    free(e->surprise);
    free(e->chosen);
    free(e->parameters);
    free(e->selected.selection);
    free(e->dir);
    free(e);
}


/* Cases asked: all, or "sample" of them in their order (Knuth 3.4.2 S). */

static void
recs_eval_choose(recs_eval_t *e)
{
    uint32_t       i, want;
    recs_random_t  random;

    free(e->chosen);

    want = e->options.sample ? recs_min(e->options.sample, e->cases.count)
                             : e->cases.count;
    random.state = e->options.seed;

    e->count = 0;
    e->chosen = recs_alloc((size_t) want * sizeof(uint32_t));

    for (i = 0; i < e->cases.count && e->count < want; i++) {
        if (recs_random_below(&random, e->cases.count - i)
            < want - e->count)
        {
            e->chosen[e->count++] = i;
        }
    }
}


/* Marks each item of a row once; mark[] says which row it was last in. */

static uint32_t
recs_eval_having(const recs_dataset_t *d, const recs_rows_t *rows,
    unsigned nobodys, uint32_t *having, uint32_t *mark)
{
    uint32_t   r, event, item, count, found;
    uint64_t   i;

    memset(mark, 0xff, (size_t) d->items * sizeof(uint32_t));

    for (r = 0, count = 0; r < rows->rows; r++) {
        found = 0;

        for (i = rows->offsets[r]; i < rows->offsets[r + 1]; i++) {
            event = rows->entries[i];
            item = d->item[event];

            if (item == RECS_NO_ITEM || mark[item] == r
                || (nobodys && d->user[event] != RECS_NONE))
            {
                continue;
            }

            mark[item] = r;
            having[item]++;
            found = 1;
        }

        count += found;
    }

    return count;
}


static void
recs_eval_surprise(recs_eval_t *e)
{
    double                 all;
    uint32_t               i, *having, *mark;
    const recs_dataset_t  *d;

    d = e->dataset;
    having = recs_calloc(d->items, sizeof(uint32_t));
    mark = recs_alloc((size_t) d->items * sizeof(uint32_t));

    all = recs_eval_having(d, &d->by_user, 0, having, mark);
    all += recs_eval_having(d, &d->by_session, 1, having, mark);

    e->surprise = recs_realloc(e->surprise,
                               (size_t) d->items * sizeof(float));

    for (i = 0; i < d->items; i++) {
        e->surprise[i] = (float) log2(recs_max(all, 1)
                                      / recs_max(having[i], 1));
    }

    free(having);
    free(mark);
}


static int
recs_eval_data(recs_eval_t *e, recs_error_t *err)
{
    recs_eval_input_t  in;

    if (e->dataset) {
        recs_dataset_destroy(e->dataset);
    }

    recs_cases_free(&e->cases);

    e->dataset = recs_dataset_create(&e->config);

    in.paths = e->options.paths;
    in.part = e->options.part;
    in.seed = e->options.seed;
    in.strategy = e->asked;
    in.test_days = e->options.test_days;
    in.validation_days = e->options.validation_days;
    in.cold = e->options.cold;
    in.repeats = e->options.repeats;
    in.keys = &e->keys;
    in.sink = recs_dataset_add;
    in.ctx = e->dataset;

    if (e->options.protocol->read(&in, &e->cases, err) != RECS_OK
        || recs_dataset_finish(e->dataset, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    if (e->cases.count == 0) {
        return recs_error(err, "%s: the split has no case to ask",
                          e->options.paths[0]);
    }

    recs_eval_choose(e);
    recs_eval_surprise(e);

    return RECS_OK;
}


static int
recs_eval_publish(recs_eval_t *e, recs_error_t *err)
{
    int       rc;
    uint64_t  id;

    rc = recs_ranker(e->dataset, &e->config, e->strategy, err);

    if (rc == RECS_OK) {
        rc = recs_publish(e->dataset, &e->config, NULL, &id, err);
    }

    recs_ranker_free(&e->config);

    if (rc != RECS_OK) {
        return RECS_ERROR;
    }

    return recs_open_snapshot(e->dir, 1, &e->snapshot, err);
}


/* What a dataset depends on. */

static unsigned
recs_eval_same_data(const recs_config_t *a, const recs_config_t *b)
{
    return a->half_life_days == b->half_life_days && a->now_ms == b->now_ms
           && a->shop == b->shop;
}


/*
 * What a snapshot depends on.  A component of weight 0 need not be in it, so
 * that only what stays above or at 0 can be changed in the header alone.
 */

static unsigned
recs_eval_same_snapshot(const recs_config_t *a, const recs_config_t *b)
{
    float           x, y;
    size_t          i;
    recs_config_t   c;

    static const size_t  weights[] = {
        offsetof(recs_format_serving_t, related),
        offsetof(recs_format_serving_t, next),
        offsetof(recs_format_serving_t, view_buy),
        offsetof(recs_format_serving_t, cart_buy),
        offsetof(recs_format_serving_t, query_buy),
        offsetof(recs_format_serving_t, neighbours),
        offsetof(recs_format_serving_t, rows),
        offsetof(recs_format_serving_t, walks)
    };

    c = *a;
    c.serving = b->serving;
    c.threads = b->threads;

    if (memcmp(&c, b, sizeof(recs_config_t)) != 0) {
        return 0;
    }

    for (i = 0; i < sizeof(weights) / sizeof(weights[0]); i++) {
        memcpy(&x, (const char *) &a->serving + weights[i], sizeof(float));
        memcpy(&y, (const char *) &b->serving + weights[i], sizeof(float));

        if ((x > 0) != (y > 0)) {
            return 0;
        }
    }

    return 1;
}


/* What the command line does not say of a build that is thrown away. */

static void
recs_eval_scratch(const recs_eval_t *e, recs_config_t *c)
{
    c->out = e->dir;
    c->keep = 1;
    c->max_items_drop = 1;
    c->max_lists_drop = 1;
    c->force = 1;
}


/*
 * What "auto" chooses from train alone, as a build does; once for the
 * variants of one configuration.
 */

static int
recs_eval_select(recs_eval_t *e, recs_config_t *c, recs_error_t *err)
{
    recs_config_t  given;

    given = *c;

    if (e->selected_known
        && memcmp(&given, &e->given, sizeof(recs_config_t)) == 0)
    {
        *c = e->selected;
        return RECS_OK;
    }

    if (recs_select(e->dataset, c, err) != RECS_OK) {
        return RECS_ERROR;
    }

    free(e->selected.selection);

    e->given = given;
    e->selected = *c;
    e->selected_known = 1;

    return RECS_OK;
}


static int
recs_eval_build(recs_eval_t *e, const recs_config_t *c,
    const recs_variant_t *variant, recs_error_t *err)
{
    double         begun;
    recs_config_t  config;

    config = *c;
    recs_eval_scratch(e, &config);
    recs_scratch_peak_reset();

    if (e->dataset == NULL || !recs_eval_same_data(&e->config, &config)) {
        recs_eval_forget(e);
        e->config = config;
        e->selected_known = 0;

        if (recs_eval_data(e, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    begun = recs_eval_clock();

    if (e->options.select && recs_eval_select(e, &config, err) != RECS_OK) {
        return RECS_ERROR;
    }

    free(e->parameters);
    e->parameters = recs_eval_parameters(&config);

    if (variant
        && recs_config_set(&config, variant->option, variant->value, 0, err)
           != RECS_OK)
    {
        return RECS_ERROR;
    }

    if (e->snapshot && recs_eval_same_snapshot(&e->config, &config)) {
        e->config = config;
        e->snapshot->header.serving = config.serving;
        return RECS_OK;
    }

    recs_eval_forget(e);
    e->config = config;

    if (recs_eval_publish(e, err) != RECS_OK) {
        return RECS_ERROR;
    }

    e->seconds = recs_eval_clock() - begun;
    e->peak_kb = recs_scratch_peak();

    return RECS_OK;
}


int
recs_eval_run(recs_eval_t *e, const recs_config_t *c,
    const recs_variant_t *variant, unsigned draw, recs_result_t *result,
    recs_error_t *err)
{
    recs_ask_t  ask;

    memset(result, 0, sizeof(recs_result_t));

    if (recs_eval_build(e, c, variant, err) != RECS_OK) {
        return RECS_ERROR;
    }

    memset(&ask, 0, sizeof(recs_ask_t));

    ask.snapshot = e->snapshot;
    ask.cases = &e->cases;
    ask.chosen = e->chosen;
    ask.surprise = e->surprise;
    ask.seed = e->options.seed;
    ask.at = e->options.at ? e->options.at : e->options.protocol->at;
    ask.threads = (unsigned) recs_max(1, e->config.threads);
    ask.no_fallback = e->options.no_fallback;
    ask.draw = draw;
    ask.lists = e->options.lists;

    e->cases.strategy = e->strategy;
    result->variant = variant ? variant->name : NULL;
    result->parameters = strdup(e->parameters);
    result->build_seconds = e->seconds;
    result->bytes = e->snapshot->bytes;
    result->hash = e->cases.hash;
    result->peak_kb = e->peak_kb;

    snprintf(result->id, sizeof(result->id), "%016" PRIx64,
             e->snapshot->header.id);

    return recs_eval_asked(&ask, e->options.metrics ? e->options.metrics
                                 : e->options.protocol->metrics,
                           e->count, result, err);
}
