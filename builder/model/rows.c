/*
 * Copyright (C) recs authors
 */

#include "rows.h"

#include <stdlib.h>
#include <string.h>


#define RECS_KEYS_FEW  24


static int recs_top_worse(const recs_top_entry_t *a,
    const recs_top_entry_t *b);
static void recs_top_sink(recs_top_t *top, uint32_t i);
static int recs_top_compare(const void *one, const void *two);
static uint32_t recs_keys_split(uint64_t *keys, uint32_t from, uint32_t to);
static void recs_keys_insert(uint64_t *keys, uint32_t from, uint32_t to);


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


/* Counted two places up and filled one place up, offsets[t] ends right. */

void
recs_rows_turn(const recs_rows_t *in, uint32_t things, recs_rows_t *out)
{
    uint32_t   r, t;
    uint64_t   e, n, *starts;

    n = in->offsets[in->rows];
    starts = recs_calloc((size_t) things + 2, sizeof(uint64_t));

    out->rows = things;
    out->offsets = starts;
    out->entries = recs_alloc(n * sizeof(uint32_t) + 1);

    for (e = 0; e < n; e++) {
        starts[in->entries[e] + 2]++;
    }

    for (t = 2; t < things + 2; t++) {
        starts[t] += starts[t - 1];
    }

    for (r = 0; r < in->rows; r++) {
        for (e = in->offsets[r]; e < in->offsets[r + 1]; e++) {
            out->entries[starts[in->entries[e] + 1]++] = r;
        }
    }
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


void
recs_keys_best(uint64_t *keys, uint32_t n, uint32_t k)
{
    uint32_t  at, from, to;

    from = 0;
    to = n;

    while (from < k && k < to) {

        if (to - from <= RECS_KEYS_FEW) {
            recs_keys_insert(keys, from, to);
            return;
        }

        at = recs_keys_split(keys, from, to);

        if (at < k) {
            from = at + 1;

        } else {
            to = at;
        }
    }
}


/* The longer part is left for last, so that 64 are enough. */

void
recs_keys_sort(uint64_t *keys, uint32_t n)
{
    uint32_t  at, from, to, depth, stack[64][2];

    from = 0;
    to = n;
    depth = 0;

    for ( ;; ) {

        if (to - from > RECS_KEYS_FEW) {
            at = recs_keys_split(keys, from, to);

            if (at - from > to - at - 1) {
                stack[depth][0] = from;
                stack[depth++][1] = at;
                from = at + 1;

            } else {
                stack[depth][0] = at + 1;
                stack[depth++][1] = to;
                to = at;
            }

            continue;
        }

        recs_keys_insert(keys, from, to);

        if (depth == 0) {
            return;
        }

        from = stack[--depth][0];
        to = stack[depth][1];
    }
}


/*
 * Around the middle one of three; without a branch, for half of them would
 * be guessed wrong.
 */

static uint32_t
recs_keys_split(uint64_t *keys, uint32_t from, uint32_t to)
{
    uint32_t  at, k, middle;
    uint64_t  a, b, c, key, pivot;

    middle = from + (to - from) / 2;
    a = keys[from];
    b = keys[middle];
    c = keys[to - 1];

    if ((a < b) != (a < c)) {
        middle = from;

    } else if ((c < a) != (c < b)) {
        middle = to - 1;
    }

    pivot = keys[middle];
    keys[middle] = keys[to - 1];
    at = from;

    for (k = from; k < to - 1; k++) {
        key = keys[k];
        keys[k] = keys[at];
        keys[at] = key;
        at += key > pivot;
    }

    keys[to - 1] = keys[at];
    keys[at] = pivot;

    return at;
}


static void
recs_keys_insert(uint64_t *keys, uint32_t from, uint32_t to)
{
    uint32_t  i, k;
    uint64_t  key;

    for (i = from + 1; i < to; i++) {
        key = keys[i];

        for (k = i; k > from && keys[k - 1] < key; k--) {
            keys[k] = keys[k - 1];
        }

        keys[k] = key;
    }
}


int
recs_related_order(const void *one, const void *two)
{
    const recs_format_related_t  *a, *b;

    a = one;
    b = two;

    if (a->weight != b->weight) {
        return (a->weight > b->weight) ? -1 : 1;
    }

    return (a->item < b->item) ? -1 : a->item > b->item;
}
