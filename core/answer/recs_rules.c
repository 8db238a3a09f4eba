/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <string.h>

#include "../recs_hash.h"
#include "recs_rules.h"


#define RECS_RULES_DAY     86400000
#define RECS_RULES_MASK    (2 * RECS_RULES_SEASON - 1)

#define recs_rules_within(value, least, most)                                \
    ((value) >= (least) && (value) <= (most))


static unsigned recs_rules_timely(const recs_rule_t *r, int64_t now,
    uint32_t month);
static unsigned recs_rules_named(const recs_rules_t *rules,
    const recs_rule_span_t *span, uint64_t key);
static void recs_rules_season(recs_rules_work_t *w);
static unsigned recs_rules_in_season(const recs_rules_work_t *w,
    recs_item_t item);
static unsigned recs_rules_names(const recs_rules_work_t *w,
    const recs_rule_t *r, recs_item_t item);
static unsigned recs_rules_item(const recs_rules_t *rules,
    const recs_rule_t *r, recs_item_t item);
static unsigned recs_rules_category(const recs_rules_work_t *w,
    const recs_rule_t *r, recs_item_t item);
static unsigned recs_rules_one_of(const recs_rules_t *rules,
    const recs_rule_span_t *span, uint32_t number);
static unsigned recs_rules_tag(const recs_rules_work_t *w,
    const recs_rule_t *r, recs_item_t item);
static unsigned recs_rules_money(const recs_rules_work_t *w,
    const recs_rule_t *r, recs_item_t item);
static unsigned recs_rules_stock(const recs_rules_work_t *w,
    const recs_rule_t *r, recs_item_t item);
static unsigned recs_rules_age(const recs_rules_work_t *w,
    const recs_rule_t *r, recs_item_t item);
static void recs_rules_next(const recs_rule_t *r, int64_t now,
    int64_t *until);
static int64_t recs_rules_month_end(int64_t now);


unsigned
recs_rules_personal(const recs_rules_t *rules, unsigned strategy)
{
    uint32_t            i;
    unsigned            asks;
    const recs_rule_t  *r;

    for (i = 0, asks = 0; i < rules->count; i++) {
        r = &rules->rules[i];

        if (r->strategies == 0 || r->strategies >> strategy & 1) {
            asks |= r->regions.count ? RECS_RULES_ASK_REGION : 0;
            asks |= r->segments.count ? RECS_RULES_ASK_SEGMENT : 0;
        }
    }

    return asks;
}


unsigned
recs_rules_shape(const recs_rules_work_t *w)
{
    return w->diversity > 0 || w->counts[RECS_RULE_PIN]
           || w->counts[RECS_RULE_BURY] || w->counts[RECS_RULE_BOOST]
           || w->counts[RECS_RULE_CAP];
}


unsigned
recs_rules_gather(recs_rules_work_t *w, const recs_view_t *view,
    const recs_query_t *q, uint64_t region, uint64_t segment)
{
    uint32_t            i, month;
    unsigned            shapes;
    const recs_rule_t  *r;

    w->view = view;
    w->rules = view->base->rules;
    w->now_ms = q->now_ms;
    w->diversity = view->base->header.serving.diversity;
    w->diverse = RECS_NONE;
    w->asks = 0;
    w->seasonal = 0;

    memset(w->counts, 0, sizeof(w->counts));
    shapes = w->diversity > 0;

    if (w->rules == NULL) {
        return shapes;
    }

    month = recs_month(q->now_ms);
    for (i = 0; i < w->rules->count; i++) {
        r = &w->rules->rules[i];

        if ((r->strategies && !(r->strategies >> q->strategy & 1))
            || !recs_rules_timely(r, q->now_ms, month)
            || !recs_rules_named(w->rules, &r->regions, region)
            || !recs_rules_named(w->rules, &r->segments, segment))
        {
            continue;
        }

        w->which[r->action][w->counts[r->action]++] = (uint8_t) i;
        w->asks |= (r->action == RECS_RULE_BLOCK) ? 0 : r->asks;
        shapes = 1;

        if ((r->asks & RECS_RULE_SEASON) && !w->seasonal) {
            recs_rules_season(w);
        }
    }

    /* the first one says how much, and replaces what the snapshot says */

    if (w->counts[RECS_RULE_DIVERSITY]) {
        w->diverse = w->which[RECS_RULE_DIVERSITY][0];
        w->diversity = w->rules->rules[w->diverse].factor;
    }

    return shapes;
}


