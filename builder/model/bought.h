/*
 * Copyright (C) recs authors
 *
 * What is in baskets (or sessions) together with one product, or with any of
 * several: how often, and with what weight.  A basket b weighs (|b| -
 * 1)^-gamma, since who buys much at once says less about each pair, and half
 * of it for each half-life of its age; together_size and together_days.
 */

#ifndef _RECS_BUILDER_BOUGHT_H_INCLUDED_
#define _RECS_BUILDER_BOUGHT_H_INCLUDED_


#include "pairs.h"


typedef struct {
    recs_rows_t         rows;      /* baskets, at most RECS_PAIRS_ROW_MAX */
    float              *weights;   /* of baskets */
    uint64_t           *starts;    /* by item: its baskets in owners */
    uint32_t           *owners;
    double             *margin;    /* by item: sum over all others */
    double              total;     /* of the margins */
    uint32_t            items;
} recs_bought_t;

/*
 * Of d->baskets, or of other rows of distinct items, which have no age.
 */

void recs_bought_init(recs_bought_t *b, const recs_dataset_t *d,
    const recs_config_t *c);
void recs_bought_rows(recs_bought_t *b, const recs_rows_t *rows,
    uint32_t items, const recs_config_t *c);
void recs_bought_free(recs_bought_t *b);


/*
 * A sum over products, one a thread: add() what is bought together with
 * "item", as often as wanted; then items[0 .. n) have counts[] and sums[],
 * indexed by item, above 0; clear() for the next one.
 */

typedef struct {
    uint32_t            n;
    uint32_t           *items;
    uint32_t           *counts;
    float              *sums;
} recs_bought_row_t;

void recs_bought_row_init(recs_bought_row_t *row, uint32_t items);
void recs_bought_row_free(recs_bought_row_t *row);
void recs_bought_add(const recs_bought_t *b, recs_bought_row_t *row,
    uint32_t item);
void recs_bought_clear(recs_bought_row_t *row);


/*
 * What to expect beside a product of a category before looking at the
 * product: the distribution of a level is that of the level above, with
 * "kappa" as its weight, and what was bought with the products under it
 * (hierarchical Dirichlet smoothing, MacKay and Bauman Peto 1995); at the
 * top stands the share of all that is bought together.  Of a category
 * RECS_BACKOFF_MAX products are kept that were bought with others of it in
 * min_count baskets; q_j = entry of j, 0 without one, + base x share of j.
 *
 * Memory: 8 bytes each; time: levels of the tree times that of the pairs.
 */

#define RECS_BACKOFF_MAX  64

typedef struct {
    recs_model_list_t   list;      /* rows are categories, largest first */
    float              *base;      /* of categories */
} recs_backoff_t;

void recs_backoff_init(recs_backoff_t *f, const recs_bought_t *b,
    const recs_dataset_t *d, double kappa, uint32_t min_count,
    unsigned threads);
void recs_backoff_free(recs_backoff_t *f);


#endif /* _RECS_BUILDER_BOUGHT_H_INCLUDED_ */
