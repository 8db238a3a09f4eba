/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "recs_filter.h"


static uint32_t recs_match_names(recs_match_t *match,
    const recs_snapshot_t *s, uint8_t section, const uint64_t *keys,
    uint32_t n, uint32_t *numbers);
static int recs_match_among(const uint32_t *numbers, uint32_t n,
    uint32_t number);
static int recs_match_category(const recs_match_t *match, uint32_t category);
static int recs_match_tags(const recs_match_t *match,
    const recs_snapshot_t *s, recs_item_t item);
static void recs_postings_offer(recs_postings_t *p,
    const recs_snapshot_t *s, recs_list_e list, const uint32_t *rows,
    uint32_t n);


void
recs_match_init(recs_match_t *match, const recs_view_t *view,
    const recs_query_t *query)
{
    uint32_t                i;
    const recs_filter_t    *f;
    const recs_snapshot_t  *s;

    f = &query->filter;
    s = view->base;

    memset(match, 0, offsetof(recs_match_t, brands));
    match->shown = RECS_ITEM_SHOWN;

    if (!query->filtered) {
        return;
    }

    match->active = 1;
    match->shown = (f->available == RECS_AVAILABLE_ALL) ? RECS_ITEM_LISTED
                                                        : RECS_ITEM_SHOWN;
    match->stock = (f->available == RECS_AVAILABLE_KNOWN);
    match->rating = f->rating_min;

    match->priced = f->price_min != RECS_NO_MONEY
                    || f->price_max != RECS_NO_MONEY;
    match->price_min = f->price_min;
    match->price_max = (f->price_max == RECS_NO_MONEY) ? INT64_MAX
                                                       : f->price_max;

    match->brand_count = recs_match_names(match, s, 'B', f->brands,
                                          f->brand_count, match->brands);
    match->category_count = recs_match_names(match, s, 'C', f->categories,
                                             f->category_count,
                                             match->categories);
    match->tag_count = recs_match_names(match, s, 'T', f->tags,
                                        f->tag_count, match->tags);

    for (i = 0; i < match->category_count; i++) {
        match->ends[i] = recs_column(s, RECS_COLUMN_CATEGORY_END, uint32_t,
                                     match->categories[i]);
    }

    match->never = (f->brand_count && match->brand_count == 0)
                   || (f->category_count && match->category_count == 0)
                   || match->tag_count < f->tag_count;

    if (f->region) {
        match->regional = 1;
        i = recs_view_region(view, f->region);

        if (i == RECS_NONE) {
            match->unknown = 1;

        } else {
            match->regions = (uint64_t) 1 << i;
        }
    }
}


void
recs_match_within(recs_match_t *match, const recs_view_t *view,
    uint32_t category)
{
    match->within = category;
    match->within_end = 0;

    if (category != RECS_NONE) {
        match->active = 1;
        match->within_end = recs_column(view->base, RECS_COLUMN_CATEGORY_END,
                                        uint32_t, category);
    }
}


void
recs_match_rules(recs_match_t *match, const recs_rules_work_t *rules)
{
    match->active = 1;
    match->rules = rules;
}


/* The numbers of those that are known; returns how many. */

static uint32_t
recs_match_names(recs_match_t *match, const recs_snapshot_t *s,
    uint8_t section, const uint64_t *keys, uint32_t n, uint32_t *numbers)
{
    uint32_t  i, count, number;

    count = 0;

    for (i = 0; i < n; i++) {
        number = recs_snapshot_name(s, section, keys[i]);

        if (number == RECS_NONE) {
            match->unknown = 1;

        } else {
            numbers[count++] = number;
        }
    }

    return count;
}


int
recs_match_item(const recs_match_t *match, const recs_view_t *view,
    recs_item_t item)
{
    int64_t                 price;
    uint64_t                regions;
    const recs_snapshot_t  *s;

    s = view->base;

    if (match->priced) {
        price = recs_view_column(view, RECS_COLUMN_PRICE, int64_t, item);

        if (price == RECS_NO_MONEY || price < match->price_min
            || price > match->price_max)
        {
            return 0;
        }
    }

    if (match->brand_count
        && !recs_match_among(match->brands, match->brand_count,
                             recs_column(s, RECS_COLUMN_BRAND, uint32_t,
                                         item)))
    {
        return 0;
    }

    if ((match->category_count || match->within_end)
        && !recs_match_category(match, recs_column(s, RECS_COLUMN_CATEGORY,
                                                   uint32_t, item)))
    {
        return 0;
    }

    if (match->rating
        && recs_view_column(view, RECS_COLUMN_RATING, uint16_t, item)
           < match->rating)
    {
        return 0;
    }

    if (match->stock
        && recs_view_column(view, RECS_COLUMN_STOCK, int32_t, item) <= 0)
    {
        return 0;
    }

    if (match->regional) {
        regions = recs_column(s, RECS_COLUMN_REGIONS, uint64_t, item);

        if (regions && !(regions & match->regions)) {
            return 0;
        }
    }

    if (match->rules
        && recs_rules_first(match->rules, RECS_RULE_BLOCK, item))
    {
        return 0;
    }

    return !match->tag_count || recs_match_tags(match, s, item);
}


