/*
 * Copyright (C) recs authors
 */

#include "rules.h"

#include "../../core/recs_hash.h"

#include <stdlib.h>
#include <string.h>


typedef struct {
    recs_rules_file_t          *file;
    const recs_rules_finder_t  *finder;
    recs_rule_t                *rules;
    uint64_t                   *keys;
    uint32_t                   *numbers;
    uint32_t                    count;
    uint32_t                    key_count;
    uint32_t                    number_count;
    size_t                      cap;             /* of numbers */
} recs_rules_compiler_t;


static const char *const  recs_rules_kinds[RECS_NAMES_MAX] = {
    "product", "category", "brand", "tag", "region", "segment"
};


static int
recs_rules_ascending(const void *one, const void *two)
{
    uint32_t  a, b;

    a = *(const uint32_t *) one;
    b = *(const uint32_t *) two;

    return (a > b) - (a < b);
}


static void
recs_rules_lookup(recs_rules_compiler_t *c, const recs_rules_read_t *r,
    recs_rules_names_e kind, recs_rule_span_t *span)
{
    uint32_t                   i, n, end;
    const recs_str_t          *name;
    const recs_rules_names_t  *names;

    names = &r->names[kind];
    span->first = c->number_count;

    for (i = 0; i < names->count; i++) {
        name = &names->names[i];
        end = 0;
        n = c->finder->find(c->finder->ctx, kind, name, &end);

        if (n == RECS_NONE) {
            recs_rules_note(c->file, 0, names->line, "rule \"%s\": there is "
                            "no %s \"%.*s\"", r->rule.name,
                            recs_rules_kinds[kind],
                            (int) recs_min(name->len, 255), name->data);
            continue;
        }

        recs_grow(&c->numbers, &c->cap, c->number_count + 2,
                  sizeof(uint32_t));
        c->numbers[c->number_count++] = n;

        if (kind == RECS_NAMES_CATEGORIES) {
            c->numbers[c->number_count++] = end;
        }
    }

    span->count = c->number_count - span->first;

    if (kind == RECS_NAMES_PRODUCTS && r->rule.action != RECS_RULE_PIN
        && span->count)
    {
        qsort(c->numbers + span->first, span->count, sizeof(uint32_t),
              recs_rules_ascending);
    }
}


static void
recs_rules_hashes(recs_rules_compiler_t *c, const recs_rules_read_t *r,
    recs_rules_names_e kind, recs_rule_span_t *span)
{
    uint32_t                   i, end;
    const recs_str_t          *name;
    const recs_rules_names_t  *names;

    names = &r->names[kind];
    span->first = c->key_count;

    for (i = 0; i < names->count && c->key_count < RECS_RULE_KEYS; i++) {
        name = &names->names[i];

        if (c->finder->find(c->finder->ctx, kind, name, &end) == RECS_NONE) {
            recs_rules_note(c->file, 0, names->line, "rule \"%s\": there is "
                            "no %s \"%.*s\" yet", r->rule.name,
                            recs_rules_kinds[kind],
                            (int) recs_min(name->len, 255), name->data);
        }

        c->keys[c->key_count++] = recs_key64(name->data, name->len);
    }

    if (i < names->count) {
        recs_rules_note(c->file, 1, names->line, "rule \"%s\": regions and "
                        "segments of all rules are more than %d",
                        r->rule.name, RECS_RULE_KEYS);
    }

    span->count = c->key_count - span->first;
}


static void
recs_rules_compile_one(recs_rules_compiler_t *c, const recs_rules_read_t *r)
{
    recs_rule_t  *rule;

    rule = &c->rules[c->count];
    *rule = r->rule;

    recs_rules_lookup(c, r, RECS_NAMES_PRODUCTS, &rule->items);
    recs_rules_lookup(c, r, RECS_NAMES_CATEGORIES, &rule->categories);
    recs_rules_lookup(c, r, RECS_NAMES_BRANDS, &rule->brands);
    recs_rules_lookup(c, r, RECS_NAMES_TAGS, &rule->tags);
    recs_rules_hashes(c, r, RECS_NAMES_REGIONS, &rule->regions);
    recs_rules_hashes(c, r, RECS_NAMES_SEGMENTS, &rule->segments);

    /* a pin of nothing would be nothing at a place */

    if (rule->action != RECS_RULE_PIN || rule->items.count) {
        c->count++;
    }
}


recs_rules_t *
recs_rules_compile(recs_rules_file_t *f, const recs_rules_finder_t *finder,
    size_t *size)
{
    size_t                  i;
    uint8_t                *p;
    recs_rules_t           *rules;
    recs_rules_compiler_t   c;

    memset(&c, 0, sizeof(c));
    c.file = f;
    c.finder = finder;
    c.rules = recs_calloc(f->count + 1, sizeof(recs_rule_t));
    c.keys = recs_calloc(RECS_RULE_KEYS, sizeof(uint64_t));

    for (i = 0; i < f->count; i++) {
        recs_rules_compile_one(&c, &f->rules[i]);
    }

    if (c.number_count > RECS_RULE_NUMBERS) {
        recs_rules_note(f, 1, 0, "the rules name %u products, categories, "
                        "brands and tags, %d are the most; use categories, "
                        "brands or tags for products", c.number_count,
                        RECS_RULE_NUMBERS);
    }

    rules = NULL;

    if (c.count && f->errors == 0) {
        *size = recs_rules_size(c.count, c.key_count, c.number_count);
        *size = recs_max(*size, RECS_FORMAT_PAD);

        rules = recs_calloc(1, *size);
        rules->count = c.count;
        rules->key_count = c.key_count;
        rules->number_count = c.number_count;

        p = (uint8_t *) rules->rules;
        memcpy(p, c.rules, c.count * sizeof(recs_rule_t));
        p += c.count * sizeof(recs_rule_t);
        memcpy(p, c.keys, c.key_count * sizeof(uint64_t));
        p += c.key_count * sizeof(uint64_t);

        if (c.number_count) {
            memcpy(p, c.numbers, c.number_count * sizeof(uint32_t));
        }
    }

    free(c.rules);
    free(c.keys);
    free(c.numbers);

    return rules;
}
