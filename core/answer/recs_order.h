/*
 * Copyright (C) recs authors
 *
 * The orders of a snapshot (RECS_COLUMN_ORDER_*): item numbers by a value that
 * the base has, of equal values the more popular item first.
 */

#ifndef _RECS_ORDER_H_INCLUDED_
#define _RECS_ORDER_H_INCLUDED_


#include "recs_filter.h"


/*
 * What a list is sorted by, smallest first; of equal keys the smaller item
 * number.  What has no price, no rating or no date is last, whichever way.
 */

int64_t recs_order_key(const recs_view_t *view, recs_sort_e sort,
    recs_item_t item);


/*
 * A walk along an order, by values of the base alone, without the ends that
 * the filter's bounds cut off.  Not for RELEVANCE and POPULAR.
 */

typedef struct {
    recs_view_t         base;
    recs_sort_e         sort;          /* PRICE_UP for PRICE_DOWN, too */
    recs_column_e       order;
    uint32_t            at, end;       /* of the group at hand */
    uint32_t            first;         /* groups begin here ... */
    uint32_t            group;         /* ... this is the one at hand */
    uint32_t            tail;          /* without a price, behind the rest */
    uint32_t            tail_end;
} recs_order_walk_t;

void recs_order_begin(recs_order_walk_t *walk, const recs_view_t *view,
    const recs_match_t *match, recs_sort_e sort);

/* The next item, RECS_NO_ITEM at the end. */

recs_item_t recs_order_next(recs_order_walk_t *walk);


#endif /* _RECS_ORDER_H_INCLUDED_ */
