/*
 * Copyright (C) recs authors
 *
 * RECS_COLUMN_VECTOR: for each product a direction of RECS_FORMAT_VECTOR
 * numbers, so that what is alike has a large inner product.
 *
 *   behaviour  u_i: the factors of als.h, at length 1, less their mean by
 *              interactions, at length 1 again
 *   content    c_i: the mean behaviour of the category, by interactions, and
 *              half that of the brand; of one that nobody has touched a
 *              direction drawn by its name
 *   vector     n u_i + 5 c_i, n interactions of the product, at length 127
 *
 * A product without interactions, category and brand has zeros.
 */

#ifndef _RECS_BUILDER_DIRECTIONS_H_INCLUDED_
#define _RECS_BUILDER_DIRECTIONS_H_INCLUDED_


#include "model.h"


/*
 * The vectors, RECS_FORMAT_VECTOR bytes an item, to be freed; the same for
 * any number of threads.  Memory: that of als.h with so many factors; where
 * it is beyond memory_budget, a warning and content alone.
 */

int8_t *recs_model_directions(const recs_dataset_t *d,
    const recs_config_t *c);


#endif /* _RECS_BUILDER_DIRECTIONS_H_INCLUDED_ */
