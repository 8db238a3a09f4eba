/*
 * Copyright (C) recs authors
 *
 * Who asks to be forgotten is nobody afterwards, but what he did has been
 * done: sales stay with their clicks.  So his touches and outcomes get a name
 * that is made of nothing but what they are, and that leads back to nobody.
 */

#include "private.h"


static void recs_report_forget_judged(recs_report_t *r);
static void recs_report_forget_whom(const recs_report_t *r, uint64_t who,
    recs_report_names_t *names);
static void recs_report_aliases(const recs_report_t *r,
    recs_report_names_t *names);
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


static void
recs_report_names_add(recs_report_names_t *names, uint64_t who, uint64_t to)
{
    uint32_t  *at;

    at = recs_report_map_at(&names->by_who, who);

    if (*at != RECS_NONE) {
        return;
    }

    recs_grow(&names->to, &names->cap, names->count + 1, sizeof(uint64_t));
    *at = (uint32_t) names->count;
    names->to[names->count++] = to;
}


static void
recs_report_names_clear(recs_report_names_t *names)
{
    recs_report_map_clear(&names->by_who);
    free(names->to);
}


uint64_t
recs_report_named(const recs_report_names_t *names, uint64_t who)
{
    uint32_t  n;

    n = who ? recs_report_map_get(&names->by_who, who) : RECS_NONE;

    return (n == RECS_NONE) ? who : names->to[n];
}


/* Who is forgotten, and the sessions of a user, which are his. */

static void
recs_report_forget_whom(const recs_report_t *r, uint64_t who,
    recs_report_names_t *names)
{
    size_t  i;

    recs_report_names_add(names, who, 0);

    for (i = 0; i < r->touch_count; i++) {
        if (r->touches[i].user == who && r->touches[i].session) {
            recs_report_names_add(names, r->touches[i].session, 0);
        }
    }

    for (i = 0; i < r->outcome_count; i++) {
        if (r->outcomes[i].user == who && r->outcomes[i].session) {
            recs_report_names_add(names, r->outcomes[i].session, 0);
        }
    }
}


static void
recs_report_alias_add(recs_report_names_t *names, uint64_t user,
    uint64_t session, uint64_t piece)
{
    uint32_t  n, other;

    n = user ? recs_report_map_get(&names->by_who, user) : RECS_NONE;
    other = session ? recs_report_map_get(&names->by_who, session)
                    : RECS_NONE;

    if (n != RECS_NONE) {
        names->to[n] += piece;
    }

    if (other != RECS_NONE && other != n) {
        names->to[other] += piece;
    }
}


/* A sum does not depend on the order of what is in it. */

static void
recs_report_aliases(const recs_report_t *r, recs_report_names_t *names)
{
    size_t                      i;
    const recs_outcome_t       *o;
    const recs_report_touch_t  *t;

    for (i = 0; i < r->touch_count; i++) {
        t = &r->touches[i];

        recs_report_alias_add(names, t->user, t->session,
            recs_report_mix(recs_report_mix((uint64_t) t->time, t->rec),
                            recs_report_mix(t->item, t->kind)));
    }

    for (i = 0; i < r->outcome_count; i++) {
        o = &r->outcomes[i];

        recs_report_alias_add(names, o->user, o->session,
            recs_report_mix(recs_report_mix((uint64_t) o->time, o->order),
                            recs_report_mix(o->item, o->kind)));
    }

    for (i = 0; i < names->count; i++) {
        if (names->to[i]) {
            names->to[i] = recs_report_mix(names->to[i], 'x') | 1;
        }
    }
}


static void
recs_report_rename_all(recs_report_t *r, const recs_report_names_t *names)
{
    size_t                i;
    recs_outcome_t       *o;
    recs_report_touch_t  *t;

    for (i = 0; i < r->touch_count; i++) {
        t = &r->touches[i];
        t->user = recs_report_named(names, t->user);
        t->session = recs_report_named(names, t->session);
    }

    for (i = 0; i < r->outcome_count; i++) {
        o = &r->outcomes[i];
        o->user = recs_report_named(names, o->user);
        o->session = recs_report_named(names, o->session);
    }
}


void
recs_report_forget(recs_report_t *r, const recs_identity_t *identity)
{
    uint64_t              who;
    unsigned              seen;
    recs_report_names_t   names;

    who = recs_report_hash(identity);

    if (who == 0) {
        return;
    }

    recs_report_back(r);
    recs_report_forget_judged(r);

    memset(&names, 0, sizeof(recs_report_names_t));
    recs_report_forget_whom(r, who, &names);
    recs_report_aliases(r, &names);
    seen = names.to[0] != 0;

    recs_report_people(r);
    r->turn++;

    /* ties are broken by who, too, so that all is counted anew */

    if (seen) {
        recs_report_recount(r, -1);
        recs_report_rename_all(r, &names);
    }

    /* of whom nothing was seen has no segment to be kept */

    recs_report_people_rename(r, &names);
    recs_report_pace_rename(r, &names);
    recs_report_names_clear(&names);
    recs_report_index(r);

    if (seen) {
        recs_report_recount(r, 1);
    }
}


void
recs_report_become(recs_report_t *r, const recs_report_alias_t *aliases,
    size_t count)
{
    size_t                i;
    recs_report_map_t     map;
    recs_report_names_t   names;

    memset(&map, 0, sizeof(recs_report_map_t));
    memset(&names, 0, sizeof(recs_report_names_t));

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
            recs_report_names_add(&names, recs_report_hash(&aliases[i].from),
                                  recs_report_hash(&aliases[i].to));
        }
    }

    recs_report_people_rename(r, &names);
    recs_report_pace_rename(r, &names);
    recs_report_names_clear(&names);
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
