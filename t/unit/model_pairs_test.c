/*
 * Copyright (C) recs authors
 */

#include "model_data.h"
#include "tap.h"

#include "builder/model/demand.h"
#include "builder/model/pairs.h"


#define ITEMS  40
#define ROWS   300


typedef struct {
    float  sums[ITEMS][ITEMS];
    int    visits[ITEMS];
} matrix_t;


static void
count_visit(void *ctx, unsigned thread, uint32_t i, uint32_t n,
    const uint32_t *j, const uint32_t *count)
{
    uint32_t   k;
    matrix_t  *m;

    m = ctx;
    m->visits[i]++;

    for (k = 0; k < n; k++) {
        m->sums[i][j[k]] += count[k];
    }
}


static void
gram_visit(void *ctx, unsigned thread, uint32_t i, uint32_t n,
    const uint32_t *j, const float *sum)
{
    uint32_t   k;
    matrix_t  *m;

    m = ctx;
    m->visits[i]++;

    for (k = 0; k < n; k++) {
        m->sums[i][j[k]] += sum[k];
    }
}


static void
test_small(void)
{
    uint32_t     entries[] = { 0, 1, 2, 1, 2, 3, 0, 1 };
    uint64_t     offsets[] = { 0, 3, 5, 5, 6, 8 };
    matrix_t     m;
    recs_rows_t  rows = { 5, offsets, entries };

    memset(&m, 0, sizeof(m));
    recs_model_pairs(&rows, 4, 10, 2, count_visit, &m);

    is_int(m.sums[0][1], 2, "0 and 1 twice");
    is_int(m.sums[1][0], 2, "both ways");
    is_int(m.sums[1][2], 2, "1 and 2 twice");
    is_int(m.sums[0][2], 1, "0 and 2 once");
    is_int(m.sums[0][0], 0, "not with itself");
    is_int(m.visits[3], 1, "an item alone is visited, too");
}


static void
random_rows(recs_rows_t *rows)
{
    uint32_t  i, r, seed;

    rows->rows = ROWS;
    rows->offsets = calloc(ROWS + 1, sizeof(uint64_t));
    rows->entries = calloc(ROWS * ITEMS, sizeof(uint32_t));
    seed = 1;

    for (r = 0; r < ROWS; r++) {
        rows->offsets[r + 1] = rows->offsets[r];

        for (i = 0; i < ITEMS; i++) {
            seed = seed * 1664525 + 1013904223;

            if ((seed >> 24) < 60 + 3 * i) {
                rows->entries[rows->offsets[r + 1]++] = i;
            }
        }
    }
}


static void
test_random(void)
{
    uint32_t      i, j;
    uint64_t      a, b, r;
    recs_rows_t   rows;
    matrix_t      want, got[3];

    random_rows(&rows);
    memset(&want, 0, sizeof(want));
    memset(got, 0, sizeof(got));

    for (r = 0; r < ROWS; r++) {
        for (a = rows.offsets[r]; a < rows.offsets[r + 1]; a++) {
            for (b = rows.offsets[r]; b < rows.offsets[r + 1]; b++) {
                i = rows.entries[a];
                j = rows.entries[b];
                want.sums[i][j] += i != j;
            }
        }
    }

    recs_model_pairs(&rows, ITEMS, ITEMS, 1, count_visit, &got[0]);
    recs_model_pairs(&rows, ITEMS, ITEMS, 3, count_visit, &got[1]);

    ok(!memcmp(want.sums, got[0].sums, sizeof(want.sums)), "brute force");
    ok(!memcmp(&got[0], &got[1], sizeof(matrix_t)), "by three threads");

    memset(got, 0, sizeof(got));
    recs_model_pairs(&rows, ITEMS, 5, 1, count_visit, &got[0]);
    recs_model_pairs(&rows, ITEMS, 5, 2, count_visit, &got[1]);

    ok(!memcmp(&got[0], &got[1], sizeof(matrix_t)), "samples are the same");

    for (i = 0, a = 0; i < ITEMS; i++) {
        for (j = 0; j < ITEMS; j++) {
            a += got[0].sums[i][j];
        }
    }

    for (r = 0, b = 0; r < ROWS; r++) {
        i = recs_min(5, rows.offsets[r + 1] - rows.offsets[r]);
        b += i * (i - 1);
    }

    is_int(a, b, "long rows are cut to five");

    free(rows.offsets);
    free(rows.entries);
}