static unsigned
recs_rules_timely(const recs_rule_t *r, int64_t now, uint32_t month)
{
    return (r->from_ms == 0 || now >= r->from_ms)
           && (r->to_ms == 0 || now < r->to_ms)
           && (r->months == 0 || r->months >> month & 1);
}


static unsigned
recs_rules_named(const recs_rules_t *rules, const recs_rule_span_t *span,
    uint64_t key)
{
    uint32_t         i;
    const uint64_t  *keys;

    if (span->count == 0) {
        return 1;
    }

    keys = recs_rules_keys(rules) + span->first;

    for (i = 0; i < span->count; i++) {
        if (keys[i] == key && key) {
            return 1;
        }
    }

    return 0;
}


/* What is in season: the head of this week's list, as a set. */

static void
recs_rules_season(recs_rules_work_t *w)
{
    uint32_t                     i, n, slot;
    const recs_format_ranked_t  *row;

    memset(w->season, 0xff, sizeof(w->season));
    w->seasonal = 1;

    row = recs_list(w->view->base, RECS_LIST_SEASONAL, recs_week(w->now_ms),
                    &n);
    n = recs_min(n, RECS_RULES_SEASON);

    for (i = 0; i < n; i++) {
        slot = row[i].item * 2654435761u >> 16 & RECS_RULES_MASK;

        while (w->season[slot] != RECS_NO_ITEM) {
            slot = (slot + 1) & RECS_RULES_MASK;
        }

        w->season[slot] = row[i].item;
    }
}


static unsigned
recs_rules_in_season(const recs_rules_work_t *w, recs_item_t item)
{
    uint32_t  slot;

    slot = item * 2654435761u >> 16 & RECS_RULES_MASK;

    while (w->season[slot] != RECS_NO_ITEM) {
        if (w->season[slot] == item) {
            return 1;
        }

        slot = (slot + 1) & RECS_RULES_MASK;
    }

    return 0;
}


void
recs_rules_prefetch(const recs_rules_work_t *w, recs_item_t item)
{
    const recs_snapshot_t  *s;

    s = w->view->base;

    if (w->asks & (RECS_RULE_PRICE|RECS_RULE_MARGIN)) {
        recs_column_prefetch(s, RECS_COLUMN_PRICE, int64_t, item);
    }

    if (w->asks & RECS_RULE_MARGIN) {
        recs_column_prefetch(s, RECS_COLUMN_COST, int64_t, item);
    }

    if (w->asks & (RECS_RULE_STOCK|RECS_RULE_COVER)) {
        recs_column_prefetch(s, RECS_COLUMN_STOCK, int32_t, item);
    }

    if (w->asks & RECS_RULE_COVER) {
        recs_column_prefetch(s, RECS_COLUMN_DEMAND, float, item);
    }

    if (w->asks & RECS_RULE_AGE) {
        recs_column_prefetch(s, RECS_COLUMN_CREATED, int64_t, item);
    }

    if ((w->asks & RECS_RULE_CATEGORIES) || w->counts[RECS_RULE_CAP]
        || w->diversity > 0)
    {
        recs_column_prefetch(s, RECS_COLUMN_CATEGORY, uint32_t, item);
    }

    if ((w->asks & RECS_RULE_BRANDS) || w->counts[RECS_RULE_CAP]
        || w->diversity > 0)
    {
        recs_column_prefetch(s, RECS_COLUMN_BRAND, uint32_t, item);
    }
}


unsigned
recs_rules_match(const recs_rules_work_t *w, const recs_rule_t *r,
    recs_item_t item)
{
    return ((r->asks & (RECS_RULE_ITEMS|RECS_RULE_CATEGORIES|RECS_RULE_BRANDS
                        |RECS_RULE_TAGS)) == 0
            || recs_rules_names(w, r, item))
           && ((r->asks & (RECS_RULE_PRICE|RECS_RULE_MARGIN)) == 0
               || recs_rules_money(w, r, item))
           && ((r->asks & (RECS_RULE_STOCK|RECS_RULE_COVER)) == 0
               || recs_rules_stock(w, r, item))
           && (!(r->asks & RECS_RULE_AGE) || recs_rules_age(w, r, item))
           && (!(r->asks & RECS_RULE_SEASON)
               || recs_rules_in_season(w, item));
}


