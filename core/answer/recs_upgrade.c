/*
 * Copyright (C) recs authors
 */

#include "recs_generate.h"
#include "recs_upgrade.h"


#define RECS_UPGRADE_DAY       86400
#define RECS_UPGRADE_FAMILIES  32    /* whose steps are told apart */


/* The highest step that somebody has in a family of products: a leaf. */

typedef struct {
    uint32_t  category;
    uint8_t   tier;
} recs_upgrade_family_t;

typedef struct {
    float                  season;
    float                  confidence;
    uint32_t               count;
    recs_upgrade_family_t  families[RECS_UPGRADE_FAMILIES];
} recs_upgrade_t;


static void recs_upgrade_owned(recs_answer_ctx_t *ctx, recs_upgrade_t *u,
    const recs_format_seen_t *seen, uint32_t count);
static uint32_t recs_upgrade_find(const recs_upgrade_t *u,
    const recs_snapshot_t *s, recs_item_t item);
static void recs_upgrade_family(recs_answer_ctx_t *ctx, recs_upgrade_t *u,
    recs_item_t item);
static unsigned recs_upgrade_above(const recs_answer_ctx_t *ctx,
    const recs_upgrade_t *u, recs_item_t item);
static void recs_upgrade_step(recs_answer_ctx_t *ctx, recs_upgrade_t *u,
    recs_item_t item, const recs_format_seen_t *seen);
static float recs_upgrade_due(const recs_answer_ctx_t *ctx,
    const recs_format_seen_t *seen, float days);
static void recs_upgrade_ladder(recs_answer_ctx_t *ctx,
    const recs_upgrade_t *u);
static void recs_upgrade_list(recs_answer_ctx_t *ctx,
    const recs_upgrade_t *u);
static float recs_upgrade_evidence(const recs_answer_ctx_t *ctx,
    recs_item_t seed, recs_item_t item);


float
recs_upgrade_affinity(unsigned tier)
{
    static const float  affinities[] = { 0, 40, 25, 15, 5 };

    return affinities[recs_min(tier, RECS_UPGRADE_TIERS)];
}


float
recs_upgrade_season(int64_t ms)
{
    uint32_t  month;

    month = recs_month(ms);

    return (month >= 9) ? 1.3f : (month <= 1) ? 1.2f : 1;
}


void
recs_generate_upgrade(recs_answer_ctx_t *ctx)
{
    unsigned                   owned;
    uint32_t                   count, i;
    recs_upgrade_t             u;
    const recs_format_seen_t  *seen;

    seen = recs_answer_history(ctx, &count);
    recs_upgrade_owned(ctx, &u, seen, count);

    recs_answer_begin(ctx, RECS_CANDIDATES_MAX);
    owned = 0;

    for (i = 0; i < count; i++) {

        if ((seen[i].flags & RECS_SEEN_PURCHASED)
            && (ctx->item == RECS_NO_ITEM || ctx->item == seen[i].item))
        {
            recs_upgrade_step(ctx, &u, seen[i].item, &seen[i]);
            owned = 1;
        }
    }

    if (ctx->item != RECS_NO_ITEM) {
        if (!owned) {
            recs_upgrade_step(ctx, &u, ctx->item, NULL);
        }

    } else if (ctx->scratch->count == 0) {

        /* from what was looked at; who has bought nothing, from below */

        for (i = 0; i < count; i++) {
            recs_upgrade_step(ctx, &u, seen[i].item, NULL);
        }

        if (ctx->scratch->count == 0 && !owned) {
            recs_upgrade_ladder(ctx, &u);
        }
    }

    for (i = 0; i < count; i++) {
        if (seen[i].flags & RECS_HISTORY_BOUGHT) {
            recs_answer_drop(ctx, seen[i].item);
        }
    }

    recs_upgrade_list(ctx, &u);
}


/* What is known of the customer. */

static void
recs_upgrade_owned(recs_answer_ctx_t *ctx, recs_upgrade_t *u,
    const recs_format_seen_t *seen, uint32_t count)
{
    uint32_t  i, bought;

    u->count = 0;
    u->season = recs_upgrade_season(ctx->query->now_ms);
    bought = 0;

    for (i = 0; i < count; i++) {
        if (seen[i].flags & RECS_SEEN_PURCHASED) {
            recs_upgrade_family(ctx, u, seen[i].item);
            bought++;
        }
    }

    if (ctx->user_flags & RECS_USER_VALUABLE) {
        u->confidence = RECS_UPGRADE_VALUABLE;

    } else {
        u->confidence = bought ? RECS_UPGRADE_REPEAT : RECS_UPGRADE_NEW;
    }
}


/* The family's place among those known, the count where it is not. */

static uint32_t
recs_upgrade_find(const recs_upgrade_t *u, const recs_snapshot_t *s,
    recs_item_t item)
{
    uint32_t  category, i;

    category = recs_column(s, RECS_COLUMN_CATEGORY, uint32_t, item);

    for (i = 0; i < u->count && u->families[i].category != category; i++) {
        /* void */
    }

    return i;
}


