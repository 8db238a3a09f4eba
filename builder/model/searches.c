/*
 * Copyright (C) recs authors
 *
 * What people bought who had searched for something (cross.h), one row a
 * query that RECS_SEARCHES_LEAST people had: a query of fewer says nothing,
 * and might say who asked.
 *
 * Memory: 16 bytes a search, and that of the rows.
 */

#include "cross.h"

#include "../../core/event/recs_event_type.h"

#include <stdlib.h>
#include <string.h>


#define RECS_SEARCHES_LEAST  3


typedef struct {
    uint64_t  query;
    uint32_t  person;
} recs_searched_pair_t;


static uint32_t recs_searches_pairs(const recs_dataset_t *d,
    recs_searched_pair_t *pairs);
static uint32_t recs_searches_queries(recs_searched_pair_t *pairs,
    uint32_t n, uint64_t *queries);
static void recs_searches_rows(const recs_dataset_t *d,
    recs_searched_pair_t *pairs, uint32_t n, recs_rows_t *rows);
static int recs_searched_by_query(const void *one, const void *two);
static int recs_searched_by_person(const void *one, const void *two);


int
recs_model_searches(const recs_dataset_t *d, const recs_config_t *c,
    recs_searched_t *s, recs_error_t *err)
{
    uint32_t               n;
    recs_rows_t            buy, have;
    recs_searched_pair_t  *pairs;

    memset(s, 0, sizeof(recs_searched_t));

    if (!(c->serving.query_buy > 0) || d->search_count == 0) {
        return RECS_OK;
    }

    pairs = recs_alloc((size_t) d->search_count
                       * sizeof(recs_searched_pair_t));
    s->queries = recs_alloc((size_t) d->search_count * sizeof(uint64_t));

    n = recs_searches_pairs(d, pairs);
    s->count = recs_searches_queries(pairs, n, s->queries);
    recs_searches_rows(d, pairs, n, &have);
    recs_cross_items(d, RECS_SIGNAL_PURCHASE, &buy);

    recs_cross_build(d, &have, s->count, &buy, recs_max(c->threads, 1),
                     &s->list);

    free(have.offsets);
    free(have.entries);
    free(buy.offsets);
    free(buy.entries);
    free(pairs);

    return RECS_OK;
}


void
recs_searched_free(recs_searched_t *s)
{
    free(s->queries);
    recs_model_free(&s->list);
}


/* By query, then person: each query of a person once. */

static uint32_t
recs_searches_pairs(const recs_dataset_t *d, recs_searched_pair_t *pairs)
{
    uint32_t  i, n, kept;

    for (i = 0, n = 0; i < d->search_count; i++) {
        pairs[n].query = d->searches[i].query;
        pairs[n].person = recs_cross_person(d, d->searches[i].user,
                                            d->searches[i].session);
        n += pairs[n].person != RECS_NONE;
    }

    qsort(pairs, n, sizeof(recs_searched_pair_t), recs_searched_by_query);

    for (i = 0, kept = 0; i < n; i++) {
        if (kept == 0 || recs_searched_by_query(&pairs[kept - 1], &pairs[i]))
        {
            pairs[kept++] = pairs[i];
        }
    }

    return kept;
}


/* Numbers the queries that enough people had; "query" becomes the number. */

static uint32_t
recs_searches_queries(recs_searched_pair_t *pairs, uint32_t n,
    uint64_t *queries)
{
    uint32_t  count, from, i;
    uint64_t  number;

    for (from = 0, count = 0; from < n; from = i) {

        for (i = from + 1; i < n && pairs[i].query == pairs[from].query; i++)
        {
            /* void */
        }

        number = RECS_NONE;

        if (i - from >= RECS_SEARCHES_LEAST) {
            queries[count] = pairs[from].query;
            number = count++;
        }

        while (from < i) {
            pairs[from++].query = number;
        }
    }

    return count;
}


/* The numbers by person, at most RECS_CROSS_CUT of them. */

static void
recs_searches_rows(const recs_dataset_t *d, recs_searched_pair_t *pairs,
    uint32_t n, recs_rows_t *rows)
{
    uint32_t  i, p, kept;

    qsort(pairs, n, sizeof(recs_searched_pair_t), recs_searched_by_person);

    rows->rows = recs_cross_people(d);
    rows->offsets = recs_calloc((size_t) rows->rows + 1, sizeof(uint64_t));
    rows->entries = recs_alloc((size_t) n * sizeof(uint32_t) + 1);
    kept = 0;

    for (p = 0, i = 0; p < rows->rows; p++) {

        for ( /* void */ ; i < n && pairs[i].person == p; i++) {
            if (pairs[i].query != RECS_NONE
                && kept - rows->offsets[p] < RECS_CROSS_CUT)
            {
                rows->entries[kept++] = (uint32_t) pairs[i].query;
            }
        }

        rows->offsets[p + 1] = kept;
    }
}


static int
recs_searched_by_query(const void *one, const void *two)
{
    const recs_searched_pair_t  *a, *b;

    a = one;
    b = two;

    if (a->query != b->query) {
        return (a->query > b->query) - (a->query < b->query);
    }

    return (a->person > b->person) - (a->person < b->person);
}


static int
recs_searched_by_person(const void *one, const void *two)
{
    const recs_searched_pair_t  *a, *b;

    a = one;
    b = two;

    if (a->person != b->person) {
        return (a->person > b->person) - (a->person < b->person);
    }

    return (a->query > b->query) - (a->query < b->query);
}
