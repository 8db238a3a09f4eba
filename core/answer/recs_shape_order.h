/*
 * Copyright (C) recs authors
 *
 * Between the two files of recs_shape.h.  An item is known by its number in
 * the pool.
 */

#ifndef _RECS_SHAPE_ORDER_H_INCLUDED_
#define _RECS_SHAPE_ORDER_H_INCLUDED_


#include "recs_answer.h"


#define recs_shape_number(s, rule)                                           \
    ((uint16_t) ((rule) - (s)->rules.rules->rules + 1))


/*
 * Asks the rules about the next item and puts it where it belongs: into the
 * order, or among the buried.  All of them: with shares.
 */

void recs_shape_look(recs_answer_ctx_t *ctx);
void recs_shape_look_all(recs_answer_ctx_t *ctx);

/* What caps and diversity know of an item; its score with all boosts. */

void recs_shape_read(recs_answer_ctx_t *ctx, uint32_t n);
void recs_shape_boost(recs_answer_ctx_t *ctx, uint32_t n);

/*
 * The first of the order that is not taken, and of those in its section the
 * one to take where lists are diverse; RECS_SHAPE_NONE: none is left.
 */

uint32_t recs_shape_open(recs_shape_t *s);
uint32_t recs_shape_diverse(recs_shape_t *s);

/* Whether a cap has no place for an item; its rule is set then. */

unsigned recs_shape_capped(recs_answer_ctx_t *ctx, uint32_t n);

/* The next of what comes behind all others. */

uint32_t recs_shape_late(recs_shape_t *s);


#endif /* _RECS_SHAPE_ORDER_H_INCLUDED_ */