static void
recs_upgrade_family(recs_answer_ctx_t *ctx, recs_upgrade_t *u,
    recs_item_t item)
{
    uint8_t                 tier;
    uint32_t                i;
    const recs_snapshot_t  *s;

    s = ctx->view->base;
    tier = recs_column(s, RECS_COLUMN_TIER, uint8_t, item);
    i = recs_upgrade_find(u, s, item);

    if (tier == 0 || i == RECS_UPGRADE_FAMILIES) {
        return;
    }

    if (i == u->count) {
        u->families[i].category = recs_column(s, RECS_COLUMN_CATEGORY,
                                              uint32_t, item);
        u->families[i].tier = 0;
        u->count++;
    }

    u->families[i].tier = recs_max(u->families[i].tier, tier);
}


/* Who has the third step is not told of the second. */

static unsigned
recs_upgrade_above(const recs_answer_ctx_t *ctx, const recs_upgrade_t *u,
    recs_item_t item)
{
    uint8_t   tier;
    uint32_t  i;

    tier = recs_column(ctx->view->base, RECS_COLUMN_TIER, uint8_t, item);
    i = recs_upgrade_find(u, ctx->view->base, item);

    return tier == 0 || i == u->count || tier > u->families[i].tier;
}


/* Of several ways to an item the best one counts, they do not add up. */

static void
recs_upgrade_step(recs_answer_ctx_t *ctx, recs_upgrade_t *u,
    recs_item_t item, const recs_format_seen_t *seen)
{
    float                         affinity;
    uint32_t                      i, n, slot;
    recs_scratch_t               *scratch;
    const recs_format_upgrade_t  *row;

    scratch = ctx->scratch;
    row = recs_list(ctx->view->base, RECS_LIST_UPGRADE, item, &n);

    for (i = 0; i < n; i++) {

        if (!recs_upgrade_above(ctx, u, row[i].item)) {
            continue;
        }

        affinity = row[i].affinity * u->season;

        if (seen && (seen->flags & RECS_SEEN_PURCHASED)) {
            affinity *= RECS_UPGRADE_OWNED
                        * recs_upgrade_due(ctx, seen, row[i].days);
        }

        affinity = recs_min(affinity, RECS_UPGRADE_CAP);
        slot = recs_answer_slot(scratch, row[i].item);

        if (scratch->table[slot].turn == scratch->table_turn) {
            affinity -= scratch->table[slot].score;
        }

        if (affinity > 0) {
            recs_answer_score(ctx, row[i].item, affinity, item);
            slot = recs_answer_slot(scratch, row[i].item);
            scratch->table[slot].seed = item;
        }
    }
}


static float
recs_upgrade_due(const recs_answer_ctx_t *ctx, const recs_format_seen_t *seen,
    float days)
{
    float  since;

    if (!(days > 0)) {
        return 1;
    }

    since = (float) (ctx->query->now_ms / 1000 - seen->last)
            / RECS_UPGRADE_DAY;
    since = recs_max(since, 0);

    return .5f + .5f * recs_min(since / days, 1);
}


static void
recs_upgrade_ladder(recs_answer_ctx_t *ctx, const recs_upgrade_t *u)
{
    uint8_t                 tier;
    uint32_t                i, n;
    const recs_snapshot_t  *s;

    s = ctx->view->base;
    n = recs_min(s->header.rows[RECS_DOMAIN_ITEMS], RECS_UPGRADE_ROWS);

    for (i = 0; i < n; i++) {
        tier = recs_column(s, RECS_COLUMN_TIER, uint8_t, i);

        if (tier) {
            recs_answer_score(ctx, i,
                              recs_min(recs_upgrade_affinity(tier)
                                       * u->season, RECS_UPGRADE_CAP),
                              RECS_NO_ITEM);
        }
    }
}


/* Scores are hundredths of the affinity itself, not shares of the best. */

static void
recs_upgrade_list(recs_answer_ctx_t *ctx, const recs_upgrade_t *u)
{
    uint32_t             i, n;
    recs_answer_item_t  *ranked;

    n = recs_answer_rank(ctx, RECS_RANKED_MAX, 1);
    ranked = ctx->scratch->ranked;

    for (i = 0; i < n; i++) {
        if (recs_answer_add(ctx, ranked[i].item, ranked[i].score / 100,
                            u->confidence
                            * recs_upgrade_evidence(ctx, ranked[i].seed,
                                                    ranked[i].item),
                            ranked[i].seed)
            == RECS_DONE)
        {
            return;
        }
    }
}


static float
recs_upgrade_evidence(const recs_answer_ctx_t *ctx, recs_item_t seed,
    recs_item_t item)
{
    uint32_t                      i, n;
    const recs_format_upgrade_t  *row;

    row = recs_list(ctx->view->base, RECS_LIST_UPGRADE, seed, &n);

    for (i = 0; i < n; i++) {
        if (row[i].item == item) {
            return row[i].confidence;
        }
    }

    return 1;
}


uint8_t *
recs_upgrade_put(uint8_t *p, int64_t price, uint32_t score,
    uint32_t confidence)
{
    p = recs_put_lit(p, ",\"affinity\":");
    p = recs_put_micro(p, (int64_t) score * RECS_CENT);

    if (price != RECS_NO_MONEY) {
        p = recs_put_lit(p, ",\"estimatedConversionValue\":");
        p = recs_put_micro(p, price / RECS_CENT * score / RECS_SHARE
                              * confidence / RECS_SHARE * RECS_CENT);
    }

    return p;
}
