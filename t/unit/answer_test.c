/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <unistd.h>

#include "memory_shop.h"
#include "tap.h"


static recs_scratch_t   scratch;
static recs_answer_t    answer;
static recs_query_t     query;
static recs_view_t      view;


static void
ask(unsigned strategy)
{
    recs_query_init(&query);
    query.strategy = strategy;
    query.now_ms = 1700000000000;
}


static void
ids(char *out)
{
    uint32_t  i;

    *out = '\0';

    for (i = 0; i < answer.count; i++) {
        sprintf(out + strlen(out), "%s%u", i ? " " : "",
                answer.items[i].item);
    }
}


#define is_list(want, ...)                                                   \
    do {                                                                     \
        char  list[4096];                                                    \
        ids(list);                                                           \
        is_str(list, strlen(list), want, __VA_ARGS__);                       \
    } while (0)


static void
exclude(const char *text)
{
    recs_str_t  value;

    value.data = (const uint8_t *) text;
    value.len = strlen(text);

    ok(recs_query_exclude(&query, &value) == RECS_OK, "exclude %s", text);
}


static void
product(const char *id)
{
    query.product = recs_key64(id, strlen(id));
}


static void
test_ranked(recs_snapshot_t *s)
{
    recs_format_ranked_t  best[3] = {
        { 7, 1, .9f, 3 }, { 3, .5f, .8f, 2 }, { 9, .25f, .1f, 1 }
    };
    recs_format_ranked_t  trending[2] = { { 3, 1, 1, 1 }, { 5, .5f, 1, 1 } };

    shop_list(s, RECS_LIST_BESTSELLERS, 0, best, 3);
    shop_list(s, RECS_LIST_TRENDING, 0, trending, 2);

    ask(RECS_BESTSELLERS);
    query.limit = 2;
    recs_answer(&view, &query, &scratch, &answer);
    is_list("7 3", "a ranked list in its order");
    is_int(answer.fallback_count, 0, "no fallback");

    query.limit = 3;
    exclude("p3");
    recs_answer(&view, &query, &scratch, &answer);
    is_list("7 9 5", "excluded item is replaced by the fallback's");
    is_int(answer.fallback_count, 1, "one fallback");
    is_int(answer.fallback[0], RECS_TRENDING, "it is trending");

    ask(RECS_BESTSELLERS);
    query.limit = 6;
    recs_answer(&view, &query, &scratch, &answer);
    is_list("7 3 9 5 0 1", "then the catalogue by popularity");
    is_int(answer.fallback_count, 2, "two fallbacks");

    shop_set(s, RECS_COLUMN_FLAGS, uint8_t, 3, RECS_ITEM_LISTED);
    query.limit = 2;
    recs_answer(&view, &query, &scratch, &answer);
    is_list("7 9", "out of stock is not shown");
    shop_set(s, RECS_COLUMN_FLAGS, uint8_t, 3, RECS_ITEM_SHOWN);

    ask(RECS_BESTSELLERS);
    query.limit = 100;
    recs_answer(&view, &query, &scratch, &answer);
    is_int(answer.count, 20, "no more than the catalogue has");

    query.limit = 3;
    query.offset = 2;
    recs_answer(&view, &query, &scratch, &answer);
    is_list("9 5 0", "offset cuts the same list");

    query.offset = 19;
    recs_answer(&view, &query, &scratch, &answer);
    is_int(answer.count, 1, "the last one");

    query.offset = 20;
    recs_answer(&view, &query, &scratch, &answer);
    is_int(answer.count, 0, "behind the end");
}


