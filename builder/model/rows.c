/*
 * Copyright (C) recs authors
 */

#include "rows.h"

#include <stdlib.h>
#include <string.h>


static int recs_top_worse(const recs_top_entry_t *a,
    const recs_top_entry_t *b);
static void recs_top_sink(recs_top_t *top, uint32_t i);
static int recs_top_compare(const void *one, const void *two);


void
recs_slots_init(recs_slots_t *s, uint32_t rows, uint32_t max, size_t size)
{
    s->rows = rows;
    s->max = max;
    s->size = size;
    s->counts = recs_calloc((size_t) rows + 1, sizeof(uint32_t));
    s->entries = recs_alloc((size_t) rows * max * size + 1);
}


void *
recs_slots_row(const recs_slots_t *s, uint32_t row)
{
    return s->entries + (size_t) row * s->max * s->size;
}


void
recs_slots_finish(recs_slots_t *s, recs_model_list_t *list)
{
    size_t    bytes;
    uint32_t  row;
    uint64_t  n;

    list->rows = s->rows;
    list->offsets = recs_alloc(((size_t) s->rows + 1) * sizeof(uint64_t));

    n = 0;

    for (row = 0; row < s->rows; row++) {
        list->offsets[row] = n;
        bytes = s->counts[row] * s->size;

        memmove(s->entries + n * s->size, recs_slots_row(s, row), bytes);
        n += s->counts[row];
    }

    list->offsets[row] = n;
    list->entries = recs_realloc(s->entries, n * s->size + 1);

    free(s->counts);
    s->counts = NULL;
    s->entries = NULL;
}


void
recs_top_init(recs_top_t *top, uint32_t max)
{
    top->n = 0;
    top->max = max;
    top->entries = recs_alloc((max + 1) * sizeof(recs_top_entry_t));
}


void
recs_top_free(recs_top_t *top)
{
    free(top->entries);
    top->entries = NULL;
}


void
recs_top_push(recs_top_t *top, float value, uint32_t item, uint32_t data)
{
    uint32_t           i, up;
    recs_top_entry_t   e, *h;

    e.value = value;
    e.item = item;
    e.data = data;

    h = top->entries;

    if (top->n == top->max) {

        if (top->max == 0 || recs_top_worse(&e, &h[0])) {
            return;
        }

        h[0] = e;
        recs_top_sink(top, 0);
        return;
    }

    for (i = top->n++; i > 0; i = up) {
        up = (i - 1) / 2;

        if (!recs_top_worse(&e, &h[up])) {
            break;
        }

        h[i] = h[up];
    }

    h[i] = e;
}


void
recs_top_sort(recs_top_t *top)
{
    qsort(top->entries, top->n, sizeof(recs_top_entry_t), recs_top_compare);
}


static int
recs_top_worse(const recs_top_entry_t *a, const recs_top_entry_t *b)
{
    if (a->value != b->value) {
        return a->value < b->value;
    }

    return a->item > b->item;
}


static void
recs_top_sink(recs_top_t *top, uint32_t i)
{
    uint32_t           down;
    recs_top_entry_t   e, *h;

    h = top->entries;
    e = h[i];

    for ( ;; ) {
        down = 2 * i + 1;

        if (down >= top->n) {
            break;
        }

        if (down + 1 < top->n && recs_top_worse(&h[down + 1], &h[down])) {
            down++;
        }

        if (!recs_top_worse(&h[down], &e)) {
            break;
        }

        h[i] = h[down];
        i = down;
    }

    h[i] = e;
}


static int
recs_top_compare(const void *one, const void *two)
{
    if (recs_top_worse(one, two)) {
        return 1;
    }

    return recs_top_worse(two, one) ? -1 : 0;
}
