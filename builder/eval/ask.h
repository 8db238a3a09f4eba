/*
 * Copyright (C) recs authors
 *
 * The asking of all cases of an opened snapshot.  Inside of builder/eval/.
 */

#ifndef _RECS_BUILDER_ASK_H_INCLUDED_
#define _RECS_BUILDER_ASK_H_INCLUDED_


#include "eval.h"


typedef struct {
    const recs_snapshot_t      *snapshot;
    const recs_cases_t         *cases;
    const uint32_t             *chosen;      /* result->count case numbers */
    const recs_eval_options_t  *options;
    const float                *surprise;    /* of items: -log2 of the share
                                                of users having it */
    unsigned                    threads;
} recs_ask_t;


/*
 * Asks, and fills values, coverage, gini, novelty, tail and times of
 * "result", whose strategy, count and metrics are set.  "lists" (may be NULL)
 * takes RECS_LIMIT_MAX item numbers a case, RECS_NO_ITEM behind the last.
 */

void recs_eval_ask(const recs_ask_t *ask, recs_result_t *result,
    recs_item_t *lists);


#endif /* _RECS_BUILDER_ASK_H_INCLUDED_ */
