/*
 * Copyright (C) recs authors
 */

#include "recs_strategy.h"


/*
 * An answer's head without names that vary, and an item without fragment and
 * ids: numbers at their longest, rounded up.
 */

#define RECS_HEAD_SIZE   1024
#define RECS_ITEM_SIZE   640


static void recs_render_head(const recs_view_t *view,
    const recs_query_t *query, const recs_answer_t *answer,
    const recs_answer_head_t *head, recs_out_t *out);
static void recs_render_item(const recs_view_t *view,
    const recs_answer_item_t *item, uint32_t position, recs_out_t *out);
static void recs_render_currency(const recs_snapshot_t *s, recs_item_t item,
    recs_out_t *out);
static void recs_render_was(const recs_snapshot_t *s, recs_item_t item,
    int64_t price, recs_out_t *out);


size_t
recs_answer_size(const recs_view_t *view, const recs_answer_t *answer)
{
    size_t      size;
    uint32_t    i;
    recs_str_t  id, members;

    size = RECS_HEAD_SIZE;

    for (i = 0; i < answer->count; i++) {
        recs_snapshot_fragment(view->base, answer->items[i].item, &id,
                               &members);
        size += RECS_ITEM_SIZE + id.len + members.len;

        if (answer->items[i].seed != RECS_NO_ITEM) {
            recs_snapshot_fragment(view->base, answer->items[i].seed, &id,
                                   &members);
            size += id.len;
        }
    }

    return size;
}


int
recs_answer_json(const recs_view_t *view, const recs_query_t *query,
    const recs_answer_t *answer, const recs_answer_head_t *head,
    recs_out_t *out)
{
    uint32_t  i;

    recs_render_head(view, query, answer, head, out);

    for (i = 0; i < answer->count; i++) {
        if (i) {
            recs_out_byte(out, ',');
        }

        recs_render_item(view, &answer->items[i], query->offset + i + 1, out);
    }

    recs_out_lit(out, "]}");

    return out->overflow ? RECS_ERROR : RECS_OK;
}


static void
recs_render_head(const recs_view_t *view, const recs_query_t *query,
    const recs_answer_t *answer, const recs_answer_head_t *head,
    recs_out_t *out)
{
    uint32_t                i;
    const recs_str_t       *name;
    const recs_strategy_t  *strategy;

    strategy = &recs_strategies[query->strategy];

    recs_out_lit(out, "{\"recommendationId\":\"");
    recs_out_bytes(out, head->id.data, head->id.len);
    recs_out_lit(out, "\",\"type\":\"");
    recs_out_bytes(out, strategy->name.data, strategy->name.len);
    recs_out_lit(out, "\",\"algorithm\":\"");
    recs_out_bytes(out, strategy->algorithm.data, strategy->algorithm.len);
    recs_out_lit(out, "\",\"snapshotId\":\"");
    recs_out_hex64(out, view->id);

    if (head->variant.len) {
        recs_out_lit(out, "\",\"variant\":\"");
        recs_out_json(out, head->variant.data, head->variant.len);
        recs_out_lit(out, "\",\"fallback\":[");

    } else {
        recs_out_lit(out, "\",\"variant\":null,\"fallback\":[");
    }

    for (i = 0; i < answer->fallback_count; i++) {
        name = &recs_strategies[answer->fallback[i]].name;

        if (i) {
            recs_out_byte(out, ',');
        }

        recs_out_byte(out, '"');
        recs_out_bytes(out, name->data, name->len);
        recs_out_byte(out, '"');
    }

    recs_out_lit(out, "],\"items\":[");
}


