/*
 * Copyright (C) recs authors
 *
 * The dataset: everything that models and reports read, as columns.  Filled
 * by a sink (recs_dataset_add), then finished once: items numbered by
 * popularity, categories in preorder, indices by session and by user.
 * A row costs 21 bytes and 8 of indices, 2 more where events tell seconds, 1
 * where they tell regions, and 24 where there are an order, a price or a
 * rating; a session costs 12 besides its key, a search 24.  Stated in
 * docs/builder.md.
 */

#ifndef _RECS_BUILDER_DATASET_H_INCLUDED_
#define _RECS_BUILDER_DATASET_H_INCLUDED_


#include "../../core/event/recs_event.h"
#include "../../core/snapshot/recs_format.h"
#include "../config.h"
#include "../memory.h"


/* What money, orders and ratings say, for the rows that have it. */

typedef struct {
    uint32_t  order;             /* number of the order, RECS_NONE */
    int16_t   rating;            /* stars x 1000, 0 none */
    uint8_t   imported;          /* nobody's, in an order of the shop's own
                                    files */
    int64_t   price;             /* micro a piece, RECS_NO_MONEY */
    int64_t   quantity;          /* micro, negative for a refund */
} recs_detail_t;


/*
 * Whose a session is: that of the latest event whose user was verified; the
 * browser's (anonymousId) where no event named a user.
 */

typedef struct {
    uint32_t  user;              /* NONE: nobody's */
    uint32_t  time;              /* of that event, epoch seconds */
    uint32_t  since;             /* somebody else's before, 0 nobody's */
} recs_owner_t;


/* Who looked for what: an event with a query, by time. */

typedef struct {
    uint64_t  query;             /* recs_key64_search() */
    uint32_t  time;              /* epoch seconds */
    uint32_t  user;              /* number of the identity, NONE */
    uint32_t  session;           /* NONE */
} recs_search_t;


/* A change of price, in order of (item, time). */

typedef struct {
    uint32_t  item;
    uint32_t  time;              /* epoch seconds */
    int64_t   price;             /* micro */
} recs_price_t;


/*
 * A product; strings live as long as the dataset.  "attributes" is sorted:
 * key64 of "name" and key64 of the value, and the number where it is one.
 */

typedef struct {
    uint64_t  name;
    uint64_t  value;
    double    number;            /* NAN where it is a word */
} recs_attribute_t;

typedef struct {
    recs_str_t         id;
    recs_str_t         title;
    recs_str_t         url;
    recs_str_t         image;
    recs_str_t         description;
    uint64_t           key64;
    uint64_t           regions;        /* bits, 0 all */
    int64_t            price;          /* micro, RECS_NO_MONEY */
    int64_t            list_price;
    int64_t            reference_price;
    int64_t            cost;
    int64_t            created_ms;     /* 0 unknown */
    recs_attribute_t  *attributes;
    uint32_t           attribute_count;
    uint32_t           category;       /* RECS_NONE */
    uint32_t           brand;          /* RECS_NONE */
    int32_t            stock;          /* RECS_NO_STOCK */
    uint16_t           rating;         /* stars x 1000, 0 none */
    uint32_t           rating_count;
    float              ctr;            /* below 0 unknown */
    uint8_t            currency;
    uint8_t            listed;
    uint8_t            tier;           /* of the upgrade ladder, 0 none */
} recs_product_t;


/*
 * Why lines are not believed.  A person is a user, else a session; what was
 * bought is no sign of a program.  A product's crowd are those who know
 * nothing else, but for buyers in files that were imported.  Nobody's are
 * lines without a user and a session, but for orders in such files.
 */

typedef enum {
    RECS_DOUBT_AGENT = 0,        /* the device is a bot, by its own name */
    RECS_DOUBT_PACE,             /* trust_minute seconds of a minute with a
                                    product, or trust_day of a day */
    RECS_DOUBT_RHYTHM,           /* a hundred times the same pause */
    RECS_DOUBT_REPEAT,           /* trust_repeat times on one day nearly
                                    nothing but one product */
    RECS_DOUBT_CROWD,            /* on one day, or in 28, the product's crowd
                                    is trust_crowd times what it usually is,
                                    as against those who know others, too:
                                    some of it, drawn by lot, is believed */
    RECS_DOUBT_NAMELESS,         /* nobody's: more than trust_nameless of a
                                    product on a day, or in 28 days as much
                                    more than people's as a crowd's */
    RECS_DOUBT_UNSHOWN,          /* a click on what its answer did not hold */
    RECS_DOUBT_UNSOLD,           /* what was not bought, or had already been
                                    given back, was given back */
    RECS_DOUBT_MAX
} recs_doubt_e;

extern const char *const  recs_doubts[RECS_DOUBT_MAX];


/* Compressed rows: row r is entries [offsets[r], offsets[r + 1]). */

typedef struct {
    uint32_t   rows;
    uint64_t  *offsets;          /* rows + 1 */
    uint32_t  *entries;
} recs_rows_t;


