/*
 * Copyright (C) recs authors
 *
 * What one request answers from: a base snapshot, later with the hot one
 * that goes with it.  Immutable once made; the host counts references.
 */

#ifndef _RECS_VIEW_H_INCLUDED_
#define _RECS_VIEW_H_INCLUDED_


#include "recs_snapshot.h"


typedef struct {
    const recs_snapshot_t  *base;
    uint64_t                id;        /* of the view, shown as snapshotId */
} recs_view_t;


/* Whether an item may be shown: listed and not out of stock. */

#define recs_view_shown(v, item)                                             \
    ((recs_column((v)->base, RECS_COLUMN_FLAGS, uint8_t, item)               \
      & RECS_ITEM_SHOWN) == RECS_ITEM_SHOWN)


#endif /* _RECS_VIEW_H_INCLUDED_ */
