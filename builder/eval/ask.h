/*
 * Copyright (C) recs authors
 *
 * The asking of all cases of an opened snapshot.  Inside of builder/eval/.
 */

#ifndef _RECS_BUILDER_ASK_H_INCLUDED_
#define _RECS_BUILDER_ASK_H_INCLUDED_


#include "eval.h"


typedef struct {
    const recs_snapshot_t  *snapshot;
    const recs_cases_t     *cases;
    const uint32_t         *chosen;    /* result->count case numbers */
    const float            *surprise;  /* of items: -log2 of the share of
                                          users having it, or NULL */
    uint64_t                seed;
    uint32_t                at;
    unsigned                threads;
    unsigned                no_fallback;
    unsigned                draw;      /* intervals */
    const char             *lists;     /* file, or NULL */
} recs_ask_t;


/*
 * Asks, and fills values, coverage, gini, novelty, tail and times of
 * "result", whose strategy, count and metrics are set.  "lists" (may be NULL)
 * takes RECS_LIMIT_MAX item numbers a case, RECS_NO_ITEM behind the last.
 */

void recs_eval_ask(const recs_ask_t *ask, recs_result_t *result,
    recs_item_t *lists);

/*
 * The same with all that follows from values: groups, means, intervals, the
 * file of lists.  Sets the count, too, which is "count", and metrics.
 */

int recs_eval_asked(const recs_ask_t *ask, const char *metrics,
    uint32_t count, recs_result_t *result, recs_error_t *err);


/* A question as it is asked, of the default limit. */

void recs_ask_query(const recs_case_t *one, unsigned strategy, int64_t now_ms,
    recs_query_t *q);


#endif /* _RECS_BUILDER_ASK_H_INCLUDED_ */
