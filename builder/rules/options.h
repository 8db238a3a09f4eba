/*
 * Copyright (C) recs authors
 *
 * The options of a rule, one row each; between the files of builder/rules/.
 */

#ifndef _RECS_BUILDER_RULES_OPTIONS_H_INCLUDED_
#define _RECS_BUILDER_RULES_OPTIONS_H_INCLUDED_


#include "rules.h"


typedef enum {
    RECS_RULES_ACTION = 0,       /* uint32_t, a word of recs_rule_actions */
    RECS_RULES_GROUP,            /* uint32_t, of recs_rule_groups */
    RECS_RULES_COUNT,            /* uint32_t */
    RECS_RULES_STOCK,            /* int32_t */
    RECS_RULES_NUMBER,           /* float */
    RECS_RULES_MONEY,            /* int64_t, micro */
    RECS_RULES_TIME,             /* int64_t, epoch ms */
    RECS_RULES_FLAG,             /* a bit of asks */
    RECS_RULES_TYPES,            /* uint64_t, bits of strategies */
    RECS_RULES_MONTHS,           /* uint32_t, bits */
    RECS_RULES_NAMES             /* recs_rules_names_t, its number in "min" */
} recs_rules_type_e;

typedef struct {
    const char         *name;
    recs_rules_type_e   type;
    size_t              offset;      /* in recs_rule_t */
    double              min;
    double              max;
    uint32_t            asks;        /* bit that is set where it is given */
    uint32_t            actions;     /* bits of actions that take it */
    unsigned            list;        /* takes several values */
} recs_rules_option_t;

extern const recs_rules_option_t  recs_rules_options[];
extern const size_t               recs_rules_options_count;


/* A rule that asks for nothing. */

void recs_rules_init(recs_rules_read_t *r);

/* Sets an option from one of its values; notes what is wrong with it. */

void recs_rules_set(recs_rules_file_t *f, recs_rules_read_t *r,
    const recs_rules_option_t *o, const char *value, int line);

/*
 * What is missing or does not go together in one rule; "given" has a bit for
 * each row of the table, "lines" where it was.
 */

void recs_rules_complete(recs_rules_file_t *f, recs_rules_read_t *r,
    uint64_t given, const int *lines);


#endif /* _RECS_BUILDER_RULES_OPTIONS_H_INCLUDED_ */
