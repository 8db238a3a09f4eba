/*
 * Copyright (C) recs authors
 *
 * Offers: what a row of the catalogue, or a change, says now.  What it does
 * not say is as in the base.
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/recs_hash.h"
#include "../model/drops.h"
#include "private.h"


#define RECS_HOT_PRICES      64        /* changes of one price that are kept */


static void recs_hot_told(const recs_hot_state_t *h, recs_hot_record_t *r,
    const recs_product_row_t *row, int64_t arrived_ms);
static int64_t recs_hot_price_now(const recs_hot_state_t *h,
    const recs_hot_record_t *r);
static unsigned recs_hot_since_base(const recs_hot_state_t *h, int64_t ms);
static void recs_hot_price(const recs_hot_state_t *h, recs_hot_record_t *r,
    int64_t price, int64_t time_ms, int64_t arrived_ms);
static void recs_hot_price_add(recs_hot_record_t *r, int64_t price,
    uint32_t time);
static void recs_hot_compare(recs_hot_state_t *h, uint32_t record);
static void recs_hot_offer_base(const recs_hot_state_t *h,
    const recs_hot_record_t *r, recs_hot_offer_t *offer);
static int64_t recs_hot_reference(const recs_hot_record_t *r,
    int64_t otherwise);


/* An older row than the last one says how things were. */

void
recs_hot_update(recs_hot_state_t *h, const recs_event_t *e)
{
    int64_t             time_ms, arrived_ms;
    uint32_t            n;
    const char         *field, *why;
    recs_hot_record_t  *r;
    recs_product_row_t  row;

    if (recs_catalog_product(h->catalog, &e->document, &row, &field, &why)
        != RECS_OK)
    {
        return;
    }

    h->stats.updates++;

    n = recs_hot_record(h, recs_key64(row.id.data, row.id.len));
    r = &h->records[n];

    arrived_ms = recs_hot_arrived(h, e);
    time_ms = row.updated_ms ? row.updated_ms : e->time_ms;

    if (row.price != RECS_NO_MONEY) {
        recs_hot_price(h, r, row.price, time_ms ? time_ms : arrived_ms,
                       arrived_ms);
    }

    if (r->known && time_ms && time_ms < r->updated_ms) {
        return;
    }

    r->updated_ms = time_ms;

    recs_hot_told(h, r, &row, arrived_ms);
    recs_hot_touch(h, n);
}


static void
recs_hot_told(const recs_hot_state_t *h, recs_hot_record_t *r,
    const recs_product_row_t *row, int64_t arrived_ms)
{
    unsigned  whole;

    whole = !recs_product_row_changes(row);

    if (whole || row->price != RECS_NO_MONEY) {
        r->known |= RECS_HOT_PRICE;
        r->price = row->price;
    }

    if (whole || row->list_price != RECS_NO_MONEY) {
        r->known |= RECS_HOT_LIST_PRICE;
        r->list_price = row->list_price;
    }

    if (whole || row->stock != RECS_NO_STOCK) {
        r->known |= RECS_HOT_STOCK;
        r->stock = row->stock;

    } else if (row->available == 1 && recs_hot_stock(h, r) <= 0) {
        r->known |= RECS_HOT_STOCK;
        r->stock = RECS_NO_STOCK;
    }

    if (whole || row->listed != -1) {
        r->known |= RECS_HOT_LISTED;
        r->listed = (row->listed != 0);
    }

    if (row->rating && recs_hot_since_base(h, arrived_ms)) {
        r->known |= RECS_HOT_RATING;
        r->rating = (uint16_t) row->rating;
        r->rating_count = row->rating_count;
        r->rated_ms = arrived_ms;
    }
}


int32_t
recs_hot_stock(const recs_hot_state_t *h, const recs_hot_record_t *r)
{
    if ((r->known & RECS_HOT_STOCK) || r->item == RECS_NONE) {
        return r->stock;
    }

    return recs_column(h->base, RECS_COLUMN_STOCK, int32_t, r->item);
}


static int64_t
recs_hot_price_now(const recs_hot_state_t *h, const recs_hot_record_t *r)
{
    if ((r->known & RECS_HOT_PRICE) || r->item == RECS_NONE) {
        return r->price;
    }

    return recs_column(h->base, RECS_COLUMN_PRICE, int64_t, r->item);
}


/* Whether the base cannot know what arrived then. */

static unsigned
recs_hot_since_base(const recs_hot_state_t *h, int64_t ms)
{
    return h->base == NULL || ms > h->base_ms;
}


