/*
 * Copyright (C) recs authors
 */

#include "../publish/publish.h"
#include "cmd.h"


int
recs_cmd_status(int argc, char **argv)
{
    int               rc;
    recs_error_t      e;
    recs_options_t    o;
    recs_arguments_t  a = { 1, 1, 0, { NULL } };

    static const struct argp  argp = {
        NULL, recs_arguments_parser, "DIR",
        "Shows the snapshots of a directory and which one is current.",
        NULL, NULL, NULL
    };

    recs_options_parse(&o, RECS_OPTIONS_JSON, &argp, &a, argc, argv);

    rc = o.json ? recs_status_json(a.values[0], &e)
         : recs_status(a.values[0], &e);

    if (rc != RECS_OK) {
        return recs_cmd_failed("status", RECS_ERROR, &e);
    }

    return RECS_EXIT_OK;
}
