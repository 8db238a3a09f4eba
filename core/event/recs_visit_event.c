/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "../recs_hash.h"
#include "../snapshot/recs_format.h"
#include "recs_event_type.h"
#include "recs_visit_event.h"


/* A click, as builder/model/sessions.c has it. */

#define RECS_VISIT_CLICK                                                     \
    (RECS_SIGNAL_VIEW | RECS_SIGNAL_CLICK | RECS_SIGNAL_CART                 \
     | RECS_SIGNAL_WISH | RECS_SIGNAL_PURCHASE)

/* What is kept rather than what was only looked at. */

#define RECS_VISIT_KEPT                                                      \
    (RECS_SEEN_CART | RECS_SEEN_WISHED | RECS_SEEN_PURCHASED                 \
     | RECS_SEEN_DISMISSED)

#define RECS_VISIT_CART    (RECS_SEEN_CART | RECS_TOUCH_UNCARTED)
#define RECS_VISIT_WISH    (RECS_SEEN_WISHED | RECS_TOUCH_UNWISHED)
#define RECS_VISIT_BOUGHT  (RECS_SEEN_PURCHASED | RECS_TOUCH_REFUNDED)
#define RECS_VISIT_FLAGS                                                     \
    (RECS_SEEN_VIEWED | RECS_SEEN_DISMISSED | RECS_VISIT_CART                \
     | RECS_VISIT_WISH | RECS_VISIT_BOUGHT)


/* More is no more: sums stay numbers, whatever a record came with. */

#define RECS_VISIT_WEIGHT  1e6f

#define recs_visit_weight(sum)                                               \
    recs_max(-RECS_VISIT_WEIGHT, recs_min(sum, RECS_VISIT_WEIGHT))


/* An event, as its lines count. */

typedef struct {
    const recs_event_t       *event;
    const recs_event_type_t  *type;
    uint64_t                  order;
    uint32_t                  time;      /* epoch seconds */
    float                     weight;
    unsigned                  interest;  /* not only given back */
} recs_visit_line_t;


static void recs_visit_apply(recs_visit_t *v, const recs_event_t *e);
static void recs_visit_about(recs_visit_t *v, const recs_event_t *e);
static void recs_visit_lines(recs_visit_t *v, const recs_visit_line_t *line);
static void recs_visit_click(recs_visit_t *v, uint64_t key, uint8_t type);
static void recs_visit_touch(recs_visit_t *v, uint64_t key,
    const recs_visit_line_t *line);
static recs_touch_t *recs_visit_front(recs_visit_t *v, uint64_t key,
    uint32_t n);
static uint32_t recs_visit_find(const recs_visit_t *v, uint64_t key);
static uint32_t recs_visit_spare(const recs_touch_t *touches, uint32_t n);
static uint16_t recs_visit_flags(uint16_t flags, uint16_t signal);
static void recs_visit_category(recs_visit_t *v, uint64_t key);
static unsigned recs_visit_nobody(const uint8_t *user);
static void recs_visit_join(recs_touch_t *to, const recs_touch_t *from);
static uint32_t recs_visit_weave(recs_touch_t *all, const recs_visit_t *to,
    const recs_visit_t *from);
static int recs_visit_check_touch(const recs_visit_t *v, uint32_t n);


void
recs_visit_init(recs_visit_t *v)
{
    memset(v, 0, sizeof(recs_visit_t));
    v->version = RECS_VISIT_VERSION;
}


void
recs_visit_session(recs_visit_t *v, const recs_event_t *e)
{
    recs_visit_t  old;

    if (e->type == RECS_EVENT_LOGOUT
        || (e->verified && !recs_visit_nobody(v->user)
            && memcmp(v->user, e->user.bytes, sizeof(v->user)) != 0))
    {
        old = *v;
        recs_visit_init(v);

        v->device = old.device;
        v->region = old.region;
        v->consent = old.consent;
        v->left = 1;
    }

    recs_visit_apply(v, e);

    if (e->verified && e->type != RECS_EVENT_LOGOUT) {
        memcpy(v->user, e->user.bytes, sizeof(v->user));
        v->left = 0;
    }
}


void
recs_visit_user(recs_visit_t *v, const recs_event_t *e)
{
    recs_visit_apply(v, e);
}


unsigned
recs_visit_joins(const recs_visit_t *v, const recs_event_t *e)
{
    return e->verified && e->type != RECS_EVENT_LOGOUT && v->events
           && recs_visit_nobody(v->user);
}


