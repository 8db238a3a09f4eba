/*
 * Copyright (C) recs authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "../model/model.h"
#include "ask.h"
#include "scratch.h"
#include "select.h"


#define RECS_SELECT_SHARE    .9      /* of the records that are known */
#define RECS_SELECT_EVENTS   200000  /* measured on, about */
#define RECS_SELECT_USERS    2000    /* asked at most */
#define RECS_SELECT_AT       20
#define RECS_SELECT_TIMES    20      /* models built, in all, at most */
#define RECS_SELECT_LINE     512
#define RECS_SELECT_DIR      ".tmp-select"


typedef struct {
    const recs_dataset_t  *d;
    recs_config_t         *c;
    recs_dataset_t        *part;
    uint32_t               cut;
    double                 share;
    recs_snapshot_t       *snapshot;   /* of the last candidate built */
    char                  *dir;
    recs_keys_t            keys;
    json_t                *steps;
} recs_select_t;


static unsigned recs_select_auto(const recs_config_t *c, recs_list_e list);
static void recs_select_open(recs_select_t *s);
static void recs_select_close(recs_select_t *s);
static int recs_select_scratch(recs_select_t *s, recs_error_t *err);
static int recs_select_step(recs_select_t *s, const recs_select_step_t *step,
    recs_error_t *err);
static int recs_select_best(recs_select_t *s, const recs_select_step_t *step,
    const recs_cases_t *cases, json_t *list, const char **best, char *why,
    recs_error_t *err);
static int recs_select_try(recs_select_t *s, const recs_select_step_t *step,
    const char *candidate, const recs_cases_t *cases, recs_result_t *result,
    char *why);
static int recs_select_build(recs_select_t *s, const recs_select_step_t *step,
    const recs_config_t *c, recs_error_t *err);
static int recs_select_measure(recs_select_t *s,
    const recs_select_step_t *step, const recs_config_t *c,
    const recs_cases_t *cases, recs_result_t *result, recs_error_t *err);
static int recs_select_cost(const recs_select_t *s, const recs_config_t *c,
    recs_list_e list, char *why, size_t size);
static int recs_select_set(recs_config_t *c, const char *candidate,
    recs_error_t *err);


int
recs_select(const recs_dataset_t *d, recs_config_t *c, recs_error_t *err)
{
    int                        rc;
    json_t                    *report;
    uint32_t                   lists;
    recs_select_t              s;
    const recs_select_step_t  *step;

    c->selection = NULL;

    for (step = recs_select_steps, lists = 0; step->name; step++) {
        lists |= recs_select_auto(c, step->list) << step->list;
    }

    if (lists == 0 || d->events == 0) {
        return RECS_OK;
    }

    memset(&s, 0, sizeof(s));
    s.d = d;
    s.c = c;

    recs_select_open(&s);
    rc = RECS_OK;

    for (step = recs_select_steps; step->name && rc == RECS_OK; step++) {

        if (lists & (1u << step->list)) {
            rc = recs_select_step(&s, step, err);
        }
    }

    if (rc == RECS_OK) {
        report = json_pack("{s:I,s:f,s:O}", "before",
                           (json_int_t) s.cut * 1000, "share", s.share,
                           "steps", s.steps);
        c->selection = json_dumps(report, JSON_COMPACT
                                          | JSON_REAL_PRECISION(5));
        json_decref(report);
    }

    recs_select_close(&s);

    return rc;
}


static unsigned
recs_select_auto(const recs_config_t *c, recs_list_e list)
{
    const char  *name;

    name = recs_model_named(c, list);

    return name && strcmp(name, "auto") == 0;
}


static void
recs_select_open(recs_select_t *s)
{
    uint64_t  n;

    n = s->d->events;
    s->cut = s->d->time[(uint64_t) ((n - 1) * RECS_SELECT_SHARE)];
    s->share = recs_min(1.0, (double) RECS_SELECT_EVENTS / n);
    s->part = recs_dataset_part(s->d, s->cut, s->share);
    s->steps = json_array();
}


