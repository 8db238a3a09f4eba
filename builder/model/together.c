/*
 * Copyright (C) recs authors
 *
 * FREQUENTLY_BOUGHT_TOGETHER (algorithms.md 1.3).  What ranks is one row of
 * recs_together_scores[], divided by share_j^beta; the first one,
 *
 *   (c_ij + kappa q_j) / (c_i + kappa),
 *
 * is the confidence in baskets that are weighted by size and age (bought.h)
 * and drawn towards what is expected beside a product of this category
 * (backoff.c); the others are those that literature compares with.  The
 * score of an entry is v / (1 + v) of its value, so that it can be compared
 * between lists.
 *
 * A pair needs n_ij baskets, a lift and, by a log-likelihood ratio (Dunning
 * 1993), evidence.  The smoothed list goes on with what is bought with
 * products of the kind: RECS_TOGETHER_BACKOFF of them at most.
 *
 * Memory: the baskets, inverted, and 32 bytes for each of at most 112
 * entries of an item.
 */

#include "bought.h"
#include "rows.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_TOGETHER_MAX      100
#define RECS_TOGETHER_BACKOFF  12
#define RECS_TOGETHER_BLOCK    64
#define RECS_TOGETHER_LEVEL    10      /* kappa of a category, in those of
                                          a product: kinds differ less */
#define RECS_TOGETHER_Z        1.28


typedef struct {
    double                 n;        /* baskets */
    double                 ni;
    double                 nj;
    double                 count;    /* n_ij */
    double                 sum;      /* c_ij */
    double                 margin;   /* c_i */
    double                 share;    /* of j among all that is together */
    double                 expected; /* q_j */
    double                 kappa;
} recs_together_pair_t;

typedef double (*recs_together_pt)(const recs_together_pair_t *p);

typedef struct {
    const recs_dataset_t  *d;
    const recs_config_t   *c;
    recs_bought_t          bought;
    recs_backoff_t         backoff;
    unsigned               backed;   /* the score looks at what is expected */
    recs_slots_t           slots;
    recs_bought_row_t     *rows;     /* of each thread */
    recs_top_t            *tops;
    float                **expected; /* by item, of each thread */
} recs_together_t;


static void recs_together_threads(recs_together_t *t, unsigned threads);
static void recs_together_free(recs_together_t *t, unsigned threads);
static void recs_together_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_together_item(recs_together_t *t, unsigned thread,
    uint32_t i);
static void recs_together_expect(const recs_together_t *t, uint32_t i,
    float *expected, unsigned fill);
static void recs_together_more(recs_together_t *t, unsigned thread,
    uint32_t i);
static void recs_together_pair(const recs_together_t *t, unsigned thread,
    uint32_t i, uint32_t j, recs_together_pair_t *p);
static unsigned recs_together_gate(const recs_together_t *t, uint32_t j,
    const recs_together_pair_t *p);
static double recs_together_value(const recs_together_t *t,
    const recs_together_pair_t *p);
static void recs_together_entry(const recs_together_t *t, uint32_t j,
    const recs_together_pair_t *p, recs_format_together_t *e);
static double recs_together_smoothed(const recs_together_pair_t *p);
static double recs_together_wilson(const recs_together_pair_t *p);
static double recs_together_confidence(const recs_together_pair_t *p);
static double recs_together_lift(const recs_together_pair_t *p);
static double recs_together_cosine(const recs_together_pair_t *p);
static double recs_together_llr(const recs_together_pair_t *p);


static const recs_together_pt  recs_together_scores[RECS_TOGETHER_SCORES] = {
    recs_together_smoothed,
    recs_together_wilson,
    recs_together_confidence,
    recs_together_lift,
    recs_together_cosine,
    recs_together_llr,
};


