/*
 * Copyright (C) recs authors
 *
 * What a dataset knew before a moment, for a share of its people: what a
 * model may learn from when the rest is to be predicted.
 */

#include <stdlib.h>
#include <string.h>

#include "dataset_private.h"


static recs_dataset_t *recs_part_make(const recs_dataset_t *d, uint32_t *rows,
    uint32_t n, uint32_t before);
static uint32_t *recs_part_rows(const recs_dataset_t *d, uint32_t before,
    double share, uint32_t *count);
static int recs_part_keeps(const recs_dataset_t *d, uint32_t row,
    uint64_t limit);
static uint32_t *recs_part_column(const uint32_t *column,
    const uint32_t *rows, uint32_t n);
static void recs_part_small(recs_dataset_t *part, const recs_dataset_t *d,
    const uint32_t *rows, uint32_t n);
static void recs_part_searches(recs_dataset_t *part, const recs_dataset_t *d,
    uint32_t before);
static void recs_part_baskets(recs_dataset_t *part, const recs_dataset_t *d,
    uint32_t before);
static void recs_part_prices(recs_dataset_t *part, const recs_dataset_t *d,
    uint32_t before);


recs_dataset_t *
recs_dataset_part(const recs_dataset_t *d, uint32_t before, double share)
{
    uint32_t  n, *rows;

    rows = recs_part_rows(d, before, share, &n);

    return recs_part_make(d, rows, n, before);
}


recs_dataset_t *
recs_dataset_part_last(const recs_dataset_t *d)
{
    uint32_t  i, n, user, *rows, *first, *last;

    rows = recs_alloc(((size_t) d->events + 1) * sizeof(uint32_t));
    first = recs_calloc((size_t) d->by_user.rows + 1, sizeof(uint32_t));
    last = recs_calloc((size_t) d->by_user.rows + 1, sizeof(uint32_t));

    for (i = d->events; i-- > 0; ) {
        user = d->user[i];

        if (user != RECS_NONE) {
            first[user] = d->time[i];
            last[user] = last[user] ? last[user] : d->time[i];
        }
    }

    for (i = 0, n = 0; i < d->events; i++) {
        user = d->user[i];

        if (user == RECS_NONE || d->time[i] != last[user]
            || first[user] == last[user])
        {
            rows[n++] = i;
        }
    }

    free(first);
    free(last);

    return recs_part_make(d, rows, n, UINT32_MAX);
}


/* Takes the rows. */

static recs_dataset_t *
recs_part_make(const recs_dataset_t *d, uint32_t *rows, uint32_t n,
    uint32_t before)
{
    recs_dataset_t  *part;

    part = recs_alloc(sizeof(recs_dataset_t));
    *part = *d;

    part->events = n;
    part->time = recs_part_column(d->time, rows, n);
    part->item = recs_part_column(d->item, rows, n);
    part->user = recs_part_column(d->user, rows, n);
    part->session = recs_part_column(d->session, rows, n);
    part->detail = recs_part_column(d->detail, rows, n);
    recs_part_small(part, d, rows, n);
    recs_part_searches(part, d, before);

    free(rows);

    part->newest_ms = n ? (int64_t) part->time[n - 1] * 1000 : 0;
    part->now_ms = part->newest_ms;

    recs_dataset_index(part);

    if (before == UINT32_MAX) {
        recs_dataset_baskets(part);

    } else {
        recs_part_baskets(part, d, before);
    }

    recs_part_prices(part, d, before);

    part->popularity = recs_dataset_popularity(part);

    return part;
}


void
recs_dataset_part_destroy(recs_dataset_t *part)
{
    if (part == NULL) {
        return;
    }

    free(part->time);
    free(part->item);
    free(part->user);
    free(part->session);
    free(part->detail);
    free(part->type);
    free(part->duration);
    free(part->region);
    free(part->by_user.offsets);
    free(part->by_user.entries);
    free(part->by_session.offsets);
    free(part->by_session.entries);
    free(part->baskets.offsets);
    free(part->baskets.entries);
    free(part->basket_time);
    free(part->item_baskets);
    free(part->prices);
    free(part->popularity);
    free(part);
}


