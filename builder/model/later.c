/*
 * Copyright (C) recs authors
 *
 * What people turn to later: pairs of items of one history in the order of
 * time, which neither a Gram matrix nor its inverse knows.  With the places
 * of a history, one for all items of the same moment, as those of an order,
 *
 *   C_ij = sum over histories of decay^(places between i and j), i earlier,
 *          + together where i and j are of one moment
 *   row i of j = C_ij / ((out_i + 2)^from (in_j + 2)^to),
 *
 * out_i and in_j the sums of C in the row and in the column.  A transition
 * matrix is decay 0, from 1, to 0; longer skips are those of SLIST (Choi et
 * al. 2021), to divide by powers is Christoffel et al. 2015.  A history has
 * an item where it was touched last, at most RECS_PAIRS_ROW_MAX of them, the
 * latest; a session that is nobody's is a history of its own.
 *
 * Memory: 20 bytes an interaction, 16 an item and 16 more for each thread.
 * Time: the sum of the squares of the lengths of histories.
 */

#include "demand.h"
#include "linear.h"
#include "table.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_LATER_BLOCK   64
#define RECS_LATER_SHRINK  2
#define RECS_LATER_PLACES  50    /* that come after count */


typedef struct {
    double     *sums;            /* by item */
    uint32_t   *touched;
    float      *packed;
    uint32_t    n;
} recs_later_thread_t;

typedef struct {
    const recs_dataset_t  *d;
    const recs_config_t   *c;
    recs_signals_t         signals;
    recs_rows_t            rows;       /* items of a history, newest first */
    uint32_t              *places;     /* beside its entries, 0 newest */
    size_t                 entries_cap;
    size_t                 places_cap;
    uint32_t              *seen;       /* by item: row + 1 */
    uint64_t              *starts;     /* entries of an item */
    uint64_t              *holders;
    uint32_t              *owners;     /* rows of entries */
    double                *out;
    double                *in;
    double                 decay[RECS_LATER_PLACES];
    recs_linear_t          linear;
    recs_later_thread_t   *threads;
} recs_later_t;


static void recs_later_histories(recs_later_t *l);
static unsigned recs_later_nobodys(const recs_dataset_t *d,
    uint32_t session);
static void recs_later_history(recs_later_t *l, const recs_rows_t *by,
    uint32_t row);
static void recs_later_invert(recs_later_t *l);
static void recs_later_sums(recs_later_t *l);
static double recs_later_beside(const recs_later_t *l, const uint32_t *sizes,
    uint32_t place, int step);
static void recs_later_rows(recs_later_t *l, recs_model_list_t *list);
static void recs_later_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_later_add(const recs_later_t *l, recs_later_thread_t *t,
    uint64_t entry);


int
recs_model_later(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    recs_later_t  l;

    memset(&l, 0, sizeof(recs_later_t));

    l.d = d;
    l.c = c;

    recs_signals_init(&l.signals);
    recs_later_histories(&l);
    recs_later_invert(&l);
    recs_later_sums(&l);
    recs_later_rows(&l, list);

    free(l.rows.offsets);
    free(l.rows.entries);
    free(l.places);
    free(l.starts);
    free(l.holders);
    free(l.owners);
    free(l.out);
    free(l.in);

    recs_model_empty(list, "later", "no history has two products");

    return RECS_OK;
}


/* Measured: 6 to 9 ns a pair of one history, places of one to 150. */

void
recs_later_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost)
{
    double  entries, squares;

    recs_linear_size(d, &entries, &squares);

    cost->bytes = entries * 20
                  + (double) d->items * (16 + 16 * RECS_MODEL_THREADS
                                         + 8.0 * c->related_max);
    cost->seconds = squares * 9e-9;
}


