/*
 * Copyright (C) recs authors
 *
 * A part of a dataset is what a dataset of the earlier events would be, as
 * long as no session changes hands and no order goes on after the cut.
 */

#include "shop.h"


#define EVENTS  5000
#define CUT     (20000 - 10)     /* days */


static recs_dataset_t  *whole;


static void
fill(int early)
{
    int       i;
    char      product[16], user[16], session[40], order[16];
    double    days;
    uint32_t  seed;

    seed = 7;

    for (i = 0; i < EVENTS; i++) {
        seed = seed * 1664525 + 1013904223;

        days = 30.0 * (EVENTS - i / 4 * 4) / EVENTS;
        snprintf(product, sizeof(product), "p%u", (seed >> 16) % 50);
        snprintf(user, sizeof(user), "u%u", (seed >> 8) % 40);
        snprintf(session, sizeof(session), (seed & 0x20) ? "s%u-%s" : "a%u",
                 (seed >> 20) % 300, user);
        snprintf(order, sizeof(order), "o%d", i / 4);

        if (early && SHOP_NOW - (int64_t) (days * SHOP_DAY)
                     >= (int64_t) CUT * SHOP_DAY)
        {
            continue;
        }

        if (seed & 0x10) {
            shop_do(RECS_EVENT_PRODUCT_VIEW, days, (seed & 0x20) ? user : NULL,
                    session, product);

        } else {
            shop_buy(days, user, order, product, 1 + i % 7, 1);
        }
    }
}


static uint32_t
same(const recs_str_t *id)
{
    char  text[32];

    snprintf(text, sizeof(text), "%.*s", (int) id->len, id->data);

    return shop_number(text);
}


static void
test_cut(void)
{
    uint32_t         i, k, bad, far;
    recs_dataset_t  *part;

    shop_open();
    fill(0);
    shop_finish();
    whole = shop;

    part = recs_dataset_part(whole, CUT * 86400u, 1);

    shop_open();
    shop_config.now_ms = 0;
    fill(1);
    shop_finish();

    is_int(part->events, shop->events, "the events before the cut");
    is_int(part->now_ms / 1000, shop->now_ms / 1000,
           "the clock is that of the newest");
    is_int(part->baskets.rows, shop->baskets.rows, "the baskets");
    is_int(part->price_count, shop->price_count, "the prices");

    for (i = 0, bad = 0; i < part->events; i++) {
        k = same(&whole->products[part->item[i]].id);
        bad += shop->item[i] != k || shop->time[i] != part->time[i]
               || shop->type[i] != part->type[i];
    }

    is_int(bad, 0, "event by event");

    for (i = 0, bad = 0, far = 0; i < part->items; i++) {
        k = same(&whole->products[i].id);
        bad += part->item_baskets[i] != shop->item_baskets[k];
        far += part->popularity[i] - shop->popularity[k] > 1e-3f
               || shop->popularity[k] - part->popularity[i] > 1e-3f;
    }

    is_int(bad, 0, "the numbers of baskets");
    is_int(far, 0, "popularity");

    is_int(part->by_user.offsets[part->by_user.rows],
           shop->by_user.offsets[shop->by_user.rows], "rows of users");
    is_int(part->by_session.offsets[part->by_session.rows],
           shop->by_session.offsets[shop->by_session.rows],
           "rows of sessions");

    recs_dataset_part_destroy(part);
    shop_close();
}


static void
test_share(void)
{
    uint32_t         u, kept, broken;
    uint64_t         n;
    recs_dataset_t  *part;

    part = recs_dataset_part(whole, UINT32_MAX, 0.5);

    for (u = 0, kept = 0, broken = 0; u < whole->by_user.rows; u++) {
        n = part->by_user.offsets[u + 1] - part->by_user.offsets[u];
        kept += n != 0;
        broken += n && n != whole->by_user.offsets[u + 1]
                            - whole->by_user.offsets[u];
    }

    is_int(broken, 0, "a user is kept as a whole");
    ok(kept > 10 && kept < 30, "about half of them, %u", kept);

    recs_dataset_part_destroy(part);

    part = recs_dataset_part(whole, 0, 1);
    is_int(part->events, 0, "nothing before the beginning");
    recs_dataset_part_destroy(part);

    recs_dataset_part_destroy(NULL);
}


int
main(void)
{
    test_cut();
    test_share();

    recs_dataset_destroy(whole);

    return done_testing();
}
