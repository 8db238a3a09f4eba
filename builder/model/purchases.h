/*
 * Copyright (C) recs authors
 *
 * What users bought, basket by basket: an order, or without one what was
 * bought in a session, or else on a day.
 */

#ifndef _RECS_BUILDER_PURCHASES_H_INCLUDED_
#define _RECS_BUILDER_PURCHASES_H_INCLUDED_


#include "model.h"


/* Of a user the latest lines and baskets, of a basket the first items. */

#define RECS_PURCHASES_LINES    5000
#define RECS_PURCHASES_BASKETS  100
#define RECS_PURCHASES_ITEMS    500


/*
 * Baskets of user u are [first[u], first[u + 1]), oldest first; basket b has
 * items [offsets[b], offsets[b + 1]), distinct and ascending, and the time of
 * its first line, epoch seconds.  "places" has for each item of a basket how
 * many of the user's lines are older than its first in the basket.
 */

typedef struct {
    uint32_t   users;
    uint64_t  *first;
    uint64_t  *offsets;
    uint32_t  *items;
    uint32_t  *places;
    uint32_t  *time;
} recs_purchases_t;

void recs_purchases_init(recs_purchases_t *p, const recs_dataset_t *d);
void recs_purchases_free(recs_purchases_t *p);

/* Whether basket b has item i. */

unsigned recs_purchases_has(const recs_purchases_t *p, uint64_t b,
    uint32_t i);


#endif /* _RECS_BUILDER_PURCHASES_H_INCLUDED_ */
