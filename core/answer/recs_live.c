/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <string.h>

#include "recs_live.h"
#include "recs_strategy.h"


#define RECS_LIVE_SLOTS   256        /* more than twice the entries */

#define RECS_LIVE_GONE    (RECS_SEEN_CART | RECS_SEEN_DISMISSED)
#define RECS_LIVE_FLAGS                                                      \
    (RECS_SEEN_VIEWED | RECS_SEEN_CART | RECS_SEEN_WISHED                    \
     | RECS_SEEN_PURCHASED | RECS_SEEN_DISMISSED)


/* The live entries, found by item. */

typedef struct {
    const recs_snapshot_t  *snapshot;
    uint32_t                newest;  /* seconds: the snapshot's */
    uint32_t                count;
    recs_format_seen_t      seen[RECS_LIVE_MAX];
    recs_touch_t            touches[RECS_LIVE_MAX];
    uint8_t                 slots[RECS_LIVE_SLOTS];   /* entry + 1 */
} recs_live_table_t;


static void recs_live_add(recs_live_table_t *t, const recs_visit_t *visit);
static uint32_t recs_live_slot(const recs_live_table_t *t, recs_item_t item);
static void recs_live_same(recs_touch_t *to, const recs_touch_t *from);
static void recs_live_sort(recs_live_table_t *t);
static void recs_live_entry(recs_format_seen_t *seen, const recs_touch_t *t,
    recs_item_t item);
static void recs_live_both(const recs_live_table_t *t, uint32_t n,
    const recs_format_seen_t *old, recs_format_seen_t *seen);
static float recs_live_feedback(float sum);
static float recs_live_sum(float feedback);


uint32_t
recs_live_history(recs_answer_ctx_t *ctx, recs_format_seen_t *seen,
    uint32_t count, uint32_t *live)
{
    uint8_t            slot;
    uint32_t           i, n;
    recs_live_table_t  t;

    t.snapshot = ctx->view->base;
    t.newest = (uint32_t) recs_max(0, t.snapshot->header.newest_ms / 1000);
    t.count = 0;
    memset(t.slots, 0, sizeof(t.slots));

    /* a user's record has what was done in all sessions in its order */

    if (ctx->query->known) {
        recs_live_add(&t, ctx->query->known);
    }

    if (ctx->query->visit) {
        recs_live_add(&t, ctx->query->visit);
    }

    *live = t.count;

    if (t.count == 0) {
        return count;
    }

    recs_live_sort(&t);

    for (i = 0, n = 0; i < count; i++) {
        slot = t.slots[recs_live_slot(&t, seen[i].item)];

        if (slot) {
            recs_live_both(&t, slot - 1, &seen[i], &t.seen[slot - 1]);

        } else {
            seen[n++] = seen[i];
        }
    }

    memmove(seen + t.count, seen, n * sizeof(recs_format_seen_t));
    memcpy(seen, t.seen, t.count * sizeof(recs_format_seen_t));

    return t.count + n;
}


/* A verified event is in the record of its session and in that of its user. */

static void
recs_live_add(recs_live_table_t *t, const recs_visit_t *visit)
{
    uint32_t     i, slot;
    recs_item_t  item;

    for (i = 0; i < visit->touch_count; i++) {
        item = recs_snapshot_item(t->snapshot, visit->touches[i].key);

        if (item == RECS_NO_ITEM) {
            continue;
        }

        slot = recs_live_slot(t, item);

        if (t->slots[slot]) {
            recs_live_same(&t->touches[t->slots[slot] - 1],
                           &visit->touches[i]);
            continue;
        }

        t->touches[t->count] = visit->touches[i];
        t->seen[t->count].item = item;
        t->slots[slot] = (uint8_t) ++t->count;
    }
}


static uint32_t
recs_live_slot(const recs_live_table_t *t, recs_item_t item)
{
    uint32_t  slot;

    slot = (item * 2654435761u) >> 24;

    while (t->slots[slot] && t->seen[t->slots[slot] - 1].item != item) {
        slot = (slot + 1) % RECS_LIVE_SLOTS;
    }

    return slot;
}


/* Two records of what is one touch, or nearly. */

static void
recs_live_same(recs_touch_t *to, const recs_touch_t *from)
{
    uint16_t      flags;
    recs_touch_t  old;

    flags = (to->flags | from->flags)
            & (RECS_SEEN_VIEWED | RECS_SEEN_DISMISSED);
    old = *to;

    if (from->last > to->last) {
        *to = *from;
    }

    to->flags |= flags;
    to->first = recs_min(old.first, from->first);
    to->views = recs_max(old.views, from->views);
    to->weight = recs_max(old.weight, from->weight);
}


/* Newest first: two runs that are, mostly; slots follow. */

