/*
 * Copyright (C) recs authors
 */

#include "recs_offer.h"


static void recs_offer_money(recs_out_t *out, const recs_offer_t *offer);


void
recs_offer_json(recs_out_t *out, const recs_offer_t *offer)
{
    if (offer->price != RECS_NO_MONEY) {
        recs_offer_money(out, offer);
    }

    if (offer->rating) {
        recs_out_lit(out, "\"rating\":");
        recs_out_micro(out, (int64_t) offer->rating * (RECS_MICRO / 1000));
        recs_out_lit(out, ",\"ratingCount\":");
        recs_out_u64(out, offer->rating_count);
        recs_out_byte(out, ',');
    }

    if (offer->stock != RECS_NO_STOCK) {
        recs_out_lit(out, "\"stock\":");
        recs_out_i64(out, offer->stock);
        recs_out_byte(out, ',');
    }

    if (offer->available) {
        recs_out_lit(out, "\"available\":true");

    } else {
        recs_out_lit(out, "\"available\":false");
    }
}


static void
recs_offer_money(recs_out_t *out, const recs_offer_t *offer)
{
    recs_out_lit(out, "\"price\":");
    recs_out_micro(out, offer->price);
    recs_out_byte(out, ',');

    if (offer->currency[0]) {
        recs_out_lit(out, "\"currency\":\"");
        recs_out_bytes(out, offer->currency, 3);
        recs_out_lit(out, "\",");
    }

    if (offer->list_price > offer->price) {
        recs_out_lit(out, "\"listPrice\":");
        recs_out_micro(out, offer->list_price);
        recs_out_byte(out, ',');
    }

    if (offer->reference_price > offer->price) {
        recs_out_lit(out, "\"referencePrice\":");
        recs_out_micro(out, offer->reference_price);
        recs_out_byte(out, ',');
    }
}
