/*
 * Copyright (C) recs authors
 *
 * An order is one order, however many lines it has.  It is shared out equally
 * over those of its lines that are given to clicks, and again over those that
 * were only shown, so that it counts once in any sum.  What one line counts
 * depends on the others then: where one of them changes, all that count are
 * taken out before and put back afterwards.
 *
 * An order of more than RECS_REPORT_BASKET lines counts as none, lest a
 * stranger's one takes time with the square of its lines.
 */

#include "private.h"


#define RECS_BASKET_GIVEN  (RECS_OUTCOME_CLICKED|RECS_OUTCOME_SHOWN)


static recs_order_t *recs_basket_find(const recs_report_t *r,
    const recs_outcome_t *o);


static recs_order_t *
recs_basket_find(const recs_report_t *r, const recs_outcome_t *o)
{
    uint32_t  n;

    if (o->kind != RECS_OUTCOME_ORDER || o->order == 0) {
        return NULL;
    }

    n = recs_report_map_get(&r->by_order, o->order);

    return (n == RECS_NONE) ? NULL : &r->orders[n];
}


void
recs_report_basket(recs_report_t *r, const recs_outcome_t *o)
{
    uint32_t             n;
    const recs_order_t  *order;

    order = recs_basket_find(r, o);

    if (order == NULL || order->out || order->clicked + order->shown == 0
        || order->count > RECS_REPORT_BASKET)
    {
        return;
    }

    for (n = order->lines;
         n != RECS_NONE;
         n = r->outcomes[n].next[RECS_BY_ORDER])
    {
        if (r->outcomes[n].flags & RECS_BASKET_GIVEN) {
            recs_report_out_line(r, n);
        }
    }
}


void
recs_report_basket_given(recs_report_t *r, uint32_t n)
{
    uint8_t          given;
    recs_order_t    *order;
    recs_outcome_t  *o;

    o = &r->outcomes[n];
    order = recs_basket_find(r, o);

    if (order == NULL) {
        return;
    }

    given = 0;

    if (recs_report_outcome_counts(r, o) && recs_report_attribute(r, o)) {
        given = r->scratch[0].shown ? RECS_OUTCOME_SHOWN
                                    : RECS_OUTCOME_CLICKED;
    }

    order->clicked -= (o->flags & RECS_OUTCOME_CLICKED) != 0;
    order->shown -= (o->flags & RECS_OUTCOME_SHOWN) != 0;

    o->flags = (uint8_t) ((o->flags & ~RECS_BASKET_GIVEN) | given);

    order->clicked += given == RECS_OUTCOME_CLICKED;
    order->shown += given == RECS_OUTCOME_SHOWN;
}


uint32_t
recs_report_basket_share(const recs_report_t *r, const recs_outcome_t *o)
{
    uint32_t               i, n, of;
    const recs_order_t    *order;
    const recs_outcome_t  *other;

    order = recs_basket_find(r, o);

    if (order == NULL) {
        return RECS_CELL_SHARE;
    }

    if (order->count > RECS_REPORT_BASKET) {
        return 0;
    }

    of = (o->flags & RECS_OUTCOME_CLICKED) ? order->clicked : order->shown;

    /* lines in the order of their products get what rounding leaves */

    i = 0;

    for (n = order->lines; n != RECS_NONE; n = other->next[RECS_BY_ORDER]) {
        other = &r->outcomes[n];
        i += (other->flags & o->flags & RECS_BASKET_GIVEN)
             && other->item < o->item;
    }

    if (i >= of) {
        return 0;
    }

    return (uint32_t) ((uint64_t) RECS_CELL_SHARE * (i + 1) / of
                       - (uint64_t) RECS_CELL_SHARE * i / of);
}
