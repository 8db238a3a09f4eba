/*
 * Copyright (C) recs authors
 *
 * The generators behind recs_strategies[]; see recs_strategy_pt.
 */

#ifndef _RECS_GENERATE_H_INCLUDED_
#define _RECS_GENERATE_H_INCLUDED_


#include "recs_strategy.h"


/* Item-item lists summed over the asker's history. */
void recs_generate_personalized(recs_answer_ctx_t *ctx);

/* The product's stored neighbours by five factors and the weights at hand. */
void recs_generate_similar(recs_answer_ctx_t *ctx);

/* The product's partners, or those of all items of the cart. */
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

/* Everything, most popular first; the category asked for before the rest. */
void recs_generate_catalogue(recs_answer_ctx_t *ctx);


#endif /* _RECS_GENERATE_H_INCLUDED_ */
