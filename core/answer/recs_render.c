/*
 * Copyright (C) recs authors
 */

#include "recs_home.h"
#include "recs_product.h"


/*
 * An answer's head without names that vary, and an item without fragment and
 * ids: numbers at their longest, rounded up.
 */

#define RECS_HEAD_SIZE   1024
#define RECS_ITEM_SIZE   (512 + RECS_STRATEGY_PUT)
#define RECS_REASON_SIZE 256       /* without the id */
#define RECS_RAIL_SIZE   512       /* a rail without items, ids, category */
#define RECS_LINK_SIZE   (RECS_TOKEN_MAX + 16)     /* without its prefix */

/* The reason that was made last; an id is escaped and has two quotes. */

#define RECS_SEED_SIZE  (6 * RECS_ID_MAX + 2)

typedef struct {
    size_t       len;
    recs_item_t  seed;
    uint8_t      strategy;
    uint8_t      alternative;
    uint8_t      chosen;
    uint8_t      text[RECS_REASON_SIZE + RECS_SEED_SIZE];
} recs_reason_t;


static void recs_render_head(const recs_view_t *view,
    const recs_query_t *query, const recs_answer_t *answer,
    const recs_answer_head_t *head, recs_out_t *out);
static uint8_t *recs_render_fallback(const recs_answer_t *answer,
    uint8_t *p);
static void recs_render_expect(const recs_str_t *id,
    const recs_str_t *product);
static void recs_render_item(const recs_view_t *view,
    const recs_answer_item_t *item, uint32_t position, uint32_t low_stock,
    const recs_links_t *links, recs_reason_t *reason, recs_out_t *out);
static size_t recs_render_link_size(const recs_links_t *links);
static uint8_t *recs_render_link(const recs_view_t *view, recs_item_t item,
    uint32_t position, const recs_links_t *links, uint8_t *p);
static void recs_render_rails(const recs_view_t *view,
    const recs_query_t *query, const recs_answer_t *answer,
    const recs_links_t *links, recs_reason_t *reason, recs_out_t *out);
static void recs_render_rail(const recs_view_t *view,
    const recs_rail_t *rail, recs_out_t *out);
static size_t recs_render_rail_size(const recs_view_t *view,
    const recs_rail_t *rail);
static uint32_t recs_render_share(float value);
static void recs_render_reason(const recs_view_t *view,
    const recs_answer_item_t *item, recs_reason_t *reason);
static uint8_t *recs_render_cause(const recs_answer_item_t *item, uint8_t *p);


size_t
recs_answer_size(const recs_view_t *view, const recs_answer_t *answer,
    const recs_answer_head_t *head)
{
    size_t      size;
    uint32_t    i;
    recs_str_t  id, product;

    size = RECS_HEAD_SIZE
           + answer->count * recs_render_link_size(head->links);

    /* items lie far apart in the map: ask for all before the first is used */

    for (i = 0; i < answer->count; i++) {
        recs_list_prefetch(view->base, RECS_LIST_FRAGMENT_JSON,
                           answer->items[i].item);
        recs_product_expect(view, answer->items[i].item);
    }

    for (i = 0; i < answer->count; i++) {
        recs_snapshot_fragment(view->base, answer->items[i].item, &id,
                               &product);
        recs_render_expect(&id, &product);
        size += RECS_ITEM_SIZE + RECS_REASON_SIZE + RECS_PRODUCT_MORE
                + id.len + product.len;

        if (answer->items[i].seed != RECS_NO_ITEM) {
            recs_snapshot_fragment(view->base, answer->items[i].seed, &id,
                                   &product);
            size += id.len;
        }
    }

    for (i = 0; i < answer->rail_count; i++) {
        size += recs_render_rail_size(view, &answer->rails[i]);
    }

    return size;
}


