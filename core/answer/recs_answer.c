/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "../recs_hash.h"
#include "recs_live.h"
#include "recs_strategy.h"


#define RECS_SEEN_MASK                                                       \
    (sizeof(((recs_scratch_t *) 0)->seen)                                    \
     / sizeof(((recs_scratch_t *) 0)->seen[0]) - 1)


static void recs_answer_prepare(recs_answer_ctx_t *ctx);
static void recs_answer_rules(recs_answer_ctx_t *ctx);
static uint64_t recs_answer_name(recs_answer_ctx_t *ctx, recs_list_e list,
    uint32_t row);
static void recs_answer_chain(recs_answer_ctx_t *ctx);
static void recs_answer_fallbacks(recs_answer_ctx_t *ctx);
static void recs_answer_exclude(recs_answer_ctx_t *ctx, uint64_t key);
static uint32_t recs_answer_seen_slot(const recs_scratch_t *scratch,
    recs_item_t item);
static int recs_answer_alternative(recs_answer_ctx_t *ctx, recs_item_t item,
    float score, float confidence);
static inline recs_answer_item_t *recs_answer_place(recs_answer_ctx_t *ctx,
    recs_item_t item);
static inline int recs_answer_listed(recs_answer_ctx_t *ctx,
    const recs_answer_item_t *listed);
static int recs_answer_gather(recs_answer_ctx_t *ctx,
    const recs_answer_item_t *item);
static int recs_answer_user(recs_answer_ctx_t *ctx, const uint8_t *identity,
    recs_format_user_t *user, recs_format_seen_t *seen);
static int recs_answer_nobody(const uint8_t *identity);
static uint32_t recs_answer_merge(recs_format_seen_t *seen, uint32_t count,
    uint32_t more);


void
recs_answer(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, recs_answer_t *answer)
{
    recs_answer_ctx_t  ctx;

    if (recs_strategies[query->strategy].page) {
        recs_strategies[query->strategy].page(view, query, scratch, answer);
        return;
    }

    memset(answer, 0, offsetof(recs_answer_t, items));

    recs_answer_init(&ctx, view, query, scratch, answer);
    recs_answer_prepare(&ctx);

    if (ctx.match.never) {
        return;
    }

    if (view->base->rules || view->base->header.serving.diversity > 0) {
        recs_answer_rules(&ctx);
    }

    if (query->sort != RECS_SORT_RELEVANCE) {
        recs_answer_sorted(&ctx);
        return;
    }

    recs_answer_chain(&ctx);

    if (ctx.shape) {
        (void) recs_shape_list(&ctx);
    }

    recs_answer_fallbacks(&ctx);
}


static void
recs_answer_chain(recs_answer_ctx_t *ctx)
{
    unsigned        i, strategy;
    recs_answer_t  *answer;

    answer = ctx->answer;

    recs_answer_run(ctx, ctx->query->strategy);

    for (i = 0; i < RECS_STRATEGY_FALLBACKS; i++) {
        if (answer->count == ctx->query->limit || answer->truncated
            || ctx->query->alone
            || (ctx->shape && recs_shape_enough(ctx)))
        {
            return;
        }

        strategy = recs_strategies[ctx->query->strategy].fallback[i];
        recs_answer_run(ctx, strategy);

        if (strategy == RECS_CATALOGUE) {
            return;
        }
    }
}


/* Those of the chain that something in the list is from. */

static void
recs_answer_fallbacks(recs_answer_ctx_t *ctx)
{
    unsigned        i, strategy, asked;
    recs_answer_t  *answer;

    answer = ctx->answer;
    asked = ctx->query->strategy;

    for (i = 0; i < RECS_STRATEGY_FALLBACKS; i++) {
        strategy = recs_strategies[asked].fallback[i];

        if (strategy != asked && (ctx->listed >> strategy & 1)) {
            answer->fallback[answer->fallback_count++] = strategy;
        }

        if (strategy == RECS_CATALOGUE) {
            return;
        }
    }
}


static void
recs_answer_rules(recs_answer_ctx_t *ctx)
{
    uint32_t             n;
    uint64_t             region, segment;
    recs_rules_work_t   *work;
    const recs_query_t  *q;

    q = ctx->query;
    work = &ctx->scratch->shape.rules;
    region = q->region;
    segment = q->segment;

    if ((region == 0 || segment == 0) && ctx->view->base->rules
        && recs_rules_personal(ctx->view->base->rules, q->strategy))
    {
        (void) recs_answer_history(ctx, &n);

        region = region ? region : recs_answer_name(ctx, RECS_LIST_REGION_NAME,
                                                    ctx->region);
        segment = segment ? segment
                          : recs_answer_name(ctx, RECS_LIST_SEGMENT_NAME,
                                             ctx->segment);
    }

    if (!recs_rules_gather(work, ctx->view, q, region, segment)) {
        return;
    }

    if (work->counts[RECS_RULE_BLOCK]) {
        recs_match_rules(&ctx->match, work);
    }

    /* who asks for an order gets it */

    if (q->sort == RECS_SORT_RELEVANCE && recs_rules_shape(work)) {
        recs_shape_begin(ctx);
    }
}


