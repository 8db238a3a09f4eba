/*
 * Copyright (C) recs authors
 *
 * The history of prices, from the rows of the catalogue or, for products
 * that have no price there, from their events.
 */

#include <stdlib.h>

#include "dataset_private.h"


#define RECS_PRICE_WINDOW  (30 * 86400)


void
recs_dataset_price_add(recs_raw_prices_t *prices, uint32_t item,
    uint32_t time, int64_t price)
{
    recs_price_t  *last;

    recs_grow(&prices->prices, &prices->cap, prices->count + 1,
              sizeof(recs_price_t));

    last = &prices->prices[prices->count++];

    last->item = item;
    last->time = time;
    last->price = price;
}


/*
 * Keeps the prices of listed products, under their new numbers; those of
 * events only where the catalogue has none.
 */

static void
recs_price_select(recs_raw_prices_t *to, const recs_raw_prices_t *from,
    const recs_dataset_private_t *p, const uint32_t *number,
    unsigned catalogue)
{
    size_t               i;
    const recs_price_t  *price;

    for (i = 0; i < from->count; i++) {
        price = &from->prices[i];

        if (number[price->item] == RECS_NO_ITEM
            || (p->raw[price->item].price != RECS_NO_MONEY) != catalogue)
        {
            continue;
        }

        recs_dataset_price_add(to, number[price->item], price->time,
                               price->price);
    }
}


/* By item, then time, then arrival: two stable steps. */

static recs_price_t *
recs_price_sort(const recs_raw_prices_t *all, uint32_t items)
{
    uint32_t      i, n, *keys, *order, *start;
    recs_price_t *sorted;

    n = (uint32_t) all->count;
    keys = recs_alloc((size_t) n * sizeof(uint32_t));
    start = recs_calloc((size_t) items + 1, sizeof(uint32_t));
    sorted = recs_alloc((size_t) n * sizeof(recs_price_t));

    for (i = 0; i < n; i++) {
        keys[i] = all->prices[i].time;
        start[all->prices[i].item + 1]++;
    }

    for (i = 0; i < items; i++) {
        start[i + 1] += start[i];
    }

    order = recs_dataset_permutation(keys, n);

    for (i = 0; i < n; i++) {
        sorted[start[all->prices[order[i]].item]++] = all->prices[order[i]];
    }

    free(keys);
    free(order);
    free(start);

    return sorted;
}


/*
 * Only changes are kept: of several prices of one second the last, of equal
 * ones in a row the first.
 */

static uint32_t
recs_price_changes(recs_price_t *prices, uint32_t n)
{
    uint32_t             i, kept;
    const recs_price_t  *last;

    for (i = 0, kept = 0; i < n; i++) {

        if (i + 1 < n
            && prices[i + 1].item == prices[i].item
            && prices[i + 1].time == prices[i].time)
        {
            continue;
        }

        last = kept ? &prices[kept - 1] : NULL;

        if (last
            && last->item == prices[i].item
            && last->price == prices[i].price)
        {
            continue;
        }

        prices[kept++] = prices[i];
    }

    return kept;
}


int64_t
recs_dataset_reference(const recs_price_t *prices, uint32_t n)
{
    int64_t   lowest;
    uint32_t  drop, from, i;

    for (drop = n; drop-- > 1; /* void */) {
        if (prices[drop].price < prices[drop - 1].price) {
            break;
        }
    }

    if (n < 2 || drop == 0) {
        return RECS_NO_MONEY;
    }

    from = (prices[drop].time > RECS_PRICE_WINDOW)
           ? prices[drop].time - RECS_PRICE_WINDOW : 0;

    lowest = prices[drop - 1].price;

    for (i = drop - 1; i > 0 && prices[i].time > from; i--) {
        lowest = recs_min(lowest, prices[i - 1].price);
    }

    return lowest;
}


void
recs_dataset_prices(recs_dataset_t *d, const uint32_t *number)
{
    uint32_t                 from, item, to;
    recs_raw_prices_t        all;
    recs_dataset_private_t  *p;

    p = d->private;
    all = (recs_raw_prices_t) { NULL, 0, 0 };

    recs_price_select(&all, &p->catalogue_prices, p, number, 1);
    recs_price_select(&all, &p->event_prices, p, number, 0);

    d->prices = recs_price_sort(&all, d->items);
    d->price_count = recs_price_changes(d->prices, (uint32_t) all.count);

    free(all.prices);

    for (from = 0; from < d->price_count; from = to) {
        item = d->prices[from].item;

        for (to = from + 1;
             to < d->price_count && d->prices[to].item == item;
             to++)
        {
            /* void */
        }

        d->products[item].reference_price =
            recs_dataset_reference(d->prices + from, to - from);
    }
}
