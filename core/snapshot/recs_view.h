/*
 * Copyright (C) recs authors
 *
 * What one request answers from: a base snapshot and the hot layer that goes
 * with it, if there is one.  Immutable once made; the host counts references.
 */

#ifndef _RECS_VIEW_H_INCLUDED_
#define _RECS_VIEW_H_INCLUDED_


#include "recs_hot.h"
#include "recs_offer.h"


typedef struct {
    const recs_snapshot_t  *base;
    const recs_hot_t       *hot;       /* NULL: none */
    uint64_t                id;        /* that of the base, with a hot layer
                                          recs_view_id() */
} recs_view_t;


/* The id of a base and a hot snapshot together; hot 0: that of the base. */

uint64_t recs_view_id(uint64_t base, uint64_t hot);


/*
 * The value of a column of items that changes between two base snapshots:
 * PRICE, LIST_PRICE, REFERENCE_PRICE, STOCK, RATING, RATING_COUNT, FLAGS,
 * CTR.  All others are read by recs_column().
 */

static inline const void *
recs_view_cell(const recs_view_t *v, recs_column_e which, size_t size,
    recs_item_t item)
{
    uint32_t             row;
    const recs_array_t  *a;

    a = &v->base->columns[which];

    if (v->hot) {
        row = recs_hot_row(v->hot, item);

        if (row != RECS_NONE) {
            a = &v->hot->hot->columns[which];
            item = row;
        }
    }

    return a->chunks[item >> a->shift] + (size_t) (item & a->mask) * size;
}

#define recs_view_column(v, which, type, item)                               \
    (*(const type *) recs_view_cell(v, which, sizeof(type), item))


/* Whether an item may be shown: listed and not out of stock. */

#define recs_view_flags(v, item)                                             \
    recs_view_column(v, RECS_COLUMN_FLAGS, uint8_t, item)

#define recs_view_shown(v, item)                                             \
    ((recs_view_flags(v, item) & RECS_ITEM_SHOWN) == RECS_ITEM_SHOWN)


/* Whether the hot layer has the columns of an item. */

#define recs_view_changed(v, i)                                              \
    ((v)->hot && ((v)->hot->changed[(i) >> 6] >> ((i) & 63) & 1))


/* What is offered of an item, by its columns, through the layer. */

void recs_view_offer(const recs_view_t *v, recs_item_t item,
    recs_offer_t *offer);


/* The row of a region, by key64 of its name; RECS_NONE. */

uint32_t recs_view_region(const recs_view_t *v, uint64_t key64);


/* A row of a ranked list: the hot one where there is one. */

const recs_format_ranked_t *recs_view_ranked(const recs_view_t *v,
    recs_list_e list, uint32_t row, uint32_t *count);


#endif /* _RECS_VIEW_H_INCLUDED_ */
