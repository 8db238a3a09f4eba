/*
 * Copyright (C) recs authors
 *
 * Columns, orders, products, categories and names of the dataset.
 */

#include <math.h>

#include "builder/data/dataset_private.h"
#include "core/recs_hash.h"
#include "shop.h"


static void
test_rows(void)
{
    recs_event_t  e;

    shop_open();

    shop_do(RECS_EVENT_PRODUCT_VIEW, 3, "u", "s", "a");
    shop_do(29, 2, "u", "s", "a");
    shop_do(74, 1, "u", "s", "a");
    shop_do(1, 1, "u", "s", "a");
    shop_do(22, 1, "u", "s", "a");
    shop_do(SHOP_LIST_VIEW, 1, "v", NULL, "b");

    shop_event(&e, RECS_EVENT_PRODUCT_VIEW, 1, NULL, NULL);
    shop_name(&e.anonymous, 'a', "cookie");
    shop_item(&e, "b", 0, 1);
    shop_item(&e, "", 0, 1);
    shop_add(&e);

    e.class = RECS_CLASS_LIST;
    shop_add(&e);
    e.class = RECS_CLASS_EXPOSURE;
    shop_add(&e);
    e.class = RECS_CLASS_USER;
    shop_add(&e);

    e.class = RECS_CLASS_ACTIVITY;
    e.shop = shop_str("another");
    shop_add(&e);

    shop_finish();

    is_int(shop->events, 5, "rows: activity with a signal, of this shop");
    is_int(shop->type[1], RECS_EVENT_ADD_TO_CART, "from the wish list");
    is_int(shop->type[2], RECS_EVENT_ADD_TO_CART, "from a bundle");
    is_int(shop->anonymous, 1, "without a userId");
    is_int(recs_keys16_count(shop->users), 3, "u, v and the anonymous one");
    is_int(recs_keys16_count(shop->sessions), 1, "sessions");
    is_int(shop->session[4], RECS_NONE, "no session");
    is_int(shop->by_session.rows, 1, "rows of sessions");
    is_int(shop->by_session.offsets[1], 3, "of the session");
    is_int(shop->by_user.offsets[3], 5, "of the users");
    is_int(shop->owners[0].user, shop->user[0], "the session's user");
    is_int(shop->catalogue, 0, "no catalogue");
    is_int(shop->items, 2, "events define the products");
    is_int(shop->products[0].title.len, 0, "without a title");
    ok(shop->duration == NULL, "no column of durations");
    is_int(shop->now_ms, SHOP_NOW, "the clock of the configuration");
    is_int(shop->newest_ms, SHOP_NOW - SHOP_DAY, "the newest event");

    shop_close();
}


static void
test_nothing(void)
{
    shop_open();
    shop_config.now_ms = 0;
    shop_finish();

    is_int(shop->events, 0, "no events");
    is_int(shop->items, 0, "no products");
    is_int(shop->by_user.rows, 0, "no users");
    is_int(shop->baskets.rows, 0, "no baskets");
    is_int(shop->categories, 0, "no categories");
    is_int(shop->now_ms, 0, "no time");

    shop_close();
}


/* The columns of unsorted events are those of a stable sort. */

static void
test_sort(void)
{
    int           i, bad;
    char          id[16], user[16];
    uint32_t      seed;
    recs_event_t  e;

    shop_open();
    seed = 1;

    for (i = 0; i < 50000; i++) {
        seed = seed * 1664525 + 1013904223;
        snprintf(id, sizeof(id), "p%u", (seed >> 16) % 1000);
        snprintf(user, sizeof(user), "u%u", (seed >> 8) % 777);

        shop_event(&e, RECS_EVENT_PURCHASE, 0, user, NULL);
        e.time_ms = (int64_t) ((seed >> 4) % 3000000) * 1000;
        e.duration = (uint32_t) i % 100;
        shop_item(&e, id, 1 + i, 1);
        shop_add(&e);
    }

    shop_finish();

    for (i = 1, bad = 0; i < 50000; i++) {
        bad += shop->time[i - 1] > shop->time[i];
        bad += shop->time[i - 1] == shop->time[i]
               && shop->details[shop->detail[i - 1]].price
                  > shop->details[shop->detail[i]].price;
        bad += shop->duration[i]
               != (shop->details[shop->detail[i]].price / RECS_MICRO - 1)
                  % 100;
    }

    is_int(bad, 0, "by time, then arrival, in all columns");

    for (i = 0, bad = 0; i < (int) shop->by_user.offsets[777]; i++) {
        bad += i && shop->user[shop->by_user.entries[i]]
                    == shop->user[shop->by_user.entries[i - 1]]
               && shop->by_user.entries[i] < shop->by_user.entries[i - 1];
    }

    is_int(bad, 0, "the oldest first in the rows of users");

    shop_close();
}


