/*
 * Copyright (C) recs authors
 *
 * Between the parts of recs_stats.h.
 */

#ifndef _RECS_STATS_SUMS_H_INCLUDED_
#define _RECS_STATS_SUMS_H_INCLUDED_


#include "recs_stats.h"


#define RECS_STATS_NAMED  4        /* dimensions that are names of a file */


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
    uint32_t             wanted[2][RECS_STATS_NAMED];
                                           /* numbers of names to filter by */
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


/* Whether text says nothing in a dimension: its values are numbers. */

#define recs_stats_number(d)                                                 \
    ((d) == RECS_STATS_TYPE || (d) == RECS_STATS_POSITION                    \
     || (d) == RECS_STATS_SNAPSHOT || (d) == RECS_STATS_DEVICE               \
     || (d) >= RECS_STATS_HOUR)


#endif /* _RECS_STATS_SUMS_H_INCLUDED_ */
