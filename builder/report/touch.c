/*
 * Copyright (C) recs authors
 *
 * Touches: what was served, seen, clicked and dismissed.  They are chained by
 * who, newest first; clicks by who and product.
 */

#include "private.h"


#define recs_report_by(a, b)                                                 \
    if ((a) != (b)) {                                                        \
        return ((a) > (b)) ? -1 : 1;                                         \
    }


static unsigned recs_report_touch_before(const recs_report_t *r, uint32_t n,
    unsigned by);
static void recs_report_touch_dropped(recs_report_t *r,
    const recs_report_touch_t *touch);
static void recs_report_touch_later(recs_report_t *r,
    const recs_report_touch_t *t, uint64_t who, unsigned by);
static void recs_report_touch_outcomes(recs_report_t *r,
    const recs_report_touch_t *t, uint64_t who, unsigned by);


uint64_t
recs_report_session(uint64_t user, uint64_t session, uint64_t rec)
{
    if (user || session || rec == 0) {
        return session;
    }

    return recs_report_mix(rec, 'n');
}


int
recs_report_touch_compare(const recs_report_t *r,
    const recs_report_touch_t *one, const recs_report_touch_t *other)
{
    int  rc;

    recs_report_by(one->time, other->time)
    recs_report_by(one->rec, other->rec)
    recs_report_by(one->item, other->item)
    recs_report_by(one->kind, other->kind)
    recs_report_by(one->device, other->device)
    recs_report_by(one->user, other->user)
    recs_report_by(one->session, other->session)

    rc = recs_report_name_compare(r, one->region, other->region);

    if (rc) {
        return rc;
    }

    recs_report_by(one->position, other->position)
    recs_report_by(one->view, other->view)
    recs_report_by(one->strategy, other->strategy)
    recs_report_by(one->flags, other->flags)

    rc = recs_report_name_compare(r, one->placement, other->placement);

    return rc ? rc : recs_report_name_compare(r, one->variant,
                                              other->variant);
}


void
recs_report_touch(recs_report_t *r, const recs_report_touch_t *touch)
{
    uint32_t  n;

    if (recs_report_judged(r, touch)) {
        recs_report_touch_dropped(r, touch);
        return;
    }

    n = (uint32_t) r->touch_count;

    recs_grow(&r->touches, &r->touches_cap, r->touch_count + 1,
              sizeof(recs_report_touch_t));
    r->touches[n] = *touch;

    r->touches[n].out = 1;

    recs_report_touch_repeats(r, touch);
    recs_report_touch_affects(r, touch);

    r->touch_count++;
    recs_report_touch_link(r, n);
    recs_report_set_add(&r->out_touches, n);
}


/* A list is as old as it would be if the verdict had come later. */

static void
recs_report_touch_dropped(recs_report_t *r, const recs_report_touch_t *touch)
{
    recs_report_list_t  *list;

    if (touch->rec) {
        list = recs_report_list(r, touch->rec);
        list->used = recs_max(list->used, touch->time);
    }
}


void
recs_report_touch_repeats(recs_report_t *r, const recs_report_touch_t *t)
{
    if (t->kind == RECS_TOUCH_CLICK) {
        recs_report_touch_later(r, t, t->user, RECS_BY_USER);
        recs_report_touch_later(r, t, recs_report_session(t->user, t->session,
                                                          t->rec),
                                RECS_BY_SESSION);
    }
}


/* Clicks that a new one may make a double click of: all that are later. */

static void
recs_report_touch_later(recs_report_t *r, const recs_report_touch_t *t,
    uint64_t who, unsigned by)
{
    int64_t   since;
    uint32_t  n;
    uint64_t  key;

    key = recs_report_mix(who + by, t->item);
    n = who ? recs_report_map_get(&r->by_click, key) : RECS_NONE;

    if (n == RECS_NONE || r->touches[n].time < t->time) {
        return;
    }

    since = recs_report_out_since(r, recs_report_mix(key, 'c'), t->time);

    if (since <= t->time) {
        return;
    }

    for (n = recs_report_chain_seek(r, &r->by_click, key, by, since - 1);
         n != RECS_NONE && r->touches[n].time >= t->time;
         n = r->touches[n].next[by])
    {
        recs_report_out_touch(r, n);
    }
}


void
recs_report_touch_affects(recs_report_t *r, const recs_report_touch_t *t)
{
    if (t->kind == RECS_TOUCH_DISMISS) {
        return;
    }

    recs_report_touch_outcomes(r, t, t->user, RECS_BY_USER);
    recs_report_touch_outcomes(r, t, recs_report_session(t->user, t->session,
                                                         t->rec),
                               RECS_BY_SESSION);
}


