/*
 * Copyright (C) recs authors
 *
 * Between trends of the shop and of regions.
 */

#ifndef _RECS_BUILDER_HOT_TREND_H_INCLUDED_
#define _RECS_BUILDER_HOT_TREND_H_INCLUDED_


#include "private.h"


#define RECS_HOT_TURN  64        /* layers until all have been looked at */


/* What is the same for all numbers of a layer. */

typedef struct {
    double    quick;               /* what votes are worth by now */
    double    fast;
    double    recent;
    double    slow;
    double    window;              /* mass of a vote a second, all the time */
    double    fresh;               /* seconds */
    double    pace;                /* of the shop */
    double    average;
} recs_hot_look_t;


/* The ratio of fresh and slow votes, and slow votes of a product. */

double recs_hot_pace(const recs_hot_look_t *look,
    const recs_hot_sums_t *sums, double *average);

/* Slow votes, and what they make expected of a product. */

double recs_hot_before(const recs_hot_look_t *look,
    const recs_hot_counts_t *c);
double recs_hot_expect(const recs_hot_state_t *h,
    const recs_hot_look_t *look, const recs_hot_counts_t *c, double slow,
    double average);

/* Sets value and votes. */

void recs_hot_rise(const recs_hot_look_t *look, recs_hot_counts_t *c,
    double signal, double mu);


/* region.c: the number of a name, RECS_NONE: there are too many. */

uint32_t recs_hot_region(recs_hot_state_t *h, const recs_str_t *name);

/* To be counted; it is looked at with the next layer. */

recs_hot_pair_t *recs_hot_pair(recs_hot_state_t *h, uint32_t record,
    uint32_t region);
void recs_hot_trend_regions(recs_hot_state_t *h,
    const recs_hot_look_t *look);


#endif /* _RECS_BUILDER_HOT_TREND_H_INCLUDED_ */
