/*
 * Copyright (C) recs authors
 *
 * The sessions behind SESSION, and the posting lists of session k-NN
 * (Kersbergen et al., Serenade, SIGMOD 2022, 3.1): of each item its latest
 * sessions.  Of sessions that end at one time the later is the one whose
 * first event came later.
 *
 * Memory: 4 bytes a click kept, twice, and 16 a session and an item; 4 a
 * click and 32 a session more while they are put in order.
 */

#include "demand.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_SESSION_ITEMS  200
#define RECS_SESSION_AHEAD  16     /* events that are fetched early */


typedef struct {
    uint64_t  from;              /* its clicks' items in those of all */
    uint32_t  count;
} recs_session_end_t;

typedef struct {
    uint32_t            *items;  /* of clicks, session by session */
    recs_session_end_t  *ends;   /* sessions of at least two, by number */
    uint32_t            *times;  /* of the ends */
    uint32_t             count;
} recs_session_clicks_t;

typedef struct {
    uint32_t  count;
    uint32_t  last;              /* session that was counted */
} recs_session_item_t;


static uint64_t recs_sessions_next(const recs_dataset_t *d,
    const recs_signals_t *signals, uint64_t e, uint64_t end, uint32_t *last);
static void recs_sessions_collect(const recs_dataset_t *d,
    recs_session_clicks_t *c);
static void recs_sessions_fill(const recs_session_clicks_t *c,
    const uint32_t *order, recs_sessions_t *s);
static void recs_sessions_idf(recs_sessions_t *s, uint32_t items);
static void recs_sessions_postings(recs_sessions_t *s, uint32_t items,
    uint32_t max);


int
recs_model_sessions(const recs_dataset_t *d, const recs_config_t *c,
    recs_sessions_t *s, recs_error_t *err)
{
    uint32_t               first, *order;
    recs_session_clicks_t  clicks;

    recs_sessions_collect(d, &clicks);

    order = recs_dataset_permutation(clicks.times, clicks.count);
    first = (clicks.count > c->sessions_max)
            ? clicks.count - (uint32_t) c->sessions_max : 0;

    s->items.rows = clicks.count - first;
    recs_sessions_fill(&clicks, order + first, s);

    free(order);
    free(clicks.items);
    free(clicks.ends);
    free(clicks.times);

    recs_sessions_idf(s, d->items);
    recs_sessions_postings(s, d->items, (uint32_t) c->postings_max);

    return RECS_OK;
}


/* Events lie anywhere: those of the sessions to come are fetched early. */

static void
recs_sessions_collect(const recs_dataset_t *d, recs_session_clicks_t *c)
{
    uint32_t             r, event, last;
    uint64_t             at, e, end, total;
    recs_signals_t       signals;
    const uint32_t      *events;
    recs_session_end_t  *s;

    recs_signals_init(&signals);

    events = d->by_session.entries;
    total = d->by_session.offsets[d->by_session.rows];
    c->items = recs_alloc((total + 1) * sizeof(uint32_t));
    c->ends = recs_alloc(((size_t) d->by_session.rows + 1)
                         * sizeof(recs_session_end_t));
    c->times = recs_alloc(((size_t) d->by_session.rows + 1)
                          * sizeof(uint32_t));
    c->count = 0;
    at = 0;

    for (r = 0; r < d->by_session.rows; r++) {
        s = &c->ends[c->count];
        s->from = at;

        e = d->by_session.offsets[r];
        end = d->by_session.offsets[r + 1];
        last = RECS_NONE;

        while ((e = recs_sessions_next(d, &signals, e, end, &last)) < end) {

            if (e + RECS_SESSION_AHEAD < total) {
                event = events[e + RECS_SESSION_AHEAD];
                __builtin_prefetch(&d->item[event]);
                __builtin_prefetch(&d->type[event]);
                __builtin_prefetch(&d->time[event]);
            }

            c->times[c->count] = d->time[last];
            c->items[at++] = d->item[last];
            e++;
        }

        s->count = (uint32_t) (at - s->from);

        if (s->count > 1) {
            c->count++;

        } else {
            at = s->from;
        }
    }
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


/* The latest items of each, in order. */

static void
recs_sessions_fill(const recs_session_clicks_t *c, const uint32_t *order,
    recs_sessions_t *s)
{
    uint32_t                   n, r;
    uint64_t                  *offsets;
    const recs_session_end_t  *end;

    s->time = recs_alloc(((size_t) s->items.rows + 1) * sizeof(uint32_t));
    offsets = recs_calloc((size_t) s->items.rows + 1, sizeof(uint64_t));
    s->items.offsets = offsets;

    for (r = 0; r < s->items.rows; r++) {
        s->time[r] = c->times[order[r]];
        offsets[r + 1] = offsets[r] + recs_min(c->ends[order[r]].count,
                                               RECS_SESSION_ITEMS);
    }

    s->items.entries = recs_alloc((offsets[r] + 1) * sizeof(uint32_t));

    for (r = 0; r < s->items.rows; r++) {
        end = &c->ends[order[r]];
        n = (uint32_t) (offsets[r + 1] - offsets[r]);

        memcpy(s->items.entries + offsets[r],
               c->items + end->from + end->count - n, n * sizeof(uint32_t));
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
    unsigned              pass;
    uint32_t              i, r;
    uint64_t              e, *at;
    recs_session_item_t  *item, *all;

    all = recs_alloc(((size_t) items + 1) * sizeof(recs_session_item_t));

    s->postings.rows = items;
    s->postings.offsets = recs_calloc((size_t) items + 1, sizeof(uint64_t));
    at = s->postings.offsets;

    for (pass = 0; pass < 2; pass++) {

        for (i = 0; i < items; i++) {
            all[i].count = 0;
            all[i].last = RECS_NONE;
        }

        for (r = s->items.rows; r-- > 0; ) {
            for (e = s->items.offsets[r]; e < s->items.offsets[r + 1]; e++) {
                i = s->items.entries[e];
                item = &all[i];

                if (item->last == r || item->count == max) {
                    continue;
                }

                if (pass) {
                    s->postings.entries[at[i] + item->count] = r;
                }

                item->last = r;
                item->count++;
            }
        }

        if (pass == 0) {
            for (i = 0; i < items; i++) {
                at[i + 1] = at[i] + all[i].count;
            }

            s->postings.entries = recs_alloc((at[items] + 1)
                                             * sizeof(uint32_t));
        }
    }

    free(all);
}
