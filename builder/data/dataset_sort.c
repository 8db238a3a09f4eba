/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "dataset_private.h"


#define RECS_SORT_BITS     11
#define RECS_SORT_BUCKETS  (1u << RECS_SORT_BITS)


/* One pass of a radix sort; 0 where all keys have the same digit. */

static unsigned
recs_dataset_sort_pass(const uint32_t *keys, uint32_t n, unsigned shift,
    const uint32_t *from, uint32_t *to)
{
    uint32_t  i, k, sum, start[RECS_SORT_BUCKETS];

    memset(start, 0, sizeof(start));

    for (i = 0; i < n; i++) {
        start[(keys[i] >> shift) & (RECS_SORT_BUCKETS - 1)]++;
    }

    for (i = 0, sum = 0; i < RECS_SORT_BUCKETS; i++) {

        if (start[i] == n) {
            return 0;
        }

        k = start[i];
        start[i] = sum;
        sum += k;
    }

    for (i = 0; i < n; i++) {
        k = (keys[from[i]] >> shift) & (RECS_SORT_BUCKETS - 1);
        to[start[k]++] = from[i];
    }

    return 1;
}


uint32_t *
recs_dataset_permutation(const uint32_t *keys, uint32_t n)
{
    unsigned   shift;
    uint32_t   i, *from, *to, *swap;

    from = recs_alloc((size_t) n * sizeof(uint32_t));
    to = recs_alloc((size_t) n * sizeof(uint32_t));

    for (i = 0; i < n; i++) {
        from[i] = i;
    }

    for (shift = 0; shift < 32; shift += RECS_SORT_BITS) {

        if (recs_dataset_sort_pass(keys, n, shift, from, to)) {
            swap = from;
            from = to;
            to = swap;
        }
    }

    free(to);

    return from;
}


static void
recs_dataset_sort_column(uint32_t **column, const uint32_t *order, uint32_t n)
{
    uint32_t  i, *sorted;

    sorted = recs_alloc((size_t) n * sizeof(uint32_t));

    for (i = 0; i < n; i++) {
        sorted[i] = (*column)[order[i]];
    }

    free(*column);
    *column = sorted;
}


static void
recs_dataset_sort_small(recs_dataset_t *d, const uint32_t *order, uint32_t n)
{
    uint8_t   *type, *region;
    uint16_t  *duration;
    uint32_t   i;

    type = recs_alloc(n);

    for (i = 0; i < n; i++) {
        type[i] = d->type[order[i]];
    }

    free(d->type);
    d->type = type;

    if (d->region) {
        region = recs_alloc(n);

        for (i = 0; i < n; i++) {
            region[i] = d->region[order[i]];
        }

        free(d->region);
        d->region = region;
    }

    if (d->duration == NULL) {
        return;
    }

    duration = recs_alloc((size_t) n * sizeof(uint16_t));

    for (i = 0; i < n; i++) {
        duration[i] = d->duration[order[i]];
    }

    free(d->duration);
    d->duration = duration;
}


void
recs_dataset_sort(recs_dataset_t *d)
{
    uint32_t                 n, *order;
    recs_dataset_private_t  *p;

    p = d->private;
    n = (uint32_t) d->events;

    if (!p->unsorted || n == 0) {
        return;
    }

    order = recs_dataset_permutation(d->time, n);

    recs_dataset_sort_column(&d->time, order, n);
    recs_dataset_sort_column(&d->item, order, n);
    recs_dataset_sort_column(&d->user, order, n);
    recs_dataset_sort_column(&d->session, order, n);
    recs_dataset_sort_column(&d->detail, order, n);
    recs_dataset_sort_small(d, order, n);

    free(order);
}


/* Rows by key, in their order; rows without a key are in none. */

static void
recs_dataset_index_rows(recs_rows_t *rows, const uint32_t *keys, uint32_t n,
    uint32_t count)
{
    uint32_t   i;
    uint64_t   sum, *offsets;

    offsets = recs_calloc((size_t) count + 1, sizeof(uint64_t));

    for (i = 0; i < n; i++) {
        if (keys[i] != RECS_NONE) {
            offsets[keys[i]]++;
        }
    }

    for (i = 0, sum = 0; i <= count; i++) {
        sum += offsets[i];
        offsets[i] = sum;
    }

    rows->rows = count;
    rows->offsets = offsets;
    rows->entries = recs_alloc((size_t) sum * sizeof(uint32_t));

    /* from the end, so that each offset ends as the start of its row */

    for (i = n; i-- > 0; /* void */) {
        if (keys[i] != RECS_NONE) {
            rows->entries[--offsets[keys[i]]] = i;
        }
    }
}


void
recs_dataset_index(recs_dataset_t *d)
{
    uint32_t  n;

    n = (uint32_t) d->events;

    recs_dataset_index_rows(&d->by_user, d->user, n,
                            recs_keys16_count(d->users));
    recs_dataset_index_rows(&d->by_session, d->session, n,
                            recs_keys16_count(d->sessions));
}
