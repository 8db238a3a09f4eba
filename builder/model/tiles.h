/*
 * Copyright (C) recs authors
 *
 * A symmetric positive definite matrix in square tiles, of which those on
 * and below the diagonal are kept: half the memory of a full one, and work
 * that threads can share without a say in the result.
 */

#ifndef _RECS_BUILDER_TILES_H_INCLUDED_
#define _RECS_BUILDER_TILES_H_INCLUDED_


#include "../memory.h"


typedef struct {
    uint32_t   n;                /* rows of the matrix */
    uint32_t   size;             /* rows of a tile */
    uint32_t   count;            /* tiles in a row of the matrix */
    float     *values;
} recs_tiles_t;

/*
 * All zero, but for ones on the diagonal behind row n, where the last tiles
 * are not full.
 */

void recs_tiles_init(recs_tiles_t *t, uint32_t n);
void recs_tiles_free(recs_tiles_t *t);

/* Tile (i, j), i >= j: row-major, size x size. */

#define recs_tile(t, i, j)                                                   \
    ((t)->values                                                             \
     + ((size_t) (i) * ((i) + 1) / 2 + (j)) * (t)->size * (t)->size)

/* Element (i, j) of the matrix; the tile of (i, j) is kept. */

#define recs_tiles_at(t, i, j)                                               \
    recs_tile(t, (i) / (t)->size, (j) / (t)->size)                           \
        [(size_t) ((i) % (t)->size) * (t)->size + (j) % (t)->size]

/* Bytes of a matrix of n rows, with what its inversion takes. */

double recs_tiles_bytes(double n);


/*
 * Replaces the matrix by its inverse, times -1: the symmetric sweep
 * (Goodnight 1979), by tiles, n^3 operations.  Tiles on the diagonal are to
 * be full.  RECS_DECLINED: it is not positive definite, and gone.  The same
 * bytes for any number of threads.
 */

int recs_tiles_sweep(recs_tiles_t *t, unsigned threads);

/* Copies the rows of tile row "i" to rows[size][count x size]. */

void recs_tiles_rows(const recs_tiles_t *t, uint32_t i, float *rows);


#endif /* _RECS_BUILDER_TILES_H_INCLUDED_ */
