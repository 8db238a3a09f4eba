/*
 * Copyright (C) recs authors
 *
 * Whom not to believe (reliability.md 3.4).  Rows of who is a program, or
 * belongs to a crowd that came for one product, are taken away before
 * anything is counted; dataset.h says by which rules.
 */

#include <stdlib.h>

#include "../../core/event/recs_event_type.h"
#include "../../core/recs_hash.h"
#include "../model/demand.h"
#include "dataset_private.h"


#define RECS_TRUST_MINUTE   60
#define RECS_TRUST_REPEAT   .9         /* share of a day's rows */
#define RECS_TRUST_RHYTHM   100        /* equal pauses, one after another, */
#define RECS_TRUST_PAUSE    3600       /* shorter than this */
#define RECS_TRUST_FEW      2.0        /* of one product that nobody doubts */
#define RECS_TRUST_MONTH    28         /* days */


const char *const  recs_doubts[RECS_DOUBT_MAX] = {
    "agent", "pace", "rhythm", "repeat", "crowd", "unshown", "unsold"
};


/* A day of a person who knows one product only. */

typedef struct {
    uint64_t              key;         /* item and period */
    uint64_t              lot;         /* who of too many is believed */
    uint64_t              who;         /* person and day */
} recs_trust_visit_t;


typedef struct {
    recs_dataset_t       *d;
    const recs_config_t  *config;
    uint16_t              signal[256];
    uint8_t              *doubt;       /* by row: recs_doubt_e + 1 */
    uint32_t             *rows;        /* of one person, oldest first */
    size_t                rows_cap;
    uint32_t             *looks;       /* of them, see recs_trust_look() */
    size_t                looks_cap;
    recs_trust_visit_t   *visits;
    size_t                visits_cap;
    size_t                count;

    uint32_t              period;      /* seconds */
    uint64_t             *keys;        /* of visits, ascending, once each */
    uint32_t             *others;      /* days of who knows more, by key */
    uint64_t             *last;        /* of them counted last, by key */
    size_t                key_count;
    double                all;         /* days of who knows more */
} recs_trust_t;


typedef void (*recs_trust_person_pt)(recs_trust_t *t, uint32_t person,
    uint32_t n);


static void recs_trust_people(recs_trust_t *t, recs_trust_person_pt visit);
static void recs_trust_judge(recs_trust_t *t, uint32_t person, uint32_t n);
static unsigned recs_trust_reason(recs_trust_t *t, uint32_t n);
static uint32_t recs_trust_look(recs_trust_t *t, uint32_t n);
static unsigned recs_trust_day(const recs_trust_t *t, uint32_t from,
    uint32_t to);
static void recs_trust_crowds(recs_trust_t *t, uint32_t period);
static void recs_trust_note(recs_trust_t *t, uint32_t person, uint32_t n);
static unsigned recs_trust_paid(const recs_trust_t *t, uint32_t person);
static unsigned recs_trust_single(const recs_trust_t *t, uint32_t n);
static void recs_trust_keys(recs_trust_t *t);
static void recs_trust_other(recs_trust_t *t, uint32_t person, uint32_t n);
static void recs_trust_crowd(recs_trust_t *t, uint32_t person, uint32_t n);
static size_t recs_trust_find(const recs_trust_t *t, uint64_t key);
static int recs_trust_compare(const void *one, const void *other);


#define recs_trust_key(t, row)                                               \
    ((uint64_t) (t)->d->item[row] << 32 | (t)->d->time[row] / (t)->period)

#define recs_trust_who(t, person, row)                                       \
    ((uint64_t) (person) << 32 | (t)->d->time[row] / RECS_DAY)


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

    if (t.config->trust_crowd > 0) {
        recs_trust_crowds(&t, RECS_TRUST_MONTH * RECS_DAY);
        recs_trust_crowds(&t, RECS_DAY);
    }

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


/* Users, then sessions of nobody: their rows that are not doubted yet. */

static void
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


/* Of who knows one product only it is noted when; then it is compared. */

static void
recs_trust_crowds(recs_trust_t *t, uint32_t period)
{
    t->period = period;
    t->count = 0;
    t->all = 0;

    recs_trust_people(t, recs_trust_note);
    recs_trust_keys(t);
    recs_trust_people(t, recs_trust_other);
    recs_trust_people(t, recs_trust_crowd);

    free(t->keys);
    free(t->others);
    free(t->last);
}