/*
 * The price before the first change was that of the base, unless the base
 * knows the change.
 */

static void
recs_hot_price(const recs_hot_state_t *h, recs_hot_record_t *r,
    int64_t price, int64_t time_ms, int64_t arrived_ms)
{
    int64_t   before;
    uint32_t  i, time;

    time = (uint32_t) recs_max(time_ms / 1000, 1);
    before = recs_hot_price_now(h, r);

    if (r->price_count == 0 && before != RECS_NO_MONEY && before != price
        && recs_hot_since_base(h, arrived_ms))
    {
        recs_hot_price_add(r, before, 0);
    }

    if (before != price) {
        r->priced_ms = recs_max(r->priced_ms, arrived_ms);
    }

    recs_hot_price_add(r, price, time);

    /* by time, and only changes */

    for (i = r->price_count - 1;
         i > 0 && r->prices[i].time < r->prices[i - 1].time; i--)
    {
        r->prices[i] = r->prices[i - 1];
        r->prices[i - 1].time = time;
        r->prices[i - 1].price = price;
    }

    if (i > 0 && r->prices[i - 1].price == price) {
        memmove(&r->prices[i], &r->prices[i + 1],
                (r->price_count - i - 1) * sizeof(recs_price_t));
        r->price_count--;
    }
}


static void
recs_hot_price_add(recs_hot_record_t *r, int64_t price, uint32_t time)
{
    if (r->price_count == RECS_HOT_PRICES) {
        memmove(r->prices, r->prices + 1,
                (RECS_HOT_PRICES - 1) * sizeof(recs_price_t));
        r->price_count--;
    }

    if ((r->price_count & (r->price_count - 1)) == 0) {
        r->prices = recs_realloc(r->prices,
                                 recs_max(2 * r->price_count, 1)
                                 * sizeof(recs_price_t));
    }

    r->prices[r->price_count].item = 0;
    r->prices[r->price_count].time = time;
    r->prices[r->price_count++].price = price;
}


void
recs_hot_touch(recs_hot_state_t *h, uint32_t record)
{
    recs_hot_record_t  *r;

    r = &h->records[record];
    r->touched_ms = h->live ? h->now_ms : 0;

    recs_hot_mark(h, &h->offers, record, RECS_HOT_IN_OFFERS);
    recs_hot_mark(h, &h->voted, record, RECS_HOT_IN_VOTED);
    recs_hot_mark(h, &h->sold, record, RECS_HOT_IN_SOLD);

    recs_hot_compare(h, record);
}


/*
 * What has come since the base began to be built stays in the layer also
 * where it is the same: the base that is being built may know a change which
 * has been taken back since.  Before a restart no build of now was running.
 */

static void
recs_hot_compare(recs_hot_state_t *h, uint32_t record)
{
    recs_hot_offer_t    base, offer;
    recs_hot_record_t  *r;

    r = &h->records[record];
    r->in &= ~(RECS_HOT_DIFFERS | RECS_HOT_DROP);

    if (r->item == RECS_NONE) {
        return;
    }

    recs_hot_offer_base(h, r, &base);
    recs_hot_offer(h, record, &offer);

    if (offer.price != base.price || offer.list_price != base.list_price
        || offer.reference != base.reference || offer.listed != base.listed)
    {
        r->in |= RECS_HOT_DROP;
    }

    if ((r->in & RECS_HOT_DROP) || offer.stock != base.stock
        || offer.rating != base.rating
        || offer.rating_count != base.rating_count
        || r->touched_ms > h->base_ms)
    {
        r->in |= RECS_HOT_DIFFERS;
    }
}


/* A new base knows the ratings that came before it. */

void
recs_hot_offers_base(recs_hot_state_t *h)
{
    uint32_t            i;
    recs_hot_record_t  *r;

    for (i = 0; i < h->offers.count; i++) {
        r = &h->records[h->offers.n[i]];

        if (!recs_hot_since_base(h, r->rated_ms)) {
            r->known &= ~RECS_HOT_RATING;
        }

        recs_hot_compare(h, h->offers.n[i]);
    }

    for (i = 0; i < h->count; i++) {
        if (h->records[i].sold > 0) {
            recs_hot_mark(h, &h->sold, i, RECS_HOT_IN_SOLD);
        }
    }
}


