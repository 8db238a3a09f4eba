/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "erase.h"


/*
 * The first reading finds who the users were under keys that are gone, the
 * second sessions and browsers of the users, the third which of them are
 * somebody else's as well and sessions of these browsers without a user, the
 * last which of those are somebody else's.
 */

typedef struct {
    recs_erase_who_t  *who;
    unsigned           round;
} recs_who_t;


static int recs_who_event(void *ctx, const recs_event_t *e,
    recs_error_t *err);
static void recs_who_formers(recs_erase_who_t *who, const recs_event_t *e);
static void recs_who_link(recs_erase_who_t *who, const recs_event_t *e);
static void recs_who_share(recs_erase_who_t *who, const recs_identity_t *id);
static uint32_t recs_who_add(recs_erase_who_t *who, uint8_t kind,
    const recs_identity_t *id);
static int recs_who_is(const recs_erase_who_t *who,
    const recs_identity_t *id);


int
recs_erase_who(recs_erase_who_t *who, const recs_erase_ask_t *asks,
    size_t count, recs_erase_each_pt each, void *ctx, recs_error_t *e)
{
    size_t      i;
    unsigned    n;
    recs_who_t  w;

    memset(who, 0, sizeof(recs_erase_who_t));
    who->keys = recs_keys16_create();

    for (i = 0; i < count; i++) {
        for (n = 0; n < asks[i].count; n++) {
            (void) recs_who_add(who, asks[i].kinds[n], &asks[i].who[n]);
        }
    }

    w.who = who;

    for (w.round = 0; w.round < 4; w.round++) {

        if (w.round == 1) {
            who->asked = recs_keys16_count(who->keys);
        }

        if (each(ctx, recs_who_event, &w, e) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


void
recs_erase_who_free(recs_erase_who_t *who)
{
    if (who->keys) {
        recs_keys16_destroy(who->keys);
    }

    free(who->kinds);
    free(who->shared);
    memset(who, 0, sizeof(recs_erase_who_t));
}


static int
recs_who_event(void *ctx, const recs_event_t *e, recs_error_t *err)
{
    int          known, theirs;
    recs_who_t  *w;

    w = ctx;
    known = recs_identity_known(&e->user);
    theirs = known && recs_who_is(w->who, &e->user);

    if (w->round < 2) {

        if (theirs && w->round == 0) {
            recs_who_formers(w->who, e);

        } else if (theirs) {
            recs_who_link(w->who, e);
        }

        return RECS_OK;
    }

    if (known && !theirs) {
        recs_who_share(w->who, &e->session);
        recs_who_share(w->who, &e->anonymous);
        return RECS_OK;
    }

    if (!known && w->round == 2 && recs_who_is(w->who, &e->anonymous)) {
        (void) recs_who_add(w->who, RECS_KIND_SESSION, &e->session);
    }

    return RECS_OK;
}


static void
recs_who_formers(recs_erase_who_t *who, const recs_event_t *e)
{
    unsigned  i;

    for (i = 0; i < RECS_FORMERS; i++) {
        (void) recs_who_add(who, RECS_KIND_USER, &e->formers[0][i]);
    }
}


static void
recs_who_link(recs_erase_who_t *who, const recs_event_t *e)
{
    (void) recs_who_add(who, RECS_KIND_SESSION, &e->session);
    (void) recs_who_add(who, RECS_KIND_ANONYMOUS, &e->anonymous);
}


static void
recs_who_share(recs_erase_who_t *who, const recs_identity_t *id)
{
    uint32_t  n;

    n = recs_keys16_find(who->keys, id->bytes);

    if (n != RECS_NONE && n >= who->asked) {
        who->shared[n] = 1;
    }
}


static uint32_t
recs_who_add(recs_erase_who_t *who, uint8_t kind, const recs_identity_t *id)
{
    uint32_t  n, count;

    if (!recs_identity_known(id)) {
        return RECS_NONE;
    }

    count = recs_keys16_count(who->keys);
    n = recs_keys16_add(who->keys, id->bytes);

    if (n == count) {
        recs_grow(&who->kinds, &who->kinds_cap, (size_t) n + 1, 1);
        recs_grow(&who->shared, &who->shared_cap, (size_t) n + 1, 1);
        who->kinds[n] = kind;
        who->shared[n] = 0;
    }

    return n;
}


static int
recs_who_is(const recs_erase_who_t *who, const recs_identity_t *id)
{
    uint32_t  n;

    if (!recs_identity_known(id)) {
        return 0;
    }

    n = recs_keys16_find(who->keys, id->bytes);

    return n != RECS_NONE && !who->shared[n];
}


int
recs_erase_theirs(const recs_erase_who_t *who, const recs_event_t *e)
{
    return recs_who_is(who, &e->user) || recs_who_is(who, &e->session)
           || recs_who_is(who, &e->anonymous);
}


/*
 * An identity begins with the number of a key, of which there are few: what
 * does not is passed over.
 */

int
recs_erase_bytes(const recs_erase_who_t *who, const void *data, size_t len)
{
    size_t          i;
    uint32_t        n, count;
    uint8_t         first[256], second[256];
    const uint8_t  *p;

    memset(first, 0, sizeof(first));
    memset(second, 0, sizeof(second));

    count = recs_keys16_count(who->keys);
    p = data;

    for (n = 0; n < count; n++) {
        first[recs_keys16_get(who->keys, n)[0]] = 1;
        second[recs_keys16_get(who->keys, n)[1]] = 1;
    }

    for (i = 0; i + RECS_IDENTITY_SIZE <= len; i++) {

        if (!first[p[i]] || !second[p[i + 1]]) {
            continue;
        }

        n = recs_keys16_find(who->keys, p + i);

        if (n != RECS_NONE && !who->shared[n]) {
            return 1;
        }
    }

    return 0;
}
