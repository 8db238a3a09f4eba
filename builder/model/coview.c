/*
 * Copyright (C) recs authors
 *
 * Behaviour: the shrunk cosine n_ij / (sqrt(n_i n_j) + 20) of sessions that
 * viewed both (algorithms.md 1.2), or the confidence (c_ij + kappa c_j / c) /
 * (c_i + kappa) of sessions weighted by their size (bought.h), where a shop
 * reports hardly any views or similar_behaviour asks for it, of each item's
 * strongest neighbours; then nine parts of its percentile among all that are
 * kept (ties in the middle of theirs), so that the factor fills 0..1 in every
 * shop, and one of its share of the item's best one, so that the neighbours of
 * a popular item, which are all in the last percentile, differ.
 *
 * Users stand for sessions where most events have none.  What is bought at
 * once completes rather than replaces, so purchases only speak where a shop
 * reports hardly any views.
 *
 * Memory: that of the pairs, and 8 bytes for each of at most 100 entries of
 * an item.
 */

#include "bought.h"
#include "demand.h"
#include "factors.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>


#define RECS_COVIEW_MAX     100
#define RECS_COVIEW_SHRINK  20.0
#define RECS_COVIEW_ENOUGH  1000     /* views, or all interest counts */
#define RECS_COVIEW_BINS    65536
#define RECS_COVIEW_BLOCK   64


typedef struct {
    const recs_dataset_t  *d;
    const recs_config_t   *c;
    recs_coview_t         *v;
    recs_slots_t           slots;
    recs_top_t            *tops;
    recs_bought_t          bought;   /* of the smoothed ones */
    recs_bought_row_t     *rows;
} recs_coview_ctx_t;


static unsigned recs_coview_signals(const recs_dataset_t *d);
static unsigned recs_coview_smooth(const recs_config_t *c, unsigned signals);
static void recs_coview_smoothed(recs_coview_ctx_t *ctx,
    const recs_rows_t *rows, unsigned threads);
static void recs_coview_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_coview_keep(recs_coview_ctx_t *c, uint32_t i,
    recs_top_t *top);
static void recs_coview_item(void *ctx, unsigned thread, uint32_t i,
    uint32_t n, const uint32_t *j, const uint32_t *count);
static void recs_coview_percentiles(recs_coview_t *v);
static uint32_t recs_coview_bin(float value);


void
recs_coview_init(recs_coview_t *v, const recs_dataset_t *d,
    const recs_config_t *c, unsigned threads)
{
    unsigned           n, signals;
    uint64_t           e;
    recs_matrix_t      x;
    recs_coview_ctx_t  ctx = { .d = d, .c = c, .v = v };

    n = d->by_session.offsets[d->by_session.rows] < d->events / 2;
    signals = recs_coview_signals(d);
    recs_model_matrix(d, signals, n, &x);

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

    if (recs_coview_smooth(c, signals)) {
        recs_coview_smoothed(&ctx, &x.rows, threads);

    } else {
        recs_model_pairs(&x.rows, d->items, RECS_PAIRS_ROW_MAX, threads,
                         recs_coview_item, &ctx);
    }

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


/* What is bought together is no likeness: there only the next one counts. */

static unsigned
recs_coview_smooth(const recs_config_t *c, unsigned signals)
{
    return c->similar_behaviour == RECS_BEHAVIOUR_SMOOTHED
           || (c->similar_behaviour == RECS_BEHAVIOUR_AUTO
               && signals != RECS_SIGNAL_VIEW);
}


static void
recs_coview_smoothed(recs_coview_ctx_t *ctx, const recs_rows_t *rows,
    unsigned threads)
{
    unsigned  n;

    recs_bought_rows(&ctx->bought, rows, ctx->d->items, ctx->c);
    ctx->rows = recs_calloc(threads, sizeof(recs_bought_row_t));

    for (n = 0; n < threads; n++) {
        recs_bought_row_init(&ctx->rows[n], ctx->d->items);
    }

    recs_parallel(threads, ctx->d->items, RECS_COVIEW_BLOCK,
                  recs_coview_block, ctx);

    for (n = 0; n < threads; n++) {
        recs_bought_row_free(&ctx->rows[n]);
    }

    free(ctx->rows);
    recs_bought_free(&ctx->bought);
}


static void
recs_coview_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    double                share, value;
    uint32_t              i, j, k;
    recs_top_t           *top;
    recs_bought_row_t    *row;
    recs_coview_ctx_t    *c;
    const recs_bought_t  *b;

    c = ctx;
    b = &c->bought;
    row = &c->rows[thread];
    top = &c->tops[thread];

    for (i = from; i < to; i++) {
        top->n = 0;
        recs_bought_add(b, row, i);

        for (k = 0; k < row->n; k++) {
            j = row->items[k];

            if (c->d->products[j].listed
                && row->counts[j] >= c->c->together_min_count)
            {
                share = b->margin[j] / b->total;
                value = (row->sums[j] + c->c->together_smoothing * share)
                        / (b->margin[i] + c->c->together_smoothing);
                recs_top_push(top, (float) value, j, 0);
            }
        }

        recs_bought_clear(row);
        recs_coview_keep(c, i, top);
    }
}


static void
recs_coview_item(void *ctx, unsigned thread, uint32_t i, uint32_t n,
    const uint32_t *j, const uint32_t *count)
{
    float               value;
    uint32_t            k;
    recs_top_t         *top;
    recs_coview_ctx_t  *c;

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

    recs_coview_keep(c, i, top);
}


static void
recs_coview_keep(recs_coview_ctx_t *c, uint32_t i, recs_top_t *top)
{
    uint32_t              k;
    recs_coview_entry_t  *e;

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