static void
recs_render_item(const recs_view_t *view, const recs_answer_item_t *item,
    uint32_t position, recs_out_t *out)
{
    int64_t                 price;
    recs_str_t              id, members, seed, ignored;
    const recs_strategy_t  *strategy;

    strategy = &recs_strategies[item->strategy];
    price = recs_column(view->base, RECS_COLUMN_PRICE, int64_t, item->item);
    recs_snapshot_fragment(view->base, item->item, &id, &members);

    recs_out_lit(out, "{\"productId\":");
    recs_out_bytes(out, id.data, id.len);
    recs_out_lit(out, ",\"position\":");
    recs_out_u64(out, position);
    recs_out_lit(out, ",\"score\":");
    recs_out_fraction(out, item->score);
    recs_out_lit(out, ",\"confidence\":");
    recs_out_fraction(out, item->confidence);

    if (price != RECS_NO_MONEY) {
        recs_out_lit(out, ",\"estimatedValue\":");
        recs_out_fraction(out, (double) price / RECS_MICRO
                               * item->confidence);
    }

    recs_out_lit(out, ",\"reason\":{\"code\":\"");
    recs_out_bytes(out, strategy->reason.data, strategy->reason.len);
    recs_out_lit(out, "\",\"text\":\"");
    recs_out_bytes(out, strategy->text.data, strategy->text.len);

    if (item->seed != RECS_NO_ITEM) {
        recs_snapshot_fragment(view->base, item->seed, &seed, &ignored);
        recs_out_lit(out, "\",\"productId\":");
        recs_out_bytes(out, seed.data, seed.len);
        recs_out_lit(out, "},\"product\":");

    } else {
        recs_out_lit(out, "\"},\"product\":");
    }

    recs_render_product(view, item->item, &members, out);
    recs_out_byte(out, '}');
}


void
recs_render_product(const recs_view_t *view, recs_item_t item,
    const recs_str_t *members, recs_out_t *out)
{
    int32_t                 stock;
    int64_t                 money;
    uint16_t                rating;
    const recs_snapshot_t  *s;

    s = view->base;
    recs_out_byte(out, '{');

    if (members->len) {
        recs_out_bytes(out, members->data, members->len);
        recs_out_byte(out, ',');
    }

    money = recs_column(s, RECS_COLUMN_PRICE, int64_t, item);

    if (money != RECS_NO_MONEY) {
        recs_out_lit(out, "\"price\":");
        recs_out_micro(out, money);
        recs_out_byte(out, ',');
        recs_render_currency(s, item, out);
        recs_render_was(s, item, money, out);
    }

    rating = recs_column(s, RECS_COLUMN_RATING, uint16_t, item);

    if (rating) {
        recs_out_lit(out, "\"rating\":");
        recs_out_micro(out, (int64_t) rating * 1000);
        recs_out_lit(out, ",\"ratingCount\":");
        recs_out_u64(out, recs_column(s, RECS_COLUMN_RATING_COUNT, uint32_t,
                                      item));
        recs_out_byte(out, ',');
    }

    stock = recs_column(s, RECS_COLUMN_STOCK, int32_t, item);

    if (stock != RECS_NO_STOCK) {
        recs_out_lit(out, "\"stock\":");
        recs_out_i64(out, stock);
        recs_out_byte(out, ',');
    }

    if (recs_view_shown(view, item)) {
        recs_out_lit(out, "\"available\":true}");

    } else {
        recs_out_lit(out, "\"available\":false}");
    }
}


static void
recs_render_currency(const recs_snapshot_t *s, recs_item_t item,
    recs_out_t *out)
{
    uint8_t         n;
    const uint8_t  *code;

    n = recs_column(s, RECS_COLUMN_CURRENCY, uint8_t, item);
    code = s->header.currencies[n % RECS_FORMAT_CURRENCIES];

    if (code[0]) {
        recs_out_lit(out, "\"currency\":\"");
        recs_out_bytes(out, code, 3);
        recs_out_lit(out, "\",");
    }
}


/* What the price was: the list price, and the lowest of the last 30 days. */

static void
recs_render_was(const recs_snapshot_t *s, recs_item_t item, int64_t price,
    recs_out_t *out)
{
    int64_t  money;

    money = recs_column(s, RECS_COLUMN_LIST_PRICE, int64_t, item);

    if (money > price) {
        recs_out_lit(out, "\"listPrice\":");
        recs_out_micro(out, money);
        recs_out_byte(out, ',');
    }

    money = recs_column(s, RECS_COLUMN_REFERENCE_PRICE, int64_t, item);

    if (money > price) {
        recs_out_lit(out, "\"referencePrice\":");
        recs_out_micro(out, money);
        recs_out_byte(out, ',');
    }
}
