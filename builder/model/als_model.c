/*
 * Copyright (C) recs authors
 *
 * The factors of als.h as rows for PERSONALIZED.  A user who came today is
 * folded in: w_u = A_u^-1 sum of h_i over the history, and scores h_j w_u.
 * A_u hangs on the history; with that of a mean one in its place the score
 * is a sum of rows, row_i = h_i A^-1 H':
 *
 *   A = als_unseen H'H + n M + als_ridge (n + als_unseen I)
 *
 * n the mean entries of a row, M the mean of h_i h_i' over the entries.
 *
 * Memory: that of the factors, 4 bytes a factor of an item, 256 an item and
 * thread.  Time: that of the factors, 2 operations a factor and pair of
 * items.
 */

#include "als.h"
#include "table.h"

#include <cblas.h>
#include <lapacke.h>
#include <stdlib.h>
#include <string.h>


#define RECS_ALS_ITEMS  64       /* rows of a product */
#define RECS_ALS_FLOPS  4e10     /* of a core in products of matrices */


typedef struct {
    const recs_als_t  *a;
    const float       *left;     /* items x factors, H A^-1 */
    float            **weights;  /* of each thread */
    recs_linear_t      linear;
} recs_als_rows_t;


static float *recs_als_mean(const recs_als_t *a, const recs_matrix_t *x,
    const recs_config_t *c);
static int recs_als_left(const recs_als_t *a, const recs_matrix_t *x,
    const recs_config_t *c, float *left);
static uint32_t recs_als_known(const recs_matrix_t *x);
static void recs_als_products(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);


int
recs_model_als(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    int              rc;
    float           *left;
    recs_als_t       a;
    recs_matrix_t    x;
    recs_als_rows_t  r;

    recs_als_input(d, c, &x);
    recs_als_fit(&x, d->items, c, &a);

    recs_linear_init(&r.linear, d, (uint32_t) c->related_max,
                     (unsigned) c->threads);
    left = recs_alloc(((size_t) a.items * a.factors + 1) * sizeof(float));
    rc = recs_als_left(&a, &x, c, left);

    if (rc == RECS_OK) {

        /* what nobody has comes last and has no factors */

        r.linear.dense = recs_als_known(&x);
        r.a = &a;
        r.left = left;
        r.weights = recs_als_scratch(r.linear.threads,
                                     (size_t) RECS_ALS_ITEMS * d->items);

        recs_parallel(r.linear.threads, r.linear.dense, RECS_ALS_ITEMS,
                      recs_als_products, &r);

        recs_als_scratch_free(r.weights, r.linear.threads);
    }

    recs_linear_finish(&r.linear, list);

    if (rc != RECS_OK) {
        recs_model_free(list);
        recs_error(err, "als: the factors became no numbers; larger "
                   "als_ridge or als_unseen");
    }

    free(left);
    recs_als_free(&a);
    recs_matrix_free(&x);

    return rc;
}


void
recs_als_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost)
{
    recs_als_fit_cost(d, c, cost);

    cost->bytes += (double) d->items * 8 * c->related_max;
    cost->seconds += 2 * (c->als_factors + RECS_ALS_BLOCK) * (double) d->items
                     * d->items / RECS_ALS_FLOPS;
}


void
recs_als_fit_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost)
{
    double  entries, factors, rows, squares;

    recs_linear_size(d, &entries, &squares);

    factors = c->als_factors + RECS_ALS_BLOCK;
    rows = d->by_user.rows + d->by_session.rows;

    cost->bytes = 24 * entries + 4 * factors * (rows + 2.0 * d->items)
                  + 256.0 * d->items * RECS_MODEL_THREADS
                  + 4 * RECS_ALS_SUMS * factors * factors;
    cost->seconds = c->als_iterations * factors
                    * (entries * 2e-9
                       + (rows + d->items) * (2 * factors / RECS_ALS_FLOPS
                                              + 2e-8));
}


static int
recs_als_left(const recs_als_t *a, const recs_matrix_t *x,
    const recs_config_t *c, float *left)
{
    int     factors;
    float  *mean;

    /* nobody did anything: there is nothing to invert */

    if (x->rows.offsets[x->rows.rows] == 0) {
        memset(left, 0, (size_t) a->items * a->factors * sizeof(float));
        return RECS_OK;
    }

    factors = (int) a->factors;
    mean = recs_als_mean(a, x, c);

    if (LAPACKE_spotrf(LAPACK_ROW_MAJOR, 'U', factors, mean, factors) != 0
        || LAPACKE_spotri(LAPACK_ROW_MAJOR, 'U', factors, mean, factors) != 0)
    {
        free(mean);
        return RECS_ERROR;
    }

    cblas_ssymm(CblasRowMajor, CblasRight, CblasUpper, (int) a->items,
                factors, 1, mean, factors, a->h, factors, 0, left, factors);
    free(mean);

    return RECS_OK;
}


/* A, its upper half; every item by what it counts in both sums. */

static float *
recs_als_mean(const recs_als_t *a, const recs_matrix_t *x,
    const recs_config_t *c)
{
    float     *mean, *seen, *weighted;
    double     n, rows;
    uint32_t   f, i;
    uint64_t   e, entries;

    rows = recs_max(x->rows.rows, 1u);
    entries = x->rows.offsets[x->rows.rows];
    n = entries / rows;

    seen = recs_calloc((size_t) a->items + 1, sizeof(float));
    weighted = recs_alloc(((size_t) a->items * a->factors + 1)
                          * sizeof(float));
    mean = recs_calloc((size_t) a->factors * a->factors, sizeof(float));

    for (e = 0; e < entries; e++) {
        seen[x->rows.entries[e]] += (float) (x->weights[e] / rows);
    }

    for (i = 0; i < a->items; i++) {
        for (f = 0; f < a->factors; f++) {
            weighted[(size_t) i * a->factors + f] =
                (float) (seen[i] + c->als_unseen)
                * a->h[(size_t) i * a->factors + f];
        }
    }

    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int) a->factors,
                (int) a->factors, (int) a->items, 1, weighted,
                (int) a->factors, a->h, (int) a->factors, 0, mean,
                (int) a->factors);

    for (f = 0; f < a->factors; f++) {
        mean[(size_t) f * a->factors + f] +=
            (float) (c->als_ridge * (n + c->als_unseen * a->items));
    }

    free(seen);
    free(weighted);

    return mean;
}


static uint32_t
recs_als_known(const recs_matrix_t *x)
{
    uint32_t  known;
    uint64_t  e;

    known = 0;

    for (e = 0; e < x->rows.offsets[x->rows.rows]; e++) {
        known = recs_max(known, x->rows.entries[e] + 1);
    }

    return known;
}


static void
recs_als_products(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    int                factors;
    float             *weights;
    uint32_t           i;
    recs_als_rows_t   *r;
    const recs_als_t  *a;

    r = ctx;
    a = r->a;
    factors = (int) a->factors;
    weights = r->weights[thread];

    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int) (to - from),
                (int) r->linear.dense, factors, 1,
                r->left + (size_t) from * a->factors, factors, a->h, factors,
                0, weights, (int) r->linear.dense);

    for (i = from; i < to; i++) {
        recs_linear_dense(&r->linear, thread, i,
                          weights + (size_t) (i - from) * r->linear.dense);
    }
}
