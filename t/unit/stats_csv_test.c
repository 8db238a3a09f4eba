/*
 * Copyright (C) recs authors
 *
 * Random cells and questions: every field of the CSV is what the JSON says.
 */

#include <jansson.h>

#include "../../core/answer/recs_stats.h"
#include "cells.h"


#define ROUNDS   60
#define GROUPS   1024
#define COLUMNS  64
#define FIELD    512


static char      all[4 << 20];
static char      head[COLUMNS][FIELD];
static unsigned  columns;


static recs_stats_t *
sums(void *memory, const char *by, const char *region)
{
    recs_str_t           name, value;
    const char          *err;
    recs_stats_t        *s;
    recs_stats_query_t   q;

    recs_stats_query_init(&q);

    name.data = (const uint8_t *) "groupBy";
    name.len = 7;
    value.data = (const uint8_t *) by;
    value.len = strlen(by);

    if (value.len) {
        (void) recs_stats_arg(&q, &name, &value, &err);
    }

    if (region) {
        name.data = (const uint8_t *) "region";
        name.len = 6;
        value.data = (const uint8_t *) region;
        value.len = strlen(region);
        (void) recs_stats_arg(&q, &name, &value, &err);
    }

    s = recs_stats_init(memory, GROUPS, &q, &files[0].loaded,
                        &files[1].loaded);

    while (recs_stats_step(s, 1 + below(500)) == RECS_AGAIN) { /* void */ }

    return s;
}


static size_t
text(recs_stats_t *s, int (*write)(recs_stats_t *s, recs_out_t *out,
    uint32_t max))
{
    int         rc;
    size_t      len;
    uint32_t    n;
    recs_out_t  out;

    len = 0;

    do {
        n = 1 + below(9);
        recs_out_init(&out, all + len, recs_stats_room(s, n));
        rc = write(s, &out, n);
        len = (char *) out.pos - all;
    } while (rc == RECS_AGAIN);

    all[rc == RECS_OK ? len : 0] = '\0';

    return rc == RECS_OK ? len : 0;
}


/* A field of the line at *p, which moves behind its comma or newline. */

static unsigned
field(const char **p, char *value)
{
    const char  *c;

    c = *p;

    if (*c == '"') {
        for (c++; c[0] != '"' || c[1] == '"'; c++) {
            c += (c[0] == '"');
            *value++ = *c;
        }

        c++;

    } else {
        while (*c != ',' && *c != '\n' && *c != '\0') {
            *value++ = *c++;
        }
    }

    *value = '\0';
    *p = c + (*c != '\0');

    return *c == ',';
}


/* What the JSON has of a column, as text. */

static void
expected(const json_t *row, const char *name, char *want)
{
    size_t       len;
    char         stem[FIELD];
    json_t      *v;
    const char  *part;

    v = json_object_get(row, name);
    part = "value";
    len = strlen(name);

    if (v == NULL && len > 4 && strcmp(name + len - 4, "High") == 0) {
        part = "high";
        len -= 4;

    } else if (v == NULL) {
        part = "low";
        len -= 3;
    }

    if (v == NULL) {
        snprintf(stem, sizeof(stem), "%.*s", (int) len, name);
        v = json_object_get(row, stem);
    }

    if (json_is_object(v)) {
        v = json_object_get(v, part);
    }

    if (json_is_string(v)) {
        sprintf(want, "%s%s", strchr("=+-@\t", json_string_value(v)[0])
                              ? "'" : "", json_string_value(v));

    } else if (json_is_number(v)) {
        sprintf(want, "%.6f", json_number_value(v));

    } else {
        strcpy(want, json_is_null(v) ? "" : "missing");
    }
}


static unsigned
line(const char **p, const json_t *row)
{
    unsigned  i, more, good;
    char      have[FIELD], want[FIELD], number[FIELD], *end;

    good = 1;

    for (i = 0, more = 1; more; i++) {
        more = field(p, have);
        expected(row, head[i], want);

        if (strcmp(have, want) == 0) {
            continue;
        }

        sprintf(number, "%.6f", strtod(have, &end));

        if (*have == '\0' || *end || strcmp(number, want) != 0) {
            printf("# %s: %s, not %s\n", head[i], have, want);
            good = 0;
        }
    }

    return good && i == columns;
}


static void
question(void *memory, const char *by, const char *region)
{
    size_t         i, n;
    json_t        *json, *groups;
    unsigned       good;
    const char    *p;
    json_error_t   e;
    recs_stats_t  *s;

    s = sums(memory, by, region);
    n = text(s, recs_stats_json);
    json = json_loadb(all, n, 0, &e);
    groups = json_object_get(json, "groups");

    s = sums(memory, by, region);
    (void) text(s, recs_stats_csv);

    p = all;
    columns = 0;

    while (field(&p, head[columns++])) { /* void */ }

    good = 1;

    if (*by == '\0') {
        good = line(&p, json_object_get(json, "total"));
    }

    for (i = 0; i < json_array_size(groups); i++) {
        good &= line(&p, json_array_get(groups, i));
    }

    ok(good && *p == '\0', "by \"%s\": %u lines", by,
       (unsigned) json_array_size(groups));

    json_decref(json);
}


int
main(void)
{
    void        *memory;
    unsigned     i;
    recs_out_t   out;
    uint8_t      small[16];

    static const char *const  by[] = {
        "", "type", "placement,position", "snapshot,device", "hour,region",
        "day,variant,segment", "algorithm"
    };

    begin();
    memory = malloc(recs_stats_size(GROUPS));

    for (i = 0; i < ROUNDS; i++) {
        make(&files[0], below(DAYS), 1000000, below(9));
        make(&files[1], below(DAYS), below(2) ? 2000000 : 500000, below(4));
        question(memory, by[i % 7], below(3) ? NULL : words[below(NAMES)]);
    }

    recs_out_init(&out, small, sizeof(small));
    is_int(recs_stats_csv(sums(memory, "type", NULL), &out, 1), RECS_ERROR,
           "no room");

    free(memory);
    free(files[0].memory);
    free(files[1].memory);

    return done_testing();
}
