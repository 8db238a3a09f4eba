/*
 * Copyright (C) recs authors
 *
 * What the files of the report share.
 *
 * Touches and outcomes are kept as they came.  What each of them counts is a
 * function of all that is kept: whenever something comes, all that it may
 * change is taken out of the cells as it was, and put back as it is when
 * somebody looks.  So no order of coming makes a difference.
 *
 * Whatever is older than RECS_REPORT_LATE by the clock is settled: it counts
 * as it does then, and what comes later to it changes it no more.
 */

#ifndef _RECS_BUILDER_REPORT_PRIVATE_H_INCLUDED_
#define _RECS_BUILDER_REPORT_PRIVATE_H_INCLUDED_


#include <stdlib.h>
#include <string.h>

#include "../../core/answer/recs_strategy.h"
#include "../../core/event/recs_event_type.h"
#include "../../core/event/recs_identity.h"
#include "../../core/recs_hash.h"
#include "../data/catalog.h"
#include "../data/order.h"
#include "../memory.h"
#include "report.h"


#define RECS_REPORT_HOUR       3600000LL
#define RECS_REPORT_DAY        (24 * RECS_REPORT_HOUR)
#define RECS_REPORT_LATE       (48 * RECS_REPORT_HOUR)
#define RECS_REPORT_DOUBLE     30000       /* ms between double clicks */
#define RECS_REPORT_LOOK       1000        /* touches looked at, the latest */
#define RECS_REPORT_CLICKS     100         /* that share a sale, the latest */
#define RECS_REPORT_REPEAT     100         /* clicks before one, the latest */
#define RECS_REPORT_LANE       64          /* steps along a chain */
#define RECS_REPORT_BASKET     200         /* lines of an order */
#define RECS_REPORT_REFUNDS    100         /* of a line, the earliest */
#define RECS_REPORT_POSITION   100
#define RECS_REPORT_PRODUCTS   4000000     /* told apart in quality */
#define RECS_REPORT_NEVER      INT64_MAX
#define RECS_REPORT_MOST       10000000000000000LL  /* micro, of a line */


/* From 64-bit keys to numbers; a key is never taken away. */

typedef struct {
    uint64_t  key;               /* 0: an empty slot */
    uint32_t  value;             /* RECS_NONE: none any more */
} recs_report_slot_t;

typedef struct {
    size_t               count;
    size_t               mask;
    recs_report_slot_t  *slots;
} recs_report_map_t;


typedef enum {
    RECS_TOUCH_CLICK = 0,
    RECS_TOUCH_SEEN,
    RECS_TOUCH_SERVED,
    RECS_TOUCH_DISMISS
} recs_touch_e;

#define RECS_TOUCH_SETTLED  0x01     /* dimensions are resolved */
#define RECS_TOUCH_REPEAT   0x02     /* a double click, where settled */
#define RECS_TOUCH_LISTED   0x04     /* its list was known, where settled */
#define RECS_TOUCH_UNSHOWN  0x08     /* and had not the item, where settled */
#define RECS_TOUCH_DIRECT   0x10     /* put into a cart from the list */

typedef struct {
    int64_t   time;              /* ms */
    uint64_t  user;              /* of the verified user, 0 none */
    uint64_t  session;           /* 0 none */
    uint64_t  rec;               /* key64 of the recommendationId, 0 none */
    uint64_t  item;              /* key64, 0: all of the list */
    uint64_t  view;              /* the base, 0 unknown */
    uint32_t  placement;         /* number of the name, RECS_NONE */
    uint32_t  variant;
    uint32_t  region;
    uint32_t  segment;           /* where settled */
    uint16_t  position;          /* 0 unknown */
    uint8_t   kind;              /* recs_touch_e */
    uint8_t   device;
    uint8_t   strategy;          /* where settled */
    uint8_t   flags;             /* RECS_TOUCH_* */
    uint8_t   out;               /* of the cells (out.c) */
    uint8_t   repeat;            /* a double click, where it counts */
    uint32_t  next[4];           /* RECS_BY_*, newest first; RECS_NONE */
} recs_report_touch_t;

#define RECS_BY_USER     0
#define RECS_BY_SESSION  1
#define RECS_BY_REC      2           /* in no order */
#define RECS_BY_DAY      3           /* of its person, in no order */


