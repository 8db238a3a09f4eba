/*
 * Copyright (C) recs authors
 *
 * A shop in which everybody ends up with the cheapest product of its kind
 * that was not looked at yet: co-occurrence does not see it, a ranker does.
 */

#include "../../builder/eval/ranker.h"
#include "../../core/answer/recs_feature.h"
#include "shop.h"
#include "snap.h"


#define KINDS   30
#define OF      10
#define SEEN    4


static uint64_t  seed = 5;


static uint32_t
drawn(uint32_t below)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;

    return (uint32_t) (seed >> 33) % below;
}


static void
product(uint32_t kind, uint32_t n)
{
    char  text[256];

    snprintf(text, sizeof(text), "{\"productId\":\"p%u-%u\",\"title\":\"x\","
             "\"category\":[\"k%u\"],\"price\":%u,\"currency\":\"EUR\"}",
             kind, n, kind, 1 + n * 3);
    shop_product(text);
}


static void
visitor(uint32_t u, unsigned end)
{
    char      user[16], id[16];
    uint32_t  i, n, kind, cheapest;
    uint8_t   looked[OF];

    snprintf(user, sizeof(user), "u%u", u);
    kind = drawn(KINDS);
    memset(looked, 0, sizeof(looked));

    for (i = 0; i < SEEN; i++) {

        do {
            n = drawn(OF);
        } while (looked[n]);

        looked[n] = 1;
        snprintf(id, sizeof(id), "p%u-%u", kind, n);
        shop_do(RECS_EVENT_PRODUCT_VIEW, 20 - u * .005 - i * .0001, user,
                NULL, id);
    }

    for (cheapest = 0; looked[cheapest]; cheapest++) {
        /* void */
    }

    snprintf(id, sizeof(id), "p%u-%u", kind, cheapest);

    if (end) {
        shop_do(RECS_EVENT_PRODUCT_VIEW, 2 - u * .0005, user, NULL, id);
    }
}


static void
make(uint32_t users, unsigned end)
{
    uint32_t  i, k;

    shop_open();
    recs_config_init(&shop_config);
    shop_config.shop = "";
    shop_config.now_ms = SHOP_NOW;
    shop_config.threads = 2;
    shop_config.related = "cosine";
    shop_config.ranker_trees = 30;
    shop_config.ranker_depth = 4;
    shop_config.ranker_rate = .2;
    shop_config.ranker_columns = .5;

    for (k = 0; k < KINDS; k++) {
        for (i = 0; i < OF; i++) {
            product(k, i);
        }
    }

    for (i = 0; i < users; i++) {
        visitor(i, end);
    }

    shop_finish();
}


/* Published, it ranks what is answered. */

static void
served(const recs_forest_t *kept)
{
    char              *dir;
    uint64_t           id;
    const char        *why;
    recs_view_t        view;
    recs_query_t       query;
    recs_manifest_t    m;
    recs_snapshot_t   *s;

    static recs_scratch_t  scratch;
    static recs_answer_t   one, two;

    dir = snap_dir();
    shop_config.out = dir;

    ok(recs_publish(shop, &shop_config, NULL, &id, &shop_error) == RECS_OK,
       "published%s", shop_error.text);
    s = snap_open(dir, &m, &why);

    if (!ok(s != NULL, "and open")) {
        return;
    }

    ok(s->forests[RECS_PERSONALIZED]
       && memcmp(s->forests[RECS_PERSONALIZED], kept,
                 recs_forest_size(kept->trees, kept->depth)) == 0,
       "with its forest");
    ok(recs_verify(dir, &shop_error) == RECS_OK, "good%s", shop_error.text);

    view.base = s;
    view.hot = NULL;
    view.id = id;
    recs_query_init(&query);
    query.strategy = RECS_PERSONALIZED;
    query.limit = 4;
    query.now_ms = SHOP_NOW;
    memcpy(query.asker.user, recs_keys16_get(shop->users, 3), 16);

    recs_answer(&view, &query, &scratch, &one);
    s->forests[RECS_PERSONALIZED] = NULL;
    recs_answer(&view, &query, &scratch, &two);

    ok(one.count == 4 && two.count == 4, "answers of four");
    ok(shop->products[one.items[0].item].price
       <= shop->products[two.items[0].item].price,
       "the first is no dearer than without it");

    recs_snapshot_close(s);
    snap_remove(dir);
}


