/*
 * Copyright (C) recs authors
 *
 * LOW_STOCK: what will be sold out first, by its stock and the pieces sold
 * (half-life 7 days, less what came back), within low_stock_days; the value is
 * in days.
 *
 * Memory: 4 bytes a purchase and 8 a product.
 */

#include "demand.h"
#include "ranked.h"
#include "rise.h"
#include "table.h"

#include "../../core/event/recs_event_type.h"

#include <stdlib.h>


static double recs_low_stock_sold(const recs_dataset_t *d,
    const uint32_t *events, uint32_t n);


int
recs_model_low_stock(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    double                 days, history;
    uint32_t               i, n;
    uint64_t               k;
    recs_rows_t            rows;
    recs_ranked_t          ranked = { .items = NULL };
    recs_format_ranked_t  *e;

    recs_demand_rows(d, RECS_SIGNALS_MONEY, &rows);
    history = recs_demand_now(d) - (double) recs_demand_first(d);

    for (i = 0; i < d->items; i++) {
        n = rows.offsets[i + 1] - rows.offsets[i];

        if (n < RECS_LOW_STOCK_ORDERS) {
            continue;
        }

        days = recs_low_stock_days(d->products[i].stock,
                                   recs_low_stock_sold(d,
                                            &rows.entries[rows.offsets[i]],
                                            n),
                                   RECS_LOW_STOCK_SOLD, history / RECS_DAY);

        if (days <= c->low_stock_days) {
            recs_ranked_add(&ranked, i, 1 / recs_max(days, 1e-6), n,
                            RECS_RISE_EVIDENCE);
        }
    }

    recs_ranked_scopes(&ranked, d, c->list_max, list);
    recs_model_empty(list, "low_stock", "no stock is known, or none is low");

    /* ranked by what goes first */

    e = list->entries;

    for (k = 0; k < list->offsets[list->rows]; k++) {
        e[k].value = 1 / e[k].value;
    }

    free(rows.offsets);
    free(rows.entries);

    return RECS_OK;
}


static double
recs_low_stock_sold(const recs_dataset_t *d, const uint32_t *events,
    uint32_t n)
{
    double    pieces, sold;
    uint32_t  e, i, now;

    now = recs_demand_now(d);

    for (i = 0, sold = 0; i < n; i++) {
        e = events[i];

        /* of a refund it is below 0 */

        pieces = (d->detail[e] == RECS_NONE) ? 1
                 : (double) d->details[d->detail[e]].quantity / RECS_MICRO;

        sold += pieces * recs_decay(now, d->time[e],
                                    RECS_LOW_STOCK_SOLD * RECS_DAY);
    }

    return sold;
}
