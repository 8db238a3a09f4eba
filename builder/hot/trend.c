/*
 * Copyright (C) recs authors
 *
 * What rises (algorithms.md 1.4), by the formula of builder/model/rise.h:
 *
 *   x   votes, decayed by the half-life
 *   s   votes decayed slowly, less those decayed by four half-lives: what
 *       came before the fresh ones
 *   mu  s as if the product had been there all the time, times the ratio of
 *       x and s in the whole shop; the average product's where the first
 *       vote is a fresh one itself
 *
 * What will be wanted counts, not what was: x is taken on by the trend of
 * its logarithm, a damped Holt forecast (phi .85) over one half-life in four
 * steps, of which two levels are known, that of the votes of the half-life
 * and that of its last quarter, q: 1 + x' = (1 + x)^(1 - w) (1 + 4 q)^w with
 * w = ln 2 / 3 (4 phi + 3 phi^2 + 2 phi^3 + phi^4) / 4 = .4226.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/event/recs_event_type.h"
#include "../../core/event/recs_identity.h"
#include "../../core/recs_hash.h"
#include "../model/demand.h"
#include "trend.h"


#define RECS_HOT_AHEAD   .4226


static void recs_hot_voted(recs_hot_state_t *h, uint32_t record,
    uint32_t region, double time);
static unsigned recs_hot_believed(recs_hot_state_t *h, const recs_event_t *e,
    uint64_t who, uint32_t record);
static void recs_hot_count(recs_hot_state_t *h, recs_hot_counts_t *c,
    recs_hot_sums_t *sums, double time);
static void recs_hot_look(const recs_hot_state_t *h, recs_hot_look_t *look);
static double recs_hot_mass(const recs_hot_state_t *h, double age);
static void recs_hot_trend_shop(recs_hot_state_t *h,
    const recs_hot_look_t *look);


void
recs_hot_vote(recs_hot_state_t *h, const recs_event_t *e)
{
    double                    time;
    uint32_t                  i, record, region;
    uint64_t                  key64, who;
    const recs_str_t         *id;
    const recs_event_type_t  *type;

    type = recs_event_type(e->type);

    if (!(type->signal & RECS_SIGNALS_INTEREST)) {
        return;
    }

    time = recs_min(e->time_ms, h->now_ms) / 1000.0;
    region = recs_hot_region(h, &e->region);

    who = recs_hot_who(e);

    for (i = 0; i < e->item_count; i++) {
        id = &e->items[i].product;

        if (id->len == 0) {
            continue;
        }

        key64 = recs_key64(id->data, id->len);

        if (!recs_hot_new_vote(h, e, who, key64)) {
            h->stats.twice++;
            continue;
        }

        record = recs_hot_record(h, key64);

        if (!recs_hot_believed(h, e, who, record)) {
            h->stats.held++;
            continue;
        }

        recs_hot_voted(h, record, region, time);
    }
}


static void
recs_hot_voted(recs_hot_state_t *h, uint32_t record, uint32_t region,
    double time)
{
    h->stats.votes++;
    recs_hot_count(h, &h->records[record].counts, &h->sums, time);
    recs_hot_mark(h, &h->voted, record, RECS_HOT_IN_VOTED);

    if (region != RECS_NONE) {
        recs_hot_count(h, &recs_hot_pair(h, record, region)->counts,
                       &h->region_sums[region], time);
    }
}


uint64_t
recs_hot_who(const recs_event_t *e)
{
    const recs_identity_t  *who;

    who = recs_identity_known(&e->user) ? &e->user
          : recs_identity_known(&e->anonymous) ? &e->anonymous : &e->session;

    return recs_identity_known(who)
           ? recs_key64(who->bytes, RECS_IDENTITY_SIZE) : 0;
}


unsigned
recs_hot_new_vote(recs_hot_state_t *h, const recs_event_t *e, uint64_t who,
    uint64_t key64)
{
    uint64_t  key[3];

    if (who == 0 && !h->config->trust) {
        return 1;
    }

    if (who == 0 && h->config->trust_nameless == 0) {
        return 0;
    }

    /* nobody is one of so many, by what no two events have in common */

    if (who == 0) {
        key[0] = e->epoch;
        key[1] = e->sequence;
        key[2] = (uint64_t) e->time_ms;
        who = recs_key64(key, sizeof(key))
              % (uint64_t) h->config->trust_nameless;
    }

    key[0] = who;
    key[1] = key64;
    key[2] = (uint64_t) (recs_min(e->time_ms, h->now_ms) / 1000 / RECS_DAY);

    return recs_hot_votes_add(&h->votes, recs_key64(key, sizeof(key)))
           == RECS_OK;
}


