/*
 * Copyright (C) recs authors
 *
 * PRICE_DROP (algorithms.md 1.9): drop = 1 - price / reference, by
 * drop^0.7 log(1 + demand).  The reference is, the first that there is:
 *
 *   the lowest price of the 30 days before the last change down (EU
 *     directive 98/6/EC, article 6a), from the history of prices;
 *   the same from prices paid, where the history has no change: the lowest
 *     daily median of the 30 days before the price came down;
 *   the list price of the catalogue.
 *
 * A reference has to have held for a week, so that a price raised for a day
 * makes no drop, unless the history is shorter than two.  A drop is shown
 * for drop_days; where that is less than half a list, twice as long, and so
 * on.  Demand is the decayed feedback of the dataset.
 *
 * Memory: 24 bytes an item, 4 a purchase.
 */

#include "demand.h"
#include "drops.h"
#include "ranked.h"
#include "rise.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>


static double recs_drop_window(const recs_drop_t *drops,
    const recs_dataset_t *d, const recs_config_t *c);
static unsigned recs_drop_fits(const recs_drop_t *drop,
    const recs_dataset_t *d, uint32_t item, double least, double window);


int
recs_model_price_drop(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    double         demand, window;
    uint32_t       i;
    recs_drop_t   *drops;
    recs_ranked_t  ranked = { .items = NULL };

    drops = recs_calloc((size_t) d->items + 1, sizeof(recs_drop_t));

    recs_drops_history(d, drops);
    recs_drops_paid(d, c->drop_min, drops);
    recs_drops_list(d, drops);

    window = recs_drop_window(drops, d, c);

    for (i = 0; i < d->items; i++) {
        if (recs_drop_fits(&drops[i], d, i, c->drop_min, window)) {
            demand = recs_max(0.0, (double) d->popularity[i]);

            recs_ranked_add(&ranked, i,
                            recs_drop_value(drops[i].share, demand), demand,
                            RECS_DROP_EVIDENCE);
        }
    }

    recs_message(RECS_MSG_DEBUG, "price_drop",
                 "%u items are cheaper than in the %.0f days before",
                 ranked.n, window / RECS_DAY);

    recs_ranked_scopes(&ranked, d, c->list_max, list);
    recs_model_empty(list, "price_drop",
                     "no price came down, and no listPrice is above a price");
    free(drops);

    return RECS_OK;
}


static double
recs_drop_window(const recs_drop_t *drops, const recs_dataset_t *d,
    const recs_config_t *c)
{
    double    window;
    uint32_t  all, i, n;

    window = recs_max(c->drop_days, 1.0) * RECS_DAY;

    for ( ;; ) {
        all = 0;
        n = 0;

        for (i = 0; i < d->items; i++) {
            n += recs_drop_fits(&drops[i], d, i, c->drop_min, window);
            all += recs_drop_fits(&drops[i], d, i, c->drop_min, HUGE_VAL);
        }

        if (n >= recs_min(all, (uint32_t) c->list_max / 2)) {
            return window;
        }

        window *= 2;
    }
}


static unsigned
recs_drop_fits(const recs_drop_t *drop, const recs_dataset_t *d,
    uint32_t item, double least, double window)
{
    double  now;

    now = d->now_ms / 1000.0;

    return d->products[item].listed && drop->share > 0
           && drop->share >= least - 1e-9 && now - drop->time <= window;
}
