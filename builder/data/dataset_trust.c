/*
 * Copyright (C) recs authors
 *
 * Whom not to believe (reliability.md 3.4).  Rows of who is a program, of a
 * crowd that came for one product, and of nobody where they are too many, are
 * taken away before anything is counted; dataset.h says by which rules.
 */

#include <stdlib.h>

#include "../../core/event/recs_event_type.h"
#include "../model/demand.h"
#include "dataset_trust.h"


#define RECS_TRUST_MINUTE   60
#define RECS_TRUST_REPEAT   .9         /* share of a day's rows */
#define RECS_TRUST_RHYTHM   100        /* equal pauses, one after another, */
#define RECS_TRUST_PAUSE    3600       /* shorter than this */


const char *const  recs_doubts[RECS_DOUBT_MAX] = {
    "agent", "pace", "rhythm", "repeat", "crowd", "nameless", "unshown",
    "unsold"
};


static void recs_trust_judge(recs_trust_t *t, uint32_t person, uint32_t n);
static unsigned recs_trust_reason(recs_trust_t *t, uint32_t n);
static uint32_t recs_trust_look(recs_trust_t *t, uint32_t n);
static unsigned recs_trust_day(const recs_trust_t *t, uint32_t from,
    uint32_t to);


void
recs_dataset_trust(recs_dataset_t *d)
{
    uint32_t                  n, row, rows;
    recs_trust_t              t;
    const recs_event_type_t  *type;

    rows = (uint32_t) d->events;
    memset(&t, 0, sizeof(recs_trust_t));

    t.d = d;
    t.config = ((recs_dataset_private_t *) d->private)->config;

    if (!t.config->trust || rows == 0) {
        return;
    }

    for (type = recs_event_types; type->name; type++) {
        t.signal[type->code] = type->signal;
    }

    t.doubt = recs_calloc(rows, 1);

    recs_trust_people(&t, recs_trust_judge);
    recs_trust_crowds(&t);
    recs_trust_nobody(&t);

    for (row = 0, n = 0; row < rows; row++) {

        if (t.doubt[row]) {
            d->doubted[t.doubt[row] - 1]++;
            continue;
        }

        if (n != row) {
            recs_dataset_move(d, n, row);
        }

        n++;
    }

    if (n != rows) {
        d->events = n;

        recs_rows_free(&d->by_user);
        recs_rows_free(&d->by_session);
        recs_dataset_index(d);
    }

    free(t.doubt);
    free(t.rows);
    free(t.looks);
    free(t.visits);
}


uint64_t
recs_dataset_doubted(const recs_dataset_t *d)
{
    uint64_t  n;
    unsigned  i;

    for (i = 0, n = 0; i < RECS_DOUBT_MAX; i++) {
        n += d->doubted[i];
    }

    return n;
}


void
recs_trust_people(recs_trust_t *t, recs_trust_person_pt visit)
{
    uint32_t            n, person, r, row;
    uint64_t            e;
    const recs_rows_t  *rows;

    person = 0;

    for (rows = &t->d->by_user; rows; rows = (rows == &t->d->by_user)
                                             ? &t->d->by_session : NULL)
    {
        for (r = 0; r < rows->rows; r++, person++) {
            n = 0;
            recs_grow(&t->rows, &t->rows_cap,
                      rows->offsets[r + 1] - rows->offsets[r],
                      sizeof(uint32_t));

            for (e = rows->offsets[r]; e < rows->offsets[r + 1]; e++) {
                row = rows->entries[e];

                if (t->doubt[row] == 0
                    && (rows == &t->d->by_user
                        || t->d->user[row] == RECS_NONE))
                {
                    t->rows[n++] = row;
                }
            }

            if (n) {
                visit(t, person, n);
            }
        }
    }
}


static void
recs_trust_judge(recs_trust_t *t, uint32_t person, uint32_t n)
{
    uint32_t  i;
    unsigned  reason;

    reason = recs_trust_reason(t, n);

    for (i = 0; reason && i < n; i++) {
        t->doubt[t->rows[i]] = (uint8_t) reason;
    }
}


/*
 * recs_doubt_e + 1, 0: none.  What has one time is one batch of whoever
 * reports it, and counts once.
 */

static unsigned
recs_trust_reason(recs_trust_t *t, uint32_t n)
{
    uint32_t         count, i, k, rhythm;
    unsigned         reason;
    const uint32_t  *row, *time;

    time = t->d->time;
    count = recs_trust_look(t, n);
    row = t->looks;

    for (i = 0, rhythm = 0; i < count; i++) {

        if (i + 1 >= t->config->trust_minute
            && time[row[i]] - time[row[i + 1 - t->config->trust_minute]]
               < RECS_TRUST_MINUTE)
        {
            return RECS_DOUBT_PACE + 1;
        }

        rhythm = (i > 1 && time[row[i]] - time[row[i - 1]]
                           == time[row[i - 1]] - time[row[i - 2]])
                 ? rhythm + 1 : 0;

        if (rhythm == RECS_TRUST_RHYTHM
            && time[row[i]] - time[row[i - 1]] < RECS_TRUST_PAUSE)
        {
            return RECS_DOUBT_RHYTHM + 1;
        }
    }

    for (i = 0; i < count; i = k) {
        for (k = i + 1; k < count && time[row[k]] / RECS_DAY
                                     == time[row[i]] / RECS_DAY; k++)
        {
            /* void */
        }

        reason = recs_trust_day(t, i, k);

        if (reason) {
            return reason;
        }
    }

    return 0;
}


/* Those of a person's rows that are looks, one a second. */

static uint32_t
recs_trust_look(recs_trust_t *t, uint32_t n)
{
    uint32_t  count, i, row;
    unsigned  signal;

    recs_grow(&t->looks, &t->looks_cap, n, sizeof(uint32_t));

    for (i = 0, count = 0; i < n; i++) {
        row = t->rows[i];
        signal = t->signal[t->d->type[row]];

        /* money is moved by the shop, in as many lines as there are */

        if (!(signal & RECS_SIGNALS_INTEREST)
            || (signal & RECS_SIGNALS_MONEY)
            || (count && t->d->time[t->looks[count - 1]] == t->d->time[row]))
        {
            continue;
        }

        t->looks[count++] = row;
    }

    return count;
}


/* The looks [from, to) are those of one day. */

static unsigned
recs_trust_day(const recs_trust_t *t, uint32_t from, uint32_t to)
{
    uint32_t         i, item, most, run;
    const uint32_t  *row;

    if (to - from >= t->config->trust_day) {
        return RECS_DOUBT_PACE + 1;
    }

    if (to - from < t->config->trust_repeat) {
        return 0;
    }

    /* what most are, if most are one (Boyer and Moore 1981) */

    row = t->looks;
    item = RECS_NONE;

    for (i = from, run = 0; i < to; i++) {

        if (run == 0) {
            item = t->d->item[row[i]];
        }

        run += (t->d->item[row[i]] == item) ? 1 : -1;
    }

    for (i = from, most = 0; i < to; i++) {
        most += t->d->item[row[i]] == item;
    }

    return (most >= t->config->trust_repeat
            && most >= RECS_TRUST_REPEAT * (to - from))
           ? RECS_DOUBT_REPEAT + 1 : 0;
}
