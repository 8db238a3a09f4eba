/*
 * Copyright (C) recs authors
 *
 * The loops of pairs.c by sixteen, for processors that gather and scatter.
 * Half of a pass is waiting for sums that lie anywhere.
 */

#ifndef _RECS_BUILDER_PAIRS_WIDE_H_INCLUDED_
#define _RECS_BUILDER_PAIRS_WIDE_H_INCLUDED_


#include "../../core/recs_types.h"


/* Whether this processor does. */

unsigned recs_pairs_wide(void);

/*
 * Adds own x weights[k] to sums[items[k]], k below n, items distinct, and
 * appends items whose sum was zero, and is no more, to touched[count...];
 * returns the count.
 */

uint32_t recs_pairs_wide_add(const uint32_t *items, const float *weights,
    uint64_t n, float own, float *sums, uint32_t *touched, uint32_t count);

/*
 * Moves the sums of n touched items but i to packed, and leaves zeros; the
 * item goes from touched, too.  Returns how many are left.
 */

uint32_t recs_pairs_wide_take(uint32_t *touched, uint32_t n, uint32_t i,
    float *sums, float *packed);

/* out[k] = sum[k] / (left x right[j[k]] + shrink), k below n. */

void recs_pairs_wide_ratio(const float *sum, const uint32_t *j, uint32_t n,
    float left, const float *right, float shrink, float *out);

/*
 * The first k from "from" on whose weight is at least "least" above or below
 * zero; n: there is none.
 */

uint32_t recs_pairs_wide_next(const float *weights, uint32_t from,
    uint32_t n, float least);


#endif /* _RECS_BUILDER_PAIRS_WIDE_H_INCLUDED_ */
