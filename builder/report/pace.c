/*
 * Copyright (C) recs authors
 *
 * Who is a program by its pace.  Of each person the seconds of a day are kept
 * in which he looked at something; one with too many of them in a minute, or
 * in all of the day, is judged for that day: what he touched on it is no
 * touch, whether it came before the verdict or after it.  Seconds only get
 * more, so that the verdict does not depend on the order of coming.
 */

#include "private.h"


#define RECS_PACE_MINUTE  60000


static recs_report_pace_t *recs_pace_row(recs_report_t *r, uint64_t who,
    int64_t day);
static const recs_report_pace_t *recs_pace_find(const recs_report_t *r,
    uint64_t who, int64_t time);
static unsigned recs_pace_looks(const recs_event_t *e);
static void recs_pace_second(recs_report_t *r, recs_report_pace_t *p,
    int64_t time);
static void recs_pace_judge(recs_report_t *r, recs_report_pace_t *p);
static void recs_pace_purge(recs_report_t *r, const recs_report_pace_t *p,
    const recs_report_touch_t *t, unsigned by);


static uint64_t
recs_pace_key(uint64_t who, int64_t n)
{
    return recs_report_mix(who, (uint64_t) n);
}


void
recs_report_pace(recs_report_t *r, const recs_event_t *e)
{
    uint64_t             who;
    recs_report_pace_t  *p;

    who = e->verified ? recs_report_hash(&e->user) : 0;
    who = who ? who : recs_report_hash(&e->session);

    if (!r->config->trust || who == 0 || e->time_ms <= 0) {
        return;
    }

    p = recs_pace_row(r, who, e->time_ms / RECS_REPORT_DAY);
    p->events++;

    if (p->judged) {
        r->quality.paced++;
        r->meta.bots++;
        return;
    }

    if (recs_pace_looks(e)) {
        recs_pace_second(r, p, e->time_ms);
    }
}


static recs_report_pace_t *
recs_pace_row(recs_report_t *r, uint64_t who, int64_t day)
{
    uint32_t            *at;
    recs_report_pace_t  *p;

    at = recs_report_map_at(&r->by_pace, recs_pace_key(who, day));

    if (*at == RECS_NONE) {
        recs_grow(&r->paces, &r->paces_cap, r->pace_count + 1,
                  sizeof(recs_report_pace_t));

        p = &r->paces[r->pace_count];
        memset(p, 0, sizeof(recs_report_pace_t));

        p->who = who;
        p->day = day;
        p->touches = RECS_NONE;

        *at = (uint32_t) r->pace_count++;
    }

    return &r->paces[*at];
}


static const recs_report_pace_t *
recs_pace_find(const recs_report_t *r, uint64_t who, int64_t time)
{
    uint32_t  n;

    if (who == 0 || time <= 0) {
        return NULL;
    }

    n = recs_report_map_get(&r->by_pace,
                            recs_pace_key(who, time / RECS_REPORT_DAY));

    return (n == RECS_NONE) ? NULL : &r->paces[n];
}


/* What pages tell of themselves and what the shop does is no look. */

static unsigned
recs_pace_looks(const recs_event_t *e)
{
    const recs_event_type_t  *type;

    if (e->class == RECS_CLASS_EXPOSURE) {
        return 1;
    }

    type = recs_event_type(e->type);

    return type && (type->signal & (RECS_SIGNAL_VIEW|RECS_SIGNAL_CLICK
                                    |RECS_SIGNAL_CART|RECS_SIGNAL_WISH
                                    |RECS_SIGNAL_DISMISS)) != 0;
}


static void
recs_pace_second(recs_report_t *r, recs_report_pace_t *p, int64_t time)
{
    int64_t                minute;
    uint32_t              *at;
    uint64_t               second;
    recs_report_minute_t  *m;

    minute = time / RECS_PACE_MINUTE;
    second = (uint64_t) 1 << time % RECS_PACE_MINUTE / 1000;
    at = recs_report_map_at(&r->by_minute, recs_pace_key(p->who, minute));

    if (*at == RECS_NONE) {
        recs_grow(&r->minutes, &r->minutes_cap, r->minute_count + 1,
                  sizeof(recs_report_minute_t));

        m = &r->minutes[r->minute_count];
        m->who = p->who;
        m->minute = minute;
        m->seconds = 0;

        *at = (uint32_t) r->minute_count++;
    }

    m = &r->minutes[*at];

    if (m->seconds & second) {
        return;
    }

    m->seconds |= second;
    p->looks++;

    if (p->looks >= r->config->trust_day
        || __builtin_popcountll(m->seconds) >= r->config->trust_minute)
    {
        recs_pace_judge(r, p);
    }
}


/* All that he has touched on that day goes, with what it led to. */

