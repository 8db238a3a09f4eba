/*
 * Copyright (C) recs authors
 *
 * Whose a session is.  It decides who may read a history, so that only events
 * whose user was verified count, never what a visitor claims.
 */

#include "dataset_private.h"


static const recs_owner_t  recs_owner_none = { RECS_NONE, 0, 0 };


static recs_owner_t *
recs_dataset_owner(recs_dataset_t *d, uint32_t session)
{
    recs_dataset_private_t  *p;

    p = d->private;

    recs_grow(&d->owners, &p->owners_cap, (size_t) session + 1,
              sizeof(recs_owner_t));

    while (p->owner_count <= session) {
        d->owners[p->owner_count++] = recs_owner_none;
    }

    return &d->owners[session];
}


/* A user goes before a browser, then the latest one, however they arrive. */

void
recs_dataset_own(recs_dataset_t *d, uint32_t session, uint32_t user,
    uint32_t time)
{
    recs_owner_t            *owner;
    recs_dataset_private_t  *p;

    p = d->private;
    owner = recs_dataset_owner(d, session);

    if (owner->user == user) {
        owner->time = recs_max(owner->time, time);

    } else if (owner->user == RECS_NONE
               || p->named[user] > p->named[owner->user])
    {
        owner->user = user;
        owner->time = time;

    } else if (p->named[user] < p->named[owner->user]) {
        return;

    } else if (time >= owner->time) {
        owner->user = user;
        owner->since = owner->time;
        owner->time = time;

    } else {
        owner->since = recs_max(owner->since, time);
    }
}


/*
 * What was done in a session before its user logged in was done by that user:
 * rows without a userId, after the last event of another user.
 */

void
recs_dataset_owners(recs_dataset_t *d)
{
    uint32_t                 i, n;
    const recs_owner_t      *owner;
    recs_dataset_private_t  *p;

    p = d->private;
    n = recs_keys16_count(d->sessions);

    if (n) {
        (void) recs_dataset_owner(d, n - 1);
    }

    for (i = 0; i < d->events; i++) {

        if (d->session[i] == RECS_NONE
            || (d->user[i] != RECS_NONE && p->named[d->user[i]]))
        {
            continue;
        }

        owner = &d->owners[d->session[i]];

        if (recs_dataset_owns(p, owner, d->time[i])) {
            d->user[i] = owner->user;
        }
    }
}


unsigned
recs_dataset_owns(const recs_dataset_private_t *p, const recs_owner_t *owner,
    uint32_t time)
{
    return owner->user != RECS_NONE
           && p->named[owner->user]
           && time > owner->since
           && time <= owner->time;
}
