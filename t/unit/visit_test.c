/*
 * Copyright (C) recs authors
 *
 * Live session records against a model that keeps every event.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/event/recs_event_type.h"
#include "core/event/recs_visit_event.h"
#include "core/recs_hash.h"
#include "core/snapshot/recs_format.h"
#include "tap.h"


#define EVENTS  300
#define ROUNDS  200


typedef struct {
    uint8_t   type;
    uint32_t  product;
    uint32_t  time;
    int32_t   rating;
} row_t;

typedef struct {
    uint32_t  views, first, last, when, flags;
    double    weight;
    unsigned  there;
} product_t;


static uint64_t  state = 1;
static row_t     rows[EVENTS];
static uint32_t  row_count;

static const uint8_t  types[] = {
    3, 3, 3, 3, 3, 7, 71, 20, 21, 26, 27, 29, 30, 44, 45, 46, 60, 61, 72, 1,
    6, 4, 14, 255
};


static uint32_t
draw(uint32_t n)
{
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;

    return (uint32_t) (state >> 33) % n;
}


static uint64_t
key_of(uint32_t product)
{
    char  name[16];

    return recs_key64(name, (size_t) sprintf(name, "p%u", product));
}


static void
event_of(recs_event_t *e, const row_t *row, char *name)
{
    recs_event_init(e);

    e->type = row->type;
    e->class = RECS_CLASS_ACTIVITY;
    e->time_ms = (int64_t) row->time * 1000;
    e->rating = row->rating;
    e->item_count = 1;
    recs_event_item_init(&e->items[0]);
    e->items[0].product.data = (const uint8_t *) name;
    e->items[0].product.len = (size_t) sprintf(name, "p%u", row->product);
}


static void
play(recs_visit_t *v, uint32_t products, uint32_t n)
{
    char          name[16];
    uint32_t      i, time;
    recs_event_t  e;

    row_count = n;
    time = 1000000;

    for (i = 0; i < n; i++) {
        time += draw(60);
        rows[i].type = types[draw(sizeof(types))];
        rows[i].product = draw(products);
        rows[i].time = time;
        rows[i].rating = (rows[i].type == 60 || rows[i].type == 61)
                         ? (int32_t) draw(6) * 1000 : 0;

        event_of(&e, &rows[i], name);
        recs_visit_session(v, &e);
    }
}


/* The builder's clicks, of all events there ever were. */

static uint32_t
naive_clicks(uint64_t *clicks)
{
    uint8_t   type, last;
    uint32_t  i, n;
    unsigned  signal;

    for (i = 0, n = 0, last = 0; i < row_count; i++) {
        signal = recs_event_type(rows[i].type)->signal;
        type = (signal & RECS_SIGNAL_CART) ? 20
               : (signal & RECS_SIGNAL_PURCHASE) ? 45 : rows[i].type;

        if (!(signal & (RECS_SIGNAL_VIEW | RECS_SIGNAL_CLICK
                        | RECS_SIGNAL_CART | RECS_SIGNAL_WISH
                        | RECS_SIGNAL_PURCHASE)))
        {
            continue;
        }

        if (n && clicks[n - 1] == key_of(rows[i].product) && type != last) {
            continue;
        }

        clicks[n++] = key_of(rows[i].product);
        last = type;
    }

    return n;
}


/* builder/model/history.c for one product, in its order. */

