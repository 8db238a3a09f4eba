/*
 * Copyright (C) recs authors
 *
 * What became of recommendations: the cells of the report, as section 'S' of
 * a snapshot has them (recs_format.h).
 *
 *   'S' 'h' be32(hour)   the cells of an hour, an array of recs_cell_t in the
 *                        order of recs_cell_compare(), no two of one key
 *   'S' 'd' be32(day)    the same of a whole day that is older than
 *                        "report_hours"; its hour is that of the day's begin
 *   'S' 'j' name         a report ready to be served, JSON text
 *   'S' 'm'              recs_cell_meta_t
 *   'S' 'n' be32(number) a name: of a placement, variant, region or segment
 *
 * Hours and days are of UTC, since 1970.  A hot layer has the hours and days
 * that have changed since its base was built, whole: where it has one, that
 * of the base does not count; the same of names, whose numbers are its own
 * (a layer has all the names of its own cells), and of reports.
 *
 * A cell counts what happened in its hour.  Carts, orders and money are
 * attributed to the recommendation that led to them, and counted in the hour
 * of the cart or the order.  All are integers, so that no order of adding
 * makes a difference.
 */

#ifndef _RECS_CELL_H_INCLUDED_
#define _RECS_CELL_H_INCLUDED_


#include "../recs_types.h"


#define RECS_CELL_HOUR     'h'
#define RECS_CELL_DAY      'd'
#define RECS_CELL_REPORT   'j'
#define RECS_CELL_META     'm'
#define RECS_CELL_NAME     'n'

#define RECS_CELL_UNKNOWN  0xff      /* strategy: nothing says which */
#define RECS_CELL_SHARE    1000000   /* one conversion, in shares of it */
#define RECS_CELL_MIXED    0xffffffff    /* money of several currencies */


typedef struct {

    /* the key */

    uint32_t  hour;              /* epoch hours */
    uint8_t   strategy;          /* recs_strategy_e, RECS_CELL_UNKNOWN; its
                                    algorithm is that of the row */
    uint8_t   device;            /* recs_device_e, never RECS_DEVICE_BOT */
    uint16_t  position;          /* 1-based, 0 unknown, 100 at most */
    uint64_t  snapshot;          /* id of the base it was served from, 0 */
    uint32_t  placement;         /* a name, RECS_NONE unknown */
    uint32_t  variant;
    uint32_t  region;
    uint32_t  segment;
    uint32_t  currency;          /* of the orders, recs_cell_currency();
                                    0 unknown, and of all that is none */
    uint32_t  reserved;

    /* the counts: items, not lists */

    uint64_t  served;            /* in answers */
    uint64_t  seen;              /* told by the page: RECOMMENDATION_VIEW */
    uint64_t  clicks;            /* once per person, item and answer */
    uint64_t  dismissed;

    /* after a click, in RECS_CELL_SHARE by the attribution model */

    uint64_t  carts;
    uint64_t  orders;            /* each once, shared out over its lines */
    uint64_t  lines;             /* of orders */
    uint64_t  units;
    int64_t   revenue;           /* micro; refunds are taken off */
    int64_t   margin;            /* micro, of lines whose cost is known */
    uint64_t  refunds;           /* lines */

    /* without a click, only shown: reported apart, last touch */

    uint64_t  view_orders;       /* in RECS_CELL_SHARE, as orders */
    uint64_t  view_lines;        /* whole ones */
    int64_t   view_revenue;
} recs_cell_t;


typedef struct {
    int64_t   made_ms;           /* when the report was made */
    int64_t   from_ms;           /* the earliest event in it, 0 none */
    int64_t   until_ms;          /* the latest one */
    uint64_t  events;            /* that it has looked at */
    uint64_t  lost;              /* sequences given up: must be 0 */
    uint64_t  gaps;              /* sequences still missing */
    uint64_t  bots;              /* events of bots: in no cell */
    uint64_t  overflow;          /* events of keys beyond "report_cells" */
    uint32_t  hourly;            /* the first hour that is kept as such: all
                                    cells before it are of whole days */
    uint8_t   attribution;       /* recs_attribution_e of the builder */
    uint8_t   click_days;        /* its windows */
    uint8_t   view_hours;
    uint8_t   reserved;
} recs_cell_meta_t;


/* By key, in the order of the members; <0, 0, >0. */

int recs_cell_compare(const recs_cell_t *one, const recs_cell_t *other);

/* The number of a currency: its three capitals, the first one lowest; 0. */

uint32_t recs_cell_currency(const recs_str_t *name);

/*
 * Adds the counts of "from"; the key of "to" stays but for its currency, where
 * "from" has money of one: it is that, or RECS_CELL_MIXED, and the sums of
 * money mean nothing then.  Money beyond what there is room for is INT64_MAX
 * or -INT64_MAX.
 */

void recs_cell_add(recs_cell_t *to, const recs_cell_t *from);

/*
 * The interval of Wilson (1927) of "hits" among n at 95 %, RECS_ERROR for n 0:
 * a rate of nothing is not 0.  hits > n is taken for n.
 */

int recs_cell_wilson(uint64_t hits, uint64_t n, double *low, double *high);


#endif /* _RECS_CELL_H_INCLUDED_ */