static void
recs_visit_apply(recs_visit_t *v, const recs_event_t *e)
{
    unsigned           signal;
    recs_visit_line_t  line;

    recs_visit_about(v, e);

    line.event = e;
    line.type = recs_event_type(e->type);

    if (line.type == NULL || !recs_event_type_counts(line.type)) {
        return;
    }

    signal = line.type->signal & ~(RECS_SIGNAL_EXPOSURE | RECS_SIGNAL_REFUND);

    line.time = (uint32_t) recs_max(0, recs_min(e->time_ms / 1000,
                                                UINT32_MAX));
    line.weight = (float) recs_event_feedback(line.type, e->rating);
    line.interest = signal
                    || (line.type->signal == 0 && line.type->weight > 0);
    line.order = e->order.len ? recs_key64(e->order.data, e->order.len) : 0;

    recs_visit_lines(v, &line);

    if ((signal & RECS_SIGNAL_PURCHASE) && line.order) {
        v->order = line.order;
    }
}


/* What an event says besides its products. */

static void
recs_visit_about(recs_visit_t *v, const recs_event_t *e)
{
    uint64_t  search;

    v->first_ms = v->events ? recs_min(v->first_ms, e->time_ms) : e->time_ms;
    v->last_ms = v->events ? recs_max(v->last_ms, e->time_ms) : e->time_ms;
    v->events += (v->events < UINT32_MAX);

    if (e->device != RECS_DEVICE_UNKNOWN) {
        v->device = e->device;
    }

    if (e->consent != RECS_CONSENT_UNKNOWN) {
        v->consent = e->consent;
    }

    if (e->region.len) {
        v->region = recs_key64(e->region.data, e->region.len);
    }

    if (e->category.len) {
        recs_visit_category(v, recs_key64(e->category.data, e->category.len));
    }

    if (e->query.len) {
        search = recs_key64_search(e->query.data, e->query.len);
        v->search = search ? search : v->search;
    }
}


static void
recs_visit_lines(recs_visit_t *v, const recs_visit_line_t *line)
{
    uint8_t                   code;
    uint32_t                  i;
    uint64_t                  key;
    unsigned                  signal;
    const recs_event_item_t  *item;

    signal = line->type->signal;

    /* rows of the builder have the types of what they count as */

    code = (signal & RECS_SIGNAL_CART) ? RECS_EVENT_ADD_TO_CART
           : (signal & RECS_SIGNAL_PURCHASE) ? RECS_EVENT_PURCHASE
           : line->type->code;

    for (i = 0; i < line->event->item_count; i++) {
        item = &line->event->items[i];

        if (item->product.len == 0) {
            continue;
        }

        key = recs_key64(item->product.data, item->product.len);

        if (signal & RECS_VISIT_CLICK) {
            recs_visit_click(v, key, code);
        }

        recs_visit_touch(v, key, line);
    }
}


static void
recs_visit_click(recs_visit_t *v, uint64_t key, uint8_t type)
{
    uint32_t  n;

    n = v->click_count;

    if (n && v->clicks[n - 1] == key && v->click_type != type) {
        return;
    }

    if (n == RECS_VISIT_CLICKS) {
        n--;
        memmove(v->clicks, v->clicks + 1, n * sizeof(uint64_t));
    }

    v->clicks[n] = key;
    v->click_count = (uint16_t) (n + 1);
    v->click_type = type;
}


static void
recs_visit_touch(recs_visit_t *v, uint64_t key, const recs_visit_line_t *line)
{
    uint32_t       n;
    unsigned       signal;
    recs_touch_t  *t;

    signal = line->type->signal;
    n = recs_visit_find(v, key);

    if (!line->interest) {

        /* what was given back is no interest, but no purchase any more */

        if (n < v->touch_count) {
            t = &v->touches[n];
            t->weight = recs_visit_weight(t->weight + line->weight);
            t->flags = recs_visit_flags(t->flags, (uint16_t) signal);
        }

        return;
    }

    /* one order may come twice: as a checkout and as a purchase */

    if ((signal & RECS_SIGNAL_PURCHASE) && line->order
        && line->order == v->order && n < v->touch_count
        && (v->touches[n].flags & RECS_SEEN_PURCHASED))
    {
        return;
    }

    t = recs_visit_front(v, key, n);

    if (signal & RECS_SIGNAL_VIEW) {
        t->first = t->views ? recs_min(t->first, line->time) : line->time;
        t->views += (t->views < UINT16_MAX);

    } else if (t->first == 0) {
        t->first = line->time;
    }

    t->last = recs_max(t->last, line->time);
    t->weight = recs_visit_weight(t->weight + line->weight);
    t->flags = recs_visit_flags(t->flags, (uint16_t) signal);
}


/*
 * The touch of a product, which was looked for and is number n, as the newest
 * of all; made where there is none.
 */

