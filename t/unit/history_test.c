/*
 * Copyright (C) recs authors
 *
 * What users and sessions have seen.
 */

#include <math.h>

#include "builder/model/model.h"
#include "shop.h"


static recs_histories_t  h;


static void
build(void)
{
    shop_finish();
    is_int(recs_model_histories(shop, &shop_config, &h, &shop_error), RECS_OK,
           "histories");
}


static void
done(void)
{
    recs_histories_free(&h);
    shop_close();
}


static uint32_t
record(char kind, const char *name)
{
    uint32_t         i;
    recs_identity_t  identity;

    shop_name(&identity, kind, name);

    for (i = 0; i < h.count; i++) {
        if (memcmp(h.identities + i * 16, identity.bytes, 16) == 0) {
            return i;
        }
    }

    return RECS_NONE;
}


static recs_format_seen_t *
seen(uint32_t n, const char *product)
{
    uint64_t  i;

    for (i = h.offsets[n]; i < h.offsets[n + 1]; i++) {
        if (h.seen[i].item == shop_number(product)) {
            return &h.seen[i];
        }
    }

    return NULL;
}


static void
test_views(void)
{
    uint32_t             n;
    recs_format_seen_t  *s;

    shop_open();

    shop_do(RECS_EVENT_PRODUCT_VIEW, 5, "u", NULL, "a");
    shop_do(RECS_EVENT_PRODUCT_VIEW, 4, "u", NULL, "b");
    shop_do(RECS_EVENT_PRODUCT_VIEW, 3, "u", NULL, "a");
    shop_do(RECS_EVENT_PRODUCT_VIEW, 2, "u", NULL, "c");
    shop_do(SHOP_LIST_VIEW, 1, "u", NULL, "shown");
    shop_do(RECS_EVENT_PRODUCT_VIEW, 1, "v", NULL, "b");

    build();

    is_int(h.count, 2, "two users");
    ok(memcmp(h.identities, h.identities + 16, 16) < 0, "by identity");

    n = record('u', "u");
    is_int(h.heads[n].count, 3, "distinct products");
    is_int(h.heads[n].flags, 0, "no session");
    is_int(h.heads[n].last_ms, SHOP_NOW - SHOP_DAY, "the newest event");
    is_int(h.seen[h.offsets[n]].item, shop_number("c"), "newest first");
    is_int(h.seen[h.offsets[n] + 2].item, shop_number("b"), "oldest last");

    s = seen(n, "a");
    is_int(s->views, 2, "views");
    is_int(s->first, SHOP_NOW / 1000 - 5 * 86400, "first");
    is_int(s->last, SHOP_NOW / 1000 - 3 * 86400, "last");
    is_int(s->flags, RECS_SEEN_VIEWED, "viewed");
    ok(fabs(s->weight - log2(1 + exp2(-5 / 45.0) + exp2(-3 / 45.0))) < 1e-5,
       "decayed feedback");
    ok(seen(n, "shown") == NULL, "what was only shown is not seen");

    done();
}


static void
test_flags(void)
{
    uint32_t      n;
    recs_event_t  e;

    shop_open();

    shop_do(RECS_EVENT_ADD_TO_CART, 9, "u", NULL, "cart");
    shop_do(RECS_EVENT_ADD_TO_CART, 9, "u", NULL, "removed");
    shop_do(SHOP_UNCART, 8, "u", NULL, "removed");
    shop_do(SHOP_WISH, 8, "u", NULL, "wish");
    shop_do(RECS_EVENT_ADD_TO_CART, 7, "u", NULL, "bought");
    shop_buy(6, "u", "o", "bought", 1, 1);
    shop_do(SHOP_DISMISS, 5, "u", NULL, "never");

    shop_event(&e, SHOP_REFUND, 1, "u", NULL);
    e.order = shop_str("r");
    shop_item(&e, "bought", 1, 1);
    shop_item(&e, "unseen", 1, 1);
    shop_add(&e);

    build();

    n = record('u', "u");

    is_int(seen(n, "cart")->flags, RECS_SEEN_CART, "in the cart");
    is_int(seen(n, "removed")->flags, 0, "no longer in it");
    is_int(seen(n, "wish")->flags, RECS_SEEN_WISHED, "wished");
    is_int(seen(n, "bought")->flags, RECS_SEEN_PURCHASED,
           "bought, so no longer in the cart");
    is_int(seen(n, "bought")->last, SHOP_NOW / 1000 - 6 * 86400,
           "giving back is no interest");
    is_int(seen(n, "never")->flags, RECS_SEEN_DISMISSED, "dismissed");
    ok(seen(n, "never")->weight < 0, "with less than no weight");
    ok(seen(n, "unseen") == NULL, "what was only given back is not there");
    is_int(seen(n, "cart")->views, 0, "no view");
    is_int(seen(n, "cart")->first, SHOP_NOW / 1000 - 9 * 86400,
           "first is the first touch then");

    done();
}