static void
naive_product(uint32_t product, product_t *p)
{
    uint32_t                  i;
    unsigned                  signal, interest;
    const recs_event_type_t  *t;

    memset(p, 0, sizeof(product_t));

    for (i = 0; i < row_count; i++) {
        t = recs_event_type(rows[i].type);
        signal = t->signal & ~RECS_SIGNAL_EXPOSURE;
        interest = (signal & ~RECS_SIGNAL_REFUND)
                   || (t->signal == 0 && t->weight > 0);

        if (rows[i].product != product || (!interest && !p->there)) {
            continue;
        }

        p->weight += recs_event_feedback(t, rows[i].rating);

        if (signal & RECS_SIGNAL_REFUND) {
            p->flags &= ~RECS_SEEN_PURCHASED;
        }

        if (!interest) {
            continue;
        }

        p->there = 1;
        p->when = i;
        p->last = rows[i].time;
        p->first = (p->first == 0 || ((signal & RECS_SIGNAL_VIEW)
                                      && p->views == 0))
                   ? rows[i].time : p->first;
        p->views += (signal & RECS_SIGNAL_VIEW) != 0;

        p->flags |= (signal & RECS_SIGNAL_VIEW) ? RECS_SEEN_VIEWED : 0;
        p->flags |= (signal & RECS_SIGNAL_CART) ? RECS_SEEN_CART : 0;
        p->flags |= (signal & RECS_SIGNAL_WISH) ? RECS_SEEN_WISHED : 0;
        p->flags |= (signal & RECS_SIGNAL_PURCHASE) ? RECS_SEEN_PURCHASED : 0;
        p->flags |= (signal & RECS_SIGNAL_DISMISS) ? RECS_SEEN_DISMISSED : 0;

        if (signal & (RECS_SIGNAL_UNCART | RECS_SIGNAL_PURCHASE)) {
            p->flags &= ~RECS_SEEN_CART;
        }

        if (signal & RECS_SIGNAL_UNWISH) {
            p->flags &= ~RECS_SEEN_WISHED;
        }
    }
}


static unsigned
clicks_right(const recs_visit_t *v)
{
    uint32_t  n, skip;
    uint64_t  clicks[EVENTS];

    n = naive_clicks(clicks);
    skip = (n > RECS_VISIT_CLICKS) ? n - RECS_VISIT_CLICKS : 0;

    return v->click_count == n - skip
           && memcmp(v->clicks, clicks + skip, (n - skip) * 8) == 0;
}


static unsigned
touches_right(const recs_visit_t *v, uint32_t products)
{
    uint32_t             i, n, found;
    product_t            p;
    const recs_touch_t  *t;

    for (i = 0, found = 0; i < products; i++) {
        naive_product(i, &p);
        found += p.there;

        for (n = 0; n < v->touch_count; n++) {
            if (v->touches[n].key == key_of(i)) {
                break;
            }
        }

        if ((n < v->touch_count) != p.there) {
            return 0;
        }

        if (!p.there) {
            continue;
        }

        t = &v->touches[n];

        if (t->views != p.views || t->first != p.first || t->last != p.last
            || (t->flags & 0xff) != p.flags
            || fabs(t->weight - p.weight) > 1e-3)
        {
            return 0;
        }

        /* newest first */

        if (n + 1 < v->touch_count && t[1].last > t->last) {
            return 0;
        }
    }

    return found == v->touch_count;
}


static void
random_events(void)
{
    uint32_t      i, products, clicks, touches, sound;
    recs_visit_t  v;

    for (i = 0, clicks = touches = sound = 0; i < ROUNDS; i++) {
        products = 2 + draw(RECS_VISIT_TOUCHES - 1);

        recs_visit_init(&v);
        play(&v, products, 1 + draw(EVENTS));

        clicks += clicks_right(&v);
        touches += touches_right(&v, products);
        sound += recs_visit_check(&v) == RECS_OK;
    }

    is_int(clicks, ROUNDS, "clicks are those of the builder");
    is_int(touches, ROUNDS, "touches are its histories");
    is_int(sound, ROUNDS, "records are sound");
}


/* Of more products than there is room for. */

