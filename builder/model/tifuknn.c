/*
 * Copyright (C) recs authors
 *
 * The next basket of each user (RECS_PERSONAL_BASKET).  With age the baskets
 * behind one, n the user's baskets and v the vectors of TIFUKNN:
 *
 *   P_d(i) = sum of d^age over the baskets with i / sum of d^age over all
 *   due(i) = min(r, 1 / r), r = max(.05, (baskets since the last with i) /
 *            (mean distance of two with i)); 0 where i was bought once
 *   soon(i) = max(0, 1 - days since the last with i / days until it is bought
 *            again), the mean of the user's own waits and, as two more, the
 *            median of all users; 0 where nothing is known
 *   first(i) = 1 - lines older than the first with i / all lines
 *   score  = P_decay(i) (own + again x again(i) + due x due(i))
 *            x (1 - wait x soon(i))
 *            + first x first(i)
 *            + grouped x v(i) + alike x mean of v(i) over the neighbours
 *            + follow x sum over j of P_.7(j) x row of j at i  (follow.h)
 *
 * own 0, again 0, due 0, follow 0, grouped alpha, alike 1 - alpha is TIFUKNN.
 * own alone and decay 1 is P-TopFreq (Li et al. 2023); a little of first puts
 * what was bought as often in the order of insertion, as there.
 *
 * Memory: the parts', 64 bytes an item and thread, 1600 a user at most.
 */

#include "demand.h"
#include "follow.h"
#include "rows.h"
#include "table.h"
#include "tifuknn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_TIFUKNN_BLOCK   64
#define RECS_TIFUKNN_RECENT  .7
#define RECS_TIFUKNN_SOON    .05
#define RECS_TIFUKNN_OTHERS  2


/* What a user has of an item. */

typedef struct {
    double    share;             /* P_decay, before it is divided */
    double    recent;            /* P_.7 */
    uint32_t  count;
    uint32_t  first;             /* age of the first and of the last basket */
    uint32_t  last;
    uint32_t  place;             /* of the first line */
    uint32_t  since;             /* times of these two baskets */
    uint32_t  time;
} recs_tifuknn_own_t;

typedef struct {
    recs_tifuknn_own_t  *own;      /* by place in items */
    uint32_t            *items;    /* of the user */
    uint32_t            *place;    /* by item, + 1, zeros between users */
    float               *sums;     /* by item */
    uint32_t            *touched;
    uint32_t             n;
    uint32_t             lines;    /* of the user, to the last that counts */
    uint32_t             sum_count;
    recs_top_t           top;
} recs_tifuknn_thread_t;

typedef struct {
    const recs_dataset_t   *d;
    const recs_config_t    *c;
    recs_purchases_t        p;
    recs_vectors_t          v;
    recs_follow_t           follow;
    recs_nearest_t         *nearest;
    float                  *intervals;     /* days, by item */
    uint32_t                now;
    recs_slots_t            slots;
    recs_tifuknn_thread_t  *threads;
} recs_tifuknn_t;


static void recs_tifuknn_threads(recs_tifuknn_t *t, unsigned threads,
    unsigned create);
static void recs_tifuknn_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_tifuknn_own(const recs_tifuknn_t *t,
    recs_tifuknn_thread_t *w, uint32_t user);
static void recs_tifuknn_add(recs_tifuknn_thread_t *w, uint32_t item,
    double score);
static void recs_tifuknn_score(const recs_tifuknn_t *t,
    recs_tifuknn_thread_t *w, uint32_t user);
static double recs_tifuknn_due(const recs_tifuknn_own_t *own);
static double recs_tifuknn_soon(const recs_tifuknn_t *t, uint32_t item,
    const recs_tifuknn_own_t *own);
static void recs_tifuknn_alike(const recs_tifuknn_t *t,
    recs_tifuknn_thread_t *w, unsigned thread, uint32_t user);
static void recs_tifuknn_follow(const recs_tifuknn_t *t,
    recs_tifuknn_thread_t *w, uint32_t user);
static double recs_tifuknn_sum(double decay, uint64_t n);
static void recs_tifuknn_best(const recs_tifuknn_t *t,
    recs_tifuknn_thread_t *w, uint32_t user);


