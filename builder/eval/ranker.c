/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "../../core/answer/recs_feature.h"
#include "../memory.h"
#include "boost.h"
#include "ranker.h"
#include "scratch.h"
#include "select.h"


#define RECS_RANKER_KNOWN   .9       /* of the records */
#define RECS_RANKER_HELD    5        /* one in so many is held out */
#define RECS_RANKER_AT      10
#define RECS_RANKER_SURE    1.28     /* standard errors */
#define RECS_RANKER_GAIN    .02      /* of the NDCG */

/* A row of features, its copies and what xgboost makes of it. */

#define RECS_RANKER_BYTES   (RECS_FOREST_FEATURES * sizeof(float) * 4.0)
#define RECS_RANKER_SPEED   1e-8     /* seconds of a feature in a tree */
#define RECS_RANKER_BUDGET  .25      /* of the time */


typedef struct {
    const recs_dataset_t  *d;
    recs_config_t         *c;
    recs_dataset_t        *part;
    uint32_t               cut;
    char                  *dir;
    recs_keys_t            keys;
    recs_snapshot_t       *s;
    uint32_t               questions;  /* that the budgets allow */
    json_t                *report;
} recs_ranker_t;


/* What a forest gained on the questions that were held out. */

typedef struct {
    double                 cases;
    double                 before;
    double                 after;
    double                 error;      /* of the mean difference */
} recs_ranker_gain_t;


static void recs_ranker_part(recs_ranker_t *r);
static void recs_ranker_questions(const recs_ranker_t *r,
    recs_cases_t *cases);
static int recs_ranker_snapshot(recs_ranker_t *r, recs_error_t *err);
static int recs_ranker_strategy(recs_ranker_t *r, unsigned strategy,
    recs_error_t *err);
static int recs_ranker_learn(recs_ranker_t *r, const recs_cases_t *cases,
    recs_error_t *err);
static recs_forest_t *recs_ranker_train(const recs_ranker_t *r,
    const recs_ranker_case_t *rows, const uint8_t *held, uint32_t count,
    size_t *size, recs_error_t *err);
static void recs_ranker_gain(const recs_forest_t *forest,
    const recs_ranker_case_t *rows, const uint8_t *held, uint32_t count,
    recs_ranker_gain_t *gain);
static unsigned recs_ranker_tell(recs_ranker_t *r, unsigned strategy,
    const recs_ranker_gain_t *gain);
static void recs_ranker_decline(recs_ranker_t *r, unsigned strategy,
    const char *why);
static uint32_t recs_ranker_allowed(const recs_config_t *c);
static double recs_ranker_ndcg(const recs_ranker_case_t *one,
    const uint64_t *order);
static int recs_ranker_order(const void *one, const void *two);


static const unsigned  recs_ranker_strategies[] = {
    RECS_PERSONALIZED, RECS_BUY_AGAIN, RECS_SESSION, RECS_STRATEGY_MAX
};


int
recs_ranker(const recs_dataset_t *d, recs_config_t *c, unsigned only,
    recs_error_t *err)
{
    int              rc;
    unsigned         i, strategy;
    recs_ranker_t    r;

    if (c->ranker == RECS_RANKER_OFF || d->events == 0) {
        return RECS_OK;
    }

    memset(&r, 0, sizeof(r));
    r.d = d;
    r.c = c;
    r.questions = recs_ranker_allowed(c);
    r.report = json_array();

    recs_ranker_part(&r);
    rc = RECS_OK;

    for (i = 0; recs_ranker_strategies[i] != RECS_STRATEGY_MAX
         && rc == RECS_OK; i++)
    {
        strategy = recs_ranker_strategies[i];

        if (only == RECS_STRATEGY_MAX || only == strategy) {
            rc = recs_ranker_strategy(&r, strategy, err);
        }
    }

    if (r.s) {
        recs_snapshot_close(r.s);
    }

    if (r.dir) {
        recs_scratch_remove(r.dir);
        free(r.dir);
    }

    recs_dataset_part_destroy(r.part);

    c->ranking = json_dumps(r.report, JSON_COMPACT | JSON_REAL_PRECISION(5));
    json_decref(r.report);

    return rc;
}


void
recs_ranker_free(recs_config_t *c)
{
    unsigned  i;

    free(c->ranking);
    c->ranking = NULL;

    for (i = 0; i < RECS_FORESTS; i++) {
        free(c->forests[i]);
        c->forests[i] = NULL;
    }
}


static void
recs_ranker_part(recs_ranker_t *r)
{
    uint64_t  n;

    if (r->c->ranker == RECS_RANKER_LAST) {
        r->part = recs_dataset_part_last(r->d);
        return;
    }

    n = r->d->events;
    r->cut = r->d->time[(uint64_t) ((n - 1) * RECS_RANKER_KNOWN)];
    r->part = recs_dataset_part(r->d, r->cut, 1);
}


