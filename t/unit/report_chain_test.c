/*
 * Copyright (C) recs authors
 *
 * Chains of the report: in order whatever the order of coming, and not walked
 * along further than lanes say.
 */

#include <stdlib.h>

#include "builder/report/private.h"
#include "tap.h"


#define VIEWS    5000
#define SESSION  77
#define KEY      (SESSION + RECS_BY_SESSION)
#define T0       1700006400000LL


static recs_config_t  config;
static uint64_t       seed;


static unsigned
rnd(unsigned n)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;

    return (unsigned) ((seed >> 33) % n);
}


static void
view(recs_report_t *r, int64_t time)
{
    recs_report_touch_t  t;

    memset(&t, 0, sizeof(t));

    t.time = time;
    t.session = SESSION;
    t.item = 5;
    t.kind = RECS_TOUCH_SEEN;
    t.placement = t.variant = t.region = t.segment = RECS_NONE;

    recs_report_touch(r, &t);
}


static void
line(recs_report_t *r, uint64_t order, int64_t time)
{
    recs_outcome_t  o;

    memset(&o, 0, sizeof(o));

    o.time = o.told = time;
    o.session = SESSION;
    o.item = 9;
    o.order = order;
    o.quantity = RECS_MICRO;
    o.kind = RECS_OUTCOME_ORDER;
    o.flags = RECS_OUTCOME_PURCHASE;

    recs_report_line(r, &o);
}


static int64_t
time_of(const recs_report_t *r, unsigned touches, uint32_t n)
{
    return touches ? r->touches[n].time : r->outcomes[n].time;
}


/*
 * Whether a chain has "count" numbers, newest first, and those of its lane in
 * the same order; *gap: the most between two of them.
 */

static unsigned
in_order(const recs_report_t *r, unsigned touches, size_t count, size_t *gap)
{
    size_t                     at, i, run;
    int64_t                    last;
    uint32_t                   n;
    const recs_report_lane_t  *lane, none = { NULL, 0, 0 };

    n = recs_report_map_get(touches ? &r->by_shown : &r->by_outcome, KEY);
    at = recs_report_map_get(&r->by_lane,
                             recs_report_mix(KEY, touches ? 's' : 'o'));
    lane = (at == RECS_NONE) ? &none : &r->lanes[at];
    last = INT64_MAX;
    *gap = 0;

    for (i = 0, at = 0, run = 1; n != RECS_NONE; i++, run++) {

        if (time_of(r, touches, n) > last) {
            return 0;
        }

        *gap = recs_max(*gap, run);

        if (at < lane->count && lane->numbers[at] == n) {
            at++;
            run = 0;
        }

        last = time_of(r, touches, n);
        n = touches ? r->touches[n].next[RECS_BY_SESSION]
                    : r->outcomes[n].next[RECS_BY_SESSION];
    }

    return i == count && at == lane->count;
}


static void
test_seek(recs_report_t *r, unsigned count)
{
    size_t    i;
    int64_t   best, time;
    uint32_t  n;
    unsigned  good, k;

    for (k = 0, good = 1; k < 200; k++) {
        time = T0 + rnd(count * 3) - 10;

        for (i = 0, best = -1; i < r->touch_count; i++) {
            if (r->touches[i].time <= time) {
                best = recs_max(best, r->touches[i].time);
            }
        }

        n = recs_report_chain_seek(r, &r->by_shown, KEY, RECS_BY_SESSION,
                                   time);

        good &= (n == RECS_NONE) ? best == -1 : r->touches[n].time == best;
    }

    ok(good, "the latest one before a time is found");
}


/* Telling the last thing first costs no more than telling it last. */

static void
test_backwards(void)
{
    size_t          gap;
    unsigned        i;
    recs_report_t  *r;

    r = recs_report_create(&config);

    for (i = 0; i < VIEWS; i++) {
        view(r, T0 + 2 * (VIEWS - i));
        line(r, i + 1, T0 + 2 * (VIEWS - i) - 1);
    }

    ok(in_order(r, 1, VIEWS, &gap), "views told backwards are in order");
    ok(gap <= 2 * RECS_REPORT_LANE, "at most %zu are walked over", gap);

    ok(in_order(r, 0, VIEWS, &gap), "so are orders");
    ok(gap <= 2 * RECS_REPORT_LANE, "at most %zu are walked over", gap);
    test_seek(r, VIEWS);

    recs_report_index(r);
    ok(in_order(r, 1, VIEWS, &gap) && gap <= 2 * RECS_REPORT_LANE,
       "and after the index was made anew");

    recs_report_destroy(r);
}


/* A walk along many is made once. */

static void
test_once(void)
{
    size_t          gap;
    unsigned        i;
    recs_report_t  *r;

    r = recs_report_create(&config);

    for (i = 0; i < VIEWS; i++) {
        view(r, T0 + 1000 + i);
    }

    ok(in_order(r, 1, VIEWS, &gap) && gap == VIEWS,
       "what comes in order needs no lane");

    view(r, T0);
    ok(in_order(r, 1, VIEWS + 1, &gap) && gap <= 2 * RECS_REPORT_LANE,
       "one that is far behind makes it");

    recs_report_destroy(r);
}


static void
test_random(uint64_t from)
{
    size_t          gap;
    unsigned        i, many, orders;
    recs_report_t  *r;

    seed = from;
    r = recs_report_create(&config);
    many = 500 + rnd(1000);
    orders = 100 + rnd(200);

    for (i = 0; i < many; i++) {
        view(r, T0 + rnd(many * (1 + 2 * (i % 2))));

        /* lines told again change their places */

        line(r, 1 + rnd(orders), T0 + rnd(many));
    }

    ok(in_order(r, 1, many, &gap), "SEED %lu: %u views in order",
       (unsigned long) from, many);
    ok(in_order(r, 0, r->outcome_count, &gap), "%zu lines in order",
       r->outcome_count);
    test_seek(r, many);

    recs_report_destroy(r);
}


int
main(void)
{
    uint64_t  i;

    recs_config_init(&config);
    config.trust = 0;
    config.report_view_hours = 0;

    test_backwards();
    test_once();

    for (i = 1; i <= 20; i++) {
        test_random(i);
    }

    return done_testing();
}