/* Where somebody was last, as far as events say. */

static void
test_region(void)
{
    uint32_t      n;
    unsigned      i;
    recs_event_t  e;

    static const char *const  regions[] = { "north", "south", "" };

    shop_open();

    for (i = 0; i < 3; i++) {
        shop_event(&e, RECS_EVENT_PRODUCT_VIEW, 9 - i, "u", "s");
        e.region = shop_str(regions[i]);
        shop_item(&e, "a", 1, 1);
        shop_add(&e);
    }

    shop_do(RECS_EVENT_PRODUCT_VIEW, 1, "v", NULL, "a");

    build();

    n = h.heads[record('u', "u")].region;
    ok(n < shop->regions, "a region");
    is_str(shop->region_name[n].data, shop->region_name[n].len, "south",
           "the last one");
    is_int(h.heads[record('u', "v")].region, RECS_NONE, "none was said");
    is_int(h.heads[record('s', "s")].region, RECS_NONE,
           "a session has none in its record");

    done();
}


/* What has a weight but no signal, and what was disliked. */

static void
test_weights(void)
{
    uint32_t      n;
    recs_event_t  e;

    shop_open();

    shop_do(31, 0, "u", NULL, "wanted");
    shop_do(RECS_EVENT_PRODUCT_VIEW, 0, "u", NULL, "compared");
    shop_do(10, 0, "u", NULL, "compared");

    shop_event(&e, SHOP_REVIEW, 0, "u", NULL);
    e.rating = 1000;
    shop_item(&e, "bad", 0, 1);
    shop_add(&e);

    build();

    n = record('u', "u");

    ok(fabs(seen(n, "wanted")->weight - log2(4)) < 1e-5, "asked for");
    is_int(seen(n, "wanted")->views, 0, "not viewed");
    is_int(seen(n, "wanted")->flags, 0, "nor bought");
    ok(fabs(seen(n, "compared")->weight - log2(3)) < 1e-5,
       "a view and a comparison");
    ok(fabs(seen(n, "bad")->weight + log2(4)) < 1e-5, "one star");

    done();
}


static void
test_sessions(void)
{
    uint32_t      n;
    recs_event_t  e;

    shop_open();

    shop_do(RECS_EVENT_PRODUCT_VIEW, 2, NULL, "s", "a");
    shop_do(RECS_EVENT_PRODUCT_VIEW, 2, "u", "s", "b");
    shop_do(RECS_EVENT_PRODUCT_VIEW, 2, NULL, "s", "c");
    shop_do(RECS_EVENT_PRODUCT_VIEW, 31, "u", "old", "a");
    shop_do(RECS_EVENT_PRODUCT_VIEW, 1, NULL, "nobody", "a");

    shop_event(&e, RECS_EVENT_PRODUCT_VIEW, 1, NULL, "anonymous");
    shop_name(&e.anonymous, 'a', "cookie");
    shop_item(&e, "a", 0, 1);
    shop_add(&e);

    build();

    ok(record('s', "old") == RECS_NONE, "30 days");

    n = record('s', "s");
    is_int(h.heads[n].count, 3, "all of the session");
    is_int(h.heads[n].flags, RECS_USER_SESSION, "a session");
    ok(memcmp(h.heads[n].user, "uu\0", 3) == 0, "its user");

    n = record('s', "nobody");
    ok(h.heads[n].user[0] == 0, "a session of nobody");

    n = record('s', "anonymous");
    ok(memcmp(h.heads[n].user, "acookie", 8) == 0, "an anonymous one");
    is_int(h.heads[record('a', "cookie")].count, 1, "has its own record");
    is_int(h.heads[record('u', "u")].count, 3, "and the user, with all that "
           "was done in his session");

    done();
}


static unsigned
owner_is(const char *session, const char *user)
{
    uint32_t         n;
    recs_identity_t  identity;

    shop_name(&identity, 'u', user);
    n = record('s', session);

    return n != RECS_NONE && memcmp(h.heads[n].user, identity.bytes, 16) == 0;
}


/* Events that say who was there: one without products, or one unverified. */

