/*
 * Copyright (C) recs authors
 *
 * Features of candidates against what they should be, and a list that a
 * forest ranks anew.
 */

#include <math.h>

#include "../../core/answer/recs_feature.h"
#include "../../core/answer/recs_generate.h"
#include "memory_shop.h"
#include "tap.h"


#define NOW   1700000000u
#define DAY   86400u


static recs_scratch_t     scratch;
static recs_answer_t      answer;
static recs_query_t       query;
static recs_view_t        view;
static recs_answer_ctx_t  ctx;
static recs_snapshot_t   *s;


/* p1 was seen an hour ago, p2 bought ten days ago. */

static void
shop(void)
{
    recs_format_related_t  one[] = { { 3, .5f }, { 4, .25f }, { 5, .125f } };
    recs_format_related_t  two[] = { { 3, .25f }, { 6, .5f } };

    s = shop_create(8);

    shop_list(s, RECS_LIST_RELATED, 1, one, 3);
    shop_list(s, RECS_LIST_RELATED, 2, two, 2);

    shop_set(s, RECS_COLUMN_CATEGORY, uint32_t, 1, 7);
    shop_set(s, RECS_COLUMN_CATEGORY, uint32_t, 3, 7);
    shop_set(s, RECS_COLUMN_CATEGORY, uint32_t, 4, RECS_NONE);
    shop_set(s, RECS_COLUMN_BRAND, uint32_t, 2, 2);
    shop_set(s, RECS_COLUMN_BRAND, uint32_t, 3, 2);
    shop_set(s, RECS_COLUMN_BRAND, uint32_t, 4, RECS_NONE);
    shop_set(s, RECS_COLUMN_POPULARITY, float, 3, 5);
    shop_set(s, RECS_COLUMN_BASKETS, uint32_t, 3, 9);
    shop_set(s, RECS_COLUMN_IDF, float, 3, 2.5f);
    shop_set(s, RECS_COLUMN_RATING, uint16_t, 3, 4500);
    shop_set(s, RECS_COLUMN_RATING_COUNT, uint32_t, 3, 3);
    shop_set(s, RECS_COLUMN_CREATED, int64_t, 3, (NOW - 2 * DAY) * 1000LL);
    shop_set(s, RECS_COLUMN_LIST_PRICE, int64_t, 3, 8 * RECS_MICRO);
    shop_set(s, RECS_COLUMN_PRICE, int64_t, 4, RECS_NO_MONEY);
    shop_set(s, RECS_COLUMN_INTERVAL, float, 6, 20);

    view.base = s;
}


static void
ask(void)
{
    recs_format_seen_t  seen[3];

    recs_query_init(&query);
    query.strategy = RECS_PERSONALIZED;
    query.now_ms = NOW * 1000LL;

    recs_answer_init(&ctx, &view, &query, &scratch, &answer);
    memset(&answer, 0, sizeof(answer));
    scratch.turn++;

    memset(seen, 0, sizeof(seen));
    seen[0].item = 1;
    seen[0].views = 2;
    seen[0].flags = RECS_SEEN_VIEWED;
    seen[0].first = NOW - DAY;
    seen[0].last = NOW - 3600;
    seen[0].weight = 1;
    seen[1] = seen[0];
    seen[1].item = 2;
    seen[1].last = NOW - 10 * DAY;
    seen[1].flags = RECS_SEEN_PURCHASED;
    seen[1].weight = 2;
    seen[2] = seen[1];
    seen[2].item = 6;
    seen[2].flags = RECS_SEEN_VIEWED;
    seen[2].weight = .5f;
    seen[2].first = NOW - 12 * DAY;

    memcpy(scratch.history, seen, sizeof(seen));
    ctx.history_read = 1;
    ctx.history_count = 3;
    ctx.strategy = RECS_PERSONALIZED;
    ctx.parted = 1;
}


#define quarters(x)  (round((x) * 4) / 4)

