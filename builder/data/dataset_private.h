/*
 * Copyright (C) recs authors
 *
 * What the files of the dataset share while it is being filled: products and
 * orders by number of arrival, strings by number.  Freed by finish.
 */

#ifndef _RECS_BUILDER_DATASET_PRIVATE_H_INCLUDED_
#define _RECS_BUILDER_DATASET_PRIVATE_H_INCLUDED_


#include <string.h>

#include "catalog.h"
#include "dataset.h"


/* Most regions of events that are told apart before they are numbered. */

#define RECS_DATASET_REGIONS  255


/* Of a product: some of the pool of tags. */

typedef enum {
    RECS_RAW_TAGS = 0,
    RECS_RAW_VALUES,                   /* attributes as "name=value" */
    RECS_RAW_TAGS_MAX
} recs_raw_tags_e;

typedef struct {
    size_t    first;
    uint32_t  count;
    uint32_t  room;
} recs_raw_tags_t;


/* A product by number of its id; strings, category, ... by their numbers. */

typedef struct {
    uint32_t  title;
    uint32_t  url;
    uint32_t  image;
    uint32_t  description;
    uint32_t  category;
    uint32_t  brand;
    uint32_t  currency;
    uint32_t  tier;
    uint32_t  attribute_count;
    uint64_t  attributes;              /* first one in the pool */
    uint64_t  regions;
    int64_t   price;
    int64_t   list_price;
    int64_t   cost;
    int64_t   created_ms;
    int64_t   updated_ms;
    int64_t   event_price;             /* newest in events */
    uint32_t  event_time;
    uint32_t  rating_count;
    int32_t   rating;
    int32_t   stock;
    recs_raw_tags_t  tags[RECS_RAW_TAGS_MAX];
    uint8_t   known;                   /* has a row of the catalogue */
    uint8_t   listed;
} recs_raw_t;


/* Prices in order of arrival, "item" is the number of the id. */

typedef struct {
    recs_price_t  *prices;
    size_t         count;
    size_t         cap;
} recs_raw_prices_t;


/* What an answer held, about; a row that says what must be looked at. */

typedef struct {
    uint64_t  rec;                     /* odd, 0: an empty slot */
    uint64_t  shown[4];                /* two bits a product */
} recs_dataset_list_t;

typedef struct {
    uint64_t  rec;
    uint64_t  item;                    /* key64 */
    uint32_t  row;
    uint32_t  refund;                  /* else it is a click */
} recs_dataset_claim_t;


typedef struct {
    const recs_config_t  *config;
    recs_catalog_t       *catalog;

    float                 weight[256];     /* by type of event */
    float                 star[256];       /* ... of a star above three */

    recs_names_t         *ids;
    recs_names_t         *strings;
    recs_names_t         *paths;           /* of categories */
    recs_names_t         *brands;
    recs_names_t         *regions;
    recs_names_t         *event_regions;   /* RECS_DATASET_REGIONS at most */
    recs_names_t         *currencies;
    recs_names_t         *tiers;

    recs_raw_t           *raw;             /* by number of the id */
    size_t                raw_count;
    size_t                raw_cap;
    uint32_t             *parent;          /* by number of the path */
    size_t                parent_cap;
    recs_attribute_t     *attributes;
    size_t                attribute_count;
    size_t                attribute_cap;
    recs_names_t         *tag_names;
    uint32_t             *tags;            /* by number of the name */
    size_t                tag_count;
    size_t                tags_cap;

    recs_raw_prices_t     catalogue_prices;
    recs_raw_prices_t     event_prices;

    recs_keys16_t        *orders;
    uint8_t              *order_flags;
    size_t                order_cap;
    uint64_t              nameless;        /* orders without an id */

    uint8_t              *named;           /* by user: has a userId */
    size_t                named_cap;
    uint8_t              *paid[2];         /* by user, by session: has bought,
                                              as the shop's own files say */
    size_t                paid_cap[2];
    size_t                owner_count;
    size_t                owners_cap;

    recs_keys16_t        *formers;         /* identities under older keys */
    uint32_t             *former_user;     /* whose they are now */
    size_t                former_cap;

    recs_dataset_list_t  *list_table;
    size_t                list_slots;
    size_t                list_count;
    recs_dataset_claim_t *claims;
    size_t                claim_count;
    size_t                claims_cap;

    size_t                rows_cap[8];     /* of the columns */
    size_t                details_cap;
    size_t                searches_cap;
    uint32_t              last_time;
    unsigned              unsorted;

    uint64_t              user_rows;       /* only counted for now */
    uint64_t              lists;
    uint64_t              exposures;
} recs_dataset_private_t;


/* dataset_product.c: products by number of arrival, rows of the catalogue. */

uint32_t recs_dataset_raw(recs_dataset_private_t *p, const recs_str_t *id);
int recs_dataset_product(recs_dataset_t *d, const recs_event_t *e,
    recs_error_t *err);

