/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/answer/recs_feature.h"
#include "boost_pairs.h"


#define RECS_BOOST_LEAST  1e-16f     /* second derivative */


typedef struct {
    const float  *labels;
    const float  *scores;
    float        *first;
    float        *second;
    uint32_t      rows;
    uint64_t      order[RECS_FOREST_ROWS];
    double        discount[RECS_FOREST_ROWS];    /* of a place */
    double        ideal;
    double        sum;           /* of all lambdas */
} recs_boost_group_t;


static void recs_boost_group(recs_boost_group_t *g);
static void recs_boost_pair(recs_boost_group_t *g, uint32_t i, uint32_t j,
    double spread);
static int recs_boost_order(const void *one, const void *two);


void
recs_boost_pairs(const recs_boost_rows_t *rows, const float *scores,
    float *first, float *second)
{
    uint32_t            i, k;
    uint64_t            at;
    recs_boost_group_t  g;

    for (k = 0; k < RECS_FOREST_ROWS; k++) {
        g.discount[k] = 1 / log2(k + 2.0);
    }

    for (i = 0, at = 0; i < rows->group_count; i++) {
        g.rows = rows->groups[i];
        g.labels = rows->labels + at;
        g.scores = scores + at;
        g.first = first + at;
        g.second = second + at;

        recs_boost_group(&g);
        at += g.rows;
    }
}


static void
recs_boost_group(recs_boost_group_t *g)
{
    double    spread, scale;
    uint32_t  i, j, k, right, head;

    g->ideal = 0;
    g->sum = 0;

    for (k = 0, right = 0; k < g->rows; k++) {
        g->first[k] = 0;
        g->second[k] = RECS_BOOST_LEAST;
        g->order[k] = recs_feature_key(g->scores[k], k);

        if (g->labels[k] > 0) {
            g->ideal += g->discount[right++];
        }
    }

    if (right == 0 || right == g->rows) {
        return;
    }

    qsort(g->order, g->rows, sizeof(uint64_t), recs_boost_order);

    head = recs_min(g->rows, RECS_BOOST_FIRST);
    spread = g->scores[(uint32_t) g->order[0]]
             - g->scores[(uint32_t) g->order[g->rows - 1]];

    for (i = 0; i < head; i++) {
        for (j = i + 1; j < g->rows; j++) {
            recs_boost_pair(g, i, j, spread);
        }
    }

    if (!(g->sum > 0)) {
        return;
    }

    scale = log2(1 + g->sum) / g->sum;

    for (k = 0; k < g->rows; k++) {
        g->first[k] *= (float) scale;
        g->second[k] *= (float) scale;
    }
}


/* Two places in the order of the scores. */

static void
recs_boost_pair(recs_boost_group_t *g, uint32_t i, uint32_t j, double spread)
{
    double    change, p, curve, distance;
    uint32_t  a, b, high, low;

    a = (uint32_t) g->order[i];
    b = (uint32_t) g->order[j];

    if (g->labels[a] == g->labels[b]) {
        return;
    }

    high = (g->labels[a] > g->labels[b]) ? a : b;
    low = (high == a) ? b : a;
    distance = g->scores[high] - (double) g->scores[low];

    change = fabs(g->discount[i] - g->discount[j]) / g->ideal;

    if (spread > 0) {
        change /= .01 + fabs(distance);
    }

    p = 1 / (1 + exp(distance));

    /* a pair that is far in the wrong order is flat: no step of Newton's */

    curve = recs_max(p * (1 - p), p / 4);

    g->first[high] -= (float) (p * change);
    g->first[low] += (float) (p * change);
    g->second[high] += (float) (curve * change);
    g->second[low] += (float) (curve * change);
    g->sum += 2 * p * change;
}


static int
recs_boost_order(const void *one, const void *two)
{
    uint64_t  a, b;

    a = *(const uint64_t *) one;
    b = *(const uint64_t *) two;

    return (a > b) - (a < b);
}
