/*
 * Copyright (C) recs authors
 *
 * Between the parts of recs_stats.h.
 */

#ifndef _RECS_STATS_SUMS_H_INCLUDED_
#define _RECS_STATS_SUMS_H_INCLUDED_


#include "recs_stats.h"


/* What a dimension is of: everything about its values goes by it. */

typedef enum {
    RECS_STATS_OF_STRATEGY = 0,
    RECS_STATS_OF_ALGORITHM,       /* of the strategy */
    RECS_STATS_OF_NAME,            /* a number of the file */
    RECS_STATS_OF_NUMBER,          /* 0: unknown, and so below */
    RECS_STATS_OF_SNAPSHOT,
    RECS_STATS_OF_DEVICE,
    RECS_STATS_OF_CURRENCY,
    RECS_STATS_OF_TIME
} recs_stats_of_e;

typedef struct {
    recs_str_t           name;
    recs_stats_of_e      of;
    uint8_t              offset;   /* in recs_cell_t, and how many bytes */
    uint8_t              size;
    uint8_t              hours;    /* in one, of OF_TIME */
} recs_stats_dimension_t;

extern const recs_stats_dimension_t
    recs_stats_dimensions[RECS_STATS_DIMENSIONS];


typedef struct {
    recs_cell_t         sums;
    recs_stats_value_t  values[RECS_STATS_BY];
} recs_stats_group_t;


typedef enum {
    RECS_STATS_BASE = 0,           /* its cells are looked at */
    RECS_STATS_HOT,
    RECS_STATS_HEAP,               /* the groups are made a heap */
    RECS_STATS_SORT,               /* and taken from it */
    RECS_STATS_DONE
} recs_stats_phase_e;


struct recs_stats_s {
    recs_stats_query_t   query;
    const recs_cells_t  *files[2];         /* base, hot; NULL: none */
    uint64_t             wanted[2][RECS_STATS_DIMENSIONS];
                                           /* numbers to filter by */
    unsigned             none[2];          /* no cell of the file can match */

    recs_stats_phase_e   phase;
    uint32_t             part;             /* the next one */
    uint32_t             cell;
    uint32_t             heap;             /* groups still to be sorted */

    recs_cell_t          total;
    unsigned             truncated;
    uint32_t             count;            /* groups */
    uint32_t             max;
    uint32_t             mask;
    uint32_t            *slots;            /* group + 1 by hash */
    uint32_t            *order;            /* groups, sorted */
    recs_stats_group_t  *groups;

    unsigned             begun;            /* the JSON has its head */
    uint32_t             written;          /* groups in it */
};


typedef enum {
    RECS_STATS_COUNT = 0,
    RECS_STATS_SHARES,               /* RECS_CELL_SHARE is one */
    RECS_STATS_MONEY
} recs_stats_kind_e;

typedef struct {
    recs_str_t         name;
    uint16_t           offset;       /* in recs_cell_t */
    recs_stats_kind_e  kind;
    recs_str_t         definition;
} recs_stats_count_t;

/* The interval is that of a share of n, so that both are whole numbers. */

typedef struct {
    recs_str_t         name;
    uint16_t           hits;
    uint16_t           n;
    uint8_t            hits_kind;    /* recs_stats_kind_e */
    uint8_t            n_kind;
    unsigned           interval;
    recs_str_t         definition;
} recs_stats_rate_t;

extern const recs_stats_count_t  recs_stats_counts[];    /* name.len 0 ends */
extern const recs_stats_rate_t   recs_stats_rates[];

/*
 * The sums of all, whose key means nothing; how many groups there are; group
 * i, ascending by its dimensions in the order asked for.
 */

const recs_cell_t *recs_stats_total(const recs_stats_t *s);
uint32_t recs_stats_groups(const recs_stats_t *s);
const recs_cell_t *recs_stats_group(const recs_stats_t *s, uint32_t i,
    recs_stats_value_t values[RECS_STATS_BY]);

#define recs_stats_get(cell, offset)                                         \
    (*(const int64_t *) (const void *) ((const uint8_t *) (cell) + (offset)))


/* Whether a number of sums is one: euros and dollars do not add up. */

#define recs_stats_known(cell, kind)                                         \
    ((kind) != RECS_STATS_MONEY || (cell)->currency != RECS_CELL_MIXED)


/* A rate of some sums in millionths; RECS_DECLINED: it is one of nothing. */

typedef struct {
    int64_t   value;
    int64_t   low;                         /* where "bounded" */
    int64_t   high;
    unsigned  bounded;
} recs_stats_rated_t;

int recs_stats_rated(const recs_stats_rate_t *rate, const recs_cell_t *sums,
    recs_stats_rated_t *r);

/*
 * Writes a value that is the same in JSON and in CSV.  RECS_DECLINED: it is
 * *text, empty: not known, and nothing is written.
 */

int recs_stats_write(unsigned dimension, const recs_stats_value_t *v,
    recs_str_t *text, recs_out_t *out);


/* Whether text says nothing in a dimension: its values are numbers. */

#define recs_stats_number(d)                                                 \
    (recs_stats_dimensions[d].of != RECS_STATS_OF_ALGORITHM                  \
     && recs_stats_dimensions[d].of != RECS_STATS_OF_NAME)


#endif /* _RECS_STATS_SUMS_H_INCLUDED_ */
