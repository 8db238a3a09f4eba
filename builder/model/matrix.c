/*
 * Copyright (C) recs authors
 *
 * Implicit feedback as a sparse matrix (algorithms.md 1.1.8): a row is a
 * user or a session, cut to its latest items (the interaction cut, Schelter
 * et al. 2012), so that a robot's 100,000 clicks cost no more than 500.
 *
 * Memory: 8 bytes an interaction, 12 bytes an item while it is built.
 */

#include "demand.h"
#include "pairs.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_MATRIX_MIN  1e-3    /* a weight that is worth keeping */


typedef struct {
    const recs_dataset_t  *d;
    recs_matrix_t         *x;
    recs_signals_t         signals;
    unsigned               mask;
    uint32_t              *seen;      /* of an item: row + 1 */
    uint32_t              *place;     /* in the row */
    size_t                 entries_cap;
    size_t                 weights_cap;
    double                 sum;       /* the last one, and its weight */
    double                 weight;
    double                 sums[RECS_PAIRS_ROW_MAX];
} recs_matrix_ctx_t;


static void recs_matrix_row(recs_matrix_ctx_t *m, const uint32_t *events,
    uint64_t n);
static double recs_matrix_weight(const recs_matrix_ctx_t *m, uint32_t event);
static int recs_matrix_same(const recs_dataset_t *d, uint32_t session);


void
recs_model_matrix(const recs_dataset_t *d, unsigned signals, int users,
    recs_matrix_t *x)
{
    uint32_t            r, rows;
    const recs_rows_t  *by;
    recs_matrix_ctx_t  *m;

    m = recs_calloc(1, sizeof(recs_matrix_ctx_t));
    m->d = d;
    m->x = x;
    m->mask = signals;
    m->seen = recs_calloc((size_t) d->items + 1, sizeof(uint32_t));
    m->place = recs_calloc((size_t) d->items + 1, sizeof(uint32_t));
    recs_signals_init(&m->signals);

    rows = (users ? d->by_user.rows : 0) + d->by_session.rows;

    memset(x, 0, sizeof(recs_matrix_t));
    x->rows.offsets = recs_calloc((size_t) rows + 1, sizeof(uint64_t));

    by = &d->by_user;

    for (r = 0; users && r < by->rows; r++) {
        recs_matrix_row(m, &by->entries[by->offsets[r]],
                        by->offsets[r + 1] - by->offsets[r]);
    }

    by = &d->by_session;

    for (r = 0; r < by->rows; r++) {
        if (!users || !recs_matrix_same(d, r)) {
            recs_matrix_row(m, &by->entries[by->offsets[r]],
                            by->offsets[r + 1] - by->offsets[r]);
        }
    }

    free(m->seen);
    free(m->place);
    free(m);
}


void
recs_matrix_free(recs_matrix_t *x)
{
    free(x->rows.offsets);
    free(x->rows.entries);
    free(x->weights);
}


void
recs_matrix_normalise(recs_matrix_t *x)
{
    double    length, sum;
    uint32_t  r;
    uint64_t  e, from, to;

    for (r = 0; r < x->rows.rows; r++) {
        from = x->rows.offsets[r];
        to = x->rows.offsets[r + 1];
        sum = 0;

        for (e = from; e < to; e++) {
            sum += x->weights[e] * x->weights[e];
        }

        length = sqrt(sum);

        for (e = from; e < to; e++) {
            x->weights[e] /= length;
        }
    }
}


float *
recs_matrix_norms(const recs_matrix_t *x, uint32_t items)
{
    float     *norms;
    double    *squares;
    uint32_t   i;
    uint64_t   e;

    squares = recs_calloc((size_t) items + 1, sizeof(double));
    norms = recs_alloc(((size_t) items + 1) * sizeof(float));

    for (e = 0; e < x->rows.offsets[x->rows.rows]; e++) {
        squares[x->rows.entries[e]] += x->weights[e] * x->weights[e];
    }

    for (i = 0; i < items; i++) {
        norms[i] = sqrt(squares[i]);
    }

    free(squares);

    return norms;
}


/* A row of fewer than two items says nothing of pairs, but of norms. */

static void
recs_matrix_row(recs_matrix_ctx_t *m, const uint32_t *events, uint64_t n)
{
    uint32_t        e, i, k, count, *items;
    uint64_t        at;
    recs_matrix_t  *x;

    x = m->x;
    at = x->rows.offsets[x->rows.rows];

    recs_grow(&x->rows.entries, &m->entries_cap, at + RECS_PAIRS_ROW_MAX,
              sizeof(uint32_t));
    recs_grow(&x->weights, &m->weights_cap, at + RECS_PAIRS_ROW_MAX,
              sizeof(float));

    items = x->rows.entries + at;
    count = 0;

    while (n--) {
        e = events[n];
        i = m->d->item[e];

        if (i >= m->d->items || !(m->signals.signal[m->d->type[e]] & m->mask))
        {
            continue;
        }

        if (m->seen[i] != x->rows.rows + 1) {

            if (count == RECS_PAIRS_ROW_MAX) {
                continue;
            }

            m->seen[i] = x->rows.rows + 1;
            m->place[i] = count;
            m->sums[count] = 0;
            items[count++] = i;
        }

        m->sums[m->place[i]] += recs_matrix_weight(m, e);
    }

    for (i = 0, k = 0; i < count; i++) {

        /* most are those of a single view */

        if (m->sums[i] != m->sum) {
            m->sum = m->sums[i];
            m->weight = m->sum > 0 ? log2(1 + m->sum) : 0;
        }

        if (m->weight >= RECS_MATRIX_MIN) {
            items[k] = items[i];
            x->weights[at + k++] = m->weight;
        }
    }

    x->rows.offsets[++x->rows.rows] = at + k;
}


static double
recs_matrix_weight(const recs_matrix_ctx_t *m, uint32_t event)
{
    uint8_t                type;
    int32_t                rating;
    const recs_dataset_t  *d;

    d = m->d;
    type = d->type[event];

    if (m->signals.star[type] == 0 || d->detail[event] == RECS_NONE) {
        return m->signals.weight[type];
    }

    rating = d->details[d->detail[event]].rating;

    return rating ? m->signals.star[type] * (rating / 1000.0 - 3)
                  : m->signals.weight[type];
}


/* Whether a session is all that its user ever did: the same row again. */

static int
recs_matrix_same(const recs_dataset_t *d, uint32_t session)
{
    uint32_t         u;
    uint64_t         i, n;
    const uint32_t  *rows;

    rows = d->by_session.entries + d->by_session.offsets[session];
    n = d->by_session.offsets[session + 1] - d->by_session.offsets[session];

    if (n == 0) {
        return 0;
    }

    u = d->user[rows[0]];

    if (u == RECS_NONE
        || d->by_user.offsets[u + 1] - d->by_user.offsets[u] != n)
    {
        return 0;
    }

    for (i = 1; i < n; i++) {
        if (d->user[rows[i]] != u) {
            return 0;
        }
    }

    return 1;
}
