/*
 * Copyright (C) recs authors
 *
 * SLIST (Choi et al., WWW 2021; algorithms.md 1.13): a linear model of the
 * next item of a session, solved for each item y on a support, the
 * slist_support items S of largest C_sy, rather than by the inverse of a
 * matrix of all items:
 *
 *   (G_SS + slist_lambda I) b = C_Sy,   row s has b_s for y, where above 0
 *
 *   C = a X + (1 - a) T      G = a X + (1 - a) diag(D)      a slist_alpha
 *   X_ij  sum over sessions with i and j of w / u^2, u distinct items
 *   T_ij  sum over clicks on j, d places behind one on i (d up to 30, j may
 *         be i), of w e^(-(d - 1) / slist_tau) / the sum of e^... that the
 *         click on i has
 *   D_i   sum of w over clicks on i that have one behind them
 *   w     e^(-days before the newest session / slist_days)
 *
 * Memory: 24 bytes a click, 8 for each of 4 x support pairs and support
 * weights of an item.  Time: items x (support^3 / 3 + pairs),
 * and clicks x 30.
 */

#include "linear.h"
#include "slist.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include <cblas.h>
#include <lapacke.h>


#define RECS_SLIST_BLOCK   16


typedef struct {
    uint32_t             *place;     /* of an item in S, else NONE */
    float                *sums;      /* by item, 0 between columns */
    uint32_t             *touched;
    uint64_t             *keys;
    float                *matrix;
    float                *weights;
} recs_slist_thread_t;

typedef struct {
    recs_slist_counts_t   counts;
    recs_slots_t          slots;     /* column y: b */
    recs_slist_thread_t  *threads;
} recs_slist_t;


static void recs_slist_columns(recs_slist_t *m, uint32_t items,
    unsigned threads);
static void recs_slist_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_slist_solve(recs_slist_t *m, recs_slist_thread_t *t,
    uint32_t y);
static uint32_t recs_slist_choose(const recs_slist_t *m,
    recs_slist_thread_t *t, uint32_t n);
static void recs_slist_fill(const recs_slist_counts_t *m,
    recs_slist_thread_t *t, uint32_t n);


int
recs_model_slist(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    recs_slist_t       m;
    recs_linear_t      l;
    recs_model_list_t  columns;

    if (recs_slist_counts_init(&m.counts, d, c, err) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_linear_init(&l, d, (uint32_t) c->next_max, (unsigned) c->threads);
    l.own = 1;

    recs_slist_columns(&m, d->items, l.threads);
    recs_slots_finish(&m.slots, &columns);
    recs_slist_counts_free(&m.counts);

    recs_linear_columns(&l, &columns);
    recs_model_free(&columns);
    recs_linear_finish(&l, list);

    return RECS_OK;
}


void
recs_slist_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost)
{
    double  m, items;

    m = c->slist_support;
    items = d->items;

    cost->bytes = 24.0 * d->events
                  + items * (8 * m * 6
                             + 8 * c->next_max
                             + 16.0 * RECS_MODEL_THREADS);
    cost->seconds = 4e-7 * d->events
                    + items * (m * m * m * 3e-10 + m * m * 2e-8);
}


/* The threads are ours: BLAS is to have none of its own. */

static void
recs_slist_columns(recs_slist_t *m, uint32_t items, unsigned threads)
{
    size_t                n;
    unsigned              k;
    recs_slist_thread_t  *t;

    n = recs_min((size_t) m->counts.c->slist_support, (size_t) items + 1);

    recs_slots_init(&m->slots, items, (uint32_t) n,
                    sizeof(recs_format_related_t));
    m->threads = recs_calloc(threads, sizeof(recs_slist_thread_t));

    for (k = 0; k < threads; k++) {
        t = &m->threads[k];
        t->place = recs_alloc(((size_t) items + 1) * sizeof(uint32_t));
        t->sums = recs_calloc((size_t) items + 1, sizeof(float));
        t->touched = recs_alloc(((size_t) items + 1) * sizeof(uint32_t));
        t->keys = recs_alloc(((size_t) items + 1) * sizeof(uint64_t));
        t->matrix = recs_alloc(n * n * sizeof(float));
        t->weights = recs_alloc(n * sizeof(float));
        memset(t->place, 0xff, ((size_t) items + 1) * sizeof(uint32_t));
    }

    openblas_set_num_threads(1);
    recs_parallel(threads, items, RECS_SLIST_BLOCK, recs_slist_block, m);

    for (k = 0; k < threads; k++) {
        t = &m->threads[k];
        free(t->place);
        free(t->sums);
        free(t->touched);
        free(t->keys);
        free(t->matrix);
        free(t->weights);
    }

    free(m->threads);
}


