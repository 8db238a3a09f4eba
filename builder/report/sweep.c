/*
 * Copyright (C) recs authors
 *
 * What time takes away: touches beyond their windows, orders that nothing
 * comes back of any more, hours that become days.  What is older than
 * RECS_REPORT_LATE is settled first, so that what it counts does not depend
 * on what goes.
 */

#include "private.h"


static void recs_report_settle_outcomes(recs_report_t *r);
static void recs_report_settle_refunds(recs_report_t *r);
static void recs_report_settle_touches(recs_report_t *r);
static void recs_report_sweep_touches(recs_report_t *r);
static void recs_report_sweep_outcomes(recs_report_t *r);
static void recs_report_sweep_orders(recs_report_t *r);
static void recs_report_sweep_lists(recs_report_t *r);


void
recs_report_clock(recs_report_t *r, int64_t now_ms)
{
    uint32_t  before, hour;

    if (now_ms <= r->now_ms) {
        return;
    }

    r->now_ms = now_ms;
    hour = (uint32_t) (now_ms / RECS_REPORT_HOUR);

    if (hour == r->swept) {
        return;
    }

    recs_report_people(r);
    r->swept = hour;
    r->turn++;

    recs_report_settle_outcomes(r);
    recs_report_settle_touches(r);
    recs_report_settle_refunds(r);
    recs_report_sweep_touches(r);
    recs_report_sweep_outcomes(r);
    recs_report_sweep_orders(r);
    recs_report_sweep_lists(r);
    recs_report_pace_sweep(r);
    recs_report_index(r);

    before = (hour > (uint32_t) r->config->report_hours)
             ? hour - (uint32_t) r->config->report_hours : 0;
    before -= before % 24;

    if (before > r->folded) {
        recs_report_fold(r, before);
    }
}


/* Times are compared with that of the hour, whenever in it the clock ticks. */

unsigned
recs_report_past(const recs_report_t *r, int64_t time, int64_t window)
{
    return time + window < (int64_t) r->swept * RECS_REPORT_HOUR;
}


static void
recs_report_settle_outcomes(recs_report_t *r)
{
    size_t           i;
    uint32_t         n;
    recs_outcome_t  *o;

    for (i = 0; i < r->outcome_count; i++) {
        o = &r->outcomes[i];

        if ((o->flags & RECS_OUTCOME_SETTLED)
            || !recs_report_past(r, o->time, RECS_REPORT_LATE))
        {
            continue;
        }

        n = recs_report_attribute(r, o);

        recs_grow(&r->parts, &r->parts_cap, r->part_count + n,
                  sizeof(recs_part_t));

        if (n) {
            memcpy(&r->parts[r->part_count], r->scratch,
                   n * sizeof(recs_part_t));
        }

        o->part = (uint32_t) r->part_count;
        o->parts = n;
        o->flags |= RECS_OUTCOME_SETTLED;
        r->part_count += n;
    }
}


/* A line may go before what is given back of it. */

static void
recs_report_settle_refunds(recs_report_t *r)
{
    size_t  i;

    for (i = 0; i < r->refund_count; i++) {
        r->refunds[i].sold = recs_report_refund_sold(r, &r->refunds[i]);
    }
}


/* What touches are chained by may change: the chains are made anew later. */

static void
recs_report_settle_touches(recs_report_t *r)
{
    size_t                i;
    uint8_t               flags;
    recs_dims_t           dims;
    recs_report_touch_t  *t;

    for (i = 0; i < r->touch_count; i++) {
        t = &r->touches[i];

        if ((t->flags & RECS_TOUCH_SETTLED)
            || !recs_report_past(r, t->time, RECS_REPORT_LATE)
            || recs_report_judged(r, t))
        {
            continue;
        }

        flags = RECS_TOUCH_SETTLED | (t->flags & RECS_TOUCH_DIRECT);

        if (t->kind == RECS_TOUCH_CLICK
            && recs_report_touch_repeat(r, (uint32_t) i))
        {
            flags |= RECS_TOUCH_REPEAT;
        }

        if (!recs_report_touch_shown(r, t)) {
            flags |= RECS_TOUCH_UNSHOWN;
        }

        if (recs_report_touch_list(r, t)) {
            flags |= RECS_TOUCH_LISTED;
            recs_report_list(r, t->rec)->known = 2;
        }

        recs_report_touch_dims(r, t, t->item, &dims);

        t->view = dims.snapshot;
        t->placement = dims.placement;
        t->variant = dims.variant;
        t->segment = dims.segment;
        t->strategy = dims.strategy;
        t->position = t->item ? dims.position : 0;
        t->flags = flags;
    }
}


