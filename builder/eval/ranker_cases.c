/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/answer/recs_feature.h"
#include "../../core/event/recs_event_type.h"
#include "../memory.h"
#include "../model/demand.h"
#include "ask.h"
#include "ranker.h"


#define RECS_RANKER_RIGHT   200      /* most right answers of a question */
#define RECS_RANKER_BLOCK   16       /* questions that a thread takes */


typedef struct {
    recs_scratch_t   scratch;
    recs_answer_t    answer;
    recs_query_t     query;
    float            x[RECS_FOREST_CANDIDATES * RECS_FOREST_FEATURES];
    uint8_t          labels[RECS_FOREST_CANDIDATES];
} recs_ranker_thread_t;


typedef struct {
    const recs_snapshot_t  *s;
    const recs_cases_t     *cases;
    uint32_t                most;
    recs_ranker_case_t     *out;
    recs_ranker_thread_t   *threads;
    recs_view_t             view;
} recs_ranker_asking_t;


static void recs_ranker_user(const recs_dataset_t *d,
    const recs_dataset_t *part, const recs_signals_t *signals, uint32_t user,
    uint32_t *stamp, recs_cases_t *cases);
static void recs_ranker_ask(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static uint32_t recs_ranker_rows(const recs_ranker_asking_t *a,
    recs_ranker_thread_t *t, const recs_case_t *one, uint32_t *right);


void
recs_ranker_users(const recs_dataset_t *d, const recs_dataset_t *part,
    uint32_t max, recs_cases_t *cases)
{
    uint32_t         user, first, rows, *stamp;
    recs_signals_t   signals;

    recs_signals_init(&signals);
    stamp = recs_calloc((size_t) d->items + 1, sizeof(uint32_t));
    rows = d->by_user.rows;

    /* users are numbered as they came: those in between are as good as drawn */

    for (first = 0; first < 7 && cases->count < max; first++) {
        for (user = first; user < rows && cases->count < max; user += 7) {
            if (part->by_user.offsets[user] != part->by_user.offsets[user + 1])
            {
                recs_ranker_user(d, part, &signals, user, stamp, cases);
            }
        }
    }

    free(stamp);
}


/* The rows of a user in the part are the first ones of all. */

static void
recs_ranker_user(const recs_dataset_t *d, const recs_dataset_t *part,
    const recs_signals_t *signals, uint32_t user, uint32_t *stamp,
    recs_cases_t *cases)
{
    unsigned      again, signal;
    uint32_t      n, event, item, next;
    uint64_t      e, known;
    uint64_t      keys[RECS_RANKER_RIGHT];
    recs_case_t   one;

    again = (cases->strategy == RECS_BUY_AGAIN);
    known = d->by_user.offsets[user] + part->by_user.offsets[user + 1]
            - part->by_user.offsets[user];
    next = 0;
    n = 0;

    for (e = d->by_user.offsets[user]; e < d->by_user.offsets[user + 1]; e++)
    {
        event = d->by_user.entries[e];
        item = d->item[event];
        signal = signals->signal[d->type[event]];

        if (item == RECS_NO_ITEM || !(signal & RECS_SIGNALS_INTEREST)) {
            continue;
        }

        if (e < known) {
            stamp[item] = again ? stamp[item] : user + 1;
            continue;
        }

        if (again && (!(signal & RECS_SIGNAL_PURCHASE)
                      || (next && d->time[event] != next)))
        {
            continue;
        }

        next = d->time[event];

        if (stamp[item] != user + 1 && n < RECS_RANKER_RIGHT) {
            stamp[item] = user + 1;
            keys[n++] = d->products[item].key64;
        }
    }

    if (n) {
        memset(&one, 0, sizeof(one));
        one.keys[RECS_CASE_RIGHT] = keys;
        one.counts[RECS_CASE_RIGHT] = n;
        one.asker = recs_keys16_get(d->users, user);
        one.group = cases->count;

        recs_cases_add(cases, &one);
    }
}


void
recs_ranker_collect(const recs_snapshot_t *s, const recs_cases_t *cases,
    uint32_t most, unsigned threads, recs_ranker_case_t *out)
{
    recs_ranker_asking_t  a;

    threads = recs_max(threads, 1);

    a.s = s;
    a.cases = cases;
    a.most = most;
    a.out = out;
    a.view.base = s;
    a.view.hot = NULL;
    a.view.id = s->header.id;
    a.threads = recs_calloc(threads, sizeof(recs_ranker_thread_t));

    recs_parallel(threads, cases->count, RECS_RANKER_BLOCK, recs_ranker_ask,
                  &a);

    free(a.threads);
}


static void
recs_ranker_ask(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    size_t                 size;
    uint32_t               i, n;
    recs_case_t            one;
    recs_ranker_case_t    *out;
    recs_ranker_asking_t  *a;
    recs_ranker_thread_t  *t;

    a = ctx;
    t = &a->threads[thread];

    for (i = from; i < to; i++) {
        out = &a->out[i];
        recs_cases_get(a->cases, i, &one);

        n = recs_ranker_rows(a, t, &one, &out->right);
        out->count = n;

        if (n == 0) {
            continue;
        }

        size = (size_t) n * RECS_FOREST_FEATURES * sizeof(float);
        out->x = recs_alloc(size);
        out->labels = recs_alloc(n);

        memcpy(out->x, t->x, size);
        memcpy(out->labels, t->labels, n);
    }
}


void
recs_ranker_case_free(recs_ranker_case_t *one)
{
    free(one->x);
    free(one->labels);
}


static uint32_t
recs_ranker_rows(const recs_ranker_asking_t *a, recs_ranker_thread_t *t,
    const recs_case_t *one, uint32_t *right)
{
    unsigned     any;
    uint32_t     i, k, f, n;
    uint64_t     key;

    recs_ask_query(one, a->cases->strategy, a->s->header.now_ms, &t->query);

    n = recs_feature_collect(&a->view, &t->query, &t->scratch, &t->answer);
    n = recs_min(n, a->most);
    *right = one->counts[RECS_CASE_RIGHT];

    for (k = 0, any = 0; k < n; k++) {
        key = recs_column(a->s, RECS_COLUMN_KEY64, uint64_t,
                          t->scratch.ranked[k].item);
        t->labels[k] = 0;

        for (i = 0; i < *right; i++) {
            t->labels[k] |= (one->keys[RECS_CASE_RIGHT][i] == key);
        }

        any |= t->labels[k];

        for (f = 0; f < RECS_FOREST_FEATURES; f++) {
            t->x[(size_t) k * RECS_FOREST_FEATURES + f] =
                t->scratch.features[f * RECS_FOREST_ROWS + k];
        }
    }

    return any ? n : 0;
}
