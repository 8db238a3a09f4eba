/*
 * Copyright (C) recs authors
 *
 * Products of a leaf stand together on its shelf, by falling demand: the
 * n-th is wanted 1/n as often as the first (Zipf).
 */

#include <math.h>
#include <string.h>

#include "synth.h"


#define RECS_SYNTH_DAY      ((int64_t) 86400 * 1000)
#define RECS_SYNTH_YEAR     (365 * RECS_SYNTH_DAY)
#define RECS_SYNTH_BRANDS   384            /* heads x tails */
#define RECS_SYNTH_FIRST    100001         /* number in an id */


static uint32_t
recs_synth_leaf_find(const recs_synth_t *s, const char *name)
{
    uint32_t  i;

    for (i = 0; name && i < s->leaves; i++) {
        if (strcmp(recs_synth_leaves[i].name, name) == 0) {
            return s->shelves[i].count ? i : RECS_NONE;
        }
    }

    return RECS_NONE;
}


/* Shares of the products, the wanted leaves have more. */

static void
recs_synth_shelves(recs_synth_t *s)
{
    double                    all, sum;
    uint32_t                  end, i, k;
    recs_synth_shelf_t       *shelf;
    const recs_synth_leaf_t  *leaf;

    for (i = 0, all = 0; recs_synth_leaves[i].name; i++) {
        all += recs_synth_leaves[i].traffic;
    }

    s->leaves = i;

    for (i = 0, sum = 0, end = 0; i < s->leaves; i++) {
        leaf = &recs_synth_leaves[i];
        shelf = &s->shelves[i];

        if (i && strcmp(leaf->department, leaf[-1].department) != 0) {
            s->departments++;
        }

        sum += leaf->traffic;

        shelf->department = s->departments;
        shelf->first = end;
        end = (i + 1 == s->leaves) ? s->items
                                   : (uint32_t) (s->items * sum / all);
        shelf->count = end - shelf->first;
        shelf->log_count = log((double) shelf->count + 1);
    }

    s->departments++;

    for (i = 0; i < s->leaves; i++) {
        for (k = 0; k < 2; k++) {
            s->shelves[i].with[k] =
                recs_synth_leaf_find(s, recs_synth_leaves[i].with[k]);
        }
    }
}


/* A department's brands; a few of them have most of the products. */

static uint32_t
recs_synth_brand(const recs_synth_t *s, uint32_t department,
    recs_random_t *r)
{
    double    at;
    uint32_t  of;

    of = recs_max(s->brands / s->departments, 1);
    at = recs_random_real(r);

    return (department + s->departments * (uint32_t) (of * at * at))
           % s->brands;
}


/* 4.99 and 449.00, as shops write prices. */

static int64_t
recs_synth_round(double price)
{
    int64_t  units;

    units = (int64_t) (price + 0.5);

    if (units < 1) {
        return 99;
    }

    return (units >= 200) ? units / 10 * 1000 + 900 : units * 100 - 1;
}


static int64_t
recs_synth_created(const recs_synth_t *s, recs_random_t *r)
{
    if (recs_random_chance(r, 0.06)) {
        return s->now_ms - (int64_t) (recs_random_real(r)
                                      * 30 * RECS_SYNTH_DAY);
    }

    return s->now_ms - (int64_t) ((30.0 * RECS_SYNTH_DAY)
                                  + recs_random_real(r)
                                    * 3 * RECS_SYNTH_YEAR);
}


/*
 * Some prices fell in the last four weeks, a few rose before that; both need
 * a product that was there already.
 */

static void
recs_synth_change(const recs_synth_t *s, recs_synth_product_t *p,
    recs_random_t *r)
{
    int64_t  at;

    if (recs_random_chance(r, 0.08)) {
        at = s->now_ms - (int64_t) ((1 + recs_random_real(r) * 26)
                                    * RECS_SYNTH_DAY);
        p->before = recs_synth_round((double) p->price / 100
                                     * (1.1 + recs_random_real(r) * 0.6));

    } else if (recs_random_chance(r, 0.06)) {
        at = s->now_ms - (int64_t) ((30 + recs_random_real(r) * 300)
                                    * RECS_SYNTH_DAY);
        p->before = recs_synth_round((double) p->price / 100
                                     * (0.8 + recs_random_real(r) * 0.15));

    } else {
        return;
    }

    if (at < p->created_ms + 8 * RECS_SYNTH_DAY || p->before == p->price) {
        p->before = 0;
        return;
    }

    p->changed_ms = at;
}