static recs_touch_t *
recs_visit_front(recs_visit_t *v, uint64_t key, uint32_t n)
{
    recs_touch_t  t;

    if (n < v->touch_count) {
        t = v->touches[n];

    } else {
        memset(&t, 0, sizeof(recs_touch_t));
        t.key = key;

        if (v->touch_count == RECS_VISIT_TOUCHES) {
            n = recs_visit_spare(v->touches, n);

        } else {
            v->touch_count++;
        }
    }

    memmove(v->touches + 1, v->touches, n * sizeof(recs_touch_t));
    v->touches[0] = t;

    return &v->touches[0];
}


static uint32_t
recs_visit_find(const recs_visit_t *v, uint64_t key)
{
    uint32_t  n;

    for (n = 0; n < v->touch_count; n++) {
        if (v->touches[n].key == key) {
            break;
        }
    }

    return n;
}


/* Of n touches the one to go. */

static uint32_t
recs_visit_spare(const recs_touch_t *touches, uint32_t n)
{
    uint32_t  i;

    for (i = n; i-- > 0; ) {
        if (!(touches[i].flags & RECS_VISIT_KEPT)) {
            return i;
        }
    }

    return n - 1;
}


/* What is in the cart or the wish list is what was last done about it. */

static uint16_t
recs_visit_flags(uint16_t flags, uint16_t signal)
{
    if (signal & RECS_SIGNAL_VIEW) {
        flags |= RECS_SEEN_VIEWED;
    }

    if (signal & RECS_SIGNAL_CART) {
        flags = (flags & ~RECS_VISIT_CART) | RECS_SEEN_CART;
    }

    if (signal & (RECS_SIGNAL_UNCART | RECS_SIGNAL_PURCHASE)) {
        flags = (flags & ~RECS_VISIT_CART) | RECS_TOUCH_UNCARTED;
    }

    if (signal & RECS_SIGNAL_WISH) {
        flags = (flags & ~RECS_VISIT_WISH) | RECS_SEEN_WISHED;
    }

    if (signal & RECS_SIGNAL_UNWISH) {
        flags = (flags & ~RECS_VISIT_WISH) | RECS_TOUCH_UNWISHED;
    }

    if (signal & RECS_SIGNAL_PURCHASE) {
        flags = (flags & ~RECS_VISIT_BOUGHT) | RECS_SEEN_PURCHASED;
    }

    if (signal & RECS_SIGNAL_REFUND) {
        flags = (flags & ~RECS_VISIT_BOUGHT) | RECS_TOUCH_REFUNDED;
    }

    if (signal & RECS_SIGNAL_DISMISS) {
        flags |= RECS_SEEN_DISMISSED;
    }

    return flags;
}


static void
recs_visit_category(recs_visit_t *v, uint64_t key)
{
    uint32_t  n;

    for (n = 0; n < v->category_count; n++) {
        if (v->categories[n] == key) {
            break;
        }
    }

    if (n == v->category_count) {
        if (n == RECS_VISIT_CATEGORIES) {
            n--;

        } else {
            v->category_count++;
        }
    }

    memmove(v->categories + 1, v->categories, n * sizeof(uint64_t));
    v->categories[0] = key;
}


static unsigned
recs_visit_nobody(const uint8_t *user)
{
    static const uint8_t  nobody[RECS_IDENTITY_SIZE];

    return memcmp(user, nobody, sizeof(nobody)) == 0;
}


void
recs_visit_merge(recs_visit_t *to, const recs_visit_t *from)
{
    uint32_t      i, n, spare;
    recs_touch_t  all[2 * RECS_VISIT_TOUCHES];

    n = recs_visit_weave(all, to, from);

    for ( /* void */ ; n > RECS_VISIT_TOUCHES; n--) {
        spare = recs_visit_spare(all, n);
        memmove(all + spare, all + spare + 1,
                (n - spare - 1) * sizeof(recs_touch_t));
    }

    memcpy(to->touches, all, n * sizeof(recs_touch_t));
    to->touch_count = (uint16_t) n;

    for (i = 0; i < from->click_count; i++) {
        n = to->click_count;

        if (n == RECS_VISIT_CLICKS) {
            n--;
            memmove(to->clicks, to->clicks + 1, n * sizeof(uint64_t));
        }

        to->clicks[n] = from->clicks[i];
        to->click_count = (uint16_t) (n + 1);
        to->click_type = from->click_type;
    }

    for (i = from->category_count; i-- > 0; ) {
        recs_visit_category(to, from->categories[i]);
    }

    to->first_ms = to->events ? recs_min(to->first_ms, from->first_ms)
                              : from->first_ms;
    to->last_ms = to->events ? recs_max(to->last_ms, from->last_ms)
                             : from->last_ms;
    to->events += recs_min(from->events, UINT32_MAX - to->events);
    to->device = from->device ? from->device : to->device;
    to->consent = from->consent ? from->consent : to->consent;
    to->region = from->region ? from->region : to->region;
    to->search = from->search ? from->search : to->search;
    to->order = from->order ? from->order : to->order;
}


