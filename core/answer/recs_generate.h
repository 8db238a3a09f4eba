/*
 * Copyright (C) recs authors
 *
 * The generators behind recs_strategies[]; see recs_strategy_pt.
 */

#ifndef _RECS_GENERATE_H_INCLUDED_
#define _RECS_GENERATE_H_INCLUDED_


#include "recs_strategy.h"


/* Evidence at which a candidate that was summed up is half certain. */

#define RECS_HALF_EVIDENCE   0.5f

/* What is not shown again to whoever has it. */

#define RECS_HISTORY_BOUGHT                                                  \
    (RECS_SEEN_CART | RECS_SEEN_PURCHASED | RECS_SEEN_DISMISSED)


/*
 * For generators: offers what was scored, best first, as shares of the best
 * score; "half" is the score at which the confidence is .5.
 */
void recs_generate_accumulated(recs_answer_ctx_t *ctx, float half);


/*
 * Multiplies the scores of the table by (margin / mean)^serving.margin, the
 * mean that of all candidates whose cost is known; others keep their score,
 * without a gain there is none.  "than": only what an item earns more than
 * this one, RECS_NO_ITEM: all of it.
 */
void recs_generate_margins(recs_answer_ctx_t *ctx, recs_item_t than);


/* Item-item operators summed over the asker's history. */
void recs_generate_personalized(recs_answer_ctx_t *ctx);

/* Sessions like this one, and rows of what is looked at next. */
void recs_generate_session(recs_answer_ctx_t *ctx);

/* The product's stored neighbours by five factors and the weights at hand. */
void recs_generate_similar(recs_answer_ctx_t *ctx);

/*
 * The product's partners, or those of all items of the cart, else of what the
 * live session has in its own.
 */
void recs_generate_together(recs_answer_ctx_t *ctx);

/* A ranked list of the shop or of the category asked for. */
void recs_generate_ranked(recs_answer_ctx_t *ctx);

/* The ranked list of this week of the year. */
void recs_generate_seasonal(recs_answer_ctx_t *ctx);

/*
 * The asker's views by base-level activation with d = .5, from number, first
 * and last view (algorithms.md 1.5; Petrov 2006, eq. 5 with k = 1), without
 * what is in the cart or bought.
 */
void recs_generate_recent(recs_answer_ctx_t *ctx);

/* What the builder expects in the asker's next basket. */
void recs_generate_buy_again(recs_answer_ctx_t *ctx);

/*
 * What is bought with the product and the cart and is of another leaf
 * category than all of them, by P(j | cart) x margin (algorithms.md 1.11).
 */
void recs_generate_cross_sell(recs_answer_ctx_t *ctx);

/*
 * Dearer ones of the kind, by P(buy j | viewed i) x gain in margin; none
 * above the 90th percentile of the prices that the asker has looked at there,
 * where RECS_UP_SELL_PRICES or more are known.
 */
void recs_generate_up_sell(recs_answer_ctx_t *ctx);

#define RECS_UP_SELL_PRICES  5

/* Steps up a ladder (recs_upgrade.h). */
void recs_generate_upgrade(recs_answer_ctx_t *ctx);

/*
 * What is bought after the product, or after those of the cart, or after
 * what the asker has bought, the latest most.
 */
void recs_generate_complementary(recs_answer_ctx_t *ctx);

/*
 * What the asker's segment buys; of who has none, that of the category asked
 * for or looked at last.  Then those above it.  Not what the asker has.
 */
void recs_generate_social(recs_answer_ctx_t *ctx);

/*
 * For generators: a row of a list, with the hot layer's where it has one, best
 * first; RECS_DONE when the answer is full.
 */
int recs_generate_scope(recs_answer_ctx_t *ctx, recs_list_e list,
    uint32_t scope);

/* Everything, most popular first; the category asked for before the rest. */
void recs_generate_catalogue(recs_answer_ctx_t *ctx);


#endif /* _RECS_GENERATE_H_INCLUDED_ */
