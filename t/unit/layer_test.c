/*
 * Copyright (C) recs authors
 *
 * Answers over a hot layer: lists, alternatives to what is sold out, prices.
 */

#include "memory_shop.h"
#include "tap.h"


static recs_scratch_t   scratch;
static recs_query_t     query;
static recs_answer_t    answer;
static recs_view_t      view;
static recs_snapshot_t *base, *hot;
static void            *memory;


/* A hot snapshot of these items of the base, sold out where it says so. */

static void
layer(const uint32_t *items, uint32_t n, uint32_t sold_out)
{
    uint32_t  i;

    if (hot) {
        shop_destroy(hot);
        free(memory);
    }

    hot = shop_create(n);
    hot->header.kind = RECS_KIND_HOT;
    hot->header.id = 0xee;
    memcpy(hot->header.currencies[0], "USD", 4);

    for (i = 0; i < n; i++) {
        shop_set(hot, RECS_COLUMN_KEY64, uint64_t, i,
                 recs_column(base, RECS_COLUMN_KEY64, uint64_t, items[i]));
        shop_set(hot, RECS_COLUMN_PRICE, int64_t, i,
                 (100 + items[i]) * RECS_MICRO);
        shop_set(hot, RECS_COLUMN_STOCK, int32_t, i, sold_out ? 0 : 3);
        shop_set(hot, RECS_COLUMN_FLAGS, uint8_t, i,
                 sold_out ? RECS_ITEM_LISTED : RECS_ITEM_SHOWN);
    }
}


static void
resolve(void)
{
    const char  *err;

    memory = malloc(recs_hot_size(base, hot));
    view.hot = recs_hot_init(memory, base, hot, &err);
    view.id = recs_view_id(base->header.id, hot->header.id);
}


static void
ask(unsigned strategy, uint32_t limit)
{
    recs_query_init(&query);
    query.strategy = strategy;
    query.limit = limit;
    query.now_ms = 1700000000000;

    recs_answer(&view, &query, &scratch, &answer);
}


static void
is_list(const char *want, const char *name)
{
    char      text[512], *p;
    uint32_t  i;

    text[0] = '\0';

    for (p = text, i = 0; i < answer.count; i++) {
        p += sprintf(p, "%s%s%u", i ? " " : "",
                     answer.items[i].alternative ? "=" : "",
                     answer.items[i].item);
    }

    is_str(text, strlen(text), want, "%s", name);
}


static void
similar(uint32_t item, const uint32_t *others, uint32_t n)
{
    uint32_t               i;
    recs_format_similar_t  row[16];

    memset(row, 0, sizeof(row));

    for (i = 0; i < n; i++) {
        row[i].item = others[i];
        row[i].score = (uint16_t) (60000 - i);
        row[i].observed = 1;
    }

    shop_list(base, RECS_LIST_SIMILAR, item, row, n);
}


static void
ranked(recs_snapshot_t *s, recs_list_e list, uint32_t row,
    const uint32_t *items, uint32_t n)
{
    uint32_t              i;
    recs_format_ranked_t  entries[16];

    for (i = 0; i < n; i++) {
        entries[i].item = items[i];
        entries[i].score = 1.0f / (i + 1);
        entries[i].confidence = .5f;
        entries[i].value = 0;
    }

    shop_list(s, list, row, entries, n);
}


static void
test_lists(void)
{
    uint32_t  items[] = { 9, 4, 6 }, trending[] = { 2, 0 };

    view.hot = NULL;
    view.id = base->header.id;

    ask(RECS_TRENDING, 3);
    is_list("1 2 3", "without a layer");

    layer(items, 3, 0);
    ranked(hot, RECS_LIST_TRENDING, 0, trending, 2);
    resolve();

    ask(RECS_TRENDING, 2);
    is_list("6 9", "what trends in the layer");
    ask(RECS_BESTSELLERS, 3);
    is_list("10 11 12", "a list that it has not");

    /* the region has its own, and then the shop's */

    query.region = recs_key64("north", 5);
    query.strategy = RECS_TRENDING;
    query.limit = 4;
    recs_answer(&view, &query, &scratch, &answer);
    is_list("15 16 6 9", "what trends in a region");

    query.region = recs_key64("nowhere", 7);
    recs_answer(&view, &query, &scratch, &answer);
    ok(answer.items[0].item == 6 && answer.items[1].item == 9,
       "an unknown region");
}