static uint32_t
user_of(const char *product)
{
    uint32_t  row;

    for (row = 0; row < shop->events; row++) {
        if (shop->item[row] == shop_number(product)) {
            return shop->user[row];
        }
    }

    return RECS_NONE;
}


static uint32_t
user(char kind, const char *name)
{
    recs_identity_t  identity;

    shop_name(&identity, kind, name);

    return recs_keys16_find(shop->users, identity.bytes);
}


static void
see(double days, const char *cookie, const char *session, const char *product)
{
    recs_event_t  e;

    shop_event(&e, RECS_EVENT_PRODUCT_VIEW, days, NULL, session);
    e.verified = 0;
    shop_name(&e.anonymous, 'a', cookie);
    shop_item(&e, product, 0, 1);
    shop_add(&e);
}


static void
login(double days, const char *name, const char *session, unsigned verified)
{
    recs_event_t  e;

    shop_event(&e, SHOP_LOGIN, days, name, session);
    e.verified = (uint8_t) verified;
    shop_add(&e);
}


/* Whose a session is, and what was done in it, in any order of arrival. */

static void
test_owners(void)
{
    unsigned  turn;

    for (turn = 0; turn < 2; turn++) {

        shop_open();

        if (turn == 0) {
            login(7, "u", "s", 1);
            login(5, "v", "s", 1);
        }

        see(9, "c", "s", "before");
        see(6, "c", "s", "between");
        see(4, "c", "s", "after");
        see(9, "c", "other", "elsewhere");
        see(8, NULL, "s", "nameless");

        if (turn == 1) {
            login(5, "v", "s", 1);
            login(7, "u", "s", 1);
        }

        login(1, "w", "s", 0);
        shop_finish();

        ok(shop->owners[shop->session[0]].user == user('u', "v"),
           "the latest verified user, turn %u", turn);
        ok(user_of("between") == user('u', "v"), "since the one before");
        ok(user_of("before") == user('a', "c"), "not what another one did");
        ok(user_of("nameless") == RECS_NONE, "nor without a browser");
        ok(user_of("after") == user('a', "c"), "nor after the login");
        ok(user_of("elsewhere") == user('a', "c"), "nor in other sessions");
        ok(user('u', "w") == RECS_NONE, "a claim adds nobody");

        shop_close();
    }

    shop_open();

    see(9, "c", "s", "a");
    see(8, NULL, "s", "b");
    shop_do(RECS_EVENT_PRODUCT_VIEW, 7, "v", "s", "named");
    login(6, "u", "s", 1);
    login(6, "u", "alone", 1);
    shop_finish();

    ok(user_of("a") == user('a', "c"), "somebody else was there since");
    ok(user_of("named") == user('u', "v"), "a row with a user stays");
    is_int(recs_keys16_count(shop->sessions), 2, "a session without rows");
    is_int(shop->by_session.rows, 2, "has a row of none");
    ok(shop->owners[1].user == user('u', "u"), "and its user");

    shop_close();
    shop_open();

    see(9, "c", "s", "a");
    see(8, NULL, "s", "b");
    login(7, "u", "s", 1);
    shop_finish();

    ok(user_of("a") == user('u', "u"), "the browser's, before a login");
    ok(user_of("b") == user('u', "u"), "the session's, too");
    is_int(shop->anonymous, 2, "they came without a userId");

    shop_close();
}