unsigned
recs_synth_tier(const recs_synth_t *s, const recs_synth_product_t *p)
{
    return (unsigned) (recs_random_mix(s->seed + p->brand)
                       % RECS_SYNTH_TIERS);
}


static void
recs_synth_product(const recs_synth_t *s, recs_synth_product_t *p,
    uint32_t leaf, uint32_t n)
{
    double         price;
    recs_random_t  r;

    static const double  tiers[RECS_SYNTH_TIERS] = { 0.65, 1, 1.7 };

    r.state = recs_random_mix(s->seed ^ recs_random_mix(n + 1));

    p->leaf = leaf;
    p->hash = recs_random_next(&r);
    p->brand = recs_synth_brand(s, s->shelves[leaf].department, &r);

    price = recs_synth_leaves[leaf].price
            * tiers[recs_synth_tier(s, p)]
            * exp(0.35 * recs_random_normal(&r));

    p->price = recs_synth_round(price);
    p->before = 0;
    p->changed_ms = 0;
    p->created_ms = recs_synth_created(s, &r);
    p->quality = (float) (4 + 0.55 * recs_random_normal(&r));
    p->quality = recs_max(2, recs_min(p->quality, 4.9f));

    recs_synth_change(s, p, &r);
}


/* Ids do not tell the demand: they are dealt out by a step prime to all. */

static uint64_t
recs_synth_step(const recs_synth_t *s)
{
    uint64_t  a, b, c, step;

    for (step = s->items / 2 + s->seed % 1000 + 1; /* void */ ; step++) {

        for (a = s->items, b = step; b; a = b, b = c) {
            c = a % b;
        }

        if (a == 1) {
            return step;
        }
    }
}


void
recs_synth_stock(recs_synth_t *s)
{
    double    sum;
    uint32_t  i, n;

    s->start_ms = s->now_ms - (int64_t) s->days * RECS_SYNTH_DAY;
    s->step = recs_synth_step(s);
    s->brands = recs_max(24, recs_min(s->items / 25, RECS_SYNTH_BRANDS));

    recs_synth_shelves(s);

    s->products = recs_alloc((size_t) s->items
                             * sizeof(recs_synth_product_t));

    for (i = 0, sum = 0; i < s->leaves; i++) {

        for (n = 0; n < s->shelves[i].count; n++) {
            recs_synth_product(s, &s->products[s->shelves[i].first + n], i,
                               s->shelves[i].first + n);
        }

        sum += s->shelves[i].count ? recs_synth_leaves[i].traffic : 0;
        s->usual[i] = sum;
    }
}


uint32_t
recs_synth_id(const recs_synth_t *s, uint32_t product)
{
    return RECS_SYNTH_FIRST + (uint32_t) ((product * s->step
                                           + s->seed % s->items)
                                          % s->items);
}


int64_t
recs_synth_price_at(const recs_synth_product_t *p, int64_t ms)
{
    return (p->before && ms < p->changed_ms) ? p->before : p->price;
}


unsigned
recs_synth_week(int64_t ms)
{
    int64_t  day;

    day = ms / RECS_SYNTH_DAY;

    return (unsigned) ((day * 100 % 36525) / 100 / 7);
}


/* Traffic of the leaves in the week of a time. */

void
recs_synth_season(recs_synth_t *s, int64_t ms)
{
    double                    angle, sum;
    unsigned                  week;
    uint32_t                  i;
    const recs_synth_leaf_t  *leaf;

    week = recs_synth_week(ms);

    for (i = 0, sum = 0; i < s->leaves; i++) {
        leaf = &recs_synth_leaves[i];

        if (s->shelves[i].count) {
            angle = 2 * M_PI * ((double) week - leaf->peak) / 52;
            sum += leaf->traffic * exp(leaf->season * 1.6
                                       * (cos(angle) - 0.3));
        }

        s->topic[i] = sum;
    }
}


/* The leaf at a share, 0 to 1, of cumulated traffic. */

uint32_t
recs_synth_pick(const recs_synth_t *s, const double *traffic, double at)
{
    uint32_t  high, low, middle;

    at *= traffic[s->leaves - 1];
    low = 0;
    high = s->leaves - 1;

    while (low < high) {
        middle = (low + high) / 2;

        if (traffic[middle] > at) {
            high = middle;

        } else {
            low = middle + 1;
        }
    }

    return low;
}