static uint64_t
recs_answer_name(recs_answer_ctx_t *ctx, recs_list_e list, uint32_t row)
{
    uint32_t     n;
    const void  *name;

    name = recs_list(ctx->view->base, list, row, &n);

    return name ? recs_key64(name, n) : 0;
}


void
recs_answer_init(recs_answer_ctx_t *ctx, const recs_view_t *view,
    const recs_query_t *query, recs_scratch_t *scratch, recs_answer_t *answer)
{
    memset(ctx, 0, offsetof(recs_answer_ctx_t, match));
    recs_match_init(&ctx->match, view, query);

    ctx->view = view;
    ctx->query = query;
    ctx->scratch = scratch;
    ctx->answer = answer;
    ctx->skip = query->offset;
    ctx->item = RECS_NO_ITEM;
    ctx->category = RECS_NONE;
    ctx->segment = RECS_NONE;
    ctx->region = RECS_NONE;
}


/* Looks the names up and marks what must not be listed. */

static void
recs_answer_prepare(recs_answer_ctx_t *ctx)
{
    uint32_t               i;
    recs_scratch_t        *scratch;
    const recs_query_t    *q;
    const recs_snapshot_t *s;

    q = ctx->query;
    s = ctx->view->base;
    scratch = ctx->scratch;

    if (++scratch->turn == 0) {
        memset(scratch, 0, sizeof(recs_scratch_t));
        scratch->turn = 1;
    }

    ctx->answer->unknown = ctx->match.unknown;

    if (q->product) {
        ctx->item = recs_snapshot_item(s, q->product);

        if (ctx->item == RECS_NO_ITEM) {
            ctx->answer->unknown = 1;

        } else {
            (void) recs_answer_see(scratch, ctx->item);
        }
    }

    if (q->category) {
        ctx->category = recs_snapshot_name(s, 'C', q->category);

        if (ctx->category >= s->header.rows[RECS_DOMAIN_CATEGORIES]) {
            ctx->category = RECS_NONE;
            ctx->answer->unknown = 1;
        }
    }

    for (i = 0; i < q->exclude_count; i++) {
        recs_answer_exclude(ctx, q->exclude[i]);
    }

    for (i = 0; i < q->cart_count; i++) {
        recs_answer_exclude(ctx, q->cart[i]);
    }

    /* a rail of a page is as private as the page */

    if (q->visit || q->known || q->above
        || (recs_strategies[q->strategy].depends & RECS_DEPENDS_PRIVATE))
    {
        recs_live_exclude(ctx);
    }

    for (i = 0; q->above && i < q->above->count; i++) {
        (void) recs_answer_see(scratch, q->above->items[i].item);
    }
}


void
recs_answer_hide(recs_answer_ctx_t *ctx, recs_item_t item)
{
    (void) recs_answer_see(ctx->scratch, item);
}


static void
recs_answer_exclude(recs_answer_ctx_t *ctx, uint64_t key)
{
    recs_item_t  item;

    item = recs_snapshot_item(ctx->view->base, key);

    if (item != RECS_NO_ITEM) {
        (void) recs_answer_see(ctx->scratch, item);
    }
}


/*
 * Excluded, skipped and listed items are at most 1,351 of 4,096 slots, those
 * that others stand in for 1,100, so that the probing ends.
 */

static uint32_t
recs_answer_seen_slot(const recs_scratch_t *scratch, recs_item_t item)
{
    uint32_t  slot;

    slot = (item * 2654435761u) >> 20;

    while (scratch->seen[slot].turn == scratch->turn
           && scratch->seen[slot].item != item)
    {
        slot = (slot + 1) & RECS_SEEN_MASK;
    }

    return slot;
}


int
recs_answer_seen(const recs_scratch_t *scratch, recs_item_t item)
{
    return scratch->seen[recs_answer_seen_slot(scratch, item)].turn
           == scratch->turn;
}


/* RECS_OK: seen for the first time in this answer. */