static void
test_similar(recs_snapshot_t *s)
{
    recs_format_similar_t  row[3] = {
        { 2, { 255, 0, 0, 0, 0 }, 0x1f, 65535 * 4 / 10 },
        { 4, { 0, 0, 0, 0, 255 }, 0x1f, 65535 / 10 },
        { 6, { 0, 255, 0, 0, 0 }, 0x02, 65535 },
    };

    shop_list(s, RECS_LIST_SIMILAR, 1, row, 3);

    ask(RECS_SIMILAR_PRODUCTS);
    product("p1");
    query.limit = 3;
    recs_answer(&view, &query, &scratch, &answer);
    is_list("2 4 6", "stored order of the snapshot's weights");
    is_int(answer.items[0].score * 1000 + .5, 400, "stored score");
    is_int(answer.items[2].score * 1000 + .5, 1000,
           "stored score of few factors");
    is_int(answer.items[2].confidence * 1000 + .5, 150, "share observed");
    is_int(answer.items[0].seed, 1, "the product is the reason");

    query.weighted = 1;
    query.weights[4] = 1;
    recs_answer(&view, &query, &scratch, &answer);
    is_int(answer.items[0].item, 4, "weights act at request time");
    is_int(answer.items[0].score, 1, "behaviour alone");
    is_int(answer.items[0].confidence, 1, "observed");

    ask(RECS_SIMILAR_PRODUCTS);
    product("nobody");
    query.limit = 2;
    recs_answer(&view, &query, &scratch, &answer);
    is_int(answer.unknown, 1, "an unknown product");
    is_int(answer.count, 2, "is answered by the fallback");

    ask(RECS_SIMILAR_PRODUCTS);
    product("p2");
    query.limit = 20;
    recs_answer(&view, &query, &scratch, &answer);
    is_int(answer.count, 19, "the product itself never");
}


static void
test_together(recs_snapshot_t *s)
{
    recs_format_together_t  one[2] = {
        { 11, 4, 1, .1f, .4f, 2, .3f, 0 }, { 12, 3, .5f, .1f, .3f, 2, .2f, 0 }
    };
    recs_format_together_t  two[2] = {
        { 12, 4, 1, .1f, .4f, 2, .25f, 0 }, { 2, 9, 1, .2f, .9f, 4, .8f, 0 }
    };
    recs_str_t  cart = recs_string("p2,p3");

    shop_list(s, RECS_LIST_TOGETHER, 2, one, 2);
    shop_list(s, RECS_LIST_TOGETHER, 3, two, 2);

    ask(RECS_FREQUENTLY_BOUGHT_TOGETHER);
    product("p2");
    query.limit = 2;
    recs_answer(&view, &query, &scratch, &answer);
    is_list("11 12", "partners of a product");
    is_int(answer.items[0].confidence * 10 + .5, 4, "confidence of the rule");

    ask(RECS_FREQUENTLY_BOUGHT_TOGETHER);
    query.limit = 2;
    ok(recs_query_cart(&query, &cart) == RECS_OK, "a cart");
    recs_answer(&view, &query, &scratch, &answer);
    is_list("12 11", "partners of a cart add up, the cart itself is not");
    is_int(answer.items[0].seed, 3, "the strongest seed is the reason");
}


static void
test_history(recs_snapshot_t *s)
{
    recs_answer_ctx_t      ctx;
    recs_format_related_t  a[2] = { { 15, .5f }, { 16, .9f } };
    recs_format_related_t  b[2] = { { 15, .6f }, { 17, .1f } };
    recs_format_seen_t     seen[4] = {
        { 13, 1, RECS_SEEN_VIEWED, 1699990000, 1699999000, 1, 0 },
        { 14, 3, RECS_SEEN_VIEWED, 1699000000, 1699999999, 1, 0 },
        { 17, 1, RECS_SEEN_VIEWED|RECS_SEEN_PURCHASED, 1, 1699999999, 0, 0 },
        { 18, 1, RECS_SEEN_PURCHASED, 1, 1699999999, 0, 0 },
    };

    shop_list(s, RECS_LIST_RELATED, 13, a, 2);
    shop_list(s, RECS_LIST_RELATED, 14, b, 2);

    ask(RECS_PERSONALIZED);
    memset(&answer, 0, sizeof(answer));
    scratch.turn++;
    recs_answer_init(&ctx, &view, &query, &scratch, &answer);
    ctx.history_read = 1;
    ctx.history_count = 4;
    ctx.strategy = RECS_PERSONALIZED;
    memcpy(scratch.history, seen, sizeof(seen));
    recs_strategies[RECS_PERSONALIZED].generate(&ctx);
    is_list("15 16", "neighbours add up; what was bought is not shown");
    is_int(answer.items[0].seed, 14, "the strongest of the history");

    ask(RECS_RECENTLY_VIEWED);
    memset(&answer, 0, sizeof(answer));
    scratch.turn++;
    recs_answer_init(&ctx, &view, &query, &scratch, &answer);
    ctx.history_read = 1;
    ctx.history_count = 4;
    ctx.strategy = RECS_RECENTLY_VIEWED;
    recs_strategies[RECS_RECENTLY_VIEWED].generate(&ctx);
    is_list("14 13", "newest and most viewed first, less what was bought");
}


