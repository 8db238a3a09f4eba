/*
 * Copyright (C) recs authors
 *
 * Which items are compared with a seed at all: blocking.
 */

#ifndef _RECS_BUILDER_CANDIDATES_H_INCLUDED_
#define _RECS_BUILDER_CANDIDATES_H_INCLUDED_


#include "factors.h"


#define RECS_CANDIDATES_MAX  1280


/* Listed items: under a category, of it alone by price, of a brand. */

typedef struct {
    const recs_dataset_t  *d;
    const recs_factors_t  *factors;
    recs_rows_t            under;      /* popular first */
    recs_rows_t            priced;     /* cheapest first */
    recs_rows_t            brands;     /* popular first */
} recs_blocks_t;

void recs_blocks_init(recs_blocks_t *b, const recs_dataset_t *d,
    const recs_factors_t *factors);
void recs_blocks_free(recs_blocks_t *b);


/* The candidates of one seed, each once. */

typedef struct {
    const recs_dataset_t  *d;
    uint32_t               n;
    uint32_t               stamp;
    uint32_t              *stamps;
    uint32_t               items[RECS_CANDIDATES_MAX];
} recs_candidates_t;

void recs_candidates_init(recs_candidates_t *c, const recs_dataset_t *d);
void recs_candidates_free(recs_candidates_t *c);
void recs_candidates_begin(recs_candidates_t *c, uint32_t seed);

/* 1 where the item is new among the candidates. */

unsigned recs_candidates_add(recs_candidates_t *c, uint32_t item);

/* All of the blocks that the seed is in. */

void recs_candidates_blocks(recs_candidates_t *c, const recs_blocks_t *b,
    const recs_titles_t *titles, uint32_t seed);


#endif /* _RECS_BUILDER_CANDIDATES_H_INCLUDED_ */
