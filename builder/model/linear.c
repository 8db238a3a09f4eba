/*
 * Copyright (C) recs authors
 */

#include "demand.h"
#include "linear.h"
#include "pairs_wide.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_LINEAR_BLOCK     64
#define RECS_LINEAR_SLACK     4      /* keys until a cut, in "max" */
#define RECS_LINEAR_FEW       256    /* and at least */
#define RECS_LINEAR_NONE      (((uint64_t) 1 << 33) - 1)
#define RECS_LINEAR_INFINITE  ((uint64_t) 0x7f800000 << 33)


typedef struct {
    recs_linear_t             *l;
    const recs_model_list_t   *lists;
    const float               *factors;
    uint32_t                   n;
    float                    **sums;         /* of each thread, by item */
    uint32_t                 **touched;
} recs_linear_sum_t;


static uint64_t recs_linear_key(float weight, uint32_t item);
static float recs_linear_least(const recs_linear_row_t *row);
static void recs_linear_begin(recs_linear_t *l, unsigned thread);
static void recs_linear_push(recs_linear_t *l, recs_linear_row_t *row,
    uint32_t i, uint32_t j, float weight);
static void recs_linear_cut(const recs_linear_t *l, recs_linear_row_t *row);
static void recs_linear_keep(recs_linear_t *l, unsigned thread, uint32_t i);
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
recs_linear_size(const recs_dataset_t *d, double *entries, double *squares)
{
    double              n;
    uint32_t            k, r;
    const recs_rows_t  *by[2] = { &d->by_user, &d->by_session };

    *entries = 0;
    *squares = 0;

    for (k = 0; k < 2; k++) {
        for (r = 0; r < by[k]->rows; r++) {
            n = by[k]->offsets[r + 1] - by[k]->offsets[r];
            n = recs_min(n, RECS_PAIRS_ROW_MAX);
            *entries += n;
            *squares += n * n;
        }
    }
}


void
recs_linear_init(recs_linear_t *l, const recs_dataset_t *d, uint32_t max,
    unsigned threads)
{
    unsigned  n;
    uint32_t  i;

    l->d = d;
    l->own = 0;
    l->threads = recs_max(threads, 1);
    l->wide = recs_pairs_wide();
    l->room = recs_max(RECS_LINEAR_SLACK * max, RECS_LINEAR_FEW);
    l->rows = recs_calloc(l->threads, sizeof(recs_linear_row_t));

    for (n = 0; n < l->threads; n++) {
        l->rows[n].keys = recs_alloc(((size_t) l->room + 1)
                                     * sizeof(uint64_t));
    }

    l->dense = d->items;
    l->listed = recs_alloc((size_t) d->items + 1);

    for (i = 0; i < d->items; i++) {
        l->listed[i] = d->products[i].listed;
    }

    recs_slots_init(&l->slots, d->items, max, sizeof(recs_format_related_t));
}


void
recs_linear_dense(recs_linear_t *l, unsigned thread, uint32_t i,
    const float *weights)
{
    uint32_t  j;

    recs_linear_begin(l, thread);

    for (j = 0; j < l->dense; j++) {
        recs_linear_push(l, &l->rows[thread], i, j, weights[j]);
    }

    recs_linear_keep(l, thread, i);
}


void
recs_linear_sparse(recs_linear_t *l, unsigned thread, uint32_t i, uint32_t n,
    const uint32_t *j, const float *weights)
{
    uint32_t            k;
    recs_linear_row_t  *row;

    recs_linear_begin(l, thread);
    row = &l->rows[thread];

    for (k = 0; k < n; k++) {

        if (l->wide && row->floor != RECS_LINEAR_NONE) {
            k = recs_pairs_wide_next(weights, k, n, recs_linear_least(row));

            if (k == n) {
                break;
            }
        }

        recs_linear_push(l, row, i, j[k], weights[k]);
    }

    recs_linear_keep(l, thread, i);
}


/*
 * Larger for larger |weight|, then for the smaller item; the last bit is the
 * sign.  A weight of zero is below RECS_LINEAR_NONE.
 */

