/*
 * Copyright (C) recs authors
 *
 * CROSS_SELL and UP_SELL: what an item would earn for the shop, weighed with
 * how likely it is bought.
 */

#include <math.h>

#include "recs_generate.h"
#include "recs_live.h"


#define RECS_SELL_LEAVES      64     /* of the seeds */
#define RECS_SELL_PRICES      (2 * RECS_USER_ENTRIES + 1)
#define RECS_SELL_PERCENTILE  .9
#define RECS_SELL_HALF        .1f    /* a probability of which half is sure */


typedef struct {
    uint32_t  count;
    uint32_t  leaves[RECS_SELL_LEAVES];
} recs_sell_leaves_t;


static void recs_sell_leaf(recs_answer_ctx_t *ctx, recs_sell_leaves_t *l,
    recs_item_t item);
static unsigned recs_sell_other(const recs_answer_ctx_t *ctx,
    const recs_sell_leaves_t *l, recs_item_t item);
static void recs_sell_seed(recs_answer_ctx_t *ctx,
    const recs_sell_leaves_t *l, recs_item_t seed);
static void recs_sell_probabilities(recs_answer_ctx_t *ctx);
static int64_t recs_sell_margin(const recs_view_t *view, recs_item_t item);
static int64_t recs_sell_ceiling(recs_answer_ctx_t *ctx);
static void recs_sell_sort(int64_t *prices, uint32_t n, int64_t price);


void
recs_generate_cross_sell(recs_answer_ctx_t *ctx)
{
    uint32_t             i, n;
    recs_item_t          seeds[RECS_CART_MAX + 1];
    recs_sell_leaves_t   leaves;

    n = 0;
    leaves.count = 0;

    if (ctx->item != RECS_NO_ITEM) {
        seeds[n++] = ctx->item;
    }

    for (i = 0; i < ctx->query->cart_count; i++) {
        seeds[n] = recs_snapshot_item(ctx->view->base, ctx->query->cart[i]);
        n += seeds[n] != RECS_NO_ITEM && seeds[n] != ctx->item;
    }

    if (n == 0) {
        n = recs_live_cart(ctx, seeds, RECS_CART_MAX);
    }

    for (i = 0; i < n; i++) {
        recs_sell_leaf(ctx, &leaves, seeds[i]);
    }

    recs_answer_begin(ctx, RECS_CANDIDATES_MAX);

    for (i = 0; i < n; i++) {
        recs_sell_seed(ctx, &leaves, seeds[i]);
    }

    recs_sell_probabilities(ctx);
    recs_generate_margins(ctx, RECS_NO_ITEM);
    recs_generate_accumulated(ctx, RECS_SELL_HALF);
}


static void
recs_sell_leaf(recs_answer_ctx_t *ctx, recs_sell_leaves_t *l,
    recs_item_t item)
{
    uint32_t  category;

    category = recs_column(ctx->view->base, RECS_COLUMN_CATEGORY, uint32_t,
                           item);

    if (category != RECS_NONE && l->count < RECS_SELL_LEAVES) {
        l->leaves[l->count++] = category;
    }
}


/* Of what has no category nobody can say that it is of the same. */

static unsigned
recs_sell_other(const recs_answer_ctx_t *ctx, const recs_sell_leaves_t *l,
    recs_item_t item)
{
    uint32_t  category, i;

    category = recs_column(ctx->view->base, RECS_COLUMN_CATEGORY, uint32_t,
                           item);

    for (i = 0; i < l->count; i++) {
        if (l->leaves[i] == category) {
            return 0;
        }
    }

    return 1;
}


/*
 * Seeds are taken as independent: -ln(1 - p) adds up.  The score of an entry
 * is p / (1 + p).
 */

static void
recs_sell_seed(recs_answer_ctx_t *ctx, const recs_sell_leaves_t *l,
    recs_item_t seed)
{
    uint32_t                       i, n;
    const recs_format_together_t  *row;

    row = recs_list(ctx->view->base, RECS_LIST_TOGETHER, seed, &n);

    for (i = 0; i < n; i++) {
        if (recs_sell_other(ctx, l, row[i].item)) {
            recs_answer_score(ctx, row[i].item, -log1pf(-row[i].score), seed);
        }
    }
}


