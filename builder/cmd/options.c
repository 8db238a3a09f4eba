/*
 * Copyright (C) recs authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../memory.h"
#include "cmd.h"


/* Keys of options that have no letter. */

#define RECS_KEY_LONG   256
#define RECS_KEY_JSON   255
#define RECS_KEY_SET    's'


typedef struct {
    const char  *name;
    int          key;            /* letter, 0: none */
    const char  *arg;            /* NULL: a flag */
    unsigned     groups;
    const char  *doc;
} recs_option_row_t;

typedef struct {
    const char  *name;
    const char  *value;
} recs_option_given_t;

typedef struct {
    recs_options_t       *options;
    const struct argp    *child;         /* the command's own parser */
    void                 *input;
    recs_option_given_t  *given;
    size_t                count;
    size_t                cap;
    const char           *list;          /* takes further arguments */
    recs_message_e        quiet_from;
} recs_options_state_t;


#define RECS_OPTIONS_ANY  0xffffffffu

static const recs_option_row_t  recs_option_rows[] = {

    { "events", 'e', "PATH...", RECS_OPTIONS_INPUT,
      "Files or directories of events: JSON lines or CSV, also .gz and .zst; "
      "\"-\" is standard input" },
    { "catalog", 'p', "PATH...", RECS_OPTIONS_INPUT | RECS_OPTIONS_REPORT,
      "Files or directories of products" },
    { "users", 'u', "PATH...", RECS_OPTIONS_INPUT,
      "Files or directories of users" },
    { "quarantine", 0, "FILE", RECS_OPTIONS_INPUT | RECS_OPTIONS_ERASE,
      "File that bad lines are appended to, default quarantine.jsonl in the "
      "directory of --out or --log" },
    { "max-bad", 0, "SHARE", RECS_OPTIONS_INPUT,
      "Share of bad lines that is too much, default 0.05" },

    { "out", 'o', "DIR", RECS_OPTIONS_BUILD | RECS_OPTIONS_ERASE,
      "Directory of the snapshots" },
    { "log", 'l', "DIR",
      RECS_OPTIONS_LOG | RECS_OPTIONS_RETAIN | RECS_OPTIONS_ERASE
      | RECS_OPTIONS_REPORT,
      "Directory of the event log" },
    { "key", 'k', "FILE", RECS_OPTIONS_LOG | RECS_OPTIONS_ERASE,
      "Key file of identities, made where it is missing, default \"key\" in "
      "the directory of --out, else of --log" },
    { "shop", 0, "NAME", RECS_OPTIONS_LOG | RECS_OPTIONS_REPORT,
      "Name of the shop where there are several" },

    { "now", 0, "TIME", RECS_OPTIONS_BUILD,
      "The clock, RFC 3339 or milliseconds, default the newest event" },
    { "now", 0, "TIME", RECS_OPTIONS_IMPORT,
      "The time of arrival, RFC 3339 or milliseconds, default the clock" },
    { "now", 0, "TIME", RECS_OPTIONS_RETAIN,
      "The time that ages are counted to, RFC 3339 or milliseconds, default "
      "the clock" },
    { "retention-days", 0, "N", RECS_OPTIONS_RETAIN,
      "Days that files of the log are kept, default 90" },
    { "archive", 0, "DIR", RECS_OPTIONS_RETAIN | RECS_OPTIONS_ERASE,
      "Directory that old files are moved to, default: they are removed" },
    { "threads", 't', "N", RECS_OPTIONS_BUILD | RECS_OPTIONS_INPUT,
      "Threads, default 2" },
    { "keep", 0, "N", RECS_OPTIONS_BUILD, "Snapshots to keep, default 5" },
    { "rules", 0, "FILE", RECS_OPTIONS_BUILD,
      "Merchandising rules that the snapshot holds" },
    { "time-budget", 0, "MINUTES", RECS_OPTIONS_BUILD,
      "What a build may take: \"auto\" leaves out a model that takes more "
      "than a twentieth of it, default 10" },
    { "memory-budget", 0, "GB", RECS_OPTIONS_BUILD,
      "Memory that a model may take, default 8" },
    { "force", 'f', NULL, RECS_OPTIONS_BUILD,
      "Publish what the gates refuse" },
    { "set", RECS_KEY_SET, "NAME=VALUE",
      RECS_OPTIONS_BUILD | RECS_OPTIONS_REPORT,
      "Set any option of the configuration" },

    { "config", 'c', "FILE", RECS_OPTIONS_FILE, "Configuration" },
    { "json", RECS_KEY_JSON, NULL, RECS_OPTIONS_JSON,
      "Print the summary as a JSON object on standard output" },
    { "quiet", 'q', NULL, RECS_OPTIONS_ANY, "Warnings and errors only" },
    { "verbose", 'v', NULL, RECS_OPTIONS_ANY, "Say more" }
};

#define RECS_OPTION_ROWS                                                     \
    (sizeof(recs_option_rows) / sizeof(recs_option_rows[0]))


static void
recs_options_give(recs_options_state_t *s, const char *name,
    const char *value)
{
    recs_grow(&s->given, &s->cap, s->count + 1, sizeof(recs_option_given_t));

    s->given[s->count].name = name;
    s->given[s->count].value = value;
    s->count++;
}


static const recs_option_row_t *
recs_options_row(int key)
{
    size_t  i;

    for (i = 0; i < RECS_OPTION_ROWS; i++) {
        if (recs_option_rows[i].key == key
            || RECS_KEY_LONG + (int) i == key)
        {
            return &recs_option_rows[i];
        }
    }

    return NULL;
}


