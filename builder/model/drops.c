/*
 * Copyright (C) recs authors
 *
 * The reference price of Directive 98/6/EC, article 6a: the lowest one of
 * the 30 days before the reduction.
 */

#include "drops.h"
#include "demand.h"
#include "stats.h"

#include "../../core/event/recs_event_type.h"

#include <stdlib.h>


#define RECS_DROPS_BEFORE    (30 * RECS_DAY)
#define RECS_DROPS_HELD      (7 * RECS_DAY)
#define RECS_DROPS_WITNESS   3        /* days with a price paid */


/* The median of what was paid a piece on one day. */

typedef struct {
    uint32_t  time;
    double    price;
} recs_drops_day_t;


static int recs_drops_held(const recs_price_t *prices, uint32_t drop);
static uint32_t recs_drops_days(const recs_dataset_t *d,
    const uint32_t *events, uint32_t n, recs_drops_day_t *days,
    double *prices);
static void recs_drops_compare(const recs_drops_day_t *days, uint32_t n,
    double price, double least, recs_drop_t *drop);


void
recs_drops_history(const recs_dataset_t *d, recs_drop_t *drops)
{
    uint32_t               from, to;
    const recs_product_t  *p;

    for (from = 0; from < d->price_count; from = to) {

        for (to = from + 1; to < d->price_count; to++) {
            if (d->prices[to].item != d->prices[from].item) {
                break;
            }
        }

        if (d->prices[from].item < d->items && to - from > 1) {
            p = &d->products[d->prices[from].item];
            recs_drops_change(&d->prices[from], to - from, p->price,
                              p->reference_price,
                              &drops[d->prices[from].item]);
        }
    }
}


void
recs_drops_change(const recs_price_t *prices, uint32_t n, int64_t price,
    int64_t reference, recs_drop_t *drop)
{
    uint32_t  k;

    drop->known = 1;

    if (price <= 0 || reference <= price) {
        return;
    }

    for (k = n - 1; k > 0; k--) {
        if (prices[k].price < prices[k - 1].price) {
            break;
        }
    }

    if (k == 0 || !recs_drops_held(prices, k)) {
        return;
    }

    drop->share = 1 - (double) price / reference;
    drop->time = prices[k].time;
}


/* Whether no price before the drop was up for less than a week only. */

static int
recs_drops_held(const recs_price_t *prices, uint32_t drop)
{
    uint32_t  k;

    if (prices[drop].time - prices[0].time < 2 * RECS_DROPS_HELD) {
        return 1;
    }

    /* back to when it was last as cheap as now */

    for (k = drop; k > 0; k--) {
        if (prices[k - 1].price <= prices[drop].price) {
            break;
        }
    }

    return prices[drop].time - prices[k].time >= RECS_DROPS_HELD;
}


void
recs_drops_paid(const recs_dataset_t *d, double least, recs_drop_t *drops)
{
    double            *prices;
    uint32_t           i, n;
    recs_rows_t        rows;
    recs_drops_day_t  *days;

    recs_demand_rows(d, RECS_SIGNAL_PURCHASE, &rows);

    n = recs_demand_longest(&rows);
    days = recs_alloc(n * sizeof(recs_drops_day_t) + 1);
    prices = recs_alloc(n * sizeof(double) + 1);

    for (i = 0; i < d->items; i++) {

        if (drops[i].known || d->products[i].price <= 0) {
            continue;
        }

        n = recs_drops_days(d, &rows.entries[rows.offsets[i]],
                            rows.offsets[i + 1] - rows.offsets[i], days,
                            prices);
        recs_drops_compare(days, n, d->products[i].price, least, &drops[i]);
    }

    free(days);
    free(prices);
    free(rows.offsets);
    free(rows.entries);
}


static uint32_t
recs_drops_days(const recs_dataset_t *d, const uint32_t *events, uint32_t n,
    recs_drops_day_t *days, double *prices)
{
    int64_t   price;
    uint32_t  e, i, m, today, count;

    m = 0;
    count = 0;
    today = 0;

    for (i = 0; i < n; i++) {
        e = events[i];
        price = d->detail[e] != RECS_NONE ? d->details[d->detail[e]].price : 0;

        if (price <= 0) {
            continue;
        }

        if (count && d->time[e] / RECS_DAY != today) {
            days[m++].price = recs_median(prices, count);
            count = 0;
        }

        today = d->time[e] / RECS_DAY;
        days[m].time = d->time[e];
        prices[count++] = price;
    }

    if (count) {
        days[m++].price = recs_median(prices, count);
    }

    return m;
}


/* The days at today's price are the last ones; before them was the other. */

static void
recs_drops_compare(const recs_drops_day_t *days, uint32_t n, double price,
    double least, recs_drop_t *drop)
{
    double    lowest;
    uint32_t  k, first, last, seen;

    for (k = n; k > 0; k--) {
        if (days[k - 1].price > price / (1 - recs_min(least, 0.9) / 2)) {
            break;
        }
    }

    if (k == n || k == 0) {
        return;
    }

    last = k;
    lowest = days[last - 1].price;
    first = days[last - 1].time;
    seen = 0;

    for ( /* void */ ; k > 0; k--) {
        if (days[last].time - days[k - 1].time > RECS_DROPS_BEFORE) {
            break;
        }

        lowest = recs_min(lowest, days[k - 1].price);
        first = days[k - 1].time;
        seen++;
    }

    if (seen >= RECS_DROPS_WITNESS && lowest > price
        && days[last].time - first >= RECS_DROPS_HELD)
    {
        drop->share = 1 - price / lowest;
        drop->time = days[last].time;
    }
}


void
recs_drops_list(const recs_dataset_t *d, recs_drop_t *drops)
{
    uint32_t               i;
    const recs_product_t  *p;

    for (i = 0; i < d->items; i++) {
        p = &d->products[i];

        if (drops[i].share == 0 && p->price > 0 && p->list_price > p->price)
        {
            drops[i].share = 1 - (double) p->price / p->list_price;
            drops[i].time = recs_demand_now(d);
        }
    }
}
