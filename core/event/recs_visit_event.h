/*
 * Copyright (C) recs authors
 *
 * What an event changes in a live session (recs_visit.h).  Pure functions
 * over the caller's record, which may lie in shared memory: bounded, nothing
 * is allocated.
 *
 * Clicks are what the builder takes for clicks of a session: interest in a
 * product (views, clicks, carts, wishes, purchases); what is done with the
 * product at hand, a cart after a view, is no other click, to look at it once
 * more is one.  Touches are the builder's histories: of the events that tell
 * something about a product, with the weights of recs_event_types[], not
 * decayed and not yet log2(1 + sum).  Of more products than there is room for
 * the oldest goes that was only looked at.
 *
 * Events count in the order in which they come.
 */

#ifndef _RECS_VISIT_EVENT_H_INCLUDED_
#define _RECS_VISIT_EVENT_H_INCLUDED_


#include "../recs_visit.h"
#include "recs_event.h"


/* An empty record. */

void recs_visit_init(recs_visit_t *v);

/*
 * Applies an event to the record of its session.  A verified user becomes the
 * session's; what another one did before is forgotten, and a LOGOUT leaves
 * nothing but device, region and consent.
 */

void recs_visit_session(recs_visit_t *v, const recs_event_t *e);

/* The same to the record of its verified user. */

void recs_visit_user(recs_visit_t *v, const recs_event_t *e);

/*
 * Whether the event tells for the first time whose session it is: what was
 * done before belongs to the user, too, and is to be merged.
 */

unsigned recs_visit_joins(const recs_visit_t *v, const recs_event_t *e);

/*
 * Adds what was done in "from" to "to": a session, as it was before the event
 * that said whose it is, to the record of that user.
 */

void recs_visit_merge(recs_visit_t *to, const recs_visit_t *from);

/*
 * What another host has of the same session or user: the record that goes on
 * where this one begins, or the later state of it, or none of both, where a
 * user has logged out, or another one came, in the meantime.
 */

void recs_visit_receive(recs_visit_t *v, const recs_visit_t *other);

/* Whether a record is one, whoever wrote it: RECS_OK or RECS_ERROR. */

int recs_visit_check(const recs_visit_t *v);


#endif /* _RECS_VISIT_EVENT_H_INCLUDED_ */
