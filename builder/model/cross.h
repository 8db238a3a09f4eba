/*
 * Copyright (C) recs authors
 *
 * Correlated cross-occurrence (algorithms.md 1.1.7): what people bought who
 * did something else, for each thing that can be done.  People are users,
 * and sessions that are nobody's; the two events need not be in an order.
 */

#ifndef _RECS_BUILDER_CROSS_H_INCLUDED_
#define _RECS_BUILDER_CROSS_H_INCLUDED_


#include "model.h"


#define RECS_CROSS_MAX   50      /* entries of a row */
#define RECS_CROSS_CUT   500     /* latest things of one person */
#define RECS_CROSS_G2    10.83   /* p < .001 */


/* The number of a person: a user, else behind them a session; or NONE. */

uint32_t recs_cross_person(const recs_dataset_t *d, uint32_t user,
    uint32_t session);
uint32_t recs_cross_people(const recs_dataset_t *d);

/*
 * The distinct items, by person, of events with one of the signals; free()
 * offsets and entries.
 */

void recs_cross_items(const recs_dataset_t *d, unsigned signals,
    recs_rows_t *rows);


/*
 * Row t of "list", of recs_format_related_t, has the items that people
 * bought who have thing t (entries of "have" are distinct things below
 * "things", rows of both are people), where the log-likelihood ratio is
 * above RECS_CROSS_G2; those of the largest ratio, by their weight: the share
 * of these people who bought it.  Item t itself may be among them.
 */

void recs_cross_build(const recs_dataset_t *d, const recs_rows_t *have,
    uint32_t things, const recs_rows_t *buy, unsigned threads,
    recs_model_list_t *list);


#endif /* _RECS_BUILDER_CROSS_H_INCLUDED_ */
