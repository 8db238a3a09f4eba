/*
 * Copyright (C) recs authors
 *
 * What is sold, and what will be sold out.
 */

#include <stdlib.h>

#include "../../core/event/recs_event_type.h"
#include "../../core/recs_hash.h"
#include "private.h"


static unsigned recs_hot_new_sale(recs_hot_state_t *h,
    const recs_event_t *e, uint64_t key64);


void
recs_hot_sale(recs_hot_state_t *h, const recs_event_t *e)
{
    double              time, weight;
    int32_t             stock;
    int64_t             pieces;
    uint32_t            i, n;
    uint64_t            key64;
    const recs_str_t   *id;
    recs_hot_record_t  *r;

    time = recs_min(e->time_ms, h->now_ms) / 1000.0;
    weight = recs_hot_weight(h, time, RECS_HOT_SOLD_DAYS * RECS_HOT_DAY);

    for (i = 0; i < e->item_count; i++) {
        id = &e->items[i].product;

        if (id->len == 0 || e->items[i].quantity <= 0) {
            continue;
        }

        key64 = recs_key64(id->data, id->len);

        if (!recs_hot_new_sale(h, e, key64)) {
            continue;
        }

        n = recs_hot_record(h, key64);
        r = &h->records[n];

        /* what one person orders again today does not rank */

        if (recs_hot_new_vote(h, e, recs_hot_who(e), recs_hot_bought(key64)))
        {
            r->sold += weight * (double) e->items[i].quantity / RECS_MICRO;
            r->orders += 1;
            recs_hot_mark(h, &h->sold, n, RECS_HOT_IN_SOLD);
        }

        if (h->config->hot_stock == RECS_HOT_STOCK_UPDATES) {
            continue;
        }

        stock = recs_hot_stock(h, r);

        if (stock > 0) {
            pieces = e->items[i].quantity / RECS_MICRO;
            r->stock = stock - (int32_t) recs_min(pieces, stock);
            r->known |= RECS_HOT_STOCK;
            recs_hot_touch(h, n);
        }
    }
}


/* A PURCHASE and the CHECKOUT_COMPLETE of its order are one sale. */

static unsigned
recs_hot_new_sale(recs_hot_state_t *h, const recs_event_t *e, uint64_t key64)
{
    uint64_t  key[3];

    if (e->order.len == 0) {
        return 1;
    }

    key[0] = RECS_EVENT_PURCHASE;
    key[1] = recs_key64(e->order.data, e->order.len);
    key[2] = key64;

    return recs_hot_votes_add(&h->votes, recs_key64(key, sizeof(key)))
           == RECS_OK;
}


void
recs_hot_low(recs_hot_state_t *h)
{
    double              days, history, sold;
    uint32_t            i, n;
    recs_hot_offer_t    offer;
    recs_hot_rank_t    *changes;
    recs_hot_record_t  *r;

    n = h->sold.count;
    changes = recs_alloc((size_t) n * sizeof(recs_hot_rank_t) + 1);

    history = (h->now_ms / 1000.0 - h->since) / RECS_HOT_DAY;
    sold = recs_hot_now(h, RECS_HOT_SOLD_DAYS * RECS_HOT_DAY);

    for (i = 0; i < n; i++) {
        r = &h->records[h->sold.n[i]];
        r->in &= ~RECS_HOT_IN_SOLD;
        r->rate = 0;

        if (r->orders >= RECS_LOW_STOCK_ORDERS
            && recs_hot_shown(h, h->sold.n[i]))
        {
            recs_hot_offer(h, h->sold.n[i], &offer);
            days = recs_low_stock_days(offer.stock, r->sold * sold,
                                       RECS_HOT_SOLD_DAYS, history);

            if (days <= h->config->low_stock_days) {
                r->rate = (float) (1 / recs_max(days, 1e-6));
            }
        }

        changes[i].n = h->sold.n[i];
        changes[i].value = r->rate;
    }

    recs_hot_order(&h->low, changes, n);

    h->sold.count = 0;
    free(changes);
}
