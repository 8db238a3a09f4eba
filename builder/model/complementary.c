/*
 * Copyright (C) recs authors
 *
 * COMPLEMENTARY: what is bought later by who has bought something.  Of users
 * who bought item i and came back for another basket, n_i,
 *
 *   weight of j = (C_ij + kappa q_j) / (n_i + kappa) x D_ij,
 *   D_ij        = (F_ij + 1) / (F_ij + B_ij + 2),
 *
 * C_ij the sum over users of 2^(-days from the last basket with i to the
 * first later one with j / complementary_days), F_ij their number, B_ij the
 * number of those who bought j first; q_j the sum of C_ij over all i as a
 * share of that of n_i, kappa complementary_smoothing.  Listed are those with
 * F_ij >= 2 and more than is bought anyway, C_ij > n_i q_j.  Of an item that
 * more than 2,000 users bought every nth of them counts.
 *
 * Sums are whole numbers of 2^-20, so that threads do not matter.
 *
 * Memory: that of purchases, 4 bytes a user and item, and 32 an item and
 * thread.  Time: the pairs of items of one user, twice.
 */

#include "purchases.h"
#include "rows.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_COMPLEMENTARY_MAX    50
#define RECS_COMPLEMENTARY_BLOCK  64
#define RECS_COMPLEMENTARY_LEAST  2        /* users of a pair */
#define RECS_COMPLEMENTARY_USERS  2000     /* of an item, of more every nth */
#define RECS_COMPLEMENTARY_DAY    86400.0
#define RECS_COMPLEMENTARY_ONE    1048576.0


typedef struct {
    uint32_t    *turn;                     /* by item: j is counted */
    uint32_t    *before;                   /* B_ij */
    uint32_t    *after;                    /* F_ij */
    uint64_t    *sums;                     /* C_ij */
    uint32_t    *touched;
    uint32_t     count;
    uint32_t     now;
    uint64_t    *all;                      /* by j: over all i */
    uint64_t     people;                   /* n_i, over all i */
    recs_top_t   top;
} recs_complementary_thread_t;

typedef struct {
    const recs_dataset_t         *d;
    const recs_config_t          *c;
    recs_purchases_t              p;
    recs_rows_t                   users;   /* of items */
    double                       *share;   /* q_j, NULL: it is counted */
    recs_slots_t                  slots;
    recs_complementary_thread_t  *threads;
} recs_complementary_t;


static void recs_complementary_users(recs_complementary_t *c);
static void recs_complementary_run(recs_complementary_t *c, unsigned threads,
    recs_model_list_t *list);
static void recs_complementary_shares(recs_complementary_t *c,
    unsigned threads);
static void recs_complementary_block(void *ctx, unsigned thread,
    uint32_t from, uint32_t to);
static uint32_t recs_complementary_count(const recs_complementary_t *c,
    recs_complementary_thread_t *t, uint32_t i);
static unsigned recs_complementary_user(const recs_complementary_t *c,
    recs_complementary_thread_t *t, uint32_t i, uint32_t user);
static void recs_complementary_touch(recs_complementary_thread_t *t,
    uint32_t j);
static void recs_complementary_row(recs_complementary_t *c,
    recs_complementary_thread_t *t, uint32_t i, uint32_t people);


int
recs_model_complementary(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    recs_complementary_t  m;

    memset(&m, 0, sizeof(recs_complementary_t));

    m.d = d;
    m.c = c;

    recs_purchases_init(&m.p, d);
    recs_complementary_users(&m);
    recs_complementary_run(&m, recs_max((unsigned) c->threads, 1u), list);

    recs_purchases_free(&m.p);
    free(m.users.offsets);
    free(m.users.entries);
    free(m.share);

    recs_model_empty(list, "complementary", "no two products are bought one "
                     "after the other by enough users");

    return RECS_OK;
}


/* Of each item the users who bought it, once each. */

static void
recs_complementary_users(recs_complementary_t *c)
{
    uint32_t          item, u, *last;
    uint64_t          b, e;
    recs_rows_t       items;
    recs_purchases_t *p;

    p = &c->p;

    items.rows = p->users;
    items.offsets = recs_calloc((size_t) p->users + 1, sizeof(uint64_t));
    items.entries = recs_alloc(p->offsets[p->first[p->users]]
                               * sizeof(uint32_t) + 1);
    last = recs_calloc((size_t) c->d->items + 1, sizeof(uint32_t));

    for (u = 0; u < p->users; u++) {
        items.offsets[u + 1] = items.offsets[u];

        for (b = p->first[u]; b < p->first[u + 1]; b++) {
            for (e = p->offsets[b]; e < p->offsets[b + 1]; e++) {
                item = p->items[e];

                if (last[item] != u + 1) {
                    last[item] = u + 1;
                    items.entries[items.offsets[u + 1]++] = item;
                }
            }
        }
    }

    recs_rows_turn(&items, c->d->items, &c->users);

    free(items.offsets);
    free(items.entries);
    free(last);
}


/* Once to learn what is bought anyway, once for the rows. */