static uint64_t
recs_linear_key(float weight, uint32_t item)
{
    uint32_t  bits;

    memcpy(&bits, &weight, sizeof(bits));

    return (uint64_t) bits << 33 | (uint64_t) ~item << 1 | bits >> 31;
}


static void
recs_linear_begin(recs_linear_t *l, unsigned thread)
{
    l->rows[thread].n = 0;
    l->rows[thread].floor = RECS_LINEAR_NONE;
}


/* What a weight has to be, above or below zero, to be looked at. */

static float
recs_linear_least(const recs_linear_row_t *row)
{
    float     least;
    uint32_t  bits;

    bits = (uint32_t) (row->floor >> 33);
    memcpy(&least, &bits, sizeof(least));

    return least;
}


static void
recs_linear_push(recs_linear_t *l, recs_linear_row_t *row, uint32_t i,
    uint32_t j, float weight)
{
    uint64_t  key;

    key = recs_linear_key(weight, j);

    if (key > row->floor && key < RECS_LINEAR_INFINITE && l->listed[j]
        && (j != i || l->own))
    {
        row->keys[row->n++] = key;

        if (row->n == l->room) {
            recs_linear_cut(l, row);
        }
    }
}


static void
recs_linear_cut(const recs_linear_t *l, recs_linear_row_t *row)
{
    uint32_t  k;
    uint64_t  floor;

    if (row->n <= l->slots.max) {
        return;
    }

    recs_keys_best(row->keys, row->n, l->slots.max);
    row->n = l->slots.max;
    floor = UINT64_MAX;

    for (k = 0; k < row->n; k++) {
        floor = recs_min(floor, row->keys[k]);
    }

    row->floor = floor;
}


/*
 * Sorted by weight: numbers that are larger for larger weights, negative
 * ones without the highest bit.
 */

static void
recs_linear_keep(recs_linear_t *l, unsigned thread, uint32_t i)
{
    uint32_t                bits, k;
    uint64_t                key;
    recs_linear_row_t      *row;
    recs_format_related_t  *e;

    row = &l->rows[thread];
    recs_linear_cut(l, row);

    e = recs_slots_row(&l->slots, i);
    l->slots.counts[i] = row->n;

    for (k = 0; k < row->n; k++) {
        key = row->keys[k];

        if (key & 1) {
            row->keys[k] = (~(key >> 33) & 0x7fffffff) << 32
                           | (uint32_t) (key >> 1);

        } else {
            row->keys[k] = (key >> 33 | 0x80000000) << 32
                           | (uint32_t) (key >> 1);
        }
    }

    recs_keys_sort(row->keys, row->n);

    for (k = 0; k < row->n; k++) {
        bits = row->keys[k] >> 32;
        bits = (bits & 0x80000000) ? bits & 0x7fffffff : ~bits;
        e[k].item = ~(uint32_t) row->keys[k];
        memcpy(&e[k].weight, &bits, sizeof(bits));
    }
}


void
recs_linear_finish(recs_linear_t *l, recs_model_list_t *list)
{
    unsigned  n;

    recs_slots_finish(&l->slots, list);

    for (n = 0; n < l->threads; n++) {
        free(l->rows[n].keys);
    }

    free(l->rows);
    free(l->listed);
}


void
recs_linear_sum(const recs_dataset_t *d, const recs_model_list_t *lists,
    const float *factors, uint32_t n, uint32_t max, unsigned threads,
    recs_model_list_t *list)
{
    unsigned           t;
    recs_linear_t      l;
    recs_linear_sum_t  s;

    /* whether a row has its own item is up to the operators */

    recs_linear_init(&l, d, max, threads);
    l.own = 1;

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
    recs_linear_sum_t            *s;
    const recs_model_list_t      *list;
    const recs_format_related_t  *entry;

    s = ctx;
    sum = s->sums[thread];
    touched = s->touched[thread];

    for (i = from; i < to; i++) {
        n = 0;
        recs_linear_begin(s->l, thread);

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
            recs_linear_push(s->l, &s->l->rows[thread], i, touched[k],
                             sum[touched[k]]);
            sum[touched[k]] = 0;
        }

        recs_linear_keep(s->l, thread, i);
    }
}