static void
recs_select_close(recs_select_t *s)
{
    recs_snapshot_close(s->snapshot);
    recs_dataset_part_destroy(s->part);
    json_decref(s->steps);

    if (s->dir) {
        recs_scratch_remove(s->dir);
        free(s->dir);
    }
}


static int
recs_select_step(recs_select_t *s, const recs_select_step_t *step,
    recs_error_t *err)
{
    int            rc;
    char           why[RECS_SELECT_LINE];
    json_t        *list;
    const char    *best;
    recs_cases_t   cases;

    memset(&cases, 0, sizeof(cases));
    cases.strategy = step->strategy;

    if (s->part->events) {
        step->cases(s->d, s->part, s->cut, RECS_SELECT_USERS, &cases);
    }

    rc = RECS_OK;
    list = json_array();
    best = step->candidates[0];

    if (cases.count < RECS_SELECT_CASES) {
        snprintf(why, sizeof(why), "only %u questions, %d are needed",
                 cases.count, RECS_SELECT_CASES);

    } else {
        rc = recs_select_best(s, step, &cases, list, &best, why, err);
    }

    if (rc == RECS_OK) {
        rc = recs_select_set(s->c, best, err);
    }

    json_array_append_new(s->steps,
        json_pack("{s:s,s:s,s:s,s:i,s:i,s:s,s:s,s:o}", "step", step->name,
                  "type", recs_strategies[step->strategy].name.data,
                  "metric", step->metric, "at", RECS_SELECT_AT,
                  "cases", (int) cases.count, "chosen", best, "why", why,
                  "candidates", list));

    recs_message(RECS_MSG_INFO, "select", "%s: %s (%s)", step->name, best,
                 why);
    recs_cases_free(&cases);

    return rc;
}


static int
recs_select_best(recs_select_t *s, const recs_select_step_t *step,
    const recs_cases_t *cases, json_t *list, const char **best, char *why,
    recs_error_t *err)
{
    double              most;
    json_t             *row;
    recs_result_t       result;
    const char *const  *name;

    /* what the step before built was another candidate */

    recs_snapshot_close(s->snapshot);
    s->snapshot = NULL;

    if (s->dir == NULL && recs_select_scratch(s, err) != RECS_OK) {
        return RECS_ERROR;
    }

    most = -1;

    for (name = step->candidates; *name; name++) {

        if (recs_select_try(s, step, *name, cases, &result, why) == RECS_OK) {
            row = json_pack("{s:s,s:f,s:f}", "set", *name,
                            "value", result.mean[0], "half", result.half[0]);

            if (result.mean[0] > most) {
                most = result.mean[0];
                *best = *name;
            }

        } else {
            row = json_pack("{s:s,s:s}", "set", *name, "left_out", why);
        }

        json_array_append_new(list, row);
        recs_result_free(&result);
    }

    if (most < 0) {
        snprintf(why, RECS_SELECT_LINE, "every candidate is left out");

    } else {
        snprintf(why, RECS_SELECT_LINE, "best %s@%d of those within the "
                 "budgets", step->metric, RECS_SELECT_AT);
    }

    return RECS_OK;
}


/* What is beyond the budgets, or fails, says why and is left out. */

static int
recs_select_try(recs_select_t *s, const recs_select_step_t *step,
    const char *candidate, const recs_cases_t *cases, recs_result_t *result,
    char *why)
{
    recs_error_t   err;
    recs_config_t  c;

    memset(result, 0, sizeof(recs_result_t));

    c = *s->c;
    c.selection = NULL;

    if (recs_select_set(&c, candidate, &err) == RECS_OK) {

        if (recs_select_cost(s, &c, step->list, why, RECS_SELECT_LINE)
            != RECS_OK)
        {
            return RECS_DECLINED;
        }

        if (recs_select_measure(s, step, &c, cases, result, &err) == RECS_OK)
        {
            return RECS_OK;
        }
    }

    recs_message(RECS_MSG_WARN, "select", "%s: %s is left out: %s",
                 step->name, candidate, err.text);
    snprintf(why, RECS_SELECT_LINE, "%s", err.text);

    return RECS_ERROR;
}