static uint32_t *
recs_part_rows(const recs_dataset_t *d, uint32_t before, double share,
    uint32_t *count)
{
    uint32_t   i, n, *rows;
    uint64_t   limit;

    limit = (uint64_t) (share * 4294967296.0);
    rows = recs_alloc(((size_t) d->events + 1) * sizeof(uint32_t));
    n = 0;

    for (i = 0; i < d->events && d->time[i] < before; i++) {
        if (recs_part_keeps(d, i, limit)) {
            rows[n++] = i;
        }
    }

    *count = n;

    return rows;
}


/* They are by time, and stay the dataset's own. */

static void
recs_part_searches(recs_dataset_t *part, const recs_dataset_t *d,
    uint32_t before)
{
    while (part->search_count
           && d->searches[part->search_count - 1].time >= before)
    {
        part->search_count--;
    }
}


/* Whole users, and whole sessions of nobody. */

static int
recs_part_keeps(const recs_dataset_t *d, uint32_t row, uint64_t limit)
{
    uint32_t  key;

    key = (d->user[row] != RECS_NONE) ? d->user[row] * 2
                                      : d->session[row] * 2 + 1;
    key *= 2654435761u;
    key ^= key >> 15;
    key *= 2246822519u;
    key ^= key >> 13;

    return key < limit;
}


static uint32_t *
recs_part_column(const uint32_t *column, const uint32_t *rows, uint32_t n)
{
    uint32_t  i, *part;

    part = recs_alloc(((size_t) n + 1) * sizeof(uint32_t));

    for (i = 0; i < n; i++) {
        part[i] = column[rows[i]];
    }

    return part;
}


static void
recs_part_small(recs_dataset_t *part, const recs_dataset_t *d,
    const uint32_t *rows, uint32_t n)
{
    uint32_t  i;

    part->type = recs_alloc((size_t) n + 1);

    for (i = 0; i < n; i++) {
        part->type[i] = d->type[rows[i]];
    }

    if (d->region) {
        part->region = recs_alloc((size_t) n + 1);

        for (i = 0; i < n; i++) {
            part->region[i] = d->region[rows[i]];
        }
    }

    if (d->duration == NULL) {
        return;
    }

    part->duration = recs_alloc(((size_t) n + 1) * sizeof(uint16_t));

    for (i = 0; i < n; i++) {
        part->duration[i] = d->duration[rows[i]];
    }
}


static void
recs_part_baskets(recs_dataset_t *part, const recs_dataset_t *d,
    uint32_t before)
{
    uint32_t      b, n;
    uint64_t      e, at;
    recs_rows_t  *rows;

    rows = &part->baskets;
    rows->offsets = recs_calloc((size_t) d->baskets.rows + 1,
                                sizeof(uint64_t));
    rows->entries = recs_alloc((d->baskets.offsets[d->baskets.rows] + 1)
                               * sizeof(uint32_t));
    part->basket_time = recs_alloc(((size_t) d->baskets.rows + 1)
                                   * sizeof(uint32_t));
    part->item_baskets = recs_calloc((size_t) d->items + 1,
                                     sizeof(uint32_t));
    n = 0;
    at = 0;

    for (b = 0; b < d->baskets.rows; b++) {

        if (d->basket_time[b] >= before) {
            continue;
        }

        for (e = d->baskets.offsets[b]; e < d->baskets.offsets[b + 1]; e++) {
            rows->entries[at++] = d->baskets.entries[e];
            part->item_baskets[d->baskets.entries[e]]++;
        }

        part->basket_time[n++] = d->basket_time[b];
        rows->offsets[n] = at;
    }

    rows->rows = n;
}


static void
recs_part_prices(recs_dataset_t *part, const recs_dataset_t *d,
    uint32_t before)
{
    uint32_t  i;

    part->prices = recs_alloc(((size_t) d->price_count + 1)
                              * sizeof(recs_price_t));
    part->price_count = 0;

    for (i = 0; i < d->price_count; i++) {
        if (d->prices[i].time < before) {
            part->prices[part->price_count++] = d->prices[i];
        }
    }
}
