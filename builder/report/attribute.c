/*
 * Copyright (C) recs authors
 *
 * Which touches led to an outcome, and what part of it each is given.
 */

#include "private.h"


#define RECS_SHARE_ONE  ((uint64_t) 1 << 40)


typedef struct {
    uint64_t  rest;
    uint32_t  n;
} recs_share_rest_t;


static uint32_t recs_report_clicks(recs_report_t *r, const recs_outcome_t *o);
static uint32_t recs_report_shown(recs_report_t *r, const recs_outcome_t *o);


/* 2^-(1/2), 2^-(1/4), ... by 2^40, rounded. */

static const uint64_t  recs_share_roots[20] = {
    777472127994, 924575386327, 1008256608221, 1052895941925, 1075951360882,
    1087667703029, 1093573631100, 1096538610001, 1098024112669, 1098767618497,
    1099139560184, 1099325578239, 1099418599072, 1099465112440, 1099488369862,
    1099499998758, 1099505813251, 1099508720510, 1099510174142, 1099510900959
};


/* 2^-(age in days), by 2^40: integers are the same everywhere. */

static uint64_t
recs_share_decay(int64_t age)
{
    uint64_t  days, part, weight;
    unsigned  i;

    days = (uint64_t) (age / RECS_REPORT_DAY);

    if (days >= 40) {
        return 0;
    }

    /* the part of a day, in 2^-20 */

    part = ((uint64_t) (age % RECS_REPORT_DAY) << 20) / RECS_REPORT_DAY;
    weight = RECS_SHARE_ONE;

    for (i = 0; i < 20; i++) {
        if (part & ((uint64_t) 1 << (19 - i))) {
            weight = (uint64_t) (((unsigned __int128) weight
                                  * recs_share_roots[i]) >> 40);
        }
    }

    return weight >> days;
}


static uint64_t
recs_share_weight(unsigned model, const int64_t *times, uint32_t n,
    uint32_t i)
{
    switch (model) {

    case RECS_ATTRIBUTION_FIRST:
        return i == 0;

    case RECS_ATTRIBUTION_LINEAR:
        return 1;

    case RECS_ATTRIBUTION_DECAY:
        return recs_share_decay(times[n - 1] - times[i]);

    case RECS_ATTRIBUTION_POSITION:

        if (n <= 2) {
            return 1;
        }

        /* 2/5, 2/5 and 1/5 of those between */

        return (i == 0 || i == n - 1) ? 2 * (uint64_t) (n - 2) : 1;

    default:
        return i == n - 1;
    }
}


static int
recs_share_compare(const void *one, const void *other)
{
    const recs_share_rest_t  *a, *b;

    a = one;
    b = other;

    if (a->rest != b->rest) {
        return (a->rest > b->rest) ? -1 : 1;
    }

    return (a->n > b->n) - (a->n < b->n);
}


/* The largest remainders get what rounding down leaves. */

void
recs_report_shares(unsigned model, const int64_t *times, uint32_t n,
    uint32_t *shares)
{
    uint32_t           i, left;
    uint64_t           sum;
    unsigned __int128  product;
    recs_share_rest_t  rests[RECS_REPORT_CLICKS];

    if (n == 0) {
        return;
    }

    for (i = 0, sum = 0; i < n; i++) {
        sum += recs_share_weight(model, times, n, i);
    }

    for (i = 0, left = RECS_CELL_SHARE; i < n; i++) {
        product = (unsigned __int128) recs_share_weight(model, times, n, i)
                  * RECS_CELL_SHARE;
        shares[i] = (uint32_t) (product / sum);
        rests[i].rest = (uint64_t) (product % sum);
        rests[i].n = i;
        left -= shares[i];
    }

    if (left) {
        qsort(rests, n, sizeof(recs_share_rest_t), recs_share_compare);
    }

    for (i = 0; i < left && i < n; i++) {
        shares[rests[i].n]++;
    }
}


/* The latest touch of a person before an outcome. */

