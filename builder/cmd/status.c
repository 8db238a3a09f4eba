/*
 * Copyright (C) recs authors
 */

#include "../publish/publish.h"
#include "cmd.h"
#include "status.h"


static int recs_cmd_status_whole(const recs_options_t *o);


int
recs_cmd_status(int argc, char **argv)
{
    int               rc;
    recs_error_t      e;
    recs_options_t    o;
    recs_arguments_t  a = { 0, 1, 0, { NULL } };

    static const struct argp  argp = {
        NULL, recs_arguments_parser, "[DIR]",
        "Shows the snapshots of a directory and which one is current; with "
        "-c how the whole builder is, from its files, whether it runs or "
        "not.\vExit status with -c: 0 all is well, 1 warning, 2 critical.",
        NULL, NULL, NULL
    };

    recs_options_parse(&o, RECS_OPTIONS_FILE | RECS_OPTIONS_JSON, &argp, &a,
                       argc, argv);

    if (a.count == 0) {
        return recs_cmd_status_whole(&o);
    }

    rc = o.json ? recs_status_json(a.values[0], &e)
         : recs_status(a.values[0], &e);

    if (rc != RECS_OK) {
        return recs_cmd_failed("status", RECS_ERROR, &e);
    }

    return RECS_EXIT_OK;
}


static int
recs_cmd_status_whole(const recs_options_t *o)
{
    int           rc;
    recs_look_t   look;
    recs_error_t  e;

    rc = (o->file == NULL)
         ? recs_error(&e, "status: neither DIR nor -c FILE")
         : recs_look(&look, &o->config, &e);

    if (rc != RECS_OK) {
        recs_message(RECS_MSG_ERROR, "status", "%s", e.text);
        return RECS_EXIT_USAGE;
    }

    rc = o->json ? recs_look_json(&look, &e) : recs_look_print(&look, &e);

    recs_look_free(&look);

    if (rc != RECS_OK) {
        recs_message(RECS_MSG_ERROR, "status", "%s", e.text);
        return RECS_LOOK_CRITICAL;
    }

    return look.level;
}
