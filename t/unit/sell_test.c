/*
 * Copyright (C) recs authors
 *
 * The generators of CROSS_SELL, UP_SELL, UPGRADE_PATH, COMPLEMENTARY,
 * SOCIAL_PROOF and HOME over a shop in memory.
 */

#include "../../core/answer/recs_generate.h"
#include "../../core/answer/recs_home.h"
#include "../../core/answer/recs_upgrade.h"
#include "memory_shop.h"
#include "tap.h"

#include <math.h>


#define NOW    1752537600LL      /* 15 July 2025, no season */
#define DAY    86400
#define ITEMS  12


static recs_scratch_t      scratch;
static recs_answer_t       answer;
static recs_query_t        query;
static recs_view_t         view;
static recs_snapshot_t    *s;
static recs_format_seen_t  seen[8];
static uint32_t            seen_count;
static uint32_t            user_flags, segment;


static void
price(uint32_t item, int64_t money, int64_t cost)
{
    shop_set(s, RECS_COLUMN_PRICE, int64_t, item, money * RECS_MICRO);
    shop_set(s, RECS_COLUMN_COST, int64_t, item,
             cost ? cost * RECS_MICRO : RECS_NO_MONEY);
}


static void
shop(void)
{
    uint32_t  i;

    if (s) {
        shop_destroy(s);
    }

    s = shop_create(ITEMS);
    shop_domain(s, RECS_DOMAIN_CATEGORIES, 4);
    shop_domain(s, RECS_DOMAIN_SEGMENTS, 5 * RECS_SEGMENT_KINDS);

    /* 0 with 1 and 2 below it; 3 beside it */

    for (i = 0; i < 4; i++) {
        shop_set(s, RECS_COLUMN_CATEGORY_END, uint32_t, i, i ? i + 1 : 3);
        shop_set(s, RECS_COLUMN_CATEGORY_PARENT, uint32_t, i,
                 (i == 1 || i == 2) ? 0 : RECS_NONE);
    }

    for (i = 0; i < ITEMS; i++) {
        shop_set(s, RECS_COLUMN_CATEGORY, uint32_t, i, 1 + i % 3);
        shop_set(s, RECS_COLUMN_COST, int64_t, i, RECS_NO_MONEY);
    }

    s->header.serving.margin = 1;
    view.base = s;
    seen_count = user_flags = 0;
    segment = RECS_NONE;
    recs_query_init(&query);
    query.limit = 20;
    query.now_ms = NOW * 1000;
}


static void
touch(uint32_t item, unsigned flags, uint32_t days)
{
    memset(&seen[seen_count], 0, sizeof(seen[0]));

    seen[seen_count].item = item;
    seen[seen_count].flags = flags;
    seen[seen_count].weight = 1;
    seen[seen_count++].last = NOW - days * DAY;
}


/* The items that a generator lists, as letters. */

static const char *
ask(unsigned strategy, recs_item_t item)
{
    uint32_t           i;
    recs_answer_ctx_t  ctx;

    static char  text[ITEMS + 1];

    query.strategy = strategy;
    memset(&answer, 0, sizeof(answer));
    scratch.turn++;

    recs_answer_init(&ctx, &view, &query, &scratch, &answer);
    memcpy(scratch.history, seen, sizeof(seen));
    ctx.history_read = 1;
    ctx.history_count = seen_count;
    ctx.user_flags = user_flags;
    ctx.segment = segment;
    ctx.item = item;
    ctx.strategy = strategy;

    recs_strategies[strategy].generate(&ctx);

    for (i = 0; i < answer.count; i++) {
        text[i] = 'a' + answer.items[i].item;
    }

    text[i] = '\0';

    return text;
}

#define is_list(strategy, item, want, ...)                                   \
    do {                                                                     \
        const char  *got = ask(strategy, item);                              \
        is_str(got, strlen(got), want, __VA_ARGS__);                         \
    } while (0)


