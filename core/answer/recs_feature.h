/*
 * Copyright (C) recs authors
 *
 * Features of candidates, for the forests that rank them anew: what a
 * candidate got from each component, what is known of the product, and how
 * it goes with the asker.  The same code fills them for an answer and for
 * training (builder/eval/ranker.c), so that both see the same numbers.
 *
 * A number that is not known is RECS_FEATURE_UNKNOWN, below all others.
 * What is of the product alone is rounded to quarters, the interval to days.
 * Their number is that of the format (RECS_FOREST_FEATURES): one more, or one
 * that means something else, needs a new one.
 */

#ifndef _RECS_FEATURE_H_INCLUDED_
#define _RECS_FEATURE_H_INCLUDED_


#include "recs_strategy.h"


#define RECS_FEATURE_UNKNOWN  (-1000.0f)
#define RECS_FEATURE_RECENT   32       /* newest products that tastes are
                                          taken from */


typedef enum {
    RECS_FEATURE_PLACE = 0,      /* in the order of the components */
    RECS_FEATURE_SCORE,          /* share of the best score */
    RECS_FEATURE_LOG,            /* ln of it, at least -10 */
    RECS_FEATURE_BEST,           /* share that one contribution has in it */
    RECS_FEATURE_GIVEN,          /* what each component gave */
    RECS_FEATURE_SHARE = RECS_FEATURE_GIVEN + RECS_COMPONENTS,
                                 /* the same as a share of the most */
    RECS_FEATURE_POPULARITY = RECS_FEATURE_SHARE + RECS_COMPONENTS,
                                 /* ln(1 + popularity) */
    RECS_FEATURE_POPULAR,        /* less that of the most popular one */
    RECS_FEATURE_BASKETS,        /* ln(1 + baskets) */
    RECS_FEATURE_IDF,
    RECS_FEATURE_RATING,         /* stars */
    RECS_FEATURE_RATINGS,        /* ln(1 + their number) */
    RECS_FEATURE_AGE,            /* ln(1 + days since it came) */
    RECS_FEATURE_PRICE,          /* ln */
    RECS_FEATURE_DISCOUNT,       /* 1 - price / list price */
    RECS_FEATURE_INTERVAL,       /* days */
    RECS_FEATURE_DUE,            /* days since the last touch / interval */
    RECS_FEATURE_VIEWS,          /* in the history; 0: not in it */
    RECS_FEATURE_WEIGHT,
    RECS_FEATURE_DAYS,           /* since the last touch */
    RECS_FEATURE_SPAN,           /* days from first view to last touch */
    RECS_FEATURE_ENTRY,          /* place in the history, 0 the newest */
    RECS_FEATURE_FLAGS,          /* RECS_SEEN_* as a number */
    RECS_FEATURE_CLICK,          /* place in the session, 0 the newest */
    RECS_FEATURE_CATEGORY,       /* that of the newest product: 1 or 0 */
    RECS_FEATURE_CATEGORIES,     /* share of the recent ones of it */
    RECS_FEATURE_BRAND,
    RECS_FEATURE_BRANDS,
    RECS_FEATURE_PRICE_NEWEST,   /* ln(price / that of the newest) */
    RECS_FEATURE_PRICE_RECENT,   /* ln(price / geometric mean of recent) */
    RECS_FEATURE_SEED,           /* place of the seed among the recent */
    RECS_FEATURE_HISTORY,        /* ln(1 + its length) */
    RECS_FEATURE_SESSION,        /* clicks in the session */
    RECS_FEATURE_MAX
} recs_feature_e;

/* Names for messages, by number; those of parts are by the component. */

extern const char *const  recs_feature_names[RECS_FEATURE_MAX];


/*
 * Fills scratch->features (feature i of candidate k at i * RECS_FOREST_ROWS
 * + k) for the first n of scratch->ranked, at most RECS_FOREST_CANDIDATES,
 * whose scores are shares of the best.
 */

void recs_feature_fill(recs_answer_ctx_t *ctx, uint32_t n);


/*
 * Ranks the first of "n" candidates in scratch->ranked anew by the forest of
 * the strategy at work.  Their scores become e^(score - best score), those
 * behind them go on below.  Where ctx->collect is set features are filled
 * only, and ctx->collected says of how many.
 */

void recs_feature_rank(recs_answer_ctx_t *ctx, uint32_t n);


/*
 * The key by which candidates are ranked: ascending keys are descending
 * scores, then the places that they had, the lower half.
 */

uint64_t recs_feature_key(float score, uint32_t place);


/*
 * For training: the candidates of a question in the order of the components,
 * in scratch->ranked, with their features; returns how many.  What the
 * question excludes is among them.
 */

uint32_t recs_feature_collect(const recs_view_t *view,
    const recs_query_t *query, recs_scratch_t *scratch,
    recs_answer_t *answer);


#endif /* _RECS_FEATURE_H_INCLUDED_ */
