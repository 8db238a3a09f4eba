/*
 * Copyright (C) recs authors
 *
 * A question, parsed and normalised.  The caller's memory, no pointers into
 * a request: two equal questions are equal bytes in recs_query_hash().
 */

#ifndef _RECS_QUERY_H_INCLUDED_
#define _RECS_QUERY_H_INCLUDED_


#include "../recs_visit.h"
#include "../snapshot/recs_format.h"


#define RECS_LIMIT_DEFAULT   10
#define RECS_LIMIT_MAX       100
#define RECS_OFFSET_MAX      1000
#define RECS_RAILS_DEFAULT   6
#define RECS_RAILS_MAX       20
#define RECS_EXCLUDE_MAX     100
#define RECS_CART_MAX        50
#define RECS_SESSION_MAX     50
#define RECS_FILTER_MAX      16


/* Who asks, as far as it is verified: keys of 'U' rows, zeros for none. */

typedef struct {
    uint8_t  user[16];
    uint8_t  session[16];
} recs_asker_t;


/*
 * What an item must be like to be listed (recs_filter.h): all of it, of
 * several brands or categories one, of several tags all.  Zeros: whatever.
 */

typedef struct {
    int64_t    price_min;        /* micro, RECS_NO_MONEY: none */
    int64_t    price_max;        /* micro, RECS_NO_MONEY: none */
    uint16_t   rating_min;       /* stars x 1000 */
    uint8_t    available;        /* RECS_AVAILABLE_* */
    uint8_t    brand_count;
    uint8_t    category_count;
    uint8_t    tag_count;
    uint64_t   region;           /* key64 of its name: sold there */
    uint64_t   brands[RECS_FILTER_MAX];        /* key64 of names */
    uint64_t   categories[RECS_FILTER_MAX];    /* key64, with all below */
    uint64_t   tags[RECS_FILTER_MAX];          /* recs_key64_tag() */
} recs_filter_t;

#define RECS_AVAILABLE_SHOWN   0     /* stock unknown or above 0 */
#define RECS_AVAILABLE_KNOWN   1     /* stock known and above 0 */
#define RECS_AVAILABLE_ALL     2     /* what is sold out, too */


/* The order of a list; ties by popularity, so that it is total. */

typedef enum {
    RECS_SORT_RELEVANCE = 0,
    RECS_SORT_POPULAR,
    RECS_SORT_RATING,            /* best first, by RECS_COLUMN_ORDER_RATING */
    RECS_SORT_PRICE_UP,          /* cheapest first, without a price last */
    RECS_SORT_PRICE_DOWN,
    RECS_SORT_NEWEST,
    RECS_SORT_MAX
} recs_sort_e;


typedef struct {
    unsigned   strategy;         /* index in recs_strategies[] */
    uint32_t   limit;            /* 1..RECS_LIMIT_MAX */
    uint32_t   offset;           /* 0..RECS_OFFSET_MAX */
    uint32_t   rails;            /* of a page, each of "limit" items:
                                    1..RECS_RAILS_MAX */
    unsigned   alone;            /* nothing else fills the list up */
    const struct recs_answer_s  *above;    /* on the page already, or NULL */
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
    uint64_t   clock;            /* of rules, by recs_rules_clock(), 0 none */
    uint32_t   low_stock;        /* pieces at which an item is marked, 0:
                                    it never is */
    unsigned   weighted;         /* weights differ from the snapshot's */
    float      weights[RECS_FORMAT_FACTORS];
    recs_asker_t  asker;

    /* recs_query_arg.h fills in what is asked for; private: visit, known */

    unsigned       filtered;     /* "filter" says something */
    recs_filter_t  filter;
    recs_sort_e    sort;
    uint64_t       region;       /* key64 of the asker's, 0 unknown */
    uint64_t       segment;      /* key64 of the asker's, 0 unknown */
    const recs_visit_t  *visit;  /* of the session; the caller's, or NULL */
    const recs_visit_t  *known;  /* of the verified user, likewise */
    uint32_t             seen;   /* of a history: what one of this was done
                                    with, RECS_SEEN_*, 0: all of it */
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
 * exclude, cart, search, variant, weights, low_stock, filter, sort, region,
 * segment and, where the strategy depends on it, the day of now_ms:
 * the recommendationId and ETag of a public answer.
 * Not asker: whatever depends on it is private and has no such hash.
 */

uint64_t recs_query_hash(const recs_query_t *q, uint64_t view);


/*
 * The week of the year, 0..52, of epoch milliseconds: the day of the year
 * (UTC, 0 is 1 January) by seven.  Rows of RECS_LIST_SEASONAL.
 */

uint32_t recs_week(int64_t ms);

/* The month, 0..11, of epoch milliseconds, UTC. */

uint32_t recs_month(int64_t ms);


#endif /* _RECS_QUERY_H_INCLUDED_ */
