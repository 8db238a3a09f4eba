/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>
#include "../memory.h"
#include "spans.h"


static size_t recs_spans_find(const recs_spans_t *s, uint64_t n);
static void recs_spans_replace(recs_spans_t *s, size_t at, size_t old,
    const recs_span_t *spans, size_t n);


void
recs_spans_add(recs_spans_t *s, uint64_t from, uint64_t to)
{
    size_t       i, n;
    recs_span_t  span;

    /* the next number, nearly always */

    if (s->count && s->spans[s->count - 1].to + 1 == from) {
        s->spans[s->count - 1].to = to;
        return;
    }

    /* what overlaps or touches becomes one */

    i = recs_spans_find(s, from > 1 ? from - 1 : from);
    span.from = from;
    span.to = to;

    for (n = i; n < s->count && s->spans[n].from <= to + 1; n++) {
        span.from = recs_min(span.from, s->spans[n].from);
        span.to = recs_max(span.to, s->spans[n].to);
    }

    recs_spans_replace(s, i, n - i, &span, 1);
}


void
recs_spans_cut(recs_spans_t *s, uint64_t from, uint64_t to)
{
    size_t       i, n, left;
    recs_span_t  rest[2];

    i = recs_spans_find(s, from);
    left = 0;

    for (n = i; n < s->count && s->spans[n].from <= to; n++) {

        if (s->spans[n].from < from) {
            rest[left].from = s->spans[n].from;
            rest[left++].to = from - 1;
        }

        if (s->spans[n].to > to) {
            rest[left].from = to + 1;
            rest[left++].to = s->spans[n].to;
        }
    }

    recs_spans_replace(s, i, n - i, rest, left);
}


const recs_span_t *
recs_spans_from(const recs_spans_t *s, uint64_t n)
{
    size_t  i;

    i = recs_spans_find(s, n);

    return (i < s->count) ? &s->spans[i] : NULL;
}


void
recs_spans_free(recs_spans_t *s)
{
    free(s->spans);
    memset(s, 0, sizeof(recs_spans_t));
}


/* The first span that ends at n or later. */

static size_t
recs_spans_find(const recs_spans_t *s, uint64_t n)
{
    size_t  low, high, middle;

    low = 0;
    high = s->count;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (s->spans[middle].to < n) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low;
}


static void
recs_spans_replace(recs_spans_t *s, size_t at, size_t old,
    const recs_span_t *spans, size_t n)
{
    recs_grow(&s->spans, &s->cap, s->count + n, sizeof(recs_span_t));

    if (s->count == 0 && n == 0) {
        return;
    }

    memmove(&s->spans[at + n], &s->spans[at + old],
            (s->count - at - old) * sizeof(recs_span_t));
    memcpy(&s->spans[at], spans, n * sizeof(recs_span_t));

    s->count = s->count + n - old;
}