static error_t
recs_options_set(recs_options_state_t *s, char *arg,
    struct argp_state *state)
{
    char  *value;

    value = strchr(arg, '=');

    if (value == NULL) {
        argp_error(state, "--set needs NAME=VALUE, not \"%s\"", arg);
        return EINVAL;
    }

    *value++ = '\0';
    recs_options_give(s, arg, value);

    return 0;
}


static error_t
recs_options_option(recs_options_state_t *s, int key, char *arg,
    struct argp_state *state)
{
    const recs_option_row_t  *row;

    row = recs_options_row(key);

    if (row == NULL) {
        return ARGP_ERR_UNKNOWN;
    }

    s->list = NULL;

    switch (row->key) {

    case RECS_KEY_SET:
        return recs_options_set(s, arg, state);

    case RECS_KEY_JSON:
        s->options->json = 1;
        return 0;

    case 'c':
        s->options->file = arg;
        return 0;

    case 'q':
        s->quiet_from = RECS_MSG_NOTICE;
        return 0;

    case 'v':
        s->quiet_from = RECS_MSG_DEBUG + 1;
        return 0;
    }

    recs_options_give(s, row->name, row->arg ? arg : "true");

    if (row->arg && strcmp(row->arg, "PATH...") == 0) {
        s->list = row->name;
    }

    return 0;
}


static error_t
recs_options_parser(int key, char *arg, struct argp_state *state)
{
    recs_options_state_t  *s;

    s = state->input;

    switch (key) {

    case ARGP_KEY_INIT:

        if (s->child) {
            state->child_inputs[0] = s->input;
        }

        return 0;

    case ARGP_KEY_ARG:
        if (s->list) {
            recs_options_give(s, s->list, arg);
            return 0;
        }

        return ARGP_ERR_UNKNOWN;

    case ARGP_KEY_NO_ARGS:
    case ARGP_KEY_END:
    case ARGP_KEY_SUCCESS:
    case ARGP_KEY_ERROR:
    case ARGP_KEY_FINI:
    case ARGP_KEY_ARGS:
        return ARGP_ERR_UNKNOWN;
    }

    return recs_options_option(s, key, arg, state);
}


static void
recs_options_declare(struct argp_option *options, unsigned groups)
{
    size_t                    i, n;
    const recs_option_row_t  *row;

    memset(options, 0, (RECS_OPTION_ROWS + 1) * sizeof(struct argp_option));

    for (i = 0, n = 0; i < RECS_OPTION_ROWS; i++) {
        row = &recs_option_rows[i];

        if (!(row->groups & groups) && row->groups != RECS_OPTIONS_ANY) {
            continue;
        }

        options[n].name = row->name;
        options[n].key = row->key ? row->key : RECS_KEY_LONG + (int) i;
        options[n].arg = row->arg;
        options[n].doc = row->doc;
        n++;
    }
}


static void
recs_options_die(const recs_error_t *e)
{
    recs_message(RECS_MSG_ERROR, "options", "%s", e->text);
    exit(RECS_EXIT_USAGE);
}


/* What was given, over what the file says: a list there is replaced. */

static void
recs_options_apply(recs_options_state_t *s)
{
    size_t                 i, j;
    char                  *p, name[64];
    unsigned               nth;
    recs_error_t           e;
    recs_option_given_t   *given;

    for (i = 0; i < s->count; i++) {
        given = &s->given[i];

        for (j = 0, nth = 0; j < i; j++) {
            nth += strcmp(s->given[j].name, given->name) == 0;
        }

        snprintf(name, sizeof(name), "%s", given->name);

        for (p = name; *p; p++) {
            if (*p == '-') {
                *p = '_';
            }
        }

        if (recs_config_set(&s->options->config, name, given->value, nth, &e)
            != RECS_OK)
        {
            recs_options_die(&e);
        }
    }
}


void
recs_options_parse(recs_options_t *o, unsigned groups,
    const struct argp *argp, void *input, int argc, char **argv)
{
    recs_error_t          e;
    struct argp           shared;
    struct argp_child     children[2];
    struct argp_option    options[RECS_OPTION_ROWS + 1];
    recs_options_state_t  s;

    memset(o, 0, sizeof(recs_options_t));
    memset(&s, 0, sizeof(recs_options_state_t));
    memset(&shared, 0, sizeof(struct argp));
    memset(children, 0, sizeof(children));

    s.options = o;
    s.child = argp;
    s.input = input;
    s.quiet_from = RECS_MSG_DEBUG;

    recs_options_declare(options, groups);

    children[0].argp = argp;
    shared.options = options;
    shared.parser = recs_options_parser;
    shared.children = children;

    if (argp_parse(&shared, argc, argv, ARGP_IN_ORDER, NULL, &s) != 0) {
        exit(RECS_EXIT_USAGE);
    }

    recs_message_init(s.quiet_from);
    recs_config_init(&o->config);

    if (o->file
        && recs_config_read(&o->config, o->file, &e) != RECS_OK)
    {
        recs_options_die(&e);
    }

    recs_options_apply(&s);
    recs_message_format(o->config.log_format);
    free(s.given);
}


void
recs_options_check(recs_options_t *o, const char *command)
{
    recs_error_t  e;

    if (recs_config_check(&o->config, command, &e) != RECS_OK) {
        recs_options_die(&e);
    }
}


int
recs_cmd_failed(const char *stage, int rc, const recs_error_t *e)
{
    recs_progress_end();
    recs_message(RECS_MSG_ERROR, stage, "%s", e->text);

    return (rc == RECS_DECLINED || rc == RECS_AGAIN) ? RECS_EXIT_BUSY
           : RECS_EXIT_FAILED;
}