/* A browser is somebody in files, until a user is known. */

static void
test_browsers(void)
{
    recs_event_t  e;

    shop_open();

    shop_event(&e, RECS_EVENT_PRODUCT_VIEW, 3, NULL, "s");
    shop_name(&e.anonymous, 'a', "c");
    shop_item(&e, "a", 0, 1);
    shop_add(&e);

    e.session.bytes[1] = 't';
    shop_add(&e);

    e.session.bytes[1] = 'h';
    e.verified = 0;
    shop_add(&e);

    login(5, "u", "t", 1);
    shop_finish();

    ok(shop->owners[0].user == user('a', "c"), "the operator says whose");
    ok(shop->owners[1].user == user('u', "u"), "a user goes before it");
    ok(shop->owners[2].user == RECS_NONE, "a visitor only claims it");

    shop_close();
}


/* Types without a signal say something, too, where they have a weight. */

static void
test_weights(void)
{
    unsigned  i;

    static const struct {
        uint8_t      type;
        float        weight;
        const char  *name;

    } types[] = {
        { 8, 0.5f, "PRODUCT_MEDIA_VIEW" },
        { 9, 0.5f, "VARIANT_SELECT" },
        { 10, 1, "COMPARE_ADD" },
        { 11, 2, "PRODUCT_SHARE" },
        { 30, 2, "PRICE_ALERT_SUBSCRIBE" },
        { 31, 3, "STOCK_ALERT_SUBSCRIBE" }
    };

    shop_open();

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        shop_do(types[i].type, 0, "u", NULL, types[i].name);
    }

    shop_do(RECS_EVENT_CUSTOM, 0, "u", NULL, "custom");
    shop_do(SHOP_LOGIN, 0, "u", NULL, "login");
    shop_finish();

    is_int(shop->events, i, "one row each, none of what has no weight");

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        ok(fabs(shop->popularity[shop_number(types[i].name)]
                - log2(1 + types[i].weight)) < 1e-5, "%s", types[i].name);
    }

    shop_close();
}


static void
test_popularity(void)
{
    int           i;
    recs_event_t  e;

    shop_open();

    for (i = 0; i < 100; i++) {
        shop_do(RECS_EVENT_PRODUCT_VIEW, 0, "u", NULL, "one fan");
    }

    shop_do(RECS_EVENT_PRODUCT_VIEW, 45, "v", NULL, "old");
    shop_do(RECS_EVENT_PRODUCT_VIEW, 0, "v", NULL, "b");
    shop_do(RECS_EVENT_PRODUCT_VIEW, 0, NULL, "s", "a");
    shop_do(RECS_EVENT_PRODUCT_VIEW, 0, NULL, NULL, "c");

    for (i = 0; i < 10; i++) {
        shop_event(&e, RECS_EVENT_PRODUCT_VIEW, 0, NULL, NULL);
        shop_name(&e.user, 'f', "fan 0");
        e.user.bytes[5] = (uint8_t) ('0' + i);
        shop_item(&e, "many fans", 0, 1);
        shop_add(&e);
    }

    shop_do(SHOP_DISMISS, 0, "v", NULL, "never");

    shop_finish();

    is_str(shop->products[0].id.data, shop->products[0].id.len, "many fans",
           "many visitors are worth more than many views");
    ok(fabs(shop->popularity[0] - 10) < 1e-5, "one each");
    ok(fabs(shop->popularity[1] - log2(101)) < 1e-4, "many views: a hint");
    is_int(shop_number("a"), 2, "ties by id");
    is_int(shop_number("b"), 3, "ties by id");
    is_int(shop_number("c"), 4, "ties by id");
    ok(fabs(shop->popularity[5] - log2(1.5)) < 1e-5, "half a life ago");
    is_int(shop_number("never"), 6, "dismissed ones are last");
    is_int(shop->item[shop->events - 1], 6, "rows have the new numbers");

    shop_close();
}


