/*
 * Copyright (C) recs authors
 *
 * The history of prices and the reference price.
 */

#include "shop.h"


static void
price_row(const char *id, double days, double price)
{
    char  json[256];

    snprintf(json, sizeof(json),
             "{\"productId\":\"%s\",\"price\":%.2f,\"updatedAt\":%lld}", id,
             price, (long long) (SHOP_NOW - (int64_t) (days * SHOP_DAY)));
    shop_product(json);
}


static int64_t
reference(const char *id)
{
    int64_t  micro;

    micro = shop->products[shop_number(id)].reference_price;

    return (micro == RECS_NO_MONEY) ? -1 : micro / 10000;
}


static void
test_reference(void)
{
    shop_open();

    price_row("drop", 100, 20);
    price_row("drop", 10, 15);

    /* 12 was asked within the 30 days before the drop */

    price_row("dip", 100, 20);
    price_row("dip", 40, 12);
    price_row("dip", 30, 20);
    price_row("dip", 10, 15);

    /* 8 was, but it ended before the 30 days began */

    price_row("old", 100, 8);
    price_row("old", 50, 20);
    price_row("old", 10, 15);

    /* 9 was still valid when they began */

    price_row("edge", 100, 9);
    price_row("edge", 39, 20);
    price_row("edge", 10, 15);

    price_row("rise", 100, 10);
    price_row("rise", 10, 12);

    price_row("again", 100, 20);
    price_row("again", 60, 15);
    price_row("again", 10, 18);

    price_row("same", 100, 5);

    shop_finish();

    is_int(reference("drop"), 2000, "the price before the drop");
    is_int(reference("dip"), 1200, "the lowest of 30 days");
    is_int(reference("old"), 2000, "what was before the 30 days is not");
    is_int(reference("edge"), 900, "what was valid as they began is");
    is_int(reference("rise"), -1, "a rise is no drop");
    is_int(reference("again"), 2000, "the last drop, although it rose since");
    is_int(reference("same"), -1, "one price is no drop");

    shop_close();
}


static void
test_history(void)
{
    uint32_t       i;
    recs_price_t  *p;

    shop_open();

    price_row("a", 10, 3);
    price_row("a", 30, 1);
    price_row("a", 20, 2);
    price_row("a", 15, 2);
    price_row("a", 5, 3);
    price_row("b", 50, 7);
    price_row("b", 50, 6);
    shop_buy(1, "u", "o", "a", 2.5, 1);

    shop_finish();

    p = shop->prices;

    is_int(shop->price_count, 4, "changes only");
    ok(p[0].item <= p[1].item && p[1].item <= p[2].item
       && p[2].item <= p[3].item, "by item");

    i = shop_number("a");
    p += (p[0].item != i);

    is_int(p[0].price, 1 * RECS_MICRO, "the oldest first");
    is_int(p[1].price, 2 * RECS_MICRO, "then the next");
    is_int(p[1].time, SHOP_NOW / 1000 - 20 * 86400, "since it changed");
    is_int(p[2].price, 3 * RECS_MICRO, "then the last");
    is_int(shop->products[i].price, 3 * RECS_MICRO,
           "the catalogue's price, not the one that was paid");
    is_int(shop->products[shop_number("b")].price, 6 * RECS_MICRO,
           "of one time the last row wins");

    shop_close();
}


static void
test_events(void)
{
    recs_event_t  e;

    shop_open();

    shop_buy(3, "u", "o1", "a", 10, 1);
    shop_buy(2, "u", "o2", "a", 8, 1);
    shop_buy(4, "u", "o0", "a", 10, 1);

    shop_event(&e, SHOP_REFUND, 1, "u", NULL);
    e.order = shop_str("r");
    shop_item(&e, "a", 99, 1);
    shop_add(&e);

    shop_buy(1, "u", "o3", "bad debt", -5, 1);
    shop_do(RECS_EVENT_PRODUCT_VIEW, 1, "u", NULL, "free");

    shop_finish();

    is_int(shop->price_count, 2, "prices that were paid");
    is_int(shop->products[shop_number("a")].price, 8 * RECS_MICRO,
           "the newest is the price");
    is_int(reference("a"), 1000, "and it was a drop");
    ok(shop->products[shop_number("bad debt")].price == RECS_NO_MONEY,
       "no price below 0");
    ok(shop->products[shop_number("free")].price == RECS_NO_MONEY,
       "no price at all");
    is_int(shop->revenue, (10 + 8 + 10 - 99 - 5) * (int64_t) RECS_MICRO,
           "all of them count as money");

    shop_close();
}


static void
test_mixed(void)
{
    shop_open();

    shop_buy(3, "u", "o1", "a", 10, 1);
    shop_buy(2, "u", "o2", "b", 10, 1);
    shop_product("{\"productId\":\"a\"}");
    shop_product("{\"productId\":\"b\",\"price\":4}");

    shop_finish();

    is_int(shop->products[shop_number("a")].price, 10 * RECS_MICRO,
           "a catalogue without a price leaves it to the events");
    is_int(shop->products[shop_number("b")].price, 4 * RECS_MICRO,
           "with one it has the word");
    is_int(shop->price_count, 2, "and one history each");

    shop_close();
}


int
main(void)
{
    test_reference();
    test_history();
    test_events();
    test_mixed();

    return done_testing();
}
