/*
 * Copyright (C) recs authors
 *
 * UPGRADE_PATH (algorithms.md 1.11): steps from item i to dearer or higher
 * ones of its family, which are the products of its leaf category, or those
 * that have none.
 *
 * With tiers a step leads to any item of a higher one, of those that are the
 * 2,000 most popular of the family:
 *
 *   affinity = 100 (n_ij + kappa a) / (n_i + kappa),
 *
 * n_i users who bought i and then something else of the family, n_ij those
 * whose very next one was j; a is recs_upgrade_affinity() of the step / 100,
 * kappa upgrade_smoothing.  The confidence of such a step is 1.
 *
 * Without tiers a step leads to items that are 5 % dearer or more and were
 * next for 2 users; a is that of the second step, the confidence
 * n_ij / (n_ij + 2).  Behind it go the best ways of at most 4 such steps
 * (max-product), with the product of shares and the least confidence.
 *
 * "days" is the median from i to j, where 3 users tell.
 *
 * Memory: 16 bytes a step that was made, 8 an item.
 */

#include "purchases.h"
#include "rows.h"
#include "table.h"

#include "../../core/answer/recs_upgrade.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_UPGRADE_ENTRIES  16
#define RECS_UPGRADE_STEPS    4
#define RECS_UPGRADE_DEARER   1.05
#define RECS_UPGRADE_LEAST    2        /* users of a step without tiers */
#define RECS_UPGRADE_TOLD     3        /* users that "days" needs */
#define RECS_UPGRADE_CROWD    20       /* items of a family in one basket */
#define RECS_UPGRADE_SECONDS  86400.0
#define RECS_UPGRADE_BLOCK    64
#define RECS_UPGRADE_FAMILY   2000     /* products with a tier, the most
                                          popular */


/* One user's step. */

typedef struct {
    uint32_t  from;
    uint32_t  to;
    uint32_t  days;                    /* in tenths */
} recs_upgrade_step_t;

/* Somebody's purchase, for the order of a family. */

typedef struct {
    uint32_t  family;
    uint32_t  basket;
    uint32_t  item;
    uint32_t  time;
} recs_upgrade_line_t;

typedef struct {
    const recs_dataset_t   *d;
    const recs_config_t    *c;
    recs_upgrade_step_t    *steps;     /* by from, to, days */
    size_t                  count;
    size_t                  cap;
    recs_upgrade_line_t    *lines;
    size_t                  lines_cap;
    uint64_t               *first;     /* by item: its steps */
    uint32_t               *people;    /* n_i */
    uint32_t               *last;      /* by item: user + 1, of people */
    recs_rows_t             families;  /* of a family its items, of a tier */
    recs_slots_t            direct;
    recs_slots_t            slots;
    recs_top_t             *tops;      /* of threads */
} recs_upgrade_model_t;


static void recs_upgrade_purchases(recs_upgrade_model_t *u);
static void recs_upgrade_user(recs_upgrade_model_t *u,
    const recs_purchases_t *p, uint32_t user);
static void recs_upgrade_consecutive(recs_upgrade_model_t *u, size_t from,
    size_t middle, size_t to, uint32_t user);
static void recs_upgrade_families(recs_upgrade_model_t *u);
static void recs_upgrade_rows(recs_upgrade_model_t *u,
    recs_model_list_t *list);
