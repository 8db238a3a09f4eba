/*
 * Copyright (C) recs authors
 *
 * Who asks to be forgotten is nobody afterwards, but what he did has been
 * done: sales stay with their clicks.  So his touches and outcomes get a name
 * that is made of nothing but what they are, and that leads back to nobody.
 */

#include "private.h"


static void recs_report_forget_judged(recs_report_t *r);
static uint64_t recs_report_alias(const recs_report_t *r, uint64_t who);
static void recs_report_rename_person(recs_report_t *r, uint64_t who,
    uint64_t alias);
static void recs_report_become_row(const recs_report_map_t *map,
    const recs_report_alias_t *aliases, uint64_t *user, uint64_t *session);


/* What does not count is no part of a name, whenever that was known. */

static void
recs_report_forget_judged(recs_report_t *r)
{
    size_t  i, n;

    for (i = 0, n = 0; i < r->touch_count; i++) {
        if (!recs_report_judged(r, &r->touches[i])) {
            r->touches[n++] = r->touches[i];
        }
    }

    if (n != r->touch_count) {
        r->touch_count = n;
        recs_report_index(r);
    }
}


/* A sum does not depend on the order of what is in it. */

static uint64_t
recs_report_alias(const recs_report_t *r, uint64_t who)
{
    size_t                      i;
    uint64_t                    sum;
    const recs_outcome_t       *o;
    const recs_report_touch_t  *t;

    for (i = 0, sum = 0; i < r->touch_count; i++) {
        t = &r->touches[i];

        if (t->user == who || t->session == who) {
            sum += recs_report_mix(recs_report_mix((uint64_t) t->time,
                                                   t->rec),
                                   recs_report_mix(t->item, t->kind));
        }
    }

    for (i = 0; i < r->outcome_count; i++) {
        o = &r->outcomes[i];

        if (o->user == who || o->session == who) {
            sum += recs_report_mix(recs_report_mix((uint64_t) o->time,
                                                   o->order),
                                   recs_report_mix(o->item, o->kind));
        }
    }

    return sum ? recs_report_mix(sum, 'x') | 1 : 0;
}


static void
recs_report_rename_person(recs_report_t *r, uint64_t who, uint64_t alias)
{
    size_t                i;
    recs_outcome_t       *o;
    recs_report_touch_t  *t;

    for (i = 0; i < r->touch_count; i++) {
        t = &r->touches[i];

        t->user = (t->user == who) ? alias : t->user;
        t->session = (t->session == who) ? alias : t->session;
    }

    for (i = 0; i < r->outcome_count; i++) {
        o = &r->outcomes[i];

        o->user = (o->user == who) ? alias : o->user;
        o->session = (o->session == who) ? alias : o->session;
    }

    recs_report_person_rename(r, who, alias);
    recs_report_pace_rename(r, who, alias);
}


/* The sessions of a user are his, too. */

static void
recs_report_forget_sessions(recs_report_t *r, uint64_t user)
{
    size_t      count, i;
    uint64_t    alias, *sessions;

    sessions = recs_alloc((r->touch_count + r->outcome_count)
                          * sizeof(uint64_t));
    count = 0;

    for (i = 0; i < r->touch_count; i++) {
        if (r->touches[i].user == user && r->touches[i].session) {
            sessions[count++] = r->touches[i].session;
        }
    }

    for (i = 0; i < r->outcome_count; i++) {
        if (r->outcomes[i].user == user && r->outcomes[i].session) {
            sessions[count++] = r->outcomes[i].session;
        }
    }

    /* what has its other name already is not found again */

    for (i = 0; i < count; i++) {
        alias = recs_report_alias(r, sessions[i]);

        if (alias) {
            recs_report_rename_person(r, sessions[i], alias);
        }
    }

    free(sessions);
}


void
recs_report_forget(recs_report_t *r, const recs_identity_t *identity)
{
    uint64_t  alias, who;

    who = recs_report_hash(identity);

    if (who == 0) {
        return;
    }

    recs_report_forget_judged(r);
    alias = recs_report_alias(r, who);

    /* of whom nothing was seen has no segment to be kept */

    recs_report_people(r);
    r->turn++;

    if (alias == 0) {
        recs_report_person_rename(r, who, 0);
        recs_report_pace_rename(r, who, 0);
        recs_report_index(r);
        return;
    }

    /* ties are broken by who, too, so that all is counted anew */

    recs_report_recount(r, -1);

    recs_report_forget_sessions(r, who);
    recs_report_rename_person(r, who, alias);
    recs_report_index(r);

    recs_report_recount(r, 1);
}


void
recs_report_become(recs_report_t *r, const recs_report_alias_t *aliases,
    size_t count)
{
    size_t              i;
    uint64_t            from, to;
    recs_report_map_t   map;

    memset(&map, 0, sizeof(recs_report_map_t));

    for (i = 0; i < count; i++) {
        *recs_report_map_at(&map, recs_report_hash(&aliases[i].from))
            = (uint32_t) i;
    }

    recs_report_people(r);
    r->turn++;

    /* ties are broken by who, too, so that all is counted anew */

    recs_report_recount(r, -1);

    for (i = 0; i < r->touch_count; i++) {
        recs_report_become_row(&map, aliases, &r->touches[i].user,
                               &r->touches[i].session);
    }

    for (i = 0; i < r->outcome_count; i++) {
        recs_report_become_row(&map, aliases, &r->outcomes[i].user,
                               &r->outcomes[i].session);
    }

    for (i = 0; i < count; i++) {
        if (!aliases[i].shared) {
            from = recs_report_hash(&aliases[i].from);
            to = recs_report_hash(&aliases[i].to);

            recs_report_person_rename(r, from, to);
            recs_report_pace_rename(r, from, to);
        }
    }

    recs_report_map_clear(&map);
    recs_report_index(r);

    recs_report_recount(r, 1);
}


static void
recs_report_become_row(const recs_report_map_t *map,
    const recs_report_alias_t *aliases, uint64_t *user, uint64_t *session)
{
    uint32_t  u, s;

    u = recs_report_map_get(map, *user);
    s = recs_report_map_get(map, *session);

    if (s != RECS_NONE && (u != RECS_NONE || !aliases[s].shared)) {
        *session = recs_report_hash(&aliases[s].to);
    }

    if (u != RECS_NONE) {
        *user = recs_report_hash(&aliases[u].to);
    }
}