static void
test_orders(void)
{
    recs_event_t  e;

    shop_open();

    /* told twice, bought once */

    shop_event(&e, RECS_EVENT_CHECKOUT_COMPLETE, 9, "u", NULL);
    e.order = shop_str("o1");
    shop_item(&e, "a", 10, 1);
    shop_add(&e);
    shop_buy(9, "u", "o1", "a", 10, 1);

    /* told by the checkout alone */

    shop_event(&e, RECS_EVENT_CHECKOUT_COMPLETE, 8, "u", NULL);
    e.order = shop_str("o2");
    shop_item(&e, "a", 10, 3);
    shop_add(&e);

    /* cancelled before its lines came */

    shop_event(&e, SHOP_CANCEL, 7, "u", NULL);
    e.order = shop_str("o3");
    shop_add(&e);
    shop_buy(7, "u", "o3", "a", 100, 1);
    shop_buy(7, "u", "o3", "b", 100, 1);

    /* given back as a whole, by event and by status */

    shop_buy(6, "u", "o4", "a", 1000, 1);
    shop_event(&e, SHOP_REFUND, 5, "u", NULL);
    e.order = shop_str("o4");
    shop_add(&e);

    shop_buy(6, "u", "o5", "a", 1000, 1);
    shop_event(&e, 47, 5, "u", NULL);
    e.order = shop_str("o5");
    e.status = shop_str("Refunded");
    shop_add(&e);

    shop_buy(4, "u", "o6", "a", 0.1, 0.3);

    shop_finish();

    is_int(shop->events, 3, "rows of what was bought");
    is_int(shop->type[1], RECS_EVENT_PURCHASE, "a checkout is a purchase");
    is_int(shop->revenue, 40030000, "money, exactly");
    is_int(shop->refunds, 2, "lines that were given back");
    is_int(shop->baskets.rows, 3, "baskets");
    is_int(shop->items, 2, "b was in a cancelled order only");

    shop_close();
}


static void
test_money(void)
{
    int  i;

    shop_open();

    for (i = 0; i < 1000; i++) {
        shop_buy(1, "u", "o", "a", 1000000000, 1000);
        shop_buy(1, "u", "o", "a", 0.000001, 0.5);
    }

    for (i = 0; i < 1000; i++) {
        shop_buy(1, "u", "o", "a", -1000000000, 999.999999);
    }

    shop_finish();

    is_int(shop->revenue, 1000 * (int64_t) 1000 * RECS_MICRO + 500,
           "no sum is too large on the way, no part is lost");

    shop_close();
}


static void
test_catalogue(void)
{
    recs_product_t  *p;

    shop_open();

    shop_product("{\"productId\":\"a\",\"title\":\"First\",\"price\":1,"
                 "\"updatedAt\":\"2024-01-01\"}");
    shop_product("{\"productId\":\"a\",\"title\":\"Second\",\"price\":2,"
                 "\"brand\":\"B\",\"stock\":3,\"cost\":1.5,\"rating\":4.5,"
                 "\"ratingCount\":12,\"currency\":\"EUR\","
                 "\"createdAt\":\"2023-05-01T00:00:00Z\","
                 "\"updatedAt\":\"2024-02-01\","
                 "\"attributes\":{\"size\":\"M\",\"weight\":1.5}}");
    shop_product("{\"productId\":\"a\",\"title\":\"Older\",\"price\":3,"
                 "\"updatedAt\":\"2023-01-01\"}");
    shop_product("{\"productId\":\"gone\",\"title\":\"Gone\","
                 "\"listed\":false}");
    shop_product("{\"productId\":\"quiet\",\"title\":\"Quiet\"}");

    shop_buy(2, "u", "o1", "a", 2, 1);
    shop_buy(2, "u", "o1", "gone", 5, 1);
    shop_buy(2, "u", "o1", "stranger", 7, 1);

    shop_finish();

    is_int(shop->items, 2, "only what is listed");
    is_int(shop->unknown, 2, "lines of other products");
    is_int(shop->events, 1, "have no rows");
    is_int(shop->revenue, 14 * RECS_MICRO, "but were paid");
    is_int(shop->catalogue, 1, "there is a catalogue");

    p = &shop->products[0];

    is_str(p->title.data, p->title.len, "Second", "the last row wins");
    is_int(p->price, 2 * RECS_MICRO, "price");
    is_int(p->cost, 1500000, "cost");
    is_int(p->stock, 3, "stock");
    is_int(p->rating, 4500, "rating");
    is_int(p->rating_count, 12, "ratings");
    is_int(p->created_ms, INT64_C(1682899200000), "created");
    is_int(p->brand, 0, "brand");
    is_int(p->attribute_count, 2, "attributes");
    ok(p->attributes[0].name < p->attributes[1].name, "sorted");
    ok(p->key64 == recs_key64("a", 1), "key64");
    is_str(shop->currencies[p->currency], 3, "EUR", "currency");
    is_int(p->listed, 1, "listed");

    p = &shop->products[1];

    is_str(p->title.data, p->title.len, "Quiet", "nobody looked at it");
    ok(p->stock == RECS_NO_STOCK && p->price == RECS_NO_MONEY
       && p->brand == RECS_NONE && p->category == RECS_NONE,
       "nothing is known of it");
    is_str(shop->currencies[p->currency], 0, "", "no currency");
    is_int(p->created_ms, 0, "created: unknown");

    shop_close();
}


