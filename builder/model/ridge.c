/*
 * Copyright (C) recs authors
 *
 * EASE on a support: the regression of each item on the others (Steck 2019;
 * Ning & Karypis 2011, with fsSLIM's choice of features), restricted to the
 * ridge_support items S of largest cosine to it, so that no matrix of all
 * items is inverted.  For each item j
 *
 *   (G_SS + diag(L_S)) b = G_Sj     L = ridge + dropout / (1 - dropout) G_ii
 *                                   (EDLAE, Steck 2020)
 *   w_ij = c_i^alpha b_i c_j^-alpha (DAN, Park et al. 2025)
 *
 * with G = X' diag(n_u^-beta) X.  What is kept is fitted to what is kept,
 * which a cut of the full inverse is not.
 *
 * Memory: 8 bytes for each of RECS_RIDGE_ROWS x ridge_support pairs and
 * ridge_support weights of an item.  Time: items x (support^3 / 3 +
 * RECS_RIDGE_ROWS x support^2), so it grows with the items, not with their
 * cube.
 */

#include "gram.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>
#include <lapacke.h>


#define RECS_RIDGE_ROWS   4      /* pairs kept of an item, in supports */
#define RECS_RIDGE_BLOCK  16


typedef struct {
    uint32_t               *place;       /* of an item in S, else NONE */
    float                  *matrix;
    float                  *weights;
} recs_ridge_thread_t;

typedef struct {
    recs_linear_t           linear;
    const recs_config_t    *c;
    recs_kept_gram_t        gram;
    float                  *scales;      /* c_i^alpha */
    recs_slots_t            slots;       /* column j: items of S */
    recs_ridge_thread_t    *threads;
    recs_model_list_t       columns;
    uint64_t               *starts;      /* of rows, of the transpose */
    uint32_t               *items;
    float                  *weights;
} recs_ridge_t;


static void recs_ridge_columns(recs_ridge_t *r, uint32_t items);
static void recs_ridge_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_ridge_column(recs_ridge_t *r, recs_ridge_thread_t *t,
    uint32_t j);
static void recs_ridge_fill(const recs_ridge_t *r, recs_ridge_thread_t *t,
    uint32_t n, const recs_format_related_t *support, float more);
static void recs_ridge_transpose(recs_ridge_t *r);
static void recs_ridge_rows(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);


int
recs_model_ridge(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    uint32_t       i;
    recs_ridge_t   r = { .c = c };
    recs_matrix_t  x;

    recs_linear_init(&r.linear, d, (uint32_t) c->related_max,
                     (unsigned) c->threads);

    recs_linear_input(d, c, &x);
    recs_kept_gram_init(&r.gram, &x, d->items,
                        (uint32_t) c->ridge_support * RECS_RIDGE_ROWS,
                        r.linear.threads);
    recs_matrix_free(&x);

    r.scales = recs_alloc(((size_t) d->items + 1) * sizeof(float));

    for (i = 0; i < d->items; i++) {
        r.scales[i] = (float) pow(recs_max(r.gram.counts[i], 1.0f),
                                  c->item_power);
    }

    recs_ridge_columns(&r, d->items);
    recs_kept_gram_free(&r.gram);

    recs_ridge_transpose(&r);
    recs_model_free(&r.columns);
    free(r.scales);

    recs_parallel(r.linear.threads, d->items, RECS_RIDGE_BLOCK,
                  recs_ridge_rows, &r);
    recs_linear_finish(&r.linear, list);

    free(r.starts);
    free(r.items);
    free(r.weights);

    return RECS_OK;
}


void
recs_ridge_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost)
{
    double  entries, kept, m, squares;

    recs_linear_size(d, &entries, &squares);

    m = recs_min((double) c->ridge_support, (double) d->items);
    kept = recs_min(RECS_RIDGE_ROWS * m, (double) d->items);

    cost->bytes = 24 * entries
                  + d->items * (8 * kept + 24 * m + 8 * c->related_max + 16)
                  + RECS_MODEL_THREADS * (4 * m * m + 24.0 * d->items);
    cost->seconds = 6e-9 * squares
                    + d->items * (2e-9 * kept * m + 4e-11 * m * m * m);
}


/* The threads are ours: BLAS is to have none of its own. */

