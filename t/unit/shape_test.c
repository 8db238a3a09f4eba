/*
 * Copyright (C) recs authors
 *
 * Rules and diversity against a plain reference: random rules, items and
 * lists, every page the same items in the same order, with the same rule and
 * score.  RECS_SEED takes another seed, RECS_CASES their number.
 */

#include <math.h>

#include "memory_shop.h"
#include "tap.h"


#define ITEMS     300
#define RULES     12
#define CASES     2500
#define DAY       86400000
#define NOW       INT64_C(1764547200000)     /* 2025-12-01T00:00:00Z */
#define MONTH     11
#define REGION    77
#define SEGMENT   88
#define CATS      9
#define BRANDS    6
#define TAGS      5


/* A category is in the subtree of those whose interval it is in. */

static const uint32_t  ends[CATS] = { 4, 3, 3, 4, 9, 6, 9, 8, 9 };

typedef struct {
    uint32_t  item;
    float     score;
    float     found;             /* its score before boosts */
    uint32_t  strategy;
    uint32_t  section;
    uint32_t  rule;              /* RECS_MOVED_* */
    unsigned  chosen;
    unsigned  taken;
    float     share;
    float     near;
} plain_t;


static recs_scratch_t     scratch;
static recs_answer_t      answer;
static recs_query_t       query;
static recs_view_t        view;
static recs_snapshot_t   *s;
static recs_rules_t      *rules;
static uint64_t           seed;
static uint32_t           cases;
static unsigned           season[ITEMS];
static uint32_t           tags[ITEMS];         /* bits */
static uint32_t           lists[2][ITEMS];     /* of the ranked lists */
static float              scores[2][ITEMS];
static uint32_t           counts[2];
static plain_t            found[ITEMS], *order[ITEMS], list[ITEMS];
static uint32_t           found_count, order_count, list_count;


static uint32_t
draw(uint32_t below)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;

    return (uint32_t) (seed >> 33) % below;
}


static unsigned
likely(uint32_t percent)
{
    return draw(100) < percent;
}