/* A row without title and category is a change of what is known. */

static void
test_changes(void)
{
    recs_product_t  *p;

    shop_open();

    shop_product("{\"productId\":\"a\",\"title\":\"A\",\"price\":10,"
                 "\"listPrice\":12,\"stock\":3,\"brand\":\"B\","
                 "\"updatedAt\":\"2024-01-01\"}");
    shop_product("{\"productId\":\"a\",\"price\":8,"
                 "\"updatedAt\":\"2024-02-01\"}");
    shop_product("{\"productId\":\"a\",\"available\":false,"
                 "\"updatedAt\":\"2024-02-02\"}");
    shop_product("{\"productId\":\"a\",\"price\":99,"
                 "\"updatedAt\":\"2024-01-15\"}");
    shop_product("{\"productId\":\"b\",\"title\":\"B\",\"stock\":0}");
    shop_product("{\"productId\":\"b\",\"available\":true}");
    shop_product("{\"productId\":\"c\",\"title\":\"C\"}");
    shop_product("{\"productId\":\"c\",\"removed\":true}");

    shop_finish();

    is_int(shop->items, 2, "what is removed is gone");

    p = &shop->products[0];

    is_str(p->title.data, p->title.len, "A", "the title stays");
    is_int(p->price, 8 * RECS_MICRO, "the price changes");
    is_int(p->list_price, 12 * RECS_MICRO, "the list price stays");
    is_int(p->stock, 0, "not available is sold out");
    is_int(p->brand, 0, "the brand stays");
    is_int(p->reference_price, 10 * RECS_MICRO, "changes are history");

    p = &shop->products[1];

    is_int(p->stock, RECS_NO_STOCK, "available again, who knows how much");

    shop_close();
}