static void
login(double days, const char *user, const char *session)
{
    recs_event_t  e;

    shop_event(&e, SHOP_LOGIN, days, user, session);
    shop_add(&e);
}


static void
claim(double days, const char *user, const char *session, const char *product)
{
    recs_event_t  e;

    shop_event(&e, RECS_EVENT_PRODUCT_VIEW, days, user, session);
    e.verified = 0;

    if (product) {
        shop_item(&e, product, 0, 1);

    } else {
        e.type = SHOP_LOGIN;
    }

    shop_add(&e);
}


/* Who names another user in his own session gets nothing of that user. */

static void
test_claims(void)
{
    shop_open();

    shop_do(RECS_EVENT_PRODUCT_VIEW, 5, "victim", "hers", "a");
    claim(4, "victim", "mine", "b");
    claim(3, "victim", "mine", NULL);
    claim(2, "victim", "empty", NULL);
    shop_do(RECS_EVENT_PRODUCT_VIEW, 5, "me", "me", "a");
    claim(1, "victim", "me", "c");

    build();

    ok(owner_is("hers", "victim"), "a session of a verified user");
    ok(owner_is("mine", NULL), "a session of one who claims to be that user");
    ok(record('s', "empty") == RECS_NONE, "a claim without a product");
    ok(owner_is("me", "me"), "a claim in a session that has a user");

    done();
}


static void
test_login(void)
{
    uint32_t  n;

    shop_open();

    shop_do(RECS_EVENT_PRODUCT_VIEW, 20, "u", "before", "a");
    login(3, "u", "new");
    login(3, "stranger", "strange");
    login(31, "u", "old");

    shop_do(RECS_EVENT_PRODUCT_VIEW, 9, NULL, "late", "b");
    login(8, "u", "late");

    build();

    n = record('s', "new");
    ok(owner_is("new", "u"), "a session in which a user only logged in");
    is_int(h.heads[n].count, 0, "has no products of its own");
    is_int(h.heads[n].flags, RECS_USER_SESSION, "is a session");
    is_int(h.heads[n].last_ms, SHOP_NOW - 3 * SHOP_DAY, "of then");
    ok(record('s', "strange") == RECS_NONE, "not of a user without a history");
    ok(record('s', "old") == RECS_NONE, "30 days");

    ok(owner_is("late", "u"), "a login after views");
    is_int(h.heads[record('s', "late")].last_ms, SHOP_NOW - 8 * SHOP_DAY,
           "is the newest event");
    is_int(h.heads[record('u', "u")].count, 2, "views before the login");

    done();
}


static void
test_most(void)
{
    int   i;
    char  id[16];

    shop_open();

    for (i = 0; i < 600; i++) {
        snprintf(id, sizeof(id), "p%d", i % 300);
        shop_do(RECS_EVENT_PRODUCT_VIEW, 20 - i * 0.03, "u", "s", id);
    }

    build();

    is_int(h.heads[0].count, 256, "no more than 256");
    is_int(h.offsets[h.count], 512, "of the user and of the session");
    is_int(h.seen[0].item, shop_number("p299"), "the newest");
    is_int(h.seen[255].item, shop_number("p44"), "down to the 256th");
    is_int(h.seen[255].views, 2, "with all their views");

    done();
}


static void
test_duration(void)
{
    uint32_t      n;
    recs_event_t  e;

    shop_open();

    shop_do(RECS_EVENT_PRODUCT_VIEW, 1, "u", "s", "a");
    shop_do(RECS_EVENT_PRODUCT_VIEW, 1 - 40 / 86400.0, "u", "s", "b");
    shop_do(RECS_EVENT_PRODUCT_VIEW, 0.5, "u", "s", "c");

    shop_event(&e, RECS_EVENT_PRODUCT_VIEW, 0.5 - 5 / 86400.0, "u", "s");
    e.duration = 77;
    shop_item(&e, "d", 0, 1);
    shop_add(&e);

    shop_do(RECS_EVENT_PRODUCT_VIEW, 0.4, "u", "t", "e");

    build();

    n = record('u', "u");

    is_int(seen(n, "a")->duration, 40, "until the next event");
    is_int(seen(n, "b")->duration, 0, "a long pause is an absence");
    is_int(seen(n, "c")->duration, 5, "until the next event");
    is_int(seen(n, "d")->duration, 77, "what the event tells");
    is_int(seen(n, "e")->duration, 0, "unknown");

    done();
}


int
main(void)
{
    test_views();
    test_flags();
    test_region();
    test_weights();
    test_sessions();
    test_claims();
    test_login();
    test_most();
    test_duration();

    return done_testing();
}
