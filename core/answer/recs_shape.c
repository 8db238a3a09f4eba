/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "recs_answer.h"


/* Shares of likeness. */

#define RECS_ALIKE_VECTOR    .6f
#define RECS_ALIKE_CATEGORY  .2f
#define RECS_ALIKE_BRAND     .2f


static uint32_t recs_shape_window(const recs_rules_work_t *w,
    uint32_t limit);
static uint32_t recs_shape_late_most(recs_answer_ctx_t *ctx);
static uint32_t recs_shape_enter(recs_answer_ctx_t *ctx,
    const recs_answer_item_t *item);
static void recs_shape_look(recs_answer_ctx_t *ctx);
static void recs_shape_groups(recs_shape_t *s, recs_shaped_t *p,
    recs_item_t item);
static void recs_shape_scores(recs_answer_ctx_t *ctx);
static unsigned recs_shape_rules(recs_shape_t *s, recs_answer_item_t *held);
static void recs_shape_sort(const recs_shape_t *s, uint8_t *order,
    uint32_t n);
static void recs_shape_shares(recs_shape_t *s);
static void recs_shape_pins(recs_answer_ctx_t *ctx);
static uint32_t recs_shape_pin(recs_answer_ctx_t *ctx, const recs_rule_t *r,
    recs_item_t item);
static uint32_t recs_shape_outside(recs_answer_ctx_t *ctx, recs_item_t item);
static uint32_t recs_shape_next(recs_answer_ctx_t *ctx, uint32_t place);
static uint32_t recs_shape_pick(recs_answer_ctx_t *ctx);
static uint32_t recs_shape_open(recs_shape_t *s);
static uint32_t recs_shape_diverse(recs_shape_t *s);
static void recs_shape_compare(recs_shape_t *s, recs_shaped_t *p);
static uint32_t recs_shape_late(recs_shape_t *s);
static unsigned recs_shape_capped(recs_answer_ctx_t *ctx, uint32_t n);
static float recs_shape_alike(const recs_shaped_t *a, const recs_shaped_t *b);


#define recs_shape_number(s, rule)                                           \
    ((uint16_t) ((rule) - (s)->rules.rules->rules + 1))


void
recs_shape_begin(recs_answer_ctx_t *ctx)
{
    recs_shape_t  *s;

    s = &ctx->scratch->shape;

    s->count = 0;
    s->looked = 0;
    s->order_count = 0;
    s->open = 0;
    s->buried_count = 0;
    s->late_count = 0;
    s->late = 0;
    s->above_count = 0;
    ctx->shape = recs_shape_window(&s->rules, ctx->query->limit);
}


static uint32_t
recs_shape_window(const recs_rules_work_t *w, uint32_t limit)
{
    uint32_t            i, n;
    const recs_rule_t  *r;

    n = recs_max(limit * RECS_SHAPE_TIMES, RECS_SHAPE_LEAST);

    for (i = 0; i < w->counts[RECS_RULE_PIN]; i++) {
        r = recs_rules_at(w, RECS_RULE_PIN, i);
        n = recs_max(n, r->place + r->items.count - 1);
    }

    return recs_min(n, RECS_SHAPE_WINDOW);
}


int
recs_shape_hold(recs_answer_ctx_t *ctx, const recs_answer_item_t *item)
{
    (void) recs_shape_enter(ctx, item);
    recs_rules_prefetch(&ctx->scratch->shape.rules, item->item);

    return (ctx->scratch->shape.count == ctx->shape) ? recs_shape_list(ctx)
                                                     : RECS_OK;
}


unsigned
recs_shape_enough(recs_answer_ctx_t *ctx)
{
    uint32_t  need;

    need = ctx->skip + ctx->query->limit;

    return ctx->scratch->shape.count >= need
           && ctx->scratch->shape.count
              >= need + recs_shape_late_most(ctx);
}


/*
 * How many of the pool may come behind all others: what is buried; of each
 * group under a cap those beyond it, and as many again as a pin may bring.
 */

