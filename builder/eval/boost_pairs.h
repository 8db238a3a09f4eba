/*
 * Copyright (C) recs authors
 *
 * The gradients of LambdaMART, see boost.h.
 */

#ifndef _RECS_BUILDER_BOOST_PAIRS_H_INCLUDED_
#define _RECS_BUILDER_BOOST_PAIRS_H_INCLUDED_


#include "boost.h"


/*
 * First and second derivatives of the loss by the score of each row.  A
 * question has at most RECS_FOREST_ROWS rows.
 */

void recs_boost_pairs(const recs_boost_rows_t *rows, const float *scores,
    float *first, float *second);


#endif /* _RECS_BUILDER_BOOST_PAIRS_H_INCLUDED_ */