static void
recs_live_sort(recs_live_table_t *t)
{
    uint32_t      i, j, n;
    recs_item_t   item;
    recs_touch_t  touch;

    for (i = 1; i < t->count; i++) {
        touch = t->touches[i];
        item = t->seen[i].item;

        for (j = i; j > 0 && t->touches[j - 1].last < touch.last; j--) {
            t->touches[j] = t->touches[j - 1];
            t->seen[j].item = t->seen[j - 1].item;
        }

        t->touches[j] = touch;
        t->seen[j].item = item;
    }

    n = t->count;
    t->count = 0;
    memset(t->slots, 0, sizeof(t->slots));

    while (t->count < n) {
        i = t->count;
        recs_live_entry(&t->seen[i], &t->touches[i], t->seen[i].item);
        t->slots[recs_live_slot(t, t->seen[i].item)] = (uint8_t) ++t->count;
    }
}


static void
recs_live_entry(recs_format_seen_t *seen, const recs_touch_t *t,
    recs_item_t item)
{
    seen->item = item;
    seen->views = t->views;
    seen->flags = t->flags & RECS_LIVE_FLAGS;
    seen->first = t->first;
    seen->last = t->last;
    seen->weight = recs_live_feedback(t->weight);
    seen->duration = 0;
}


/* What the snapshot has of an entry is added to it. */

static void
recs_live_both(const recs_live_table_t *t, uint32_t n,
    const recs_format_seen_t *old, recs_format_seen_t *seen)
{
    uint16_t             flags;
    const recs_touch_t  *touch;

    touch = &t->touches[n];
    flags = old->flags;

    if (touch->last >= old->last) {

        if (touch->flags & RECS_TOUCH_UNCARTED) {
            flags &= ~RECS_SEEN_CART;
        }

        if (touch->flags & RECS_TOUCH_UNWISHED) {
            flags &= ~RECS_SEEN_WISHED;
        }

        if (touch->flags & RECS_TOUCH_REFUNDED) {
            flags &= ~RECS_SEEN_PURCHASED;
        }

    } else {

        /* it was done elsewhere, later */

        seen->flags &= ~(RECS_SEEN_CART | RECS_SEEN_WISHED);
    }

    seen->flags |= flags;
    seen->duration = old->duration;
    seen->last = recs_max(seen->last, old->last);
    seen->first = old->first ? recs_min(seen->first, old->first)
                             : seen->first;

    if (touch->first > t->newest) {
        seen->views += recs_min(old->views, UINT16_MAX - seen->views);
        seen->weight = recs_live_feedback(recs_live_sum(old->weight)
                                          + touch->weight);
        return;
    }

    seen->views = recs_max(seen->views, old->views);
    seen->weight = recs_max(seen->weight, old->weight);
}


/* As recs_dataset_feedback() of the builder, and back. */

static float
recs_live_feedback(float sum)
{
    return (sum < 0) ? -log2f(1 - sum) : log2f(1 + sum);
}


static float
recs_live_sum(float feedback)
{
    return (feedback < 0) ? 1 - exp2f(-feedback) : exp2f(feedback) - 1;
}


void
recs_live_exclude(recs_answer_ctx_t *ctx)
{
    uint32_t                   i, n, newest;
    unsigned                   again;
    const recs_format_seen_t  *seen;

    seen = recs_answer_history(ctx, &n);
    newest = (uint32_t)
             recs_max(0, ctx->view->base->header.newest_ms / 1000);
    again = ctx->view->base->header.serving.bought > 0
            && ctx->query->strategy != RECS_BUY_AGAIN;

    for (i = 0; i < ctx->live_count; i++) {

        if ((seen[i].flags & RECS_LIVE_GONE)
            || ((seen[i].flags & RECS_SEEN_PURCHASED)
                && seen[i].last > newest && !again))
        {
            recs_answer_hide(ctx, seen[i].item);
        }
    }

    /* what was dismissed before, in a session that is not live any more */

    for ( /* void */ ; i < n; i++) {
        if (seen[i].flags & RECS_SEEN_DISMISSED) {
            recs_answer_hide(ctx, seen[i].item);
        }
    }
}


uint32_t
recs_live_cart(recs_answer_ctx_t *ctx, recs_item_t *items, uint32_t max)
{
    uint32_t                   i, n, count;
    const recs_format_seen_t  *seen;

    if (ctx->query->visit == NULL && ctx->query->known == NULL) {
        return 0;
    }

    seen = recs_answer_history(ctx, &n);

    for (i = 0, count = 0; i < ctx->live_count && count < max; i++) {
        if (seen[i].flags & RECS_SEEN_CART) {
            items[count++] = seen[i].item;
        }
    }

    return count;
}


const uint8_t *
recs_live_user(const recs_query_t *q)
{
    static const uint8_t  nobody[16];

    if (memcmp(q->asker.user, nobody, sizeof(nobody)) != 0) {
        return q->asker.user;
    }

    if (q->visit && memcmp(q->visit->user, nobody, sizeof(nobody)) != 0) {
        return q->visit->user;
    }

    return NULL;
}