static void
learns(unsigned how, const char *name)
{
    size_t          size;
    recs_forest_t  *kept;

    make(900, 1);
    shop_config.ranker = (uint8_t) how;

    ok(recs_ranker(shop, &shop_config, RECS_STRATEGY_MAX, &shop_error)
       == RECS_OK, "%s: %s", name, shop_error.text);

    kept = shop_config.forests[RECS_PERSONALIZED];
    size = shop_config.forest_sizes[RECS_PERSONALIZED];

    if (!ok(kept != NULL, "a forest for PERSONALIZED")) {
        shop_close();
        return;
    }

    is_int(kept->trees, 30, "of as many trees");
    is_int(kept->from, RECS_FEATURE_LOG, "which add to the score");
    ok(recs_forest_check((uint8_t *) kept, size, RECS_FOREST_FEATURES)
       == NULL, "that can be served");
    ok(shop_config.forests[RECS_BUY_AGAIN] == NULL, "nothing was bought");
    ok(shop_config.ranking
       && strstr(shop_config.ranking, "\"type\":\"PERSONALIZED\","
                 "\"chosen\":\"forest\"")
       && strstr(shop_config.ranking, "\"type\":\"BUY_AGAIN\","
                 "\"chosen\":\"components\",\"why\":\"too few"),
       "and why: %s", shop_config.ranking);

    if (how == RECS_RANKER_LAST) {
        served(kept);
    }

    shop_config.forests[RECS_PERSONALIZED] = NULL;
    recs_ranker_free(&shop_config);
    shop_config.threads = 1;
    ok(recs_ranker(shop, &shop_config, RECS_PERSONALIZED, &shop_error)
       == RECS_OK, "by one thread");
    ok(shop_config.forests[RECS_PERSONALIZED] != NULL
       && shop_config.forest_sizes[RECS_PERSONALIZED] == size
       && memcmp(shop_config.forests[RECS_PERSONALIZED], kept, size) == 0,
       "the same bytes");

    free(kept);
    recs_ranker_free(&shop_config);
    ok(shop_config.forests[RECS_PERSONALIZED] == NULL, "gone");
    shop_close();
}


static void
nothing(uint32_t users, unsigned end, unsigned how, const char *name)
{
    make(users, end);
    shop_config.ranker = (uint8_t) how;

    ok(recs_ranker(shop, &shop_config, RECS_STRATEGY_MAX, &shop_error)
       == RECS_OK, "%s", name);
    ok(shop_config.forests[RECS_PERSONALIZED] == NULL, "no forest");

    recs_ranker_free(&shop_config);
    shop_close();
}


/* Of budgets that allow too few questions, none are asked. */

static void
budget(void)
{
    make(900, 1);
    shop_config.ranker = RECS_RANKER_TIME;
    shop_config.memory_budget = .01;

    ok(recs_ranker(shop, &shop_config, RECS_STRATEGY_MAX, &shop_error)
       == RECS_OK, "10 MB");
    ok(shop_config.forests[RECS_PERSONALIZED] == NULL, "no forest");
    ok(shop_config.ranking && strstr(shop_config.ranking, "memory_budget"),
       "since there is no room: %s", shop_config.ranking);

    recs_ranker_free(&shop_config);
    shop_close();
}


/* The part without last visits, line by line. */

static void
part(void)
{
    uint32_t         i, j, n, last, first, good;
    recs_dataset_t  *p;

    make(200, 1);
    p = recs_dataset_part_last(shop);

    for (i = 0, n = 0, good = 1; i < shop->events; i++) {
        first = last = shop->time[i];

        for (j = 0; j < shop->events; j++) {
            if (shop->user[j] == shop->user[i]) {
                last = recs_max(last, shop->time[j]);
                first = recs_min(first, shop->time[j]);
            }
        }

        if (shop->time[i] != last || first == last) {
            good &= (n < p->events && p->item[n] == shop->item[i]
                     && p->user[n] == shop->user[i]
                     && p->time[n] == shop->time[i]);
            n++;
        }
    }

    ok(good, "every line but those of last visits");
    is_int(p->events, n, "and no other");

    recs_dataset_part_destroy(p);
    shop_close();
}


int
main(void)
{
    part();
    learns(RECS_RANKER_LAST, "from last visits");
    learns(RECS_RANKER_TIME, "from the last tenth");
    nothing(300, 1, RECS_RANKER_LAST, "too few questions");
    nothing(900, 1, RECS_RANKER_OFF, "off");
    budget();

    return done_testing();
}
