/*
 * Copyright (C) recs authors
 *
 * Which rows of products and users are still in force: of a product the last
 * whole row, and of the changes that came after it the last one of each set
 * of members; of a user the last row.  By the time of the row, then by
 * arrival, as the dataset reads them.
 */

#ifndef _RECS_BUILDER_LOG_ROWS_H_INCLUDED_
#define _RECS_BUILDER_LOG_ROWS_H_INCLUDED_


#include "../../core/event/recs_event.h"


typedef struct recs_log_rows_s  recs_log_rows_t;


recs_log_rows_t *recs_log_rows_create(void);
void recs_log_rows_destroy(recs_log_rows_t *rows);

/* Whether an event is a row at all. */

int recs_log_rows_is(const recs_event_t *e);

/* All rows once, in their order ... */

void recs_log_rows_add(recs_log_rows_t *rows, const recs_event_t *e);

/* ... and once more: whether this one, the next, is in force. */

int recs_log_rows_next(recs_log_rows_t *rows);


#endif /* _RECS_BUILDER_LOG_ROWS_H_INCLUDED_ */
