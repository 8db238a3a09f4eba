/*
 * Copyright (C) recs authors
 *
 * The table in which generators add scores up, and its ranking.
 */

#include <string.h>

#include "../recs_u64.h"
#include "recs_answer.h"


#define RECS_TABLE_MIN  1024
#define RECS_RANK_ROOM  4        /* keys until a cut, in "most" */
#define RECS_RANK_FEW   256      /* and at least */


static inline void recs_answer_sum(recs_scratch_t *scratch, recs_item_t item,
    float score, recs_item_t seed);
static inline uint32_t recs_rank_slot(const recs_scratch_t *scratch,
    recs_item_t item);
static uint32_t recs_rank_most(const recs_answer_ctx_t *ctx);
static uint64_t recs_rank_cut(uint64_t *keys, uint32_t n, uint32_t most);
static void recs_rank_list(recs_scratch_t *scratch, uint32_t from,
    uint32_t to);


void
recs_answer_begin(recs_answer_ctx_t *ctx, uint32_t most)
{
    uint32_t         slots;
    recs_scratch_t  *scratch;

    scratch = ctx->scratch;

    most = recs_min(most, ctx->parted ? RECS_PARTED_MAX
                                      : RECS_CANDIDATES_MAX);

    for (slots = RECS_TABLE_MIN; slots < most * 2; slots *= 2) {
        /* void */
    }

    scratch->mask = slots - 1;
    scratch->parted = ctx->parted;

    if (++scratch->table_turn == 0) {
        memset(scratch->table, 0, sizeof(scratch->table));
        scratch->table_turn = 1;
    }

    scratch->count = 0;
    scratch->rows = 0;
}


void
recs_answer_score(recs_answer_ctx_t *ctx, recs_item_t item, float score,
    recs_item_t seed)
{
    ctx->scratch->row = 0;
    recs_answer_sum(ctx->scratch, item, score, seed);
}


void
recs_answer_score_row(recs_answer_ctx_t *ctx, const recs_item_t *items,
    uint32_t n, float score, recs_item_t seed)
{
    uint32_t         i;
    recs_scratch_t  *scratch;

    scratch = ctx->scratch;
    scratch->row = ++scratch->rows;

    for (i = 0; i < n; i++) {
        recs_answer_sum(scratch, items[i], score, seed);
    }
}


void
recs_answer_score_related(recs_answer_ctx_t *ctx,
    const recs_format_related_t *row, uint32_t n, float weight,
    recs_item_t seed)
{
    uint32_t         i;
    recs_scratch_t  *scratch;

    scratch = ctx->scratch;
    scratch->row = 0;

    for (i = 0; i < n; i++) {
        recs_answer_sum(scratch, row[i].item, weight * row[i].weight, seed);
    }
}


void
recs_answer_score_away(recs_answer_ctx_t *ctx, const recs_item_t *items,
    uint32_t n, int step, float score, float fall, recs_item_t seed)
{
    uint32_t         i;
    recs_scratch_t  *scratch;

    scratch = ctx->scratch;
    scratch->row = 0;

    for (i = 0; i < n && score > 0; i++) {
        recs_answer_sum(scratch, items[(int) i * step], score, seed);
        score *= fall;
    }
}


/* An item counts once a row; row 0 is none. */

static inline void
recs_answer_sum(recs_scratch_t *scratch, recs_item_t item, float score,
    recs_item_t seed)
{
    uint32_t  slot;

    slot = recs_rank_slot(scratch, item);

    if (scratch->table[slot].turn != scratch->table_turn) {

        if (scratch->count > scratch->mask / 2) {
            return;
        }

        scratch->used[scratch->count++] = slot;

        scratch->table[slot].turn = scratch->table_turn;
        scratch->table[slot].item = item;
        scratch->table[slot].score = score;
        scratch->table[slot].seed = seed;
        scratch->table[slot].best = score;
        scratch->table[slot].row = scratch->row;

        if (scratch->parted) {
            memset(&scratch->parts[slot], 0, sizeof(scratch->parts[slot]));
            scratch->parts[slot].place = UINT32_MAX;
            scratch->parts[slot].given[scratch->component] = score;
        }

        return;
    }

    if (scratch->row && scratch->table[slot].row == scratch->row) {
        return;
    }

    scratch->table[slot].row = scratch->row;
    scratch->table[slot].score += score;

    if (scratch->parted) {
        scratch->parts[slot].given[scratch->component] += score;
    }

    if (score > scratch->table[slot].best) {
        scratch->table[slot].best = score;
        scratch->table[slot].seed = seed;
    }
}


void
recs_answer_drop(recs_answer_ctx_t *ctx, recs_item_t item)
{
    recs_answer_scale(ctx, item, 0);
}


void
recs_answer_scale(recs_answer_ctx_t *ctx, recs_item_t item, float factor)
{
    uint32_t         slot;
    recs_scratch_t  *scratch;

    scratch = ctx->scratch;
    slot = recs_answer_slot(scratch, item);

    if (scratch->table[slot].turn == scratch->table_turn) {
        scratch->table[slot].score *= factor;
        scratch->table[slot].best *= factor;
    }
}


