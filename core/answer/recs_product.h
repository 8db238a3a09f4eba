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


/* Asks for the columns that recs_product_put() will read. */

static inline void
recs_product_expect(const recs_view_t *view, recs_item_t item)
{
    __builtin_prefetch(recs_view_cell(view, RECS_COLUMN_PRICE,
                                      sizeof(int64_t), item));
    __builtin_prefetch(recs_view_cell(view, RECS_COLUMN_STOCK,
                                      sizeof(int32_t), item));
}

/*
 * Writes the members without braces at p, where there is room for
 * product->len + RECS_PRODUCT_MORE bytes, and returns what is behind: the
 * fragment as it is ("product" of recs_snapshot_fragment()), or, where a hot
 * layer has the item, its static part and the offer of that layer; and
 * "lowStock" where so many pieces or fewer are left.
 */

uint8_t *recs_product_put(const recs_view_t *view, recs_item_t item,
    const recs_str_t *product, uint32_t low_stock, uint8_t *p);


#endif /* _RECS_PRODUCT_H_INCLUDED_ */
