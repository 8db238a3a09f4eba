/*
 * Copyright (C) recs authors
 *
 * SLIST (Choi et al., WWW 2021; algorithms.md 1.13): a linear model of the
 * next item of a session, solved for each item y on a support, the
 * slist_support items S of largest C_sy, rather than by the inverse of a
 * matrix of all items:
 *
 *   (G_SS + slist_lambda I) b = C_Sy,   row s has b_s for y, where above 0
 *
 *   C = a X + (1 - a) T      G = a X + (1 - a) diag(D)      a slist_alpha
 *   X_ij  sum over sessions with i and j of w / u^2, u distinct items
 *   T_ij  sum over clicks on j, d places behind one on i (d up to 30, j may
 *         be i), of w e^(-(d - 1) / slist_tau) / the sum of e^... that the
 *         click on i has
 *   D_i   sum of w over clicks on i that have one behind them
 *   w     e^(-days before the newest session / slist_days)
 *
 * Memory: 24 bytes a click, 8 for each of RECS_SLIST_PAIRS x support pairs
 * and support weights of an item.  Time: items x (support^3 / 3 + pairs),
 * and clicks x 30.
 */

#include "demand.h"
#include "linear.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>
#include <lapacke.h>


#define RECS_SLIST_PAIRS   4     /* pairs kept of an item, in supports */
#define RECS_SLIST_PLACES  30
#define RECS_SLIST_BLOCK   16
#define RECS_SLIST_LEAST   1e-12 /* weight of a session that is worth it */


typedef struct {
    uint32_t             *place;     /* of an item in S, else NONE */
    float                *sums;      /* by item, 0 between columns */
    uint32_t             *touched;
    uint64_t             *keys;
    float                *matrix;
    float                *weights;
} recs_slist_thread_t;

typedef struct {
    const recs_config_t  *c;
    recs_sessions_t       s;
    recs_matrix_t         x;         /* X is its Gram matrix */
    recs_model_list_t     gram;      /* the largest of it, both ways */
    float                *ages;      /* w, of sessions */
    uint32_t             *session;   /* of a click */
    uint64_t             *starts;    /* clicks on an item, oldest first */
    uint32_t             *clicks;
    float                *diagonal;  /* of G, with lambda */
    float                 steps[RECS_SLIST_PLACES];      /* by d - 1 */
    float                 shares[RECS_SLIST_PLACES + 1]; /* by clicks behind */
    recs_slots_t          slots;     /* column y: b */
    recs_slist_thread_t  *threads;
} recs_slist_t;


static void recs_slist_sessions(recs_slist_t *m);
static void recs_slist_matrix(recs_slist_t *m, uint32_t items);
static void recs_slist_gram(recs_slist_t *m, const recs_dataset_t *d);
static void recs_slist_pairs(void *ctx, unsigned thread, uint32_t i,
    uint32_t n, const uint32_t *j, const float *sum);
static void recs_slist_clicks(recs_slist_t *m, uint32_t items);
static void recs_slist_diagonal(recs_slist_t *m, uint32_t items);
static void recs_slist_columns(recs_slist_t *m, uint32_t items,
    unsigned threads);
static void recs_slist_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_slist_column(recs_slist_t *m, recs_slist_thread_t *t,
    uint32_t y);
static uint32_t recs_slist_sum(const recs_slist_t *m, recs_slist_thread_t *t,
    uint32_t y);
static uint32_t recs_slist_add(recs_slist_thread_t *t, uint32_t n,
    uint32_t i, float weight);
static uint32_t recs_slist_choose(const recs_slist_t *m,
    recs_slist_thread_t *t, uint32_t n);
static void recs_slist_fill(const recs_slist_t *m, recs_slist_thread_t *t,
    uint32_t n);
static void recs_slist_free(recs_slist_t *m);


int
recs_model_slist(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    recs_slist_t       m = { .c = c };
    recs_linear_t      l;
    recs_model_list_t  columns;

    if (recs_model_sessions(d, c, &m.s, err) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_linear_init(&l, d, (uint32_t) c->next_max, (unsigned) c->threads);
    l.own = 1;

    recs_slist_sessions(&m);
    recs_slist_matrix(&m, d->items);
    recs_slist_gram(&m, d);
    recs_slist_clicks(&m, d->items);
    recs_slist_diagonal(&m, d->items);
    recs_slist_columns(&m, d->items, l.threads);
    recs_slots_finish(&m.slots, &columns);
    recs_slist_free(&m);

    recs_linear_columns(&l, &columns);
    recs_model_free(&columns);
    recs_linear_finish(&l, list);

    return RECS_OK;
}


void
recs_slist_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost)
{
    double  m, items;

    m = c->slist_support;
    items = d->items;

    cost->bytes = 24.0 * d->events
                  + items * (8 * m * (RECS_SLIST_PAIRS + 2)
                             + 8 * c->next_max + 16.0 * c->threads);
    cost->seconds = 4e-7 * d->events
                    + items * (m * m * m * 3e-10 + m * m * 2e-8);
}


static void
recs_slist_sessions(recs_slist_t *m)
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
recs_slist_matrix(recs_slist_t *m, uint32_t items)
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
recs_slist_gram(recs_slist_t *m, const recs_dataset_t *d)
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
recs_slist_clicks(recs_slist_t *m, uint32_t items)
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
recs_slist_diagonal(recs_slist_t *m, uint32_t items)
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


/* The threads are ours: BLAS is to have none of its own. */

