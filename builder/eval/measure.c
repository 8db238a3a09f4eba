/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../memory.h"
#include "lists.h"


static double
recs_measure_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec + ts.tv_nsec / 1e9;
}


/* The groups of the cases asked, numbered anew without a gap. */

static void
recs_measure_groups(const recs_ask_t *ask, recs_result_t *r)
{
    uint32_t  i, group, *number;

    r->groups = recs_alloc((size_t) r->count * sizeof(uint32_t));
    number = recs_calloc(ask->cases->group_count, sizeof(uint32_t));

    for (i = 0; i < r->count; i++) {
        group = ask->cases->groups[ask->chosen[i]];

        if (number[group] == 0) {
            number[group] = ++r->group_count;
        }

        r->groups[i] = number[group] - 1;
    }

    free(number);
}


static void
recs_measure_draw(const recs_ask_t *ask, recs_result_t *r, double *values)
{
    unsigned          m;
    recs_interval_t   intervals[RECS_EVAL_METRICS];

    recs_eval_bootstrap(values, r->group_count, r->metric_count + 1,
                        ask->seed, ask->threads, intervals);

    for (m = 0; m < r->metric_count; m++) {
        r->half[m] = (intervals[m].high - intervals[m].low) / 2;
    }
}


static void
recs_measure_means(const recs_ask_t *ask, recs_result_t *r)
{
    double    *values, *row, sum;
    uint32_t   i;
    unsigned   m, width;

    width = r->metric_count + 1;
    values = recs_calloc((size_t) r->group_count * width, sizeof(double));

    for (i = 0; i < r->count; i++) {
        row = values + (size_t) r->groups[i] * width;
        row[width - 1]++;

        for (m = 0; m < r->metric_count; m++) {
            row[m] += r->values[m][i];
        }
    }

    for (m = 0; m < r->metric_count; m++) {
        for (i = 0, sum = 0; i < r->count; i++) {
            sum += r->values[m][i];
        }

        r->mean[m] = sum / r->count;
    }

    if (ask->draw) {
        recs_measure_draw(ask, r, values);
    }

    free(values);
}


int
recs_eval_asked(const recs_ask_t *ask, const char *metrics, uint32_t count,
    recs_result_t *result, recs_error_t *err)
{
    int           rc;
    double        begun;
    recs_item_t  *lists;

    result->metric_count = recs_metric_list(metrics, result->metrics, err);

    if (result->metric_count == 0) {
        return RECS_ERROR;
    }

    result->strategy = ask->cases->strategy;
    result->count = count;

    lists = ask->lists ? recs_alloc((size_t) count * RECS_LIMIT_MAX
                                    * sizeof(recs_item_t)) : NULL;

    begun = recs_measure_clock();
    recs_eval_ask(ask, result, lists);
    result->answer_seconds = recs_measure_clock() - begun;

    recs_measure_groups(ask, result);
    recs_measure_means(ask, result);

    rc = lists ? recs_eval_lists(ask, result, lists, err) : RECS_OK;

    free(lists);

    return rc;
}


int
recs_eval_measure(const recs_snapshot_t *snapshot, const recs_cases_t *cases,
    uint32_t at, const char *metrics, unsigned threads, unsigned draw,
    recs_result_t *result, recs_error_t *err)
{
    int          rc;
    uint32_t     i, *chosen;
    recs_ask_t   ask;

    memset(&ask, 0, sizeof(recs_ask_t));
    memset(result, 0, sizeof(recs_result_t));

    if (cases->count == 0) {
        return recs_error(err, "there is no case to ask");
    }

    chosen = recs_alloc((size_t) cases->count * sizeof(uint32_t));

    for (i = 0; i < cases->count; i++) {
        chosen[i] = i;
    }

    ask.snapshot = snapshot;
    ask.cases = cases;
    ask.chosen = chosen;
    ask.seed = 1;
    ask.at = at;
    ask.threads = recs_max(threads, 1);
    ask.draw = draw;

    rc = recs_eval_asked(&ask, metrics, cases->count, result, err);

    free(chosen);

    return rc;
}


void
recs_result_free(recs_result_t *result)
{
    unsigned  m;

    for (m = 0; m < result->metric_count; m++) {
        free(result->values[m]);
    }

    free(result->groups);
    free(result->parameters);

    memset(result, 0, sizeof(recs_result_t));
}