static uint32_t
recs_report_first(recs_report_t *r, const recs_outcome_t *o,
    recs_report_map_t *map, uint64_t who, unsigned by)
{
    uint64_t  key;

    if (who == 0) {
        return RECS_NONE;
    }

    key = (map == &r->by_click) ? recs_report_mix(who + by, o->item)
                                : who + by;

    return recs_report_chain_seek(r, map, key, by, o->time);
}


/*
 * Merges the chains of a user and of a session into r->clicks, newest first,
 * each touch once; what is no candidate is left out by "take".
 */

typedef unsigned (*recs_report_take_pt)(recs_report_t *r, uint32_t n,
    const recs_outcome_t *o);

static uint32_t
recs_report_merge(recs_report_t *r, const recs_outcome_t *o,
    const uint32_t *first, int64_t since, recs_report_take_pt take,
    uint32_t most)
{
    uint32_t                    count, heads[2], n;
    unsigned                    by, looked;
    const recs_report_touch_t  *t;

    heads[0] = first[0];
    heads[1] = first[1];
    count = 0;
    looked = 0;

    while (looked < RECS_REPORT_LOOK && count < most) {

        if (heads[0] == RECS_NONE && heads[1] == RECS_NONE) {
            break;
        }

        if (heads[0] == RECS_NONE || heads[1] == RECS_NONE) {
            by = (heads[0] == RECS_NONE);

        } else {
            by = recs_report_touch_compare(r, &r->touches[heads[0]],
                                           &r->touches[heads[1]])
                 > 0;
        }

        n = heads[by];
        heads[by] = r->touches[n].next[by];

        if (heads[!by] == n) {
            heads[!by] = r->touches[n].next[!by];
        }

        t = &r->touches[n];

        if (t->time < since) {
            break;
        }

        if (recs_report_judged(r, t)) {
            continue;
        }

        looked++;

        if (take(r, n, o)) {
            recs_grow(&r->clicks, &r->clicks_cap, (size_t) count + 1,
                      sizeof(uint32_t));
            r->clicks[count++] = n;
        }
    }

    return count;
}


static unsigned
recs_report_take_click(recs_report_t *r, uint32_t n,
    const recs_outcome_t *o)
{
    return !recs_report_touch_repeat(r, n)
           && recs_report_touch_shown(r, &r->touches[n]);
}


static unsigned
recs_report_take_named(recs_report_t *r, uint32_t n,
    const recs_outcome_t *o)
{
    return r->touches[n].rec == o->rec && recs_report_take_click(r, n, o);
}


/* Of the recommendation that the outcome names, where there is such a one. */

static uint32_t
recs_report_clicks(recs_report_t *r, const recs_outcome_t *o)
{
    int64_t   since;
    uint32_t  count, first[2], most;
    uint64_t  session;

    session = recs_report_session(o->user, o->session, o->rec);
    since = o->time - r->click_ms;
    most = (r->config->attribution == RECS_ATTRIBUTION_LAST)
           ? 1 : RECS_REPORT_CLICKS;

    first[0] = recs_report_first(r, o, &r->by_click, o->user, RECS_BY_USER);
    first[1] = recs_report_first(r, o, &r->by_click, session,
                                 RECS_BY_SESSION);

    count = o->rec ? recs_report_merge(r, o, first, since,
                                       recs_report_take_named, most)
                   : 0;

    return count ? count
                 : recs_report_merge(r, o, first, since,
                                     recs_report_take_click, most);
}


/* Marks the lists of which the same person's page has reported a view. */

static void
recs_report_reported(recs_report_t *r, const recs_outcome_t *o,
    uint64_t who, unsigned by)
{
    uint32_t                    list, n;
    unsigned                    looked;
    const recs_report_touch_t  *t;

    if (who == 0) {
        return;
    }

    n = recs_report_chain_seek(r, &r->by_shown, who + by, by, o->time);

    for (looked = 0;
         n != RECS_NONE && looked < RECS_REPORT_LOOK;
         n = t->next[by])
    {
        t = &r->touches[n];

        if (t->time < o->time - r->view_ms) {
            return;
        }

        if (recs_report_judged(r, t)) {
            continue;
        }

        looked++;

        if (t->kind != RECS_TOUCH_SEEN || t->rec == 0
            || !recs_report_touch_shown(r, t))
        {
            continue;
        }

        list = recs_report_map_get(&r->by_list, t->rec);

        if (list != RECS_NONE) {
            r->lists[list].reported = r->looks;
        }
    }
}


