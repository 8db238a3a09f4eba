/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "recs_shape_order.h"


/* Found beyond the list, between two looks whether it is certain. */

#define RECS_SHAPE_TRY  8


static uint32_t recs_shape_window(const recs_rules_work_t *w,
    uint32_t limit);
static void recs_shape_pins(recs_answer_ctx_t *ctx);
static uint32_t recs_shape_place(const recs_shape_t *s, uint32_t place);
static unsigned recs_shape_possible(recs_answer_ctx_t *ctx,
    const recs_rule_t *r, recs_item_t item);
static uint32_t recs_shape_enter(recs_answer_ctx_t *ctx,
    const recs_answer_item_t *item);
static uint32_t recs_shape_pinned(recs_answer_ctx_t *ctx, recs_item_t item);
static void recs_shape_found(recs_shape_t *s, const recs_answer_item_t *item);
static uint32_t recs_shape_need(const recs_answer_ctx_t *ctx);
static unsigned recs_shape_fill(recs_answer_ctx_t *ctx, unsigned final);
static void recs_shape_rest(recs_answer_ctx_t *ctx);
static int recs_shape_emit(recs_answer_ctx_t *ctx);
static uint32_t recs_shape_pick(recs_answer_ctx_t *ctx, unsigned final);
static unsigned recs_shape_certain(recs_answer_ctx_t *ctx, unsigned final);


