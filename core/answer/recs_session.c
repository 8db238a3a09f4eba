/*
 * Copyright (C) recs authors
 *
 * SESSION: what is looked at next, from the rows of the session's items and
 * from sessions like it (recs_session.h).
 *
 *   score = (rows x (R / max R)^rows_power + walks x (W / max W)^rows_power
 *            + (1 - rows - walks) x N / max N)
 *           x current, of the last item itself
 *           + reminder x e^(-age / reminder_scale), of the others
 *           + popularity x P / max P
 *
 * R and W are the sums of e^(-age / decay) x row over the session, N is the
 * score by neighbours.
 */

#include <math.h>
#include <string.h>

#include "recs_generate.h"
#include "recs_session.h"


#define RECS_SESSION_LEAST  1e-3f    /* weight of a row that is not read, and
                                        of an entry, as a share of the first
                                        one of the newest row */


static void recs_session_clicks(recs_answer_ctx_t *ctx, recs_live_t *live,
    const uint64_t *keys, uint32_t n);
static uint32_t recs_session_rows(recs_answer_ctx_t *ctx,
    const recs_live_t *live, recs_list_e list, float share, float decay,
    uint32_t n);
static void recs_session_all(recs_answer_ctx_t *ctx,
    const recs_live_t *live, const recs_format_serving_t *w);
static void recs_session_rows_alone(recs_answer_ctx_t *ctx,
    const recs_live_t *live, const recs_format_serving_t *w);
static void recs_session_add(recs_answer_ctx_t *ctx, const recs_live_t *live,
    recs_list_e list, float decay, uint32_t more);
static uint32_t recs_session_cut(const recs_format_related_t *row,
    uint32_t n, float least);
static void recs_session_kept(recs_answer_ctx_t *ctx, uint32_t from,
    uint32_t to);
static void recs_session_scale(recs_answer_ctx_t *ctx, float share,
    float power);
static uint32_t recs_session_keep(recs_answer_ctx_t *ctx, float share,
    uint32_t n);
static uint32_t recs_session_most(recs_answer_ctx_t *ctx,
    const recs_live_t *live, recs_list_e list);
static void recs_session_neighbours(recs_answer_ctx_t *ctx,
    const recs_live_t *live, float share, uint32_t more);
static void recs_session_idf(recs_answer_ctx_t *ctx);
static float recs_session_max(recs_answer_ctx_t *ctx);
static void recs_session_remind(recs_answer_ctx_t *ctx,
    const recs_live_t *live);
static void recs_session_popularity(recs_answer_ctx_t *ctx);
static void recs_session_drop(recs_answer_ctx_t *ctx,
    const recs_live_t *live);


void
recs_generate_session(recs_answer_ctx_t *ctx)
{
    recs_live_t                   live;
    const recs_format_serving_t  *w;

    recs_session_live(ctx, &live);

    if (live.length == 0) {
        return;
    }

    w = &ctx->view->base->header.serving;

    if (w->rows + w->walks < 1) {
        recs_session_all(ctx, &live, w);

    } else {
        recs_session_rows_alone(ctx, &live, w);
    }

    if (w->current != 1) {
        recs_answer_scale(ctx, live.clicks[0], w->current);
    }

    recs_answer_component(ctx, RECS_COMPONENT_OWN);
    recs_session_remind(ctx, &live);
    recs_session_popularity(ctx);
    recs_session_drop(ctx, &live);

    recs_generate_accumulated(ctx, RECS_HALF_EVIDENCE);
}


static void
recs_session_all(recs_answer_ctx_t *ctx, const recs_live_t *live,
    const recs_format_serving_t *w)
{
    uint32_t  n, next;

    /* what the rows say waits where the ranking will be */

    next = recs_session_rows(ctx, live, RECS_LIST_NEXT, w->rows,
                             w->rows_decay, 0);
    n = recs_session_rows(ctx, live, RECS_LIST_WALK, w->walks, w->walks_decay,
                          next);

    recs_answer_component(ctx, RECS_COMPONENT_ALIKE);
    recs_session_neighbours(ctx, live, 1 - w->rows - w->walks,
                            n + live->length);

    recs_answer_component(ctx, RECS_COMPONENT_NEXT);
    recs_session_kept(ctx, 0, next);
    recs_answer_component(ctx, RECS_COMPONENT_WALK);
    recs_session_kept(ctx, next, n);
}