static void
recs_pace_judge(recs_report_t *r, recs_report_pace_t *p)
{
    uint32_t  n;

    for (n = p->touches; n != RECS_NONE; n = r->touches[n].next[RECS_BY_DAY]) {
        recs_report_out_touch(r, n);
        recs_report_touch_repeats(r, &r->touches[n]);
    }

    p->judged = 1;
    r->judged++;
    r->quality.paced += p->events;
    r->meta.bots += p->events;

    for (n = p->touches; n != RECS_NONE; n = r->touches[n].next[RECS_BY_DAY]) {
        recs_pace_purge(r, p, &r->touches[n], RECS_BY_USER);
        recs_pace_purge(r, p, &r->touches[n], RECS_BY_SESSION);
    }
}


/* Once for each chain, lest whoever follows it walks over all of them. */

static void
recs_pace_purge(recs_report_t *r, const recs_report_pace_t *p,
    const recs_report_touch_t *t, unsigned by)
{
    uint64_t            key, verdict;
    recs_report_map_t  *map;

    map = recs_report_touch_chain(r, t, by, &key);

    if (map == NULL) {
        return;
    }

    verdict = recs_report_mix(key, recs_pace_key(p->who, p->day));

    if (recs_report_out_since(r, recs_report_mix(verdict, t->kind), t->time)
        == RECS_REPORT_NEVER)
    {
        recs_report_chain_purge(r, map, key, by);
    }
}


/* What is settled is not judged any more. */

unsigned
recs_report_judged(const recs_report_t *r, const recs_report_touch_t *t)
{
    const recs_report_pace_t  *p;

    if (r->judged == 0 || (t->flags & RECS_TOUCH_SETTLED)) {
        return 0;
    }

    p = recs_pace_find(r, t->user ? t->user : t->session, t->time);

    return p && p->judged;
}


void
recs_report_pace_link(recs_report_t *r, uint32_t n)
{
    uint32_t              at;
    recs_report_touch_t  *t;

    t = &r->touches[n];
    t->next[RECS_BY_DAY] = RECS_NONE;

    if ((t->flags & RECS_TOUCH_SETTLED) || t->time <= 0) {
        return;
    }

    at = recs_report_map_get(&r->by_pace,
                             recs_pace_key(t->user ? t->user : t->session,
                                           t->time / RECS_REPORT_DAY));

    if (at != RECS_NONE) {
        t->next[RECS_BY_DAY] = r->paces[at].touches;
        r->paces[at].touches = n;
    }
}


unsigned
recs_report_minute_kept(const recs_report_t *r, const recs_report_minute_t *m)
{
    const recs_report_pace_t  *p;

    p = recs_pace_find(r, m->who, m->minute * RECS_PACE_MINUTE);

    return p && !p->judged;
}


void
recs_report_pace_sweep(recs_report_t *r)
{
    size_t  i, n;

    for (i = 0, n = 0; i < r->pace_count; i++) {
        if (!recs_report_past(r, (r->paces[i].day + 1) * RECS_REPORT_DAY,
                              RECS_REPORT_LATE))
        {
            r->paces[n++] = r->paces[i];
        }
    }

    r->pace_count = n;
    recs_report_pace_index(r);

    for (i = 0, n = 0; i < r->minute_count; i++) {
        if (recs_report_minute_kept(r, &r->minutes[i])) {
            r->minutes[n++] = r->minutes[i];
        }
    }

    r->minute_count = n;
}


/* The chains of touches are made anew by who links those. */

void
recs_report_pace_index(recs_report_t *r)
{
    size_t                 i;
    recs_report_pace_t    *p;
    recs_report_minute_t  *m;

    recs_report_map_clear(&r->by_pace);
    recs_report_map_clear(&r->by_minute);
    r->judged = 0;

    for (i = 0; i < r->pace_count; i++) {
        p = &r->paces[i];
        p->touches = RECS_NONE;
        r->judged += p->judged;

        *recs_report_map_at(&r->by_pace, recs_pace_key(p->who, p->day))
            = (uint32_t) i;
    }

    for (i = 0; i < r->minute_count; i++) {
        m = &r->minutes[i];

        *recs_report_map_at(&r->by_minute, recs_pace_key(m->who, m->minute))
            = (uint32_t) i;
    }
}


void
recs_report_pace_rename(recs_report_t *r, const recs_report_names_t *names)
{
    size_t                 i, n;
    recs_report_pace_t    *p;
    recs_report_minute_t  *m;

    for (i = 0, n = 0; i < r->pace_count; i++) {
        p = &r->paces[i];
        p->who = recs_report_named(names, p->who);

        if (p->who) {
            r->paces[n++] = *p;
        }
    }

    r->pace_count = n;

    for (i = 0, n = 0; i < r->minute_count; i++) {
        m = &r->minutes[i];
        m->who = recs_report_named(names, m->who);

        if (m->who) {
            r->minutes[n++] = *m;
        }
    }

    r->minute_count = n;
}
