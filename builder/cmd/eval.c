/*
 * Copyright (C) recs authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../memory.h"
#include "eval.h"


#define RECS_EVAL_AT       0x200
#define RECS_EVAL_PART     0x201
#define RECS_EVAL_SET      0x202
#define RECS_EVAL_TRY      0x203
#define RECS_EVAL_METRIC   0x204
#define RECS_EVAL_BASELINE 0x205
#define RECS_EVAL_SEED     0x206
#define RECS_EVAL_SAMPLE   0x207
#define RECS_EVAL_SHORT    0x208
#define RECS_EVAL_KEEP     0x209
#define RECS_EVAL_STRATEGY 0x20a
#define RECS_EVAL_LISTS    0x20b
#define RECS_EVAL_AUTO     0x20f
#define RECS_EVAL_TEST     0x20c
#define RECS_EVAL_VALID    0x20d
#define RECS_EVAL_COLD     0x20e
#define RECS_EVAL_REPEATS  0x210


static const struct argp_option  recs_eval_options[] = {
    { "at", RECS_EVAL_AT, "K", 0, "Length of a list, default 20, of "
      "leave-one-out and basket 10", 0 },
    { "part", RECS_EVAL_PART, "PART", 0, "\"test\", or \"validation\", which "
      "is carved from train; default test, with --try validation", 0 },
    { "set", RECS_EVAL_SET, "NAME=VALUE", 0, "Set any option of the "
      "configuration, or strategy", 0 },
    { "try", RECS_EVAL_TRY, "NAME=A,B,C", 0, "Measure each of these values, "
      "with several --try each combination, and print the best last", 0 },
    { "metrics", RECS_EVAL_METRIC, "LIST", 0, "Of recall, ndcg, ndcg_all, "
      "hr, mrr, precision; the first one chooses", 0 },
    { "baseline", RECS_EVAL_BASELINE, "SETTINGS", 0, "Measure \"NAME=VALUE "
      "NAME=VALUE\", too, and the paired difference to it", 0 },
    { "strategy", RECS_EVAL_STRATEGY, "NAME", 0, "Ask another strategy; "
      "CATALOGUE is popularity", 0 },
    { "seed", RECS_EVAL_SEED, "N", 0, "Of what is drawn, default 1", 0 },
    { "sample", RECS_EVAL_SAMPLE, "N", 0, "Ask N cases only", 0 },
    { "auto", RECS_EVAL_AUTO, NULL, 0, "Choose models as build does, from "
      "train alone", 0 },
    { "no-fallback", RECS_EVAL_SHORT, NULL, 0, "Lists end where the fallback "
      "would begin", 0 },
    { "keep", RECS_EVAL_KEEP, "DIR", 0, "Leave the snapshot in DIR", 0 },
    { "lists", RECS_EVAL_LISTS, "FILE", 0, "Append the lists to FILE", 0 },
    { "test-days", RECS_EVAL_TEST, "DAYS", 0, "temporal: the last days are "
      "the test part, default the last tenth of the events", 0 },
    { "validation-days", RECS_EVAL_VALID, "DAYS", 0, "temporal: the days "
      "before are the validation part, default a tenth of the events", 0 },
    { "cold", RECS_EVAL_COLD, NULL, 0, "temporal: ask for users without a "
      "history", 0 },
    { "repeats", RECS_EVAL_REPEATS, NULL, 0, "temporal: what users had before "
      "is right, too", 0 },
    { "threads", 't', "N", 0, "Threads, default 2", 0 },
    { NULL, 0, NULL, 0, NULL, 0 }
};


static void
recs_eval_keep(struct argp_state *state, char **list, unsigned *count,
    char *arg)
{
    if (*count == RECS_EVAL_SETTINGS_MAX) {
        argp_error(state, "there are more than %d of \"%s\"",
                   RECS_EVAL_SETTINGS_MAX, arg);
    }

    list[(*count)++] = arg;
}


static void
recs_eval_argument(recs_eval_cmd_t *c, struct argp_state *state, char *arg)
{
    if (c->eval.protocol == NULL) {
        c->eval.protocol = recs_protocol_find(arg);

        if (c->eval.protocol == NULL) {
            argp_error(state, "there is no protocol \"%s\"", arg);
        }

        return;
    }

    if (c->path_count == RECS_EVAL_PATHS) {
        argp_error(state, "there are more than %d paths", RECS_EVAL_PATHS);
    }

    c->eval.paths[c->path_count++] = arg;
}


static void
recs_eval_part(recs_eval_cmd_t *c, struct argp_state *state,
    const char *arg)
{
    c->part_given = 1;

    if (strcmp(arg, "test") == 0) {
        c->eval.part = RECS_PART_TEST;

    } else if (strcmp(arg, "validation") == 0) {
        c->eval.part = RECS_PART_VALIDATION;

    } else {
        argp_error(state, "--part \"%s\" is neither test nor validation",
                   arg);
    }
}


static void
recs_eval_end(recs_eval_cmd_t *c, struct argp_state *state)
{
    if (c->path_count == 0) {
        argp_usage(state);
        return;
    }

    if (c->eval.at == 0) {
        c->eval.at = c->eval.protocol->at;
    }

    if (c->try_count && c->part_given && c->eval.part == RECS_PART_TEST) {
        argp_error(state, "--try chooses, and what was chosen on the test "
                   "part says nothing about it: choose with --part "
                   "validation, then measure once with --set");
    }

    if (c->try_count) {
        c->eval.part = RECS_PART_VALIDATION;
    }
}


static error_t
recs_eval_parser(int key, char *arg, struct argp_state *state)
{
    recs_eval_cmd_t  *c;

    c = state->input;

    switch (key) {

    case ARGP_KEY_ARG:
        recs_eval_argument(c, state, arg);
        return 0;

    case ARGP_KEY_END:
        recs_eval_end(c, state);
        return 0;

    case RECS_EVAL_AT:
        c->eval.at = (uint32_t) recs_argument_number(state, "at", arg, 1,
                                                     RECS_LIMIT_MAX);
        return 0;

    case RECS_EVAL_PART:
        recs_eval_part(c, state, arg);
        return 0;

    case RECS_EVAL_SET:
        recs_eval_keep(state, c->sets, &c->set_count, arg);
        return 0;

    case RECS_EVAL_TRY:
        recs_eval_keep(state, c->tries, &c->try_count, arg);
        return 0;

    case RECS_EVAL_BASELINE:
        recs_eval_keep(state, c->baselines, &c->baseline_count, arg);
        return 0;

    case RECS_EVAL_METRIC:
        c->eval.metrics = arg;
        return 0;

    case RECS_EVAL_STRATEGY:
        c->eval.strategy = arg;
        return 0;

    case RECS_EVAL_SEED:
        c->eval.seed = recs_argument_number(state, "seed", arg, 0, UINT64_MAX);
        return 0;

    case RECS_EVAL_SAMPLE:
        c->eval.sample = (uint32_t) recs_argument_number(state, "sample", arg,
                                                         1, UINT32_MAX);
        return 0;

    case RECS_EVAL_SHORT:
        c->eval.no_fallback = 1;
        return 0;

    case RECS_EVAL_AUTO:
        c->eval.select = 1;
        return 0;

    case RECS_EVAL_KEEP:
        c->eval.keep = arg;
        return 0;

    case RECS_EVAL_LISTS:
        c->eval.lists = arg;
        return 0;

    case RECS_EVAL_TEST:
        c->eval.test_days = recs_argument_real(state, "test-days", arg,
                                               1e-3, 36500);
        return 0;

    case RECS_EVAL_VALID:
        c->eval.validation_days = recs_argument_real(state, "validation-days",
                                                     arg, 1e-3, 36500);
        return 0;

    case RECS_EVAL_COLD:
        c->eval.cold = 1;
        return 0;

    case RECS_EVAL_REPEATS:
        c->eval.repeats = 1;
        return 0;

    case 't':
        c->threads = arg;
        return 0;
    }

    return ARGP_ERR_UNKNOWN;
}


/* The protocols are the help. */

