/*
 * Copyright (C) recs authors
 *
 * Blocks: the seed's category (its popular items and those nearest in
 * price), its siblings under the parent, its brand, and the titles with its
 * rarest words.  Each has a cap, so that time is linear in items.
 *
 * Memory: 4 bytes an item for each level of its category, 8 more.
 */

#include "candidates.h"

#include <math.h>
#include <stdlib.h>


#define RECS_BLOCK_POPULAR  300
#define RECS_BLOCK_PRICE    150    /* on each side of the seed's */
#define RECS_BLOCK_SIBLING  200
#define RECS_BLOCK_BRAND    64
#define RECS_BLOCK_TITLE    128
#define RECS_BLOCK_WORD     400    /* items with a word that is worth it */


typedef struct {
    float     price;
    uint32_t  item;
} recs_block_price_t;


static void recs_blocks_under(recs_blocks_t *b);
static void recs_blocks_priced(recs_blocks_t *b);
static void recs_blocks_sort(recs_blocks_t *b, uint32_t c,
    recs_block_price_t *sorted);
static void recs_blocks_brands(recs_blocks_t *b);
static void recs_blocks_rows(recs_rows_t *rows, uint32_t n);
static void recs_blocks_sums(recs_rows_t *rows);
static void recs_candidates_row(recs_candidates_t *c,
    const recs_rows_t *rows, uint32_t row, uint32_t max);
static void recs_candidates_price(recs_candidates_t *c,
    const recs_blocks_t *b, uint32_t category, uint32_t seed);
static void recs_candidates_title(recs_candidates_t *c,
    const recs_titles_t *t, uint32_t seed);
static int recs_blocks_by_price(const void *one, const void *two);


void
recs_blocks_init(recs_blocks_t *b, const recs_dataset_t *d,
    const recs_factors_t *factors)
{
    b->d = d;
    b->factors = factors;

    recs_blocks_under(b);
    recs_blocks_priced(b);
    recs_blocks_brands(b);
}


void
recs_blocks_free(recs_blocks_t *b)
{
    free(b->under.offsets);
    free(b->under.entries);
    free(b->priced.offsets);
    free(b->priced.entries);
    free(b->brands.offsets);
    free(b->brands.entries);
}


/*
 * Rows by counting: counts go two places up and are filled one place up, so
 * that the offsets end right.
 */

static void
recs_blocks_rows(recs_rows_t *rows, uint32_t n)
{
    rows->rows = n;
    rows->offsets = recs_calloc((size_t) n + 2, sizeof(uint64_t));
}


static void
recs_blocks_sums(recs_rows_t *rows)
{
    uint32_t  r;

    for (r = 2; r < rows->rows + 2; r++) {
        rows->offsets[r] += rows->offsets[r - 1];
    }

    rows->entries = recs_alloc(rows->offsets[rows->rows + 1]
                               * sizeof(uint32_t) + 1);
}


static void
recs_blocks_under(recs_blocks_t *b)
{
    uint32_t               c, i;
    const recs_dataset_t  *d;

    d = b->d;
    recs_blocks_rows(&b->under, d->categories);

    for (i = 0; i < d->items; i++) {
        c = d->products[i].listed ? d->products[i].category : RECS_NONE;

        for ( /* void */ ; c < d->categories; c = d->category_parent[c]) {
            b->under.offsets[c + 2]++;
        }
    }

    recs_blocks_sums(&b->under);

    for (i = 0; i < d->items; i++) {
        c = d->products[i].listed ? d->products[i].category : RECS_NONE;

        for ( /* void */ ; c < d->categories; c = d->category_parent[c]) {
            b->under.entries[b->under.offsets[c + 1]++] = i;
        }
    }
}


static void
recs_blocks_priced(recs_blocks_t *b)
{
    uint32_t               c, i;
    const recs_dataset_t  *d;
    recs_block_price_t    *sorted;

    d = b->d;
    recs_blocks_rows(&b->priced, d->categories);

    for (i = 0; i < d->items; i++) {
        c = d->products[i].category;

        if (c < d->categories && d->products[i].listed
            && !isnan(b->factors->prices[i]))
        {
            b->priced.offsets[c + 2]++;
        }
    }

    recs_blocks_sums(&b->priced);

    for (i = 0; i < d->items; i++) {
        c = d->products[i].category;

        if (c < d->categories && d->products[i].listed
            && !isnan(b->factors->prices[i]))
        {
            b->priced.entries[b->priced.offsets[c + 1]++] = i;
        }
    }

    sorted = recs_alloc(d->items * sizeof(recs_block_price_t) + 1);

    for (c = 0; c < d->categories; c++) {
        recs_blocks_sort(b, c, sorted);
    }

    free(sorted);
}


static void
recs_blocks_sort(recs_blocks_t *b, uint32_t c, recs_block_price_t *sorted)
{
    uint32_t  k, n, *items;

    items = b->priced.entries + b->priced.offsets[c];
    n = b->priced.offsets[c + 1] - b->priced.offsets[c];

    for (k = 0; k < n; k++) {
        sorted[k].item = items[k];
        sorted[k].price = b->factors->prices[items[k]];
    }

    qsort(sorted, n, sizeof(recs_block_price_t), recs_blocks_by_price);

    for (k = 0; k < n; k++) {
        items[k] = sorted[k].item;
    }
}


