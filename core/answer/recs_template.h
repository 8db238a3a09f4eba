/*
 * Copyright (C) recs authors
 *
 * HTML of an answer by a template, a part of Mustache:
 *
 *   {{path}}            the value, escaped for text and quoted attributes
 *   {{path:2}}          a number with so many decimals
 *   {{#path}}...{{/path}}
 *                       for each element of an array; once for anything else
 *                       but false, null, "" and what is not there
 *   {{^path}}...{{/path}}
 *                       where {{#path}} gives nothing
 *   {{! ... }}          nothing
 *
 * A path is names with dots between, looked up in the element at hand, then
 * in what is around it; "." is the element itself.  Everything is escaped:
 * there is no raw output.
 */

#ifndef _RECS_TEMPLATE_H_INCLUDED_
#define _RECS_TEMPLATE_H_INCLUDED_


#include "../recs_json.h"


#define RECS_TEMPLATE_OPS    512
#define RECS_TEMPLATE_DEPTH  8       /* sections within sections */


typedef enum {
    RECS_TEMPLATE_TEXT = 0,
    RECS_TEMPLATE_VALUE,
    RECS_TEMPLATE_SECTION,
    RECS_TEMPLATE_INVERTED,
    RECS_TEMPLATE_END
} recs_template_e;

typedef struct {
    recs_str_t       text;           /* or the path */
    recs_template_e  type;
    uint32_t         end;            /* of a section: the op that ends it */
    int              decimals;       /* -1: as it is */
} recs_template_op_t;

/* Points into the text that it was compiled from. */

typedef struct {
    uint32_t            count;
    recs_template_op_t  ops[RECS_TEMPLATE_OPS];
} recs_template_t;


/*
 * RECS_ERROR with *err, a static string, and *line, from 1, where the text is
 * no template.
 */

int recs_template_compile(recs_template_t *t, const recs_str_t *text,
    const char **err, uint32_t *line);

/*
 * "json" is an answer: a valid object, no blanks before it.  RECS_ERROR where
 * it does not fit: try with more memory.
 */

int recs_template_render(const recs_template_t *t, const recs_str_t *json,
    recs_out_t *out);


#endif /* _RECS_TEMPLATE_H_INCLUDED_ */
