/*
 * Copyright (C) recs authors
 *
 * What is looked at next, counted in sessions, as session-rec has it (Ludewig
 * and Jannach 2018; Kamehkhosh et al. 2017):
 *
 *   ar   association rules: a pair of clicks of one session is 1 for either
 *   sr   sequential rules: 1 / d^next_power for what comes d clicks later,
 *        d up to next_steps
 *
 * Every click counts, also of an item that was there before, so that a row
 * may have the item itself: what people come back to.  With next_recency a
 * session counts e^(-days before the newest / next_recency).  A row keeps its
 * next_max largest, of equal ones those met first, divided by the largest.
 *
 * Memory: 4 bytes an item of a session, 24 an item and thread.  Time: the sum
 * of the squares of the sessions' lengths.
 */

#include "rows.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_SEQUENCE_BLOCK  64
#define RECS_SEQUENCE_DAY    86400.0


typedef struct {
    double                  value;
    uint32_t                item;
    uint32_t                order;       /* in which items were met */
} recs_sequence_entry_t;

typedef struct {
    double                 *sums;        /* by item */
    recs_sequence_entry_t  *entries;
    uint32_t                n;
} recs_sequence_thread_t;

typedef struct recs_sequence_s  recs_sequence_t;

typedef void (*recs_sequence_pt)(const recs_sequence_t *s,
    recs_sequence_thread_t *t, uint32_t session, uint32_t item);

struct recs_sequence_s {
    const recs_dataset_t    *d;
    recs_sequence_pt         count;
    recs_sessions_t          sessions;
    recs_rows_t              holders;    /* sessions of an item, oldest
                                            first */
    double                  *weights;    /* of a session */
    double                  *steps;      /* of a distance */
    uint32_t                 steps_max;
    recs_slots_t             slots;
    recs_sequence_thread_t  *threads;
};


static int recs_sequence_build(const recs_dataset_t *d,
    const recs_config_t *c, recs_sequence_pt count, recs_model_list_t *list,
    recs_error_t *err);
static void recs_sequence_weights(recs_sequence_t *s,
    const recs_config_t *c);
static void recs_sequence_holders(recs_sequence_t *s);
static void recs_sequence_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_sequence_pairs(const recs_sequence_t *s,
    recs_sequence_thread_t *t, uint32_t session, uint32_t item);
static void recs_sequence_later(const recs_sequence_t *s,
    recs_sequence_thread_t *t, uint32_t session, uint32_t item);
static void recs_sequence_add(recs_sequence_thread_t *t, uint32_t item,
    double value);
static void recs_sequence_row(recs_sequence_t *s, recs_sequence_thread_t *t,
    uint32_t item);
static int recs_sequence_largest(const void *one, const void *two);
static int recs_sequence_best(const void *one, const void *two);


int
recs_model_ar(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    return recs_sequence_build(d, c, recs_sequence_pairs, list, err);
}


int
recs_model_sr(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    return recs_sequence_build(d, c, recs_sequence_later, list, err);
}


/* Measured: 20 ns a pair of clicks, and the rows of a session's square. */

void
recs_sequence_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost)
{
    double    pairs;
    uint32_t  r;
    uint64_t  n;

    for (r = 0, pairs = 0; r < d->by_session.rows; r++) {
        n = d->by_session.offsets[r + 1] - d->by_session.offsets[r];
        pairs += (double) n * n;
    }

    cost->bytes = 8.0 * d->events + (double) d->items
                  * (8.0 * c->next_max + 24.0 * RECS_MODEL_THREADS);
    cost->seconds = pairs * 20e-9;
}