static void
recs_slist_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t       y;
    recs_slist_t  *m;

    m = ctx;

    for (y = from; y < to; y++) {
        recs_slist_solve(m, &m->threads[thread], y);
    }
}


/*
 * The matrix is positive definite but for pairs that were not kept; where it
 * is not, the items speak for y each by itself.
 */

static void
recs_slist_solve(recs_slist_t *m, recs_slist_thread_t *t, uint32_t y)
{
    uint32_t                i, k, n;
    recs_format_related_t  *out;

    n = recs_slist_column(&m->counts, y, t->sums, t->touched);
    n = recs_slist_choose(m, t, n);

    if (n == 0) {
        return;
    }

    recs_slist_fill(&m->counts, t, n);

    if (LAPACKE_sposv_work(LAPACK_COL_MAJOR, 'L', n, 1, t->matrix, n,
                           t->weights, n)
        != 0)
    {
        for (k = 0; k < n; k++) {
            t->weights[k] /= m->counts.diagonal[t->touched[k]];
        }
    }

    out = recs_slots_row(&m->slots, y);

    for (i = 0, k = 0; k < n; k++) {
        if (t->weights[k] > 0) {
            out[i].item = t->touched[k];
            out[i].weight = t->weights[k];
            i++;
        }
    }

    m->slots.counts[y] = i;
}


/*
 * S into the front of touched, its C_Sy into weights, by item; sums are 0
 * again.  Positive floats are in the order of their bits.
 */

static uint32_t
recs_slist_choose(const recs_slist_t *m, recs_slist_thread_t *t, uint32_t n)
{
    uint32_t  bits, i, k;

    for (k = 0; k < n; k++) {
        i = t->touched[k];
        memcpy(&bits, &t->sums[i], sizeof(bits));
        t->keys[k] = (uint64_t) bits << 32 | (uint32_t) ~i;
        t->sums[i] = 0;
    }

    if (n > m->slots.max) {
        recs_keys_best(t->keys, n, m->slots.max);
        n = m->slots.max;
    }

    recs_keys_sort(t->keys, n);

    for (k = 0; k < n; k++) {
        bits = t->keys[k] >> 32;
        t->touched[k] = ~(uint32_t) t->keys[k];
        memcpy(&t->weights[k], &bits, sizeof(bits));
    }

    return n;
}


/* The lower half of G_SS, by columns. */

static void
recs_slist_fill(const recs_slist_counts_t *m, recs_slist_thread_t *t,
    uint32_t n)
{
    float                         alpha;
    uint32_t                      i, k, p;
    uint64_t                      e;
    const recs_format_related_t  *pairs;

    pairs = m->gram.entries;
    alpha = (float) m->c->slist_alpha;

    memset(t->matrix, 0, (size_t) n * n * sizeof(float));

    for (k = 0; k < n; k++) {
        t->place[t->touched[k]] = k;
    }

    for (k = 0; k < n; k++) {
        i = t->touched[k];
        t->matrix[(size_t) k * n + k] = m->diagonal[i];

        for (e = m->gram.offsets[i]; e < m->gram.offsets[i + 1]; e++) {
            p = t->place[pairs[e].item];

            if (p != RECS_NONE) {
                t->matrix[(size_t) recs_min(k, p) * n + recs_max(k, p)]
                    = alpha * pairs[e].weight;
            }
        }
    }

    for (k = 0; k < n; k++) {
        t->place[t->touched[k]] = RECS_NONE;
    }
}