static void
full(void)
{
    char          name[16];
    uint32_t      i, n, bad, carts;
    product_t     p;
    recs_event_t  e;
    recs_visit_t  v;

    for (i = 0, bad = 0; i < ROUNDS; i++) {
        recs_visit_init(&v);
        play(&v, 500, EVENTS);

        bad += recs_visit_check(&v) != RECS_OK
               || v.touch_count != RECS_VISIT_TOUCHES || !clicks_right(&v);
    }

    is_int(bad, 0, "full records are sound, their clicks right");

    recs_visit_init(&v);
    row_count = 0;

    for (i = 0; i < 200; i++) {
        rows[i] = (row_t) { (i < 10) ? 20 : 3, i, 1000 + i, 0 };
        row_count++;
        event_of(&e, &rows[i], name);
        recs_visit_session(&v, &e);
    }

    for (n = 0, carts = 0; n < v.touch_count; n++) {
        carts += v.touches[n].flags == RECS_SEEN_CART;
    }

    naive_product(199, &p);

    is_int(carts, 10, "a cart outlives 190 views");
    is_int(v.touches[0].last, p.last, "the newest is there");
    is_int(v.touches[29].last, 1170, "and those before it");
    is_int(v.events, 200, "all are counted");
}


static void
say(recs_event_t *e, uint8_t type, const char *product, uint32_t time)
{
    recs_event_init(e);

    e->type = type;
    e->class = RECS_CLASS_ACTIVITY;
    e->time_ms = (int64_t) time * 1000;

    if (product) {
        recs_event_item_init(&e->items[0]);
        e->item_count = 1;
        e->items[0].product.data = (const uint8_t *) product;
        e->items[0].product.len = strlen(product);
    }
}


static void
set(recs_str_t *s, const char *text)
{
    s->data = (const uint8_t *) text;
    s->len = strlen(text);
}


static void
about(void)
{
    char          name[9][16];
    uint32_t      i;
    recs_event_t  e;
    recs_visit_t  v;

    recs_visit_init(&v);

    for (i = 0; i < 9; i++) {
        sprintf(name[i], "c%u", i);
        say(&e, 4, NULL, 100 - i);
        set(&e.category, name[i]);
        recs_visit_session(&v, &e);
    }

    set(&e.category, "c5");
    set(&e.query, " Red  Shoes ");
    set(&e.region, "bern");
    e.device = RECS_DEVICE_MOBILE;
    e.consent = RECS_CONSENT_GRANTED;
    recs_visit_session(&v, &e);

    is_int(v.category_count, 8, "eight categories");
    ok(v.categories[0] == recs_key64("c5", 2)
       && v.categories[1] == recs_key64("c8", 2), "the newest first, once");
    ok(v.search == recs_key64_search("red shoes", 9), "search");
    ok(v.region == recs_key64("bern", 4), "region");
    is_int(v.device, RECS_DEVICE_MOBILE, "device");
    is_int(v.consent, RECS_CONSENT_GRANTED, "consent");
    is_int(v.first_ms, 92000, "first");
    is_int(v.last_ms, 100000, "last");
    is_int(v.touch_count + v.click_count, 0, "no products");

    say(&e, 3, "a", 200);
    recs_visit_session(&v, &e);
    is_int(v.region != 0 && v.device && v.search, 1,
           "what an event does not say stays");
}


static void
orders(void)
{
    float         weight;
    recs_event_t  e;
    recs_visit_t  v;

    recs_visit_init(&v);

    say(&e, 20, "a", 10);
    recs_visit_session(&v, &e);
    say(&e, 44, "a", 20);
    set(&e.order, "o1");
    recs_visit_session(&v, &e);
    weight = v.touches[0].weight;
    is_int(v.touches[0].flags, RECS_SEEN_PURCHASED | RECS_TOUCH_UNCARTED,
           "bought, and in the cart no more");

    say(&e, 45, "a", 21);
    set(&e.order, "o1");
    recs_visit_session(&v, &e);
    ok(v.touches[0].weight == weight, "one order counts once");

    say(&e, 45, "b", 22);
    set(&e.order, "o1");
    recs_visit_session(&v, &e);
    is_int(v.touch_count, 2, "with all its lines");

    say(&e, 45, "a", 23);
    set(&e.order, "o2");
    recs_visit_session(&v, &e);
    ok(v.touches[0].weight == weight + 10, "another one again");

    say(&e, 46, "a", 24);
    set(&e.order, "o2");
    recs_visit_session(&v, &e);
    is_int(v.touches[0].flags, RECS_TOUCH_REFUNDED | RECS_TOUCH_UNCARTED,
           "given back");
}