static void
test_ratings(void)
{
    recs_event_t  e;

    shop_open();

    shop_product("{\"productId\":\"a\",\"rating\":2,\"ratingCount\":3}");
    shop_product("{\"productId\":\"b\",\"rating\":2,\"ratingCount\":90}");
    shop_product("{\"productId\":\"c\"}");

    shop_event(&e, SHOP_RATING, 3, "u", NULL);
    e.rating = 5000;
    shop_item(&e, "a", 0, 1);
    shop_add(&e);

    shop_event(&e, SHOP_REVIEW, 2, "v", NULL);
    e.rating = 4000;
    shop_item(&e, "a", 0, 1);
    shop_add(&e);

    shop_event(&e, SHOP_RATING, 1, "w", NULL);
    e.rating = 1000;
    shop_item(&e, "a", 0, 1);
    shop_add(&e);

    shop_event(&e, SHOP_REVIEW, 0.9, "x", NULL);
    e.rating = 1000;
    shop_item(&e, "c", 0, 1);
    shop_add(&e);

    shop_do(SHOP_REVIEW, 0.8, "y", NULL, "b");

    shop_event(&e, SHOP_REVIEW, 0.7, "y", NULL);
    e.rating = 5000;
    shop_item(&e, "c", 0, 1);
    shop_add(&e);

    shop_event(&e, SHOP_RATING, 0.6, "z", NULL);
    e.rating = 5000;
    shop_item(&e, "b", 0, 1);
    shop_add(&e);

    shop_finish();

    is_int(shop->products[shop_number("a")].rating, 3333, "of events");
    is_int(shop->products[shop_number("a")].rating_count, 3, "three");
    is_int(shop->products[shop_number("b")].rating, 2000,
           "the catalogue's, which counts more");
    ok(recs_dataset_weight(shop, 0) == 4, "five stars: 2 x 2");
    ok(recs_dataset_weight(shop, 1) == 1.5, "a review of four stars");
    ok(recs_dataset_weight(shop, 2) == -4, "one star: 2 x -2");
    ok(recs_dataset_weight(shop, 3) == -3, "a review of one star");
    ok(recs_dataset_weight(shop, 4) == 3, "a review without stars");
    ok(recs_dataset_weight(shop, 5) == 3, "a review of five");
    is_int(shop->products[shop_number("a")].created_ms,
           SHOP_NOW - 3 * SHOP_DAY, "created with its first event");

    shop_close();
}


static void
test_categories(void)
{
    uint32_t  i;

    static const char *const  paths[] = {
        "A", "A/B", "A/B/C", "A/B/C/D", "A/Z", "A!"
    };

    static const uint32_t  ends[] = { 5, 4, 4, 4, 5, 6 };
    static const uint32_t  parents[] = {
        RECS_NONE, 0, 1, 2, 0, RECS_NONE
    };

    shop_open();

    shop_product("{\"productId\":\"1\",\"category\":[\"A!\"]}");
    shop_product("{\"productId\":\"2\",\"category\":[\"A\",\"Z\"]}");
    shop_product("{\"productId\":\"3\",\"category\":[\"A\",\"B/C\",\"D\"]}");
    shop_product("{\"productId\":\"4\",\"category\":[\"A\",\"B\",\"C\"]}");
    shop_product("{\"productId\":\"5\",\"category\":[\"gone\"],"
                 "\"listed\":false}");
    shop_product("{\"productId\":\"6\"}");

    shop_finish();

    is_int(shop->categories, 6, "with those above, without unlisted ones");

    for (i = 0; i < shop->categories; i++) {
        is_int(shop->category_end[i], ends[i], "end %u", i);
        is_int(shop->category_parent[i], parents[i], "parent %u", i);
    }

    /* "A!" sorts before "A/B" but is no child of "A" */

    is_str(shop->category_path[0].data, shop->category_path[0].len, paths[0],
           "path");
    is_str(shop->category_path[3].data, shop->category_path[3].len, paths[3],
           "cut in two ways, but one path");
    is_str(shop->category_path[5].data, shop->category_path[5].len, paths[5],
           "path");
    is_int(shop->products[shop_number("3")].category, 3, "the deepest");
    is_int(shop->products[shop_number("4")].category, 2, "the deepest");
    is_int(shop->products[shop_number("6")].category, RECS_NONE, "none");

    shop_close();
}


