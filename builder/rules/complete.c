/*
 * Copyright (C) recs authors
 *
 * Whether one rule makes sense, and whether rules go together.
 */

#include "options.h"

#include <stdio.h>
#include <string.h>


#define RECS_RULES_NEEDS_MAX  2


/* What an action cannot do without, and an example of it. */

static const struct {
    const char  *options[RECS_RULES_NEEDS_MAX];
    const char  *example;

} recs_rules_needs[RECS_RULE_ACTION_MAX] = {
    { { "place", "products" }, "place = 1 and products = {\"S1\"}" },
    { { NULL }, NULL },
    { { NULL }, NULL },
    { { "factor", NULL }, "factor = 1.3" },
    { { "at_most", "per" }, "at_most = 2 and per = brand" },
    { { "strength", NULL }, "strength = 0.3" }
};


static unsigned
recs_rules_given(const char *name, uint64_t given)
{
    size_t  i;

    for (i = 0; i < recs_rules_options_count; i++) {
        if (strcmp(recs_rules_options[i].name, name) == 0) {
            return given >> i & 1;
        }
    }

    return 0;
}


static void
recs_rules_needed(recs_rules_file_t *f, const recs_rules_read_t *r,
    uint64_t given)
{
    unsigned     i;
    const char  *name;

    for (i = 0; i < RECS_RULES_NEEDS_MAX; i++) {
        name = recs_rules_needs[r->rule.action].options[i];

        if (name && !recs_rules_given(name, given)) {
            recs_rules_note(f, 1, r->line, "rule \"%s\": %s needs \"%s\", "
                            "give %s", r->rule.name,
                            recs_rule_actions[r->rule.action], name,
                            recs_rules_needs[r->rule.action].example);
        }
    }
}


static void
recs_rules_range(recs_rules_file_t *f, const recs_rules_read_t *r,
    const char *name, double min, double max)
{
    if (min > max) {
        recs_rules_note(f, 1, r->line, "rule \"%s\": \"%s_min\" is above "
                        "\"%s_max\", so that it fits nothing", r->rule.name,
                        name, name);
    }
}


static void
recs_rules_ranges(recs_rules_file_t *f, const recs_rules_read_t *r)
{
    const recs_rule_t  *rule;

    rule = &r->rule;

    recs_rules_range(f, r, "price", (double) rule->price_min,
                     (double) rule->price_max);
    recs_rules_range(f, r, "stock", rule->stock_min, rule->stock_max);
    recs_rules_range(f, r, "margin", rule->margin_min, rule->margin_max);
    recs_rules_range(f, r, "cover", rule->cover_min, rule->cover_max);
    recs_rules_range(f, r, "age", rule->age_min, rule->age_max);

    if (rule->from_ms && rule->to_ms && rule->from_ms >= rule->to_ms) {
        recs_rules_note(f, 1, r->line, "rule \"%s\": it ends (\"to\") before "
                        "it begins (\"from\")", rule->name);
    }
}


void
recs_rules_complete(recs_rules_file_t *f, recs_rules_read_t *r,
    uint64_t given, const int *lines)
{
    size_t                      i;
    recs_rule_t                *rule;
    const recs_rules_option_t  *o;

    rule = &r->rule;

    if (rule->action == RECS_RULE_ACTION_MAX) {

        if (!recs_rules_given("action", given)) {
            recs_rules_note(f, 1, r->line, "rule \"%s\": it has no "
                            "\"action\", give action = boost, block, bury, "
                            "pin, cap or diversity", rule->name);
        }

        return;
    }

    for (i = 0; i < recs_rules_options_count; i++) {
        o = &recs_rules_options[i];

        if ((given >> i & 1) && !(o->actions >> rule->action & 1)) {
            recs_rules_note(f, 1, lines[i], "rule \"%s\": \"%s\" is nothing "
                            "for %s, take it out", rule->name, o->name,
                            recs_rule_actions[rule->action]);
        }
    }

    recs_rules_needed(f, r, given);
    recs_rules_ranges(f, r);

    if (rule->action == RECS_RULE_PIN
        && rule->place + r->names[RECS_NAMES_PRODUCTS].count
           > RECS_RULE_PLACE_MAX + 1)
    {
        recs_rules_note(f, 1, r->line, "rule \"%s\": %u products from place "
                        "%u on go beyond place %u", rule->name,
                        r->names[RECS_NAMES_PRODUCTS].count, rule->place,
                        RECS_RULE_PLACE_MAX);
    }

    if ((rule->action == RECS_RULE_BLOCK || rule->action == RECS_RULE_BURY)
        && rule->asks == 0)
    {
        recs_rules_note(f, 1, r->line, "rule \"%s\": %s of every product; "
                        "say which: products, category, brand, tag, a price "
                        "...", rule->name, recs_rule_actions[rule->action]);
    }
}


