/*
 * Copyright (C) recs authors
 *
 * What an event says of its order.
 */

#ifndef _RECS_BUILDER_ORDER_H_INCLUDED_
#define _RECS_BUILDER_ORDER_H_INCLUDED_


#include "../../core/event/recs_event.h"
#include "../../core/event/recs_event_type.h"


#define RECS_ORDER_PURCHASE   0x01     /* has a PURCHASE with lines */
#define RECS_ORDER_CANCELLED  0x02
#define RECS_ORDER_REFUNDED   0x04     /* as a whole: a REFUND of no lines */


/* RECS_ORDER_* of an event, by its type and its status; 0: nothing. */

unsigned recs_order_state(const recs_event_t *e,
    const recs_event_type_t *type);


#endif /* _RECS_BUILDER_ORDER_H_INCLUDED_ */
