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


/* Lists that models build, in the order of recs_list_e. */

#define RECS_VALUES_FIRST  RECS_LIST_SIMILAR
#define RECS_VALUES_LAST   RECS_LIST_SEASONAL


int recs_values(const recs_snapshot_t *s, const recs_manifest_t *m,
    const char **why);

#endif /* _RECS_BUILDER_VALUES_H_INCLUDED_ */
