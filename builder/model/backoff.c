/*
 * Copyright (C) recs authors
 *
 * A thread sums the rows of all products under a category, which are one run
 * of the products sorted by category, since a subtree is an interval.
 */

#include "bought.h"
#include "rows.h"

#include <stdlib.h>


typedef struct {
    const recs_bought_t    *b;
    const recs_dataset_t   *d;
    uint32_t                min_count;
    uint32_t               *items;     /* by category */
    uint64_t               *starts;    /* of categories in items */
    recs_bought_row_t      *rows;      /* of threads */
    recs_top_t             *tops;      /* of threads */
    recs_slots_t            slots;
    double                 *totals;    /* by category */
} recs_backoff_ctx_t;


static void recs_backoff_sort(recs_backoff_ctx_t *ctx);
static void recs_backoff_block(void *data, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_backoff_category(recs_backoff_ctx_t *ctx, unsigned thread,
    uint32_t category);
static void recs_backoff_smooth(recs_backoff_t *f, recs_backoff_ctx_t *ctx,
    double kappa);
static void recs_backoff_merge(recs_backoff_t *f, recs_backoff_ctx_t *ctx,
    uint32_t category, double kappa, recs_top_t *top, float *values);


void
recs_backoff_init(recs_backoff_t *f, const recs_bought_t *b,
    const recs_dataset_t *d, double kappa, uint32_t min_count,
    unsigned threads)
{
    unsigned             n;
    recs_backoff_ctx_t   ctx = { .b = b, .d = d, .min_count = min_count };

    recs_backoff_sort(&ctx);
    recs_slots_init(&ctx.slots, d->categories, RECS_BACKOFF_MAX,
                    sizeof(recs_format_related_t));

    ctx.totals = recs_calloc((size_t) d->categories + 1, sizeof(double));
    ctx.rows = recs_calloc(threads, sizeof(recs_bought_row_t));
    ctx.tops = recs_calloc(threads, sizeof(recs_top_t));

    for (n = 0; n < threads; n++) {
        recs_bought_row_init(&ctx.rows[n], d->items);
        recs_top_init(&ctx.tops[n], RECS_BACKOFF_MAX);
    }

    recs_parallel(threads, d->categories, 1, recs_backoff_block, &ctx);

    for (n = 0; n < threads; n++) {
        recs_bought_row_free(&ctx.rows[n]);
        recs_top_free(&ctx.tops[n]);
    }

    recs_backoff_smooth(f, &ctx, kappa);
    recs_slots_finish(&ctx.slots, &f->list);

    free(ctx.rows);
    free(ctx.tops);
    free(ctx.totals);
    free(ctx.items);
    free(ctx.starts);
}


void
recs_backoff_free(recs_backoff_t *f)
{
    recs_model_free(&f->list);
    free(f->base);
}


static void
recs_backoff_sort(recs_backoff_ctx_t *ctx)
{
    uint32_t               c, i;
    const recs_dataset_t  *d;

    d = ctx->d;
    ctx->starts = recs_calloc((size_t) d->categories + 2, sizeof(uint64_t));
    ctx->items = recs_alloc((size_t) d->items * sizeof(uint32_t) + 1);

    for (i = 0; i < d->items; i++) {
        if (d->products[i].category < d->categories) {
            ctx->starts[d->products[i].category + 2]++;
        }
    }

    for (c = 2; c < d->categories + 2; c++) {
        ctx->starts[c] += ctx->starts[c - 1];
    }

    for (i = 0; i < d->items; i++) {
        if (d->products[i].category < d->categories) {
            ctx->items[ctx->starts[d->products[i].category + 1]++] = i;
        }
    }
}


static void
recs_backoff_block(void *data, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t  c;

    for (c = from; c < to; c++) {
        recs_backoff_category(data, thread, c);
    }
}


static void
recs_backoff_category(recs_backoff_ctx_t *ctx, unsigned thread,
    uint32_t category)
{
    double                  total;
    uint32_t                j, k;
    uint64_t                e, end;
    recs_top_t             *top;
    recs_bought_row_t      *row;
    recs_format_related_t  *out;

    row = &ctx->rows[thread];
    top = &ctx->tops[thread];
    top->n = 0;
    total = 0;
    end = ctx->starts[ctx->d->category_end[category]];

    for (e = ctx->starts[category]; e < end; e++) {
        recs_bought_add(ctx->b, row, ctx->items[e]);
        total += ctx->b->margin[ctx->items[e]];
    }

    for (k = 0; k < row->n; k++) {
        j = row->items[k];

        if (ctx->d->products[j].listed && row->counts[j] >= ctx->min_count) {
            recs_top_push(top, row->sums[j], j, 0);
        }
    }

    recs_bought_clear(row);
    recs_top_sort(top);

    out = recs_slots_row(&ctx->slots, category);
    ctx->slots.counts[category] = top->n;
    ctx->totals[category] = total;

    for (k = 0; k < top->n; k++) {
        out[k].item = top->entries[k].item;
        out[k].weight = top->entries[k].value;
    }
}


/* In preorder, so that a parent is done before its children. */

static void
recs_backoff_smooth(recs_backoff_t *f, recs_backoff_ctx_t *ctx, double kappa)
{
    float       *values;
    uint32_t     c;
    recs_top_t   top;

    f->base = recs_alloc((size_t) ctx->d->categories * sizeof(float) + 1);
    values = recs_calloc((size_t) ctx->d->items + 1, sizeof(float));
    recs_top_init(&top, RECS_BACKOFF_MAX);

    for (c = 0; c < ctx->d->categories; c++) {
        recs_backoff_merge(f, ctx, c, kappa, &top, values);
    }

    recs_top_free(&top);
    free(values);
}


static void
recs_backoff_merge(recs_backoff_t *f, recs_backoff_ctx_t *ctx,
    uint32_t category, double kappa, recs_top_t *top, float *values)
{
    double                        all, above;
    uint32_t                      k, n, parent;
    recs_format_related_t        *own;
    const recs_format_related_t  *theirs;

    all = recs_max(ctx->totals[category] + kappa, 1e-9);
    above = kappa / all;
    parent = ctx->d->category_parent[category];

    own = recs_slots_row(&ctx->slots, category);
    top->n = 0;

    for (k = 0; k < ctx->slots.counts[category]; k++) {
        values[own[k].item] = (float) (own[k].weight / all);
    }

    f->base[category] = (float) above;
    n = 0;
    theirs = NULL;

    if (parent < ctx->d->categories) {
        f->base[category] *= f->base[parent];
        theirs = recs_slots_row(&ctx->slots, parent);
        n = ctx->slots.counts[parent];
    }

    for (k = 0; k < n; k++) {
        recs_top_push(top, (float) (above * theirs[k].weight)
                           + values[theirs[k].item], theirs[k].item, 0);
        values[theirs[k].item] = 0;
    }

    for (k = 0; k < ctx->slots.counts[category]; k++) {
        if (values[own[k].item] > 0) {
            recs_top_push(top, values[own[k].item], own[k].item, 0);
            values[own[k].item] = 0;
        }
    }

    recs_top_sort(top);
    ctx->slots.counts[category] = top->n;

    for (k = 0; k < top->n; k++) {
        own[k].item = top->entries[k].item;
        own[k].weight = top->entries[k].value;
    }
}
