/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "../eval/rules.h"
#include "cmd.h"


typedef struct {
    recs_arguments_t      arguments;    /* first: recs_arguments_parser() */
    recs_rules_options_t  options;
} recs_eval_rules_t;


static const struct argp_option  recs_eval_rules_options[] = {
    { "support", 's', "S", 0, "Least share of the baskets that hold an "
      "itemset, or from 1 on their number; default 0.01", 0 },
    { "confidence", 'C', "S", 0, "Count the rules, too: least share of the "
      "baskets with the left side that have the right one", 0 },
    { "min-length", 'm', "N", 0, "Least items of a rule, both sides; "
      "default 1: rules with nothing on the left count", 0 },
    { "max-length", 'M', "N", 0, "Most items of an itemset, default any "
      "number", 0 },
    { NULL, 0, NULL, 0, NULL, 0 }
};


static error_t
recs_eval_rules_parser(int key, char *arg, struct argp_state *state)
{
    recs_rules_options_t  *o;

    o = &((recs_eval_rules_t *) state->input)->options;

    switch (key) {

    case 's':
        o->support = recs_argument_real(state, "support", arg, 1e-9,
                                        1e9);
        return 0;

    case 'C':
        o->confidence = recs_argument_real(state, "confidence", arg, 0,
                                           1);
        return 0;

    case 'm':
        o->min_length = recs_argument_real(state, "min-length", arg, 1,
                                           1e6);
        return 0;

    case 'M':
        o->max_length = recs_argument_real(state, "max-length", arg, 1,
                                           1e6);
        return 0;
    }

    return recs_arguments_parser(key, arg, state);
}


int
recs_cmd_eval_rules(int argc, char **argv)
{
    recs_error_t         e;
    recs_options_t       o;
    recs_eval_rules_t    rules;
    recs_rules_result_t  result;

    static const struct argp  argp = {
        recs_eval_rules_options, recs_eval_rules_parser, "FILE",
        "Counts the frequent itemsets and the rules of FILE: one basket a "
        "line, items by tabs or by blanks, also .gz and .zst.",
        NULL, NULL, NULL
    };

    memset(&rules, 0, sizeof(recs_eval_rules_t));
    rules.arguments.min = 1;
    rules.arguments.max = 1;
    rules.options.support = 0.01;
    rules.options.confidence = -1;
    rules.options.min_length = 1;

    recs_options_parse(&o, RECS_OPTIONS_JSON, &argp, &rules, argc, argv);

    rules.options.path = rules.arguments.values[0];

    if (recs_eval_rules(&rules.options, &result, &e) != RECS_OK) {
        return recs_cmd_failed("eval", RECS_ERROR, &e);
    }

    recs_eval_rules_print(stdout, &rules.options, &result, o.json);

    return RECS_EXIT_OK;
}
