/*
 * Copyright (C) recs authors
 */

#include "model.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>


#define RECS_SALES_HALF_LIFE  28.0       /* days */
#define RECS_SALES_DAY        86400.0


/*
 * A piece that was sold "age" days ago counts 2^(-age / 28).  Sold evenly,
 * one a day for ever sums up to 28 / ln 2, for T days to the part
 * 1 - 2^(-T / 28) of it.
 */

float *
recs_model_sales(const recs_dataset_t *d)
{
    float     *rates;
    double     age, days, most, pieces;
    uint64_t   e;
    uint32_t   i, now, detail;

    rates = recs_calloc((size_t) d->items + 1, sizeof(float));
    now = (uint32_t) (d->now_ms / 1000);
    days = d->events ? (now - (double) d->time[0]) / RECS_SALES_DAY : 0;

    for (e = 0; e < d->events; e++) {

        if ((d->type[e] != RECS_EVENT_PURCHASE
             && d->type[e] != RECS_EVENT_REFUND)
            || d->item[e] >= d->items)
        {
            continue;
        }

        detail = d->detail[e];
        age = recs_max(now - (double) d->time[e], 0) / RECS_SALES_DAY;

        /* of a refund it is negative */

        pieces = (detail == RECS_NONE)
                 ? d->type[e] == RECS_EVENT_PURCHASE
                 : (double) d->details[detail].quantity / RECS_MICRO;

        rates[d->item[e]] += (float) (exp2(-age / RECS_SALES_HALF_LIFE)
                                      * pieces);
    }

    for (i = 0; i < d->items; i++) {
        age = d->products[i].created_ms
              ? (d->now_ms - d->products[i].created_ms)
                / (1000 * RECS_SALES_DAY)
              : days;
        age = recs_max(recs_min(age, days), 1);
        most = 1 - exp2(-age / RECS_SALES_HALF_LIFE);

        rates[i] = (float) (recs_max(rates[i], 0) * M_LN2
                            / (RECS_SALES_HALF_LIFE * most));
    }

    return rates;
}
