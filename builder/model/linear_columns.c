/*
 * Copyright (C) recs authors
 *
 * Operators that are solved column by column, as rows to be served.
 *
 * Memory: 8 bytes a weight, beside the columns, and 8 an item.
 */

#include "linear.h"

#include <stdlib.h>


#define RECS_LINEAR_BLOCK  64


typedef struct {
    recs_linear_t  *l;
    uint64_t       *starts;      /* of rows */
    uint32_t       *items;
    float          *weights;
} recs_linear_turn_t;


static void recs_linear_turn_rows(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);


void
recs_linear_columns(recs_linear_t *l, const recs_model_list_t *columns)
{
    uint32_t                      i, j, items;
    uint64_t                      at, e, n;
    recs_linear_turn_t            t;
    const recs_format_related_t  *entry;

    items = columns->rows;
    entry = columns->entries;
    n = columns->offsets[items];

    t.l = l;
    t.starts = recs_calloc((size_t) items + 2, sizeof(uint64_t));
    t.items = recs_alloc((n + 1) * sizeof(uint32_t));
    t.weights = recs_alloc((n + 1) * sizeof(float));

    for (e = 0; e < n; e++) {
        t.starts[entry[e].item + 2]++;
    }

    for (i = 0; i < items; i++) {
        t.starts[i + 2] += t.starts[i + 1];
    }

    for (j = 0; j < items; j++) {
        for (e = columns->offsets[j]; e < columns->offsets[j + 1]; e++) {
            at = t.starts[entry[e].item + 1]++;
            t.items[at] = j;
            t.weights[at] = entry[e].weight;
        }
    }

    recs_parallel(l->threads, items, RECS_LINEAR_BLOCK,
                  recs_linear_turn_rows, &t);

    free(t.starts);
    free(t.items);
    free(t.weights);
}


static void
recs_linear_turn_rows(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t             i;
    recs_linear_turn_t  *t;

    t = ctx;

    for (i = from; i < to; i++) {
        recs_linear_sparse(t->l, thread, i,
                           (uint32_t) (t->starts[i + 1] - t->starts[i]),
                           t->items + t->starts[i],
                           t->weights + t->starts[i]);
    }
}
