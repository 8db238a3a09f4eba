/*
 * Copyright (C) recs authors
 *
 * PERSONALIZED: the operators of the snapshot applied to the asker's history,
 * so that an answer knows what the history knows and nobody waits for a
 * rebuild (algorithms.md 1.1.1); besides them lists made for the asker and,
 * for askers who are hard to tell apart, what everybody wants.
 */

#include "recs_generate.h"


#define RECS_PERSONALIZED_FAVOURITES  500      /* the most popular items */


static void recs_personalized_rows(recs_answer_ctx_t *ctx, recs_list_e list,
    recs_component_e which, float weight, unsigned flags);
static void recs_personalized_favourites(recs_answer_ctx_t *ctx);
static void recs_personalized_bought(recs_answer_ctx_t *ctx);
static uint32_t recs_personalized_most(recs_answer_ctx_t *ctx);


void
recs_generate_personalized(recs_answer_ctx_t *ctx)
{
    uint32_t                      n;
    const recs_format_related_t  *row;
    const recs_format_serving_t  *w;

    w = &ctx->view->base->header.serving;

    recs_answer_begin(ctx, recs_personalized_most(ctx));

    recs_personalized_rows(ctx, RECS_LIST_RELATED, RECS_COMPONENT_RELATED,
                           w->related, ~0u);
    recs_personalized_rows(ctx, RECS_LIST_NEXT, RECS_COMPONENT_NEXT, w->next,
                           ~0u);
    recs_personalized_rows(ctx, RECS_LIST_VIEW_BUY, RECS_COMPONENT_VIEW_BUY,
                           w->view_buy, RECS_SEEN_VIEWED);
    recs_personalized_rows(ctx, RECS_LIST_CART_BUY, RECS_COMPONENT_CART_BUY,
                           w->cart_buy, RECS_SEEN_CART);

    if (w->query_buy > 0 && ctx->query->search) {
        recs_answer_component(ctx, RECS_COMPONENT_QUERY_BUY);
        row = recs_answer_searched(ctx, &n);
        recs_answer_score_related(ctx, row, n, w->query_buy, RECS_NO_ITEM);
    }

    if (w->neighbours > 0) {
        recs_answer_component(ctx, RECS_COMPONENT_ALIKE);
        row = recs_answer_personal(ctx, RECS_PERSONAL_NEIGHBOURS, &n);
        recs_answer_score_related(ctx, row, n, w->neighbours, RECS_NO_ITEM);
    }

    if (w->basket > 0) {
        recs_answer_component(ctx, RECS_COMPONENT_BASKET);
        row = recs_answer_personal(ctx, RECS_PERSONAL_BASKET, &n);
        recs_answer_score_related(ctx, row, n, w->basket, RECS_NO_ITEM);
    }

    recs_personalized_favourites(ctx);
    recs_personalized_bought(ctx);

    recs_generate_accumulated(ctx, RECS_HALF_EVIDENCE);
}


static void
recs_personalized_rows(recs_answer_ctx_t *ctx, recs_list_e list,
    recs_component_e which, float weight, unsigned flags)
{
    float                         age;
    uint32_t                      i, n, count;
    const recs_format_seen_t     *seen;
    const recs_format_related_t  *row;

    if (!(weight > 0)) {
        return;
    }

    recs_answer_component(ctx, which);
    seen = recs_answer_history(ctx, &count);
    age = 1;

    for (i = 0; i < count; i++) {

        if ((seen[i].flags & flags) && !(seen[i].flags & RECS_SEEN_DISMISSED))
        {
            row = recs_list(ctx->view->base, list, seen[i].item, &n);
            recs_answer_score_related(ctx, row, n,
                                      weight * age * seen[i].weight,
                                      seen[i].item);
        }

        age *= ctx->view->base->header.serving.history_decay;
    }
}


/*
 * Items are numbered by popularity.  Nothing for an asker of whom nothing is
 * known: the fallback says the same, and says that it does.
 */

static void
recs_personalized_favourites(recs_answer_ctx_t *ctx)
{
    float                   max, popularity, weight;
    uint32_t                i, n;
    const recs_snapshot_t  *s;

    s = ctx->view->base;
    weight = s->header.serving.favourites;

    if (!(weight > 0) || ctx->scratch->count == 0) {
        return;
    }

    /* for a forest they are nobody's: popularity is a feature itself */

    recs_answer_component(ctx, RECS_COMPONENT_OWN);

    max = recs_column(s, RECS_COLUMN_POPULARITY, float, 0);
    n = recs_min(s->header.rows[RECS_DOMAIN_ITEMS],
                 RECS_PERSONALIZED_FAVOURITES);

    for (i = 0; i < n; i++) {
        popularity = recs_column(s, RECS_COLUMN_POPULARITY, float, i);

        if (popularity > 0) {
            recs_answer_score(ctx, i, weight * popularity / max,
                              RECS_NO_ITEM);
        }
    }
}


static void
recs_personalized_bought(recs_answer_ctx_t *ctx)
{
    float                      factor;
    uint32_t                   i, count;
    const recs_format_seen_t  *seen;

    seen = recs_answer_history(ctx, &count);
    factor = ctx->view->base->header.serving.bought;

    for (i = 0; i < count; i++) {

        if (seen[i].flags & RECS_HISTORY_BOUGHT & ~RECS_SEEN_PURCHASED) {
            recs_answer_drop(ctx, seen[i].item);

        } else if (seen[i].flags & RECS_SEEN_PURCHASED) {

            if (factor > 0) {
                recs_answer_scale(ctx, seen[i].item, factor);

            } else {
                recs_answer_drop(ctx, seen[i].item);
            }
        }
    }
}


/* A bound of the candidates, for the size of the table. */

static uint32_t
recs_personalized_most(recs_answer_ctx_t *ctx)
{
    uint32_t                   i, n, count, most;
    const recs_format_seen_t  *seen;

    seen = recs_answer_history(ctx, &count);
    most = 3 * RECS_PERSONAL_ENTRIES + RECS_PERSONALIZED_FAVOURITES;

    for (i = 0; i < count && most < RECS_CANDIDATES_MAX; i++) {
        (void) recs_list(ctx->view->base, RECS_LIST_RELATED, seen[i].item,
                         &n);
        most += n;
        (void) recs_list(ctx->view->base, RECS_LIST_NEXT, seen[i].item, &n);
        most += n;
        (void) recs_list(ctx->view->base, RECS_LIST_VIEW_BUY, seen[i].item,
                         &n);
        most += n;
        (void) recs_list(ctx->view->base, RECS_LIST_CART_BUY, seen[i].item,
                         &n);
        most += n;
    }

    return most;
}
