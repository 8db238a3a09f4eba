/*
 * Copyright (C) recs authors
 *
 * "fields=productId,score,product.title": an answer with those members of
 * its items only.
 */

#ifndef _RECS_PROJECT_H_INCLUDED_
#define _RECS_PROJECT_H_INCLUDED_


#include "../recs_json.h"


#define RECS_PROJECT_MAX  32     /* fields */


/* Points into the text that it was parsed from. */

typedef struct {
    uint32_t    count;
    recs_str_t  paths[RECS_PROJECT_MAX];    /* names with dots between */
} recs_project_t;


/*
 * From a comma-separated list.  RECS_ERROR: too many, an empty name, or one
 * of other bytes than letters, digits, dots, "_" and "-".
 */

int recs_project_parse(recs_project_t *p, const recs_str_t *text);

/*
 * Copies an answer; of the objects in an array that is called "items" those
 * members alone that a path names or leads through.  Writes at most as much
 * as there is.  RECS_ERROR where it does not fit.
 */

int recs_project(const recs_project_t *p, const recs_str_t *json,
    recs_out_t *out);


#endif /* _RECS_PROJECT_H_INCLUDED_ */
