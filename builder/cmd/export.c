/*
 * Copyright (C) recs authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../erase/export.h"
#include "../publish/publish.h"
#include "whom.h"


static int recs_export_run(const recs_config_t *c,
    const recs_erase_ask_t *ask, recs_error_t *e);
static void recs_export_snapshot(const recs_config_t *c,
    const recs_erase_ask_t *ask);


int
recs_cmd_export(int argc, char **argv)
{
    int                  rc;
    recs_keys_t          keys;
    recs_error_t         e;
    recs_options_t       o;
    recs_erase_ask_t     ask;
    recs_cmd_whom_t      whom = recs_cmd_whom_none;

    static const struct argp_option  options[] = {
        recs_cmd_whom_option,
        { NULL, 0, NULL, 0, NULL, 0 }
    };

    static const struct argp  argp = {
        options, recs_cmd_whom_parser, "[USER]",
        "Prints everything that is stored of a user, a line of JSON each: "
        "events of the log and its archive, bad lines, the record of the "
        "snapshot.",
        NULL, NULL, NULL
    };

    recs_options_parse(&o, RECS_OPTIONS_ERASE | RECS_OPTIONS_FILE, &argp,
                       &whom, argc, argv);
    recs_options_check(&o, "retain");

    if (recs_cmd_whom(&whom, &o.config, &keys, &ask, &e) != RECS_OK) {
        (void) recs_cmd_failed("export", RECS_ERROR, &e);
        return RECS_EXIT_USAGE;
    }

    rc = recs_export_run(&o.config, &ask, &e);
    recs_erase_ask_free(&ask);

    return (rc == RECS_OK) ? RECS_EXIT_OK
                           : recs_cmd_failed("export", rc, &e);
}


static int
recs_export_run(const recs_config_t *c, const recs_erase_ask_t *ask,
    recs_error_t *e)
{
    uint64_t  events;

    if (recs_export_events(c, ask, stdout, &events, e) != RECS_OK
        || recs_export_quarantine(c, ask, stdout, e) != RECS_OK)
    {
        return RECS_ERROR;
    }

    recs_export_snapshot(c, ask);

    if (fflush(stdout) == EOF) {
        return recs_error(e, "standard output cannot be written");
    }

    recs_message(RECS_MSG_INFO, "export", "done\tevents=%llu",
                 (unsigned long long) events);

    return RECS_OK;
}


/* That somebody is not in it is no error. */

static void
recs_export_snapshot(const recs_config_t *c, const recs_erase_ask_t *ask)
{
    char          key[5 + 2 * RECS_IDENTITY_SIZE + 1];
    unsigned      n;
    recs_error_t  ignored;

    for (n = 0; c->out && n < ask->count; n++) {
        strcpy(key, "user:");
        recs_erase_hex(key + 5, ask->who[n].bytes, RECS_IDENTITY_SIZE);
        (void) recs_inspect(c->out, key, &ignored);
    }
}
