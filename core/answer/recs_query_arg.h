/*
 * Copyright (C) recs authors
 *
 * Filter and order of a question, from text, however it came: arguments of a
 * URL or members of a batch.
 */

#ifndef _RECS_QUERY_ARG_H_INCLUDED_
#define _RECS_QUERY_ARG_H_INCLUDED_


#include "recs_query.h"


typedef enum {
    RECS_ARG_MIN_PRICE = 0,      /* decimal, not negative */
    RECS_ARG_MAX_PRICE,
    RECS_ARG_CATEGORY,           /* list: paths joined by "/", or leaves */
    RECS_ARG_BRAND,              /* list */
    RECS_ARG_MIN_RATING,         /* stars, 0 to 5, decimal */
    RECS_ARG_AVAILABILITY,       /* in-stock, known or all */
    RECS_ARG_ATTRIBUTES,         /* list of name:value */
    RECS_ARG_TAGS,               /* list */
    RECS_ARG_REGION,
    RECS_ARG_SORT,               /* relevance, popular, rating, price-asc,
                                    price-desc or newest */
    RECS_ARG_MAX
} recs_arg_e;


/* "code" and "detail" are for whoever has to refuse a value. */

typedef struct {
    recs_str_t   name;           /* "minPrice" */
    const char  *code;           /* "min-price-invalid" */
    const char  *detail;         /* a sentence */
} recs_arg_t;

extern const recs_arg_t  recs_args[RECS_ARG_MAX];


/*
 * Puts a value into q->filter, q->sort or q->region; an empty one is none.
 * A list is cut by commas, at most RECS_FILTER_MAX (tags and attributes
 * together) of at most RECS_ID_MAX bytes; a backslash takes the meaning from a
 * comma, a colon or a backslash behind it.  RECS_ERROR: recs_args[arg] says
 * why.
 */

int recs_query_arg(recs_query_t *q, recs_arg_e arg, const recs_str_t *value);

/*
 * After the last of them: puts names into an order, so that two equal
 * filters are equal bytes, and sets q->filtered.  RECS_ERROR: the lowest
 * price is above the highest (RECS_ARG_MIN_PRICE).
 */

int recs_query_filter(recs_query_t *q);


#endif /* _RECS_QUERY_ARG_H_INCLUDED_ */
