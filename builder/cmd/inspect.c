/*
 * Copyright (C) recs authors
 */

#include "../publish/publish.h"
#include "cmd.h"


int
recs_cmd_inspect(int argc, char **argv)
{
    recs_error_t      e;
    recs_options_t    o;
    recs_arguments_t  a = { 1, 2, 0, { NULL } };

    static const struct argp  argp = {
        NULL, recs_arguments_parser, "SNAPSHOT [KEY]",
        "Shows what a snapshot holds, or what it holds of KEY: product:ID, "
        "category:PATH, brand:NAME, tag:NAME, user:HEX (32 digits), "
        "list:NAME, list:NAME:CATEGORY, of seasonal list:NAME:WEEK, of lists "
        "by region or segment list:NAME:REGION, report, report:NAME.",
        NULL, NULL, NULL
    };

    recs_options_parse(&o, 0, &argp, &a, argc, argv);

    if (recs_inspect(a.values[0], a.values[1], &e) != RECS_OK) {
        return recs_cmd_failed("inspect", RECS_ERROR, &e);
    }

    return RECS_EXIT_OK;
}