static void
test_names(void)
{
    int   i;
    char  json[128];

    shop_open();

    shop_product("{\"productId\":\"1\",\"brand\":\"zeta\","
                 "\"regions\":[\"US\",\"DE\"],\"currency\":\"USD\"}");
    shop_product("{\"productId\":\"2\",\"brand\":\"alpha\","
                 "\"regions\":[\"DE\"],\"currency\":\"EUR\"}");
    shop_product("{\"productId\":\"3\",\"brand\":\"zeta\"}");

    shop_finish();

    is_int(shop->brands, 2, "brands");
    is_str(shop->brand_name[0].data, shop->brand_name[0].len, "alpha",
           "by name");
    is_int(shop->products[shop_number("3")].brand, 1, "zeta");
    is_int(shop->regions, 2, "regions");
    is_int(shop->products[shop_number("1")].regions, 3, "both");
    is_int(shop->products[shop_number("2")].regions, 1, "DE");
    is_int(shop->products[shop_number("3")].regions, 0, "all");
    is_int(shop->products[shop_number("3")].currency, 0, "none");
    is_int(shop->products[shop_number("1")].currency, 2, "USD");
    is_str(shop->currencies[1], 3, "EUR", "by name");

    shop_close();
    shop_open();

    for (i = 0; i < 65; i++) {
        snprintf(json, sizeof(json),
                 "{\"productId\":\"%d\",\"regions\":[\"R%02d\"]}", i, i);
        shop_product(json);
    }

    is_int(recs_dataset_finish(shop, &shop_error), RECS_ERROR, "65 regions");
    ok(strstr(shop_error.text, "65 regions") != NULL
       && strstr(shop_error.text, "R00") != NULL, "%s", shop_error.text);

    shop_close();
    shop_open();

    for (i = 0; i < 17; i++) {
        snprintf(json, sizeof(json),
                 "{\"productId\":\"%d\",\"currency\":\"AA%c\"}", i, 'A' + i);
        shop_product(json);
    }

    is_int(recs_dataset_finish(shop, &shop_error), RECS_ERROR,
           "17 currencies");
    ok(strstr(shop_error.text, "AAQ") != NULL, "%s", shop_error.text);

    shop_close();
}


/* Regions of events, beside those where products are sold. */

static void
test_regions(void)
{
    int           i, n;
    char          name[16];
    recs_event_t  e;

    shop_open();

    shop_product("{\"productId\":\"1\",\"regions\":[\"US\",\"DE\"]}");

    for (i = 0; i < 300; i++) {
        n = i < 200 ? i : i % 3;
        shop_event(&e, RECS_EVENT_PRODUCT_VIEW, 1 + i, "u", NULL);
        shop_item(&e, "1", -1, 1);
        snprintf(name, sizeof(name), "r%03d", n);
        e.region = shop_str(i % 3 == 2 ? "US" : name);
        shop_add(&e);
    }

    shop_event(&e, RECS_EVENT_PRODUCT_VIEW, .5, "u", NULL);
    shop_item(&e, "1", -1, 1);
    shop_add(&e);

    shop_finish();

    is_int(shop->regions, RECS_FORMAT_REGIONS, "as many as there is room for");
    is_str(shop->region_name[0].data, shop->region_name[0].len, "DE",
           "where products are sold first, by name");
    is_int(shop->products[0].regions, 3, "their bits");
    is_str(shop->region_name[2].data, shop->region_name[2].len, "r000",
           "then those with most events");

    for (i = 0, n = 0; i < 300; i++) {
        n += shop->region[i] == 2;
    }

    is_int(n, 100, "events of a region");
    is_int(shop->region[300], 0, "an event without one");

    shop_close();
}


static void
test_unique(void)
{
    recs_str_t  names[2];

    names[0] = shop_str("twin");
    names[1] = shop_str("twin");

    is_int(recs_dataset_unique("products", names, sizeof(recs_str_t), 2,
                               &shop_error), RECS_ERROR, "two of one key");
    ok(strstr(shop_error.text, "\"twin\" and \"twin\"") != NULL, "%s",
       shop_error.text);

    names[1] = shop_str("other");

    is_int(recs_dataset_unique("products", names, sizeof(recs_str_t), 2,
                               &shop_error), RECS_OK, "two keys");
}


int
main(void)
{
    test_rows();
    test_nothing();
    test_sort();
    test_owners();
    test_browsers();
    test_weights();
    test_popularity();
    test_orders();
    test_money();
    test_catalogue();
    test_changes();
    test_ratings();
    test_categories();
    test_names();
    test_regions();
    test_unique();

    return done_testing();
}
