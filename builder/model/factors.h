/*
 * Copyright (C) recs authors
 *
 * The five factors of SIMILAR_PRODUCTS.  Each is a table that is made once
 * and a function of two items: 0..1, or below 0 where it cannot be observed
 * for both.
 */

#ifndef _RECS_BUILDER_FACTORS_H_INCLUDED_
#define _RECS_BUILDER_FACTORS_H_INCLUDED_


#include "rows.h"


#define RECS_UNOBSERVED  -1.0


/* Categories: information content; prices: logarithms and their spread. */

typedef struct {
    const recs_dataset_t  *d;
    float                 *content;    /* of a category */
    float                 *prices;     /* of an item, ln; NAN none */
    float                 *spreads;    /* of a category, the last: the shop */
} recs_factors_t;

void recs_factors_init(recs_factors_t *f, const recs_dataset_t *d);
void recs_factors_free(recs_factors_t *f);

double recs_factor_category(const recs_factors_t *f, uint32_t i, uint32_t j);
double recs_factor_brand(const recs_factors_t *f, uint32_t i, uint32_t j);
double recs_factor_price(const recs_factors_t *f, uint32_t i, uint32_t j);


/* Specifications: attributes by name, and the words of titles. */

typedef struct {
    const recs_dataset_t  *d;
    uint64_t              *starts;     /* of an item in "names" */
    uint32_t              *names;      /* parallel to the attributes */
    float                 *weights;    /* of a name */
    float                 *scales;     /* of a name's numbers, 0: words */
} recs_spec_t;

void recs_spec_init(recs_spec_t *s, const recs_dataset_t *d);
void recs_spec_free(recs_spec_t *s);
double recs_spec_compare(const recs_spec_t *s, uint32_t i, uint32_t j);

typedef struct {
    recs_rows_t   words;               /* of an item, ascending */
    recs_rows_t   items;               /* of a word, popular first */
    float        *idf;
} recs_titles_t;

void recs_titles_init(recs_titles_t *t, const recs_dataset_t *d);
void recs_titles_free(recs_titles_t *t);
double recs_titles_compare(const recs_titles_t *t, uint32_t i, uint32_t j);


/* Behaviour: the strongest neighbours, as percentiles. */

typedef struct {
    uint32_t  item;
    float     value;
} recs_coview_entry_t;

typedef struct {
    recs_model_list_t  list;           /* of recs_coview_entry_t */
    uint32_t          *rows;           /* in how many rows an item is */
} recs_coview_t;

void recs_coview_init(recs_coview_t *v, const recs_dataset_t *d,
    const recs_config_t *c, unsigned threads);
void recs_coview_free(recs_coview_t *v);


#endif /* _RECS_BUILDER_FACTORS_H_INCLUDED_ */
