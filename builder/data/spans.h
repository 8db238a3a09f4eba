/*
 * Copyright (C) recs authors
 *
 * Sets of numbers as ascending intervals: cheap where nearly all numbers up
 * to the last one are there, as sequences are.
 */

#ifndef _RECS_BUILDER_SPANS_H_INCLUDED_
#define _RECS_BUILDER_SPANS_H_INCLUDED_


#include "../../core/recs_types.h"


typedef struct {
    uint64_t  from;
    uint64_t  to;                /* the last one, included */
} recs_span_t;

typedef struct {
    recs_span_t  *spans;         /* they never touch */
    size_t        count;
    size_t        cap;
} recs_spans_t;                  /* zeros: empty */


/* Numbers are 1 and up, from <= to. */

void recs_spans_add(recs_spans_t *s, uint64_t from, uint64_t to);
void recs_spans_cut(recs_spans_t *s, uint64_t from, uint64_t to);

/* The span that holds n, or the first one after it; NULL for none. */

const recs_span_t *recs_spans_from(const recs_spans_t *s, uint64_t n);

static inline int
recs_spans_has(const recs_spans_t *s, uint64_t n)
{
    const recs_span_t  *span;

    span = recs_spans_from(s, n);

    return span && span->from <= n;
}


void recs_spans_free(recs_spans_t *s);


#endif /* _RECS_BUILDER_SPANS_H_INCLUDED_ */
