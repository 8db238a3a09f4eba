/*
 * Copyright (C) recs authors
 *
 * Categories, brands and regions: their names, the keys that lead to them,
 * and the products in them.
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/recs_hash.h"
#include "assemble.h"


typedef struct {
    uint64_t  key;
    uint32_t  category;
    uint32_t  alias;             /* of the last element, not of the path */
} recs_names_key_t;


static int recs_names_strings(recs_writer_t *w, recs_list_e which,
    const recs_str_t *names, uint32_t n, recs_error_t *err);
static int recs_names_items(recs_writer_t *w, const recs_dataset_t *d,
    recs_list_e which, recs_error_t *err);
static uint32_t recs_names_of(const recs_dataset_t *d, recs_list_e which,
    uint32_t item);
static uint32_t recs_names_next(const recs_dataset_t *d, recs_list_e which,
    uint32_t n);
static int recs_names_brands(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err);
static int recs_names_categories(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err);
static int recs_names_cmp(const void *one, const void *two);
static int recs_names_put(recs_writer_t *w, uint8_t section, uint64_t key64,
    uint32_t n, recs_error_t *err);


int
recs_assemble_names(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err)
{
    if (recs_names_strings(w, RECS_LIST_CATEGORY_PATH, d->category_path,
                           d->categories, err) != RECS_OK
        || recs_names_strings(w, RECS_LIST_BRAND_NAME, d->brand_name,
                              d->brands, err) != RECS_OK
        || recs_names_strings(w, RECS_LIST_REGION_NAME, d->region_name,
                              d->regions, err) != RECS_OK
        || recs_names_items(w, d, RECS_LIST_CATEGORY_ITEMS, err) != RECS_OK
        || recs_names_items(w, d, RECS_LIST_BRAND_ITEMS, err) != RECS_OK
        || recs_names_brands(w, d, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    return recs_names_categories(w, d, err);
}


/* A name may itself contain the "/" that joins a path. */

recs_str_t
recs_assemble_leaf(const recs_dataset_t *d, uint32_t category)
{
    size_t      skip;
    recs_str_t  leaf;

    leaf = d->category_path[category];

    if (d->category_parent[category] != RECS_NONE) {
        skip = d->category_path[d->category_parent[category]].len + 1;
        leaf.data += recs_min(skip, leaf.len);
        leaf.len -= recs_min(skip, leaf.len);
    }

    return leaf;
}


static int
recs_names_strings(recs_writer_t *w, recs_list_e which,
    const recs_str_t *names, uint32_t n, recs_error_t *err)
{
    int                rc;
    uint8_t           *p;
    uint32_t           i;
    recs_model_list_t  list;

    list.rows = n;
    list.offsets = recs_calloc((size_t) n + 1, sizeof(uint64_t));

    for (i = 0; i < n; i++) {
        list.offsets[i + 1] = list.offsets[i] + names[i].len;
    }

    p = recs_alloc(list.offsets[n] + 1);
    list.entries = p;

    for (i = 0; i < n; i++) {
        if (names[i].len) {
            memcpy(p + list.offsets[i], names[i].data, names[i].len);
        }
    }

    rc = recs_writer_list(w, which, &list, err);

    recs_model_free(&list);

    return rc;
}


/*
 * Postings: the products of a brand; those of a category and of all below
 * it.  Items go in by number, so every row is by popularity.
 */

static int
recs_names_items(recs_writer_t *w, const recs_dataset_t *d, recs_list_e which,
    recs_error_t *err)
{
    int                rc;
    uint32_t           i, n, rows, *items;
    uint64_t          *next;
    recs_model_list_t  list;

    rows = (which == RECS_LIST_BRAND_ITEMS) ? d->brands : d->categories;

    list.rows = rows;
    list.offsets = recs_calloc((size_t) rows + 1, sizeof(uint64_t));

    for (i = 0; i < d->items; i++) {
        for (n = recs_names_of(d, which, i); n != RECS_NONE;
             n = recs_names_next(d, which, n))
        {
            list.offsets[n + 1]++;
        }
    }

    for (n = 0; n < rows; n++) {
        list.offsets[n + 1] += list.offsets[n];
    }

    next = recs_alloc(((size_t) rows + 1) * sizeof(uint64_t));
    memcpy(next, list.offsets, ((size_t) rows + 1) * sizeof(uint64_t));

    items = recs_alloc((list.offsets[rows] + 1) * sizeof(uint32_t));
    list.entries = items;

    for (i = 0; i < d->items; i++) {
        for (n = recs_names_of(d, which, i); n != RECS_NONE;
             n = recs_names_next(d, which, n))
        {
            items[next[n]++] = i;
        }
    }

    rc = recs_writer_list(w, which, &list, err);

    free(next);
    recs_model_free(&list);

    return rc;
}


static uint32_t
recs_names_of(const recs_dataset_t *d, recs_list_e which, uint32_t item)
{
    return (which == RECS_LIST_BRAND_ITEMS) ? d->products[item].brand
                                            : d->products[item].category;
}


static uint32_t
recs_names_next(const recs_dataset_t *d, recs_list_e which, uint32_t n)
{
    return (which == RECS_LIST_BRAND_ITEMS) ? RECS_NONE
                                            : d->category_parent[n];
}


static int
recs_names_brands(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err)
{
    uint32_t           i;
    const recs_str_t  *name;

    for (i = 0; i < d->brands; i++) {
        name = &d->brand_name[i];

        if (recs_names_put(w, 'B', recs_key64(name->data, name->len), i, err)
            != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


/* A last element is a key too where no other category goes by that name. */

static int
recs_names_categories(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err)
{
    int                rc;
    uint32_t           i, n, count;
    recs_str_t         leaf;
    recs_names_key_t  *keys;

    keys = recs_calloc((size_t) d->categories * 2 + 1,
                       sizeof(recs_names_key_t));
    count = 0;

    for (i = 0; i < d->categories; i++) {
        leaf = d->category_path[i];

        keys[count].key = recs_key64(leaf.data, leaf.len);
        keys[count++].category = i;

        if (d->category_parent[i] != RECS_NONE) {
            leaf = recs_assemble_leaf(d, i);

            keys[count].key = recs_key64(leaf.data, leaf.len);
            keys[count].alias = 1;
            keys[count++].category = i;
        }
    }

    qsort(keys, count, sizeof(recs_names_key_t), recs_names_cmp);

    rc = RECS_OK;

    for (i = 0; i < count && rc == RECS_OK; i = n) {

        for (n = i + 1; n < count && keys[n].key == keys[i].key; n++) {

            /* two paths with one key: the writer must see and refuse it */

            if (!keys[n].alias) {
                rc = recs_names_put(w, 'C', keys[n].key, keys[n].category,
                                    err);
            }
        }

        if (rc == RECS_OK && (!keys[i].alias || n == i + 1)) {
            rc = recs_names_put(w, 'C', keys[i].key, keys[i].category, err);
        }
    }

    free(keys);

    return rc;
}


static int
recs_names_cmp(const void *one, const void *two)
{
    const recs_names_key_t  *a, *b;

    a = one;
    b = two;

    if (a->key != b->key) {
        return (a->key < b->key) ? -1 : 1;
    }

    if (a->alias != b->alias) {
        return (a->alias < b->alias) ? -1 : 1;
    }

    return (a->category < b->category) ? -1 : a->category > b->category;
}


static int
recs_names_put(recs_writer_t *w, uint8_t section, uint64_t key64, uint32_t n,
    recs_error_t *err)
{
    size_t   len;
    uint8_t  key[RECS_FORMAT_KEY_MAX];

    len = recs_format_name_key(key, section, key64);

    return recs_writer_put(w, key, len, &n, sizeof(n), err);
}