static void recs_upgrade_direct(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_upgrade_entry(const recs_upgrade_model_t *u, uint32_t i,
    uint32_t j, recs_format_upgrade_t *e);
static uint64_t recs_upgrade_find(const recs_upgrade_model_t *u, uint32_t i,
    uint32_t j);
static unsigned recs_upgrade_higher(const recs_upgrade_model_t *u,
    uint32_t i, uint32_t j);
static void recs_upgrade_paths(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static uint32_t recs_upgrade_further(const recs_upgrade_model_t *u,
    recs_format_upgrade_t *found, uint32_t n, uint32_t i);
static uint32_t recs_upgrade_family(const recs_dataset_t *d, uint32_t i);
static int recs_upgrade_by_family(const void *one, const void *two);
static int recs_upgrade_by_step(const void *one, const void *two);
static int recs_upgrade_order(const void *one, const void *two);


int
recs_model_upgrade(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    recs_upgrade_model_t  u;

    memset(&u, 0, sizeof(recs_upgrade_model_t));

    u.d = d;
    u.c = c;

    recs_upgrade_purchases(&u);
    recs_upgrade_families(&u);
    recs_upgrade_rows(&u, list);

    free(u.steps);
    free(u.first);
    free(u.people);
    free(u.families.offsets);
    free(u.families.entries);

    recs_model_empty(list, "upgrade", "the catalogue has no tiers, and no two "
                     "users went on to the same dearer product");

    return RECS_OK;
}


static void
recs_upgrade_purchases(recs_upgrade_model_t *u)
{
    size_t            k;
    uint32_t          i;
    recs_purchases_t  p;

    u->people = recs_calloc((size_t) u->d->items + 1, sizeof(uint32_t));
    u->last = recs_calloc((size_t) u->d->items + 1, sizeof(uint32_t));
    u->first = recs_calloc((size_t) u->d->items + 2, sizeof(uint64_t));

    recs_purchases_init(&p, u->d);

    for (i = 0; i < p.users; i++) {
        recs_upgrade_user(u, &p, i);
    }

    recs_purchases_free(&p);
    free(u->lines);
    free(u->last);

    if (u->count) {
        qsort(u->steps, u->count, sizeof(recs_upgrade_step_t),
              recs_upgrade_by_step);
    }

    for (k = 0; k < u->count; k++) {
        u->first[u->steps[k].from + 1]++;
    }

    for (i = 0; i < u->d->items; i++) {
        u->first[i + 1] += u->first[i];
    }
}


/* The purchases of a family, basket after basket. */

static void
recs_upgrade_user(recs_upgrade_model_t *u, const recs_purchases_t *p,
    uint32_t user)
{
    size_t                n, before, from, to;
    uint64_t              b, e;
    recs_upgrade_line_t  *line;

    n = 0;

    for (b = p->first[user]; b < p->first[user + 1]; b++) {
        for (e = p->offsets[b]; e < p->offsets[b + 1]; e++) {
            recs_grow(&u->lines, &u->lines_cap, n + 1,
                      sizeof(recs_upgrade_line_t));
            line = &u->lines[n++];

            line->family = recs_upgrade_family(u->d, p->items[e]);
            line->basket = (uint32_t) (b - p->first[user]);
            line->item = p->items[e];
            line->time = p->time[b];
        }
    }

    if (n) {
        qsort(u->lines, n, sizeof(recs_upgrade_line_t),
              recs_upgrade_by_family);
    }

    before = from = 0;

    for (to = 1; to <= n; to++) {

        if (to < n && u->lines[to].family == u->lines[from].family
            && u->lines[to].basket == u->lines[from].basket)
        {
            continue;
        }

        if (u->lines[before].family == u->lines[from].family) {
            recs_upgrade_consecutive(u, before, from, to, user);
        }

        before = from;
        from = to;
    }
}


/*
 * From [from, middle) to [middle, to); the same again is no step, and a user
 * goes on from an item once.
 */

static void
recs_upgrade_consecutive(recs_upgrade_model_t *u, size_t from, size_t middle,
    size_t to, uint32_t user)
{
    size_t                i, j;
    uint32_t              a, b;
    unsigned              on;
    recs_upgrade_step_t  *step;

    if (middle - from > RECS_UPGRADE_CROWD
        || to - middle > RECS_UPGRADE_CROWD)
    {
        return;
    }

    for (i = from; i < middle; i++) {
        a = u->lines[i].item;
        on = 0;

        for (j = middle; j < to && u->last[a] != user + 1; j++) {
            b = u->lines[j].item;
            on |= a != b;

            if (a == b || !recs_upgrade_higher(u, a, b)) {
                continue;
            }

            recs_grow(&u->steps, &u->cap, u->count + 1,
                      sizeof(recs_upgrade_step_t));
            step = &u->steps[u->count++];

            step->from = a;
            step->to = b;
            step->days = (uint32_t) ((u->lines[j].time - u->lines[i].time)
                                     / RECS_UPGRADE_SECONDS * 10);
        }

        if (on) {
            u->last[a] = user + 1;
            u->people[a]++;
        }
    }
}


/* The items that have a tier, by family; 0 is that of no category. */

static void
recs_upgrade_families(recs_upgrade_model_t *u)
{
    uint32_t     i;
    recs_rows_t  of;

    of.rows = u->d->items;
    of.offsets = recs_calloc((size_t) of.rows + 1, sizeof(uint64_t));
    of.entries = recs_alloc((size_t) of.rows * sizeof(uint32_t) + 1);

    for (i = 0; i < of.rows; i++) {
        of.offsets[i + 1] = of.offsets[i];

        if (u->d->products[i].tier && u->d->products[i].listed) {
            of.entries[of.offsets[i + 1]++] = recs_upgrade_family(u->d, i);
        }
    }

    recs_rows_turn(&of, u->d->categories + 1, &u->families);

    free(of.offsets);
    free(of.entries);
}


static void
recs_upgrade_rows(recs_upgrade_model_t *u, recs_model_list_t *list)
{
    unsigned           n, threads;
    recs_model_list_t  direct;

    threads = recs_max((unsigned) u->c->threads, 1u);
    u->tops = recs_calloc(threads, sizeof(recs_top_t));

    for (n = 0; n < threads; n++) {
        recs_top_init(&u->tops[n], RECS_UPGRADE_ENTRIES);
    }

    recs_slots_init(&u->direct, u->d->items, RECS_UPGRADE_ENTRIES,
                    sizeof(recs_format_upgrade_t));
    recs_slots_init(&u->slots, u->d->items, RECS_UPGRADE_ENTRIES,
                    sizeof(recs_format_upgrade_t));

    recs_parallel(threads, u->d->items, RECS_UPGRADE_BLOCK,
                  recs_upgrade_direct, u);
    recs_parallel(threads, u->d->items, RECS_UPGRADE_BLOCK,
                  recs_upgrade_paths, u);

    recs_slots_finish(&u->direct, &direct);
    recs_slots_finish(&u->slots, list);
    recs_model_free(&direct);

    for (n = 0; n < threads; n++) {
        recs_top_free(&u->tops[n]);
    }

    free(u->tops);
}


static void
recs_upgrade_direct(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t                i, j, k, family;
    uint64_t                e, end;
    recs_top_t             *top;
    recs_upgrade_model_t   *u;
    recs_format_upgrade_t  *row, one;

    u = ctx;
    top = &u->tops[thread];

    for (i = from; i < to; i++) {
        top->n = 0;

        if (u->d->products[i].tier) {
            family = recs_upgrade_family(u->d, i);

            end = recs_min(u->families.offsets[family + 1],
                           u->families.offsets[family] + RECS_UPGRADE_FAMILY);

            for (e = u->families.offsets[family]; e < end; e++) {
                j = u->families.entries[e];

                if (recs_upgrade_higher(u, i, j)) {
                    recs_upgrade_entry(u, i, j, &one);
                    recs_top_push(top, one.affinity, j, 0);
                }
            }

        } else {
            for (e = u->first[i]; e < u->first[i + 1]; e++) {
                j = u->steps[e].to;

                if (e > u->first[i] && u->steps[e - 1].to == j) {
                    continue;
                }

                recs_upgrade_entry(u, i, j, &one);

                if (one.confidence > 0 && u->d->products[j].listed) {
                    recs_top_push(top, one.affinity, j, 0);
                }
            }
        }

        recs_top_sort(top);
        row = recs_slots_row(&u->direct, i);
        u->direct.counts[i] = top->n;

        for (k = 0; k < top->n; k++) {
            recs_upgrade_entry(u, i, top->entries[k].item, &row[k]);
        }
    }
}


static void
recs_upgrade_entry(const recs_upgrade_model_t *u, uint32_t i, uint32_t j,
    recs_format_upgrade_t *e)
{
    double    kappa, prior;
    unsigned  tier;
    uint64_t  at, n;

    kappa = u->c->upgrade_smoothing;
    tier = u->d->products[j].tier;
    prior = recs_upgrade_affinity(tier ? tier : 2) / 100;

    at = recs_upgrade_find(u, i, j);
    n = recs_upgrade_find(u, i, j + 1) - at;

    e->item = j;
    e->days = (n >= RECS_UPGRADE_TOLD)
              ? (float) u->steps[at + n / 2].days / 10 : 0;
    e->confidence = tier ? 1 : (n < RECS_UPGRADE_LEAST)
                               ? 0 : (float) n / (n + 2);
    e->affinity = (u->people[i] + kappa > 0)
                  ? (float) (100 * (n + kappa * prior)
                             / (u->people[i] + kappa))
                  : (float) (100 * prior);
    e->affinity = recs_min(e->affinity, RECS_UPGRADE_CAP);
}


/* The first step from i to j or, in their order, behind it. */

static uint64_t
recs_upgrade_find(const recs_upgrade_model_t *u, uint32_t i, uint32_t j)
{
    uint64_t  from, middle, to;

    from = u->first[i];
    to = u->first[i + 1];

    while (from < to) {
        middle = from + (to - from) / 2;

        if (u->steps[middle].to < j) {
            from = middle + 1;

        } else {
            to = middle;
        }
    }

    return from;
}


/* On the ladder a step up it, beside it a dearer one. */

static unsigned
recs_upgrade_higher(const recs_upgrade_model_t *u, uint32_t i, uint32_t j)
{
    const recs_product_t  *a, *b;

    a = &u->d->products[i];
    b = &u->d->products[j];

    if (a->tier || b->tier) {
        return a->tier && b->tier > a->tier;
    }

    return a->price != RECS_NO_MONEY && b->price != RECS_NO_MONEY
           && a->currency == b->currency
           && (double) b->price >= RECS_UPGRADE_DEARER * (double) a->price;
}


/*
 * Without tiers the ways of several steps: found ones are extended until
 * nothing is better, shorter ones first.
 */

static void
recs_upgrade_paths(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t                i, n, step;
    recs_upgrade_model_t   *u;
    recs_format_upgrade_t  *row, found[RECS_UPGRADE_ENTRIES];

    u = ctx;

    for (i = from; i < to; i++) {
        n = u->direct.counts[i];
        memcpy(found, recs_slots_row(&u->direct, i),
               n * sizeof(recs_format_upgrade_t));

        for (step = 1; step < RECS_UPGRADE_STEPS
                       && u->d->products[i].tier == 0; step++)
        {
            n = recs_upgrade_further(u, found, n, i);
        }

        if (n) {
            qsort(found, n, sizeof(recs_format_upgrade_t),
                  recs_upgrade_order);
        }

        row = recs_slots_row(&u->slots, i);
        memcpy(row, found, n * sizeof(recs_format_upgrade_t));
        u->slots.counts[i] = n;
    }
}


static uint32_t
recs_upgrade_further(const recs_upgrade_model_t *u,
    recs_format_upgrade_t *found, uint32_t n, uint32_t i)
{
    float                         affinity;
    uint32_t                      count, k, m, next;
    recs_format_upgrade_t         before[RECS_UPGRADE_ENTRIES];
    const recs_format_upgrade_t  *row;

    count = n;
    memcpy(before, found, n * sizeof(recs_format_upgrade_t));

    for (k = 0; k < n; k++) {
        row = recs_slots_row(&u->direct, before[k].item);

        for (next = 0; next < u->direct.counts[before[k].item]; next++) {
            affinity = before[k].affinity * row[next].affinity / 100;

            for (m = 0; m < count && found[m].item != row[next].item; m++) {
                /* void */
            }

            if (m == RECS_UPGRADE_ENTRIES || row[next].item == i
                || (m < count && found[m].affinity >= affinity))
            {
                continue;
            }

            count = recs_max(count, m + 1);
            found[m].item = row[next].item;
            found[m].affinity = affinity;
            found[m].confidence = recs_min(before[k].confidence,
                                           row[next].confidence);
            found[m].days = (before[k].days > 0 && row[next].days > 0)
                            ? before[k].days + row[next].days : 0;
        }
    }

    return count;
}


static uint32_t
recs_upgrade_family(const recs_dataset_t *d, uint32_t i)
{
    uint32_t  c;

    c = d->products[i].category;

    return (c < d->categories) ? c + 1 : 0;
}


static int
recs_upgrade_by_family(const void *one, const void *two)
{
    const recs_upgrade_line_t  *a, *b;

    a = one;
    b = two;

    if (a->family != b->family) {
        return a->family < b->family ? -1 : 1;
    }

    if (a->basket != b->basket) {
        return a->basket < b->basket ? -1 : 1;
    }

    return (a->item > b->item) - (a->item < b->item);
}


static int
recs_upgrade_by_step(const void *one, const void *two)
{
    const recs_upgrade_step_t  *a, *b;

    a = one;
    b = two;

    if (a->from != b->from) {
        return a->from < b->from ? -1 : 1;
    }

    if (a->to != b->to) {
        return a->to < b->to ? -1 : 1;
    }

    return (a->days > b->days) - (a->days < b->days);
}


static int
recs_upgrade_order(const void *one, const void *two)
{
    const recs_format_upgrade_t  *a, *b;

    a = one;
    b = two;

    if (a->affinity != b->affinity) {
        return a->affinity > b->affinity ? -1 : 1;
    }

    return (a->item > b->item) - (a->item < b->item);
}
