/*
 * Copyright (C) recs authors
 *
 * Keys that rotate.  Whoever comes back under the new key brings the identity
 * of the key before (recs_event.h): what was done under that one was done by
 * the same person, and their history moves.  Who does not come back is in a
 * snapshot under the old key as long as it is in the key file.
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/event/recs_identity.h"
#include "dataset_private.h"


#define RECS_FORMER_STEPS  16    /* rotations that are followed */


static uint32_t recs_dataset_now(const uint32_t *now, uint32_t user);


void
recs_dataset_former(recs_dataset_t *d, const recs_event_t *e, uint32_t user)
{
    unsigned                 i, which;
    uint32_t                 n, count;
    recs_dataset_private_t  *p;

    p = d->private;
    which = recs_identity_known(&e->user) ? 0 : 1;

    for (i = 0; i < RECS_FORMERS; i++) {

        if (!recs_identity_known(&e->formers[which][i])) {
            continue;
        }

        if (p->formers == NULL) {
            p->formers = recs_keys16_create();
        }

        count = recs_keys16_count(p->formers);
        n = recs_keys16_add(p->formers, e->formers[which][i].bytes);

        if (n == count) {
            recs_grow(&p->former_user, &p->former_cap, (size_t) n + 1,
                      sizeof(uint32_t));
            p->former_user[n] = user;
        }
    }
}


/* Before rows are sorted: those of the old identity become the new one's. */

void
recs_dataset_formers(recs_dataset_t *d)
{
    uint32_t                 i, n, users, old, *now;
    recs_dataset_private_t  *p;

    p = d->private;

    if (p->formers == NULL) {
        return;
    }

    users = recs_keys16_count(d->users);
    now = recs_alloc((size_t) users * sizeof(uint32_t) + 1);

    for (i = 0; i < users; i++) {
        now[i] = i;
    }

    n = recs_keys16_count(p->formers);

    for (i = 0; i < n; i++) {
        old = recs_keys16_find(d->users, recs_keys16_get(p->formers, i));

        if (old != RECS_NONE && old != p->former_user[i]) {
            now[old] = p->former_user[i];
        }
    }

    for (i = 0; i < d->events; i++) {
        d->user[i] = recs_dataset_now(now, d->user[i]);
    }

    for (i = 0; i < p->owner_count; i++) {
        d->owners[i].user = recs_dataset_now(now, d->owners[i].user);
    }

    for (i = 0; i < d->search_count; i++) {
        d->searches[i].user = recs_dataset_now(now, d->searches[i].user);
    }

    for (i = 0; i < users && i < p->paid_cap[0]; i++) {
        old = recs_dataset_now(now, i);

        if (p->paid[0][i] && old != i && old < p->paid_cap[0]) {
            p->paid[0][old] = 1;
        }
    }

    free(now);
    free(p->former_user);
    recs_keys16_destroy(p->formers);
    p->formers = NULL;
    p->former_user = NULL;
}


/* A chain may be a circle: an old key was put back. */

static uint32_t
recs_dataset_now(const uint32_t *now, uint32_t user)
{
    unsigned  i;

    if (user == RECS_NONE) {
        return RECS_NONE;
    }

    for (i = 0; i < RECS_FORMER_STEPS && now[user] != user; i++) {
        user = now[user];
    }

    return user;
}


unsigned
recs_dataset_keeps(const recs_dataset_t *d, const uint8_t *identity)
{
    long                           i;
    const recs_config_t           *c;
    const recs_dataset_private_t  *p;

    p = d->private;
    c = p ? p->config : NULL;

    if (c == NULL || c->key_count == 0) {
        return 1;
    }

    for (i = 0; i < c->key_count; i++) {
        if (c->key_numbers[i] == identity[0]) {
            return 1;
        }
    }

    return 0;
}
