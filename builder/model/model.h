/*
 * Copyright (C) recs authors
 *
 * The models: one row each in recs_models[].  A model takes the dataset and
 * returns one list of the snapshot; it reads no source and writes no file.
 * Several rows may fill the same list: the configuration names one of them
 * ("related = ease"), and "auto" takes what selection found best
 * (builder/eval/select.h) or the first.
 */

#ifndef _RECS_BUILDER_MODEL_H_INCLUDED_
#define _RECS_BUILDER_MODEL_H_INCLUDED_


#include "../data/dataset.h"


/*
 * A list: row r has entries [offsets[r], offsets[r + 1]), best first, of the
 * size that recs_format_lists[] states.  recs_model_free() frees both.
 */

typedef struct {
    uint32_t   rows;
    uint64_t  *offsets;
    void      *entries;
} recs_model_list_t;

typedef int (*recs_model_pt)(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);

/*
 * What a model will cost on this dataset: bytes at its peak, beside the
 * dataset, and seconds on one core; for the budgets.  Of RECS_MODEL_THREADS,
 * whatever there are: what is built must not depend on them.
 */

#define RECS_MODEL_THREADS  2

typedef struct {
    double  bytes;
    double  seconds;
} recs_model_cost_t;

typedef void (*recs_model_cost_pt)(const recs_dataset_t *d,
    const recs_config_t *c, recs_model_cost_t *cost);

/*
 * RECS_DECLINED and "why" where a model takes more than memory_budget, or
 * than its share of time_budget: one of "times" models like it.
 */

int recs_model_afford(const recs_model_cost_t *cost, const recs_config_t *c,
    unsigned times, char *why, size_t size);

typedef struct {
    const char          *name;   /* "similar" */
    recs_list_e          list;
    recs_model_pt        build;
    recs_model_cost_pt   cost;   /* NULL: in proportion to the events */
} recs_model_t;

extern const recs_model_t  recs_models[];      /* name NULL ends */

/* A row by list and name, NULL: there is none. */

const recs_model_t *recs_model_find(recs_list_e list, const char *name);

/* What the configuration names for a list, NULL: it has no option. */

const char *recs_model_named(const recs_config_t *c, recs_list_e list);

/* The row that the configuration chooses for a list, NULL: none. */

const recs_model_t *recs_model_chosen(const recs_config_t *c,
    recs_list_e list);

void recs_model_free(recs_model_list_t *list);


/*
 * The sessions behind SESSION: the latest "sessions_max" of at least two
 * items, by the time of their end, their items in order (repetitions stay,
 * of longer ones the last 200), for each item its latest "postings_max"
 * sessions.  Models of RECS_LIST_NEXT learn from the same.
 */

typedef struct {
    recs_rows_t   items;         /* rows are sessions, oldest first */
    uint32_t     *time;          /* epoch seconds of the end */
    recs_rows_t   postings;      /* rows are items, latest session first */
    float        *idf;           /* of items */
} recs_sessions_t;

int recs_model_sessions(const recs_dataset_t *d, const recs_config_t *c,
    recs_sessions_t *s, recs_error_t *err);
void recs_sessions_free(recs_sessions_t *s);


/*
 * Lists made for one user each: "entries" of identity n are [offsets[n],
 * offsets[n + 1]), best first, at most RECS_PERSONAL_ENTRIES.
 */

typedef struct {
    uint32_t                count;
    uint8_t                *identities;    /* 16 bytes each, ascending */
    uint64_t               *offsets;
    recs_format_related_t  *entries;
} recs_personal_t;

typedef int (*recs_personal_pt)(const recs_dataset_t *d,
    const recs_config_t *c, recs_personal_t *p, recs_error_t *err);

typedef struct {
    const char          *name;   /* "tifuknn" */
    unsigned             which;  /* RECS_PERSONAL_* */
    recs_personal_pt     build;
    recs_model_cost_pt   cost;
} recs_personal_model_t;

extern const recs_personal_model_t  recs_personal_models[];  /* NULL ends */

void recs_personal_free(recs_personal_t *p);


/*
 * What was wanted after searches: row n of the list is that of queries[n]
 * (recs_key64_search(), ascending).  Nothing where query_buy_weight is 0.
 */

typedef struct {
    uint32_t            count;
    uint64_t           *queries;
    recs_model_list_t   list;
} recs_searched_t;

int recs_model_searches(const recs_dataset_t *d, const recs_config_t *c,
    recs_searched_t *s, recs_error_t *err);
void recs_searched_free(recs_searched_t *s);


/*
 * The histories of users and sessions, for RECENTLY_VIEWED, PERSONALIZED and
 * GET /analytics/history: one record an identity, sorted by identity.
 */

typedef struct {
    uint32_t              count;
    uint8_t              *identities;  /* 16 bytes each, ascending */
    recs_format_user_t   *heads;
    uint64_t             *offsets;
    recs_format_seen_t   *seen;        /* newest first */
} recs_histories_t;

int recs_model_histories(const recs_dataset_t *d, const recs_config_t *c,
    recs_histories_t *h, recs_error_t *err);
void recs_histories_free(recs_histories_t *h);


/*
 * Segments of customers, numbered as recs_format.h says.  People are users,
 * and sessions that are nobody's; somebody is of the category of which he
 * has touched most products, or of the first one above it that
 * "segment_people" are of.  Of these the buyers have bought, the loyal have
 * "segment_orders" or more, the last at most "segment_days" ago.
 */

typedef struct {
    uint32_t           *of;      /* by user, RECS_NONE: of none */
    recs_model_list_t   list;    /* recs_format_ranked_t, by segment */
    recs_model_list_t   names;   /* bytes, empty where the list is */
} recs_segments_t;

int recs_model_segments(const recs_dataset_t *d, const recs_config_t *c,
    recs_segments_t *s, recs_error_t *err);
void recs_segments_free(recs_segments_t *s);


/*
 * The median of days between two purchases of an item by one user, for items
 * bought again at least 3 times, else 0; to be freed.
 */

float *recs_model_intervals(const recs_dataset_t *d);

/*
 * Pieces of an item sold a day, net of refunds, with a half-life of 28 days,
 * for RECS_COLUMN_DEMAND; to be freed.
 */

float *recs_model_sales(const recs_dataset_t *d);


/* Shared by models. */

/* e^(-ln 2 (now - time) / half-life), times in seconds. */
double recs_decay(uint32_t now, uint32_t time, double half_life);

/* Lower and upper Wilson bound of k successes in n at z. */
double recs_wilson_lower(double k, double n, double z);

/* Log-likelihood ratio G2 of a 2x2 table; 0 where k11 is no surplus. */
double recs_llr(double k11, double k12, double k21, double k22);


/*
 * Item-item counts: for each item i the items j != i that share a row with
 * it, counted once a row, over rows [of "rows"] whose entries are distinct
 * items; rows longer than "max" are sampled down to it deterministically.
 * Calls visit(ctx, thread, i, n, j[], count[]) for each i once.
 */

typedef void (*recs_pairs_pt)(void *ctx, unsigned thread, uint32_t i,
    uint32_t n, const uint32_t *j, const uint32_t *count);

void recs_model_pairs(const recs_rows_t *rows, uint32_t items, uint32_t max,
    unsigned threads, recs_pairs_pt visit, void *ctx);


#endif /* _RECS_BUILDER_MODEL_H_INCLUDED_ */
