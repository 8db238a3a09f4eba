/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/event/recs_event_type.h"
#include "../synth/random.h"
#include "temporal.h"


#define RECS_TEMPORAL_DEARER   1.05    /* as a multiple of the first price */
#define RECS_TEMPORAL_DEAREST  1.6
#define RECS_TEMPORAL_SIGNALS                                                \
    (RECS_SIGNAL_VIEW | RECS_SIGNAL_CLICK | RECS_SIGNAL_CART                 \
     | RECS_SIGNAL_WISH | RECS_SIGNAL_PURCHASE)


typedef struct {
    recs_temporal_t  *t;
    uint16_t          signal[256];
    uint64_t         *keys;      /* of a row, in its order */
    uint64_t         *right;
    uint64_t         *seen;
    uint32_t         *mark;      /* by item: the row it was last seen in */
    uint32_t          turn;
} recs_temporal_rows_t;

/* How questions are made: for one strategy, or for all with such needs. */

typedef struct {
    unsigned   strategy;         /* RECS_STRATEGY_MAX: any */
    unsigned   needs;            /* one of these, 0: whatever it needs */
    void     (*cases)(recs_temporal_rows_t *r);
} recs_temporal_kind_t;


static unsigned recs_temporal_asks(const recs_temporal_kind_t *kind,
    unsigned strategy);
static void recs_temporal_users(recs_temporal_rows_t *r);
static void recs_temporal_user(recs_temporal_rows_t *r, uint32_t user,
    unsigned goal, const uint8_t *crossing);
static uint8_t *recs_temporal_crossing(recs_temporal_rows_t *r);
static unsigned recs_temporal_goal(recs_temporal_rows_t *r);
static unsigned recs_temporal_views(recs_temporal_rows_t *r);
static void recs_temporal_products(recs_temporal_rows_t *r);
static void recs_temporal_prefixes(recs_temporal_rows_t *r);
static void recs_temporal_baskets(recs_temporal_rows_t *r);
static void recs_temporal_sessions(recs_temporal_rows_t *r, unsigned prefix);
static uint32_t recs_temporal_session(recs_temporal_rows_t *r,
    const recs_rows_t *rows, uint32_t row);
static void recs_temporal_next(recs_temporal_rows_t *r, uint32_t n,
    unsigned prefix, uint32_t group);
static void recs_temporal_dearer(recs_temporal_rows_t *r);
static void recs_temporal_step(recs_temporal_rows_t *r, uint32_t user,
    uint64_t from);
static unsigned recs_temporal_take(recs_temporal_rows_t *r, uint32_t item);
static unsigned recs_temporal_drawn(recs_random_t *random, uint32_t i,
    uint32_t n, uint32_t *want);


static const recs_temporal_kind_t  recs_temporal_kinds[] = {

    { RECS_UP_SELL, 0, recs_temporal_dearer },
    { RECS_SESSION, 0, recs_temporal_prefixes },
    { RECS_STRATEGY_MAX, RECS_NEEDS_PRODUCT_OR_CART, recs_temporal_baskets },
    { RECS_STRATEGY_MAX, RECS_NEEDS_A_PRODUCT, recs_temporal_products },
    { RECS_STRATEGY_MAX, 0, recs_temporal_users },
};


void
recs_temporal_cases(recs_temporal_t *t)
{
    size_t                       n;
    recs_temporal_rows_t         r;
    const recs_event_type_t     *type;
    const recs_temporal_kind_t  *kind;

    memset(&r, 0, sizeof(recs_temporal_rows_t));

    r.t = t;
    n = recs_max((size_t) t->d->items, (size_t) t->d->events) + 1;
    r.keys = recs_alloc(n * sizeof(uint64_t));
    r.right = recs_alloc(n * sizeof(uint64_t));
    r.seen = recs_alloc(n * sizeof(uint64_t));
    r.mark = recs_calloc((size_t) t->d->items + 1, sizeof(uint32_t));

    for (type = recs_event_types; type->name; type++) {
        r.signal[type->code] = type->signal;
    }


    kind = recs_temporal_kinds;

    while (!recs_temporal_asks(kind, t->in->strategy)) {
        kind++;
    }

    kind->cases(&r);

    free(r.keys);
    free(r.right);
    free(r.seen);
    free(r.mark);
}


