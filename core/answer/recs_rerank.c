/*
 * Copyright (C) recs authors
 *
 * The second ranking, by a forest.
 */

#include <math.h>
#include <string.h>

#include "../recs_u64.h"
#include "recs_feature.h"


static void recs_rerank_order(recs_scratch_t *scratch, uint32_t n);


void
recs_feature_rank(recs_answer_ctx_t *ctx, uint32_t n)
{
    uint32_t              m;
    recs_scratch_t       *scratch;
    const recs_forest_t  *forest;

    scratch = ctx->scratch;
    forest = ctx->view->base->forests[ctx->strategy];

    m = (forest && !ctx->collect) ? forest->candidates
                                  : RECS_FOREST_CANDIDATES;
    m = recs_min(n, m);

    recs_feature_fill(ctx, m);
    ctx->collected = m;

    if (ctx->collect || m == 0) {
        return;
    }

    recs_forest_score(forest, scratch->features, RECS_FOREST_ROWS, m,
                      scratch->scores);
    recs_rerank_order(scratch, m);

    for ( /* void */ ; m < n; m++) {
        scratch->ranked[m].score *= scratch->ranked[ctx->collected - 1].score;
    }
}


static void
recs_rerank_order(recs_scratch_t *scratch, uint32_t n)
{
    float     best;
    uint32_t  k, place;

    for (k = 0; k < n; k++) {
        scratch->order[k] = recs_feature_key(scratch->scores[k], k);
    }

    recs_u64_sort(scratch->order, n);

    best = scratch->scores[(uint32_t) scratch->order[0]];

    for (k = 0; k < n; k++) {
        place = (uint32_t) scratch->order[k];
        scratch->again[k] = scratch->ranked[place];
        scratch->again[k].score = expf(scratch->scores[place] - best);
    }

    memcpy(scratch->ranked, scratch->again, n * sizeof(recs_answer_item_t));
}


uint64_t
recs_feature_key(float score, uint32_t place)
{
    uint32_t  bits;

    memcpy(&bits, &score, sizeof(bits));

    /* the bits of a float in the order of its values, the other way round */

    bits = (bits & 0x80000000u) ? bits : ~bits & 0x7fffffffu;

    return (uint64_t) bits << 32 | place;
}


uint32_t
recs_feature_collect(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, recs_answer_t *answer)
{
    recs_answer_ctx_t  ctx;

    memset(answer, 0, offsetof(recs_answer_t, items));

    recs_answer_init(&ctx, view, query, scratch, answer);
    ctx.collect = 1;
    ctx.parted = 1;
    ctx.strategy = (uint8_t) query->strategy;

    recs_strategies[query->strategy].generate(&ctx);

    return ctx.collected;
}