static void
test_cross_sell(void)
{
    float                   p;
    recs_format_together_t  row[4] = { { .item = 3, .score = .6f },
                                       { .item = 1, .score = .5f },
                                       { .item = 2, .score = .25f },
                                       { .item = 4, .score = .2f } };
    recs_format_together_t  other[1] = { { .item = 2, .score = .5f } };

    shop();
    shop_list(s, RECS_LIST_TOGETHER, 0, row, 4);
    shop_list(s, RECS_LIST_TOGETHER, 3, other, 1);

    is_list(RECS_CROSS_SELL, 0, "bce", "other leaves than the seed's");

    query.cart[0] = recs_column(s, RECS_COLUMN_KEY64, uint64_t, 3);
    query.cart_count = 1;
    is_list(RECS_CROSS_SELL, 0, "cbe", "what both speak for");
    p = 1 - .75f * .5f;
    ok(fabsf(answer.items[1].score - .5f / p) < 1e-4, "as probabilities");
    ok(fabsf(answer.items[0].confidence - p / (p + .1f)) < 1e-4,
       "with its confidence");
    is_int(answer.items[0].seed, 3, "says which speaks most");
    query.cart_count = 0;

    /* margins 20 and 4: mean 12; e is not known, b earns nothing */

    price(1, 10, 10);
    price(2, 30, 10);
    price(4, 10, 6);
    is_list(RECS_CROSS_SELL, 0, "ce", "by margin, nothing without one");
    ok(fabsf(answer.items[1].score - (.2f * 4 / 12) / (.25f * 20 / 12))
       < 1e-4, "times margin / mean");
    price(1, 10, 0);
    is_list(RECS_CROSS_SELL, 0, "bce", "an unknown margin is the mean");

    s->header.serving.margin = 0;
    price(1, 10, 10);
    is_list(RECS_CROSS_SELL, 0, "bce", "where margins do not matter");
}


static void
test_up_sell(void)
{
    uint32_t               i;
    recs_format_related_t  row[3] = { { 3, .3f }, { 6, .2f }, { 9, .1f } };

    shop();
    shop_list(s, RECS_LIST_UP_SELL, 0, row, 3);
    price(0, 10, 0);
    price(3, 12, 0);
    price(6, 14, 0);
    price(9, 16, 0);

    is_list(RECS_UP_SELL, 0, "dgj", "dearer ones");
    is_list(RECS_UP_SELL, 1, "", "of another there are none");
    is_list(RECS_UP_SELL, RECS_NO_ITEM, "", "nor of nothing");

    /* four prices are too few to tell; of five the fourth is the ceiling */

    for (i = 0; i < 3; i++) {
        touch(3 + 3 * i, RECS_SEEN_VIEWED, 1);
    }

    is_list(RECS_UP_SELL, 0, "dgj", "hardly known");

    shop_set(s, RECS_COLUMN_CATEGORY, uint32_t, 1, 1);
    price(1, 5, 0);
    touch(1, RECS_SEEN_VIEWED, 2);
    is_list(RECS_UP_SELL, 0, "dg", "nothing above the 90th percentile");
    touch(2, RECS_SEEN_VIEWED, 2);
    is_list(RECS_UP_SELL, 0, "dg", "other leaves do not count");

    seen_count = 0;
    price(0, 10, 5);
    price(3, 12, 8);
    price(6, 14, 5);
    is_list(RECS_UP_SELL, 0, "gj", "by what it earns more");
}


/* Four tiers of category 1: items 0, 3, 6, 9. */

static void
ladder(void)
{
    uint32_t               i, k, n;
    recs_format_upgrade_t  row[4];

    shop();

    for (i = 0; i < 4; i++) {
        shop_set(s, RECS_COLUMN_TIER, uint8_t, 3 * i, i + 1);

        for (k = i + 1, n = 0; k < 4; k++, n++) {
            row[n].item = 3 * k;
            row[n].affinity = recs_upgrade_affinity(k + 1);
            row[n].confidence = 1;
            row[n].days = 0;
        }

        shop_list(s, RECS_LIST_UPGRADE, 3 * i, row, n);
    }
}


static unsigned
is_item(uint32_t n, uint32_t item, float affinity, float confidence)
{
    return n < answer.count && answer.items[n].item == item
           && fabsf(answer.items[n].score - affinity / 100) < 1e-5
           && fabsf(answer.items[n].confidence - confidence) < 1e-5;
}


