/*
 * Copyright (C) recs authors
 *
 * Column by column, looking left: a column is what it is in the matrix less
 * the columns before it that have an entry in its row.  These are in a list
 * of the row, and each moves on to the list of its next row.
 */

#include "sparse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_SPARSE_SHIFT  1e-3f
#define RECS_SPARSE_LEAST  1e-6f     /* of a pivot */
#define RECS_SPARSE_TRIES  24


typedef struct {
    const recs_sparse_t  *a;
    recs_sparse_t        *l;
    float                *d;
    uint64_t              most;      /* entries of L */
    uint32_t             *first;     /* column in the list of a row */
    uint32_t             *next;      /* column after a column */
    uint64_t             *at;        /* where a column stands */
    float                *sums;      /* of the column, by row */
    uint8_t              *marks;     /* rows that have one */
    uint32_t             *touched;
    uint64_t             *keys;
} recs_sparse_factor_t;


static int recs_sparse_try(recs_sparse_factor_t *f, float shift);
static uint32_t recs_sparse_column(recs_sparse_factor_t *f, uint32_t j);
static uint32_t recs_sparse_add(recs_sparse_factor_t *f, uint32_t n,
    uint32_t row, float value);
static void recs_sparse_link(recs_sparse_factor_t *f, uint32_t k);
static void recs_sparse_keep(recs_sparse_factor_t *f, uint32_t j, uint32_t n);


void
recs_sparse_free(recs_sparse_t *s)
{
    free(s->starts);
    free(s->rows);
    free(s->values);
}


float
recs_sparse_factor(const recs_sparse_t *a, uint32_t entries,
    recs_sparse_t *l, float *d)
{
    float                 shift;
    size_t                n;
    unsigned              tries;
    recs_sparse_factor_t  f = { .a = a, .l = l, .d = d };

    n = (size_t) a->n + 1;
    f.most = (uint64_t) a->n * recs_min(entries, a->n);
    f.first = recs_alloc(n * sizeof(uint32_t));
    f.next = recs_alloc(n * sizeof(uint32_t));
    f.at = recs_alloc(n * sizeof(uint64_t));
    f.sums = recs_calloc(n, sizeof(float));
    f.marks = recs_calloc(n, 1);
    f.touched = recs_alloc(n * sizeof(uint32_t));
    f.keys = recs_alloc(n * sizeof(uint64_t));

    l->n = a->n;
    l->starts = recs_calloc(n, sizeof(uint64_t));
    l->rows = recs_alloc((f.most + 1) * sizeof(uint32_t));
    l->values = recs_alloc((f.most + 1) * sizeof(float));

    shift = 0;

    for (tries = 0; tries < RECS_SPARSE_TRIES; tries++) {

        if (recs_sparse_try(&f, shift) == RECS_OK) {
            break;
        }

        shift = shift > 0 ? 2 * shift : RECS_SPARSE_SHIFT;
    }

    free(f.first);
    free(f.next);
    free(f.at);
    free(f.sums);
    free(f.marks);
    free(f.touched);
    free(f.keys);

    return shift;
}


static int
recs_sparse_try(recs_sparse_factor_t *f, float shift)
{
    uint32_t  j, n;
    uint64_t  e;

    memset(f->first, 0xff, ((size_t) f->a->n + 1) * sizeof(uint32_t));

    for (j = 0; j < f->a->n; j++) {
        f->d[j] = 1 + shift;
    }

    for (j = 0; j < f->a->n; j++) {

        if (!(f->d[j] > RECS_SPARSE_LEAST)) {
            return RECS_ERROR;
        }

        n = recs_sparse_column(f, j);
        recs_sparse_keep(f, j, n);

        for (e = f->l->starts[j]; e < f->l->starts[j + 1]; e++) {
            f->d[f->l->rows[e]] -= f->l->values[e] * f->l->values[e]
                                   * f->d[j];
        }

        f->at[j] = f->l->starts[j];
        recs_sparse_link(f, j);
    }

    return RECS_OK;
}


/* How many rows have an entry before any is left out. */

static uint32_t
recs_sparse_column(recs_sparse_factor_t *f, uint32_t j)
{
    float                 factor;
    uint32_t              k, n, next;
    uint64_t              e;
    const recs_sparse_t  *l;

    l = f->l;
    n = 0;

    for (e = f->a->starts[j]; e < f->a->starts[j + 1]; e++) {
        n = recs_sparse_add(f, n, f->a->rows[e], 0);
        f->sums[f->a->rows[e]] = f->a->values[e];
    }

    for (k = f->first[j]; k != RECS_NONE; k = next) {
        next = f->next[k];
        factor = l->values[f->at[k]] * f->d[k];

        for (e = ++f->at[k]; e < l->starts[k + 1]; e++) {
            n = recs_sparse_add(f, n, l->rows[e], -factor * l->values[e]);
        }

        recs_sparse_link(f, k);
    }

    return n;
}


static uint32_t
recs_sparse_add(recs_sparse_factor_t *f, uint32_t n, uint32_t row,
    float value)
{
    if (!f->marks[row]) {
        f->marks[row] = 1;
        f->touched[n++] = row;
    }

    f->sums[row] += value;

    return n;
}


/* Column k waits for the row where it stands. */

static void
recs_sparse_link(recs_sparse_factor_t *f, uint32_t k)
{
    uint32_t  row;

    if (f->at[k] < f->l->starts[k + 1]) {
        row = f->l->rows[f->at[k]];
        f->next[k] = f->first[row];
        f->first[row] = k;
    }
}


static void
recs_sparse_keep(recs_sparse_factor_t *f, uint32_t j, uint32_t n)
{
    float           size;
    uint32_t        bits, k, max, row;
    uint64_t        at;
    recs_sparse_t  *l;

    l = f->l;
    at = l->starts[j];
    max = (uint32_t) recs_min((f->most - at) / (l->n - j), l->n);

    for (k = 0; k < n; k++) {
        size = fabsf(f->sums[f->touched[k]]);
        memcpy(&bits, &size, sizeof(bits));
        f->keys[k] = (uint64_t) bits << 32 | (uint32_t) ~f->touched[k];
    }

    max = recs_min(max, n);
    recs_keys_best(f->keys, n, max);

    /* by row: numbers are sorted with the largest first */

    for (k = 0; k < max; k++) {
        f->keys[k] &= UINT32_MAX;
    }

    recs_keys_sort(f->keys, max);

    for (k = 0; k < max; k++) {
        row = ~(uint32_t) f->keys[k];

        if (f->sums[row] != 0) {
            l->rows[at] = row;
            l->values[at++] = f->sums[row] / f->d[j];
        }
    }

    l->starts[j + 1] = at;

    for (k = 0; k < n; k++) {
        f->sums[f->touched[k]] = 0;
        f->marks[f->touched[k]] = 0;
    }
}
