/*
 * Copyright (C) recs authors
 *
 * What is bought after what: for each item how often it is bought again in
 * the very next basket, and an operator from its baskets to later ones.
 */

#ifndef _RECS_BUILDER_FOLLOW_H_INCLUDED_
#define _RECS_BUILDER_FOLLOW_H_INCLUDED_


#include "purchases.h"


#define RECS_FOLLOW_DECAY     .6     /* of a basket by places between */
#define RECS_FOLLOW_BASKETS   7      /* baskets behind that count */
#define RECS_FOLLOW_ENTRIES   200    /* of a row */
#define RECS_FOLLOW_MAX       20000  /* baskets of an item that count */


/*
 * again: the share of baskets with item i, not the last of their user, whose
 * next one has i too, drawn to the mean of all items by 20 baskets.
 *
 * rows: with C_ij = sum of .6^(places between) / sqrt(|basket of i|), t_i
 * baskets of i that have a next one, n_j baskets of j,
 *
 *   C_ij (1 / (t_i + 5) + .35 / sqrt((t_i + 10) (n_j + 10))),   j != i
 */

typedef struct {
    float              *again;
    recs_model_list_t   rows;
} recs_follow_t;

void recs_follow_init(recs_follow_t *f, const recs_purchases_t *p,
    const recs_dataset_t *d, unsigned threads);
void recs_follow_free(recs_follow_t *f);


#endif /* _RECS_BUILDER_FOLLOW_H_INCLUDED_ */
