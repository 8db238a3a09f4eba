/*
 * Copyright (C) recs authors
 *
 * LambdaMART (Burges 2010) by libxgboost, and its trees as a forest that is
 * served (core/snapshot/recs_forest.h).
 *
 * The gradients are ours: of each pair of a right and a wrong candidate of
 * which at least one is among the first RECS_BOOST_FIRST the logistic loss,
 * times what exchanging them changes of the NDCG, the sums of a question
 * normalised as LightGBM does (Ke et al. 2017).  What rank:ndcg of xgboost
 * 1.7 draws instead depends on the number of threads, and its histograms do
 * in the last bit, so that trees are grown by one thread.
 */

#ifndef _RECS_BUILDER_BOOST_H_INCLUDED_
#define _RECS_BUILDER_BOOST_H_INCLUDED_


#include "../../core/snapshot/recs_forest.h"
#include "../message.h"


#define RECS_BOOST_FIRST  30


/* Candidates of questions: "groups" are the numbers of rows of each. */

typedef struct {
    uint32_t   rows;
    uint32_t   group_count;
    float     *x;                /* rows of RECS_FOREST_FEATURES */
    float     *labels;           /* 1 right, 0 not */
    uint32_t  *groups;
} recs_boost_rows_t;

typedef struct {
    uint32_t   trees;
    uint32_t   depth;            /* RECS_FOREST_LEAST..RECS_FOREST_DEPTH */
    double     rate;             /* eta */
    double     columns;          /* share of the features a tree sees */
    double     weight;           /* least sum of Hessians in a leaf */
    double     slope;            /* the trees add to slope x the feature */
    uint32_t   from;
    uint32_t   candidates;       /* that the forest ranks in an answer */
} recs_boost_t;


/*
 * Trains, and returns a forest of *size bytes, padded for a snapshot, to be
 * freed; NULL with *err.
 */

recs_forest_t *recs_boost_train(const recs_boost_rows_t *rows,
    const recs_boost_t *b, size_t *size, recs_error_t *err);

/*
 * Memory for a forest of this shape, zeroed, padded, to be freed.  For tests
 * and for recs_boost_train().
 */

recs_forest_t *recs_boost_forest(uint32_t trees, uint32_t depth,
    size_t *size);

/* A forest from the JSON text of a booster; NULL with *err. */

recs_forest_t *recs_boost_convert(const char *json, size_t len,
    uint32_t depth, size_t *size, recs_error_t *err);


#endif /* _RECS_BUILDER_BOOST_H_INCLUDED_ */
