/*
 * Copyright (C) recs authors
 *
 * BESTSELLERS (algorithms.md 1.7): units sold, decayed with a half-life of
 * 30 days; an order of q pieces counts 1 + log2 q, what went back subtracts.
 *
 * Memory: 4 bytes a purchase, 8 an item.
 */

#include "demand.h"
#include "ranked.h"
#include "table.h"

#include "../../core/event/recs_event_type.h"

#include <stdlib.h>


#define RECS_BESTSELLERS_HALF_LIFE  (30.0 * RECS_DAY)
#define RECS_BESTSELLERS_EVIDENCE   10     /* orders for confidence 1/2 */


int
recs_model_bestsellers(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    double           value;
    uint32_t         i, k, n, now;
    recs_rows_t      rows;
    recs_demand_t   *units;
    recs_ranked_t    ranked;
    recs_signals_t   signals;

    recs_signals_init(&signals);
    recs_demand_rows(d, RECS_SIGNALS_MONEY, &rows);

    units = recs_alloc(recs_demand_longest(&rows) * sizeof(recs_demand_t)
                       + 1);
    ranked = (recs_ranked_t) { .items = NULL };
    now = recs_demand_now(d);

    for (i = 0; i < d->items; i++) {
        n = recs_demand_units(d, &signals, &rows.entries[rows.offsets[i]],
                              rows.offsets[i + 1] - rows.offsets[i], units);
        value = 0;

        for (k = 0; k < n; k++) {
            value += units[k].units * recs_decay(now, units[k].time,
                                                 RECS_BESTSELLERS_HALF_LIFE);
        }

        recs_ranked_add(&ranked, i, value, n, RECS_BESTSELLERS_EVIDENCE);
    }

    recs_ranked_scopes(&ranked, d, c->list_max, list);
    recs_model_empty(list, "bestsellers", "no purchases");

    free(units);
    free(rows.offsets);
    free(rows.entries);

    return RECS_OK;
}
