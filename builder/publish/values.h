/*
 * Copyright (C) recs authors
 *
 * What a builder demands of a snapshot beyond what a worker must check to be
 * safe: that the values make sense.
 */

#ifndef _RECS_BUILDER_VALUES_H_INCLUDED_
#define _RECS_BUILDER_VALUES_H_INCLUDED_


#include "../../core/snapshot/recs_manifest.h"
#include "../../core/snapshot/recs_snapshot.h"


/* Whether a list is one that models build. */

#define recs_values_model(list)                                              \
    (((list) >= RECS_LIST_SIMILAR && (list) <= RECS_LIST_SEASONAL)           \
     || (list) == RECS_LIST_NEXT                                             \
     || (list) == RECS_LIST_VIEW_BUY                                         \
     || (list) == RECS_LIST_CART_BUY                                         \
     || (list) == RECS_LIST_WALK                                             \
     || ((list) >= RECS_LIST_REGION_TRENDING && (list) <= RECS_LIST_SEGMENT))


/*
 * RECS_ERROR with the reason in *why.  A list is stamped row by row, so that
 * the cost is one pass over all entries.
 */

int recs_values(const recs_snapshot_t *s, const recs_manifest_t *m,
    const char **why);

#endif /* _RECS_BUILDER_VALUES_H_INCLUDED_ */
