/*
 * Copyright (C) recs authors
 *
 * What lists made for one user each cost (recs_model_cost_pt).  Seconds are
 * those of one machine with two cores, on synthetic shops of 5,000 to
 * 100,000 users, where it took .6 to 1.6 times as long.
 */

#include "als.h"
#include "demand.h"
#include "follow.h"
#include "table.h"
#include "tifuknn.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>


/* Slots of a user, and the records made of them while they are there. */

#define RECS_PERSONAL_BYTES  (2.0 * RECS_PERSONAL_ENTRIES                    \
                              * sizeof(recs_format_related_t))

/* Seconds: of a look at a user, of an item added up, of a user. */

#define RECS_TIFUKNN_LOOK     2e-9
#define RECS_TIFUKNN_ADD      1.5e-8
#define RECS_TIFUKNN_USER     3.5e-5

/* Of a product of numbers, of an item added up, of a user. */

#define RECS_NEIGHBOURS_MULTIPLY  3e-10
#define RECS_NEIGHBOURS_ADD       4e-9
#define RECS_NEIGHBOURS_USER      5e-5


/* Who bought, what: each item of a user once. */

typedef struct {
    double  users;
    double  entries;
    double  pairs;               /* of users, over items: squares of buyers */
} recs_personal_size_t;


static void recs_personal_size(const recs_dataset_t *d,
    recs_personal_size_t *size);


/*
 * Of each item of a user: who else bought it is looked at; of as many users
 * nearest one item is added up, and what follows it.
 */

void
recs_tifuknn_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost)
{
    double                behind, lines, looks;
    recs_personal_size_t  s;

    recs_personal_size(d, &s);

    looks = recs_min(s.pairs, s.users * RECS_NEAREST_LOOKS);
    lines = (double) d->baskets.offsets[d->baskets.rows];
    behind = recs_min(RECS_FOLLOW_BASKETS,
                      d->baskets.rows / recs_max(s.users, 1));
    behind *= lines / recs_max(d->baskets.rows, 1);

    cost->bytes = s.users * RECS_PERSONAL_BYTES + 12 * lines + 16 * s.entries
                  + (24.0 + 8 * RECS_MODEL_THREADS) * d->by_user.rows
                  + (double) d->items * (8 * RECS_FOLLOW_ENTRIES
                                         + 80 * RECS_MODEL_THREADS);
    cost->seconds = RECS_TIFUKNN_LOOK * (looks + lines * behind)
                    + RECS_TIFUKNN_ADD * s.entries
                      * (c->basket_neighbours + RECS_FOLLOW_ENTRIES)
                    + RECS_TIFUKNN_USER * s.users;
}


/* The centres are met three times, then the users of the nearest groups. */

void
recs_neighbours_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost)
{
    double  entries, factors, squares, users;

    if (!(c->serving.neighbours > 0)) {
        cost->bytes = 0;
        cost->seconds = 0;
        return;
    }

    recs_als_fit_cost(d, c, cost);
    recs_linear_size(d, &entries, &squares);

    users = d->by_user.rows;
    factors = c->als_factors + RECS_ALS_BLOCK;

    cost->bytes += users * (RECS_PERSONAL_BYTES + 4 * factors
                            + 4.0 * RECS_MODEL_THREADS + 16)
                   + 9.0 * d->items * RECS_MODEL_THREADS;
    cost->seconds += RECS_NEIGHBOURS_MULTIPLY * users * sqrt(users) * factors
                     * (3 + RECS_NEIGHBOURS_GROUPS)
                     + RECS_NEIGHBOURS_ADD * c->user_neighbours * entries
                     + RECS_NEIGHBOURS_USER * users;
}


static void
recs_personal_size(const recs_dataset_t *d, recs_personal_size_t *size)
{
    uint32_t         i, u, row, *buyers, *seen;
    uint64_t         e, k, entries;
    recs_signals_t   signals;

    recs_signals_init(&signals);
    buyers = recs_calloc((size_t) d->items + 1, sizeof(uint32_t));
    seen = recs_calloc((size_t) d->items + 1, sizeof(uint32_t));

    size->users = 0;
    entries = 0;

    for (u = 0; u < d->by_user.rows; u++) {
        e = entries;

        for (k = d->by_user.offsets[u]; k < d->by_user.offsets[u + 1]; k++) {
            row = d->by_user.entries[k];
            i = d->item[row];

            if (i < d->items && seen[i] != u + 1
                && (signals.signal[d->type[row]] & RECS_SIGNAL_PURCHASE))
            {
                seen[i] = u + 1;
                buyers[i]++;
                entries++;
            }
        }

        size->users += (entries != e);
    }

    size->entries = entries;
    size->pairs = 0;

    for (i = 0; i < d->items; i++) {
        size->pairs += (double) buyers[i] * buyers[i];
    }

    free(buyers);
    free(seen);
}
