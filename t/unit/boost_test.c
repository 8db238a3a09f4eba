/*
 * Copyright (C) recs authors
 *
 * The forest that is served against the prediction of libxgboost, what it
 * learns from, and what is refused.
 */

#include <math.h>
#include <stdlib.h>

#include <xgboost/c_api.h>

#include "../../builder/eval/boost.h"
#include "../../builder/memory.h"
#include "tap.h"


#define ROWS    4000
#define GROUP   20
#define TREES   30
#define DEPTH   5


static uint64_t           seed = 7;
static recs_boost_rows_t  rows;


static float
drawn(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;

    return (float) (seed >> 40) / (1 << 24);
}


/* Right is what has a large product of two features. */

static void
make(void)
{
    uint32_t  i, j;
    float    *x;

    rows.rows = ROWS;
    rows.group_count = ROWS / GROUP;
    rows.x = recs_alloc(ROWS * RECS_FOREST_FEATURES * sizeof(float));
    rows.labels = recs_alloc(ROWS * sizeof(float));
    rows.groups = recs_alloc(rows.group_count * sizeof(uint32_t));

    for (i = 0; i < ROWS; i++) {
        x = rows.x + (size_t) i * RECS_FOREST_FEATURES;

        for (j = 0; j < RECS_FOREST_FEATURES; j++) {
            x[j] = (drawn() < .1f) ? -1000 : drawn();
        }

        rows.labels[i] = (x[3] > 0 && x[5] > 0 && x[3] * x[5] > .6f);
    }

    for (i = 0; i < rows.group_count; i++) {
        rows.groups[i] = GROUP;
    }
}


/* The scores of all rows, as an answer would compute them. */

static void
serve(const recs_forest_t *f, float *scores)
{
    float     *x;
    uint32_t   i, j;

    x = recs_alloc(ROWS * RECS_FOREST_FEATURES * sizeof(float));

    for (i = 0; i < ROWS; i++) {
        for (j = 0; j < RECS_FOREST_FEATURES; j++) {
            x[(size_t) j * ROWS + i] =
                rows.x[(size_t) i * RECS_FOREST_FEATURES + j];
        }
    }

    recs_forest_score(f, x, ROWS, ROWS, scores);
    free(x);
}


/* A booster of its own, with leaves on different levels. */

static void
equal(void)
{
    int             i;
    size_t          size;
    uint32_t        k, good;
    bst_ulong       len;
    const char     *json;
    const float    *want;
    recs_error_t    err;
    recs_forest_t  *f;
    BoosterHandle   booster;
    DMatrixHandle   m;

    static float  scores[ROWS];

    is_int(XGDMatrixCreateFromMat(rows.x, ROWS, RECS_FOREST_FEATURES, NAN,
                                  &m), 0, "a matrix");
    (void) XGDMatrixSetFloatInfo(m, "label", rows.labels, ROWS);
    (void) XGBoosterCreate(&m, 1, &booster);
    (void) XGBoosterSetParam(booster, "max_depth", "5");
    (void) XGBoosterSetParam(booster, "nthread", "1");
    (void) XGBoosterSetParam(booster, "base_score", "0");

    for (i = 0; i < TREES; i++) {
        (void) XGBoosterUpdateOneIter(booster, i, m);
    }

    (void) XGBoosterSaveModelToBuffer(booster, "{\"format\":\"json\"}", &len,
                                      &json);

    f = recs_boost_convert(json, len, DEPTH, &size, &err);

    if (!ok(f != NULL, "converted")) {
        return;
    }

    is_int(f->trees, TREES, "all trees");

    (void) XGBoosterPredict(booster, m, 1, 0, 0, &len, &want);
    serve(f, scores);

    for (k = 0, good = 0; k < ROWS; k++) {
        good += (scores[k] == want[k]);
    }

    is_int(good, ROWS, "every score to the last bit");
    free(f);

    (void) XGBoosterSaveModelToBuffer(booster, "{\"format\":\"json\"}", &len,
                                      &json);
    ok(recs_boost_convert(json, len, DEPTH - 1, &size, &err) == NULL,
       "refused: deeper than asked for: %s", err.text);
    ok(recs_boost_convert(json, len / 2, DEPTH, &size, &err) == NULL,
       "refused: half a model: %s", err.text);
    ok(recs_boost_convert("{}", 2, DEPTH, &size, &err) == NULL,
       "refused: none: %s", err.text);

    (void) XGBoosterFree(booster);
    (void) XGDMatrixFree(m);
}


static void
learned(void)
{
    size_t          size, again;
    uint32_t        i, j, k, first, right, all;
    recs_boost_t    b = { TREES, DEPTH, .1, .5, 1, 1e-4, 2, GROUP };
    recs_error_t    err;
    recs_forest_t  *f, *g;

    static float  scores[ROWS];

    f = recs_boost_train(&rows, &b, &size, &err);
    g = recs_boost_train(&rows, &b, &again, &err);

    if (!ok(f && g, "trained")) {
        return;
    }

    ok(size == again && memcmp(f, g, size) == 0, "twice the same bytes");
    serve(f, scores);

    for (i = 0, right = 0, all = 0; i < ROWS; i += GROUP) {
        first = i;

        for (j = i, k = 0; j < i + GROUP; j++) {
            first = (scores[j] > scores[first]) ? j : first;
            k |= (rows.labels[j] > 0);
        }

        all += k;
        right += (rows.labels[first] > 0);
    }

    ok(right > all * 9 / 10, "a right one is first in %u of %u groups", right,
       all);

    free(f);
    free(g);
}


int
main(void)
{
    make();
    equal();
    learned();

    free(rows.x);
    free(rows.labels);
    free(rows.groups);

    return done_testing();
}
