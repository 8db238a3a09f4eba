/*
 * Copyright (C) recs authors
 *
 * Distinct identities instead of events keep one visitor, a bot or a
 * reseller's order from making a trend or a bestseller (algorithms.md 1.4,
 * 1.7).
 */

#include "demand.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>


/* Who is known by nothing, and what has no order, stands for itself. */

#define RECS_DEMAND_SESSION  (1ULL << 62)
#define RECS_DEMAND_EVENT    (1ULL << 63)


#define RECS_DEMAND_USUAL    9.0       /* more: nearly all are alone */


static inline unsigned recs_demand_takes(const recs_dataset_t *d,
    const recs_signals_t *s, unsigned signals, uint32_t region, uint64_t e);
static int recs_demand_by_key(const void *one, const void *two);
static int recs_demand_by_time(const void *one, const void *two);


void
recs_signals_init(recs_signals_t *s)
{
    const recs_event_type_t  *type;

    *s = (recs_signals_t) { .signal = { 0 } };

    for (type = recs_event_types; type->name; type++) {
        s->signal[type->code] = type->signal;
        s->weight[type->code] = recs_event_feedback(type, 0);

        if (type->signal & RECS_SIGNAL_RATING) {
            s->star[type->code] = recs_event_feedback(type, 4000);
        }
    }
}


void
recs_demand_rows(const recs_dataset_t *d, unsigned signals,
    recs_rows_t *rows)
{
    recs_demand_region(d, signals, RECS_NONE, rows);
}


void
recs_demand_region(const recs_dataset_t *d, unsigned signals,
    uint32_t region, recs_rows_t *rows)
{
    uint64_t        e;
    uint32_t        i;
    recs_signals_t  s;

    recs_signals_init(&s);

    rows->rows = d->items;
    rows->offsets = recs_calloc((size_t) d->items + 2, sizeof(uint64_t));

    for (e = 0; e < d->events; e++) {
        if (recs_demand_takes(d, &s, signals, region, e)) {
            rows->offsets[d->item[e] + 2]++;
        }
    }

    for (i = 2; i < d->items + 2; i++) {
        rows->offsets[i] += rows->offsets[i - 1];
    }

    rows->entries = recs_alloc(rows->offsets[d->items + 1]
                               * sizeof(uint32_t) + 1);

    for (e = 0; e < d->events; e++) {
        if (recs_demand_takes(d, &s, signals, region, e)) {
            rows->entries[rows->offsets[d->item[e] + 1]++] = e;
        }
    }
}


static inline unsigned
recs_demand_takes(const recs_dataset_t *d, const recs_signals_t *s,
    unsigned signals, uint32_t region, uint64_t e)
{
    return d->item[e] < d->items && (s->signal[d->type[e]] & signals)
           && (region == RECS_NONE
               || (d->region && d->region[e] == region + 1));
}


uint32_t
recs_demand_longest(const recs_rows_t *rows)
{
    uint32_t  i;
    uint64_t  longest;

    longest = 0;

    for (i = 0; i < rows->rows; i++) {
        longest = recs_max(longest, rows->offsets[i + 1] - rows->offsets[i]);
    }

    return longest;
}


uint32_t
recs_demand_votes(const recs_dataset_t *d, const uint32_t *events,
    uint32_t n, recs_demand_t *out)
{
    uint32_t  e, i, m;
    uint64_t  who;

    for (i = 0; i < n; i++) {
        e = events[i];

        if (d->user[e] != RECS_NONE) {
            who = (uint64_t) d->user[e] << 16;

        } else if (d->session[e] != RECS_NONE) {
            who = RECS_DEMAND_SESSION | (uint64_t) d->session[e] << 16;

        } else {
            who = RECS_DEMAND_EVENT | (uint64_t) e << 16;
        }

        out[i].key = who | ((d->time[e] / RECS_DAY) & 0xffff);
        out[i].time = d->time[e];
        out[i].units = 1;
        out[i].event = e;
    }

    qsort(out, n, sizeof(recs_demand_t), recs_demand_by_key);

    for (i = 0, m = 0; i < n; i++) {
        if (m == 0 || out[i].key != out[m - 1].key) {
            out[m++] = out[i];
        }
    }

    qsort(out, m, sizeof(recs_demand_t), recs_demand_by_time);

    return m;
}


