/*
 * Copyright (C) recs authors
 *
 * TRENDING (algorithms.md 1.4): how much more often than expected an item
 * is wanted just now.
 *
 *   x   votes in the fresh window (the last two half-lives), decayed
 *       forward (Cormode et al. 2009)
 *   mu  the same mass if the item had kept its pace of the 28 days before
 *       the fresh window (of the part since its first vote; what came later
 *       is compared with the average item), times the ratio by which the
 *       whole shop has changed since
 *   v   log2 of a quantile of Gamma(a + x) / (b + mu), a = b = 4; that of
 *       5 % is the Gamma-Poisson lower bound EB05 (DuMouchel 1999)
 *
 * Rank: v sqrt(ln(1 + x)) of what rises for certain (v > 0 at 5 %), then of
 * what rises at 25 %, then at the median: a young shop, or a category with
 * few visitors, is told with less certainty.  A vote is one identity on one
 * day; of those who know nothing else a product has as many on a day, for its
 * others, as is usual in the shop, so that nobody makes a trend by them.
 *
 * The half-life is the configured one (for 0 an hour), or the first longer
 * one of 6, 24, 168 and 720 hours under which RECS_TRENDING_ENOUGH items
 * rise for certain: a shop with few visitors needs a longer look.  Where
 * there is none, the one under which most do.  The fresh window is never
 * more than half of all time there is, so that something is left to compare
 * with.
 *
 * Memory: 4 bytes an event of interest and 8 bytes an item, then 5 a vote;
 * 1 a person.
 */

#include "demand.h"
#include "ranked.h"
#include "rise.h"
#include "table.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>


#define RECS_TRENDING_SLOW      (28.0 * RECS_DAY)
#define RECS_TRENDING_ENOUGH    20


typedef struct {
    const recs_dataset_t  *d;
    const uint8_t         *singles;    /* of people, NULL: all count */
    recs_rows_t            votes;      /* entries are times */
    uint32_t               now;
    double                 history;    /* seconds since the first event */

    double                 half_life;
    double                 fresh;      /* seconds */
    double                 slow;       /* seconds before the fresh ones */
    double                 pace;       /* fresh mass of one slow vote */
    double                 average;    /* slow votes of an item */
} recs_trending_t;


static void recs_trending_init(recs_trending_t *t, const recs_dataset_t *d,
    const uint8_t *singles, uint32_t region);
static void recs_trending_free(recs_trending_t *t);
static void recs_trending_votes(recs_trending_t *t, uint32_t region);
static void recs_trending_usual(recs_trending_t *t, const uint8_t *alone,
    double usual);
static double recs_trending_choose(recs_trending_t *t, double hours);
static uint32_t recs_trending_rank(recs_trending_t *t, double hours,
    recs_ranked_t *r);
static void recs_trending_pace(recs_trending_t *t);
static double recs_trending_expect(const recs_trending_t *t, uint32_t item,
    double slow);
static void recs_trending_count(const recs_trending_t *t, uint32_t item,
    double *x, double *slow);


static const double  recs_trending_hours[] = { 6, 24, 168, 720, 0 };


int
recs_model_trending(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    uint8_t         *singles;
    uint32_t         rising;
    recs_ranked_t    ranked = { .items = NULL };
    recs_trending_t  t;

    singles = c->trust ? recs_demand_singles(d) : NULL;
    recs_trending_init(&t, d, singles, RECS_NONE);
    free(singles);

    rising = recs_trending_rank(&t, recs_trending_choose(&t,
                                                         c->trending_hours),
                                &ranked);

    recs_message(RECS_MSG_DEBUG, "trending",
                 "half-life %.4g hours, fresh window %.4g hours, %u items "
                 "rise for certain, %u perhaps",
                 t.half_life / 3600, t.fresh / 3600, rising,
                 ranked.n - rising);

    recs_ranked_scopes(&ranked, d, c->list_max, list);
    recs_model_empty(list, "trending", "nothing is wanted more than before");

    recs_trending_free(&t);

    return RECS_OK;
}


/* Each region for itself. */

int
recs_model_region_trending(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    uint8_t         *singles;
    uint32_t         region;
    recs_ranked_t    all = { .items = NULL }, ranked;
    recs_trending_t  t;

    singles = (c->trust && d->region) ? recs_demand_singles(d) : NULL;
    list->rows = d->regions;
    list->offsets = recs_calloc((size_t) d->regions + 1, sizeof(uint64_t));

    for (region = 0; region < d->regions; region++) {

        if (d->region) {
            ranked = (recs_ranked_t) { .items = NULL };
            recs_trending_init(&t, d, singles, region);

            (void) recs_trending_rank(&t,
                                      recs_trending_choose(&t,
                                                       c->trending_hours),
                                      &ranked);
            recs_ranked_row(&ranked, d, c->list_max, &all);

            free(ranked.items);
            recs_trending_free(&t);
        }

        list->offsets[region + 1] = all.n;
    }

    free(singles);
    list->entries = all.items;
    recs_model_empty(list, "region_trending", "events have no region, or "
                     "nothing is wanted more than before in one");

    return RECS_OK;
}


static void
recs_trending_init(recs_trending_t *t, const recs_dataset_t *d,
    const uint8_t *singles, uint32_t region)
{
    *t = (recs_trending_t) { .d = d, .singles = singles };

    t->now = recs_demand_now(d);
    t->history = t->now - recs_min(t->now, recs_demand_first(d));

    recs_trending_votes(t, region);
}


static void
recs_trending_free(recs_trending_t *t)
{
    free(t->votes.offsets);
    free(t->votes.entries);
}