static void
test_matrix(void)
{
    float           *norms;
    data_t          *t;
    matrix_t         m;
    recs_matrix_t    x;

    /* user 0: item 0 viewed 3 times, 1 bought; user 1: 0 and 1 viewed */

    t = data_create(3, 0);
    data_line(t, DATA_START, RECS_EVENT_PRODUCT_VIEW, 0, 0, DATA_NONE);
    data_line(t, DATA_START, RECS_EVENT_PRODUCT_VIEW, 0, 0, DATA_NONE);
    data_line(t, DATA_START, RECS_EVENT_PURCHASE, 1, 0, DATA_NONE);
    data_line(t, DATA_START, RECS_EVENT_PRODUCT_VIEW, 0, 0, DATA_NONE);
    data_line(t, DATA_START, RECS_EVENT_PRODUCT_VIEW, 0, 1, DATA_NONE);
    data_line(t, DATA_START, RECS_EVENT_PRODUCT_VIEW, 1, 1, DATA_NONE);
    data_line(t, DATA_START, RECS_EVENT_PURCHASE, 2, 1, DATA_NONE);
    data_line(t, DATA_START, RECS_EVENT_REFUND, 2, 1, DATA_NONE);
    data_finish(t);

    recs_model_matrix(&t->d, RECS_SIGNALS_INTEREST | RECS_SIGNAL_REFUND, 1,
                      &x);
    is_int(x.rows.rows, 2, "a row a user");
    is_int(x.rows.offsets[2], 4, "what was given back is no interest");

    memset(&m, 0, sizeof(m));
    recs_model_gram(&x, 3, 2, gram_visit, &m);
    norms = recs_matrix_norms(&x, 3);

    is_near(m.sums[0][1], log2(4) * log2(11) + 1, 1e-5, "inner product");
    is_near(m.sums[1][0], m.sums[0][1], 0, "the same both ways");
    is_near(norms[0], sqrt(4 + 1), 1e-6, "norm");

    recs_matrix_normalise(&x);
    is_near(hypot(x.weights[0], x.weights[1]), 1, 1e-6, "rows of length 1");
    is_near(fmax(x.weights[2], x.weights[3]), sqrt(0.5), 1e-6, "both alike");

    free(norms);
    recs_matrix_free(&x);
    data_destroy(t);
}


/* TF-IDF of who has nearly everything is 0, and there are products of it. */

static void
test_zero(void)
{
    float          weights[] = { 0, 0, 0, 1e-30, 1e-30, 1e-30, 0, 2, 3 };
    uint32_t       entries[] = { 0, 1, 2, 0, 1, 2, 0, 1, 2 };
    uint64_t       offsets[] = { 0, 3, 6, 9 };
    matrix_t       m;
    recs_matrix_t  x = { { 3, offsets, entries }, weights };

    memset(&m, 0, sizeof(m));
    recs_model_gram(&x, 3, 2, gram_visit, &m);

    is_near(m.sums[1][2], 6, 0, "weights that count");
    is_near(m.sums[2][1], 6, 0, "both ways");
    is_near(m.sums[0][1] + m.sums[0][2] + m.sums[1][0] + m.sums[2][0], 0, 0,
            "no weight, no pair");
    is_int(m.visits[0] + m.visits[1] + m.visits[2], 3, "visited all the same");
}


static void
test_cut(void)
{
    data_t         *t;
    uint32_t        i;
    recs_matrix_t   x;

    t = data_create(2000, 0);

    for (i = 0; i < 2000; i++) {
        data_line(t, DATA_START + i, RECS_EVENT_PRODUCT_VIEW, i, 0, 0);
    }

    data_finish(t);
    recs_model_matrix(&t->d, RECS_SIGNAL_VIEW, 1, &x);

    is_int(x.rows.offsets[x.rows.rows], RECS_PAIRS_ROW_MAX,
           "a session that is all of its user counts once, cut");
    is_int(x.rows.entries[0], 1999, "to the latest");

    recs_matrix_free(&x);
    data_destroy(t);
}


int
main(void)
{
    test_small();
    test_random();
    test_matrix();
    test_zero();
    test_cut();

    return done_testing();
}
