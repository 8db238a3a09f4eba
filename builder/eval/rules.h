/*
 * Copyright (C) recs authors
 *
 * The protocol "rules": frequent itemsets and rules of a file of baskets,
 * which have nothing to do with answers and so no cases.  The counts are
 * exact, and so are those that others publish.
 */

#ifndef _RECS_BUILDER_EVAL_RULES_H_INCLUDED_
#define _RECS_BUILDER_EVAL_RULES_H_INCLUDED_


#include <stdio.h>

#include "../model/itemsets.h"


/*
 * A file of baskets, one a line, also .gz and .zst: items by tabs where a
 * tab is in what the file begins with, else by blanks.  An item that a line
 * names twice counts once, a line without an item is no basket.
 */

typedef struct {
    recs_rows_t   rows;          /* entries ascending */
    uint32_t      items;
    uint64_t      hash;          /* XXH3 of the lines */
} recs_baskets_t;

int recs_baskets_read(const char *path, recs_baskets_t *b,
    recs_error_t *err);
void recs_baskets_free(recs_baskets_t *b);


#define RECS_RULES_LENGTH  32    /* itemsets by length, longer ones last */

typedef struct {
    const char   *path;
    double        support;       /* share of the baskets; >= 1: baskets */
    double        confidence;    /* below 0: no rules */
    uint32_t      min_length;    /* items of a rule, 1 */
    uint32_t      max_length;    /* items of an itemset, 0: any */
} recs_rules_options_t;

typedef struct {
    uint32_t      baskets;
    uint32_t      items;
    uint32_t      min_count;
    uint32_t      itemsets;
    uint32_t      by_length[RECS_RULES_LENGTH];
    uint64_t      rules;
    uint64_t      hash;
    double        read_seconds;
    double        seconds;       /* itemsets and rules */
    long          peak_kb;       /* of the process */
} recs_rules_result_t;

int recs_eval_rules(const recs_rules_options_t *o, recs_rules_result_t *r,
    recs_error_t *err);

void recs_eval_rules_print(FILE *out, const recs_rules_options_t *o,
    const recs_rules_result_t *r, unsigned json);


#endif /* _RECS_BUILDER_EVAL_RULES_H_INCLUDED_ */