static void
test_alternatives(void)
{
    uint32_t  bestsellers[] = { 10, 12 }, all[14], i;

    /* 10 is like 12, 5 and 7; 12 like 10, 5 and 7; 11 is still there */

    layer(bestsellers, 2, 1);
    resolve();

    ask(RECS_BESTSELLERS, 3);
    is_list("=5 11 =7", "in the place of what is sold out");
    is_int(answer.items[0].seed, 10, "because of it");
    is_int(answer.items[2].seed, 12, "because of the other");
    is_int(answer.fallback_count, 0, "no fallback");

    query.exclude[query.exclude_count++] =
        recs_column(base, RECS_COLUMN_KEY64, uint64_t, 12);
    recs_answer(&view, &query, &scratch, &answer);
    ok(answer.items[0].item == 5 && answer.items[1].item == 11
       && !answer.items[2].alternative, "nothing instead of what is excluded");

    query.exclude_count = 0;
    query.offset = 1;
    query.limit = 2;
    recs_answer(&view, &query, &scratch, &answer);
    is_list("11 =7", "the second page");

    /* no more than five are tried: 13 is like 10 and 14..17 in vain */

    for (i = 0; i < 14; i++) {
        all[i] = i < 2 ? bestsellers[i] : i == 2 ? 13 : 11 + i;
    }

    layer(all, 7, 1);
    resolve();
    ask(RECS_SIMILAR_PRODUCTS, 1);
    query.product = recs_column(base, RECS_COLUMN_KEY64, uint64_t, 4);
    recs_answer(&view, &query, &scratch, &answer);
    is_list("=5", "the sixth is not tried, the fallback has one");

    layer(all, 3, 1);
    resolve();
    recs_answer(&view, &query, &scratch, &answer);
    is_list("=14", "the second is");
}


/* What is summed up over several rows is ranked before it is replaced. */

static void
test_summed(void)
{
    uint32_t                items[] = { 10 };
    recs_format_together_t  row[2];

    memset(row, 0, sizeof(row));
    row[0].item = 10;
    row[0].score = .9f;
    row[1].item = 11;
    row[1].score = .5f;
    shop_list(base, RECS_LIST_TOGETHER, 4, row, 2);

    layer(items, 1, 1);
    resolve();

    ask(RECS_FREQUENTLY_BOUGHT_TOGETHER, 2);
    query.cart[query.cart_count++] =
        recs_column(base, RECS_COLUMN_KEY64, uint64_t, 4);
    recs_answer(&view, &query, &scratch, &answer);
    is_list("=12 11", "the best of the cart's rows is sold out");
    is_int(answer.items[0].seed, 10, "because of it");
}


static void
test_json(void)
{
    char                buf[8192];
    uint32_t            items[] = { 11 };
    recs_out_t          out;
    recs_answer_head_t  head = { recs_string("abc"), recs_string(""),
                                 NULL };

    layer(items, 1, 0);
    resolve();

    ask(RECS_BESTSELLERS, 3);
    query.low_stock = 3;

    recs_out_init(&out, buf, sizeof(buf) - 1);
    is_int(recs_answer_json(&view, &query, &answer, &head, &out), RECS_OK,
           "rendered");
    *out.pos = '\0';

    ok(strstr(buf, "\"snapshotId\":\"00000000000000bb\",\"layerId\":"
                   "\"00000000000000ee\"") != NULL, "both ids");
    ok(strstr(buf, "\"product\":{\"title\":\"Product 10\"}}") != NULL,
       "what is not changed is copied");
    ok(strstr(buf, "\"estimatedValue\":55.5,") != NULL, "the price it has");
    ok(strstr(buf, "\"product\":{\"title\":\"Product 11\",\"price\":111,"
                   "\"currency\":\"USD\",\"stock\":3,\"available\":true,"
                   "\"lowStock\":true}}") != NULL, "the offer of the layer");

    query.low_stock = 2;
    recs_out_init(&out, buf, sizeof(buf) - 1);
    (void) recs_answer_json(&view, &query, &answer, &head, &out);
    *out.pos = '\0';
    ok(strstr(buf, "lowStock") == NULL, "three are more than two");
    ok(recs_answer_size(&view, &answer, &head)
       >= (size_t) (out.pos - (uint8_t *) buf), "the size is a bound");
}


int
main(void)
{
    uint32_t  trending[] = { 1, 2, 3 }, bestsellers[] = { 10, 11, 12 };
    uint32_t  north[] = { 15, 16 }, like4[] = { 13 };
    uint32_t  like10[] = { 12, 5, 7 }, like12[] = { 10, 5, 7 };
    uint32_t  like13[] = { 10, 14, 15, 16, 17, 18 };

    base = shop_create(20);
    base->header.id = 0xbb;
    view.base = base;

    shop_domain(base, RECS_DOMAIN_REGIONS, 2);
    shop_list(base, RECS_LIST_REGION_NAME, 0, "south", 5);
    shop_list(base, RECS_LIST_REGION_NAME, 1, "north", 5);
    ranked(base, RECS_LIST_REGION_TRENDING, 1, north, 2);
    ranked(base, RECS_LIST_TRENDING, 0, trending, 3);
    ranked(base, RECS_LIST_BESTSELLERS, 0, bestsellers, 3);
    similar(4, like4, 1);
    similar(10, like10, 3);
    similar(12, like12, 3);
    similar(13, like13, 6);

    test_lists();
    test_alternatives();
    test_summed();
    test_json();

    shop_destroy(base);
    shop_destroy(hot);
    free(memory);

    return done_testing();
}
