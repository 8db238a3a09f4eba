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

/* Everything, most popular first; the category asked for before the rest. */
void recs_generate_catalogue(recs_answer_ctx_t *ctx);


#endif /* _RECS_GENERATE_H_INCLUDED_ */
