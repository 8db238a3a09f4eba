/*
 * Copyright (C) recs authors
 *
 * Factors of users and items for implicit feedback: iALS (Hu, Koren,
 * Volinsky 2008) with the regularisation of Rendle et al. 2021, solved by
 * blocks of factors (iALS++, the same).  Minimised is
 *
 *   sum over (u, i) seen of x_ui (w_u h_i - 1)^2
 *   + als_unseen * sum over all (u, i) of (w_u h_i)^2
 *   + als_ridge * (sum over u of (n_u + als_unseen I) |w_u|^2
 *                  + sum over i of (c_i + als_unseen U) |h_i|^2)
 *
 * where n_u and c_i are the entries of a row and of a column, U and I their
 * numbers.
 */

#ifndef _RECS_BUILDER_ALS_H_INCLUDED_
#define _RECS_BUILDER_ALS_H_INCLUDED_


#include "linear.h"


#define RECS_ALS_BLOCK  16       /* factors are a multiple of it */
#define RECS_ALS_SUMS   64       /* chunks of a sum over rows, at most */


typedef struct {
    uint32_t   users;            /* rows of the matrix */
    uint32_t   items;
    uint32_t   factors;
    float     *w;                /* users x factors */
    float     *h;                /* items x factors */
} recs_als_t;


/*
 * als_iterations times all users, then all items, from noise that depends on
 * nothing but the place; the same bits for any number of threads.  Memory: 4
 * bytes a factor of users and items, 16 an entry of x.
 */

void recs_als_fit(const recs_matrix_t *x, uint32_t items,
    const recs_config_t *c, recs_als_t *a);
void recs_als_free(recs_als_t *a);

/* Of its input and of recs_als_fit(). */

void recs_als_fit_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost);


/* The input of recs_linear_input(), whatever user_power is. */

void recs_als_input(const recs_dataset_t *d, const recs_config_t *c,
    recs_matrix_t *x);


/* n numbers for each thread. */

float **recs_als_scratch(unsigned threads, size_t n);
void recs_als_scratch_free(float **scratch, unsigned threads);


/* One side of a half iteration, the other side stands still. */

typedef struct {
    const recs_rows_t  *rows;
    const float        *weights;     /* parallel to rows->entries */
    const float        *other;       /* of the entries, x factors */
    float              *own;         /* of the rows, x factors */
    uint32_t            factors;
    const float        *unseen;      /* als_unseen x diagonal of other'other,
                                        which has nothing beside it */
    double              ridge;       /* als_ridge */
    double              bias;        /* als_unseen x number of the other */
} recs_als_side_t;

/* Solves row r; "errors" has room for its entries. */

void recs_als_row(const recs_als_side_t *s, uint32_t r, float *errors);


#endif /* _RECS_BUILDER_ALS_H_INCLUDED_ */