static int
recs_sequence_build(const recs_dataset_t *d, const recs_config_t *c,
    recs_sequence_pt count, recs_model_list_t *list, recs_error_t *err)
{
    size_t            items;
    unsigned          n, threads;
    recs_sequence_t   s;

    memset(&s, 0, sizeof(recs_sequence_t));

    s.d = d;
    s.count = count;

    if (recs_model_sessions(d, c, &s.sessions, err) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_sequence_weights(&s, c);
    recs_sequence_holders(&s);

    threads = recs_max((unsigned) c->threads, 1u);
    items = (size_t) d->items + 1;

    s.threads = recs_calloc(threads, sizeof(recs_sequence_thread_t));
    recs_slots_init(&s.slots, d->items, (uint32_t) c->next_max,
                    sizeof(recs_format_related_t));

    for (n = 0; n < threads; n++) {
        s.threads[n].sums = recs_calloc(items, sizeof(double));
        s.threads[n].entries = recs_alloc(items
                                          * sizeof(recs_sequence_entry_t));
    }

    recs_parallel(threads, d->items, RECS_SEQUENCE_BLOCK, recs_sequence_block,
                  &s);

    for (n = 0; n < threads; n++) {
        free(s.threads[n].sums);
        free(s.threads[n].entries);
    }

    recs_slots_finish(&s.slots, list);
    recs_sessions_free(&s.sessions);

    free(s.threads);
    free(s.weights);
    free(s.steps);
    free(s.holders.offsets);
    free(s.holders.entries);

    recs_model_empty(list, "next", "no session has two products");

    return RECS_OK;
}


static void
recs_sequence_weights(recs_sequence_t *s, const recs_config_t *c)
{
    double    days;
    uint32_t  d, r, rows, newest;

    rows = s->sessions.items.rows;
    newest = rows ? s->sessions.time[rows - 1] : 0;

    s->weights = recs_alloc(((size_t) rows + 1) * sizeof(double));

    for (r = 0; r < rows; r++) {
        days = (newest - s->sessions.time[r]) / RECS_SEQUENCE_DAY;
        s->weights[r] = (c->next_recency > 0) ? exp(-days / c->next_recency)
                                              : 1;
    }

    s->steps_max = (uint32_t) c->next_steps;
    s->steps = recs_alloc(((size_t) s->steps_max + 1) * sizeof(double));

    for (d = 1; d <= s->steps_max; d++) {
        s->steps[d] = 1.0 / pow(d, c->next_power);
    }
}


static void
recs_sequence_holders(recs_sequence_t *s)
{
    unsigned            pass;
    uint32_t            r, item, *last;
    uint64_t            e, i, *at;
    const recs_rows_t  *rows;

    rows = &s->sessions.items;

    s->holders.rows = s->d->items;
    s->holders.offsets = recs_calloc((size_t) s->d->items + 2,
                                     sizeof(uint64_t));
    last = recs_alloc(((size_t) s->d->items + 1) * sizeof(uint32_t));

    /* counted two places up and filled one place up: at[i] ends right */

    at = s->holders.offsets;

    for (pass = 0; pass < 2; pass++) {
        memset(last, 0xff, ((size_t) s->d->items + 1) * sizeof(uint32_t));

        for (r = 0; r < rows->rows; r++) {
            for (e = rows->offsets[r]; e < rows->offsets[r + 1]; e++) {
                item = rows->entries[e];

                if (last[item] == r) {
                    continue;
                }

                last[item] = r;

                if (pass) {
                    s->holders.entries[at[item + 1]++] = r;

                } else {
                    at[item + 2]++;
                }
            }
        }

        if (pass == 0) {
            for (i = 2; i < (uint64_t) s->d->items + 2; i++) {
                at[i] += at[i - 1];
            }

            s->holders.entries = recs_alloc((rows->offsets[rows->rows] + 1)
                                            * sizeof(uint32_t));
        }
    }

    free(last);
}


static void
recs_sequence_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t                 i;
    uint64_t                 e;
    recs_sequence_t         *s;
    recs_sequence_thread_t  *t;

    s = ctx;
    t = &s->threads[thread];

    for (i = from; i < to; i++) {
        t->n = 0;

        for (e = s->holders.offsets[i]; e < s->holders.offsets[i + 1]; e++) {
            s->count(s, t, s->holders.entries[e], i);
        }

        recs_sequence_row(s, t, i);
    }
}


