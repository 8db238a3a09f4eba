/*
 * Copyright (C) recs authors
 */

#include "directions.h"
#include "als.h"
#include "table.h"

#include "../../core/recs_hash.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_DIRECTION_ITERATIONS  4
#define RECS_DIRECTION_CONTENT     5.0     /* interactions */
#define RECS_DIRECTION_BRAND       .5
#define RECS_DIRECTION_LENGTH      127

#define RECS_V  RECS_FORMAT_VECTOR


typedef struct {
    const recs_dataset_t  *d;
    double                *behaviour;      /* items x V, lengths 1 or 0 */
    double                *seen;           /* interactions of an item */
    double                *categories;     /* x V */
    double                *brands;
} recs_directions_t;


static void recs_directions_behaviour(recs_directions_t *x,
    const recs_config_t *c);
static int recs_directions_affordable(const recs_dataset_t *d,
    const recs_config_t *c);
static void recs_directions_centre(recs_directions_t *x);
static double *recs_directions_content(const recs_directions_t *x,
    uint32_t rows, const recs_str_t *names, size_t member);
static void recs_directions_draw(const recs_str_t *name, double *v);
static void recs_directions_vector(const recs_directions_t *x, uint32_t i,
    int8_t *vector);
static double recs_directions_length(double *v);


int8_t *
recs_model_directions(const recs_dataset_t *d, const recs_config_t *c)
{
    int8_t             *vectors;
    uint32_t            i;
    recs_directions_t   x;

    x.d = d;
    x.behaviour = recs_calloc((size_t) d->items * RECS_V + 1, sizeof(double));
    x.seen = recs_calloc((size_t) d->items + 1, sizeof(double));

    recs_directions_behaviour(&x, c);
    recs_directions_centre(&x);

    x.categories = recs_directions_content(&x, d->categories,
                                           d->category_path,
                                           offsetof(recs_product_t,
                                                    category));
    x.brands = recs_directions_content(&x, d->brands, d->brand_name,
                                       offsetof(recs_product_t, brand));

    vectors = recs_calloc((size_t) d->items + 1, RECS_V);

    for (i = 0; i < d->items; i++) {
        recs_directions_vector(&x, i, vectors + (size_t) i * RECS_V);
    }

    free(x.behaviour);
    free(x.seen);
    free(x.categories);
    free(x.brands);

    return vectors;
}


static void
recs_directions_behaviour(recs_directions_t *x, const recs_config_t *c)
{
    uint32_t        i, k;
    uint64_t        e;
    recs_als_t      a;
    recs_config_t   own;
    recs_matrix_t   m;

    own = *c;
    own.als_factors = RECS_V;
    own.als_iterations = RECS_DIRECTION_ITERATIONS;

    if (!recs_directions_affordable(x->d, &own)) {
        return;
    }

    recs_als_input(x->d, &own, &m);
    recs_als_fit(&m, x->d->items, &own, &a);

    for (e = 0; e < m.rows.offsets[m.rows.rows]; e++) {
        x->seen[m.rows.entries[e]]++;
    }

    for (i = 0; i < x->d->items; i++) {
        for (k = 0; k < RECS_V && x->seen[i] > 0; k++) {
            x->behaviour[(size_t) i * RECS_V + k] =
                a.h[(size_t) i * a.factors + k];
        }

        /* without a length nothing is known */

        if (recs_directions_length(x->behaviour + (size_t) i * RECS_V) == 0) {
            x->seen[i] = 0;
        }
    }

    recs_als_free(&a);
    recs_matrix_free(&m);
}


static int
recs_directions_affordable(const recs_dataset_t *d, const recs_config_t *c)
{
    recs_model_cost_t  cost;

    recs_als_cost(d, c, &cost);

    if (cost.bytes <= c->memory_budget * 1e9) {
        return 1;
    }

    recs_message(RECS_MSG_WARN, "vectors", "the factors of products need "
                 "%.1f GB, memory_budget is %.1f: vectors are of categories "
                 "and brands alone", cost.bytes / 1e9, c->memory_budget);

    return 0;
}


