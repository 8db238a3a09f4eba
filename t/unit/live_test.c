/*
 * Copyright (C) recs authors
 *
 * Live sessions before the history of a snapshot, against a reference that
 * looks for every product in every record.
 */

#include <math.h>

#include "core/answer/recs_generate.h"
#include "core/answer/recs_live.h"
#include "core/answer/recs_session.h"
#include "core/event/recs_visit_event.h"
#include "memory_shop.h"
#include "tap.h"


#define ITEMS   120
#define NEWEST  1000000
#define ROUNDS  500


static uint64_t            state = 1;
static recs_snapshot_t    *s;
static recs_scratch_t     *scratch;
static recs_view_t         view;
static recs_query_t        query;
static recs_answer_t       answer;
static recs_visit_t        visit, known;
static recs_format_seen_t  old[RECS_USER_ENTRIES * 2];


static uint32_t
draw(uint32_t n)
{
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;

    return (uint32_t) (state >> 33) % n;
}


static uint64_t
key_of(uint32_t item)
{
    char  name[16];

    return recs_key64(name, (size_t) sprintf(name, "p%u", item));
}


/* Distinct products, some of which the snapshot does not know. */

static void
visit_draw(recs_visit_t *v, uint32_t most)
{
    uint32_t       i, n, item, last;
    recs_touch_t  *t;

    recs_visit_init(v);
    last = NEWEST + 500;
    item = draw(ITEMS + 10);
    n = draw(most + 1);

    for (i = 0; i < n; i++) {
        t = &v->touches[v->touch_count++];
        item = (item + 1 + draw(2)) % (ITEMS + 10);

        t->key = key_of(item);
        t->last = last;
        t->first = t->last - draw(400);
        t->views = (uint16_t) draw(4);
        t->weight = (float) draw(20) - 4;
        t->flags = (uint16_t) draw(32);

        if (!(t->flags & RECS_SEEN_CART) && draw(2)) {
            t->flags |= RECS_TOUCH_UNCARTED;
        }

        if (!(t->flags & RECS_SEEN_PURCHASED) && draw(4) == 0) {
            t->flags |= RECS_TOUCH_REFUNDED;
        }

        last -= draw(60);
    }
}


static const recs_touch_t *
touch_of(const recs_visit_t *v, uint32_t item)
{
    uint32_t  i;

    for (i = 0; i < v->touch_count; i++) {
        if (v->touches[i].key == key_of(item)) {
            return &v->touches[i];
        }
    }

    return NULL;
}


static float
feedback(float sum)
{
    return (sum < 0) ? -log2f(1 - sum) : log2f(1 + sum);
}


/* What the entry of an item is to be; whether it is live. */

static unsigned
naive(uint32_t item, const recs_format_seen_t *seen, recs_format_seen_t *e)
{
    float                sum;
    recs_touch_t         t;
    const recs_touch_t  *one, *two, *later;

    one = touch_of(&known, item);
    two = touch_of(&visit, item);

    if (one == NULL && two == NULL) {
        return 0;
    }

    later = (one == NULL || (two && two->last > one->last)) ? two : one;
    t = *later;

    if (one && two) {
        t.flags |= (one->flags | two->flags)
                   & (RECS_SEEN_VIEWED | RECS_SEEN_DISMISSED);
        t.first = recs_min(one->first, two->first);
        t.views = recs_max(one->views, two->views);
        t.weight = recs_max(one->weight, two->weight);
    }

    memset(e, 0, sizeof(recs_format_seen_t));
    e->item = item;
    e->views = t.views;
    e->flags = t.flags & 0xff;
    e->first = t.first;
    e->last = t.last;
    e->weight = feedback(t.weight);

    if (seen == NULL) {
        return 1;
    }

    e->duration = seen->duration;
    e->first = recs_min(e->first, seen->first);
    e->last = recs_max(e->last, seen->last);

    if (t.last < seen->last) {
        e->flags &= ~(RECS_SEEN_CART | RECS_SEEN_WISHED);
        e->flags |= seen->flags;

    } else {
        e->flags |= seen->flags
                    & ~((t.flags & RECS_TOUCH_UNCARTED ? RECS_SEEN_CART : 0)
                        | (t.flags & RECS_TOUCH_REFUNDED
                           ? RECS_SEEN_PURCHASED : 0));
    }

    if (t.first > NEWEST) {
        sum = (seen->weight < 0) ? 1 - exp2f(-seen->weight)
                                 : exp2f(seen->weight) - 1;
        e->views = (uint16_t) (t.views + seen->views);
        e->weight = feedback(sum + t.weight);

    } else {
        e->views = recs_max(t.views, seen->views);
        e->weight = recs_max(e->weight, seen->weight);
    }

    return 1;
}


