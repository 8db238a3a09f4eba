/*
 * Copyright (C) recs authors
 *
 * One row of one half of iALS++: blocks of 16 factors one after the other,
 * each solved exactly while the others stand still.
 *
 * The basis of the factors is one in which H'H is diagonal (als.c turns it),
 * so that what was not seen costs 16 additions a block rather than a product
 * with H'H.  16 numbers are a register (or two, or four), and the loops are
 * written for that; the equations are solved by sweeping (Beaton 1964), for
 * a sweep needs no way back.
 */

#include "als.h"

#include <string.h>


/* What the processor has is found out when the program starts. */

#if (__x86_64__)
#define recs_als_clones  __attribute__((target_clones("avx512f", "fma",      \
                                                      "default")))
#else
#define recs_als_clones
#endif

#define recs_als_16(op)                                                      \
    op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7)                          \
    op(8) op(9) op(10) op(11) op(12) op(13) op(14) op(15)

/* Row i of the equations, a##i, when row k has been solved for k. */

#define recs_als_eliminate(i, k)                                             \
    if (i > k) {                                                             \
        a##i -= factor[i] * pivot;                                           \
    }

#define recs_als_sweep(k)                                                    \
    {                                                                        \
        inverse = 1 / a##k[k];                                               \
        line = a##k * inverse;                                               \
        pivot = a##k;                                                        \
        pivot[k] -= 1;                                                       \
        memcpy(factor, &line, sizeof(factor));                               \
        recs_als_eliminate(0, k) recs_als_eliminate(1, k)                    \
        recs_als_eliminate(2, k) recs_als_eliminate(3, k)                    \
        recs_als_eliminate(4, k) recs_als_eliminate(5, k)                    \
        recs_als_eliminate(6, k) recs_als_eliminate(7, k)                    \
        recs_als_eliminate(8, k) recs_als_eliminate(9, k)                    \
        recs_als_eliminate(10, k) recs_als_eliminate(11, k)                  \
        recs_als_eliminate(12, k) recs_als_eliminate(13, k)                  \
        recs_als_eliminate(14, k) recs_als_eliminate(15, k)                  \
        line[k] = 1 - inverse;                                               \
        x -= line * x[k];                                                    \
    }

#define recs_als_declare(k)  recs_als_block_t  a##k = { 0 };
#define recs_als_add(k)      a##k += weighted * h[k];
#define recs_als_ridge(k)    a##k[k] += diagonal[k];
#define recs_als_largest(k)  scale = recs_max(scale, a##k[k]);
#define recs_als_scale(k)    a##k *= scale;


typedef float  recs_als_block_t
    __attribute__((vector_size(64), aligned(4), may_alias));


static inline __attribute__((always_inline)) float
recs_als_total(const recs_als_block_t *v)
{
    recs_als_block_t  s;

    s = *v;
    s += __builtin_shufflevector(s, s, 8, 9, 10, 11, 12, 13, 14, 15,
                                 0, 1, 2, 3, 4, 5, 6, 7);
    s += __builtin_shufflevector(s, s, 4, 5, 6, 7, 0, 1, 2, 3,
                                 12, 13, 14, 15, 8, 9, 10, 11);
    s += __builtin_shufflevector(s, s, 2, 3, 0, 1, 6, 7, 4, 5,
                                 10, 11, 8, 9, 14, 15, 12, 13);

    return s[0] + s[1];
}


/* What is missing to 1 of each entry of the row. */

static inline __attribute__((always_inline)) void
recs_als_errors(const recs_als_side_t *s, const uint32_t *entries,
    uint64_t n, const float *own, float *errors)
{
    uint32_t           f;
    uint64_t           e;
    const float       *h;
    recs_als_block_t   sum;

    for (e = 0; e < n; e++) {
        h = s->other + (size_t) entries[e] * s->factors;
        sum = *(const recs_als_block_t *) h
              * *(const recs_als_block_t *) own;

        for (f = RECS_ALS_BLOCK; f < s->factors; f += RECS_ALS_BLOCK) {
            sum += *(const recs_als_block_t *) (h + f)
                   * *(const recs_als_block_t *) (own + f);
        }

        errors[e] = 1 - recs_als_total(&sum);
    }
}


/* The change of a block of "own", from f on. */

static inline __attribute__((always_inline)) void
recs_als_solve(const recs_als_side_t *s, const uint32_t *entries,
    const float *weights, uint64_t n, double ridge, uint32_t f,
    const float *own, const float *errors, recs_als_block_t *change)
{
    float              inverse, scale, factor[RECS_ALS_BLOCK];
    uint64_t           e;
    const float       *h;
    recs_als_block_t   x, line, pivot, weighted, diagonal;

    recs_als_16(recs_als_declare)

    diagonal = *(const recs_als_block_t *) (s->unseen + f) + (float) ridge;
    x = -diagonal * *(const recs_als_block_t *) own;

    for (e = 0; e < n; e++) {
        h = s->other + (size_t) entries[e] * s->factors + f;
        weighted = *(const recs_als_block_t *) h * weights[e];
        x += weighted * errors[e];
        recs_als_16(recs_als_add)
    }

    recs_als_16(recs_als_ridge)

    /* pivots of at most 1: then pivot - 1 loses nothing */

    scale = a0[0];
    recs_als_16(recs_als_largest)
    scale = 1 / scale;
    recs_als_16(recs_als_scale)
    x *= scale;

    recs_als_16(recs_als_sweep)

    *change = x;
}


recs_als_clones void
recs_als_row(const recs_als_side_t *s, uint32_t r, float *errors)
{
    float             *own;
    double             ridge;
    uint32_t           f;
    uint64_t           e, n;
    const float       *h, *weights;
    const uint32_t    *entries;
    recs_als_block_t   x, product;

    n = s->rows->offsets[r + 1] - s->rows->offsets[r];
    entries = s->rows->entries + s->rows->offsets[r];
    weights = s->weights + s->rows->offsets[r];
    own = s->own + (size_t) r * s->factors;
    ridge = s->ridge * ((double) n + s->bias);

    recs_als_errors(s, entries, n, own, errors);

    for (f = 0; f < s->factors; f += RECS_ALS_BLOCK) {
        recs_als_solve(s, entries, weights, n, ridge, f, own + f, errors, &x);

        *(recs_als_block_t *) (own + f) += x;

        for (e = 0; e < n; e++) {
            h = s->other + (size_t) entries[e] * s->factors + f;
            product = *(const recs_als_block_t *) h * x;
            errors[e] -= recs_als_total(&product);
        }
    }
}