static void
users(void)
{
    recs_event_t  e;
    recs_visit_t  v, user;

    recs_visit_init(&v);

    say(&e, 3, "a", 10);
    e.user.bytes[0] = 7;
    recs_visit_session(&v, &e);
    is_int(v.user[0], 0, "who only says so is nobody");

    e.verified = 1;
    ok(recs_visit_joins(&v, &e), "whose it is is told");
    recs_visit_session(&v, &e);
    is_int(v.user[0], 7, "who is verified is somebody");
    ok(!recs_visit_joins(&v, &e), "once");
    is_int(v.click_count, 2, "what was done stays");

    e.user.bytes[0] = 8;
    recs_visit_session(&v, &e);
    is_int(v.user[0], 8, "another one");
    is_int(v.click_count, 1, "begins anew");

    say(&e, RECS_EVENT_LOGOUT, NULL, 20);
    e.verified = 1;
    e.user.bytes[0] = 8;
    e.device = RECS_DEVICE_TABLET;
    ok(!recs_visit_joins(&v, &e), "a logout joins nothing");
    recs_visit_session(&v, &e);
    is_int(v.user[0], 0, "a logout forgets the user");
    is_int(v.click_count + v.touch_count, 0, "and what was done");
    is_int(v.left, 1, "for good");
    is_int(v.device, RECS_DEVICE_TABLET, "not the device");
    is_int(recs_visit_check(&v), RECS_OK, "sound");

    recs_visit_init(&user);
    say(&e, 3, "a", 10);
    e.verified = 1;
    e.user.bytes[0] = 8;
    recs_visit_user(&user, &e);
    e.type = RECS_EVENT_LOGOUT;
    recs_visit_user(&user, &e);
    is_int(user.click_count, 1, "a user's own record stays");
}


/* A record made of two is the record of all their events. */

static void
merges(void)
{
    char          name[16];
    uint32_t      i, j, k, same, clicks;
    recs_visit_t  one, two, both;
    recs_event_t  e;

    for (i = 0, same = 0, clicks = 0; i < ROUNDS; i++) {
        recs_visit_init(&one);
        recs_visit_init(&two);
        recs_visit_init(&both);

        play(&both, 20, 100);

        for (j = 0; j < 100; j++) {
            event_of(&e, &rows[j], name);
            recs_visit_session((j < 60) ? &one : &two, &e);
        }

        recs_visit_merge(&one, &two);

        for (j = 0; j < one.touch_count; j++) {
            for (k = 0; k < both.touch_count; k++) {
                if (both.touches[k].key == one.touches[j].key) {
                    break;
                }
            }

            if (k == both.touch_count
                || both.touches[k].views != one.touches[j].views
                || both.touches[k].last != one.touches[j].last)
            {
                break;
            }
        }

        same += j == one.touch_count && one.touch_count == both.touch_count
                && one.events == both.events
                && one.last_ms == both.last_ms
                && recs_visit_check(&one) == RECS_OK;
        clicks += one.clicks[one.click_count - 1]
                  == both.clicks[both.click_count - 1];
    }

    is_int(same, ROUNDS, "two records make one");
    is_int(clicks, ROUNDS, "whose last click is the later one's");

    recs_visit_init(&one);
    recs_visit_init(&two);
    play(&one, 500, EVENTS);
    play(&two, 500, EVENTS);
    recs_visit_merge(&one, &two);
    is_int(recs_visit_check(&one), RECS_OK, "full ones, too");
    is_int(one.click_count, RECS_VISIT_CLICKS, "with all clicks");
    ok(memcmp(one.clicks, two.clicks, sizeof(one.clicks)) == 0,
       "of the later one");
}


