/*
 * Copyright (C) recs authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/answer/recs_stats.h"
#include "../memory.h"
#include "../report/print.h"
#include "../report/report.h"
#include "cmd.h"
#include "reported.h"


#define RECS_REPORT_KEY_FROM   300
#define RECS_REPORT_KEY_TO     301
#define RECS_REPORT_KEY_BY     302
#define RECS_REPORT_KEY_WHERE  303
#define RECS_REPORT_KEY_AS     304

#define RECS_REPORT_GROUPS     65536
#define RECS_REPORT_PIECE      1024


typedef struct {
    recs_arguments_t     arguments;      /* NAME */
    recs_stats_query_t   query;
    unsigned             json;
} recs_report_args_t;

typedef struct {
    recs_options_t       options;
    recs_report_args_t   args;
    recs_report_t       *report;
    int64_t              arrived_ms;     /* the latest event, 0: imported */
} recs_report_cmd_t;


static void
recs_report_argument(recs_report_args_t *a, const char *name, size_t len,
    const char *value, struct argp_state *state)
{
    int          rc;
    recs_str_t   n, v;
    const char  *err;

    n.data = (const uint8_t *) name;
    n.len = len;
    v.data = (const uint8_t *) value;
    v.len = strlen(value);
    err = "there is no such dimension";

    rc = recs_stats_arg(&a->query, &n, &v, &err);

    if (rc != RECS_OK) {
        argp_error(state, "\"%.*s\" is \"%s\": %s", (int) len, name, value,
                   err);
    }
}


static error_t
recs_report_parser(int key, char *arg, struct argp_state *state)
{
    char                *value;
    const char          *err;
    recs_report_args_t  *a;

    a = state->input;

    switch (key) {

    case ARGP_KEY_INIT:
        recs_stats_query_init(&a->query);
        return 0;

    case RECS_REPORT_KEY_FROM:
        recs_report_argument(a, "from", 4, arg, state);
        return 0;

    case RECS_REPORT_KEY_TO:
        recs_report_argument(a, "to", 2, arg, state);
        return 0;

    case RECS_REPORT_KEY_BY:
        recs_report_argument(a, "groupBy", 7, arg, state);
        return 0;

    case RECS_REPORT_KEY_WHERE:
        value = strchr(arg, '=');

        if (value == NULL) {
            argp_error(state, "--where needs NAME=VALUE, not \"%s\"", arg);
            return EINVAL;
        }

        recs_report_argument(a, arg, (size_t) (value - arg), value + 1,
                             state);
        return 0;

    case RECS_REPORT_KEY_AS:
        a->json = strcmp(arg, "json") == 0;

        if (!a->json && strcmp(arg, "table") != 0) {
            argp_error(state, "--format is \"%s\", must be json or table",
                       arg);
        }

        return 0;

    case ARGP_KEY_END:

        if (recs_stats_query_check(&a->query, &err) != RECS_OK) {
            argp_error(state, "%s", err);
        }
    }

    return recs_arguments_parser(key, arg, state);
}


static int
recs_report_take(void *ctx, const recs_event_t *e, recs_error_t *err)
{
    recs_report_cmd_t  *c;

    c = ctx;

    if (e->epoch) {
        c->arrived_ms = recs_max(c->arrived_ms, e->received_ms);
    }

    return recs_report_replay(c->report, e, err);
}


/* Products of files tell what they cost. */

static int
recs_report_read(recs_report_cmd_t *c, recs_error_t *err)
{
    int             rc;
    recs_error_t    bad;
    recs_keys_t     keys;
    recs_config_t   files;
    recs_source_t   source;

    files = c->options.config;
    files.events[0] = NULL;
    files.users[0] = NULL;

    memset(&keys, 0, sizeof(recs_keys_t));
    memset(&source, 0, sizeof(recs_source_t));

    source.keys = &keys;
    source.sink = recs_report_take;
    source.ctx = c;

    rc = recs_cmd_read(&files, &source, err);

    if (recs_source_end(&source, files.max_bad, &bad) != RECS_OK
        && rc == RECS_OK)
    {
        *err = bad;
        rc = RECS_ERROR;
    }

    return (rc == RECS_OK) ? recs_log_read(files.log, recs_report_take, c,
                                           err)
                           : rc;
}


/* The same document as GET /analytics/recommendation-performance has. */

