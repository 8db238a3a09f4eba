/*
 * Copyright (C) recs authors
 *
 * SOCIAL_PROOF: what is bought in a segment (recs_format.h says how segments
 * are numbered).
 */

#include "recs_generate.h"


static uint32_t recs_social_category(recs_answer_ctx_t *ctx);


void
recs_generate_social(recs_answer_ctx_t *ctx)
{
    uint32_t                   count, i, kind, scope, segment;
    const recs_snapshot_t     *s;
    const recs_format_seen_t  *seen;

    s = ctx->view->base;
    kind = RECS_SEGMENT_ALL;
    seen = recs_answer_history(ctx, &count);

    for (i = 0; i < count; i++) {
        if (seen[i].flags & RECS_HISTORY_BOUGHT) {
            recs_answer_hide(ctx, seen[i].item);
        }
    }

    if (ctx->segment < s->header.rows[RECS_DOMAIN_SEGMENTS]) {
        scope = ctx->segment / RECS_SEGMENT_KINDS;
        kind = ctx->segment % RECS_SEGMENT_KINDS;

    } else {
        scope = recs_social_category(ctx) + 1;
    }

    /* NONE + 1 is the whole shop; categories have at most 255 levels */

    for ( ;; ) {
        segment = scope * RECS_SEGMENT_KINDS;

        if ((kind != RECS_SEGMENT_ALL
             && recs_generate_scope(ctx, RECS_LIST_SEGMENT, segment + kind)
                == RECS_DONE)
            || recs_generate_scope(ctx, RECS_LIST_SEGMENT, segment)
               == RECS_DONE
            || scope == 0)
        {
            return;
        }

        scope = recs_column(s, RECS_COLUMN_CATEGORY_PARENT, uint32_t,
                            scope - 1) + 1;
    }
}


/* That asked for, else that of what was looked at last, else NONE. */

static uint32_t
recs_social_category(recs_answer_ctx_t *ctx)
{
    uint32_t                   count, i;
    recs_item_t                item;
    const recs_query_t        *q;
    const recs_format_seen_t  *seen;

    q = ctx->query;

    if (ctx->category != RECS_NONE) {
        return ctx->category;
    }

    for (i = q->session_count; i-- > 0; ) {
        item = recs_snapshot_item(ctx->view->base, q->session[i]);

        if (item != RECS_NO_ITEM) {
            return recs_column(ctx->view->base, RECS_COLUMN_CATEGORY,
                               uint32_t, item);
        }
    }

    seen = recs_answer_history(ctx, &count);

    return count ? recs_column(ctx->view->base, RECS_COLUMN_CATEGORY,
                               uint32_t, seen[0].item)
                 : RECS_NONE;
}

