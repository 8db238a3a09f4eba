/*
 * Copyright (C) recs authors
 *
 * Whom the hot layer believes: people who are known to look at one product
 * only are counted for it as far as that is usual in the shop, as
 * builder/data/dataset_trust.c does with what is in the log.  A vote that was
 * held back counts as soon as its person looks at something else.
 */

#ifndef _RECS_BUILDER_HOT_CROWD_H_INCLUDED_
#define _RECS_BUILDER_HOT_CROWD_H_INCLUDED_


#include <stdint.h>


#define RECS_HOT_SEVERAL  0xfffffffe   /* products */


typedef struct {
    uint64_t  who;               /* hash of the identity, 0 none */
    uint32_t  record;            /* the product, RECS_HOT_SEVERAL */
    uint32_t  held;              /* its vote was */
} recs_hot_person_t;

/* The latest people, as recs_hot_votes_t remembers votes. */

typedef struct {
    recs_hot_person_t  *young;
    recs_hot_person_t  *old;
    uint32_t            mask;
    uint32_t            count;
    uint32_t            half;
    double              alone;   /* votes of who knows one product */
    double              others;
} recs_hot_crowd_t;


void recs_hot_crowd_init(recs_hot_crowd_t *c, uint32_t limit);
void recs_hot_crowd_free(recs_hot_crowd_t *c);

/*
 * The entry of somebody, made where there is none (record RECS_NONE); valid
 * until the next call.
 */

recs_hot_person_t *recs_hot_crowd_person(recs_hot_crowd_t *c, uint64_t who);

/*
 * How many votes of its own people a product may have in a day on which it
 * has so many others.
 */

double recs_hot_crowd_most(const recs_hot_crowd_t *c, double factor,
    uint32_t others);


#endif /* _RECS_BUILDER_HOT_CROWD_H_INCLUDED_ */