typedef enum {
    RECS_OUTCOME_CART = 0,
    RECS_OUTCOME_ORDER
} recs_outcome_e;

#define RECS_OUTCOME_PURCHASE  0x01  /* told by a PURCHASE */
#define RECS_OUTCOME_CHECKOUT  0x02  /* by a CHECKOUT_COMPLETE */
#define RECS_OUTCOME_PRICED    0x04
#define RECS_OUTCOME_SETTLED   0x08  /* its parts are kept */
#define RECS_OUTCOME_CLICKED   0x10  /* a line of an order, given to clicks */
#define RECS_OUTCOME_SHOWN     0x20  /* to what was only shown */
#define RECS_OUTCOME_OUT       0x40  /* of the cells (out.c) */

/*
 * A line: all of a product in a cart or an order.  Several events may tell
 * of one line of an order; what they say is joined, whatever their order.
 */

typedef struct {
    int64_t   time;              /* the earliest */
    uint64_t  user;
    uint64_t  session;
    uint64_t  rec;               /* that it names, 0 none */
    uint64_t  item;
    uint64_t  order;             /* key64 of the orderId, 0 none */
    int64_t   revenue;           /* micro */
    int64_t   quantity;          /* micro, above 0 */
    int64_t   told;              /* when the event told that has the money */
    uint8_t   kind;              /* recs_outcome_e */
    uint8_t   flags;             /* RECS_OUTCOME_* */
    uint8_t   rank;              /* of the event that has the money */
    uint8_t   reserved;
    uint32_t  currency;          /* recs_cell_currency() */
    uint32_t  next[4];           /* RECS_BY_USER, _SESSION, _ORDER, _ITEM */
    uint32_t  part;              /* where settled: the first of its parts */
    uint32_t  parts;
} recs_outcome_t;

#define RECS_BY_ORDER    2
#define RECS_BY_ITEM     3


typedef struct {
    uint64_t  order;
    uint64_t  item;
    int64_t   time;
    int64_t   quantity;          /* micro */
    uint32_t  next;              /* of the same line */
    uint32_t  sold;              /* that line is known, or was */
    uint32_t  told;              /* how often */
    uint32_t  reserved;
} recs_refund_t;

typedef struct {
    uint64_t  order;
    int64_t   back;              /* when all was given back, _NEVER */
    int64_t   last;              /* the latest that is known of it */
    uint32_t  lines;             /* the first outcome */
    uint32_t  purchase;          /* told by a PURCHASE */
    uint32_t  count;             /* of the lines */
    uint32_t  clicked;           /* of these, RECS_OUTCOME_CLICKED */
    uint32_t  shown;             /* and _SHOWN */
    uint32_t  out;               /* so are all of its lines (out.c) */
} recs_order_t;


/* The list of a recommendationId. */

typedef struct {
    uint64_t   rec;
    int64_t    used;             /* the last time */
    int64_t    time;             /* of the LIST event */
    uint64_t   view;
    int64_t    served;           /* times that bias.c has not been told */
    uint64_t   reported;         /* a view of it, in this look (attribute.c) */
    uint64_t  *keys;
    uint32_t   placement;
    uint32_t   variant;
    uint32_t   touches;          /* the first of its own */
    uint16_t   count;            /* of the keys */
    uint8_t    strategy;
    uint8_t    known;            /* 2: something that it was needed for is
                                    settled, so that it stays as it is */
} recs_report_list_t;


typedef struct {
    uint64_t  item;
    int64_t   cost;              /* micro, RECS_NO_MONEY */
    int64_t   time;              /* when that was told */
    uint64_t  lines;             /* of events */
    uint32_t  outcomes;          /* the first one */
    uint32_t  known;             /* a row of the catalogue has come */
} recs_report_product_t;


/*
 * The segment of a user, by the latest row of the users; "told" takes its
 * place all at once, when somebody looks (people.c).
 */

typedef struct {
    uint64_t  user;
    int64_t   time;              /* of the row */
    uint32_t  segment;           /* a name, RECS_NONE */
    uint32_t  told;
} recs_report_person_t;

/* Who gets another name, 0: he is not known any more. */

typedef struct {
    recs_report_map_t   by_who;
    uint64_t           *to;
    size_t              count;
    size_t              cap;
} recs_report_names_t;