/* Without neighbours the last rows stay where they were added up. */

static void
recs_session_rows_alone(recs_answer_ctx_t *ctx, const recs_live_t *live,
    const recs_format_serving_t *w)
{
    uint32_t  n;

    n = recs_session_rows(ctx, live, RECS_LIST_WALK, w->walks, w->walks_decay,
                          0);

    recs_answer_component(ctx, RECS_COMPONENT_NEXT);
    recs_session_add(ctx, live, RECS_LIST_NEXT, w->rows_decay,
                     n + live->length);
    recs_session_scale(ctx, w->rows, w->rows_power);

    recs_answer_component(ctx, RECS_COMPONENT_WALK);
    recs_session_kept(ctx, 0, n);
}


void
recs_session_live(recs_answer_ctx_t *ctx, recs_live_t *live)
{
    uint32_t                   i, j, n, last;
    const recs_query_t        *q;
    const recs_snapshot_t     *s;
    const recs_format_seen_t  *seen;

    q = ctx->query;
    s = ctx->view->base;

    live->length = 0;
    live->count = 0;

    if (q->visit) {
        recs_session_clicks(ctx, live, q->visit->clicks,
                            q->visit->click_count);
    }

    if (live->length == 0) {
        recs_session_clicks(ctx, live, q->session, q->session_count);
    }

    if (live->length == 0) {
        seen = recs_answer_history(ctx, &n);

        for (i = 0; i < n && live->length < RECS_SESSION_MAX; i++) {
            if (seen[i].item < s->header.rows[RECS_DOMAIN_ITEMS]
                && !(seen[i].flags & RECS_SEEN_DISMISSED))
            {
                live->clicks[live->length++] = seen[i].item;
            }
        }
    }

    last = s->header.serving.last;
    live->window = recs_min(live->length, last);

    for (i = 0; i < live->window; i++) {

        for (j = 0; j < live->count; j++) {
            if (live->items[j] == live->clicks[i]) {
                break;
            }
        }

        if (j == live->count) {
            live->items[j] = live->clicks[i];
            live->ages[j] = (uint8_t) i;
            live->count++;
        }
    }
}


static void
recs_session_clicks(recs_answer_ctx_t *ctx, recs_live_t *live,
    const uint64_t *keys, uint32_t n)
{
    uint32_t     i;
    recs_item_t  item;

    n = recs_min(n, RECS_SESSION_MAX);

    for (i = 0; i < n; i++) {
        recs_snapshot_item_prefetch(ctx->view->base, keys[i]);
    }

    for (i = n; i > 0; i--) {
        item = recs_snapshot_item(ctx->view->base, keys[i - 1]);

        if (item != RECS_NO_ITEM) {
            live->clicks[live->length++] = item;
        }
    }
}


float
recs_session_weight(unsigned kind, float scale, uint32_t age,
    const recs_live_t *live)
{
    float  w;

    switch (kind) {

    case RECS_WEIGHT_LINEAR:
        return recs_max(0, 1 - scale * age);

    case RECS_WEIGHT_SHARE:
        return (float) (live->window - age) / live->window;

    case RECS_WEIGHT_SQUARE:
        w = (float) (live->window - age) / live->window;
        return w * w;

    case RECS_WEIGHT_EXP:
        return age ? ((scale > 0) ? expf(-(float) age / scale) : 0) : 1;

    case RECS_WEIGHT_DISTINCT:
        return (age < live->count)
               ? (float) (live->count - age) / live->count : 0;

    case RECS_WEIGHT_INVERSE:
        return 1 / (1 + (float) age);

    case RECS_WEIGHT_INVERSE2:
        w = 1 / (1 + (float) age);
        return w * w;

    default:
        return 1;
    }
}


/* Their scores go to scratch->ranked behind the first n; how many then. */

static uint32_t
recs_session_rows(recs_answer_ctx_t *ctx, const recs_live_t *live,
    recs_list_e list, float share, float decay, uint32_t n)
{
    if (!(share > 0)) {
        return n;
    }

    recs_session_add(ctx, live, list, decay, 0);

    return recs_session_keep(ctx, share, n);
}


