/*
 * Copyright (C) recs authors
 *
 * A layer: first which products, then a dataset of these alone, numbered as
 * in the base, with the categories that they are in, then its lists by the
 * code that makes those of a base.
 *
 * A row of a layer takes the place of the base's whole row.  So a row that
 * is there has all that belongs to it: rows of trends that are not full are
 * filled up with the base's, far behind what rises now.
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "../model/drops.h"
#include "../model/ranked.h"
#include "../model/rise.h"
#include "private.h"


#define RECS_HOT_BEHIND   1e-3     /* most value of what fills a row up */
#define RECS_HOT_SHOWN    5000     /* products that are there for their rate */
#define RECS_HOT_SHOWN_MIN  20.0   /* exposures */

/* Entries that a product of the base has already (bits of h->marks). */

#define RECS_HOT_TRENDS  1
#define RECS_HOT_REGION  2
#define RECS_HOT_DROPS   4


/* What a list is made of: a product of the base, its value and evidence. */

typedef struct {
    uint32_t            item;
    float               value;
    float               votes;
    uint32_t            row;           /* region */
} recs_hot_entry_t;

typedef struct {
    recs_hot_entry_t   *entries;
    uint32_t            count;
    size_t              cap;
} recs_hot_entries_t;


typedef struct {
    recs_hot_state_t   *h;
    recs_dataset_t      d;
    uint32_t           *items;         /* of the base, ascending */
    uint32_t            count;
    size_t              cap;
    uint32_t           *scopes;        /* entries by scope of the base */
    uint8_t            *drops;         /* scopes whose price drops change */
    uint32_t           *categories;    /* number in the layer, by the base's */
    recs_hot_entries_t  trending;
    recs_hot_entries_t  regions;
    recs_hot_entries_t  drop;
    recs_hot_entries_t  low;
    json_t            **ids;
    recs_publish_hot_t  publish;
} recs_hot_layer_t;


static void recs_hot_choose(recs_hot_layer_t *l, uint32_t item);
static void recs_hot_entry(recs_hot_layer_t *l, recs_hot_entries_t *entries,
    uint32_t item, double value, double votes, uint32_t row, unsigned mark);
static void recs_hot_layer_offers(recs_hot_layer_t *l);
static void recs_hot_layer_trending(recs_hot_layer_t *l);
static unsigned recs_hot_layer_deal(recs_hot_layer_t *l, uint32_t category);
static void recs_hot_layer_fill(recs_hot_layer_t *l, recs_list_e list,
    uint32_t from, uint32_t have, recs_hot_entries_t *entries, uint32_t row,
    unsigned mark);
static void recs_hot_layer_regions(recs_hot_layer_t *l);
static void recs_hot_layer_rising(recs_hot_layer_t *l, uint32_t region);
static uint32_t recs_hot_layer_region(const recs_snapshot_t *base,
    const recs_str_t *name);
static void recs_hot_layer_drops(recs_hot_layer_t *l);
static void recs_hot_layer_low(recs_hot_layer_t *l);
static void recs_hot_layer_shown(recs_hot_layer_t *l);
static void recs_hot_layer_dataset(recs_hot_layer_t *l);
static void recs_hot_layer_categories(recs_hot_layer_t *l);
static void recs_hot_layer_product(recs_hot_layer_t *l, uint32_t n);
static void recs_hot_layer_lists(recs_hot_layer_t *l);
static void recs_hot_layer_scopes(recs_hot_layer_t *l,
    const recs_hot_entries_t *entries, double half, recs_model_list_t *list);
static void recs_hot_layer_only(recs_hot_layer_t *l, recs_model_list_t *list,
    const uint8_t *bytes, const uint32_t *counts);
static void recs_hot_layer_rows(recs_hot_layer_t *l, recs_model_list_t *list);
static void recs_hot_layer_free(recs_hot_layer_t *l);
static int recs_hot_by_item(const void *one, const void *two);
static int64_t recs_hot_clock(void);