/* Whether the product was among what was shown. */

static unsigned
recs_report_shows(const recs_report_t *r, const recs_report_touch_t *t,
    uint64_t item)
{
    const recs_report_list_t  *list;

    if (t->item) {
        return t->item == item && recs_report_touch_shown(r, t);
    }

    list = recs_report_touch_list(r, t);

    return list && recs_report_list_position(list, item);
}


static unsigned
recs_report_take_seen(recs_report_t *r, uint32_t n,
    const recs_outcome_t *o)
{
    unsigned                    seen;
    const recs_report_touch_t  *t;

    t = &r->touches[n];
    seen = t->kind == RECS_TOUCH_SEEN;

    if ((!seen && r->served) || !recs_report_shows(r, t, o->item)) {
        return 0;
    }

    r->served = 1;

    return seen;
}


static unsigned
recs_report_take_served(recs_report_t *r, uint32_t n,
    const recs_outcome_t *o)
{
    const recs_report_touch_t  *t;

    t = &r->touches[n];

    return recs_report_shows(r, t, o->item)
           && (t->item
               || recs_report_touch_list(r, t)->reported != r->looks);
}


/* The last one that was seen, else the last one that was served. */

static uint32_t
recs_report_shown(recs_report_t *r, const recs_outcome_t *o)
{
    int64_t   since;
    uint32_t  count, first[2];
    uint64_t  session;

    if (o->kind != RECS_OUTCOME_ORDER || r->view_ms == 0) {
        return 0;
    }

    session = recs_report_session(o->user, o->session, o->rec);
    since = o->time - r->view_ms;

    first[0] = recs_report_first(r, o, &r->by_shown, o->user, RECS_BY_USER);
    first[1] = recs_report_first(r, o, &r->by_shown, session,
                                 RECS_BY_SESSION);

    r->served = 0;
    count = recs_report_merge(r, o, first, since, recs_report_take_seen, 1);

    if (count || !r->served) {
        return count;
    }

    r->looks++;
    recs_report_reported(r, o, o->user, RECS_BY_USER);
    recs_report_reported(r, o, session, RECS_BY_SESSION);

    return recs_report_merge(r, o, first, since, recs_report_take_served, 1);
}


uint32_t
recs_report_attribute(recs_report_t *r, const recs_outcome_t *o)
{
    int64_t   times[RECS_REPORT_CLICKS];
    uint32_t  count, i, n, shares[RECS_REPORT_CLICKS], shown;

    if (o->flags & RECS_OUTCOME_SETTLED) {
        recs_grow(&r->scratch, &r->scratch_cap, o->parts,
                  sizeof(recs_part_t));

        if (o->parts) {
            memcpy(r->scratch, &r->parts[o->part],
                   o->parts * sizeof(recs_part_t));
        }

        return o->parts;
    }

    count = recs_report_clicks(r, o);
    shown = 0;

    if (count == 0) {
        count = recs_report_shown(r, o);
        shown = 1;
    }

    for (i = 0; i < count; i++) {
        times[i] = r->touches[r->clicks[count - 1 - i]].time;
    }

    if (count) {
        recs_report_shares(r->config->attribution, times, count, shares);
    }

    for (i = 0, n = 0; i < count; i++) {

        if (shares[i] == 0) {
            continue;
        }

        recs_grow(&r->scratch, &r->scratch_cap, (size_t) n + 1,
                  sizeof(recs_part_t));
        memset(&r->scratch[n], 0, sizeof(recs_part_t));

        recs_report_touch_dims(r, &r->touches[r->clicks[count - 1 - i]],
                               o->item, &r->scratch[n].dims);
        r->scratch[n].share = shares[i];
        r->scratch[n].shown = shown;
        n++;
    }

    return n;
}