/*
 * Not who knows nothing else, beyond what is usual: until he does, which lets
 * his vote count.
 */

static unsigned
recs_hot_believed(recs_hot_state_t *h, const recs_event_t *e, uint64_t who,
    uint32_t record)
{
    uint32_t            day, held;
    recs_hot_person_t  *p;
    recs_hot_record_t  *r;

    if (who == 0 || !h->config->trust || h->config->trust_crowd <= 0) {
        return 1;
    }

    r = &h->records[record];
    day = (uint32_t) (recs_min(e->time_ms, h->now_ms) / 1000 / RECS_DAY);

    /* a late vote does not begin the day anew */

    if (r->day < day) {
        r->day = day;
        r->alone = 0;
        r->others = 0;
    }

    p = recs_hot_crowd_person(&h->crowd, who);

    if (p->record == RECS_NONE) {
        p->record = record;
    }

    if (p->record == record) {
        h->crowd.alone++;

        if (r->alone + 1 > recs_hot_crowd_most(&h->crowd,
                                               h->config->trust_crowd,
                                               r->others))
        {
            p->held = 1;
            return 0;
        }

        r->alone++;

        return 1;
    }

    h->crowd.others++;
    r->others++;

    if (p->record != RECS_HOT_SEVERAL) {
        held = p->record;
        p->record = RECS_HOT_SEVERAL;

        if (p->held) {
            recs_hot_voted(h, held, RECS_NONE,
                           recs_min(e->time_ms, h->now_ms) / 1000.0);
        }
    }

    return 1;
}


static void
recs_hot_count(recs_hot_state_t *h, recs_hot_counts_t *c,
    recs_hot_sums_t *sums, double time)
{
    double    fast, recent, slow;
    uint32_t  seconds;

    recent = recs_hot_weight(h, time, h->fast * RECS_HOT_RECENT);
    fast = recs_hot_weight(h, time, h->fast);
    slow = recs_hot_weight(h, time, recs_hot_slow);
    seconds = (uint32_t) recs_max(time, 1);

    sums->voted += (c->first == 0);
    c->first = c->first ? recs_min(c->first, seconds) : seconds;

    c->quick += recs_hot_weight(h, time, h->fast / RECS_HOT_QUICK);
    c->fast += fast;
    c->recent += recent;
    c->slow += slow;
    sums->fast += fast;
    sums->recent += recent;
    sums->slow += slow;

    h->since = recs_min(h->since, time);
}


/* Who is shown may be other than before. */

void
recs_hot_trend_base(recs_hot_state_t *h)
{
    uint32_t  i;

    for (i = 0; i < h->count; i++) {
        if (h->records[i].counts.first || h->records[i].signal > 0) {
            recs_hot_mark(h, &h->voted, i, RECS_HOT_IN_VOTED);
        }
    }

    for (i = 0; i < h->pair_count; i++) {
        if (!h->pairs[i].in) {
            h->pairs[i].in = 1;
            recs_hot_push(&h->pairs_voted, i);
        }
    }
}


void
recs_hot_trend(recs_hot_state_t *h)
{
    recs_hot_look_t  look;

    recs_hot_look(h, &look);

    recs_hot_trend_shop(h, &look);
    recs_hot_trend_regions(h, &look);
}