/* A person's day, and a minute of it in which he looked at something. */

typedef struct {
    uint64_t  who;               /* the user, else the session */
    int64_t   day;
    uint64_t  events;
    uint32_t  looks;             /* different seconds */
    uint32_t  touches;           /* the first one */
    uint32_t  judged;            /* a program */
    uint32_t  reserved;
} recs_report_pace_t;

typedef struct {
    uint64_t  who;
    int64_t   minute;
    uint64_t  seconds;           /* a bit each */
} recs_report_minute_t;


/* What something is counted by, but for its hour. */

typedef struct {
    uint64_t  snapshot;
    uint32_t  placement;
    uint32_t  variant;
    uint32_t  region;
    uint32_t  segment;
    uint16_t  position;
    uint8_t   strategy;
    uint8_t   device;
    uint32_t  currency;          /* of the outcome, not of the touch */
} recs_dims_t;

/* What part of an outcome a touch is given. */

typedef struct {
    recs_dims_t  dims;
    uint32_t     share;          /* of RECS_CELL_SHARE */
    uint32_t     shown;          /* not clicked: a view-through */
} recs_part_t;


/* How often a product was shown and clicked at a place, by type. */

#define RECS_BIAS_POSITIONS  20
#define RECS_BIAS_MAX        2000000       /* rows */

typedef struct {
    uint64_t  item;
    int64_t   served;
    int64_t   clicks;
    uint8_t   strategy;
    uint8_t   position;
    uint8_t   reserved[6];
} recs_bias_t;


typedef struct {
    uint64_t  turn;              /* of the last change */
    uint32_t  hour;
    uint32_t  first;             /* of its cells */
    uint32_t  full;              /* no more keys */
} recs_report_hour_t;


/* Counters of the quality report; order does not matter to them. */

#define RECS_QUALITY_FIELDS   12
#define RECS_QUALITY_BUCKETS  5

typedef struct {
    uint64_t  events[256];
    uint64_t  lines[256];
    uint64_t  missing[256][RECS_QUALITY_FIELDS];
    uint64_t  lists;
    uint64_t  exposures;
    uint64_t  late[RECS_QUALITY_BUCKETS];
    uint64_t  future;
    uint64_t  behind[RECS_QUALITY_BUCKETS];
    uint64_t  ahead[RECS_QUALITY_BUCKETS];
    uint64_t  unordered;         /* arrived in a later hour */
    uint64_t  repeated;          /* lines of orders told again */
    uint64_t  doubles;           /* clicks */
    uint64_t  clicks;            /* all of them */
    uint64_t  untold;            /* clicks without a recommendationId */
    uint64_t  products;          /* lines beyond RECS_REPORT_PRODUCTS */
    uint64_t  paced;             /* events of programs, by their pace */
    uint64_t  named;             /* touches of an item of an answer */
    uint64_t  unshown;           /* which it did not hold */
    uint64_t  asked;             /* of them clicks */
    uint64_t  unlisted;          /* whose list is not known */
    uint64_t  refunds;           /* of lines of orders */
    uint64_t  unsold;            /* that nobody has told of, and are gone */
    uint64_t  beyond;            /* RECS_REPORT_REFUNDS, as often as told */
    uint64_t  direct;            /* carts that are clicks */
} recs_quality_t;


typedef struct {
    uint32_t  *numbers;
    size_t     count;
    size_t     cap;
} recs_report_set_t;


/* Numbers of a long chain (chain.c), in its order. */

typedef recs_report_set_t  recs_report_lane_t;


struct recs_report_s {
    const recs_config_t    *config;
    int64_t                 click_ms;      /* the windows */
    int64_t                 view_ms;
    int64_t                 refund_ms;
    uint32_t                shop_len;

    uint64_t                turn;
    int64_t                 now_ms;
    uint32_t                folded;        /* hours before it are days */
    uint32_t                swept;         /* hour of the last sweep */

    recs_cell_meta_t        meta;
    recs_quality_t          quality;
    recs_names_t           *names;
    recs_catalog_t         *catalog;