#define cell(which, type, item)  recs_column(s, RECS_COLUMN_##which, type, item)
#define set(which, type, item, value)                                        \
    shop_set(s, RECS_COLUMN_##which, type, item, value)


/* a shop */

static void
make_list(unsigned n, unsigned which, uint32_t row)
{
    float                 score;
    uint32_t              i, j;
    uint8_t               used[ITEMS] = { 0 };
    recs_format_ranked_t  rows[ITEMS];

    counts[n] = draw(ITEMS / 2);
    score = 1;

    for (i = 0; i < counts[n]; i++) {
        do {
            j = draw(ITEMS);
        } while (used[j]);

        used[j] = 1;
        score = likely(3) ? 1 : score * (1 - draw(10) / 100.f);
        rows[i] = (recs_format_ranked_t) { j, score, .5f, 1 };
        lists[n][i] = j;
        scores[n][i] = score;
    }

    shop_list(s, which, row, rows, counts[n]);
}


static void
make_item(uint32_t i)
{
    uint32_t  k, n, row[TAGS];
    int8_t   *vector;

    set(CATEGORY, uint32_t, i, likely(90) ? draw(CATS) : RECS_NONE);
    set(BRAND, uint32_t, i, likely(80) ? draw(BRANDS) : RECS_NONE);
    set(PRICE, int64_t, i, likely(90) ? (1 + draw(100)) * (int64_t) RECS_MICRO
                                      : RECS_NO_MONEY);
    set(COST, int64_t, i, likely(70) ? (1 + draw(80)) * (int64_t) RECS_MICRO
                                     : RECS_NO_MONEY);
    set(STOCK, int32_t, i, likely(80) ? (int32_t) draw(50) : RECS_NO_STOCK);
    set(DEMAND, float, i, likely(70) ? draw(30) / 10.f : 0);
    set(CREATED, int64_t, i, likely(80) ? NOW - draw(100) * (int64_t) DAY : 0);
    set(FLAGS, uint8_t, i, likely(95) ? RECS_ITEM_SHOWN : 0);

    vector = (int8_t *) (uintptr_t) s->columns[RECS_COLUMN_VECTOR].chunks[0]
             + i * RECS_FORMAT_VECTOR;

    for (k = 0; k < RECS_FORMAT_VECTOR; k++) {
        vector[k] = likely(90) ? (int8_t) (draw(41) - 20) : 0;
    }

    for (k = 0, n = 0, tags[i] = 0; k < TAGS; k++) {
        if (likely(20)) {
            row[n++] = k;
            tags[i] |= 1u << k;
        }
    }

    shop_list(s, RECS_LIST_ITEM_TAGS, i, row, n);
}


static void
make_shop(void)
{
    uint32_t              i, n;
    recs_format_ranked_t  rows[ITEMS];

    s = shop_create(ITEMS);
    view.base = s;

    shop_domain(s, RECS_DOMAIN_CATEGORIES, CATS);
    shop_domain(s, RECS_DOMAIN_BRANDS, BRANDS);
    shop_domain(s, RECS_DOMAIN_TAGS, TAGS);

    for (i = 0; i < ITEMS; i++) {
        make_item(i);
    }

    make_list(0, RECS_LIST_BESTSELLERS, 0);
    make_list(1, RECS_LIST_TRENDING, 0);

    for (i = 0, n = 0; i < ITEMS; i++) {
        season[i] = likely(20);

        if (season[i]) {
            rows[n++] = (recs_format_ranked_t) { i, 1, 1, 1 };
        }
    }

    shop_list(s, RECS_LIST_SEASONAL, recs_week(NOW), rows, n);
}


/* rules */

typedef struct {
    uint32_t  keys;
    uint32_t  numbers;
    uint64_t  key[64];
    uint32_t  number[1024];
} names_t;


static void
put_keys(names_t *n, recs_rule_span_t *span, uint64_t key)
{
    span->first = n->keys;
    span->count = 1 + draw(2);

    n->key[n->keys++] = likely(60) ? key : key + 1;

    if (span->count == 2) {
        n->key[n->keys++] = likely(50) ? key : key + 2;
    }
}


static void
put_items(names_t *n, recs_rule_t *r)
{
    uint32_t  i, count;

    count = 1 + draw(r->action == RECS_RULE_PIN ? 3 : 40);
    r->items.first = n->numbers;

    if (r->action == RECS_RULE_PIN) {
        for (i = 0; i < count; i++) {
            n->number[n->numbers++] = draw(ITEMS);
        }

    } else {
        for (i = 0; i < ITEMS; i++) {
            if (draw(ITEMS) < count) {
                n->number[n->numbers++] = i;
            }
        }
    }

    r->items.count = n->numbers - r->items.first;
}


static void
put_conditions(names_t *n, recs_rule_t *r)
{
    uint32_t  c;

    if (r->action == RECS_RULE_PIN || likely(20)) {
        r->asks |= RECS_RULE_ITEMS;
        put_items(n, r);
    }

    if (likely(25)) {
        r->asks |= RECS_RULE_CATEGORIES;
        c = draw(CATS);
        r->categories = (recs_rule_span_t) { n->numbers, 2 };
        n->number[n->numbers++] = c;
        n->number[n->numbers++] = ends[c];
    }

    if (likely(25)) {
        r->asks |= RECS_RULE_BRANDS;
        r->brands = (recs_rule_span_t) { n->numbers, 1 };
        n->number[n->numbers++] = draw(BRANDS);
    }

    if (likely(15)) {
        r->asks |= RECS_RULE_TAGS;
        r->tags = (recs_rule_span_t) { n->numbers, 1 };
        n->number[n->numbers++] = draw(TAGS);
    }

    r->asks |= likely(15) ? RECS_RULE_PRICE : 0;
    r->asks |= likely(15) ? RECS_RULE_MARGIN : 0;
    r->asks |= likely(10) ? RECS_RULE_STOCK : 0;
    r->asks |= likely(10) ? RECS_RULE_COVER : 0;
    r->asks |= likely(10) ? RECS_RULE_AGE : 0;
    r->asks |= likely(15) ? RECS_RULE_SEASON : 0;
}


static void
put_rule(names_t *n, recs_rule_t *r, uint32_t number)
{
    memset(r, 0, sizeof(recs_rule_t));
    snprintf(r->name, RECS_RULE_NAME, "rule-%u", number);

    r->action = draw(RECS_RULE_ACTION_MAX);
    r->group = draw(RECS_RULE_GROUP_MAX);
    r->place = 1 + draw(r->action == RECS_RULE_PIN && likely(90) ? 12 : 98);
    r->factor = (r->action == RECS_RULE_DIVERSITY) ? draw(101) / 100.f
                                                   : .1f + draw(30) / 10.f;
    r->strategies = likely(30) ? 1u << RECS_BESTSELLERS
                    : likely(20) ? 1u << RECS_TRENDING : 0;
    r->from_ms = likely(20) ? NOW - 5 + draw(10) : 0;
    r->to_ms = likely(20) ? NOW - 5 + draw(10) : 0;
    r->months = likely(20) ? 1u << (likely(50) ? MONTH : draw(12)) : 0;

    if (likely(15)) {
        put_keys(n, &r->regions, REGION);
    }

    if (likely(15)) {
        put_keys(n, &r->segments, SEGMENT);
    }

    r->price_min = draw(50) * (int64_t) RECS_MICRO;
    r->price_max = r->price_min + draw(60) * (int64_t) RECS_MICRO;
    r->margin_min = -1 + draw(100) / 50.f;
    r->margin_max = r->margin_min + draw(100) / 50.f;
    r->stock_min = draw(30);
    r->stock_max = r->stock_min + draw(30);
    r->cover_min = draw(30);
    r->cover_max = likely(30) ? INFINITY : r->cover_min + draw(100);
    r->age_min = draw(50);
    r->age_max = r->age_min + draw(50);

    if (r->action != RECS_RULE_DIVERSITY) {
        put_conditions(n, r);
    }
}


static void
make_rules(void)
{
    size_t    size;
    uint32_t  i, count, caps;
    names_t   n;

    static recs_rule_t  some[RULES];

    n.keys = 0;
    n.numbers = 0;
    count = draw(RULES + 1);

    for (i = 0, caps = 0; i < count; i++) {
        do {
            put_rule(&n, &some[i], i);
        } while (some[i].action == RECS_RULE_CAP && caps == 4);

        caps += some[i].action == RECS_RULE_CAP;
    }

    free(rules);
    rules = NULL;
    s->rules = NULL;
    s->header.serving.diversity = likely(25) ? draw(101) / 100.f : 0;

    if (count == 0) {
        return;
    }

    size = recs_rules_size(count, n.keys, n.numbers);
    rules = malloc(size);
    memset(rules, 0, sizeof(recs_rules_t));
    rules->count = count;
    rules->key_count = n.keys;
    rules->number_count = n.numbers;
    memcpy(rules->rules, some, count * sizeof(recs_rule_t));
    memcpy((void *) (uintptr_t) recs_rules_keys(rules), n.key,
           n.keys * sizeof(uint64_t));
    memcpy((void *) (uintptr_t) recs_rules_numbers(rules), n.number,
           n.numbers * sizeof(uint32_t));

    if (recs_rules_check((uint8_t *) rules, size, &s->header)) {
        ok(0, "rules of a case: %s",
           recs_rules_check((uint8_t *) rules, size, &s->header));
    }

    s->rules = rules;
}


/* the reference */

static unsigned
plain_key(const recs_rule_span_t *span, uint64_t key)
{
    uint32_t  i;

    for (i = 0; i < span->count; i++) {
        if (key && recs_rules_keys(rules)[span->first + i] == key) {
            return 1;
        }
    }

    return span->count == 0;
}


static unsigned
plain_works(const recs_rule_t *r)
{
    return (!r->strategies || (r->strategies & 1ull << query.strategy))
           && (!r->from_ms || r->from_ms <= NOW)
           && (!r->to_ms || NOW < r->to_ms)
           && (!r->months || (r->months & 1u << MONTH))
           && plain_key(&r->regions, query.region)
           && plain_key(&r->segments, query.segment);
}


static unsigned
plain_number(const recs_rule_span_t *span, uint32_t number)
{
    uint32_t  i;

    for (i = 0; i < span->count; i++) {
        if (recs_rules_numbers(rules)[span->first + i] == number) {
            return 1;
        }
    }

    return 0;
}


static unsigned
plain_match(const recs_rule_t *r, uint32_t i)
{
    float            value;
    int64_t          price, cost;
    const uint32_t  *n;

    price = cell(PRICE, int64_t, i);
    cost = cell(COST, int64_t, i);
    n = recs_rules_numbers(rules);

    if ((r->asks & RECS_RULE_ITEMS) && !plain_number(&r->items, i)) {
        return 0;
    }

    if ((r->asks & RECS_RULE_CATEGORIES)
        && !(cell(CATEGORY, uint32_t, i) >= n[r->categories.first]
             && cell(CATEGORY, uint32_t, i) < n[r->categories.first + 1]))
    {
        return 0;
    }

    if ((r->asks & RECS_RULE_BRANDS)
        && !plain_number(&r->brands, cell(BRAND, uint32_t, i)))
    {
        return 0;
    }

    if ((r->asks & RECS_RULE_TAGS)
        && !(tags[i] & 1u << n[r->tags.first]))
    {
        return 0;
    }

    if ((r->asks & RECS_RULE_PRICE)
        && (price == RECS_NO_MONEY || price < r->price_min
            || price > r->price_max))
    {
        return 0;
    }

    if (r->asks & RECS_RULE_MARGIN) {
        value = 1 - (float) cost / (float) price;

        if (price == RECS_NO_MONEY || cost == RECS_NO_MONEY
            || value < r->margin_min || value > r->margin_max)
        {
            return 0;
        }
    }

    if ((r->asks & RECS_RULE_STOCK)
        && (cell(STOCK, int32_t, i) == RECS_NO_STOCK
            || cell(STOCK, int32_t, i) < r->stock_min
            || cell(STOCK, int32_t, i) > r->stock_max))
    {
        return 0;
    }

    if (r->asks & RECS_RULE_COVER) {
        value = cell(STOCK, int32_t, i) / cell(DEMAND, float, i);
        value = cell(STOCK, int32_t, i) == 0 ? 0 : value;

        if (cell(STOCK, int32_t, i) == RECS_NO_STOCK
            || value < r->cover_min || value > r->cover_max)
        {
            return 0;
        }
    }

    if (r->asks & RECS_RULE_AGE) {
        value = (float) (NOW - cell(CREATED, int64_t, i)) / DAY;

        if (cell(CREATED, int64_t, i) == 0 || value < r->age_min
            || value > r->age_max)
        {
            return 0;
        }
    }

    return !(r->asks & RECS_RULE_SEASON) || season[i];
}


/* The number + 1 of the first rule of an action that is for an item. */

static uint32_t
plain_rule(recs_rule_action_e action, uint32_t item)
{
    uint32_t  i;

    for (i = 0; rules && i < rules->count; i++) {
        if (rules->rules[i].action == action
            && plain_works(&rules->rules[i])
            && plain_match(&rules->rules[i], item))
        {
            return i + 1;
        }
    }

    return 0;
}


static unsigned
plain_excluded(uint32_t item)
{
    uint32_t  i;

    for (i = 0; i < query.exclude_count; i++) {
        if (query.exclude[i] == cell(KEY64, uint64_t, item)) {
            return 1;
        }
    }

    return 0;
}


static unsigned
plain_listable(uint32_t item)
{
    return cell(FLAGS, uint8_t, item) == RECS_ITEM_SHOWN
           && !plain_excluded(item) && !plain_rule(RECS_RULE_BLOCK, item);
}


static void
plain_find(uint32_t item, float score, uint32_t strategy)
{
    uint32_t  i;

    for (i = 0; i < found_count; i++) {
        if (found[i].item == item) {
            return;
        }
    }

    if (plain_listable(item)) {
        memset(&found[found_count], 0, sizeof(plain_t));
        found[found_count].item = item;
        found[found_count].score = score;
        found[found_count].found = score;
        found[found_count++].strategy = strategy;
    }
}


static void
plain_candidates(void)
{
    uint32_t  i, n, which, at;

    found_count = 0;

    static const unsigned  strategies[2] = { RECS_BESTSELLERS, RECS_TRENDING };

    for (n = 0; n < 2; n++) {
        which = (query.strategy == RECS_BESTSELLERS) ? n : 1 - n;

        for (at = 0; at < counts[which]; at++) {
            plain_find(lists[which][at], scores[which][at],
                       strategies[which]);
        }
    }

    for (i = 0; i < ITEMS; i++) {
        plain_find(i, 0, RECS_CATALOGUE);
    }
}


static void
plain_boost(plain_t *p)
{
    float     far, most;
    double    product;
    uint32_t  i;

    for (i = 0, product = 1, most = 1; rules && i < rules->count; i++) {
        if (rules->rules[i].action != RECS_RULE_BOOST
            || !plain_works(&rules->rules[i])
            || !plain_match(&rules->rules[i], p->item))
        {
            continue;
        }

        product *= rules->rules[i].factor;
        far = rules->rules[i].factor;
        far = (far < 1) ? 1 / far : far;

        if (far > most) {
            most = far;
            p->rule = i + 1;
        }
    }

    product = product > 10 ? 10 : product;
    product = product < 1 / 10.f ? 1 / 10.f : product;
    p->score *= (float) product;
}


static unsigned
plain_before(const plain_t *a, const plain_t *b)
{
    return a->section != b->section ? a->section < b->section
           : a->score != b->score ? a->score > b->score : a < b;
}


/* Sections, boosts and order of the head, and what is buried. */

static void
plain_order(uint32_t head, plain_t **buried, uint32_t *buried_count)
{
    uint32_t   i, j, n, section, rule;
    plain_t   *p;

    order_count = 0;
    *buried_count = 0;

    for (i = 0, section = 0; i < head; i++) {
        p = &found[i];

        section += i && (p->strategy != p[-1].strategy
                         || p->found > p[-1].found);
        p->section = section;
        plain_boost(p);
        rule = plain_rule(RECS_RULE_BURY, p->item);

        if (rule) {
            p->rule = rule;
            buried[(*buried_count)++] = p;

        } else {
            order[order_count++] = p;
        }
    }

    for (n = 0; n < 2; n++) {
        plain_t  **rows = n ? buried : order;

        for (i = 1; i < (n ? *buried_count : order_count); i++) {
            for (j = i; j > 0 && plain_before(rows[j], rows[j - 1]); j--) {
                p = rows[j];
                rows[j] = rows[j - 1];
                rows[j - 1] = p;
            }
        }
    }
}


/* Of what is not pinned. */

static void
plain_shares(void)
{
    uint32_t  i, j, n;

    for (i = 0, n = 0; i < order_count; i++) {
        if (!order[i]->taken) {
            order[n++] = order[i];
        }
    }

    order_count = n;

    for (i = 0; i < order_count; i = j) {
        for (j = i; j < order_count
                    && order[j]->section == order[i]->section; j++)
        {
            /* void */
        }

        for (n = i; n < j; n++) {
            order[n]->share = (order[i]->score > 0)
                              ? order[n]->score / order[i]->score
                              : 1 - (float) (n - i) / (j - i);
        }
    }
}


static float
plain_alike(uint32_t a, uint32_t b)
{
    int            product;
    float          alike;
    uint32_t       i;
    const int8_t  *v;

    v = (const int8_t *) s->columns[RECS_COLUMN_VECTOR].chunks[0];

    for (i = 0, product = 0; i < RECS_FORMAT_VECTOR; i++) {
        product += v[a * RECS_FORMAT_VECTOR + i]
                   * v[b * RECS_FORMAT_VECTOR + i];
    }

    alike = (product > 0) ? .6f * product / (127.f * 127) : 0;

    if (cell(CATEGORY, uint32_t, a) == cell(CATEGORY, uint32_t, b)
        && cell(CATEGORY, uint32_t, a) != RECS_NONE)
    {
        alike += .2f;
    }

    if (cell(BRAND, uint32_t, a) == cell(BRAND, uint32_t, b)
        && cell(BRAND, uint32_t, a) != RECS_NONE)
    {
        alike += .2f;
    }

    return alike;
}


/* Which cap has no place for an item below those above it, 0: none. */

static uint32_t
plain_capped(const plain_t *p, const uint32_t *above, uint32_t n)
{
    uint32_t            i, j, count, group, other;
    const recs_rule_t  *r;

    for (i = 0; rules && i < rules->count; i++) {
        r = &rules->rules[i];

        if (r->action != RECS_RULE_CAP || !plain_works(r)
            || !plain_match(r, p->item))
        {
            continue;
        }

        group = r->group ? cell(CATEGORY, uint32_t, p->item)
                         : cell(BRAND, uint32_t, p->item);

        for (j = 0, count = 0; j < n; j++) {
            other = r->group ? cell(CATEGORY, uint32_t, above[j])
                             : cell(BRAND, uint32_t, above[j]);
            count += other == group && plain_match(r, above[j]);
        }

        if (group != RECS_NONE && count >= r->place) {
            return i + 1;
        }
    }

    return 0;
}


/* Pins by place; those from outside of the head go behind what was found. */

static uint32_t
plain_pins(plain_t **pins, uint32_t head, plain_t *outside)
{
    uint32_t            i, k, n, place, item, count;
    plain_t            *p;
    const recs_rule_t  *r;

    memset(pins, 0, 101 * sizeof(plain_t *));

    for (i = 0, count = 0; rules && i < rules->count; i++) {
        r = &rules->rules[i];

        for (k = 0; r->action == RECS_RULE_PIN && plain_works(r)
                    && k < r->items.count; k++)
        {
            for (place = r->place + k; place <= 100 && pins[place]; place++) {
                /* void */
            }

            item = recs_rules_numbers(rules)[r->items.first + k];

            if (place > 100 || !plain_match(r, item)
                || !plain_listable(item))
            {
                continue;
            }

            for (n = 0, p = NULL; n < head; n++) {
                p = (found[n].item == item) ? &found[n] : p;
            }

            for (n = 0; n < count; n++) {
                p = (outside[n].item == item) ? &outside[n] : p;
            }

            if (p == NULL) {
                p = &outside[count++];
                memset(p, 0, sizeof(plain_t));
                p->item = item;
                p->strategy = query.strategy;
                p->chosen = 1;
            }

            if (!p->taken) {
                p->taken = 1;
                p->rule = i + 1;
                pins[place] = p;
            }
        }
    }

    return count;
}


static plain_t *
plain_pick(float strength, uint32_t diverse, const uint32_t *above,
    uint32_t above_count)
{
    float      gain, most, near, alike;
    uint32_t   i, j;
    plain_t   *first, *best;

    for (i = 0, first = best = NULL, most = -2; i < order_count; i++) {

        if (order[i]->taken) {
            continue;
        }

        first = first ? first : order[i];

        if (order[i]->section != first->section) {
            break;
        }

        for (j = 0, near = 0; j < above_count; j++) {
            alike = plain_alike(order[i]->item, above[j]);
            near = alike > near ? alike : near;
        }

        gain = (1 - strength) * order[i]->share - strength * near;

        if (gain > most) {
            most = gain;
            best = order[i];
        }
    }

    if (first && strength > 0 && best != first) {
        if (best->rule == 0
            && !plain_capped(best, above, above_count))
        {
            best->rule = diverse;
        }

        return best;
    }

    return first;
}


static float
plain_strength(uint32_t *diverse)
{
    uint32_t  i;

    for (i = 0; rules && i < rules->count; i++) {
        if (rules->rules[i].action == RECS_RULE_DIVERSITY
            && plain_works(&rules->rules[i]))
        {
            *diverse = i + 1;
            return rules->rules[i].factor;
        }
    }

    *diverse = RECS_MOVED_DIVERSE;

    return s->header.serving.diversity;
}


static uint32_t
plain_window(void)
{
    uint32_t  i, n;

    n = query.limit * 5 < 50 ? 50 : query.limit * 5;

    for (i = 0; rules && i < rules->count; i++) {
        if (rules->rules[i].action == RECS_RULE_PIN
            && plain_works(&rules->rules[i]))
        {
            n = recs_max(n, rules->rules[i].place
                            + rules->rules[i].items.count - 1);
        }
    }

    return recs_min(n, 100);
}


/* The whole list, all pages of it. */

static void
plain_list(void)
{
    float      strength;
    plain_t   *p, *pins[101], *late[ITEMS], *buried[ITEMS];
    plain_t    outside[200];
    uint32_t   i, n, head, place, diverse, above[ITEMS], above_count, rule;
    uint32_t   late_count, buried_count, last;

    plain_candidates();

    head = recs_min(found_count, plain_window());
    strength = plain_strength(&diverse);
    plain_order(head, buried, &buried_count);
    n = plain_pins(pins, head, outside);
    plain_shares();
    above_count = 0;
    late_count = 0;
    last = 0;
    list_count = 0;

    for (place = 1; place <= 100; place++) {
        if (pins[place]) {
            above[above_count++] = pins[place]->item;
            last = place;
        }
    }

    for (place = 1; ; place++) {
        p = (place <= 100) ? pins[place] : NULL;

        while (p == NULL) {
            p = plain_pick(strength, diverse, above, above_count);

            if (p == NULL) {
                break;
            }

            p->taken = 1;
            rule = plain_capped(p, above, above_count);

            if (rule) {
                p->rule = rule;
                late[late_count++] = p;
                p = NULL;
                continue;
            }

            above[above_count++] = p->item;
        }

        if (p == NULL) {
            break;
        }

        list[list_count++] = *p;

        if (place <= 100) {
            pins[place] = NULL;
        }
    }

    for (i = 0; i < buried_count; i++) {
        if (!buried[i]->taken) {
            late[late_count++] = buried[i];
        }
    }

    for (i = 0; i < late_count || place <= last; place++) {
        p = (place <= 100) ? pins[place] : NULL;

        if (p == NULL && i < late_count) {
            p = late[i++];
        }

        if (p) {
            list[list_count++] = *p;
        }
    }

    /* what is behind the head, but for what a pin has brought */

    for (i = head; i < found_count; i++) {
        for (place = 0; place < n && outside[place].item != found[i].item;
             place++)
        {
            /* void */
        }

        if (place == n) {
            list[list_count++] = found[i];
        }
    }
}


/* Nothing is held back where nothing but blocks is at work. */

static unsigned
plain_shapes(void)
{
    uint32_t  i, diverse;

    for (i = 0; rules && i < rules->count; i++) {
        if (plain_works(&rules->rules[i])
            && rules->rules[i].action != RECS_RULE_BLOCK
            && rules->rules[i].action != RECS_RULE_DIVERSITY)
        {
            return 1;
        }
    }

    return plain_strength(&diverse) > 0;
}


static void
make_query(void)
{
    uint32_t  i;

    recs_query_init(&query);

    query.strategy = likely(70) ? RECS_BESTSELLERS : RECS_TRENDING;
    query.now_ms = NOW;
    query.limit = likely(70) ? 1 + draw(20) : 1 + draw(100);
    query.offset = likely(50) ? 0 : draw(likely(70) ? 30 : ITEMS);
    query.region = likely(70) ? REGION : 0;
    query.segment = likely(70) ? SEGMENT : 0;

    for (i = draw(10); i > 0; i--) {
        query.exclude[query.exclude_count++] =
            cell(KEY64, uint64_t, draw(ITEMS));
    }
}


/* The first three that differ are told. */

static unsigned
compare(uint32_t number)
{
    uint32_t             i, n;
    unsigned             pinned;
    const plain_t       *p;
    recs_answer_item_t  *item;

    static unsigned  told;

    n = (query.offset < list_count)
        ? recs_min(list_count - query.offset, query.limit) : 0;

    for (i = 0; i < n && i < answer.count; i++) {
        p = &list[query.offset + i];
        item = &answer.items[i];

        /* whether a fallback would have found a pinned item is not asked */

        pinned = p->rule && p->rule != RECS_MOVED_DIVERSE
                 && rules->rules[p->rule - 1].action == RECS_RULE_PIN;

        if (item->item != p->item || item->rule != p->rule
            || (!(pinned && item->chosen)
                && (item->strategy != p->strategy
                    || item->chosen != p->chosen || item->score != p->score)))
        {
            if (told++ < 3) {
                printf("# case %u place %u: got %u rule %u score %.9g, "
                       "expected %u rule %u score %.9g\n", number,
                       query.offset + i, item->item, item->rule, item->score,
                       p->item, p->rule, p->score);
            }

            return 0;
        }
    }

    if (answer.count != n) {

        if (told++ < 3) {
            printf("# case %u: got %u items, expected %u\n", number,
                   answer.count, n);
        }

        return 0;
    }

    return 1;
}


static void
test_random(void)
{
    uint32_t  i, wrong, shaped, moved, j;

    for (i = 0, wrong = 0, shaped = 0, moved = 0; i < cases; i++) {

        if (i % 20 == 0) {
            if (s) {
                shop_destroy(s);
            }

            make_shop();
        }

        make_rules();
        make_query();
        plain_list();
        shaped += plain_shapes();

        recs_answer(&view, &query, &scratch, &answer);
        wrong += !compare(i);

        /* nothing of one answer is left in the next */

        recs_answer(&view, &query, &scratch, &answer);
        wrong += !compare(i);

        for (j = 0; j < answer.count; j++) {
            moved += answer.items[j].rule != RECS_MOVED_NOT;
        }
    }

    is_int(wrong, 0, "%u cases as the reference has them", cases);
    ok(shaped > cases / 2, "%u of them with something to shape", shaped);
    ok(moved > cases, "%u items were moved", moved);
}


int
main(void)
{
    seed = getenv("RECS_SEED") ? strtoull(getenv("RECS_SEED"), NULL, 10) : 1;
    cases = getenv("RECS_CASES") ? atoi(getenv("RECS_CASES")) : CASES;

    printf("# seed %llu\n", (unsigned long long) seed);

    test_random();
    shop_destroy(s);
    free(rules);

    return done_testing();
}
