/*
 * Copyright (C) recs authors
 *
 * Memory: 8 bytes a trait of a product, and 8 a cold product and thread.
 */

#include "content.h"
#include "factors.h"
#include "rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define RECS_CONTENT_TRAITS    128     /* most of a product */
#define RECS_CONTENT_POSTINGS  1000    /* a trait of more says nothing */
#define RECS_CONTENT_LEAST     .1f     /* likeness of who is added */
#define RECS_CONTENT_BLOCK     64
#define RECS_CONTENT_DAY       86400000.0


typedef enum {
    RECS_TRAIT_CATEGORY = 0,
    RECS_TRAIT_BRAND,
    RECS_TRAIT_ATTRIBUTE,
    RECS_TRAIT_WORD
} recs_trait_e;

typedef struct {
    uint64_t  kind;              /* RECS_TRAIT_* */
    uint64_t  name;
    uint64_t  value;
} recs_trait_t;


typedef struct {
    const recs_dataset_t     *d;
    const recs_config_t      *c;
    const recs_model_list_t  *base;
    recs_rows_t               traits;    /* of an item */
    float                    *idf;       /* of a trait */
    float                    *lengths;   /* of an item's vector */
    uint32_t                  trait_count;
    uint32_t                  cold_count;
    uint32_t                 *cold;      /* items */
    recs_rows_t               having;    /* of a trait, numbers in cold */
    float                     mean;      /* of the largest weights of rows */
    uint32_t                  max;       /* entries of a row */
    recs_slots_t              slots;
    float                   **sums;      /* of each thread, by cold number */
    uint32_t                **touched;
    recs_top_t               *tops;
} recs_content_t;


static uint32_t recs_content_cold(recs_content_t *x);
static void recs_content_traits(recs_content_t *x);
static uint32_t recs_content_item(const recs_content_t *x,
    const recs_titles_t *titles, uint32_t item, recs_names_t *names,
    uint32_t *traits);
