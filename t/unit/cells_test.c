/*
 * Copyright (C) recs authors
 *
 * Section 'S' of a snapshot: what the reader refuses.
 */

#include "cells.h"


/* A section that is not as it should be. */

static const char *
section(file_t *f)
{
    void               *memory;
    unsigned            i;
    const char         *why;
    recs_cells_t        c;
    recs_cells_load_t   load;

    memset(&load, 0, sizeof(load));
    why = NULL;

    for (i = 0; i < f->count && why == NULL; i++) {
        why = recs_cells_count(&load, &f->key[i]);
    }

    if (why) {
        return why;
    }

    memory = malloc(recs_cells_size(&load) + 1);
    recs_cells_begin(&load, memory, &c);

    for (i = 0; i < f->count && why == NULL; i++) {
        why = recs_cells_take(&load, &f->key[i], &f->value[i]);
    }

    why = why ? why : recs_cells_end(&load);
    free(memory);

    return why;
}


/* The first day and the head of the section may be written to. */

#define refused(why, ...)                                                     \
    do {                                                                      \
        make(f, 2, 1000000, 8);                                               \
        memcpy(&meta, &f->meta, sizeof(meta));                                \
        cell(&c[0], DAY * 24);                                                \
        c[0].position = 5;                                                    \
        c[1] = c[0];                                                          \
        c[1].position++;                                                      \
        f->value[0].data = (uint8_t *) c;                                     \
        f->value[0].len = sizeof(c);                                          \
        head->data = (uint8_t *) &meta;                                       \
        __VA_ARGS__;                                                          \
        said = section(f);                                                    \
        ok(said && strstr(said, why), "refused: %s", why);                    \
    } while (0)

static void
damage(void)
{
    file_t            *f;
    recs_str_t         text, *head;
    const char        *said;
    recs_cell_t        c[2];
    recs_cell_meta_t   meta;

    static const recs_str_t  quality = recs_string("data-quality"),
        other = recs_string("other"), bad = recs_string("{\"a\":}"),
        good = recs_string("{\"a\":1}");

    f = &files[0];
    make(f, 2, 1000000, 8);
    head = &f->value[f->count - NAMES - 1];
    ok(section(f) == NULL, "a good section");

    refused("not whole", f->value[0].len--);
    refused("has no number", f->key[0].len = 3);
    refused("too short", f->key[0].len = 1);
    refused("unknown kind", f->keys[0][1] = 'x');
    refused("hours of the report are not in order", f->keys[1][5]--;
            f->value[1] = f->value[0]);
    refused("a day where it has hours", f->keys[0][2] = 0xff;
            f->value[0].len = 0);
    refused("has no head", f->key[f->count - NAMES - 1] = f->key[1];
            *head = f->value[1]);
    refused("has another size", head->len--);
    refused("head of the report is out of range", meta.made_ms = 0);
    refused("head of the report is out of range", meta.hourly++);
    refused("name of the report is missing",
            f->key[f->count - 2] = f->key[f->count - 1]; f->count--);

    refused("another hour", c[1].hour++);
    refused("unknown type", c[1].strategy = 77);
    refused("name that is not there", c[1].region = NAMES);
    refused("name that is not there", c[1].segment = RECS_NONE - 1);
    refused("cells of an hour are not in order", c[1] = c[0]);
    refused("cells of an hour are not in order", c[1].position -= 2);

    refused("not JSON",
            f->key[0].len = recs_format_report_key(f->keys[0], &quality);
            f->value[0] = bad);
    refused("a report has no name", f->keys[0][1] = RECS_CELL_REPORT;
            f->key[0].len = 2; f->value[0] = good);
    refused("reports are not in order",
            f->key[0].len = recs_format_report_key(f->keys[0], &other);
            f->key[1].len = recs_format_report_key(f->keys[1], &quality);
            f->value[0] = f->value[1] = good);

    make(f, 2, 1000000, 8);
    f->loaded.reports = &(recs_cells_report_t) { quality, good };
    f->loaded.report_count = 1;
    is_int(recs_cells_report(&f->loaded, &quality, &text), RECS_OK,
           "a report by its name");
    is_str(text.data, text.len, "{\"a\":1}", "its text");
    is_int(recs_cells_report(&f->loaded, &other, &text), RECS_DECLINED,
           "none of another name");
}


int
main(int argc, char **argv)
{
    begin();
    damage();

    return done_testing();
}
