/*
 * Copyright (C) recs authors
 *
 * The Gram matrix X'X of rows of items, one item's line at a time, and the
 * rows themselves: what each user and each session had to do with an item.
 */

#ifndef _RECS_BUILDER_PAIRS_H_INCLUDED_
#define _RECS_BUILDER_PAIRS_H_INCLUDED_


#include "model.h"


/* Most items of a row; of a longer one the latest count. */

#define RECS_PAIRS_ROW_MAX  500


typedef struct {
    recs_rows_t   rows;          /* entries are distinct items */
    float        *weights;       /* parallel to rows.entries */
} recs_matrix_t;

void recs_matrix_free(recs_matrix_t *x);

/* Makes the length of each row 1. */

void recs_matrix_normalise(recs_matrix_t *x);

/* The length of each item's column; to be freed. */

float *recs_matrix_norms(const recs_matrix_t *x, uint32_t items);


/*
 * The rows of users (where "users") and of sessions.  Only events with one
 * of the signals count; a weight is log2(1 + the sum of the types' weights),
 * items whose sum is not positive are left out.
 */

void recs_model_matrix(const recs_dataset_t *d, unsigned signals, int users,
    recs_matrix_t *x);


/*
 * Calls visit(ctx, thread, i, n, j[], sum[]) for each item i once: sum is
 * the inner product of the weights of i and j over all rows, j != i.
 */

typedef void (*recs_gram_pt)(void *ctx, unsigned thread, uint32_t i,
    uint32_t n, const uint32_t *j, const float *sum);

void recs_model_gram(const recs_matrix_t *x, uint32_t items,
    unsigned threads, recs_gram_pt visit, void *ctx);


/*
 * The same rows, of longer ones at most "max" entries, drawn by the number of
 * the row; both members are to be freed.
 */

void recs_pairs_sample(const recs_rows_t *rows, uint32_t max,
    recs_rows_t *out);


#endif /* _RECS_BUILDER_PAIRS_H_INCLUDED_ */
