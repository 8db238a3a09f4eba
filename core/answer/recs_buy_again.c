/*
 * Copyright (C) recs authors
 *
 * BUY_AGAIN: the next basket that the builder made for the asker, without
 * what is in the cart already or was dismissed.
 */

#include "recs_generate.h"


#define RECS_BUY_AGAIN_GONE  (RECS_SEEN_CART | RECS_SEEN_DISMISSED)


void
recs_generate_buy_again(recs_answer_ctx_t *ctx)
{
    uint32_t                      i, n, count;
    const recs_format_seen_t     *seen;
    const recs_format_related_t  *row;

    seen = recs_answer_history(ctx, &count);
    row = recs_answer_personal(ctx, RECS_PERSONAL_BASKET, &n);

    recs_answer_begin(ctx, n);
    recs_answer_component(ctx, RECS_COMPONENT_BASKET);

    for (i = 0; i < n; i++) {
        recs_answer_score(ctx, row[i].item, row[i].weight, RECS_NO_ITEM);
    }

    for (i = 0; i < count; i++) {
        if (seen[i].flags & RECS_BUY_AGAIN_GONE) {
            recs_answer_drop(ctx, seen[i].item);
        }
    }

    recs_generate_accumulated(ctx, RECS_HALF_EVIDENCE);
}