static unsigned
recs_rules_share(const recs_rules_names_t *a, const recs_rules_names_t *b)
{
    uint32_t  i, j;

    if (a->count == 0 || b->count == 0) {
        return 1;
    }

    for (i = 0; i < a->count; i++) {
        for (j = 0; j < b->count; j++) {
            if (a->names[i].len == b->names[j].len
                && memcmp(a->names[i].data, b->names[j].data,
                          a->names[i].len) == 0)
            {
                return 1;
            }
        }
    }

    return 0;
}


/* Whether two rules can be at work in one answer. */

static unsigned
recs_rules_meet(const recs_rules_read_t *a, const recs_rules_read_t *b)
{
    const recs_rule_t  *r, *s;

    r = &a->rule;
    s = &b->rule;

    return (!r->strategies || !s->strategies
            || (r->strategies & s->strategies))
           && (!r->months || !s->months || (r->months & s->months))
           && (!r->to_ms || !s->from_ms || r->to_ms > s->from_ms)
           && (!s->to_ms || !r->from_ms || s->to_ms > r->from_ms)
           && recs_rules_share(&a->names[RECS_NAMES_REGIONS],
                               &b->names[RECS_NAMES_REGIONS])
           && recs_rules_share(&a->names[RECS_NAMES_SEGMENTS],
                               &b->names[RECS_NAMES_SEGMENTS]);
}


static void
recs_rules_pin_block(recs_rules_file_t *f, const recs_rules_read_t *pin,
    const recs_rules_read_t *block)
{
    uint32_t                   i;
    recs_rules_names_t         one;
    const recs_rules_names_t  *names;

    /* what is blocked by its stock or price may be pinned until then */

    if (block->rule.asks != RECS_RULE_ITEMS) {
        return;
    }

    names = &pin->names[RECS_NAMES_PRODUCTS];

    for (i = 0; i < names->count; i++) {
        one.names = &names->names[i];
        one.count = 1;

        if (recs_rules_share(&one, &block->names[RECS_NAMES_PRODUCTS])) {
            recs_rules_note(f, 1, pin->line, "rule \"%s\" pins \"%.*s\", "
                            "which rule \"%s\" (line %d) blocks; take it out "
                            "of one of them", pin->rule.name,
                            (int) one.names->len, one.names->data,
                            block->rule.name, block->line);
        }
    }
}


static void
recs_rules_pin_pin(recs_rules_file_t *f, const recs_rules_read_t *a,
    const recs_rules_read_t *b)
{
    uint32_t  first, last;

    first = recs_max(a->rule.place, b->rule.place);
    last = recs_min(a->rule.place + a->names[RECS_NAMES_PRODUCTS].count,
                    b->rule.place + b->names[RECS_NAMES_PRODUCTS].count);

    if (first < last && a->rule.place && b->rule.place) {
        recs_rules_note(f, 1, b->line, "rules \"%s\" (line %d) and \"%s\" "
                        "both pin a product to place %u; give one of them "
                        "another place, or other types, months or regions",
                        a->rule.name, a->line, b->rule.name, first);
    }
}


void
recs_rules_conflicts(recs_rules_file_t *f)
{
    size_t              i, j;
    uint32_t            caps;
    recs_rules_read_t  *a, *b;

    for (i = 0, caps = 0; i < f->count; i++) {
        a = &f->rules[i];

        if (a->rule.action == RECS_RULE_CAP && ++caps == RECS_RULE_CAPS + 1) {
            recs_rules_note(f, 1, a->line, "rule \"%s\" is the %uth cap, %u "
                            "are the most", a->rule.name, caps,
                            RECS_RULE_CAPS);
        }

        if (i == RECS_RULES_MAX) {
            recs_rules_note(f, 1, a->line, "rule \"%s\" is one too many, %u "
                            "are the most", a->rule.name, RECS_RULES_MAX);
        }

        for (j = 0; j < f->count; j++) {
            b = &f->rules[j];

            if (a->rule.action != RECS_RULE_PIN || i == j
                || !recs_rules_meet(a, b))
            {
                continue;
            }

            if (b->rule.action == RECS_RULE_BLOCK) {
                recs_rules_pin_block(f, a, b);

            } else if (b->rule.action == RECS_RULE_PIN && j > i) {
                recs_rules_pin_pin(f, a, b);
            }
        }
    }
}
