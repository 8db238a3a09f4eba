/*
 * Copyright (C) recs authors
 */

#include "recs_product.h"


uint8_t *
recs_product_changed(const recs_view_t *view, recs_item_t item, uint8_t *p)
{
    recs_str_t    fixed;
    recs_out_t    out;
    recs_offer_t  offer;

    recs_snapshot_static(view->base, item, &fixed);
    recs_view_offer(view, item, &offer);

    p = recs_put(p, fixed.data, fixed.len);

    if (fixed.len) {
        *p++ = ',';
    }

    recs_out_init(&out, p, RECS_OFFER_SIZE);
    recs_offer_json(&out, &offer);

    return out.pos;
}
