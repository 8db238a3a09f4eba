/*
 * Copyright (C) recs authors
 */

#include "../../core/event/recs_event_type.h"
#include "../model/demand.h"
#include "select.h"

#include <stdlib.h>
#include <string.h>


#define RECS_SELECT_RIGHT    200     /* most right answers of a question */


typedef struct {
    const recs_dataset_t  *d;
    uint32_t               cut;
    recs_signals_t         signals;
    uint32_t              *stamp;    /* by item */
    uint32_t               turn;
    uint64_t               keys[RECS_SELECT_RIGHT];
} recs_select_ctx_t;


static void recs_select_init(recs_select_ctx_t *s, const recs_dataset_t *d,
    uint32_t cut);
static int recs_select_counts(const recs_select_ctx_t *s, uint32_t event);
static void recs_select_user(recs_select_ctx_t *s, uint32_t user,
    recs_cases_t *cases);
static int recs_select_session(recs_select_ctx_t *s, uint32_t session,
    recs_cases_t *cases);
static uint32_t recs_select_step(uint32_t rows, uint32_t *first);


void
recs_select_users(const recs_dataset_t *d, const recs_dataset_t *part,
    uint32_t cut, uint32_t max, recs_cases_t *cases)
{
    uint32_t           i, n, user, step;
    recs_select_ctx_t  s;

    recs_select_init(&s, d, cut);
    n = d->by_user.rows;
    step = recs_select_step(n, &user);

    for (i = 0; i < n && cases->count < max; i++) {
        if (part->by_user.offsets[user] != part->by_user.offsets[user + 1]) {
            recs_select_user(&s, user, cases);
        }

        user = (uint32_t) (((uint64_t) user + step) % n);
    }

    free(s.stamp);
}


void
recs_select_sessions(const recs_dataset_t *d, const recs_dataset_t *part,
    uint32_t cut, uint32_t max, recs_cases_t *cases)
{
    uint32_t           i, n, done, session, step;
    recs_select_ctx_t  s;

    recs_select_init(&s, d, cut);
    n = d->by_session.rows;
    step = recs_select_step(n, &session);

    for (i = 0, done = 0;
         i < n && done < max && cases->count / RECS_SELECT_CLICKS < max;
         i++)
    {
        done += recs_select_session(&s, session, cases);
        session = (uint32_t) (((uint64_t) session + step) % n);
    }

    free(s.stamp);
}


static void
recs_select_init(recs_select_ctx_t *s, const recs_dataset_t *d, uint32_t cut)
{
    memset(s, 0, sizeof(recs_select_ctx_t));

    s->d = d;
    s->cut = cut;
    s->stamp = recs_calloc((size_t) d->items + 1, sizeof(uint32_t));
    recs_signals_init(&s->signals);
}


/*
 * A stride that has no divisor in common with "rows" visits every row once,
 * as good as drawn.
 */

static uint32_t
recs_select_step(uint32_t rows, uint32_t *first)
{
    uint32_t  a, b, t, step;

    *first = 0;

    for (step = rows / 3 * 2 + 1; rows; step++) {

        for (a = step, b = rows; b; a = t) {
            t = b;
            b = a % b;
        }

        if (a == 1) {
            break;
        }
    }

    return step;
}


static int
recs_select_counts(const recs_select_ctx_t *s, uint32_t event)
{
    return s->d->item[event] != RECS_NO_ITEM
           && (s->signals.signal[s->d->type[event]] & RECS_SIGNALS_INTEREST);
}


/* What is new to a user who is known. */

static void
recs_select_user(recs_select_ctx_t *s, uint32_t user, recs_cases_t *cases)
{
    uint32_t               n, event, item, known;
    uint64_t               e;
    recs_case_t            one;
    const recs_dataset_t  *d;

    d = s->d;
    s->turn++;
    n = 0;
    known = 0;

    for (e = d->by_user.offsets[user]; e < d->by_user.offsets[user + 1]; e++)
    {
        event = d->by_user.entries[e];
        item = d->item[event];

        if (!recs_select_counts(s, event) || s->stamp[item] == s->turn) {
            continue;
        }

        s->stamp[item] = s->turn;

        if (d->time[event] < s->cut) {
            known++;

        } else if (n < RECS_SELECT_RIGHT) {
            s->keys[n++] = d->products[item].key64;
        }
    }

    if (known == 0 || n == 0) {
        return;
    }

    memset(&one, 0, sizeof(one));
    one.keys[RECS_CASE_RIGHT] = s->keys;
    one.counts[RECS_CASE_RIGHT] = n;
    one.asker = recs_keys16_get(d->users, user);
    one.group = cases->count;

    recs_cases_add(cases, &one);
}


/* Each click of a session that began after the cut, from those before it. */

static int
recs_select_session(recs_select_ctx_t *s, uint32_t session,
    recs_cases_t *cases)
{
    uint32_t               i, n, first, event;
    uint64_t               e;
    recs_case_t            one;
    const recs_dataset_t  *d;

    d = s->d;
    n = 0;

    for (e = d->by_session.offsets[session];
         e < d->by_session.offsets[session + 1] && n < RECS_SELECT_RIGHT;
         e++)
    {
        event = d->by_session.entries[e];

        if (d->time[event] < s->cut) {
            return 0;
        }

        if (recs_select_counts(s, event)) {
            s->keys[n++] = d->products[d->item[event]].key64;
        }
    }

    if (n < 2) {
        return 0;
    }

    memset(&one, 0, sizeof(one));
    one.group = cases->group_count;

    for (i = 1; i < n; i++) {
        first = (i > RECS_SESSION_MAX) ? i - RECS_SESSION_MAX : 0;

        one.keys[RECS_CASE_SESSION] = &s->keys[first];
        one.counts[RECS_CASE_SESSION] = i - first;
        one.keys[RECS_CASE_RIGHT] = &s->keys[i];
        one.counts[RECS_CASE_RIGHT] = 1;

        recs_cases_add(cases, &one);
    }

    return 1;
}
