/*
 * Copyright (C) recs authors
 */

#include "bought.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


static void recs_bought_weights(recs_bought_t *b, const recs_config_t *c,
    const uint32_t *times, uint32_t now);
static void recs_bought_invert(recs_bought_t *b);


void
recs_bought_init(recs_bought_t *b, const recs_dataset_t *d,
    const recs_config_t *c)
{
    b->items = d->items;

    recs_pairs_sample(&d->baskets, RECS_PAIRS_ROW_MAX, &b->rows);
    recs_bought_weights(b, c, d->basket_time,
                        (uint32_t) (recs_max(d->now_ms, 0) / 1000));
    recs_bought_invert(b);
}


void
recs_bought_rows(recs_bought_t *b, const recs_rows_t *rows, uint32_t items,
    const recs_config_t *c)
{
    b->items = items;

    recs_pairs_sample(rows, RECS_PAIRS_ROW_MAX, &b->rows);
    recs_bought_weights(b, c, NULL, 0);
    recs_bought_invert(b);
}


void
recs_bought_free(recs_bought_t *b)
{
    free(b->rows.offsets);
    free(b->rows.entries);
    free(b->weights);
    free(b->starts);
    free(b->owners);
    free(b->margin);
}


static void
recs_bought_weights(recs_bought_t *b, const recs_config_t *c,
    const uint32_t *times, uint32_t now)
{
    double    n, weight;
    uint32_t  r;
    uint64_t  e;

    b->total = 0;
    b->weights = recs_calloc((size_t) b->rows.rows + 1, sizeof(float));
    b->margin = recs_calloc((size_t) b->items + 1, sizeof(double));

    for (r = 0; r < b->rows.rows; r++) {
        n = (double) (b->rows.offsets[r + 1] - b->rows.offsets[r]) - 1;

        if (n < 1) {
            continue;
        }

        weight = pow(n, -c->together_size);

        if (c->together_days > 0 && times) {
            weight *= recs_decay(now, times[r], c->together_days * 86400);
        }

        b->weights[r] = (float) weight;
        weight = n * b->weights[r];
        b->total += weight * (n + 1);

        for (e = b->rows.offsets[r]; e < b->rows.offsets[r + 1]; e++) {
            b->margin[b->rows.entries[e]] += weight;
        }
    }
}


/* Counted two places up and filled one place up, starts[i] ends right. */

static void
recs_bought_invert(recs_bought_t *b)
{
    uint32_t  i, r;
    uint64_t  e, n;

    n = b->rows.offsets[b->rows.rows];
    b->starts = recs_calloc((size_t) b->items + 2, sizeof(uint64_t));
    b->owners = recs_alloc(n * sizeof(uint32_t) + 1);

    for (e = 0; e < n; e++) {
        b->starts[b->rows.entries[e] + 2]++;
    }

    for (i = 2; i < b->items + 2; i++) {
        b->starts[i] += b->starts[i - 1];
    }

    for (r = 0; r < b->rows.rows; r++) {
        for (e = b->rows.offsets[r]; e < b->rows.offsets[r + 1]; e++) {
            b->owners[b->starts[b->rows.entries[e] + 1]++] = r;
        }
    }
}


void
recs_bought_row_init(recs_bought_row_t *row, uint32_t items)
{
    row->n = 0;
    row->items = recs_alloc(((size_t) items + 1) * sizeof(uint32_t));
    row->counts = recs_calloc((size_t) items + 1, sizeof(uint32_t));
    row->sums = recs_calloc((size_t) items + 1, sizeof(float));
}


void
recs_bought_row_free(recs_bought_row_t *row)
{
    free(row->items);
    free(row->counts);
    free(row->sums);
}


void
recs_bought_add(const recs_bought_t *b, recs_bought_row_t *row,
    uint32_t item)
{
    float     weight;
    uint32_t  j, r;
    uint64_t  a, e;

    for (a = b->starts[item]; a < b->starts[item + 1]; a++) {
        r = b->owners[a];
        weight = b->weights[r];

        for (e = b->rows.offsets[r]; e < b->rows.offsets[r + 1]; e++) {
            j = b->rows.entries[e];

            if (j == item) {
                continue;
            }

            if (row->counts[j]++ == 0) {
                row->items[row->n++] = j;
            }

            row->sums[j] += weight;
        }
    }
}


void
recs_bought_clear(recs_bought_row_t *row)
{
    uint32_t  k;

    for (k = 0; k < row->n; k++) {
        row->counts[row->items[k]] = 0;
        row->sums[row->items[k]] = 0;
    }

    row->n = 0;
}
