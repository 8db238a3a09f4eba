/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>

#include "../../core/recs_hash.h"
#include "dataset_private.h"


typedef struct {
    uint64_t  key64;
    uint32_t  n;
} recs_item_key_t;


static int
recs_item_key_compare(const void *a, const void *b)
{
    const recs_item_key_t  *x, *y;

    x = a;
    y = b;

    return (x->key64 > y->key64) - (x->key64 < y->key64);
}


int
recs_dataset_unique(const char *what, const recs_str_t *names, size_t stride,
    uint32_t n, recs_error_t *err)
{
    int                rc;
    uint32_t           i;
    const recs_str_t  *a, *b;
    recs_item_key_t   *keys;

    keys = recs_alloc((size_t) n * sizeof(recs_item_key_t));

    for (i = 0; i < n; i++) {
        a = (const void *) ((const uint8_t *) names + i * stride);
        keys[i].key64 = recs_key64(a->data, a->len);
        keys[i].n = i;
    }

    qsort(keys, n, sizeof(recs_item_key_t), recs_item_key_compare);

    rc = RECS_OK;

    for (i = 1; i < n && rc == RECS_OK; i++) {

        if (keys[i].key64 != keys[i - 1].key64) {
            continue;
        }

        a = (const void *) ((const uint8_t *) names + keys[i].n * stride);
        b = (const void *) ((const uint8_t *) names + keys[i - 1].n * stride);

        rc = recs_error(err, "two %s have one key: \"%.*s\" and \"%.*s\"; "
                        "rename one of them", what,
                        (int) recs_min(a->len, 100), a->data,
                        (int) recs_min(b->len, 100), b->data);
    }

    free(keys);

    return rc;
}


static recs_str_t
recs_item_string(const recs_names_t *names, uint32_t n)
{
    static const recs_str_t  none = recs_null_string;

    return (n == RECS_NONE) ? none : recs_names_get(names, n);
}


/* Category, brand, currency and regions are set by number later. */

static void
recs_item_set(recs_product_t *product, const recs_dataset_private_t *p,
    uint32_t n)
{
    const recs_raw_t  *raw;

    raw = &p->raw[n];

    product->id = recs_names_get(p->ids, n);
    product->title = recs_item_string(p->strings, raw->title);
    product->url = recs_item_string(p->strings, raw->url);
    product->image = recs_item_string(p->strings, raw->image);
    product->description = recs_item_string(p->strings, raw->description);
    product->key64 = recs_key64(product->id.data, product->id.len);
    product->price = raw->price;
    product->list_price = raw->list_price;
    product->reference_price = RECS_NO_MONEY;
    product->cost = raw->cost;
    product->created_ms = raw->created_ms;
    product->attribute_count = raw->attribute_count;
    product->category = RECS_NONE;
    product->brand = RECS_NONE;
    product->stock = raw->stock;
    product->ctr = -1;
    product->rating = (uint16_t) raw->rating;
    product->rating_count = raw->rating_count;
    product->listed = 1;

    if (raw->attribute_count) {
        product->attributes = &p->attributes[raw->attributes];
    }

    if (product->price == RECS_NO_MONEY) {
        product->price = raw->event_price;
    }
}


/* What events say of a product's ratings, unless its row counts more. */

static void
recs_item_ratings(recs_dataset_t *d)
{
    int32_t    rating;
    uint32_t   i, *count;
    uint64_t  *sum;

    sum = recs_calloc(d->items, sizeof(uint64_t));
    count = recs_calloc(d->items, sizeof(uint32_t));

    for (i = 0; i < d->events; i++) {

        if (d->detail[i] == RECS_NONE) {
            continue;
        }

        rating = d->details[d->detail[i]].rating;

        if (rating > 0) {
            sum[d->item[i]] += (uint64_t) rating;
            count[d->item[i]]++;
        }
    }

    for (i = 0; i < d->items; i++) {
        if (count[i] && count[i] >= d->products[i].rating_count) {
            d->products[i].rating =
                (uint16_t) ((sum[i] + count[i] / 2) / count[i]);
            d->products[i].rating_count = count[i];
        }
    }

    free(sum);
    free(count);
}


static void
recs_item_created(recs_dataset_t *d)
{
    uint32_t         i;
    recs_product_t  *product;

    for (i = 0; i < d->events; i++) {
        product = &d->products[d->item[i]];

        if (product->created_ms == 0) {
            product->created_ms = (int64_t) d->time[i] * 1000;
        }
    }
}


int
recs_dataset_items(recs_dataset_t *d, const uint32_t *number,
    const float *popularity, recs_error_t *err)
{
    uint32_t                       i;
    const recs_dataset_private_t  *p;

    p = d->private;

    d->products = recs_calloc(d->items, sizeof(recs_product_t));
    d->popularity = recs_calloc(d->items, sizeof(float));

    for (i = 0; i < p->raw_count; i++) {
        if (number[i] != RECS_NO_ITEM) {
            recs_item_set(&d->products[number[i]], p, i);
            d->popularity[number[i]] = popularity[i];
        }
    }

    recs_item_ratings(d);
    recs_item_created(d);

    if (d->items == 0) {
        return RECS_OK;
    }

    return recs_dataset_unique("products", &d->products[0].id,
                               sizeof(recs_product_t), d->items, err);
}
