/*
 * Copyright (C) recs authors
 *
 * The halves of iALS++ and what is between them: the factors of the side
 * that stands still are turned so that their Gram matrix is diagonal, and
 * the other side with them, which changes no product of the two.
 *
 * Sums over all rows are sums of chunks of rows, added in their order, so
 * that threads do not show.
 */

#include "als.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_ALS_CHUNK  512      /* rows of a product, at least */
#define RECS_ALS_ROWS   16       /* rows that a thread takes at once */
#define RECS_ALS_SEED   0x5851f42d4c957f2dULL


typedef struct {
    const float  *from;
    uint32_t      factors;
    uint32_t      chunk;
    float        *sums;          /* of each chunk */
} recs_als_gram_t;

typedef struct {
    const float  *basis;         /* columns are the new axes */
    float        *rows;
    float       **scratch;       /* of each thread */
    uint32_t      factors;
} recs_als_turn_t;

typedef struct {
    recs_als_side_t    side;
    float            **errors;   /* of each thread */
} recs_als_half_t;


static void recs_als_invert(const recs_matrix_t *x, uint32_t items,
    recs_matrix_t *inverted);
static float *recs_als_noise(uint32_t rows, uint32_t factors);
static void recs_als_half(const recs_matrix_t *x, uint32_t others, float *own,
    float *other, uint32_t factors, const recs_config_t *c);
static void recs_als_spectrum(const float *from, uint32_t rows,
    uint32_t factors, unsigned threads, float *basis, float *spectrum);