/* The last row takes all. */

static unsigned
recs_temporal_asks(const recs_temporal_kind_t *kind, unsigned strategy)
{
    if (kind->strategy != RECS_STRATEGY_MAX) {
        return kind->strategy == strategy;
    }

    return kind->needs == 0
           || (recs_strategies[strategy].needs & kind->needs);
}


static void
recs_temporal_users(recs_temporal_rows_t *r)
{
    uint8_t   *crossing;
    uint32_t   user;
    unsigned   goal;

    goal = recs_temporal_goal(r);
    crossing = recs_temporal_crossing(r);

    for (user = 0; user < r->t->d->by_user.rows; user++) {
        recs_temporal_user(r, user, goal, crossing);
    }

    free(crossing);
}


/* By session: it began up to the cut. */

static uint8_t *
recs_temporal_crossing(recs_temporal_rows_t *r)
{
    uint8_t               *crossing;
    uint32_t               i;
    const recs_dataset_t  *d;

    d = r->t->d;
    crossing = recs_calloc((size_t) d->by_session.rows + 1, 1);

    for (i = 0; i < d->events && d->time[i] <= r->t->cut; i++) {
        if (d->session[i] != RECS_NONE) {
            crossing[d->session[i]] = 1;
        }
    }

    return crossing;
}


/* What a shop is for; where none of it is told, all interest counts. */

static unsigned
recs_temporal_goal(recs_temporal_rows_t *r)
{
    uint32_t               i;
    const recs_dataset_t  *d;

    d = r->t->d;

    for (i = 0; i < d->events; i++) {
        if (r->signal[d->type[i]] & RECS_SIGNAL_PURCHASE) {
            return RECS_SIGNAL_PURCHASE;
        }
    }

    return RECS_TEMPORAL_SIGNALS;
}


static unsigned
recs_temporal_views(recs_temporal_rows_t *r)
{
    uint32_t               i;
    const recs_dataset_t  *d;

    d = r->t->d;

    for (i = 0; i < d->events; i++) {
        if (r->signal[d->type[i]] & RECS_SIGNAL_VIEW) {
            return 1;
        }
    }

    return 0;
}


static void
recs_temporal_user(recs_temporal_rows_t *r, uint32_t user, unsigned goal,
    const uint8_t *crossing)
{
    uint32_t               event, history, item, right, seen;
    uint64_t               e;
    recs_case_t            one;
    recs_temporal_t       *t;
    const recs_dataset_t  *d;

    t = r->t;
    d = t->d;
    history = right = seen = 0;
    r->turn++;

    for (e = d->by_user.offsets[user]; e < d->by_user.offsets[user + 1]; e++)
    {
        event = d->by_user.entries[e];
        item = d->item[event];

        if (item == RECS_NO_ITEM || d->time[event] > t->end) {
            continue;
        }

        if (d->time[event] <= t->cut) {
            history++;

            if ((r->signal[d->type[event]] & goal) && r->mark[item] != r->turn
                && !t->in->repeats)
            {
                r->mark[item] = r->turn;
                r->seen[seen++] = d->products[item].key64;
            }

        } else if ((r->signal[d->type[event]] & goal)
                   && (d->session[event] == RECS_NONE
                       || !crossing[d->session[event]])
                   && r->mark[item] != r->turn)
        {
            r->mark[item] = r->turn;

            if (recs_temporal_take(r, item)) {
                r->right[right++] = d->products[item].key64;
            }
        }
    }

    t->cold_users += right && history == 0;

    if (right == 0 || (history == 0) != (t->in->cold != 0)) {
        return;
    }

    memset(&one, 0, sizeof(recs_case_t));

    one.keys[RECS_CASE_RIGHT] = r->right;
    one.counts[RECS_CASE_RIGHT] = right;
    one.keys[RECS_CASE_SEEN] = r->seen;
    one.counts[RECS_CASE_SEEN] = seen;
    one.asker = history ? recs_keys16_get(d->users, user) : NULL;
    one.group = t->cases->count;

    recs_cases_add(t->cases, &one);
}


