/*
 * Copyright (C) recs authors
 */

#include "rules.h"

#include "../../core/answer/recs_rules.h"

#include <string.h>


static int recs_rules_tell(const recs_rules_file_t *f, recs_error_t *e);
static const recs_rule_t *recs_rules_blocker(const recs_rules_work_t *w,
    recs_item_t item);


int
recs_rules_build(const recs_dataset_t *d, const char *path,
    recs_rules_t **rules, size_t *size, recs_error_t *e)
{
    int                  rc;
    recs_rules_file_t    f;
    recs_rules_finder_t  finder;

    *rules = NULL;
    *size = 0;

    if (path == NULL) {
        return RECS_OK;
    }

    if (recs_rules_read(&f, path, e) != RECS_OK) {
        return RECS_ERROR;
    }

    if (f.errors == 0) {
        recs_rules_in_dataset(&finder, d);
        *rules = recs_rules_compile(&f, &finder, size);
        recs_rules_finder_free(&finder);
    }

    rc = recs_rules_tell(&f, e);
    recs_rules_free(&f);

    return rc;
}


int
recs_rules_ready(const char *path, recs_error_t *e)
{
    int                rc;
    recs_rules_file_t  f;

    if (path == NULL) {
        return RECS_OK;
    }

    if (recs_rules_read(&f, path, e) != RECS_OK) {
        return RECS_ERROR;
    }

    rc = f.errors ? recs_rules_tell(&f, e) : RECS_OK;
    recs_rules_free(&f);

    return rc;
}


/* Warnings, and all errors but the first, which is *e. */

static int
recs_rules_tell(const recs_rules_file_t *f, recs_error_t *e)
{
    size_t                    i;
    const recs_rules_note_t  *note, *first;

    for (i = 0, first = NULL; i < f->note_count; i++) {
        note = &f->notes[i];

        if (note->error && first == NULL) {
            first = note;
            continue;
        }

        recs_message(note->error ? RECS_MSG_ERROR : RECS_MSG_WARN, "rules",
                     "%s:%d: %s", f->path, note->line, note->text);
    }

    return first ? recs_error(e, "%s:%d: %s", f->path, first->line,
                              first->text) : RECS_OK;
}


void
recs_rules_blocked_pins(recs_rules_file_t *f, const recs_rules_t *rules,
    const recs_snapshot_t *s)
{
    uint32_t            i, k, n;
    recs_str_t          id, product;
    recs_view_t         view;
    const uint32_t     *items;
    recs_rules_work_t   w;
    const recs_rule_t  *pin, *block;

    memset(&view, 0, sizeof(view));
    memset(&w, 0, sizeof(w));
    view.base = s;
    w.view = &view;
    w.rules = rules;

    for (i = 0; i < rules->count; i++) {
        pin = &rules->rules[i];
        items = recs_rules_numbers(rules) + pin->items.first;
        n = (pin->action == RECS_RULE_PIN) ? pin->items.count : 0;

        for (k = 0; k < n; k++) {
            block = recs_rules_blocker(&w, items[k]);

            if (block) {
                recs_snapshot_fragment(s, items[k], &id, &product);
                recs_rules_note(f, 0, 0, "rule \"%s\" pins product %.*s, "
                                "which rule \"%s\" blocks by what it is",
                                pin->name, (int) id.len, id.data,
                                block->name);
            }
        }
    }
}


/* What is blocked by stock or price may be pinned until then. */

static const recs_rule_t *
recs_rules_blocker(const recs_rules_work_t *w, recs_item_t item)
{
    uint32_t            i;
    const recs_rule_t  *r;

    for (i = 0; i < w->rules->count; i++) {
        r = &w->rules->rules[i];

        if (r->action == RECS_RULE_BLOCK
            && !(r->asks & ~(RECS_RULE_CATEGORIES|RECS_RULE_BRANDS
                             |RECS_RULE_TAGS))
            && recs_rules_match(w, r, item))
        {
            return r;
        }
    }

    return NULL;
}
