/*
 * Copyright (C) recs authors
 *
 * RELATED by what people have beside a product, drawn towards what is to be
 * expected beside one of its kind, and beside any:
 *
 *   row_i[j] = (c_ij + kappa q_ij) / (c_i + kappa)
 *
 * as of "together" (bought.h), of the histories of users instead of baskets.
 * Where little is known of any pair, as in a shop of many products and few
 * returns, it comes out as what the kind, and then the shop, is bought for.
 *
 * Memory: the histories, inverted, 8 bytes an entry, 512 a category, 24 an
 * item and thread, and that of the rows.
 */

#include "bought.h"
#include "linear.h"
#include "table.h"

#include <stdlib.h>


#define RECS_SMOOTHED_BLOCK    64
#define RECS_SMOOTHED_POPULAR  64
#define RECS_SMOOTHED_LEVEL    10    /* kappa of a category, as of together */


typedef struct {
    recs_bought_row_t     row;
    float                *expected;  /* by item, of the category at hand */
    float                *values;    /* parallel to row.items */
} recs_smoothed_thread_t;

typedef struct {
    const recs_dataset_t    *d;
    double                   kappa;
    recs_bought_t            bought;
    recs_backoff_t           backoff;
    recs_top_t               popular;
    recs_linear_t            linear;
    recs_smoothed_thread_t  *threads;
} recs_smoothed_t;


static void recs_smoothed_popular(recs_smoothed_t *s);
static void recs_smoothed_threads(recs_smoothed_t *s, unsigned threads);
static void recs_smoothed_free(recs_smoothed_t *s, unsigned threads);
static void recs_smoothed_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_smoothed_item(recs_smoothed_t *s, unsigned thread,
    uint32_t i);
static void recs_smoothed_touch(recs_bought_row_t *row, uint32_t j);


int
recs_model_smoothed(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    unsigned         threads;
    recs_matrix_t    x;
    recs_smoothed_t  s = { .d = d, .kappa = c->together_smoothing };

    threads = recs_max(c->threads, 1);

    recs_linear_input(d, c, &x);
    recs_bought_rows(&s.bought, &x.rows, d->items, c);
    recs_matrix_free(&x);

    recs_backoff_init(&s.backoff, &s.bought, d,
                      RECS_SMOOTHED_LEVEL * s.kappa, 1, threads);
    recs_smoothed_popular(&s);
    recs_smoothed_threads(&s, threads);

    recs_linear_init(&s.linear, d, (uint32_t) c->related_max, threads);
    recs_parallel(threads, d->items, RECS_SMOOTHED_BLOCK,
                  recs_smoothed_block, &s);
    recs_linear_finish(&s.linear, list);

    recs_smoothed_free(&s, threads);

    return RECS_OK;
}


/* What has most beside it, in every row: nothing else may be known. */

static void
recs_smoothed_popular(recs_smoothed_t *s)
{
    uint32_t  j;

    recs_top_init(&s->popular, RECS_SMOOTHED_POPULAR);

    for (j = 0; j < s->d->items; j++) {
        if (s->d->products[j].listed && s->bought.margin[j] > 0) {
            recs_top_push(&s->popular, (float) s->bought.margin[j], j, 0);
        }
    }
}


static void
recs_smoothed_threads(recs_smoothed_t *s, unsigned threads)
{
    size_t    n;
    unsigned  t;

    n = (size_t) s->d->items + 1;
    s->threads = recs_calloc(threads, sizeof(recs_smoothed_thread_t));

    for (t = 0; t < threads; t++) {
        recs_bought_row_init(&s->threads[t].row, s->d->items);
        s->threads[t].expected = recs_calloc(n, sizeof(float));
        s->threads[t].values = recs_alloc(n * sizeof(float));
    }
}


static void
recs_smoothed_free(recs_smoothed_t *s, unsigned threads)
{
    unsigned  t;

    for (t = 0; t < threads; t++) {
        recs_bought_row_free(&s->threads[t].row);
        free(s->threads[t].expected);
        free(s->threads[t].values);
    }

    free(s->threads);
    recs_top_free(&s->popular);
    recs_backoff_free(&s->backoff);
    recs_bought_free(&s->bought);
}


static void
recs_smoothed_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t          i;
    recs_smoothed_t  *s;

    s = ctx;

    for (i = from; i < to; i++) {
        recs_smoothed_item(s, thread, i);
    }
}


static void
recs_smoothed_item(recs_smoothed_t *s, unsigned thread, uint32_t i)
{
    double                        base, q, share;
    uint32_t                      c, j, k;
    uint64_t                      e, from, to;
    recs_bought_t                *b;
    recs_smoothed_thread_t       *t;
    const recs_format_related_t  *kind;

    b = &s->bought;
    t = &s->threads[thread];
    c = s->d->products[i].category;
    kind = s->backoff.list.entries;
    from = to = 0;
    base = 1;

    if (c < s->d->categories) {
        from = s->backoff.list.offsets[c];
        to = s->backoff.list.offsets[c + 1];
        base = s->backoff.base[c];
    }

    recs_bought_add(b, &t->row, i);

    for (e = from; e < to; e++) {
        t->expected[kind[e].item] = kind[e].weight;
        recs_smoothed_touch(&t->row, kind[e].item);
    }

    for (k = 0; k < s->popular.n; k++) {
        recs_smoothed_touch(&t->row, s->popular.entries[k].item);
    }

    for (k = 0; k < t->row.n; k++) {
        j = t->row.items[k];
        share = b->total > 0 ? b->margin[j] / b->total : 0;
        q = t->expected[j] + base * share;
        t->values[k] = (float) ((t->row.sums[j] + s->kappa * q)
                                / recs_max(b->margin[i] + s->kappa, 1e-9));
    }

    recs_linear_sparse(&s->linear, thread, i, t->row.n, t->row.items,
                       t->values);

    for (e = from; e < to; e++) {
        t->expected[kind[e].item] = 0;
    }

    recs_bought_clear(&t->row);
}


/* Into the row, where it is not in it already. */

static void
recs_smoothed_touch(recs_bought_row_t *row, uint32_t j)
{
    if (row->counts[j] == 0) {
        row->counts[j] = 1;
        row->items[row->n++] = j;
    }
}
