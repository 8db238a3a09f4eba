/*
 * Copyright (C) recs authors
 *
 * COMPLEMENTARY: what is bought later by who has bought something.
 */

#include <math.h>

#include "recs_generate.h"


#define RECS_LATER_SEEDS  64         /* latest purchases */
#define RECS_LATER_DAYS   90.0f      /* half-life of a purchase */
#define RECS_LATER_DAY    86400.0f
#define RECS_LATER_HALF   .1f        /* a share of which half is sure */


static void recs_later_seed(recs_answer_ctx_t *ctx, recs_item_t seed,
    float weight);
static void recs_later_bought(recs_answer_ctx_t *ctx,
    const recs_format_seen_t *seen, uint32_t count);


void
recs_generate_complementary(recs_answer_ctx_t *ctx)
{
    uint32_t                   count, i;
    const recs_query_t        *q;
    const recs_format_seen_t  *seen;

    q = ctx->query;
    seen = recs_answer_history(ctx, &count);

    recs_answer_begin(ctx, RECS_CANDIDATES_MAX);

    if (ctx->item != RECS_NO_ITEM) {
        recs_later_seed(ctx, ctx->item, 1);

    } else if (q->cart_count) {
        for (i = 0; i < q->cart_count; i++) {
            recs_later_seed(ctx, recs_snapshot_item(ctx->view->base,
                                                    q->cart[i]), 1);
        }

    } else {
        recs_later_bought(ctx, seen, count);
    }

    for (i = 0; i < count; i++) {
        if (seen[i].flags & RECS_HISTORY_BOUGHT) {
            recs_answer_drop(ctx, seen[i].item);
        }
    }

    recs_generate_accumulated(ctx, RECS_LATER_HALF);
}


static void
recs_later_seed(recs_answer_ctx_t *ctx, recs_item_t seed, float weight)
{
    uint32_t                      i, n;
    const recs_format_related_t  *row;

    row = recs_list(ctx->view->base, RECS_LIST_COMPLEMENTARY, seed, &n);

    for (i = 0; i < n; i++) {
        recs_answer_score(ctx, row[i].item, weight * row[i].weight, seed);
    }
}


static void
recs_later_bought(recs_answer_ctx_t *ctx, const recs_format_seen_t *seen,
    uint32_t count)
{
    float     days;
    uint32_t  i, n;

    for (i = 0, n = 0; i < count && n < RECS_LATER_SEEDS; i++) {

        if (seen[i].flags & RECS_SEEN_PURCHASED) {
            days = (float) (ctx->query->now_ms / 1000 - seen[i].last)
                   / RECS_LATER_DAY;

            recs_later_seed(ctx, seen[i].item,
                            exp2f(-recs_max(days, 0) / RECS_LATER_DAYS));
            n++;
        }
    }
}
