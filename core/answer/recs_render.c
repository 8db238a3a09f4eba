/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "recs_strategy.h"


/*
 * An answer's head without names that vary, and an item without fragment and
 * ids: numbers at their longest, rounded up.
 */

#define RECS_HEAD_SIZE   1024
#define RECS_ITEM_SIZE   640

#define RECS_SHARE       10000
#define RECS_CENT        (RECS_MICRO / 100)
#define RECS_CACHE_LINE  64


/* The reason that was rendered last, where it stands in the output. */

typedef struct {
    recs_str_t   text;
    recs_item_t  seed;
    uint8_t      strategy;
} recs_reason_t;


static void recs_render_head(const recs_view_t *view,
    const recs_query_t *query, const recs_answer_t *answer,
    const recs_answer_head_t *head, recs_out_t *out);
static void recs_render_item(const recs_view_t *view,
    const recs_answer_item_t *item, uint32_t position, recs_reason_t *reason,
    recs_out_t *out);
static uint32_t recs_render_share(float value);
static void recs_render_reason(const recs_view_t *view,
    const recs_answer_item_t *item, recs_reason_t *reason, recs_out_t *out);


size_t
recs_answer_size(const recs_view_t *view, const recs_answer_t *answer)
{
    size_t      size;
    uint32_t    i;
    recs_str_t  id, product;

    size = RECS_HEAD_SIZE;

    for (i = 0; i < answer->count; i++) {
        recs_snapshot_fragment(view->base, answer->items[i].item, &id,
                               &product);
        size += RECS_ITEM_SIZE + id.len + product.len;

        if (answer->items[i].seed != RECS_NO_ITEM) {
            recs_snapshot_fragment(view->base, answer->items[i].seed, &id,
                                   &product);
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
    uint32_t       i;
    recs_str_t     id, product;
    recs_reason_t  reason;

    memset(&reason, 0, sizeof(recs_reason_t));

    /* items lie far apart in the map: ask for all before the first is used */

    for (i = 0; i < answer->count; i++) {
        recs_snapshot_fragment(view->base, answer->items[i].item, &id,
                               &product);
        __builtin_prefetch(id.data);
        __builtin_prefetch(id.data + RECS_CACHE_LINE);
        __builtin_prefetch(id.data + 2 * RECS_CACHE_LINE);
    }

    recs_render_head(view, query, answer, head, out);

    for (i = 0; i < answer->count; i++) {
        if (i) {
            recs_out_byte(out, ',');
        }

        recs_render_item(view, &answer->items[i], query->offset + i + 1,
                         &reason, out);
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
    uint32_t position, recs_reason_t *reason, recs_out_t *out)
{
    int64_t     price;
    uint32_t    confidence;
    recs_str_t  id, product;

    price = recs_column(view->base, RECS_COLUMN_PRICE, int64_t, item->item);
    recs_snapshot_fragment(view->base, item->item, &id, &product);

    recs_out_lit(out, "{\"productId\":");
    recs_out_bytes(out, id.data, id.len);
    recs_out_lit(out, ",\"position\":");
    recs_out_u64(out, position);
    recs_out_lit(out, ",\"score\":");
    recs_out_share(out, recs_render_share(item->score));
    recs_out_lit(out, ",\"confidence\":");
    confidence = recs_render_share(item->confidence);
    recs_out_share(out, confidence);

    if (price != RECS_NO_MONEY) {
        recs_out_lit(out, ",\"estimatedValue\":");
        recs_out_micro(out, price / RECS_CENT * confidence / RECS_SHARE
                            * RECS_CENT);
    }

    recs_render_reason(view, item, reason, out);

    recs_out_bytes(out, product.data, product.len);
    recs_out_lit(out, "}}");
}


/* 0..1 in ten thousandths; what is not a number is 0. */

static uint32_t
recs_render_share(float value)
{
    return (value > 0) ? (uint32_t) (recs_min(value, 1) * RECS_SHARE + .5f)
                       : 0;
}


/* Most items of a list have one reason: it is copied from the one before. */

static void
recs_render_reason(const recs_view_t *view, const recs_answer_item_t *item,
    recs_reason_t *reason, recs_out_t *out)
{
    recs_str_t              seed, ignored;
    const uint8_t          *start;
    const recs_strategy_t  *strategy;

    if (reason->text.len && reason->strategy == item->strategy
        && reason->seed == item->seed)
    {
        recs_out_bytes(out, reason->text.data, reason->text.len);
        return;
    }

    start = out->pos;
    strategy = &recs_strategies[item->strategy];

    recs_out_lit(out, ",\"reason\":{\"code\":\"");
    recs_out_bytes(out, strategy->reason.data, strategy->reason.len);
    recs_out_lit(out, "\",\"text\":\"");
    recs_out_bytes(out, strategy->text.data, strategy->text.len);

    if (item->seed != RECS_NO_ITEM) {
        recs_snapshot_fragment(view->base, item->seed, &seed, &ignored);
        recs_out_lit(out, "\",\"productId\":");
        recs_out_bytes(out, seed.data, seed.len);
        recs_out_lit(out, "},\"product\":{");

    } else {
        recs_out_lit(out, "\"},\"product\":{");
    }

    reason->strategy = item->strategy;
    reason->seed = item->seed;
    reason->text.data = start;
    reason->text.len = out->pos - start;
}