    recs_report_touch_t           *touches;
    size_t                  touch_count;
    size_t                  touches_cap;
    recs_outcome_t         *outcomes;
    size_t                  outcome_count;
    size_t                  outcomes_cap;
    recs_refund_t          *refunds;
    size_t                  refund_count;
    size_t                  refunds_cap;
    recs_order_t           *orders;
    size_t                  order_count;
    size_t                  orders_cap;
    recs_report_list_t     *lists;
    size_t                  list_count;
    size_t                  lists_cap;
    recs_report_product_t  *products;
    size_t                  product_count;
    size_t                  products_cap;
    recs_report_person_t   *people;
    size_t                  person_count;
    size_t                  people_cap;
    unsigned                people_told;   /* some have another segment */
    recs_report_pace_t     *paces;
    size_t                  pace_count;
    size_t                  paces_cap;
    recs_report_minute_t   *minutes;
    size_t                  minute_count;
    size_t                  minutes_cap;
    size_t                  judged;        /* of the paces */
    size_t                  direct;        /* touches, not settled */
    recs_part_t            *parts;         /* of settled outcomes */
    size_t                  part_count;
    size_t                  parts_cap;
    recs_bias_t            *bias;
    size_t                  bias_count;
    size_t                  bias_cap;

    recs_report_map_t       by_click;      /* identity, item: touches */
    recs_report_map_t       by_shown;      /* identity: touches */
    recs_report_map_t       by_outcome;    /* identity: outcomes */
    recs_report_map_t       by_line;       /* order, item: outcomes */
    recs_report_map_t       by_refund;     /* order, item: refunds */
    recs_report_map_t       by_order;
    recs_report_map_t       by_list;
    recs_report_map_t       by_product;
    recs_report_map_t       by_bias;
    recs_report_map_t       by_person;
    recs_report_map_t       by_pace;       /* who, day */
    recs_report_map_t       by_minute;     /* who, minute */

    recs_cell_t            *cells;         /* names by arrival */
    uint32_t               *cell_next;     /* of the same hour */
    size_t                  cell_count;
    size_t                  cells_cap;
    size_t                  cell_next_cap;
    uint32_t               *cell_slots;    /* number + 1, 0: empty */
    size_t                  cell_mask;
    recs_report_hour_t     *hours;
    size_t                  hour_count;
    size_t                  hours_cap;
    recs_report_map_t       by_hour;

    recs_report_lane_t     *lanes;
    size_t                  lane_count;
    size_t                  lanes_cap;
    recs_report_map_t       by_lane;       /* chain: lanes */

    recs_report_set_t       out_touches;   /* of the cells */
    recs_report_set_t       out_outcomes;
    int64_t                *since;
    size_t                  since_count;
    size_t                  since_cap;
    recs_report_map_t       by_since;      /* chain: since */

    uint64_t                looks;         /* for what was shown */
    unsigned                served;        /* in this look, too */
    recs_part_t            *scratch;
    size_t                  scratch_cap;
    uint32_t               *clicks;        /* candidates */
    size_t                  clicks_cap;

    recs_cell_t            *view_cells;    /* with others' numbers */
    size_t                  view_cap;
    recs_str_t             *view_names;
    size_t                  view_names_cap;
};


/* map.c */

void recs_report_map_clear(recs_report_map_t *map);
uint32_t recs_report_map_get(const recs_report_map_t *map, uint64_t key);

/* RECS_NONE where the key is new; valid until the next one. */

uint32_t *recs_report_map_at(recs_report_map_t *map, uint64_t key);
uint64_t recs_report_mix(uint64_t one, uint64_t other);

void recs_report_set_add(recs_report_set_t *set, uint32_t n);


/*
 * chain.c: numbers of touches (maps by_click, by_shown) and outcomes (map
 * by_outcome), chained by next[by], newest first.
 */

void recs_report_chain_add(recs_report_t *r, recs_report_map_t *map,
    uint64_t key, unsigned by, uint32_t n);
void recs_report_chain_remove(recs_report_t *r, recs_report_map_t *map,
    uint64_t key, unsigned by, uint32_t n);

/* The first that is not after a time, RECS_NONE. */

uint32_t recs_report_chain_seek(recs_report_t *r, recs_report_map_t *map,
    uint64_t key, unsigned by, int64_t time);

/* Leaves out the touches of programs. */

void recs_report_chain_purge(recs_report_t *r, recs_report_map_t *map,
    uint64_t key, unsigned by);