static unsigned
same(const recs_format_seen_t *a, const recs_format_seen_t *b)
{
    return a->item == b->item && a->views == b->views && a->flags == b->flags
           && a->first == b->first && a->last == b->last
           && a->duration == b->duration
           && fabsf(a->weight - b->weight) < 1e-4f;
}


static unsigned
round_right(void)
{
    uint32_t                   i, j, n, count, live, expected;
    const recs_format_seen_t  *was[ITEMS] = { NULL };
    recs_answer_ctx_t          ctx;
    recs_format_seen_t        *seen, e;

    seen = scratch->history;
    count = draw(ITEMS);

    for (i = 0, n = 0; n < count && i < ITEMS; i++) {
        if (draw(2)) {
            old[n] = (recs_format_seen_t) { i, (uint16_t) draw(5),
                (uint16_t) draw(32), 500000 + draw(1000), NEWEST - 400
                + draw(600), (float) draw(5) - 1, draw(9) };
            was[i] = &old[n++];
        }
    }

    memcpy(seen, old, n * sizeof(recs_format_seen_t));

    recs_answer_init(&ctx, &view, &query, scratch, &answer);
    count = recs_live_history(&ctx, seen, n, &live);

    for (i = 0, expected = 0; i < ITEMS; i++) {
        if (!naive(i, was[i], &e)) {
            continue;
        }

        expected++;

        for (j = 0; j < live; j++) {
            if (same(&seen[j], &e)) {
                break;
            }
        }

        if (j == live) {
            return 0;
        }
    }

    /* what is not live is there in its order */

    for (i = 0, j = live; i < n; i++) {
        if (!naive(old[i].item, NULL, &e) && !same(&seen[j++], &old[i])) {
            return 0;
        }
    }

    return live == expected && j == count;
}


static void
histories(void)
{
    uint32_t  i, right;

    for (i = 0, right = 0; i < ROUNDS; i++) {
        visit_draw(&visit, RECS_VISIT_TOUCHES);
        visit_draw(&known, RECS_VISIT_TOUCHES);
        query.visit = &visit;
        query.known = &known;

        right += round_right();
    }

    is_int(right, ROUNDS, "live sessions and histories");

    for (i = 0, right = 0; i < ROUNDS; i++) {
        recs_visit_init(&known);
        visit_draw(&visit, 3);
        query.known = NULL;

        right += round_right();
    }

    is_int(right, ROUNDS, "short ones alone");
}


static void
touch_set(uint32_t n, uint32_t item, uint32_t last, uint16_t flags)
{
    recs_touch_t  *t;

    visit.touch_count = (uint16_t) recs_max(visit.touch_count, n + 1);
    t = &visit.touches[n];

    t->key = key_of(item);
    t->first = t->last = last;
    t->views = 1;
    t->weight = 1;
    t->flags = flags;
}


static unsigned
listed(uint32_t item)
{
    uint32_t  i;

    for (i = 0; i < answer.count; i++) {
        if (answer.items[i].item == item) {
            return 1;
        }
    }

    return 0;
}


static void
ask(unsigned strategy)
{
    query.strategy = strategy;
    query.limit = RECS_LIMIT_MAX;
    recs_answer(&view, &query, scratch, &answer);
}