/* Leaves the table with room for "more" candidates. */

static void
recs_session_add(recs_answer_ctx_t *ctx, const recs_live_t *live,
    recs_list_e list, float decay, uint32_t more)
{
    float                         weight, least;
    uint32_t                      age, count;
    const recs_format_related_t  *row;

    least = 0;
    recs_answer_begin(ctx, more + recs_session_most(ctx, live, list));

    for (age = 0; age < live->length; age++) {
        weight = recs_session_weight(RECS_WEIGHT_EXP, decay, age, live);

        if (weight < RECS_SESSION_LEAST) {
            break;
        }

        row = recs_list(ctx->view->base, list, live->clicks[age], &count);

        if (least == 0 && count) {
            least = RECS_SESSION_LEAST * weight * row[0].weight;

        } else {
            count = recs_session_cut(row, count, least / weight);
        }

        recs_answer_score_related(ctx, row, count, weight,
                                  live->clicks[age]);
    }
}


/* Where the entries that are too small begin; they are sorted. */

static uint32_t
recs_session_cut(const recs_format_related_t *row, uint32_t n, float least)
{
    uint32_t  from, to, middle;

    for (from = 0, to = n; from < to; /* void */ ) {
        middle = from + (to - from) / 2;

        if (row[middle].weight < least) {
            to = middle;

        } else {
            from = middle + 1;
        }
    }

    return from;
}


static uint32_t
recs_session_keep(recs_answer_ctx_t *ctx, float share, uint32_t n)
{
    float                max, score, power;
    uint32_t             i, slot;
    recs_scratch_t      *scratch;
    recs_answer_item_t  *kept;

    scratch = ctx->scratch;
    power = ctx->view->base->header.serving.rows_power;
    max = recs_session_max(ctx);

    for (i = 0; i < scratch->count && n < RECS_RANKED_MAX; i++) {
        slot = scratch->used[i];
        score = scratch->table[slot].score;

        if (score > 0) {
            score /= max;

            kept = &scratch->ranked[n++];
            kept->item = scratch->table[slot].item;
            kept->seed = scratch->table[slot].seed;
            kept->score = share * ((power == 1) ? score
                                                : powf(score, power));
        }
    }

    return n;
}


static void
recs_session_kept(recs_answer_ctx_t *ctx, uint32_t from, uint32_t to)
{
    uint32_t                   i;
    const recs_answer_item_t  *kept;

    kept = ctx->scratch->ranked;

    for (i = from; i < to; i++) {
        recs_answer_score(ctx, kept[i].item, kept[i].score, kept[i].seed);
    }
}


/* The same as keeping and adding, in place. */

static void
recs_session_scale(recs_answer_ctx_t *ctx, float share, float power)
{
    float            max, score;
    uint32_t         i, slot;
    recs_scratch_t  *scratch;

    scratch = ctx->scratch;
    max = recs_session_max(ctx);

    for (i = 0; i < scratch->count; i++) {
        slot = scratch->used[i];
        score = scratch->table[slot].score;
        score = (score > 0) ? score / max : 0;
        score = share * ((power == 1) ? score : powf(score, power));

        scratch->table[slot].score = score;
        scratch->table[slot].best = score;
    }
}


/* A bound of the candidates, for the size of the table; asks for the rows. */

static uint32_t
recs_session_most(recs_answer_ctx_t *ctx, const recs_live_t *live,
    recs_list_e list)
{
    uint32_t                      age, n, most;
    const recs_format_related_t  *row;

    most = 0;

    for (age = 0; age < live->length && most < RECS_CANDIDATES_MAX; age++) {
        row = recs_list(ctx->view->base, list, live->clicks[age], &n);
        most += n;

        if (n) {
            __builtin_prefetch(row);
            __builtin_prefetch(&row[n / 2]);
            __builtin_prefetch(&row[n - 1]);
        }
    }

    return most;
}


/* Leaves the table with room for "more" candidates. */