int
recs_hot_layer(recs_hot_state_t *h, uint64_t *id, recs_error_t *err)
{
    int               rc;
    int64_t           begun;
    uint32_t          categories;
    recs_hot_layer_t  l = { .h = h };

    begun = recs_hot_clock();
    categories = h->base->header.rows[RECS_DOMAIN_CATEGORIES];

    l.scopes = recs_calloc((size_t) categories + 1, sizeof(uint32_t));
    l.drops = recs_calloc((size_t) categories + 1, 1);

    recs_hot_layer_offers(&l);
    recs_hot_layer_trending(&l);
    recs_hot_layer_regions(&l);
    recs_hot_layer_drops(&l);
    recs_hot_layer_low(&l);
    recs_hot_layer_shown(&l);

    recs_hot_layer_dataset(&l);
    recs_hot_layer_lists(&l);

    l.publish.d = &l.d;
    l.publish.base = h->stats.base;
    l.publish.events = h->stats.events;

    rc = recs_publish_hot(&l.publish, h->config, id, err);

    h->stats.items = l.d.items;
    recs_hot_layer_free(&l);

    h->stats.took_ms = recs_hot_clock() - begun;

    return rc;
}


/* h->rows has the place + 1 of what is chosen, later of its row. */

static void
recs_hot_choose(recs_hot_layer_t *l, uint32_t item)
{
    if (l->h->rows[item] == 0) {
        recs_grow(&l->items, &l->cap, (size_t) l->count + 1,
                  sizeof(uint32_t));
        l->items[l->count++] = item;
        l->h->rows[item] = l->count;
    }
}


static void
recs_hot_entry(recs_hot_layer_t *l, recs_hot_entries_t *entries,
    uint32_t item, double value, double votes, uint32_t row, unsigned mark)
{
    recs_hot_entry_t  *e;

    recs_grow(&entries->entries, &entries->cap, (size_t) entries->count + 1,
              sizeof(recs_hot_entry_t));

    e = &entries->entries[entries->count++];
    e->item = item;
    e->value = (float) value;
    e->votes = (float) votes;
    e->row = row;

    recs_hot_choose(l, item);
    l->h->marks[item] |= mark;
}


/* What is as in the base again leaves the list of offers, too. */

static void
recs_hot_layer_offers(recs_hot_layer_t *l)
{
    uint32_t                  c, i;
    recs_hot_state_t         *h;
    const recs_hot_record_t  *r;

    h = l->h;

    for (i = 0; i < h->offers.count; i++) {
        r = &h->records[h->offers.n[i]];

        if (r->item == RECS_NONE || !(r->in & RECS_HOT_DIFFERS)) {
            continue;
        }

        recs_hot_choose(l, r->item);

        if (!(r->in & RECS_HOT_DROP)) {
            continue;
        }

        l->drops[0] = 1;

        for (c = r->category; c != RECS_NONE;
             c = recs_column(h->base, RECS_COLUMN_CATEGORY_PARENT, uint32_t,
                             c))
        {
            l->drops[1 + c] = 1;
        }
    }
}


/* Dealt out best first until each scope has enough. */

static void
recs_hot_layer_trending(recs_hot_layer_t *l)
{
    uint32_t                  i, s, scopes;
    recs_hot_state_t         *h;
    const recs_hot_record_t  *r;

    h = l->h;

    for (i = 0; i < h->rising.count; i++) {
        r = &h->records[h->rising.ranks[i].n];

        if (r->item != RECS_NONE && recs_hot_layer_deal(l, r->category)) {
            recs_hot_entry(l, &l->trending, r->item, r->counts.value,
                           r->counts.votes, 0, RECS_HOT_TRENDS);
        }
    }

    scopes = h->base->header.rows[RECS_DOMAIN_SCOPES];

    for (s = 0; s < scopes; s++) {
        if (l->scopes[s]) {
            recs_hot_layer_fill(l, RECS_LIST_TRENDING, s, l->scopes[s],
                                &l->trending, 0, RECS_HOT_TRENDS);
        }
    }
}