/* All that is later: a view of some also says that others were not seen. */

static void
recs_report_touch_outcomes(recs_report_t *r, const recs_report_touch_t *t,
    uint64_t who, unsigned by)
{
    int64_t   since;
    uint32_t  n;

    n = who ? recs_report_map_get(&r->by_outcome, who + by) : RECS_NONE;

    if (n == RECS_NONE || r->outcomes[n].time < t->time) {
        return;
    }

    since = recs_report_out_since(r, recs_report_mix(who + by, 'o'), t->time);

    if (since <= t->time) {
        return;
    }

    for (n = recs_report_chain_seek(r, &r->by_outcome, who + by, by,
                                    since - 1);
         n != RECS_NONE && r->outcomes[n].time >= t->time;
         n = r->outcomes[n].next[by])
    {
        recs_report_out_outcome(r, n);
    }
}


void
recs_report_touch_link(recs_report_t *r, uint32_t n)
{
    uint64_t              key;
    unsigned              by;
    recs_report_map_t    *map;
    recs_report_list_t   *list;
    recs_report_touch_t  *t;

    t = &r->touches[n];
    t->next[RECS_BY_USER] = RECS_NONE;
    t->next[RECS_BY_SESSION] = RECS_NONE;
    t->next[RECS_BY_REC] = RECS_NONE;

    if (t->rec && !(t->flags & RECS_TOUCH_SETTLED)) {
        list = recs_report_list(r, t->rec);
        list->used = recs_max(list->used, t->time);
        t->next[RECS_BY_REC] = list->touches;
        list->touches = n;
    }

    r->direct += (t->flags & (RECS_TOUCH_DIRECT|RECS_TOUCH_SETTLED))
                 == RECS_TOUCH_DIRECT;
    recs_report_pace_link(r, n);

    if (recs_report_judged(r, t)) {
        return;
    }

    for (by = RECS_BY_USER; by <= RECS_BY_SESSION; by++) {
        map = recs_report_touch_chain(r, t, by, &key);

        if (map) {
            recs_report_chain_add(r, map, key, by, n);
        }
    }
}


recs_report_map_t *
recs_report_touch_chain(recs_report_t *r, const recs_report_touch_t *t,
    unsigned by, uint64_t *key)
{
    uint64_t  who;

    who = (by == RECS_BY_USER) ? t->user
                               : recs_report_session(t->user, t->session,
                                                     t->rec);

    if (who == 0 || t->kind == RECS_TOUCH_DISMISS) {
        return NULL;
    }

    if (t->kind == RECS_TOUCH_CLICK) {
        *key = recs_report_mix(who + by, t->item);
        return &r->by_click;
    }

    *key = who + by;

    return &r->by_shown;
}


/*
 * Whether there is a click less than 30 s before in a chain; for what was put
 * into a cart, any that it may belong to.
 */

static unsigned
recs_report_touch_before(const recs_report_t *r, uint32_t n, unsigned by)
{
    int64_t                     window;
    uint32_t                    before;
    unsigned                    looked;
    const recs_report_touch_t  *one, *t;

    t = &r->touches[n];
    window = (t->flags & RECS_TOUCH_DIRECT) ? r->click_ms
                                            : RECS_REPORT_DOUBLE;
    looked = 0;

    for (before = t->next[by];
         before != RECS_NONE && looked < RECS_REPORT_REPEAT;
         before = one->next[by])
    {
        one = &r->touches[before];

        if (t->time - one->time > window) {
            return 0;
        }

        if (!recs_report_judged(r, one)) {
            looked++;

            if (one->rec == t->rec) {
                return 1;
            }
        }
    }

    return 0;
}


unsigned
recs_report_touch_repeat(const recs_report_t *r, uint32_t n)
{
    const recs_report_touch_t  *t;

    t = &r->touches[n];

    return (t->flags & RECS_TOUCH_SETTLED) ? t->flags & RECS_TOUCH_REPEAT
                                           : t->repeat;
}


void
recs_report_touch_repeated(recs_report_t *r, uint32_t n)
{
    recs_report_touch_t  *t;

    t = &r->touches[n];

    if (t->kind != RECS_TOUCH_CLICK || (t->flags & RECS_TOUCH_SETTLED)) {
        return;
    }

    /* two clicks of nobody may be of two people, his cart is of a click */

    t->repeat = (t->user && recs_report_touch_before(r, n, RECS_BY_USER))
                || ((t->session || (t->flags & RECS_TOUCH_DIRECT))
                    && recs_report_touch_before(r, n, RECS_BY_SESSION));
}