static void
recs_sell_probabilities(recs_answer_ctx_t *ctx)
{
    float            p, sum;
    uint32_t         i;
    recs_scratch_t  *scratch;

    scratch = ctx->scratch;

    for (i = 0; i < scratch->count; i++) {
        sum = scratch->table[scratch->used[i]].score;
        p = -expm1f(-sum);
        scratch->table[scratch->used[i]].score = p;
    }
}


void
recs_generate_margins(recs_answer_ctx_t *ctx, recs_item_t than)
{
    float            power;
    double           sum;
    int64_t          gain, least;
    uint32_t         i, known, slot;
    recs_scratch_t  *scratch;

    scratch = ctx->scratch;
    power = ctx->view->base->header.serving.margin;
    least = 0;

    if (than != RECS_NO_ITEM) {
        least = recs_sell_margin(ctx->view, than);
    }

    if (!(power > 0) || least == RECS_NO_MONEY) {
        return;
    }

    sum = 0;
    known = 0;

    for (i = 0; i < scratch->count; i++) {
        gain = recs_sell_margin(ctx->view,
                                scratch->table[scratch->used[i]].item);

        if (gain > least) {
            sum += (double) (gain - least);
            known++;
        }
    }

    for (i = 0; i < scratch->count; i++) {
        slot = scratch->used[i];
        gain = recs_sell_margin(ctx->view, scratch->table[slot].item);

        if (gain == RECS_NO_MONEY) {
            continue;
        }

        scratch->table[slot].score *= (gain > least)
                       ? powf((float) ((double) (gain - least) * known / sum),
                              power)
                       : 0;
    }
}


/* What a piece earns, NO_MONEY where price or cost are not known. */

static int64_t
recs_sell_margin(const recs_view_t *view, recs_item_t item)
{
    int64_t  cost, price;

    cost = recs_column(view->base, RECS_COLUMN_COST, int64_t, item);
    price = recs_view_column(view, RECS_COLUMN_PRICE, int64_t, item);

    if (cost == RECS_NO_MONEY || price == RECS_NO_MONEY) {
        return RECS_NO_MONEY;
    }

    return price - cost;
}


void
recs_generate_up_sell(recs_answer_ctx_t *ctx)
{
    int64_t                       ceiling;
    uint32_t                      i, n;
    const recs_format_related_t  *row;

    row = recs_list(ctx->view->base, RECS_LIST_UP_SELL, ctx->item, &n);

    if (n == 0) {
        return;
    }

    ceiling = recs_sell_ceiling(ctx);
    recs_answer_begin(ctx, n);

    for (i = 0; i < n; i++) {
        if (recs_view_column(ctx->view, RECS_COLUMN_PRICE, int64_t,
                             row[i].item)
            <= ceiling)
        {
            recs_answer_score(ctx, row[i].item, row[i].weight, ctx->item);
        }
    }

    recs_generate_margins(ctx, ctx->item);
    recs_generate_accumulated(ctx, RECS_SELL_HALF);
}


/*
 * Of the products of the leaf that the asker has bought or looked at, this
 * one among them; INT64_MAX where there are too few to tell.
 */

static int64_t
recs_sell_ceiling(recs_answer_ctx_t *ctx)
{
    int64_t                    price, prices[RECS_SELL_PRICES];
    uint32_t                   category, count, i, n;
    const recs_view_t         *view;
    const recs_format_seen_t  *seen;

    view = ctx->view;
    seen = recs_answer_history(ctx, &count);
    category = recs_column(view->base, RECS_COLUMN_CATEGORY, uint32_t,
                           ctx->item);
    n = 0;

    for (i = 0; i <= count; i++) {

        if (i < count
            && (seen[i].item == ctx->item
                || recs_column(view->base, RECS_COLUMN_CATEGORY, uint32_t,
                               seen[i].item)
                   != category))
        {
            continue;
        }

        price = recs_view_column(view, RECS_COLUMN_PRICE, int64_t,
                                 i < count ? seen[i].item : ctx->item);

        if (price != RECS_NO_MONEY) {
            recs_sell_sort(prices, n++, price);
        }
    }

    if (n < RECS_UP_SELL_PRICES) {
        return INT64_MAX;
    }

    return prices[(uint32_t) ((n - 1) * RECS_SELL_PERCENTILE)];
}


/* Into its place among n in ascending order. */

static void
recs_sell_sort(int64_t *prices, uint32_t n, int64_t price)
{
    while (n > 0 && prices[n - 1] > price) {
        prices[n] = prices[n - 1];
        n--;
    }

    prices[n] = price;
}
