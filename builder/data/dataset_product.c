/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/recs_hash.h"
#include "dataset_private.h"


static uint32_t recs_dataset_string(recs_names_t *names,
    const recs_str_t *s);
static uint32_t recs_dataset_category(recs_dataset_private_t *p,
    const recs_product_row_t *row);
static uint64_t recs_dataset_regions(recs_dataset_private_t *p,
    const recs_product_row_t *row);
static void recs_dataset_attributes(recs_dataset_private_t *p,
    recs_raw_t *raw, const recs_product_row_t *row);


static const recs_raw_t  recs_raw_null = {
    .title = RECS_NONE,
    .url = RECS_NONE,
    .image = RECS_NONE,
    .description = RECS_NONE,
    .category = RECS_NONE,
    .brand = RECS_NONE,
    .currency = RECS_NONE,
    .tier = RECS_NONE,
    .price = RECS_NO_MONEY,
    .list_price = RECS_NO_MONEY,
    .cost = RECS_NO_MONEY,
    .event_price = RECS_NO_MONEY,
    .stock = RECS_NO_STOCK
};


uint32_t
recs_dataset_raw(recs_dataset_private_t *p, const recs_str_t *id)
{
    uint32_t  number;

    number = recs_names_add(p->ids, id->data, id->len);

    if (number == p->raw_count) {
        recs_grow(&p->raw, &p->raw_cap, p->raw_count + 1,
                  sizeof(recs_raw_t));
        p->raw[p->raw_count++] = recs_raw_null;
    }

    return number;
}


/* The members that the row has; the others are as they were. */

static void
recs_dataset_product_change(recs_dataset_private_t *p, recs_raw_t *raw,
    const recs_product_row_t *row, int64_t time_ms)
{
    raw->updated_ms = time_ms;
    raw->listed = (row->listed == -1) ? raw->listed : row->listed;
    raw->price = (row->price == RECS_NO_MONEY) ? raw->price : row->price;
    raw->list_price = (row->list_price == RECS_NO_MONEY) ? raw->list_price
                                                         : row->list_price;
    raw->cost = (row->cost == RECS_NO_MONEY) ? raw->cost : row->cost;

    if (row->stock != RECS_NO_STOCK) {
        raw->stock = row->stock;

    } else if (row->available == 1 && raw->stock <= 0) {
        raw->stock = RECS_NO_STOCK;
    }

    if (row->rating) {
        raw->rating = row->rating;
        raw->rating_count = row->rating_count;
    }

    if (row->url.len) {
        raw->url = recs_dataset_string(p->strings, &row->url);
    }

    if (row->image.len) {
        raw->image = recs_dataset_string(p->strings, &row->image);
    }

    if (row->description.len) {
        raw->description = recs_dataset_string(p->strings,
                                               &row->description);
    }

    if (row->brand.len) {
        raw->brand = recs_dataset_string(p->brands, &row->brand);
    }

    if (row->currency.len) {
        raw->currency = recs_dataset_string(p->currencies, &row->currency);
    }

    if (row->tier.len) {
        raw->tier = recs_dataset_string(p->tiers, &row->tier);
    }

    if (row->region_count) {
        raw->regions = recs_dataset_regions(p, row);
    }

    if (row->created_ms) {
        raw->created_ms = row->created_ms;
    }

    if (row->attribute_count) {
        recs_dataset_attributes(p, raw, row);
        recs_dataset_tags_add(p, raw, row, RECS_RAW_VALUES);
    }

    if (row->tag_count) {
        recs_dataset_tags_add(p, raw, row, RECS_RAW_TAGS);
    }
}


/*
 * The last row of a product wins, by its time where both rows have one.  Each
 * row's price is history.
 */

static void
recs_dataset_product_set(recs_dataset_private_t *p, uint32_t number,
    const recs_product_row_t *row, int64_t time_ms)
{
    recs_raw_t  *raw;

    raw = &p->raw[number];

    if (row->price != RECS_NO_MONEY) {
        recs_dataset_price_add(&p->catalogue_prices, number,
                               recs_dataset_seconds(time_ms), row->price);
    }

    if (raw->known && time_ms && time_ms < raw->updated_ms) {
        return;
    }

    if (raw->known && recs_product_row_changes(row)) {
        recs_dataset_product_change(p, raw, row, time_ms);
        return;
    }

    raw->known = 1;
    raw->listed = (row->listed != 0);
    raw->updated_ms = time_ms;
    raw->title = recs_dataset_string(p->strings, &row->title);
    raw->url = recs_dataset_string(p->strings, &row->url);
    raw->image = recs_dataset_string(p->strings, &row->image);
    raw->description = recs_dataset_string(p->strings, &row->description);
    raw->brand = recs_dataset_string(p->brands, &row->brand);
    raw->currency = recs_dataset_string(p->currencies, &row->currency);
    raw->tier = recs_dataset_string(p->tiers, &row->tier);
    raw->category = recs_dataset_category(p, row);
    raw->regions = recs_dataset_regions(p, row);
    raw->price = row->price;
    raw->list_price = row->list_price;
    raw->cost = row->cost;
    raw->stock = row->stock;
    raw->rating = row->rating;
    raw->rating_count = row->rating_count;
    raw->created_ms = row->created_ms;

    recs_dataset_attributes(p, raw, row);
    recs_dataset_tags_add(p, raw, row, RECS_RAW_TAGS);
    recs_dataset_tags_add(p, raw, row, RECS_RAW_VALUES);
}


