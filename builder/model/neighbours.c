/*
 * Copyright (C) recs authors
 *
 * What users alike have (RECS_PERSONAL_NEIGHBOURS): alike is the cosine of
 * the factors of als.h, and of the user_neighbours v most alike to u
 *
 *   score(u, i) = sum of cos(u, v) over v with i / sum of cos(u, v)
 *
 * without what u has.  Not everybody is compared with everybody: users are
 * put into about sqrt(users) groups around users that are drawn (an inverted
 * file, Sivic & Zisserman 2003, with one step of k-means), and those of the
 * RECS_NEIGHBOURS_GROUPS groups nearest to u are looked at.
 *
 * Memory: that of the factors, twice those of users, and 1600 bytes a user.
 * Time: that of the factors, and users x sqrt(users) x (1 +
 * RECS_NEIGHBOURS_GROUPS) x factors.
 */

#include "als.h"
#include "table.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_NEIGHBOURS_BLOCK   64


typedef struct {
    float       *values;         /* of users of a group, or of groups */
    float       *sums;           /* by item */
    uint8_t     *marks;          /* items of the user */
    uint32_t    *touched;
    recs_top_t   near;           /* groups */
    recs_top_t   alike;          /* users, by place */
    recs_top_t   best;           /* items */
} recs_neighbours_thread_t;

typedef struct {
    const recs_dataset_t      *d;
    recs_matrix_t              x;
    recs_als_t                 a;
    uint32_t                   users;
    uint32_t                   groups;
    float                     *centres;
    uint32_t                  *group;    /* of a user */
    uint32_t                  *starts;   /* of the places of a group */
    uint32_t                  *order;    /* users by place */
    float                     *vectors;  /* by place, of length 1 or 0 */
    recs_slots_t               slots;
    recs_neighbours_thread_t  *threads;
} recs_neighbours_t;


static void recs_neighbours_open(recs_neighbours_t *n, uint32_t users,
    unsigned threads);
