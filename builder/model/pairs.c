/*
 * Copyright (C) recs authors
 *
 * One pass of row-wise sparse matrix multiplication (Gustavson 1978): for
 * item i, every row that holds i is added into a dense accumulator, and the
 * list of places touched is all that is visited and cleared afterwards.
 * The order of additions for i is the order of its rows, whatever the number
 * of threads, so that sums of floats are the same bits.
 *
 * Memory: an inverted index, 4 bytes an entry (8 with weights) and 8 an
 * item, and 12 bytes an item for each thread.  Time: the sum of the squares
 * of the lengths of rows.
 */

#include "pairs.h"
#include "pairs_wide.h"

#include <stdlib.h>


#define RECS_PAIRS_BLOCK  64
#define RECS_PAIRS_AHEAD  4      /* rows that are fetched before their turn */

typedef struct {
    uint32_t           *touched;
    union {
        uint32_t       *counts;
        float          *sums;
    } u;
    float              *packed;  /* of the touched, in their order */
} recs_pairs_thread_t;

typedef uint32_t (*recs_pairs_add_pt)(const uint32_t *items,
    const float *weights, uint64_t n, float own, float *sums,
    uint32_t *touched, uint32_t count);
typedef uint32_t (*recs_pairs_take_pt)(uint32_t *touched, uint32_t n,
    uint32_t i, float *sums, float *packed);

typedef struct {
    const recs_rows_t    *rows;
    const float          *weights;   /* NULL: count */
    uint64_t             *starts;    /* inverted: rows of an item */
    uint32_t             *owners;
    float                *own;       /* weight of the item in that row */
    uint64_t             *places;    /* by part of the rows and item */
    uint32_t              parts;
    recs_pairs_thread_t  *threads;
    uint32_t              items;
    recs_pairs_pt         count;
    recs_gram_pt          gram;
    recs_pairs_add_pt     add;
    recs_pairs_take_pt    take;
    void                 *ctx;
} recs_pairs_t;


