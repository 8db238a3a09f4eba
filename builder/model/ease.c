/*
 * Copyright (C) recs authors
 *
 * The regression of each item on all others in closed form.  With
 *
 *   G = X' diag(n_u^-beta) X         (DAN, Park et al. 2025)
 *   L = ridge + dropout / (1 - dropout) diag G      (EDLAE, Steck 2020)
 *   P = (G + diag L)^-1
 *
 * the weight of item i for item j is
 *
 *   w_ij = -c_i^alpha P_ij f_j c_j^-alpha,   i != j
 *
 * f_j = 1 / P_jj (EASE, Steck 2019), or, relaxed by xi, f_j = L_j + max(0,
 * (1 - xi) / P_jj - L_j) (RDLAE, Moon et al. 2023).
 *
 * Only the most popular items take part where all of them would exceed the
 * budgets; the others have no row, which fusion with another model mends.
 *
 * Memory: 2 items^2 bytes, 4100 an item.  Time: items^3 operations.
 */

#include "linear.h"
#include "table.h"
#include "tiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_EASE_SECONDS  1.2e-11   /* of an operation, of one thread */
#define RECS_EASE_THREADS  2         /* for the same rows with any number */
#define RECS_EASE_TRIES    8


typedef struct {
    recs_linear_t         linear;
    const recs_config_t  *c;
    recs_matrix_t         x;
    uint32_t              items;     /* that take part */
    recs_tiles_t          tiles;
    float                *counts;    /* of people who have the item */
    float                *diagonal;  /* of G */
    float                *ridge;     /* L */
    float                *factors;   /* f_j c_j^-alpha */
    float               **rows;      /* of each thread */
} recs_ease_t;


static uint32_t recs_ease_items(const recs_dataset_t *d,
    const recs_config_t *c);
static int recs_ease_invert(recs_ease_t *e, recs_error_t *err);
static void recs_ease_counts(recs_ease_t *e, uint32_t items);
static void recs_ease_pairs(void *ctx, unsigned thread, uint32_t i,
    uint32_t n, const uint32_t *j, const float *sum);
static void recs_ease_factors(recs_ease_t *e);
static void recs_ease_rows(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);


int
recs_model_ease(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    int          rc;
    unsigned     n;
    recs_ease_t  e = { .c = c };

    e.items = recs_ease_items(d, c);

    if (e.items < d->items) {
        recs_message(RECS_MSG_WARN, "ease", "%u of %u products take part, "
                     "within memory_budget and time_budget", e.items,
                     d->items);
    }

    recs_linear_init(&e.linear, d, (uint32_t) c->related_max,
                     (unsigned) c->threads);
    recs_linear_input(d, c, &e.x);
    recs_ease_counts(&e, d->items);

    rc = recs_ease_invert(&e, err);

    if (rc == RECS_OK) {
        recs_ease_factors(&e);

        e.rows = recs_calloc(e.linear.threads, sizeof(float *));

        for (n = 0; n < e.linear.threads; n++) {
            e.rows[n] = recs_alloc(((size_t) e.tiles.count * e.tiles.size
                                    * e.tiles.size + d->items)
                                   * sizeof(float));
        }

        recs_parallel(e.linear.threads, e.tiles.count, 1, recs_ease_rows, &e);

        for (n = 0; n < e.linear.threads; n++) {
            free(e.rows[n]);
        }

        free(e.rows);
    }

    recs_linear_finish(&e.linear, list);
    recs_matrix_free(&e.x);
    recs_tiles_free(&e.tiles);
    free(e.counts);
    free(e.diagonal);
    free(e.ridge);
    free(e.factors);

    return rc;
}


void
recs_ease_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost)
{
    cost->bytes = recs_tiles_bytes(d->items)
                  + (double) d->items * (2048 * RECS_MODEL_THREADS
                                         + 8 * c->related_max);
    cost->seconds = RECS_EASE_SECONDS * pow(d->items, 3);
}


/* Items are numbered by popularity. */

static uint32_t
recs_ease_items(const recs_dataset_t *d, const recs_config_t *c)
{
    double  most, items;

    most = cbrt(c->time_budget * 60 * RECS_EASE_THREADS / RECS_EASE_SECONDS);
    items = recs_min((double) d->items, most);

    while (items > 1 && recs_tiles_bytes(items) > c->memory_budget * 1e9) {
        items *= .98;
    }

    return (uint32_t) recs_max(items, recs_min(1.0, (double) d->items));
}