/* The order of session-rec: by the later click, then by the earlier. */

static void
recs_sequence_pairs(const recs_sequence_t *s, recs_sequence_thread_t *t,
    uint32_t session, uint32_t item)
{
    double           weight;
    uint32_t         i, j, n, before;
    const uint32_t  *clicks;

    clicks = s->sessions.items.entries + s->sessions.items.offsets[session];
    n = (uint32_t) (s->sessions.items.offsets[session + 1]
                    - s->sessions.items.offsets[session]);
    weight = s->weights[session];
    before = 0;

    for (j = 0; j < n; j++) {

        if (clicks[j] != item) {
            if (before) {
                recs_sequence_add(t, clicks[j], before * weight);
            }

            continue;
        }

        /* two clicks on the item itself are a pair in both directions */

        for (i = 0; i < j; i++) {
            recs_sequence_add(t, clicks[i],
                              (clicks[i] == item) ? 2 * weight : weight);
        }

        before++;
    }
}


static void
recs_sequence_later(const recs_sequence_t *s, recs_sequence_thread_t *t,
    uint32_t session, uint32_t item)
{
    double           weight;
    uint32_t         j, d, n, most;
    const uint32_t  *clicks;

    clicks = s->sessions.items.entries + s->sessions.items.offsets[session];
    n = (uint32_t) (s->sessions.items.offsets[session + 1]
                    - s->sessions.items.offsets[session]);
    weight = s->weights[session];

    for (j = 1; j < n; j++) {
        most = recs_min(j, s->steps_max);

        for (d = 1; d <= most; d++) {
            if (clicks[j - d] == item) {
                recs_sequence_add(t, clicks[j], weight * s->steps[d]);
            }
        }
    }
}


static void
recs_sequence_add(recs_sequence_thread_t *t, uint32_t item, double value)
{
    /* the weight of a session may be too small for a number */

    if (!(value > 0)) {
        return;
    }

    if (t->sums[item] == 0) {
        t->entries[t->n].item = item;
        t->entries[t->n].order = t->n;
        t->n++;
    }

    t->sums[item] += value;
}


/* Sums are set back to zero for the next row. */

static void
recs_sequence_row(recs_sequence_t *s, recs_sequence_thread_t *t,
    uint32_t item)
{
    double                  max;
    uint32_t                k, n;
    recs_format_related_t  *row;
    recs_sequence_entry_t  *e;

    for (k = 0, n = 0; k < t->n; k++) {
        e = &t->entries[k];
        e->value = t->sums[e->item];
        t->sums[e->item] = 0;

        if (s->d->products[e->item].listed) {
            t->entries[n++] = *e;
        }
    }

    qsort(t->entries, n, sizeof(recs_sequence_entry_t),
          recs_sequence_largest);

    n = recs_min(n, s->slots.max);
    max = n ? t->entries[0].value : 1;
    row = recs_slots_row(&s->slots, item);

    for (k = 0; k < n; k++) {
        row[k].item = t->entries[k].item;
        row[k].weight = (float) (t->entries[k].value / max);
    }

    qsort(row, n, sizeof(recs_format_related_t), recs_sequence_best);
    s->slots.counts[item] = n;
}


static int
recs_sequence_largest(const void *one, const void *two)
{
    const recs_sequence_entry_t  *a, *b;

    a = one;
    b = two;

    if (a->value != b->value) {
        return (a->value > b->value) ? -1 : 1;
    }

    return (a->order < b->order) ? -1 : 1;
}


static int
recs_sequence_best(const void *one, const void *two)
{
    const recs_format_related_t  *a, *b;

    a = one;
    b = two;

    if (a->weight != b->weight) {
        return (a->weight > b->weight) ? -1 : 1;
    }

    return (a->item < b->item) ? -1 : 1;
}
