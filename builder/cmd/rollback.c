/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../publish/publish.h"
#include "cmd.h"


typedef struct {
    recs_arguments_t  arguments;
    int               release;
} recs_rollback_t;


static error_t
recs_rollback_parser(int key, char *arg, struct argp_state *state)
{
    recs_rollback_t  *r;

    r = state->input;

    if (key == 'r') {
        r->release = 1;
        return 0;
    }

    return recs_arguments_parser(key, arg, state);
}


/* An id, or the name of the file that has it. */

static int
recs_rollback_id(const char *text, uint64_t *id, recs_error_t *e)
{
    char  name[RECS_NAME_MAX];

    if (recs_manifest_name(text, strlen(text), id) == RECS_OK) {
        return RECS_OK;
    }

    snprintf(name, sizeof(name), "snap-%.40s.mdb", text);

    if (recs_manifest_name(name, strlen(name), id) == RECS_OK) {
        return RECS_OK;
    }

    return recs_error(e, "\"%s\" is no id of a snapshot: 16 hexadecimal "
                      "digits, see \"recs-builder status DIR\"", text);
}


int
recs_cmd_rollback(int argc, char **argv)
{
    uint64_t          id;
    recs_error_t      e;
    recs_options_t    o;
    recs_rollback_t   r = { { 1, 2, 0, { NULL } }, 0 };

    static const struct argp_option  options[] = {
        { "release", 'r', NULL, 0,
          "Go to the newest good snapshot and let new ones become current",
          0 },
        { NULL, 0, NULL, 0, NULL, 0 }
    };

    static const struct argp  argp = {
        options, recs_rollback_parser, "DIR [ID]",
        "Makes an older snapshot current, the one before or that of ID, and "
        "keeps it so until --release.",
        NULL, NULL, NULL
    };

    recs_options_parse(&o, 0, &argp, &r, argc, argv);

    id = 0;

    if (r.arguments.values[1]
        && recs_rollback_id(r.arguments.values[1], &id, &e) != RECS_OK)
    {
        (void) recs_cmd_failed("rollback", RECS_ERROR, &e);
        return RECS_EXIT_USAGE;
    }

    if (recs_rollback(r.arguments.values[0], id, r.release, &e) != RECS_OK) {
        return recs_cmd_failed("rollback", RECS_ERROR, &e);
    }

    return RECS_EXIT_OK;
}