static void
recs_ranker_questions(const recs_ranker_t *r, recs_cases_t *cases)
{
    if (cases->strategy != RECS_SESSION) {
        recs_ranker_users(r->d, r->part, r->questions, cases);

    } else if (r->c->ranker == RECS_RANKER_TIME) {
        recs_select_sessions(r->d, r->part, r->cut, r->questions / 2, cases);
    }
}


/* Of what was known; made when the first strategy has enough questions. */

static int
recs_ranker_snapshot(recs_ranker_t *r, recs_error_t *err)
{
    if (r->s) {
        return RECS_OK;
    }

    r->dir = recs_scratch_make(NULL, &r->keys, err);

    if (r->dir == NULL) {
        return RECS_ERROR;
    }

    return recs_scratch_publish(r->dir, r->part, r->c, 0, &r->s, err);
}


static int
recs_ranker_strategy(recs_ranker_t *r, unsigned strategy, recs_error_t *err)
{
    int           rc;
    recs_cases_t  cases;

    memset(&cases, 0, sizeof(cases));
    cases.strategy = strategy;

    rc = RECS_OK;

    if (r->part->events) {
        recs_ranker_questions(r, &cases);
    }

    if (r->questions < RECS_RANKER_CASES) {
        recs_ranker_decline(r, strategy, "too little of time_budget or "
                            "memory_budget for a forest");

    } else if (cases.count < RECS_RANKER_CASES) {
        recs_ranker_decline(r, strategy, "too few questions");

    } else {
        rc = recs_ranker_snapshot(r, err);

        if (rc == RECS_OK) {
            rc = recs_ranker_learn(r, &cases, err);
        }
    }

    recs_cases_free(&cases);

    return rc;
}


static int
recs_ranker_learn(recs_ranker_t *r, const recs_cases_t *cases,
    recs_error_t *err)
{
    int                  rc;
    size_t               size;
    uint8_t             *held;
    uint32_t             i, usable;
    recs_forest_t       *forest;
    recs_ranker_gain_t   gain;
    recs_ranker_case_t  *rows;

    rows = recs_calloc(cases->count, sizeof(recs_ranker_case_t));
    held = recs_alloc(cases->count);

    for (i = 0; i < cases->count; i++) {
        held[i] = (cases->groups[i] % RECS_RANKER_HELD == 0);
    }

    recs_ranker_collect(r->s, cases, (uint32_t) r->c->ranker_candidates,
                        (unsigned) r->c->threads, rows);

    for (i = 0, usable = 0; i < cases->count; i++) {
        usable += (rows[i].count != 0);
    }

    rc = RECS_OK;

    if (usable < RECS_RANKER_CASES) {
        recs_ranker_decline(r, cases->strategy, "too few questions with an "
                            "answer among the candidates");

    } else {
        forest = recs_ranker_train(r, rows, held, cases->count, &size, err);
        rc = forest ? RECS_OK : RECS_ERROR;

        if (forest) {
            recs_ranker_gain(forest, rows, held, cases->count, &gain);
        }

        if (forest && recs_ranker_tell(r, cases->strategy, &gain)) {
            r->c->forests[cases->strategy] = forest;
            r->c->forest_sizes[cases->strategy] = size;

        } else {
            free(forest);
        }
    }

    for (i = 0; i < cases->count; i++) {
        recs_ranker_case_free(&rows[i]);
    }

    free(rows);
    free(held);

    return rc;
}


static recs_forest_t *
recs_ranker_train(const recs_ranker_t *r, const recs_ranker_case_t *rows,
    const uint8_t *held, uint32_t count, size_t *size, recs_error_t *err)
{
    uint32_t            i, k;
    recs_boost_t        b;
    recs_forest_t      *forest;
    recs_boost_rows_t   all;

    memset(&all, 0, sizeof(all));

    for (i = 0; i < count; i++) {
        all.rows += held[i] ? 0 : rows[i].count;
    }

    all.x = recs_alloc((size_t) all.rows * RECS_FOREST_FEATURES
                       * sizeof(float) + 1);
    all.labels = recs_alloc((size_t) all.rows * sizeof(float) + 1);
    all.groups = recs_alloc((size_t) count * sizeof(uint32_t));
    all.rows = 0;

    for (i = 0; i < count; i++) {

        if (held[i] || rows[i].count == 0) {
            continue;
        }

        memcpy(all.x + (size_t) all.rows * RECS_FOREST_FEATURES, rows[i].x,
               (size_t) rows[i].count * RECS_FOREST_FEATURES * sizeof(float));

        for (k = 0; k < rows[i].count; k++) {
            all.labels[all.rows + k] = rows[i].labels[k];
        }

        all.groups[all.group_count++] = rows[i].count;
        all.rows += rows[i].count;
    }

    b.trees = (uint32_t) r->c->ranker_trees;
    b.depth = (uint32_t) r->c->ranker_depth;
    b.rate = r->c->ranker_rate;
    b.columns = r->c->ranker_columns;
    b.weight = r->c->ranker_weight;
    b.slope = r->c->ranker_slope;
    b.from = RECS_FEATURE_LOG;
    b.candidates = (uint32_t) r->c->ranker_candidates;

    forest = recs_boost_train(&all, &b, size, err);

    free(all.x);
    free(all.labels);
    free(all.groups);

    return forest;
}


