/*
 * Copyright (C) recs authors
 *
 * What rules and diversity do to a list (docs/rules.md).  The first items that
 * an answer finds, from the strategy asked for and from those behind it, are
 * held back, put into a new order as a whole, and then listed from the offset
 * on; what is found behind them follows as it is.  They are five times the
 * limit, RECS_SHAPE_LEAST to RECS_SHAPE_WINDOW, and reach to the last pin: so
 * the order does not depend on the offset, and pages of a list fit together.
 * (Fallbacks are not asked where nothing of theirs could stand in the list.)
 *
 *   score'   = score x product of the boosts (1/10..10)
 *   order    by score' inside a section: what one strategy found, as far as
 *            its scores fall; sections in the order in which they came
 *   diverse  of the items left in the section that with the largest
 *            (1 - strength) score' / best of the section
 *            - strength x likeness to the most alike above it
 *            (MMR, Carbonell and Goldstein 1998; algorithms.md 1.17)
 *   cap      an item beyond it comes behind all sections
 *   bury     behind those
 *   pin      at its place of the whole list, wherever the item was, or from
 *            outside of it, if only it could be listed; of two at one place
 *            the later rule's comes at the next free one
 *   block    is not listed at all, also behind the window
 *
 * Likeness is .6 x the cosine of RECS_COLUMN_VECTOR (not below 0) + .2 for
 * the same category + .2 for the same brand.
 */

#ifndef _RECS_SHAPE_H_INCLUDED_
#define _RECS_SHAPE_H_INCLUDED_


#include "recs_rules.h"


#define RECS_SHAPE_LEAST   50
#define RECS_SHAPE_TIMES   5
#define RECS_SHAPE_WINDOW  100
#define RECS_SHAPE_SPARE   16          /* ranked beyond it */
#define RECS_SHAPE_POOL    (RECS_SHAPE_WINDOW + RECS_RULE_PLACE_MAX)
#define RECS_SHAPE_NONE    0xff

/* recs_answer_item_t.rule: the number of the rule that moved it + 1. */

#define RECS_MOVED_NOT      0
#define RECS_MOVED_DIVERSE  0xffff     /* by the snapshot's own diversity */


/*
 * An item held back.  Rules are asked about it as late as can be: where it
 * might come next.
 */

typedef struct {
    float          score;          /* boosted */
    float          share;          /* of the best of its section, 0..1 */
    float          near;           /* likeness to the most alike above, */
    uint32_t       compared;       /* of the first so many of those */
    uint32_t       category;
    uint32_t       brand;
    const int8_t  *vector;
    uint32_t       groups[RECS_RULE_CAPS];     /* NONE: not capped */
    uint8_t        section;
    uint8_t        taken;          /* listed, pinned or capped */
} recs_shaped_t;

typedef struct {
    recs_rules_work_t  rules;
    float              ceiling;                /* no boost is above it */
    float              floor;                  /* score of the last found */
    uint8_t            strategy;               /* that found it */
    uint8_t            section;                /* it is in */
    uint32_t           count;                  /* of the pool, pins first */
    uint32_t           pinned;
    uint32_t           found;                  /* of them, pinned or not */
    uint32_t           next;                   /* to be looked at */
    recs_shaped_t      pool[RECS_SHAPE_POOL];
    uint32_t           order_count;
    uint32_t           open;                   /* first place that may be */
    uint8_t            order[RECS_SHAPE_POOL];
    uint32_t           buried_count;
    uint8_t            buried[RECS_SHAPE_POOL];
    uint32_t           late_count;
    uint32_t           late;                   /* the next of them */
    uint8_t            lates[RECS_SHAPE_POOL];         /* capped or buried */
    uint32_t           above_count;
    uint8_t            above[RECS_SHAPE_POOL];         /* what caps count */
    uint32_t           list_count;
    uint8_t            list[RECS_SHAPE_POOL];
    uint8_t            pins[RECS_RULE_PLACE_MAX + 1];  /* by place */
} recs_shape_t;


/* The name of what moved an item, len 0: nothing did. */

recs_str_t recs_shape_rule(const recs_view_t *view, uint16_t rule);


#endif /* _RECS_SHAPE_H_INCLUDED_ */
