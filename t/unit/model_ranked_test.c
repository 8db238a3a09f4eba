/*
 * Copyright (C) recs authors
 *
 * Ranked lists: scopes, ties, and the models that are little more.
 */

#include "model_data.h"
#include "tap.h"

#include "builder/model/ranked.h"


#define NOW  (DATA_START + 400 * DATA_DAY)


/* Categories 0 > 1, 0 > 2 and 3; items 0, 1 in 1, 2 in 2, 3 in 3. */

static data_t *
ranked_data(void)
{
    uint32_t   i;
    data_t    *t;

    t = data_create(6, 4);

    data_category(t, 0, RECS_NONE);
    data_category(t, 1, 0);
    data_category(t, 2, 0);
    data_category(t, 3, RECS_NONE);

    for (i = 0; i < 4; i++) {
        t->d.products[i].category = i < 2 ? 1 : i;
    }

    return t;
}


static void
test_scopes(void)
{
    data_t            *t;
    recs_ranked_t      r = { .items = NULL };
    recs_model_list_t  list;

    t = ranked_data();
    t->d.products[5].listed = 0;

    recs_ranked_add(&r, 2, 5, 10, 10);
    recs_ranked_add(&r, 1, 10, 30, 10);
    recs_ranked_add(&r, 0, 5, 0, 10);
    recs_ranked_add(&r, 4, 7, 1, 10);
    recs_ranked_add(&r, 5, 99, 1, 10);
    recs_ranked_add(&r, 3, 0, 1, 10);
    recs_ranked_add(&r, 3, -1, 1, 10);
    recs_ranked_add(&r, 3, NAN, 1, 10);
    recs_ranked_scopes(&r, &t->d, 3, &list);

    is_int(list.rows, 5, "the shop and four categories");
    is_int(data_count(&list, 0), 3, "three of the shop");
    is_int(data_ranked(&list, 0, 0)->item, 1, "best first");
    is_int(data_ranked(&list, 0, 1)->item, 4, "second");
    is_int(data_ranked(&list, 0, 2)->item, 0, "a tie goes by number");
    is_near(data_ranked(&list, 0, 1)->score, 0.7, 1e-6, "share of the best");
    is_near(data_ranked(&list, 0, 0)->confidence, 0.75, 1e-6, "30 / 40");
    is_near(data_ranked(&list, 0, 2)->confidence, 0, 0, "no evidence");

    is_int(data_count(&list, 1), 3, "a category counts its subtree");
    is_int(data_count(&list, 2), 2, "its first child");
    is_int(data_count(&list, 3), 1, "its second child");
    is_near(data_ranked(&list, 3, 0)->score, 1, 0, "best of its own list");
    is_int(data_count(&list, 4), 0, "no value, no row");

    recs_model_free(&list);
    data_destroy(t);
}


static void
test_bestsellers(const recs_config_t *c)
{
    data_t             *t;
    recs_model_list_t   list;

    t = ranked_data();

    /* 0: 30 days ago an order of 4, in two lines; 1: one piece now */

    data_buy(t, NOW - 30 * DATA_DAY, 0, 0, 0, 1);
    data_buy(t, NOW - 30 * DATA_DAY, 0, 0, 0, 3);
    data_buy(t, NOW - 60 * DATA_DAY, 2, 1, 1, 8);
    data_buy(t, NOW, 1, 2, 2, 1);
    data_buy(t, NOW, 3, 3, 3, 1000);
    data_buy(t, NOW, 3, 3, 4, -1000);
    data_finish(t);

    list = data_model(t, c, "bestsellers");

    is_int(data_count(&list, 0), 3, "what went back was not sold");
    is_int(data_ranked(&list, 0, 0)->item, 0, "3 / 2");
    is_near(data_ranked(&list, 0, 0)->value, 1.5, 1e-5, "1 + log2 4, halved");
    is_near(data_ranked(&list, 0, 1)->value, 1, 1e-6, "a tie: 1 piece now");
    is_int(data_ranked(&list, 0, 1)->item, 1, "by number");
    is_near(data_ranked(&list, 0, 2)->value, 1, 1e-5, "and 1 + log2 8, / 4");

    recs_model_free(&list);
    data_destroy(t);
}


static void
rate(data_t *t, uint32_t item, uint32_t user, int32_t stars)
{
    uint32_t  line;

    line = data_line(t, NOW, 61, item, user, DATA_NONE);
    data_detail(t, line, DATA_NONE, -1, 1, stars * 1000);
}