/* One session on two hosts. */

static void
receives(void)
{
    recs_event_t  e;
    recs_visit_t  here, there, was;

    recs_visit_init(&here);
    recs_visit_init(&there);
    say(&e, 3, "a", 10);
    recs_visit_session(&there, &e);

    recs_visit_receive(&here, &there);
    ok(memcmp(&here, &there, sizeof(here)) == 0, "new here");

    say(&e, 3, "b", 20);
    recs_visit_session(&there, &e);
    recs_visit_receive(&here, &there);
    is_int(here.click_count, 2, "gone on there");

    say(&e, 3, "c", 30);
    recs_visit_session(&here, &e);
    was = here;
    recs_visit_receive(&here, &there);
    ok(memcmp(&here, &was, sizeof(here)) == 0, "gone on here");

    recs_visit_init(&here);
    say(&e, 3, "d", 40);
    recs_visit_session(&here, &e);
    recs_visit_receive(&here, &there);
    is_int(here.click_count, 3, "begun here, too");
    ok(here.clicks[2] == recs_key64("d", 1), "in order");
    is_int(here.first_ms, 10000, "as one");
    recs_visit_receive(&here, &there);
    is_int(here.click_count, 3, "once");
    recs_visit_receive(&there, &here);
    ok(memcmp(&here, &there, sizeof(here)) == 0, "on both");

    say(&e, RECS_EVENT_LOGOUT, NULL, 50);
    recs_visit_session(&here, &e);
    was = here;
    recs_visit_receive(&here, &there);
    ok(memcmp(&here, &was, sizeof(here)) == 0, "logged out here");
    recs_visit_receive(&there, &here);
    ok(there.left && there.click_count == 0, "and so there");

    recs_visit_init(&here);
    recs_visit_init(&there);
    say(&e, 3, "a", 10);
    e.verified = 1;
    e.user.bytes[0] = 1;
    recs_visit_session(&here, &e);
    e.user.bytes[0] = 2;
    e.time_ms += 1000;
    recs_visit_session(&there, &e);
    was = there;
    recs_visit_receive(&there, &here);
    ok(memcmp(&there, &was, sizeof(here)) == 0, "another user, earlier");
    recs_visit_receive(&here, &there);
    is_int(here.user[0], 2, "and later");
    is_int(here.click_count, 1, "nothing is mixed");
}


static void
checks(void)
{
    recs_visit_t  v, good;

    recs_visit_init(&good);
    play(&good, 30, 100);
    is_int(recs_visit_check(&good), RECS_OK, "sound");

    v = good;
    v.click_count = RECS_VISIT_CLICKS + 1;
    is_int(recs_visit_check(&v), RECS_ERROR, "too many clicks");
    v = good;
    v.touch_count = RECS_VISIT_TOUCHES + 1;
    is_int(recs_visit_check(&v), RECS_ERROR, "too many touches");
    v = good;
    v.category_count = RECS_VISIT_CATEGORIES + 1;
    is_int(recs_visit_check(&v), RECS_ERROR, "too many categories");
    v = good;
    v.touches[1].key = v.touches[0].key;
    is_int(recs_visit_check(&v), RECS_ERROR, "a product twice");
    v = good;
    v.version = 99;
    is_int(recs_visit_check(&v), RECS_ERROR, "another version");
    v = good;
    v.touches[0].weight = NAN;
    is_int(recs_visit_check(&v), RECS_ERROR, "no number");
    v = good;
    v.touches[0].weight = INFINITY;
    is_int(recs_visit_check(&v), RECS_ERROR, "too large a one");
    v = good;
    v.touches[0].flags = 0x8000;
    is_int(recs_visit_check(&v), RECS_ERROR, "unknown flags");
}


int
main(void)
{
    random_events();
    full();
    about();
    orders();
    users();
    merges();
    receives();
    checks();

    return done_testing();
}
