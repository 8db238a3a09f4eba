/*
 * Copyright (C) recs authors
 *
 * Outcomes: lines of carts and orders, and what of them was given back.
 */

#include "private.h"


typedef void (*recs_report_chained_pt)(recs_report_t *r,
    recs_report_map_t *map, uint64_t key, unsigned by, uint32_t n);

static uint32_t recs_report_outcome_new(recs_report_t *r,
    const recs_outcome_t *line);
static void recs_report_outcome_persons(recs_report_t *r, uint32_t n,
    recs_report_chained_pt chained);
static void recs_report_outcome_join(recs_outcome_t *o,
    const recs_outcome_t *line);


recs_report_product_t *
recs_report_product(recs_report_t *r, uint64_t item)
{
    uint32_t               *at;
    recs_report_product_t  *p;

    at = recs_report_map_at(&r->by_product, item);

    if (*at == RECS_NONE) {
        recs_grow(&r->products, &r->products_cap, r->product_count + 1,
                  sizeof(recs_report_product_t));

        p = &r->products[r->product_count];
        memset(p, 0, sizeof(recs_report_product_t));

        p->item = item;
        p->cost = RECS_NO_MONEY;
        p->time = INT64_MIN;
        p->outcomes = RECS_NONE;

        *at = (uint32_t) r->product_count++;
    }

    return &r->products[*at];
}


recs_order_t *
recs_report_order(recs_report_t *r, uint64_t order)
{
    uint32_t      *at;
    recs_order_t  *o;

    at = recs_report_map_at(&r->by_order, order);

    if (*at == RECS_NONE) {
        recs_grow(&r->orders, &r->orders_cap, r->order_count + 1,
                  sizeof(recs_order_t));

        o = &r->orders[r->order_count];
        memset(o, 0, sizeof(recs_order_t));

        o->order = order;
        o->back = RECS_REPORT_NEVER;
        o->last = INT64_MIN;
        o->lines = RECS_NONE;

        *at = (uint32_t) r->order_count++;
    }

    return &r->orders[*at];
}


static uint32_t
recs_report_outcome_new(recs_report_t *r, const recs_outcome_t *line)
{
    recs_grow(&r->outcomes, &r->outcomes_cap, r->outcome_count + 1,
              sizeof(recs_outcome_t));
    r->outcomes[r->outcome_count] = *line;
    r->outcomes[r->outcome_count].flags |= RECS_OUTCOME_OUT;

    recs_report_outcome_link(r, (uint32_t) r->outcome_count);

    return (uint32_t) r->outcome_count++;
}


void
recs_report_outcome_link(recs_report_t *r, uint32_t n)
{
    unsigned                by;
    recs_order_t           *order;
    recs_outcome_t         *o;
    recs_report_product_t  *p;

    o = &r->outcomes[n];

    for (by = 0; by < 4; by++) {
        o->next[by] = RECS_NONE;
    }

    if (!(o->flags & RECS_OUTCOME_SETTLED)) {
        recs_report_outcome_persons(r, n, recs_report_chain_add);
    }

    if (o->kind != RECS_OUTCOME_ORDER) {
        return;
    }

    p = recs_report_product(r, o->item);
    o->next[RECS_BY_ITEM] = p->outcomes;
    p->outcomes = n;

    if (o->order) {
        order = recs_report_order(r, o->order);
        order->last = recs_max(order->last, o->time);
        o->next[RECS_BY_ORDER] = order->lines;
        order->lines = n;
        order->count++;

        *recs_report_map_at(&r->by_line, recs_report_mix(o->order, o->item))
            = n;
    }
}


/* Into the chains of the persons, or out of them. */

static void
recs_report_outcome_persons(recs_report_t *r, uint32_t n,
    recs_report_chained_pt chained)
{
    uint64_t               session;
    const recs_outcome_t  *o;

    o = &r->outcomes[n];
    session = recs_report_session(o->user, o->session, o->rec);

    if (o->user) {
        chained(r, &r->by_outcome, o->user + RECS_BY_USER, RECS_BY_USER, n);
    }

    if (session) {
        chained(r, &r->by_outcome, session + RECS_BY_SESSION,
                RECS_BY_SESSION, n);
    }
}


void
recs_report_cart(recs_report_t *r, const recs_outcome_t *line)
{
    recs_report_basket(r, line);
    recs_report_set_add(&r->out_outcomes, recs_report_outcome_new(r, line));
}


/* Each is the same whichever of two events comes first. */

static void
recs_report_outcome_join(recs_outcome_t *o, const recs_outcome_t *line)
{
    unsigned  better;

    if (line->rank != o->rank) {
        better = line->rank > o->rank;

    } else if (line->told != o->told) {
        better = line->told < o->told;

    } else if (line->revenue != o->revenue) {
        better = line->revenue > o->revenue;

    } else {
        better = line->quantity > o->quantity;
    }

    if (better) {
        o->rank = line->rank;
        o->told = line->told;
        o->revenue = line->revenue;
        o->quantity = line->quantity;
        o->flags &= ~RECS_OUTCOME_PRICED;
        o->flags |= line->flags & RECS_OUTCOME_PRICED;
    }

    o->flags |= line->flags & (RECS_OUTCOME_PURCHASE|RECS_OUTCOME_CHECKOUT);
    o->time = recs_min(o->time, line->time);
    o->user = recs_max(o->user, line->user);
    o->session = recs_max(o->session, line->session);
    o->rec = recs_max(o->rec, line->rec);
    o->currency = recs_max(o->currency, line->currency);
}