static void
test_upgrade(void)
{
    unsigned               i;
    recs_format_upgrade_t  late[1] = { { 9, 80, 1, 100 } };

    static const int64_t  months[] = {
        1736899200, 1739577600, 1741996800, 1744675200, 1747267200,
        1749945600, 1752537600, 1755216000, 1757894400, 1760486400,
        1763164800, 1765756800
    };

    for (i = 0; i < 12; i++) {
        ok(recs_upgrade_season(months[i] * 1000)
           == (i >= 9 ? 1.3f : i < 2 ? 1.2f : 1), "season of month %u",
           i + 1);
    }

    ok(recs_upgrade_affinity(0) == 0 && recs_upgrade_affinity(1) == 40
       && recs_upgrade_affinity(2) == 25 && recs_upgrade_affinity(3) == 15
       && recs_upgrade_affinity(4) == 5 && recs_upgrade_affinity(9) == 5,
       "40/25/15/5");

    ladder();
    is_list(RECS_UPGRADE_PATH, RECS_NO_ITEM, "adgj", "the ladder");
    ok(is_item(0, 0, 40, .7f) && is_item(1, 3, 25, .7f)
       && is_item(2, 6, 15, .7f) && is_item(3, 9, 5, .7f), "as it is");

    touch(3, RECS_SEEN_VIEWED, 1);
    is_list(RECS_UPGRADE_PATH, RECS_NO_ITEM, "gj", "from what was viewed");
    ok(is_item(0, 6, 15, .7f), "without a boost");

    touch(0, RECS_SEEN_PURCHASED, 9);
    is_list(RECS_UPGRADE_PATH, RECS_NO_ITEM, "dgj", "from what was bought");
    ok(is_item(0, 3, 37.5f, .85f) && is_item(2, 9, 7.5f, .85f),
       "times one and a half");

    touch(6, RECS_SEEN_PURCHASED, 9);
    user_flags = RECS_USER_VALUABLE;
    is_list(RECS_UPGRADE_PATH, RECS_NO_ITEM, "j", "above all that one has");
    ok(is_item(0, 9, 7.5f, .9f), "a valuable customer");
    is_list(RECS_UPGRADE_PATH, 0, "j", "also from a product");

    touch(9, RECS_SEEN_PURCHASED, 9);
    is_list(RECS_UPGRADE_PATH, RECS_NO_ITEM, "", "nothing above the top");

    /* in December, the cap; then a step that is due in 100 days */

    ladder();
    touch(0, RECS_SEEN_PURCHASED, 50);
    query.now_ms = months[11] * 1000;
    (void) ask(RECS_UPGRADE_PATH, RECS_NO_ITEM);
    ok(is_item(0, 3, 25 * 1.5f * 1.3f, .85f), "in December");

    shop();
    shop_list(s, RECS_LIST_UPGRADE, 0, late, 1);
    touch(0, RECS_SEEN_PURCHASED, 50);
    (void) ask(RECS_UPGRADE_PATH, RECS_NO_ITEM);
    ok(is_item(0, 9, 80 * 1.5f * .75f, .85f), "half due");
    seen[0].last -= 60 * DAY;
    (void) ask(RECS_UPGRADE_PATH, RECS_NO_ITEM);
    ok(is_item(0, 9, 100, .85f), "due, and not above 100");
}


static void
test_complementary(void)
{
    recs_format_related_t  row[2] = { { 4, .4f }, { 5, .2f } };
    recs_format_related_t  other[2] = { { 5, .3f }, { 6, .1f } };

    shop();
    shop_list(s, RECS_LIST_COMPLEMENTARY, 0, row, 2);
    shop_list(s, RECS_LIST_COMPLEMENTARY, 1, other, 2);

    is_list(RECS_COMPLEMENTARY, 0, "ef", "after a product");
    is_list(RECS_COMPLEMENTARY, RECS_NO_ITEM, "", "after nothing");

    touch(1, RECS_SEEN_VIEWED, 1);
    is_list(RECS_COMPLEMENTARY, RECS_NO_ITEM, "", "nor after views");
    touch(1, RECS_SEEN_PURCHASED, 0);
    touch(0, RECS_SEEN_PURCHASED, 90);
    is_list(RECS_COMPLEMENTARY, RECS_NO_ITEM, "feg", "the latest most");
    ok(fabsf(answer.items[1].score - .2f / .4f) < 1e-4, "half in 90 days");
    is_int(answer.items[0].seed, 1, "says after what");

    touch(5, RECS_SEEN_PURCHASED, 300);
    is_list(RECS_COMPLEMENTARY, RECS_NO_ITEM, "eg", "not what one has");

    query.cart[0] = recs_column(s, RECS_COLUMN_KEY64, uint64_t, 0);
    query.cart_count = 1;
    is_list(RECS_COMPLEMENTARY, RECS_NO_ITEM, "e", "after a cart");
}


