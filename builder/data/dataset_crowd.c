/*
 * Copyright (C) recs authors
 *
 * Crowds: those who come for one product, against those who know others, too
 * (reliability.md 3.4).
 */

#include <stdlib.h>

#include "../../core/event/recs_event_type.h"
#include "../../core/recs_hash.h"
#include "../model/demand.h"
#include "dataset_trust.h"


#define RECS_TRUST_FEW      2.0        /* of one product that nobody doubts */


static void recs_trust_note(recs_trust_t *t, uint32_t person, uint32_t n);
static unsigned recs_trust_alone(const recs_trust_t *t, uint32_t person,
    uint32_t n);
static unsigned recs_trust_paid(const recs_trust_t *t, uint32_t person);
static unsigned recs_trust_single(const recs_trust_t *t, uint32_t n);
static void recs_trust_keys(recs_trust_t *t);
static void recs_trust_other(recs_trust_t *t, uint32_t person, uint32_t n);
static void recs_trust_crowd(recs_trust_t *t, uint32_t person, uint32_t n);
static size_t recs_trust_find(const recs_trust_t *t, uint64_t key);
static int recs_trust_by_key(const void *one, const void *other);


#define recs_trust_key(t, row)                                               \
    ((uint64_t) (t)->d->item[row] << 32 | (t)->d->time[row] / (t)->period)

#define recs_trust_who(t, person, row)                                       \
    ((uint64_t) (person) << 32 | (t)->d->time[row] / RECS_DAY)


void
recs_trust_crowds(recs_trust_t *t)
{
    if (t->config->trust_crowd > 0) {
        recs_trust_compare(t, RECS_TRUST_MONTH * RECS_DAY);
        recs_trust_compare(t, RECS_DAY);
    }
}


/* Of who knows one product only it is noted when; then it is compared. */

void
recs_trust_compare(recs_trust_t *t, uint32_t period)
{
    void (*each)(recs_trust_t *t, recs_trust_person_pt visit);

    each = t->nameless ? recs_trust_nameless : recs_trust_people;

    t->period = period;
    t->count = 0;
    t->all = 0;

    each(t, recs_trust_note);
    recs_trust_keys(t);
    recs_trust_people(t, recs_trust_other);
    each(t, recs_trust_crowd);

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

    if (!recs_trust_alone(t, person, n)) {
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


static unsigned
recs_trust_alone(const recs_trust_t *t, uint32_t person, uint32_t n)
{
    return t->nameless
           || (recs_trust_single(t, n) && !recs_trust_paid(t, person));
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
              recs_trust_by_key);
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

    if (recs_trust_single(t, n)
        && !(t->nameless && recs_trust_paid(t, person)))
    {
        return;
    }

    day = 0;
    last = RECS_NONE;

    for (i = 0; i < n; i++) {

        if (t->nameless && recs_trust_kind(t, t->rows[i]) != t->kind) {
            continue;
        }

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
 * Nobody is compared with those only who are there: half of one of them would
 * be many where most are nobody.
 */

static void
recs_trust_crowd(recs_trust_t *t, uint32_t person, uint32_t n)
{
    size_t               at;
    double               most, usual;
    uint32_t             i;
    recs_trust_visit_t   visit, *v;

    if (t->all == 0 || !recs_trust_alone(t, person, n)) {
        return;
    }

    usual = recs_max(t->count / t->all * t->config->trust_crowd, .5);

    for (i = 0; i < n; i++) {
        visit.key = recs_trust_key(t, t->rows[i]);
        visit.who = recs_trust_who(t, person, t->rows[i]);
        visit.lot = recs_key64(&visit.who, sizeof(visit.who));

        at = recs_trust_find(t, visit.key);
        most = RECS_TRUST_FEW
               + usual * (t->others[at] + (t->nameless ? 0 : .5));

        /* "most" visits on behind the first one of the key */

        v = bsearch(&visit, t->visits, t->count, sizeof(recs_trust_visit_t),
                    recs_trust_by_key);

        if ((double) (v - t->visits) >= most
            && v[-(ptrdiff_t) most].key == visit.key)
        {
            t->doubt[t->rows[i]] = t->nameless ? RECS_DOUBT_NAMELESS + 1
                                               : RECS_DOUBT_CROWD + 1;
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
recs_trust_by_key(const void *one, const void *other)
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
