/*
 * Copyright (C) recs authors
 *
 * A column m of K begins as that of 2 - L.  Each step goes along what is
 * left, r = e - L m cut to its largest entries d, as far as makes it least:
 * m += a d, a = (r, L d) / (L d, L d).
 */

#include "sparse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_SPARSE_BLOCK  16


/* A vector by row, and the rows that have something. */

typedef struct {
    float     *values;
    uint8_t   *marks;
    uint32_t  *rows;
    uint32_t   n;
} recs_sparse_vector_t;

typedef struct {
    recs_sparse_vector_t   m;
    recs_sparse_vector_t   r;
    recs_sparse_vector_t   q;        /* L d */
    uint64_t              *keys;
    uint32_t              *along;    /* rows of d */
} recs_sparse_thread_t;

typedef struct {
    const recs_sparse_t   *l;
    uint32_t               entries;
    uint32_t               steps;
    recs_slots_t           slots;
    recs_sparse_thread_t  *threads;
} recs_sparse_inverse_t;


static void recs_sparse_vector_init(recs_sparse_vector_t *v, uint32_t n);
static void recs_sparse_vector_free(recs_sparse_vector_t *v);
static void recs_sparse_vector_add(recs_sparse_vector_t *v, uint32_t row,
    float value);
static void recs_sparse_vector_clear(recs_sparse_vector_t *v);
static void recs_sparse_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_sparse_solve(const recs_sparse_inverse_t *s,
    recs_sparse_thread_t *t, uint32_t j);
static int recs_sparse_step(const recs_sparse_inverse_t *s,
    recs_sparse_thread_t *t, uint32_t j);
static void recs_sparse_multiply(const recs_sparse_t *l, uint32_t row,
    float value, recs_sparse_vector_t *to);
static uint32_t recs_sparse_largest(const recs_sparse_vector_t *v,
    uint32_t max, uint64_t *keys);
static void recs_sparse_store(recs_sparse_inverse_t *s,
    recs_sparse_thread_t *t, uint32_t j);


void
recs_sparse_inverse(const recs_sparse_t *l, uint32_t entries, uint32_t steps,
    unsigned threads, recs_sparse_t *k)
{
    unsigned                      n;
    uint64_t                      e;
    recs_model_list_t             list;
    recs_sparse_thread_t         *t;
    recs_sparse_inverse_t         s = { .l = l, .steps = steps };
    const recs_format_related_t  *entry;

    s.entries = recs_min(entries, l->n);
    s.threads = recs_alloc(threads * sizeof(recs_sparse_thread_t));

    for (n = 0; n < threads; n++) {
        t = &s.threads[n];
        recs_sparse_vector_init(&t->m, l->n);
        recs_sparse_vector_init(&t->r, l->n);
        recs_sparse_vector_init(&t->q, l->n);
        t->keys = recs_alloc(((size_t) l->n + 1) * sizeof(uint64_t));
        t->along = recs_alloc(((size_t) s.entries + 1) * sizeof(uint32_t));
    }

    recs_slots_init(&s.slots, l->n, s.entries,
                    sizeof(recs_format_related_t));
    recs_parallel(threads, l->n, RECS_SPARSE_BLOCK, recs_sparse_block, &s);
    recs_slots_finish(&s.slots, &list);

    for (n = 0; n < threads; n++) {
        t = &s.threads[n];
        recs_sparse_vector_free(&t->m);
        recs_sparse_vector_free(&t->r);
        recs_sparse_vector_free(&t->q);
        free(t->keys);
        free(t->along);
    }

    free(s.threads);

    entry = list.entries;
    k->n = l->n;
    k->starts = list.offsets;
    k->rows = recs_alloc((k->starts[k->n] + 1) * sizeof(uint32_t));
    k->values = recs_alloc((k->starts[k->n] + 1) * sizeof(float));

    for (e = 0; e < k->starts[k->n]; e++) {
        k->rows[e] = entry[e].item;
        k->values[e] = entry[e].weight;
    }

    free(list.entries);
}


static void
recs_sparse_vector_init(recs_sparse_vector_t *v, uint32_t n)
{
    v->values = recs_calloc((size_t) n + 1, sizeof(float));
    v->marks = recs_calloc((size_t) n + 1, 1);
    v->rows = recs_alloc(((size_t) n + 1) * sizeof(uint32_t));
    v->n = 0;
}


static void
recs_sparse_vector_free(recs_sparse_vector_t *v)
{
    free(v->values);
    free(v->marks);
    free(v->rows);
}


static void
recs_sparse_vector_add(recs_sparse_vector_t *v, uint32_t row, float value)
{
    if (!v->marks[row]) {
        v->marks[row] = 1;
        v->rows[v->n++] = row;
    }

    v->values[row] += value;
}


