/*
 * Copyright (C) recs authors
 *
 * Ranked lists: scored items into rows of recs_format_ranked_t.
 */

#ifndef _RECS_BUILDER_RANKED_H_INCLUDED_
#define _RECS_BUILDER_RANKED_H_INCLUDED_


#include "model.h"


typedef struct {
    recs_format_ranked_t  *items;    /* score is computed later */
    uint32_t               n;
    size_t                 cap;
} recs_ranked_t;


/*
 * Adds an item with its ranking value (above 0, or it is not added) and n,
 * the amount of evidence: confidence is n / (n + half).
 */

void recs_ranked_add(recs_ranked_t *r, uint32_t item, double value, double n,
    double half);

/*
 * The best "max" into row 0 (the shop) and row 1 + c of each category that
 * an item belongs to: its own and all above.  Only items listed.  The score
 * is the value as a share of the first of the list.  Empties r.
 */

void recs_ranked_scopes(recs_ranked_t *r, const recs_dataset_t *d,
    uint32_t max, recs_model_list_t *list);

/* One row, to the end of a list that is under construction; empties r. */

void recs_ranked_row(recs_ranked_t *r, const recs_dataset_t *d,
    uint32_t max, recs_ranked_t *out);


#endif /* _RECS_BUILDER_RANKED_H_INCLUDED_ */
