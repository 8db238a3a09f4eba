/*
 * Copyright (C) recs authors
 *
 * What an outcome counts: its parts, and what of it was given back.
 */

#include "private.h"


/* What of a line was given back at a moment; quantities from 0 up. */

typedef struct {
    int64_t   time;
    int64_t   from;              /* micro, that were given back before */
    int64_t   to;
} recs_back_t;

typedef struct {
    const recs_outcome_t  *line;
    const recs_part_t     *parts;
    uint32_t               count;
    int64_t                margin;       /* micro */
    uint32_t               basket;       /* its part of the order */
    int                    sign;
} recs_sale_t;


/* Part "from" to "to" of "whole", of a sum: all parts together are the sum. */

static int64_t
recs_report_part(int64_t sum, int64_t from, int64_t to, int64_t whole)
{
    return (int64_t) ((__int128) sum * to / whole
                      - (__int128) sum * from / whole);
}


/* Money has a currency, which what led to it has not. */

static void
recs_report_sale(recs_report_t *r, const recs_sale_t *s,
    const recs_part_t *part, uint32_t hour, const recs_cell_t *counts)
{
    recs_dims_t  dims;

    dims = part->dims;
    dims.currency = s->line->currency;

    recs_report_cell(r, &dims, hour, counts, s->sign);
}


static void
recs_report_sold(recs_report_t *r, const recs_sale_t *s)
{
    uint32_t               from, hour, i, to;
    recs_cell_t            counts;
    const recs_part_t     *part;
    const recs_outcome_t  *o;

    o = s->line;
    hour = recs_report_hour(r, o->time);

    for (i = 0, from = 0; i < s->count; i++, from = to) {
        part = &s->parts[i];
        to = from + part->share;

        memset(&counts, 0, sizeof(recs_cell_t));

        if (o->kind == RECS_OUTCOME_CART) {
            counts.carts = part->share;

        } else if (part->shown) {
            counts.view_orders = s->basket;
            counts.view_lines = 1;
            counts.view_revenue = o->revenue;

        } else {
            counts.orders = (uint64_t) recs_report_part(s->basket, from, to,
                                                        RECS_CELL_SHARE);
            counts.lines = part->share;
            counts.units = (uint64_t) recs_report_part(o->quantity, from, to,
                                                       RECS_CELL_SHARE);
            counts.revenue = recs_report_part(o->revenue, from, to,
                                              RECS_CELL_SHARE);
            counts.margin = recs_report_part(s->margin, from, to,
                                             RECS_CELL_SHARE);
        }

        recs_report_sale(r, s, part, hour, &counts);
    }
}


static void
recs_report_given_back(recs_report_t *r, const recs_sale_t *s,
    const recs_back_t *back)
{
    int64_t                margin, revenue;
    uint32_t               from, hour, i, to;
    recs_cell_t            counts;
    const recs_part_t     *part;
    const recs_outcome_t  *o;

    o = s->line;
    hour = recs_report_hour(r, back->time);
    revenue = recs_report_part(o->revenue, back->from, back->to, o->quantity);
    margin = recs_report_part(s->margin, back->from, back->to, o->quantity);

    for (i = 0, from = 0; i < s->count; i++, from = to) {
        part = &s->parts[i];
        to = from + part->share;

        memset(&counts, 0, sizeof(recs_cell_t));

        if (part->shown) {
            counts.view_revenue = -revenue;

        } else {
            counts.refunds = part->share;
            counts.revenue = -recs_report_part(revenue, from, to,
                                               RECS_CELL_SHARE);
            counts.margin = -recs_report_part(margin, from, to,
                                              RECS_CELL_SHARE);
        }

        recs_report_sale(r, s, part, hour, &counts);
    }
}


/*
 * Lines of refunds in order of time, never more than was bought; what is left
 * when the whole order is given back or cancelled goes then.
 */

static void
recs_report_refunds(recs_report_t *r, const recs_sale_t *s)
{
    uint32_t               n;
    recs_back_t            back;
    const recs_order_t    *order;
    const recs_refund_t   *refund;
    const recs_outcome_t  *o;

    o = s->line;
    n = recs_report_map_get(&r->by_order, o->order);

    if (n == RECS_NONE) {
        return;
    }

    order = &r->orders[n];
    back.from = 0;

    n = recs_report_map_get(&r->by_refund,
                            recs_report_mix(o->order, o->item));

    for ( /* void */ ; n != RECS_NONE; n = r->refunds[n].next) {
        refund = &r->refunds[n];

        if (refund->time > order->back || back.from == o->quantity) {
            break;
        }

        back.time = refund->time;
        back.to = back.from + recs_min(refund->quantity,
                                       o->quantity - back.from);

        recs_report_given_back(r, s, &back);
        back.from = back.to;
    }

    if (order->back != RECS_REPORT_NEVER && back.from < o->quantity) {
        back.time = order->back;
        back.to = o->quantity;

        recs_report_given_back(r, s, &back);
    }
}


int64_t
recs_report_clamp(__int128 sum)
{
    return (int64_t) recs_max(recs_min(sum, RECS_REPORT_MOST),
                              -RECS_REPORT_MOST);
}


static int64_t
recs_report_margin(const recs_report_t *r, const recs_outcome_t *o)
{
    uint32_t  n;
    __int128  cost;

    if (!(o->flags & RECS_OUTCOME_PRICED)) {
        return 0;
    }

    n = recs_report_map_get(&r->by_product, o->item);

    if (n == RECS_NONE || r->products[n].cost == RECS_NO_MONEY) {
        return 0;
    }

    cost = (__int128) r->products[n].cost * o->quantity / RECS_MICRO;

    return recs_report_clamp(o->revenue - cost);
}


void
recs_report_outcome_count(recs_report_t *r, uint32_t n, int sign)
{
    recs_sale_t            s;
    const recs_outcome_t  *o;

    o = &r->outcomes[n];

    if (!recs_report_outcome_counts(r, o)
        || (o->kind == RECS_OUTCOME_ORDER && o->order
            && !(o->flags & (RECS_OUTCOME_CLICKED|RECS_OUTCOME_SHOWN))))
    {
        return;
    }

    s.line = o;
    s.sign = sign;
    s.count = recs_report_attribute(r, o);
    s.parts = r->scratch;

    if (s.count == 0) {
        return;
    }

    s.margin = recs_report_margin(r, o);
    s.basket = recs_report_basket_share(r, o);
    recs_report_sold(r, &s);

    if (o->kind == RECS_OUTCOME_ORDER && o->order) {
        recs_report_refunds(r, &s);
    }
}