int
recs_model_tifuknn(const recs_dataset_t *d, const recs_config_t *c,
    recs_personal_t *out, recs_error_t *err)
{
    unsigned           threads;
    recs_tifuknn_t     t = { .d = d, .c = c };
    recs_model_list_t  list = { 0, NULL, NULL };

    threads = recs_max(c->threads, 1);

    recs_purchases_init(&t.p, d);
    recs_tifuknn_vectors(&t.p, c, &t.v);
    recs_follow_init(&t.follow, &t.p, d, threads);
    t.nearest = recs_nearest_create(&t.v, d->items,
                                    (uint32_t) c->basket_neighbours, threads);

    t.intervals = recs_model_intervals(d);
    t.now = recs_demand_now(d);

    recs_slots_init(&t.slots, t.p.users, RECS_PERSONAL_ENTRIES,
                    sizeof(recs_format_related_t));
    recs_tifuknn_threads(&t, threads, 1);

    recs_parallel(threads, t.p.users, RECS_TIFUKNN_BLOCK, recs_tifuknn_block,
                  &t);

    recs_slots_finish(&t.slots, &list);
    recs_personal_fill(d, &list, out);
    recs_model_free(&list);

    recs_tifuknn_threads(&t, threads, 0);
    free(t.intervals);
    recs_nearest_destroy(t.nearest);
    recs_follow_free(&t.follow);
    recs_vectors_free(&t.v);
    recs_purchases_free(&t.p);

    return RECS_OK;
}


static void
recs_tifuknn_threads(recs_tifuknn_t *t, unsigned threads, unsigned create)
{
    size_t                  items;
    unsigned                n;
    recs_tifuknn_thread_t  *w;

    items = (size_t) t->d->items + 1;

    if (create) {
        t->threads = recs_calloc(threads, sizeof(recs_tifuknn_thread_t));
    }

    for (n = 0; n < threads; n++) {
        w = &t->threads[n];

        if (create) {
            w->own = recs_alloc(items * sizeof(recs_tifuknn_own_t));
            w->items = recs_alloc(items * sizeof(uint32_t));
            w->place = recs_calloc(items, sizeof(uint32_t));
            w->sums = recs_calloc(items, sizeof(float));
            w->touched = recs_alloc(items * sizeof(uint32_t));
            recs_top_init(&w->top, RECS_PERSONAL_ENTRIES);
            continue;
        }

        free(w->own);
        free(w->items);
        free(w->place);
        free(w->sums);
        free(w->touched);
        recs_top_free(&w->top);
    }

    if (!create) {
        free(t->threads);
    }
}


static void
recs_tifuknn_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t                u;
    recs_tifuknn_t         *t;
    recs_tifuknn_thread_t  *w;

    t = ctx;
    w = &t->threads[thread];

    for (u = from; u < to; u++) {

        if (t->p.first[u] == t->p.first[u + 1]) {
            continue;
        }

        recs_tifuknn_own(t, w, u);
        recs_tifuknn_score(t, w, u);
        recs_tifuknn_alike(t, w, thread, u);
        recs_tifuknn_follow(t, w, u);
        recs_tifuknn_best(t, w, u);
    }
}


static void
recs_tifuknn_own(const recs_tifuknn_t *t, recs_tifuknn_thread_t *w,
    uint32_t user)
{
    double                   share, recent;
    uint32_t                 age, i;
    uint64_t                 b, e;
    recs_tifuknn_own_t      *own;
    const recs_purchases_t  *p;

    p = &t->p;
    share = 1;
    recent = 1;
    w->n = 0;
    w->lines = 0;

    /* from the newest basket back */

    for (b = p->first[user + 1], age = 0; b-- > p->first[user]; age++) {
        for (e = p->offsets[b]; e < p->offsets[b + 1]; e++) {
            i = p->items[e];

            if (w->place[i] == 0) {
                w->items[w->n++] = i;
                w->place[i] = w->n;
                own = &w->own[w->n - 1];
                memset(own, 0, sizeof(recs_tifuknn_own_t));
                own->last = age;
                own->time = p->time[b];
            }

            own = &w->own[w->place[i] - 1];
            own->share += share;
            own->recent += recent;
            own->first = age;
            own->place = p->places[e];
            w->lines = recs_max(w->lines, own->place + 1);
            own->since = p->time[b];
            own->count++;
        }

        share *= t->c->basket_decay;
        recent *= RECS_TIFUKNN_RECENT;
    }

    for (i = 0; i < w->n; i++) {
        w->place[w->items[i]] = 0;
    }
}


static void
recs_tifuknn_add(recs_tifuknn_thread_t *w, uint32_t item, double score)
{
    if (!(score > 0)) {
        return;
    }

    if (w->sums[item] == 0) {
        w->touched[w->sum_count++] = item;
    }

    w->sums[item] += (float) score;
}


