/*
 * Copyright (C) recs authors
 *
 * A dataset of the products that were chosen, numbered as in the base, with
 * the categories that they are in, and the lists of it.
 */

#include <stdlib.h>
#include <string.h>

#include "../model/drops.h"
#include "../model/ranked.h"
#include "layer.h"


static void recs_hot_layer_categories(recs_hot_layer_t *l);
static void recs_hot_layer_product(recs_hot_layer_t *l, uint32_t n);
static void recs_hot_layer_scopes(recs_hot_layer_t *l,
    const recs_hot_entries_t *entries, double half, recs_model_list_t *list);
static void recs_hot_layer_only(recs_hot_layer_t *l, recs_model_list_t *list,
    const uint8_t *bytes, const uint32_t *counts);
static void recs_hot_layer_rows(recs_hot_layer_t *l, recs_model_list_t *list);
static int recs_hot_by_item(const void *one, const void *two);


void
recs_hot_layer_dataset(recs_hot_layer_t *l)
{
    uint32_t           i;
    recs_dataset_t    *d;
    recs_hot_state_t  *h;

    d = &l->d;
    h = l->h;

    if (l->count) {
        qsort(l->items, l->count, sizeof(uint32_t), recs_hot_by_item);
    }

    d->now_ms = h->now_ms;
    d->newest_ms = h->now_ms;
    d->items = l->count;
    d->products = recs_calloc((size_t) l->count + 1, sizeof(recs_product_t));
    d->popularity = recs_calloc((size_t) l->count + 1, sizeof(float));
    d->item_baskets = recs_calloc((size_t) l->count + 1, sizeof(uint32_t));
    l->ids = recs_calloc((size_t) l->count + 1, sizeof(json_t *));

    memcpy(d->currencies, h->base->header.currencies, sizeof(d->currencies));

    d->regions = recs_names_count(h->regions);

    for (i = 0; i < d->regions; i++) {
        d->region_name[i] = recs_names_get(h->regions, i);
    }

    for (i = 0; i < l->count; i++) {
        h->rows[l->items[i]] = i + 1;
    }

    recs_hot_layer_categories(l);

    for (i = 0; i < l->count; i++) {
        recs_hot_layer_product(l, i);
    }
}


/* A part of a tree in preorder, with all above it, is in preorder. */

static void
recs_hot_layer_categories(recs_hot_layer_t *l)
{
    uint32_t                c, end, i, n, parent, rows;
    recs_dataset_t         *d;
    const recs_snapshot_t  *b;

    d = &l->d;
    b = l->h->base;
    rows = b->header.rows[RECS_DOMAIN_CATEGORIES];
    l->categories = recs_calloc((size_t) rows + 1, sizeof(uint32_t));

    for (i = 0; i < l->count; i++) {
        for (c = recs_column(b, RECS_COLUMN_CATEGORY, uint32_t, l->items[i]);
             c != RECS_NONE && !l->categories[c];
             c = recs_column(b, RECS_COLUMN_CATEGORY_PARENT, uint32_t, c))
        {
            l->categories[c] = 1;
        }
    }

    for (c = 0, n = 0; c < rows; c++) {
        n += l->categories[c];
        l->categories[c] = l->categories[c] ? n - 1 : RECS_NONE;
    }

    d->categories = n;
    d->category_path = recs_calloc((size_t) n + 1, sizeof(recs_str_t));
    d->category_end = recs_calloc((size_t) n + 1, sizeof(uint32_t));
    d->category_parent = recs_calloc((size_t) n + 1, sizeof(uint32_t));

    for (c = 0; c < rows; c++) {
        n = l->categories[c];

        if (n == RECS_NONE) {
            continue;
        }

        d->category_path[n].data = recs_list(b, RECS_LIST_CATEGORY_PATH, c,
                                             &i);
        d->category_path[n].len = i;

        parent = recs_column(b, RECS_COLUMN_CATEGORY_PARENT, uint32_t, c);
        d->category_parent[n] = (parent == RECS_NONE) ? RECS_NONE
                                                      : l->categories[parent];

        end = recs_column(b, RECS_COLUMN_CATEGORY_END, uint32_t, c);

        for (d->category_end[n] = n + 1, i = c + 1; i < end; i++) {
            d->category_end[n] += (l->categories[i] != RECS_NONE);
        }
    }
}


