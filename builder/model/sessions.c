/*
 * Copyright (C) recs authors
 *
 * The sessions behind SESSION, and the posting lists of session k-NN
 * (Kersbergen et al., Serenade, SIGMOD 2022, 3.1): of each item its latest
 * sessions.  Of sessions that end at one time the later is the one whose
 * first event came later.
 *
 * Memory: 4 bytes a click kept, twice, and 16 a session and an item.
 */

#include "demand.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_SESSION_ITEMS  200


typedef struct {
    uint32_t  session;
    uint32_t  time;
    uint32_t  count;             /* events that count */
} recs_session_end_t;


static uint64_t recs_sessions_next(const recs_dataset_t *d,
    const recs_signals_t *signals, uint64_t e, uint64_t end, uint32_t *last);
static uint32_t recs_sessions_collect(const recs_dataset_t *d,
    const recs_signals_t *signals, recs_session_end_t *ends);
static int recs_sessions_later(const void *one, const void *two);
static void recs_sessions_fill(const recs_dataset_t *d,
    const recs_signals_t *signals, const recs_session_end_t *ends,
    recs_sessions_t *s);
static void recs_sessions_idf(recs_sessions_t *s, uint32_t items);
static void recs_sessions_postings(recs_sessions_t *s, uint32_t items,
    uint32_t max);


int
recs_model_sessions(const recs_dataset_t *d, const recs_config_t *c,
    recs_sessions_t *s, recs_error_t *err)
{
    uint32_t             i, n, first;
    recs_signals_t       signals;
    recs_session_end_t  *ends;

    recs_signals_init(&signals);

    ends = recs_alloc(((size_t) d->by_session.rows + 1)
                      * sizeof(recs_session_end_t));

    n = recs_sessions_collect(d, &signals, ends);

    qsort(ends, n, sizeof(recs_session_end_t), recs_sessions_later);

    first = (n > c->sessions_max) ? n - (uint32_t) c->sessions_max : 0;

    s->items.rows = n - first;
    s->items.offsets = recs_calloc((size_t) s->items.rows + 1,
                                   sizeof(uint64_t));
    s->time = recs_alloc(((size_t) s->items.rows + 1) * sizeof(uint32_t));

    for (i = 0; i < s->items.rows; i++) {
        s->time[i] = ends[first + i].time;
        s->items.offsets[i + 1] = s->items.offsets[i]
                                  + recs_min(ends[first + i].count,
                                             RECS_SESSION_ITEMS);
    }

    recs_sessions_fill(d, &signals, ends + first, s);
    recs_sessions_idf(s, d->items);
    recs_sessions_postings(s, d->items, (uint32_t) c->postings_max);

    free(ends);

    return RECS_OK;
}


/* Sessions of at least two clicks, by their number. */

static uint32_t
recs_sessions_collect(const recs_dataset_t *d, const recs_signals_t *signals,
    recs_session_end_t *ends)
{
    uint32_t             n, r, last;
    uint64_t             e, end;
    recs_session_end_t  *s;

    n = 0;

    for (r = 0; r < d->by_session.rows; r++) {
        s = &ends[n];
        s->session = r;
        s->count = 0;
        s->time = 0;

        e = d->by_session.offsets[r];
        end = d->by_session.offsets[r + 1];
        last = RECS_NONE;

        while ((e = recs_sessions_next(d, signals, e, end, &last)) < end) {
            s->count++;
            s->time = d->time[d->by_session.entries[e++]];
        }

        n += (s->count > 1);
    }

    return n;
}


/*
 * The next event that is a click: interest in a product.  What is done with
 * the product at hand, a cart after a view, is no other click; to look at it
 * once more is one.  "last" is the click before.
 */