/*
 * Beside the snapshots, where there is room for one; under the lock of the
 * directory, and with a name that the next build takes for a leftover.
 */

static int
recs_select_scratch(recs_select_t *s, recs_error_t *err)
{
    char    *path;
    size_t   size;

    path = NULL;

    if (s->c->out) {
        size = strlen(s->c->out) + sizeof("/" RECS_SELECT_DIR);
        path = recs_alloc(size);
        snprintf(path, size, "%s/" RECS_SELECT_DIR, s->c->out);
        recs_scratch_remove(path);
    }

    s->dir = recs_scratch_make(path, &s->keys, err);
    free(path);

    return s->dir ? RECS_OK : RECS_ERROR;
}


/* Only what the strategy reads is built, and once for all that serve it. */

static int
recs_select_build(recs_select_t *s, const recs_select_step_t *step,
    const recs_config_t *c, recs_error_t *err)
{
    uint32_t  lists;

    if (s->snapshot && step->serving) {
        s->snapshot->header.serving = c->serving;
        s->snapshot->header.serving.diversity = 0;
        return RECS_OK;
    }

    recs_snapshot_close(s->snapshot);
    s->snapshot = NULL;

    lists = (step->strategy == RECS_SESSION)
            ? (1u << RECS_LIST_NEXT) | (1u << RECS_LIST_WALK)
            : (1u << RECS_LIST_RELATED);

    return recs_scratch_publish(s->dir, s->part, c, lists, &s->snapshot, err);
}


static int
recs_select_measure(recs_select_t *s, const recs_select_step_t *step,
    const recs_config_t *c, const recs_cases_t *cases,
    recs_result_t *result, recs_error_t *err)
{
    int         rc;
    uint32_t    i, *all;
    recs_ask_t  ask;

    if (recs_select_build(s, step, c, err) != RECS_OK) {
        return RECS_ERROR;
    }

    all = recs_alloc(cases->count * sizeof(uint32_t));

    for (i = 0; i < cases->count; i++) {
        all[i] = i;
    }

    memset(&ask, 0, sizeof(recs_ask_t));

    ask.snapshot = s->snapshot;
    ask.cases = cases;
    ask.chosen = all;
    ask.seed = 1;
    ask.at = RECS_SELECT_AT;
    ask.threads = (unsigned) recs_max(1, c->threads);
    ask.draw = 1;

    rc = recs_eval_asked(&ask, step->metric, cases->count, result, err);

    free(all);

    return rc;
}


/* By the model's own estimate, so that it does not depend on the hour. */

static int
recs_select_cost(const recs_select_t *s, const recs_config_t *c,
    recs_list_e list, char *why, size_t size)
{
    recs_model_cost_t    cost;
    const recs_model_t  *model;

    model = recs_model_chosen(c, list);

    if (model == NULL || model->cost == NULL) {
        return RECS_OK;
    }

    model->cost(s->d, c, &cost);

    return recs_model_afford(&cost, c, RECS_SELECT_TIMES, why, size);
}


static int
recs_select_set(recs_config_t *c, const char *candidate, recs_error_t *err)
{
    char         line[RECS_SELECT_LINE], *word, *value, *rest;

    snprintf(line, sizeof(line), "%s", candidate);

    for (word = strtok_r(line, " ", &rest); word;
         word = strtok_r(NULL, " ", &rest))
    {
        value = strchr(word, '=');
        *value++ = '\0';

        /* blanks of a value are written as commas */

        if (recs_config_set(c, word, value, 0, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}