void
recs_visit_receive(recs_visit_t *v, const recs_visit_t *other)
{
    unsigned      strangers;
    recs_visit_t  merged;

    strangers = !recs_visit_nobody(v->user) && !recs_visit_nobody(other->user)
                && memcmp(v->user, other->user, sizeof(v->user)) != 0;

    /* the same record, a shorter one, or one that is over */

    if (v->events == 0
        || (other->first_ms == v->first_ms && other->events > v->events)
        || ((other->left || strangers) && other->last_ms > v->last_ms))
    {
        *v = *other;
        return;
    }

    if (v->left || other->left || strangers
        || other->first_ms == v->first_ms)
    {
        return;
    }

    /* begun twice: of one made of two the first event is the earlier one's */

    merged = (other->last_ms > v->last_ms) ? *v : *other;
    recs_visit_merge(&merged, (other->last_ms > v->last_ms) ? other : v);

    memcpy(merged.user, recs_visit_nobody(v->user) ? other->user : v->user,
           sizeof(merged.user));

    *v = merged;
}


/* The touches of both, newest first, each product once; how many. */

static uint32_t
recs_visit_weave(recs_touch_t *all, const recs_visit_t *to,
    const recs_visit_t *from)
{
    uint32_t             i, j, n, k;
    const recs_touch_t  *next;

    i = 0;
    j = 0;
    n = 0;

    while (i < from->touch_count || j < to->touch_count) {

        if (j == to->touch_count
            || (i < from->touch_count
                && from->touches[i].last >= to->touches[j].last))
        {
            next = &from->touches[i++];

        } else {
            next = &to->touches[j++];
        }

        for (k = 0; k < n; k++) {
            if (all[k].key == next->key) {
                break;
            }
        }

        if (k < n) {
            recs_visit_join(&all[k], next);

        } else {
            all[n++] = *next;
        }
    }

    return n;
}


/* "from" is the older one. */

static void
recs_visit_join(recs_touch_t *to, const recs_touch_t *from)
{
    uint16_t  flags;

    flags = from->flags;

    if (to->flags & RECS_VISIT_CART) {
        flags &= ~RECS_VISIT_CART;
    }

    if (to->flags & RECS_VISIT_WISH) {
        flags &= ~RECS_VISIT_WISH;
    }

    if (to->flags & RECS_VISIT_BOUGHT) {
        flags &= ~RECS_VISIT_BOUGHT;
    }

    to->flags |= flags;
    to->first = recs_min(to->first, from->first);
    to->last = recs_max(to->last, from->last);
    to->weight = recs_visit_weight(to->weight + from->weight);
    to->views += recs_min(from->views, UINT16_MAX - to->views);
}


int
recs_visit_check(const recs_visit_t *v)
{
    uint32_t  i, j;

    if (v->version != RECS_VISIT_VERSION
        || v->click_count > RECS_VISIT_CLICKS
        || v->touch_count > RECS_VISIT_TOUCHES
        || v->category_count > RECS_VISIT_CATEGORIES
        || v->device > RECS_DEVICE_BOT
        || v->consent >= RECS_CONSENT_DENIED
        || v->left > 1
        || v->first_ms > v->last_ms)
    {
        return RECS_ERROR;
    }

    for (i = 0; i < v->touch_count; i++) {
        if (recs_visit_check_touch(v, i) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    for (i = 0; i < v->category_count; i++) {
        for (j = 0; j < i; j++) {
            if (v->categories[i] == v->categories[j]) {
                return RECS_ERROR;
            }
        }
    }

    return RECS_OK;
}


static int
recs_visit_check_touch(const recs_visit_t *v, uint32_t n)
{
    const recs_touch_t  *t;

    t = &v->touches[n];

    if (recs_visit_find(v, t->key) != n
        || t->first > t->last
        || (t->flags & ~RECS_VISIT_FLAGS)
        || (t->views && !(t->flags & RECS_SEEN_VIEWED))
        || (t->flags & RECS_VISIT_CART) == RECS_VISIT_CART
        || (t->flags & RECS_VISIT_WISH) == RECS_VISIT_WISH
        || (t->flags & RECS_VISIT_BOUGHT) == RECS_VISIT_BOUGHT
        || !(t->weight >= -RECS_VISIT_WEIGHT)
        || !(t->weight <= RECS_VISIT_WEIGHT))
    {
        return RECS_ERROR;
    }

    return RECS_OK;
}
