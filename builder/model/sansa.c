/*
 * Copyright (C) recs authors
 *
 * EASE with a sparse inverse (Spisak et al. 2023), for more items than a
 * dense one has room for.  With S = diag(G + L)^-1/2, L as for "ease", and
 * items in order, the rare ones first, which keeps factors sparse:
 *
 *   S (G + L) S = L D L' nearly      (sparse.h)
 *   K = L^-1 nearly, so P = S K' D^-1 K S
 *   w_ij = - P_ij max(L_j, (1 - relax) / P_jj), with c_i^alpha c_j^-alpha
 *
 * Only the sansa_entries pairs of largest cosine of an item count times
 * RECS_SANSA_PAIRS: what is below changes little and costs the most.
 *
 * Memory: 40 bytes for each of RECS_SANSA_PAIRS x sansa_entries pairs of an
 * item at most.  Time: items x sansa_entries^2 x (2 + 2 sansa_steps), and
 * that of the pairs.
 */

#include "gram.h"
#include "sparse.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>


#define RECS_SANSA_PAIRS  4      /* of an item, in sansa_entries */
#define RECS_SANSA_BLOCK  16


typedef struct {
    float     *sums;             /* by item */
    uint8_t   *marks;
    uint32_t  *touched;
    float     *weights;
} recs_sansa_thread_t;

typedef struct {
    recs_linear_t          linear;
    const recs_config_t   *c;
    recs_kept_gram_t       gram;
    uint32_t               items;
    float                 *more;     /* L of an item */
    float                 *scales;   /* S of an item */
    float                 *d;        /* by place */
    float                 *left;     /* of an item, before P_ij */
    float                 *right;    /* behind it */
    recs_sparse_t          k;
    recs_sparse_t          across;   /* K by rows: the columns of a row */
    recs_sansa_thread_t   *threads;
} recs_sansa_t;


static void recs_sansa_scale(recs_sansa_t *s);
static void recs_sansa_matrix(const recs_sansa_t *s, recs_sparse_t *a);
static void recs_sansa_inverse(recs_sansa_t *s);
static void recs_sansa_across(recs_sansa_t *s);
static void recs_sansa_sides(recs_sansa_t *s);
static void recs_sansa_rows(recs_sansa_t *s);
static void recs_sansa_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static uint32_t recs_sansa_row(const recs_sansa_t *s, recs_sansa_thread_t *t,
    uint32_t n, uint32_t k, float value);


/* An item's place in the matrix, and back: the popular ones are last. */

#define recs_sansa_place(s, i)  ((s)->items - 1 - (i))


int
recs_model_sansa(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    recs_sansa_t   s = { .c = c, .items = d->items };
    recs_matrix_t  x;

    recs_linear_init(&s.linear, d, (uint32_t) c->related_max,
                     (unsigned) c->threads);
    recs_linear_input(d, c, &x);
    recs_kept_gram_init(&s.gram, &x, d->items,
                        (uint32_t) c->sansa_entries * RECS_SANSA_PAIRS,
                        s.linear.threads);
    recs_matrix_free(&x);

    recs_sansa_scale(&s);
    recs_sansa_inverse(&s);
    recs_sansa_across(&s);
    recs_sansa_sides(&s);
    recs_kept_gram_free(&s.gram);

    recs_sansa_rows(&s);
    recs_linear_finish(&s.linear, list);

    recs_sparse_free(&s.k);
    recs_sparse_free(&s.across);
    free(s.more);
    free(s.scales);
    free(s.d);
    free(s.left);
    free(s.right);

    return RECS_OK;
}


void
recs_sansa_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost)
{
    double  entries, kept, n, squares;

    recs_linear_size(d, &entries, &squares);

    n = d->items;
    kept = recs_min(n, (double) c->sansa_entries);

    cost->bytes = 24 * entries + n * kept * RECS_SANSA_PAIRS * 24
                  + n * (8.0 * c->related_max + 64 * RECS_MODEL_THREADS
                         + 64);
    cost->seconds = 6e-9 * squares
                    + n * kept * kept * (4 + 2 * c->sansa_steps) * 3e-9;
}


