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

#include "../model/drops.h"
#include "../model/rise.h"
#include "layer.h"


#define RECS_HOT_BEHIND   1e-3     /* most value of what fills a row up */
#define RECS_HOT_SHOWN    5000     /* products that are there for their rate */
#define RECS_HOT_SHOWN_MIN  20.0   /* exposures */

/* Entries that a product of the base has already (bits of h->marks). */

#define RECS_HOT_TRENDS  1
#define RECS_HOT_REGION  2
#define RECS_HOT_DROPS   4


static void recs_hot_choose(recs_hot_layer_t *l, uint32_t item);
static void recs_hot_entry(recs_hot_layer_t *l, recs_hot_entries_t *entries,
    uint32_t item, double value, double votes, uint32_t row, unsigned mark);
static void recs_hot_layer_offers(recs_hot_layer_t *l);
static void recs_hot_layer_trending(recs_hot_layer_t *l);
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
static void recs_hot_layer_free(recs_hot_layer_t *l);
static int64_t recs_hot_clock(clockid_t clock);


int
recs_hot_layer(recs_hot_state_t *h, uint64_t *id, recs_error_t *err)
{
    int               rc;
    int64_t           begun, cpu;
    uint32_t          categories;
    recs_hot_layer_t  l = { .h = h };

    begun = recs_hot_clock(CLOCK_MONOTONIC);
    cpu = recs_hot_clock(CLOCK_PROCESS_CPUTIME_ID);
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

    rc = RECS_OK;

    if (h->report) {
        rc = recs_report_section(&h->section, h->report, &h->base->cells,
                                 h->turn_since, h->lost, h->gaps, err);
        l.publish.report = &h->section.cells;
    }

    if (rc == RECS_OK) {
        rc = recs_publish_hot(&l.publish, h->config, id, err);
    }

    h->stats.items = l.d.items;
    recs_hot_layer_free(&l);

    h->stats.took_ms = recs_hot_clock(CLOCK_MONOTONIC) - begun;
    h->stats.cpu_ms = recs_hot_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;

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


unsigned
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


static int64_t
recs_hot_clock(clockid_t clock)
{
    struct timespec  ts;

    clock_gettime(clock, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