static void
recs_later_histories(recs_later_t *l)
{
    uint32_t               r;
    const recs_dataset_t  *d;

    d = l->d;

    l->rows.offsets = recs_calloc((size_t) d->by_user.rows
                                  + d->by_session.rows + 1,
                                  sizeof(uint64_t));
    l->seen = recs_calloc((size_t) d->items + 1, sizeof(uint32_t));

    for (r = 0; r < d->by_user.rows; r++) {
        recs_later_history(l, &d->by_user, r);
    }

    for (r = 0; r < d->by_session.rows; r++) {
        if (recs_later_nobodys(d, r)) {
            recs_later_history(l, &d->by_session, r);
        }
    }

    free(l->seen);
}


static unsigned
recs_later_nobodys(const recs_dataset_t *d, uint32_t session)
{
    uint64_t  e;

    e = d->by_session.offsets[session];

    return e < d->by_session.offsets[session + 1]
           && d->user[d->by_session.entries[e]] == RECS_NONE;
}


/* From the newest event back; places are counted from the newest, too. */

static void
recs_later_history(recs_later_t *l, const recs_rows_t *by, uint32_t row)
{
    uint32_t               event, i, n, place, time, *items, *places;
    uint64_t               at, e;
    const recs_dataset_t  *d;

    d = l->d;
    at = l->rows.offsets[l->rows.rows];

    recs_grow(&l->rows.entries, &l->entries_cap, at + RECS_PAIRS_ROW_MAX,
              sizeof(uint32_t));
    recs_grow(&l->places, &l->places_cap, at + RECS_PAIRS_ROW_MAX,
              sizeof(uint32_t));

    items = l->rows.entries + at;
    places = l->places + at;
    n = place = time = 0;

    for (e = by->offsets[row + 1];
         e-- > by->offsets[row] && n < RECS_PAIRS_ROW_MAX; )
    {
        event = by->entries[e];
        i = d->item[event];

        if (i >= d->items || l->seen[i] == l->rows.rows + 1
            || !(l->signals.signal[d->type[event]] & RECS_SIGNALS_INTEREST))
        {
            continue;
        }

        place += n && d->time[event] != time;
        time = d->time[event];

        l->seen[i] = l->rows.rows + 1;
        items[n] = i;
        places[n++] = place;
    }

    l->rows.offsets[++l->rows.rows] = at + n;
}


static void
recs_later_invert(recs_later_t *l)
{
    uint32_t      i, r;
    uint64_t      e;
    recs_rows_t  *rows;

    rows = &l->rows;

    l->starts = recs_calloc((size_t) l->d->items + 2, sizeof(uint64_t));
    l->holders = recs_alloc((rows->offsets[rows->rows] + 1)
                            * sizeof(uint64_t));
    l->owners = recs_alloc((rows->offsets[rows->rows] + 1)
                           * sizeof(uint32_t));

    for (e = 0; e < rows->offsets[rows->rows]; e++) {
        l->starts[rows->entries[e] + 2]++;
    }

    for (i = 0; i < l->d->items; i++) {
        l->starts[i + 2] += l->starts[i + 1];
    }

    for (r = 0; r < rows->rows; r++) {
        for (e = rows->offsets[r]; e < rows->offsets[r + 1]; e++) {
            l->holders[l->starts[rows->entries[e] + 1]++] = e;
            l->owners[e] = r;
        }
    }
}


/* What the rows and the columns of C come to, place by place. */

static void
recs_later_sums(recs_later_t *l)
{
    uint32_t  k, r, sizes[RECS_PAIRS_ROW_MAX];
    uint64_t  e;

    for (k = 0; k < RECS_LATER_PLACES; k++) {
        l->decay[k] = pow(l->c->later_decay, k);
    }

    l->out = recs_calloc((size_t) l->d->items + 1, sizeof(double));
    l->in = recs_calloc((size_t) l->d->items + 1, sizeof(double));

    for (r = 0; r < l->rows.rows; r++) {
        memset(sizes, 0, sizeof(sizes));

        for (e = l->rows.offsets[r]; e < l->rows.offsets[r + 1]; e++) {
            sizes[l->places[e]]++;
        }

        for (e = l->rows.offsets[r]; e < l->rows.offsets[r + 1]; e++) {
            k = l->places[e];

            l->out[l->rows.entries[e]] += recs_later_beside(l, sizes, k, -1);
            l->in[l->rows.entries[e]] += recs_later_beside(l, sizes, k, 1);
        }
    }
}


