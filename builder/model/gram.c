/*
 * Copyright (C) recs authors
 *
 * Memory: 8 bytes a pair that is kept, 12 an item for each thread.  Time:
 * that of recs_model_gram(), and a selection in each row.
 */

#include "gram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


typedef struct {
    recs_kept_gram_t   *g;
    recs_slots_t        slots;
    float              *scales;      /* 1 / length of the column */
    uint64_t          **keys;        /* of each thread */
    float             **sums;        /* of each thread, by item */
} recs_gram_ctx_t;


static void recs_gram_item(void *ctx, unsigned thread, uint32_t i, uint32_t n,
    const uint32_t *j, const float *sum);
static void recs_gram_columns(recs_kept_gram_t *g, const recs_matrix_t *x,
    uint32_t items, float *scales);


void
recs_kept_gram_init(recs_kept_gram_t *g, const recs_matrix_t *x,
    uint32_t items, uint32_t max, unsigned threads)
{
    unsigned         t;
    recs_gram_ctx_t  ctx;

    threads = recs_max(threads, 1);

    ctx.g = g;
    ctx.scales = recs_alloc(((size_t) items + 1) * sizeof(float));
    ctx.keys = recs_alloc(threads * sizeof(uint64_t *));
    ctx.sums = recs_alloc(threads * sizeof(float *));

    recs_gram_columns(g, x, items, ctx.scales);
    recs_slots_init(&ctx.slots, items, recs_min(max, items),
                    sizeof(recs_format_related_t));

    for (t = 0; t < threads; t++) {
        ctx.keys[t] = recs_alloc(((size_t) items + 1) * sizeof(uint64_t));
        ctx.sums[t] = recs_alloc(((size_t) items + 1) * sizeof(float));
    }

    recs_model_gram(x, items, threads, recs_gram_item, &ctx);
    recs_slots_finish(&ctx.slots, &g->rows);

    for (t = 0; t < threads; t++) {
        free(ctx.keys[t]);
        free(ctx.sums[t]);
    }

    free(ctx.keys);
    free(ctx.sums);
    free(ctx.scales);
}


void
recs_kept_gram_free(recs_kept_gram_t *g)
{
    recs_model_free(&g->rows);
    free(g->diagonal);
    free(g->counts);
}


/* Positive floats are in the order of their bits. */

static void
recs_gram_item(void *ctx, unsigned thread, uint32_t i, uint32_t n,
    const uint32_t *j, const float *sum)
{
    float                   cosine;
    uint32_t                bits, k;
    uint64_t               *keys;
    recs_gram_ctx_t        *c;
    recs_format_related_t  *e;

    c = ctx;
    keys = c->keys[thread];
    e = recs_slots_row(&c->slots, i);

    for (k = 0; k < n; k++) {
        cosine = fabsf(sum[k]) * c->scales[j[k]];
        memcpy(&bits, &cosine, sizeof(bits));
        keys[k] = (uint64_t) bits << 32 | (uint32_t) ~j[k];
        c->sums[thread][j[k]] = sum[k];
    }

    if (n > c->slots.max) {
        recs_keys_best(keys, n, c->slots.max);
        n = c->slots.max;
    }

    recs_keys_sort(keys, n);
    c->slots.counts[i] = n;

    for (k = 0; k < n; k++) {
        e[k].item = ~(uint32_t) keys[k];
        e[k].weight = c->sums[thread][e[k].item];
    }
}


static void
recs_gram_columns(recs_kept_gram_t *g, const recs_matrix_t *x, uint32_t items,
    float *scales)
{
    uint32_t  i;
    uint64_t  e;

    g->diagonal = recs_matrix_norms(x, items);
    g->counts = recs_calloc((size_t) items + 1, sizeof(float));

    for (i = 0; i < items; i++) {
        scales[i] = g->diagonal[i] > 0 ? 1 / g->diagonal[i] : 0;
        g->diagonal[i] *= g->diagonal[i];
    }

    for (e = 0; e < x->rows.offsets[x->rows.rows]; e++) {
        g->counts[x->rows.entries[e]]++;
    }
}
