/*
 * Copyright (C) recs authors
 *
 * Who is not believed, and that everybody else is.
 */

#include "builder/data/dataset_private.h"
#include "core/recs_hash.h"
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
    shop_config.trust_nameless = 1;
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


/* Nobody does something to "product", "n" times a day for "days" days. */

static void
nobody(uint8_t type, const char *product, uint32_t days, uint32_t n,
    uint64_t epoch)
{
    uint32_t      day, i;
    recs_event_t  e;

    for (day = 0; day < days; day++) {
        for (i = 0; i < n; i++) {
            shop_event(&e, type, 1, NULL, NULL);
            e.time_ms = (int64_t) HOUR * 24 * (20000 + day) + i * 60000;
            e.received_ms = e.time_ms;
            e.epoch = epoch;
            e.rating = (type == SHOP_RATING) ? 5000 : 0;
            shop_item(&e, product, 0, 1);
            shop_add(&e);
        }
    }
}


/* The lines of a type and product that are left. */

static uint32_t
left(uint8_t type, const char *product)
{
    uint32_t           i, n;
    const recs_str_t  *id;

    for (i = 0, n = 0; i < shop->events; i++) {
        id = &shop->products[shop->item[i]].id;
        n += shop->type[i] == type && shop->user[i] == RECS_NONE
             && id->len == strlen(product)
             && memcmp(id->data, product, id->len) == 0;
    }

    return n;
}


static void
test_nobody(uint8_t type)
{
    uint32_t      n;
    recs_event_t  e;

    begin();
    people();
    nobody(type, "p3", 1, 60, 7);
    shop_finish();

    is_int(left(type, "p3"), 1, "%u: sixty of nobody are one", type);
    is_int(doubted(RECS_DOUBT_NAMELESS), 59, "the others do not count");
    shop_close();

    begin();
    people();
    shop_config.trust_nameless = 10;
    nobody(type, "p3", 1, 60, 7);
    shop_finish();

    is_int(left(type, "p3"), 10, "%u: or ten, if so configured", type);
    shop_close();

    /* people look, buy and rate, so that there is a measure of each */

    begin();
    people();
    shop_buy(-2, "u1", "order", "p1", 10, 1);
    shop_event(&e, SHOP_RATING, -2, "u2", "u2");
    e.rating = 4000;
    shop_item(&e, "p2", 0, 1);
    shop_add(&e);
    nobody(type, "rare", 28, 60, 7);
    shop_finish();

    n = left(type, "rare");
    ok(n > 0 && n <= 4, "%u: of twenty-eight days %u count", type, n);
    shop_close();
}


/* One visitor of twenty is known, the others look at most products daily. */

static void
test_refusing(void)
{
    char      product[16];
    uint32_t  i;

    begin();
    people();

    for (i = 0; i < 20; i++) {
        snprintf(product, sizeof(product), "p%u", i);
        nobody(RECS_EVENT_PRODUCT_VIEW, product, i + 1, 1 + i, 7);
    }

    shop_finish();

    is_int(left(RECS_EVENT_PRODUCT_VIEW, "p4"), 5,
           "where many are nobody the days on which there was one count");
    is_int(left(RECS_EVENT_PRODUCT_VIEW, "p19"), 20, "all of them");
    shop_close();

    begin();
    nobody(RECS_EVENT_PRODUCT_VIEW, "p1", 20, 3, 7);
    nobody(RECS_EVENT_PRODUCT_VIEW, "p2", 10, 30, 7);
    shop_finish();

    is_int(left(RECS_EVENT_PRODUCT_VIEW, "p1"), 20, "where all are, too");
    shop_close();
}


static void
test_files(void)
{
    begin();
    people();
    nobody(RECS_EVENT_PURCHASE, "p3", 3, 40, 0);
    shop_finish();

    is_int(left(RECS_EVENT_PURCHASE, "p3"), 120,
           "an order of the shop's own files may be anybody's");
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

    nobody(RECS_EVENT_PRODUCT_VIEW, "p1", 1, 100, 7);
    shop_finish();
    is_int(shop->events, 900, "trust = no believes everybody");

    shop_close();
}


/* The list of an answer: p0 to p19. */