static int
recs_match_among(const uint32_t *numbers, uint32_t n, uint32_t number)
{
    uint32_t  i;

    for (i = 0; i < n; i++) {
        if (numbers[i] == number) {
            return 1;
        }
    }

    return 0;
}


/* RECS_NONE is behind the end of every subtree. */

static int
recs_match_category(const recs_match_t *match, uint32_t category)
{
    uint32_t  i;

    if (match->within_end
        && (category < match->within || category >= match->within_end))
    {
        return 0;
    }

    if (match->category_count == 0) {
        return 1;
    }

    for (i = 0; i < match->category_count; i++) {
        if (category >= match->categories[i] && category < match->ends[i]) {
            return 1;
        }
    }

    return 0;
}


static int
recs_match_tags(const recs_match_t *match, const recs_snapshot_t *s,
    recs_item_t item)
{
    uint32_t         i, count;
    const uint32_t  *tags;

    tags = recs_list(s, RECS_LIST_ITEM_TAGS, item, &count);

    for (i = 0; i < match->tag_count; i++) {
        if (!recs_match_among(tags, count, match->tags[i])) {
            return 0;
        }
    }

    return 1;
}


void
recs_postings_init(recs_postings_t *p, const recs_view_t *view,
    const recs_match_t *match, uint32_t category)
{
    uint32_t                i;
    const recs_snapshot_t  *s;

    s = view->base;

    p->lists = 0;
    p->next = 0;
    p->total = s->header.rows[RECS_DOMAIN_ITEMS];

    if (category != RECS_NONE) {
        recs_postings_offer(p, s, RECS_LIST_CATEGORY_ITEMS, &category, 1);
    }

    if (!match->active) {
        return;
    }

    recs_postings_offer(p, s, RECS_LIST_CATEGORY_ITEMS, match->categories,
                      match->category_count);
    recs_postings_offer(p, s, RECS_LIST_BRAND_ITEMS, match->brands,
                      match->brand_count);

    for (i = 0; i < match->tag_count; i++) {
        recs_postings_offer(p, s, RECS_LIST_TAG_ITEMS, &match->tags[i], 1);
    }
}


/* The first of equals stays: so all of a category are its own list. */

static void
recs_postings_offer(recs_postings_t *p, const recs_snapshot_t *s,
    recs_list_e list, const uint32_t *rows, uint32_t n)
{
    uint32_t  i, count;
    uint64_t  total;

    for (i = 0, total = 0; i < n; i++) {
        (void) recs_list(s, list, rows[i], &count);
        total += count;
    }

    if (n == 0 || total > p->total
        || (total == p->total && p->lists))
    {
        return;
    }

    p->lists = n;
    p->total = (uint32_t) total;

    for (i = 0; i < n; i++) {
        p->rows[i] = recs_list(s, list, rows[i], &count);
        p->ends[i] = p->rows[i] + count;
    }
}


/* The rows of one kind are few: the smallest of their heads. */

recs_item_t
recs_postings_next(recs_postings_t *p)
{
    uint32_t     i;
    recs_item_t  item;

    if (p->lists == 0) {
        return (p->next < p->total) ? p->next++
                                              : RECS_NO_ITEM;
    }

    if (p->lists == 1) {
        return (p->rows[0] < p->ends[0]) ? *p->rows[0]++
                                                   : RECS_NO_ITEM;
    }

    item = RECS_NO_ITEM;

    for (i = 0; i < p->lists; i++) {
        if (p->rows[i] < p->ends[i]) {
            item = recs_min(item, *p->rows[i]);
        }
    }

    for (i = 0; i < p->lists; i++) {
        if (p->rows[i] < p->ends[i] && *p->rows[i] == item) {
            p->rows[i]++;
        }
    }

    return item;
}
