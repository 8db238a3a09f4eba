/*
 * Copyright (C) recs authors
 */

#include <math.h>

#include "recs_feature.h"
#include "recs_generate.h"
#include "recs_live.h"


static int recs_generate_best(recs_answer_ctx_t *ctx, float half,
    unsigned possible);
static void recs_generate_forest(recs_answer_ctx_t *ctx, float half);
static float recs_generate_factors(const recs_format_similar_t *row,
    const float *weights);
static void recs_generate_similar_weighted(recs_answer_ctx_t *ctx,
    const recs_format_similar_t *row, uint32_t n);
static void recs_generate_cart(recs_answer_ctx_t *ctx);
static float recs_generate_activation(const recs_format_seen_t *seen,
    int64_t now);
static int recs_generate_postings(recs_answer_ctx_t *ctx, uint32_t category);


void
recs_generate_accumulated(recs_answer_ctx_t *ctx, float half)
{
    if (ctx->parted) {
        recs_generate_forest(ctx, half);
        return;
    }

    /*
     * most of the best may be listed: they are asked one by one, and all
     * candidates only where those were not enough
     */

    if (ctx->gather
        || (recs_generate_best(ctx, half, 0) != RECS_DONE
            && ctx->scratch->key_more))
    {
        (void) recs_generate_best(ctx, half, 1);
    }
}


static int
recs_generate_best(recs_answer_ctx_t *ctx, float half, unsigned possible)
{
    float                best, score;
    uint32_t             i, n, ready;
    recs_answer_item_t  *ranked;

    ready = ctx->gather ? RECS_RANKED_MAX
                        : ctx->skip + ctx->query->limit + RECS_RANK_FIRST;

    n = recs_answer_rank(ctx, ready, possible);
    ranked = ctx->scratch->ranked;
    best = 0;

    for (i = 0; i < n; i++) {

        if (i == ready) {
            ready = recs_min(ready + RECS_RANK_FIRST * 2, n);
            recs_answer_rank_next(ctx, i, ready);
        }

        score = ranked[i].score;

        if (best == 0) {

            if (!possible && !recs_answer_possible(ctx, ranked[i].item)) {
                continue;
            }

            best = score;
        }

        if (recs_answer_add(ctx, ranked[i].item, score / best,
                            score / (score + half), ranked[i].seed)
            == RECS_DONE)
        {
            return RECS_DONE;
        }
    }

    return RECS_OK;
}


/* The same where a forest ranks anew, or features are wanted. */

static void
recs_generate_forest(recs_answer_ctx_t *ctx, float half)
{
    float                best;
    uint32_t             i, n;
    recs_answer_item_t  *ranked;

    n = recs_answer_rank(ctx, RECS_RANKED_MAX, 1);
    ranked = ctx->scratch->ranked;
    best = n ? ranked[0].score : 0;

    for (i = 0; i < n; i++) {
        ranked[i].confidence = ranked[i].score / (ranked[i].score + half);
        ranked[i].score /= best;
    }

    recs_feature_rank(ctx, n);

    for (i = 0; i < n && !ctx->collect; i++) {
        if (recs_answer_add(ctx, ranked[i].item, ranked[i].score,
                            ranked[i].confidence, ranked[i].seed)
            == RECS_DONE)
        {
            return;
        }
    }
}


void
recs_generate_similar(recs_answer_ctx_t *ctx)
{
    uint32_t                      i, n;
    const float                  *share;
    const recs_format_similar_t  *row;

    row = recs_list(ctx->view->base, RECS_LIST_SIMILAR, ctx->item, &n);

    if (ctx->query->weighted) {
        recs_generate_similar_weighted(ctx, row, n);
        return;
    }

    /* the stored order and score are those of the snapshot's own weights */

    share = ctx->view->base->share;

    for (i = 0; i < n; i++) {
        if (recs_answer_add(ctx, row[i].item, row[i].score * (1 / 65535.f),
                            share[row[i].observed & 0x1f], ctx->item)
            == RECS_DONE)
        {
            return;
        }
    }
}


static void
recs_generate_similar_weighted(recs_answer_ctx_t *ctx,
    const recs_format_similar_t *row, uint32_t n)
{
    float                share[1 << RECS_FORMAT_FACTORS];
    uint32_t             i;
    const float         *weights;
    recs_answer_item_t  *ranked;

    weights = ctx->query->weights;
    recs_snapshot_share(weights, share);

    recs_answer_begin(ctx, n);

    for (i = 0; i < n; i++) {
        recs_answer_score(ctx, row[i].item,
                          recs_generate_factors(&row[i], weights), i);
    }

    n = recs_answer_rank(ctx, RECS_RANKED_MAX, 1);
    ranked = ctx->scratch->ranked;

    for (i = 0; i < n; i++) {
        if (recs_answer_add(ctx, ranked[i].item, ranked[i].score,
                            share[row[ranked[i].seed].observed & 0x1f],
                            ctx->item)
            == RECS_DONE)
        {
            return;
        }
    }
}


/*
 * The weighted mean of the factors that are observable for both products;
 * the confidence is the share of the weights that they have.
 */

static float
recs_generate_factors(const recs_format_similar_t *row, const float *weights)
{
    float     sum, observed;
    unsigned  f;

    sum = 0;
    observed = 0;

    for (f = 0; f < RECS_FORMAT_FACTORS; f++) {
        if (row->observed & (1 << f)) {
            observed += weights[f];
            sum += weights[f] * row->factors[f];
        }
    }

    return (observed > 0) ? sum / (observed * 255) : 0;
}