/* Counts an answer, and says whether anybody could have known it. */

static unsigned
recs_temporal_take(recs_temporal_rows_t *r, uint32_t item)
{
    r->t->right++;
    r->t->cold += !r->t->known[item];

    return r->t->known[item];
}


static void
recs_temporal_products(recs_temporal_rows_t *r)
{
    if (recs_temporal_views(r)) {
        recs_temporal_sessions(r, 0);

    } else {
        recs_temporal_baskets(r);
    }
}


static void
recs_temporal_prefixes(recs_temporal_rows_t *r)
{
    recs_temporal_sessions(r, 1);
}


static void
recs_temporal_baskets(recs_temporal_rows_t *r)
{
    uint32_t               b, i, k, n, want;
    uint64_t               e;
    recs_case_t            one;
    recs_random_t          random;
    recs_temporal_t       *t;
    const recs_dataset_t  *d;

    t = r->t;
    d = t->d;
    memset(&one, 0, sizeof(recs_case_t));

    for (b = 0; b < d->baskets.rows; b++) {

        if (d->basket_time[b] <= t->cut || d->basket_time[b] > t->end) {
            continue;
        }

        n = 0;

        for (e = d->baskets.offsets[b]; e < d->baskets.offsets[b + 1]; e++) {
            if (recs_temporal_take(r, d->baskets.entries[e])) {
                r->keys[n++] = d->products[d->baskets.entries[e]].key64;
            }
        }

        if (n < 2) {
            continue;
        }

        random.state = recs_random_mix(t->in->seed ^ recs_random_mix(b));
        want = recs_min(n, (uint32_t) RECS_TEMPORAL_ASKED);

        for (i = 0; i < n; i++) {

            if (!recs_temporal_drawn(&random, i, n, &want)) {
                continue;
            }

            for (k = 0; k + 1 < n; k++) {
                r->right[k] = r->keys[k < i ? k : k + 1];
            }

            one.keys[RECS_CASE_ASKED] = &r->keys[i];
            one.counts[RECS_CASE_ASKED] = 1;
            one.keys[RECS_CASE_RIGHT] = r->right;
            one.counts[RECS_CASE_RIGHT] = n - 1;

            recs_cases_add(t->cases, &one);
        }

        one.group++;
    }
}


/* By user and leaf category: the first product touched there. */

static void
recs_temporal_dearer(recs_temporal_rows_t *r)
{
    uint32_t               c, event, user, *leaf;
    uint64_t               e;
    const recs_dataset_t  *d;

    d = r->t->d;
    leaf = recs_calloc((size_t) d->categories + 1, sizeof(uint32_t));

    for (user = 0; user < d->by_user.rows; user++) {
        for (e = d->by_user.offsets[user]; e < d->by_user.offsets[user + 1];
             e++)
        {
            event = d->by_user.entries[e];

            if (d->item[event] == RECS_NO_ITEM
                || d->time[event] <= r->t->cut
                || d->time[event] > r->t->end
                || !(r->signal[d->type[event]] & RECS_TEMPORAL_SIGNALS))
            {
                continue;
            }

            c = d->products[d->item[event]].category;

            if (c < d->categories && leaf[c] != user + 1) {
                leaf[c] = user + 1;
                recs_temporal_step(r, user, e);
            }
        }
    }

    free(leaf);
}


/* The first one bought later there that is dearer, within the range. */

