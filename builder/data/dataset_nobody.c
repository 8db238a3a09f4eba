/*
 * Copyright (C) recs authors
 *
 * Nobody has neither a user nor a session, since he refused to be known, and
 * may be anybody any number of times.  What nobody does to a product is
 * therefore at most what trust_nameless people do, on a day, and in a month
 * as much of what people do to it as is usual in the shop.  Orders and stars
 * are compared with orders and stars.
 *
 * A shop where most are nobody still knows what is popular: from who is not,
 * and from the days on which there was anybody at all.
 */

#include <stdlib.h>

#include "../../core/event/recs_event_type.h"
#include "../model/demand.h"
#include "dataset_trust.h"


static unsigned recs_trust_find_nobody(recs_trust_t *t);
static unsigned recs_trust_is_nobody(const recs_trust_t *t, uint32_t row);
static void recs_trust_daily(recs_trust_t *t, uint32_t person, uint32_t n);


void
recs_trust_nobody(recs_trust_t *t)
{
    if (!recs_trust_find_nobody(t)) {
        return;
    }

    t->nameless = 1;

    for (t->kind = 0; t->kind < RECS_TRUST_KINDS; t->kind++) {
        recs_trust_nameless(t, recs_trust_daily);

        if (t->config->trust_crowd > 0) {
            recs_trust_compare(t, RECS_TRUST_MONTH * RECS_DAY);
        }
    }

    recs_rows_free(&t->nobody);
}


/* Their rows by product; 0: there are none. */

static unsigned
recs_trust_find_nobody(recs_trust_t *t)
{
    uint32_t      i, products, row, rows;
    uint64_t      n;
    recs_rows_t  *by;

    by = &t->nobody;
    rows = (uint32_t) t->d->events;
    products = (uint32_t)
               ((recs_dataset_private_t *) t->d->private)->raw_count;

    for (row = 0, n = 0; row < rows; row++) {
        n += recs_trust_is_nobody(t, row);
    }

    if (n == 0) {
        return 0;
    }

    by->rows = products;
    by->offsets = recs_calloc((size_t) products + 2, sizeof(uint64_t));
    by->entries = recs_alloc(n * sizeof(uint32_t));

    for (row = 0; row < rows; row++) {
        if (recs_trust_is_nobody(t, row)) {
            by->offsets[t->d->item[row] + 2]++;
        }
    }

    for (i = 2; i < products + 2; i++) {
        by->offsets[i] += by->offsets[i - 1];
    }

    for (row = 0; row < rows; row++) {
        if (recs_trust_is_nobody(t, row)) {
            by->entries[by->offsets[t->d->item[row] + 1]++] = row;
        }
    }

    return 1;
}


/* What the shop's own files say of orders is true, whoever it was. */

static unsigned
recs_trust_is_nobody(const recs_trust_t *t, uint32_t row)
{
    uint32_t               detail;
    const recs_dataset_t  *d;

    d = t->d;

    if (d->user[row] != RECS_NONE || d->session[row] != RECS_NONE) {
        return 0;
    }

    detail = d->detail[row];

    return detail == RECS_NONE || !d->details[detail].imported;
}


recs_trust_kind_e
recs_trust_kind(const recs_trust_t *t, uint32_t row)
{
    unsigned  signal;

    signal = t->signal[t->d->type[row]];

    return (signal & RECS_SIGNALS_MONEY) ? RECS_TRUST_MONEY
           : (signal & RECS_SIGNAL_RATING) ? RECS_TRUST_STARS
           : RECS_TRUST_LOOKS;
}


void
recs_trust_nameless(recs_trust_t *t, recs_trust_person_pt visit)
{
    uint32_t            first, i, n, row;
    uint64_t            e;
    const recs_rows_t  *by;

    by = &t->nobody;
    first = t->d->by_user.rows + t->d->by_session.rows;

    for (i = 0; i < by->rows; i++) {
        n = 0;
        recs_grow(&t->rows, &t->rows_cap,
                  by->offsets[i + 1] - by->offsets[i], sizeof(uint32_t));

        for (e = by->offsets[i]; e < by->offsets[i + 1]; e++) {
            row = by->entries[e];

            if (t->doubt[row] == 0 && recs_trust_kind(t, row) == t->kind) {
                t->rows[n++] = row;
            }
        }

        if (n) {
            visit(t, first + i, n);
        }
    }
}


static void
recs_trust_daily(recs_trust_t *t, uint32_t person, uint32_t n)
{
    uint32_t  count, day, i, today;

    day = RECS_NONE;
    count = 0;

    for (i = 0; i < n; i++) {
        today = t->d->time[t->rows[i]] / RECS_DAY;
        count = (today == day) ? count + 1 : 1;
        day = today;

        if (count > t->config->trust_nameless) {
            t->doubt[t->rows[i]] = RECS_DOUBT_NAMELESS + 1;
        }
    }
}