static void
excluded(void)
{
    recs_visit_init(&visit);
    query.visit = &visit;
    query.known = NULL;

    touch_set(0, 0, NEWEST + 9, RECS_SEEN_VIEWED);
    touch_set(1, 1, NEWEST + 8, RECS_SEEN_CART);
    touch_set(2, 2, NEWEST + 7, RECS_SEEN_PURCHASED);
    touch_set(3, 3, NEWEST + 6, RECS_SEEN_DISMISSED);
    touch_set(4, 4, NEWEST - 6, RECS_SEEN_PURCHASED);
    touch_set(5, 5, NEWEST + 5, RECS_TOUCH_UNCARTED);

    s->header.serving.bought = 0;
    ask(RECS_PERSONALIZED);

    ok(listed(0) && listed(5), "what was looked at is listed");
    ok(!listed(1), "the cart is not");
    ok(!listed(2), "what was bought is not");
    ok(!listed(3), "what was dismissed is not");

    s->header.serving.bought = .5f;
    ask(RECS_PERSONALIZED);
    ok(listed(2), "unless it may be listed again");
    ok(!listed(1) && !listed(3), "the others may not");

    ask(RECS_BUY_AGAIN);
    ok(!listed(2), "not what was bought just now");
    ok(listed(4), "but what was bought before");
}


static void
sessions(void)
{
    recs_live_t        live;
    recs_item_t        items[4];
    recs_answer_ctx_t  ctx;

    recs_visit_init(&visit);
    visit.clicks[0] = key_of(3);
    visit.clicks[1] = key_of(ITEMS + 5);
    visit.clicks[2] = key_of(7);
    visit.clicks[3] = key_of(3);
    visit.click_count = 4;

    query.visit = &visit;
    query.session[0] = key_of(9);
    query.session_count = 1;
    s->header.serving.last = 50;

    recs_answer_init(&ctx, &view, &query, scratch, &answer);
    recs_session_live(&ctx, &live);

    is_int(live.length, 3, "clicks of the visit, known ones");
    ok(live.clicks[0] == 3 && live.clicks[1] == 7 && live.clicks[2] == 3,
       "newest first");
    is_int(live.count, 2, "distinct ones");

    visit.click_count = 0;
    recs_session_live(&ctx, &live);
    ok(live.length == 1 && live.clicks[0] == 9, "else of the question");

    query.session_count = 0;
    touch_set(0, 11, NEWEST + 9, RECS_SEEN_VIEWED);
    touch_set(1, 12, NEWEST + 8, RECS_SEEN_CART);
    touch_set(2, 13, NEWEST + 7, RECS_SEEN_DISMISSED);
    recs_answer_init(&ctx, &view, &query, scratch, &answer);
    recs_session_live(&ctx, &live);
    ok(live.length == 2 && live.clicks[0] == 11, "else of the history");

    is_int(recs_live_cart(&ctx, items, 4), 1, "a cart");
    is_int(items[0], 12, "with its item");
    is_int(recs_live_cart(&ctx, items, 0), 0, "no room for it");

    query.visit = NULL;
    recs_answer_init(&ctx, &view, &query, scratch, &answer);
    is_int(recs_live_cart(&ctx, items, 4), 0, "no visit, no cart");
}


static void
users(void)
{
    query.visit = NULL;
    memset(&query.asker, 0, sizeof(query.asker));
    ok(recs_live_user(&query) == NULL, "nobody");

    recs_visit_init(&visit);
    query.visit = &visit;
    ok(recs_live_user(&query) == NULL, "a session of nobody");
    visit.user[0] = 3;
    ok(recs_live_user(&query) == visit.user, "of somebody");
    query.asker.user[0] = 4;
    ok(recs_live_user(&query) == query.asker.user, "who is verified first");
}


int
main(void)
{
    s = shop_create(ITEMS);
    s->header.newest_ms = (int64_t) NEWEST * 1000;
    view.base = s;
    scratch = calloc(1, sizeof(recs_scratch_t));

    recs_query_init(&query);

    histories();
    excluded();
    sessions();
    users();

    free(scratch);
    shop_destroy(s);

    return done_testing();
}