/* dataset_former.c: who somebody was under older keys. */

void recs_dataset_former(recs_dataset_t *d, const recs_event_t *e,
    uint32_t user);
void recs_dataset_formers(recs_dataset_t *d);

/* dataset_order.c: which order a line belongs to, and what came of it. */

uint32_t recs_dataset_order(recs_dataset_private_t *p, const recs_event_t *e);
void recs_dataset_settle(recs_dataset_t *d);
void recs_dataset_move(recs_dataset_t *d, uint32_t to, uint32_t from);

/*
 * dataset_sequence.c: answers, and rows as they come; recs_dataset_sequences()
 * doubts those that cannot be, before recs_dataset_settle() drops them.
 */

void recs_dataset_list(recs_dataset_t *d, const recs_event_t *e);
void recs_dataset_claim(recs_dataset_t *d, const recs_event_t *e,
    const recs_str_t *product, uint32_t row);
void recs_dataset_sequences(recs_dataset_t *d);

/*
 * dataset_owner.c: recs_dataset_own() says that a session is a user's,
 * recs_dataset_owners() gives the user the rows from before the login.
 */

void recs_dataset_own(recs_dataset_t *d, uint32_t session, uint32_t user,
    uint32_t time);
void recs_dataset_owners(recs_dataset_t *d);

/* Whether what nobody did at "time" in a session was its owner. */

unsigned recs_dataset_owns(const recs_dataset_private_t *p,
    const recs_owner_t *owner, uint32_t time);

/* dataset_trust.c: takes rows of who is not believed away, after the index. */

void recs_dataset_trust(recs_dataset_t *d);

/* dataset_search.c: searches; recs_dataset_searches() after the owners. */

void recs_dataset_search(recs_dataset_t *d, const recs_str_t *query,
    uint32_t time, uint32_t user, uint32_t session);
void recs_dataset_searches(recs_dataset_t *d);

/* dataset_sort.c: rows by time. */

void recs_dataset_sort(recs_dataset_t *d);
void recs_dataset_index(recs_dataset_t *d);
void recs_rows_free(recs_rows_t *rows);

/*
 * dataset_popularity.c: feedback by number of the id, and the new number of
 * each product, RECS_NO_ITEM where it is not listed.  Both to be freed.
 */

float *recs_dataset_popularity(const recs_dataset_t *d);
uint32_t *recs_dataset_number(recs_dataset_t *d, const float *popularity);

/*
 * dataset_category.c, dataset_name.c: number categories, brands, regions and
 * currencies of what is listed, and set those of the products.
 */

int recs_dataset_categories(recs_dataset_t *d, const uint32_t *number,
    recs_error_t *err);
int recs_dataset_names(recs_dataset_t *d, const uint32_t *number,
    recs_error_t *err);

/* dataset_tier.c: the steps of products; after recs_dataset_items(). */

void recs_dataset_tiers(recs_dataset_t *d, const uint32_t *number);

/*
 * dataset_tag.c: recs_dataset_tags_add() takes the tags of a row, or its
 * attributes as tags; recs_dataset_tags() numbers those of what
 * is listed.  Left out are the values of an attribute that has more than
 * 1,000 and fewer than two products a value, and beyond 1,000,000 in all those
 * that the fewest products have.
 */

void recs_dataset_tags_add(recs_dataset_private_t *p, recs_raw_t *raw,
    const recs_product_row_t *row, recs_raw_tags_e which);
int recs_dataset_tags(recs_dataset_t *d, const uint32_t *number,
    recs_error_t *err);

/*
 * dataset_item.c: the products, their ratings and first events.
 * recs_dataset_unique() refuses two of "n" names, "stride" bytes apart, that
 * have one key64.
 */

int recs_dataset_items(recs_dataset_t *d, const uint32_t *number,
    const float *popularity, recs_error_t *err);
int recs_dataset_unique(const char *what, const recs_str_t *names,
    size_t stride, uint32_t n, recs_error_t *err);

/* dataset_price.c, dataset_basket.c */

void recs_dataset_price_add(recs_raw_prices_t *prices, uint32_t item,
    uint32_t time, int64_t price);
void recs_dataset_prices(recs_dataset_t *d, const uint32_t *number);
void recs_dataset_baskets(recs_dataset_t *d);


static inline uint32_t
recs_dataset_seconds(int64_t ms)
{
    return (uint32_t) (ms <= 0 ? 0 : recs_min(ms / 1000, UINT32_MAX - 1));
}


static inline int
recs_dataset_compare(const recs_str_t *a, const recs_str_t *b)
{
    int  rc;

    rc = memcmp(a->data, b->data, recs_min(a->len, b->len));

    return rc ? rc : (a->len > b->len) - (a->len < b->len);
}


#endif /* _RECS_BUILDER_DATASET_PRIVATE_H_INCLUDED_ */
