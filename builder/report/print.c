/*
 * Copyright (C) recs authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"


static void recs_print_value(const json_t *value);
static void recs_print_tree(json_t *json, char *path, size_t len,
    size_t size);


void
recs_report_print_json(json_t *json)
{
    json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    putchar('\n');
}


static void
recs_print_number(const json_t *value)
{
    if (json_is_integer(value)) {
        printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));

    } else {
        printf("%.12g", json_real_value(value));
    }
}


static void
recs_print_value(const json_t *value)
{
    if (json_is_object(value)) {
        recs_print_value(json_object_get(value, "value"));
        printf(" [");
        recs_print_value(json_object_get(value, "low"));
        printf(", ");
        recs_print_value(json_object_get(value, "high"));
        putchar(']');

    } else if (json_is_string(value)) {
        printf("%s", json_string_value(value));

    } else if (json_is_number(value)) {
        recs_print_number(value);

    } else if (json_is_boolean(value)) {
        printf("%s", json_is_true(value) ? "true" : "false");

    } else {
        putchar('-');
    }
}


static void
recs_print_row(json_t *columns, const json_t *row, const char *first)
{
    size_t        i;
    const char   *name;

    for (i = 0; i < json_array_size(columns); i++) {
        name = json_string_value(json_array_get(columns, i));

        if (i) {
            putchar('\t');
        }

        if (row == NULL) {
            printf("%s", name);

        } else if (json_object_get(row, name)) {
            recs_print_value(json_object_get(row, name));

        } else {
            printf("%s", i ? "" : first);
        }
    }

    putchar('\n');
}


void
recs_report_print_table(json_t *json)
{
    size_t        i;
    json_t       *columns, *definitions, *groups, *total, *value;
    const char   *name;

    groups = json_object_get(json, "groups");
    total = json_object_get(json, "total");
    definitions = json_object_get(json, "definitions");
    columns = json_copy(json_object_get(json, "groupBy"));

    json_object_foreach(total, name, value) {
        json_array_append_new(columns, json_string(name));
    }

    recs_print_row(columns, NULL, "");

    for (i = 0; i < json_array_size(groups); i++) {
        recs_print_row(columns, json_array_get(groups, i), "");
    }

    recs_print_row(columns, total, "all");
    putchar('\n');

    json_object_foreach(json, name, value) {
        if (!json_is_array(value) && value != total && value != definitions) {

            if (json_is_object(value)) {
                char  path[256];

                snprintf(path, sizeof(path), "%s", name);
                recs_print_tree(value, path, strlen(path), sizeof(path));
                continue;
            }

            printf("%s\t", name);
            recs_print_value(value);
            putchar('\n');
        }
    }

    putchar('\n');

    json_object_foreach(definitions, name, value) {
        printf("%s: %s\n", name, json_string_value(value));
    }

    json_decref(columns);
}


static void
recs_print_member(json_t *value, char *path, size_t len, size_t size,
    const char *name)
{
    int  n;

    n = snprintf(path + len, size - len, "%s%s", len ? "." : "", name);

    if (n > 0 && (size_t) n < size - len) {
        recs_print_tree(value, path, len + (size_t) n, size);
    }

    path[len] = '\0';
}


static void
recs_print_tree(json_t *json, char *path, size_t len, size_t size)
{
    char         number[32];
    size_t       i;
    json_t      *value;
    const char  *name;

    if (json_is_object(json)) {
        json_object_foreach(json, name, value) {
            recs_print_member(value, path, len, size, name);
        }

    } else if (json_is_array(json)) {
        json_array_foreach(json, i, value) {
            snprintf(number, sizeof(number), "%zu", i);
            recs_print_member(value, path, len, size, number);
        }

    } else {
        printf("%s\t", path);
        recs_print_value(json);
        putchar('\n');
    }
}


void
recs_report_print_tree(json_t *json)
{
    char  path[1024];

    path[0] = '\0';
    recs_print_tree(json, path, 0, sizeof(path));
}