static void
test_social(void)
{
    recs_format_ranked_t  all[1] = { { 11, 1, 1, 1 } };
    recs_format_ranked_t  root[2] = { { 3, 1, 1, 1 }, { 4, .5f, 1, 1 } };
    recs_format_ranked_t  leaf[2] = { { 4, 1, 1, 1 }, { 5, .5f, 1, 1 } };
    recs_format_ranked_t  loyal[1] = { { 6, 1, 1, 1 } };

    shop();
    shop_list(s, RECS_LIST_SEGMENT, 0, all, 1);
    shop_list(s, RECS_LIST_SEGMENT, 1 * RECS_SEGMENT_KINDS, root, 2);
    shop_list(s, RECS_LIST_SEGMENT, 2 * RECS_SEGMENT_KINDS, leaf, 2);
    shop_list(s, RECS_LIST_SEGMENT,
              2 * RECS_SEGMENT_KINDS + RECS_SEGMENT_LOYAL, loyal, 1);

    is_list(RECS_SOCIAL_PROOF, RECS_NO_ITEM, "l", "nobody: all people");

    touch(0, RECS_SEEN_VIEWED, 1);
    is_list(RECS_SOCIAL_PROOF, RECS_NO_ITEM, "efdl",
            "by the last product: its category, then those above");

    segment = 2 * RECS_SEGMENT_KINDS + RECS_SEGMENT_LOYAL;
    is_list(RECS_SOCIAL_PROOF, RECS_NO_ITEM, "gefdl", "one's own first");

    touch(4, RECS_SEEN_PURCHASED, 2);
    is_list(RECS_SOCIAL_PROOF, RECS_NO_ITEM, "gfdl", "not what one has");

    segment = 4 * RECS_SEGMENT_KINDS + RECS_SEGMENT_BUYERS;
    is_list(RECS_SOCIAL_PROOF, RECS_NO_ITEM, "l", "one without a list");
}


static void
test_home(void)
{
    uint32_t              i, k, twice;
    recs_format_ranked_t  row[ITEMS];

    shop();

    for (i = 0; i < ITEMS; i++) {
        row[i] = (recs_format_ranked_t) { i, 1 - i / 100.f, 1, 1 };
    }

    shop_list(s, RECS_LIST_TRENDING, 0, row, 5);
    shop_list(s, RECS_LIST_BESTSELLERS, 0, row, 8);
    shop_list(s, RECS_LIST_TOP_RATED, 0, row, ITEMS);

    query.strategy = RECS_HOME;
    query.limit = 4;
    query.rails = 6;
    query.offset = 7;
    recs_answer(&view, &query, &scratch, &answer);

    is_int(answer.rail_count, 3, "what is of the shop");
    is_int(answer.count, 12, "of four products each");
    is_int(recs_home_rails[answer.rails[0].row].strategy, RECS_TRENDING,
           "trends first");
    is_int(answer.rails[1].first, 4, "one after the other");
    twice = 0;

    for (i = 0; i < answer.count; i++) {
        for (k = 0; k < i; k++) {
            twice += answer.items[i].item == answer.items[k].item;
        }
    }

    is_int(twice, 0, "no product twice");
    is_int(answer.fallback_count, 0, "nothing fills up");

    query.limit = 10;
    recs_answer(&view, &query, &scratch, &answer);
    is_int(answer.rail_count, 3, "rails are as long as they are");
    is_int(answer.rails[1].count, 3, "what is left of one");

    query.rails = 1;
    recs_answer(&view, &query, &scratch, &answer);
    is_int(answer.rail_count, 1, "as many as asked for");

    query.rails = 20;
    query.exclude_count = 1;
    query.exclude[0] = recs_column(s, RECS_COLUMN_KEY64, uint64_t, 6);
    recs_answer(&view, &query, &scratch, &answer);
    is_int(answer.rail_count, 2, "two products are no rail");

    for (i = 0; i < answer.count; i++) {
        twice += answer.items[i].item == 6;
    }

    is_int(twice, 0, "what is excluded is in none");
}


int
main(void)
{
    test_cross_sell();
    test_up_sell();
    test_upgrade();
    test_complementary();
    test_social();
    test_home();

    shop_destroy(s);

    return done_testing();
}