int
recs_model_together(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    unsigned         threads;
    recs_together_t  t = { .d = d, .c = c };

    threads = recs_max(c->threads, 1);
    t.backed = c->together_score == RECS_TOGETHER_SMOOTHED;

    recs_bought_init(&t.bought, d, c);

    if (t.backed) {
        recs_backoff_init(&t.backoff, &t.bought, d,
                          RECS_TOGETHER_LEVEL * c->together_smoothing,
                          (uint32_t) c->together_min_count, threads);
    }

    recs_together_threads(&t, threads);
    recs_slots_init(&t.slots, d->items,
                    RECS_TOGETHER_MAX + RECS_TOGETHER_BACKOFF,
                    sizeof(recs_format_together_t));

    recs_parallel(threads, d->items, RECS_TOGETHER_BLOCK,
                  recs_together_block, &t);

    recs_slots_finish(&t.slots, list);
    recs_model_empty(list, "together",
                     "no two products are in enough baskets");

    recs_together_free(&t, threads);

    return RECS_OK;
}


static void
recs_together_threads(recs_together_t *t, unsigned threads)
{
    unsigned  n;

    t->rows = recs_calloc(threads, sizeof(recs_bought_row_t));
    t->tops = recs_calloc(threads, sizeof(recs_top_t));
    t->expected = recs_calloc(threads, sizeof(float *));

    for (n = 0; n < threads; n++) {
        recs_bought_row_init(&t->rows[n], t->d->items);
        recs_top_init(&t->tops[n], RECS_TOGETHER_MAX + RECS_TOGETHER_BACKOFF);
        t->expected[n] = recs_calloc((size_t) t->d->items + 1, sizeof(float));
    }
}


static void
recs_together_free(recs_together_t *t, unsigned threads)
{
    unsigned  n;

    for (n = 0; n < threads; n++) {
        recs_bought_row_free(&t->rows[n]);
        recs_top_free(&t->tops[n]);
        free(t->expected[n]);
    }

    free(t->rows);
    free(t->tops);
    free(t->expected);

    if (t->backed) {
        recs_backoff_free(&t->backoff);
    }

    recs_bought_free(&t->bought);
}


static void
recs_together_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t          i;
    recs_together_t  *t;

    t = ctx;

    for (i = from; i < to; i++) {
        recs_together_expect(t, i, t->expected[thread], 1);
        recs_bought_add(&t->bought, &t->rows[thread], i);

        recs_together_item(t, thread, i);

        recs_bought_clear(&t->rows[thread]);
        recs_together_expect(t, i, t->expected[thread], 0);
    }
}


static void
recs_together_item(recs_together_t *t, unsigned thread, uint32_t i)
{
    uint32_t                 j, k;
    recs_top_t              *top;
    recs_bought_row_t       *row;
    recs_together_pair_t     p;
    recs_format_together_t  *e;

    row = &t->rows[thread];
    top = &t->tops[thread];
    top->n = 0;
    top->max = RECS_TOGETHER_MAX;

    for (k = 0; k < row->n; k++) {
        j = row->items[k];
        recs_together_pair(t, thread, i, j, &p);

        if (recs_together_gate(t, j, &p)) {
            recs_top_push(top, recs_together_value(t, &p), j, 0);
        }
    }

    if (t->backed) {
        recs_together_more(t, thread, i);
    }

    recs_top_sort(top);

    e = recs_slots_row(&t->slots, i);
    t->slots.counts[i] = top->n;

    for (k = 0; k < top->n; k++) {
        recs_together_pair(t, thread, i, top->entries[k].item, &p);
        recs_together_entry(t, top->entries[k].item, &p, &e[k]);
    }
}


/* Writes what is expected of a category over zeros, or the zeros again. */

static void
recs_together_expect(const recs_together_t *t, uint32_t i, float *expected,
    unsigned fill)
{
    uint32_t                      c;
    uint64_t                      k;
    const recs_format_related_t  *e;

    c = t->d->products[i].category;

    if (!t->backed || c >= t->d->categories) {
        return;
    }

    e = t->backoff.list.entries;

    for (k = t->backoff.list.offsets[c]; k < t->backoff.list.offsets[c + 1];
         k++)
    {
        expected[e[k].item] = fill ? e[k].weight : 0;
    }
}


/* What goes with products of the kind and did not pass as a pair. */

