/*
 * Copyright (C) recs authors
 *
 * A merchandising rule as it lies in a snapshot, compiled by the builder from
 * the rules file (docs/rules.md).  The value of section 'R' is
 * recs_rules_t, its rules in the order of the file, then the item numbers
 * that they name.  Used in place, so it is padded.
 */

#ifndef _RECS_RULE_H_INCLUDED_
#define _RECS_RULE_H_INCLUDED_


#include "recs_format.h"


#define RECS_RULES_MAX        256
#define RECS_RULE_NAME        48
#define RECS_RULE_ITEMS_MAX   100000   /* named by all rules */


typedef enum {
    RECS_RULE_PIN = 0,           /* item at "position" */
    RECS_RULE_BURY,              /* behind all others */
    RECS_RULE_BLOCK,             /* not listed */
    RECS_RULE_BOOST,             /* score x factor */
    RECS_RULE_CAP,               /* at most "position" items of one group */
    RECS_RULE_DIVERSITY,         /* strength "factor", 0..1 */
    RECS_RULE_ACTION_MAX
} recs_rule_action_e;

typedef enum {
    RECS_RULE_GROUP_BRAND = 0,
    RECS_RULE_GROUP_CATEGORY
} recs_rule_group_e;


/* When a rule is at work, and for which items; all that is set must hold. */

typedef struct {
    char      name[RECS_RULE_NAME];    /* with its NUL, shown in answers */
    uint32_t  action;            /* RECS_RULE_* */
    uint32_t  group;             /* of a cap, RECS_RULE_GROUP_* */
    uint32_t  position;          /* of a pin from 1; of a cap the number */
    float     factor;
    uint64_t  strategies;        /* bits, 0: all */
    int64_t   from_ms;           /* campaign; 0: since ever */
    int64_t   to_ms;             /* 0: for ever */
    uint32_t  months;            /* bits 0..11 of January.., 0: all */
    uint32_t  regions_set;
    uint64_t  region;            /* key64 of the asker's, 0: all */
    uint64_t  segment;           /* key64 of the asker's, 0: all */

    /* of the item */

    uint32_t  category;          /* with all below, RECS_NONE: all */
    uint32_t  brand;             /* RECS_NONE: all */
    uint32_t  tag;               /* RECS_NONE: all */
    uint32_t  items;             /* first of the item numbers it names */
    uint32_t  item_count;        /* 0: all; ascending */
    float     margin_min;        /* share of the price, NAN: not asked */
    float     margin_max;
    int32_t   stock_min;         /* RECS_NO_STOCK: not asked */
    int32_t   stock_max;
    float     age_min;           /* days since it came, NAN: not asked */
    float     age_max;
    float     cover_min;         /* days of stock, NAN: not asked */
    float     cover_max;
    int64_t   price_min;         /* micro, RECS_NO_MONEY: not asked */
    int64_t   price_max;
} recs_rule_t;

typedef struct {
    uint32_t     count;
    uint32_t     item_count;
    uint64_t     reserved;
    recs_rule_t  rules[];        /* then u32 item numbers */
} recs_rules_t;


/*
 * Whether "data" is a set of rules over so many items, categories and brands
 * that can be used in place; NULL, or the reason as a static string.
 */

const char *recs_rules_check(const uint8_t *data, size_t size,
    const recs_format_header_t *header);


#endif /* _RECS_RULE_H_INCLUDED_ */