void
recs_shape_begin(recs_answer_ctx_t *ctx)
{
    recs_shape_t  *s;

    s = &ctx->scratch->shape;

    s->count = 0;
    s->pinned = 0;
    s->found = 0;
    s->section = 0;
    s->order_count = 0;
    s->open = 0;
    s->buried_count = 0;
    s->late_count = 0;
    s->late = 0;
    s->above_count = 0;
    s->list_count = 0;
    s->ceiling = recs_rules_ceiling(&s->rules);

    recs_shape_pins(ctx);

    s->next = s->count;
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


/* Pins are known before anything is found. */

static void
recs_shape_pins(recs_answer_ctx_t *ctx)
{
    uint32_t             i, k, n, place;
    recs_shape_t        *s;
    const uint32_t      *items;
    const recs_rule_t   *r;
    recs_answer_item_t   one;

    s = &ctx->scratch->shape;

    if (s->rules.counts[RECS_RULE_PIN] == 0) {
        return;
    }

    memset(s->pins, RECS_SHAPE_NONE, sizeof(s->pins));
    memset(&one, 0, sizeof(recs_answer_item_t));
    one.seed = RECS_NO_ITEM;
    one.strategy = (uint8_t) ctx->query->strategy;
    one.chosen = 1;

    for (i = 0; i < s->rules.counts[RECS_RULE_PIN]; i++) {
        r = recs_rules_at(&s->rules, RECS_RULE_PIN, i);
        items = recs_rules_numbers(s->rules.rules) + r->items.first;

        for (k = 0; k < r->items.count; k++) {
            place = recs_shape_place(s, r->place + k);

            if (place > RECS_RULE_PLACE_MAX
                || !recs_shape_possible(ctx, r, items[k]))
            {
                continue;
            }

            one.item = items[k];
            one.rule = recs_shape_number(s, r);
            n = recs_shape_enter(ctx, &one);
            recs_shape_read(ctx, n);

            s->pool[n].taken = 1;
            s->pins[place] = (uint8_t) n;
            s->above[s->above_count++] = (uint8_t) n;
            s->pinned = s->count;
        }
    }
}


/* The next free place. */

static uint32_t
recs_shape_place(const recs_shape_t *s, uint32_t place)
{
    while (place <= RECS_RULE_PLACE_MAX && s->pins[place] != RECS_SHAPE_NONE) {
        place++;
    }

    return place;
}


/* Whether a pinned item can be listed, and is not pinned already. */

static unsigned
recs_shape_possible(recs_answer_ctx_t *ctx, const recs_rule_t *r,
    recs_item_t item)
{
    return recs_rules_match(&ctx->scratch->shape.rules, r, item)
           && recs_match(&ctx->match, ctx->view, item)
           && !recs_answer_seen(ctx->scratch, item)
           && recs_shape_pinned(ctx, item) == RECS_SHAPE_NONE;
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
    p->near = 0;
    p->compared = 0;
    p->taken = 0;

    return n;
}


static uint32_t
recs_shape_pinned(recs_answer_ctx_t *ctx, recs_item_t item)
{
    uint32_t  n;

    for (n = 0; n < ctx->scratch->shape.pinned; n++) {
        if (ctx->scratch->held[n].item == item) {
            return n;
        }
    }

    return RECS_SHAPE_NONE;
}


int
recs_shape_hold(recs_answer_ctx_t *ctx, const recs_answer_item_t *item)
{
    uint16_t       rule;
    uint32_t       n, need;
    recs_shape_t  *s;

    s = &ctx->scratch->shape;

    recs_shape_found(s, item);
    n = recs_shape_pinned(ctx, item->item);

    if (n == RECS_SHAPE_NONE) {
        n = recs_shape_enter(ctx, item);
        s->pool[n].section = s->section;
        recs_rules_prefetch(&s->rules, item->item);

    } else {
        rule = ctx->scratch->held[n].rule;
        ctx->scratch->held[n] = *item;
        recs_shape_boost(ctx, n);
        ctx->scratch->held[n].rule = rule;
    }

    if (s->found == ctx->shape) {
        return recs_shape_list(ctx);
    }

    /* most lists are certain before all are there; not one that is diverse */

    need = recs_shape_need(ctx);

    if (s->found >= need && (s->found - need) % RECS_SHAPE_TRY == 0
        && !(s->rules.diversity > 0) && recs_shape_fill(ctx, 0))
    {
        return recs_shape_list(ctx);
    }

    return RECS_OK;
}


static void
recs_shape_found(recs_shape_t *s, const recs_answer_item_t *item)
{
    if (s->found++ && (item->strategy != s->strategy
                       || item->score > s->floor))
    {
        s->section++;
    }

    s->strategy = item->strategy;
    s->floor = item->score;
}


/* Places of the list with all its pages that have to be known. */

static uint32_t
recs_shape_need(const recs_answer_ctx_t *ctx)
{
    return ctx->skip + ctx->query->limit;
}


unsigned
recs_shape_enough(recs_answer_ctx_t *ctx)
{
    return recs_shape_fill(ctx, 1);
}


int
recs_shape_list(recs_answer_ctx_t *ctx)
{
    if (!recs_shape_fill(ctx, 1)) {
        recs_shape_rest(ctx);
    }

    ctx->shape = 0;

    return recs_shape_emit(ctx);
}


/*
 * Place by place as far as is certain; "final": what is held back are whole
 * sections.  Whether all places asked for are filled.
 */

static unsigned
recs_shape_fill(recs_answer_ctx_t *ctx, unsigned final)
{
    uint32_t       n, need, place, pins;
    recs_shape_t  *s;

    s = &ctx->scratch->shape;
    need = recs_min(recs_shape_need(ctx), RECS_SHAPE_POOL);
    pins = s->pinned ? RECS_RULE_PLACE_MAX : 0;

    while (s->list_count < need) {
        place = s->list_count + 1;
        n = (place <= pins) ? s->pins[place] : RECS_SHAPE_NONE;

        if (n == RECS_SHAPE_NONE) {
            n = recs_shape_pick(ctx, final);

            if (n == RECS_SHAPE_NONE) {
                return 0;
            }
        }

        s->list[s->list_count++] = (uint8_t) n;
    }

    return need == recs_shape_need(ctx);
}


/* What comes behind all others, and pins behind the end at the end. */

static void
recs_shape_rest(recs_answer_ctx_t *ctx)
{
    uint32_t       n, place, pins;
    recs_shape_t  *s;

    s = &ctx->scratch->shape;
    pins = s->pinned ? RECS_RULE_PLACE_MAX : 0;

    for (place = s->list_count + 1; s->list_count < s->count; place++) {
        n = (place <= pins) ? s->pins[place] : RECS_SHAPE_NONE;

        if (n == RECS_SHAPE_NONE) {
            n = recs_shape_late(s);
        }

        if (n != RECS_SHAPE_NONE) {
            s->list[s->list_count++] = (uint8_t) n;

        } else if (place > pins) {
            return;
        }
    }
}


static int
recs_shape_emit(recs_answer_ctx_t *ctx)
{
    uint32_t             i;
    recs_shape_t        *s;
    recs_answer_t       *answer;
    recs_answer_item_t  *held;

    s = &ctx->scratch->shape;
    held = ctx->scratch->held;
    answer = ctx->answer;

    for (i = 0; i < s->pinned; i++) {
        if (recs_answer_see(ctx->scratch, held[i].item) == RECS_OK) {
            answer->total++;
        }
    }

    for (i = 0; i < s->list_count; i++) {

        if (ctx->skip) {
            ctx->skip--;
            continue;
        }

        held = &ctx->scratch->held[s->list[i]];
        answer->items[answer->count++] = *held;
        ctx->listed |= (uint64_t) !held->chosen << held->strategy;

        if (answer->count == ctx->query->limit) {
            return RECS_DONE;
        }
    }

    return RECS_OK;
}


static uint32_t
recs_shape_pick(recs_answer_ctx_t *ctx, unsigned final)
{
    uint32_t       n, first;
    recs_shape_t  *s;

    s = &ctx->scratch->shape;

    for ( ;; ) {
        if (!recs_shape_certain(ctx, final)) {
            return RECS_SHAPE_NONE;
        }

        first = recs_shape_open(s);

        if (first == RECS_SHAPE_NONE) {
            return RECS_SHAPE_NONE;
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


/*
 * Looks at what is held back until the first open one is that for good:
 * nothing that comes later has a score from which a boost would lift it above.
 * Whether there is such a one, or, "final", none.
 */

static unsigned
recs_shape_certain(recs_answer_ctx_t *ctx, unsigned final)
{
    float                 score;
    uint32_t              first;
    recs_shape_t         *s;
    const recs_shaped_t  *p;

    s = &ctx->scratch->shape;

    if (s->rules.diversity > 0) {
        recs_shape_look_all(ctx);
        return 1;
    }

    for ( ;; ) {
        first = recs_shape_open(s);
        p = (first == RECS_SHAPE_NONE) ? NULL : &s->pool[first];

        if (s->next == s->count) {
            return final || (p && (p->section != s->section
                                   || s->floor * s->ceiling <= p->score));
        }

        score = ctx->scratch->held[s->next].score;

        if (p && (p->section != s->pool[s->next].section
                  || score * s->ceiling <= p->score))
        {
            return 1;
        }

        recs_shape_look(ctx);
    }
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