/* Of all chains what is known of them, but not their links. */

void recs_report_chain_clear(recs_report_t *r);


/* report.c: of a person's identity, 0: there is none. */

uint64_t recs_report_hash(const recs_identity_t *identity);


/* touch.c */

void recs_report_touch(recs_report_t *r, const recs_report_touch_t *touch);
void recs_report_touch_link(recs_report_t *r, uint32_t n);
void recs_report_touch_count(recs_report_t *r, uint32_t n, int sign);

/* Whether a click is a double click, as _repeated() has found out last. */

unsigned recs_report_touch_repeat(const recs_report_t *r, uint32_t n);
void recs_report_touch_repeated(recs_report_t *r, uint32_t n);

void recs_report_touch_dims(const recs_report_t *r,
    const recs_report_touch_t *t, uint64_t item, recs_dims_t *dims);

/* Whether its answer held the item, as far as that is known. */

unsigned recs_report_touch_shown(const recs_report_t *r,
    const recs_report_touch_t *t);

/* The list of a touch, NULL: unknown. */

const recs_report_list_t *recs_report_touch_list(const recs_report_t *r,
    const recs_report_touch_t *t);

/* A total order, newest first; 0: they are the same. */

int recs_report_touch_compare(const recs_report_t *r,
    const recs_report_touch_t *one, const recs_report_touch_t *other);

/* The second key of who has no other: what names the same answer. */

uint64_t recs_report_session(uint64_t user, uint64_t session, uint64_t rec);

/* Takes out the outcomes that a touch may change. */

void recs_report_touch_affects(recs_report_t *r, const recs_report_touch_t *t);

/* The chain that a touch is in: its map, NULL: it is in none; *key. */

recs_report_map_t *recs_report_touch_chain(recs_report_t *r,
    const recs_report_touch_t *t, unsigned by, uint64_t *key);

/* Takes out the clicks that one may make double clicks. */

void recs_report_touch_repeats(recs_report_t *r, const recs_report_touch_t *t);


/*
 * pace.c: an event of a person, before what it says is counted; whether a
 * touch is that of a program, by what is known up to now.
 */

void recs_report_pace(recs_report_t *r, const recs_event_t *e);
unsigned recs_report_judged(const recs_report_t *r,
    const recs_report_touch_t *t);

/* Puts a touch into the chain of its person's day. */

void recs_report_pace_link(recs_report_t *r, uint32_t n);

/* The verdict on a day stays: its minutes are of no use any more. */

unsigned recs_report_minute_kept(const recs_report_t *r,
    const recs_report_minute_t *m);
void recs_report_pace_sweep(recs_report_t *r);

/* Without the chains; both need recs_report_index() afterwards. */

void recs_report_pace_index(recs_report_t *r);
void recs_report_pace_rename(recs_report_t *r,
    const recs_report_names_t *names);


/* forget.c: the new name, or the old one where there is none. */

uint64_t recs_report_named(const recs_report_names_t *names, uint64_t who);


/* list.c */

recs_report_list_t *recs_report_list(recs_report_t *r, uint64_t rec);
const recs_report_list_t *recs_report_list_known(const recs_report_t *r,
    uint64_t rec);
void recs_report_list_set(recs_report_t *r, const recs_event_t *e);

/* 1-based; 0: it is not in it. */

unsigned recs_report_list_position(const recs_report_list_t *list,
    uint64_t item);


/* people.c */

void recs_report_person(recs_report_t *r, uint64_t user, uint32_t segment,
    int64_t time);
uint32_t recs_report_segment(const recs_report_t *r, uint64_t user);

void recs_report_people_rename(recs_report_t *r,
    const recs_report_names_t *names);
void recs_report_people_index(recs_report_t *r);

/* What was told of users counts from here on, and in all that is kept. */

void recs_report_people(recs_report_t *r);

/* Takes all that is kept out of the cells (-1) or puts it back (1). */

void recs_report_recount(recs_report_t *r, int sign);


/* outcome.c */

void recs_report_cart(recs_report_t *r, const recs_outcome_t *line);
void recs_report_line(recs_report_t *r, const recs_outcome_t *line);
void recs_report_refund(recs_report_t *r, const recs_refund_t *refund);
void recs_report_order_state(recs_report_t *r, uint64_t order, int64_t time,
    unsigned purchase, unsigned back);
