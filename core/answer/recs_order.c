/*
 * Copyright (C) recs authors
 */

#include "recs_order.h"


static void recs_order_group(recs_order_walk_t *walk);
static uint32_t recs_order_bound(const recs_order_walk_t *walk, uint32_t from,
    uint32_t to, int64_t key);


/* What the filter's bounds cut off at the ends is not walked along. */

void
recs_order_begin(recs_order_walk_t *walk, const recs_view_t *view,
    const recs_match_t *match, recs_sort_e sort)
{
    uint32_t  items, priced;

    items = view->base->header.rows[RECS_DOMAIN_ITEMS];

    walk->base.base = view->base;
    walk->base.hot = NULL;
    walk->base.id = 0;
    walk->sort = (sort == RECS_SORT_PRICE_DOWN) ? RECS_SORT_PRICE_UP : sort;
    walk->at = 0;
    walk->end = items;
    walk->tail = 0;
    walk->tail_end = 0;

    switch (sort) {

    case RECS_SORT_NEWEST:
        walk->order = RECS_COLUMN_ORDER_NEWEST;
        break;

    case RECS_SORT_RATING:
        walk->order = RECS_COLUMN_ORDER_RATING;

        if (match->active && match->rating) {
            walk->end = recs_order_bound(walk, 0, items,
                                        -((int64_t) match->rating << 32) + 1);
        }

        break;

    default:
        walk->order = RECS_COLUMN_ORDER_PRICE;
        priced = recs_order_bound(walk, 0, items, INT64_MAX);
        walk->end = priced;

        if (match->active && match->priced) {
            walk->at = recs_order_bound(walk, 0, priced, match->price_min);

            if (match->price_max != INT64_MAX) {
                walk->end = recs_order_bound(walk, walk->at, priced,
                                            match->price_max + 1);
            }

        } else {
            walk->tail = priced;
            walk->tail_end = items;
        }
    }

    walk->first = walk->at;
    walk->group = walk->at;

    if (sort == RECS_SORT_PRICE_DOWN) {
        walk->group = walk->end;
        walk->at = walk->end;
    }
}


recs_item_t
recs_order_next(recs_order_walk_t *walk)
{
    recs_item_t  item;

    if (walk->at == walk->end) {
        recs_order_group(walk);
    }

    if (walk->at == walk->end) {
        return RECS_NO_ITEM;
    }

    item = recs_column(walk->base.base, walk->order, uint32_t, walk->at);
    walk->at++;

    return item;
}


/*
 * The dearest come first, the popular first of those that cost the same: the
 * order is walked along backwards, group by group.
 */

static void
recs_order_group(recs_order_walk_t *walk)
{
    int64_t      price;
    uint32_t     from, step;
    recs_item_t  last;

    if (walk->group == walk->first) {
        walk->at = walk->tail;
        walk->end = walk->tail_end;
        walk->tail = walk->tail_end;
        return;
    }

    walk->end = walk->group;

    last = recs_column(walk->base.base, walk->order, uint32_t,
                       walk->end - 1);
    price = recs_column(walk->base.base, RECS_COLUMN_PRICE, int64_t, last);

    /* most groups are small */

    for (from = walk->end - 1, step = 1; from > walk->first; step *= 2) {
        last = recs_column(walk->base.base, walk->order, uint32_t, from);

        if (recs_column(walk->base.base, RECS_COLUMN_PRICE, int64_t, last)
            < price)
        {
            break;
        }

        from -= recs_min(step, from - walk->first);
    }

    walk->group = recs_order_bound(walk, from, walk->end - 1, price);
    walk->at = walk->group;
}


/* The first place whose key, by the base alone, is not below "key". */

static uint32_t
recs_order_bound(const recs_order_walk_t *walk, uint32_t from, uint32_t to,
    int64_t key)
{
    uint32_t     middle;
    recs_item_t  item;

    while (from < to) {
        middle = from + (to - from) / 2;
        item = recs_column(walk->base.base, walk->order, uint32_t, middle);

        if (recs_order_key(&walk->base, walk->sort, item) < key) {
            from = middle + 1;

        } else {
            to = middle;
        }
    }

    return from;
}


int64_t
recs_order_key(const recs_view_t *view, recs_sort_e sort, recs_item_t item)
{
    int64_t   n;
    uint64_t  rating;

    switch (sort) {

    case RECS_SORT_RATING:
        rating = recs_view_column(view, RECS_COLUMN_RATING, uint16_t, item);
        rating = rating << 32 | recs_view_column(view,
                                    RECS_COLUMN_RATING_COUNT, uint32_t, item);
        return -(int64_t) rating;

    case RECS_SORT_PRICE_UP:
    case RECS_SORT_PRICE_DOWN:
        n = recs_view_column(view, RECS_COLUMN_PRICE, int64_t, item);

        if (n == RECS_NO_MONEY) {
            return INT64_MAX;
        }

        return (sort == RECS_SORT_PRICE_UP) ? n : -n;

    case RECS_SORT_NEWEST:
        n = recs_column(view->base, RECS_COLUMN_CREATED, int64_t, item);
        return n ? -recs_max(n, -INT64_MAX) : INT64_MAX;

    default:
        return 0;
    }
}
