/*
 * Copyright (C) recs authors
 *
 * What is out of the cells.  Whatever an event may change is taken out as it
 * was, what is new is out, and all of it is put back when somebody looks:
 * once, however many events there were between.
 *
 * Of a person of whom something is told late all that is later is out then,
 * too, and from when on is kept, so that what is told next does not walk over
 * it again.
 */

#include "private.h"


static void recs_report_back_order(recs_report_t *r, const recs_outcome_t *o);


void
recs_report_out_touch(recs_report_t *r, uint32_t n)
{
    recs_report_touch_t  *t;

    t = &r->touches[n];

    if (t->out || (t->flags & RECS_TOUCH_SETTLED)) {
        return;
    }

    recs_report_touch_affects(r, t);
    recs_report_touch_count(r, n, -1);

    t->out = 1;
    recs_report_set_add(&r->out_touches, n);
}


void
recs_report_out_outcome(recs_report_t *r, uint32_t n)
{
    recs_outcome_t  *o;

    o = &r->outcomes[n];

    if (!(o->flags & RECS_OUTCOME_OUT)) {
        recs_report_basket(r, o);
        recs_report_out_line(r, n);
    }
}


void
recs_report_out_line(recs_report_t *r, uint32_t n)
{
    recs_outcome_t  *o;

    o = &r->outcomes[n];

    if (!(o->flags & RECS_OUTCOME_OUT)) {
        recs_report_outcome_count(r, n, -1);

        o->flags |= RECS_OUTCOME_OUT;
        recs_report_set_add(&r->out_outcomes, n);
    }
}


int64_t
recs_report_out_since(recs_report_t *r, uint64_t chain, int64_t time)
{
    int64_t    since;
    uint32_t  *at;

    at = recs_report_map_at(&r->by_since, chain);

    if (*at == RECS_NONE) {
        recs_grow(&r->since, &r->since_cap, r->since_count + 1,
                  sizeof(int64_t));

        r->since[r->since_count] = RECS_REPORT_NEVER;
        *at = (uint32_t) r->since_count++;
    }

    since = r->since[*at];
    r->since[*at] = recs_min(since, time);

    return since;
}


static void
recs_report_back_order(recs_report_t *r, const recs_outcome_t *o)
{
    uint32_t  n;

    n = o->order ? recs_report_map_get(&r->by_order, o->order) : RECS_NONE;

    if (n != RECS_NONE) {
        r->orders[n].out = 0;
    }
}


void
recs_report_back(recs_report_t *r)
{
    size_t           i;
    uint32_t         n;
    recs_outcome_t  *o;

    if (r->out_touches.count + r->out_outcomes.count == 0) {
        return;
    }

    r->turn++;

    for (i = 0; i < r->out_touches.count; i++) {
        recs_report_touch_repeated(r, r->out_touches.numbers[i]);
    }

    for (i = 0; i < r->out_touches.count; i++) {
        n = r->out_touches.numbers[i];
        r->touches[n].out = 0;
        recs_report_touch_count(r, n, 1);
    }

    for (i = 0; i < r->out_outcomes.count; i++) {
        recs_report_basket_given(r, r->out_outcomes.numbers[i]);
    }

    for (i = 0; i < r->out_outcomes.count; i++) {
        n = r->out_outcomes.numbers[i];
        o = &r->outcomes[n];

        o->flags &= (uint8_t) ~RECS_OUTCOME_OUT;
        recs_report_back_order(r, o);
        recs_report_outcome_count(r, n, 1);
    }

    r->out_touches.count = 0;
    r->out_outcomes.count = 0;
    r->since_count = 0;
    recs_report_map_clear(&r->by_since);
}