static json_t *
recs_report_performance(recs_report_cmd_t *c, recs_error_t *err)
{
    int                  rc;
    char                *text;
    size_t               cap, len;
    void                *memory;
    json_t              *json;
    recs_out_t           out;
    recs_cells_t         cells;
    recs_stats_t        *s;
    recs_cells_part_t    part;
    recs_report_view_t   view;

    recs_report_view(c->report, 0, &view);
    recs_cells_flat(&cells, &part, view.cells, (uint32_t) view.count,
                    view.names, view.name_count, &view.meta);

    memory = recs_alloc(recs_stats_size(RECS_REPORT_GROUPS));
    s = recs_stats_init(memory, RECS_REPORT_GROUPS, &c->args.query, &cells,
                        NULL);

    while (recs_stats_step(s, UINT32_MAX / 2) == RECS_AGAIN) {
        /* void */
    }

    text = NULL;
    cap = 0;
    len = 0;

    do {
        recs_grow(&text, &cap, len + recs_stats_room(s, RECS_REPORT_PIECE),
                  1);
        recs_out_init(&out, text + len, cap - len);
        rc = recs_stats_json(s, &out, RECS_REPORT_PIECE);
        len = (size_t) ((char *) out.pos - text);

    } while (rc == RECS_AGAIN);

    json = (rc == RECS_OK) ? json_loadb(text, len, 0, NULL) : NULL;

    if (json == NULL) {
        (void) recs_error(err, "the report cannot be written");
    }

    free(memory);
    free(text);

    return json;
}


static json_t *
recs_report_named(recs_report_cmd_t *c, recs_error_t *err)
{
    const char               *name;
    const recs_report_row_t  *row;

    name = c->args.arguments.values[0];

    for (row = recs_reports; row->name; row++) {
        if (strcmp(row->name, name) == 0) {
            return recs_report_make(c->report, row);
        }
    }

    (void) recs_error(err, "there is no report \"%s\"; docs/analytics.md "
                      "lists them", name);

    return NULL;
}


static int
recs_report_run(recs_report_cmd_t *c, recs_error_t *err)
{
    unsigned             named;
    json_t              *json;
    const recs_config_t *config;

    config = &c->options.config;
    named = c->args.arguments.count != 0;

    if (config->log == NULL) {
        return recs_error(err, "report: no --log DIR for the event log");
    }

    c->report = recs_report_create(config);

    if (recs_reported_load(c->report, config->log, err) != RECS_OK
        || recs_report_read(c, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    recs_report_clock(c->report, config->now_ms ? config->now_ms
                                                : c->arrived_ms);

    json = named ? recs_report_named(c, err) : recs_report_performance(c, err);

    if (json == NULL) {
        return RECS_ERROR;
    }

    if (c->args.json) {
        recs_report_print_json(json);

    } else if (named) {
        recs_report_print_tree(json);

    } else {
        recs_report_print_table(json);
    }

    json_decref(json);

    return RECS_OK;
}


int
recs_cmd_report(int argc, char **argv)
{
    int                 rc;
    recs_error_t        e;
    recs_report_cmd_t  *c;

    static const struct argp_option  options[] = {
        { "from", RECS_REPORT_KEY_FROM, "TIME", 0,
          "RFC 3339 or milliseconds: hours from this one on", 0 },
        { "to", RECS_REPORT_KEY_TO, "TIME", 0, "Hours before this one", 0 },
        { "group-by", RECS_REPORT_KEY_BY, "NAMES", 0,
          "Up to three of type, algorithm, placement, position, variant, "
          "snapshot, device, region, segment, currency, hour and day, with "
          "commas between", 0 },
        { "where", RECS_REPORT_KEY_WHERE, "NAME=VALUE", 0,
          "Only where a dimension has this value, none: unknown", 0 },
        { "format", RECS_REPORT_KEY_AS, "json|table", 0,
          "Default table", 0 },
        { NULL, 0, NULL, 0, NULL, 0 }
    };

    static const struct argp  argp = {
        options, recs_report_parser, "[NAME]",
        "Counts what became of recommendations, from the event log: served, "
        "seen, clicked, bought, given back.  NAME is that of another report: "
        "data-quality, position-bias, definitions.",
        NULL, NULL, NULL
    };

    c = recs_calloc(1, sizeof(recs_report_cmd_t));
    c->args.arguments.max = 1;

    recs_options_parse(&c->options, RECS_OPTIONS_REPORT | RECS_OPTIONS_FILE,
                       &argp, &c->args, argc, argv);
    recs_options_check(&c->options, "report");

    rc = recs_report_run(c, &e);

    recs_report_destroy(c->report);
    free(c);

    return (rc == RECS_OK) ? RECS_EXIT_OK : recs_cmd_failed("report", rc, &e);
}