void
recs_generate_together(recs_answer_ctx_t *ctx)
{
    uint32_t                       i, n;
    const recs_format_together_t  *row;

    if (ctx->item == RECS_NO_ITEM) {
        recs_generate_cart(ctx);
        return;
    }

    row = recs_list(ctx->view->base, RECS_LIST_TOGETHER, ctx->item, &n);

    for (i = 0; i < n; i++) {
        if (recs_answer_add(ctx, row[i].item, row[i].score, row[i].confidence,
                            ctx->item)
            == RECS_DONE)
        {
            return;
        }
    }
}


static void
recs_generate_cart(recs_answer_ctx_t *ctx)
{
    uint32_t                       i, j, n, count;
    recs_item_t                    items[RECS_CART_MAX];
    const recs_format_together_t  *row;

    count = ctx->query->cart_count;

    for (i = 0; i < count; i++) {
        items[i] = recs_snapshot_item(ctx->view->base, ctx->query->cart[i]);
    }

    if (count == 0) {
        count = recs_live_cart(ctx, items, RECS_CART_MAX);
    }

    recs_answer_begin(ctx, RECS_CANDIDATES_MAX);

    for (i = 0; i < count; i++) {
        row = recs_list(ctx->view->base, RECS_LIST_TOGETHER, items[i], &n);

        for (j = 0; j < n; j++) {
            recs_answer_score(ctx, row[j].item, row[j].score, items[i]);
        }
    }

    recs_generate_accumulated(ctx, RECS_HALF_EVIDENCE);
}


void
recs_generate_ranked(recs_answer_ctx_t *ctx)
{
    recs_list_e  list;

    list = recs_strategies[ctx->strategy].list;

    if (ctx->query->category == 0) {

        /* what the region wants first, then what the whole shop does */

        if (list == RECS_LIST_TRENDING && ctx->query->region
            && recs_generate_scope(ctx, RECS_LIST_REGION_TRENDING,
                                   recs_view_region(ctx->view,
                                                    ctx->query->region))
               == RECS_DONE)
        {
            return;
        }

        (void) recs_generate_scope(ctx, list, 0);
        return;
    }

    if (ctx->category != RECS_NONE
        && recs_generate_scope(ctx, list, 1 + ctx->category) == RECS_DONE)
    {
        return;
    }

    /* the strategy asked for stays in the category, those behind it may not */

    if (ctx->strategy != ctx->query->strategy) {
        (void) recs_generate_scope(ctx, list, 0);
    }
}


void
recs_generate_seasonal(recs_answer_ctx_t *ctx)
{
    (void) recs_generate_scope(ctx, recs_strategies[ctx->strategy].list,
                               recs_week(ctx->query->now_ms));
}


int
recs_generate_scope(recs_answer_ctx_t *ctx, recs_list_e list, uint32_t scope)
{
    uint32_t                     i, n;
    const recs_format_ranked_t  *row;

    row = recs_view_ranked(ctx->view, list, scope, &n);

    for (i = 0; i < n; i++) {
        if (recs_answer_add(ctx, row[i].item, row[i].score, row[i].confidence,
                            RECS_NO_ITEM)
            == RECS_DONE)
        {
            return RECS_DONE;
        }
    }

    return RECS_OK;
}


void
recs_generate_recent(recs_answer_ctx_t *ctx)
{
    int64_t                    now;
    uint32_t                   i, count;
    const recs_format_seen_t  *seen;

    seen = recs_answer_history(ctx, &count);
    now = ctx->query->now_ms / 1000;

    recs_answer_begin(ctx, count);

    for (i = 0; i < count; i++) {
        if ((seen[i].flags & RECS_SEEN_VIEWED)
            && !(seen[i].flags & RECS_HISTORY_BOUGHT))
        {
            recs_answer_score(ctx, seen[i].item,
                              recs_generate_activation(&seen[i], now),
                              RECS_NO_ITEM);
        }
    }

    recs_generate_accumulated(ctx, 0);
}


static float
recs_generate_activation(const recs_format_seen_t *seen, int64_t now)
{
    float  last, life, activation;

    last = (float) recs_max(now - seen->last, 0) + 1;
    life = (float) recs_max(now - seen->first, 0) + 1;

    activation = 1 / sqrtf(last);

    if (seen->views > 1) {

        /* the views between: the mean of t^-.5 from "last" to "life" */

        activation += (seen->views - 1) * 2 / (sqrtf(life) + sqrtf(last));
    }

    return activation;
}


void
recs_generate_catalogue(recs_answer_ctx_t *ctx)
{
    /* the row of a category holds its whole subtree */

    if (ctx->category != RECS_NONE
        && recs_generate_postings(ctx, ctx->category) == RECS_DONE)
    {
        return;
    }

    (void) recs_generate_postings(ctx, RECS_NONE);
}


static int
recs_generate_postings(recs_answer_ctx_t *ctx, uint32_t category)
{
    recs_item_t      item;
    recs_postings_t  p;

    recs_match_within(&ctx->match, ctx->view, category);
    recs_postings_init(&p, ctx->view, &ctx->match, category);

    while ((item = recs_postings_next(&p)) != RECS_NO_ITEM) {
        if (recs_answer_add(ctx, item, 0, 0, RECS_NO_ITEM) == RECS_DONE) {
            return RECS_DONE;
        }
    }

    return RECS_OK;
}