static void recs_als_gram(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_als_turn(float *rows, uint32_t n, const float *basis,
    uint32_t factors, unsigned threads);
static void recs_als_turn_rows(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_als_rows(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);


void
recs_als_input(const recs_dataset_t *d, const recs_config_t *c,
    recs_matrix_t *x)
{
    recs_config_t  plain;

    plain = *c;
    plain.user_power = 0;

    recs_linear_input(d, &plain, x);
}


void
recs_als_fit(const recs_matrix_t *x, uint32_t items, const recs_config_t *c,
    recs_als_t *a)
{
    long           n;
    recs_matrix_t  inverted;

    /* the products are small and many: one thread each */

    openblas_set_num_threads(1);

    a->users = x->rows.rows;
    a->items = items;
    a->factors = ((uint32_t) c->als_factors + RECS_ALS_BLOCK - 1)
                 / RECS_ALS_BLOCK * RECS_ALS_BLOCK;
    a->w = recs_calloc((size_t) a->users * a->factors + 1, sizeof(float));
    a->h = recs_als_noise(items, a->factors);

    recs_als_invert(x, items, &inverted);

    for (n = 0; n < c->als_iterations; n++) {
        recs_als_half(x, items, a->w, a->h, a->factors, c);
        recs_als_half(&inverted, a->users, a->h, a->w, a->factors, c);
    }

    recs_matrix_free(&inverted);
}


void
recs_als_free(recs_als_t *a)
{
    free(a->w);
    free(a->h);
}


static void
recs_als_invert(const recs_matrix_t *x, uint32_t items,
    recs_matrix_t *inverted)
{
    uint32_t      r;
    uint64_t      at, e, n, *offsets;
    recs_rows_t  *rows;

    n = x->rows.offsets[x->rows.rows];
    rows = &inverted->rows;
    rows->rows = items;
    rows->entries = recs_alloc(n * sizeof(uint32_t) + 1);
    inverted->weights = recs_alloc(n * sizeof(float) + 1);

    /* counted two places up and filled one place up, offsets end right */

    offsets = recs_calloc((size_t) items + 2, sizeof(uint64_t));
    rows->offsets = offsets;

    for (e = 0; e < n; e++) {
        offsets[x->rows.entries[e] + 2]++;
    }

    for (r = 2; r < items + 2; r++) {
        offsets[r] += offsets[r - 1];
    }

    for (r = 0; r < x->rows.rows; r++) {
        for (e = x->rows.offsets[r]; e < x->rows.offsets[r + 1]; e++) {
            at = offsets[x->rows.entries[e] + 1]++;
            rows->entries[at] = r;
            inverted->weights[at] = x->weights[e];
        }
    }
}


/* Normal deviates (Box and Muller 1958) of a tenth of the length of 1. */

static float *
recs_als_noise(uint32_t rows, uint32_t factors)
{
    float     *h;
    double     scale;
    size_t     i, n;
    uint64_t   z;

    n = (size_t) rows * factors;
    h = recs_alloc((n + 1) * sizeof(float));
    scale = 0.1 / sqrt(factors);

    for (i = 0; i < n; i++) {
        z = (i + 1) * RECS_ALS_SEED;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        z = z ^ (z >> 31);

        h[i] = (float) (scale * sqrt(-2 * log(((z >> 32) + 1) / 0x1p32))
                        * cos(2 * M_PI * ((uint32_t) z / 0x1p32)));
    }

    return h;
}


static void
recs_als_half(const recs_matrix_t *x, uint32_t others, float *own,
    float *other, uint32_t factors, const recs_config_t *c)
{
    float            *basis, *spectrum;
    uint32_t          k, r;
    uint64_t          longest;
    unsigned          threads;
    recs_als_half_t   half;

    threads = (unsigned) recs_max(c->threads, 1);
    basis = recs_alloc((size_t) factors * factors * sizeof(float));
    spectrum = recs_alloc(factors * sizeof(float));

    recs_als_spectrum(other, others, factors, threads, basis, spectrum);
    recs_als_turn(other, others, basis, factors, threads);
    recs_als_turn(own, x->rows.rows, basis, factors, threads);

    for (k = 0; k < factors; k++) {
        spectrum[k] = (float) (c->als_unseen * recs_max(spectrum[k], 0));
    }

    for (r = 0, longest = 0; r < x->rows.rows; r++) {
        longest = recs_max(longest,
                           x->rows.offsets[r + 1] - x->rows.offsets[r]);
    }

    half.side.rows = &x->rows;
    half.side.weights = x->weights;
    half.side.other = other;
    half.side.own = own;
    half.side.factors = factors;
    half.side.unseen = spectrum;
    half.side.ridge = c->als_ridge;
    half.side.bias = c->als_unseen * others;
    half.errors = recs_als_scratch(threads, longest);

    recs_parallel(threads, x->rows.rows, RECS_ALS_ROWS, recs_als_rows, &half);

    recs_als_scratch_free(half.errors, threads);
    free(basis);
    free(spectrum);
}


static void
recs_als_rows(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    recs_als_half_t  *half;

    half = ctx;

    for ( /* void */ ; from < to; from++) {
        recs_als_row(&half->side, from, half->errors[thread]);
    }
}


/* Eigenvectors of from'from as columns of the basis, and its eigenvalues. */

static void
recs_als_spectrum(const float *from, uint32_t rows, uint32_t factors,
    unsigned threads, float *basis, float *spectrum)
{
    size_t           k, size, sums;
    recs_als_gram_t  g = { .from = from, .factors = factors };

    g.chunk = recs_max(RECS_ALS_CHUNK, rows / RECS_ALS_SUMS + 1);
    size = (size_t) factors * factors;
    sums = (rows + g.chunk - 1) / g.chunk;
    g.sums = recs_calloc(sums * size + 1, sizeof(float));

    recs_parallel(threads, rows, g.chunk, recs_als_gram, &g);

    memset(basis, 0, size * sizeof(float));

    for (k = 0; k < sums * size; k++) {
        basis[k % size] += g.sums[k];
    }

    free(g.sums);

    if (LAPACKE_ssyevd(LAPACK_ROW_MAJOR, 'V', 'U', (int) factors, basis,
                       (int) factors, spectrum)
        != 0)
    {
        recs_message(RECS_MSG_WARN, "als", "the factors are no numbers");
    }
}


static void
recs_als_gram(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    size_t            factors;
    recs_als_gram_t  *g;

    g = ctx;
    factors = g->factors;

    cblas_ssyrk(CblasRowMajor, CblasUpper, CblasTrans, (int) factors,
                (int) (to - from), 1, g->from + from * factors, (int) factors,
                0, g->sums + from / g->chunk * factors * factors,
                (int) factors);
}


static void
recs_als_turn(float *rows, uint32_t n, const float *basis, uint32_t factors,
    unsigned threads)
{
    recs_als_turn_t  t = { basis, rows, NULL, factors };

    t.scratch = recs_als_scratch(threads, (size_t) RECS_ALS_CHUNK * factors);

    recs_parallel(threads, n, RECS_ALS_CHUNK, recs_als_turn_rows, &t);

    recs_als_scratch_free(t.scratch, threads);
}


static void
recs_als_turn_rows(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    int               factors;
    size_t            n;
    float            *rows;
    recs_als_turn_t  *t;

    t = ctx;
    factors = (int) t->factors;
    rows = t->rows + (size_t) from * t->factors;
    n = (size_t) (to - from) * t->factors;

    memcpy(t->scratch[thread], rows, n * sizeof(float));

    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int) (to - from),
                factors, factors, 1, t->scratch[thread], factors, t->basis,
                factors, 0, rows, factors);
}


float **
recs_als_scratch(unsigned threads, size_t n)
{
    float     **scratch;
    unsigned    t;

    scratch = recs_alloc(threads * sizeof(float *));

    for (t = 0; t < threads; t++) {
        scratch[t] = recs_alloc((n + 1) * sizeof(float));
    }

    return scratch;
}


void
recs_als_scratch_free(float **scratch, unsigned threads)
{
    unsigned  t;

    for (t = 0; t < threads; t++) {
        free(scratch[t]);
    }

    free(scratch);
}