int
recs_answer_json(const recs_view_t *view, const recs_query_t *query,
    const recs_answer_t *answer, const recs_answer_head_t *head,
    recs_out_t *out)
{
    uint32_t       i;
    recs_reason_t  reason;

    reason.len = 0;

    recs_render_head(view, query, answer, head, out);

    if (recs_strategies[query->strategy].page) {
        recs_render_rails(view, query, answer, head->links, &reason, out);
        return out->overflow ? RECS_ERROR : RECS_OK;
    }

    recs_out_lit(out, "\"items\":[");

    for (i = 0; i < answer->count; i++) {
        if (i) {
            recs_out_byte(out, ',');
        }

        recs_render_item(view, &answer->items[i], query->offset + i + 1,
                         query->low_stock, head->links, &reason, out);
    }

    recs_out_lit(out, "]}");

    return out->overflow ? RECS_ERROR : RECS_OK;
}


static void
recs_render_expect(const recs_str_t *id, const recs_str_t *product)
{
    const uint8_t  *p, *last;

    last = product->data + product->len;

    for (p = id->data; p < last; p += RECS_CACHE_LINE) {
        __builtin_prefetch(p);
    }
}


static void
recs_render_head(const recs_view_t *view, const recs_query_t *query,
    const recs_answer_t *answer, const recs_answer_head_t *head,
    recs_out_t *out)
{
    uint8_t                *p;
    const recs_strategy_t  *strategy;

    if (out->last - out->pos < RECS_HEAD_SIZE) {
        out->last = out->pos;
        out->overflow = 1;
        return;
    }

    strategy = &recs_strategies[query->strategy];

    p = recs_put_lit(out->pos, "{\"recommendationId\":\"");
    p = recs_put(p, head->id.data, head->id.len);
    p = recs_put_lit(p, "\",\"type\":\"");
    p = recs_put(p, strategy->name.data, strategy->name.len);
    p = recs_put_lit(p, "\",\"algorithm\":\"");
    p = recs_put(p, strategy->algorithm.data, strategy->algorithm.len);
    p = recs_put_lit(p, "\",\"snapshotId\":\"");

    if (view->hot) {
        p = recs_put_hex64(p, view->base->header.id);
        p = recs_put_lit(p, "\",\"layerId\":\"");
        p = recs_put_hex64(p, view->hot->hot->header.id);

    } else {
        p = recs_put_hex64(p, view->id);
    }

    if (head->variant.len) {
        out->pos = recs_put_lit(p, "\",\"variant\":\"");
        recs_out_json(out, head->variant.data, head->variant.len);
        p = recs_put_lit(out->pos, "\",");

    } else {
        p = recs_put_lit(p, "\",\"variant\":null,");
    }

    p = recs_render_fallback(answer, p);

    if (answer->truncated) {
        p = recs_put_lit(p, "\"truncated\":true,");
    }

    out->pos = p;
}


static uint8_t *
recs_render_fallback(const recs_answer_t *answer, uint8_t *p)
{
    uint32_t           i;
    const recs_str_t  *name;

    p = recs_put_lit(p, "\"fallback\":[");

    for (i = 0; i < answer->fallback_count; i++) {
        name = &recs_strategies[answer->fallback[i]].name;

        p = i ? recs_put_lit(p, ",\"") : recs_put_lit(p, "\"");
        p = recs_put(p, name->data, name->len);
        p = recs_put_lit(p, "\"");
    }

    return recs_put_lit(p, "],");
}


/* Items are counted from 1 in each rail. */

static void
recs_render_rails(const recs_view_t *view, const recs_query_t *query,
    const recs_answer_t *answer, const recs_links_t *links,
    recs_reason_t *reason, recs_out_t *out)
{
    uint32_t            i, k;
    const recs_rail_t  *rail;

    recs_out_lit(out, "\"rails\":[");

    for (i = 0; i < answer->rail_count; i++) {
        rail = &answer->rails[i];

        if (i) {
            recs_out_byte(out, ',');
        }

        recs_render_rail(view, rail, out);

        for (k = 0; k < rail->count; k++) {
            if (k) {
                recs_out_byte(out, ',');
            }

            recs_render_item(view, &answer->items[rail->first + k], k + 1,
                             query->low_stock, links, reason, out);
        }

        recs_out_lit(out, "]}");
    }

    recs_out_lit(out, "]}");
}


