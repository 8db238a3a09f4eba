/*
 * Copyright (C) recs authors
 *
 * Category: Lin (1998), 2 IC(lca) / (IC(a) + IC(b)) with IC(c) = -ln(items
 * under c / items).  Brand: the same or not.  Price: the Laplace kernel
 * exp(-|ln p - ln q| / s), s the spread of the category, at least .15
 * (algorithms.md 1.2).
 */

#include "factors.h"
#include "stats.h"

#include <math.h>
#include <stdlib.h>


#define RECS_FACTORS_SPREAD  0.15
#define RECS_FACTORS_PRICES  5      /* fewer: the spread of the shop */


static void recs_factors_content(recs_factors_t *f);
static void recs_factors_spreads(recs_factors_t *f);


void
recs_factors_init(recs_factors_t *f, const recs_dataset_t *d)
{
    uint32_t  i;

    f->d = d;
    f->content = recs_calloc((size_t) d->categories + 1, sizeof(float));
    f->prices = recs_alloc(((size_t) d->items + 1) * sizeof(float));
    f->spreads = recs_alloc(((size_t) d->categories + 1) * sizeof(float));

    for (i = 0; i < d->items; i++) {
        f->prices[i] = d->products[i].price > 0
                       ? log((double) d->products[i].price) : NAN;
    }

    recs_factors_content(f);
    recs_factors_spreads(f);
}


void
recs_factors_free(recs_factors_t *f)
{
    free(f->content);
    free(f->prices);
    free(f->spreads);
}


/* A subtree is an interval: counts are differences of prefix sums. */

static void
recs_factors_content(recs_factors_t *f)
{
    double                 all, n;
    uint32_t               c, i, *before;
    const recs_dataset_t  *d;

    d = f->d;
    before = recs_calloc((size_t) d->categories + 2, sizeof(uint32_t));

    for (i = 0; i < d->items; i++) {
        if (d->products[i].category < d->categories) {
            before[d->products[i].category + 1]++;
        }
    }

    for (c = 0; c < d->categories; c++) {
        before[c + 1] += before[c];
    }

    all = recs_max(1u, before[d->categories]);

    for (c = 0; c < d->categories; c++) {
        n = before[d->category_end[c]] - before[c];
        f->content[c] = -log(recs_max(1.0, n) / all);
    }

    free(before);
}


static void
recs_factors_spreads(recs_factors_t *f)
{
    double                *prices, shop, spread;
    uint32_t               c, i, *counts;
    uint64_t               total, *starts;
    const recs_dataset_t  *d;

    d = f->d;
    counts = recs_calloc((size_t) d->categories + 1, sizeof(uint32_t));
    starts = recs_calloc((size_t) d->categories + 2, sizeof(uint64_t));
    prices = recs_alloc(((size_t) d->items + 1) * sizeof(double));

    for (i = 0; i < d->items; i++) {
        c = recs_min(d->products[i].category, d->categories);
        starts[c + 1] += !isnan(f->prices[i]);
    }

    for (c = 0; c <= d->categories; c++) {
        starts[c + 1] += starts[c];
    }

    for (i = 0, total = 0; i < d->items; i++) {
        if (!isnan(f->prices[i])) {
            prices[total++] = f->prices[i];
        }
    }

    shop = recs_mad(prices, total);
    shop = recs_max(RECS_FACTORS_SPREAD, shop);

    for (i = 0; i < d->items; i++) {
        if (!isnan(f->prices[i])) {
            c = recs_min(d->products[i].category, d->categories);
            prices[starts[c] + counts[c]++] = f->prices[i];
        }
    }

    for (c = 0; c < d->categories; c++) {
        spread = counts[c] < RECS_FACTORS_PRICES
                 ? shop : recs_mad(&prices[starts[c]], counts[c]);
        f->spreads[c] = recs_max(RECS_FACTORS_SPREAD, spread);
    }

    f->spreads[c] = shop;

    free(counts);
    free(starts);
    free(prices);
}


double
recs_factor_category(const recs_factors_t *f, uint32_t i, uint32_t j)
{
    double                 sum;
    uint32_t               a, b, c;
    const recs_dataset_t  *d;

    d = f->d;
    a = d->products[i].category;
    b = d->products[j].category;

    if (a >= d->categories || b >= d->categories) {
        return RECS_UNOBSERVED;
    }

    if (a == b) {
        return 1;
    }

    for (c = a; c < d->categories; c = d->category_parent[c]) {
        if (b >= c && b < d->category_end[c]) {
            sum = f->content[a] + f->content[b];
            return sum > 0 ? 2 * f->content[c] / sum : 1;
        }
    }

    return 0;
}


double
recs_factor_brand(const recs_factors_t *f, uint32_t i, uint32_t j)
{
    const recs_product_t  *p, *q;

    p = &f->d->products[i];
    q = &f->d->products[j];

    if (p->brand == RECS_NONE || q->brand == RECS_NONE) {
        return RECS_UNOBSERVED;
    }

    return p->brand == q->brand;
}


double
recs_factor_price(const recs_factors_t *f, uint32_t i, uint32_t j)
{
    uint32_t               c;
    const recs_product_t  *p, *q;

    p = &f->d->products[i];
    q = &f->d->products[j];

    if (isnan(f->prices[i]) || isnan(f->prices[j])
        || p->currency != q->currency)
    {
        return RECS_UNOBSERVED;
    }

    c = recs_min(p->category, f->d->categories);

    return exp(-fabs(f->prices[i] - f->prices[j]) / f->spreads[c]);
}