typedef struct {

    /* events, in order of (time, arrival) */

    uint64_t         events;
    uint32_t        *time;             /* epoch seconds */
    uint32_t        *item;             /* RECS_NO_ITEM: none */
    uint32_t        *user;             /* number of the identity, NONE */
    uint32_t        *session;          /* NONE */
    uint32_t        *detail;           /* index in details, NONE */
    uint8_t         *type;             /* RECS_EVENT_* */
    uint16_t        *duration;         /* seconds, NULL: no event has one */
    uint8_t         *region;           /* number + 1, 0 none; NULL: likewise */

    recs_detail_t   *details;
    uint32_t         detail_count;
    recs_search_t   *searches;
    uint32_t         search_count;

    /* users (of userId, else of anonymousId) and sessions */

    recs_keys16_t   *users;
    recs_keys16_t   *sessions;
    recs_owner_t    *owners;           /* by session */
    recs_rows_t      by_user;          /* rows of events, oldest first */
    recs_rows_t      by_session;

    /*
     * Baskets: the distinct items bought together, one row an order (the
     * union of its lines) or, without an order id, a session's purchases.
     */

    recs_rows_t      baskets;          /* entries are items, ascending */
    uint32_t        *basket_time;

    /* products, by popularity */

    uint32_t         items;
    recs_product_t  *products;
    float           *popularity;       /* decayed implicit feedback */
    uint32_t        *item_baskets;     /* n_i */
    recs_price_t    *prices;
    uint32_t         price_count;

    /* categories in preorder, brands, tags, regions, currencies */

    uint32_t         categories;
    recs_str_t      *category_path;    /* joined by "/" */
    uint32_t        *category_end;
    uint32_t        *category_parent;
    uint32_t         brands;
    recs_str_t      *brand_name;
    uint32_t         tags;
    recs_str_t      *tag_name;         /* lower case: "tag", "name=value" */
    recs_rows_t      item_tags;        /* one row a product, ascending */
    uint32_t         regions;
    recs_str_t       region_name[RECS_FORMAT_REGIONS];
    uint8_t          currencies[RECS_FORMAT_CURRENCIES][4];

    /* the clock and the sums */

    int64_t          now_ms;           /* config, or the newest event */
    int64_t          newest_ms;
    uint64_t         refunds;          /* refund lines */
    uint64_t         anonymous;        /* activity lines without userId */
    uint64_t         unknown;          /* lines of products not listed */
    uint64_t         doubted[RECS_DOUBT_MAX];  /* lines not believed */
    int64_t          revenue;          /* micro, net of refunds */
    unsigned         catalogue;        /* a catalogue was given */

    void            *private;
} recs_dataset_t;


/*
 * A dataset for one shop.  Lifecycle: create, add events (it is a
 * recs_sink_pt with ctx the dataset), finish once, read, destroy.  "config"
 * lives as long as the dataset.
 *
 * Rows have the types of what they count as: a cart is ADD_TO_CART however
 * it was filled; a purchase is PURCHASE, also where only CHECKOUT_COMPLETE
 * told of it.  Rows of orders that were cancelled or wholly refunded, and
 * of products that are not listed, are gone after finish.
 */

recs_dataset_t *recs_dataset_create(const recs_config_t *config);
int recs_dataset_add(void *dataset, const recs_event_t *e, recs_error_t *err);

/*
 * RECS_ERROR: two products with one key64, more than 64 regions or 16
 * currencies (the message names them).
 */

int recs_dataset_finish(recs_dataset_t *d, recs_error_t *err);
void recs_dataset_destroy(recs_dataset_t *d);

/* All lines that are not believed. */

uint64_t recs_dataset_doubted(const recs_dataset_t *d);

/*
 * What a finished dataset knew before a moment (epoch seconds), for a share
 * (0..1] of its people, drawn by their numbers: whole users, and sessions of
 * nobody; baskets and prices of everybody.  A basket is of the time of its
 * first line.  Items, names, identities and whose a session is are those of
 * "d", which must outlive the part; the clock is the part's newest event.
 */

recs_dataset_t *recs_dataset_part(const recs_dataset_t *d, uint32_t before,
    double share);
void recs_dataset_part_destroy(recs_dataset_t *part);

/*
 * The same without the last visit of each user who came twice: the lines that
 * have the time of the user's last one.  Prices are all there.
 */

recs_dataset_t *recs_dataset_part_last(const recs_dataset_t *d);

/*
 * The implicit feedback of a row, without decay, and of the decayed sum of
 * the rows of one identity and item: many views of one product by one
 * visitor are no more than a hint, so a sum s counts as log2(1 + s).
 */

double recs_dataset_weight(const recs_dataset_t *d, uint32_t row);
double recs_dataset_feedback(double sum);


/*
 * The reference of the European Omnibus directive, of the changes of one
 * product's price: the lowest one of the 30 days before the last drop, among
 * them that which was valid when the 30 days began.  RECS_NO_MONEY: it has
 * not come down.
 */

int64_t recs_dataset_reference(const recs_price_t *prices, uint32_t n);

/*
 * Whether a snapshot may have an identity: it is under a key of the key file.
 */

unsigned recs_dataset_keeps(const recs_dataset_t *d,
    const uint8_t *identity);

/* The stable order of n keys, ascending; to be freed. */

uint32_t *recs_dataset_permutation(const uint32_t *keys, uint32_t n);


#endif /* _RECS_BUILDER_DATASET_H_INCLUDED_ */