static void
recs_render_rail(const recs_view_t *view, const recs_rail_t *rail,
    recs_out_t *out)
{
    uint32_t                 n;
    recs_str_t               id, product;
    const uint8_t           *path;
    const recs_strategy_t   *strategy;
    const recs_home_rail_t  *row;

    row = &recs_home_rails[rail->row];
    strategy = &recs_strategies[row->strategy];

    recs_out_lit(out, "{\"type\":\"");
    recs_out_bytes(out, strategy->name.data, strategy->name.len);
    recs_out_lit(out, "\",\"title\":\"");
    recs_out_bytes(out, row->title.data, row->title.len);
    recs_out_lit(out, "\",\"algorithm\":\"");
    recs_out_bytes(out, strategy->algorithm.data, strategy->algorithm.len);
    recs_out_lit(out, "\",\"reason\":{\"code\":\"");
    recs_out_bytes(out, strategy->reason.data, strategy->reason.len);
    recs_out_lit(out, "\",\"text\":\"");
    recs_out_bytes(out, strategy->text.data, strategy->text.len);
    recs_out_byte(out, '"');

    if (rail->seed != RECS_NO_ITEM) {
        recs_snapshot_fragment(view->base, rail->seed, &id, &product);
        recs_out_lit(out, ",\"productId\":");
        recs_out_bytes(out, id.data, id.len);
    }

    if (rail->category != RECS_NONE) {
        path = recs_list(view->base, RECS_LIST_CATEGORY_PATH, rail->category,
                         &n);
        recs_out_lit(out, ",\"category\":\"");
        recs_out_json(out, path, n);
        recs_out_byte(out, '"');
    }

    recs_out_lit(out, "},\"items\":[");
}


static size_t
recs_render_rail_size(const recs_view_t *view, const recs_rail_t *rail)
{
    uint32_t    n;
    recs_str_t  id, product;

    n = 0;
    id.len = 0;

    if (rail->category != RECS_NONE) {
        (void) recs_list(view->base, RECS_LIST_CATEGORY_PATH, rail->category,
                         &n);
    }

    if (rail->seed != RECS_NO_ITEM) {
        recs_snapshot_fragment(view->base, rail->seed, &id, &product);
    }

    /* a byte of a name is at most six of JSON */

    return RECS_RAIL_SIZE + 6 * n + id.len;
}


/* The room is made sure of once; behind that nothing is bounded. */

static void
recs_render_item(const recs_view_t *view, const recs_answer_item_t *item,
    uint32_t position, uint32_t low_stock, const recs_links_t *links,
    recs_reason_t *reason, recs_out_t *out)
{
    int64_t     price;
    uint8_t    *p;
    uint32_t    confidence, score;
    recs_str_t  id, product, rule;

    price = recs_view_column(view, RECS_COLUMN_PRICE, int64_t, item->item);
    recs_snapshot_fragment(view->base, item->item, &id, &product);
    recs_render_reason(view, item, reason);

    if ((size_t) (out->last - out->pos)
        < RECS_ITEM_SIZE + RECS_PRODUCT_MORE + id.len + reason->len
          + product.len + recs_render_link_size(links))
    {
        out->last = out->pos;
        out->overflow = 1;
        return;
    }

    p = recs_put_lit(out->pos, "{\"productId\":");
    p = recs_put(p, id.data, id.len);
    p = recs_put_lit(p, ",\"position\":");
    p = recs_put_u64(p, position);

    if (links) {
        p = recs_render_link(view, item->item, position, links, p);
    }

    p = recs_put_lit(p, ",\"score\":");
    score = recs_render_share(item->score);
    p = recs_put_share(p, score);
    p = recs_put_lit(p, ",\"confidence\":");
    confidence = recs_render_share(item->confidence);
    p = recs_put_share(p, confidence);

    if (price != RECS_NO_MONEY) {
        p = recs_put_lit(p, ",\"estimatedValue\":");
        p = recs_put_micro(p, price / RECS_CENT * confidence / RECS_SHARE
                              * RECS_CENT);
    }

    if (recs_strategies[item->strategy].put) {
        p = recs_strategies[item->strategy].put(p, price, score, confidence);
    }

    if (item->rule != RECS_MOVED_NOT) {
        rule = recs_shape_rule(view, item->rule);
        p = recs_put_lit(p, ",\"rule\":\"");
        p = recs_put(p, rule.data, rule.len);
        p = recs_put_lit(p, "\"");
    }

    p = recs_put(p, reason->text, reason->len);
    p = recs_product_put(view, item->item, &product, low_stock, p);
    p = recs_put_lit(p, "}}");

    out->pos = p;
}