static unsigned
recs_hot_layer_deal(recs_hot_layer_t *l, uint32_t category)
{
    uint32_t  c, s;
    unsigned  taken;

    taken = 0;

    for (s = 0, c = category; ; ) {

        if (l->scopes[s] < (uint32_t) l->h->config->hot_max) {
            l->scopes[s]++;
            taken = 1;
        }

        if (c == RECS_NONE) {
            return taken;
        }

        s = 1 + c;
        c = recs_column(l->h->base, RECS_COLUMN_CATEGORY_PARENT, uint32_t, c);
    }
}


/* A product that fills several rows counts in each of them. */

static void
recs_hot_layer_fill(recs_hot_layer_t *l, recs_list_e list, uint32_t from,
    uint32_t have, recs_hot_entries_t *entries, uint32_t row, unsigned mark)
{
    uint32_t                     count, i, n;
    const recs_format_ranked_t  *e;

    n = (uint32_t) l->h->config->hot_max;
    e = recs_list(l->h->base, list, from, &count);

    for (i = 0; i < count && have < n; i++) {

        if (!(l->h->marks[e[i].item] & mark)) {
            recs_hot_entry(l, entries, e[i].item,
                           RECS_HOT_BEHIND * e[i].value / (1 + e[i].value),
                           0, row, mark);
            have++;
        }
    }
}


static void
recs_hot_layer_regions(recs_hot_layer_t *l)
{
    uint32_t           g, i, n, region;
    recs_str_t         name;
    recs_hot_state_t  *h;

    h = l->h;

    for (g = 0; g < recs_names_count(h->regions); g++) {
        n = l->regions.count;
        recs_hot_layer_rising(l, g);

        name = recs_names_get(h->regions, g);
        region = recs_hot_layer_region(h->base, &name);

        if (l->regions.count > n && region != RECS_NONE) {
            recs_hot_layer_fill(l, RECS_LIST_REGION_TRENDING, region,
                                l->regions.count - n, &l->regions, g,
                                RECS_HOT_REGION);
        }

        for (i = n; i < l->regions.count; i++) {
            h->marks[l->regions.entries[i].item] &= ~RECS_HOT_REGION;
        }
    }
}


static void
recs_hot_layer_rising(recs_hot_layer_t *l, uint32_t region)
{
    uint32_t                  i, n;
    recs_hot_state_t         *h;
    const recs_hot_pair_t    *p;
    const recs_hot_order_t   *order;
    const recs_hot_record_t  *r;

    h = l->h;
    n = (uint32_t) h->config->hot_max;
    order = &h->region_rising[region];

    for (i = 0; i < order->count && n; i++) {
        p = &h->pairs[order->ranks[i].n];
        r = &h->records[p->record];

        if (r->item != RECS_NONE) {
            recs_hot_entry(l, &l->regions, r->item, p->counts.value,
                           p->counts.votes, region, RECS_HOT_REGION);
            n--;
        }
    }
}


/* In the base a region has another number, if it has one. */

static uint32_t
recs_hot_layer_region(const recs_snapshot_t *base, const recs_str_t *name)
{
    uint32_t        g, len;
    const uint8_t  *p;

    for (g = 0; g < base->header.rows[RECS_DOMAIN_REGIONS]; g++) {
        p = recs_list(base, RECS_LIST_REGION_NAME, g, &len);

        if (len == name->len && len && memcmp(p, name->data, len) == 0) {
            return g;
        }
    }

    return RECS_NONE;
}


/*
 * Price drops of the scopes in which one has come or gone: those of the base
 * but for what has changed, and what has changed.
 */