uint32_t
recs_demand_units(const recs_dataset_t *d, const recs_signals_t *s,
    const uint32_t *events, uint32_t n, recs_demand_t *out)
{
    float                 q;
    uint32_t              e, i, m;
    const recs_detail_t  *detail;

    for (i = 0; i < n; i++) {
        e = events[i];
        detail = d->detail[e] != RECS_NONE ? &d->details[d->detail[e]] : NULL;

        q = detail ? (float) detail->quantity / RECS_MICRO : 1;

        if (s->signal[d->type[e]] & RECS_SIGNAL_REFUND) {
            q = -fabsf(q);
        }

        out[i].key = detail && detail->order != RECS_NONE
                     ? detail->order : RECS_DEMAND_EVENT | e;
        out[i].time = d->time[e];
        out[i].units = q;
        out[i].event = e;
    }

    qsort(out, n, sizeof(recs_demand_t), recs_demand_by_key);

    for (i = 0, m = 0; i < n; i++) {
        if (m && out[i].key == out[m - 1].key) {
            out[m - 1].units += out[i].units;

        } else {
            out[m++] = out[i];
        }
    }

    for (i = 0; i < m; i++) {
        q = fabsf(out[i].units);
        q = q > 1 ? 1 + log2f(q) : q;
        out[i].units = out[i].units < 0 ? -q : q;
    }

    qsort(out, m, sizeof(recs_demand_t), recs_demand_by_time);

    return m;
}


uint8_t *
recs_demand_singles(const recs_dataset_t *d)
{
    uint8_t            *single, *singles;
    uint32_t            first, r;
    uint64_t            e, to;
    const recs_rows_t  *rows;

    singles = recs_alloc((size_t) d->by_user.rows + d->by_session.rows + 1);
    single = singles;

    for (rows = &d->by_user; rows; rows = (rows == &d->by_user)
                                          ? &d->by_session : NULL)
    {
        for (r = 0; r < rows->rows; r++) {
            e = rows->offsets[r];
            to = rows->offsets[r + 1];
            first = (e < to) ? d->item[rows->entries[e]] : RECS_NONE;

            while (e < to && d->item[rows->entries[e]] == first) {
                e++;
            }

            *single++ = (e == to);
        }
    }

    return singles;
}


unsigned
recs_demand_alone(const recs_dataset_t *d, const uint8_t *singles,
    uint32_t event)
{
    if (d->user[event] != RECS_NONE) {
        return singles[d->user[event]];
    }

    return d->session[event] == RECS_NONE
           || singles[d->by_user.rows + d->session[event]];
}


uint32_t
recs_demand_usual(double usual, uint32_t others)
{
    if (usual > RECS_DEMAND_USUAL) {
        return UINT32_MAX;
    }

    return (uint32_t) (usual * others + .5);
}


uint32_t
recs_demand_now(const recs_dataset_t *d)
{
    int64_t  now;

    now = d->now_ms / 1000;

    return recs_max(0, recs_min(now, (int64_t) UINT32_MAX));
}


uint32_t
recs_demand_first(const recs_dataset_t *d)
{
    return d->events ? d->time[0] : recs_demand_now(d);
}


static int
recs_demand_by_key(const void *one, const void *two)
{
    const recs_demand_t  *a = one, *b = two;

    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }

    return recs_demand_by_time(one, two);
}


static int
recs_demand_by_time(const void *one, const void *two)
{
    const recs_demand_t  *a = one, *b = two;

    if (a->time != b->time) {
        return a->time < b->time ? -1 : 1;
    }

    if (a->units != b->units) {
        return a->units < b->units ? -1 : 1;
    }

    return (a->key > b->key) - (a->key < b->key);
}