static void recs_pairs_run(recs_pairs_t *p, unsigned threads);
static void recs_pairs_invert(recs_pairs_t *p, unsigned threads);
static void recs_pairs_places(recs_pairs_t *p);
static void recs_pairs_number(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_pairs_fill(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static uint32_t recs_pairs_row(const recs_pairs_t *p, uint32_t part);
static void recs_pairs_fetch(const recs_pairs_t *p, uint64_t a);
static void recs_pairs_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_pairs_count(recs_pairs_t *p, unsigned thread, uint32_t i);
static void recs_pairs_weigh(recs_pairs_t *p, unsigned thread, uint32_t i);
static uint32_t recs_pairs_add(const uint32_t *items, const float *weights,
    uint64_t n, float own, float *sums, uint32_t *touched, uint32_t count);
static uint32_t recs_pairs_take(uint32_t *touched, uint32_t n, uint32_t i,
    float *sums, float *packed);


void
recs_model_pairs(const recs_rows_t *rows, uint32_t items, uint32_t max,
    unsigned threads, recs_pairs_pt visit, void *ctx)
{
    uint32_t      r;
    recs_rows_t   sampled;
    recs_pairs_t  p = { .rows = rows, .items = items, .count = visit,
                        .ctx = ctx };

    for (r = 0; r < rows->rows; r++) {
        if (rows->offsets[r + 1] - rows->offsets[r] > max) {
            break;
        }
    }

    if (r == rows->rows) {
        recs_pairs_run(&p, threads);
        return;
    }

    recs_pairs_sample(rows, max, &sampled);
    p.rows = &sampled;

    recs_pairs_run(&p, threads);

    free(sampled.offsets);
    free(sampled.entries);
}


void
recs_model_gram(const recs_matrix_t *x, uint32_t items, unsigned threads,
    recs_gram_pt visit, void *ctx)
{
    recs_pairs_t  p = { .rows = &x->rows, .weights = x->weights,
                        .items = items, .gram = visit, .ctx = ctx,
                        .add = recs_pairs_add, .take = recs_pairs_take };

    if (recs_pairs_wide()) {
        p.add = recs_pairs_wide_add;
        p.take = recs_pairs_wide_take;
    }

    recs_pairs_run(&p, threads);
}


static void
recs_pairs_run(recs_pairs_t *p, unsigned threads)
{
    unsigned              t;
    recs_pairs_thread_t  *thread;

    threads = recs_max(threads, 1u);

    recs_pairs_invert(p, threads);

    p->threads = recs_calloc(threads, sizeof(recs_pairs_thread_t));

    for (t = 0; t < threads; t++) {
        thread = &p->threads[t];
        thread->touched = recs_calloc((size_t) p->items + 1,
                                      sizeof(uint32_t));
        thread->u.counts = recs_calloc((size_t) p->items + 1,
                                       sizeof(uint32_t));
        thread->packed = recs_calloc((size_t) p->items + 1, sizeof(float));
    }

    recs_parallel(threads, p->items, RECS_PAIRS_BLOCK, recs_pairs_block, p);

    for (t = 0; t < threads; t++) {
        free(p->threads[t].touched);
        free(p->threads[t].u.counts);
        free(p->threads[t].packed);
    }

    free(p->threads);
    free(p->starts);
    free(p->owners);
    free(p->own);
}


/*
 * By as many parts of the rows as there are threads, each of which counts its
 * entries and then puts them behind those of the parts before it: the rows of
 * an item are in order for any number of parts.
 */

static void
recs_pairs_invert(recs_pairs_t *p, unsigned threads)
{
    size_t  n;

    n = p->rows->offsets[p->rows->rows];

    p->starts = recs_alloc(((size_t) p->items + 1) * sizeof(uint64_t));
    p->owners = recs_alloc(n * sizeof(uint32_t) + 1);
    p->own = p->weights ? recs_alloc(n * sizeof(float) + 1) : NULL;
    p->places = recs_calloc((size_t) threads * p->items + 1,
                            sizeof(uint64_t));
    p->parts = threads;

    recs_parallel(threads, p->parts, 1, recs_pairs_number, p);
    recs_pairs_places(p);
    recs_parallel(threads, p->parts, 1, recs_pairs_fill, p);

    free(p->places);
}


static void
recs_pairs_places(recs_pairs_t *p)
{
    uint32_t  i, part;
    uint64_t  at, n, *place;

    at = 0;

    for (i = 0; i < p->items; i++) {
        p->starts[i] = at;

        for (part = 0; part < p->parts; part++) {
            place = &p->places[(size_t) part * p->items + i];
            n = *place;
            *place = at;
            at += n;
        }
    }

    p->starts[i] = at;
}


static void
recs_pairs_number(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint64_t       e, end, *places;
    recs_pairs_t  *p;

    p = ctx;
    places = p->places + (size_t) from * p->items;
    end = p->rows->offsets[recs_pairs_row(p, to)];

    for (e = p->rows->offsets[recs_pairs_row(p, from)]; e < end; e++) {
        places[p->rows->entries[e]]++;
    }
}


static void
recs_pairs_fill(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t            r, end;
    uint64_t            at, e, *places;
    recs_pairs_t       *p;
    const recs_rows_t  *rows;

    p = ctx;
    rows = p->rows;
    places = p->places + (size_t) from * p->items;
    end = recs_pairs_row(p, to);

    for (r = recs_pairs_row(p, from); r < end; r++) {
        for (e = rows->offsets[r]; e < rows->offsets[r + 1]; e++) {
            at = places[rows->entries[e]]++;
            p->owners[at] = r;

            if (p->weights) {
                p->own[at] = p->weights[e];
            }
        }
    }
}


/* The first row of a part. */

static uint32_t
recs_pairs_row(const recs_pairs_t *p, uint32_t part)
{
    return (uint32_t) ((uint64_t) p->rows->rows * part / p->parts);
}


/* Rows of an item lie anywhere: their first lines are asked for early. */

static void
recs_pairs_fetch(const recs_pairs_t *p, uint64_t a)
{
    uint64_t  e, end;

    e = p->rows->offsets[p->owners[a]];
    end = recs_min(p->rows->offsets[p->owners[a] + 1], e + 64);

    for ( /* void */ ; e < end; e += 16) {
        __builtin_prefetch(&p->rows->entries[e]);
        __builtin_prefetch(&p->weights[e]);
    }
}


static void
recs_pairs_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t       i;
    recs_pairs_t  *p;

    p = ctx;

    for (i = from; i < to; i++) {
        if (p->gram) {
            recs_pairs_weigh(p, thread, i);

        } else {
            recs_pairs_count(p, thread, i);
        }
    }
}


static void
recs_pairs_count(recs_pairs_t *p, unsigned thread, uint32_t i)
{
    uint32_t              j, k, n, *counts, *packed;
    uint64_t              a, e, end;
    recs_pairs_thread_t  *t;

    t = &p->threads[thread];
    counts = t->u.counts;
    packed = (uint32_t *) (void *) t->packed;
    n = 0;

    for (a = p->starts[i]; a < p->starts[i + 1]; a++) {
        end = p->rows->offsets[p->owners[a] + 1];

        for (e = p->rows->offsets[p->owners[a]]; e < end; e++) {
            j = p->rows->entries[e];

            if (counts[j]++ == 0) {
                t->touched[n++] = j;
            }
        }
    }

    /* i met itself in each of its rows */

    for (k = 0, a = 0; k < n; k++) {
        j = t->touched[k];

        if (j != i) {
            t->touched[a] = j;
            packed[a++] = counts[j];
        }

        counts[j] = 0;
    }

    p->count(p->ctx, thread, i, a, t->touched, packed);
}


static void
recs_pairs_weigh(recs_pairs_t *p, unsigned thread, uint32_t i)
{
    uint32_t              n;
    uint64_t              a, e, last, row;
    recs_pairs_thread_t  *t;

    t = &p->threads[thread];
    last = p->starts[i + 1];
    n = 0;

    for (a = p->starts[i]; a < last; a++) {

        if (a + RECS_PAIRS_AHEAD < last) {
            recs_pairs_fetch(p, a + RECS_PAIRS_AHEAD);
        }

        e = p->rows->offsets[p->owners[a]];
        row = p->rows->offsets[p->owners[a] + 1] - e;

        n = p->add(p->rows->entries + e, p->weights + e, row, p->own[a],
                   t->u.sums, t->touched, n);
    }

    n = p->take(t->touched, n, i, t->u.sums, t->packed);

    p->gram(p->ctx, thread, i, n, t->touched, t->packed);
}


/*
 * As pairs_wide.h says.  An item is noted always and kept if it is new: a
 * branch would be guessed wrong.  A product of nothing (a weight of 0, or too
 * small a one) is not kept, else an item would be noted more than once.
 */

static uint32_t
recs_pairs_add(const uint32_t *items, const float *weights, uint64_t n,
    float own, float *sums, uint32_t *touched, uint32_t count)
{
    float     more, sum;
    uint32_t  j;
    uint64_t  k;

    for (k = 0; k < n; k++) {
        j = items[k];
        sum = sums[j];
        more = own * weights[k];
        touched[count] = j;
        count += (sum == 0) & (more != 0);
        sums[j] = sum + more;
    }

    return count;
}


static uint32_t
recs_pairs_take(uint32_t *touched, uint32_t n, uint32_t i, float *sums,
    float *packed)
{
    uint32_t  j, k, count;

    for (k = 0, count = 0; k < n; k++) {
        j = touched[k];
        touched[count] = j;
        packed[count] = sums[j];
        sums[j] = 0;
        count += (j != i);
    }

    return count;
}
