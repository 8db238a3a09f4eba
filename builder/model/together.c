/*
 * Copyright (C) recs authors
 *
 * FREQUENTLY_BOUGHT_TOGETHER (algorithms.md 1.3).  Gates: n_ij, lift, and
 * the log-likelihood ratio (Dunning 1993).  Rank:
 *
 *   WilsonLB(n_ij / n_i) / (n_j / n)^beta,   z = 1.28
 *
 * between confidence (beta 0) and lift (beta 1); raw confidence prefers what
 * everybody buys, raw lift what hardly anybody does.  The score is v / (1 +
 * v) of this value, so that it can be compared between lists.
 *
 * Memory: that of the pairs, and 32 bytes for each of at most 100 entries of
 * an item.
 */

#include "pairs.h"
#include "rows.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>


#define RECS_TOGETHER_MAX  100
#define RECS_TOGETHER_Z    1.28


typedef struct {
    const recs_dataset_t  *d;
    const recs_config_t   *c;
    recs_slots_t           slots;
    recs_top_t            *tops;     /* of each thread */
    double                 baskets;
} recs_together_t;


static void recs_together_item(void *ctx, unsigned thread, uint32_t i,
    uint32_t n, const uint32_t *j, const uint32_t *count);
static unsigned recs_together_gate(const recs_together_t *t, uint32_t i,
    uint32_t j, double count);
static double recs_together_value(const recs_together_t *t, uint32_t i,
    uint32_t j, double count);
static void recs_together_entry(const recs_together_t *t, uint32_t i,
    uint32_t j, uint32_t count, recs_format_together_t *e);


int
recs_model_together(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    unsigned         n, threads;
    recs_together_t  t = { .d = d, .c = c };

    threads = recs_max(c->threads, 1);

    t.baskets = d->baskets.rows;
    t.tops = recs_calloc(threads, sizeof(recs_top_t));

    for (n = 0; n < threads; n++) {
        recs_top_init(&t.tops[n], RECS_TOGETHER_MAX);
    }

    recs_slots_init(&t.slots, d->items, RECS_TOGETHER_MAX,
                    sizeof(recs_format_together_t));

    recs_model_pairs(&d->baskets, d->items, RECS_PAIRS_ROW_MAX, threads,
                     recs_together_item, &t);

    recs_slots_finish(&t.slots, list);
    recs_model_empty(list, "together",
                     "no two products are in enough baskets");

    for (n = 0; n < threads; n++) {
        recs_top_free(&t.tops[n]);
    }

    free(t.tops);

    return RECS_OK;
}


static void
recs_together_item(void *ctx, unsigned thread, uint32_t i, uint32_t n,
    const uint32_t *j, const uint32_t *count)
{
    uint32_t                 k;
    recs_top_t              *top;
    recs_together_t         *t;
    recs_format_together_t  *e;

    t = ctx;
    top = &t->tops[thread];
    top->n = 0;

    for (k = 0; k < n; k++) {
        if (recs_together_gate(t, i, j[k], count[k])) {
            recs_top_push(top, recs_together_value(t, i, j[k], count[k]),
                          j[k], count[k]);
        }
    }

    recs_top_sort(top);

    e = recs_slots_row(&t->slots, i);
    t->slots.counts[i] = top->n;

    for (k = 0; k < top->n; k++) {
        recs_together_entry(t, i, top->entries[k].item, top->entries[k].data,
                            &e[k]);
    }
}


static unsigned
recs_together_gate(const recs_together_t *t, uint32_t i, uint32_t j,
    double count)
{
    double  n, ni, nj;

    n = t->baskets;
    ni = t->d->item_baskets[i];
    nj = t->d->item_baskets[j];

    return t->d->products[j].listed
           && count >= t->c->together_min_count
           && n * count > t->c->together_min_lift * ni * nj
           && recs_llr(count, ni - count, nj - count, n - ni - nj + count)
              >= t->c->together_min_g2;
}


static double
recs_together_value(const recs_together_t *t, uint32_t i, uint32_t j,
    double count)
{
    double  bound, share;

    bound = recs_wilson_lower(count, t->d->item_baskets[i], RECS_TOGETHER_Z);
    share = t->d->item_baskets[j] / t->baskets;

    return bound / pow(share, t->c->together_beta);
}


static void
recs_together_entry(const recs_together_t *t, uint32_t i, uint32_t j,
    uint32_t count, recs_format_together_t *e)
{
    double  n, ni, nj, value;

    n = t->baskets;
    ni = t->d->item_baskets[i];
    nj = t->d->item_baskets[j];
    value = recs_together_value(t, i, j, count);

    e->item = j;
    e->count = count;
    e->score = value / (1 + value);
    e->support = count / n;
    e->confidence = count / ni;
    e->lift = n * count / (ni * nj);
    e->bound = recs_wilson_lower(count, ni, RECS_TOGETHER_Z);
    e->reserved = 0;
}
