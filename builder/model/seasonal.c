/*
 * Copyright (C) recs authors
 *
 * SEASONAL (algorithms.md 1.8): a list for each week of the year, of what
 * sells more in this and the two weeks that follow than it would if it had
 * no season.
 *
 *   E      units the item would have sold in these weeks, if its sales since
 *          its first one were spread like those of the shop since then: a
 *          launch is no season
 *   index  (units + K g) / (E + K), K = 3; g is the same of the category,
 *          drawn to 1 by 20 units
 *
 * Rank: (index - 1) (E + K), the surplus, where index >= 1.2.  Units are
 * those of bestsellers, with a half-life of a year; where a shop sells too
 * little to tell, votes.  Weeks without any have empty lists, and all have
 * where the records are shorter than three times such weeks: that would be
 * TRENDING again.
 *
 * Memory: 4 bytes an event, 212 an item and a calendar week, 20 an item and
 * a category.
 */

#include "demand.h"
#include "ranked.h"
#include "table.h"

#include "../../core/answer/recs_query.h"
#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>


#define RECS_SEASON_WEEKS      3
#define RECS_SEASON_ITEM       3.0     /* K */
#define RECS_SEASON_CATEGORY   20.0
#define RECS_SEASON_INDEX      1.2
#define RECS_SEASON_HALF_LIFE  (365.0 * RECS_DAY)
#define RECS_SEASON_ENOUGH     1000    /* purchases, or votes are taken */
#define RECS_SEASON_EVIDENCE   10      /* units for confidence 1/2 */
#define RECS_SEASON_WEEK       (7 * RECS_DAY)


typedef struct {
    float  units[RECS_FORMAT_WEEKS];
} recs_season_t;

typedef struct {
    const recs_dataset_t  *d;
    recs_season_t         *items;
    float                 *sums;       /* of an item, all weeks */
    uint32_t              *born;       /* of an item: calendar week */

    recs_season_t         *shop;       /* of all since a calendar week */
    float                 *shop_sums;
    uint32_t               first;      /* the first calendar week */
    uint32_t               weeks;      /* calendar weeks */

    double                *got;        /* of this list: of a category */
    double                *expected;
} recs_seasons_t;


static void recs_season_init(recs_seasons_t *s, const recs_dataset_t *d);
static void recs_season_free(recs_seasons_t *s);
static unsigned recs_season_rows(const recs_dataset_t *d, recs_rows_t *rows);
static void recs_season_fill(recs_seasons_t *s);
static void recs_season_item(recs_seasons_t *s, uint32_t item,
    const recs_demand_t *demand, uint32_t n);
static void recs_season_shop(recs_seasons_t *s);
static void recs_season_week(recs_seasons_t *s, unsigned week,
    recs_ranked_t *r);
static double recs_season_expect(const recs_seasons_t *s, uint32_t item,
    unsigned week);
static double recs_season_sum(const recs_season_t *season, unsigned week,
    unsigned weeks);


int
recs_model_seasonal(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    unsigned        week;
    recs_ranked_t   out = { .items = NULL }, r = { .items = NULL };
    recs_seasons_t  s;

    recs_season_init(&s, d);
    recs_season_fill(&s);
    recs_season_shop(&s);

    list->rows = RECS_FORMAT_WEEKS;
    list->offsets = recs_calloc(RECS_FORMAT_WEEKS + 1, sizeof(uint64_t));

    for (week = 0; week < RECS_FORMAT_WEEKS; week++) {
        if (s.weeks > 3 * RECS_SEASON_WEEKS) {
            recs_season_week(&s, week, &r);
        }

        recs_ranked_row(&r, d, c->list_max, &out);
        list->offsets[week + 1] = out.n;
    }

    list->entries = out.items;
    recs_model_empty(list, "seasonal",
                     "too few weeks of records, or none differs");

    free(r.items);
    recs_season_free(&s);

    return RECS_OK;
}


static void
recs_season_init(recs_seasons_t *s, const recs_dataset_t *d)
{
    uint32_t  last;

    s->d = d;
    s->first = recs_demand_first(d) / RECS_SEASON_WEEK;
    last = d->events ? d->time[d->events - 1] / RECS_SEASON_WEEK : s->first;
    s->weeks = last - s->first + 1;

    s->items = recs_calloc((size_t) d->items + 1, sizeof(recs_season_t));
    s->sums = recs_calloc((size_t) d->items + 1, sizeof(float));
    s->born = recs_calloc((size_t) d->items + 1, sizeof(uint32_t));
    s->shop = recs_calloc(s->weeks, sizeof(recs_season_t));
    s->shop_sums = recs_calloc(s->weeks, sizeof(float));
    s->got = recs_calloc((size_t) d->categories + 1, sizeof(double));
    s->expected = recs_calloc((size_t) d->categories + 1, sizeof(double));
}


