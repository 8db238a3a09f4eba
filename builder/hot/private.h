/*
 * Copyright (C) recs authors
 *
 * What the files of the hot state share.
 *
 * Counters decay forward (Cormode et al. 2009): a vote at time t adds
 * 2^((t - origin) / half-life), and is worth that by 2^((now - origin) /
 * half-life) less at any time, so that nothing is touched but what gets a
 * vote.
 */

#ifndef _RECS_BUILDER_HOT_PRIVATE_H_INCLUDED_
#define _RECS_BUILDER_HOT_PRIVATE_H_INCLUDED_


#include <math.h>

#include "../../core/snapshot/recs_snapshot.h"
#include "../data/catalog.h"
#include "../data/dataset.h"
#include "../model/rise.h"
#include "../publish/publish.h"
#include "../report/section.h"
#include "crowd.h"
#include "state.h"
#include "votes.h"


#define RECS_HOT_DAY         86400.0
#define RECS_HOT_SLOW_DAYS   28.0      /* mean age of a slow vote */
#define RECS_HOT_SOLD_DAYS   RECS_LOW_STOCK_SOLD
#define RECS_HOT_QUICK       4         /* half-life / that of quick votes */
#define RECS_HOT_RECENT      4         /* that of recent votes / half-life */


#define recs_hot_slow  (RECS_HOT_SLOW_DAYS * M_LN2 * RECS_HOT_DAY)


/* Votes of a product, or of a product in a region. */

typedef struct {
    double    quick;             /* a quarter of the half-life */
    double    fast;
    double    recent;            /* four half-lives: what is not slow yet */
    double    slow;              /* RECS_HOT_SLOW_DAYS ln 2 */
    uint32_t  first;             /* time of the first vote, 0 none */
    float     value;             /* as last looked at, 0: not rising */
    float     votes;             /* decayed, then */
} recs_hot_counts_t;


/* All of them, of the shop or of a region. */

typedef struct {
    double    fast;
    double    recent;
    double    slow;
    uint32_t  voted;             /* products */
} recs_hot_sums_t;


/* Members that updates have told (bits). */

#define RECS_HOT_PRICE       0x01
#define RECS_HOT_LIST_PRICE  0x02
#define RECS_HOT_STOCK       0x04
#define RECS_HOT_LISTED      0x08
#define RECS_HOT_RATING      0x10

/* Lists of the state that a product is in (bits). */

#define RECS_HOT_IN_VOTED    0x01      /* to be looked at: votes */
#define RECS_HOT_IN_SOLD     0x02      /* to be looked at: stock or sales */
#define RECS_HOT_IN_OFFERS   0x04
#define RECS_HOT_IN_SHOWN    0x08
#define RECS_HOT_DIFFERS     0x10      /* is other than in the base */
#define RECS_HOT_DROP        0x20      /* in a way that price drops notice */


typedef struct {
    uint64_t            key64;
    uint32_t            item;          /* of the base, RECS_NONE */
    uint32_t            category;      /* of the base */

    uint8_t             known;
    uint8_t             listed;
    uint8_t             in;
    uint16_t            rating;
    uint32_t            rating_count;
    int32_t             stock;
    int64_t             price;
    int64_t             list_price;
    int64_t             updated_ms;    /* its own time */
    int64_t             touched_ms;    /* of arrival, 0: before the start */
    int64_t             rated_ms;      /* of arrival */
    int64_t             priced_ms;     /* of arrival of another price */
    recs_price_t       *prices;        /* changes, oldest first */
    uint32_t            price_count;

    recs_hot_counts_t   counts;
    float               signal;        /* votes from elsewhere */
    uint32_t            day;           /* of the next two */
    uint32_t            alone;         /* votes of who knows nothing else */
    uint32_t            others;

    double              sold;          /* units, decayed */
    float               orders;
    float               rate;          /* 1 / days to go, 0 not low */

    double              shown;         /* decayed like sold */
    double              clicked;
} recs_hot_record_t;