static void
recs_blocks_brands(recs_blocks_t *b)
{
    uint32_t               i, n;
    const recs_dataset_t  *d;

    d = b->d;
    recs_blocks_rows(&b->brands, d->brands);

    for (i = 0; i < d->items; i++) {
        n = d->products[i].brand;

        if (n < d->brands && d->products[i].listed) {
            b->brands.offsets[n + 2]++;
        }
    }

    recs_blocks_sums(&b->brands);

    for (i = 0; i < d->items; i++) {
        n = d->products[i].brand;

        if (n < d->brands && d->products[i].listed) {
            b->brands.entries[b->brands.offsets[n + 1]++] = i;
        }
    }
}


void
recs_candidates_init(recs_candidates_t *c, const recs_dataset_t *d)
{
    c->d = d;
    c->n = 0;
    c->stamp = 0;
    c->stamps = recs_calloc((size_t) d->items + 1, sizeof(uint32_t));
}


void
recs_candidates_free(recs_candidates_t *c)
{
    free(c->stamps);
}


void
recs_candidates_begin(recs_candidates_t *c, uint32_t seed)
{
    c->n = 0;
    c->stamp++;
    c->stamps[seed] = c->stamp;
}


unsigned
recs_candidates_add(recs_candidates_t *c, uint32_t item)
{
    if (c->stamps[item] == c->stamp || c->n == RECS_CANDIDATES_MAX
        || !c->d->products[item].listed)
    {
        return 0;
    }

    c->stamps[item] = c->stamp;
    c->items[c->n++] = item;

    return 1;
}


void
recs_candidates_blocks(recs_candidates_t *c, const recs_blocks_t *b,
    const recs_titles_t *titles, uint32_t seed)
{
    uint32_t               category, parent;
    const recs_product_t  *p;

    p = &b->d->products[seed];
    category = p->category;

    recs_candidates_title(c, titles, seed);

    if (p->brand < b->d->brands) {
        recs_candidates_row(c, &b->brands, p->brand, RECS_BLOCK_BRAND);
    }

    if (category >= b->d->categories) {
        return;
    }

    recs_candidates_row(c, &b->under, category, RECS_BLOCK_POPULAR);
    recs_candidates_price(c, b, category, seed);

    parent = b->d->category_parent[category];

    if (parent < b->d->categories) {
        recs_candidates_row(c, &b->under, parent, RECS_BLOCK_SIBLING);
    }
}


static void
recs_candidates_row(recs_candidates_t *c, const recs_rows_t *rows,
    uint32_t row, uint32_t max)
{
    uint64_t  e;

    for (e = rows->offsets[row]; e < rows->offsets[row + 1] && max; e++) {
        max -= recs_candidates_add(c, rows->entries[e]);
    }
}


static void
recs_candidates_price(recs_candidates_t *c, const recs_blocks_t *b,
    uint32_t category, uint32_t seed)
{
    float      price;
    uint64_t   end, from, high, low, middle;
    uint32_t  *items;

    price = b->factors->prices[seed];

    if (isnan(price)) {
        return;
    }

    items = b->priced.entries;
    from = b->priced.offsets[category];
    end = b->priced.offsets[category + 1];

    for (low = from, high = end; low < high; ) {
        middle = low + (high - low) / 2;

        if (b->factors->prices[items[middle]] < price) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    from = low - recs_min(low - from, RECS_BLOCK_PRICE);
    end = low + recs_min(end - low, RECS_BLOCK_PRICE);

    for ( /* void */ ; from < end; from++) {
        (void) recs_candidates_add(c, items[from]);
    }
}


/* Words from the rarest on, as long as there is room. */

static void
recs_candidates_title(recs_candidates_t *c, const recs_titles_t *t,
    uint32_t seed)
{
    uint32_t  room, word;
    uint64_t  best, df, e, last, n;

    room = RECS_BLOCK_TITLE;
    last = 1;

    while (room) {
        best = RECS_BLOCK_WORD + 1;

        for (e = t->words.offsets[seed]; e < t->words.offsets[seed + 1]; e++)
        {
            word = t->words.entries[e];
            df = t->items.offsets[word + 1] - t->items.offsets[word];

            if (df > last && df < best) {
                best = df;
            }
        }

        if (best > RECS_BLOCK_WORD) {
            break;
        }

        for (e = t->words.offsets[seed]; e < t->words.offsets[seed + 1]; e++)
        {
            word = t->words.entries[e];
            df = t->items.offsets[word + 1] - t->items.offsets[word];

            if (df == best) {
                n = c->n;
                recs_candidates_row(c, &t->items, word, room);
                room -= c->n - n;
            }
        }

        last = best;
    }
}


static int
recs_blocks_by_price(const void *one, const void *two)
{
    const recs_block_price_t  *a = one, *b = two;

    if (a->price != b->price) {
        return a->price < b->price ? -1 : 1;
    }

    return (a->item > b->item) - (a->item < b->item);
}