static uint32_t
recs_shape_late_most(recs_answer_ctx_t *ctx)
{
    uint32_t       c, i, j, n, same;
    recs_shape_t  *s;

    s = &ctx->scratch->shape;
    n = 0;

    recs_shape_look(ctx);

    for (i = 0; s->rules.counts[RECS_RULE_BURY] && i < s->count; i++) {
        n += recs_rules_first(&s->rules, RECS_RULE_BURY,
                              ctx->scratch->held[i].item) != NULL;
    }

    for (c = 0; c < s->rules.counts[RECS_RULE_CAP]; c++) {

        for (i = 0; i < s->count; i++) {
            for (j = 0, same = 0; j < i; j++) {
                same += s->pool[j].groups[c] == s->pool[i].groups[c];
            }

            n += s->pool[i].groups[c] != RECS_NONE
                 && same >= recs_rules_at(&s->rules, RECS_RULE_CAP, c)->place;
        }

        for (i = 0; i < s->rules.counts[RECS_RULE_PIN]; i++) {
            n += recs_rules_at(&s->rules, RECS_RULE_PIN, i)->items.count;
        }
    }

    return n;
}


static uint32_t
recs_shape_enter(recs_answer_ctx_t *ctx, const recs_answer_item_t *item)
{
    uint32_t        n;
    recs_shape_t   *s;
    recs_shaped_t  *p;

    s = &ctx->scratch->shape;
    n = s->count++;

    ctx->scratch->held[n] = *item;

    p = &s->pool[n];
    p->score = item->score;
    p->near = 0;
    p->compared = 0;
    p->taken = 0;
    p->buried = 0;

    return n;
}


/* What caps and diversity know of an item: read when all are there. */

static void
recs_shape_look(recs_answer_ctx_t *ctx)
{
    recs_item_t             item;
    recs_shape_t           *s;
    recs_shaped_t          *p;
    const recs_snapshot_t  *base;

    s = &ctx->scratch->shape;
    base = ctx->view->base;

    if (!(s->rules.diversity > 0) && s->rules.counts[RECS_RULE_CAP] == 0) {
        return;
    }

    for ( /* void */ ; s->looked < s->count; s->looked++) {
        item = ctx->scratch->held[s->looked].item;
        p = &s->pool[s->looked];

        p->category = recs_column(base, RECS_COLUMN_CATEGORY, uint32_t, item);
        p->brand = recs_column(base, RECS_COLUMN_BRAND, uint32_t, item);
        p->vector = recs_view_cell(ctx->view, RECS_COLUMN_VECTOR,
                                   RECS_FORMAT_VECTOR, item);
        __builtin_prefetch(p->vector);
        recs_shape_groups(s, p, item);
    }
}


static void
recs_shape_groups(recs_shape_t *s, recs_shaped_t *p, recs_item_t item)
{
    uint32_t            c;
    const recs_rule_t  *r;

    for (c = 0; c < s->rules.counts[RECS_RULE_CAP]; c++) {
        r = recs_rules_at(&s->rules, RECS_RULE_CAP, c);

        p->groups[c] = (r->group == RECS_RULE_GROUP_BRAND) ? p->brand
                                                           : p->category;

        if (p->groups[c] != RECS_NONE && !recs_rules_match(&s->rules, r, item))
        {
            p->groups[c] = RECS_NONE;
        }
    }
}


int
recs_shape_list(recs_answer_ctx_t *ctx)
{
    uint32_t             n, place;
    recs_answer_t       *answer;
    recs_answer_item_t  *held;

    answer = ctx->answer;
    ctx->shape = 0;

    recs_shape_look(ctx);
    recs_shape_scores(ctx);
    recs_shape_pins(ctx);
    recs_shape_look(ctx);

    for (place = 1; /* void */ ; place++) {
        n = recs_shape_next(ctx, place);

        if (n == RECS_SHAPE_NONE) {
            return RECS_OK;
        }

        if (ctx->skip) {
            ctx->skip--;
            continue;
        }

        held = &ctx->scratch->held[n];
        answer->items[answer->count++] = *held;
        ctx->listed |= (uint64_t) !held->chosen << held->strategy;

        if (answer->count == ctx->query->limit) {
            return RECS_DONE;
        }
    }
}