static void
recs_temporal_step(recs_temporal_rows_t *r, uint32_t user, uint64_t from)
{
    double                 ratio;
    uint32_t               event, item;
    recs_case_t            one;
    const recs_dataset_t  *d;
    const recs_product_t  *first, *p;

    d = r->t->d;
    item = d->item[d->by_user.entries[from]];
    first = &d->products[item];

    while (++from < d->by_user.offsets[user + 1]) {
        event = d->by_user.entries[from];

        if (d->item[event] == RECS_NO_ITEM || d->time[event] > r->t->end
            || !(r->signal[d->type[event]] & RECS_SIGNAL_PURCHASE))
        {
            continue;
        }

        p = &d->products[d->item[event]];
        ratio = (double) p->price / (double) first->price;

        if (p->category != first->category || p->price == RECS_NO_MONEY
            || first->price <= 0 || ratio < RECS_TEMPORAL_DEARER
            || ratio > RECS_TEMPORAL_DEAREST)
        {
            continue;
        }

        if (!recs_temporal_take(r, d->item[event]) || !r->t->known[item]) {
            return;
        }

        memset(&one, 0, sizeof(recs_case_t));
        r->keys[0] = first->key64;
        r->right[0] = p->key64;

        one.keys[RECS_CASE_ASKED] = r->keys;
        one.counts[RECS_CASE_ASKED] = 1;
        one.keys[RECS_CASE_RIGHT] = r->right;
        one.counts[RECS_CASE_RIGHT] = 1;
        one.group = r->t->cases->count;

        recs_cases_add(r->t->cases, &one);
        return;
    }
}


/* Selection sampling: the next of n - i left, "want" of them. */

static unsigned
recs_temporal_drawn(recs_random_t *random, uint32_t i, uint32_t n,
    uint32_t *want)
{
    if (recs_random_below(random, n - i) >= *want) {
        return 0;
    }

    (*want)--;

    return 1;
}


/* Sessions, or where there are none the days of users: all their rows. */

static void
recs_temporal_sessions(recs_temporal_rows_t *r, unsigned prefix)
{
    uint32_t            group, n, row;
    const recs_rows_t  *rows;

    rows = &r->t->d->by_session;

    if (rows->offsets[rows->rows] == 0) {
        rows = &r->t->d->by_user;
    }

    for (row = 0, group = 0; row < rows->rows; row++) {
        n = recs_temporal_session(r, rows, row);

        if (n > 1) {
            recs_temporal_next(r, n, prefix, group++);
        }
    }
}


/* The items of a row that began after the cut, each run of one once. */

static uint32_t
recs_temporal_session(recs_temporal_rows_t *r, const recs_rows_t *rows,
    uint32_t row)
{
    uint32_t               event, item, n;
    uint64_t               e;
    recs_temporal_t       *t;
    const recs_dataset_t  *d;

    t = r->t;
    d = t->d;
    n = 0;

    for (e = rows->offsets[row]; e < rows->offsets[row + 1]; e++) {
        event = rows->entries[e];
        item = d->item[event];

        if (d->time[event] <= t->cut && rows == &d->by_session) {
            t->trimmed += d->time[rows->entries[rows->offsets[row + 1] - 1]]
                          > t->cut;
            return 0;
        }

        if (item == RECS_NO_ITEM || d->time[event] <= t->cut
            || d->time[event] > t->end
            || !(r->signal[d->type[event]] & RECS_TEMPORAL_SIGNALS)
            || !recs_temporal_take(r, item)
            || (n && r->keys[n - 1] == d->products[item].key64))
        {
            continue;
        }

        r->keys[n++] = d->products[item].key64;
    }

    return n;
}


static void
recs_temporal_next(recs_temporal_rows_t *r, uint32_t n, unsigned prefix,
    uint32_t group)
{
    uint32_t       i, want;
    recs_case_t    one;
    recs_random_t  random;

    memset(&one, 0, sizeof(recs_case_t));
    random.state = recs_random_mix(r->t->in->seed ^ recs_random_mix(group));
    want = recs_min(n - 1, (uint32_t) RECS_TEMPORAL_ASKED);
    one.group = group;

    for (i = 0; i + 1 < n; i++) {

        if (!recs_temporal_drawn(&random, i, n - 1, &want)) {
            continue;
        }

        if (prefix) {
            one.keys[RECS_CASE_SESSION] = r->keys;
            one.counts[RECS_CASE_SESSION] = i + 1;

        } else {
            one.keys[RECS_CASE_ASKED] = &r->keys[i];
            one.counts[RECS_CASE_ASKED] = 1;
        }

        one.keys[RECS_CASE_RIGHT] = &r->keys[i + 1];
        one.counts[RECS_CASE_RIGHT] = 1;

        recs_cases_add(r->t->cases, &one);
    }
}