int
recs_dataset_product(recs_dataset_t *d, const recs_event_t *e,
    recs_error_t *err)
{
    int64_t                  time_ms;
    uint32_t                 number;
    const char              *field, *reason;
    recs_product_row_t       row;
    recs_dataset_private_t  *p;

    p = d->private;

    if (recs_catalog_product(p->catalog, &e->document, &row, &field, &reason)
        != RECS_OK)
    {
        return recs_error(err, "a catalogue row cannot be read: %s%s%s; "
                          "import the catalogue again", field ? field : "",
                          field ? ": " : "", reason);
    }

    d->catalogue = 1;

    time_ms = row.updated_ms ? row.updated_ms : e->time_ms;
    number = recs_dataset_raw(p, &row.id);

    recs_dataset_product_set(p, number, &row, time_ms);

    return RECS_OK;
}


static uint32_t
recs_dataset_string(recs_names_t *names, const recs_str_t *s)
{
    return s->len ? recs_names_add(names, s->data, s->len) : RECS_NONE;
}


/*
 * A category is known by its path.  A name may hold a "/", so that one path
 * can come cut in two ways: the longer parent is taken, whichever comes
 * first.
 */

static uint32_t
recs_dataset_category_node(recs_dataset_private_t *p, const uint8_t *path,
    size_t len, uint32_t parent)
{
    uint32_t    count, n;
    recs_str_t  a, b;

    count = recs_names_count(p->paths);
    n = recs_names_add(p->paths, path, len);

    if (n == count) {
        recs_grow(&p->parent, &p->parent_cap, (size_t) n + 1,
                  sizeof(uint32_t));
        p->parent[n] = RECS_NONE;
    }

    if (parent == RECS_NONE || parent == p->parent[n]) {
        return n;
    }

    if (p->parent[n] != RECS_NONE) {
        a = recs_names_get(p->paths, p->parent[n]);
        b = recs_names_get(p->paths, parent);

        if (a.len >= b.len) {
            return n;
        }
    }

    p->parent[n] = parent;

    return n;
}


static uint32_t
recs_dataset_category(recs_dataset_private_t *p,
    const recs_product_row_t *row)
{
    size_t    len, size;
    uint8_t   path[RECS_CATALOG_DEPTH * (RECS_ID_MAX + 1)];
    uint32_t  i, node;

    len = 0;
    node = RECS_NONE;

    for (i = 0; i < row->category_count; i++) {
        size = recs_min(row->category[i].len, RECS_ID_MAX);

        if (size == 0) {
            continue;
        }

        if (len) {
            path[len++] = '/';
        }

        memcpy(path + len, row->category[i].data, size);
        len += size;

        node = recs_dataset_category_node(p, path, len, node);
    }

    return node;
}


/* More than 64 are refused by finish, which can name them. */

static uint64_t
recs_dataset_regions(recs_dataset_private_t *p, const recs_product_row_t *row)
{
    uint32_t  i, n;
    uint64_t  bits;

    bits = 0;

    for (i = 0; i < row->region_count; i++) {
        n = recs_dataset_string(p->regions, &row->regions[i]);

        if (n < RECS_FORMAT_REGIONS) {
            bits |= (uint64_t) 1 << n;
        }
    }

    return bits;
}


static int
recs_dataset_attribute_compare(const void *a, const void *b)
{
    const recs_attribute_t  *x, *y;

    x = a;
    y = b;

    if (x->name != y->name) {
        return (x->name > y->name) - (x->name < y->name);
    }

    return (x->value > y->value) - (x->value < y->value);
}


static void
recs_dataset_attributes(recs_dataset_private_t *p, recs_raw_t *raw,
    const recs_product_row_t *row)
{
    uint32_t                         i;
    recs_attribute_t                *to;
    const recs_product_attribute_t  *from;

    if (row->attribute_count > raw->attribute_count) {
        raw->attributes = p->attribute_count;
        p->attribute_count += row->attribute_count;
        recs_grow(&p->attributes, &p->attribute_cap, p->attribute_count,
                  sizeof(recs_attribute_t));
    }

    raw->attribute_count = row->attribute_count;

    for (i = 0; i < row->attribute_count; i++) {
        from = &row->attributes[i];
        to = &p->attributes[raw->attributes + i];

        to->name = recs_key64(from->name.data, from->name.len);
        to->value = recs_key64(from->value.data, from->value.len);
        to->number = from->number;
    }

    if (i) {
        qsort(&p->attributes[raw->attributes], i, sizeof(recs_attribute_t),
              recs_dataset_attribute_compare);
    }
}