/* What all have in common says nothing of likeness. */

static void
recs_directions_centre(recs_directions_t *x)
{
    double    mean[RECS_V] = { 0 }, all, *v;
    uint32_t  i, k;

    for (i = 0, all = 0; i < x->d->items; i++) {
        v = x->behaviour + (size_t) i * RECS_V;
        all += x->seen[i];

        for (k = 0; k < RECS_V; k++) {
            mean[k] += x->seen[i] * v[k];
        }
    }

    for (i = 0; i < x->d->items; i++) {
        v = x->behaviour + (size_t) i * RECS_V;

        for (k = 0; k < RECS_V && x->seen[i] > 0; k++) {
            v[k] -= mean[k] / all;
        }

        (void) recs_directions_length(v);
    }
}


/* The means of the rows (categories, brands) that a member numbers. */

static double *
recs_directions_content(const recs_directions_t *x, uint32_t rows,
    const recs_str_t *names, size_t member)
{
    double    *means, *v;
    uint32_t   i, k, row;

    means = recs_calloc((size_t) rows * RECS_V + 1, sizeof(double));

    for (i = 0; i < x->d->items; i++) {
        memcpy(&row, (const char *) &x->d->products[i] + member, sizeof(row));

        for (k = 0; k < RECS_V && row < rows; k++) {
            means[(size_t) row * RECS_V + k] +=
                x->seen[i] * x->behaviour[(size_t) i * RECS_V + k];
        }
    }

    for (row = 0; row < rows; row++) {
        v = means + (size_t) row * RECS_V;

        if (recs_directions_length(v) == 0) {
            recs_directions_draw(&names[row], v);
        }
    }

    return means;
}


static void
recs_directions_draw(const recs_str_t *name, double *v)
{
    uint32_t  k;
    uint64_t  words[2];

    words[0] = recs_key64(name->data, name->len);

    for (k = 0; k < RECS_V; k++) {
        words[1] = k;
        v[k] = (double) recs_key64(words, sizeof(words)) / 0x1p63 - 1;
    }

    (void) recs_directions_length(v);
}


static void
recs_directions_vector(const recs_directions_t *x, uint32_t i,
    int8_t *vector)
{
    double                 content[RECS_V] = { 0 }, v[RECS_V];
    uint32_t               k;
    const recs_product_t  *p;

    p = &x->d->products[i];

    for (k = 0; k < RECS_V; k++) {

        if (p->category != RECS_NONE) {
            content[k] += x->categories[(size_t) p->category * RECS_V + k];
        }

        if (p->brand != RECS_NONE) {
            content[k] += RECS_DIRECTION_BRAND
                          * x->brands[(size_t) p->brand * RECS_V + k];
        }
    }

    (void) recs_directions_length(content);

    for (k = 0; k < RECS_V; k++) {
        v[k] = x->seen[i] * x->behaviour[(size_t) i * RECS_V + k]
               + RECS_DIRECTION_CONTENT * content[k];
    }

    (void) recs_directions_length(v);

    for (k = 0; k < RECS_V; k++) {
        vector[k] = (int8_t) lrint(RECS_DIRECTION_LENGTH * v[k]);
    }
}


/* Makes the length 1; returns what it was, 0 where it cannot be. */

static double
recs_directions_length(double *v)
{
    double    sum;
    uint32_t  k;

    for (k = 0, sum = 0; k < RECS_V; k++) {
        sum += v[k] * v[k];
    }

    sum = sqrt(sum);

    if (!(sum > 1e-12) || !isfinite(sum)) {
        memset(v, 0, RECS_V * sizeof(double));
        return 0;
    }

    for (k = 0; k < RECS_V; k++) {
        v[k] /= sum;
    }

    return sum;
}
