/*
 * Copyright (C) recs authors
 *
 * Searches: who looked for what when.  A row is an event with a query, the
 * query no more than its key.
 */

#include <stdlib.h>

#include "../../core/recs_hash.h"
#include "dataset_private.h"


static int recs_dataset_search_compare(const void *one, const void *two);


void
recs_dataset_search(recs_dataset_t *d, const recs_str_t *query,
    uint32_t time, uint32_t user, uint32_t session)
{
    uint64_t                 key;
    recs_search_t           *s;
    recs_dataset_private_t  *p;

    p = d->private;
    key = recs_key64_search(query->data, query->len);

    if (key == 0 || (user == RECS_NONE && session == RECS_NONE)
        || d->search_count == UINT32_MAX - 1)
    {
        return;
    }

    recs_grow(&d->searches, &p->searches_cap, (size_t) d->search_count + 1,
              sizeof(recs_search_t));

    s = &d->searches[d->search_count++];

    s->query = key;
    s->time = time;
    s->user = user;
    s->session = session;
}


/* By time, and those of before a login given to their user. */

void
recs_dataset_searches(recs_dataset_t *d)
{
    uint32_t                 i;
    recs_search_t           *s;
    const recs_owner_t      *owner;
    recs_dataset_private_t  *p;

    p = d->private;

    for (i = 0; i < d->search_count; i++) {
        s = &d->searches[i];

        if (s->session == RECS_NONE
            || (s->user != RECS_NONE && p->named[s->user]))
        {
            continue;
        }

        owner = &d->owners[s->session];

        if (recs_dataset_owns(p, owner, s->time)) {
            s->user = owner->user;
        }
    }

    if (d->search_count) {
        qsort(d->searches, d->search_count, sizeof(recs_search_t),
              recs_dataset_search_compare);
    }
}


static int
recs_dataset_search_compare(const void *one, const void *two)
{
    const recs_search_t  *a, *b;

    a = one;
    b = two;

    if (a->time != b->time) {
        return (a->time > b->time) - (a->time < b->time);
    }

    if (a->query != b->query) {
        return (a->query > b->query) - (a->query < b->query);
    }

    if (a->user != b->user) {
        return (a->user > b->user) - (a->user < b->user);
    }

    return (a->session > b->session) - (a->session < b->session);
}
