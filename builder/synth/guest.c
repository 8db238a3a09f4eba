/*
 * Copyright (C) recs authors
 */

#include <math.h>

#include "synth.h"


#define RECS_SYNTH_TRENDING  ((int64_t) 3 * 86400 * 1000)
#define RECS_SYNTH_CLUSTER   8       /* products that are looked at together */
#define RECS_SYNTH_PARTNERS  12
#define RECS_SYNTH_MATCHES   12     /* of one product */


recs_synth_text_t *
recs_synth_begin(recs_synth_guest_t *g, const char *type)
{
    recs_synth_text_t  *t;

    t = &g->visits->queue->text;

    recs_synth_room(t);
    g->offset = t->len;

    recs_synth_put(t, "{\"activityType\":\"");
    recs_synth_put(t, type);
    recs_synth_put(t, "\"");
    recs_synth_count(t, "timestamp", g->ms);

    if (g->known) {
        recs_synth_put(t, ",\"userId\":\"u");
        recs_synth_number(t, 10001 + (int64_t) g->user.number);
        recs_synth_put(t, "\"");
    }

    if (g->anonymous) {
        recs_synth_put(t, ",\"anonymousId\":\"");
        recs_synth_hex(t, g->user.hash);
        recs_synth_put(t, "\"");
    }

    if (g->session) {
        recs_synth_put(t, ",\"sessionId\":\"");
        recs_synth_hex(t, g->session);
        recs_synth_put(t, "\"");
        recs_synth_string(t, "deviceType", g->user.device);
    }

    recs_synth_string(t, "region", g->user.region);

    return t;
}


void
recs_synth_end(recs_synth_guest_t *g, unsigned seconds)
{
    recs_synth_queue_t  *q;

    q = g->visits->queue;

    recs_synth_put(&q->text, "}\n");
    recs_synth_queue_line(q, g->ms, g->offset);

    if (seconds) {
        g->ms += 700 + recs_random_below(&g->visits->random,
                                         seconds * 2000);
    }
}


void
recs_synth_product_id(recs_synth_guest_t *g, const char *before,
    uint32_t product)
{
    recs_synth_text_t  *t;

    t = &g->visits->queue->text;

    recs_synth_put(t, before);
    recs_synth_put(t, "\"productId\":\"P");
    recs_synth_number(t, recs_synth_id(g->visits->shop, product));
    recs_synth_put(t, "\"");
    recs_synth_price(t, "price",
                     recs_synth_price_at(&g->visits->shop->products[product],
                                         g->ms));
}


void
recs_synth_do(recs_synth_guest_t *g, const char *type, unsigned seconds)
{
    recs_synth_begin(g, type);
    recs_synth_end(g, seconds);
}


void
recs_synth_do_product(recs_synth_guest_t *g, const char *type,
    uint32_t product, unsigned seconds)
{
    recs_synth_begin(g, type);
    recs_synth_product_id(g, ",", product);
    recs_synth_end(g, seconds);
}


void
recs_synth_look(recs_synth_guest_t *g, uint32_t product)
{
    unsigned            seconds;
    recs_random_t      *r;
    recs_synth_text_t  *t;

    r = &g->visits->random;

    if (recs_random_chance(r, 0.15)) {
        recs_synth_do_product(g, "PRODUCT_CLICK", product, 1);
    }

    seconds = 3 + recs_random_below(r, 40);

    if (recs_random_chance(r, 0.1)) {
        seconds *= 4;
    }

    t = recs_synth_begin(g, "PRODUCT_VIEW");
    recs_synth_product_id(g, ",", product);
    recs_synth_string(t, "source", g->source);
    recs_synth_count(t, "duration", seconds);
    recs_synth_end(g, 0);

    g->ms += (int64_t) seconds * 1000;
    g->last = product;

    if (recs_random_chance(r, 0.08)) {
        recs_synth_do_product(g, "PRODUCT_MEDIA_VIEW", product, 6);
    }
}


