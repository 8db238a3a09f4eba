/*
 * Copyright (C) recs authors
 */

#include "../publish/publish.h"
#include "cmd.h"


int
recs_cmd_verify(int argc, char **argv)
{
    recs_error_t      e;
    recs_options_t    o;
    recs_arguments_t  a = { 1, 1, 0, { NULL } };

    static const struct argp  argp = {
        NULL, recs_arguments_parser, "SNAPSHOT",
        "Checks a snapshot and its manifest by the check that guards a "
        "worker: SNAPSHOT is a file snap-<id>.mdb or the link \"current\".",
        NULL, NULL, NULL
    };

    recs_options_parse(&o, 0, &argp, &a, argc, argv);

    if (recs_verify(a.values[0], &e) != RECS_OK) {
        return recs_cmd_failed("verify", RECS_ERROR, &e);
    }

    return RECS_EXIT_OK;
}
