/*
 * Copyright (C) recs authors
 *
 * UP_SELL (algorithms.md 1.11): for item i the dearer ones of its kind.  An
 * item j, one of the 2,000 most popular of its category, is a candidate where
 *
 *   it is of the leaf category of i, or one of the two is right in the
 *   parent of the other's,
 *   its price is up_sell_min to up_sell_max times that of i, in one currency,
 *   its rating is not worse: LB_j >= LB_i - .1, LB the mean of ratings and 10
 *   of the shop's mean less 1.645 / sqrt(ratings + 10) stars.
 *
 * Its weight is P(buy j | viewed i) among people (users, and sessions that
 * are nobody's):
 *
 *   (b_ij + c v_ij + kappa q_j) / (v_i + kappa),
 *
 * b_ij of those who viewed i bought j, v_ij viewed j only, c is
 * up_sell_coview; q_j the buyers of j per person who viewed something in the
 * category of i, kappa up_sell_smoothing.  What one has viewed is what one was
 * interested in where a shop reports hardly any views.
 *
 * Memory: what people viewed twice and bought once, 4 bytes each, 256 an item
 * for its row, and 16 an item and thread.
 */

#include "cross.h"
#include "demand.h"
#include "rows.h"
#include "table.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_UP_SELL_MAX      32
#define RECS_UP_SELL_BLOCK    64
#define RECS_UP_SELL_LEAF     2000     /* products of a category, the most
                                          popular */
#define RECS_UP_SELL_PRIOR    10       /* ratings */
#define RECS_UP_SELL_Z        1.645
#define RECS_UP_SELL_WORSE    100      /* stars x 1000 */
#define RECS_UP_SELL_ENOUGH   1000     /* views, or all interest counts */


typedef struct {
    uint32_t    *bought;               /* by item */
    uint32_t    *viewed;               /* and not bought */
    uint64_t    *turn;                 /* of the person who bought it */
    uint64_t     now;
    recs_top_t   top;
} recs_up_sell_thread_t;

typedef struct {
    const recs_dataset_t   *d;
    const recs_config_t    *c;
    recs_rows_t             view;      /* of people, their items */
    recs_rows_t             buy;
    recs_rows_t             viewers;   /* of items, their people */
    recs_rows_t             leaves;    /* of categories, their items */
    uint32_t               *people;    /* who viewed in a category */
    uint32_t               *buyers;    /* by item */
    float                  *rating;    /* LB, stars x 1000 */
    recs_slots_t            slots;
    recs_up_sell_thread_t  *threads;
} recs_up_sell_t;


static unsigned recs_up_sell_signals(const recs_dataset_t *d);
static void recs_up_sell_ratings(recs_up_sell_t *u);
static void recs_up_sell_leaves(recs_up_sell_t *u);
static void recs_up_sell_people(recs_up_sell_t *u);
static void recs_up_sell_rows(recs_up_sell_t *u, unsigned threads,
    recs_model_list_t *list);
static void recs_up_sell_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_up_sell_count(const recs_up_sell_t *u,
    recs_up_sell_thread_t *t, uint32_t i, int step);
static void recs_up_sell_item(const recs_up_sell_t *u,
    recs_up_sell_thread_t *t, uint32_t i);
static void recs_up_sell_leaf(const recs_up_sell_t *u,
    recs_up_sell_thread_t *t, uint32_t i, uint32_t leaf);
static unsigned recs_up_sell_fits(const recs_up_sell_t *u, uint32_t i,
    uint32_t j);


int
recs_model_up_sell(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    recs_up_sell_t  u;

    memset(&u, 0, sizeof(recs_up_sell_t));

    u.d = d;
    u.c = c;

    recs_cross_items(d, recs_up_sell_signals(d), &u.view);
    recs_cross_items(d, RECS_SIGNAL_PURCHASE, &u.buy);
    recs_rows_turn(&u.view, d->items, &u.viewers);

    recs_up_sell_ratings(&u);
    recs_up_sell_leaves(&u);
    recs_up_sell_people(&u);
    recs_up_sell_rows(&u, recs_max((unsigned) c->threads, 1u), list);

    free(u.view.offsets);
    free(u.view.entries);
    free(u.buy.offsets);
    free(u.buy.entries);
    free(u.viewers.offsets);
    free(u.viewers.entries);
    free(u.leaves.offsets);
    free(u.leaves.entries);
    free(u.people);
    free(u.buyers);
    free(u.rating);

    recs_model_empty(list, "up_sell", "no product has a dearer one of its "
                     "category that somebody looked at or bought");

    return RECS_OK;
}