void
recs_report_line(recs_report_t *r, const recs_outcome_t *line)
{
    uint32_t         n;
    recs_order_t    *order;
    recs_outcome_t  *o;

    n = RECS_NONE;

    if (line->order) {
        n = recs_report_map_get(&r->by_line,
                                recs_report_mix(line->order, line->item));
    }

    if (n == RECS_NONE) {
        recs_report_cart(r, line);
        return;
    }

    r->quality.repeated++;
    o = &r->outcomes[n];

    order = recs_report_order(r, line->order);
    order->last = recs_max(order->last, line->time);

    if (o->flags & RECS_OUTCOME_SETTLED) {
        return;
    }

    recs_report_out_outcome(r, n);

    recs_report_outcome_persons(r, n, recs_report_chain_remove);
    recs_report_outcome_join(o, line);
    recs_report_outcome_persons(r, n, recs_report_chain_add);
}


/*
 * What an event says of its order as a whole: that a PURCHASE has told of its
 * lines, so that a CHECKOUT_COMPLETE does not count; that all was given back.
 */

void
recs_report_order_state(recs_report_t *r, uint64_t order, int64_t time,
    unsigned purchase, unsigned back)
{
    uint32_t       n;
    recs_order_t  *o;

    o = recs_report_order(r, order);
    o->last = recs_max(o->last, time);

    if (!(purchase && !o->purchase) && !(back && time < o->back)) {
        return;
    }

    for (n = o->out ? RECS_NONE : o->lines;
         n != RECS_NONE;
         n = r->outcomes[n].next[RECS_BY_ORDER])
    {
        recs_report_out_line(r, n);
    }

    o->out = 1;
    o->purchase |= purchase;

    if (back) {
        o->back = recs_min(o->back, time);
    }
}


/* The earliest first, of one moment the smallest; 0: they are the same. */

static int
recs_report_refund_compare(const recs_refund_t *one,
    const recs_refund_t *other)
{
    if (one->time != other->time) {
        return (one->time < other->time) ? -1 : 1;
    }

    return (one->quantity > other->quantity)
           - (one->quantity < other->quantity);
}


/* The last refund of a line, and the one that is the same; how many. */

static uint32_t
recs_report_refund_find(const recs_report_t *r, const recs_refund_t *refund,
    uint32_t *last, uint32_t *same)
{
    uint32_t  count, n;

    n = recs_report_map_get(&r->by_refund, recs_report_mix(refund->order,
                                                           refund->item));
    *last = RECS_NONE;
    *same = RECS_NONE;

    for (count = 0; n != RECS_NONE; n = r->refunds[n].next, count++) {

        if (recs_report_refund_compare(&r->refunds[n], refund) == 0) {
            *same = n;
        }

        *last = n;
    }

    return count;
}


/*
 * Makes room in a full line by what is last of it; whatever came first, the
 * same are left.  RECS_NONE: the refund itself is behind all of them.
 */

static uint32_t
recs_report_refund_drop(recs_report_t *r, const recs_refund_t *refund,
    uint32_t last)
{
    uint32_t       *at;
    recs_refund_t  *dropped;

    dropped = &r->refunds[last];

    if (recs_report_refund_compare(refund, dropped) > 0) {
        r->quality.beyond++;
        return RECS_NONE;
    }

    r->quality.refunds--;
    r->quality.repeated -= dropped->told - 1;
    r->quality.beyond += dropped->told;

    at = recs_report_map_at(&r->by_refund, recs_report_mix(refund->order,
                                                           refund->item));
    while (*at != last) {
        at = &r->refunds[*at].next;
    }

    *at = RECS_NONE;

    return last;
}


void
recs_report_refund(recs_report_t *r, const recs_refund_t *refund)
{
    uint32_t       count, last, line, n, same;
    recs_order_t  *o;

    o = recs_report_order(r, refund->order);
    o->last = recs_max(o->last, refund->time);

    count = recs_report_refund_find(r, refund, &last, &same);

    /* sent again: nothing is given back twice at once */

    if (same != RECS_NONE) {
        r->refunds[same].told++;
        r->quality.repeated++;
        return;
    }

    line = recs_report_map_get(&r->by_line, recs_report_mix(refund->order,
                                                            refund->item));
    if (line != RECS_NONE) {
        recs_report_out_outcome(r, line);
    }

    if (count < RECS_REPORT_REFUNDS) {
        recs_grow(&r->refunds, &r->refunds_cap, r->refund_count + 1,
                  sizeof(recs_refund_t));
        n = (uint32_t) r->refund_count++;

    } else {
        n = recs_report_refund_drop(r, refund, last);

        if (n == RECS_NONE) {
            return;
        }
    }

    r->refunds[n] = *refund;
    r->refunds[n].told = 1;

    r->quality.refunds++;
    recs_report_refund_link(r, n);
}


unsigned
recs_report_refund_sold(const recs_report_t *r, const recs_refund_t *refund)
{
    return refund->sold
           || recs_report_map_get(&r->by_line,
                                  recs_report_mix(refund->order,
                                                  refund->item))
              != RECS_NONE;
}


void
recs_report_refund_link(recs_report_t *r, uint32_t n)
{
    uint32_t             *at;
    const recs_refund_t  *refund;

    refund = &r->refunds[n];
    at = recs_report_map_at(&r->by_refund, recs_report_mix(refund->order,
                                                           refund->item));

    while (*at != RECS_NONE
           && recs_report_refund_compare(&r->refunds[*at], refund) < 0)
    {
        at = &r->refunds[*at].next;
    }

    r->refunds[n].next = *at;
    *at = n;
}


unsigned
recs_report_outcome_counts(const recs_report_t *r, const recs_outcome_t *o)
{
    uint32_t  n;

    if (o->order == 0 || (o->flags & RECS_OUTCOME_PURCHASE)) {
        return 1;
    }

    n = recs_report_map_get(&r->by_order, o->order);

    return n == RECS_NONE || !r->orders[n].purchase;
}