static void
test_json(void)
{
    char                buf[8192];
    recs_out_t          out;
    recs_answer_head_t  head = { recs_string("abc"), recs_string("B\""),
                                 NULL };

    ask(RECS_BESTSELLERS);
    query.limit = 1;
    recs_answer(&view, &query, &scratch, &answer);

    ok(recs_answer_size(&view, &answer, &head) <= sizeof(buf),
       "size is bounded");
    recs_out_init(&out, buf, sizeof(buf));
    is_int(recs_answer_json(&view, &query, &answer, &head, &out), RECS_OK,
           "rendered");
    is_str(buf, out.pos - (uint8_t *) buf,
           "{\"recommendationId\":\"abc\",\"type\":\"BESTSELLERS\","
           "\"algorithm\":\"decayed-units\",\"snapshotId\":"
           "\"00000000000000ff\",\"variant\":\"B\\\"\",\"fallback\":[],"
           "\"items\":[{\"productId\":\"p7\",\"position\":1,\"score\":1,"
           "\"confidence\":0.9,\"estimatedValue\":7.2,\"reason\":{\"code\":"
           "\"BESTSELLER\",\"text\":\"Bought most\"},\"product\":{\"title\":"
           "\"Product 7\"}}]}", "as JSON");

    recs_out_init(&out, buf, 300);
    is_int(recs_answer_json(&view, &query, &answer, &head, &out), RECS_ERROR,
           "too small a buffer is an error");
}


/* Each item has a link of its own, which tells what the item is. */

static void
test_links(void)
{
    char                 buf[65536], path[] = "recs_answer_XXXXXX";
    const char          *p, *err;
    uint32_t             n;
    recs_out_t           out, less;
    recs_str_t           text;
    recs_keys_t          keys;
    recs_links_t         links;
    recs_token_t         token;
    recs_answer_head_t   head = { recs_string("abc"), recs_string(""),
                                  &links };

    close(mkstemp(path));
    unlink(path);
    ok(recs_keys_load(&keys, path, 1, &err) == RECS_OK, "a key");
    unlink(path);

    memset(&links, 0, sizeof(links));
    links.key = &keys.keys[0];
    links.shop = 7;
    links.prefix = (recs_str_t) recs_string("/r/");
    links.token.id = 0xabc;
    links.token.expires = 99;

    ask(RECS_BESTSELLERS);
    query.offset = 1;
    query.limit = 5;
    recs_answer(&view, &query, &scratch, &answer);

    recs_out_init(&out, buf, sizeof(buf) - 1);
    is_int(recs_answer_json(&view, &query, &answer, &head, &out), RECS_OK,
           "rendered with links");
    *out.pos = '\0';

    ok(recs_answer_size(&view, &answer, &head)
       >= (size_t) (out.pos - (uint8_t *) buf), "size is a bound");

    for (n = 0, p = buf; (p = strstr(p, "\"clickUrl\":\"/r/")); n++) {
        p += sizeof("\"clickUrl\":\"/r/") - 1;
        text.data = (const uint8_t *) p;
        text.len = strcspn(p, "\"");

        ok(recs_token_read(&token, &keys, 7, &text) == RECS_OK
           && token.product == recs_column(view.base, RECS_COLUMN_KEY64,
                                           uint64_t, answer.items[n].item)
           && token.position == n + 2 && token.id == 0xabc
           && token.expires == 99 && !token.private, "a link");
    }

    is_int(n, answer.count, "one an item");

    for (n = 1; n < (uint32_t) (out.pos - (uint8_t *) buf); n += 7) {
        recs_out_init(&less, buf, n);

        if (recs_answer_json(&view, &query, &answer, &head, &less)
            != RECS_ERROR)
        {
            break;
        }
    }

    ok(n >= (uint32_t) (out.pos - (uint8_t *) buf), "no room is noticed");
}


static void
test_turns(void)
{
    unsigned  i, wrong;

    ask(RECS_BESTSELLERS);
    query.limit = 20;
    scratch.turn = UINT32_MAX - 2;
    wrong = 0;

    for (i = 0; i < 5; i++) {
        recs_answer(&view, &query, &scratch, &answer);
        wrong += (answer.count != 20);
    }

    is_int(wrong, 0, "the turn counter wraps");
}


int
main(void)
{
    recs_snapshot_t  *s;

    s = shop_create(20);
    view.base = s;
    view.id = 0xff;

    test_ranked(s);
    test_similar(s);
    test_together(s);
    test_history(s);
    test_json();
    test_links();
    test_turns();

    shop_destroy(s);

    return done_testing();
}