typedef struct {
    uint32_t            record;
    uint32_t            region;
    recs_hot_counts_t   counts;
    unsigned            in;            /* to be looked at */
} recs_hot_pair_t;


/* Ranks, best first: what rises or runs out, by number. */

typedef struct {
    float               value;
    uint32_t            n;
} recs_hot_rank_t;

typedef struct {
    recs_hot_rank_t    *ranks;
    uint32_t            count;
} recs_hot_order_t;

typedef struct {
    uint32_t           *n;
    uint32_t            count;
    size_t              cap;
} recs_hot_numbers_t;


/* Answers served: what was in them, as numbers of records in a ring. */

#define RECS_HOT_ANSWERS     (1u << 17)
#define RECS_HOT_RING        (1u << 21)

typedef struct {
    uint64_t            id;
    uint64_t            from;          /* counted from the beginning of time */
    uint32_t            count;
} recs_hot_answer_t;


/* A line of the file of signals in force. */

typedef struct {
    uint32_t            record;
    float               weight;
    int64_t             until_ms;      /* INT64_MAX: for ever */
} recs_hot_signal_t;


struct recs_hot_state_s {
    const recs_config_t  *config;
    recs_hot_stats_t      stats;
    int64_t               now_ms;
    double                origin;      /* seconds */
    double                since;       /* of the first vote, seconds */
    double                fast;        /* half-life, seconds */

    recs_snapshot_t      *base;        /* NULL: none */
    int64_t               base_ms;     /* what came before is in it */
    unsigned              live;        /* events arrive as they are added */

    recs_hot_record_t    *records;
    uint32_t              count;
    size_t                cap;
    uint32_t             *slots;       /* by key64: number + 1 */
    uint32_t              mask;

    recs_hot_votes_t      votes;
    recs_hot_crowd_t      crowd;
    recs_hot_sums_t       sums;
    recs_hot_numbers_t    voted;       /* records to be looked at */
    recs_hot_order_t      rising;
    uint32_t              turn;        /* next record to be looked at anyway */

    recs_names_t         *regions;     /* RECS_FORMAT_REGIONS at most */
    recs_hot_sums_t       region_sums[RECS_FORMAT_REGIONS];
    recs_hot_pair_t      *pairs;
    uint32_t              pair_count;
    size_t                pairs_cap;
    uint32_t             *pair_slots;
    uint32_t              pair_mask;
    recs_hot_numbers_t    pairs_voted;
    recs_hot_order_t      region_rising[RECS_FORMAT_REGIONS];
    uint32_t              pair_turn;

    recs_catalog_t       *catalog;
    recs_hot_numbers_t    offers;      /* records that updates have told of */
    recs_hot_numbers_t    sold;        /* to be looked at */
    recs_hot_order_t      low;

    recs_hot_answer_t    *answers;
    uint32_t             *ring;
    uint64_t              head;
    recs_hot_numbers_t    shown;
    double                all_shown;
    double                all_clicked;

    recs_hot_signal_t    *signals;
    uint32_t              signal_count;
    uint64_t              signal_stamp;
    recs_hot_numbers_t    signalled;   /* records that have a signal */

    recs_report_t        *report;      /* NULL: none */
    recs_report_section_t section;     /* of it, in the last layer */
    uint64_t              turn_told;   /* its turn then */
    uint64_t              turn_built;  /* its turn when a build began */
    uint64_t              turn_since;  /* its turn that the base has, 0: it is
                                          not known */
    uint64_t              lost;        /* sequences of the log */
    uint64_t              gaps;

    uint32_t             *rows;        /* by item of the base, for a layer */
    uint8_t              *marks;       /* the same */
    unsigned              changed;     /* since the last layer */
};


/* 2^((time - origin) / half-life) and its inverse for now. */

double recs_hot_weight(const recs_hot_state_t *h, double time,
    double half_life);
