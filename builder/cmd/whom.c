/*
 * Copyright (C) recs authors
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "run.h"
#include "whom.h"


static int recs_whom_key(recs_config_t *c, recs_keys_t *keys,
    recs_error_t *e);


error_t
recs_cmd_whom_parser(int key, char *arg, struct argp_state *state)
{
    recs_cmd_whom_t  *whom;

    whom = state->input;

    switch (key) {

    case RECS_WHOM_KEY_SESSION:
        whom->session = arg;
        return 0;

    case ARGP_KEY_END:

        if ((whom->arguments.count == 0
             || whom->arguments.values[0][0] == '\0')
            && (whom->session == NULL || whom->session[0] == '\0'))
        {
            argp_error(state, "whom? Give USER or --session ID");
            return EINVAL;
        }

        return 0;
    }

    return recs_arguments_parser(key, arg, state);
}


int
recs_cmd_whom(const recs_cmd_whom_t *whom, recs_config_t *c,
    recs_keys_t *keys, recs_erase_ask_t *ask, recs_error_t *e)
{
    if (recs_erase_ask_init(ask, recs_run_clock(), e) != RECS_OK
        || recs_whom_key(c, keys, e) != RECS_OK)
    {
        return RECS_ERROR;
    }

    ask->user = whom->arguments.count ? strdup(whom->arguments.values[0])
                                      : NULL;
    ask->session = whom->session ? strdup(whom->session) : NULL;
    recs_erase_ask_ids(ask, keys);

    return RECS_OK;
}


/* A key that is only made now would find nobody. */

static int
recs_whom_key(recs_config_t *c, recs_keys_t *keys, recs_error_t *e)
{
    char  out[4200], log[4200];

    snprintf(out, sizeof(out), "%s/key", c->out ? c->out : c->log);
    snprintf(log, sizeof(log), "%s/key", c->log);

    if (access(c->log, F_OK) == -1) {
        return recs_error(e, "there is no event log %s", c->log);
    }

    if (c->key ? (access(c->key, F_OK) == -1)
        : (access(out, F_OK) == -1 && access(log, F_OK) == -1))
    {
        return recs_error(e, "there is no key %s: without it nobody is "
                          "found; give --key", c->key ? c->key : out);
    }

    return recs_cmd_prepare(c, keys, e);
}
