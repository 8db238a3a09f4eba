/*
 * Copyright (C) recs authors
 *
 * The members of "product" in an answer as they are at this moment.
 */

#ifndef _RECS_PRODUCT_H_INCLUDED_
#define _RECS_PRODUCT_H_INCLUDED_


#include "../recs_out.h"
#include "../snapshot/recs_view.h"


/* What may be added to the fragment that the snapshot has. */

#define RECS_PRODUCT_MORE  (RECS_OFFER_SIZE + 32)


/* Asks for the columns that recs_product_put() will read of most items. */

static inline void
recs_product_expect(const recs_view_t *view, recs_item_t item)
{
    const recs_snapshot_t  *s;

    s = view->base;

    recs_column_prefetch(s, RECS_COLUMN_PRICE, int64_t, item);
    recs_column_prefetch(s, RECS_COLUMN_STOCK, int32_t, item);
}


/*
 * A member of "product" that does not change while the snapshot is used,
 * "url", as JSON; RECS_DECLINED: the item has none.
 */

int recs_product_member(const recs_snapshot_t *s, recs_item_t item,
    const recs_str_t *name, recs_str_t *value);

/* The static part of an item, and what the hot layer offers. */

uint8_t *recs_product_changed(const recs_view_t *view, recs_item_t item,
    uint8_t *p);

/*
 * Writes the members without braces at p, where there is room for
 * product->len + RECS_PRODUCT_MORE bytes, and returns what is behind: the
 * fragment as it is ("product" of recs_snapshot_fragment()), or, where a hot
 * layer has the item, its static part and the offer of that layer; and
 * "lowStock" where so many pieces or fewer are left.
 */

static inline uint8_t *
recs_product_put(const recs_view_t *view, recs_item_t item,
    const recs_str_t *product, uint32_t low_stock, uint8_t *p)
{
    int32_t  stock;

    if (recs_view_changed(view, item)) {
        p = recs_product_changed(view, item, p);
        stock = recs_view_column(view, RECS_COLUMN_STOCK, int32_t, item);

    } else {
        p = recs_put(p, product->data, product->len);
        stock = recs_column(view->base, RECS_COLUMN_STOCK, int32_t, item);
    }

    /* what is not known is below all */

    if (stock > 0 && (uint32_t) stock <= low_stock) {
        p = recs_put_lit(p, ",\"lowStock\":true");
    }

    return p;
}


#endif /* _RECS_PRODUCT_H_INCLUDED_ */
