/*
 * Copyright (C) recs authors
 *
 * What "slist" counts in sessions: the matrices G and C of slist.c, C column
 * by column, of G the diagonal and the largest of the rest.
 */

#ifndef _RECS_BUILDER_SLIST_H_INCLUDED_
#define _RECS_BUILDER_SLIST_H_INCLUDED_


#include "pairs.h"


#define RECS_SLIST_PLACES  30


typedef struct {
    const recs_config_t  *c;
    recs_sessions_t       s;
    recs_matrix_t         x;         /* X is its Gram matrix */
    recs_model_list_t     gram;      /* the largest of it, of
                                        recs_format_related_t; a pair is
                                        there where either has kept it */
    float                *ages;      /* w, of sessions */
    uint32_t             *session;   /* of a click */
    uint64_t             *starts;    /* clicks on an item, oldest first */
    uint32_t             *clicks;
    float                *diagonal;  /* of G, with lambda */
    float                 steps[RECS_SLIST_PLACES];      /* by d - 1 */
    float                 shares[RECS_SLIST_PLACES + 1]; /* by clicks behind */
} recs_slist_counts_t;

int recs_slist_counts_init(recs_slist_counts_t *m, const recs_dataset_t *d,
    const recs_config_t *c, recs_error_t *err);
void recs_slist_counts_free(recs_slist_counts_t *m);

/*
 * Adds column y of C to "sums" (by item, all 0 before) and notes what is not
 * 0 in "touched", which has room for all items and one; returns how many.
 */

uint32_t recs_slist_column(const recs_slist_counts_t *m, uint32_t y,
    float *sums, uint32_t *touched);


#endif /* _RECS_BUILDER_SLIST_H_INCLUDED_ */
