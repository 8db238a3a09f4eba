/*
 * Copyright (C) recs authors
 *
 * Cold start: products of the last c->content_days days (createdAt) that
 * nobody had to do with yet get into the rows of products like them, so that
 * PERSONALIZED and SESSION can list them on their first day (algorithms.md
 * 1.1.10).
 *
 * Likeness is the cosine of two products' traits, each weighted by its idf
 * ln(products / products that have it): category and the categories above
 * it, brand, words of the title, pairs of attribute and value.
 */

#ifndef _RECS_BUILDER_CONTENT_H_INCLUDED_
#define _RECS_BUILDER_CONTENT_H_INCLUDED_


#include "model.h"


/*
 * Adds to each row of an operator (which has one a product) the at most
 * c->content_max cold products that are most like the row's product, of
 * weight
 *
 *     c->content_weight x likeness x largest weight of the row
 *
 * (of a row without entries: x the mean of the others'), in order of the
 * weights.  Nothing where content_weight is 0 or nothing is cold.  The same
 * for any number of threads.
 */

void recs_model_content(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list);


#endif /* _RECS_BUILDER_CONTENT_H_INCLUDED_ */
