/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <string.h>

#include "recs_rule.h"


static const char *recs_rule_check(const recs_rules_t *rules,
    const recs_rule_t *r, const recs_format_header_t *header);
static unsigned recs_rule_named(const recs_rule_t *r);
static unsigned recs_rule_acts(const recs_rule_t *r);
static unsigned recs_rule_limits(const recs_rule_t *r);
static const char *recs_rule_numbers(const recs_rules_t *rules,
    const recs_rule_t *r, const recs_format_header_t *header);
static unsigned recs_rule_inside(const recs_rule_span_t *span,
    uint32_t count);
static unsigned recs_rule_below(const recs_rules_t *rules,
    const recs_rule_span_t *span, uint32_t limit, unsigned ascending);


const char *const  recs_rule_actions[RECS_RULE_ACTION_MAX] = {
    "pin", "bury", "block", "boost", "cap", "diversity"
};

const char *const  recs_rule_groups[RECS_RULE_GROUP_MAX] = {
    "brand", "category"
};


const char *
recs_rules_check(const uint8_t *data, size_t size,
    const recs_format_header_t *header)
{
    uint32_t             i, caps;
    const char          *err;
    const recs_rules_t  *rules;

    if ((uintptr_t) data & 15) {
        return "the rules are not aligned";
    }

    rules = (const recs_rules_t *) data;

    if (size < sizeof(recs_rules_t)
        || rules->count == 0 || rules->count > RECS_RULES_MAX
        || rules->key_count > RECS_RULE_KEYS
        || rules->number_count > RECS_RULE_NUMBERS
        || size < recs_rules_size(rules->count, rules->key_count,
                                  rules->number_count))
    {
        return "the rules have another size";
    }

    for (i = 0, caps = 0; i < rules->count; i++) {
        err = recs_rule_check(rules, &rules->rules[i], header);

        if (err) {
            return err;
        }

        caps += rules->rules[i].action == RECS_RULE_CAP;
    }

    return (caps > RECS_RULE_CAPS) ? "too many caps" : NULL;
}


static const char *
recs_rule_check(const recs_rules_t *rules, const recs_rule_t *r,
    const recs_format_header_t *header)
{
    if (!recs_rule_named(r)) {
        return "a rule has no name that could be shown";
    }

    if (!recs_rule_acts(r)) {
        return "a rule does what is not known";
    }

    if ((r->asks & ~RECS_RULE_ASKS) || !recs_rule_limits(r)) {
        return "a rule asks for what is not known";
    }

    return recs_rule_numbers(rules, r, header);
}


/* It goes into JSON as it is. */

static unsigned
recs_rule_named(const recs_rule_t *r)
{
    char      c;
    unsigned  i, end;

    for (i = 0, end = 0; i < RECS_RULE_NAME; i++) {
        c = r->name[i];

        if (c == '\0') {
            end = 1;
            continue;
        }

        if (end || !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                     || (c >= '0' && c <= '9')
                     || c == '-' || c == '_' || c == '.'))
        {
            return 0;
        }
    }

    return end && r->name[0];
}


static unsigned
recs_rule_acts(const recs_rule_t *r)
{
    switch (r->action) {

    case RECS_RULE_PIN:
        return r->place >= 1 && r->items.count >= 1
               && r->items.count <= RECS_RULE_PLACE_MAX
               && r->place <= RECS_RULE_PLACE_MAX + 1 - r->items.count;

    case RECS_RULE_BOOST:
        return r->factor >= 1 / RECS_RULE_FACTOR_MAX
               && r->factor <= RECS_RULE_FACTOR_MAX;

    case RECS_RULE_CAP:
        return r->place >= 1 && r->place <= RECS_RULE_PLACE_MAX
               && r->group < RECS_RULE_GROUP_MAX;

    case RECS_RULE_DIVERSITY:
        return r->factor >= 0 && r->factor <= 1;

    default:
        return r->action < RECS_RULE_ACTION_MAX;
    }
}


static unsigned
recs_rule_limits(const recs_rule_t *r)
{
    return !isnan(r->margin_min) && !isnan(r->margin_max)
           && !isnan(r->cover_min) && !isnan(r->cover_max)
           && !isnan(r->age_min) && !isnan(r->age_max);
}


static const char *
recs_rule_numbers(const recs_rules_t *rules, const recs_rule_t *r,
    const recs_format_header_t *header)
{
    if (!recs_rule_inside(&r->regions, rules->key_count)
        || !recs_rule_inside(&r->segments, rules->key_count)
        || !recs_rule_inside(&r->items, rules->number_count)
        || !recs_rule_inside(&r->categories, rules->number_count)
        || !recs_rule_inside(&r->brands, rules->number_count)
        || !recs_rule_inside(&r->tags, rules->number_count)
        || (r->categories.count & 1))
    {
        return "what a rule names is outside of the rules";
    }

    if (!recs_rule_below(rules, &r->items, header->rows[RECS_DOMAIN_ITEMS],
                         r->action != RECS_RULE_PIN)
        || !recs_rule_below(rules, &r->categories,
                            header->rows[RECS_DOMAIN_CATEGORIES] + 1, 0)
        || !recs_rule_below(rules, &r->brands,
                            header->rows[RECS_DOMAIN_BRANDS], 0)
        || !recs_rule_below(rules, &r->tags, header->rows[RECS_DOMAIN_TAGS],
                            0))
    {
        return "a rule names what is not in the snapshot";
    }

    return NULL;
}


static unsigned
recs_rule_inside(const recs_rule_span_t *span, uint32_t count)
{
    return span->count <= count && span->first <= count - span->count;
}


/* Items are looked up by halves, so that they must be in order. */

static unsigned
recs_rule_below(const recs_rules_t *rules, const recs_rule_span_t *span,
    uint32_t limit, unsigned ascending)
{
    uint32_t         i;
    const uint32_t  *n;

    n = recs_rules_numbers(rules) + span->first;

    for (i = 0; i < span->count; i++) {
        if (n[i] >= limit || (ascending && i && n[i] <= n[i - 1])) {
            return 0;
        }
    }

    return 1;
}
