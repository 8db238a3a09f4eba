/*
 * Copyright (C) recs authors
 *
 * The merchandising rules that are at work in one answer: those of the
 * snapshot whose circumstances (strategy, time, region, segment) are those of
 * the question.  What they do to a list is in recs_shape.h.
 */

#ifndef _RECS_RULES_H_INCLUDED_
#define _RECS_RULES_H_INCLUDED_


#include "../snapshot/recs_rule.h"
#include "../snapshot/recs_view.h"
#include "recs_query.h"


#define RECS_RULES_SEASON  256         /* most items of a season */


/* In scratch memory, one per answer; numbers are those of the rules. */

typedef struct {
    const recs_view_t   *view;
    const recs_rules_t  *rules;        /* NULL: the snapshot has none */
    int64_t              now_ms;
    float                diversity;    /* strength, 0 none */
    uint32_t             diverse;      /* the rule that says so, or
                                          RECS_NONE: the snapshot itself */
    uint32_t             counts[RECS_RULE_ACTION_MAX];
    uint8_t              which[RECS_RULE_ACTION_MAX][RECS_RULES_MAX];
                                       /* by action, in the order of the
                                          file */
    uint32_t             asks;         /* of all of them but blocks */
    unsigned             seasonal;     /* "season" is filled in */
    recs_item_t          season[2 * RECS_RULES_SEASON];
                                       /* open addressing, NO_ITEM: free */
} recs_rules_work_t;

#define recs_rules_at(w, action, i)                                          \
    (&(w)->rules->rules[(w)->which[action][i]])


/*
 * Whether a rule for the strategy asks for a region or a segment: then who
 * asks matters, and the answer is private.  RECS_RULES_ASK_*, bits.
 */

#define RECS_RULES_ASK_REGION   1
#define RECS_RULES_ASK_SEGMENT  2

unsigned recs_rules_personal(const recs_rules_t *rules, unsigned strategy);

/*
 * Gathers the rules that are at work; "region" and "segment" are the keys of
 * the asker's, 0 unknown.  Returns whether there is anything to do;
 * recs_rules_shape() whether more than to block.
 */

unsigned recs_rules_gather(recs_rules_work_t *w, const recs_view_t *view,
    const recs_query_t *q, uint64_t region, uint64_t segment);

unsigned recs_rules_shape(const recs_rules_work_t *w);

/* Asks the memory for what rules will look at of an item. */

void recs_rules_prefetch(const recs_rules_work_t *w, recs_item_t item);

/* Whether an item is what a rule is for. */

unsigned recs_rules_match(const recs_rules_work_t *w, const recs_rule_t *r,
    recs_item_t item);

/* The first rule of an action that is for the item, NULL: none. */

const recs_rule_t *recs_rules_first(const recs_rules_work_t *w,
    recs_rule_action_e action, recs_item_t item);

/* What no product of factors of boosts is above. */

float recs_rules_ceiling(const recs_rules_work_t *w);

/*
 * The product of the factors of all boosts for an item, 1/10..10; *rule is
 * the one that is farthest from 1, NULL where there is none.
 */

float recs_rules_boost(const recs_rules_work_t *w, recs_item_t item,
    const recs_rule_t **rule);


/*
 * For caches: *state hashes which rules for the strategy the clock (q->now_ms)
 * lets work, 0: the clock does not matter; *until is when that changes next
 * (epoch ms, INT64_MAX: never).
 */

void recs_rules_clock(const recs_rules_t *rules, const recs_query_t *q,
    uint64_t *state, int64_t *until);


#endif /* _RECS_RULES_H_INCLUDED_ */
