/*
 * Copyright (C) recs authors
 *
 * What the sessions alike hold: their likeness, spread over their items.
 */

#include <math.h>
#include <string.h>

#include "recs_session.h"


typedef struct {
    float     match[RECS_SESSION_MAX];   /* by the place in common */
    float     power;
    unsigned  places;                    /* they matter */
    float     fall;                      /* a place behind the match */
    float     rise;                      /* a place before it */
    float     before;                    /* the first of those */
} recs_near_spread_t;


static void recs_near_spread(recs_near_spread_t *spread,
    recs_answer_ctx_t *ctx, const recs_live_t *live);
static void recs_near_items(recs_answer_ctx_t *ctx,
    const recs_near_spread_t *spread, const uint32_t *items, uint32_t n,
    float weight, recs_item_t seed);


void
recs_neighbours_score(recs_answer_ctx_t *ctx, const recs_live_t *live,
    uint32_t n, uint32_t more)
{
    float                   weight;
    uint32_t                i, count, bits, place, session, most, rest;
    uint64_t               *keys;
    const uint32_t         *items;
    recs_near_spread_t      spread;
    const recs_snapshot_t  *s;

    s = ctx->view->base;
    keys = ctx->scratch->keys;
    most = more;
    rest = RECS_ROWS_MAX;

    /* the rows are all over the map: they come into the cache side by side */

    for (i = 0; i < n; i++) {
        recs_list_prefetch(s, RECS_LIST_SESSION_ITEMS, (uint32_t) keys[i]);
    }

    for (i = 0; i < n && most < RECS_CANDIDATES_MAX; i++) {
        items = recs_list(s, RECS_LIST_SESSION_ITEMS, (uint32_t) keys[i],
                          &count);
        __builtin_prefetch(items);
        most += count;
    }

    recs_answer_begin(ctx, most);
    recs_near_spread(&spread, ctx, live);

    for (i = 0; i < n && rest > 0; i++) {
        session = (uint32_t) keys[i];
        bits = (uint32_t) (keys[i] >> 32);
        memcpy(&weight, &bits, sizeof(weight));

        place = ctx->scratch->near[recs_near_slot(ctx->scratch, session)]
                .place;

        if (spread.power == 2) {
            weight *= weight;

        } else if (spread.power != 1) {
            weight = powf(weight, spread.power);
        }

        items = recs_list(s, RECS_LIST_SESSION_ITEMS, session, &count);
        count = recs_min(count, rest);
        rest -= count;

        recs_near_items(ctx, &spread, items, count,
                        weight * spread.match[place], live->items[place]);
    }
}


/* What is the same for all neighbours. */

static void
recs_near_spread(recs_near_spread_t *spread, recs_answer_ctx_t *ctx,
    const recs_live_t *live)
{
    uint32_t                      place;
    const recs_format_serving_t  *w;

    w = &ctx->view->base->header.serving;

    for (place = 0; place < live->count; place++) {
        spread->match[place] = recs_session_weight(w->match, w->match_scale,
                                                   live->ages[place], live);

        if (place > 0) {
            spread->match[place] *= w->without;
        }
    }

    spread->power = w->power;
    spread->places = w->distance_scale > 0 || w->before_scale > 0
                     || w->before != 1;
    spread->fall = (w->distance_scale > 0) ? expf(-1 / w->distance_scale) : 1;
    spread->rise = (w->before_scale > 0) ? expf(-1 / w->before_scale) : 1;
    spread->before = w->before * spread->rise;
}


/*
 * The items of a neighbour, by their places from the match: the latest click
 * on the latest item in common.
 */

static void
recs_near_items(recs_answer_ctx_t *ctx, const recs_near_spread_t *spread,
    const uint32_t *items, uint32_t n, float weight, recs_item_t seed)
{
    uint32_t  at;

    if (!spread->places) {
        recs_answer_score_row(ctx, items, n, weight, seed);
        return;
    }

    for (at = n; at > 0 && items[at - 1] != seed; at--) {
        /* void */
    }

    if (at == 0) {
        return;
    }

    at--;

    recs_answer_score_away(ctx, items + at, n - at, 1, weight, spread->fall,
                           seed);

    if (at > 0) {
        recs_answer_score_away(ctx, items + at - 1, at, -1,
                               weight * spread->before, spread->rise, seed);
    }
}
