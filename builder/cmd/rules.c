/*
 * Copyright (C) recs authors
 *
 * "rules check FILE [SNAPSHOT]": all that is wrong with a rules file.
 */

#include "../memory.h"
#include "../publish/open.h"
#include "../rules/rules.h"
#include "cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


static int
recs_rules_compare(const void *one, const void *two)
{
    const recs_rules_note_t  *a, *b;

    a = one;
    b = two;

    return (a->line > b->line) - (a->line < b->line);
}


static void
recs_rules_print(recs_rules_file_t *f)
{
    size_t                    i;
    const recs_rules_note_t  *note;

    if (f->note_count) {
        qsort(f->notes, f->note_count, sizeof(recs_rules_note_t),
              recs_rules_compare);
    }

    for (i = 0; i < f->note_count; i++) {
        note = &f->notes[i];

        if (note->line) {
            printf("%s:%d: ", f->path, note->line);

        } else {
            printf("%s: ", f->path);
        }

        printf("%s: %s\n", note->error ? "error" : "warning", note->text);
    }

    printf("%s: %zu rules, %" PRIu32 " errors, %" PRIu32 " warnings\n",
           f->path, f->count, f->errors, f->warnings);
}


/* Names are looked up as a build from the same catalogue would. */

static int
recs_rules_with(recs_rules_file_t *f, const char *path, recs_error_t *e)
{
    size_t                size;
    recs_rules_t         *rules;
    recs_snapshot_t      *s;
    recs_rules_finder_t   finder;

    if (recs_open_snapshot(path, 0, &s, e) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_rules_in_snapshot(&finder, s);
    rules = recs_rules_compile(f, &finder, &size);
    recs_rules_finder_free(&finder);

    if (rules) {
        recs_rules_blocked_pins(f, rules, s);
    }

    free(rules);
    recs_snapshot_close(s);

    return RECS_OK;
}


int
recs_cmd_rules(int argc, char **argv)
{
    int                rc;
    recs_error_t       e;
    recs_options_t     o;
    recs_arguments_t   a = { 2, 3, 0, { NULL } };
    recs_rules_file_t  f;

    static const struct argp  argp = {
        NULL, recs_arguments_parser, "check FILE [SNAPSHOT]",
        "Checks a rules file and prints every error with its line, and, "
        "where a snapshot or its directory is given, the names that it does "
        "not know.  Exit status 1 where there is an error.",
        NULL, NULL, NULL
    };

    recs_options_parse(&o, 0, &argp, &a, argc, argv);

    if (strcmp(a.values[0], "check") != 0) {
        (void) recs_error(&e, "\"%s\" is nothing that can be done to rules, "
                          "say: rules check FILE [SNAPSHOT]", a.values[0]);
        (void) recs_cmd_failed("rules", RECS_ERROR, &e);
        return RECS_EXIT_USAGE;
    }

    if (recs_rules_read(&f, a.values[1], &e) != RECS_OK) {
        return recs_cmd_failed("rules", RECS_ERROR, &e);
    }

    rc = a.values[2] ? recs_rules_with(&f, a.values[2], &e) : RECS_OK;

    if (rc == RECS_OK) {
        recs_rules_print(&f);
        rc = f.errors ? RECS_ERROR : RECS_OK;

    } else {
        (void) recs_cmd_failed("rules", rc, &e);
    }

    recs_rules_free(&f);

    return (rc == RECS_OK) ? RECS_EXIT_OK : RECS_EXIT_FAILED;
}
