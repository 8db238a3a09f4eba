/*
 * Copyright (C) recs authors
 *
 * How long users wait until they buy a product again: the median of the days
 * between two orders, over all users.  Memory: 8 bytes a purchase.
 */

#include "demand.h"

#include "../../core/event/recs_event_type.h"

#include <stdlib.h>


#define RECS_INTERVALS_MIN  3


typedef struct {
    uint32_t  user;
    uint32_t  time;
} recs_interval_order_t;


static int recs_intervals_order(const void *one, const void *two);
static int recs_intervals_less(const void *one, const void *two);
static float recs_intervals_median(float *days, uint32_t n);


float *
recs_model_intervals(const recs_dataset_t *d)
{
    float                  *median, *days;
    uint32_t                i, k, n, gaps, event, longest;
    uint64_t                e;
    recs_rows_t             rows;
    recs_interval_order_t  *orders;

    recs_demand_rows(d, RECS_SIGNAL_PURCHASE, &rows);
    longest = recs_demand_longest(&rows);

    median = recs_calloc((size_t) d->items + 1, sizeof(float));
    days = recs_alloc(((size_t) longest + 1) * sizeof(float));
    orders = recs_alloc(((size_t) longest + 1)
                        * sizeof(recs_interval_order_t));

    for (i = 0; i < d->items; i++) {
        n = 0;
        gaps = 0;

        for (e = rows.offsets[i]; e < rows.offsets[i + 1]; e++) {
            event = rows.entries[e];

            if (d->user[event] != RECS_NONE) {
                orders[n].user = d->user[event];
                orders[n++].time = d->time[event];
            }
        }

        qsort(orders, n, sizeof(recs_interval_order_t),
              recs_intervals_order);

        for (k = 1; k < n; k++) {
            if (orders[k].user == orders[k - 1].user
                && orders[k].time != orders[k - 1].time)
            {
                days[gaps++] = (float) (orders[k].time - orders[k - 1].time)
                               / RECS_DAY;
            }
        }

        if (gaps >= RECS_INTERVALS_MIN) {
            median[i] = recs_intervals_median(days, gaps);
        }
    }

    free(orders);
    free(days);
    free(rows.offsets);
    free(rows.entries);

    return median;
}


static int
recs_intervals_order(const void *one, const void *two)
{
    const recs_interval_order_t  *a, *b;

    a = one;
    b = two;

    if (a->user != b->user) {
        return (a->user < b->user) ? -1 : 1;
    }

    return (a->time < b->time) ? -1 : a->time > b->time;
}


static int
recs_intervals_less(const void *one, const void *two)
{
    float  a, b;

    a = *(const float *) one;
    b = *(const float *) two;

    return (a < b) ? -1 : a > b;
}


static float
recs_intervals_median(float *days, uint32_t n)
{
    qsort(days, n, sizeof(float), recs_intervals_less);

    return (n % 2) ? days[n / 2] : (days[n / 2 - 1] + days[n / 2]) / 2;
}
