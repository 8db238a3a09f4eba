/*
 * Copyright (C) recs authors
 *
 * recs-builder: from events to snapshots.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "model/blas.h"


typedef struct {
    const char  *name;
    const char  *help;
    int        (*run)(int argc, char **argv);
} recs_command_t;


static const recs_command_t  recs_commands[] = {
    { "build", "build and publish a snapshot from files or the event log",
      recs_cmd_build },
    { "erase", "forget a user", recs_cmd_erase },
    { "export", "print what is stored of a user", recs_cmd_export },
    { "eval", "measure recommendations on a published split", recs_cmd_eval },
    { "import", "read files into the event log", recs_cmd_import },
    { "inspect", "show what a snapshot holds", recs_cmd_inspect },
    { "verify", "check a snapshot as a worker would", recs_cmd_verify },
    { "retain", "let old files of the event log go", recs_cmd_retain },
    { "report", "count what became of recommendations", recs_cmd_report },
    { "rollback", "go back to an older snapshot", recs_cmd_rollback },
    { "rules", "check a file of merchandising rules", recs_cmd_rules },
    { "run", "read what workers send, and build by schedule", recs_cmd_run },
    { "status", "show the snapshots of a directory, or how the builder is",
      recs_cmd_status },
    { "synth", "write a shop that does not exist, to try things on",
      recs_cmd_synth },
    { NULL, NULL, NULL }
};


const char  *argp_program_version = "recs-builder " RECS_VERSION;


static error_t
recs_main_parser(int key, char *arg, struct argp_state *state)
{
    const recs_command_t   *c;
    const recs_command_t  **command;

    command = state->input;

    switch (key) {

    case ARGP_KEY_ARG:

        for (c = recs_commands; c->name; c++) {
            if (strcmp(c->name, arg) == 0) {
                *command = c;
                state->next = state->argc;
                return 0;
            }
        }

        argp_error(state, "there is no command \"%s\"", arg);
        return EINVAL;

    case ARGP_KEY_NO_ARGS:
        argp_usage(state);
        return EINVAL;
    }

    return ARGP_ERR_UNKNOWN;
}


/* The table is the help. */

static void
recs_main_help(char *text, size_t size)
{
    size_t                 n;
    const recs_command_t  *c;

    n = (size_t) snprintf(text, size, "From events to snapshots.\n\n"
                          "Commands:\n");

    for (c = recs_commands; c->name && n < size; c++) {
        n += (size_t) snprintf(text + n, size - n, "  %-9s %s\n", c->name,
                               c->help);
    }

    if (n < size) {
        snprintf(text + n, size - n, "\n\"recs-builder COMMAND --help\" "
                 "tells more.  Exit status: 0 done, 1 failed, 2 usage, 75 "
                 "another one runs.");
    }
}


int
main(int argc, char **argv)
{
    int                    first;
    char                   help[2048], name[64];
    struct argp            argp;
    const recs_command_t  *command;

    recs_blas_init();

    memset(&argp, 0, sizeof(struct argp));
    recs_main_help(help, sizeof(help));

    argp.parser = recs_main_parser;
    argp.args_doc = "COMMAND [OPTION...]";
    argp.doc = help;

    argp_err_exit_status = RECS_EXIT_USAGE;
    command = NULL;

    /* only what stands before the command is parsed here */

    for (first = 1; first < argc && argv[first][0] == '-'; first++) {
        /* void */
    }

    if (argp_parse(&argp, (first < argc) ? first + 1 : argc, argv,
                   ARGP_IN_ORDER, NULL, &command)
        != 0
        || command == NULL)
    {
        return RECS_EXIT_USAGE;
    }

    snprintf(name, sizeof(name), "recs-builder %s", command->name);
    argv[first] = name;

    return command->run(argc - first, argv + first);
}
