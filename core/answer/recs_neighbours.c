/*
 * Copyright (C) recs authors
 *
 * Sessions like the live one.  The sessions of an item are stored latest
 * first, so that the latest of all items are found by reading the lists in
 * step, and nothing is read beyond; a bounded table sums the weights up.
 */

#include <math.h>
#include <string.h>

#include "../recs_u64.h"
#include "recs_session.h"


#define RECS_NEAR_MIN      1024      /* slots of the table */
#define RECS_NEAR_LENGTH   64        /* items of a neighbour compared */
#define RECS_DAY           86400.f


/* The postings of one item of the session. */

typedef struct {
    const uint32_t  *sessions;
    uint32_t         at;
    uint32_t         n;
    float            weight;
} recs_near_list_t;


static uint32_t recs_near_lists(recs_answer_ctx_t *ctx,
    const recs_live_t *live, recs_near_list_t *lists);
static void recs_near_begin(recs_scratch_t *scratch, uint32_t most);
static uint32_t recs_near_limit(const recs_near_list_t *lists,
    uint32_t count, uint32_t step);
static void recs_near_add(recs_scratch_t *scratch, uint32_t session,
    float weight, uint32_t place);
static void recs_near_latest(recs_scratch_t *scratch, uint32_t max);
static uint32_t recs_near_likeness(recs_answer_ctx_t *ctx);
static float recs_near_length(const recs_snapshot_t *s, uint32_t session);


uint32_t
recs_neighbours_find(recs_answer_ctx_t *ctx, const recs_live_t *live)
{
    uint32_t                      u, n, step, most, limit, rest, sample,
                                  before;
    recs_scratch_t               *scratch;
    recs_near_list_t              lists[RECS_SESSION_MAX], *list;
    const recs_format_serving_t  *w;

    scratch = ctx->scratch;
    w = &ctx->view->base->header.serving;
    sample = recs_min(w->sample, RECS_SAMPLE_MAX);

    rest = recs_near_lists(ctx, live, lists);

    if (rest == 0 || sample == 0) {
        return 0;
    }

    /*
     * Read in strips of session numbers, the latest first, until there are
     * as many as the sample: all sessions of a strip are known as a whole.
     * No strip is longer than the room beyond the sample.
     */

    step = recs_min(sample, RECS_NEAR_MAX - sample) / live->count;
    step = recs_max(step, 1);
    most = recs_min(rest, sample + step * live->count);

    recs_near_begin(scratch, most);

    do {
        limit = recs_near_limit(lists, live->count, step);
        before = rest;

        for (u = 0; u < live->count; u++) {
            list = &lists[u];

            while (list->at < list->n && list->sessions[list->at] >= limit) {
                recs_near_add(scratch, list->sessions[list->at++],
                              list->weight, u);
                rest--;
            }
        }

    } while (rest && rest != before && scratch->near_count < sample);

    recs_near_latest(scratch, sample);

    n = recs_near_likeness(ctx);
    recs_u64_largest(scratch->keys, n, w->neighbours_max);

    return recs_min(n, w->neighbours_max);
}


/* Opens the lists; how many postings there are. */

static uint32_t
recs_near_lists(recs_answer_ctx_t *ctx, const recs_live_t *live,
    recs_near_list_t *lists)
{
    float                         idf;
    uint32_t                      u, total;
    const recs_snapshot_t        *s;
    const recs_format_serving_t  *w;

    s = ctx->view->base;
    w = &s->header.serving;
    total = 0;

    for (u = 0; u < live->count; u++) {
        recs_list_prefetch(s, RECS_LIST_ITEM_SESSIONS, live->items[u]);
        recs_column_prefetch(s, RECS_COLUMN_IDF, float, live->items[u]);
    }

    for (u = 0; u < live->count; u++) {
        lists[u].at = 0;
        lists[u].sessions = recs_list(s, RECS_LIST_ITEM_SESSIONS,
                                      live->items[u], &lists[u].n);
        __builtin_prefetch(lists[u].sessions);
        lists[u].n = recs_min(lists[u].n, w->sample);
        lists[u].weight = recs_session_weight(w->position, w->position_scale,
                                              live->ages[u], live);

        if (w->rarity > 0) {
            idf = recs_column(s, RECS_COLUMN_IDF, float, live->items[u]);
            lists[u].weight *= (w->rarity == 1) ? idf : powf(idf, w->rarity);
        }

        if (!(lists[u].weight > 0)) {
            lists[u].n = 0;
        }

        total += lists[u].n;
    }

    return total;
}


