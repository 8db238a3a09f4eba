/*
 * Copyright (C) recs authors
 *
 * Tags, and attributes with their value, of what is listed: numbered by their
 * names, and those of each product.
 */

#define _GNU_SOURCE

#include <stdlib.h>

#include "../../core/recs_hash.h"
#include "../message.h"
#include "dataset_private.h"


#define RECS_TAGS_MAX     1000000      /* in all */
#define RECS_TAG_VALUES   1000         /* of an attribute, rare or not */
#define RECS_TAG_COMMON   2            /* products a value, beyond that */


/* By number of arrival, but for "kept". */

typedef struct {
    const recs_names_t  *names;
    uint32_t            *products;     /* that are listed and have it */
    uint32_t            *last;         /* the last of them, + 1 */
    uint32_t            *number;       /* RECS_NONE: left out */
    uint32_t            *kept;         /* those that are not */
    uint32_t             count;
    uint32_t             rare;         /* left out because of the attribute */
    uint32_t             excess;       /* because there are too many */
} recs_tags_work_t;


typedef struct {
    uint32_t  values;
    uint64_t  products;
} recs_tag_group_t;


/*
 * The number of a name, folded as recs_key64_tag() does; RECS_NONE: there is
 * none, or it is longer than what a key is made of.
 */

static uint32_t
recs_dataset_tag(recs_dataset_private_t *p, const recs_str_t *name,
    const recs_str_t *value)
{
    size_t   i, len;
    uint8_t  text[RECS_SEARCH_MAX];

    len = name->len + (value ? value->len + 1 : 0);

    if (len == 0 || len > RECS_SEARCH_MAX) {
        return RECS_NONE;
    }

    memcpy(text, name->data, name->len);

    if (value) {
        text[name->len] = '=';
        memcpy(text + name->len + 1, value->data, value->len);
    }

    for (i = 0; i < len; i++) {
        if (text[i] >= 'A' && text[i] <= 'Z') {
            text[i] |= 0x20;
        }
    }

    return recs_names_add(p->tag_names, text, len);
}


/* Rows come again and again: what fits takes the place of what was there. */

static void
recs_dataset_tags_set(recs_dataset_private_t *p, recs_raw_tags_t *to,
    const uint32_t *tags, uint32_t n)
{
    if (n > to->room) {
        to->first = p->tag_count;
        to->room = n;
        p->tag_count += n;
        recs_grow(&p->tags, &p->tags_cap, p->tag_count, sizeof(uint32_t));
    }

    to->count = n;

    if (n) {
        memcpy(p->tags + to->first, tags, n * sizeof(uint32_t));
    }
}


void
recs_dataset_tags_add(recs_dataset_private_t *p, recs_raw_t *raw,
    const recs_product_row_t *row, recs_raw_tags_e which)
{
    uint32_t  i, n, tag, tags[RECS_CATALOG_ATTRIBUTES];

    n = 0;

    if (which == RECS_RAW_TAGS) {
        for (i = 0; i < row->tag_count; i++) {
            tag = recs_dataset_tag(p, &row->tags[i], NULL);
            tags[n] = tag;
            n += (tag != RECS_NONE);
        }

    } else {
        for (i = 0; i < row->attribute_count; i++) {
            tag = recs_dataset_tag(p, &row->attributes[i].name,
                                   &row->attributes[i].value);
            tags[n] = tag;
            n += (tag != RECS_NONE);
        }
    }

    recs_dataset_tags_set(p, &raw->tags[which], tags, n);
}


/* A product counts once. */

static void
recs_tags_count(recs_tags_work_t *w, const recs_dataset_private_t *p,
    const recs_raw_tags_t *tags, uint32_t product)
{
    uint32_t  i, tag;

    for (i = 0; i < tags->count; i++) {
        tag = p->tags[tags->first + i];

        if (w->last[tag] != product + 1) {
            w->last[tag] = product + 1;
            w->products[tag]++;
        }
    }
}


static uint32_t
recs_tags_group(recs_names_t *names, const recs_str_t *tag)
{
    const uint8_t  *end;

    end = memchr(tag->data, '=', tag->len);

    return end ? recs_names_add(names, tag->data, (size_t) (end - tag->data))
               : RECS_NONE;
}


/*
 * An attribute that is another one for nearly each product (a bar code, a
 * weight) is no filter.
 */

static void
recs_tags_keep(recs_tags_work_t *w)
{
    size_t             cap;
    uint32_t           i, n, g, groups;
    recs_str_t         tag;
    recs_names_t      *names;
    recs_tag_group_t  *group;

    names = recs_names_create();
    n = recs_names_count(w->names);
    group = NULL;
    groups = 0;
    cap = 0;

    for (i = 0; i < n; i++) {
        tag = recs_names_get(w->names, i);
        g = w->products[i] ? recs_tags_group(names, &tag) : RECS_NONE;
        w->number[i] = g;

        if (g == RECS_NONE) {
            continue;
        }

        if (g == groups) {
            recs_grow(&group, &cap, ++groups, sizeof(recs_tag_group_t));
            memset(&group[g], 0, sizeof(recs_tag_group_t));
        }

        group[g].values++;
        group[g].products += w->products[i];
    }

    for (i = 0; i < n; i++) {
        g = w->number[i];
        w->number[i] = RECS_NONE;

        if (w->products[i] == 0) {
            continue;
        }

        if (g != RECS_NONE && group[g].values > RECS_TAG_VALUES
            && group[g].products < (uint64_t) RECS_TAG_COMMON
                                   * group[g].values)
        {
            w->rare++;
            continue;
        }

        w->kept[w->count++] = i;
    }

    free(group);
    recs_names_destroy(names);
}