static void
recs_tifuknn_score(const recs_tifuknn_t *t, recs_tifuknn_thread_t *w,
    uint32_t user)
{
    double                     factor, all;
    uint32_t                   k;
    uint64_t                   e;
    const recs_config_t       *c;
    const recs_tifuknn_own_t  *own;

    c = t->c;
    w->sum_count = 0;
    all = recs_tifuknn_sum(c->basket_decay,
                           t->p.first[user + 1] - t->p.first[user]);

    for (k = 0; k < w->n; k++) {
        own = &w->own[k];

        factor = c->basket_own
                 + c->basket_again * t->follow.again[w->items[k]]
                 + c->basket_due * recs_tifuknn_due(own);

        if (c->basket_wait > 0) {
            factor *= 1 - c->basket_wait
                          * recs_tifuknn_soon(t, w->items[k], own);
        }

        recs_tifuknn_add(w, w->items[k],
                         factor * own->share / all
                         + c->basket_first
                           * (1 - (double) own->place / w->lines));
    }

    for (e = t->v.offsets[user]; e < t->v.offsets[user + 1]; e++) {
        recs_tifuknn_add(w, t->v.entries[e].item,
                         c->basket_grouped * t->v.entries[e].weight);
    }
}


static double
recs_tifuknn_due(const recs_tifuknn_own_t *own)
{
    double  ratio;

    if (own->count < 2) {
        return 0;
    }

    ratio = (own->last + 1.0) * (own->count - 1) / (own->first - own->last);
    ratio = recs_max(ratio, RECS_TIFUKNN_SOON);

    return recs_min(ratio, 1 / ratio);
}


static double
recs_tifuknn_soon(const recs_tifuknn_t *t, uint32_t item,
    const recs_tifuknn_own_t *own)
{
    double  days, waits;

    days = (double) (own->time - own->since) / RECS_DAY;
    waits = own->count - 1;

    if (t->intervals[item] > 0) {
        days += RECS_TIFUKNN_OTHERS * t->intervals[item];
        waits += RECS_TIFUKNN_OTHERS;
    }

    if (!(days > 0) || t->now < own->time) {
        return 0;
    }

    return recs_max(0.0, 1 - (double) (t->now - own->time) / RECS_DAY * waits
                             / days);
}


static void
recs_tifuknn_alike(const recs_tifuknn_t *t, recs_tifuknn_thread_t *w,
    unsigned thread, uint32_t user)
{
    double           weight;
    uint32_t         k, n;
    uint64_t         e;
    const uint32_t  *users;

    if (!(t->c->basket_alike > 0)) {
        return;
    }

    n = recs_nearest(t->nearest, thread, user, &users);
    weight = t->c->basket_alike / recs_max(n, 1);

    for (k = 0; k < n; k++) {
        for (e = t->v.offsets[users[k]]; e < t->v.offsets[users[k] + 1];
             e++)
        {
            recs_tifuknn_add(w, t->v.entries[e].item,
                             weight * t->v.entries[e].weight);
        }
    }
}


static void
recs_tifuknn_follow(const recs_tifuknn_t *t, recs_tifuknn_thread_t *w,
    uint32_t user)
{
    double                        weight, all;
    uint32_t                      k;
    uint64_t                      e;
    const recs_model_list_t      *rows;
    const recs_format_related_t  *entries;

    if (!(t->c->basket_follow > 0)) {
        return;
    }

    rows = &t->follow.rows;
    entries = rows->entries;
    all = recs_tifuknn_sum(RECS_TIFUKNN_RECENT,
                           t->p.first[user + 1] - t->p.first[user]);

    for (k = 0; k < w->n; k++) {
        weight = t->c->basket_follow * w->own[k].recent / all;

        for (e = rows->offsets[w->items[k]];
             e < rows->offsets[w->items[k] + 1];
             e++)
        {
            recs_tifuknn_add(w, entries[e].item, weight * entries[e].weight);
        }
    }
}


/* 1 + decay + ... of n terms. */

static double
recs_tifuknn_sum(double decay, uint64_t n)
{
    double  sum;

    for (sum = 0; n; n--) {
        sum = sum * decay + 1;
    }

    return sum;
}


static void
recs_tifuknn_best(const recs_tifuknn_t *t, recs_tifuknn_thread_t *w,
    uint32_t user)
{
    uint32_t                i, k;
    recs_format_related_t  *e;

    w->top.n = 0;

    for (k = 0; k < w->sum_count; k++) {
        i = w->touched[k];

        if (t->d->products[i].listed) {
            recs_top_push(&w->top, w->sums[i], i, 0);
        }

        w->sums[i] = 0;
    }

    recs_top_sort(&w->top);

    e = recs_slots_row(&t->slots, user);
    t->slots.counts[user] = w->top.n;

    for (k = 0; k < w->top.n; k++) {
        e[k].item = w->top.entries[k].item;
        e[k].weight = w->top.entries[k].value;
    }
}