static void
recs_ease_counts(recs_ease_t *e, uint32_t items)
{
    uint32_t      i;
    uint64_t      k, n;
    const float  *w;

    e->counts = recs_calloc((size_t) items + 1, sizeof(float));
    e->diagonal = recs_calloc((size_t) items + 1, sizeof(float));
    e->ridge = recs_calloc((size_t) items + 1, sizeof(float));
    e->factors = recs_calloc((size_t) items + 1, sizeof(float));

    n = e->x.rows.offsets[e->x.rows.rows];
    w = e->x.weights;

    for (k = 0; k < n; k++) {
        i = e->x.rows.entries[k];
        e->counts[i]++;
        e->diagonal[i] += w[k] * w[k];
    }
}


/*
 * Single precision may lack what a small ridge is made of: then it is
 * doubled.
 */

static int
recs_ease_invert(recs_ease_t *e, recs_error_t *err)
{
    double    lambda;
    unsigned  n;
    uint32_t  i;

    lambda = recs_max(e->c->ridge, 1e-6);

    for (n = 0; n < RECS_EASE_TRIES; n++, lambda *= 2) {
        recs_tiles_free(&e->tiles);
        recs_tiles_init(&e->tiles, e->items);
        recs_model_gram(&e->x, e->linear.d->items, e->linear.threads,
                        recs_ease_pairs, e);

        for (i = 0; i < e->items; i++) {
            e->ridge[i] = (float) (lambda + e->c->dropout
                                   / (1 - e->c->dropout) * e->diagonal[i]);
            recs_tiles_at(&e->tiles, i, i) = e->diagonal[i] + e->ridge[i];
        }

        if (recs_tiles_sweep(&e->tiles, e->linear.threads) == RECS_OK) {
            return RECS_OK;
        }

        recs_message(RECS_MSG_WARN, "ease", "ridge %g is too small for "
                     "single precision, doubled", lambda);
    }

    return recs_error(err, "ease: no ridge up to %g makes the matrix positive "
                      "definite; raise \"ridge\"", lambda);
}


/* A row is written by one thread, on its own half. */

static void
recs_ease_pairs(void *ctx, unsigned thread, uint32_t i, uint32_t n,
    const uint32_t *j, const float *sum)
{
    uint32_t      k, size;
    recs_ease_t  *e;

    e = ctx;
    size = e->tiles.size;

    for (k = 0; i < e->items && k < n; k++) {
        if (j[k] < e->items && j[k] / size <= i / size) {
            recs_tiles_at(&e->tiles, i, j[k]) = sum[k];
        }
    }
}


static void
recs_ease_factors(recs_ease_t *e)
{
    float     inverse, more;
    uint32_t  i;

    for (i = 0; i < e->items; i++) {
        inverse = -recs_tiles_at(&e->tiles, i, i);

        /* without xi, (1 - xi) / P_jj is never below L_j */

        more = (float) (1 - e->c->relax) / inverse;
        e->factors[i] = recs_max(more, e->c->relax > 0 ? e->ridge[i] : more)
                        * powf(recs_max(e->counts[i], 1.0f),
                               (float) -e->c->item_power);
    }
}


static void
recs_ease_rows(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    float        *rows, *row, *weights, scale;
    size_t        stride;
    uint32_t      b, i, j, r;
    recs_ease_t  *e;

    e = ctx;
    rows = e->rows[thread];
    stride = (size_t) e->tiles.count * e->tiles.size;
    weights = rows + stride * e->tiles.size;

    memset(weights, 0, e->linear.d->items * sizeof(float));

    for (b = from; b < to; b++) {
        recs_tiles_rows(&e->tiles, b, rows);

        for (r = 0; r < e->tiles.size; r++) {
            i = b * e->tiles.size + r;
            row = rows + r * stride;

            if (i >= e->items) {
                break;
            }

            scale = powf(recs_max(e->counts[i], 1.0f),
                         (float) e->c->item_power);

            /* the tiles hold -P */

            for (j = 0; j < e->items; j++) {
                weights[j] = scale * row[j] * e->factors[j];
            }

            recs_linear_dense(&e->linear, thread, i, weights);
        }
    }
}