/* Sections, boosts and what is buried, and the order by all this. */

static void
recs_shape_scores(recs_answer_ctx_t *ctx)
{
    float                before;
    uint32_t             i;
    uint8_t              section;
    recs_shape_t        *s;
    recs_answer_item_t  *held;

    s = &ctx->scratch->shape;
    held = ctx->scratch->held;
    section = 0;
    before = 0;

    for (i = 0; i < s->count; i++) {

        if (i && (held[i].strategy != held[i - 1].strategy
                  || held[i].score > before))
        {
            section++;
        }

        before = held[i].score;
        s->pool[i].section = section;

        s->pool[i].buried = recs_shape_rules(s, &held[i]);

        if (s->pool[i].buried) {
            s->buried[s->buried_count++] = (uint8_t) i;

        } else {
            s->order[s->order_count++] = (uint8_t) i;
        }

        s->pool[i].score = held[i].score;
    }

    if (s->rules.counts[RECS_RULE_BOOST]) {
        recs_shape_sort(s, s->order, s->order_count);
        recs_shape_sort(s, s->buried, s->buried_count);
    }

    if (s->rules.diversity > 0) {
        recs_shape_shares(s);
    }
}


/* Boosts an item; whether it is buried. */

static unsigned
recs_shape_rules(recs_shape_t *s, recs_answer_item_t *held)
{
    const recs_rule_t  *r;

    if (s->rules.counts[RECS_RULE_BOOST]) {
        held->score *= recs_rules_boost(&s->rules, held->item, &r);
        held->rule = r ? recs_shape_number(s, r) : RECS_MOVED_NOT;
    }

    if (s->rules.counts[RECS_RULE_BURY]) {
        r = recs_rules_first(&s->rules, RECS_RULE_BURY, held->item);

        if (r) {
            held->rule = recs_shape_number(s, r);
            return 1;
        }
    }

    return 0;
}


/* Few are out of order: by insertion, which keeps equals as they came. */

static void
recs_shape_sort(const recs_shape_t *s, uint8_t *order, uint32_t n)
{
    uint8_t               one;
    uint32_t              i, j;
    const recs_shaped_t  *p, *q;

    for (i = 1; i < n; i++) {
        one = order[i];
        p = &s->pool[one];

        for (j = i; j > 0; j--) {
            q = &s->pool[order[j - 1]];

            if (q->section < p->section || q->score >= p->score) {
                break;
            }

            order[j] = order[j - 1];
        }

        order[j] = one;
    }
}


/* Where nothing has a score, as in the catalogue, the place has to do. */

static void
recs_shape_shares(recs_shape_t *s)
{
    float           best;
    uint32_t        i, from, to;
    recs_shaped_t  *p;

    for (from = 0; from < s->order_count; from = to) {
        p = &s->pool[s->order[from]];
        best = p->score;

        for (to = from + 1; to < s->order_count
                            && s->pool[s->order[to]].section == p->section;
             to++)
        {
            /* void */
        }

        for (i = from; i < to; i++) {
            p = &s->pool[s->order[i]];
            p->share = (best > 0) ? p->score / best
                                  : 1 - (float) (i - from) / (to - from);
        }
    }
}


static void
recs_shape_pins(recs_answer_ctx_t *ctx)
{
    uint32_t            i, k, n, place;
    recs_shape_t       *s;
    const uint32_t     *items;
    const recs_rule_t  *r;

    s = &ctx->scratch->shape;

    if (s->rules.counts[RECS_RULE_PIN] == 0) {
        return;
    }

    memset(s->pins, RECS_SHAPE_NONE, sizeof(s->pins));

    for (i = 0; i < s->rules.counts[RECS_RULE_PIN]; i++) {
        r = recs_rules_at(&s->rules, RECS_RULE_PIN, i);
        items = recs_rules_numbers(s->rules.rules) + r->items.first;

        for (k = 0; k < r->items.count; k++) {

            for (place = r->place + k; place <= RECS_RULE_PLACE_MAX
                                       && s->pins[place] != RECS_SHAPE_NONE;
                 place++)
            {
                /* void */
            }

            if (place > RECS_RULE_PLACE_MAX) {
                break;
            }

            n = recs_shape_pin(ctx, r, items[k]);

            if (n != RECS_SHAPE_NONE) {
                ctx->scratch->held[n].rule = recs_shape_number(s, r);
                s->pins[place] = (uint8_t) n;
                s->pool[n].taken = 1;
                s->above[s->above_count++] = (uint8_t) n;
            }
        }
    }
}


