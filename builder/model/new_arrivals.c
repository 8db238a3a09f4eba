/*
 * Copyright (C) recs authors
 *
 * NEW_ARRIVALS (algorithms.md 1.10): e^(-age / tau) times the votes a day
 * since an item arrived, shrunk to those of its category's new items (and
 * these to the shop's), by as much as seven days of them.
 *
 * New is what arrived in the last 90 days.  Where that is less than half a
 * list, the window doubles, and tau with it, so that a slow shop still has
 * its latest goods.  An item that is as old as its first event, because no
 * createdAt is known, is not new where that is in the first eighth of all
 * time there is: it was there when the records began.
 *
 * Memory: 4 bytes an event of interest, 20 an item.
 */

#include "demand.h"
#include "ranked.h"
#include "table.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>


#define RECS_NEW_WINDOW    (90.0 * RECS_DAY)
#define RECS_NEW_BEGIN     8       /* 1/8 of the history is its beginning */
#define RECS_NEW_MIN       (1.0 * RECS_DAY)
#define RECS_NEW_PRIOR     7.0     /* days */
#define RECS_NEW_EVIDENCE  20      /* votes for confidence 1/2 */


typedef struct {
    const recs_dataset_t  *d;
    double                *age;    /* seconds, negative: not known */
    double                *votes;
    double                 now;
    double                 window;
} recs_new_t;


static void recs_new_items(recs_new_t *a);
static uint32_t *recs_new_seen(const recs_dataset_t *d);
static void recs_new_window(recs_new_t *a, uint32_t enough);
static void recs_new_rates(const recs_new_t *a, double *rates);
static int recs_new_is(const recs_new_t *a, uint32_t item);


int
recs_model_new_arrivals(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    double         days, rate, tau, *rates;
    uint32_t       i, k;
    recs_new_t     a = { .d = d };
    recs_ranked_t  ranked = { .items = NULL };

    a.now = d->now_ms / 1000.0;
    recs_new_items(&a);
    recs_new_window(&a, c->list_max / 2);

    rates = recs_calloc((size_t) d->categories + 1, sizeof(double));
    recs_new_rates(&a, rates);

    tau = recs_max(c->new_days, 1e-3) * RECS_DAY
          * (a.window / RECS_NEW_WINDOW);

    for (i = 0; i < d->items; i++) {

        if (!recs_new_is(&a, i)) {
            continue;
        }

        k = recs_min(d->products[i].category, d->categories);
        days = a.age[i] / RECS_DAY;
        rate = (a.votes[i] + RECS_NEW_PRIOR * rates[k])
               / (days + RECS_NEW_PRIOR);

        recs_ranked_add(&ranked, i, rate * exp(-a.age[i] / tau), a.votes[i],
                        RECS_NEW_EVIDENCE);
    }

    recs_message(RECS_MSG_DEBUG, "new_arrivals",
                 "%u items of the last %.0f days", ranked.n,
                 a.window / RECS_DAY);

    recs_ranked_scopes(&ranked, d, c->list_max, list);
    recs_model_empty(list, "new_arrivals",
                     "no createdAt, and all is as old as the records");

    free(rates);
    free(a.age);
    free(a.votes);

    return RECS_OK;
}


static void
recs_new_items(recs_new_t *a)
{
    double                 begin, born;
    uint32_t               first, i, n, *seen;
    recs_rows_t            rows;
    recs_demand_t         *votes;
    const recs_dataset_t  *d;

    d = a->d;
    recs_demand_rows(d, RECS_SIGNALS_INTEREST, &rows);
    votes = recs_alloc(recs_demand_longest(&rows) * sizeof(recs_demand_t)
                       + 1);

    a->age = recs_calloc((size_t) d->items + 1, sizeof(double));
    a->votes = recs_calloc((size_t) d->items + 1, sizeof(double));

    first = recs_demand_first(d);
    begin = first + recs_max(RECS_NEW_MIN, (a->now - first) / RECS_NEW_BEGIN);
    seen = recs_new_seen(d);

    for (i = 0; i < d->items; i++) {
        n = recs_demand_votes(d, &rows.entries[rows.offsets[i]],
                              rows.offsets[i + 1] - rows.offsets[i], votes);
        born = d->products[i].created_ms / 1000.0;

        if (born == 0 || (int64_t) born == seen[i]) {
            born = seen[i] > begin ? seen[i] : 0;
        }

        a->votes[i] = n;
        a->age[i] = born != 0 && born <= a->now ? a->now - born : -1;
    }

    free(seen);
    free(votes);
    free(rows.offsets);
    free(rows.entries);
}


/* The second of an item's first event, 0 for none. */

static uint32_t *
recs_new_seen(const recs_dataset_t *d)
{
    uint32_t  *seen;
    uint64_t   e;

    seen = recs_calloc((size_t) d->items + 1, sizeof(uint32_t));

    for (e = 0; e < d->events; e++) {
        if (d->item[e] < d->items && seen[d->item[e]] == 0) {
            seen[d->item[e]] = d->time[e];
        }
    }

    return seen;
}


static void
recs_new_window(recs_new_t *a, uint32_t enough)
{
    uint32_t  i, n, known;

    for (a->window = RECS_NEW_WINDOW; ; a->window *= 2) {

        for (i = 0, n = 0, known = 0; i < a->d->items; i++) {
            n += recs_new_is(a, i);
            known += a->age[i] >= 0 && a->d->products[i].listed;
        }

        if (n >= recs_min(enough, known)) {
            break;
        }
    }
}


/* Votes a day of new items: the shop's is last. */

static void
recs_new_rates(const recs_new_t *a, double *rates)
{
    double    shop, *days;
    uint32_t  c, i, n;

    n = a->d->categories;
    days = recs_calloc((size_t) n + 1, sizeof(double));

    for (i = 0; i < a->d->items; i++) {
        if (recs_new_is(a, i)) {
            c = recs_min(a->d->products[i].category, n);

            rates[c] += a->votes[i];
            days[c] += a->age[i] / RECS_DAY + 1;
        }
    }

    for (c = 0; c < n; c++) {
        rates[n] += rates[c];
        days[n] += days[c];
    }

    shop = rates[n] > 0 ? rates[n] / days[n] : 1;

    for (c = 0; c <= n; c++) {
        rates[c] = (rates[c] + RECS_NEW_PRIOR * shop)
                   / (days[c] + RECS_NEW_PRIOR);
    }

    free(days);
}


static int
recs_new_is(const recs_new_t *a, uint32_t item)
{
    return a->d->products[item].listed && a->age[item] >= 0
           && a->age[item] <= a->window;
}
