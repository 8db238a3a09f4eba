/*
 * Copyright (C) recs authors
 *
 * A' P row by row: for thing t, what each of its people bought is added into
 * a dense accumulator; all counts are whole, so that threads do not matter.
 *
 * Memory: things and purchases of people twice, 4 bytes each, 8 a thing, 8
 * an item and thread, and 400 a thing for its row.
 */

#include "cross.h"
#include "demand.h"
#include "rows.h"

#include "../../core/event/recs_event_type.h"

#include <stdlib.h>
#include <string.h>


#define RECS_CROSS_BLOCK  64


typedef struct {
    uint32_t              *counts;
    uint32_t              *touched;
    recs_top_t             top;
} recs_cross_thread_t;

typedef struct {
    const recs_dataset_t  *d;
    const recs_rows_t     *buy;
    recs_rows_t            having;   /* by thing: its people */
    uint32_t              *buyers;   /* by item */
    double                 all;      /* people who did either */
    recs_slots_t           slots;
    recs_cross_thread_t   *threads;
} recs_cross_t;


static void recs_cross_person_items(const recs_dataset_t *d,
    const uint8_t *wanted, const recs_rows_t *by, uint32_t row,
    unsigned nobodys, uint32_t *mark, recs_rows_t *rows, size_t *cap);
static void recs_cross_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_cross_thing(recs_cross_t *c, recs_cross_thread_t *t,
    uint32_t thing);
static int recs_cross_compare(const void *one, const void *two);


uint32_t
recs_cross_person(const recs_dataset_t *d, uint32_t user, uint32_t session)
{
    if (user != RECS_NONE) {
        return user;
    }

    return (session == RECS_NONE) ? RECS_NONE : d->by_user.rows + session;
}


uint32_t
recs_cross_people(const recs_dataset_t *d)
{
    return d->by_user.rows + d->by_session.rows;
}


void
recs_cross_items(const recs_dataset_t *d, unsigned signals,
    recs_rows_t *rows)
{
    size_t           cap;
    uint8_t          wanted[256];
    uint32_t         i, *mark;
    recs_signals_t   s;

    recs_signals_init(&s);

    for (i = 0; i < 256; i++) {
        wanted[i] = (s.signal[i] & signals) != 0;
    }

    memset(rows, 0, sizeof(recs_rows_t));

    cap = 0;
    mark = recs_alloc((size_t) d->items * sizeof(uint32_t) + 1);
    memset(mark, 0xff, (size_t) d->items * sizeof(uint32_t));
    rows->offsets = recs_calloc((size_t) recs_cross_people(d) + 1,
                                sizeof(uint64_t));

    for (i = 0; i < d->by_user.rows; i++) {
        recs_cross_person_items(d, wanted, &d->by_user, i, 0, mark, rows,
                                &cap);
    }

    for (i = 0; i < d->by_session.rows; i++) {
        recs_cross_person_items(d, wanted, &d->by_session, i, 1, mark, rows,
                                &cap);
    }

    free(mark);
}


static void
recs_cross_person_items(const recs_dataset_t *d, const uint8_t *wanted,
    const recs_rows_t *by, uint32_t row, unsigned nobodys, uint32_t *mark,
    recs_rows_t *rows, size_t *cap)
{
    uint32_t  event, item;
    uint64_t  e, n, from;

    from = rows->offsets[rows->rows];
    n = from;

    recs_grow(&rows->entries, cap, from + RECS_CROSS_CUT, sizeof(uint32_t));

    for (e = by->offsets[row + 1];
         e > by->offsets[row] && n - from < RECS_CROSS_CUT;
         e--)
    {
        event = by->entries[e - 1];
        item = d->item[event];

        if (item < d->items && wanted[d->type[event]]
            && mark[item] != rows->rows
            && !(nobodys && d->user[event] != RECS_NONE))
        {
            mark[item] = rows->rows;
            rows->entries[n++] = item;
        }
    }

    rows->offsets[++rows->rows] = n;
}


