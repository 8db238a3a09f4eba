/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "assemble.h"


#define RECS_SLOTS_MIN  16


typedef struct {
    recs_column_e  column;
    size_t         offset;       /* in recs_product_t, of the same type */
} recs_columns_member_t;


static int recs_columns_member(recs_writer_t *w, const recs_dataset_t *d,
    const recs_columns_member_t *member, recs_error_t *err);
static int recs_columns_flags(recs_writer_t *w, const recs_dataset_t *d,
    recs_assembly_t *a, recs_error_t *err);
static int recs_columns_sales(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err);
static int recs_columns_slots(recs_writer_t *w, const recs_dataset_t *d,
    recs_assembly_t *a, recs_error_t *err);


static const recs_columns_member_t  recs_columns_members[] = {
    { RECS_COLUMN_KEY64, offsetof(recs_product_t, key64) },
    { RECS_COLUMN_CATEGORY, offsetof(recs_product_t, category) },
    { RECS_COLUMN_BRAND, offsetof(recs_product_t, brand) },
    { RECS_COLUMN_PRICE, offsetof(recs_product_t, price) },
    { RECS_COLUMN_LIST_PRICE, offsetof(recs_product_t, list_price) },
    { RECS_COLUMN_REFERENCE_PRICE, offsetof(recs_product_t, reference_price) },
    { RECS_COLUMN_COST, offsetof(recs_product_t, cost) },
    { RECS_COLUMN_STOCK, offsetof(recs_product_t, stock) },
    { RECS_COLUMN_RATING, offsetof(recs_product_t, rating) },
    { RECS_COLUMN_RATING_COUNT, offsetof(recs_product_t, rating_count) },
    { RECS_COLUMN_CREATED, offsetof(recs_product_t, created_ms) },
    { RECS_COLUMN_REGIONS, offsetof(recs_product_t, regions) },
    { RECS_COLUMN_CURRENCY, offsetof(recs_product_t, currency) },
    { RECS_COLUMN_TIER, offsetof(recs_product_t, tier) },
    { RECS_COLUMN_CTR, offsetof(recs_product_t, ctr) },
    { RECS_COLUMN_MAX, 0 }
};


int
recs_assemble_columns(recs_writer_t *w, const recs_dataset_t *d,
    recs_assembly_t *a, recs_error_t *err)
{
    const recs_columns_member_t  *m;

    for (m = recs_columns_members; m->column != RECS_COLUMN_MAX; m++) {
        if (recs_columns_member(w, d, m, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    if (recs_writer_column(w, RECS_COLUMN_BASKETS, d->item_baskets, d->items,
                           err) != RECS_OK
        || recs_writer_column(w, RECS_COLUMN_POPULARITY, d->popularity,
                              d->items, err) != RECS_OK
        || recs_columns_flags(w, d, a, err) != RECS_OK
        || recs_columns_slots(w, d, a, err) != RECS_OK
        || recs_columns_sales(w, d, err) != RECS_OK
        || recs_writer_column(w, RECS_COLUMN_CATEGORY_END, d->category_end,
                              d->categories, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    return recs_writer_column(w, RECS_COLUMN_CATEGORY_PARENT,
                              d->category_parent, d->categories, err);
}


static int
recs_columns_member(recs_writer_t *w, const recs_dataset_t *d,
    const recs_columns_member_t *member, recs_error_t *err)
{
    int             rc;
    size_t          size;
    uint8_t        *values;
    uint32_t        i;
    const uint8_t  *p;

    size = recs_format_columns[member->column].size;
    values = recs_alloc(d->items * size + 1);

    for (i = 0; i < d->items; i++) {
        p = (const uint8_t *) &d->products[i] + member->offset;
        memcpy(values + i * size, p, size);
    }

    rc = recs_writer_column(w, member->column, values, d->items, err);

    free(values);

    return rc;
}


static int
recs_columns_flags(recs_writer_t *w, const recs_dataset_t *d,
    recs_assembly_t *a, recs_error_t *err)
{
    int                    rc;
    uint8_t               *flags;
    uint32_t               i;
    const recs_product_t  *p;

    flags = recs_calloc(d->items + 1, 1);

    for (i = 0; i < d->items; i++) {
        p = &d->products[i];

        if (p->listed) {
            flags[i] |= RECS_ITEM_LISTED;
            a->listed++;
        }

        if (p->stock == RECS_NO_STOCK || p->stock > 0) {
            flags[i] |= RECS_ITEM_IN_STOCK;
        }
    }

    rc = recs_writer_column(w, RECS_COLUMN_FLAGS, flags, d->items, err);

    free(flags);

    return rc;
}


static int
recs_columns_sales(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err)
{
    int     rc;
    float  *sales;

    sales = recs_model_sales(d);

    rc = recs_writer_column(w, RECS_COLUMN_DEMAND, sales, d->items, err);

    free(sales);

    return rc;
}


/* Half of the slots or more stay empty: a look-up ends after two or three. */

static int
recs_columns_slots(recs_writer_t *w, const recs_dataset_t *d,
    recs_assembly_t *a, recs_error_t *err)
{
    int        rc;
    uint32_t   i, n, slots, *table;

    for (slots = RECS_SLOTS_MIN; slots / 2 < d->items; slots *= 2) {
        /* void */
    }

    table = recs_calloc(slots, sizeof(uint32_t));

    for (i = 0; i < d->items; i++) {
        n = (uint32_t) d->products[i].key64 & (slots - 1);

        while (table[n]) {
            n = (n + 1) & (slots - 1);
        }

        table[n] = i + 1;
    }

    a->header.rows[RECS_DOMAIN_SLOTS] = slots;

    rc = recs_writer_column(w, RECS_COLUMN_SLOT, table, slots, err);

    free(table);

    return rc;
}
