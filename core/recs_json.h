/*
 * Copyright (C) recs authors
 *
 * Walks over JSON text that this program has made: answers in other forms
 * (recs_msgpack.h, recs_project.h, recs_template.h) are made of the JSON one,
 * so that there is one renderer.  A value is a span of the text; nothing is
 * copied or allocated.  Text that is cut off or not JSON ends a walk, and no
 * walk leaves the span, but nothing is validated: what strangers send goes
 * through recs_json_valid() before it is walked over.
 */

#ifndef _RECS_JSON_H_INCLUDED_
#define _RECS_JSON_H_INCLUDED_


#include "recs_out.h"


#define RECS_JSON_DEPTH  16      /* deepest nesting that is walked */


typedef enum {
    RECS_JSON_NONE = 0,          /* no value at all */
    RECS_JSON_OBJECT,
    RECS_JSON_ARRAY,
    RECS_JSON_STRING,
    RECS_JSON_NUMBER,
    RECS_JSON_TRUE,
    RECS_JSON_FALSE,
    RECS_JSON_NULL
} recs_json_e;

/*
 * Whether a text is one value of JSON (RFC 8259) and blanks around it:
 * well-formed UTF-8, no half of a pair of surrogates, at most RECS_JSON_DEPTH
 * deep.  RECS_OK or RECS_ERROR.  Two members of one name are for whoever
 * walks to see.
 */

int recs_json_valid(const recs_str_t *text);


/* What a span is, by its first byte. */

recs_json_e recs_json_type(const recs_str_t *value);


/*
 * The members of an object or elements of an array, in turn: RECS_OK with
 * *value and, of an object, *name (inside its quotes, escapes as they are),
 * RECS_DONE behind the last one.  it->pos is set by recs_json_begin().
 */

typedef struct {
    const uint8_t  *pos;
    const uint8_t  *last;
    unsigned        object;
} recs_json_iter_t;

void recs_json_begin(recs_json_iter_t *it, const recs_str_t *value);
int recs_json_next(recs_json_iter_t *it, recs_str_t *name,
    recs_str_t *value);

/*
 * The same without looking for the end of the next element, an object or
 * array, first: *inner begins it; leave() is called when no more of *inner is
 * wanted.  RECS_DECLINED: it is neither, and next() gives it.
 */

int recs_json_enter(recs_json_iter_t *it, recs_json_iter_t *inner);
void recs_json_leave(recs_json_iter_t *it, recs_json_iter_t *inner);

/* How many there are. */

uint32_t recs_json_count(const recs_str_t *value);

/*
 * The member of an object by a path of names with dots between
 * ("product.title"); RECS_DECLINED where there is none.
 */

int recs_json_find(const recs_str_t *object, const recs_str_t *path,
    recs_str_t *value);


/*
 * The inside of a string, escapes resolved to UTF-8, at most value->len
 * bytes; returns behind the last byte written.
 */

uint8_t *recs_json_text(const recs_str_t *value, uint8_t *p);


#endif /* _RECS_JSON_H_INCLUDED_ */
