/*
 * Copyright (C) recs authors
 *
 * Which products are cheaper than they were, by three witnesses.  Each sets
 * what no earlier one has set.
 */

#ifndef _RECS_BUILDER_DROPS_H_INCLUDED_
#define _RECS_BUILDER_DROPS_H_INCLUDED_


#include "model.h"


typedef struct {
    double    share;             /* 1 - price / reference, 0 none */
    uint32_t  time;              /* when it came down, seconds */
    uint32_t  known;             /* has a history of changes */
} recs_drop_t;

/* Feedback for confidence 1/2. */

#define RECS_DROP_EVIDENCE  10

void recs_drops_history(const recs_dataset_t *d, recs_drop_t *drops);
void recs_drops_paid(const recs_dataset_t *d, double least,
    recs_drop_t *drops);
/*
 * What the changes of one product's price (of dataset->prices) make of it;
 * the reference is that of recs_dataset_reference().
 */

void recs_drops_change(const recs_price_t *prices, uint32_t n, int64_t price,
    int64_t reference, recs_drop_t *drop);

void recs_drops_list(const recs_dataset_t *d, recs_drop_t *drops);


#endif /* _RECS_BUILDER_DROPS_H_INCLUDED_ */