static int
recs_tags_compare(const void *a, const void *b, void *data)
{
    recs_str_t               s, t;
    const recs_tags_work_t  *w;

    w = data;
    s = recs_names_get(w->names, *(const uint32_t *) a);
    t = recs_names_get(w->names, *(const uint32_t *) b);

    return recs_dataset_compare(&s, &t);
}


/* The most common first. */

static int
recs_tags_common(const void *a, const void *b, void *data)
{
    uint32_t                 x, y;
    const recs_tags_work_t  *w;

    w = data;
    x = w->products[*(const uint32_t *) a];
    y = w->products[*(const uint32_t *) b];

    return (x == y) ? recs_tags_compare(a, b, data) : (x < y) - (x > y);
}


static void
recs_tags_number(recs_tags_work_t *w)
{
    uint32_t  i;

    if (w->count > RECS_TAGS_MAX) {
        qsort_r(w->kept, w->count, sizeof(uint32_t), recs_tags_common, w);
        w->excess = w->count - RECS_TAGS_MAX;
        w->count = RECS_TAGS_MAX;
    }

    qsort_r(w->kept, w->count, sizeof(uint32_t), recs_tags_compare, w);

    for (i = 0; i < w->count; i++) {
        w->number[w->kept[i]] = i;
    }
}


static int
recs_tags_ascending(const void *a, const void *b)
{
    uint32_t  x, y;

    x = *(const uint32_t *) a;
    y = *(const uint32_t *) b;

    return (x > y) - (x < y);
}


/* Writes the numbers of a product and returns how many. */

static uint32_t
recs_tags_product(const recs_tags_work_t *w, const recs_dataset_private_t *p,
    const recs_raw_t *raw, uint32_t *to)
{
    uint32_t                i, n, unique, tag;
    unsigned                which;
    const recs_raw_tags_t  *tags;

    n = 0;

    for (which = 0; which < RECS_RAW_TAGS_MAX; which++) {
        tags = &raw->tags[which];

        for (i = 0; i < tags->count; i++) {
            tag = w->number[p->tags[tags->first + i]];

            if (tag != RECS_NONE) {
                to[n++] = tag;
            }
        }
    }

    qsort(to, n, sizeof(uint32_t), recs_tags_ascending);

    for (i = 0, unique = 0; i < n; i++) {
        if (unique == 0 || to[unique - 1] != to[i]) {
            to[unique++] = to[i];
        }
    }

    return unique;
}


/* Rows are in the order of the products, so it goes by their numbers. */

static void
recs_tags_rows(recs_dataset_t *d, const recs_tags_work_t *w,
    const uint32_t *number)
{
    uint32_t                       i, *raw;
    uint64_t                       n;
    recs_rows_t                   *rows;
    const recs_dataset_private_t  *p;

    p = d->private;
    raw = recs_alloc(((size_t) d->items + 1) * sizeof(uint32_t));

    for (i = 0; i < p->raw_count; i++) {
        if (number[i] != RECS_NO_ITEM) {
            raw[number[i]] = i;
        }
    }

    rows = &d->item_tags;
    rows->rows = d->items;
    rows->offsets = recs_calloc((size_t) d->items + 1, sizeof(uint64_t));

    for (i = 0, n = 0; i < d->items; i++) {
        n += p->raw[raw[i]].tags[RECS_RAW_TAGS].count
             + p->raw[raw[i]].tags[RECS_RAW_VALUES].count;
    }

    rows->entries = recs_alloc((n + 1) * sizeof(uint32_t));

    for (i = 0, n = 0; i < d->items; i++) {
        n += recs_tags_product(w, p, &p->raw[raw[i]], rows->entries + n);
        rows->offsets[i + 1] = n;
    }

    free(raw);
}


int
recs_dataset_tags(recs_dataset_t *d, const uint32_t *number,
    recs_error_t *err)
{
    uint32_t                 i, n;
    recs_tags_work_t         w;
    recs_dataset_private_t  *p;

    p = d->private;
    n = recs_names_count(p->tag_names);

    memset(&w, 0, sizeof(w));
    w.names = p->tag_names;
    w.products = recs_calloc((size_t) n + 1, sizeof(uint32_t));
    w.last = recs_calloc((size_t) n + 1, sizeof(uint32_t));
    w.number = recs_alloc(((size_t) n + 1) * sizeof(uint32_t));
    w.kept = recs_alloc(((size_t) n + 1) * sizeof(uint32_t));

    for (i = 0; i < p->raw_count; i++) {
        if (number[i] != RECS_NO_ITEM) {
            recs_tags_count(&w, p, &p->raw[i].tags[RECS_RAW_TAGS], i);
            recs_tags_count(&w, p, &p->raw[i].tags[RECS_RAW_VALUES], i);
        }
    }

    recs_tags_keep(&w);
    recs_tags_number(&w);

    if (w.rare + w.excess) {
        recs_message(RECS_MSG_INFO, "tags", "%u attribute values are too rare "
                     "for a filter, %u beyond the most common %u",
                     w.rare, w.excess, RECS_TAGS_MAX);
    }

    d->tags = w.count;
    d->tag_name = recs_calloc((size_t) w.count + 1, sizeof(recs_str_t));

    for (i = 0; i < w.count; i++) {
        d->tag_name[i] = recs_names_get(w.names, w.kept[i]);
    }

    recs_tags_rows(d, &w, number);

    free(w.products);
    free(w.last);
    free(w.number);
    free(w.kept);

    return recs_dataset_unique("tags", d->tag_name, sizeof(recs_str_t),
                               d->tags, err);
}
