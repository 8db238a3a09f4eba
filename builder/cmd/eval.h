/*
 * Copyright (C) recs authors
 *
 * Between the parts of the command "eval".
 */

#ifndef _RECS_CMD_EVAL_H_INCLUDED_
#define _RECS_CMD_EVAL_H_INCLUDED_


#include "../eval/eval.h"
#include "cmd.h"


#define RECS_EVAL_SETTINGS_MAX  64
#define RECS_EVAL_VARIANTS_MAX  4


typedef struct {
    recs_options_t       options;
    recs_eval_options_t  eval;
    recs_config_t        config;       /* of the main configuration */
    const char          *threads;
    unsigned             part_given;
    unsigned             path_count;
    unsigned             set_count;
    unsigned             try_count;
    unsigned             baseline_count;
    char                *sets[RECS_EVAL_SETTINGS_MAX];
    char                *tries[RECS_EVAL_SETTINGS_MAX];
    char                *baselines[RECS_EVAL_SETTINGS_MAX];
    recs_eval_t         *split;
    const recs_variant_t  *variants[RECS_EVAL_VARIANTS_MAX];
    unsigned             variant_count;            /* at least 1 */
    recs_result_t        best[RECS_EVAL_VARIANTS_MAX];
    unsigned             printed;      /* the head of the table */
} recs_eval_cmd_t;


/*
 * "NAME=VALUE" over a configuration; "strategy" is a name, too.  The text is
 * not changed.
 */

int recs_eval_set(recs_eval_cmd_t *c, recs_config_t *config,
    const char *text, recs_error_t *e);

/* Several of them with blanks between. */

int recs_eval_set_all(recs_eval_cmd_t *c, recs_config_t *config,
    const char *text, recs_error_t *e);

/*
 * Builds and asks every combination of --try, prints each, and leaves the
 * best of each variant in c->best.
 */

int recs_eval_grid(recs_eval_cmd_t *c, recs_error_t *e);


/*
 * A row of the table or a JSON object a line, on standard output.  "against"
 * (may be NULL): the result it is compared with, paired: "r" - "against".
 * "note" is "try", "best", "baseline" or empty.
 */

void recs_eval_print(recs_eval_cmd_t *c, const recs_result_t *r,
    const recs_result_t *against, const char *note);


#endif /* _RECS_CMD_EVAL_H_INCLUDED_ */
