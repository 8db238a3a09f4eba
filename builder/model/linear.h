/*
 * Copyright (C) recs authors
 *
 * What the linear item-item models share: their input, the cut of an
 * operator to the rows that are kept, and sums of operators.  An operator
 * is a list of recs_format_related_t: row i says what interaction with item
 * i speaks for (or, below zero, against).
 */

#ifndef _RECS_BUILDER_LINEAR_H_INCLUDED_
#define _RECS_BUILDER_LINEAR_H_INCLUDED_


#include "pairs.h"
#include "rows.h"


/*
 * The interactions of users, and of sessions that are nobody's: 1 each, or
 * the weight of the feedback where c->related_weights; row u is scaled by
 * n_u^(-c->user_power / 2), so that X'X is X' diag(n_u^-beta) X (Park et al.
 * 2025).  Free with recs_matrix_free().
 */

void recs_linear_input(const recs_dataset_t *d, const recs_config_t *c,
    recs_matrix_t *x);


/*
 * What that input is at most: its entries, and the sum of the squares of
 * the lengths of its rows, for the costs of models.
 */

void recs_linear_size(const recs_dataset_t *d, double *entries,
    double *squares);


/*
 * Rows cut to the "max" entries of largest |weight| (equal ones: smaller
 * item first), ordered by weight, largest first.  Entries that are zero or
 * not a number, item i itself but where "own" is set, and products that are
 * not listed are left out.
 * A row is kept by one thread, any one; "thread" is below "threads".
 */

typedef struct {
    uint64_t  *keys;             /* of weights that may be kept */
    uint64_t   floor;            /* of what is certainly not */
    uint32_t   n;
} recs_linear_row_t;

typedef struct {
    const recs_dataset_t  *d;
    uint8_t               *listed;
    unsigned               own;          /* item i itself may be kept */
    recs_slots_t           slots;
    recs_linear_row_t     *rows;         /* of each thread */
    unsigned               threads;
    unsigned               wide;         /* pairs_wide.h */
    uint32_t               room;         /* for keys of a row */
    uint32_t               dense;        /* weights of a dense row: items, or
                                            less, as the model sets it */
} recs_linear_t;

void recs_linear_init(recs_linear_t *l, const recs_dataset_t *d, uint32_t max,
    unsigned threads);

/* The weights of all items, or of n items j. */

void recs_linear_dense(recs_linear_t *l, unsigned thread, uint32_t i,
    const float *weights);
void recs_linear_sparse(recs_linear_t *l, unsigned thread, uint32_t i,
    uint32_t n, const uint32_t *j, const float *weights);

/*
 * The rows of an operator that was found by columns: the entries of row j of
 * "columns" are what speaks for item j.
 */

void recs_linear_columns(recs_linear_t *l, const recs_model_list_t *columns);

/* The rows as a list; the keeper is gone. */

void recs_linear_finish(recs_linear_t *l, recs_model_list_t *list);


/* The sum of n operators, each with its factor, cut as above. */

void recs_linear_sum(const recs_dataset_t *d, const recs_model_list_t *lists,
    const float *factors, uint32_t n, uint32_t max, unsigned threads,
    recs_model_list_t *list);


#endif /* _RECS_BUILDER_LINEAR_H_INCLUDED_ */