uint32_t
recs_answer_slot(const recs_scratch_t *scratch, recs_item_t item)
{
    return recs_rank_slot(scratch, item);
}


static inline uint32_t
recs_rank_slot(const recs_scratch_t *scratch, recs_item_t item)
{
    uint32_t  slot;

    /* at most half of the slots are in use: see recs_answer_score() */

    slot = ((item * 2654435761u) >> 7) & scratch->mask;

    while (scratch->table[slot].turn == scratch->table_turn
           && scratch->table[slot].item != item)
    {
        slot = (slot + 1) & scratch->mask;
    }

    return slot;
}


unsigned
recs_answer_possible(recs_answer_ctx_t *ctx, recs_item_t item)
{
    uint32_t  n;
    unsigned  flags, shown;

    flags = recs_view_flags(ctx->view, item);
    shown = ctx->match.shown;

    if ((flags & shown) != shown
        && (ctx->gather || !(flags & RECS_ITEM_LISTED)
            || !recs_list(ctx->view->base, RECS_LIST_SIMILAR, item, &n)))
    {
        return 0;
    }

    return !ctx->match.active
           || recs_match_item(&ctx->match, ctx->view, item);
}


/*
 * Only as many as a list can use are ranked.  A key is the score's bits, which
 * are in the order of positive scores, above those of the item, inverted: the
 * more popular one first, so that the order is total.
 */

uint32_t
recs_answer_rank(recs_answer_ctx_t *ctx, uint32_t first, unsigned possible)
{
    float            score;
    uint32_t         i, n, bits, most, room;
    uint64_t         key, least, *keys;
    recs_item_t      item;
    recs_scratch_t  *scratch;

    scratch = ctx->scratch;
    keys = scratch->keys;
    most = recs_rank_most(ctx);
    room = recs_min(recs_max(RECS_RANK_ROOM * most, RECS_RANK_FEW),
                    RECS_NEAR_MAX);
    least = 0;
    n = 0;
    scratch->key_more = 0;

    for (i = 0; i < scratch->count; i++) {
        item = scratch->table[scratch->used[i]].item;
        score = scratch->table[scratch->used[i]].score;

        if (!(score > 0)) {
            continue;
        }

        memcpy(&bits, &score, sizeof(bits));
        key = (uint64_t) bits << 32 | (uint32_t) ~item;

        /* what would not be ranked need not be looked at */

        if (key < least
            || item >= ctx->view->base->header.rows[RECS_DOMAIN_ITEMS]
            || (possible && !recs_answer_possible(ctx, item)))
        {
            continue;
        }

        keys[n++] = key;

        if (n == room) {
            least = recs_rank_cut(keys, n, most);
            scratch->key_more = 1;
            n = most;
        }
    }

    first = recs_min(first, most);

    if (first < n) {
        recs_u64_largest(keys, n, first);

    } else {
        first = n;
    }

    recs_rank_list(scratch, 0, first);
    scratch->key_count = n;
    scratch->key_more |= n > most;

    return recs_min(n, most);
}


void
recs_answer_rank_next(recs_answer_ctx_t *ctx, uint32_t from, uint32_t to)
{
    recs_scratch_t  *scratch;

    scratch = ctx->scratch;

    recs_u64_largest(scratch->keys + from, scratch->key_count - from,
                     to - from);
    recs_rank_list(scratch, from, to);
}


static uint32_t
recs_rank_most(const recs_answer_ctx_t *ctx)
{
    uint32_t  most;

    most = ctx->skip + ctx->query->limit + RECS_RANK_SPARE;
    most = ctx->shape ? recs_max(most, ctx->shape + RECS_SHAPE_SPARE) : most;
    most += ctx->answer->total + ctx->query->exclude_count
            + ctx->query->cart_count + ctx->live_count;
    most = ctx->parted ? recs_max(most, RECS_FOREST_CANDIDATES) : most;

    return ctx->gather ? RECS_RANKED_MAX : recs_min(most, RECS_RANKED_MAX);
}


/* Leaves the best in front; returns the least of them. */

static uint64_t
recs_rank_cut(uint64_t *keys, uint32_t n, uint32_t most)
{
    uint32_t  i;
    uint64_t  least;

    recs_u64_largest(keys, n, most);

    for (i = 1, least = keys[0]; i < most; i++) {
        least = recs_min(least, keys[i]);
    }

    return least;
}


/* From keys to what is listed, best first. */

static void
recs_rank_list(recs_scratch_t *scratch, uint32_t from, uint32_t to)
{
    uint32_t             i, slot;
    recs_answer_item_t  *ranked;

    for (i = from; i < to; i++) {
        scratch->keys[i] = ~scratch->keys[i];
    }

    recs_u64_sort(scratch->keys + from, to - from);

    for (i = from; i < to; i++) {
        slot = recs_rank_slot(scratch, (recs_item_t) scratch->keys[i]);
        ranked = &scratch->ranked[i];

        memset(ranked, 0, sizeof(recs_answer_item_t));
        ranked->item = scratch->table[slot].item;
        ranked->score = scratch->table[slot].score;
        ranked->seed = scratch->table[slot].seed;
    }
}
