/*
 * Copyright (C) recs authors
 *
 * An order changes by what has changed: those few are sorted and merged with
 * the others, which stay as they were.
 */

#include <stdlib.h>
#include <string.h>

#include "private.h"


static uint64_t *recs_hot_order_bits(const recs_hot_order_t *order,
    const recs_hot_rank_t *changes, uint32_t count);
static int recs_hot_order_compare(const void *one, const void *two);


#define recs_hot_bit(bits, n)  ((bits)[(n) >> 6] >> ((n) & 63) & 1)


void
recs_hot_order(recs_hot_order_t *order, recs_hot_rank_t *changes,
    uint32_t count)
{
    uint32_t          i, k, n;
    uint64_t         *bits;
    recs_hot_rank_t  *out;

    if (count == 0) {
        return;
    }

    bits = recs_hot_order_bits(order, changes, count);
    qsort(changes, count, sizeof(recs_hot_rank_t), recs_hot_order_compare);

    out = recs_alloc(((size_t) order->count + count)
                     * sizeof(recs_hot_rank_t));
    n = 0;
    k = 0;

    for (i = 0; i < order->count; i++) {

        if (recs_hot_bit(bits, order->ranks[i].n)) {
            continue;
        }

        while (k < count && changes[k].value > 0
               && recs_hot_order_compare(&changes[k], &order->ranks[i]) < 0)
        {
            out[n++] = changes[k++];
        }

        out[n++] = order->ranks[i];
    }

    while (k < count && changes[k].value > 0) {
        out[n++] = changes[k++];
    }

    free(bits);
    free(order->ranks);

    order->ranks = out;
    order->count = n;
}


void
recs_hot_order_free(recs_hot_order_t *order)
{
    free(order->ranks);
    memset(order, 0, sizeof(recs_hot_order_t));
}


/* Those that have changed. */

static uint64_t *
recs_hot_order_bits(const recs_hot_order_t *order,
    const recs_hot_rank_t *changes, uint32_t count)
{
    uint32_t   i, max;
    uint64_t  *bits;

    max = 0;

    for (i = 0; i < order->count; i++) {
        max = recs_max(max, order->ranks[i].n);
    }

    for (i = 0; i < count; i++) {
        max = recs_max(max, changes[i].n);
    }

    bits = recs_calloc((size_t) (max >> 6) + 1, sizeof(uint64_t));

    for (i = 0; i < count; i++) {
        bits[changes[i].n >> 6] |= (uint64_t) 1 << (changes[i].n & 63);
    }

    return bits;
}


static int
recs_hot_order_compare(const void *one, const void *two)
{
    const recs_hot_rank_t  *a = one, *b = two;

    if (a->value != b->value) {
        return a->value > b->value ? -1 : 1;
    }

    return (a->n > b->n) - (a->n < b->n);
}
