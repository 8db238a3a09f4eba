/*
 * Copyright (C) recs authors
 *
 * The hot layer over a base snapshot.  A hot snapshot is a small snapshot of
 * its own (header.kind is RECS_KIND_HOT): its items are those whose price,
 * stock, rating or flags differ from what the base says, or that its lists
 * name; its categories and regions are those its lists are about.  Here its
 * item, category and region numbers are put into those of a base, once,
 * off the event loop, when either changes.  What the base does not know is
 * left out.  Immutable once made.
 */

#ifndef _RECS_HOT_H_INCLUDED_
#define _RECS_HOT_H_INCLUDED_


#include "recs_snapshot.h"


typedef struct {
    recs_item_t             item;      /* of the base */
    uint32_t                row;       /* of the hot snapshot + 1, 0: none */
} recs_hot_slot_t;


/* A list of the hot snapshot whose entries name items of the base. */

typedef struct {
    recs_list_e             list;
    uint32_t                rows;      /* of its domain in the base */
    const uint32_t         *offsets;   /* rows + 1; an empty row: the base's */
    recs_format_ranked_t   *entries;
} recs_hot_list_t;


#define RECS_HOT_LISTS  4              /* TRENDING, PRICE_DROP, REGION_TRENDING,
                                          LOW_STOCK */

typedef struct {
    const recs_snapshot_t  *hot;
    const uint64_t         *changed;   /* a bit an item of the base */
    const recs_hot_slot_t  *slots;     /* open addressing by item */
    uint32_t                mask;
    uint32_t                items;     /* of the base that are changed */
    uint32_t                list_count;
    recs_hot_list_t         lists[RECS_HOT_LISTS];
} recs_hot_t;


/*
 * The bytes that recs_hot_init() needs, and the layer made in them (aligned
 * to 16).  Takes time by the sizes of both; not to be called by an event
 * loop.  Both snapshots must outlive the layer.  Items are put together by
 * their keys, categories by their paths, regions by their names, so that a
 * layer that was made beside another base applies as well.  NULL with *err:
 * one of the two is not of the kind that it should be.
 */

size_t recs_hot_size(const recs_snapshot_t *base,
    const recs_snapshot_t *hot);
recs_hot_t *recs_hot_init(void *memory, const recs_snapshot_t *base,
    const recs_snapshot_t *hot, const char **err);


/* The row of the hot snapshot that holds an item of the base, RECS_NONE. */

static inline uint32_t
recs_hot_row(const recs_hot_t *h, recs_item_t item)
{
    uint32_t  i;

    if (!(h->changed[item >> 6] >> (item & 63) & 1)) {
        return RECS_NONE;
    }

    for (i = item * 2654435761u & h->mask; h->slots[i].row;
         i = (i + 1) & h->mask)
    {
        if (h->slots[i].item == item) {
            return h->slots[i].row - 1;
        }
    }

    return RECS_NONE;
}


#endif /* _RECS_HOT_H_INCLUDED_ */