static char *
recs_eval_help(int key, const char *text, void *input)
{
    char                   *help;
    size_t                  len, cap;
    const recs_protocol_t  *p;

    if (key != ARGP_KEY_HELP_POST_DOC) {
        return (char *) text;
    }

    help = NULL;
    len = cap = 0;

    for (p = recs_protocols; p->name; p++) {
        recs_grow(&help, &cap, len + strlen(p->name) + strlen(p->help) + 16,
                  1);
        len += (size_t) sprintf(help + len, "  %-14s %s\n", p->name, p->help);
    }

    recs_grow(&help, &cap, len + 128, 1);
    (void) sprintf(help + len, "  %-14s %s\n", "rules", "FILE of baskets: "
                   "exact counts; see \"eval rules --help\"");

    return help;
}


int
recs_eval_set(recs_eval_cmd_t *c, recs_config_t *config, const char *text,
    recs_error_t *e)
{
    char         name[64];
    size_t       len;
    const char  *value;

    value = strchr(text, '=');
    len = value ? (size_t) (value - text) : 0;

    if (len == 0 || len >= sizeof(name)) {
        return recs_error(e, "\"%s\" must be NAME=VALUE", text);
    }

    memcpy(name, text, len);
    name[len] = '\0';

    if (strcmp(name, "strategy") == 0) {
        return recs_eval_strategy(c->split, value + 1, e);
    }

    return recs_config_set(config, name, value + 1, 0, e);
}


int
recs_eval_set_all(recs_eval_cmd_t *c, recs_config_t *config,
    const char *text, recs_error_t *e)
{
    int     rc;
    char   *copy, *word, *last;

    copy = recs_alloc(strlen(text) + 1);
    strcpy(copy, text);

    rc = RECS_OK;

    for (word = strtok_r(copy, " ", &last);
         word && rc == RECS_OK;
         word = strtok_r(NULL, " ", &last))
    {
        rc = recs_eval_set(c, config, word, e);
    }

    free(copy);

    return rc;
}