recs_report_product_t *recs_report_product(recs_report_t *r, uint64_t item);
recs_order_t *recs_report_order(recs_report_t *r, uint64_t order);
void recs_report_outcome_link(recs_report_t *r, uint32_t n);
void recs_report_refund_link(recs_report_t *r, uint32_t n);
unsigned recs_report_refund_sold(const recs_report_t *r,
    const recs_refund_t *refund);


/*
 * out.c: takes a touch or an outcome out of the cells, before what it counts
 * changes, with all that depends on it.  Calls itself for nothing twice.
 */

void recs_report_out_touch(recs_report_t *r, uint32_t n);
void recs_report_out_outcome(recs_report_t *r, uint32_t n);

/* Without the other lines of its order. */

void recs_report_out_line(recs_report_t *r, uint32_t n);

/*
 * From when on all of a chain is out, _NEVER: nothing is; the caller takes out
 * what is between "time" and that, if it is later.
 */

int64_t recs_report_out_since(recs_report_t *r, uint64_t chain, int64_t time);

/* Puts all back: before anybody looks at cells or quality. */

void recs_report_back(recs_report_t *r);


/*
 * basket.c: takes out what counts less or more where a line of its order
 * does; sees to what a line is given, before any of its order is put back;
 * what part of its order it counts, of RECS_CELL_SHARE.
 */

void recs_report_basket(recs_report_t *r, const recs_outcome_t *o);
void recs_report_basket_given(recs_report_t *r, uint32_t n);
uint32_t recs_report_basket_share(const recs_report_t *r,
    const recs_outcome_t *o);

/* count.c: what an outcome counts. */

void recs_report_outcome_count(recs_report_t *r, uint32_t n, int sign);

/* Whether it counts: an order's CHECKOUT_COMPLETE may not. */

unsigned recs_report_outcome_counts(const recs_report_t *r,
    const recs_outcome_t *o);

/* Money or pieces of a line, RECS_REPORT_MOST at most. */

int64_t recs_report_clamp(__int128 sum);


/* attribute.c: the parts of an outcome, in r->scratch; how many. */

uint32_t recs_report_attribute(recs_report_t *r, const recs_outcome_t *o);

/* Shares of RECS_CELL_SHARE of n touches, the oldest first. */

void recs_report_shares(unsigned model, const int64_t *times, uint32_t n,
    uint32_t *shares);


/* cells.c */

uint32_t recs_report_hour(const recs_report_t *r, int64_t time);
void recs_report_cell(recs_report_t *r, const recs_dims_t *dims,
    uint32_t hour, const recs_cell_t *counts, int sign);
void recs_report_fold(recs_report_t *r, uint32_t before);
void recs_report_cells_put(recs_report_t *r, const recs_cell_t *cell);
recs_report_hour_t *recs_report_hour_get(recs_report_t *r, uint32_t hour);
uint32_t recs_report_name(recs_report_t *r, const recs_str_t *name);
int recs_report_name_compare(const recs_report_t *r, uint32_t one,
    uint32_t other);


/*
 * view.c: numbers the names that are used (1 in "used", which has their
 * numbers then) in order of their bytes; how many.
 */

uint32_t recs_report_rename(const recs_report_t *r, uint32_t *used,
    recs_str_t *names);


/* bias.c */

void recs_report_bias(recs_report_t *r, uint8_t strategy, uint64_t item,
    unsigned position, int64_t served, int64_t clicks);

/* What a list has been served goes into the table. */

void recs_report_bias_list(recs_report_t *r, recs_report_list_t *list);
json_t *recs_report_bias_make(recs_report_t *r);


/* quality.c */

void recs_report_quality(recs_report_t *r, const recs_event_t *e);
json_t *recs_report_quality_make(recs_report_t *r);


/* sweep.c: whether a time was before the window that ends now. */

unsigned recs_report_past(const recs_report_t *r, int64_t time,
    int64_t window);

/* Makes the indices anew, after things have gone; without: empties them. */

void recs_report_index(recs_report_t *r);
void recs_report_index_clear(recs_report_t *r);


#endif /* _RECS_BUILDER_REPORT_PRIVATE_H_INCLUDED_ */
