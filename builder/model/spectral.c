/*
 * Copyright (C) recs authors
 *
 * A filter on the graph of people and items.  With R = D_u^(-b/2) X D_i^(-1/2)
 * (b is spectral_user_power), P = R'R and V the spectral_rank strongest right
 * singular vectors of R, a history x scores
 *
 *   x (g P + w D_i^(-1/2) V V' D_i^(1/2)) h(P)
 *
 * g = spectral_pairs and w = spectral_weight: the linear and the ideal
 * low-pass filter of GF-CF (Shen et al. 2021; g = 1, w = .3, rank 256, b =
 * 1).  h is the sharpening of BSPM (Choi et al. 2023; T = 2.5, w = .2, rank
 * 448): h(P) = sum over n < 5 of (-T P)^n / n!, one step of Runge and Kutta
 * for e^(-TP), with T = spectral_sharpen; 0 is none.
 *
 * V is found by subspace iteration (Halko et al. 2011), orthonormalised by
 * the eigenvectors of the Gram matrix (SVQB, Stathopoulos & Wu 2002), which
 * leaves out what is no direction of its own.
 *
 * Memory: 8 bytes an interaction twice, 4 (users + 4 items) (rank + 32)
 * bytes, and 8 bytes x RECS_SPECTRAL_ROWS x (users + items) for each thread.
 * Time: items^2 x rank and, with pairs or sharpening, items x interactions x
 * 4 (10 with sharpening).
 */

#include "linear.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>
#include <lapacke.h>


#define RECS_SPECTRAL_ROWS    32     /* of the operator at a time */
#define RECS_SPECTRAL_PIECE   4096   /* rows of V at a time */
#define RECS_SPECTRAL_MORE    32     /* directions beside those asked for */
#define RECS_SPECTRAL_SWEEPS  6
#define RECS_SPECTRAL_TERMS   4      /* of h(P), the first one is 1 */
#define RECS_SPECTRAL_LEAST   1e-6f  /* of a direction, to the strongest */


/* Row r of a sparse matrix: columns at[] and weights[] of starts[r] on. */

typedef struct {
    uint32_t   rows;
    uint64_t  *starts;
    uint32_t  *at;
    float     *weights;
} recs_sparse_t;

typedef struct {
    recs_linear_t         linear;
    const recs_config_t  *c;
    recs_sparse_t         people;    /* R */
    recs_sparse_t         items;     /* R' */
    float                *roots;     /* c_i^(1/2), 0: nobody has it */
    uint32_t              wide;      /* directions in work */
    uint32_t              rank;      /* of them wanted */
    float                *basis;     /* V: items x wide, by rows */
    float                *next;      /* items x wide */
    float                *middle;    /* users x wide */
    float                *pieces;    /* wide x wide of each piece */
    float                *turn;      /* wide x wide */
    float               **buffers;   /* of each thread */
} recs_spectral_t;


static void recs_spectral_input(recs_spectral_t *s, const recs_dataset_t *d);
static void recs_spectral_transpose(recs_spectral_t *s, uint32_t items);
static void recs_spectral_free(recs_spectral_t *s);
static void recs_spectral_basis(recs_spectral_t *s);
static void recs_spectral_random(recs_spectral_t *s);
static void recs_spectral_orthonormal(recs_spectral_t *s);
static void recs_spectral_add(const recs_sparse_t *m, uint32_t row,
    uint32_t wide, const float *from, float *to);
