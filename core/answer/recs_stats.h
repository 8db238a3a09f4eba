/*
 * Copyright (C) recs authors
 *
 * Sums over the cells of a report (recs_cell.h): which cells by filters,
 * summed up by at most RECS_STATS_BY dimensions, and written as JSON with
 * their rates, intervals and definitions.  The module answers
 * GET /analytics/recommendation-performance by it from a base and its hot
 * layer, "recs-builder report" from the state in memory (recs_cells_flat()).
 *
 *     recs_stats_query_init(&q);
 *     for each argument: recs_stats_arg(&q, &name, &value, &err);
 *     s = recs_stats_init(memory, size, &q, &base->cells,
 *                         hot ? &hot->cells : NULL);
 *     while (recs_stats_step(s, 2000) == RECS_AGAIN) { give way }
 *     do {
 *         recs_out_init(&out, buf, recs_stats_room(s, 64));
 *         rc = recs_stats_json(s, &out, 64);
 *         send it
 *     } while (rc == RECS_AGAIN);
 *
 * Nothing is allocated.  What is given, cells, names and the texts of the
 * question, lives as long as the sums.
 *
 * An hour that the hot layer has takes the place of that of the base, and of
 * the base's day over it; a day that of the base's day and of its hours.  A
 * hot layer whose report was made before that of the base does not count.
 */

#ifndef _RECS_STATS_H_INCLUDED_
#define _RECS_STATS_H_INCLUDED_


#include "../recs_out.h"
#include "../snapshot/recs_cells.h"


#define RECS_STATS_BY          3       /* most dimensions of a group */
#define RECS_STATS_GROUPS      4096    /* most groups, where memory is given
                                          for as many */


typedef enum {
    RECS_STATS_TYPE = 0,         /* name of a strategy */
    RECS_STATS_ALGORITHM,        /* of it */
    RECS_STATS_PLACEMENT,
    RECS_STATS_POSITION,
    RECS_STATS_VARIANT,
    RECS_STATS_SNAPSHOT,         /* 16 hexadecimal digits */
    RECS_STATS_DEVICE,           /* name, recs_device_name() */
    RECS_STATS_REGION,
    RECS_STATS_SEGMENT,
    RECS_STATS_CURRENCY,         /* of orders; clicks have none */
    RECS_STATS_HOUR,             /* its begin, RFC 3339; of cells that are
                                    kept by days that of the day */
    RECS_STATS_DAY,
    RECS_STATS_DIMENSIONS
} recs_stats_dimension_e;

/* The value of a cell in a dimension. */

typedef struct {
    uint64_t            number;  /* of all but names; hours, days: of the
                                    epoch */
    recs_str_t          text;    /* of ALGORITHM and names, empty: unknown */
} recs_stats_value_t;


typedef struct {
    int64_t             from_ms; /* cells whose hour, or day, ends after
                                    this ... */
    int64_t             to_ms;   /* ... and begins before this; INT64_MIN
                                    and INT64_MAX: all */
    uint32_t            filtered;    /* a bit a dimension */
    recs_stats_value_t  filters[RECS_STATS_DIMENSIONS];
    unsigned            by_count;
    uint8_t             by[RECS_STATS_BY];
} recs_stats_query_t;


/* All cells, no groups: the total. */

void recs_stats_query_init(recs_stats_query_t *q);

/*
 * One argument of a question: "from" and "to" (times as in events,
 * recs_parse_time()), "groupBy" ("type,day"), or a dimension but hour and
 * day, with the value to filter by: an empty one means "unknown", a type may
 * be given by its path, too.  The value is kept by reference.  RECS_DECLINED:
 * no such argument; RECS_ERROR with *err.
 */

int recs_stats_arg(recs_stats_query_t *q, const recs_str_t *name,
    const recs_str_t *value, const char **err);

/* After all arguments: RECS_ERROR where "to" is not behind "from". */

int recs_stats_query_check(const recs_stats_query_t *q, const char **err);


typedef struct recs_stats_s  recs_stats_t;

/* The bytes for at most that many groups, 1 and up: some 220 for each. */

size_t recs_stats_size(uint32_t groups);

/*
 * The sums made in "memory" (aligned to 16, recs_stats_size(groups) bytes).
 * "hot" may be NULL, and so may "base" where there is no snapshot with a
 * report.
 */

recs_stats_t *recs_stats_init(void *memory, uint32_t groups,
    const recs_stats_query_t *q, const recs_cells_t *base,
    const recs_cells_t *hot);

/*
 * Looks at no more than "max" cells or parts, or sorts for about as long;
 * 2000 take some 0.2 ms.  RECS_OK: all is done.
 */

int recs_stats_step(recs_stats_t *s, uint32_t max);


/* What has come out, after the last step. */

/* Whether there are groups that did not fit: they are in the total only. */

unsigned recs_stats_truncated(const recs_stats_t *s);

/* What the report is as a whole: that of the hot layer, if it counts; zeros
   where there is none. */

const recs_cell_meta_t *recs_stats_meta(const recs_stats_t *s);

/*
 * One JSON document in pieces: the next "max" groups at most, with the head
 * before the first and the end behind the last.  RECS_AGAIN: there are more;
 * RECS_ERROR: out had no room, nothing of the piece counts as written.
 * recs_stats_room(): what the next piece takes at most.
 *
 *     {"from":TIME|null,"to":TIME|null,"generatedAt":TIME,
 *      "firstEvent":TIME|null,"lastEvent":TIME|null,
 *      "attribution":{"model":"last","clickDays":7,"viewHours":24},
 *      "currency":"EUR"|null,
 *      "events":N,"bots":N,"lost":N,"gaps":N,"overflow":N,
 *      "groupBy":["type","day"],"definitions":{...},
 *      "total":{SUMS},"truncated":false,
 *      "groups":[{"type":"TRENDING"|null,"day":TIME,SUMS},...]}
 *
 * SUMS: the counts "served", "seen", "clicks", "dismissed", "carts",
 * "orders", "orderLines", "units", "revenue", "margin", "refunds",
 * "viewThroughOrders", "viewThroughLines", "viewThroughRevenue" (shares of
 * conversions are decimals); the rates
 * "ctrSeen", "ctrServed", "seenRate", "dismissRate", "addToCartRate",
 * "conversionRate", "refundRate", "viewThroughRate", each null where its
 * denominator is 0, else {"value":0.05,"low":0.04,"high":0.06} with the
 * interval of Wilson at 95 %; "averageOrderValue" and "revenuePerClick",
 * null likewise.  Money is null where it is of several currencies; the one of
 * the total is "currency".  docs/analytics.md defines them; so does
 * "definitions".
 */

size_t recs_stats_room(const recs_stats_t *s, uint32_t max);

/* Number i of SUMS and what it means; RECS_DECLINED behind the last. */

int recs_stats_definition(unsigned i, recs_str_t *name, recs_str_t *text);
int recs_stats_json(recs_stats_t *s, recs_out_t *out, uint32_t max);

/*
 * The same as CSV: a line of names, then a line a group, or the total where
 * there are none.  A rate is one column, one with an interval three (ctrSeen,
 * ctrSeenLow, ctrSeenHigh); what is null is empty.  A name that a spreadsheet
 * would take for a formula has "'" before it.
 */

int recs_stats_csv(recs_stats_t *s, recs_out_t *out, uint32_t max);


#endif /* _RECS_STATS_H_INCLUDED_ */
