/*
 * Copyright (C) recs authors
 *
 * A sparse symmetric positive definite matrix with ones on its diagonal, its
 * incomplete factors L D L', and an approximate inverse of L: the parts of
 * "sansa", for its test too.
 */

#ifndef _RECS_BUILDER_SPARSE_H_INCLUDED_
#define _RECS_BUILDER_SPARSE_H_INCLUDED_


#include "rows.h"


/*
 * Below the diagonal; rows of a column ascend, but for those of a matrix to
 * be factored, which may come in any order, and twice with one value.
 */

typedef struct {
    uint32_t   n;
    uint64_t  *starts;           /* n + 1 */
    uint32_t  *rows;
    float     *values;
} recs_sparse_t;

void recs_sparse_free(recs_sparse_t *s);


/*
 * L, ones on its diagonal left out, and D: incomplete Cholesky of prescribed
 * memory (Lin & More 1999): of each column the largest entries, as many as
 * n x entries less what is used leaves to each column to come.  Where a pivot
 * is not positive, the diagonal is raised by .001, .002, .004 ... and all
 * begins anew; returns by how much.
 */

float recs_sparse_factor(const recs_sparse_t *a, uint32_t entries,
    recs_sparse_t *l, float *d);

/*
 * K so that L K is near to one: for each column "steps" of minimal residual
 * (Chow & Saad 1998) from (2 - L), "entries" of it and of the residual kept
 * each time.  The ones on its diagonal are left out, too.
 */

void recs_sparse_inverse(const recs_sparse_t *l, uint32_t entries,
    uint32_t steps, unsigned threads, recs_sparse_t *k);


#endif /* _RECS_BUILDER_SPARSE_H_INCLUDED_ */