static void recs_spectral_to_people(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_spectral_to_items(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_spectral_piece(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_spectral_turn(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_spectral_rows(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_spectral_ideal(const recs_spectral_t *s, uint32_t from,
    uint32_t n, float *work, float *term, float *out);
static void recs_spectral_pass(const recs_spectral_t *s, float *people,
    const float *from, float *to);


int
recs_model_spectral(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    size_t           size;
    unsigned         t;
    recs_spectral_t  s = { .c = c };

    recs_linear_init(&s.linear, d, (uint32_t) c->related_max,
                     (unsigned) c->threads);
    recs_spectral_input(&s, d);

    openblas_set_num_threads(1);

    if (c->spectral_weight > 0) {
        recs_spectral_basis(&s);
    }

    s.buffers = recs_calloc(s.linear.threads, sizeof(float *));
    size = RECS_SPECTRAL_ROWS
           * (3 * (size_t) d->items + s.people.rows + s.wide + 1);

    for (t = 0; t < s.linear.threads; t++) {
        s.buffers[t] = recs_alloc(size * sizeof(float));
    }

    recs_parallel(s.linear.threads, d->items, RECS_SPECTRAL_ROWS,
                  recs_spectral_rows, &s);

    for (t = 0; t < s.linear.threads; t++) {
        free(s.buffers[t]);
    }

    recs_linear_finish(&s.linear, list);
    recs_spectral_free(&s);

    return RECS_OK;
}


void
recs_spectral_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost)
{
    double  entries, passes, people, squares, wide;

    recs_linear_size(d, &entries, &squares);

    wide = c->spectral_weight > 0 ? c->spectral_rank + RECS_SPECTRAL_MORE : 0;
    people = (double) d->by_user.rows + d->by_session.rows;
    passes = (c->spectral_pairs > 0)
             + (c->spectral_sharpen > 0 ? RECS_SPECTRAL_TERMS : 0);

    cost->bytes = 20 * entries + 4 * wide * (people + 2 * (double) d->items)
                  + 4.0 * RECS_MODEL_THREADS * RECS_SPECTRAL_ROWS
                    * (people + 3 * (double) d->items)
                  + 8.0 * d->items * c->related_max;
    cost->seconds = 1e-9 * entries * wide * 2 * RECS_SPECTRAL_SWEEPS
                    + d->items * (1e-10 * d->items * wide
                                  + 3e-10 * passes * entries);
}


/* R by people, then R' by items. */

static void
recs_spectral_input(recs_spectral_t *s, const recs_dataset_t *d)
{
    uint32_t       i;
    uint64_t       e, n;
    recs_config_t  c;
    recs_matrix_t  x;

    c = *s->c;
    c.user_power = s->c->spectral_user_power;
    recs_linear_input(d, &c, &x);

    n = x.rows.offsets[x.rows.rows];
    s->roots = recs_calloc((size_t) d->items + 1, sizeof(float));

    for (e = 0; e < n; e++) {
        s->roots[x.rows.entries[e]]++;
    }

    for (i = 0; i < d->items; i++) {
        s->roots[i] = sqrtf(s->roots[i]);
    }

    for (e = 0; e < n; e++) {
        x.weights[e] /= s->roots[x.rows.entries[e]];
    }

    s->people.rows = x.rows.rows;
    s->people.starts = x.rows.offsets;
    s->people.at = x.rows.entries;
    s->people.weights = x.weights;

    recs_spectral_transpose(s, d->items);
}


static void
recs_spectral_transpose(recs_spectral_t *s, uint32_t items)
{
    uint32_t              i, r;
    uint64_t              at, e, n;
    recs_sparse_t        *to;
    const recs_sparse_t  *from;

    from = &s->people;
    to = &s->items;
    n = from->starts[from->rows];

    to->rows = items;
    to->starts = recs_calloc((size_t) items + 2, sizeof(uint64_t));
    to->at = recs_alloc(n * sizeof(uint32_t) + 1);
    to->weights = recs_alloc(n * sizeof(float) + 1);

    for (e = 0; e < n; e++) {
        to->starts[from->at[e] + 2]++;
    }

    for (i = 2; i < items + 2; i++) {
        to->starts[i] += to->starts[i - 1];
    }

    for (r = 0; r < from->rows; r++) {
        for (e = from->starts[r]; e < from->starts[r + 1]; e++) {
            at = to->starts[from->at[e] + 1]++;
            to->at[at] = r;
            to->weights[at] = from->weights[e];
        }
    }
}


static void
recs_spectral_free(recs_spectral_t *s)
{
    free(s->people.starts);
    free(s->people.at);
    free(s->people.weights);
    free(s->items.starts);
    free(s->items.at);
    free(s->items.weights);
    free(s->roots);
    free(s->basis);
    free(s->buffers);
}


/* Each sweep is V <- orthonormal(R'R V), strongest direction first. */

static void
recs_spectral_basis(recs_spectral_t *s)
{
    size_t    pieces;
    uint32_t  items, n;
    unsigned  threads;

    items = s->items.rows;
    threads = s->linear.threads;
    s->wide = recs_min((uint32_t) s->c->spectral_rank + RECS_SPECTRAL_MORE,
                       items);
    s->rank = recs_min((uint32_t) s->c->spectral_rank, s->wide);
    pieces = items / RECS_SPECTRAL_PIECE + 1;

    s->basis = recs_alloc(((size_t) items * s->wide + 1) * sizeof(float));
    s->next = recs_alloc(((size_t) items * s->wide + 1) * sizeof(float));
    s->middle = recs_alloc(((size_t) s->people.rows * s->wide + 1)
                           * sizeof(float));
    s->pieces = recs_alloc(pieces * s->wide * s->wide * sizeof(float) + 1);
    s->turn = recs_alloc((size_t) s->wide * s->wide * sizeof(float) + 1);

    recs_spectral_random(s);

    for (n = 0; n < RECS_SPECTRAL_SWEEPS && s->wide; n++) {
        recs_parallel(threads, s->people.rows, 256, recs_spectral_to_people,
                      s);
        recs_parallel(threads, items, 256, recs_spectral_to_items, s);
        recs_spectral_orthonormal(s);
    }

    free(s->next);
    free(s->middle);
    free(s->pieces);
    free(s->turn);
}


/* SplitMix64 (Steele et al. 2014), -1..1 */

static void
recs_spectral_random(recs_spectral_t *s)
{
    size_t    i;
    uint64_t  z;

    for (i = 0; i < (size_t) s->items.rows * s->wide; i++) {
        z = (i + 1) * 0x9e3779b97f4a7c15ULL;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        s->basis[i] = (float) (z >> 40) / (1 << 23) - 1;
    }
}


/*
 * "next" times U L^(-1/2) of its Gram matrix U L U' into "basis".  Pieces
 * are summed in their order: the same bits for any number of threads.
 */

static void
recs_spectral_orthonormal(recs_spectral_t *s)
{
    float     *values, scale;
    double     sum;
    uint32_t   i, k, p, pieces, w;

    w = s->wide;
    pieces = (s->items.rows + RECS_SPECTRAL_PIECE - 1) / RECS_SPECTRAL_PIECE;
    values = recs_alloc((w + 1) * sizeof(float));

    recs_parallel(s->linear.threads, s->items.rows, RECS_SPECTRAL_PIECE,
                  recs_spectral_piece, s);

    for (i = 0; i < w * w; i++) {
        for (p = 0, sum = 0; p < pieces; p++) {
            sum += s->pieces[(size_t) p * w * w + i];
        }

        s->pieces[i] = (float) sum;
    }

    if (LAPACKE_ssyevd(LAPACK_ROW_MAJOR, 'V', 'U', w, s->pieces, w, values)
        != 0)
    {
        memset(values, 0, w * sizeof(float));
    }

    /* ascending there, descending here */

    for (k = 0; k < w; k++) {
        scale = values[w - 1 - k];
        scale = (scale > values[w - 1] * RECS_SPECTRAL_LEAST)
                ? 1 / sqrtf(scale) : 0;

        for (i = 0; i < w; i++) {
            s->turn[i * w + k] = s->pieces[i * w + w - 1 - k] * scale;
        }
    }

    recs_parallel(s->linear.threads, s->items.rows, RECS_SPECTRAL_PIECE,
                  recs_spectral_turn, s);

    free(values);
}


static void
recs_spectral_piece(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t          w;
    recs_spectral_t  *s;

    s = ctx;
    w = s->wide;

    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, w, w, to - from, 1,
                s->next + (size_t) from * w, w, s->next + (size_t) from * w,
                w, 0, s->pieces + (size_t) (from / RECS_SPECTRAL_PIECE)
                                  * w * w, w);
}


static void
recs_spectral_turn(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t          w;
    recs_spectral_t  *s;

    s = ctx;
    w = s->wide;

    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, to - from, w, w, 1,
                s->next + (size_t) from * w, w, s->turn, w, 0,
                s->basis + (size_t) from * w, w);
}


/* Row "row" of m times "from", whose rows are "wide" long. */

static void
recs_spectral_add(const recs_sparse_t *m, uint32_t row, uint32_t wide,
    const float *from, float *to)
{
    float         weight;
    uint32_t      k;
    uint64_t      e;
    const float  *line;

    memset(to, 0, wide * sizeof(float));

    for (e = m->starts[row]; e < m->starts[row + 1]; e++) {
        line = from + (size_t) m->at[e] * wide;
        weight = m->weights[e];

        for (k = 0; k < wide; k++) {
            to[k] += weight * line[k];
        }
    }
}


static void
recs_spectral_to_people(void *ctx, unsigned thread, uint32_t from,
    uint32_t to)
{
    uint32_t          r;
    recs_spectral_t  *s;

    s = ctx;

    for (r = from; r < to; r++) {
        recs_spectral_add(&s->people, r, s->wide, s->basis,
                          s->middle + (size_t) r * s->wide);
    }
}


static void
recs_spectral_to_items(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t          r;
    recs_spectral_t  *s;

    s = ctx;

    for (r = from; r < to; r++) {
        recs_spectral_add(&s->items, r, s->wide, s->middle,
                          s->next + (size_t) r * s->wide);
    }
}


/* Columns of the block are items from .. to - 1, its rows all items. */

static void
recs_spectral_rows(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    float            *out, *people, *term, *work;
    size_t            i, n;
    uint32_t          j, k;
    recs_spectral_t  *s;

    s = ctx;
    n = (size_t) s->items.rows * RECS_SPECTRAL_ROWS;
    out = s->buffers[thread];
    term = out + n;
    work = term + n;
    people = work + n;

    memset(out, 0, n * sizeof(float));

    if (s->c->spectral_pairs > 0) {
        memset(term, 0, n * sizeof(float));

        for (k = 0; k < to - from; k++) {
            term[(size_t) (from + k) * RECS_SPECTRAL_ROWS + k]
                = (float) s->c->spectral_pairs;
        }

        recs_spectral_pass(s, people, term, out);
    }

    if (s->c->spectral_weight > 0) {
        recs_spectral_ideal(s, from, to - from, people, term, out);
    }

    if (s->c->spectral_sharpen > 0) {
        memcpy(term, out, n * sizeof(float));

        for (k = 1; k <= RECS_SPECTRAL_TERMS; k++) {
            recs_spectral_pass(s, people, term, work);

            for (i = 0; i < n; i++) {
                term[i] = work[i] * (float) -s->c->spectral_sharpen / k;
                out[i] += term[i];
            }
        }
    }

    for (k = 0; k < to - from; k++) {
        for (j = 0; j < s->items.rows; j++) {
            work[j] = out[(size_t) j * RECS_SPECTRAL_ROWS + k];
        }

        recs_linear_dense(&s->linear, thread, from + k, work);
    }
}


/* Adds w D^(1/2) V V' D^(-1/2) of n items; "work" has place for V of them. */

static void
recs_spectral_ideal(const recs_spectral_t *s, uint32_t from, uint32_t n,
    float *work, float *term, float *out)
{
    float     scale;
    uint32_t  i, k;

    for (k = 0; k < n; k++) {
        scale = s->roots[from + k];
        scale = (scale > 0) ? (float) s->c->spectral_weight / scale : 0;

        for (i = 0; i < s->rank; i++) {
            work[(size_t) k * s->rank + i]
                = scale * s->basis[(size_t) (from + k) * s->wide + i];
        }
    }

    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, s->items.rows, n,
                s->rank, 1, s->basis, s->wide, work, s->rank, 0, term,
                RECS_SPECTRAL_ROWS);

    for (i = 0; i < s->items.rows; i++) {
        for (k = 0; k < n; k++) {
            out[(size_t) i * RECS_SPECTRAL_ROWS + k]
                += s->roots[i] * term[(size_t) i * RECS_SPECTRAL_ROWS + k];
        }
    }
}


/* R'R times the block. */

static void
recs_spectral_pass(const recs_spectral_t *s, float *people, const float *from,
    float *to)
{
    uint32_t  r;

    for (r = 0; r < s->people.rows; r++) {
        recs_spectral_add(&s->people, r, RECS_SPECTRAL_ROWS, from,
                          people + (size_t) r * RECS_SPECTRAL_ROWS);
    }

    for (r = 0; r < s->items.rows; r++) {
        recs_spectral_add(&s->items, r, RECS_SPECTRAL_ROWS, people,
                          to + (size_t) r * RECS_SPECTRAL_ROWS);
    }
}
