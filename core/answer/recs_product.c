/*
 * Copyright (C) recs authors
 */

#include "recs_product.h"


static uint8_t *recs_product_changed(const recs_view_t *view,
    recs_item_t item, uint8_t *p);


uint8_t *
recs_product_put(const recs_view_t *view, recs_item_t item,
    const recs_str_t *product, uint32_t low_stock, uint8_t *p)
{
    int32_t  stock;

    if (recs_view_changed(view, item)) {
        p = recs_product_changed(view, item, p);

    } else {
        p = recs_put(p, product->data, product->len);
    }

    if (low_stock) {
        stock = recs_view_column(view, RECS_COLUMN_STOCK, int32_t, item);

        /* what is not known is below all */

        if (stock > 0 && (uint32_t) stock <= low_stock) {
            p = recs_put_lit(p, ",\"lowStock\":true");
        }
    }

    return p;
}


static uint8_t *
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