static void
recs_hot_offer_base(const recs_hot_state_t *h, const recs_hot_record_t *r,
    recs_hot_offer_t *offer)
{
    uint32_t                i;
    const recs_snapshot_t  *b;

    b = h->base;
    i = r->item;

    offer->price = recs_column(b, RECS_COLUMN_PRICE, int64_t, i);
    offer->list_price = recs_column(b, RECS_COLUMN_LIST_PRICE, int64_t, i);
    offer->reference = recs_column(b, RECS_COLUMN_REFERENCE_PRICE, int64_t,
                                   i);
    offer->stock = recs_column(b, RECS_COLUMN_STOCK, int32_t, i);
    offer->rating = recs_column(b, RECS_COLUMN_RATING, uint16_t, i);
    offer->rating_count = recs_column(b, RECS_COLUMN_RATING_COUNT, uint32_t,
                                      i);
    offer->listed = (recs_column(b, RECS_COLUMN_FLAGS, uint8_t, i)
                     & RECS_ITEM_LISTED) != 0;
}


void
recs_hot_offer(const recs_hot_state_t *h, uint32_t record,
    recs_hot_offer_t *offer)
{
    const recs_hot_record_t  *r;

    r = &h->records[record];

    recs_hot_offer_base(h, r, offer);

    if (r->known & RECS_HOT_PRICE) {
        offer->price = (r->price != RECS_NO_MONEY) ? r->price : offer->price;

        if (recs_hot_since_base(h, r->priced_ms)) {
            offer->reference = recs_hot_reference(r, offer->reference);
        }
    }

    if (r->known & RECS_HOT_LIST_PRICE) {
        offer->list_price = r->list_price;
    }

    if (r->known & RECS_HOT_STOCK) {
        offer->stock = r->stock;
    }

    if (r->known & RECS_HOT_LISTED) {
        offer->listed = r->listed;
    }

    if (r->known & RECS_HOT_RATING) {
        offer->rating = r->rating;
        offer->rating_count = r->rating_count;
    }
}


static int64_t
recs_hot_reference(const recs_hot_record_t *r, int64_t otherwise)
{
    int64_t  reference;

    reference = r->price_count ? recs_dataset_reference(r->prices,
                                                        r->price_count)
                               : RECS_NO_MONEY;

    return (reference != RECS_NO_MONEY) ? reference : otherwise;
}


double
recs_hot_drop(const recs_hot_state_t *h, uint32_t record)
{
    recs_drop_t               drop;
    recs_hot_offer_t          offer;
    const recs_hot_record_t  *r;

    if (!recs_hot_shown(h, record)) {
        return 0;
    }

    r = &h->records[record];
    recs_hot_offer(h, record, &offer);
    memset(&drop, 0, sizeof(recs_drop_t));

    if (offer.price <= 0) {
        return 0;
    }

    if (r->price_count > 1 && recs_hot_since_base(h, r->priced_ms)) {
        recs_drops_change(r->prices, r->price_count, offer.price,
                          offer.reference, &drop);

    } else if (offer.reference > offer.price) {
        drop.share = 1 - (double) offer.price / offer.reference;
    }

    if (drop.share <= 0 && offer.list_price > offer.price) {
        drop.share = 1 - (double) offer.price / offer.list_price;
    }

    return (drop.share >= h->config->drop_min - 1e-9) ? drop.share : 0;
}


/*
 * Stars count with those of the base, once for each person and day; what is
 * in it already does not.
 */

void
recs_hot_rate(recs_hot_state_t *h, const recs_event_t *e)
{
    int64_t             arrived_ms;
    uint32_t            n;
    uint64_t            key64, sum;
    recs_hot_offer_t    offer;
    recs_hot_record_t  *r;

    arrived_ms = recs_hot_arrived(h, e);

    if (e->rating <= 0 || h->base == NULL
        || !recs_hot_since_base(h, arrived_ms))
    {
        return;
    }

    key64 = recs_key64(e->items[0].product.data, e->items[0].product.len);

    if (!recs_hot_new_vote(h, e, recs_hot_who(e), recs_hot_starred(key64))) {
        h->stats.twice++;
        return;
    }

    n = recs_hot_record(h, key64);
    r = &h->records[n];

    if (r->item == RECS_NONE) {
        return;
    }

    recs_hot_offer(h, n, &offer);

    sum = (uint64_t) offer.rating * offer.rating_count + (uint64_t) e->rating;
    r->rating_count = offer.rating_count + 1;
    r->rating = (uint16_t) ((sum + r->rating_count / 2) / r->rating_count);
    r->known |= RECS_HOT_RATING;
    r->rated_ms = arrived_ms;

    recs_hot_touch(h, n);
}
