/*
 * Copyright (C) recs authors
 *
 * A row of the catalogue or of the users, from its JSON text.  The sources
 * check rows by it and the dataset reads them by it, so that what was let in
 * can be read.  Names of members are compared without case, "-" and "_".
 */

#ifndef _RECS_BUILDER_CATALOG_H_INCLUDED_
#define _RECS_BUILDER_CATALOG_H_INCLUDED_


#include "../../core/recs_types.h"


#define RECS_CATALOG_ROW_MAX     60000     /* bytes of JSON text */
#define RECS_CATALOG_DEPTH       16        /* levels of a category path */
#define RECS_CATALOG_LIST        64        /* regions, tags */
#define RECS_CATALOG_ATTRIBUTES  256


/*
 * An attribute: a list of values is that many attributes of one name.  The
 * text of a number is its JSON text, of a boolean "true" or "false".
 */

typedef struct {
    recs_str_t  name;
    recs_str_t  value;
    double      number;                    /* NAN where it is a word */
} recs_product_attribute_t;


/* Absent: strings are empty, counts 0, numbers as noted. */

typedef struct {
    recs_str_t   id;                       /* productId */
    recs_str_t   title;
    recs_str_t   description;
    recs_str_t   brand;
    recs_str_t   currency;                 /* three capital letters */
    recs_str_t   url;
    recs_str_t   image;                    /* imageUrl */
    recs_str_t   tier;
    recs_str_t   category[RECS_CATALOG_DEPTH];     /* from the root down */
    recs_str_t   regions[RECS_CATALOG_LIST];
    recs_str_t   tags[RECS_CATALOG_LIST];
    recs_product_attribute_t  attributes[RECS_CATALOG_ATTRIBUTES];
    uint32_t     category_count;
    uint32_t     region_count;
    uint32_t     tag_count;
    uint32_t     attribute_count;
    int64_t      price;                    /* micro, RECS_NO_MONEY */
    int64_t      list_price;
    int64_t      cost;
    int32_t      stock;                    /* pieces, RECS_NO_STOCK */
    int32_t      rating;                   /* stars x 1000, 0 none */
    uint32_t     rating_count;
    int64_t      created_ms;               /* createdAt, 0 unknown */
    int64_t      updated_ms;               /* updatedAt, timestamp, 0 */
    int          listed;                   /* 0 where "listed" is false or
                                              "removed" true, -1 where it is
                                              not told, else 1 */
    int          available;                /* 1, 0, -1 not told */
} recs_product_row_t;


/*
 * A row with neither title nor category changes the members that it has; any
 * other is the whole product.
 */

#define recs_product_row_changes(row)                                        \
    ((row)->title.len == 0 && (row)->category_count == 0)


typedef struct {
    recs_str_t   user_id;
    recs_str_t   cohort;
    recs_str_t   region;
    recs_str_t   segment;
    recs_str_t   channel;
    int          opt_in;                   /* 1, 0, -1 unknown */
    int64_t      created_ms;
    int64_t      updated_ms;
} recs_user_row_t;


/* Holds the memory behind the strings of the last row it has read. */

typedef struct recs_catalog_s  recs_catalog_t;

recs_catalog_t *recs_catalog_create(void);
void recs_catalog_destroy(recs_catalog_t *c);

/*
 * Reads a row from one JSON object; its strings live until the next call
 * with the same "c".  Members that are not known are ignored.  RECS_ERROR
 * with *err, and *field the name of the offending member or NULL.
 */

int recs_catalog_product(recs_catalog_t *c, const recs_str_t *json,
    recs_product_row_t *row, const char **field, const char **err);

/* A stored row has no userId any more, so it may be missing. */

int recs_catalog_user(recs_catalog_t *c, const recs_str_t *json,
    recs_user_row_t *row, const char **field, const char **err);

/*
 * A row of the users as JSON text without userId and whatever else is not
 * known: what may be stored.  Returns its length, 0 where it does not fit.
 */

#define RECS_CATALOG_USER_MAX    8192

size_t recs_catalog_user_text(const recs_user_row_t *row, uint8_t *buf,
    size_t size);


#endif /* _RECS_BUILDER_CATALOG_H_INCLUDED_ */
