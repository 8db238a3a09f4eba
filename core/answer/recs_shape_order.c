/*
 * Copyright (C) recs authors
 *
 * What is next: rules are asked about items, items put into order.
 */

#include "recs_shape_order.h"


/* Shares of likeness. */

#define RECS_ALIKE_VECTOR    .6f
#define RECS_ALIKE_CATEGORY  .2f
#define RECS_ALIKE_BRAND     .2f


static void recs_shape_groups(recs_shape_t *s, recs_shaped_t *p,
    recs_item_t item);
static void recs_shape_insert(const recs_shape_t *s, uint8_t *order,
    uint32_t *count, uint32_t n);
static void recs_shape_shares(recs_shape_t *s);
static void recs_shape_compare(recs_shape_t *s, recs_shaped_t *p);
static float recs_shape_alike(const recs_shaped_t *a, const recs_shaped_t *b);


/* Asks the rules about the next one, and puts it where it belongs. */

void
recs_shape_look(recs_answer_ctx_t *ctx)
{
    uint32_t             n;
    recs_shape_t        *s;
    const recs_rule_t   *r;
    recs_answer_item_t  *held;

    s = &ctx->scratch->shape;
    n = s->next++;
    held = &ctx->scratch->held[n];

    recs_shape_read(ctx, n);
    recs_shape_boost(ctx, n);

    r = s->rules.counts[RECS_RULE_BURY]
        ? recs_rules_first(&s->rules, RECS_RULE_BURY, held->item) : NULL;

    if (r) {
        held->rule = recs_shape_number(s, r);
        recs_shape_insert(s, s->buried, &s->buried_count, n);

    } else {
        recs_shape_insert(s, s->order, &s->order_count, n);
    }
}


/* Shares need the best of a section, so all of it. */

void
recs_shape_look_all(recs_answer_ctx_t *ctx)
{
    recs_shape_t  *s;

    s = &ctx->scratch->shape;

    if (s->next < s->count) {
        while (s->next < s->count) {
            recs_shape_look(ctx);
        }

        recs_shape_shares(s);
    }
}


/* What caps and diversity know of an item. */

void
recs_shape_read(recs_answer_ctx_t *ctx, uint32_t n)
{
    recs_item_t             item;
    recs_shape_t           *s;
    recs_shaped_t          *p;
    const recs_snapshot_t  *base;

    s = &ctx->scratch->shape;

    if (!(s->rules.diversity > 0) && s->rules.counts[RECS_RULE_CAP] == 0) {
        return;
    }

    base = ctx->view->base;
    item = ctx->scratch->held[n].item;
    p = &s->pool[n];

    p->category = recs_column(base, RECS_COLUMN_CATEGORY, uint32_t, item);
    p->brand = recs_column(base, RECS_COLUMN_BRAND, uint32_t, item);
    recs_shape_groups(s, p, item);

    if (s->rules.diversity > 0) {
        p->vector = recs_view_cell(ctx->view, RECS_COLUMN_VECTOR,
                                   RECS_FORMAT_VECTOR, item);
        __builtin_prefetch(p->vector);
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


void
recs_shape_boost(recs_answer_ctx_t *ctx, uint32_t n)
{
    recs_shape_t        *s;
    const recs_rule_t   *r;
    recs_answer_item_t  *held;

    s = &ctx->scratch->shape;
    held = &ctx->scratch->held[n];

    if (s->rules.counts[RECS_RULE_BOOST]) {
        held->score *= recs_rules_boost(&s->rules, held->item, &r);
        held->rule = r ? recs_shape_number(s, r) : RECS_MOVED_NOT;
    }

    s->pool[n].score = held->score;
}


/* Few are out of order: from behind, and behind its equals. */

static void
recs_shape_insert(const recs_shape_t *s, uint8_t *order, uint32_t *count,
    uint32_t n)
{
    uint32_t              j;
    const recs_shaped_t  *p, *q;

    p = &s->pool[n];

    for (j = (*count)++; j > 0; j--) {
        q = &s->pool[order[j - 1]];

        if (q->section < p->section || q->score >= p->score) {
            break;
        }

        order[j] = order[j - 1];
    }

    order[j] = (uint8_t) n;
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


/* The first that is not taken. */

uint32_t
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

uint32_t
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


/* What is capped, then what is buried. */

uint32_t
recs_shape_late(recs_shape_t *s)
{
    if (s->late < s->late_count) {
        return s->lates[s->late++];
    }

    if (s->late < s->late_count + s->buried_count) {
        return s->buried[s->late++ - s->late_count];
    }

    return RECS_SHAPE_NONE;
}


unsigned
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
