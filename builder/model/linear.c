/*
 * Copyright (C) recs authors
 */

#include "demand.h"
#include "linear.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>


#define RECS_LINEAR_BLOCK  64


typedef struct {
    recs_linear_t             *l;
    const recs_model_list_t   *lists;
    const float               *factors;
    uint32_t                   n;
    float                    **sums;         /* of each thread, by item */
    uint32_t                 **touched;
} recs_linear_sum_t;


static int recs_linear_order(const void *one, const void *two);
static void recs_linear_keep(recs_linear_t *l, unsigned thread, uint32_t i);
static void recs_linear_push(recs_linear_t *l, recs_top_t *top, uint32_t i,
    uint32_t j, float weight);
static void recs_linear_sum_rows(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);


void
recs_linear_input(const recs_dataset_t *d, const recs_config_t *c,
    recs_matrix_t *x)
{
    float     scale;
    uint32_t  r;
    uint64_t  e, n;

    recs_model_matrix(d, RECS_SIGNALS_INTEREST | RECS_SIGNAL_RATING
                         | RECS_SIGNAL_UNCART | RECS_SIGNAL_UNWISH
                         | RECS_SIGNAL_REFUND, 1, x);

    for (r = 0; r < x->rows.rows; r++) {
        n = x->rows.offsets[r + 1] - x->rows.offsets[r];
        scale = (float) pow((double) n, -c->user_power / 2);

        for (e = x->rows.offsets[r]; e < x->rows.offsets[r + 1]; e++) {
            x->weights[e] = scale * (c->related_weights ? x->weights[e] : 1);
        }
    }
}


void
recs_linear_init(recs_linear_t *l, const recs_dataset_t *d, uint32_t max,
    unsigned threads)
{
    unsigned  n;

    l->d = d;
    l->threads = recs_max(threads, 1);
    l->tops = recs_calloc(l->threads, sizeof(recs_top_t));

    for (n = 0; n < l->threads; n++) {
        recs_top_init(&l->tops[n], max);
    }

    recs_slots_init(&l->slots, d->items, max, sizeof(recs_format_related_t));
}


void
recs_linear_dense(recs_linear_t *l, unsigned thread, uint32_t i,
    const float *weights)
{
    uint32_t     j;
    recs_top_t  *top;

    top = &l->tops[thread];
    top->n = 0;

    for (j = 0; j < l->d->items; j++) {
        recs_linear_push(l, top, i, j, weights[j]);
    }

    recs_linear_keep(l, thread, i);
}


void
recs_linear_sparse(recs_linear_t *l, unsigned thread, uint32_t i, uint32_t n,
    const uint32_t *j, const float *weights)
{
    uint32_t     k;
    recs_top_t  *top;

    top = &l->tops[thread];
    top->n = 0;

    for (k = 0; k < n; k++) {
        recs_linear_push(l, top, i, j[k], weights[k]);
    }

    recs_linear_keep(l, thread, i);
}


/* The heap ranks by size; its "data" remembers the sign. */

static void
recs_linear_push(recs_linear_t *l, recs_top_t *top, uint32_t i, uint32_t j,
    float weight)
{
    if (weight != 0 && isfinite(weight) && j != i && l->d->products[j].listed)
    {
        recs_top_push(top, fabsf(weight), j, weight < 0);
    }
}


static void
recs_linear_keep(recs_linear_t *l, unsigned thread, uint32_t i)
{
    uint32_t                k;
    recs_top_t             *top;
    recs_format_related_t  *e;

    top = &l->tops[thread];
    e = recs_slots_row(&l->slots, i);
    l->slots.counts[i] = top->n;

    for (k = 0; k < top->n; k++) {
        e[k].item = top->entries[k].item;
        e[k].weight = top->entries[k].data ? -top->entries[k].value
                                           : top->entries[k].value;
    }

    qsort(e, top->n, sizeof(recs_format_related_t), recs_linear_order);
}


static int
recs_linear_order(const void *one, const void *two)
{
    const recs_format_related_t  *a, *b;

    a = one;
    b = two;

    if (a->weight != b->weight) {
        return (a->weight > b->weight) ? -1 : 1;
    }

    return (a->item < b->item) ? -1 : 1;
}


void
recs_linear_finish(recs_linear_t *l, recs_model_list_t *list)
{
    unsigned  n;

    recs_slots_finish(&l->slots, list);

    for (n = 0; n < l->threads; n++) {
        recs_top_free(&l->tops[n]);
    }

    free(l->tops);
}


void
recs_linear_sum(const recs_dataset_t *d, const recs_model_list_t *lists,
    const float *factors, uint32_t n, uint32_t max, unsigned threads,
    recs_model_list_t *list)
{
    unsigned           t;
    recs_linear_t      l;
    recs_linear_sum_t  s;

    recs_linear_init(&l, d, max, threads);

    s.l = &l;
    s.lists = lists;
    s.factors = factors;
    s.n = n;
    s.sums = recs_calloc(l.threads, sizeof(float *));
    s.touched = recs_calloc(l.threads, sizeof(uint32_t *));

    for (t = 0; t < l.threads; t++) {
        s.sums[t] = recs_calloc((size_t) d->items + 1, sizeof(float));
        s.touched[t] = recs_calloc((size_t) d->items * n + 1, sizeof(uint32_t));
    }

    recs_parallel(l.threads, d->items, RECS_LINEAR_BLOCK,
                  recs_linear_sum_rows, &s);

    for (t = 0; t < l.threads; t++) {
        free(s.sums[t]);
        free(s.touched[t]);
    }

    free(s.sums);
    free(s.touched);

    recs_linear_finish(&l, list);
}


static void
recs_linear_sum_rows(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    float                        *sum;
    uint32_t                      i, k, m, n, *touched;
    uint64_t                      e;
    recs_top_t                   *top;
    recs_linear_sum_t            *s;
    const recs_model_list_t      *list;
    const recs_format_related_t  *entry;

    s = ctx;
    sum = s->sums[thread];
    touched = s->touched[thread];
    top = &s->l->tops[thread];

    for (i = from; i < to; i++) {
        n = 0;
        top->n = 0;

        for (m = 0; m < s->n; m++) {
            list = &s->lists[m];
            entry = list->entries;

            for (e = list->offsets[i]; e < list->offsets[i + 1]; e++) {
                if (sum[entry[e].item] == 0) {
                    touched[n++] = entry[e].item;
                }

                sum[entry[e].item] += s->factors[m] * entry[e].weight;
            }
        }

        /* an item whose sum came back to zero was noted twice */

        for (k = 0; k < n; k++) {
            recs_linear_push(s->l, top, i, touched[k], sum[touched[k]]);
            sum[touched[k]] = 0;
        }

        recs_linear_keep(s->l, thread, i);
    }
}