static uint32_t
recs_synth_demand(recs_random_t *r, const recs_synth_shelf_t *shelf)
{
    uint32_t  rank;

    rank = (uint32_t) exp(recs_random_real(r) * shelf->log_count) - 1;

    return shelf->first + recs_min(rank, shelf->count - 1);
}


/* How far a price is from what the user is used to pay. */

static double
recs_synth_taste(const recs_synth_guest_t *g, uint32_t product)
{
    double                       usual;
    const recs_synth_product_t  *p;

    p = &g->visits->shop->products[product];
    usual = (double) recs_synth_leaves[p->leaf].price * g->user.budget;

    return fabs(log((double) p->price / 100 / usual));
}


/* Of two that are wanted, the one that suits. */

static uint32_t
recs_synth_choose_of(recs_synth_guest_t *g, uint32_t leaf)
{
    uint32_t                   one, rank, two;
    recs_random_t             *r;
    const recs_synth_t        *s;
    const recs_synth_shelf_t  *shelf;

    r = &g->visits->random;
    s = g->visits->shop;
    shelf = &s->shelves[leaf];

    if (g->ms > s->now_ms - RECS_SYNTH_TRENDING
        && recs_random_chance(r, 0.2))
    {
        return shelf->first
               + (uint32_t) (recs_random_mix(s->seed + leaf) % shelf->count);
    }

    if (g->last != RECS_NONE
        && s->products[g->last].leaf == leaf
        && recs_random_chance(r, 0.45))
    {
        rank = g->last - shelf->first;
        rank = rank - rank % RECS_SYNTH_CLUSTER
               + recs_random_below(r, RECS_SYNTH_CLUSTER);

        return shelf->first + recs_min(rank, shelf->count - 1);
    }

    one = recs_synth_demand(r, shelf);
    two = recs_synth_demand(r, shelf);

    return (recs_synth_taste(g, one) <= recs_synth_taste(g, two)) ? one : two;
}


/* The next product to look at, RECS_NONE where none was for sale yet. */

uint32_t
recs_synth_choose(recs_synth_guest_t *g)
{
    double               at;
    unsigned             tries;
    uint32_t             leaf, product;
    recs_random_t       *r;
    const recs_synth_t  *s;

    r = &g->visits->random;
    s = g->visits->shop;
    leaf = g->leaf;
    at = recs_random_real(r);

    if (at < 0.1) {
        leaf = s->shelves[leaf].with[recs_random_below(r, 2)];

    } else if (at < 0.2) {
        leaf = g->user.favourites[recs_random_below(r,
                                                    RECS_SYNTH_FAVOURITES)];
    }

    if (leaf == RECS_NONE) {
        leaf = g->leaf;
    }

    for (tries = 0; tries < 4; tries++) {
        product = recs_synth_choose_of(g, leaf);

        if (s->products[product].created_ms <= g->ms) {
            return product;
        }
    }

    return RECS_NONE;
}


/* What goes with a product: one of the same dozen, the first ones mostly. */

uint32_t
recs_synth_partner(recs_synth_guest_t *g, uint32_t product)
{
    uint64_t                   n;
    uint32_t                   leaf, partner;
    recs_random_t             *r;
    const recs_synth_t        *s;
    const recs_synth_shelf_t  *shelf;

    r = &g->visits->random;
    s = g->visits->shop;

    n = recs_random_below(r, recs_random_below(r, RECS_SYNTH_MATCHES) + 1);
    shelf = &s->shelves[s->products[product].leaf];
    leaf = shelf->with[n % 2];

    if (leaf == RECS_NONE) {
        leaf = shelf->with[0];
    }

    if (leaf == RECS_NONE) {
        return RECS_NONE;
    }

    shelf = &s->shelves[leaf];
    n += s->products[product].hash;
    partner = shelf->first
              + (uint32_t) (recs_random_mix(n)
                            % recs_min(shelf->count, RECS_SYNTH_PARTNERS));

    return (s->products[partner].created_ms <= g->ms) ? partner : RECS_NONE;
}
