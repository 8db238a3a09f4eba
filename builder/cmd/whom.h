/*
 * Copyright (C) recs authors
 *
 * Whom a command is about: USER, or --session ID, in all that is stored.
 */

#ifndef _RECS_BUILDER_CMD_WHOM_H_INCLUDED_
#define _RECS_BUILDER_CMD_WHOM_H_INCLUDED_


#include "../erase/erase.h"
#include "cmd.h"


/* The input of an argp with this parser, or the first member of it. */

typedef struct {
    recs_arguments_t   arguments;
    const char        *session;
} recs_cmd_whom_t;

#define recs_cmd_whom_none  { { 0, 1, 0, { NULL } }, NULL }

/* A row of its options; further ones have other keys. */

#define RECS_WHOM_KEY_SESSION  1

#define recs_cmd_whom_option                                                  \
    { "session", RECS_WHOM_KEY_SESSION, "ID", 0,                              \
      "A session, also of nobody", 0 }

error_t recs_cmd_whom_parser(int key, char *arg, struct argp_state *state);

/*
 * Loads the key, which must be there, as the log must, and says who it is
 * under all keys; "ask" is to be freed.
 */

int recs_cmd_whom(const recs_cmd_whom_t *whom, recs_config_t *c,
    recs_keys_t *keys, recs_erase_ask_t *ask, recs_error_t *e);


#endif /* _RECS_BUILDER_CMD_WHOM_H_INCLUDED_ */