static void
test_top_rated(const recs_config_t *c)
{
    data_t             *t;
    uint32_t            u;
    recs_model_list_t   list;

    t = ranked_data();

    /* 4: one rating of 5; 0: 40 of 5, 10 of 4; user 0 changes from 1 to 5 */

    rate(t, 0, 0, 1);
    rate(t, 4, 100, 5);

    for (u = 0; u < 50; u++) {
        rate(t, 0, u, u < 40 ? 5 : 4);
    }

    t->d.products[1].rating = 3000;
    t->d.products[1].rating_count = 50;
    data_finish(t);

    list = data_model(t, c, "top_rated");

    is_int(data_count(&list, 0), 3, "three have ratings");
    is_int(data_ranked(&list, 0, 0)->item, 0, "50 ratings before one of 5");
    is_int(data_ranked(&list, 0, 2)->item, 1, "3 stars of the catalogue");
    is_near(data_ranked(&list, 0, 0)->confidence, 50 / 60.0, 1e-6,
            "the last rating of a user counts");
    ok(data_ranked(&list, 0, 0)->value > 4
       && data_ranked(&list, 0, 0)->value < 4.8, "a lower bound of 4.8");

    recs_model_free(&list);
    data_destroy(t);
}


static void
test_new_arrivals(const recs_config_t *c)
{
    data_t             *t;
    uint32_t            i;
    recs_model_list_t   list;

    t = ranked_data();

    for (i = 0; i < 6; i++) {
        data_buy(t, DATA_START, i, i, i, 1);
    }

    data_buy(t, NOW, 0, 6, 6, 1);
    data_finish(t);

    t->d.products[1].created_ms = (NOW - 1 * (int64_t) DATA_DAY) * 1000;
    t->d.products[2].created_ms = (NOW - 50 * (int64_t) DATA_DAY) * 1000;
    t->d.products[3].created_ms = (NOW + 9 * (int64_t) DATA_DAY) * 1000;
    t->d.products[4].created_ms = (int64_t) DATA_START * 1000;
    t->d.products[5].created_ms = 0;

    list = data_model(t, c, "new_arrivals");

    is_int(data_count(&list, 0), 2, "not known, not yet, and always there");
    is_int(data_ranked(&list, 0, 0)->item, 1, "newest first");
    is_int(data_ranked(&list, 0, 1)->item, 2, "then the older one");

    recs_model_free(&list);
    data_destroy(t);
}


static void
price(data_t *t, uint32_t item, uint32_t day, double value)
{
    recs_price_t  *p;

    p = &t->d.prices[t->d.price_count++];
    p->item = item;
    p->time = NOW - day * DATA_DAY;
    p->price = value * RECS_MICRO;

    t->d.products[item].price = p->price;
}


static void
test_price_drop(const recs_config_t *c)
{
    data_t             *t;
    uint32_t            day, line;
    recs_model_list_t   list;

    t = ranked_data();

    /* 5: no history, but paid: 10 for a month, then 8 */

    for (day = 60; day > 0; day--) {
        line = data_line(t, NOW - day * DATA_DAY, RECS_EVENT_PURCHASE, 5, 0,
                         DATA_NONE);
        data_detail(t, line, DATA_NONE, day > 5 ? 10 : 8, 1, 0);
    }

    data_line(t, NOW, RECS_EVENT_PRODUCT_VIEW, 0, 0, DATA_NONE);
    data_finish(t);

    /* 0: half; 1: raised for two days only; 2: 4 %; 3: list price; 4: up */

    price(t, 0, 100, 10);
    price(t, 0, 3, 5);
    t->d.products[0].reference_price = 10 * RECS_MICRO;

    price(t, 1, 100, 5);
    price(t, 1, 5, 10);
    price(t, 1, 3, 5);
    t->d.products[1].reference_price = 10 * RECS_MICRO;

    price(t, 2, 100, 100);
    price(t, 2, 3, 96);
    t->d.products[2].reference_price = 100 * RECS_MICRO;

    t->d.products[3].price = 8 * RECS_MICRO;
    t->d.products[3].list_price = 10 * RECS_MICRO;

    price(t, 4, 100, 5);
    price(t, 4, 3, 10);

    t->d.products[5].price = 8 * RECS_MICRO;

    list = data_model(t, c, "price_drop");

    is_int(data_count(&list, 0), 3, "three are cheaper");
    ok(data_place(&list, 0, 0) >= 0, "by its history");
    ok(data_place(&list, 0, 3) >= 0, "by its list price");
    ok(data_place(&list, 0, 5) == 0, "by what was paid, most wanted");
    is_near(data_ranked(&list, 0, data_place(&list, 0, 0))->value,
            pow(0.5, 0.7) * (1e-3 + log(2)), 1e-5, "drop^.7 log(1 + demand)");
    is_near(data_ranked(&list, 0, 0)->value,
            pow(0.2, 0.7) * (1e-3 + log(61)), 1e-4, "a drop of 20 %%");

    recs_model_free(&list);
    data_destroy(t);
}


int
main(void)
{
    recs_config_t  c;

    recs_config_init(&c);

    test_scopes();
    test_bestsellers(&c);
    test_top_rated(&c);
    test_new_arrivals(&c);
    test_price_drop(&c);

    return done_testing();
}
