/*
 * Copyright (C) recs authors
 *
 * The values of a row's members, for catalog.c alone.
 */

#ifndef _RECS_BUILDER_CATALOG_VALUE_H_INCLUDED_
#define _RECS_BUILDER_CATALOG_VALUE_H_INCLUDED_


#include <jansson.h>

#include "../memory.h"
#include "catalog.h"


#define RECS_CATALOG_KNOWN   1024    /* spellings that are remembered */


typedef enum {
    RECS_CATALOG_NAME = 0,       /* recs_str_t, 255 bytes, no controls */
    RECS_CATALOG_TEXT,           /* recs_str_t */
    RECS_CATALOG_URL,            /* recs_str_t, http, https or relative */
    RECS_CATALOG_CURRENCY,       /* recs_str_t, three letters */
    RECS_CATALOG_PATH,           /* a list, or one string cut by / or > */
    RECS_CATALOG_NAMES,          /* a list, or one string cut by , ; or | */
    RECS_CATALOG_PAIRS,          /* attributes */
    RECS_CATALOG_PRICE,          /* int64_t, micro */
    RECS_CATALOG_PIECES,         /* int32_t */
    RECS_CATALOG_RATING,         /* int32_t, x 1000 */
    RECS_CATALOG_COUNT,          /* uint32_t */
    RECS_CATALOG_TIME,           /* int64_t, ms */
    RECS_CATALOG_TRUTH,          /* int, 1 or 0 */
    RECS_CATALOG_AVAILABLE,      /* the same, also in the words of feeds;
                                    unknown ones are not told */
    RECS_CATALOG_LISTED,         /* int, 0 where it is false, else 1 */
    RECS_CATALOG_REMOVED         /* int, 0 where it is true, else 1 */
} recs_catalog_e;


typedef struct {
    const char         *name;
    const char *const  *aliases;
    recs_catalog_e      kind;
    uint16_t            offset;
    uint16_t            count;   /* offset of the count of a list */
} recs_catalog_field_t;


/* Memory of what jansson does not hold: the text of numbers. */

typedef struct recs_catalog_text_s  recs_catalog_text_t;

struct recs_catalog_text_s {
    recs_catalog_text_t  *next;
    char                  text[40];
};


struct recs_catalog_s {
    json_t                      *json;
    recs_catalog_text_t         *texts;
    const char                  *field;
    const char                  *err;
    const recs_catalog_field_t  *fields;   /* of the last kind of row */
    recs_names_t                *known;
    const recs_catalog_field_t  *of[RECS_CATALOG_KNOWN];
    uint8_t                      alias[RECS_CATALOG_KNOWN];
    uint8_t                      currency[4];
};


int recs_catalog_error(recs_catalog_t *c, const char *err);

/*
 * Reads the value of a member into its place in the row.  RECS_DECLINED: an
 * empty string where a number is, which is the same as none.
 */

int recs_catalog_read(recs_catalog_t *c, const recs_catalog_field_t *field,
    json_t *value, void *row);


#endif /* _RECS_BUILDER_CATALOG_VALUE_H_INCLUDED_ */
