/*
 * Copyright (C) recs authors
 *
 * The quick way to events in JSON, for texts as trackers send them: an object,
 * or an array of objects, whose members are strings without escapes, numbers
 * without exponents, true, false, null, and arrays of such objects.  What is
 * read here is what jansson would make of it, byte for byte; whatever is not
 * that plain, or wrong, is declined, and is jansson's (recs_event_json.c).
 */

#ifndef _RECS_EVENT_FLAT_H_INCLUDED_
#define _RECS_EVENT_FLAT_H_INCLUDED_


#include "recs_event.h"


#define RECS_FLAT_NAMES  64      /* of members, in one text */


/* A name as it stands in the text, and the field that it is. */

typedef struct {
    const uint8_t             *quoted;   /* with its quotes */
    size_t                     len;      /* and theirs */
    uint8_t                    lines;    /* the value may be the lines */
    uint8_t                    asked[2];
    uint8_t                    alias[2];
    const recs_event_field_t  *fields[2];    /* of an event, of a line */
} recs_flat_name_t;


/*
 * A piece of the text: an object, then its members; a member that is an array,
 * then its objects.
 */

typedef struct {
    const uint8_t  *data;        /* of a value */
    uint32_t        len;         /* its bytes; of an object or array: how many
                                    pieces are inside */
    uint8_t         name;        /* of a member */
    uint8_t         type;        /* recs_json_e */
    uint8_t         real;        /* a number with a point */
    uint8_t         exact;       /* its millionths are those of a double */
} recs_flat_piece_t;


/*
 * A text that is being read.  The events of a batch mostly have the same
 * members in the same order: a name is read, and its field looked for, once.
 */

typedef struct {
    const uint8_t      *last;
    recs_flat_piece_t  *pieces;
    uint32_t            count;
    uint32_t            room;
    uint32_t            first;   /* room to begin with */
    uint32_t            at;      /* the next event */
    uint32_t            names_count;
    uint32_t            next;    /* in "order": the name that is expected */
    unsigned            lines;   /* one of the names may be that of lines */
    uint8_t             order[RECS_FLAT_NAMES];
    recs_flat_name_t    names[RECS_FLAT_NAMES];
} recs_event_flat_t;


/*
 * Whether a text is one of those, as a whole: RECS_OK with the number of its
 * events, or RECS_DECLINED.  Needs no memory that was cleared; close in any
 * case.
 */

int recs_event_flat_open(recs_event_flat_t *flat, const uint8_t *data,
    size_t len, size_t *count, unsigned *array);
void recs_event_flat_close(recs_event_flat_t *flat);

/*
 * The next event of a text that was opened; strings point into the text.
 * RECS_DECLINED: it is not for here.
 */

int recs_event_flat_get(recs_event_flat_t *flat, recs_event_t *e);


#endif /* _RECS_EVENT_FLAT_H_INCLUDED_ */