static void
recs_session_neighbours(recs_answer_ctx_t *ctx, const recs_live_t *live,
    float share, uint32_t more)
{
    float            max;
    uint32_t         i, n, slot;
    recs_scratch_t  *scratch;

    scratch = ctx->scratch;
    n = (share > 0) ? recs_neighbours_find(ctx, live) : 0;

    recs_neighbours_score(ctx, live, n, more);
    recs_session_idf(ctx);

    max = recs_session_max(ctx);
    share = (max > 0) ? share / max : 0;

    for (i = 0; i < scratch->count; i++) {
        slot = scratch->used[i];
        scratch->table[slot].score *= share;
        scratch->table[slot].best *= share;
    }
}


static void
recs_session_idf(recs_answer_ctx_t *ctx)
{
    float                         idf, weight;
    uint32_t                      i, slot;
    recs_item_t                   item;
    recs_scratch_t               *scratch;
    const recs_snapshot_t        *s;

    s = ctx->view->base;
    scratch = ctx->scratch;
    weight = s->header.serving.idf;

    if (weight == 0) {
        return;
    }

    for (i = 0; i < scratch->count; i++) {
        item = scratch->table[scratch->used[i]].item;

        if (item < s->header.rows[RECS_DOMAIN_ITEMS]) {
            recs_column_prefetch(s, RECS_COLUMN_IDF, float, item);
        }
    }

    for (i = 0; i < scratch->count; i++) {
        slot = scratch->used[i];
        item = scratch->table[slot].item;

        if (item < s->header.rows[RECS_DOMAIN_ITEMS]) {
            idf = recs_column(s, RECS_COLUMN_IDF, float, item);
            idf = (weight > 0) ? 1 + weight * idf : idf;

            scratch->table[slot].score *= idf;
            scratch->table[slot].best *= idf;
        }
    }
}


static float
recs_session_max(recs_answer_ctx_t *ctx)
{
    float            max;
    uint32_t         i;
    recs_scratch_t  *scratch;

    scratch = ctx->scratch;
    max = 0;

    for (i = 0; i < scratch->count; i++) {
        max = recs_max(max, scratch->table[scratch->used[i]].score);
    }

    return max;
}


static void
recs_session_remind(recs_answer_ctx_t *ctx, const recs_live_t *live)
{
    uint32_t                      age;
    recs_item_t                   item;
    const recs_format_serving_t  *w;

    w = &ctx->view->base->header.serving;

    for (age = 1; age < live->length && w->reminder > 0; age++) {
        item = live->clicks[age];

        if (item != live->clicks[0]) {
            recs_answer_score(ctx, item, w->reminder
                              * recs_session_weight(RECS_WEIGHT_EXP,
                                                    w->reminder_scale, age,
                                                    live), item);
        }
    }
}


static void
recs_session_popularity(recs_answer_ctx_t *ctx)
{
    float                   max, weight;
    uint32_t                i, slot;
    recs_item_t             item;
    recs_scratch_t         *scratch;
    const recs_snapshot_t  *s;

    s = ctx->view->base;
    scratch = ctx->scratch;
    weight = s->header.serving.popularity;

    /* item 0 is the most popular */

    max = scratch->count ? recs_column(s, RECS_COLUMN_POPULARITY, float, 0)
                         : 0;

    if (!(weight > 0) || !(max > 0)) {
        return;
    }

    for (i = 0; i < scratch->count; i++) {
        slot = scratch->used[i];
        item = scratch->table[slot].item;

        if (scratch->table[slot].score > 0
            && item < s->header.rows[RECS_DOMAIN_ITEMS])
        {
            scratch->table[slot].score += weight / max
                * recs_column(s, RECS_COLUMN_POPULARITY, float, item);
        }
    }
}


/* What is not listed again: of the session, and what somebody has. */

static void
recs_session_drop(recs_answer_ctx_t *ctx, const recs_live_t *live)
{
    uint32_t                   i, n;
    unsigned                   repeats;
    const recs_format_seen_t  *seen;

    repeats = ctx->view->base->header.serving.repeats;

    if (repeats != RECS_REPEATS_YES) {
        n = (repeats == RECS_REPEATS_NO) ? live->length : 1;

        for (i = 0; i < n; i++) {
            recs_answer_drop(ctx, live->clicks[i]);
        }
    }

    seen = recs_answer_history(ctx, &n);

    for (i = 0; i < n; i++) {
        if (seen[i].flags & RECS_HISTORY_BOUGHT) {
            recs_answer_drop(ctx, seen[i].item);
        }
    }
}
