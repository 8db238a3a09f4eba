/*
 * Copyright (C) recs authors
 *
 * The subcommands.  main.c has them in a table; each is one thin file.
 */

#ifndef _RECS_BUILDER_CMD_H_INCLUDED_
#define _RECS_BUILDER_CMD_H_INCLUDED_


#include <argp.h>

#include "../config.h"
#include "../data/log.h"
#include "../source/source.h"


#define RECS_VERSION        "0.4.0"

/* Exit statuses. */

#define RECS_EXIT_OK        0
#define RECS_EXIT_FAILED    1
#define RECS_EXIT_USAGE     2
#define RECS_EXIT_BUSY      75        /* another one runs */


/* argv[0] is the name for usage, "recs-builder build". */

int recs_cmd_build(int argc, char **argv);
int recs_cmd_erase(int argc, char **argv);
int recs_cmd_export(int argc, char **argv);
int recs_cmd_eval(int argc, char **argv);
int recs_cmd_import(int argc, char **argv);
int recs_cmd_inspect(int argc, char **argv);
int recs_cmd_verify(int argc, char **argv);
int recs_cmd_retain(int argc, char **argv);
int recs_cmd_rollback(int argc, char **argv);
int recs_cmd_report(int argc, char **argv);
int recs_cmd_rules(int argc, char **argv);
int recs_cmd_run(int argc, char **argv);
int recs_cmd_status(int argc, char **argv);
int recs_cmd_synth(int argc, char **argv);

/* "eval rules", which asks no questions and so needs no engine. */

int recs_cmd_eval_rules(int argc, char **argv);


/* Which shared options a command has (bits); -q and -v are always there. */

#define RECS_OPTIONS_INPUT  0x01      /* events, catalog, users, quarantine */
#define RECS_OPTIONS_LOG    0x02      /* log, key, shop */
#define RECS_OPTIONS_BUILD  0x04      /* out, now, force, threads, keep, -s */
#define RECS_OPTIONS_FILE   0x08      /* -c FILE */
#define RECS_OPTIONS_JSON   0x10      /* --json */
#define RECS_OPTIONS_IMPORT 0x20      /* now, of arrival */
#define RECS_OPTIONS_ERASE  0x80      /* log, key, out, archive */
#define RECS_OPTIONS_RETAIN 0x40      /* log, now, retention-days, archive */
#define RECS_OPTIONS_REPORT 0x100     /* log, shop, catalog, set */


typedef struct {
    recs_config_t    config;
    unsigned         json;
    const char      *file;            /* -c */
    void            *private;
} recs_options_t;


/*
 * Parses the shared options of a command: defaults, then the file of -c,
 * then the command line, whatever their order.  "argp" (may be NULL) is the
 * command's own parser, with its own options and arguments; its input is
 * "input".  Ends the program with RECS_EXIT_USAGE where it cannot.
 */

void recs_options_parse(recs_options_t *o, unsigned groups,
    const struct argp *argp, void *input, int argc, char **argv);

/* recs_config_check() for a command; ends with RECS_EXIT_USAGE. */

void recs_options_check(recs_options_t *o, const char *command);


/*
 * The number that option --name was given, least to most; argp_error() tells
 * what it is not and ends the program.
 */

uint64_t recs_argument_number(struct argp_state *state, const char *name,
    const char *arg, uint64_t least, uint64_t most);
double recs_argument_real(struct argp_state *state, const char *name,
    const char *arg, double least, double most);

/*
 * A command with arguments of its own, as "input" of an argp with this
 * parser; or as the first member of what a further parser has as its input.
 */

#define RECS_ARGUMENTS_MAX  4

typedef struct {
    unsigned         min;
    unsigned         max;
    unsigned         count;
    const char      *values[RECS_ARGUMENTS_MAX];
} recs_arguments_t;

error_t recs_arguments_parser(int key, char *arg, struct argp_state *state);


/* DIR and its parents where they are not there. */

int recs_cmd_directory(const char *dir, recs_error_t *e);

/*
 * Fills c->key and c->quarantine where they were not given, beside the
 * snapshots or the log, and loads the key, which is made where it is missing.
 */

int recs_cmd_prepare(recs_config_t *c, recs_keys_t *keys, recs_error_t *e);

/* Reads catalog, users and events, in this order. */

int recs_cmd_read(const recs_config_t *c, recs_source_t *source,
    recs_error_t *e);

/* Says why and returns the exit status. */

int recs_cmd_failed(const char *stage, int rc, const recs_error_t *e);


#endif /* _RECS_BUILDER_CMD_H_INCLUDED_ */