static void
recs_season_free(recs_seasons_t *s)
{
    free(s->items);
    free(s->sums);
    free(s->born);
    free(s->shop);
    free(s->shop_sums);
    free(s->got);
    free(s->expected);
}


static unsigned
recs_season_rows(const recs_dataset_t *d, recs_rows_t *rows)
{
    recs_demand_rows(d, RECS_SIGNALS_MONEY, rows);

    if (rows->offsets[d->items] >= RECS_SEASON_ENOUGH) {
        return 1;
    }

    free(rows->offsets);
    free(rows->entries);
    recs_demand_rows(d, RECS_SIGNALS_INTEREST, rows);

    return 0;
}


static void
recs_season_fill(recs_seasons_t *s)
{
    unsigned               sold;
    uint32_t               i, n, *events;
    recs_rows_t            rows;
    recs_demand_t         *demand;
    recs_signals_t         signals;
    const recs_dataset_t  *d;

    d = s->d;
    recs_signals_init(&signals);
    sold = recs_season_rows(d, &rows);

    demand = recs_alloc(recs_demand_longest(&rows) * sizeof(recs_demand_t)
                        + 1);

    for (i = 0; i < d->items; i++) {
        events = &rows.entries[rows.offsets[i]];
        n = rows.offsets[i + 1] - rows.offsets[i];

        n = sold ? recs_demand_units(d, &signals, events, n, demand)
                 : recs_demand_votes(d, events, n, demand);

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
    uint32_t  k, now;

    now = recs_demand_now(s->d);
    s->born[item] = n ? demand[0].time / RECS_SEASON_WEEK - s->first : 0;

    for (k = 0; k < n; k++) {

        if (demand[k].units <= 0) {
            continue;
        }

        units = demand[k].units
                * recs_decay(now, demand[k].time, RECS_SEASON_HALF_LIFE);
        week = recs_week((int64_t) demand[k].time * 1000);

        s->items[item].units[week] += units;
        s->sums[item] += units;
        s->shop[demand[k].time / RECS_SEASON_WEEK - s->first].units[week]
            += units;
    }
}


/* From each calendar week to all since then. */

static void
recs_season_shop(recs_seasons_t *s)
{
    unsigned  week;
    uint32_t  k;

    for (k = s->weeks; k-- > 0; ) {

        for (week = 0; k + 1 < s->weeks && week < RECS_FORMAT_WEEKS; week++)
        {
            s->shop[k].units[week] += s->shop[k + 1].units[week];
        }

        s->shop_sums[k] = recs_season_sum(&s->shop[k], 0, RECS_FORMAT_WEEKS);
    }
}


static void
recs_season_week(recs_seasons_t *s, unsigned week, recs_ranked_t *r)
{
    double                 e, g, got, index;
    uint32_t               c, i;
    const recs_dataset_t  *d;

    d = s->d;

    for (c = 0; c <= d->categories; c++) {
        s->got[c] = 0;
        s->expected[c] = 0;
    }

    for (i = 0; i < d->items; i++) {
        c = recs_min(d->products[i].category, d->categories);

        s->got[c] += recs_season_sum(&s->items[i], week, RECS_SEASON_WEEKS);
        s->expected[c] += recs_season_expect(s, i, week);
    }

    for (i = 0; i < d->items; i++) {
        got = recs_season_sum(&s->items[i], week, RECS_SEASON_WEEKS);
        c = d->products[i].category;

        if (got <= 0) {
            continue;
        }

        g = c < d->categories
            ? (s->got[c] + RECS_SEASON_CATEGORY)
              / (s->expected[c] + RECS_SEASON_CATEGORY)
            : 1;

        e = recs_season_expect(s, i, week) + RECS_SEASON_ITEM;
        index = (got + RECS_SEASON_ITEM * g) / e;

        if (index >= RECS_SEASON_INDEX) {
            recs_ranked_add(r, i, (index - 1) * e, got,
                            RECS_SEASON_EVIDENCE);
        }
    }
}


static double
recs_season_expect(const recs_seasons_t *s, uint32_t item, unsigned week)
{
    uint32_t  born;

    born = s->born[item];

    return s->shop_sums[born] > 0
           ? s->sums[item] / s->shop_sums[born]
             * recs_season_sum(&s->shop[born], week, RECS_SEASON_WEEKS)
           : 0;
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