static void
recs_near_begin(recs_scratch_t *scratch, uint32_t most)
{
    uint32_t  slots;

    for (slots = RECS_NEAR_MIN; slots < 2 * most; slots *= 2) {
        /* void */
    }

    scratch->near_shift = 32 - (uint32_t) __builtin_ctz(slots);
    scratch->near_count = 0;

    if (++scratch->near_turn == 0) {
        memset(scratch->near, 0, sizeof(scratch->near));
        scratch->near_turn = 1;
    }
}


/* The session down to which no list has more than "step" to read. */

static uint32_t
recs_near_limit(const recs_near_list_t *lists, uint32_t count, uint32_t step)
{
    uint32_t  u, limit;

    limit = 0;

    for (u = 0; u < count; u++) {
        if (lists[u].n - lists[u].at > step) {
            limit = recs_max(limit, lists[u].sessions[lists[u].at + step] + 1);
        }
    }

    return limit;
}


/* Items come newest first: the first that is shared is the latest. */

static void
recs_near_add(recs_scratch_t *scratch, uint32_t session, float weight,
    uint32_t place)
{
    uint32_t      slot;
    recs_near_t  *near;

    slot = recs_near_slot(scratch, session);
    near = &scratch->near[slot];

    if (near->turn == scratch->near_turn) {
        near->weight += weight;
        return;
    }

    if (scratch->near_count == RECS_NEAR_MAX) {
        return;
    }

    scratch->keys[scratch->near_count++] = (uint64_t) session << 32 | slot;

    near->turn = scratch->near_turn;
    near->session = session;
    near->weight = weight;
    near->place = place;
}


/* At most half of the slots are in use. */

uint32_t
recs_near_slot(const recs_scratch_t *scratch, uint32_t session)
{
    uint32_t  slot, mask;

    mask = ((uint32_t) 1 << (32 - scratch->near_shift)) - 1;
    slot = (session * 2654435761u) >> scratch->near_shift;

    while (scratch->near[slot].turn == scratch->near_turn
           && scratch->near[slot].session != session)
    {
        slot = (slot + 1) & mask;
    }

    return slot;
}


static void
recs_near_latest(recs_scratch_t *scratch, uint32_t max)
{
    if (scratch->near_count > max) {
        recs_u64_largest(scratch->keys, scratch->near_count, max);
        scratch->near_count = max;
    }
}


/* Keys by session become keys by likeness: its bits, then the session. */

static uint32_t
recs_near_likeness(recs_answer_ctx_t *ctx)
{
    float                         weight;
    uint32_t                      i, n, session, time, latest;
    recs_scratch_t               *scratch;
    const recs_snapshot_t        *s;
    const recs_format_serving_t  *w;

    s = ctx->view->base;
    w = &s->header.serving;
    scratch = ctx->scratch;
    latest = 0;

    for (i = 0; i < scratch->near_count; i++) {
        session = (uint32_t) (scratch->keys[i] >> 32);
        latest = recs_max(latest, session);

        if (session < s->columns[RECS_COLUMN_SESSION_TIME].rows) {
            recs_column_prefetch(s, RECS_COLUMN_SESSION_TIME, uint32_t,
                                 session);
        }
    }

    latest = (latest < s->columns[RECS_COLUMN_SESSION_TIME].rows)
             ? recs_column(s, RECS_COLUMN_SESSION_TIME, uint32_t, latest) : 0;

    for (i = 0, n = 0; i < scratch->near_count; i++) {
        session = (uint32_t) (scratch->keys[i] >> 32);
        weight = scratch->near[(uint32_t) scratch->keys[i]].weight;

        if (session >= s->columns[RECS_COLUMN_SESSION_TIME].rows) {
            continue;
        }

        if (w->similarity == RECS_SIMILARITY_COSINE) {
            weight /= sqrtf(recs_near_length(s, session));
        }

        if (w->recency_days > 0) {
            time = recs_column(s, RECS_COLUMN_SESSION_TIME, uint32_t,
                               session);
            weight *= expf(-(float) (latest - recs_min(time, latest))
                           / (RECS_DAY * w->recency_days));
        }

        if (weight > 0) {
            memcpy(&time, &weight, sizeof(time));
            scratch->keys[n++] = (uint64_t) time << 32 | session;
        }
    }

    return n;
}


/* Distinct items of a session; of a long one, of its last clicks. */

static float
recs_near_length(const recs_snapshot_t *s, uint32_t session)
{
    uint32_t         i, j, n, count;
    const uint32_t  *items;

    items = recs_list(s, RECS_LIST_SESSION_ITEMS, session, &n);
    count = recs_max(n, 1);

    for (i = n - recs_min(n, RECS_NEAR_LENGTH); i < n; i++) {
        for (j = i + 1; j < n; j++) {
            if (items[i] == items[j]) {
                count--;
                break;
            }
        }
    }

    return count;
}
