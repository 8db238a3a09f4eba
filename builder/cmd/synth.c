/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../core/event/recs_event.h"
#include "../synth/synth.h"
#include "cmd.h"


/* 2025-06-30T12:00:00Z: without --now, a seed always makes the same shop. */

#define RECS_SYNTH_NOW  INT64_C(1751284800000)

#define RECS_SYNTH_MOST_ITEMS   10000000
#define RECS_SYNTH_MOST_EVENTS  2000000000
#define RECS_SYNTH_MOST_DAYS    3650


static const struct argp_option  recs_synth_options[] = {
    { "users", 'u', "N", 0, "Users, default 5000", 0 },
    { "items", 'i', "N", 0, "Products, default 2000", 0 },
    { "events", 'e', "N", 0, "Events, default 100000", 0 },
    { "days", 'd', "N", 0, "Days that they are from, default 365", 0 },
    { "seed", 's', "N", 0, "Another seed, another shop; default 1", 0 },
    { "now", 'n', "TIME", 0, "Their end, RFC 3339 or milliseconds, default "
      "2025-06-30T12:00:00Z", 0 },
    { "out", 'o', "DIR", 0, "Directory of events.jsonl, catalog.jsonl and "
      "users.jsonl; made where it is missing", 0 },
    { NULL, 0, NULL, 0, NULL, 0 }
};


static error_t
recs_synth_parser(int key, char *arg, struct argp_state *state)
{
    recs_str_t     text;
    recs_synth_t  *s;

    s = state->input;

    switch (key) {

    case 'u':
        s->users = (uint32_t) recs_argument_number(state, "users", arg, 1,
                                                   UINT32_MAX - 1);
        return 0;

    case 'i':
        s->items = (uint32_t) recs_argument_number(state, "items", arg, 1,
                                                   RECS_SYNTH_MOST_ITEMS);
        return 0;

    case 'e':
        s->events = recs_argument_number(state, "events", arg, 1,
                                         RECS_SYNTH_MOST_EVENTS);
        return 0;

    case 'd':
        s->days = (uint32_t) recs_argument_number(state, "days", arg, 1,
                                                  RECS_SYNTH_MOST_DAYS);
        return 0;

    case 's':
        s->seed = recs_argument_number(state, "seed", arg, 0, UINT64_MAX);
        return 0;

    case 'n':
        text.len = strlen(arg);
        text.data = (const uint8_t *) arg;

        if (recs_parse_time(&text, &s->now_ms) != RECS_OK
            || s->now_ms < INT64_C(1000) * 86400 * 365 * 15)
        {
            argp_error(state, "--now \"%s\" is not a time after 1984, as in "
                       "2025-06-30T12:00:00Z", arg);
        }

        return 0;

    case 'o':
        s->out = arg;
        return 0;

    case ARGP_KEY_END:

        if (s->out == NULL) {
            argp_error(state, "--out DIR is missing");
        }

        return 0;
    }

    return ARGP_ERR_UNKNOWN;
}


/* Makes a directory and those above it. */

static int
recs_synth_directory(const char *path, recs_error_t *err)
{
    int      rc;
    char    *copy, *p;
    size_t   len;

    len = strlen(path) + 1;
    copy = recs_alloc(len);
    memcpy(copy, path, len);

    rc = 0;

    for (p = copy + 1; rc == 0 && *p; p++) {

        if (*p == '/') {
            *p = '\0';
            rc = (mkdir(copy, 0755) == -1 && errno != EEXIST);
            *p = '/';
        }
    }

    if (rc || (mkdir(copy, 0755) == -1 && errno != EEXIST)) {
        rc = recs_error(err, "cannot make the directory \"%s\" (%s); give "
                        "another --out", path, strerror(errno));
    }

    free(copy);

    return rc;
}


int
recs_cmd_synth(int argc, char **argv)
{
    int           rc;
    recs_error_t  err;
    recs_synth_t  s;

    static const struct argp  parser = {
        recs_synth_options, recs_synth_parser, NULL,
        "Writes a shop that does not exist: products, users, and what the "
        "users do.  The same seed writes the same bytes.", NULL, NULL, NULL
    };

    memset(&s, 0, sizeof(recs_synth_t));

    s.users = 5000;
    s.items = 2000;
    s.events = 100000;
    s.days = 365;
    s.seed = 1;
    s.now_ms = RECS_SYNTH_NOW;

    argp_err_exit_status = RECS_EXIT_USAGE;
    argp_parse(&parser, argc, argv, 0, NULL, &s);

    rc = recs_synth_directory(s.out, &err);

    if (rc == RECS_OK) {
        rc = recs_synth_write(&s, &err);
    }

    if (rc != RECS_OK) {
        return recs_cmd_failed("synth", rc, &err);
    }

    recs_message(RECS_MSG_INFO, "synth", "wrote a shop\titems=%u users=%u "
                 "events=%llu out=%s", s.items, s.users,
                 (unsigned long long) s.events, s.out);

    return RECS_EXIT_OK;
}
