/*
 * Copyright (C) recs authors
 *
 * Baskets, in the order of their first lines: the lines of an order, or the
 * purchases of a session where there is no order.  A purchase with neither
 * is a basket of its own.
 */

#include <stdlib.h>

#include "../../core/event/recs_event_type.h"
#include "dataset_private.h"


typedef struct {
    int64_t   quantity;
    uint32_t  item;
} recs_basket_item_t;

typedef struct {
    uint32_t  *rows;                   /* that belong to a basket */
    uint32_t  *basket;                 /* the one of each of them */
    uint32_t   count;
    uint32_t   baskets;
} recs_basket_rows_t;


/* The number of a row's order or session among both, RECS_NONE. */

static uint32_t
recs_basket_group(const recs_dataset_t *d, uint32_t row, uint32_t orders)
{
    uint32_t  detail;

    detail = d->detail[row];

    if (detail != RECS_NONE && d->details[detail].order != RECS_NONE) {
        return d->details[detail].order;
    }

    return (d->session[row] == RECS_NONE) ? RECS_NONE
                                          : orders + d->session[row];
}


static uint32_t
recs_basket_count(const recs_dataset_t *d)
{
    uint32_t  i, n;

    for (i = 0, n = 0; i < d->events; i++) {
        n += (d->type[i] == RECS_EVENT_PURCHASE
              || d->type[i] == RECS_EVENT_REFUND);
    }

    return n;
}


/* Orders are numbered from 0; their names are gone where d is a part. */

static uint32_t
recs_basket_orders(const recs_dataset_t *d)
{
    uint32_t  i, orders;

    for (i = 0, orders = 0; i < d->detail_count; i++) {
        if (d->details[i].order != RECS_NONE) {
            orders = recs_max(orders, d->details[i].order + 1);
        }
    }

    return orders;
}


/* A refund belongs to a basket only where it names the same order. */

static void
recs_basket_find(const recs_dataset_t *d, recs_basket_rows_t *r)
{
    uint32_t   g, i, orders, *basket;
    size_t     size;

    orders = recs_basket_orders(d);

    size = ((size_t) orders + recs_keys16_count(d->sessions))
           * sizeof(uint32_t);
    basket = recs_alloc(size);
    memset(basket, 0xff, size);

    for (i = 0; i < d->events; i++) {

        if (d->type[i] != RECS_EVENT_PURCHASE
            && d->type[i] != RECS_EVENT_REFUND)
        {
            continue;
        }

        g = recs_basket_group(d, i, orders);

        if (d->type[i] == RECS_EVENT_REFUND
            && (g == RECS_NONE || basket[g] == RECS_NONE))
        {
            continue;
        }

        r->rows[r->count] = i;

        if (g == RECS_NONE) {
            r->basket[r->count++] = r->baskets++;
            continue;
        }

        if (basket[g] == RECS_NONE) {
            basket[g] = r->baskets++;
        }

        r->basket[r->count++] = basket[g];
    }

    free(basket);
}


/* Rows by basket, the oldest first. */

static void
recs_basket_rows(recs_rows_t *rows, const recs_basket_rows_t *r)
{
    uint32_t  i, sum;

    rows->rows = r->baskets;
    rows->offsets = recs_calloc((size_t) r->baskets + 1, sizeof(uint64_t));
    rows->entries = recs_alloc((size_t) r->count * sizeof(uint32_t));

    for (i = 0; i < r->count; i++) {
        rows->offsets[r->basket[i]]++;
    }

    for (i = 0, sum = 0; i <= r->baskets; i++) {
        sum += (uint32_t) rows->offsets[i];
        rows->offsets[i] = sum;
    }

    for (i = r->count; i-- > 0; /* void */) {
        rows->entries[--rows->offsets[r->basket[i]]] = r->rows[i];
    }
}


static int
recs_basket_compare(const void *a, const void *b)
{
    const recs_basket_item_t  *x, *y;

    x = a;
    y = b;

    return (x->item > y->item) - (x->item < y->item);
}


static int64_t
recs_basket_quantity(const recs_dataset_t *d, uint32_t row)
{
    return (d->detail[row] == RECS_NONE)
           ? RECS_MICRO : d->details[d->detail[row]].quantity;
}


/*
 * Writes the distinct items of rows, those that were given back are left out;
 * returns how many.  "to" may be the very memory of the rows.
 */

static uint32_t
recs_basket_items(const recs_dataset_t *d, const uint32_t *rows, uint32_t n,
    recs_basket_item_t *items, uint32_t *to)
{
    int64_t   sum;
    uint32_t  i, k, kept;

    for (i = 0; i < n; i++) {
        items[i].item = d->item[rows[i]];
        items[i].quantity = recs_basket_quantity(d, rows[i]);
    }

    qsort(items, n, sizeof(recs_basket_item_t), recs_basket_compare);

    for (i = 0, kept = 0; i < n; i = k) {
        sum = 0;

        for (k = i; k < n && items[k].item == items[i].item; k++) {
            sum += items[k].quantity;
        }

        if (sum > 0) {
            to[kept++] = items[i].item;
        }
    }

    return kept;
}


static void
recs_basket_merge(recs_dataset_t *d)
{
    size_t               cap;
    uint32_t             b, baskets, first, kept, n;
    uint64_t             from, to;
    recs_rows_t         *rows;
    recs_basket_item_t  *items;

    rows = &d->baskets;
    items = NULL;
    cap = 0;
    from = 0;
    to = 0;

    for (b = 0, baskets = 0; b < rows->rows; b++) {
        n = (uint32_t) (rows->offsets[b + 1] - from);
        first = rows->entries[from];

        recs_grow(&items, &cap, n, sizeof(recs_basket_item_t));
        kept = recs_basket_items(d, rows->entries + from, n, items,
                                 rows->entries + to);
        from += n;

        if (kept) {
            d->basket_time[baskets] = d->time[first];
            rows->offsets[baskets++] = to;
            to += kept;
        }
    }

    rows->rows = baskets;
    rows->offsets[baskets] = to;
    rows->entries = recs_realloc(rows->entries, to * sizeof(uint32_t));

    free(items);
}


void
recs_dataset_baskets(recs_dataset_t *d)
{
    uint32_t            n;
    uint64_t            i;
    recs_basket_rows_t  r;

    n = recs_basket_count(d);

    r.rows = recs_alloc((size_t) n * sizeof(uint32_t));
    r.basket = recs_alloc((size_t) n * sizeof(uint32_t));
    r.count = 0;
    r.baskets = 0;

    recs_basket_find(d, &r);
    recs_basket_rows(&d->baskets, &r);

    free(r.rows);
    free(r.basket);

    d->basket_time = recs_alloc((size_t) r.baskets * sizeof(uint32_t));
    recs_basket_merge(d);

    d->item_baskets = recs_calloc(d->items, sizeof(uint32_t));

    for (i = 0; i < d->baskets.offsets[d->baskets.rows]; i++) {
        d->item_baskets[d->baskets.entries[i]]++;
    }
}
