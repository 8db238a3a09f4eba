/*
 * Copyright (C) recs authors
 *
 * X'X kept in memory, as much of it as matters: of each item the partners of
 * largest cosine.  A pair is there where either of the two has kept it.
 */

#ifndef _RECS_BUILDER_GRAM_H_INCLUDED_
#define _RECS_BUILDER_GRAM_H_INCLUDED_


#include "linear.h"


typedef struct {
    recs_model_list_t   rows;        /* of recs_format_related_t: item, sum;
                                        largest cosine first */
    float              *diagonal;
    float              *counts;      /* of people who have the item */
} recs_kept_gram_t;

/* At most "max" partners an item; free with recs_kept_gram_free(). */

void recs_kept_gram_init(recs_kept_gram_t *g, const recs_matrix_t *x,
    uint32_t items, uint32_t max, unsigned threads);
void recs_kept_gram_free(recs_kept_gram_t *g);


#endif /* _RECS_BUILDER_GRAM_H_INCLUDED_ */