static void
recs_sansa_scale(recs_sansa_t *s)
{
    uint32_t  i;

    s->more = recs_alloc(((size_t) s->items + 1) * sizeof(float));
    s->scales = recs_alloc(((size_t) s->items + 1) * sizeof(float));

    for (i = 0; i < s->items; i++) {
        s->more[i] = (float) (s->c->ridge + s->c->dropout
                              / (1 - s->c->dropout) * s->gram.diagonal[i]);
        s->scales[i] = s->gram.diagonal[i] + s->more[i];
        s->scales[i] = s->scales[i] > 0 ? 1 / sqrtf(s->scales[i]) : 1;
    }
}


/* Pairs that one of the two has kept, some of them twice over. */

static void
recs_sansa_matrix(const recs_sansa_t *s, recs_sparse_t *a)
{
    uint32_t                      i, j;
    uint64_t                      at, e, *starts;
    const recs_format_related_t  *entry;

    entry = s->gram.rows.entries;
    starts = recs_calloc((size_t) s->items + 2, sizeof(uint64_t));
    a->n = s->items;
    a->starts = starts;

    for (i = 0; i < s->items; i++) {
        for (e = s->gram.rows.offsets[i]; e < s->gram.rows.offsets[i + 1];
             e++)
        {
            j = recs_max(i, entry[e].item);
            starts[recs_sansa_place(s, j) + 2]++;
        }
    }

    for (i = 0; i < s->items; i++) {
        starts[i + 2] += starts[i + 1];
    }

    a->rows = recs_alloc((starts[s->items + 1] + 1) * sizeof(uint32_t));
    a->values = recs_alloc((starts[s->items + 1] + 1) * sizeof(float));

    for (i = 0; i < s->items; i++) {
        for (e = s->gram.rows.offsets[i]; e < s->gram.rows.offsets[i + 1];
             e++)
        {
            j = entry[e].item;
            at = starts[recs_sansa_place(s, recs_max(i, j)) + 1]++;
            a->rows[at] = recs_sansa_place(s, recs_min(i, j));
            a->values[at] = entry[e].weight * s->scales[i] * s->scales[j];
        }
    }
}


static void
recs_sansa_inverse(recs_sansa_t *s)
{
    float          shift;
    uint32_t       entries;
    recs_sparse_t  a, l;

    entries = (uint32_t) s->c->sansa_entries;
    s->d = recs_alloc(((size_t) s->items + 1) * sizeof(float));

    recs_sansa_matrix(s, &a);
    shift = recs_sparse_factor(&a, entries, &l, s->d);
    recs_sparse_free(&a);

    if (shift > 0) {
        recs_message(RECS_MSG_INFO, "sansa",
                     "the diagonal is raised by %g of itself", shift);
    }

    recs_sparse_inverse(&l, entries, (uint32_t) s->c->sansa_steps,
                        s->linear.threads, &s->k);
    recs_sparse_free(&l);
}


/* With the ones on the diagonal, and divided by D. */

static void
recs_sansa_across(recs_sansa_t *s)
{
    uint32_t        j, n;
    uint64_t        at, e, *starts;
    recs_sparse_t  *a;

    n = s->items;
    a = &s->across;
    starts = recs_calloc((size_t) n + 2, sizeof(uint64_t));
    a->n = n;
    a->starts = starts;
    a->rows = recs_alloc((s->k.starts[n] + n + 1) * sizeof(uint32_t));
    a->values = recs_alloc((s->k.starts[n] + n + 1) * sizeof(float));

    for (e = 0; e < s->k.starts[n]; e++) {
        starts[s->k.rows[e] + 2]++;
    }

    for (j = 0; j < n; j++) {
        starts[j + 2] += starts[j + 1] + 1;
    }

    for (j = 0; j < n; j++) {
        at = starts[j + 1]++;
        a->rows[at] = j;
        a->values[at] = 1 / s->d[j];

        for (e = s->k.starts[j]; e < s->k.starts[j + 1]; e++) {
            at = starts[s->k.rows[e] + 1]++;
            a->rows[at] = j;
            a->values[at] = s->k.values[e] / s->d[s->k.rows[e]];
        }
    }
}