static void
recs_slist_columns(recs_slist_t *m, uint32_t items, unsigned threads)
{
    size_t                n;
    unsigned              k;
    recs_slist_thread_t  *t;

    n = recs_min((size_t) m->c->slist_support, (size_t) items + 1);

    recs_slots_init(&m->slots, items, (uint32_t) n,
                    sizeof(recs_format_related_t));
    m->threads = recs_calloc(threads, sizeof(recs_slist_thread_t));

    for (k = 0; k < threads; k++) {
        t = &m->threads[k];
        t->place = recs_alloc(((size_t) items + 1) * sizeof(uint32_t));
        t->sums = recs_calloc((size_t) items + 1, sizeof(float));
        t->touched = recs_alloc(((size_t) items + 1) * sizeof(uint32_t));
        t->keys = recs_alloc(((size_t) items + 1) * sizeof(uint64_t));
        t->matrix = recs_alloc(n * n * sizeof(float));
        t->weights = recs_alloc(n * sizeof(float));
        memset(t->place, 0xff, ((size_t) items + 1) * sizeof(uint32_t));
    }

    openblas_set_num_threads(1);
    recs_parallel(threads, items, RECS_SLIST_BLOCK, recs_slist_block, m);

    for (k = 0; k < threads; k++) {
        t = &m->threads[k];
        free(t->place);
        free(t->sums);
        free(t->touched);
        free(t->keys);
        free(t->matrix);
        free(t->weights);
    }

    free(m->threads);
}


static void
recs_slist_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t       y;
    recs_slist_t  *m;

    m = ctx;

    for (y = from; y < to; y++) {
        recs_slist_column(m, &m->threads[thread], y);
    }
}


/*
 * The matrix is positive definite but for pairs that were not kept; where it
 * is not, the items speak for y each by itself.
 */

static void
recs_slist_column(recs_slist_t *m, recs_slist_thread_t *t, uint32_t y)
{
    uint32_t                i, k, n;
    recs_format_related_t  *out;

    n = recs_slist_choose(m, t, recs_slist_sum(m, t, y));

    if (n == 0) {
        return;
    }

    recs_slist_fill(m, t, n);

    if (LAPACKE_sposv_work(LAPACK_COL_MAJOR, 'L', n, 1, t->matrix, n,
                           t->weights, n)
        != 0)
    {
        for (k = 0; k < n; k++) {
            t->weights[k] /= m->diagonal[t->touched[k]];
        }
    }

    out = recs_slots_row(&m->slots, y);

    for (i = 0, k = 0; k < n; k++) {
        if (t->weights[k] > 0) {
            out[i].item = t->touched[k];
            out[i].weight = t->weights[k];
            i++;
        }
    }

    m->slots.counts[y] = i;
}


/* Column y of C into sums; how many items were touched. */

static uint32_t
recs_slist_sum(const recs_slist_t *m, recs_slist_thread_t *t, uint32_t y)
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
                n += recs_slist_add(t, n, m->x.rows.entries[j],
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
            n += recs_slist_add(t, n, s->entries[e - d],
                                (1 - alpha) * weight);
        }
    }

    return n;
}


/* What is too old has a weight of zero. */

static uint32_t
recs_slist_add(recs_slist_thread_t *t, uint32_t n, uint32_t i, float weight)
{
    uint32_t  first;

    if (!(weight > 0)) {
        return 0;
    }

    first = (t->sums[i] == 0);
    t->touched[n] = i;
    t->sums[i] += weight;

    return first;
}


/*
 * S into the front of touched, its C_Sy into weights, by item; sums are 0
 * again.  Positive floats are in the order of their bits.
 */

static uint32_t
recs_slist_choose(const recs_slist_t *m, recs_slist_thread_t *t, uint32_t n)
{
    uint32_t  bits, i, k;

    for (k = 0; k < n; k++) {
        i = t->touched[k];
        memcpy(&bits, &t->sums[i], sizeof(bits));
        t->keys[k] = (uint64_t) bits << 32 | (uint32_t) ~i;
        t->sums[i] = 0;
    }

    if (n > m->slots.max) {
        recs_keys_best(t->keys, n, m->slots.max);
        n = m->slots.max;
    }

    recs_keys_sort(t->keys, n);

    for (k = 0; k < n; k++) {
        bits = t->keys[k] >> 32;
        t->touched[k] = ~(uint32_t) t->keys[k];
        memcpy(&t->weights[k], &bits, sizeof(bits));
    }

    return n;
}


/* The lower half of G_SS, by columns. */

static void
recs_slist_fill(const recs_slist_t *m, recs_slist_thread_t *t, uint32_t n)
{
    float                         alpha;
    uint32_t                      i, k, p;
    uint64_t                      e;
    const recs_format_related_t  *pairs;

    pairs = m->gram.entries;
    alpha = (float) m->c->slist_alpha;

    memset(t->matrix, 0, (size_t) n * n * sizeof(float));

    for (k = 0; k < n; k++) {
        t->place[t->touched[k]] = k;
    }

    for (k = 0; k < n; k++) {
        i = t->touched[k];
        t->matrix[(size_t) k * n + k] = m->diagonal[i];

        for (e = m->gram.offsets[i]; e < m->gram.offsets[i + 1]; e++) {
            p = t->place[pairs[e].item];

            if (p != RECS_NONE) {
                t->matrix[(size_t) recs_min(k, p) * n + recs_max(k, p)]
                    = alpha * pairs[e].weight;
            }
        }
    }

    for (k = 0; k < n; k++) {
        t->place[t->touched[k]] = RECS_NONE;
    }
}


static void
recs_slist_free(recs_slist_t *m)
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
