/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "../memory.h"
#include "catalog.h"
#include "log_rows.h"


#define RECS_ROW_WHOLE  0


/* What a row is told apart by. */

typedef struct {
    uint64_t  class;
    uint64_t  shop;
    uint8_t   user[RECS_IDENTITY_SIZE];
    uint8_t   product[16];
    uint64_t  members;               /* RECS_ROW_WHOLE, or which it changes */
} recs_row_name_t;

typedef struct {
    uint32_t  name;                  /* number of it */
    uint32_t  whole;                 /* of the product's whole row, or NONE */
} recs_row_t;

typedef struct {
    int64_t   time_ms;               /* of the row in force */
    uint64_t  row;
} recs_row_last_t;

struct recs_log_rows_s {
    recs_catalog_t      *catalog;
    recs_keys16_t       *names;
    recs_row_last_t     *last;       /* by name */
    size_t               last_cap;
    recs_row_t          *rows;       /* in their order */
    uint64_t             count;
    size_t               cap;
    uint64_t             next;
    recs_product_row_t   row;
};


static uint64_t recs_log_rows_members(const recs_product_row_t *row,
    const recs_event_t *e);
static uint32_t recs_log_rows_name(recs_log_rows_t *rows,
    const recs_row_name_t *name);


recs_log_rows_t *
recs_log_rows_create(void)
{
    recs_log_rows_t  *rows;

    rows = recs_calloc(1, sizeof(recs_log_rows_t));
    rows->catalog = recs_catalog_create();
    rows->names = recs_keys16_create();

    return rows;
}


void
recs_log_rows_destroy(recs_log_rows_t *rows)
{
    recs_catalog_destroy(rows->catalog);
    recs_keys16_destroy(rows->names);
    free(rows->last);
    free(rows->rows);
    free(rows);
}


int
recs_log_rows_is(const recs_event_t *e)
{
    return e->class == RECS_CLASS_PRODUCT || e->class == RECS_CLASS_USER;
}


void
recs_log_rows_add(recs_log_rows_t *rows, const recs_event_t *e)
{
    int64_t           time_ms;
    recs_row_t       *row;
    const char       *field, *err;
    XXH128_hash_t     h;
    recs_row_name_t   name;
    recs_row_last_t  *last;

    memset(&name, 0, sizeof(name));

    name.class = e->class;
    name.shop = XXH3_64bits(e->shop.data, e->shop.len);
    memcpy(name.user, e->user.bytes, RECS_IDENTITY_SIZE);
    time_ms = e->time_ms;

    recs_grow(&rows->rows, &rows->cap, rows->count + 1, sizeof(recs_row_t));
    row = &rows->rows[rows->count];
    row->whole = RECS_NONE;

    if (e->class == RECS_CLASS_PRODUCT && e->item_count) {
        h = XXH3_128bits(e->items[0].product.data, e->items[0].product.len);
        memcpy(name.product, &h.low64, 8);
        memcpy(name.product + 8, &h.high64, 8);

        /* what cannot be read is told by whoever builds from it */

        if (recs_catalog_product(rows->catalog, &e->document, &rows->row,
                                 &field, &err)
            == RECS_OK)
        {
            name.members = recs_log_rows_members(&rows->row, e);
            time_ms = rows->row.updated_ms ? rows->row.updated_ms : time_ms;
        }

        if (name.members != RECS_ROW_WHOLE) {
            row->name = recs_log_rows_name(rows, &name);
            name.members = RECS_ROW_WHOLE;
            row->whole = recs_log_rows_name(rows, &name);
        }
    }

    if (row->whole == RECS_NONE) {
        row->name = recs_log_rows_name(rows, &name);
    }

    last = &rows->last[row->name];

    if (time_ms >= last->time_ms) {
        last->time_ms = time_ms;
        last->row = rows->count;
    }

    rows->count++;
}


/* The members that a row changes, as bits; lists and texts as they are. */

static uint64_t
recs_log_rows_members(const recs_product_row_t *row, const recs_event_t *e)
{
    uint64_t  bits;

    if (!recs_product_row_changes(row)) {
        return RECS_ROW_WHOLE;
    }

    if (row->attribute_count || row->tag_count) {
        return XXH3_64bits(e->document.data, e->document.len) | 1;
    }

    bits = 1;
    bits |= (uint64_t) (row->description.len != 0) << 1;
    bits |= (uint64_t) (row->brand.len != 0) << 2;
    bits |= (uint64_t) (row->currency.len != 0) << 3;
    bits |= (uint64_t) (row->url.len != 0) << 4;
    bits |= (uint64_t) (row->image.len != 0) << 5;
    bits |= (uint64_t) (row->tier.len != 0) << 6;
    bits |= (uint64_t) (row->region_count != 0) << 7;
    bits |= (uint64_t) (row->price != RECS_NO_MONEY) << 8;
    bits |= (uint64_t) (row->list_price != RECS_NO_MONEY) << 9;
    bits |= (uint64_t) (row->cost != RECS_NO_MONEY) << 10;
    bits |= (uint64_t) (row->stock != RECS_NO_STOCK) << 11;
    bits |= (uint64_t) (row->rating != 0) << 12;
    bits |= (uint64_t) (row->created_ms != 0) << 13;
    bits |= (uint64_t) (row->listed != -1) << 14;
    bits |= (uint64_t) (row->available != -1) << 15;

    return bits;
}


static uint32_t
recs_log_rows_name(recs_log_rows_t *rows, const recs_row_name_t *name)
{
    uint8_t        key[16];
    uint32_t       n, count;
    XXH128_hash_t  h;

    h = XXH3_128bits(name, sizeof(recs_row_name_t));
    memcpy(key, &h.low64, 8);
    memcpy(key + 8, &h.high64, 8);

    count = recs_keys16_count(rows->names);
    n = recs_keys16_add(rows->names, key);

    if (n == count) {
        recs_grow(&rows->last, &rows->last_cap, (size_t) n + 1,
                  sizeof(recs_row_last_t));
        rows->last[n].time_ms = INT64_MIN;
        rows->last[n].row = UINT64_MAX;
    }

    return n;
}


int
recs_log_rows_next(recs_log_rows_t *rows)
{
    uint64_t                n;
    const recs_row_t       *row;
    const recs_row_last_t  *last, *whole;

    n = rows->next++;
    row = &rows->rows[n];
    last = &rows->last[row->name];

    if (last->row != n) {
        return 0;
    }

    if (row->whole == RECS_NONE) {
        return 1;
    }

    /* a change before the whole row is in it */

    whole = &rows->last[row->whole];

    return whole->row == UINT64_MAX || last->time_ms > whole->time_ms
           || (last->time_ms == whole->time_ms && n > whole->row);
}