static unsigned
recs_up_sell_signals(const recs_dataset_t *d)
{
    uint64_t        e, n;
    recs_signals_t  s;

    recs_signals_init(&s);

    for (e = 0, n = 0; e < d->events && n < RECS_UP_SELL_ENOUGH; e++) {
        n += (s.signal[d->type[e]] & RECS_SIGNAL_VIEW) != 0;
    }

    return n == RECS_UP_SELL_ENOUGH ? RECS_SIGNAL_VIEW
                                    : RECS_SIGNALS_INTEREST;
}


static void
recs_up_sell_ratings(recs_up_sell_t *u)
{
    double                 mean, n, sum;
    uint32_t               i;
    const recs_product_t  *p;

    u->rating = recs_calloc((size_t) u->d->items + 1, sizeof(float));
    sum = n = 0;

    for (i = 0; i < u->d->items; i++) {
        p = &u->d->products[i];

        if (p->rating) {
            sum += (double) p->rating * recs_max(p->rating_count, 1u);
            n += recs_max(p->rating_count, 1u);
        }
    }

    mean = n > 0 ? sum / n : 0;

    for (i = 0; i < u->d->items; i++) {
        p = &u->d->products[i];
        n = p->rating ? recs_max(p->rating_count, 1u) : 0;

        u->rating[i] = (float) ((p->rating * n + mean * RECS_UP_SELL_PRIOR)
                                / (n + RECS_UP_SELL_PRIOR)
                                - 1000 * RECS_UP_SELL_Z
                                  / sqrt(n + RECS_UP_SELL_PRIOR));
    }
}


static void
recs_up_sell_leaves(recs_up_sell_t *u)
{
    uint32_t     c, i;
    recs_rows_t  of;

    /* of items their category, turned over */

    of.rows = u->d->items;
    of.offsets = recs_calloc((size_t) of.rows + 1, sizeof(uint64_t));
    of.entries = recs_alloc((size_t) of.rows * sizeof(uint32_t) + 1);

    for (i = 0; i < of.rows; i++) {
        c = u->d->products[i].category;
        of.offsets[i + 1] = of.offsets[i];

        if (c < u->d->categories && u->d->products[i].listed) {
            of.entries[of.offsets[i + 1]++] = c;
        }
    }

    recs_rows_turn(&of, u->d->categories, &u->leaves);

    free(of.offsets);
    free(of.entries);
}


/* Who viewed anything in a category, who bought an item. */

static void
recs_up_sell_people(recs_up_sell_t *u)
{
    uint32_t   c, p, *last;
    uint64_t   e;

    u->people = recs_calloc((size_t) u->d->categories + 1, sizeof(uint32_t));
    u->buyers = recs_calloc((size_t) u->d->items + 1, sizeof(uint32_t));
    last = recs_calloc((size_t) u->d->categories + 1, sizeof(uint32_t));

    for (p = 0; p < u->view.rows; p++) {

        for (e = u->view.offsets[p]; e < u->view.offsets[p + 1]; e++) {
            c = u->d->products[u->view.entries[e]].category;

            if (c < u->d->categories && last[c] != p + 1) {
                last[c] = p + 1;
                u->people[c]++;
            }
        }

        for (e = u->buy.offsets[p]; e < u->buy.offsets[p + 1]; e++) {
            u->buyers[u->buy.entries[e]]++;
        }
    }

    free(last);
}


static void
recs_up_sell_rows(recs_up_sell_t *u, unsigned threads,
    recs_model_list_t *list)
{
    size_t    items;
    unsigned  n;

    items = (size_t) u->d->items + 1;
    u->threads = recs_calloc(threads, sizeof(recs_up_sell_thread_t));

    recs_slots_init(&u->slots, u->d->items, RECS_UP_SELL_MAX,
                    sizeof(recs_format_related_t));

    for (n = 0; n < threads; n++) {
        u->threads[n].bought = recs_calloc(items, sizeof(uint32_t));
        u->threads[n].viewed = recs_calloc(items, sizeof(uint32_t));
        u->threads[n].turn = recs_calloc(items, sizeof(uint64_t));
        recs_top_init(&u->threads[n].top, RECS_UP_SELL_MAX);
    }

    recs_parallel(threads, u->d->items, RECS_UP_SELL_BLOCK,
                  recs_up_sell_block, u);
    recs_slots_finish(&u->slots, list);

    for (n = 0; n < threads; n++) {
        free(u->threads[n].bought);
        free(u->threads[n].viewed);
        free(u->threads[n].turn);
        recs_top_free(&u->threads[n].top);
    }

    free(u->threads);
}


