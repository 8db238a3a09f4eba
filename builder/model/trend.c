/*
 * Copyright (C) recs authors
 */

#include "demand.h"
#include "rows.h"
#include "trend.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>


#define RECS_TREND_SHRINK  5


static float *recs_trend_factors(const recs_dataset_t *d,
    const recs_config_t *c);
static double recs_trend_votes(const recs_dataset_t *d,
    const recs_config_t *c, double *all, double *late);


void
recs_model_trend(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list)
{
    float                  *factors;
    uint32_t                r;
    uint64_t                e;
    recs_format_related_t  *entries;

    if (!(c->related_trend > 0)) {
        return;
    }

    factors = recs_trend_factors(d, c);
    entries = list->entries;

    for (r = 0; r < list->rows; r++) {
        for (e = list->offsets[r]; e < list->offsets[r + 1]; e++) {
            entries[e].weight *= factors[entries[e].item];
        }

        qsort(&entries[list->offsets[r]],
              list->offsets[r + 1] - list->offsets[r],
              sizeof(recs_format_related_t), recs_related_order);
    }

    free(factors);
}


static float *
recs_trend_factors(const recs_dataset_t *d, const recs_config_t *c)
{
    float     *factors;
    double     scale, *all, *late;
    uint32_t   i;

    all = recs_calloc((size_t) d->items + 1, sizeof(double));
    late = recs_calloc((size_t) d->items + 1, sizeof(double));
    factors = recs_alloc(((size_t) d->items + 1) * sizeof(float));

    scale = recs_trend_votes(d, c, all, late);

    for (i = 0; i < d->items; i++) {
        factors[i] = (float) pow((late[i] * scale + RECS_TREND_SHRINK)
                                 / (all[i] + RECS_TREND_SHRINK),
                                 c->related_trend);
    }

    free(all);
    free(late);

    return factors;
}


/* Returns a / r. */

static double
recs_trend_votes(const recs_dataset_t *d, const recs_config_t *c, double *all,
    double *late)
{
    double          sums[2] = { 0, 0 };
    uint32_t        i, k, n, now;
    recs_rows_t     rows;
    recs_demand_t  *votes;

    now = recs_demand_now(d);
    recs_demand_rows(d, RECS_SIGNALS_INTEREST, &rows);

    votes = recs_alloc(recs_demand_longest(&rows) * sizeof(recs_demand_t)
                       + 1);

    for (i = 0; i < d->items; i++) {
        n = recs_demand_votes(d, &rows.entries[rows.offsets[i]],
                              (uint32_t) (rows.offsets[i + 1]
                                          - rows.offsets[i]), votes);
        all[i] = n;

        for (k = 0; k < n; k++) {
            late[i] += recs_decay(now, votes[k].time,
                                  c->related_trend_days * RECS_DAY);
        }

        sums[0] += all[i];
        sums[1] += late[i];
    }

    free(rows.offsets);
    free(rows.entries);
    free(votes);

    return sums[1] > 0 ? sums[0] / sums[1] : 1;
}
