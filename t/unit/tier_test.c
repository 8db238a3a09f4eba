/*
 * Copyright (C) recs authors
 *
 * The steps of the upgrade ladder: by number, by price, by the option.
 */

#include "shop.h"


static void
product(const char *id, const char *tier, int price)
{
    char  text[256];

    if (price) {
        snprintf(text, sizeof(text), "{\"productId\":\"%s\",\"tier\":%s,"
                 "\"price\":%d}", id, tier, price);

    } else {
        snprintf(text, sizeof(text), "{\"productId\":\"%s\",\"tier\":%s}", id,
                 tier);
    }

    shop_product(text);
}


static unsigned
tier(const char *id)
{
    return shop->products[shop_number(id)].tier;
}


static void
test_numbers(void)
{
    shop_open();
    product("a", "2", 5);
    product("b", "\"1\"", 50);
    product("c", "\"\"", 5);
    product("d", "255", 5);
    shop_product("{\"productId\":\"e\"}");
    shop_finish();

    ok(tier("a") == 2 && tier("b") == 1 && tier("d") == 255, "numbers");
    ok(tier("c") == 0 && tier("e") == 0, "none");
    shop_close();
}


static void
test_prices(void)
{
    shop_open();
    product("a", "\"Premium\"", 900);
    product("b", "\"Starter\"", 2000);
    product("c", "\"Starter\"", 90);
    product("d", "\"Starter\"", 100);
    product("e", "\"Pro\"", 500);
    product("f", "\"Nothing\"", 0);
    shop_finish();

    ok(tier("b") == 1 && tier("c") == 1 && tier("d") == 1,
       "the median of their prices is the lowest");
    ok(tier("e") == 2 && tier("a") == 3, "the others above");
    is_int(tier("f"), 0, "nothing where no price is known");
    shop_close();
}


static void
test_option(void)
{
    shop_open();
    shop_config.tiers = " Top,low price , Middle";
    product("a", "\"LOW PRICE\"", 900);
    product("b", "\"top\"", 20);
    product("c", "\"middle\"", 90);
    product("d", "\"other\"", 90);
    product("e", "\"7\"", 90);
    product("f", "\"to\"", 90);
    shop_finish();

    ok(tier("b") == 1 && tier("a") == 2 && tier("c") == 3,
       "places in the option");
    ok(tier("d") == 0 && tier("f") == 0, "names that are not in it");
    is_int(tier("e"), 7, "a number is its own step");
    shop_close();
}


int
main(void)
{
    test_numbers();
    test_prices();
    test_option();

    return done_testing();
}
