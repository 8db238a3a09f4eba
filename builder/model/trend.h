/*
 * Copyright (C) recs authors
 *
 * What is wanted lately, in the rows of RELATED: a linear model knows who
 * goes with whom, not that a season is over or a product just came.
 */

#ifndef _RECS_BUILDER_TREND_H_INCLUDED_
#define _RECS_BUILDER_TREND_H_INCLUDED_


#include "model.h"


/*
 * Multiplies the weight of item j in all rows by t_j^c->related_trend and
 * orders the rows anew; nothing where that is 0.  With a_j votes, r_j the
 * same with a half-life of c->related_trend_days, and their sums a and r,
 *
 *     t_j = (r_j a / r + 5) / (a_j + 5),
 *
 * the share of late votes over the share of all.  A vote is one identity on
 * one day.  Costs 4 bytes an event of interest and 12 an item.
 */

void recs_model_trend(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list);


#endif /* _RECS_BUILDER_TREND_H_INCLUDED_ */