void
recs_cross_build(const recs_dataset_t *d, const recs_rows_t *have,
    uint32_t things, const recs_rows_t *buy, unsigned threads,
    recs_model_list_t *list)
{
    unsigned      n;
    uint32_t      r;
    uint64_t      e;
    recs_cross_t  c = { .d = d, .buy = buy };

    recs_rows_turn(have, things, &c.having);
    recs_slots_init(&c.slots, things, RECS_CROSS_MAX,
                    sizeof(recs_format_related_t));

    c.buyers = recs_calloc((size_t) d->items + 1, sizeof(uint32_t));
    c.threads = recs_calloc(threads, sizeof(recs_cross_thread_t));

    for (r = 0; r < buy->rows; r++) {
        c.all += have->offsets[r + 1] > have->offsets[r]
                 || buy->offsets[r + 1] > buy->offsets[r];

        for (e = buy->offsets[r]; e < buy->offsets[r + 1]; e++) {
            c.buyers[buy->entries[e]]++;
        }
    }

    for (n = 0; n < threads; n++) {
        c.threads[n].counts = recs_calloc((size_t) d->items + 1,
                                          sizeof(uint32_t));
        c.threads[n].touched = recs_calloc((size_t) d->items + 1,
                                           sizeof(uint32_t));
        recs_top_init(&c.threads[n].top, RECS_CROSS_MAX);
    }

    recs_parallel(threads, things, RECS_CROSS_BLOCK, recs_cross_block, &c);
    recs_slots_finish(&c.slots, list);

    for (n = 0; n < threads; n++) {
        free(c.threads[n].counts);
        free(c.threads[n].touched);
        recs_top_free(&c.threads[n].top);
    }

    free(c.threads);
    free(c.buyers);
    free(c.having.offsets);
    free(c.having.entries);
}


static void
recs_cross_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t       t;
    recs_cross_t  *c;

    c = ctx;

    for (t = from; t < to; t++) {
        recs_cross_thing(c, &c->threads[thread], t);
    }
}


static void
recs_cross_thing(recs_cross_t *c, recs_cross_thread_t *t, uint32_t thing)
{
    double                  both, g2, having;
    uint32_t                j, k, n, person;
    uint64_t                a, e, end;
    recs_format_related_t  *out;

    n = 0;
    t->top.n = 0;
    having = c->having.offsets[thing + 1] - c->having.offsets[thing];

    for (a = c->having.offsets[thing]; a < c->having.offsets[thing + 1]; a++)
    {
        person = c->having.entries[a];
        end = c->buy->offsets[person + 1];

        for (e = c->buy->offsets[person]; e < end; e++) {
            j = c->buy->entries[e];

            if (t->counts[j]++ == 0) {
                t->touched[n++] = j;
            }
        }
    }

    for (k = 0; k < n; k++) {
        j = t->touched[k];
        both = t->counts[j];
        g2 = recs_llr(both, having - both, c->buyers[j] - both,
                      c->all - having - c->buyers[j] + both);

        if (g2 > RECS_CROSS_G2 && c->d->products[j].listed) {
            recs_top_push(&t->top, (float) g2, j, t->counts[j]);
        }

        t->counts[j] = 0;
    }

    out = recs_slots_row(&c->slots, thing);
    c->slots.counts[thing] = t->top.n;

    for (k = 0; k < t->top.n; k++) {
        out[k].item = t->top.entries[k].item;
        out[k].weight = (float) (t->top.entries[k].data / having);
    }

    qsort(out, t->top.n, sizeof(recs_format_related_t), recs_cross_compare);
}


static int
recs_cross_compare(const void *one, const void *two)
{
    const recs_format_related_t  *a, *b;

    a = one;
    b = two;

    if (a->weight != b->weight) {
        return a->weight < b->weight ? 1 : -1;
    }

    return (a->item > b->item) - (a->item < b->item);
}
