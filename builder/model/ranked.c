/*
 * Copyright (C) recs authors
 *
 * An item has one value in all its scopes, so one sort serves all: items
 * are dealt out best first until a scope has enough.
 */

#include "ranked.h"

#include <math.h>
#include <stdlib.h>


static void recs_ranked_sort(recs_ranked_t *r, const recs_dataset_t *d);
static void recs_ranked_deal(const recs_ranked_t *r, const recs_dataset_t *d,
    uint32_t max, uint32_t *counts, const uint64_t *offsets,
    recs_format_ranked_t *out);
static void recs_ranked_score(recs_format_ranked_t *items, uint32_t n);
static int recs_ranked_compare(const void *one, const void *two);


void
recs_ranked_add(recs_ranked_t *r, uint32_t item, double value, double n,
    double half)
{
    float                  v;
    recs_format_ranked_t  *e;

    v = value;

    if (!(v > 0) || !isfinite(v)) {
        return;
    }

    recs_grow(&r->items, &r->cap, (size_t) r->n + 1,
              sizeof(recs_format_ranked_t));

    e = &r->items[r->n++];
    e->item = item;
    e->value = v;
    e->score = 0;
    e->confidence = n > 0 ? n / (n + half) : 0;
}


void
recs_ranked_scopes(recs_ranked_t *r, const recs_dataset_t *d, uint32_t max,
    recs_model_list_t *list)
{
    uint32_t               s, *counts;
    recs_format_ranked_t  *out;

    recs_ranked_sort(r, d);

    list->rows = 1 + d->categories;
    list->offsets = recs_calloc((size_t) list->rows + 1, sizeof(uint64_t));

    counts = recs_calloc(list->rows, sizeof(uint32_t));
    recs_ranked_deal(r, d, max, counts, NULL, NULL);

    for (s = 0; s < list->rows; s++) {
        list->offsets[s + 1] = list->offsets[s] + counts[s];
        counts[s] = 0;
    }

    out = recs_alloc(list->offsets[s] * sizeof(recs_format_ranked_t) + 1);
    recs_ranked_deal(r, d, max, counts, list->offsets, out);

    for (s = 0; s < list->rows; s++) {
        recs_ranked_score(&out[list->offsets[s]], counts[s]);
    }

    list->entries = out;

    free(counts);
    free(r->items);
    *r = (recs_ranked_t) { .items = NULL };
}


/* Once to count, once with "out". */

static void
recs_ranked_deal(const recs_ranked_t *r, const recs_dataset_t *d,
    uint32_t max, uint32_t *counts, const uint64_t *offsets,
    recs_format_ranked_t *out)
{
    uint32_t  c, i, s;

    for (i = 0; i < r->n; i++) {
        c = d->products[r->items[i].item].category;

        for (s = 0; ; c = d->category_parent[c]) {

            if (counts[s] < max) {
                if (out) {
                    out[offsets[s] + counts[s]] = r->items[i];
                }

                counts[s]++;
            }

            if (c >= d->categories) {
                break;
            }

            s = 1 + c;
        }
    }
}


void
recs_ranked_row(recs_ranked_t *r, const recs_dataset_t *d, uint32_t max,
    recs_ranked_t *out)
{
    uint32_t  i, n;

    recs_ranked_sort(r, d);

    n = recs_min(r->n, max);
    recs_grow(&out->items, &out->cap, (size_t) out->n + n + 1,
              sizeof(recs_format_ranked_t));

    for (i = 0; i < n; i++) {
        out->items[out->n + i] = r->items[i];
    }

    recs_ranked_score(&out->items[out->n], n);
    out->n += n;
    r->n = 0;
}


static void
recs_ranked_sort(recs_ranked_t *r, const recs_dataset_t *d)
{
    uint32_t  i, n;

    for (i = 0, n = 0; i < r->n; i++) {
        if (d->products[r->items[i].item].listed) {
            r->items[n++] = r->items[i];
        }
    }

    r->n = n;

    if (n) {
        qsort(r->items, n, sizeof(recs_format_ranked_t),
              recs_ranked_compare);
    }
}


static void
recs_ranked_score(recs_format_ranked_t *items, uint32_t n)
{
    float     best;
    uint32_t  i;

    best = n ? items[0].value : 0;

    for (i = 0; i < n; i++) {
        items[i].score = items[i].value / best;
    }
}


static int
recs_ranked_compare(const void *one, const void *two)
{
    const recs_format_ranked_t  *a = one, *b = two;

    if (a->value != b->value) {
        return a->value > b->value ? -1 : 1;
    }

    return (a->item > b->item) - (a->item < b->item);
}