static void
recs_hot_layer_product(recs_hot_layer_t *l, uint32_t n)
{
    uint32_t                record;
    recs_str_t              id, members;
    recs_product_t         *p;
    recs_hot_offer_t        offer;
    const recs_snapshot_t  *b;

    b = l->h->base;
    p = &l->d.products[n];
    p->key64 = recs_column(b, RECS_COLUMN_KEY64, uint64_t, l->items[n]);

    record = recs_hot_record(l->h, p->key64);
    recs_hot_offer(l->h, record, &offer);

    /* the id is only in the base's fragment, as JSON */

    recs_snapshot_fragment(b, l->items[n], &id, &members);
    l->ids[n] = json_loadb((const char *) id.data, id.len, JSON_DECODE_ANY,
                           NULL);
    p->id.data = (const uint8_t *) json_string_value(l->ids[n]);
    p->id.len = json_string_length(l->ids[n]);

    p->price = offer.price;
    p->list_price = offer.list_price;
    p->reference_price = offer.reference;
    p->stock = offer.stock;
    p->rating = offer.rating;
    p->rating_count = offer.rating_count;
    p->listed = offer.listed;

    p->cost = recs_column(b, RECS_COLUMN_COST, int64_t, l->items[n]);
    p->created_ms = recs_column(b, RECS_COLUMN_CREATED, int64_t, l->items[n]);
    p->currency = recs_column(b, RECS_COLUMN_CURRENCY, uint8_t, l->items[n]);
    p->tier = recs_column(b, RECS_COLUMN_TIER, uint8_t, l->items[n]);
    p->brand = RECS_NONE;
    p->category = recs_column(b, RECS_COLUMN_CATEGORY, uint32_t, l->items[n]);
    p->category = (p->category == RECS_NONE) ? RECS_NONE
                                             : l->categories[p->category];

    p->ctr = recs_hot_ctr(l->h, record);

    if (p->ctr < 0) {
        p->ctr = recs_column(b, RECS_COLUMN_CTR, float, l->items[n]);
    }

    l->d.popularity[n] = recs_column(b, RECS_COLUMN_POPULARITY, float,
                                     l->items[n]);
}


void
recs_hot_layer_lists(recs_hot_layer_t *l)
{
    uint32_t               i;
    uint64_t               k;
    recs_model_list_t     *low;
    recs_format_ranked_t  *e;

    /* rows in which nothing rises are the base's */

    memset(l->scopes, 0, l->h->base->header.rows[RECS_DOMAIN_SCOPES]
                         * sizeof(uint32_t));

    for (i = 0; i < l->trending.count; i++) {
        if (l->trending.entries[i].votes > 0) {
            (void) recs_hot_layer_deal(l, recs_column(l->h->base,
                                       RECS_COLUMN_CATEGORY, uint32_t,
                                       l->trending.entries[i].item));
        }
    }

    recs_hot_layer_scopes(l, &l->trending, RECS_RISE_EVIDENCE,
                          &l->publish.lists[0]);
    recs_hot_layer_only(l, &l->publish.lists[0], NULL, l->scopes);

    recs_hot_layer_rows(l, &l->publish.lists[1]);

    recs_hot_layer_scopes(l, &l->drop, RECS_DROP_EVIDENCE,
                          &l->publish.lists[2]);
    recs_hot_layer_only(l, &l->publish.lists[2], l->drops, NULL);

    low = &l->publish.lists[3];
    recs_hot_layer_scopes(l, &l->low, RECS_RISE_EVIDENCE, low);

    e = low->entries;

    for (k = 0; k < low->offsets[low->rows]; k++) {
        e[k].value = 1 / e[k].value;
    }
}


static void
recs_hot_layer_scopes(recs_hot_layer_t *l, const recs_hot_entries_t *entries,
    double half, recs_model_list_t *list)
{
    uint32_t                 i;
    recs_ranked_t            ranked = { .items = NULL };
    const recs_hot_entry_t  *e;

    for (i = 0; i < entries->count; i++) {
        e = &entries->entries[i];
        recs_ranked_add(&ranked, l->h->rows[e->item] - 1, e->value, e->votes,
                        half);
    }

    recs_ranked_scopes(&ranked, &l->d, (uint32_t) l->h->config->hot_max,
                       list);
}


/* Empties the rows of all other scopes. */

static void
recs_hot_layer_only(recs_hot_layer_t *l, recs_model_list_t *list,
    const uint8_t *bytes, const uint32_t *counts)
{
    uint32_t               c, rows, s;
    uint64_t               from, n, size;
    recs_format_ranked_t  *e;

    e = list->entries;
    rows = l->h->base->header.rows[RECS_DOMAIN_CATEGORIES];
    n = 0;
    from = 0;

    for (c = 0; c <= rows; c++) {

        if (c && l->categories[c - 1] == RECS_NONE) {
            continue;
        }

        s = c ? 1 + l->categories[c - 1] : 0;
        size = list->offsets[s + 1] - from;

        if (bytes ? !bytes[c] : !counts[c]) {
            size = 0;
        }

        memmove(&e[n], &e[from], size * sizeof(recs_format_ranked_t));
        from = list->offsets[s + 1];
        n += size;
        list->offsets[s + 1] = n;
    }
}


static void
recs_hot_layer_rows(recs_hot_layer_t *l, recs_model_list_t *list)
{
    uint32_t                 g, i, k;
    recs_ranked_t            all = { .items = NULL };
    recs_ranked_t            row = { .items = NULL };
    const recs_hot_entry_t  *e;

    list->rows = l->d.regions;
    list->offsets = recs_calloc((size_t) list->rows + 1, sizeof(uint64_t));

    for (g = 0, i = 0; g < list->rows; g++) {

        for (k = i; k < l->regions.count
                    && l->regions.entries[k].row == g; k++)
        {
            e = &l->regions.entries[k];
            recs_ranked_add(&row, l->h->rows[e->item] - 1, e->value,
                            e->votes, RECS_RISE_EVIDENCE);
        }

        i = k;
        recs_ranked_row(&row, &l->d, (uint32_t) l->h->config->hot_max, &all);
        list->offsets[g + 1] = all.n;
    }

    list->entries = all.items;
    free(row.items);
}


static int
recs_hot_by_item(const void *one, const void *two)
{
    uint32_t  a = *(const uint32_t *) one, b = *(const uint32_t *) two;

    return (a > b) - (a < b);
}