static void
recs_hot_look(const recs_hot_state_t *h, recs_hot_look_t *look)
{
    double  history;

    history = recs_max(h->now_ms / 1000.0 - h->since, 1.0);

    look->quick = recs_hot_now(h, h->fast / RECS_HOT_QUICK);
    look->fast = recs_hot_now(h, h->fast);
    look->recent = recs_hot_now(h, h->fast * RECS_HOT_RECENT);
    look->slow = recs_hot_now(h, recs_hot_slow);
    look->fresh = recs_min(2 * h->fast, history / 2);
    look->window = recs_hot_mass(h, history);
    look->pace = recs_hot_pace(look, &h->sums, &look->average);
}


/* Slow votes less recent ones of one vote a second since "age" seconds. */

static double
recs_hot_mass(const recs_hot_state_t *h, double age)
{
    double  recent, slow;

    recent = h->fast * RECS_HOT_RECENT / M_LN2;
    slow = recs_hot_slow / M_LN2;

    return slow * -expm1(-age / slow) - recent * -expm1(-age / recent);
}


double
recs_hot_pace(const recs_hot_look_t *look, const recs_hot_sums_t *sums,
    double *average)
{
    double  fast, slow;

    fast = sums->fast * look->fast;
    slow = sums->slow * look->slow - sums->recent * look->recent;
    *average = sums->voted ? recs_max(slow, 0) / sums->voted : 0;

    return slow > 0 ? fast / slow : 0;
}


double
recs_hot_before(const recs_hot_look_t *look, const recs_hot_counts_t *c)
{
    return recs_max(c->slow * look->slow - c->recent * look->recent, 0);
}


double
recs_hot_expect(const recs_hot_state_t *h, const recs_hot_look_t *look,
    const recs_hot_counts_t *c, double slow, double average)
{
    double  age;

    age = h->now_ms / 1000.0 - c->first;

    if (c->first == 0 || age <= look->fresh) {
        return average;
    }

    return recs_rise_expected(slow, recs_hot_mass(h, age), look->window);
}


void
recs_hot_rise(const recs_hot_look_t *look, recs_hot_counts_t *c,
    double signal, double mu)
{
    double  ahead, quick, x;

    x = c->fast * look->fast + signal;
    quick = c->quick * look->quick + signal / RECS_HOT_QUICK;

    ahead = exp((1 - RECS_HOT_AHEAD) * log1p(x)
                + RECS_HOT_AHEAD * log1p(RECS_HOT_QUICK * quick)) - 1;

    c->votes = (float) x;
    c->value = (float) recs_rise_value(ahead, mu);
}


static void
recs_hot_trend_shop(recs_hot_state_t *h, const recs_hot_look_t *look)
{
    double              mu, slow;
    uint32_t            i, n;
    recs_hot_rank_t    *changes;
    recs_hot_record_t  *r;

    /* those that nobody votes for any more come down in their turn */

    n = recs_min(h->count, h->count / RECS_HOT_TURN + 256);

    for (i = 0; i < n; i++) {
        h->turn = (h->turn + 1 < h->count) ? h->turn + 1 : 0;

        if (h->records[h->turn].counts.value > 0) {
            recs_hot_mark(h, &h->voted, h->turn, RECS_HOT_IN_VOTED);
        }
    }

    n = h->voted.count;
    changes = recs_alloc((size_t) n * sizeof(recs_hot_rank_t) + 1);

    for (i = 0; i < n; i++) {
        r = &h->records[h->voted.n[i]];
        r->in &= ~RECS_HOT_IN_VOTED;
        r->counts.value = 0;

        if (recs_hot_shown(h, h->voted.n[i])) {
            slow = recs_hot_before(look, &r->counts);
            mu = look->pace * recs_hot_expect(h, look, &r->counts, slow,
                                              look->average);
            recs_hot_rise(look, &r->counts, r->signal, mu);
        }

        changes[i].n = h->voted.n[i];
        changes[i].value = r->counts.value;
    }

    recs_hot_order(&h->rising, changes, n);

    h->voted.count = 0;
    free(changes);
}