/* Defaults, what the protocol wants, the file of -c, the command line. */

static int
recs_eval_configure(recs_eval_cmd_t *c, recs_error_t *e)
{
    unsigned            i;
    const char *const  *o;

    recs_config_init(&c->config);

    for (o = c->eval.protocol->options; o && *o; o += 2) {
        if (recs_config_set(&c->config, o[0], o[1], 0, e) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    if (c->options.file
        && recs_config_read(&c->config, c->options.file, e) != RECS_OK)
    {
        return RECS_ERROR;
    }

    for (i = 0; i < c->set_count; i++) {
        if (recs_eval_set(c, &c->config, c->sets[i], e) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    if (c->threads
        && recs_config_set(&c->config, "threads", c->threads, 0, e)
           != RECS_OK)
    {
        return RECS_ERROR;
    }

    return RECS_OK;
}


static unsigned
recs_eval_names(char *const *list, unsigned count, const char *name)
{
    size_t    len;
    unsigned  i;

    len = strlen(name);

    for (i = 0; i < count; i++) {
        if (strncmp(list[i], name, len) == 0 && list[i][len] == '=') {
            return 1;
        }
    }

    return 0;
}


/* A variant steps back where the command line names its option. */

static void
recs_eval_variants(recs_eval_cmd_t *c)
{
    const recs_variant_t  *v;

    for (v = c->eval.protocol->variants; v && v->name; v++) {
        if (c->variant_count < RECS_EVAL_VARIANTS_MAX
            && !recs_eval_names(c->sets, c->set_count, v->option)
            && !recs_eval_names(c->tries, c->try_count, v->option))
        {
            c->variants[c->variant_count++] = v;
        }
    }

    if (c->variant_count == 0) {
        c->variants[c->variant_count++] = NULL;
    }
}


static int
recs_eval_main(recs_eval_cmd_t *c, recs_error_t *e)
{
    unsigned  i;

    if (c->try_count) {
        return recs_eval_grid(c, e);
    }

    for (i = 0; i < c->variant_count; i++) {
        if (recs_eval_run(c->split, &c->config, c->variants[i], 1,
                          &c->best[i], e)
            != RECS_OK)
        {
            return RECS_ERROR;
        }

        recs_eval_print(c, &c->best[i], NULL, "");
    }

    return RECS_OK;
}


/* The settings of a baseline stand over those of the main configuration. */

static int
recs_eval_baseline(recs_eval_cmd_t *c, const char *settings,
    recs_error_t *e)
{
    int             rc;
    unsigned        i;
    recs_config_t   config;
    recs_result_t   r;

    /* what the baseline before it asked is not asked again */

    config = c->config;
    rc = recs_eval_strategy(c->split, NULL, e);

    for (i = 0; i < c->set_count && rc == RECS_OK; i++) {
        rc = recs_eval_set(c, &config, c->sets[i], e);
    }

    if (rc == RECS_OK) {
        config = c->config;
        rc = recs_eval_set_all(c, &config, settings, e);
    }

    for (i = 0; i < c->variant_count && rc == RECS_OK; i++) {
        rc = recs_eval_run(c->split, &config, c->variants[i], 1, &r, e);

        if (rc == RECS_OK) {
            recs_eval_print(c, &r, &c->best[i], "baseline");
        }

        recs_result_free(&r);
    }

    return rc;
}


static int
recs_eval_all(recs_eval_cmd_t *c, recs_error_t *e)
{
    int       rc;
    unsigned  i;

    c->split = recs_eval_open(&c->eval, e);

    if (c->split == NULL) {
        return RECS_ERROR;
    }

    rc = recs_eval_configure(c, e);

    if (rc == RECS_OK) {
        recs_eval_variants(c);
        rc = recs_eval_main(c, e);
    }

    for (i = 0; i < c->baseline_count && rc == RECS_OK; i++) {
        rc = recs_eval_baseline(c, c->baselines[i], e);
    }

    for (i = 0; i < c->variant_count; i++) {
        recs_result_free(&c->best[i]);
    }

    recs_eval_close(c->split);

    return rc;
}


int
recs_cmd_eval(int argc, char **argv)
{
    int               rc;
    recs_error_t      e;
    recs_eval_cmd_t  *c;

    static const struct argp  argp = {
        recs_eval_options, recs_eval_parser, "PROTOCOL PATH...",
        "Builds a snapshot from a published split, asks it, and says how "
        "good its lists are.\vProtocols:\n", NULL, recs_eval_help, NULL
    };

    if (argc > 1 && strcmp(argv[1], "rules") == 0) {
        return recs_cmd_eval_rules(argc - 1, argv + 1);
    }

    c = recs_calloc(1, sizeof(recs_eval_cmd_t));
    c->eval.seed = 1;

    recs_options_parse(&c->options, RECS_OPTIONS_FILE | RECS_OPTIONS_JSON,
                       &argp, c, argc, argv);

    rc = recs_eval_all(c, &e);

    free(c);

    return (rc == RECS_OK) ? RECS_EXIT_OK : recs_cmd_failed("eval", rc, &e);
}
