/*
 * Copyright (C) recs authors
 *
 * Who looks too quickly is a program for that day: by which pace, in what
 * order it comes, and what stays of him.
 */

#include <stdlib.h>
#include <string.h>

#include "builder/report/private.h"
#include "tap.h"


#define T0    1700006400000LL                /* a midnight */
#define HOUR  3600000LL
#define DAY   (24 * HOUR)


static recs_config_t   config;
static recs_report_t  *r;


static void
event(uint8_t type, int64_t ms, unsigned session, const char *order)
{
    recs_error_t         err;
    static recs_event_t  e;

    recs_event_init(&e);

    e.class = RECS_CLASS_ACTIVITY;
    e.type = type;
    e.time_ms = T0 + ms;
    e.received_ms = e.time_ms;
    e.epoch = 1;
    e.recommendation.data = (const uint8_t *) "rec";
    e.recommendation.len = 3;
    e.item_count = 1;
    e.items[0].product.data = (const uint8_t *) "i1";
    e.items[0].product.len = 2;
    e.items[0].price = 5 * RECS_MICRO;
    e.items[0].quantity = RECS_MICRO;
    e.order.data = (const uint8_t *) order;
    e.order.len = order ? strlen(order) : 0;
    memset(e.session.bytes, (int) session, RECS_IDENTITY_SIZE);

    recs_report_add(r, &e, &err);
}


/* "n" clicks, "pause" ms apart. */

static void
clicks(unsigned n, int64_t from, int64_t pause, unsigned session)
{
    unsigned  i;

    for (i = 0; i < n; i++) {
        event(71, from + i * pause, session, NULL);
    }
}


static recs_cell_t
sum(void)
{
    size_t              i;
    recs_cell_t         all;
    recs_report_view_t  view;

    memset(&all, 0, sizeof(all));
    recs_report_view(r, 0, &view);

    for (i = 0; i < view.count; i++) {
        recs_cell_add(&all, &view.cells[i]);
    }

    return all;
}


static uint64_t
bots(void)
{
    recs_report_view_t  view;

    recs_report_view(r, 0, &view);

    return view.meta.bots;
}


static void
begin(void)
{
    recs_config_init(&config);
    r = recs_report_create(&config);
}


/* Clicks of one session less than 30 s apart are one: pauses of 31 s. */

static void
test_minute(void)
{
    begin();
    clicks(49, 0, 1000, 1);
    is_int(sum().clicks, 1, "49 seconds of a minute: a click, again and again");
    is_int(bots(), 0, "and nobody is judged");

    event(71, 48500, 1, NULL);
    is_int(bots(), 0, "what happens in one second counts once");

    event(71, 59000, 1, NULL);
    is_int(sum().clicks, 0, "in the fiftieth second it is a program");
    is_int(bots(), 51, "all of its events are");

    clicks(3, 5 * HOUR, 31000, 1);
    is_int(sum().clicks, 0, "for the rest of the day");
    is_int(bots(), 54, "which is told");

    clicks(3, DAY, 31000, 1);
    is_int(sum().clicks, 3, "the next day is another one");

    clicks(3, 0, 31000, 2);
    is_int(sum().clicks, 6, "so is who else was there");
    recs_report_destroy(r);

    begin();
    clicks(49, 30000, 1000, 1);
    clicks(1, 30000 + 49000, 1000, 1);
    is_int(bots(), 0, "minutes are those of the clock");
    recs_report_destroy(r);
}


static void
test_day(void)
{
    unsigned  i;

    begin();
    config.trust_day = 100;

    clicks(99, 0, 40000, 1);
    is_int(sum().clicks, 99, "99 looks on a day");
    clicks(1, 20 * HOUR, 1, 1);
    is_int(sum().clicks, 0, "a hundred are too many");
    recs_report_destroy(r);

    begin();
    config.trust_day = 100;

    for (i = 0; i < 300; i++) {
        event(45, i * 40000, 1, NULL);
        event(70, i * 40000, 1, NULL);
    }

    is_int(bots(), 0, "orders and what pages report are no looks");
    recs_report_destroy(r);

    begin();
    config.trust = 0;
    clicks(60, 0, 1000, 1);
    ok(sum().clicks > 0 && bots() == 0, "trust = no believes everybody");
    recs_report_destroy(r);
}


/* What was sold goes with the clicks, and comes back for those of others. */

static void
test_sales(void)
{
    begin();

    event(71, 0, 1, NULL);
    event(45, HOUR, 1, "o1");
    is_int(sum().orders, RECS_CELL_SHARE, "an order after a click");

    clicks(60, 2 * HOUR, 1000, 1);
    is_int(sum().orders, 0, "is no conversion of a program");
    is_int(sum().revenue, 0, "nor is its money");

    event(71, DAY + HOUR, 1, NULL);
    event(45, DAY + 2 * HOUR, 1, "o2");
    is_int(sum().orders, RECS_CELL_SHARE, "that of the next day is one");

    recs_report_destroy(r);
}


/* After two days a day is over: the count stays, the person goes. */

static void
test_clock(void)
{
    void          *data;
    size_t         len, young;
    uint64_t       judged;
    recs_error_t   err;

    begin();
    clicks(60, 0, 1000, 1);
    clicks(3, 0, 31000, 2);
    judged = bots();

    data = recs_report_save(r, &young);
    recs_report_destroy(r);
    r = recs_report_create(&config);
    is_int(recs_report_load(r, data, young, &err), RECS_OK, "kept");
    free(data);

    clicks(1, 3 * HOUR, 1, 1);
    is_int(bots(), judged + 1, "a verdict is kept");
    is_int(sum().clicks, 3, "with all that counts");

    recs_report_clock(r, T0 + 12 * DAY);
    is_int(bots(), judged + 1, "what was counted stays");
    is_int(sum().clicks, 3, "on both sides");

    data = recs_report_save(r, &len);
    ok(len < young, "%zu bytes are left of %zu", len, young);
    free(data);
    recs_report_destroy(r);
}


/* The clicks that sales of a session are looked for among. */

static unsigned
chained(unsigned session)
{
    uint32_t         n;
    unsigned         count;
    recs_identity_t  who;

    memset(who.bytes, (int) session, RECS_IDENTITY_SIZE);

    n = recs_report_map_get(&r->by_click,
                            recs_report_mix(recs_report_hash(&who)
                                            + RECS_BY_SESSION,
                                            recs_key64("i1", 2)));

    for (count = 0; n != RECS_NONE; count++) {
        n = r->touches[n].next[RECS_BY_SESSION];
    }

    return count;
}


/* What a program has clicked is not walked over by whoever looks later. */

static void
test_purge(void)
{
    begin();
    clicks(3, 0, 31000, 1);
    clicks(2000, DAY, 0, 1);
    clicks(10, DAY - 1000, 50, 1);
    is_int(chained(1), 2013, "clicks of a session");

    clicks(49, DAY + 1000, 1000, 1);
    is_int(chained(1), 13, "those of a program's day are gone");
    is_int(sum().clicks, 4, "the others count");

    clicks(5, 2000000, -31000, 1);
    is_int(chained(1), 18, "and what comes late finds its place");

    event(20, 2 * DAY + HOUR, 1, NULL);
    is_int(sum().carts, RECS_CELL_SHARE, "a cart belongs to one of these");
    recs_report_destroy(r);
}


int
main(void)
{
    test_minute();
    test_day();
    test_sales();
    test_clock();
    test_purge();

    return done_testing();
}