static void
recs_report_sweep_touches(recs_report_t *r)
{
    size_t                      i, n;
    int64_t                     window;
    const recs_report_touch_t  *t;

    for (i = 0, n = 0; i < r->touch_count; i++) {
        t = &r->touches[i];

        window = (t->kind == RECS_TOUCH_CLICK) ? r->click_ms
                 : (t->kind == RECS_TOUCH_DISMISS) ? 0 : r->view_ms;

        if (!recs_report_past(r, t->time, RECS_REPORT_LATE + window)
            && !recs_report_judged(r, t))
        {
            r->touches[n++] = *t;
        }
    }

    r->touch_count = n;
}


/*
 * An order goes with all of its lines, since what each counts depends on the
 * others; they are settled by then.
 */

static unsigned
recs_report_order_past(const recs_report_t *r, const recs_order_t *order)
{
    return recs_report_past(r, order->last, r->refund_ms);
}


/* A refund needs the order's id to find it. */

static unsigned
recs_report_outcome_past(const recs_report_t *r, const recs_outcome_t *o)
{
    uint32_t  n;

    if (!(o->flags & RECS_OUTCOME_SETTLED)) {
        return 0;
    }

    if (o->kind == RECS_OUTCOME_CART || o->order == 0) {
        return 1;
    }

    n = recs_report_map_get(&r->by_order, o->order);

    return n == RECS_NONE || recs_report_order_past(r, &r->orders[n]);
}


static void
recs_report_sweep_outcomes(recs_report_t *r)
{
    size_t           count, i, n;
    recs_part_t     *parts;
    recs_outcome_t  *o;

    parts = recs_alloc(r->part_count * sizeof(recs_part_t));
    count = 0;

    for (i = 0, n = 0; i < r->outcome_count; i++) {
        o = &r->outcomes[i];

        if (recs_report_outcome_past(r, o)) {
            continue;
        }

        if (o->parts) {
            memcpy(&parts[count], &r->parts[o->part],
                   o->parts * sizeof(recs_part_t));
        }

        o->part = (uint32_t) count;
        count += o->parts;
        r->outcomes[n++] = *o;
    }

    free(r->parts);

    r->outcome_count = n;
    r->parts = parts;
    r->parts_cap = r->part_count;
    r->part_count = count;
}


/* Refunds go with their order, so that which are the earliest stays known. */

static void
recs_report_sweep_orders(recs_report_t *r)
{
    size_t    i, n;
    uint32_t  order;

    for (i = 0, n = 0; i < r->refund_count; i++) {
        order = recs_report_map_get(&r->by_order, r->refunds[i].order);

        if (order != RECS_NONE
            && !recs_report_order_past(r, &r->orders[order]))
        {
            r->refunds[n++] = r->refunds[i];

        } else {
            r->quality.unsold += !r->refunds[i].sold;
        }
    }

    r->refund_count = n;

    for (i = 0, n = 0; i < r->order_count; i++) {
        if (!recs_report_order_past(r, &r->orders[i])) {
            r->orders[n++] = r->orders[i];
        }
    }

    r->order_count = n;
}


static void
recs_report_sweep_lists(recs_report_t *r)
{
    size_t               i, n;
    recs_report_list_t  *list;

    for (i = 0, n = 0; i < r->list_count; i++) {
        list = &r->lists[i];

        if (!recs_report_past(r, list->used, RECS_REPORT_LATE + r->view_ms)) {
            r->lists[n++] = *list;
            continue;
        }

        recs_report_bias_list(r, list);
        free(list->keys);
    }

    r->list_count = n;
}


void
recs_report_index_clear(recs_report_t *r)
{
    r->direct = 0;
    recs_report_map_clear(&r->by_click);
    recs_report_map_clear(&r->by_shown);
    recs_report_map_clear(&r->by_outcome);
    recs_report_map_clear(&r->by_line);
    recs_report_map_clear(&r->by_refund);
    recs_report_map_clear(&r->by_order);
    recs_report_map_clear(&r->by_list);
    recs_report_chain_clear(r);
}


void
recs_report_index(recs_report_t *r)
{
    size_t  i;

    recs_report_index_clear(r);
    recs_report_pace_index(r);

    for (i = 0; i < r->product_count; i++) {
        r->products[i].outcomes = RECS_NONE;
    }

    for (i = 0; i < r->list_count; i++) {
        r->lists[i].touches = RECS_NONE;
        *recs_report_map_at(&r->by_list, r->lists[i].rec) = (uint32_t) i;
    }

    for (i = 0; i < r->order_count; i++) {
        r->orders[i].lines = RECS_NONE;
        r->orders[i].count = 0;
        *recs_report_map_at(&r->by_order, r->orders[i].order) = (uint32_t) i;
    }

    for (i = 0; i < r->refund_count; i++) {
        recs_report_refund_link(r, (uint32_t) i);
    }

    for (i = 0; i < r->touch_count; i++) {
        recs_report_touch_link(r, (uint32_t) i);
    }

    for (i = 0; i < r->touch_count; i++) {
        recs_report_touch_repeated(r, (uint32_t) i);
    }

    for (i = 0; i < r->outcome_count; i++) {
        recs_report_outcome_link(r, (uint32_t) i);
    }
}
