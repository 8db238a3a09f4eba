/*
 * Copyright (C) recs authors
 */

#include "tiles.h"

#include <stdlib.h>
#include <string.h>

#include <cblas.h>
#include <lapacke.h>


#define RECS_TILES_SMALL  64
#define RECS_TILES_LARGE  512
#define RECS_TILES_FEW    4096     /* rows up to which tiles are small */


typedef struct {
    recs_tiles_t  *t;
    uint32_t       k;            /* tile that is swept */
    float         *pivot;        /* inverse of tile (k, k) */
    float         *column;       /* tiles (i, k) as they were */
    float         *scaled;       /* the same times the pivot */
} recs_sweep_t;


static uint32_t recs_tiles_size(double n);
static int recs_sweep_pivot(recs_sweep_t *s);
static void recs_sweep_columns(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_sweep_tiles(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_sweep_finish(recs_sweep_t *s);
static void recs_tile_transpose(const float *tile, uint32_t size,
    size_t stride, float *to);


void
recs_tiles_init(recs_tiles_t *t, uint32_t n)
{
    uint32_t  i;

    t->n = n;
    t->size = recs_tiles_size(n);
    t->count = (n + t->size - 1) / t->size;
    t->values = recs_calloc((size_t) t->count * (t->count + 1) / 2 + 1,
                            (size_t) t->size * t->size * sizeof(float));

    for (i = n; i < t->count * t->size; i++) {
        recs_tiles_at(t, i, i) = 1;
    }
}


void
recs_tiles_free(recs_tiles_t *t)
{
    free(t->values);
    t->values = NULL;
}


static uint32_t
recs_tiles_size(double n)
{
    return (n > RECS_TILES_FEW) ? RECS_TILES_LARGE : RECS_TILES_SMALL;
}


double
recs_tiles_bytes(double n)
{
    double  size;

    size = recs_tiles_size(n);

    return 2 * (n + size) * (n + 2 * size) + 8 * (n + size) * size;
}


int
recs_tiles_sweep(recs_tiles_t *t, unsigned threads)
{
    int           rc;
    size_t        tile;
    recs_sweep_t  s;

    /* the threads are ours: BLAS is to have none of its own */

    openblas_set_num_threads(1);

    tile = (size_t) t->size * t->size * sizeof(float);
    rc = RECS_OK;

    s.t = t;
    s.pivot = recs_alloc(tile);
    s.column = recs_alloc(tile * t->count + 1);
    s.scaled = recs_alloc(tile * t->count + 1);

    for (s.k = 0; s.k < t->count && rc == RECS_OK; s.k++) {
        rc = recs_sweep_pivot(&s);

        if (rc == RECS_OK) {
            recs_parallel(threads, t->count, 1, recs_sweep_columns, &s);
            recs_parallel(threads, t->count * (t->count + 1) / 2, 1,
                          recs_sweep_tiles, &s);
            recs_sweep_finish(&s);
        }
    }

    free(s.pivot);
    free(s.column);
    free(s.scaled);

    return rc;
}


/* The inverse of the tile on the diagonal, both halves of it. */

static int
recs_sweep_pivot(recs_sweep_t *s)
{
    size_t    i, j, size;
    uint32_t  k;

    k = s->k;
    size = s->t->size;

    memcpy(s->pivot, recs_tile(s->t, k, k), size * size * sizeof(float));

    if (LAPACKE_spotrf(LAPACK_ROW_MAJOR, 'L', (int) size, s->pivot,
                       (int) size) != 0
        || LAPACKE_spotri(LAPACK_ROW_MAJOR, 'L', (int) size, s->pivot,
                          (int) size) != 0)
    {
        return RECS_DECLINED;
    }

    for (i = 0; i < size; i++) {
        for (j = i + 1; j < size; j++) {
            s->pivot[i * size + j] = s->pivot[j * size + i];
        }
    }

    return RECS_OK;
}


static void
recs_sweep_columns(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    size_t         tile;
    uint32_t       i, size;
    float         *column;
    recs_sweep_t  *s;

    s = ctx;
    size = s->t->size;
    tile = (size_t) size * size;

    for (i = from; i < to; i++) {
        column = s->column + i * tile;

        if (i < s->k) {
            recs_tile_transpose(recs_tile(s->t, s->k, i), size, size, column);

        } else {
            memcpy(column, recs_tile(s->t, i, s->k), tile * sizeof(float));
        }

        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size,
                    size, 1, column, size, s->pivot, size, 0,
                    s->scaled + i * tile, size);
    }
}


/* Tile (i, j), by its place: A_ij - A_ik A_kk^-1 A_kj. */

static void
recs_sweep_tiles(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    size_t         tile;
    uint32_t       i, j, n, size;
    recs_sweep_t  *s;

    s = ctx;
    size = s->t->size;
    tile = (size_t) size * size;

    for (i = 0; (i + 1) * (i + 2) / 2 <= from; i++) {
        /* void */
    }

    j = from - i * (i + 1) / 2;

    for (n = from; n < to; n++) {

        if (i != s->k && j != s->k) {
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, size, size,
                        size, -1, s->scaled + i * tile, size,
                        s->column + j * tile, size, 1,
                        recs_tile(s->t, i, j), size);
        }

        if (j++ == i) {
            i++;
            j = 0;
        }
    }
}


static void
recs_sweep_finish(recs_sweep_t *s)
{
    float     *diagonal;
    size_t     n, tile;
    uint32_t   i, size;

    size = s->t->size;
    tile = (size_t) size * size;

    for (i = 0; i < s->k; i++) {
        recs_tile_transpose(s->scaled + i * tile, size, size,
                            recs_tile(s->t, s->k, i));
    }

    for (i = s->k + 1; i < s->t->count; i++) {
        memcpy(recs_tile(s->t, i, s->k), s->scaled + i * tile,
               tile * sizeof(float));
    }

    diagonal = recs_tile(s->t, s->k, s->k);

    for (n = 0; n < tile; n++) {
        diagonal[n] = -s->pivot[n];
    }
}


static void
recs_tile_transpose(const float *tile, uint32_t size, size_t stride,
    float *to)
{
    uint32_t  i, j;

    for (i = 0; i < size; i++) {
        for (j = 0; j < size; j++) {
            to[i * stride + j] = tile[(size_t) j * size + i];
        }
    }
}


void
recs_tiles_rows(const recs_tiles_t *t, uint32_t i, float *rows)
{
    float        *to;
    size_t        stride;
    uint32_t      j, r;
    const float  *tile;

    stride = (size_t) t->count * t->size;

    for (j = 0; j < t->count; j++) {
        to = rows + (size_t) j * t->size;

        if (j > i) {
            recs_tile_transpose(recs_tile(t, j, i), t->size, stride, to);
            continue;
        }

        tile = recs_tile(t, i, j);

        for (r = 0; r < t->size; r++) {
            memcpy(to + r * stride, tile + (size_t) r * t->size,
                   t->size * sizeof(float));
        }
    }
}