double recs_hot_now(const recs_hot_state_t *h, double half_life);

/* When an event has come into the log. */

int64_t recs_hot_arrived(const recs_hot_state_t *h, const recs_event_t *e);

/* The number of a product's record, which is made where there is none. */

uint32_t recs_hot_record(recs_hot_state_t *h, uint64_t key64);

/* Whether the product may be shown: known to the base, listed, in stock. */

unsigned recs_hot_shown(const recs_hot_state_t *h, uint32_t record);

void recs_hot_push(recs_hot_numbers_t *numbers, uint32_t n);
void recs_hot_mark(recs_hot_state_t *h, recs_hot_numbers_t *numbers,
    uint32_t record, unsigned bit);


/* trend.c: votes of products, and of products in regions. */

void recs_hot_vote(recs_hot_state_t *h, const recs_event_t *e);

/* A hash of the person of an event, 0: known by nothing. */

uint64_t recs_hot_who(const recs_event_t *e);

/*
 * Whether this is the first vote of a person for "key64" on that day; all who
 * are known by nothing are at most trust_nameless people.  What is no vote
 * has a key of its own: recs_hot_clicked() and the like.
 */

#define recs_hot_clicked(key64)  (~(key64))
#define recs_hot_starred(key64)  ((key64) ^ 0x9e3779b97f4a7c15)
#define recs_hot_bought(key64)   ((key64) ^ 0xc2b2ae3d27d4eb4f)

unsigned recs_hot_new_vote(recs_hot_state_t *h, const recs_event_t *e,
    uint64_t who, uint64_t key64);

void recs_hot_trend(recs_hot_state_t *h);
void recs_hot_trend_base(recs_hot_state_t *h);

/*
 * order.c: takes new values of some numbers, none of them twice, into an
 * order; those of 0 are no longer in it.  Sorts "changes".
 */

void recs_hot_order(recs_hot_order_t *order, recs_hot_rank_t *changes,
    uint32_t count);
void recs_hot_order_free(recs_hot_order_t *order);

/* offer.c: prices, stock, ratings. */

typedef struct {
    int64_t   price;
    int64_t   list_price;
    int64_t   reference;
    int32_t   stock;
    uint16_t  rating;
    uint32_t  rating_count;
    uint8_t   listed;
} recs_hot_offer_t;

void recs_hot_update(recs_hot_state_t *h, const recs_event_t *e);
void recs_hot_rate(recs_hot_state_t *h, const recs_event_t *e);
void recs_hot_offer(const recs_hot_state_t *h, uint32_t record,
    recs_hot_offer_t *offer);
void recs_hot_offers_base(recs_hot_state_t *h);

/* The share of its price that a product is cheaper by, 0 none. */

double recs_hot_drop(const recs_hot_state_t *h, uint32_t record);

/* The stock that is known; something has changed. */

int32_t recs_hot_stock(const recs_hot_state_t *h,
    const recs_hot_record_t *r);
void recs_hot_touch(recs_hot_state_t *h, uint32_t record);

/* stock.c */

void recs_hot_sale(recs_hot_state_t *h, const recs_event_t *e);
void recs_hot_low(recs_hot_state_t *h);

/* shown.c: what answers showed and what of it was clicked. */

void recs_hot_answer(recs_hot_state_t *h, const recs_event_t *e);
void recs_hot_exposure(recs_hot_state_t *h, const recs_event_t *e);
void recs_hot_click(recs_hot_state_t *h, const recs_event_t *e);
float recs_hot_ctr(const recs_hot_state_t *h, uint32_t record);

/* signal.c */

void recs_hot_signals_apply(recs_hot_state_t *h);

/* layer.c: everything as a dataset and lists. */

int recs_hot_layer(recs_hot_state_t *h, uint64_t *id, recs_error_t *err);


#endif /* _RECS_BUILDER_HOT_PRIVATE_H_INCLUDED_ */