static void
recs_sparse_vector_clear(recs_sparse_vector_t *v)
{
    uint32_t  k;

    for (k = 0; k < v->n; k++) {
        v->values[v->rows[k]] = 0;
        v->marks[v->rows[k]] = 0;
    }

    v->n = 0;
}


static void
recs_sparse_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    recs_sparse_inverse_t  *s;

    s = ctx;

    for ( /* void */ ; from < to; from++) {
        recs_sparse_solve(s, &s->threads[thread], from);
        recs_sparse_store(s, &s->threads[thread], from);
    }
}


static void
recs_sparse_solve(const recs_sparse_inverse_t *s, recs_sparse_thread_t *t,
    uint32_t j)
{
    uint32_t  step;
    uint64_t  e;

    for (e = s->l->starts[j]; e < s->l->starts[j + 1]; e++) {
        recs_sparse_vector_add(&t->m, s->l->rows[e], -s->l->values[e]);
    }

    for (step = 0; step < s->steps; step++) {
        if (recs_sparse_step(s, t, j) != RECS_OK) {
            break;
        }
    }
}


/* The one on the diagonal is known and not in m: no step goes along it. */

static int
recs_sparse_step(const recs_sparse_inverse_t *s, recs_sparse_thread_t *t,
    uint32_t j)
{
    float     value;
    double    along, length;
    uint32_t  k, n, row;

    recs_sparse_vector_clear(&t->r);
    recs_sparse_vector_clear(&t->q);
    recs_sparse_vector_add(&t->r, j, 1);
    recs_sparse_multiply(s->l, j, -1, &t->r);

    for (k = 0; k < t->m.n; k++) {
        row = t->m.rows[k];
        recs_sparse_multiply(s->l, row, -t->m.values[row], &t->r);
    }

    n = recs_sparse_largest(&t->r, s->entries, t->keys);

    for (k = 0; k < n; k++) {
        row = ~(uint32_t) t->keys[k];
        t->along[k] = row;
        recs_sparse_multiply(s->l, row, t->r.values[row], &t->q);
    }

    along = 0;
    length = 0;

    for (k = 0; k < t->q.n; k++) {
        value = t->q.values[t->q.rows[k]];
        along += value * t->r.values[t->q.rows[k]];
        length += value * value;
    }

    if (!(length > 0)) {
        return RECS_DONE;
    }

    for (k = 0; k < n; k++) {
        row = t->along[k];
        recs_sparse_vector_add(&t->m, row, (float) (along / length)
                                           * t->r.values[row]);
    }

    /* what is small goes, so that the next step has no more to do */

    n = recs_sparse_largest(&t->m, s->entries, t->keys);

    for (k = n; k < t->m.n; k++) {
        row = ~(uint32_t) t->keys[k];
        t->m.values[row] = 0;
        t->m.marks[row] = 0;
    }

    for (k = 0; k < n; k++) {
        t->m.rows[k] = ~(uint32_t) t->keys[k];
    }

    t->m.n = n;

    return RECS_OK;
}


static void
recs_sparse_multiply(const recs_sparse_t *l, uint32_t row, float value,
    recs_sparse_vector_t *to)
{
    uint64_t  e;

    recs_sparse_vector_add(to, row, value);

    for (e = l->starts[row]; e < l->starts[row + 1]; e++) {
        recs_sparse_vector_add(to, l->rows[e], value * l->values[e]);
    }
}


/* Keys of all rows, those of the largest in front, in the order of rows. */

static uint32_t
recs_sparse_largest(const recs_sparse_vector_t *v, uint32_t max,
    uint64_t *keys)
{
    float     size;
    uint32_t  bits, k;

    for (k = 0; k < v->n; k++) {
        size = fabsf(v->values[v->rows[k]]);
        memcpy(&bits, &size, sizeof(bits));
        keys[k] = (uint64_t) bits << 32 | (uint32_t) ~v->rows[k];
    }

    max = recs_min(max, v->n);
    recs_keys_best(keys, v->n, max);

    for (k = 0; k < max; k++) {
        keys[k] &= UINT32_MAX;
    }

    recs_keys_sort(keys, max);

    return max;
}


static void
recs_sparse_store(recs_sparse_inverse_t *s, recs_sparse_thread_t *t,
    uint32_t j)
{
    uint32_t                k, n, row, stored;
    recs_format_related_t  *e;

    n = recs_sparse_largest(&t->m, s->entries, t->keys);
    e = recs_slots_row(&s->slots, j);
    stored = 0;

    for (k = 0; k < n; k++) {
        row = ~(uint32_t) t->keys[k];

        if (t->m.values[row] != 0) {
            e[stored].item = row;
            e[stored++].weight = t->m.values[row];
        }
    }

    s->slots.counts[j] = stored;
    recs_sparse_vector_clear(&t->m);
}