static void recs_neighbours_close(recs_neighbours_t *n, unsigned threads);
static void recs_neighbours_lengths(recs_neighbours_t *n);
static void recs_neighbours_draw(recs_neighbours_t *n);
static void recs_neighbours_join(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_neighbours_move(recs_neighbours_t *n);
static void recs_neighbours_place(recs_neighbours_t *n);
static void recs_neighbours_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_neighbours_alike(const recs_neighbours_t *n,
    recs_neighbours_thread_t *t, uint32_t place);
static void recs_neighbours_items(const recs_neighbours_t *n,
    recs_neighbours_thread_t *t, uint32_t user);
static void recs_neighbours_multiply(const recs_neighbours_t *n,
    const float *rows, uint32_t count, const float *vector, float *values);


int
recs_model_neighbours(const recs_dataset_t *d, const recs_config_t *c,
    recs_personal_t *out, recs_error_t *err)
{
    unsigned           threads;
    recs_model_list_t  list;
    recs_neighbours_t  n = { .d = d };

    if (!(c->serving.neighbours > 0) || d->by_user.rows == 0) {
        return RECS_OK;
    }

    threads = (unsigned) recs_max(c->threads, 1);

    recs_als_input(d, c, &n.x);
    recs_als_fit(&n.x, d->items, c, &n.a);
    recs_neighbours_open(&n, (uint32_t) c->user_neighbours, threads);

    recs_neighbours_lengths(&n);
    recs_neighbours_draw(&n);
    recs_parallel(threads, n.users, RECS_NEIGHBOURS_BLOCK,
                  recs_neighbours_join, &n);
    recs_neighbours_move(&n);
    recs_parallel(threads, n.users, RECS_NEIGHBOURS_BLOCK,
                  recs_neighbours_join, &n);
    recs_neighbours_place(&n);

    recs_parallel(threads, n.users, RECS_NEIGHBOURS_BLOCK,
                  recs_neighbours_block, &n);

    recs_slots_finish(&n.slots, &list);
    recs_personal_fill(d, &list, out);
    recs_model_free(&list);

    recs_neighbours_close(&n, threads);
    recs_als_free(&n.a);
    recs_matrix_free(&n.x);

    return RECS_OK;
}


/* Rows of the matrix are users first, then sessions, which have no list. */

static void
recs_neighbours_open(recs_neighbours_t *n, uint32_t users, unsigned threads)
{
    size_t                     items, rows;
    unsigned                   t;
    recs_neighbours_thread_t  *w;

    n->users = n->d->by_user.rows;
    n->groups = (uint32_t) ceil(sqrt(n->users));
    rows = (size_t) n->users + 1;
    items = (size_t) n->d->items + 1;

    n->centres = recs_alloc((size_t) n->groups * n->a.factors
                            * sizeof(float));
    n->group = recs_alloc(rows * sizeof(uint32_t));
    n->starts = recs_calloc((size_t) n->groups + 2, sizeof(uint32_t));
    n->order = recs_alloc(rows * sizeof(uint32_t));
    n->vectors = recs_alloc(rows * n->a.factors * sizeof(float));
    n->threads = recs_alloc(threads * sizeof(recs_neighbours_thread_t));

    for (t = 0; t < threads; t++) {
        w = &n->threads[t];
        w->values = recs_alloc(rows * sizeof(float));
        w->sums = recs_calloc(items, sizeof(float));
        w->marks = recs_calloc(items, 1);
        w->touched = recs_alloc(items * sizeof(uint32_t));
        recs_top_init(&w->near, RECS_NEIGHBOURS_GROUPS);
        recs_top_init(&w->alike, users);
        recs_top_init(&w->best, RECS_PERSONAL_ENTRIES);
    }

    recs_slots_init(&n->slots, n->users, RECS_PERSONAL_ENTRIES,
                    sizeof(recs_format_related_t));
}


static void
recs_neighbours_close(recs_neighbours_t *n, unsigned threads)
{
    unsigned                   t;
    recs_neighbours_thread_t  *w;

    for (t = 0; t < threads; t++) {
        w = &n->threads[t];
        free(w->values);
        free(w->sums);
        free(w->marks);
        free(w->touched);
        recs_top_free(&w->near);
        recs_top_free(&w->alike);
        recs_top_free(&w->best);
    }

    free(n->threads);
    free(n->centres);
    free(n->group);
    free(n->starts);
    free(n->order);
    free(n->vectors);
}


static void
recs_neighbours_lengths(recs_neighbours_t *n)
{
    int     factors;
    float   length, *w;
    size_t  u;

    factors = (int) n->a.factors;

    for (u = 0; u < n->users; u++) {
        w = n->a.w + u * n->a.factors;
        length = cblas_snrm2(factors, w, 1);

        if (length > 0) {
            cblas_sscal(factors, 1 / length, w, 1);
        }
    }
}


/* Users in even distances stand for those between. */

static void
recs_neighbours_draw(recs_neighbours_t *n)
{
    size_t    g, u;

    for (g = 0; g < n->groups; g++) {
        u = (size_t) n->users * g / n->groups;
        memcpy(n->centres + g * n->a.factors, n->a.w + u * n->a.factors,
               n->a.factors * sizeof(float));
    }
}


static void
recs_neighbours_join(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    float              *values;
    uint32_t            best, g;
    recs_neighbours_t  *n;

    n = ctx;
    values = n->threads[thread].values;

    for ( /* void */ ; from < to; from++) {
        recs_neighbours_multiply(n, n->centres, n->groups,
                                 n->a.w + (size_t) from * n->a.factors,
                                 values);

        for (g = 1, best = 0; g < n->groups; g++) {
            best = values[g] > values[best] ? g : best;
        }

        n->group[from] = best;
    }
}


/* The centre of a group becomes the mean direction of its users. */

static void
recs_neighbours_move(recs_neighbours_t *n)
{
    int     factors;
    float   length, *centre;
    size_t  g, u;

    factors = (int) n->a.factors;
    memset(n->centres, 0,
           (size_t) n->groups * n->a.factors * sizeof(float));

    for (u = 0; u < n->users; u++) {
        cblas_saxpy(factors, 1, n->a.w + u * n->a.factors, 1,
                    n->centres + (size_t) n->group[u] * n->a.factors, 1);
    }

    for (g = 0; g < n->groups; g++) {
        centre = n->centres + g * n->a.factors;
        length = cblas_snrm2(factors, centre, 1);

        if (length > 0) {
            cblas_sscal(factors, 1 / length, centre, 1);
        }
    }
}


static void
recs_neighbours_place(recs_neighbours_t *n)
{
    size_t    place;
    uint32_t  g, u;

    for (u = 0; u < n->users; u++) {
        n->starts[n->group[u] + 2]++;
    }

    for (g = 2; g < n->groups + 2; g++) {
        n->starts[g] += n->starts[g - 1];
    }

    for (u = 0; u < n->users; u++) {
        place = n->starts[n->group[u] + 1]++;
        n->order[place] = u;
        memcpy(n->vectors + place * n->a.factors,
               n->a.w + (size_t) u * n->a.factors,
               n->a.factors * sizeof(float));
    }
}


static void
recs_neighbours_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t                user;
    recs_neighbours_t      *n;

    n = ctx;

    for ( /* void */ ; from < to; from++) {
        user = n->order[from];

        if (n->x.rows.offsets[user] != n->x.rows.offsets[user + 1]) {
            recs_neighbours_alike(n, &n->threads[thread], from);
            recs_neighbours_items(n, &n->threads[thread], user);
        }
    }
}