static void
recs_up_sell_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t                i, k;
    recs_up_sell_t         *u;
    recs_up_sell_thread_t  *t;
    recs_format_related_t  *out;

    u = ctx;
    t = &u->threads[thread];

    for (i = from; i < to; i++) {
        t->top.n = 0;

        if (u->d->products[i].category >= u->d->categories
            || u->d->products[i].price == RECS_NO_MONEY)
        {
            continue;
        }

        recs_up_sell_count(u, t, i, 1);
        recs_up_sell_item(u, t, i);
        recs_up_sell_count(u, t, i, -1);

        recs_top_sort(&t->top);
        out = recs_slots_row(&u->slots, i);
        u->slots.counts[i] = t->top.n;

        for (k = 0; k < t->top.n; k++) {
            out[k].item = t->top.entries[k].item;
            out[k].weight = t->top.entries[k].value;
        }
    }
}


/*
 * Of the people who viewed i: adds what they bought and what they viewed and
 * did not buy, or takes it away.
 */

static void
recs_up_sell_count(const recs_up_sell_t *u, recs_up_sell_thread_t *t,
    uint32_t i, int step)
{
    uint32_t  item, person;
    uint64_t  a, e;

    for (a = u->viewers.offsets[i]; a < u->viewers.offsets[i + 1]; a++) {
        person = u->viewers.entries[a];
        t->now++;

        for (e = u->buy.offsets[person]; e < u->buy.offsets[person + 1]; e++)
        {
            item = u->buy.entries[e];

            t->bought[item] += (uint32_t) step;
            t->turn[item] = t->now;
        }

        for (e = u->view.offsets[person]; e < u->view.offsets[person + 1];
             e++)
        {
            item = u->view.entries[e];

            if (t->turn[item] != t->now) {
                t->viewed[item] += (uint32_t) step;
            }
        }
    }
}


/* In the leaf, right in its parent, and right in what it is the parent of. */

static void
recs_up_sell_item(const recs_up_sell_t *u, recs_up_sell_thread_t *t,
    uint32_t i)
{
    uint32_t  c, child;

    c = u->d->products[i].category;
    recs_up_sell_leaf(u, t, i, c);

    if (u->d->category_parent[c] < u->d->categories) {
        recs_up_sell_leaf(u, t, i, u->d->category_parent[c]);
    }

    for (child = c + 1; child < u->d->category_end[c];
         child = u->d->category_end[child])
    {
        recs_up_sell_leaf(u, t, i, child);
    }
}


static void
recs_up_sell_leaf(const recs_up_sell_t *u, recs_up_sell_thread_t *t,
    uint32_t i, uint32_t leaf)
{
    double    evidence, kappa, people, weight;
    uint32_t  j;
    uint64_t  e, end;

    kappa = u->c->up_sell_smoothing;
    people = u->people[u->d->products[i].category];

    end = recs_min(u->leaves.offsets[leaf + 1],
                   u->leaves.offsets[leaf] + RECS_UP_SELL_LEAF);

    for (e = u->leaves.offsets[leaf]; e < end; e++) {
        j = u->leaves.entries[e];

        if (j == i || !recs_up_sell_fits(u, i, j)) {
            continue;
        }

        evidence = t->bought[j] + u->c->up_sell_coview * t->viewed[j];
        weight = (evidence + (people > 0 ? kappa * u->buyers[j] / people : 0))
                 / (u->viewers.offsets[i + 1] - u->viewers.offsets[i] + kappa);

        if (weight > 0 && isfinite(weight)) {
            recs_top_push(&t->top, (float) recs_min(weight, 1.0), j, 0);
        }
    }
}


static unsigned
recs_up_sell_fits(const recs_up_sell_t *u, uint32_t i, uint32_t j)
{
    double                 ratio;
    const recs_product_t  *a, *b;

    a = &u->d->products[i];
    b = &u->d->products[j];

    if (b->price == RECS_NO_MONEY || a->price <= 0
        || a->currency != b->currency)
    {
        return 0;
    }

    ratio = (double) b->price / (double) a->price;

    return ratio >= u->c->up_sell_min && ratio <= u->c->up_sell_max
           && u->rating[j] >= u->rating[i] - RECS_UP_SELL_WORSE;
}
