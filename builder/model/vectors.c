/*
 * Copyright (C) recs authors
 *
 * The users' vectors of TIFUKNN.  Memory: 8 bytes an item of a user.
 */

#include "tifuknn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


typedef struct {
    double    *sums;             /* by item */
    uint32_t  *touched;
    uint32_t   n;
    double     weights[RECS_PURCHASES_BASKETS];
} recs_vectors_ctx_t;


static void recs_vectors_sum(recs_vectors_ctx_t *x,
    const recs_purchases_t *p, uint32_t user);
static int recs_vectors_compare(const void *one, const void *two);


void
recs_tifuknn_vectors(const recs_purchases_t *p, const recs_config_t *c,
    recs_vectors_t *v)
{
    size_t              cap;
    uint32_t            i, k, u, items;
    uint64_t            b, e;
    recs_vectors_ctx_t  x;

    items = 0;

    for (e = 0; e < p->offsets[p->first[p->users]]; e++) {
        items = recs_max(items, p->items[e] + 1);
    }

    x.sums = recs_calloc((size_t) items + 1, sizeof(double));
    x.touched = recs_alloc(((size_t) items + 1) * sizeof(uint32_t));

    memset(v, 0, sizeof(recs_vectors_t));
    v->rows = p->users;
    v->offsets = recs_calloc((size_t) p->users + 1, sizeof(uint64_t));
    cap = 0;

    for (u = 0, e = 0; u < p->users; u++) {
        b = p->first[u + 1] - p->first[u];
        recs_tifuknn_weights(c, (uint32_t) b, x.weights);
        recs_vectors_sum(&x, p, u);

        recs_grow(&v->entries, &cap, e + x.n + 1,
                  sizeof(recs_format_related_t));

        for (k = 0; k < x.n; k++) {
            i = x.touched[k];

            v->entries[e].item = i;
            v->entries[e].weight = (float) x.sums[i];
            e += v->entries[e].weight > 0;
            x.sums[i] = 0;
        }

        v->offsets[u + 1] = e;
    }

    free(x.sums);
    free(x.touched);
}


void
recs_tifuknn_weights(const recs_config_t *c, uint32_t n, double *weights)
{
    uint32_t  at, b, g, m, size, larger, groups;

    m = (uint32_t) c->basket_groups;
    groups = recs_min(m, n);

    if (n == 0) {
        return;
    }

    /* the "larger" last groups have one more basket */

    size = n / groups;
    larger = n % groups;

    for (g = 0, at = 0; g < groups; g++) {
        b = size + (g >= groups - larger);

        for (b += at; at < b; at++) {
            weights[at] = pow(c->basket_within, n - 1 - at)
                          * pow(c->basket_between, m - 1 - g)
                          / (size + (g >= groups - larger)) / groups;
        }
    }
}


void
recs_vectors_free(recs_vectors_t *v)
{
    free(v->offsets);
    free(v->entries);
}


static void
recs_vectors_sum(recs_vectors_ctx_t *x, const recs_purchases_t *p,
    uint32_t user)
{
    double    weight;
    uint32_t  i;
    uint64_t  b, e;

    x->n = 0;

    for (b = p->first[user]; b < p->first[user + 1]; b++) {
        weight = x->weights[b - p->first[user]];

        for (e = p->offsets[b]; weight > 0 && e < p->offsets[b + 1]; e++) {
            i = p->items[e];

            if (x->sums[i] == 0) {
                x->touched[x->n++] = i;
            }

            x->sums[i] += weight;
        }
    }

    qsort(x->touched, x->n, sizeof(uint32_t), recs_vectors_compare);
}


static int
recs_vectors_compare(const void *one, const void *two)
{
    uint32_t  a, b;

    a = *(const uint32_t *) one;
    b = *(const uint32_t *) two;

    return (a < b) ? -1 : a > b;
}