static uint64_t
recs_sessions_next(const recs_dataset_t *d, const recs_signals_t *signals,
    uint64_t e, uint64_t end, uint32_t *last)
{
    uint32_t  event;

    for ( /* void */ ; e < end; e++) {
        event = d->by_session.entries[e];

        if (d->item[event] == RECS_NO_ITEM
            || !(signals->signal[d->type[event]] & RECS_SIGNALS_INTEREST))
        {
            continue;
        }

        if (*last == RECS_NONE || d->item[*last] != d->item[event]
            || d->type[*last] == d->type[event])
        {
            *last = event;
            break;
        }
    }

    return e;
}


static int
recs_sessions_later(const void *one, const void *two)
{
    const recs_session_end_t  *a, *b;

    a = one;
    b = two;

    if (a->time != b->time) {
        return (a->time < b->time) ? -1 : 1;
    }

    return (a->session < b->session) ? -1 : a->session > b->session;
}


/* The latest items of each, in order. */

static void
recs_sessions_fill(const recs_dataset_t *d, const recs_signals_t *signals,
    const recs_session_end_t *ends, recs_sessions_t *s)
{
    uint32_t  r, skip, last;
    uint64_t  e, end, at;

    s->items.entries = recs_alloc((s->items.offsets[s->items.rows] + 1)
                                  * sizeof(uint32_t));
    at = 0;

    for (r = 0; r < s->items.rows; r++) {
        e = d->by_session.offsets[ends[r].session];
        end = d->by_session.offsets[ends[r].session + 1];
        skip = ends[r].count - recs_min(ends[r].count, RECS_SESSION_ITEMS);
        last = RECS_NONE;

        while ((e = recs_sessions_next(d, signals, e, end, &last)) < end) {
            if (skip) {
                skip--;

            } else {
                s->items.entries[at++] = d->item[d->by_session.entries[e]];
            }

            e++;
        }
    }
}


/* Of sessions, as session-rec and Serenade have it; not below zero. */

static void
recs_sessions_idf(recs_sessions_t *s, uint32_t items)
{
    uint32_t   i, *clicks;
    uint64_t   e, n;

    n = s->items.offsets[s->items.rows];
    clicks = recs_calloc((size_t) items + 1, sizeof(uint32_t));
    s->idf = recs_calloc((size_t) items + 1, sizeof(float));

    for (e = 0; e < n; e++) {
        clicks[s->items.entries[e]]++;
    }

    for (i = 0; i < items; i++) {
        s->idf[i] = (clicks[i] && clicks[i] < s->items.rows)
                    ? (float) log((double) s->items.rows / clicks[i]) : 0;
    }

    free(clicks);
}


/* From the latest session to the oldest, an item once a session. */

static void
recs_sessions_postings(recs_sessions_t *s, uint32_t items, uint32_t max)
{
    unsigned   pass;
    uint32_t   i, r, item, *count, *last;
    uint64_t   e, *at;

    count = recs_calloc((size_t) items + 1, sizeof(uint32_t));
    last = recs_alloc(((size_t) items + 1) * sizeof(uint32_t));

    s->postings.rows = items;
    s->postings.offsets = recs_calloc((size_t) items + 1, sizeof(uint64_t));
    at = s->postings.offsets;

    for (pass = 0; pass < 2; pass++) {
        memset(count, 0, ((size_t) items + 1) * sizeof(uint32_t));
        memset(last, 0xff, ((size_t) items + 1) * sizeof(uint32_t));

        for (r = s->items.rows; r-- > 0; ) {
            for (e = s->items.offsets[r]; e < s->items.offsets[r + 1]; e++) {
                item = s->items.entries[e];

                if (last[item] == r || count[item] == max) {
                    continue;
                }

                if (pass) {
                    s->postings.entries[at[item] + count[item]] = r;
                }

                last[item] = r;
                count[item]++;
            }
        }

        if (pass == 0) {
            for (i = 0; i < items; i++) {
                at[i + 1] = at[i] + count[i];
            }

            s->postings.entries = recs_alloc((at[items] + 1)
                                             * sizeof(uint32_t));
        }
    }

    free(count);
    free(last);
}