static void
recs_trust_note(recs_trust_t *t, uint32_t person, uint32_t n)
{
    uint32_t             i;
    uint64_t             last, who;
    recs_trust_visit_t  *v;

    if (!recs_trust_single(t, n) || recs_trust_paid(t, person)) {
        return;
    }

    last = UINT64_MAX;

    recs_grow(&t->visits, &t->visits_cap, t->count + n,
              sizeof(recs_trust_visit_t));

    for (i = 0; i < n; i++) {
        who = recs_trust_who(t, person, t->rows[i]);

        if (who != last) {
            last = who;
            v = &t->visits[t->count++];
            v->key = recs_trust_key(t, t->rows[i]);
            v->who = who;
            v->lot = recs_key64(&who, sizeof(who));
        }
    }
}


/* What the shop's own files say of orders is no crowd's doing. */

static unsigned
recs_trust_paid(const recs_trust_t *t, uint32_t person)
{
    uint32_t                       users;
    const recs_dataset_private_t  *p;

    p = t->d->private;
    users = t->d->by_user.rows;

    return (person < users)
           ? person < p->paid_cap[0] && p->paid[0][person]
           : person - users < p->paid_cap[1] && p->paid[1][person - users];
}


static unsigned
recs_trust_single(const recs_trust_t *t, uint32_t n)
{
    uint32_t  i;

    for (i = 1; i < n; i++) {
        if (t->d->item[t->rows[i]] != t->d->item[t->rows[0]]) {
            return 0;
        }
    }

    return 1;
}


static void
recs_trust_keys(recs_trust_t *t)
{
    size_t  i;

    if (t->count) {
        qsort(t->visits, t->count, sizeof(recs_trust_visit_t),
              recs_trust_compare);
    }

    t->keys = recs_alloc(t->count * sizeof(uint64_t) + 1);
    t->key_count = 0;

    for (i = 0; i < t->count; i++) {
        if (i == 0 || t->visits[i].key != t->visits[i - 1].key) {
            t->keys[t->key_count++] = t->visits[i].key;
        }
    }

    t->others = recs_calloc(t->key_count + 1, sizeof(uint32_t));
    t->last = recs_calloc(t->key_count + 1, sizeof(uint64_t));
}


/* Who knows several products counts once for each of them on a day. */

static void
recs_trust_other(recs_trust_t *t, uint32_t person, uint32_t n)
{
    size_t    at;
    uint32_t  i, item, last;
    uint64_t  who, day;

    if (recs_trust_single(t, n)) {
        return;
    }

    day = 0;
    last = RECS_NONE;

    for (i = 0; i < n; i++) {
        who = recs_trust_who(t, person, t->rows[i]) + 1;
        item = t->d->item[t->rows[i]];
        t->all += (who != day || item != last);
        day = who;
        last = item;

        at = recs_trust_find(t, recs_trust_key(t, t->rows[i]));

        if (at < t->key_count && t->last[at] != who) {
            t->last[at] = who;
            t->others[at]++;
        }
    }
}


/*
 * A product may have as many people of its own as products have in this
 * shop, times trust_crowd; of more than that some are believed, by lot.
 */

static void
recs_trust_crowd(recs_trust_t *t, uint32_t person, uint32_t n)
{
    size_t               at;
    double               most, usual;
    uint32_t             i;
    recs_trust_visit_t   visit, *v;

    if (t->all == 0 || !recs_trust_single(t, n) || recs_trust_paid(t, person))
    {
        return;
    }

    usual = recs_max(t->count / t->all * t->config->trust_crowd, .5);

    for (i = 0; i < n; i++) {
        visit.key = recs_trust_key(t, t->rows[i]);
        visit.who = recs_trust_who(t, person, t->rows[i]);
        visit.lot = recs_key64(&visit.who, sizeof(visit.who));

        at = recs_trust_find(t, visit.key);
        most = RECS_TRUST_FEW + usual * (t->others[at] + .5);

        /* "most" visits on behind the first one of the key */

        v = bsearch(&visit, t->visits, t->count, sizeof(recs_trust_visit_t),
                    recs_trust_compare);

        if ((double) (v - t->visits) >= most
            && v[-(ptrdiff_t) most].key == visit.key)
        {
            t->doubt[t->rows[i]] = RECS_DOUBT_CROWD + 1;
        }
    }
}


static size_t
recs_trust_find(const recs_trust_t *t, uint64_t key)
{
    size_t  from, middle, to;

    for (from = 0, to = t->key_count; from < to; /* void */) {
        middle = (from + to) / 2;

        if (t->keys[middle] < key) {
            from = middle + 1;

        } else {
            to = middle;
        }
    }

    return (from < t->key_count && t->keys[from] == key) ? from
                                                         : t->key_count;
}


static int
recs_trust_compare(const void *one, const void *other)
{
    const recs_trust_visit_t  *a, *b;

    a = one;
    b = other;

    if (a->key != b->key) {
        return (a->key > b->key) ? 1 : -1;
    }

    if (a->lot != b->lot) {
        return (a->lot > b->lot) ? 1 : -1;
    }

    return (a->who > b->who) - (a->who < b->who);
}
