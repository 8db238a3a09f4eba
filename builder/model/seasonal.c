/*
 * Copyright (C) recs authors
 *
 * SEASONAL (algorithms.md 1.8): a list for each week of the year, of what
 * sells more in this and the two weeks that follow than the shop as a whole.
 *
 *   s(i)   share of the item's units in these weeks, drawn to its category
 *          by 26 units; the category's to the shop's by 100, the shop's to
 *          the even 3/53 by 53
 *   index  s(i) / s(shop)
 *
 * Rank: (index - 1) sqrt(units of the item in these weeks + its share of
 * kappa), index >= 1.2.  Units are those of bestsellers, with a half-life of
 * a year; where a shop sells too little to tell, votes.  The root keeps a
 * list of what sells always from being a list of seasons.  Weeks of which
 * there are no units have empty lists.
 *
 * Memory: 4 bytes an event, 212 an item and a category.
 */

#include "demand.h"
#include "ranked.h"
#include "table.h"

#include "../../core/answer/recs_query.h"
#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>


#define RECS_SEASON_WEEKS      3
#define RECS_SEASON_ITEM       26.0
#define RECS_SEASON_CATEGORY   100.0
#define RECS_SEASON_INDEX      1.2
#define RECS_SEASON_HALF_LIFE  (365.0 * RECS_DAY)
#define RECS_SEASON_ENOUGH     1000    /* purchases, or votes are taken */
#define RECS_SEASON_EVIDENCE   26      /* units for confidence 1/2 */


typedef struct {
    float  units[RECS_FORMAT_WEEKS];
} recs_season_t;

typedef struct {
    const recs_dataset_t  *d;
    recs_season_t         *items;
    recs_season_t         *categories;
    recs_season_t          shop;
} recs_seasons_t;


static void recs_season_fill(recs_seasons_t *s);
static void recs_season_item(recs_seasons_t *s, uint32_t item,
    const recs_demand_t *demand, uint32_t n);
static void recs_season_week(const recs_seasons_t *s, unsigned week,
    recs_ranked_t *r);
static double recs_season_sum(const recs_season_t *season, unsigned week,
    unsigned weeks);


int
recs_model_seasonal(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    unsigned         week;
    recs_ranked_t    out = { .items = NULL }, r = { .items = NULL };
    recs_seasons_t   s = { .d = d };

    s.items = recs_calloc((size_t) d->items + 1, sizeof(recs_season_t));
    s.categories = recs_calloc((size_t) d->categories + 1,
                               sizeof(recs_season_t));
    recs_season_fill(&s);

    list->rows = RECS_FORMAT_WEEKS;
    list->offsets = recs_calloc(RECS_FORMAT_WEEKS + 1, sizeof(uint64_t));

    for (week = 0; week < RECS_FORMAT_WEEKS; week++) {
        recs_season_week(&s, week, &r);
        recs_ranked_row(&r, d, c->list_max, &out);
        list->offsets[week + 1] = out.n;
    }

    list->entries = out.items;

    free(r.items);
    free(s.items);
    free(s.categories);

    return RECS_OK;
}


static void
recs_season_fill(recs_seasons_t *s)
{
    unsigned               sold;
    uint32_t               i, n;
    recs_rows_t            rows;
    recs_demand_t         *demand;
    recs_signals_t         signals;
    const recs_dataset_t  *d;

    d = s->d;
    recs_signals_init(&signals);
    recs_demand_rows(d, RECS_SIGNALS_MONEY, &rows);

    sold = rows.offsets[d->items] >= RECS_SEASON_ENOUGH;

    if (!sold) {
        free(rows.offsets);
        free(rows.entries);
        recs_demand_rows(d, RECS_SIGNALS_INTEREST, &rows);
    }

    demand = recs_alloc(recs_demand_longest(&rows) * sizeof(recs_demand_t)
                        + 1);

    for (i = 0; i < d->items; i++) {
        n = rows.offsets[i + 1] - rows.offsets[i];

        if (sold) {
            n = recs_demand_units(d, &signals,
                                  &rows.entries[rows.offsets[i]], n, demand);

        } else {
            n = recs_demand_votes(d, &rows.entries[rows.offsets[i]], n,
                                  demand);
        }

        recs_season_item(s, i, demand, n);
    }

    free(demand);
    free(rows.offsets);
    free(rows.entries);
}


/* What comes back after a season was not less wanted in its week. */

static void
recs_season_item(recs_seasons_t *s, uint32_t item,
    const recs_demand_t *demand, uint32_t n)
{
    float     units;
    unsigned  week;
    uint32_t  c, k, now;

    now = recs_demand_now(s->d);

    for (k = 0; k < n; k++) {

        if (demand[k].units <= 0) {
            continue;
        }

        units = demand[k].units
                * recs_decay(now, demand[k].time, RECS_SEASON_HALF_LIFE);
        week = recs_week((int64_t) demand[k].time * 1000);

        s->items[item].units[week] += units;
        s->shop.units[week] += units;

        c = s->d->products[item].category;

        if (c < s->d->categories) {
            s->categories[c].units[week] += units;
        }
    }
}


static void
recs_season_week(const recs_seasons_t *s, unsigned week, recs_ranked_t *r)
{
    double                 all, even, index, mine, shop, prior, share;
    uint32_t               c, i;
    const recs_season_t   *category;

    even = (double) RECS_SEASON_WEEKS / RECS_FORMAT_WEEKS;
    all = recs_season_sum(&s->shop, 0, RECS_FORMAT_WEEKS);
    shop = recs_season_sum(&s->shop, week, RECS_SEASON_WEEKS);

    if (shop <= 0) {
        return;
    }

    shop = (shop + RECS_FORMAT_WEEKS * even) / (all + RECS_FORMAT_WEEKS);

    for (i = 0; i < s->d->items; i++) {
        mine = recs_season_sum(&s->items[i], week, RECS_SEASON_WEEKS);

        if (mine <= 0) {
            continue;
        }

        prior = shop;
        c = s->d->products[i].category;

        if (c < s->d->categories) {
            category = &s->categories[c];
            prior = (recs_season_sum(category, week, RECS_SEASON_WEEKS)
                     + RECS_SEASON_CATEGORY * shop)
                    / (recs_season_sum(category, 0, RECS_FORMAT_WEEKS)
                       + RECS_SEASON_CATEGORY);
        }

        all = recs_season_sum(&s->items[i], 0, RECS_FORMAT_WEEKS);
        share = (mine + RECS_SEASON_ITEM * prior) / (all + RECS_SEASON_ITEM);
        index = share / shop;

        if (index >= RECS_SEASON_INDEX) {
            recs_ranked_add(r, i, (index - 1) * sqrt(mine), mine,
                            RECS_SEASON_EVIDENCE);
        }
    }
}


/* The year is round. */

static double
recs_season_sum(const recs_season_t *season, unsigned week, unsigned weeks)
{
    double    sum;
    unsigned  w;

    for (w = 0, sum = 0; w < weeks; w++) {
        sum += season->units[(week + w) % RECS_FORMAT_WEEKS];
    }

    return sum;
}
