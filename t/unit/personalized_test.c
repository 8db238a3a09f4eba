/*
 * Copyright (C) recs authors
 *
 * PERSONALIZED beside its rows: favourites of everybody, and what the asker
 * has bought already.
 */

#include "../../core/answer/recs_generate.h"
#include "memory_shop.h"
#include "tap.h"


#define NOW  1700000000u


static recs_scratch_t     scratch;
static recs_answer_t      answer;
static recs_query_t       query;
static recs_view_t        view;
static recs_snapshot_t   *s;


/* p1 was seen, p2 bought, p7 is in the cart; p1 speaks for p2 .. p4, p7. */

static void
shop(void)
{
    recs_format_related_t  row[] = { { 2, .5f }, { 7, .4f }, { 3, .25f },
                                     { 4, .125f } };

    s = shop_create(8);
    shop_list(s, RECS_LIST_RELATED, 1, row, 4);
    shop_set(s, RECS_COLUMN_POPULARITY, float, 0, 10);
    shop_set(s, RECS_COLUMN_POPULARITY, float, 1, 8);
    shop_set(s, RECS_COLUMN_POPULARITY, float, 2, 4);
    shop_set(s, RECS_COLUMN_POPULARITY, float, 3, 2);
    shop_set(s, RECS_COLUMN_POPULARITY, float, 4, 1);
    view.base = s;
}


/* The items of the list, as digits. */

static const char *
ask(unsigned known)
{
    uint32_t            i;
    recs_answer_ctx_t   ctx;
    recs_format_seen_t  seen[3];

    static char  text[16];

    recs_query_init(&query);
    query.strategy = RECS_PERSONALIZED;
    query.now_ms = NOW * 1000LL;

    recs_answer_init(&ctx, &view, &query, &scratch, &answer);
    memset(&answer, 0, sizeof(answer));
    memset(seen, 0, sizeof(seen));
    scratch.turn++;

    for (i = 0; i < 3; i++) {
        seen[i].last = NOW - i;
        seen[i].weight = 1;
    }

    seen[0].item = 1;
    seen[0].flags = RECS_SEEN_VIEWED;
    seen[1].item = 2;
    seen[1].flags = RECS_SEEN_PURCHASED;
    seen[2].item = 7;
    seen[2].flags = RECS_SEEN_PURCHASED|RECS_SEEN_CART;

    memcpy(scratch.history, seen, sizeof(seen));
    ctx.history_read = 1;
    ctx.history_count = known ? 3 : 0;
    ctx.strategy = RECS_PERSONALIZED;

    recs_generate_personalized(&ctx);

    for (i = 0; i < answer.count; i++) {
        text[i] = (char) ('0' + answer.items[i].item);
    }

    text[i] = '\0';

    return text;
}


#define is_list(known, want, name)                                           \
    do {                                                                     \
        const char  *list_ = ask(known);                                     \
        is_str(list_, strlen(list_), want, name);                            \
    } while (0)


int
main(void)
{
    recs_format_serving_t  *w;

    shop();
    w = &s->header.serving;
    memset(w, 0, sizeof(recs_format_serving_t));
    w->history_decay = 1;
    w->related = 1;

    is_list(1, "34", "what is not bought");

    w->bought = 1;
    is_list(1, "234", "what is bought, too, but for the cart");
    w->bought = .3f;
    is_list(1, "324", "less of it");
    w->bought = 0;

    w->favourites = .01f;
    is_list(1, "3401", "favourites behind");
    w->favourites = 1;
    is_list(1, "0134", "favourites first");
    is_list(0, "", "nothing of nobody");

    shop_destroy(s);

    return done_testing();
}