static void recs_content_idf(recs_content_t *x);
static void recs_content_invert(recs_content_t *x);
static void recs_content_base(recs_content_t *x);
static void recs_content_rows(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_content_like(recs_content_t *x, unsigned thread,
    uint32_t item);
static void recs_content_merge(recs_content_t *x, unsigned thread,
    uint32_t item);
static void recs_content_free(recs_content_t *x);


void
recs_model_content(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list)
{
    unsigned           n, threads;
    recs_content_t     x;
    recs_model_list_t  sum;

    memset(&x, 0, sizeof(x));
    x.d = d;
    x.c = c;
    x.base = list;
    threads = (unsigned) recs_max(c->threads, 1);

    if (!(c->content_weight > 0) || recs_content_cold(&x) == 0) {
        free(x.cold);
        return;
    }

    recs_content_traits(&x);
    recs_content_idf(&x);
    recs_content_invert(&x);
    recs_content_base(&x);

    recs_slots_init(&x.slots, d->items, x.max, sizeof(recs_format_related_t));

    x.sums = recs_calloc(threads, sizeof(float *));
    x.touched = recs_calloc(threads, sizeof(uint32_t *));
    x.tops = recs_calloc(threads, sizeof(recs_top_t));

    for (n = 0; n < threads; n++) {
        x.sums[n] = recs_calloc((size_t) x.cold_count, sizeof(float));
        x.touched[n] = recs_calloc((size_t) x.cold_count, sizeof(uint32_t));
        recs_top_init(&x.tops[n], (uint32_t) c->content_max);
    }

    recs_parallel(threads, d->items, RECS_CONTENT_BLOCK, recs_content_rows,
                  &x);

    for (n = 0; n < threads; n++) {
        free(x.sums[n]);
        free(x.touched[n]);
        recs_top_free(&x.tops[n]);
    }

    recs_slots_finish(&x.slots, &sum);
    recs_model_free(list);
    *list = sum;

    recs_content_free(&x);
}


static void
recs_content_free(recs_content_t *x)
{
    free(x->sums);
    free(x->touched);
    free(x->tops);
    free(x->traits.offsets);
    free(x->traits.entries);
    free(x->having.offsets);
    free(x->having.entries);
    free(x->idf);
    free(x->lengths);
    free(x->cold);
}


/*
 * Listed, in no event, and made lately: what nobody wanted for long is not
 * new, and a product without createdAt may be that.
 */

static uint32_t
recs_content_cold(recs_content_t *x)
{
    uint8_t               *known;
    int64_t                since;
    uint32_t               i;
    uint64_t               e;
    const recs_dataset_t  *d;

    d = x->d;
    known = recs_calloc((size_t) d->items + 1, 1);
    x->cold = recs_alloc(((size_t) d->items + 1) * sizeof(uint32_t));

    for (e = 0; e < d->events; e++) {
        if (d->item[e] != RECS_NO_ITEM) {
            known[d->item[e]] = 1;
        }
    }

    since = d->now_ms - (int64_t) (x->c->content_days * RECS_CONTENT_DAY);

    for (i = 0; i < d->items; i++) {
        if (!known[i] && d->products[i].listed
            && d->products[i].created_ms > since)
        {
            x->cold[x->cold_count++] = i;
        }
    }

    free(known);

    return x->cold_count;
}


static void
recs_content_traits(recs_content_t *x)
{
    size_t          cap;
    uint32_t        i, n, traits[RECS_CONTENT_TRAITS];
    uint64_t        at;
    recs_names_t   *names;
    recs_titles_t   titles;

    recs_titles_init(&titles, x->d);
    names = recs_names_create();
    cap = 0;
    at = 0;

    x->traits.rows = x->d->items;
    x->traits.offsets = recs_calloc((size_t) x->d->items + 1,
                                    sizeof(uint64_t));

    for (i = 0; i < x->d->items; i++) {
        n = recs_content_item(x, &titles, i, names, traits);

        recs_grow(&x->traits.entries, &cap, at + n + 1, sizeof(uint32_t));
        memcpy(x->traits.entries + at, traits, n * sizeof(uint32_t));

        at += n;
        x->traits.offsets[i + 1] = at;
    }

    x->trait_count = recs_names_count(names);

    recs_names_destroy(names);
    recs_titles_free(&titles);
}


/* Each trait of an item once. */

static uint32_t
recs_content_item(const recs_content_t *x, const recs_titles_t *titles,
    uint32_t item, recs_names_t *names, uint32_t *traits)
{
    uint32_t                i, n, category;
    uint64_t                e;
    recs_trait_t            t;
    const recs_product_t   *p;

    p = &x->d->products[item];
    memset(&t, 0, sizeof(t));
    n = 0;

#define add(k, x, y)                                                         \
    do {                                                                     \
        t.kind = (k);                                                        \
        t.name = (x);                                                        \
        t.value = (y);                                                       \
        traits[n++] = recs_names_add(names, &t, sizeof(t));                  \
    } while (0)

    for (category = p->category;
         category != RECS_NONE && n < RECS_CONTENT_TRAITS / 4;
         category = x->d->category_parent[category])
    {
        add(RECS_TRAIT_CATEGORY, category, 0);
    }

    if (p->brand != RECS_NONE) {
        add(RECS_TRAIT_BRAND, p->brand, 0);
    }

    for (e = titles->words.offsets[item];
         e < titles->words.offsets[item + 1] && n < RECS_CONTENT_TRAITS / 2;
         e++)
    {
        add(RECS_TRAIT_WORD, titles->words.entries[e], 0);
    }

    for (i = 0; i < p->attribute_count && n < RECS_CONTENT_TRAITS; i++) {

        if (i && p->attributes[i].name == p->attributes[i - 1].name
            && p->attributes[i].value == p->attributes[i - 1].value)
        {
            continue;
        }

        add(RECS_TRAIT_ATTRIBUTE, p->attributes[i].name,
            p->attributes[i].value);
    }

#undef add

    return n;
}


static void
recs_content_idf(recs_content_t *x)
{
    double     sum;
    uint32_t   i, *having;
    uint64_t   e;

    having = recs_calloc((size_t) x->trait_count + 1, sizeof(uint32_t));
    x->idf = recs_calloc((size_t) x->trait_count + 1, sizeof(float));
    x->lengths = recs_calloc((size_t) x->d->items + 1, sizeof(float));

    for (e = 0; e < x->traits.offsets[x->d->items]; e++) {
        having[x->traits.entries[e]]++;
    }

    for (i = 0; i < x->trait_count; i++) {
        x->idf[i] = (float) log((double) x->d->items / having[i]);
    }

    for (i = 0; i < x->d->items; i++) {
        sum = 0;

        for (e = x->traits.offsets[i]; e < x->traits.offsets[i + 1]; e++) {
            sum += x->idf[x->traits.entries[e]]
                   * x->idf[x->traits.entries[e]];
        }

        x->lengths[i] = (float) sqrt(sum);
    }

    free(having);
}


/* Of each trait the cold products that have it. */

static void
recs_content_invert(recs_content_t *x)
{
    uint32_t   n, item, *fill;
    uint64_t   e, *offsets;

    x->having.rows = x->trait_count;
    offsets = recs_calloc((size_t) x->trait_count + 1, sizeof(uint64_t));
    x->having.offsets = offsets;

    for (n = 0; n < x->cold_count; n++) {
        item = x->cold[n];

        for (e = x->traits.offsets[item]; e < x->traits.offsets[item + 1];
             e++)
        {
            offsets[x->traits.entries[e] + 1]++;
        }
    }

    for (n = 0; n < x->trait_count; n++) {
        offsets[n + 1] += offsets[n];
    }

    x->having.entries = recs_alloc((offsets[x->trait_count] + 1)
                                   * sizeof(uint32_t));
    fill = recs_calloc((size_t) x->trait_count + 1, sizeof(uint32_t));

    for (n = 0; n < x->cold_count; n++) {
        item = x->cold[n];

        for (e = x->traits.offsets[item]; e < x->traits.offsets[item + 1];
             e++)
        {
            x->having.entries[offsets[x->traits.entries[e]]
                              + fill[x->traits.entries[e]]++] = n;
        }
    }

    free(fill);
}


static void
recs_content_base(recs_content_t *x)
{
    double                        sum;
    uint32_t                      i, n, longest;
    const recs_format_related_t  *entries;

    entries = x->base->entries;
    sum = 0;
    n = 0;
    longest = 0;

    for (i = 0; i < x->base->rows; i++) {
        longest = recs_max(longest, (uint32_t) (x->base->offsets[i + 1]
                                                - x->base->offsets[i]));

        if (x->base->offsets[i] != x->base->offsets[i + 1]) {
            sum += recs_max(entries[x->base->offsets[i]].weight, 0);
            n++;
        }
    }

    x->mean = n ? (float) (sum / n) : 1;
    x->max = longest + (uint32_t) x->c->content_max;
}


static void
recs_content_rows(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t         i;
    recs_content_t  *x;

    x = ctx;

    for (i = from; i < to; i++) {
        recs_content_like(x, thread, i);
        recs_content_merge(x, thread, i);
    }
}


/* The most like an item, into the thread's heap. */

static void
recs_content_like(recs_content_t *x, unsigned thread, uint32_t item)
{
    float        *sums, weight;
    uint32_t      k, n, trait, number, *touched;
    uint64_t      e, h, first, last;
    recs_top_t   *top;

    sums = x->sums[thread];
    touched = x->touched[thread];
    top = &x->tops[thread];
    top->n = 0;
    n = 0;

    for (e = x->traits.offsets[item]; e < x->traits.offsets[item + 1]; e++) {
        trait = x->traits.entries[e];
        weight = x->idf[trait] * x->idf[trait];
        first = x->having.offsets[trait];
        last = x->having.offsets[trait + 1];

        if (last - first > RECS_CONTENT_POSTINGS || !(weight > 0)) {
            continue;
        }

        for (h = first; h < last; h++) {
            number = x->having.entries[h];

            if (sums[number] == 0) {
                touched[n++] = number;
            }

            sums[number] += weight;
        }
    }

    for (k = 0; k < n; k++) {
        number = touched[k];
        weight = sums[number] / (x->lengths[item]
                                 * x->lengths[x->cold[number]]);
        sums[number] = 0;

        if (weight >= RECS_CONTENT_LEAST && x->cold[number] != item) {
            recs_top_push(top, weight, x->cold[number], 0);
        }
    }

    recs_top_sort(top);
}


static void
recs_content_merge(recs_content_t *x, unsigned thread, uint32_t item)
{
    float                         weight;
    uint32_t                      i, n;
    recs_top_t                   *top;
    recs_format_related_t        *row;
    const recs_format_related_t  *base;

    top = &x->tops[thread];
    row = recs_slots_row(&x->slots, item);
    base = (const recs_format_related_t *) x->base->entries
           + x->base->offsets[item];
    n = (uint32_t) (x->base->offsets[item + 1] - x->base->offsets[item]);

    weight = n ? recs_max(base[0].weight, 0) : x->mean;
    weight *= (float) x->c->content_weight;

    if (n) {
        memcpy(row, base, n * sizeof(recs_format_related_t));
    }

    for (i = 0; i < top->n && weight > 0; i++) {
        row[n].item = top->entries[i].item;
        row[n].weight = weight * top->entries[i].value;
        n++;
    }

    qsort(row, n, sizeof(recs_format_related_t), recs_related_order);
    x->slots.counts[item] = n;
}
