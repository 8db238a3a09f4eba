/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../memory.h"
#include "lists.h"


typedef struct {
    recs_names_t  *defaults;     /* texts, in order of the table */
    char          *text;
    size_t         len;
    size_t         cap;
} recs_parameters_t;


static void
recs_lists_case(const recs_ask_t *ask, const recs_item_t *list, FILE *f)
{
    uint32_t    i;
    recs_str_t  id, product;

    for (i = 0; i < RECS_LIMIT_MAX && list[i] != RECS_NO_ITEM; i++) {
        recs_snapshot_fragment(ask->snapshot, list[i], &id, &product);

        /* a JSON string: without its quotes */

        fprintf(f, "%s%.*s", i ? " " : "", (int) id.len - 2,
                (const char *) id.data + 1);
    }

    fputc('\n', f);
}


int
recs_eval_lists(const recs_ask_t *ask, const recs_result_t *r,
    const recs_item_t *lists, recs_error_t *err)
{
    int        bad;
    FILE      *f;
    uint32_t   i;

    f = fopen(ask->lists, "ae");

    if (f == NULL) {
        return recs_error(err, "%s: cannot write lists: %s",
                          ask->lists, strerror(errno));
    }

    for (i = 0; i < r->count; i++) {
        fprintf(f, "%u\t", ask->chosen[i]);
        recs_lists_case(ask, lists + (size_t) i * RECS_LIMIT_MAX, f);
    }

    bad = ferror(f);

    if (fclose(f) != 0 || bad) {
        return recs_error(err, "%s: cannot write lists: %s",
                          ask->lists, strerror(errno));
    }

    return RECS_OK;
}


static void
recs_parameters_default(void *ctx, const char *name, const char *text)
{
    char                line[512];
    recs_parameters_t  *p;

    p = ctx;

    (void) snprintf(line, sizeof(line), "%s=%s", name, text);
    (void) recs_names_add(p->defaults, line, strlen(line));
}


static void
recs_parameters_one(void *ctx, const char *name, const char *text)
{
    int                 n;
    char                line[512];
    recs_parameters_t  *p;

    p = ctx;
    n = snprintf(line, sizeof(line), "%s=%s", name, text);

    if (recs_names_find(p->defaults, line, strlen(line)) != RECS_NONE) {
        return;
    }

    recs_grow(&p->text, &p->cap, p->len + n + 2, 1);
    p->len += sprintf(p->text + p->len, "%s%s", p->len ? " " : "", line);
}


char *
recs_eval_parameters(const recs_config_t *c)
{
    recs_config_t      defaults;
    recs_parameters_t  p;

    memset(&p, 0, sizeof(p));
    recs_grow(&p.text, &p.cap, 1, 1);
    p.text[0] = '\0';
    p.defaults = recs_names_create();

    recs_config_init(&defaults);
    recs_config_each(&defaults, recs_parameters_default, &p);
    recs_config_each(c, recs_parameters_one, &p);

    recs_names_destroy(p.defaults);

    return p.text;
}
