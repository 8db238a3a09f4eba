/*
 * Copyright (C) recs authors
 *
 * Memory: 24 bytes a click, 8 for each pair that is kept.
 */

#include "demand.h"
#include "linear.h"
#include "slist.h"

#include <math.h>
#include <stdlib.h>


#define RECS_SLIST_PAIRS   4     /* pairs kept of an item, in supports */
#define RECS_SLIST_LEAST   1e-12 /* weight of a session that is worth it */


static void recs_slist_sessions(recs_slist_counts_t *m);
static void recs_slist_matrix(recs_slist_counts_t *m, uint32_t items);
static void recs_slist_gram(recs_slist_counts_t *m, const recs_dataset_t *d);
static void recs_slist_pairs(void *ctx, unsigned thread, uint32_t i,
    uint32_t n, const uint32_t *j, const float *sum);
static void recs_slist_clicks(recs_slist_counts_t *m, uint32_t items);
static void recs_slist_diagonal(recs_slist_counts_t *m, uint32_t items);
static uint32_t recs_slist_add(float *sums, uint32_t *touched, uint32_t i,
    float weight);


int
recs_slist_counts_init(recs_slist_counts_t *m, const recs_dataset_t *d,
    const recs_config_t *c, recs_error_t *err)
{
    m->c = c;

    if (recs_model_sessions(d, c, &m->s, err) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_slist_sessions(m);
    recs_slist_matrix(m, d->items);
    recs_slist_gram(m, d);
    recs_slist_clicks(m, d->items);
    recs_slist_diagonal(m, d->items);

    return RECS_OK;
}


void
recs_slist_counts_free(recs_slist_counts_t *m)
{
    recs_model_free(&m->gram);
    recs_matrix_free(&m->x);
    recs_sessions_free(&m->s);

    free(m->ages);
    free(m->session);
    free(m->starts);
    free(m->clicks);
    free(m->diagonal);
}


static void
recs_slist_sessions(recs_slist_counts_t *m)
{
    double    sum, days, before;
    uint32_t  k, r, rows;

    rows = m->s.items.rows;
    days = m->c->slist_days;
    m->ages = recs_alloc(((size_t) rows + 1) * sizeof(float));

    for (r = 0; r < rows; r++) {
        before = (double) (m->s.time[rows - 1] - m->s.time[r]) / RECS_DAY;
        m->ages[r] = (days > 0) ? (float) exp(-before / days) : 1;

        if (m->ages[r] < RECS_SLIST_LEAST) {
            m->ages[r] = 0;
        }
    }

    sum = 0;
    m->shares[0] = 0;

    for (k = 0; k < RECS_SLIST_PLACES; k++) {
        m->steps[k] = expf(-(float) k / (float) m->c->slist_tau);
        sum += m->steps[k];
        m->shares[k + 1] = (float) (1 / sum);
    }
}


/* The distinct items of sessions, of weight sqrt(w) / u. */

static void
recs_slist_matrix(recs_slist_counts_t *m, uint32_t items)
{
    float               weight;
    uint32_t            r, item, *last;
    uint64_t            at, e, from;
    recs_matrix_t      *x;
    const recs_rows_t  *s;

    x = &m->x;
    s = &m->s.items;
    at = 0;

    last = recs_calloc((size_t) items + 1, sizeof(uint32_t));
    x->rows.rows = s->rows;
    x->rows.offsets = recs_calloc((size_t) s->rows + 1, sizeof(uint64_t));
    x->rows.entries = recs_alloc((s->offsets[s->rows] + 1)
                                 * sizeof(uint32_t));
    x->weights = recs_alloc((s->offsets[s->rows] + 1) * sizeof(float));

    for (r = 0; r < s->rows; r++) {
        from = at;

        for (e = s->offsets[r]; e < s->offsets[r + 1]; e++) {
            item = s->entries[e];

            if (last[item] != r + 1 && m->ages[r] > 0) {
                last[item] = r + 1;
                x->rows.entries[at++] = item;
            }
        }

        x->rows.offsets[r + 1] = at;
        weight = sqrtf(m->ages[r]) / (float) recs_max(at - from, 1u);

        for ( /* void */ ; from < at; from++) {
            x->weights[from] = weight;
        }
    }

    free(last);
}


/* A pair is there where either of the two has kept it. */

static void
recs_slist_gram(recs_slist_counts_t *m, const recs_dataset_t *d)
{
    recs_linear_t  l;

    recs_linear_init(&l, d, (uint32_t) m->c->slist_support * RECS_SLIST_PAIRS,
                     (unsigned) m->c->threads);
    recs_model_gram(&m->x, d->items, l.threads, recs_slist_pairs, &l);
    recs_linear_finish(&l, &m->gram);
}


static void
recs_slist_pairs(void *ctx, unsigned thread, uint32_t i, uint32_t n,
    const uint32_t *j, const float *sum)
{
    recs_linear_sparse(ctx, thread, i, n, j, sum);
}


static void
recs_slist_clicks(recs_slist_counts_t *m, uint32_t items)
{
    uint32_t            i, r;
    uint64_t            e, n;
    const recs_rows_t  *s;

    s = &m->s.items;
    n = s->offsets[s->rows];

    m->session = recs_alloc((n + 1) * sizeof(uint32_t));
    m->clicks = recs_alloc((n + 1) * sizeof(uint32_t));
    m->starts = recs_calloc((size_t) items + 2, sizeof(uint64_t));

    for (r = 0; r < s->rows; r++) {
        for (e = s->offsets[r]; e < s->offsets[r + 1]; e++) {
            m->session[e] = r;
            m->starts[s->entries[e] + 2]++;
        }
    }

    for (i = 0; i < items; i++) {
        m->starts[i + 2] += m->starts[i + 1];
    }

    for (e = 0; e < n; e++) {
        m->clicks[m->starts[s->entries[e] + 1]++] = (uint32_t) e;
    }
}


static void
recs_slist_diagonal(recs_slist_counts_t *m, uint32_t items)
{
    float     alpha;
    double    sum;
    uint32_t  i, e, r;
    uint64_t  k;

    alpha = (float) m->c->slist_alpha;
    m->diagonal = recs_matrix_norms(&m->x, items);

    for (i = 0; i < items; i++) {
        sum = 0;

        for (k = m->starts[i]; k < m->starts[i + 1]; k++) {
            e = m->clicks[k];
            r = m->session[e];

            if (e + 1 < m->s.items.offsets[r + 1]) {
                sum += m->ages[r];
            }
        }

        m->diagonal[i] = alpha * m->diagonal[i] * m->diagonal[i]
                         + (1 - alpha) * (float) sum
                         + (float) m->c->slist_lambda;
    }
}


uint32_t
recs_slist_column(const recs_slist_counts_t *m, uint32_t y, float *sums,
    uint32_t *touched)
{
    float               alpha, weight;
    uint32_t            d, e, r, last, n, places;
    uint64_t            k, j, from;
    const recs_rows_t  *s;

    s = &m->s.items;
    alpha = (float) m->c->slist_alpha;
    last = RECS_NONE;
    n = 0;

    for (k = m->starts[y]; k < m->starts[y + 1]; k++) {
        e = m->clicks[k];
        r = m->session[e];

        if (r != last) {
            for (j = m->x.rows.offsets[r]; j < m->x.rows.offsets[r + 1]; j++)
            {
                weight = m->x.weights[j];
                n += recs_slist_add(sums, touched + n, m->x.rows.entries[j],
                                    alpha * weight * weight);
            }

            last = r;
        }

        from = s->offsets[r];
        places = (uint32_t) recs_min(e - from, RECS_SLIST_PLACES);

        for (d = 1; d <= places; d++) {
            weight = m->shares[recs_min(s->offsets[r + 1] - 1 - (e - d),
                                        RECS_SLIST_PLACES)];
            weight *= m->ages[r] * m->steps[d - 1];
            n += recs_slist_add(sums, touched + n, s->entries[e - d],
                                (1 - alpha) * weight);
        }
    }

    return n;
}


/* What is too old has a weight of zero. */

static uint32_t
recs_slist_add(float *sums, uint32_t *touched, uint32_t i, float weight)
{
    uint32_t  first;

    if (!(weight > 0)) {
        return 0;
    }

    first = (sums[i] == 0);
    *touched = i;
    sums[i] += weight;

    return first;
}
