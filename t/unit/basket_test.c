/*
 * Copyright (C) recs authors
 *
 * Baskets: what was bought together.
 */

#include "shop.h"


static const char *
basket(uint32_t n)
{
    return shop_ids(shop->baskets.entries + shop->baskets.offsets[n],
                    shop->baskets.offsets[n + 1] - shop->baskets.offsets[n]);
}


static void
is_basket(uint32_t n, const char *want)
{
    is_str(basket(n), strlen(basket(n)), want, "basket %u", n);
}


static void
test_orders(void)
{
    shop_open();

    shop_buy(3, "u", "o1", "a", 1, 1);
    shop_buy(3, "u", "o2", "c", 1, 1);
    shop_buy(2, "u", "o1", "b", 1, 2);
    shop_buy(2, "u", "o1", "a", 1, 5);
    shop_buy(1, "v", "o3", "a", 1, 1);

    shop_finish();

    is_int(shop->baskets.rows, 3, "one basket an order");
    is_basket(0, "a b");
    is_basket(1, "c");
    is_basket(2, "a");
    is_int(shop->basket_time[0], SHOP_NOW / 1000 - 3 * 86400,
           "the time of the first line");
    is_int(shop->item_baskets[shop_number("a")], 2, "a is in two");
    is_int(shop->item_baskets[shop_number("b")], 1, "b is in one");

    shop_close();
}


static void
test_without_order(void)
{
    recs_event_t  e;

    shop_open();

    shop_do(RECS_EVENT_PURCHASE, 5, "u", "s1", "a");
    shop_do(RECS_EVENT_PRODUCT_VIEW, 5, "u", "s1", "x");
    shop_do(RECS_EVENT_PURCHASE, 4, "u", "s1", "b");
    shop_do(RECS_EVENT_PURCHASE, 3, "u", NULL, "a");
    shop_do(RECS_EVENT_PURCHASE, 2, "u", NULL, "b");

    shop_event(&e, RECS_EVENT_PURCHASE, 1, "u", NULL);
    shop_item(&e, "b", 0, 1);
    shop_item(&e, "a", 0, 1);
    shop_item(&e, "b", 0, 1);
    shop_add(&e);

    shop_finish();

    is_int(shop->baskets.rows, 4, "a session, two single ones, an event");
    is_int(shop->baskets.offsets[1], 2, "the session's purchases");
    is_int(shop->baskets.offsets[2] - shop->baskets.offsets[1], 1, "single");
    is_int(shop->baskets.offsets[4] - shop->baskets.offsets[3], 2,
           "distinct items of the event");
    ok(shop->baskets.entries[0] < shop->baskets.entries[1], "ascending");

    shop_close();
}


static void
test_refunds(void)
{
    recs_event_t  e;

    shop_open();

    shop_buy(5, "u", "o1", "a", 10, 2);
    shop_buy(5, "u", "o1", "b", 5, 1);
    shop_buy(5, "u", "o2", "a", 10, 1);

    shop_event(&e, SHOP_REFUND, 3, "u", NULL);
    e.order = shop_str("o1");
    shop_item(&e, "b", 5, 1);
    shop_item(&e, "a", 10, 1);
    shop_add(&e);

    shop_event(&e, SHOP_REFUND, 2, "u", NULL);
    e.order = shop_str("C9");
    shop_item(&e, "a", 10, 1);
    shop_add(&e);

    shop_finish();

    is_int(shop->baskets.rows, 2, "a refund's own order is no basket");
    is_basket(0, "a");
    is_basket(1, "a");
    is_int(shop->refunds, 3, "three lines were given back");
    is_int(shop->revenue, 10 * (int64_t) RECS_MICRO, "net of refunds");

    shop_close();
}


static void
test_given_back(void)
{
    recs_event_t  e;

    shop_open();

    shop_buy(5, "u", "o1", "a", 10, 1);
    shop_buy(4, "u", "o2", "b", 10, 1);

    shop_event(&e, SHOP_REFUND, 3, "u", NULL);
    e.order = shop_str("o1");
    shop_item(&e, "a", 10, 1);
    shop_add(&e);

    shop_finish();

    is_int(shop->baskets.rows, 1, "an empty basket is none");
    is_basket(0, "b");
    is_int(shop->baskets.offsets[1], 1, "offsets end where entries do");

    shop_close();
}


static void
test_none(void)
{
    shop_open();
    shop_do(RECS_EVENT_PRODUCT_VIEW, 1, "u", "s", "a");
    shop_finish();

    is_int(shop->baskets.rows, 0, "no purchase, no basket");
    is_int(shop->item_baskets[0], 0, "none holds it");

    shop_close();
}


int
main(void)
{
    test_orders();
    test_without_order();
    test_refunds();
    test_given_back();
    test_none();

    return done_testing();
}
