/*
 * Copyright (C) recs authors
 *
 * Between the parts of the protocol "temporal".  Inside of builder/eval/.
 */

#ifndef _RECS_BUILDER_EVAL_TEMPORAL_H_INCLUDED_
#define _RECS_BUILDER_EVAL_TEMPORAL_H_INCLUDED_


#include "../memory.h"
#include "eval.h"


/* Most questions of one basket or session, drawn by the seed. */

#define RECS_TEMPORAL_ASKED  50


typedef struct {
    const recs_eval_input_t  *in;
    recs_cases_t             *cases;
    recs_dataset_t           *d;         /* all events */
    uint8_t                  *known;     /* by item: at the cut */
    uint32_t                  cut;       /* the last second of train */
    uint32_t                  end;       /* the last second that is asked */
    uint32_t                  trimmed;   /* sessions and orders */
    uint32_t                  cold_users;  /* without a history */
    uint64_t                  right;     /* answers that were looked at */
    uint64_t                  cold;      /* of them not known at the cut */
} recs_temporal_t;


/*
 * The questions of (cut, end], by what the strategy needs.
 *
 *   UP_SELL               a user's first product of a leaf category, right is
 *                         the first one bought there later at 1.05 to 1.6
 *                         times its price
 *   a product or a cart   baskets: asked with each of its items, right are
 *                         the others
 *   a product             sessions: asked with an item, right is the next;
 *                         in a log without views baskets
 *   nothing, SESSION      sessions: the items so far, right is the next
 *   nothing               users that were there before the cut: all they
 *                         bought later and not before (touched, in a log
 *                         without purchases); with in->cold those that were
 *                         not
 */

void recs_temporal_cases(recs_temporal_t *t);


#endif /* _RECS_BUILDER_EVAL_TEMPORAL_H_INCLUDED_ */