/* What lies before (step 1) or behind (step -1) a place. */

static double
recs_later_beside(const recs_later_t *l, const uint32_t *sizes,
    uint32_t place, int step)
{
    int64_t   at;
    double    sum;
    uint32_t  k;

    sum = l->c->later_together * (sizes[place] - 1);
    at = place;

    for (k = 0; k < RECS_LATER_PLACES; k++) {
        at += step;

        if (at < 0 || at >= RECS_PAIRS_ROW_MAX) {
            break;
        }

        sum += l->decay[k] * sizes[at];
    }

    return sum;
}


static void
recs_later_rows(recs_later_t *l, recs_model_list_t *list)
{
    size_t    items;
    unsigned  n, threads;

    items = (size_t) l->d->items + 1;
    threads = recs_max((unsigned) l->c->threads, 1u);

    l->threads = recs_calloc(threads, sizeof(recs_later_thread_t));
    recs_linear_init(&l->linear, l->d, (uint32_t) l->c->related_max, threads);

    for (n = 0; n < threads; n++) {
        l->threads[n].sums = recs_calloc(items, sizeof(double));
        l->threads[n].touched = recs_alloc(items * sizeof(uint32_t));
        l->threads[n].packed = recs_alloc(items * sizeof(float));
    }

    recs_parallel(threads, l->d->items, RECS_LATER_BLOCK, recs_later_block,
                  l);
    recs_linear_finish(&l->linear, list);

    for (n = 0; n < threads; n++) {
        free(l->threads[n].sums);
        free(l->threads[n].touched);
        free(l->threads[n].packed);
    }

    free(l->threads);
}


static void
recs_later_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    double                from_i, to_j;
    uint32_t              i, j, k;
    uint64_t              h;
    recs_later_t         *l;
    recs_later_thread_t  *t;

    l = ctx;
    t = &l->threads[thread];

    for (i = from; i < to; i++) {
        t->n = 0;

        for (h = l->starts[i]; h < l->starts[i + 1]; h++) {
            recs_later_add(l, t, l->holders[h]);
        }

        from_i = pow(l->out[i] + RECS_LATER_SHRINK, l->c->later_from);

        for (k = 0; k < t->n; k++) {
            j = t->touched[k];
            to_j = pow(l->in[j] + RECS_LATER_SHRINK, l->c->later_to);

            t->packed[k] = (float) (t->sums[j] / (from_i * to_j));
            t->sums[j] = 0;
        }

        recs_linear_sparse(&l->linear, thread, i, t->n, t->touched,
                           t->packed);
    }
}


/* An entry's history: what came after it, the newest is first. */

static void
recs_later_add(const recs_later_t *l, recs_later_thread_t *t, uint64_t entry)
{
    double    weight;
    uint32_t  j, place;
    uint64_t  e, end;

    place = l->places[entry];
    end = l->rows.offsets[l->owners[entry] + 1];

    for (e = l->rows.offsets[l->owners[entry]];
         e < end && l->places[e] <= place; e++)
    {
        if (place - l->places[e] > RECS_LATER_PLACES) {
            continue;
        }

        weight = (l->places[e] == place)
                 ? l->c->later_together
                 : l->decay[place - l->places[e] - 1];

        if (weight == 0 || e == entry) {
            continue;
        }

        j = l->rows.entries[e];

        if (t->sums[j] == 0) {
            t->touched[t->n++] = j;
        }

        t->sums[j] += weight;
    }
}