static void
recs_neighbours_alike(const recs_neighbours_t *n,
    recs_neighbours_thread_t *t, uint32_t place)
{
    uint32_t      g, group, k, to;
    const float  *vector;

    vector = n->vectors + (size_t) place * n->a.factors;
    t->near.n = 0;
    t->alike.n = 0;

    recs_neighbours_multiply(n, n->centres, n->groups, vector, t->values);

    for (g = 0; g < n->groups; g++) {
        recs_top_push(&t->near, t->values[g], g, 0);
    }

    for (g = 0; g < t->near.n; g++) {
        group = t->near.entries[g].item;
        k = n->starts[group];
        to = n->starts[group + 1];

        recs_neighbours_multiply(n, n->vectors + (size_t) k * n->a.factors,
                                 to - k, vector, t->values + k);

        for ( /* void */ ; k < to; k++) {
            if (k != place && t->values[k] > 0) {
                recs_top_push(&t->alike, t->values[k], n->order[k], 0);
            }
        }
    }

    recs_top_sort(&t->alike);
}


static void
recs_neighbours_items(const recs_neighbours_t *n,
    recs_neighbours_thread_t *t, uint32_t user)
{
    double                  all;
    uint32_t                count, i, k, v;
    uint64_t                e;
    const uint64_t         *offsets;
    const uint32_t         *items;
    recs_format_related_t  *row;

    offsets = n->x.rows.offsets;
    items = n->x.rows.entries;
    t->best.n = 0;
    count = 0;
    all = 0;

    for (e = offsets[user]; e < offsets[user + 1]; e++) {
        t->marks[items[e]] = 1;
    }

    for (k = 0; k < t->alike.n; k++) {
        v = t->alike.entries[k].item;
        all += t->alike.entries[k].value;

        for (e = offsets[v]; e < offsets[v + 1]; e++) {
            i = items[e];

            if (t->marks[i] || !n->d->products[i].listed) {
                continue;
            }

            if (t->sums[i] == 0) {
                t->touched[count++] = i;
            }

            t->sums[i] += t->alike.entries[k].value;
        }
    }

    for (k = 0; k < count; k++) {
        i = t->touched[k];
        recs_top_push(&t->best, (float) (t->sums[i] / all), i, 0);
        t->sums[i] = 0;
    }

    for (e = offsets[user]; e < offsets[user + 1]; e++) {
        t->marks[items[e]] = 0;
    }

    recs_top_sort(&t->best);
    row = recs_slots_row(&n->slots, user);
    n->slots.counts[user] = t->best.n;

    for (k = 0; k < t->best.n; k++) {
        row[k].item = t->best.entries[k].item;
        row[k].weight = t->best.entries[k].value;
    }
}


static void
recs_neighbours_multiply(const recs_neighbours_t *n, const float *rows,
    uint32_t count, const float *vector, float *values)
{
    int  factors;

    factors = (int) n->a.factors;

    if (count) {
        cblas_sgemv(CblasRowMajor, CblasNoTrans, (int) count, factors, 1,
                    rows, factors, vector, 1, 0, values, 1);
    }
}