/* Turns the rows of events into rows of the times of votes, in place. */

static void
recs_trending_votes(recs_trending_t *t, uint32_t region)
{
    uint8_t        *alone;
    uint32_t        i, k, n;
    uint64_t        total, from, sums[2];
    recs_rows_t    *rows;
    recs_demand_t  *votes;

    rows = &t->votes;
    recs_demand_region(t->d, RECS_SIGNALS_INTEREST, region, rows);

    alone = recs_alloc(rows->offsets[rows->rows] + 1);
    sums[0] = sums[1] = 0;

    votes = recs_alloc(recs_demand_longest(rows) * sizeof(recs_demand_t)
                       + 1);
    total = 0;

    for (i = 0; i < rows->rows; i++) {
        from = rows->offsets[i];
        n = recs_demand_votes(t->d, &rows->entries[from],
                              rows->offsets[i + 1] - from, votes);
        rows->offsets[i] = total;

        for (k = 0; k < n; k++) {
            alone[total] = t->singles && recs_demand_alone(t->d, t->singles,
                                                           votes[k].event);
            sums[alone[total]]++;
            rows->entries[total++] = votes[k].time;
        }
    }

    rows->offsets[i] = total;

    if (sums[0] && sums[1]) {
        recs_trending_usual(t, alone, (double) sums[1] / sums[0]);
    }

    free(alone);
    free(votes);
}


/* Leaves as many of who came for a product as others of the day let count. */

static void
recs_trending_usual(recs_trending_t *t, const uint8_t *alone, double usual)
{
    uint32_t   i, left, *times;
    uint64_t   k, from, to, end, n;

    times = t->votes.entries;
    n = 0;
    from = 0;

    for (i = 0; i < t->votes.rows; i++) {
        to = t->votes.offsets[i + 1];
        t->votes.offsets[i] = n;

        for (/* void */; from < to; from = end) {
            left = 0;

            for (end = from; end < to && times[end] / RECS_DAY
                                         == times[from] / RECS_DAY; end++)
            {
                left += !alone[end];
            }

            left = recs_demand_usual(usual, left);

            for (k = from; k < end; k++) {
                if (!alone[k] || left) {
                    left -= alone[k];
                    times[n++] = times[k];
                }
            }
        }
    }

    t->votes.offsets[i] = n;
}


/* The half-life to take, in hours. */

static double
recs_trending_choose(recs_trending_t *t, double hours)
{
    double          chosen;
    uint32_t        rising, most;
    const double   *h;
    recs_ranked_t   r;

    hours = hours > 0 ? hours : 1;
    chosen = hours;
    most = 0;

    for (h = recs_trending_hours; ; h++) {
        r = (recs_ranked_t) { .items = NULL };
        rising = recs_trending_rank(t, hours, &r);
        free(r.items);

        if (rising > most) {
            most = rising;
            chosen = hours;
        }

        while (*h && *h <= hours) {
            h++;
        }

        if (rising >= RECS_TRENDING_ENOUGH || *h == 0) {
            return chosen;
        }

        hours = *h;
    }
}


/* Returns how many items rise for certain. */

static uint32_t
recs_trending_rank(recs_trending_t *t, double hours, recs_ranked_t *r)
{
    double    mu, value, x;
    uint32_t  i, rising;

    t->half_life = hours * 3600;
    t->fresh = recs_min(2 * t->half_life, t->history / 2);
    t->slow = recs_min(recs_max(RECS_TRENDING_SLOW, 2 * t->fresh),
                       t->history - t->fresh);
    recs_trending_pace(t);
    rising = 0;

    for (i = 0; i < t->d->items; i++) {

        if (!t->d->products[i].listed) {
            continue;
        }

        recs_trending_count(t, i, &x, &mu);

        if (x <= 0) {
            continue;
        }

        mu = t->pace * recs_trending_expect(t, i, mu);
        value = recs_rise_value(x, mu);
        rising += value >= RECS_RISE_CERTAIN;

        recs_ranked_add(r, i, value, x, RECS_RISE_EVIDENCE);
    }

    return rising;
}


/* The shop's own pace: fresh mass for each vote of the slow window. */

static void
recs_trending_pace(recs_trending_t *t)
{
    double    fresh, slow, x, y;
    uint32_t  i, n;

    fresh = 0;
    slow = 0;
    n = 0;

    for (i = 0; i < t->d->items; i++) {
        recs_trending_count(t, i, &x, &y);
        fresh += x;
        slow += y;
        n += y > 0;
    }

    t->pace = slow > 0 ? fresh / slow : 0;
    t->average = n ? slow / n : 0;
}


/* The slow votes as if the item had been there all the time. */

static double
recs_trending_expect(const recs_trending_t *t, uint32_t item, double slow)
{
    double  since;

    if (slow == 0) {
        return t->average;
    }

    since = t->now - t->fresh
            - t->votes.entries[t->votes.offsets[item]];

    return recs_rise_expected(slow, since, t->slow);
}


static void
recs_trending_count(const recs_trending_t *t, uint32_t item, double *x,
    double *slow)
{
    double           age;
    uint64_t         k, from;
    const uint32_t  *times;

    *x = 0;
    *slow = 0;

    times = t->votes.entries;
    from = t->votes.offsets[item];

    for (k = t->votes.offsets[item + 1]; k-- > from; ) {
        age = t->now > times[k] ? t->now - times[k] : 0;

        if (age > t->fresh + t->slow) {
            break;
        }

        if (age <= t->fresh) {
            *x += recs_decay(t->now, times[k], t->half_life);

        } else {
            *slow += 1;
        }
    }
}
