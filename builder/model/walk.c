/*
 * Copyright (C) recs authors
 *
 * S-Walk on rows that are cut (Choi et al., WSDM 2022): what is two and
 * three steps of a random walk away, for the long tail that no session has
 * together.  S are the rows of "slist", the walk_entries largest of each,
 * summing up to 1:
 *
 *   S S + walk_further (S S) S, S S cut to twice walk_entries for the third
 *
 * Rows of their own beside those of NEXT: added up they lose, for the best
 * of the sum has no place for the tail.
 *
 * Memory: 12 bytes an item for each thread, 8 for each of walk_entries and
 * next_max entries of an item, beside "slist".  Time: 3 walk_entries^2 an
 * item.
 */

#include "linear.h"
#include "table.h"

#include <stdlib.h>


#define RECS_WALK_BLOCK  16


typedef struct {
    float                  *sums;      /* by item, 0 between rows */
    uint32_t               *touched;
    float                  *packed;
    recs_top_t              best;
} recs_walk_thread_t;

typedef struct {
    recs_linear_t           linear;
    recs_model_list_t       rows;      /* S */
    uint32_t                entries;   /* of a row of S, at most */
    float                   further;
    recs_walk_thread_t     *threads;
} recs_walk_t;


static void recs_walk_scale(recs_walk_t *w);
static void recs_walk_rows(recs_walk_t *w);
static void recs_walk_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static uint32_t recs_walk_row(const recs_walk_t *w, recs_walk_thread_t *t,
    uint32_t i);
static uint32_t recs_walk_step(const recs_walk_t *w, recs_walk_thread_t *t,
    uint32_t n, uint32_t item, float weight);


int
recs_model_walk(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    recs_walk_t    w = { .further = (float) c->walk_further };
    recs_config_t  narrow;

    narrow = *c;
    narrow.next_max = c->walk_entries;
    w.entries = (uint32_t) c->walk_entries;

    if (recs_model_slist(d, &narrow, &w.rows, err) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_walk_scale(&w);

    recs_linear_init(&w.linear, d, (uint32_t) c->next_max,
                     (unsigned) c->threads);
    w.linear.own = 1;
    recs_walk_rows(&w);
    recs_linear_finish(&w.linear, list);

    recs_model_free(&w.rows);

    return RECS_OK;
}


void
recs_walk_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost)
{
    double  n;

    recs_slist_cost(d, c, cost);

    n = c->walk_entries;
    cost->bytes += (double) d->items * (8 * n + 16.0 * RECS_MODEL_THREADS);
    cost->seconds += (double) d->items * n * n * 1e-8;
}


/* All weights are positive. */

static void
recs_walk_scale(recs_walk_t *w)
{
    float                   sum;
    uint32_t                i;
    uint64_t                e;
    recs_format_related_t  *entry;

    entry = w->rows.entries;

    for (i = 0; i < w->rows.rows; i++) {
        sum = 0;

        for (e = w->rows.offsets[i]; e < w->rows.offsets[i + 1]; e++) {
            sum += entry[e].weight;
        }

        for (e = w->rows.offsets[i]; e < w->rows.offsets[i + 1]; e++) {
            entry[e].weight /= sum;
        }
    }
}


static void
recs_walk_rows(recs_walk_t *w)
{
    size_t               items;
    unsigned             n;
    recs_walk_thread_t  *t;

    items = (size_t) w->rows.rows + 1;
    w->threads = recs_calloc(w->linear.threads, sizeof(recs_walk_thread_t));

    for (n = 0; n < w->linear.threads; n++) {
        t = &w->threads[n];
        t->sums = recs_calloc(items, sizeof(float));
        t->touched = recs_alloc(items * sizeof(uint32_t));
        t->packed = recs_alloc(items * sizeof(float));
        recs_top_init(&t->best, 2 * w->entries);
    }

    recs_parallel(w->linear.threads, w->rows.rows, RECS_WALK_BLOCK,
                  recs_walk_block, w);

    for (n = 0; n < w->linear.threads; n++) {
        t = &w->threads[n];
        free(t->sums);
        free(t->touched);
        free(t->packed);
        recs_top_free(&t->best);
    }

    free(w->threads);
}


static void
recs_walk_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t             i, k, n;
    recs_walk_t         *w;
    recs_walk_thread_t  *t;

    w = ctx;
    t = &w->threads[thread];

    for (i = from; i < to; i++) {
        n = recs_walk_row(w, t, i);

        for (k = 0; k < n; k++) {
            t->packed[k] = t->sums[t->touched[k]];
            t->sums[t->touched[k]] = 0;
        }

        recs_linear_sparse(&w->linear, thread, i, n, t->touched, t->packed);
    }
}


/* Two steps, then a third from where most of them went. */

static uint32_t
recs_walk_row(const recs_walk_t *w, recs_walk_thread_t *t, uint32_t i)
{
    uint32_t                      k, n;
    uint64_t                      e;
    const recs_format_related_t  *entry;

    entry = w->rows.entries;
    n = 0;

    for (e = w->rows.offsets[i]; e < w->rows.offsets[i + 1]; e++) {
        n = recs_walk_step(w, t, n, entry[e].item, entry[e].weight);
    }

    t->best.n = 0;

    for (k = 0; k < n && w->further > 0; k++) {
        recs_top_push(&t->best, t->sums[t->touched[k]], t->touched[k], 0);
    }

    recs_top_sort(&t->best);

    for (k = 0; k < t->best.n; k++) {
        n = recs_walk_step(w, t, n, t->best.entries[k].item,
                           w->further * t->best.entries[k].value);
    }

    return n;
}


static uint32_t
recs_walk_step(const recs_walk_t *w, recs_walk_thread_t *t, uint32_t n,
    uint32_t item, float weight)
{
    float                         more;
    uint64_t                      e;
    const recs_format_related_t  *entry;

    entry = w->rows.entries;

    for (e = w->rows.offsets[item]; e < w->rows.offsets[item + 1]; e++) {
        more = weight * entry[e].weight;

        if (more > 0) {
            t->touched[n] = entry[e].item;
            n += (t->sums[entry[e].item] == 0);
            t->sums[entry[e].item] += more;
        }
    }

    return n;
}