/* P_jj is the sum of the squares of column j of K over D. */

static void
recs_sansa_sides(recs_sansa_t *s)
{
    double    power, sum;
    uint32_t  i, j;
    uint64_t  e;

    s->left = recs_alloc(((size_t) s->items + 1) * sizeof(float));
    s->right = recs_alloc(((size_t) s->items + 1) * sizeof(float));

    for (i = 0; i < s->items; i++) {
        j = recs_sansa_place(s, i);
        sum = 1 / s->d[j];

        for (e = s->k.starts[j]; e < s->k.starts[j + 1]; e++) {
            sum += s->k.values[e] * s->k.values[e] / s->d[s->k.rows[e]];
        }

        sum *= s->scales[i] * s->scales[i];
        power = pow(recs_max(s->gram.counts[i], 1.0f), s->c->item_power);

        s->left[i] = (float) (s->scales[i] * power);
        s->right[i] = (float) (-s->scales[i] / power
                               * recs_max(s->more[i],
                                          (1 - s->c->relax) / sum));
    }
}


static void
recs_sansa_rows(recs_sansa_t *s)
{
    size_t                n;
    unsigned              t;
    recs_sansa_thread_t  *w;

    n = (size_t) s->items + 1;
    s->threads = recs_alloc(s->linear.threads * sizeof(recs_sansa_thread_t));

    for (t = 0; t < s->linear.threads; t++) {
        w = &s->threads[t];
        w->sums = recs_calloc(n, sizeof(float));
        w->marks = recs_calloc(n, 1);
        w->touched = recs_alloc(n * sizeof(uint32_t));
        w->weights = recs_alloc(n * sizeof(float));
    }

    recs_parallel(s->linear.threads, s->items, RECS_SANSA_BLOCK,
                  recs_sansa_block, s);

    for (t = 0; t < s->linear.threads; t++) {
        w = &s->threads[t];
        free(w->sums);
        free(w->marks);
        free(w->touched);
        free(w->weights);
    }

    free(s->threads);
}


static void
recs_sansa_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t              i, j, k, n;
    uint64_t              e;
    recs_sansa_t         *s;
    recs_sansa_thread_t  *t;

    s = ctx;
    t = &s->threads[thread];

    for (i = from; i < to; i++) {
        j = recs_sansa_place(s, i);
        n = recs_sansa_row(s, t, 0, j, 1);

        for (e = s->k.starts[j]; e < s->k.starts[j + 1]; e++) {
            n = recs_sansa_row(s, t, n, s->k.rows[e], s->k.values[e]);
        }

        for (k = 0; k < n; k++) {
            j = t->touched[k];
            t->weights[k] = t->sums[j] * s->left[i] * s->right[j];
            t->sums[j] = 0;
            t->marks[j] = 0;
        }

        recs_linear_sparse(&s->linear, thread, i, n, t->touched, t->weights);
    }
}


static uint32_t
recs_sansa_row(const recs_sansa_t *s, recs_sansa_thread_t *t, uint32_t n,
    uint32_t k, float value)
{
    uint32_t  j;
    uint64_t  e;

    for (e = s->across.starts[k]; e < s->across.starts[k + 1]; e++) {
        j = recs_sansa_place(s, s->across.rows[e]);

        if (!t->marks[j]) {
            t->marks[j] = 1;
            t->touched[n++] = j;
        }

        t->sums[j] += value * s->across.values[e];
    }

    return n;
}
