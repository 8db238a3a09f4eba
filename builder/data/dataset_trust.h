/*
 * Copyright (C) recs authors
 *
 * What the files share that say whom not to believe: programs
 * (dataset_trust.c), crowds of one product (dataset_crowd.c) and nobody
 * (dataset_nobody.c).
 */

#ifndef _RECS_BUILDER_DATASET_TRUST_H_INCLUDED_
#define _RECS_BUILDER_DATASET_TRUST_H_INCLUDED_


#include "dataset_private.h"


#define RECS_TRUST_MONTH    28         /* days */


/* What nobody does is compared with what people do of the same kind. */

typedef enum {
    RECS_TRUST_LOOKS = 0,              /* and all that has no other kind */
    RECS_TRUST_MONEY,
    RECS_TRUST_STARS,
    RECS_TRUST_KINDS
} recs_trust_kind_e;


/* A day of who knows one product only. */

typedef struct {
    uint64_t              key;         /* item and period */
    uint64_t              lot;         /* who of too many is believed */
    uint64_t              who;         /* person and day */
} recs_trust_visit_t;


typedef struct {
    recs_dataset_t       *d;
    const recs_config_t  *config;
    uint16_t              signal[256];
    uint8_t              *doubt;       /* by row: recs_doubt_e + 1 */
    uint32_t             *rows;        /* of one person, oldest first */
    size_t                rows_cap;
    uint32_t             *looks;       /* of them, see recs_trust_look() */
    size_t                looks_cap;

    recs_rows_t           nobody;      /* rows of nobody, by product */
    unsigned              nameless;    /* it is they that are compared, and */
    unsigned              kind;        /* those of one kind only */

    recs_trust_visit_t   *visits;
    size_t                visits_cap;
    size_t                count;
    uint32_t              period;      /* seconds */
    uint64_t             *keys;        /* of visits, ascending, once each */
    uint32_t             *others;      /* days of who knows more, by key */
    uint64_t             *last;        /* of them counted last, by key */
    size_t                key_count;
    double                all;         /* days of who knows more */
} recs_trust_t;


/* t->rows are "n" rows of a person. */

typedef void (*recs_trust_person_pt)(recs_trust_t *t, uint32_t person,
    uint32_t n);

/* Users, then sessions of nobody: their rows that are not doubted yet. */

void recs_trust_people(recs_trust_t *t, recs_trust_person_pt visit);

/*
 * The rows of nobody of t->kind that are not doubted yet: those of a product
 * are one person's, whose number nobody else has.
 */

void recs_trust_nameless(recs_trust_t *t, recs_trust_person_pt visit);

recs_trust_kind_e recs_trust_kind(const recs_trust_t *t, uint32_t row);

/* Both doubt rows. */

void recs_trust_crowds(recs_trust_t *t);
void recs_trust_nobody(recs_trust_t *t);

/* One comparison: who is t->nameless, or comes for one product. */

void recs_trust_compare(recs_trust_t *t, uint32_t period);


#endif /* _RECS_BUILDER_DATASET_TRUST_H_INCLUDED_ */
