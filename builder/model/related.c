/*
 * Copyright (C) recs authors
 *
 * The item-item neighbours behind PERSONALIZED: the cosine of two columns of
 * implicit feedback over the rows of users and of sessions, shrunk by h
 * (algorithms.md 1.1.7b).  Rows have length 1: who wants everything says
 * little of any pair (the data-adaptive normalisation of Park et al. 2025,
 * beta = 1).  There is no decay: who wanted both long ago is as good a
 * witness as who did yesterday; the user's own history has it.
 *
 * With rows as they are and h = 20, R@20 on gowalla and amazonbeauty_m1 is
 * .138 and .156; with rows of length 1 and h = 5 .164 and .161 (item-item
 * collaborative filtering is published with .157 on gowalla).
 *
 * Memory: that of the matrix and of the pairs, 4 bytes an item, and 8 for
 * each of at most related_max entries of an item.
 */

#include "demand.h"
#include "pairs.h"
#include "rows.h"
#include "table.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>


#define RECS_RELATED_SHRINK  5.0


typedef struct {
    const recs_dataset_t  *d;
    recs_slots_t           slots;
    recs_top_t            *tops;     /* of each thread */
    float                 *norms;
} recs_related_t;


static void recs_related_item(void *ctx, unsigned thread, uint32_t i,
    uint32_t n, const uint32_t *j, const float *sum);


int
recs_model_related(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    unsigned        n, threads;
    recs_matrix_t   x;
    recs_related_t  r = { .d = d };

    threads = recs_max(c->threads, 1);

    recs_model_matrix(d, RECS_SIGNALS_INTEREST | RECS_SIGNAL_RATING
                         | RECS_SIGNAL_UNCART | RECS_SIGNAL_UNWISH
                         | RECS_SIGNAL_REFUND, 1, &x);
    recs_matrix_normalise(&x);
    r.norms = recs_matrix_norms(&x, d->items);
    r.tops = recs_calloc(threads, sizeof(recs_top_t));

    for (n = 0; n < threads; n++) {
        recs_top_init(&r.tops[n], c->related_max);
    }

    recs_slots_init(&r.slots, d->items, c->related_max,
                    sizeof(recs_format_related_t));

    recs_model_gram(&x, d->items, threads, recs_related_item, &r);

    recs_slots_finish(&r.slots, list);

    for (n = 0; n < threads; n++) {
        recs_top_free(&r.tops[n]);
    }

    free(r.tops);
    free(r.norms);
    recs_matrix_free(&x);

    return RECS_OK;
}


static void
recs_related_item(void *ctx, unsigned thread, uint32_t i, uint32_t n,
    const uint32_t *j, const float *sum)
{
    uint32_t                k;
    recs_top_t             *top;
    recs_related_t         *r;
    recs_format_related_t  *e;

    r = ctx;
    top = &r->tops[thread];
    top->n = 0;

    for (k = 0; k < n; k++) {
        if (r->d->products[j[k]].listed) {
            recs_top_push(top, sum[k] / (r->norms[i] * r->norms[j[k]]
                                         + RECS_RELATED_SHRINK), j[k], 0);
        }
    }

    recs_top_sort(top);

    e = recs_slots_row(&r->slots, i);
    r->slots.counts[i] = top->n;

    for (k = 0; k < top->n; k++) {
        e[k].item = top->entries[k].item;
        e[k].weight = recs_min(top->entries[k].value, 1.0f);
    }
}
