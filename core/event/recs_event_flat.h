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


#define RECS_FLAT_NAMES  64      /* of members, in one text */


/* A name as it stands in the text, and the field that it is. */

typedef struct {
    const uint8_t             *quoted;   /* with its quotes */
    size_t                     len;      /* and theirs */
    uint8_t                    lines;    /* RECS_FLAT_ITEMS, _PRODUCTS */
    uint8_t                    asked[2];
    uint8_t                    alias[2];
    const recs_event_field_t  *fields[2];    /* of an event, of a line */
} recs_flat_name_t;


/*
 * A text that is being read, in memory of the caller's which need not be
 * cleared.  The events of a batch mostly have the same members in the same
 * order: each name is read, and its field looked for, once.
 */

typedef struct {
    const uint8_t     *pos;      /* the next event */
    const uint8_t     *last;
    uint32_t           count;    /* of the names */
    uint32_t           next;     /* the one that is expected */
    recs_flat_name_t   names[RECS_FLAT_NAMES];
} recs_event_flat_t;


/*
 * Whether a text is one of those, as a whole: RECS_OK with the number of its
 * events, or RECS_DECLINED.
 */

int recs_event_flat_open(recs_event_flat_t *flat, const uint8_t *data,
    size_t len, size_t *count, unsigned *array);

/*
 * The next event of a text that was opened; strings point into the text.
 * RECS_DECLINED: it is not for here.
 */

int recs_event_flat_get(recs_event_flat_t *flat, recs_event_t *e);


#endif /* _RECS_EVENT_FLAT_H_INCLUDED_ */
