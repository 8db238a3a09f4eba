/*
 * Copyright (C) recs authors
 *
 * Nearest users over an inverted index: |v|^2 - 2 uv orders all v by their
 * distance to u, and where uv is 0 it is |v|^2 alone, so that of users who
 * share nothing the k shortest are enough.
 *
 * Memory: 8 bytes an entry of a vector, 12 a user, 8 a user and thread.
 */

#include "rows.h"
#include "tifuknn.h"

#include <stdlib.h>


typedef struct {
    float       *dots;           /* by user, zeros between calls */
    uint32_t    *touched;
    recs_top_t   top;
    uint32_t    *found;
} recs_nearest_thread_t;

typedef struct {
    uint32_t  user;
    float     weight;
} recs_nearest_posting_t;

struct recs_nearest_s {
    const recs_vectors_t    *v;
    uint32_t                 k;
    unsigned                 threads;
    uint64_t                *starts;   /* postings of an item */
    recs_nearest_posting_t  *postings;
    float                   *norms;    /* |v|^2 */
    uint32_t                *order;    /* users by it, the shortest first */
    uint32_t                 users;    /* in order */
    recs_nearest_thread_t   *scratch;
};

typedef struct {
    float     norm;
    uint32_t  user;
} recs_nearest_norm_t;


static void recs_nearest_invert(recs_nearest_t *n, uint32_t items);
static void recs_nearest_norms(recs_nearest_t *n);
static int recs_nearest_compare(const void *one, const void *two);
static uint32_t recs_nearest_dots(const recs_nearest_t *n,
    recs_nearest_thread_t *t, uint32_t user);


recs_nearest_t *
recs_nearest_create(const recs_vectors_t *v, uint32_t items, uint32_t k,
    unsigned threads)
{
    unsigned                i;
    recs_nearest_t         *n;
    recs_nearest_thread_t  *t;

    n = recs_calloc(1, sizeof(recs_nearest_t));
    n->v = v;
    n->k = k;
    n->threads = threads;

    recs_nearest_invert(n, items);
    recs_nearest_norms(n);

    n->scratch = recs_calloc(threads, sizeof(recs_nearest_thread_t));

    for (i = 0; i < threads; i++) {
        t = &n->scratch[i];
        t->dots = recs_calloc((size_t) v->rows + 1, sizeof(float));
        t->touched = recs_alloc(((size_t) v->rows + 1) * sizeof(uint32_t));
        t->found = recs_alloc(((size_t) k + 1) * sizeof(uint32_t));
        recs_top_init(&t->top, recs_max(k, 1));
    }

    return n;
}


void
recs_nearest_destroy(recs_nearest_t *n)
{
    unsigned  i;

    for (i = 0; i < n->threads; i++) {
        free(n->scratch[i].dots);
        free(n->scratch[i].touched);
        free(n->scratch[i].found);
        recs_top_free(&n->scratch[i].top);
    }

    free(n->scratch);
    free(n->starts);
    free(n->postings);
    free(n->norms);
    free(n->order);
    free(n);
}


uint32_t
recs_nearest(recs_nearest_t *n, unsigned thread, uint32_t user,
    const uint32_t **users)
{
    uint32_t                i, u, count, others;
    recs_nearest_thread_t  *t;

    t = &n->scratch[thread];
    t->top.n = 0;
    *users = t->found;

    if (n->k == 0) {
        return 0;
    }

    count = recs_nearest_dots(n, t, user);

    for (i = 0; i < count; i++) {
        u = t->touched[i];

        if (u != user) {
            recs_top_push(&t->top, 2 * t->dots[u] - n->norms[u], u, 0);
        }
    }

    for (i = 0, others = 0; i < n->users && others < n->k; i++) {
        u = n->order[i];

        if (u != user && t->dots[u] == 0) {
            recs_top_push(&t->top, -n->norms[u], u, 0);
            others++;
        }
    }

    for (i = 0; i < count; i++) {
        t->dots[t->touched[i]] = 0;
    }

    recs_top_sort(&t->top);

    for (i = 0; i < t->top.n; i++) {
        t->found[i] = t->top.entries[i].item;
    }

    return t->top.n;
}


static void
recs_nearest_invert(recs_nearest_t *n, uint32_t items)
{
    uint32_t                i, u;
    uint64_t                e;
    const recs_vectors_t   *v;
    recs_nearest_posting_t *p;

    v = n->v;
    n->starts = recs_calloc((size_t) items + 2, sizeof(uint64_t));
    n->postings = recs_alloc((v->offsets[v->rows] + 1)
                             * sizeof(recs_nearest_posting_t));

    for (e = 0; e < v->offsets[v->rows]; e++) {
        n->starts[v->entries[e].item + 2]++;
    }

    for (i = 0; i < items; i++) {
        n->starts[i + 2] += n->starts[i + 1];
    }

    for (u = 0; u < v->rows; u++) {
        for (e = v->offsets[u]; e < v->offsets[u + 1]; e++) {
            p = &n->postings[n->starts[v->entries[e].item + 1]++];
            p->user = u;
            p->weight = v->entries[e].weight;
        }
    }
}


static void
recs_nearest_norms(recs_nearest_t *n)
{
    double                 sum;
    uint32_t               u;
    uint64_t               e;
    const recs_vectors_t  *v;
    recs_nearest_norm_t   *norms;

    v = n->v;
    n->norms = recs_calloc((size_t) v->rows + 1, sizeof(float));
    n->order = recs_alloc(((size_t) v->rows + 1) * sizeof(uint32_t));
    norms = recs_alloc(((size_t) v->rows + 1) * sizeof(recs_nearest_norm_t));

    for (u = 0; u < v->rows; u++) {
        sum = 0;

        for (e = v->offsets[u]; e < v->offsets[u + 1]; e++) {
            sum += (double) v->entries[e].weight * v->entries[e].weight;
        }

        n->norms[u] = (float) sum;

        if (sum > 0) {
            norms[n->users].norm = n->norms[u];
            norms[n->users++].user = u;
        }
    }

    qsort(norms, n->users, sizeof(recs_nearest_norm_t),
          recs_nearest_compare);

    for (u = 0; u < n->users; u++) {
        n->order[u] = norms[u].user;
    }

    free(norms);
}


static int
recs_nearest_compare(const void *one, const void *two)
{
    const recs_nearest_norm_t  *a, *b;

    a = one;
    b = two;

    if (a->norm != b->norm) {
        return (a->norm < b->norm) ? -1 : 1;
    }

    return (a->user < b->user) ? -1 : a->user > b->user;
}


static uint32_t
recs_nearest_dots(const recs_nearest_t *n, recs_nearest_thread_t *t,
    uint32_t user)
{
    uint32_t                       count, i;
    uint64_t                       e, k, all, most, looks;
    const recs_vectors_t          *v;
    const recs_nearest_posting_t  *p;

    v = n->v;
    count = 0;
    looks = RECS_NEAREST_LOOKS
            / recs_max(v->offsets[user + 1] - v->offsets[user], 1);

    for (e = v->offsets[user]; e < v->offsets[user + 1]; e++) {
        i = v->entries[e].item;
        all = n->starts[i + 1] - n->starts[i];
        most = recs_min(all, recs_max(looks, 1));

        for (k = 0; k < most; k++) {
            p = &n->postings[n->starts[i] + k * all / most];

            if (t->dots[p->user] == 0) {
                t->touched[count++] = p->user;
            }

            t->dots[p->user] += v->entries[e].weight * p->weight;
        }
    }

    return count;
}