static void
list(const char *rec, uint32_t products)
{
    char          product[16];
    uint32_t      i;
    recs_event_t  e;

    recs_event_init(&e);
    e.class = RECS_CLASS_LIST;
    e.epoch = 7;
    e.recommendation = shop_str(rec);
    e.key_count = products;

    for (i = 0; i < products; i++) {
        snprintf(product, sizeof(product), "p%u", i);
        e.keys[i] = recs_key64(product, strlen(product));
    }

    shop_add(&e);
}


static void
click(const char *rec, const char *product, uint64_t epoch)
{
    recs_event_t  e;

    shop_event(&e, RECS_EVENT_RECOMMENDATION_CLICK, 1, "u1", "u1");
    e.epoch = epoch;
    e.recommendation = shop_str(rec);
    shop_item(&e, product, 0, 1);
    shop_add(&e);
}


static void
test_unshown(void)
{
    char      name[16];
    uint32_t  i;

    begin();
    people();
    click("r1", "p3", 7);
    click("r1", "p77", 7);
    list("r1", 20);

    /* enough of them that the table grows */

    for (i = 0; i < 2000; i++) {
        snprintf(name, sizeof(name), "other%u", i);
        list(name, i % 20);
    }

    click("r1", "p19", 7);
    click("r1", "p77", 0);
    click("r2", "p77", 7);
    click("other5", "p5", 7);
    look(HOUR, "u1", "p77");
    shop_finish();

    is_int(doubted(RECS_DOUBT_UNSHOWN), 2, "two clicks on what was not shown");
    is_int(shop->events, 505, "others are believed: shown, imported, of an "
           "answer that nobody knows");
    shop_close();

    begin();
    list("r1", 20);

    for (i = 0; i < 2000; i++) {
        snprintf(name, sizeof(name), "x%u", i);
        click("r1", name, 7);
    }

    for (i = 0; i < 20; i++) {
        snprintf(name, sizeof(name), "p%u", i);
        click("r1", name, 7);
    }

    shop_finish();
    ok(doubted(RECS_DOUBT_UNSHOWN) > 1900
       && doubted(RECS_DOUBT_UNSHOWN) + shop->events == 2020
       && shop->events >= 20, "%d of 2000 are found, and none of 20 shown",
       (int) doubted(RECS_DOUBT_UNSHOWN));
    shop_close();

    begin();
    shop_config.trust = 0;
    list("r1", 20);
    click("r1", "p77", 7);
    shop_finish();
    is_int(shop->events, 1, "trust = no believes that, too");
    shop_close();
}


static void
sale(uint8_t type, const char *order, const char *product, double quantity,
    uint64_t epoch)
{
    recs_event_t  e;

    shop_event(&e, type, 1, "u1", "u1");
    e.epoch = epoch;
    e.order = shop_str(order);
    shop_item(&e, product, 10, quantity);
    shop_add(&e);
}


static void
test_unsold(void)
{
    begin();
    people();

    sale(SHOP_REFUND, "o1", "p1", 1, 7);
    sale(RECS_EVENT_PURCHASE, "o1", "p1", 2, 7);
    sale(RECS_EVENT_PURCHASE, "o1", "p2", 1, 7);
    sale(SHOP_REFUND, "o1", "p1", 1, 7);
    sale(SHOP_REFUND, "o1", "p1", 1, 7);
    sale(SHOP_REFUND, "o1", "p3", 1, 7);
    sale(SHOP_REFUND, "o9", "p1", 1, 7);
    sale(SHOP_REFUND, "c1", "p1", 1, 0);
    shop_finish();

    is_int(doubted(RECS_DOUBT_UNSOLD), 3,
           "a third one of two, one not bought, one of no order");
    is_int(shop->refunds, 3, "what files say is believed");
    is_int(shop->events, 505, "with all else");
    is_int(shop->revenue / RECS_MICRO, 0, "and what is not counts no money");
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
    test_nobody(RECS_EVENT_PRODUCT_VIEW);
    test_nobody(RECS_EVENT_PURCHASE);
    test_nobody(SHOP_RATING);
    test_refusing();
    test_files();
    test_unshown();
    test_unsold();
    test_off();

    return done_testing();
}