/* The item's place in the pool, NONE where it cannot be listed. */

static uint32_t
recs_shape_pin(recs_answer_ctx_t *ctx, const recs_rule_t *r,
    recs_item_t item)
{
    uint32_t       n;
    recs_shape_t  *s;

    s = &ctx->scratch->shape;

    if (!recs_rules_match(&s->rules, r, item)) {
        return RECS_SHAPE_NONE;
    }

    for (n = 0; n < s->count; n++) {
        if (ctx->scratch->held[n].item == item) {
            return s->pool[n].taken ? RECS_SHAPE_NONE : n;
        }
    }

    return recs_shape_outside(ctx, item);
}


static uint32_t
recs_shape_outside(recs_answer_ctx_t *ctx, recs_item_t item)
{
    recs_shape_t        *s;
    recs_answer_item_t   one;

    s = &ctx->scratch->shape;

    if (!recs_match(&ctx->match, ctx->view, item)
        || recs_rules_first(&s->rules, RECS_RULE_BLOCK, item)
        || recs_answer_see(ctx->scratch, item) != RECS_OK)
    {
        return RECS_SHAPE_NONE;
    }

    ctx->answer->total++;

    memset(&one, 0, sizeof(recs_answer_item_t));
    one.item = item;
    one.seed = RECS_NO_ITEM;
    one.strategy = (uint8_t) ctx->query->strategy;
    one.chosen = 1;

    return recs_shape_enter(ctx, &one);
}


static uint32_t
recs_shape_next(recs_answer_ctx_t *ctx, uint32_t place)
{
    uint32_t       n, pins;
    recs_shape_t  *s;

    s = &ctx->scratch->shape;
    pins = s->rules.counts[RECS_RULE_PIN] ? RECS_RULE_PLACE_MAX : 0;

    if (place > pins || s->pins[place] == RECS_SHAPE_NONE) {
        n = recs_shape_pick(ctx);

        if (n != RECS_SHAPE_NONE) {
            return n;
        }
    }

    /* pins behind the end of the list come at its end */

    for ( /* void */ ; place <= pins; place++) {
        n = s->pins[place];

        if (n != RECS_SHAPE_NONE) {
            s->pins[place] = RECS_SHAPE_NONE;
            return n;
        }
    }

    return RECS_SHAPE_NONE;
}


static uint32_t
recs_shape_pick(recs_answer_ctx_t *ctx)
{
    uint32_t       n, first;
    recs_shape_t  *s;

    s = &ctx->scratch->shape;

    for ( ;; ) {
        first = recs_shape_open(s);

        if (first == RECS_SHAPE_NONE) {
            return recs_shape_late(s);
        }

        n = (s->rules.diversity > 0) ? recs_shape_diverse(s) : first;
        s->pool[n].taken = 1;

        if (recs_shape_capped(ctx, n)) {
            s->lates[s->late_count++] = (uint8_t) n;
            continue;
        }

        if (n != first && ctx->scratch->held[n].rule == RECS_MOVED_NOT) {
            ctx->scratch->held[n].rule =
                (s->rules.diverse == RECS_NONE)
                ? RECS_MOVED_DIVERSE : (uint16_t) (s->rules.diverse + 1);
        }

        s->above[s->above_count++] = (uint8_t) n;

        return n;
    }
}


/* The first that is not taken. */

