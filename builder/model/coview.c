/*
 * Copyright (C) recs authors
 *
 * Behaviour: the shrunk cosine n_ij / (sqrt(n_i n_j) + 20) of sessions that
 * viewed both (algorithms.md 1.2), of each item's strongest neighbours; then
 * nine parts of its percentile among all that are kept (ties in the middle
 * of theirs), so that the factor fills 0..1 in every shop, and one of its
 * share of the item's best one, so that the neighbours of a popular item,
 * which are all in the last percentile, differ.
 *
 * Users stand for sessions where most events have none.  What is bought at
 * once completes rather than replaces, so purchases only speak where a shop
 * reports hardly any views.
 *
 * Memory: that of the pairs, and 8 bytes for each of at most 100 entries of
 * an item.
 */

#include "demand.h"
#include "factors.h"
#include "pairs.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>


#define RECS_COVIEW_MAX     100
#define RECS_COVIEW_SHRINK  20.0
#define RECS_COVIEW_ENOUGH  1000     /* views, or all interest counts */
#define RECS_COVIEW_BINS    65536


typedef struct {
    const recs_dataset_t  *d;
    recs_coview_t         *v;
    recs_slots_t           slots;
    recs_top_t            *tops;
} recs_coview_ctx_t;


static unsigned recs_coview_signals(const recs_dataset_t *d);
static void recs_coview_item(void *ctx, unsigned thread, uint32_t i,
    uint32_t n, const uint32_t *j, const uint32_t *count);
static void recs_coview_percentiles(recs_coview_t *v);
static uint32_t recs_coview_bin(float value);


void
recs_coview_init(recs_coview_t *v, const recs_dataset_t *d,
    unsigned threads)
{
    unsigned           n;
    uint64_t           e;
    recs_matrix_t      x;
    recs_coview_ctx_t  ctx = { .d = d, .v = v };

    n = d->by_session.offsets[d->by_session.rows] < d->events / 2;
    recs_model_matrix(d, recs_coview_signals(d), n, &x);

    v->rows = recs_calloc((size_t) d->items + 1, sizeof(uint32_t));

    for (e = 0; e < x.rows.offsets[x.rows.rows]; e++) {
        v->rows[x.rows.entries[e]]++;
    }

    ctx.tops = recs_calloc(threads, sizeof(recs_top_t));

    for (n = 0; n < threads; n++) {
        recs_top_init(&ctx.tops[n], RECS_COVIEW_MAX);
    }

    recs_slots_init(&ctx.slots, d->items, RECS_COVIEW_MAX,
                    sizeof(recs_coview_entry_t));

    recs_model_pairs(&x.rows, d->items, RECS_PAIRS_ROW_MAX, threads,
                     recs_coview_item, &ctx);

    recs_slots_finish(&ctx.slots, &v->list);
    recs_coview_percentiles(v);

    for (n = 0; n < threads; n++) {
        recs_top_free(&ctx.tops[n]);
    }

    free(ctx.tops);
    recs_matrix_free(&x);
}


void
recs_coview_free(recs_coview_t *v)
{
    recs_model_free(&v->list);
    free(v->rows);
}


static unsigned
recs_coview_signals(const recs_dataset_t *d)
{
    uint64_t        e, n;
    recs_signals_t  s;

    recs_signals_init(&s);

    for (e = 0, n = 0; e < d->events && n < RECS_COVIEW_ENOUGH; e++) {
        n += (s.signal[d->type[e]] & RECS_SIGNAL_VIEW) != 0;
    }

    return n == RECS_COVIEW_ENOUGH ? RECS_SIGNAL_VIEW
                                   : RECS_SIGNALS_INTEREST;
}


static void
recs_coview_item(void *ctx, unsigned thread, uint32_t i, uint32_t n,
    const uint32_t *j, const uint32_t *count)
{
    float                 value;
    uint32_t              k;
    recs_top_t           *top;
    recs_coview_ctx_t    *c;
    recs_coview_entry_t  *e;

    c = ctx;
    top = &c->tops[thread];
    top->n = 0;

    for (k = 0; k < n; k++) {
        if (c->d->products[j[k]].listed) {
            value = count[k] / (sqrt((double) c->v->rows[i]
                                     * c->v->rows[j[k]])
                                + RECS_COVIEW_SHRINK);
            recs_top_push(top, value, j[k], 0);
        }
    }

    recs_top_sort(top);

    e = recs_slots_row(&c->slots, i);
    c->slots.counts[i] = top->n;

    for (k = 0; k < top->n; k++) {
        e[k].item = top->entries[k].item;
        e[k].value = top->entries[k].value;
    }
}


static void
recs_coview_percentiles(recs_coview_t *v)
{
    float                 best;
    double               *share;
    uint32_t              bin, row;
    uint64_t              before, k, n, *counts;
    recs_coview_entry_t  *e;

    e = v->list.entries;
    n = v->list.offsets[v->list.rows];

    counts = recs_calloc(RECS_COVIEW_BINS, sizeof(uint64_t));
    share = recs_calloc(RECS_COVIEW_BINS, sizeof(double));

    for (k = 0; k < n; k++) {
        counts[recs_coview_bin(e[k].value)]++;
    }

    for (bin = 0, before = 0; bin < RECS_COVIEW_BINS; bin++) {
        share[bin] = n ? (before + counts[bin] / 2.0) / n : 0;
        before += counts[bin];
    }

    for (row = 0, k = 0; row < v->list.rows; row++) {
        best = k < n ? e[k].value : 1;

        for ( /* void */ ; k < v->list.offsets[row + 1]; k++) {
            e[k].value = 0.9 * share[recs_coview_bin(e[k].value)]
                         + 0.1 * e[k].value / best;
        }
    }

    free(counts);
    free(share);
}


static uint32_t
recs_coview_bin(float value)
{
    return recs_min(value, 1.0f) * (RECS_COVIEW_BINS - 1);
}
