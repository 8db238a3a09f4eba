/*
 * Copyright (C) recs authors
 *
 * TRENDING (algorithms.md 1.4): how much more often than expected an item
 * is wanted just now.
 *
 *   x   votes in the fresh window (the last two half-lives), decayed
 *       forward (Cormode et al. 2009)
 *   mu  the same mass if the item had kept its pace of the 28 days before
 *       the fresh window, times the ratio by which the whole shop has
 *       changed since
 *   v   log2 of the 5 % quantile of Gamma(a + x) / (b + mu), a = b = 4: the
 *       Gamma-Poisson lower bound EB05 (DuMouchel 1999)
 *
 * Rank: v sqrt(ln(1 + x)), v > 0.  A vote is one identity on one day.
 *
 * The half-life is the configured one or, for 0, the first of 1, 6, 24, 168
 * and 720 hours under which RECS_TRENDING_ENOUGH items rise (v > 0); where
 * none does, the one under which most items rise.  The fresh window is never
 * more than half of all time there is, so that something is left to compare
 * with.
 *
 * Memory: 4 bytes an event of interest and 8 bytes an item, then 4 a vote.
 */

#include "demand.h"
#include "ranked.h"
#include "stats.h"
#include "table.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>


#define RECS_TRENDING_PRIOR     4.0
#define RECS_TRENDING_QUANTILE  0.05
#define RECS_TRENDING_SLOW      (28.0 * RECS_DAY)
#define RECS_TRENDING_ENOUGH    50
#define RECS_TRENDING_EVIDENCE  10     /* fresh votes for confidence 1/2 */


typedef struct {
    const recs_dataset_t  *d;
    recs_rows_t            votes;      /* entries are times */
    uint32_t               now;
    double                 history;    /* seconds since the first event */

    double                 half_life;
    double                 fresh;      /* seconds */
    double                 slow;       /* seconds before the fresh ones */
    double                 pace;       /* fresh mass of one slow vote */
} recs_trending_t;


static void recs_trending_votes(recs_trending_t *t);
static void recs_trending_choose(recs_trending_t *t, recs_ranked_t *best);
static void recs_trending_rank(recs_trending_t *t, double hours,
    recs_ranked_t *r);
static double recs_trending_pace(const recs_trending_t *t);
static void recs_trending_count(const recs_trending_t *t, uint32_t item,
    double *x, double *slow);


static const double  recs_trending_hours[] = { 1, 6, 24, 168, 720, 0 };


int
recs_model_trending(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    recs_ranked_t    ranked = { .items = NULL };
    recs_trending_t  t = { .d = d };

    t.now = recs_demand_now(d);
    t.history = t.now - recs_min(t.now, recs_demand_first(d));

    recs_trending_votes(&t);

    if (c->trending_hours > 0) {
        recs_trending_rank(&t, c->trending_hours, &ranked);

    } else {
        recs_trending_choose(&t, &ranked);
    }

    recs_message(RECS_MSG_DEBUG, "trending",
                 "half-life %.4g hours, fresh window %.4g hours, "
                 "%u items rise",
                 t.half_life / 3600, t.fresh / 3600, ranked.n);

    recs_ranked_scopes(&ranked, d, c->list_max, list);

    free(t.votes.offsets);
    free(t.votes.entries);

    return RECS_OK;
}


/* Turns the rows of events into rows of the times of votes, in place. */

static void
recs_trending_votes(recs_trending_t *t)
{
    uint32_t        i, k, n;
    uint64_t        total, from;
    recs_rows_t    *rows;
    recs_demand_t  *votes;

    rows = &t->votes;
    recs_demand_rows(t->d, RECS_SIGNALS_INTEREST, rows);

    votes = recs_alloc(recs_demand_longest(rows) * sizeof(recs_demand_t)
                       + 1);
    total = 0;

    for (i = 0; i < rows->rows; i++) {
        from = rows->offsets[i];
        n = recs_demand_votes(t->d, &rows->entries[from],
                              rows->offsets[i + 1] - from, votes);
        rows->offsets[i] = total;

        for (k = 0; k < n; k++) {
            rows->entries[total++] = votes[k].time;
        }
    }

    rows->offsets[i] = total;
    free(votes);
}


static void
recs_trending_choose(recs_trending_t *t, recs_ranked_t *best)
{
    uint32_t        rising;
    double          hours;
    const double   *h;
    recs_ranked_t   r;

    hours = recs_trending_hours[0];
    rising = 0;

    for (h = recs_trending_hours; *h; h++) {
        r = (recs_ranked_t) { .items = NULL };
        recs_trending_rank(t, *h, &r);
        free(r.items);

        if (r.n > rising) {
            rising = r.n;
            hours = *h;
        }

        if (r.n >= RECS_TRENDING_ENOUGH) {
            break;
        }
    }

    recs_trending_rank(t, hours, best);
}


static void
recs_trending_rank(recs_trending_t *t, double hours, recs_ranked_t *r)
{
    double    mu, v, x;
    uint32_t  i;

    t->half_life = hours * 3600;
    t->fresh = recs_min(2 * t->half_life, t->history / 2);
    t->slow = recs_min(recs_max(RECS_TRENDING_SLOW, 2 * t->fresh),
                       t->history - t->fresh);
    t->pace = recs_trending_pace(t);

    for (i = 0; i < t->d->items; i++) {

        if (!t->d->products[i].listed) {
            continue;
        }

        recs_trending_count(t, i, &x, &mu);

        if (x <= 0) {
            continue;
        }

        mu *= t->pace;
        v = log2(recs_gamma_quantile(RECS_TRENDING_QUANTILE,
                                     RECS_TRENDING_PRIOR + x)
                 / (RECS_TRENDING_PRIOR + mu));

        recs_ranked_add(r, i, v * sqrt(log1p(x)), x, RECS_TRENDING_EVIDENCE);
    }
}


/* The shop's own pace: fresh mass for each vote of the slow window. */

static double
recs_trending_pace(const recs_trending_t *t)
{
    double    fresh, slow, x, y;
    uint32_t  i;

    fresh = 0;
    slow = 0;

    for (i = 0; i < t->d->items; i++) {
        recs_trending_count(t, i, &x, &y);
        fresh += x;
        slow += y;
    }

    return slow > 0 ? fresh / slow : 0;
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