static uint32_t
recs_shape_open(recs_shape_t *s)
{
    while (s->open < s->order_count && s->pool[s->order[s->open]].taken) {
        s->open++;
    }

    return (s->open < s->order_count) ? s->order[s->open] : RECS_SHAPE_NONE;
}


/*
 * The one with the largest gain, the first of equals.  A likeness is never
 * below 0 and only grows, so that what cannot win by what is known of it need
 * not be compared, and what is behind one that cannot win by its share alone
 * cannot either.
 */

static uint32_t
recs_shape_diverse(recs_shape_t *s)
{
    float           gain, most, relevance, likeness;
    uint32_t        i, n;
    recs_shaped_t  *p;

    n = s->order[s->open];
    most = -2;
    likeness = s->rules.diversity;
    relevance = 1 - likeness;

    for (i = s->open; i < s->order_count; i++) {
        p = &s->pool[s->order[i]];

        if (p->section != s->pool[n].section || relevance * p->share <= most) {
            break;
        }

        if (p->taken || relevance * p->share - likeness * p->near <= most) {
            continue;
        }

        recs_shape_compare(s, p);
        gain = relevance * p->share - likeness * p->near;

        if (gain > most) {
            most = gain;
            n = s->order[i];
        }
    }

    return n;
}


static void
recs_shape_compare(recs_shape_t *s, recs_shaped_t *p)
{
    float  alike;

    for ( /* void */ ; p->compared < s->above_count; p->compared++) {
        alike = recs_shape_alike(p, &s->pool[s->above[p->compared]]);
        p->near = recs_max(p->near, alike);
    }
}


static uint32_t
recs_shape_late(recs_shape_t *s)
{
    uint32_t  i;

    for (i = 0; i < s->buried_count; i++) {
        s->lates[s->late_count++] = s->buried[i];
    }

    s->buried_count = 0;

    while (s->late < s->late_count) {
        i = s->lates[s->late++];

        /* what is buried may be pinned */

        if (!s->pool[i].buried || !s->pool[i].taken) {
            return i;
        }
    }

    return RECS_SHAPE_NONE;
}


static unsigned
recs_shape_capped(recs_answer_ctx_t *ctx, uint32_t n)
{
    uint32_t            c, i, count, group;
    recs_shape_t       *s;
    const recs_rule_t  *r;

    s = &ctx->scratch->shape;

    for (c = 0; c < s->rules.counts[RECS_RULE_CAP]; c++) {
        group = s->pool[n].groups[c];

        if (group == RECS_NONE) {
            continue;
        }

        for (i = 0, count = 0; i < s->above_count; i++) {
            count += s->pool[s->above[i]].groups[c] == group;
        }

        r = recs_rules_at(&s->rules, RECS_RULE_CAP, c);

        if (count >= r->place) {
            ctx->scratch->held[n].rule = recs_shape_number(s, r);
            return 1;
        }
    }

    return 0;
}


static float
recs_shape_alike(const recs_shaped_t *a, const recs_shaped_t *b)
{
    float     alike;
    int32_t   product;
    uint32_t  i;

    for (i = 0, product = 0; i < RECS_FORMAT_VECTOR; i++) {
        product += a->vector[i] * b->vector[i];
    }

    alike = (product > 0) ? RECS_ALIKE_VECTOR * product / (127.f * 127) : 0;

    if (a->category == b->category && a->category != RECS_NONE) {
        alike += RECS_ALIKE_CATEGORY;
    }

    if (a->brand == b->brand && a->brand != RECS_NONE) {
        alike += RECS_ALIKE_BRAND;
    }

    return alike;
}


recs_str_t
recs_shape_rule(const recs_view_t *view, uint16_t rule)
{
    recs_str_t  name = recs_null_string;

    static const recs_str_t  diverse = recs_string("diversity");

    if (rule == RECS_MOVED_DIVERSE) {
        return diverse;
    }

    if (rule != RECS_MOVED_NOT) {
        name.data = (const uint8_t *) view->base->rules->rules[rule - 1].name;
        name.len = strlen((const char *) name.data);
    }

    return name;
}