static void
recs_together_more(recs_together_t *t, unsigned thread, uint32_t i)
{
    uint32_t                      c, j, n;
    uint64_t                      k;
    recs_top_t                   *top;
    recs_together_pair_t          p;
    const recs_format_related_t  *e;

    c = t->d->products[i].category;

    if (c >= t->d->categories) {
        return;
    }

    top = &t->tops[thread];
    top->max = top->n + RECS_TOGETHER_BACKOFF;
    e = t->backoff.list.entries;
    n = 0;

    for (k = t->backoff.list.offsets[c];
         k < t->backoff.list.offsets[c + 1] && n < RECS_TOGETHER_BACKOFF;
         k++)
    {
        j = e[k].item;
        recs_together_pair(t, thread, i, j, &p);

        if (j != i && !recs_together_gate(t, j, &p)
            && p.count < t->c->together_min_count)
        {
            recs_top_push(top, recs_together_value(t, &p), j, 0);
            n++;
        }
    }
}


static void
recs_together_pair(const recs_together_t *t, unsigned thread, uint32_t i,
    uint32_t j, recs_together_pair_t *p)
{
    uint32_t              c;
    const recs_bought_t  *b;

    b = &t->bought;
    c = t->d->products[i].category;

    p->n = b->rows.rows;
    p->ni = t->d->item_baskets[i];
    p->nj = t->d->item_baskets[j];
    p->count = t->rows[thread].counts[j];
    p->sum = t->rows[thread].sums[j];
    p->margin = b->margin[i];
    p->share = b->total > 0 ? b->margin[j] / b->total : 0;
    p->kappa = t->c->together_smoothing;
    p->expected = p->share;

    if (t->backed && c < t->d->categories) {
        p->expected = t->expected[thread][j]
                      + t->backoff.base[c] * p->share;
    }
}


static unsigned
recs_together_gate(const recs_together_t *t, uint32_t j,
    const recs_together_pair_t *p)
{
    return t->d->products[j].listed
           && p->count >= t->c->together_min_count
           && p->n * p->count > t->c->together_min_lift * p->ni * p->nj
           && (t->c->together_min_g2 <= 0
               || recs_together_llr(p) >= t->c->together_min_g2);
}


static double
recs_together_value(const recs_together_t *t, const recs_together_pair_t *p)
{
    double  share;

    share = t->backed ? p->share : p->nj / p->n;

    return recs_together_scores[t->c->together_score](p)
           / pow(recs_max(share, 1e-12), t->c->together_beta);
}


static void
recs_together_entry(const recs_together_t *t, uint32_t j,
    const recs_together_pair_t *p, recs_format_together_t *e)
{
    double  value;

    value = recs_together_value(t, p);

    e->item = j;
    e->count = (uint32_t) p->count;
    e->score = value / (1 + value);
    e->support = p->count / p->n;
    e->confidence = recs_together_confidence(p);
    e->lift = recs_together_lift(p);
    e->bound = recs_together_wilson(p);
    e->reserved = 0;
}


static double
recs_together_smoothed(const recs_together_pair_t *p)
{
    return (p->sum + p->kappa * p->expected)
           / recs_max(p->margin + p->kappa, 1e-9);
}


static double
recs_together_wilson(const recs_together_pair_t *p)
{
    return recs_wilson_lower(p->count, p->ni, RECS_TOGETHER_Z);
}


static double
recs_together_confidence(const recs_together_pair_t *p)
{
    return p->ni > 0 ? p->count / p->ni : 0;
}


static double
recs_together_lift(const recs_together_pair_t *p)
{
    return p->count > 0 ? p->n * p->count / (p->ni * p->nj) : 0;
}


static double
recs_together_cosine(const recs_together_pair_t *p)
{
    return p->count > 0 ? p->count / sqrt(p->ni * p->nj) : 0;
}


static double
recs_together_llr(const recs_together_pair_t *p)
{
    return recs_llr(p->count, p->ni - p->count, p->nj - p->count,
                    p->n - p->ni - p->nj + p->count);
}