int
recs_answer_see(recs_scratch_t *scratch, recs_item_t item)
{
    uint32_t  slot;

    slot = recs_answer_seen_slot(scratch, item);

    if (scratch->seen[slot].turn == scratch->turn) {
        return RECS_DECLINED;
    }

    scratch->seen[slot].turn = scratch->turn;
    scratch->seen[slot].item = item;

    return RECS_OK;
}


void
recs_answer_run(recs_answer_ctx_t *ctx, unsigned strategy)
{
    ctx->strategy = strategy;
    ctx->added = 0;
    ctx->parted = ctx->collect || ctx->view->base->forests[strategy];

    recs_strategies[strategy].generate(ctx);
}


int
recs_answer_row(recs_answer_ctx_t *ctx)
{
    if (++ctx->rows > RECS_ROWS_MAX) {
        ctx->answer->truncated = 1;
        return RECS_DONE;
    }

    return RECS_OK;
}


int
recs_answer_add(recs_answer_ctx_t *ctx, recs_item_t item, float score,
    float confidence, recs_item_t seed)
{
    unsigned             kept;
    recs_answer_item_t  *listed, other;

    if (recs_answer_row(ctx) != RECS_OK) {
        return RECS_DONE;
    }

    if (item >= ctx->view->base->header.rows[RECS_DOMAIN_ITEMS]) {
        return RECS_OK;
    }

    if (!recs_match(&ctx->match, ctx->view, item)) {
        return recs_answer_alternative(ctx, item, score, confidence);
    }

    /* most are written where they stay: a copy would wait for its stores */

    kept = ctx->gather | ctx->shape;
    listed = kept ? &other : recs_answer_place(ctx, item);

    if (listed == NULL) {
        return RECS_OK;
    }

    listed->item = item;
    listed->seed = seed;
    listed->score = score;
    listed->confidence = confidence;
    listed->strategy = ctx->strategy;
    listed->alternative = ctx->alternative;
    listed->chosen = 0;
    listed->rule = RECS_MOVED_NOT;

    if (kept) {
        return ctx->gather ? recs_answer_gather(ctx, listed)
                           : recs_answer_put(ctx, listed);
    }

    return recs_answer_listed(ctx, listed);
}


int
recs_answer_put(recs_answer_ctx_t *ctx, const recs_answer_item_t *item)
{
    recs_answer_item_t  *listed;

    if (ctx->shape) {

        if (recs_answer_see(ctx->scratch, item->item) != RECS_OK) {
            return RECS_OK;
        }

        ctx->answer->total++;

        return recs_shape_hold(ctx, item);
    }

    listed = recs_answer_place(ctx, item->item);

    if (listed == NULL) {
        return RECS_OK;
    }

    *listed = *item;

    return recs_answer_listed(ctx, listed);
}


/* Where the item is to be listed, NULL where it is not. */

static inline recs_answer_item_t *
recs_answer_place(recs_answer_ctx_t *ctx, recs_item_t item)
{
    recs_answer_t  *answer;

    if (recs_answer_see(ctx->scratch, item) != RECS_OK) {
        return NULL;
    }

    answer = ctx->answer;
    answer->total++;

    if (ctx->skip) {
        ctx->skip--;
        return NULL;
    }

    return &answer->items[answer->count++];
}


static inline int
recs_answer_listed(recs_answer_ctx_t *ctx, const recs_answer_item_t *listed)
{
    ctx->listed |= (uint64_t) 1 << listed->strategy;
    ctx->added++;

    return (ctx->answer->count == ctx->query->limit) ? RECS_DONE : RECS_OK;
}


/* The rest, in the order of relevance, is not looked at. */

static int
recs_answer_gather(recs_answer_ctx_t *ctx, const recs_answer_item_t *item)
{
    recs_scratch_t  *scratch;

    scratch = ctx->scratch;
    scratch->gathered[scratch->gathered_count++] = *item;

    return (scratch->gathered_count == RECS_RANKED_MAX) ? RECS_DONE
                                                        : RECS_OK;
}


/*
 * In the place of what is sold out and would have been listed.  Once: what
 * was replaced counts as seen, so that a second strategy does not replace it
 * by the next one.
 */

