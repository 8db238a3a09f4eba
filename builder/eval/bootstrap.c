/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "../memory.h"
#include "../synth/random.h"
#include "eval.h"


#define RECS_BOOTSTRAP_BLOCK  50


typedef struct {
    const double    *values;
    uint32_t         groups;
    unsigned         width;
    uint64_t         seed;
    double          *means;      /* [width - 1][draws] */
} recs_bootstrap_t;


/* A draw has numbers of its own, so that threads do not matter. */

static void
recs_bootstrap_block(void *data, unsigned thread, uint32_t from, uint32_t to)
{
    double            sums[RECS_EVAL_METRICS + 1];
    unsigned          i;
    uint32_t          draw, g;
    const double     *row;
    recs_random_t     random;
    recs_bootstrap_t *b;

    b = data;

    for (draw = from; draw < to; draw++) {
        random.state = recs_random_mix(b->seed ^ recs_random_mix(draw));
        memset(sums, 0, sizeof(sums));

        for (g = 0; g < b->groups; g++) {
            row = b->values + (size_t) recs_random_below(&random, b->groups)
                              * b->width;

            for (i = 0; i < b->width; i++) {
                sums[i] += row[i];
            }
        }

        for (i = 0; i + 1 < b->width; i++) {
            b->means[(size_t) i * RECS_EVAL_DRAWS + draw] =
                (sums[b->width - 1] > 0) ? sums[i] / sums[b->width - 1] : 0;
        }
    }
}


static int
recs_bootstrap_compare(const void *one, const void *two)
{
    double  a, b;

    a = *(const double *) one;
    b = *(const double *) two;

    return (a > b) - (a < b);
}


void
recs_eval_bootstrap(const double *values, uint32_t groups, unsigned width,
    uint64_t seed, unsigned threads, recs_interval_t *intervals)
{
    double            *means, sum, count;
    unsigned           i;
    uint32_t           g;
    recs_bootstrap_t   b;

    b.values = values;
    b.groups = groups;
    b.width = width;
    b.seed = seed;
    b.means = recs_alloc((size_t) (width - 1) * RECS_EVAL_DRAWS
                         * sizeof(double));

    recs_parallel(threads, RECS_EVAL_DRAWS, RECS_BOOTSTRAP_BLOCK,
                  recs_bootstrap_block, &b);

    for (i = 0; i + 1 < width; i++) {
        means = b.means + (size_t) i * RECS_EVAL_DRAWS;
        qsort(means, RECS_EVAL_DRAWS, sizeof(double), recs_bootstrap_compare);

        for (g = 0, sum = 0, count = 0; g < groups; g++) {
            sum += values[(size_t) g * width + i];
            count += values[(size_t) g * width + width - 1];
        }

        intervals[i].mean = (count > 0) ? sum / count : 0;
        intervals[i].low = means[RECS_EVAL_DRAWS / 40];
        intervals[i].high = means[RECS_EVAL_DRAWS - 1 - RECS_EVAL_DRAWS / 40];
    }

    free(b.means);
}


void
recs_eval_paired(const recs_result_t *a, const recs_result_t *b, unsigned m,
    uint64_t seed, unsigned threads, recs_interval_t *interval)
{
    double    *values;
    uint32_t   i;

    values = recs_calloc((size_t) a->group_count * 2, sizeof(double));

    for (i = 0; i < a->count; i++) {
        values[2 * (size_t) a->groups[i]] += (double) a->values[m][i]
                                             - b->values[m][i];
        values[2 * (size_t) a->groups[i] + 1] += 1;
    }

    recs_eval_bootstrap(values, a->group_count, 2, seed, threads, interval);

    free(values);
}