static unsigned
recs_rules_names(const recs_rules_work_t *w, const recs_rule_t *r,
    recs_item_t item)
{
    return (!(r->asks & RECS_RULE_ITEMS)
            || recs_rules_item(w->rules, r, item))
           && (!(r->asks & RECS_RULE_CATEGORIES)
               || recs_rules_category(w, r, item))
           && (!(r->asks & RECS_RULE_BRANDS)
               || recs_rules_one_of(w->rules, &r->brands,
                                    recs_column(w->view->base,
                                                RECS_COLUMN_BRAND, uint32_t,
                                                item)))
           && (!(r->asks & RECS_RULE_TAGS) || recs_rules_tag(w, r, item));
}


static unsigned
recs_rules_item(const recs_rules_t *rules, const recs_rule_t *r,
    recs_item_t item)
{
    uint32_t         low, high, middle;
    const uint32_t  *n;

    /* a pin has its items in the order of their places */

    if (r->action == RECS_RULE_PIN) {
        return recs_rules_one_of(rules, &r->items, item);
    }

    n = recs_rules_numbers(rules) + r->items.first;
    low = 0;
    high = r->items.count;

    while (low < high) {
        middle = (low + high) / 2;

        if (n[middle] < item) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low < r->items.count && n[low] == item;
}


static unsigned
recs_rules_category(const recs_rules_work_t *w, const recs_rule_t *r,
    recs_item_t item)
{
    uint32_t         i, category;
    const uint32_t  *n;

    category = recs_column(w->view->base, RECS_COLUMN_CATEGORY, uint32_t,
                           item);
    n = recs_rules_numbers(w->rules) + r->categories.first;

    for (i = 0; i < r->categories.count; i += 2) {
        if (category >= n[i] && category < n[i + 1]) {
            return 1;
        }
    }

    return 0;
}


static unsigned
recs_rules_one_of(const recs_rules_t *rules, const recs_rule_span_t *span,
    uint32_t number)
{
    uint32_t         i;
    const uint32_t  *n;

    n = recs_rules_numbers(rules) + span->first;

    for (i = 0; i < span->count; i++) {
        if (n[i] == number) {
            return 1;
        }
    }

    return 0;
}


static unsigned
recs_rules_tag(const recs_rules_work_t *w, const recs_rule_t *r,
    recs_item_t item)
{
    uint32_t         i, n;
    const uint32_t  *tags;

    tags = recs_list(w->view->base, RECS_LIST_ITEM_TAGS, item, &n);

    for (i = 0; i < n; i++) {
        if (recs_rules_one_of(w->rules, &r->tags, tags[i])) {
            return 1;
        }
    }

    return 0;
}


static unsigned
recs_rules_money(const recs_rules_work_t *w, const recs_rule_t *r,
    recs_item_t item)
{
    float    margin;
    int64_t  price, cost;

    price = recs_view_column(w->view, RECS_COLUMN_PRICE, int64_t, item);

    if (price == RECS_NO_MONEY) {
        return 0;
    }

    if ((r->asks & RECS_RULE_PRICE)
        && !recs_rules_within(price, r->price_min, r->price_max))
    {
        return 0;
    }

    if (!(r->asks & RECS_RULE_MARGIN)) {
        return 1;
    }

    cost = recs_column(w->view->base, RECS_COLUMN_COST, int64_t, item);

    if (cost == RECS_NO_MONEY || price <= 0) {
        return 0;
    }

    margin = 1 - (float) cost / (float) price;

    return recs_rules_within(margin, r->margin_min, r->margin_max);
}


static unsigned
recs_rules_stock(const recs_rules_work_t *w, const recs_rule_t *r,
    recs_item_t item)
{
    float    demand, cover;
    int32_t  stock;

    stock = recs_view_column(w->view, RECS_COLUMN_STOCK, int32_t, item);

    if (stock == RECS_NO_STOCK) {
        return 0;
    }

    if ((r->asks & RECS_RULE_STOCK)
        && !recs_rules_within(stock, r->stock_min, r->stock_max))
    {
        return 0;
    }

    if (!(r->asks & RECS_RULE_COVER)) {
        return 1;
    }

    /* what nobody buys lasts for ever */

    demand = recs_column(w->view->base, RECS_COLUMN_DEMAND, float, item);
    cover = 0;

    if (stock > 0) {
        cover = (demand > 0) ? stock / demand : INFINITY;
    }

    return recs_rules_within(cover, r->cover_min, r->cover_max);
}


static unsigned
recs_rules_age(const recs_rules_work_t *w, const recs_rule_t *r,
    recs_item_t item)
{
    float    days;
    int64_t  created;

    created = recs_column(w->view->base, RECS_COLUMN_CREATED, int64_t, item);

    if (created == 0) {
        return 0;
    }

    days = (float) (w->now_ms - created) / RECS_RULES_DAY;

    return recs_rules_within(days, r->age_min, r->age_max);
}


const recs_rule_t *
recs_rules_first(const recs_rules_work_t *w, recs_rule_action_e action,
    recs_item_t item)
{
    uint32_t            i;
    const recs_rule_t  *r;

    for (i = 0; i < w->counts[action]; i++) {
        r = recs_rules_at(w, action, i);

        if (recs_rules_match(w, r, item)) {
            return r;
        }
    }

    return NULL;
}


float
recs_rules_ceiling(const recs_rules_work_t *w)
{
    float     factor;
    double    product;
    uint32_t  i;

    for (i = 0, product = 1; i < w->counts[RECS_RULE_BOOST]; i++) {
        factor = recs_rules_at(w, RECS_RULE_BOOST, i)->factor;
        product *= recs_max(factor, 1);
    }

    /* and a little more, whatever the rounding of a part of them is */

    return (float) recs_min(product, RECS_RULE_FACTOR_MAX) * 1.0001f;
}


float
recs_rules_boost(const recs_rules_work_t *w, recs_item_t item,
    const recs_rule_t **rule)
{
    float               far, most;
    double              product;
    uint32_t            i;
    const recs_rule_t  *r;

    *rule = NULL;
    product = 1;
    most = 1;

    for (i = 0; i < w->counts[RECS_RULE_BOOST]; i++) {
        r = recs_rules_at(w, RECS_RULE_BOOST, i);

        if (!recs_rules_match(w, r, item)) {
            continue;
        }

        product *= r->factor;
        far = (r->factor < 1) ? 1 / r->factor : r->factor;

        if (far > most) {
            most = far;
            *rule = r;
        }
    }

    product = recs_min(product, RECS_RULE_FACTOR_MAX);

    return (float) recs_max(product, 1 / RECS_RULE_FACTOR_MAX);
}


void
recs_rules_clock(const recs_rules_t *rules, const recs_query_t *q,
    uint64_t *state, int64_t *until)
{
    uint64_t            words[2];
    uint32_t            i, month;
    const recs_rule_t  *r;

    month = recs_month(q->now_ms);
    *state = 0;
    *until = INT64_MAX;

    for (i = 0; i < rules->count; i++) {
        r = &rules->rules[i];

        if (r->strategies && !(r->strategies >> q->strategy & 1)) {
            continue;
        }

        if (r->from_ms || r->to_ms || r->months
            || (r->asks & (RECS_RULE_SEASON|RECS_RULE_AGE)))
        {
            recs_rules_next(r, q->now_ms, until);

            words[0] = *state;
            words[1] = recs_rules_timely(r, q->now_ms, month);

            if (words[1] && (r->asks & (RECS_RULE_SEASON|RECS_RULE_AGE))) {
                words[1] += (uint64_t) (q->now_ms / RECS_RULES_DAY);
            }

            *state = recs_key64(words, sizeof(words));
        }
    }
}


static void
recs_rules_next(const recs_rule_t *r, int64_t now, int64_t *until)
{
    if (r->from_ms > now) {
        *until = recs_min(*until, r->from_ms);
    }

    if (r->to_ms > now) {
        *until = recs_min(*until, r->to_ms);
    }

    if (r->months) {
        *until = recs_min(*until, recs_rules_month_end(now));
    }

    if (r->asks & (RECS_RULE_SEASON|RECS_RULE_AGE)) {
        *until = recs_min(*until, (now / RECS_RULES_DAY + 1)
                                  * RECS_RULES_DAY);
    }
}


static int64_t
recs_rules_month_end(int64_t now)
{
    int64_t   day;
    uint32_t  month;

    month = recs_month(now);
    day = now / RECS_RULES_DAY;

    do {
        day++;
    } while (recs_month(day * RECS_RULES_DAY) == month);

    return day * RECS_RULES_DAY;
}
