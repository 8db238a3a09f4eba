/*
 * Copyright (C) recs authors
 *
 * Who is not believed, and that everybody else is.
 */

#include "builder/data/dataset_private.h"
#include "shop.h"


#define HOUR  3600000


static void
begin(void)
{
    shop_open();

    shop_config.trust = 1;
    shop_config.trust_minute = 50;
    shop_config.trust_day = 2000;
    shop_config.trust_repeat = 50;
    shop_config.trust_crowd = 3;
}


/* A look at "product" by a user at milliseconds. */

static void
look(int64_t ms, const char *user, const char *product)
{
    recs_event_t  e;

    shop_event(&e, RECS_EVENT_PRODUCT_VIEW, 1, user, user);
    e.time_ms = ms;
    e.received_ms = ms;
    e.epoch = 7;
    shop_item(&e, product, 0, 1);
    shop_add(&e);
}


/* Two hundred people who look at two or three of twenty products. */

static void
people(void)
{
    char      user[16], product[16];
    uint32_t  i, k;

    for (i = 0; i < 200; i++) {
        snprintf(user, sizeof(user), "u%u", i);

        for (k = 0; k < 2 + i % 2; k++) {
            snprintf(product, sizeof(product), "p%u", (i * 7 + k * 3) % 20);
            look((int64_t) HOUR * (24 * 20000 + i) + k * 61000, user,
                 product);
        }
    }
}


static uint64_t
doubted(recs_doubt_e why)
{
    return shop->doubted[why];
}


static void
test_honest(void)
{
    begin();
    people();
    shop_finish();

    is_int(recs_dataset_doubted(shop), 0, "people are believed");
    is_int(shop->events, 500, "all of them");

    shop_close();
}


static void
test_agent(void)
{
    recs_event_t  e;

    begin();
    people();
    shop_event(&e, RECS_EVENT_PRODUCT_VIEW, 1, "bot", "bot");
    e.device = RECS_DEVICE_BOT;
    shop_item(&e, "p1", 0, 1);
    shop_add(&e);
    shop_finish();

    is_int(doubted(RECS_DOUBT_AGENT), 1, "a bot by its own name");
    is_int(shop->events, 500, "is not counted");

    shop_close();
}


/* "n" looks at so many products, "pause" ms apart. */

static void
test_program(uint32_t n, uint32_t products, int64_t pause, unsigned jitter,
    int why, const char *name)
{
    char      product[16];
    int64_t   ms;
    uint32_t  i;

    begin();
    people();

    ms = (int64_t) HOUR * 24 * 20003;

    for (i = 0; i < n; i++) {
        snprintf(product, sizeof(product), "p%u", i % products);
        look(ms, "program", product);
        ms += pause + (jitter ? (i * i * 7919) % jitter : 0);
    }

    shop_finish();

    is_int(why < 0 ? recs_dataset_doubted(shop) : doubted(why),
           why < 0 ? 0 : n, "%s", name);
    is_int(shop->events, why < 0 ? 500 + n : 500, "%s: what is left", name);

    shop_close();
}


/* Fifty who come for one product, each on ten days. */

static void
test_crowd(unsigned imported)
{
    char          user[16];
    uint32_t      day, i, left;
    recs_event_t  e;

    begin();
    people();

    for (i = 0; i < 50; i++) {
        snprintf(user, sizeof(user), "fake%u", i);

        for (day = 0; day < 10; day++) {
            shop_event(&e, imported ? RECS_EVENT_PURCHASE
                                    : RECS_EVENT_PRODUCT_VIEW, 1, user, NULL);
            e.time_ms = (int64_t) HOUR * 24 * (20000 + day) + i * 60000;
            e.received_ms = e.time_ms;
            e.epoch = imported ? 0 : 7;
            shop_item(&e, "p3", RECS_MICRO, 1);
            shop_add(&e);
        }
    }

    shop_finish();

    left = (uint32_t) shop->events - 500;

    if (imported) {
        is_int(left, 500, "who has bought, as the shop says, is believed");

    } else {
        ok(left > 0 && left < 60, "%u of 500 of a crowd are believed", left);
        is_int(doubted(RECS_DOUBT_CROWD), 500 - left, "the others are not");
    }

    shop_close();
}


static void
test_off(void)
{
    uint32_t  i;

    begin();
    shop_config.trust = 0;
    people();

    for (i = 0; i < 300; i++) {
        look((int64_t) HOUR * 24 * 20003 + i * 1000, "program", "p1");
    }

    shop_finish();
    is_int(shop->events, 800, "trust = no believes everybody");

    shop_close();
}


int
main(void)
{
    test_honest();
    test_agent();
    test_program(60, 12, 1000, 0, RECS_DOUBT_PACE, "a look a second");
    test_program(40, 12, 1000, 0, -1, "forty seconds of looking quickly");
    test_program(60, 12, 1300, 0, -1, "a little more slowly");
    test_program(120, 12, 5000, 0, RECS_DOUBT_RHYTHM, "like a clock");
    test_program(120, 12, 5000, 3000, -1, "not like one");
    test_program(60, 1, 60000, 5000, RECS_DOUBT_REPEAT, "one product only");
    test_program(60, 2, 60000, 5000, -1, "one of two products");
    test_program(2400, 20, 20000, 9000, RECS_DOUBT_PACE, "all day");
    test_program(200, 12, 0, 0, -1, "lines of one time are one batch");
    test_crowd(0);
    test_crowd(1);
    test_off();

    return done_testing();
}
