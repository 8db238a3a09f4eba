/*
 * Copyright (C) recs authors
 *
 * A question, parsed and normalised.  The caller's memory, no pointers into
 * a request: two equal questions are equal bytes in recs_query_hash().
 */

#ifndef _RECS_QUERY_H_INCLUDED_
#define _RECS_QUERY_H_INCLUDED_


#include "../snapshot/recs_format.h"


#define RECS_LIMIT_DEFAULT   10
#define RECS_LIMIT_MAX       100
#define RECS_OFFSET_MAX      1000
#define RECS_EXCLUDE_MAX     100
#define RECS_CART_MAX        50
#define RECS_SESSION_MAX     50


/* Who asks, as far as it is verified: keys of 'U' rows, zeros for none. */

typedef struct {
    uint8_t  user[16];
    uint8_t  session[16];
} recs_asker_t;


typedef struct {
    unsigned   strategy;         /* index in recs_strategies[] */
    uint32_t   limit;            /* 1..RECS_LIMIT_MAX */
    uint32_t   offset;           /* 0..RECS_OFFSET_MAX */
    uint64_t   product;          /* key64, 0 none */
    uint64_t   category;         /* key64 of the path, 0 none */
    uint32_t   exclude_count;    /* sorted, unique */
    uint32_t   cart_count;       /* in the order given */
    uint32_t   session_count;    /* of this very session, oldest first */
    uint64_t   search;           /* recs_key64_search() of the last search,
                                    0 none */
    uint64_t   exclude[RECS_EXCLUDE_MAX];
    uint64_t   cart[RECS_CART_MAX];
    uint64_t   session[RECS_SESSION_MAX];
    uint64_t   variant;          /* key64 of the variant, 0 none */
    int64_t    now_ms;
    unsigned   weighted;         /* weights differ from the snapshot's */
    float      weights[RECS_FORMAT_FACTORS];
    recs_asker_t  asker;
} recs_query_t;


/* Defaults, no strategy chosen. */

void recs_query_init(recs_query_t *q);

/*
 * Adds the comma-separated product ids of "value" to exclude or cart (key64
 * each).  RECS_ERROR: too many, or an empty or overlong id.
 */

int recs_query_exclude(recs_query_t *q, const recs_str_t *value);
int recs_query_cart(recs_query_t *q, const recs_str_t *value);

/*
 * A 64-bit hash of view id, strategy, limit, offset, product, category,
 * exclude, cart, search, variant, weights and, where the strategy depends on
 * it, the day of now_ms: the recommendationId and ETag of a public answer.
 * Not asker: whatever depends on it is private and has no such hash.
 */

uint64_t recs_query_hash(const recs_query_t *q, uint64_t view);


/*
 * The week of the year, 0..52, of epoch milliseconds: the day of the year
 * (UTC, 0 is 1 January) by seven.  Rows of RECS_LIST_SEASONAL.
 */

uint32_t recs_week(int64_t ms);


#endif /* _RECS_QUERY_H_INCLUDED_ */
