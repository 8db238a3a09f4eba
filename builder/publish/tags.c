/*
 * Copyright (C) recs authors
 *
 * Tags: their names, the keys that lead to them, the products that have them
 * and those of each product.
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/recs_hash.h"
#include "assemble.h"


static int recs_tags_keys(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err);
static int recs_tags_names(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err);
static int recs_tags_items(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err);


int
recs_assemble_tags(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err)
{
    recs_model_list_t  list;

    list.rows = d->item_tags.rows;
    list.offsets = d->item_tags.offsets;
    list.entries = d->item_tags.entries;

    if (recs_writer_list(w, RECS_LIST_ITEM_TAGS, &list, err) != RECS_OK
        || recs_tags_names(w, d, err) != RECS_OK
        || recs_tags_items(w, d, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    return recs_tags_keys(w, d, err);
}


static int
recs_tags_keys(recs_writer_t *w, const recs_dataset_t *d, recs_error_t *err)
{
    size_t             len;
    uint8_t            key[RECS_FORMAT_KEY_MAX];
    uint32_t           i;
    const recs_str_t  *name;

    for (i = 0; i < d->tags; i++) {
        name = &d->tag_name[i];
        len = recs_format_name_key(key, 'T', recs_key64_tag(name->data,
                                                            name->len));

        if (recs_writer_put(w, key, len, &i, sizeof(i), err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_tags_names(recs_writer_t *w, const recs_dataset_t *d, recs_error_t *err)
{
    int                rc;
    uint8_t           *p;
    uint32_t           i;
    recs_model_list_t  list;

    list.rows = d->tags;
    list.offsets = recs_calloc((size_t) d->tags + 1, sizeof(uint64_t));

    for (i = 0; i < d->tags; i++) {
        list.offsets[i + 1] = list.offsets[i] + d->tag_name[i].len;
    }

    p = recs_alloc(list.offsets[d->tags] + 1);
    list.entries = p;

    for (i = 0; i < d->tags; i++) {
        memcpy(p + list.offsets[i], d->tag_name[i].data, d->tag_name[i].len);
    }

    rc = recs_writer_list(w, RECS_LIST_TAG_NAME, &list, err);

    recs_model_free(&list);

    return rc;
}


/* Items go in by number, so every row is by popularity. */

static int
recs_tags_items(recs_writer_t *w, const recs_dataset_t *d, recs_error_t *err)
{
    int                 rc;
    uint32_t            i, *items;
    uint64_t            k, *next;
    recs_model_list_t   list;
    const recs_rows_t  *rows;

    rows = &d->item_tags;

    list.rows = d->tags;
    list.offsets = recs_calloc((size_t) d->tags + 2, sizeof(uint64_t));

    /* offsets[t + 1] is where the next item of t goes, in the end its end */

    next = list.offsets + 1;

    for (k = 0; k < rows->offsets[rows->rows]; k++) {
        list.offsets[rows->entries[k] + 2]++;
    }

    for (i = 0; i < d->tags; i++) {
        next[i + 1] += next[i];
    }

    items = recs_alloc((rows->offsets[rows->rows] + 1) * sizeof(uint32_t));
    list.entries = items;

    for (i = 0; i < rows->rows; i++) {
        for (k = rows->offsets[i]; k < rows->offsets[i + 1]; k++) {
            items[next[rows->entries[k]]++] = i;
        }
    }

    rc = recs_writer_list(w, RECS_LIST_TAG_ITEMS, &list, err);

    recs_model_free(&list);

    return rc;
}
