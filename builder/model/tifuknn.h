/*
 * Copyright (C) recs authors
 *
 * The parts of the next basket's model, for its tests too.
 */

#ifndef _RECS_BUILDER_TIFUKNN_H_INCLUDED_
#define _RECS_BUILDER_TIFUKNN_H_INCLUDED_


#include "purchases.h"


/* Vectors of users, sparse: items ascending. */

typedef struct {
    uint32_t                rows;
    uint64_t               *offsets;
    recs_format_related_t  *entries;
} recs_vectors_t;

/*
 * TIFUKNN (Hu et al. 2020, the code of the authors): baskets in "groups"
 * groups of like size, the later ones larger by one; a basket counts within^
 * (baskets behind it), its group between^(groups behind it), both divided by
 * the number in the group and of groups.
 */

void recs_tifuknn_vectors(const recs_purchases_t *p, const recs_config_t *c,
    recs_vectors_t *v);

/* The weights of n baskets, oldest first. */

void recs_tifuknn_weights(const recs_config_t *c, uint32_t n,
    double *weights);

void recs_vectors_free(recs_vectors_t *v);


/*
 * The users nearest to others by Euclid's distance between vectors, whoever
 * shares nothing included.  RECS_NEAREST_LOOKS entries of others are looked
 * at for one user: of items that very many have, evenly drawn ones.
 */

#define RECS_NEAREST_LOOKS  200000

typedef struct recs_nearest_s  recs_nearest_t;

recs_nearest_t *recs_nearest_create(const recs_vectors_t *v, uint32_t items,
    uint32_t k, unsigned threads);
void recs_nearest_destroy(recs_nearest_t *n);

/*
 * At most k users, nearest first, equal ones by number, not the user itself;
 * valid until the next call of the same thread.
 */

uint32_t recs_nearest(recs_nearest_t *n, unsigned thread, uint32_t user,
    const uint32_t **users);


#endif /* _RECS_BUILDER_TIFUKNN_H_INCLUDED_ */
