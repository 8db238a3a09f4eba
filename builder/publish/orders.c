/*
 * Copyright (C) recs authors
 *
 * The orders by price, newest and rating: a key an item, sorted by radix, so
 * that equal keys stay in the order of popularity.
 */

#include <stdlib.h>
#include <string.h>

#include "assemble.h"


#define RECS_ORDERS_BITS   16
#define RECS_ORDERS_SLOTS  (1u << RECS_ORDERS_BITS)


typedef struct {
    uint64_t  key;
    uint32_t  item;
} recs_orders_row_t;

typedef uint64_t (*recs_orders_key_pt)(const recs_product_t *p);


static int recs_orders_column(recs_writer_t *w, const recs_dataset_t *d,
    recs_column_e column, recs_orders_key_pt key, recs_error_t *err);
static uint64_t recs_orders_price(const recs_product_t *p);
static uint64_t recs_orders_newest(const recs_product_t *p);
static uint64_t recs_orders_rating(const recs_product_t *p);
static recs_orders_row_t *recs_orders_sort(recs_orders_row_t *rows,
    recs_orders_row_t *other, uint32_t n);


/* A signed number as one that sorts the same unsigned. */

#define recs_orders_signed(n)  ((uint64_t) (n) ^ ((uint64_t) 1 << 63))


int
recs_assemble_orders(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err)
{
    if (recs_orders_column(w, d, RECS_COLUMN_ORDER_PRICE, recs_orders_price,
                           err) != RECS_OK
        || recs_orders_column(w, d, RECS_COLUMN_ORDER_NEWEST,
                              recs_orders_newest, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    return recs_orders_column(w, d, RECS_COLUMN_ORDER_RATING,
                              recs_orders_rating, err);
}


static int
recs_orders_column(recs_writer_t *w, const recs_dataset_t *d,
    recs_column_e column, recs_orders_key_pt key, recs_error_t *err)
{
    int                 rc;
    uint32_t            i, *items;
    recs_orders_row_t  *rows, *other, *sorted;

    rows = recs_calloc(d->items + 1, sizeof(recs_orders_row_t));
    other = recs_calloc(d->items + 1, sizeof(recs_orders_row_t));
    items = recs_calloc(d->items + 1, sizeof(uint32_t));

    for (i = 0; i < d->items; i++) {
        rows[i].key = key(&d->products[i]);
        rows[i].item = i;
    }

    sorted = recs_orders_sort(rows, other, d->items);

    for (i = 0; i < d->items; i++) {
        items[i] = sorted[i].item;
    }

    rc = recs_writer_column(w, column, items, d->items, err);

    free(rows);
    free(other);
    free(items);

    return rc;
}


/* Cheapest first, those without a price last. */

static uint64_t
recs_orders_price(const recs_product_t *p)
{
    if (p->price == RECS_NO_MONEY) {
        return UINT64_MAX;
    }

    return recs_orders_signed(p->price);
}


/* Newest first, unknown last. */

static uint64_t
recs_orders_newest(const recs_product_t *p)
{
    if (p->created_ms == 0) {
        return UINT64_MAX;
    }

    return ~recs_orders_signed(p->created_ms);
}


/* Best mean first; of equal means, the one that more people gave. */

static uint64_t
recs_orders_rating(const recs_product_t *p)
{
    return ~((uint64_t) p->rating << 32 | p->rating_count);
}


static recs_orders_row_t *
recs_orders_sort(recs_orders_row_t *rows, recs_orders_row_t *other, uint32_t n)
{
    uint32_t            i, digit, sum, count, *starts;
    unsigned            shift;
    recs_orders_row_t  *swap;

    starts = recs_alloc(RECS_ORDERS_SLOTS * sizeof(uint32_t));

    for (shift = 0; shift < 64; shift += RECS_ORDERS_BITS) {
        memset(starts, 0, RECS_ORDERS_SLOTS * sizeof(uint32_t));

        for (i = 0; i < n; i++) {
            starts[rows[i].key >> shift & (RECS_ORDERS_SLOTS - 1)]++;
        }

        for (sum = 0, i = 0; i < RECS_ORDERS_SLOTS; i++) {
            count = starts[i];
            starts[i] = sum;
            sum += count;
        }

        for (i = 0; i < n; i++) {
            digit = rows[i].key >> shift & (RECS_ORDERS_SLOTS - 1);
            other[starts[digit]++] = rows[i];
        }

        swap = rows;
        rows = other;
        other = swap;
    }

    free(starts);

    return rows;
}
