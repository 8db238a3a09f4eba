/*
 * Copyright (C) recs authors
 *
 * The quick way to events in JSON, for texts as trackers send them: an object,
 * or an array of objects, whose members are strings without escapes, numbers
 * without exponents, true, false, null, and arrays of such objects.  What is
 * read here is what jansson would make of it, byte for byte; whatever is not
 * that plain, or wrong, is declined, and is jansson's (recs_event_json.c).
 * Nothing is allocated.
 */

#ifndef _RECS_EVENT_FLAT_H_INCLUDED_
#define _RECS_EVENT_FLAT_H_INCLUDED_


#include "recs_event.h"


/*
 * Whether a text is one of those, as a whole: RECS_OK with the number of its
 * events, or RECS_DECLINED.  *first is the place of the first one.
 */

int recs_event_flat_check(const uint8_t *data, size_t len, size_t *count,
    unsigned *array, const uint8_t **first);

/*
 * The event at *pos of a text that was checked, which moves on to the next
 * one; strings point into the text.  RECS_DECLINED: it is not for here.
 */

int recs_event_flat_get(const uint8_t **pos, const uint8_t *last,
    recs_event_t *e);


#endif /* _RECS_EVENT_FLAT_H_INCLUDED_ */
