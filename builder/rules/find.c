/*
 * Copyright (C) recs authors
 *
 * Where the names of a rules file are looked up.
 */

#include "rules.h"

#include "../../core/recs_hash.h"

#include <stdlib.h>
#include <string.h>


/* A dataset, and its products by key64, open addressing, number + 1. */

typedef struct {
    const recs_dataset_t  *d;
    uint32_t              *slots;
    uint32_t               mask;
} recs_rules_dataset_t;


static void
recs_rules_index(recs_rules_dataset_t *x)
{
    uint32_t  i, n, slots;

    for (slots = 16; slots / 2 < x->d->items; slots *= 2) {
        /* void */
    }

    x->mask = slots - 1;
    x->slots = recs_calloc(slots, sizeof(uint32_t));

    for (i = 0; i < x->d->items; i++) {
        n = (uint32_t) x->d->products[i].key64 & x->mask;

        while (x->slots[n]) {
            n = (n + 1) & x->mask;
        }

        x->slots[n] = i + 1;
    }
}


static uint32_t
recs_rules_product(const recs_rules_dataset_t *x, uint64_t key64)
{
    uint32_t  n;

    for (n = (uint32_t) key64 & x->mask; x->slots[n]; n = (n + 1) & x->mask) {
        if (x->d->products[x->slots[n] - 1].key64 == key64) {
            return x->slots[n] - 1;
        }
    }

    return RECS_NONE;
}


static uint32_t
recs_rules_string(const recs_str_t *strings, uint32_t count,
    const recs_str_t *name)
{
    uint32_t  i;

    for (i = 0; i < count; i++) {
        if (strings[i].len == name->len
            && memcmp(strings[i].data, name->data, name->len) == 0)
        {
            return i;
        }
    }

    return RECS_NONE;
}


/* A path, or a last element that only one path has, as in a snapshot. */

static uint32_t
recs_rules_path(const recs_dataset_t *d, const recs_str_t *name)
{
    uint32_t    i, found, parent;
    recs_str_t  leaf;

    found = recs_rules_string(d->category_path, d->categories, name);

    if (found != RECS_NONE) {
        return found;
    }

    for (i = 0; i < d->categories; i++) {
        leaf = d->category_path[i];
        parent = d->category_parent[i];

        if (parent != RECS_NONE) {
            leaf.data += d->category_path[parent].len + 1;
            leaf.len -= d->category_path[parent].len + 1;
        }

        if (leaf.len == name->len
            && memcmp(leaf.data, name->data, name->len) == 0)
        {
            if (found != RECS_NONE) {
                return RECS_NONE;
            }

            found = i;
        }
    }

    return found;
}


/* Capital letters do not matter. */

static uint32_t
recs_rules_tagged(const recs_dataset_t *d, const recs_str_t *name)
{
    uint32_t  i;
    uint64_t  key;

    key = recs_key64_tag(name->data, name->len);

    for (i = 0; i < d->tags; i++) {
        if (recs_key64_tag(d->tag_name[i].data, d->tag_name[i].len) == key) {
            return i;
        }
    }

    return RECS_NONE;
}


static uint32_t
recs_rules_find_dataset(const void *ctx, recs_rules_names_e kind,
    const recs_str_t *name, uint32_t *end)
{
    uint32_t                     n;
    const recs_dataset_t        *d;
    const recs_rules_dataset_t  *x;

    x = ctx;
    d = x->d;

    switch (kind) {

    case RECS_NAMES_PRODUCTS:
        return recs_rules_product(x, recs_key64(name->data, name->len));

    case RECS_NAMES_CATEGORIES:
        n = recs_rules_path(d, name);
        *end = (n == RECS_NONE) ? 0 : d->category_end[n];
        return n;

    case RECS_NAMES_BRANDS:
        return recs_rules_string(d->brand_name, d->brands, name);

    case RECS_NAMES_TAGS:
        return recs_rules_tagged(d, name);

    case RECS_NAMES_REGIONS:
        return recs_rules_string(d->region_name, d->regions, name);

    default: /* RECS_NAMES_SEGMENTS, which a model makes later */
        return 0;
    }
}


static uint32_t
recs_rules_listed(const recs_snapshot_t *s, recs_list_e list,
    const recs_str_t *name)
{
    uint32_t     i, n;
    const void  *text;

    for (i = 0; i < s->lists[list].rows; i++) {
        text = recs_list(s, list, i, &n);

        if (n == name->len && n && memcmp(text, name->data, n) == 0) {
            return i;
        }
    }

    return RECS_NONE;
}


static uint32_t
recs_rules_find_snapshot(const void *ctx, recs_rules_names_e kind,
    const recs_str_t *name, uint32_t *end)
{
    uint32_t                n;
    uint64_t                key64;
    const recs_snapshot_t  *s;

    s = ctx;
    key64 = recs_key64(name->data, name->len);

    switch (kind) {

    case RECS_NAMES_PRODUCTS:
        n = recs_snapshot_item(s, key64);
        return (n == RECS_NO_ITEM) ? RECS_NONE : n;

    case RECS_NAMES_CATEGORIES:
        n = recs_snapshot_name(s, 'C', key64);
        *end = (n == RECS_NONE)
               ? 0 : recs_column(s, RECS_COLUMN_CATEGORY_END, uint32_t, n);
        return n;

    case RECS_NAMES_BRANDS:
        return recs_snapshot_name(s, 'B', key64);

    case RECS_NAMES_TAGS:
        return recs_snapshot_name(s, 'T', recs_key64_tag(name->data,
                                                         name->len));

    case RECS_NAMES_REGIONS:
        return recs_rules_listed(s, RECS_LIST_REGION_NAME, name);

    default: /* RECS_NAMES_SEGMENTS */
        return recs_rules_listed(s, RECS_LIST_SEGMENT_NAME, name);
    }
}


void
recs_rules_in_dataset(recs_rules_finder_t *finder, const recs_dataset_t *d)
{
    recs_rules_dataset_t  *x;

    x = recs_alloc(sizeof(recs_rules_dataset_t));
    x->d = d;
    recs_rules_index(x);

    finder->find = recs_rules_find_dataset;
    finder->ctx = x;
    finder->own = x;
    finder->memory = x->slots;
}


void
recs_rules_in_snapshot(recs_rules_finder_t *finder, const recs_snapshot_t *s)
{
    finder->find = recs_rules_find_snapshot;
    finder->ctx = s;
    finder->own = NULL;
    finder->memory = NULL;
}


void
recs_rules_finder_free(recs_rules_finder_t *finder)
{
    free(finder->own);
    free(finder->memory);
}