#define value(which, k)                                                      \
    scratch.features[RECS_FEATURE_##which * RECS_FOREST_ROWS + (k)]

#define is_near(which, k, want)                                              \
    ok(fabsf(value(which, k) - (float) (want)) < 1e-4f,                      \
       "%s of candidate %u: %g, expected %g",                                \
       recs_feature_names[RECS_FEATURE_##which], k,                          \
       (double) value(which, k), (double) (want))


/* p3 by .5 + 2 x .25, p6 by 2 x .5, p4 by .25, p5 by .125. */

static void
features(void)
{
    ask();
    ctx.collect = 1;
    recs_generate_personalized(&ctx);

    is_int(ctx.collected, 4, "candidates");
    is_int(answer.count, 0, "and no list");
    is_int(scratch.ranked[0].item, 3, "the first one");
    is_int(scratch.ranked[1].item, 6, "the second one");
    is_int(scratch.ranked[2].item, 4, "the third one");

    is_near(PLACE, 0, 0);
    is_near(PLACE, 3, 3);
    is_near(SCORE, 0, 1);
    is_near(SCORE, 2, .25);
    is_near(LOG, 2, log(.25));
    is_near(BEST, 0, .5);
    is_near(BEST, 1, 1);
    is_near(GIVEN, 0, 1);
    is_near(GIVEN, 2, .25);
    is_near(SHARE, 2, .25);
    is_near(SHARE + RECS_COMPONENT_NEXT, 0, 0);

    is_near(POPULARITY, 0, quarters(log(6)));
    is_near(POPULAR, 0, 0);
    is_near(POPULAR, 1, -quarters(log(6)));
    is_near(BASKETS, 0, quarters(log(10)));
    is_near(IDF, 0, 2.5);
    is_near(RATING, 0, 4.5);
    is_near(RATING, 1, RECS_FEATURE_UNKNOWN);
    is_near(RATINGS, 0, quarters(log(4)));
    is_near(AGE, 0, quarters(log(3)));
    is_near(AGE, 1, RECS_FEATURE_UNKNOWN);
    is_near(PRICE, 0, quarters(log(4)));
    is_near(PRICE, 2, RECS_FEATURE_UNKNOWN);
    is_near(DISCOUNT, 0, .5);
    is_near(DISCOUNT, 2, 0);
    is_near(INTERVAL, 1, 20);

    is_near(VIEWS, 0, 0);
    is_near(VIEWS, 1, 2);
    is_near(WEIGHT, 1, .5);
    is_near(DAYS, 1, 10);
    is_near(DAYS, 0, RECS_FEATURE_UNKNOWN);
    is_near(DUE, 1, .5);
    is_near(DUE, 0, RECS_FEATURE_UNKNOWN);
    is_near(SPAN, 1, 2);
    is_near(ENTRY, 0, 3);
    is_near(ENTRY, 1, 2);
    is_near(FLAGS, 1, RECS_SEEN_VIEWED);
    is_near(CLICK, 0, 0);

    is_near(CATEGORY, 0, 1);
    is_near(CATEGORY, 1, 0);
    is_near(CATEGORY, 2, 0);
    is_near(CATEGORIES, 0, 1 / 3.);
    is_near(CATEGORIES, 2, 0);
    is_near(BRAND, 0, 0);
    is_near(BRANDS, 0, 1 / 3.);
    is_near(PRICE_NEWEST, 0, log(4. / 2));
    is_near(PRICE_NEWEST, 2, RECS_FEATURE_UNKNOWN);
    is_near(PRICE_RECENT, 0, log(4) - (log(2) + log(3) + log(7)) / 3);
    is_near(SEED, 0, 0);
    is_near(SEED, 1, 1);
    is_near(HISTORY, 0, log(4));
    is_near(SESSION, 0, 0);
}


static void
session(void)
{
    const char  *clicks[] = { "p6", "p3", "p3", "nobody", "p7" };
    uint32_t     i;

    ask();

    for (i = 0; i < 5; i++) {
        query.session[i] = recs_key64(clicks[i], strlen(clicks[i]));
    }

    query.session_count = 5;
    ctx.collect = 1;
    recs_generate_personalized(&ctx);

    is_near(CLICK, 0, 2);
    is_near(CLICK, 1, 4);
    is_near(CLICK, 2, 5);
    is_near(SESSION, 0, 5);
    is_near(SEED, 0, 4);
    is_near(PRICE_NEWEST, 0, log(4. / 8));
}


/* Dear ones first; of equal scores the order of before. */

static void
ranked(void)
{
    float           *leaves;
    uint32_t         i;
    recs_forest_t   *f;
    uint64_t         memory[64];

    /* the logarithms of 4, 7 and 5 are 1.5, 2 and 1.5 in quarters */

    memset(memory, 0, sizeof(memory));
    f = (recs_forest_t *) (((uintptr_t) memory + 15) & ~(uintptr_t) 15);

    f->trees = 1;
    f->depth = 3;
    f->features = RECS_FOREST_FEATURES;
    f->candidates = 3;

    for (i = 0; i < 8; i++) {
        recs_forest_nodes(f)[i].feature = RECS_FEATURE_PRICE;
        recs_forest_nodes(f)[i].threshold = 1.75f;
    }

    leaves = recs_forest_leaves(f);
    leaves[7] = 2;
    leaves[0] = 1;

    ok(recs_forest_check((uint8_t *) f, recs_forest_size(1, 3),
                         RECS_FOREST_FEATURES) == NULL, "a forest");
    s->forests[RECS_PERSONALIZED] = f;

    ask();
    recs_generate_personalized(&ctx);

    is_int(answer.count, 4, "all of them");
    is_int(answer.items[0].item, 6, "the dear one is first");
    is_int(answer.items[1].item, 3, "of equal ones the better one");
    is_int(answer.items[2].item, 4, "then the other");
    is_int(answer.items[3].item, 5, "then what was not ranked anew");
    ok(answer.items[0].score == 1, "the best score is 1");
    ok(fabsf(answer.items[1].score - expf(-1)) < 1e-6f, "the next less");
    ok(answer.items[3].score < answer.items[2].score
       && answer.items[3].score > 0, "the last the least");
    ok(fabsf(answer.items[0].confidence - 1 / 1.5f) < 1e-6f,
       "the confidence is that of the components");

    /* a page further on sees the same order */

    ask();
    ctx.skip = 2;
    query.offset = 2;
    recs_generate_personalized(&ctx);

    is_int(answer.count, 2, "the second page");
    is_int(answer.items[0].item, 4, "goes on");

    s->forests[RECS_PERSONALIZED] = NULL;
}


int
main(void)
{
    shop();

    is_int(RECS_FEATURE_MAX, RECS_FOREST_FEATURES,
           "as many features as the format says");

    features();
    session();
    ranked();

    shop_destroy(s);

    return done_testing();
}