static void
recs_ranker_gain(const recs_forest_t *forest,
    const recs_ranker_case_t *rows, const uint8_t *held, uint32_t count,
    recs_ranker_gain_t *gain)
{
    float      scores[RECS_FOREST_ROWS];
    float      x[RECS_FOREST_FEATURES * RECS_FOREST_ROWS];
    double     n, before, after, a, b, squares, mean;
    uint32_t   i, k, f;
    uint64_t   order[RECS_FOREST_ROWS];

    n = before = after = squares = 0;
    memset(x, 0, sizeof(x));

    for (i = 0; i < count; i++) {

        if (!held[i] || rows[i].count == 0) {
            continue;
        }

        for (k = 0; k < rows[i].count; k++) {
            order[k] = k;

            for (f = 0; f < RECS_FOREST_FEATURES; f++) {
                x[f * RECS_FOREST_ROWS + k] =
                    rows[i].x[(size_t) k * RECS_FOREST_FEATURES + f];
            }
        }

        a = recs_ranker_ndcg(&rows[i], order);

        recs_forest_score(forest, x, RECS_FOREST_ROWS, rows[i].count, scores);

        for (k = 0; k < rows[i].count; k++) {
            order[k] = recs_feature_key(scores[k], k);
        }

        qsort(order, rows[i].count, sizeof(uint64_t), recs_ranker_order);

        b = recs_ranker_ndcg(&rows[i], order);

        before += a;
        after += b;
        squares += (b - a) * (b - a);
        n++;
    }

    n = recs_max(n, 1);
    mean = (after - before) / n;

    gain->cases = n;
    gain->before = before / n;
    gain->after = after / n;
    gain->error = sqrt(recs_max(0, squares / n - mean * mean)
                       / recs_max(n - 1, 1));
}


/*
 * Paired differences decide.  The questions are of the same days as those that
 * were learned from: on later ones less of the gain is left
 * (docs/quality.md), so that a very small one is none.
 */

static unsigned
recs_ranker_tell(recs_ranker_t *r, unsigned strategy,
    const recs_ranker_gain_t *gain)
{
    double       mean;
    unsigned     taken;
    const char  *name;

    name = (const char *) recs_strategies[strategy].name.data;
    mean = gain->after - gain->before;
    taken = mean > RECS_RANKER_SURE * gain->error
            && mean > RECS_RANKER_GAIN * gain->before;

    recs_message(RECS_MSG_INFO, "ranker", "%s: ndcg@%d %.4f by components, "
                 "%.4f by trees, on %.0f questions: %s", name, RECS_RANKER_AT,
                 gain->before, gain->after, gain->cases,
                 taken ? "taken" : "not taken");

    json_array_append_new(r->report, json_pack(
        "{s:s,s:s,s:s,s:s,s:i,s:I,s:f,s:f}", "type", name,
        "chosen", taken ? "forest" : "components",
        "why", taken ? "better on questions held out"
                     : "no gain of 2 % on questions held out",
        "metric", "ndcg", "at", RECS_RANKER_AT,
        "cases", (json_int_t) gain->cases,
        "components", gain->before, "forest", gain->after));

    return taken;
}


static void
recs_ranker_decline(recs_ranker_t *r, unsigned strategy, const char *why)
{
    const char  *name;

    name = (const char *) recs_strategies[strategy].name.data;

    recs_message(RECS_MSG_INFO, "ranker", "%s: no forest: %s", name, why);

    json_array_append_new(r->report, json_pack("{s:s,s:s,s:s}", "type", name,
                                               "chosen", "components",
                                               "why", why));
}


/*
 * As many questions as are asked for and as the budgets allow, by estimate,
 * so that it does not depend on the hour.
 */

static uint32_t
recs_ranker_allowed(const recs_config_t *c)
{
    double  rows, seconds;

    seconds = RECS_FOREST_FEATURES * c->ranker_columns * c->ranker_trees
              * RECS_RANKER_SPEED;
    rows = recs_min(c->memory_budget * 1e9 / RECS_RANKER_BYTES,
                    c->time_budget * 60 * RECS_RANKER_BUDGET / seconds);

    return (uint32_t) recs_min((double) c->ranker_questions,
                               rows / c->ranker_candidates);
}


/* The lower half of an order's entry is the row. */

static double
recs_ranker_ndcg(const recs_ranker_case_t *one, const uint64_t *order)
{
    double    sum, ideal;
    uint32_t  i;

    sum = ideal = 0;

    for (i = 0; i < RECS_RANKER_AT; i++) {

        if (i < one->count && one->labels[(uint32_t) order[i]]) {
            sum += 1 / log2(i + 2);
        }

        if (i < one->right) {
            ideal += 1 / log2(i + 2);
        }
    }

    return sum / ideal;
}


static int
recs_ranker_order(const void *one, const void *two)
{
    uint64_t  a, b;

    a = *(const uint64_t *) one;
    b = *(const uint64_t *) two;

    return (a > b) - (a < b);
}
