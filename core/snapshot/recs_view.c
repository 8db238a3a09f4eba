/*
 * Copyright (C) recs authors
 */

#include "../recs_hash.h"
#include "recs_view.h"


uint64_t
recs_view_id(uint64_t base, uint64_t hot)
{
    uint64_t  ids[2] = { base, hot };

    return hot ? recs_key64(ids, sizeof(ids)) : base;
}


/* A price has the currency of the snapshot that it is from. */

void
recs_view_offer(const recs_view_t *v, recs_item_t item, recs_offer_t *offer)
{
    uint32_t                row;
    const recs_snapshot_t  *s;

#define get(which, type)  recs_column(s, RECS_COLUMN_##which, type, item)

    s = v->base;
    row = v->hot ? recs_hot_row(v->hot, item) : RECS_NONE;

    if (row != RECS_NONE) {
        s = v->hot->hot;
        item = row;
    }

    offer->price = get(PRICE, int64_t);
    offer->list_price = get(LIST_PRICE, int64_t);
    offer->reference_price = get(REFERENCE_PRICE, int64_t);
    offer->currency = s->header.currencies[get(CURRENCY, uint8_t)];
    offer->stock = get(STOCK, int32_t);
    offer->rating_count = get(RATING_COUNT, uint32_t);
    offer->rating = get(RATING, uint16_t);
    offer->available = (get(FLAGS, uint8_t) & RECS_ITEM_SHOWN)
                       == RECS_ITEM_SHOWN;

#undef get
}


uint32_t
recs_view_region(const recs_view_t *v, uint64_t key64)
{
    uint32_t     i, n;
    const void  *name;

    for (i = 0; i < v->base->header.rows[RECS_DOMAIN_REGIONS]; i++) {
        name = recs_list(v->base, RECS_LIST_REGION_NAME, i, &n);

        if (name && recs_key64(name, n) == key64) {
            return i;
        }
    }

    return RECS_NONE;
}


const recs_format_ranked_t *
recs_view_ranked(const recs_view_t *v, recs_list_e list, uint32_t row,
    uint32_t *count)
{
    uint32_t                i;
    const recs_hot_list_t  *hot;

    for (i = 0; v->hot && i < v->hot->list_count; i++) {
        hot = &v->hot->lists[i];

        if (hot->list == list && row < hot->rows
            && hot->offsets[row] != hot->offsets[row + 1])
        {
            *count = hot->offsets[row + 1] - hot->offsets[row];
            return hot->entries + hot->offsets[row];
        }
    }

    return recs_list(v->base, list, row, count);
}
