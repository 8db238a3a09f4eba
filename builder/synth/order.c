/*
 * Copyright (C) recs authors
 */

#include "synth.h"


#define RECS_SYNTH_DAY    ((int64_t) 86400 * 1000)
#define RECS_SYNTH_ORDER  1000000


static void
recs_synth_order_id(recs_synth_text_t *t, uint64_t order)
{
    recs_synth_put(t, ",\"orderId\":\"O");
    recs_synth_number(t, (int64_t) (RECS_SYNTH_ORDER + order));
    recs_synth_put(t, "\",\"currency\":\"EUR\"");
}


static int64_t
recs_synth_item(recs_synth_guest_t *g, recs_synth_text_t *t, unsigned first,
    const recs_synth_piece_t *piece)
{
    recs_synth_product_id(g, first ? "{" : ",{", piece->product);
    recs_synth_count(t, "quantity", piece->quantity);
    recs_synth_put(t, "}");

    return piece->quantity
           * recs_synth_price_at(&g->visits->shop->products[piece->product],
                                 g->ms);
}


static void
recs_synth_purchase(recs_synth_guest_t *g, uint64_t order)
{
    int64_t             value;
    uint32_t            i;
    recs_synth_text_t  *t;

    t = recs_synth_begin(g, "PURCHASE");
    recs_synth_order_id(t, order);
    recs_synth_put(t, ",\"items\":[");

    for (i = 0, value = 0; i < g->cart_count; i++) {
        value += recs_synth_item(g, t, i == 0, &g->cart[i]);
    }

    recs_synth_put(t, "]");
    recs_synth_price(t, "value", value);
    recs_synth_end(g, 0);

    t = recs_synth_begin(g, "CHECKOUT_COMPLETE");
    recs_synth_order_id(t, order);
    recs_synth_price(t, "value", value);
    recs_synth_end(g, 2);
}


/* One line in twenty comes back, one in seven is rated. */

static void
recs_synth_order_later(recs_synth_guest_t *g, uint64_t order)
{
    double                       at, days;
    uint32_t                     i;
    recs_random_t               *r;
    recs_synth_later_t           later;
    const recs_synth_product_t  *p;

    r = &g->visits->random;

    for (i = 0; i < g->cart_count; i++) {
        at = recs_random_real(r);

        if (at >= 0.2) {
            continue;
        }

        p = &g->visits->shop->products[g->cart[i].product];
        days = 3 + recs_random_real(r) * ((at < 0.05) ? 17 : 27);

        later.ms = g->ms + (int64_t) (days * RECS_SYNTH_DAY);
        later.order = order;
        later.user = g->user.number;
        later.known = g->known;
        later.product = g->cart[i].product;
        later.quantity = g->cart[i].quantity;
        later.price = recs_synth_price_at(p, g->ms);
        later.kind = (at < 0.05) ? RECS_SYNTH_REFUND
                     : (at < 0.14) ? RECS_SYNTH_RATING
                     : RECS_SYNTH_REVIEW;

        recs_synth_queue_later(g->visits->queue, &later);
    }
}


void
recs_synth_order(recs_synth_guest_t *g)
{
    uint64_t        order;
    recs_random_t  *r;

    r = &g->visits->random;

    recs_synth_do(g, "CHECKOUT_START", 15);

    if (recs_random_chance(r, 0.1)) {
        return;
    }

    recs_synth_do(g, "SHIPPING_INFO", 25);
    recs_synth_do(g, "PAYMENT_INFO", 25);

    if (recs_random_chance(r, 0.07)) {
        return;
    }

    order = ++g->visits->orders;

    recs_synth_purchase(g, order);
    recs_synth_order_later(g, order);
}


static void
recs_synth_refund(recs_synth_guest_t *g, const recs_synth_later_t *later)
{
    recs_synth_text_t  *t;

    t = recs_synth_begin(g, "REFUND");
    recs_synth_order_id(t, later->order);
    recs_synth_put(t, ",\"items\":[{\"productId\":\"P");
    recs_synth_number(t, recs_synth_id(g->visits->shop, later->product));
    recs_synth_put(t, "\"");
    recs_synth_price(t, "price", later->price);
    recs_synth_count(t, "quantity", later->quantity);
    recs_synth_put(t, "}]");
    recs_synth_end(g, 0);
}


static void
recs_synth_opinion(recs_synth_guest_t *g, const recs_synth_later_t *later)
{
    double              stars;
    recs_random_t      *r;
    recs_synth_text_t  *t;

    r = &g->visits->random;

    stars = g->visits->shop->products[later->product].quality + 0.5
            + 0.7 * recs_random_normal(r);
    stars = recs_max(1, recs_min(stars, 5));

    t = recs_synth_begin(g, (later->kind == RECS_SYNTH_RATING)
                            ? "RATING" : "REVIEW_SUBMITTED");
    recs_synth_put(t, ",\"productId\":\"P");
    recs_synth_number(t, recs_synth_id(g->visits->shop, later->product));
    recs_synth_put(t, "\"");
    recs_synth_count(t, "rating", (int64_t) stars);

    if (later->kind == RECS_SYNTH_REVIEW) {
        recs_synth_put(t, ",\"metadata\":{\"title\":\"");
        recs_synth_put(t, (stars < 3) ? "not very " : "");
        recs_synth_put(t, recs_synth_praise[recs_random_below(r, 8)]);
        recs_synth_put(t, "\"}");
    }

    recs_synth_end(g, 0);
}


void
recs_synth_follow(recs_synth_visits_t *v, const recs_synth_later_t *later)
{
    recs_synth_guest_t  g;

    recs_synth_user(v->shop, &g.user, later->user);

    g.visits = v;
    g.ms = later->ms;
    g.session = 0;
    g.known = later->known;
    g.anonymous = !later->known;

    if (later->kind == RECS_SYNTH_REFUND) {
        recs_synth_refund(&g, later);

    } else {
        recs_synth_opinion(&g, later);
    }
}