unsigned
recs_report_touch_shown(const recs_report_t *r, const recs_report_touch_t *t)
{
    const recs_report_list_t  *list;

    if (t->flags & RECS_TOUCH_SETTLED) {
        return !(t->flags & RECS_TOUCH_UNSHOWN);
    }

    list = t->item ? recs_report_touch_list(r, t) : NULL;

    return list == NULL || recs_report_list_position(list, t->item) != 0;
}


const recs_report_list_t *
recs_report_touch_list(const recs_report_t *r, const recs_report_touch_t *t)
{
    if (t->rec == 0
        || (t->flags & (RECS_TOUCH_SETTLED|RECS_TOUCH_LISTED))
           == RECS_TOUCH_SETTLED)
    {
        return NULL;
    }

    return recs_report_list_known(r, t->rec);
}


void
recs_report_touch_dims(const recs_report_t *r, const recs_report_touch_t *t,
    uint64_t item, recs_dims_t *dims)
{
    unsigned                   position;
    const recs_report_list_t  *list;

    list = recs_report_touch_list(r, t);
    position = t->position;

    dims->snapshot = t->view;
    dims->placement = t->placement;
    dims->variant = t->variant;
    dims->region = t->region;
    dims->segment = (t->flags & RECS_TOUCH_SETTLED)
                    ? t->segment : recs_report_segment(r, t->user);
    dims->device = t->device;
    dims->strategy = t->strategy;
    dims->currency = 0;

    if (list && position == 0) {
        position = recs_report_list_position(list, item);
    }

    if (list && !(t->flags & RECS_TOUCH_SETTLED)) {
        dims->strategy = list->strategy;

        if (list->view) {
            dims->snapshot = list->view;
        }

        if (dims->placement == RECS_NONE) {
            dims->placement = list->placement;
        }

        if (dims->variant == RECS_NONE) {
            dims->variant = list->variant;
        }
    }

    dims->position = (uint16_t) recs_min(position, RECS_REPORT_POSITION);
}


static void
recs_report_touch_all(recs_report_t *r, const recs_report_touch_t *t,
    const recs_cell_t *counts, int sign)
{
    uint32_t                   hour;
    unsigned                   i;
    recs_dims_t                dims;
    const recs_report_list_t  *list;

    list = recs_report_touch_list(r, t);

    if (list == NULL) {
        return;
    }

    recs_report_touch_dims(r, t, 0, &dims);
    hour = recs_report_hour(r, t->time);

    for (i = 0; i < list->count; i++) {
        dims.position = (uint16_t) (i + 1);
        recs_report_cell(r, &dims, hour, counts, sign);
    }
}


/* A list tells its own share in the bias, once for all of its products. */

static void
recs_report_touch_served(recs_report_t *r, const recs_report_touch_t *t,
    int sign)
{
    uint32_t  n;

    n = recs_report_map_get(&r->by_list, t->rec);

    if (n != RECS_NONE && recs_report_touch_list(r, t)) {
        r->lists[n].served += sign;
    }
}


void
recs_report_touch_count(recs_report_t *r, uint32_t n, int sign)
{
    recs_cell_t                 counts;
    recs_dims_t                 dims;
    const recs_report_touch_t  *t;

    t = &r->touches[n];

    /* what is settled is counted for good */

    if ((t->flags & RECS_TOUCH_SETTLED) || recs_report_judged(r, t)) {
        return;
    }

    if (!recs_report_touch_shown(r, t)) {
        r->quality.unshown += sign;
        return;
    }

    memset(&counts, 0, sizeof(recs_cell_t));

    switch (t->kind) {

    case RECS_TOUCH_CLICK:

        if (t->rec && recs_report_touch_list(r, t) == NULL) {
            r->quality.unlisted += sign;
        }

        if (recs_report_touch_repeat(r, n)) {
            r->quality.doubles += (t->flags & RECS_TOUCH_DIRECT) ? 0 : sign;
            return;
        }

        r->quality.direct += (t->flags & RECS_TOUCH_DIRECT) ? sign : 0;
        counts.clicks = 1;
        break;

    case RECS_TOUCH_SEEN:
        counts.seen = 1;
        break;

    case RECS_TOUCH_SERVED:
        counts.served = 1;
        recs_report_touch_served(r, t, sign);
        break;

    default:
        counts.dismissed = 1;
        break;
    }

    if (t->item == 0) {
        recs_report_touch_all(r, t, &counts, sign);
        return;
    }

    recs_report_touch_dims(r, t, t->item, &dims);
    recs_report_cell(r, &dims, recs_report_hour(r, t->time), &counts, sign);

    if (t->kind == RECS_TOUCH_CLICK) {
        recs_report_bias(r, dims.strategy, t->item, dims.position, 0, sign);
    }
}
