/*
 * Copyright (C) recs authors
 */

#include "options.h"

#include "../../core/answer/recs_strategy.h"
#include "../../core/event/recs_event.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>


#define RECS_RULES_NAMES_OF_RULE  10000    /* most of one kind */
#define RECS_RULES_PRICE          1e9      /* of the currency */

#define recs_rules_bit(action)    (1u << RECS_RULE_##action)

#define RECS_RULES_ALL_ACTIONS    ((1u << RECS_RULE_ACTION_MAX) - 1)
#define RECS_RULES_OF_ITEMS                                                  \
    (RECS_RULES_ALL_ACTIONS & ~recs_rules_bit(DIVERSITY))

#define recs_rules_row(name, type, field, min, max, actions)                 \
    { name, RECS_RULES_##type, offsetof(recs_rule_t, field), min, max, 0,    \
      actions, 0 }

#define recs_rules_limit(name, type, field, min, max, asks)                  \
    { name, RECS_RULES_##type, offsetof(recs_rule_t, field), min, max,       \
      RECS_RULE_##asks, RECS_RULES_OF_ITEMS, 0 }

#define recs_rules_list(name, kind, asks, actions)                           \
    { name, RECS_RULES_NAMES, 0, RECS_NAMES_##kind, 0, asks, actions, 1 }


const recs_rules_option_t  recs_rules_options[] = {

    recs_rules_row("action", ACTION, action, 0, 0, RECS_RULES_ALL_ACTIONS),
    recs_rules_row("place", COUNT, place, 1, RECS_RULE_PLACE_MAX,
                   recs_rules_bit(PIN)),
    recs_rules_row("factor", NUMBER, factor, .1,
                   RECS_RULE_FACTOR_MAX, recs_rules_bit(BOOST)),
    recs_rules_row("at_most", COUNT, place, 1, RECS_RULE_PLACE_MAX,
                   recs_rules_bit(CAP)),
    recs_rules_row("per", GROUP, group, 0, 0, recs_rules_bit(CAP)),
    recs_rules_row("strength", NUMBER, factor, 0, 1,
                   recs_rules_bit(DIVERSITY)),

    /* of the item */

    recs_rules_list("products", PRODUCTS, RECS_RULE_ITEMS,
                    RECS_RULES_OF_ITEMS),
    recs_rules_list("category", CATEGORIES, RECS_RULE_CATEGORIES,
                    RECS_RULES_OF_ITEMS),
    recs_rules_list("brand", BRANDS, RECS_RULE_BRANDS, RECS_RULES_OF_ITEMS),
    recs_rules_list("tag", TAGS, RECS_RULE_TAGS, RECS_RULES_OF_ITEMS),
    recs_rules_limit("price_min", MONEY, price_min, 0, RECS_RULES_PRICE,
                     PRICE),
    recs_rules_limit("price_max", MONEY, price_max, 0, RECS_RULES_PRICE,
                     PRICE),
    recs_rules_limit("margin_min", NUMBER, margin_min, -1e6, 1, MARGIN),
    recs_rules_limit("margin_max", NUMBER, margin_max, -1e6, 1, MARGIN),
    recs_rules_limit("stock_min", STOCK, stock_min, 0, INT32_MAX, STOCK),
    recs_rules_limit("stock_max", STOCK, stock_max, 0, INT32_MAX, STOCK),
    recs_rules_limit("cover_min", NUMBER, cover_min, 0, 1e6, COVER),
    recs_rules_limit("cover_max", NUMBER, cover_max, 0, 1e6, COVER),
    recs_rules_limit("age_min", NUMBER, age_min, 0, 1e6, AGE),
    recs_rules_limit("age_max", NUMBER, age_max, 0, 1e6, AGE),
    recs_rules_limit("in_season", FLAG, asks, 0, 1, SEASON),

    /* of the circumstances */

    { "types", RECS_RULES_TYPES, offsetof(recs_rule_t, strategies), 0, 0, 0,
      RECS_RULES_ALL_ACTIONS, 1 },
    recs_rules_list("region", REGIONS, 0, RECS_RULES_ALL_ACTIONS),
    recs_rules_list("segment", SEGMENTS, 0, RECS_RULES_ALL_ACTIONS),
    recs_rules_row("from", TIME, from_ms, 0, 0, RECS_RULES_ALL_ACTIONS),
    recs_rules_row("to", TIME, to_ms, 0, 0, RECS_RULES_ALL_ACTIONS),
    { "months", RECS_RULES_MONTHS, offsetof(recs_rule_t, months), 0, 0, 0,
      RECS_RULES_ALL_ACTIONS, 1 }
};

const size_t  recs_rules_options_count =
    sizeof(recs_rules_options) / sizeof(recs_rules_options[0]);


/* Months and what is made of several, bits from January on. */

static const struct {
    const char  *name;
    uint32_t     bits;

} recs_rules_seasons[] = {
    { "january", 0x001 }, { "february", 0x002 }, { "march", 0x004 },
    { "april", 0x008 }, { "may", 0x010 }, { "june", 0x020 },
    { "july", 0x040 }, { "august", 0x080 }, { "september", 0x100 },
    { "october", 0x200 }, { "november", 0x400 }, { "december", 0x800 },
    { "q1", 0x007 }, { "q2", 0x038 }, { "q3", 0x1c0 }, { "q4", 0xe00 },
    { "spring", 0x01c }, { "summer", 0x0e0 }, { "autumn", 0x700 },
    { "winter", 0x803 }
};


void
recs_rules_init(recs_rules_read_t *r)
{
    memset(r, 0, sizeof(recs_rules_read_t));

    r->rule.action = RECS_RULE_ACTION_MAX;
    r->rule.group = RECS_RULE_GROUP_MAX;
    r->rule.price_min = INT64_MIN;
    r->rule.price_max = INT64_MAX;
    r->rule.stock_min = INT32_MIN;
    r->rule.stock_max = INT32_MAX;
    r->rule.margin_min = -INFINITY;
    r->rule.margin_max = INFINITY;
    r->rule.cover_min = -INFINITY;
    r->rule.cover_max = INFINITY;
    r->rule.age_min = -INFINITY;
    r->rule.age_max = INFINITY;
}


static void
recs_rules_word(recs_rules_file_t *f, const recs_rules_read_t *r,
    const recs_rules_option_t *o, const char *value, int line,
    const char *const *words, uint32_t n, uint32_t *place)
{
    char      all[128];
    size_t    len;
    uint32_t  i;

    for (i = 0, len = 0; i < n; i++) {
        if (strcasecmp(value, words[i]) == 0) {
            *place = i;
            return;
        }

        len += (size_t) snprintf(all + len, sizeof(all) - len, "%s%s",
                                 i ? ", " : "", words[i]);
    }

    recs_rules_note(f, 1, line, "rule \"%s\": \"%s\" is \"%s\", must be one "
                    "of %s", r->rule.name, o->name, value, all);
}


static double
recs_rules_number(recs_rules_file_t *f, const recs_rules_read_t *r,
    const recs_rules_option_t *o, const char *value, int line)
{
    char    *end;
    double   number;
    unsigned  whole;

    whole = o->type == RECS_RULES_COUNT || o->type == RECS_RULES_STOCK;
    errno = 0;
    number = strtod(value, &end);

    if (errno || end == value || *end != '\0' || !isfinite(number)
        || (whole && number != floor(number))
        || number < o->min * .999999 || number > o->max * 1.000001)
    {
        recs_rules_note(f, 1, line, "rule \"%s\": \"%s\" is \"%s\", must be "
                        "a %snumber from %.10g to %.10g", r->rule.name,
                        o->name, value, whole ? "whole " : "", o->min,
                        o->max);
        return o->min;
    }

    return recs_min(recs_max(number, o->min), o->max);
}


static void
recs_rules_time(recs_rules_file_t *f, const recs_rules_read_t *r,
    const recs_rules_option_t *o, const char *value, int line, int64_t *ms)
{
    recs_str_t  text;

    text.data = (const uint8_t *) value;
    text.len = strlen(value);

    if (recs_parse_time(&text, ms) != RECS_OK || *ms <= 0) {
        *ms = 0;
        recs_rules_note(f, 1, line, "rule \"%s\": \"%s\" is \"%s\", must be "
                        "a time like 2026-11-27T00:00:00+01:00 (RFC 3339, "
                        "UTC where it names no zone)", r->rule.name, o->name,
                        value);
    }
}


static void
recs_rules_type(recs_rules_file_t *f, recs_rules_read_t *r,
    const recs_rules_option_t *o, const char *value, int line)
{
    unsigned    strategy;
    recs_str_t  name;

    name.data = (const uint8_t *) value;
    name.len = strlen(value);

    strategy = recs_strategy_find(&name);

    if (strategy == RECS_STRATEGY_MAX) {
        strategy = recs_strategy_find_path(&name);
    }

    if (strategy == RECS_STRATEGY_MAX) {
        recs_rules_note(f, 1, line, "rule \"%s\": \"%s\" is \"%s\", which is "
                        "no type of recommendation; write it like "
                        "SIMILAR_PRODUCTS or \"similar\" (docs/http-api.md)",
                        r->rule.name, o->name, value);
        return;
    }

    r->rule.strategies |= (uint64_t) 1 << strategy;
}


/* A number, a name or its first three letters. */

static void
recs_rules_months(recs_rules_file_t *f, recs_rules_read_t *r,
    const recs_rules_option_t *o, const char *value, int line)
{
    char    *end;
    long     number;
    size_t   i, n;

    number = strtol(value, &end, 10);

    if (end != value && *end == '\0' && number >= 1 && number <= 12) {
        r->rule.months |= 1u << (number - 1);
        return;
    }

    n = sizeof(recs_rules_seasons) / sizeof(recs_rules_seasons[0]);

    for (i = 0; i < n; i++) {
        if (strcasecmp(value, recs_rules_seasons[i].name) == 0
            || (i < 12 && strlen(value) == 3
                && strncasecmp(value, recs_rules_seasons[i].name, 3) == 0))
        {
            r->rule.months |= recs_rules_seasons[i].bits;
            return;
        }
    }

    recs_rules_note(f, 1, line, "rule \"%s\": \"%s\" is \"%s\", must be 1 to "
                    "12, a month like \"october\", \"q1\" to \"q4\", or "
                    "\"spring\", \"summer\", \"autumn\", \"winter\"",
                    r->rule.name, o->name, value);
}


static void
recs_rules_name(recs_rules_file_t *f, recs_rules_read_t *r,
    const recs_rules_option_t *o, const char *value, int line)
{
    size_t               len;
    uint32_t             i;
    uint8_t             *copy;
    recs_rules_names_t  *names;

    names = &r->names[(unsigned) o->min];
    names->line = line;
    len = strlen(value);

    for (i = 0; i < names->count; i++) {
        if (names->names[i].len == len
            && memcmp(names->names[i].data, value, len) == 0)
        {
            recs_rules_note(f, 0, line, "rule \"%s\": \"%s\" names \"%s\" "
                            "twice", r->rule.name, o->name, value);
            return;
        }
    }

    if (len == 0 || names->count == RECS_RULES_NAMES_OF_RULE) {
        recs_rules_note(f, 1, line, "rule \"%s\": \"%s\" %s", r->rule.name,
                        o->name, len ? "has more than 10000 names; use a "
                        "category, brand or tag" : "has an empty name");
        return;
    }

    names->names = recs_realloc(names->names,
                                (names->count + 1) * sizeof(recs_str_t));
    copy = recs_alloc(len + 1);
    memcpy(copy, value, len + 1);
    names->names[names->count].data = copy;
    names->names[names->count++].len = len;
}


static void
recs_rules_flag(recs_rules_file_t *f, recs_rules_read_t *r,
    const recs_rules_option_t *o, const char *value, int line)
{
    if (strcasecmp(value, "yes") == 0 || strcasecmp(value, "true") == 0) {
        return;
    }

    r->rule.asks &= ~o->asks;

    if (strcasecmp(value, "no") && strcasecmp(value, "false")) {
        recs_rules_note(f, 1, line, "rule \"%s\": \"%s\" is \"%s\", must be "
                        "yes or no", r->rule.name, o->name, value);
    }
}


void
recs_rules_set(recs_rules_file_t *f, recs_rules_read_t *r,
    const recs_rules_option_t *o, const char *value, int line)
{
    void  *p;

    p = (char *) &r->rule + o->offset;
    r->rule.asks |= o->asks;

    switch (o->type) {

    case RECS_RULES_ACTION:
        recs_rules_word(f, r, o, value, line, recs_rule_actions,
                        RECS_RULE_ACTION_MAX, p);
        return;

    case RECS_RULES_GROUP:
        recs_rules_word(f, r, o, value, line, recs_rule_groups,
                        RECS_RULE_GROUP_MAX, p);
        return;

    case RECS_RULES_COUNT:
        *(uint32_t *) p = (uint32_t) recs_rules_number(f, r, o, value, line);
        return;

    case RECS_RULES_STOCK:
        *(int32_t *) p = (int32_t) recs_rules_number(f, r, o, value, line);
        return;

    case RECS_RULES_NUMBER:
        *(float *) p = (float) recs_rules_number(f, r, o, value, line);
        return;

    case RECS_RULES_MONEY:
        *(int64_t *) p = llround(recs_rules_number(f, r, o, value, line)
                                 * RECS_MICRO);
        return;

    case RECS_RULES_TIME:
        recs_rules_time(f, r, o, value, line, p);
        return;

    case RECS_RULES_FLAG:
        recs_rules_flag(f, r, o, value, line);
        return;

    case RECS_RULES_TYPES:
        recs_rules_type(f, r, o, value, line);
        return;

    case RECS_RULES_MONTHS:
        recs_rules_months(f, r, o, value, line);
        return;

    default: /* RECS_RULES_NAMES */
        recs_rules_name(f, r, o, value, line);
    }
}
