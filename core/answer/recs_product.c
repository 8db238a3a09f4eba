/*
 * Copyright (C) recs authors
 */

#include "recs_product.h"
#include "../recs_json.h"


int
recs_product_member(const recs_snapshot_t *s, recs_item_t item,
    const recs_str_t *name, recs_str_t *value)
{
    recs_str_t        fixed, member;
    recs_json_iter_t  it;

    recs_snapshot_static(s, item, &fixed);

    /* members of an object that has no braces */

    it.pos = fixed.data;
    it.last = fixed.data + fixed.len;
    it.object = 1;

    while (recs_json_next(&it, &member, value) == RECS_OK) {
        if (recs_str_equal(&member, name)) {
            return RECS_OK;
        }
    }

    return RECS_DECLINED;
}


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
