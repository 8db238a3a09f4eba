/*
 * Copyright (C) recs authors
 *
 * A visit is about one category: somebody comes, searches or browses, looks
 * at some products, and perhaps buys.
 */

#include <string.h>

#include "synth.h"


#define RECS_SYNTH_VIEWS   20
#define RECS_SYNTH_LENGTH  (40 * 60 * 1000)


static void
recs_synth_enter(recs_synth_guest_t *g, recs_synth_visits_t *v, int64_t ms)
{
    double               at;
    uint32_t             number;
    recs_random_t       *r;
    const recs_synth_t  *s;

    r = &v->random;
    s = v->shop;

    /* some users come far more often than others */

    at = recs_random_real(r);
    number = (uint32_t) (s->users * at * at);

    recs_synth_user(s, &g->user, number);

    g->visits = v;
    g->ms = ms;
    g->session = recs_random_mix(s->seed ^ ++v->visits) | 1;
    g->known = g->user.created_ms <= ms && recs_random_chance(r, 0.4);
    g->anonymous = !g->known;
    g->last = RECS_NONE;
    g->source = "direct";
    g->cart_count = 0;

    if (recs_random_chance(r, 0.4)) {
        g->leaf = g->user.favourites[recs_random_below(r,
                                                    RECS_SYNTH_FAVOURITES)];

    } else {
        g->leaf = recs_synth_pick(s, s->topic, recs_random_real(r));
    }
}


static void
recs_synth_search(recs_synth_guest_t *g)
{
    char                     *p, query[64];
    recs_synth_text_t        *t;
    const recs_synth_leaf_t  *leaf;

    leaf = &recs_synth_leaves[g->leaf];

    /* half of the people are brief */

    strncpy(query, recs_random_chance(&g->visits->random, 0.5)
                   ? leaf->name : leaf->noun, sizeof(query) - 1);
    query[sizeof(query) - 1] = '\0';

    for (p = query; *p; p++) {
        if (*p >= 'A' && *p <= 'Z') {
            *p |= 0x20;
        }
    }

    t = recs_synth_begin(g, "SEARCH");
    recs_synth_string(t, "query", query);
    recs_synth_end(g, 8);

    g->source = "search";
}


static void
recs_synth_browse(recs_synth_guest_t *g)
{
    recs_synth_text_t        *t;
    const recs_synth_leaf_t  *leaf;

    leaf = &recs_synth_leaves[g->leaf];

    t = recs_synth_begin(g, "CATEGORY_VIEW");
    recs_synth_string(t, "categoryId", leaf->department);
    t->len--;

    if (leaf->group) {
        recs_synth_put(t, "/");
        recs_synth_put(t, leaf->group);
    }

    recs_synth_put(t, "/");
    recs_synth_put(t, leaf->name);
    recs_synth_put(t, "\"");
    recs_synth_end(g, 10);

    g->source = "category";

    if (recs_random_chance(&g->visits->random, 0.15)) {
        t = recs_synth_begin(g, "FILTER_USE");
        recs_synth_put(t, ",\"metadata\":{\"filter\":\"colour\"");
        recs_synth_string(t, "value",
                          recs_synth_colours[g->user.hash % 10]);
        recs_synth_put(t, "}");
        recs_synth_end(g, 5);
    }
}


static void
recs_synth_arrive(recs_synth_guest_t *g)
{
    double  at;

    if (recs_random_chance(&g->visits->random, 0.3)) {
        recs_synth_do(g, "HOME_VIEW", 6);
    }

    at = recs_random_real(&g->visits->random);

    if (at < 0.35) {
        recs_synth_search(g);

    } else if (at < 0.75) {
        recs_synth_browse(g);
    }
}


static void
recs_synth_login(recs_synth_guest_t *g)
{
    if (g->known || g->user.created_ms > g->ms) {
        return;
    }

    g->known = 1;
    recs_synth_do(g, "LOGIN", 5);
}


static void
recs_synth_cart(recs_synth_guest_t *g, uint32_t product)
{
    uint32_t             i;
    recs_random_t       *r;
    recs_synth_text_t   *t;
    recs_synth_piece_t  *piece;

    r = &g->visits->random;

    for (i = 0; i < g->cart_count; i++) {
        if (g->cart[i].product == product) {
            return;
        }
    }

    if (g->cart_count == RECS_SYNTH_CART) {
        return;
    }

    piece = &g->cart[g->cart_count++];

    piece->product = product;
    piece->quantity = 1;

    i = g->visits->shop->products[product].leaf;

    if (recs_synth_leaves[i].price < 60 && recs_random_chance(r, 0.2)) {
        piece->quantity += 1 + recs_random_below(r, 3);
    }

    t = recs_synth_begin(g, "ADD_TO_CART");
    recs_synth_product_id(g, ",", product);
    recs_synth_count(t, "quantity", piece->quantity);
    recs_synth_end(g, 4);

    if (recs_random_chance(r, 0.08)) {
        g->cart_count--;
        recs_synth_do_product(g, "REMOVE_FROM_CART", product, 4);
    }
}


/* Who takes a phone often takes a case, and then a screen protector. */

static void
recs_synth_take(recs_synth_guest_t *g, uint32_t product)
{
    recs_random_t  *r;

    r = &g->visits->random;

    recs_synth_cart(g, product);

    while (recs_random_chance(r, 0.55)) {
        product = recs_synth_partner(g, product);

        if (product == RECS_NONE) {
            break;
        }

        g->source = "recommendation";
        recs_synth_look(g, product);
        recs_synth_cart(g, product);
    }
}


/* Good products, and such as have become cheaper, are taken more often. */

static void
recs_synth_consider(recs_synth_guest_t *g, uint32_t product)
{
    double                       wish;
    recs_random_t               *r;
    const recs_synth_product_t  *p;

    r = &g->visits->random;
    p = &g->visits->shop->products[product];

    wish = 0.02 + 0.02 * p->quality;

    if (p->before > p->price && g->ms >= p->changed_ms) {
        wish += 0.08;
    }

    if (recs_random_chance(r, wish)) {
        recs_synth_take(g, product);
        return;
    }

    if (recs_random_chance(r, 0.04)) {
        recs_synth_do_product(g, "ADD_TO_WISHLIST", product, 3);

    } else if (recs_random_chance(r, 0.02)) {
        recs_synth_do_product(g, "COMPARE_ADD", product, 3);

    } else if (recs_random_chance(r, 0.01)) {
        recs_synth_do_product(g, "PRODUCT_SHARE", product, 3);
    }
}


void
recs_synth_visit(recs_synth_visits_t *v, int64_t ms)
{
    unsigned            i;
    uint32_t            product;
    recs_synth_guest_t  g;

    recs_synth_enter(&g, v, ms);
    recs_synth_arrive(&g);

    for (i = 0; i < RECS_SYNTH_VIEWS; i++) {
        product = recs_synth_choose(&g);

        if (product != RECS_NONE) {
            recs_synth_look(&g, product);
            recs_synth_consider(&g, product);
        }

        if (g.ms - ms > RECS_SYNTH_LENGTH
            || !recs_random_chance(&v->random, 0.74))
        {
            break;
        }

        if (recs_random_chance(&v->random, 0.06)) {
            recs_synth_search(&g);
        }

        if (recs_random_chance(&v->random, 0.04)) {
            recs_synth_login(&g);
        }
    }

    if (g.cart_count && recs_random_chance(&v->random, 0.55)) {

        if (recs_random_chance(&v->random, 0.6)) {
            recs_synth_login(&g);
        }

        recs_synth_order(&g);
    }
}