static int
recs_answer_alternative(recs_answer_ctx_t *ctx, recs_item_t item, float score,
    float confidence)
{
    int                           rc;
    uint32_t                      i, n;
    recs_scratch_t               *scratch;
    const recs_view_t            *view;
    const recs_format_similar_t  *row;

    view = ctx->view;
    scratch = ctx->scratch;

    if ((recs_view_flags(view, item) & RECS_ITEM_SHOWN) != RECS_ITEM_LISTED
        || ctx->gather || ctx->strategy == RECS_CATALOGUE
        || (ctx->match.active
            && !recs_match_item(&ctx->match, view, item))
        || recs_answer_seen(scratch, item))
    {
        return RECS_OK;
    }

    row = recs_list(view->base, RECS_LIST_SIMILAR, item, &n);
    n = recs_min(n, RECS_ALTERNATIVES);

    for (i = 0; i < n; i++) {

        if (!recs_match(&ctx->match, view, row[i].item)
            || recs_answer_seen(scratch, row[i].item))
        {
            continue;
        }

        ctx->alternative = 1;
        rc = recs_answer_add(ctx, row[i].item, score, confidence, item);
        ctx->alternative = 0;

        (void) recs_answer_see(scratch, item);

        return rc;
    }

    return RECS_OK;
}


const recs_format_seen_t *
recs_answer_history(recs_answer_ctx_t *ctx, uint32_t *count)
{
    uint32_t             n;
    const uint8_t       *who;
    recs_format_seen_t  *seen;
    uint8_t              key[16];
    recs_format_user_t   user, session;
    const recs_query_t  *q;

    seen = ctx->scratch->history;

    if (ctx->history_read) {
        *count = ctx->history_count;
        return seen;
    }

    q = ctx->query;
    who = recs_live_user(q);
    memset(user.user, 0, sizeof(user.user));
    n = 0;

    if (who) {
        memcpy(user.user, who, sizeof(user.user));
    }

    /* what a session was before somebody logged out is not shown any more */

    if (!(q->visit && q->visit->left)
        && recs_answer_user(ctx, q->asker.session, &session, seen) == RECS_OK)
    {
        n = session.count;
        ctx->segment = session.segment;
        ctx->user_flags = session.flags;

        /* a session that a user has logged in to is that user's own */

        if (recs_answer_nobody(user.user)) {
            memcpy(user.user, session.user, sizeof(user.user));
        }
    }

    memcpy(key, user.user, sizeof(key));

    if (recs_answer_user(ctx, key, &user, seen + n) == RECS_OK) {
        n = recs_answer_merge(seen, n, user.count);
        ctx->segment = user.segment;
        ctx->region = user.region;
        ctx->user_flags = user.flags;
    }

    memcpy(ctx->user, key, sizeof(ctx->user));

    if (q->visit || q->known) {
        n = recs_live_history(ctx, seen, n, &ctx->live_count);
    }

    ctx->history_read = 1;
    ctx->history_count = n;
    *count = n;

    return seen;
}


const recs_format_related_t *
recs_answer_personal(recs_answer_ctx_t *ctx, uint8_t which, uint32_t *count)
{
    size_t   len;
    uint8_t  key[RECS_FORMAT_KEY_MAX];

    (void) recs_answer_history(ctx, count);

    if (recs_answer_nobody(ctx->user)) {
        *count = 0;
        return NULL;
    }

    len = recs_format_personal_key(key, which, ctx->user);
    *count = recs_snapshot_related(ctx->view->base, key, len,
                                   ctx->scratch->personal,
                                   RECS_PERSONAL_ENTRIES);

    return ctx->scratch->personal;
}


const recs_format_related_t *
recs_answer_searched(recs_answer_ctx_t *ctx, uint32_t *count)
{
    size_t   len;
    uint8_t  key[RECS_FORMAT_KEY_MAX];

    len = recs_format_name_key(key, 'Q', ctx->query->search);
    *count = recs_snapshot_related(ctx->view->base, key, len,
                                   ctx->scratch->personal,
                                   RECS_PERSONAL_ENTRIES);

    return ctx->scratch->personal;
}


static int
recs_answer_user(recs_answer_ctx_t *ctx, const uint8_t *identity,
    recs_format_user_t *user, recs_format_seen_t *seen)
{
    if (recs_answer_nobody(identity)) {
        return RECS_DECLINED;
    }

    return recs_snapshot_user(ctx->view->base, identity, user, seen);
}


static int
recs_answer_nobody(const uint8_t *identity)
{
    static const uint8_t  nobody[16];

    return memcmp(identity, nobody, sizeof(nobody)) == 0;
}


/*
 * Merges "more" entries behind the first "count": what both have is in the
 * user's history already, so that the user's entry replaces the session's.
 */

static uint32_t
recs_answer_merge(recs_format_seen_t *seen, uint32_t count, uint32_t more)
{
    uint32_t  i, j, n;

    n = count;

    for (i = count; i < count + more; i++) {

        for (j = 0; j < count; j++) {
            if (seen[j].item == seen[i].item) {
                break;
            }
        }

        if (j < count) {
            seen[j] = seen[i];

        } else {
            seen[n++] = seen[i];
        }
    }

    return n;
}