static void
recs_ridge_columns(recs_ridge_t *r, uint32_t items)
{
    size_t                m;
    unsigned              n;
    recs_ridge_thread_t  *t;

    m = recs_min((size_t) r->c->ridge_support, (size_t) items + 1);

    recs_slots_init(&r->slots, items, (uint32_t) m,
                    sizeof(recs_format_related_t));
    r->threads = recs_calloc(r->linear.threads, sizeof(recs_ridge_thread_t));

    for (n = 0; n < r->linear.threads; n++) {
        t = &r->threads[n];
        t->place = recs_alloc(((size_t) items + 1) * sizeof(uint32_t));
        t->matrix = recs_alloc(m * m * sizeof(float));
        t->weights = recs_alloc(m * sizeof(float));
        memset(t->place, 0xff, ((size_t) items + 1) * sizeof(uint32_t));
    }

    openblas_set_num_threads(1);
    recs_parallel(r->linear.threads, items, RECS_RIDGE_BLOCK,
                  recs_ridge_block, r);

    for (n = 0; n < r->linear.threads; n++) {
        t = &r->threads[n];
        free(t->place);
        free(t->matrix);
        free(t->weights);
    }

    free(r->threads);
    recs_slots_finish(&r->slots, &r->columns);
}


static void
recs_ridge_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t       j;
    recs_ridge_t  *r;

    r = ctx;

    for (j = from; j < to; j++) {
        recs_ridge_column(r, &r->threads[thread], j);
    }
}


/*
 * The matrix is positive definite but for pairs that were not kept; where it
 * is not, the diagonal grows until it is.
 */

static void
recs_ridge_column(recs_ridge_t *r, recs_ridge_thread_t *t, uint32_t j)
{
    float                         more;
    uint32_t                      k, n;
    const uint64_t               *offsets;
    recs_format_related_t        *out;
    const recs_format_related_t  *support;

    offsets = r->gram.rows.offsets;
    support = (recs_format_related_t *) r->gram.rows.entries + offsets[j];
    n = (uint32_t) recs_min(offsets[j + 1] - offsets[j],
                            (uint64_t) r->slots.max);

    r->slots.counts[j] = n;

    if (n == 0) {
        return;
    }

    for (more = 0; more < 1e6f; more = more * 4 + 0.01f) {
        recs_ridge_fill(r, t, n, support, more);

        if (LAPACKE_sposv_work(LAPACK_COL_MAJOR, 'L', n, 1, t->matrix, n,
                               t->weights, n)
            == 0)
        {
            break;
        }
    }

    out = recs_slots_row(&r->slots, j);

    for (k = 0; k < n; k++) {
        out[k].item = support[k].item;
        out[k].weight = t->weights[k] * r->scales[support[k].item]
                        / r->scales[j];
    }
}


static void
recs_ridge_fill(const recs_ridge_t *r, recs_ridge_thread_t *t, uint32_t n,
    const recs_format_related_t *support, float more)
{
    float                         dropout, own;
    uint32_t                      i, k, p;
    uint64_t                      e;
    const recs_format_related_t  *pairs;

    pairs = r->gram.rows.entries;
    dropout = (float) (1 / (1 - r->c->dropout)) + more;

    memset(t->matrix, 0, (size_t) n * n * sizeof(float));

    for (k = 0; k < n; k++) {
        t->place[support[k].item] = k;
        t->weights[k] = support[k].weight;
    }

    for (k = 0; k < n; k++) {
        i = support[k].item;
        own = r->gram.diagonal[i];
        t->matrix[(size_t) k * n + k] = own * dropout + (float) r->c->ridge;

        for (e = r->gram.rows.offsets[i]; e < r->gram.rows.offsets[i + 1];
             e++)
        {
            p = t->place[pairs[e].item];

            if (p != RECS_NONE) {
                t->matrix[(size_t) recs_min(k, p) * n + recs_max(k, p)]
                    = pairs[e].weight;
            }
        }
    }

    for (k = 0; k < n; k++) {
        t->place[support[k].item] = RECS_NONE;
    }
}


/* Columns are what was solved, rows are what is served. */

static void
recs_ridge_transpose(recs_ridge_t *r)
{
    uint32_t                      j, items;
    uint64_t                      at, e, n;
    const recs_format_related_t  *entry;

    items = r->columns.rows;
    entry = r->columns.entries;
    n = r->columns.offsets[items];

    r->starts = recs_calloc((size_t) items + 2, sizeof(uint64_t));
    r->items = recs_alloc(n * sizeof(uint32_t) + 1);
    r->weights = recs_alloc(n * sizeof(float) + 1);

    for (e = 0; e < n; e++) {
        r->starts[entry[e].item + 2]++;
    }

    for (j = 2; j < items + 2; j++) {
        r->starts[j] += r->starts[j - 1];
    }

    for (j = 0; j < items; j++) {
        for (e = r->columns.offsets[j]; e < r->columns.offsets[j + 1]; e++) {
            at = r->starts[entry[e].item + 1]++;
            r->items[at] = j;
            r->weights[at] = entry[e].weight;
        }
    }
}


static void
recs_ridge_rows(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t       i;
    recs_ridge_t  *r;

    r = ctx;

    for (i = from; i < to; i++) {
        recs_linear_sparse(&r->linear, thread, i,
                           (uint32_t) (r->starts[i + 1] - r->starts[i]),
                           &r->items[r->starts[i]],
                           &r->weights[r->starts[i]]);
    }
}
