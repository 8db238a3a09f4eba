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

void recs_drops_history(const recs_dataset_t *d, recs_drop_t *drops);
void recs_drops_paid(const recs_dataset_t *d, double least,
    recs_drop_t *drops);
void recs_drops_list(const recs_dataset_t *d, recs_drop_t *drops);


#endif /* _RECS_BUILDER_DROPS_H_INCLUDED_ */