static size_t
recs_render_link_size(const recs_links_t *links)
{
    return links ? RECS_LINK_SIZE + links->prefix.len : 0;
}


static uint8_t *
recs_render_link(const recs_view_t *view, recs_item_t item,
    uint32_t position, const recs_links_t *links, uint8_t *p)
{
    recs_token_t  token;

    token = links->token;
    token.product = recs_column(view->base, RECS_COLUMN_KEY64, uint64_t,
                                item);
    token.position = (uint16_t) position;

    p = recs_put_lit(p, ",\"clickUrl\":\"");
    p = recs_put(p, links->prefix.data, links->prefix.len);
    p = recs_token_write(&token, links->key, links->shop, p);

    return recs_put_lit(p, "\"");
}


/* 0..1 in ten thousandths; what is not a number is 0. */

static uint32_t
recs_render_share(float value)
{
    return (value > 0) ? (uint32_t) (recs_min(value, 1) * RECS_SHARE + .5f)
                       : 0;
}


/* Most items of a list have one reason: it is made once for them. */

static void
recs_render_reason(const recs_view_t *view, const recs_answer_item_t *item,
    recs_reason_t *reason)
{
    uint8_t     *p;
    recs_str_t   seed, ignored;

    if (reason->len && reason->strategy == item->strategy
        && reason->alternative == item->alternative
        && reason->chosen == item->chosen
        && reason->seed == item->seed)
    {
        return;
    }

    reason->strategy = item->strategy;
    reason->alternative = item->alternative;
    reason->chosen = item->chosen;
    reason->seed = item->seed;

    p = recs_put_lit(reason->text, ",\"reason\":{\"code\":\"");
    p = recs_render_cause(item, p);

    if (item->seed == RECS_NO_ITEM) {
        p = recs_put_lit(p, "\"},\"product\":{");
        reason->len = p - reason->text;
        return;
    }

    recs_snapshot_fragment(view->base, item->seed, &seed, &ignored);

    p = recs_put_lit(p, "\",\"productId\":");
    p = recs_put(p, seed.data, recs_min(seed.len, RECS_SEED_SIZE));
    p = recs_put_lit(p, "},\"product\":{");

    reason->len = p - reason->text;
}


static uint8_t *
recs_render_cause(const recs_answer_item_t *item, uint8_t *p)
{
    const recs_str_t  *code, *text;

    code = recs_answer_reason(item);

    p = recs_put(p, code->data, code->len);
    p = recs_put_lit(p, "\",\"text\":\"");

    if (item->alternative) {
        return recs_put_lit(p, "In place of a product that is sold out");
    }

    if (item->chosen) {
        return recs_put_lit(p, "Chosen by the shop");
    }

    text = &recs_strategies[item->strategy].text;

    return recs_put(p, text->data, text->len);
}


const recs_str_t *
recs_answer_reason(const recs_answer_item_t *item)
{
    static const recs_str_t  alternative = recs_string("ALTERNATIVE_TO");
    static const recs_str_t  chosen = recs_string("CHOSEN");

    if (item->alternative) {
        return &alternative;
    }

    return item->chosen ? &chosen : &recs_strategies[item->strategy].reason;
}