static void
recs_complementary_run(recs_complementary_t *c, unsigned threads,
    recs_model_list_t *list)
{
    size_t                        items;
    unsigned                      n;
    recs_complementary_thread_t  *t;

    items = (size_t) c->d->items + 1;
    c->threads = recs_calloc(threads, sizeof(recs_complementary_thread_t));

    for (n = 0; n < threads; n++) {
        t = &c->threads[n];
        t->turn = recs_calloc(items, sizeof(uint32_t));
        t->before = recs_calloc(items, sizeof(uint32_t));
        t->after = recs_calloc(items, sizeof(uint32_t));
        t->sums = recs_calloc(items, sizeof(uint64_t));
        t->all = recs_calloc(items, sizeof(uint64_t));
        t->touched = recs_alloc(items * sizeof(uint32_t));
        recs_top_init(&t->top, RECS_COMPLEMENTARY_MAX);
    }

    recs_complementary_shares(c, threads);

    recs_slots_init(&c->slots, c->d->items, RECS_COMPLEMENTARY_MAX,
                    sizeof(recs_format_related_t));
    recs_parallel(threads, c->d->items, RECS_COMPLEMENTARY_BLOCK,
                  recs_complementary_block, c);
    recs_slots_finish(&c->slots, list);

    for (n = 0; n < threads; n++) {
        t = &c->threads[n];
        free(t->turn);
        free(t->before);
        free(t->after);
        free(t->sums);
        free(t->all);
        free(t->touched);
        recs_top_free(&t->top);
    }

    free(c->threads);
}


static void
recs_complementary_shares(recs_complementary_t *c, unsigned threads)
{
    double    *share, people;
    unsigned   n;
    uint32_t   j;
    uint64_t   sum;

    recs_parallel(threads, c->d->items, RECS_COMPLEMENTARY_BLOCK,
                  recs_complementary_block, c);

    share = recs_calloc((size_t) c->d->items + 1, sizeof(double));
    people = 0;

    for (n = 0; n < threads; n++) {
        people += (double) c->threads[n].people;
    }

    for (j = 0; j < c->d->items && people > 0; j++) {

        for (n = 0, sum = 0; n < threads; n++) {
            sum += c->threads[n].all[j];
        }

        share[j] = (double) sum / RECS_COMPLEMENTARY_ONE / people;
    }

    c->share = share;
}


static void
recs_complementary_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to)
{
    uint32_t                      i, j, k, people;
    recs_complementary_t         *c;
    recs_complementary_thread_t  *t;

    c = ctx;
    t = &c->threads[thread];

    for (i = from; i < to; i++) {
        people = recs_complementary_count(c, t, i);

        if (c->share) {
            recs_complementary_row(c, t, i, people);
        }

        for (k = 0; k < t->count; k++) {
            j = t->touched[k];

            t->all[j] += t->sums[j];
            t->sums[j] = 0;
            t->before[j] = 0;
            t->after[j] = 0;
        }

        t->people += people;
    }
}


static uint32_t
recs_complementary_count(const recs_complementary_t *c,
    recs_complementary_thread_t *t, uint32_t i)
{
    uint32_t  people;
    uint64_t  u, every;

    t->count = 0;
    people = 0;
    every = 1 + (c->users.offsets[i + 1] - c->users.offsets[i])
                / RECS_COMPLEMENTARY_USERS;

    for (u = c->users.offsets[i]; u < c->users.offsets[i + 1]; u += every) {
        people += recs_complementary_user(c, t, i, c->users.entries[u]);
    }

    return people;
}


/* Whether somebody came back after i: what came before it, and what later. */

static unsigned
recs_complementary_user(const recs_complementary_t *c,
    recs_complementary_thread_t *t, uint32_t i, uint32_t user)
{
    double                   days, half, weight;
    unsigned                 again, bought, has;
    uint32_t                 j, last;
    uint64_t                 b, e;
    const recs_purchases_t  *p;

    p = &c->p;
    half = c->c->complementary_days;
    again = bought = 0;
    last = 0;
    t->now++;

    for (b = p->first[user]; b < p->first[user + 1]; b++) {
        again |= bought;
        days = (p->time[b] - last) / RECS_COMPLEMENTARY_DAY;
        weight = (bought && half > 0) ? exp2(-days / half) : 1;
        has = recs_purchases_has(p, b, i);

        for (e = p->offsets[b]; e < p->offsets[b + 1]; e++) {
            j = p->items[e];

            if (j == i || t->turn[j] == t->now) {
                continue;
            }

            t->turn[j] = t->now;

            if (bought) {
                recs_complementary_touch(t, j);
                t->after[j]++;
                t->sums[j] += (uint64_t) (weight * RECS_COMPLEMENTARY_ONE);

            } else if (!has) {
                recs_complementary_touch(t, j);
                t->before[j]++;
            }
        }

        if (has) {
            bought = 1;
            last = p->time[b];
        }
    }

    return again;
}


static void
recs_complementary_touch(recs_complementary_thread_t *t, uint32_t j)
{
    if (t->before[j] == 0 && t->after[j] == 0) {
        t->touched[t->count++] = j;
    }
}


static void
recs_complementary_row(recs_complementary_t *c,
    recs_complementary_thread_t *t, uint32_t i, uint32_t people)
{
    double                  kappa, sum, weight;
    uint32_t                j, k;
    recs_format_related_t  *out;

    kappa = c->c->complementary_smoothing;
    t->top.n = 0;

    for (k = 0; k < t->count; k++) {
        j = t->touched[k];
        sum = (double) t->sums[j] / RECS_COMPLEMENTARY_ONE;

        if (t->after[j] < RECS_COMPLEMENTARY_LEAST
            || sum <= people * c->share[j] || !c->d->products[j].listed)
        {
            continue;
        }

        weight = (sum + kappa * c->share[j]) / (people + kappa)
                 * (t->after[j] + 1.0) / (t->after[j] + t->before[j] + 2.0);

        recs_top_push(&t->top, (float) weight, j, 0);
    }

    recs_top_sort(&t->top);
    out = recs_slots_row(&c->slots, i);
    c->slots.counts[i] = t->top.n;

    for (k = 0; k < t->top.n; k++) {
        out[k].item = t->top.entries[k].item;
        out[k].weight = t->top.entries[k].value;
    }
}