static void
recs_hot_layer_drops(recs_hot_layer_t *l)
{
    float                        demand;
    double                       share;
    uint32_t                     count, i, record, s;
    recs_hot_state_t            *h;
    const recs_format_ranked_t  *e;

    h = l->h;

    for (i = 0; i < h->offers.count; i++) {
        record = h->offers.n[i];

        if (h->records[record].in & RECS_HOT_DROP) {
            share = recs_hot_drop(h, record);
            demand = recs_column(h->base, RECS_COLUMN_POPULARITY, float,
                                 h->records[record].item);
            demand = recs_max(demand, 0);

            if (share > 0) {
                recs_hot_entry(l, &l->drop, h->records[record].item,
                               recs_drop_value(share, demand), demand, 0,
                               RECS_HOT_DROPS);
            }
        }
    }

    for (s = 0; s < h->base->header.rows[RECS_DOMAIN_SCOPES]; s++) {

        if (!l->drops[s]) {
            continue;
        }

        e = recs_list(h->base, RECS_LIST_PRICE_DROP, s, &count);
        count = recs_min(count, (uint32_t) h->config->hot_max);

        for (i = 0; i < count; i++) {
            record = recs_hot_record(h, recs_column(h->base,
                                                    RECS_COLUMN_KEY64,
                                                    uint64_t, e[i].item));

            if (!(h->records[record].in & RECS_HOT_DROP)
                && !(h->marks[e[i].item] & RECS_HOT_DROPS)
                && recs_hot_shown(h, record))
            {
                demand = e[i].confidence;
                demand = RECS_DROP_EVIDENCE * demand
                         / recs_max(1 - demand, 1e-6f);

                recs_hot_entry(l, &l->drop, e[i].item, e[i].value, demand, 0,
                               RECS_HOT_DROPS);
            }
        }
    }
}


static void
recs_hot_layer_low(recs_hot_layer_t *l)
{
    uint32_t                  i;
    recs_hot_state_t         *h;
    const recs_hot_record_t  *r;

    h = l->h;
    memset(l->scopes, 0, h->base->header.rows[RECS_DOMAIN_SCOPES]
                         * sizeof(uint32_t));

    for (i = 0; i < h->low.count; i++) {
        r = &h->records[h->low.ranks[i].n];

        if (r->item != RECS_NONE && recs_hot_layer_deal(l, r->category)) {
            recs_hot_entry(l, &l->low, r->item, r->rate, r->orders, 0, 0);
        }
    }
}


/* Those that are there anyway have their rate, too. */

static void
recs_hot_layer_shown(recs_hot_layer_t *l)
{
    double             scale;
    uint32_t           i, n;
    recs_hot_state_t  *h;

    h = l->h;
    scale = recs_hot_now(h, RECS_HOT_SOLD_DAYS * RECS_HOT_DAY);

    for (i = 0, n = 0; i < h->shown.count && n < RECS_HOT_SHOWN; i++) {
        if (h->records[h->shown.n[i]].shown * scale >= RECS_HOT_SHOWN_MIN
            && h->records[h->shown.n[i]].item != RECS_NONE)
        {
            recs_hot_choose(l, h->records[h->shown.n[i]].item);
            n++;
        }
    }
}


static void
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


static void
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


static void
recs_hot_layer_free(recs_hot_layer_t *l)
{
    uint32_t  i;

    for (i = 0; i < l->count; i++) {
        l->h->rows[l->items[i]] = 0;
        l->h->marks[l->items[i]] = 0;
        json_decref(l->ids[i]);
    }

    for (i = 0; i < RECS_PUBLISH_HOT; i++) {
        recs_model_free(&l->publish.lists[i]);
    }

    free(l->ids);
    free(l->items);
    free(l->scopes);
    free(l->drops);
    free(l->categories);
    free(l->trending.entries);
    free(l->regions.entries);
    free(l->drop.entries);
    free(l->low.entries);
    free(l->d.products);
    free(l->d.popularity);
    free(l->d.item_baskets);
    free(l->d.category_path);
    free(l->d.category_end);
    free(l->d.category_parent);
}


static int
recs_hot_by_item(const void *one, const void *two)
{
    uint32_t  a = *(const uint32_t *) one, b = *(const uint32_t *) two;

    return (a > b) - (a < b);
}


static int64_t
recs_hot_clock(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
