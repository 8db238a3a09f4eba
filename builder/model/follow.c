/*
 * Copyright (C) recs authors
 *
 * Memory: 8 bytes an item of a basket, 12 bytes an item and thread, and the
 * rows.  Time: the baskets of an item times the items of seven baskets.
 */

#include "follow.h"
#include "linear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_FOLLOW_BLOCK   64
#define RECS_FOLLOW_SHRINK  20


typedef struct {
    float     *sums;             /* by item */
    uint32_t  *touched;
    float     *packed;
} recs_follow_thread_t;

typedef struct {
    const recs_purchases_t  *p;
    uint64_t                *starts;   /* baskets of an item */
    uint64_t                *baskets;
    uint64_t                *ends;     /* by basket: of its user's last */
    uint32_t                *followed; /* t_i */
    recs_linear_t            rows;
    recs_follow_thread_t    *threads;
    float                    decay[RECS_FOLLOW_BASKETS];
} recs_follow_ctx_t;


static void recs_follow_invert(recs_follow_ctx_t *c, uint32_t items);
static void recs_follow_again(recs_follow_ctx_t *c, uint32_t items,
    float *again);
static void recs_follow_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static uint32_t recs_follow_sum(const recs_follow_ctx_t *c,
    recs_follow_thread_t *t, uint32_t i);
static float recs_follow_weight(const recs_follow_ctx_t *c, uint32_t i,
    uint32_t j, float sum);


void
recs_follow_init(recs_follow_t *f, const recs_purchases_t *p,
    const recs_dataset_t *d, unsigned threads)
{
    unsigned           n;
    recs_follow_ctx_t  c = { .p = p };

    recs_follow_invert(&c, d->items);

    f->again = recs_calloc((size_t) d->items + 1, sizeof(float));
    recs_follow_again(&c, d->items, f->again);

    for (n = 0; n < RECS_FOLLOW_BASKETS; n++) {
        c.decay[n] = (float) pow(RECS_FOLLOW_DECAY, n);
    }

    recs_linear_init(&c.rows, d, RECS_FOLLOW_ENTRIES, threads);
    c.threads = recs_calloc(threads, sizeof(recs_follow_thread_t));

    for (n = 0; n < threads; n++) {
        c.threads[n].sums = recs_calloc((size_t) d->items + 1,
                                        sizeof(float));
        c.threads[n].touched = recs_calloc((size_t) d->items + 1,
                                           sizeof(uint32_t));
        c.threads[n].packed = recs_calloc((size_t) d->items + 1,
                                          sizeof(float));
    }

    recs_parallel(threads, d->items, RECS_FOLLOW_BLOCK, recs_follow_block,
                  &c);
    recs_linear_finish(&c.rows, &f->rows);

    for (n = 0; n < threads; n++) {
        free(c.threads[n].sums);
        free(c.threads[n].touched);
        free(c.threads[n].packed);
    }

    free(c.threads);
    free(c.starts);
    free(c.baskets);
    free(c.ends);
    free(c.followed);
}


void
recs_follow_free(recs_follow_t *f)
{
    free(f->again);
    recs_model_free(&f->rows);
}


static void
recs_follow_invert(recs_follow_ctx_t *c, uint32_t items)
{
    uint32_t                 u;
    uint64_t                 b, e, n;
    const recs_purchases_t  *p;

    p = c->p;
    n = p->first[p->users];

    c->starts = recs_calloc((size_t) items + 2, sizeof(uint64_t));
    c->ends = recs_alloc((n + 1) * sizeof(uint64_t));
    c->baskets = recs_alloc((p->offsets[n] + 1) * sizeof(uint64_t));

    for (u = 0; u < p->users; u++) {
        for (b = p->first[u]; b < p->first[u + 1]; b++) {
            c->ends[b] = p->first[u + 1];
        }
    }

    for (e = 0; e < p->offsets[n]; e++) {
        c->starts[p->items[e] + 2]++;
    }

    for (u = 0; u < items; u++) {
        c->starts[u + 2] += c->starts[u + 1];
    }

    for (b = 0; b < n; b++) {
        for (e = p->offsets[b]; e < p->offsets[b + 1]; e++) {
            c->baskets[c->starts[p->items[e] + 1]++] = b;
        }
    }
}


static void
recs_follow_again(recs_follow_ctx_t *c, uint32_t items, float *again)
{
    double    mean, all, hits;
    uint32_t  i, *next;
    uint64_t  b, k;

    next = recs_calloc((size_t) items + 1, sizeof(uint32_t));
    c->followed = recs_calloc((size_t) items + 1, sizeof(uint32_t));
    all = 0;
    hits = 0;

    for (i = 0; i < items; i++) {
        for (k = c->starts[i]; k < c->starts[i + 1]; k++) {
            b = c->baskets[k];

            if (b + 1 < c->ends[b]) {
                c->followed[i]++;
                next[i] += recs_purchases_has(c->p, b + 1, i);
            }
        }

        all += c->followed[i];
        hits += next[i];
    }

    mean = (all > 0) ? hits / all : 0;

    for (i = 0; i < items; i++) {
        again[i] = (float) ((next[i] + RECS_FOLLOW_SHRINK * mean)
                            / (c->followed[i] + RECS_FOLLOW_SHRINK));
    }

    free(next);
}


static void
recs_follow_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t               i, k, n;
    recs_follow_ctx_t     *c;
    recs_follow_thread_t  *t;

    c = ctx;
    t = &c->threads[thread];

    for (i = from; i < to; i++) {
        n = recs_follow_sum(c, t, i);

        for (k = 0; k < n; k++) {
            t->packed[k] = recs_follow_weight(c, i, t->touched[k],
                                              t->sums[t->touched[k]]);
            t->sums[t->touched[k]] = 0;
        }

        recs_linear_sparse(&c->rows, thread, i, n, t->touched, t->packed);
    }
}


/* C_ij into sums; returns how many items were touched. */

static uint32_t
recs_follow_sum(const recs_follow_ctx_t *c, recs_follow_thread_t *t,
    uint32_t i)
{
    float                    share, weight;
    uint32_t                 j, n;
    uint64_t                 b, e, k, later, end;
    const recs_purchases_t  *p;

    p = c->p;
    n = 0;

    /* of an item that everybody buys, the last baskets stand for all */

    k = c->starts[i + 1] - recs_min(c->starts[i + 1] - c->starts[i],
                                    RECS_FOLLOW_MAX);

    for ( /* void */ ; k < c->starts[i + 1]; k++) {
        b = c->baskets[k];
        share = 1 / sqrtf((float) (p->offsets[b + 1] - p->offsets[b]));
        end = recs_min(c->ends[b], b + 1 + RECS_FOLLOW_BASKETS);

        for (later = b + 1; later < end; later++) {
            weight = share * c->decay[later - b - 1];

            for (e = p->offsets[later]; e < p->offsets[later + 1]; e++) {
                j = p->items[e];

                if (t->sums[j] == 0) {
                    t->touched[n++] = j;
                }

                t->sums[j] += weight;
            }
        }
    }

    return n;
}


static float
recs_follow_weight(const recs_follow_ctx_t *c, uint32_t i, uint32_t j,
    float sum)
{
    double  ti, nj;

    ti = recs_min(c->followed[i], RECS_FOLLOW_MAX);
    nj = c->starts[j + 1] - c->starts[j];

    return (float) (sum * (1 / (ti + 5)
                           + .35 / sqrt((ti + 10) * (nj + 10))));
}
