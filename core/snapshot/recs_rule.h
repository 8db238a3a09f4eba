/*
 * Copyright (C) recs authors
 *
 * A merchandising rule as it lies in a snapshot, compiled by the builder from
 * the rules file (docs/rules.md).  The value of section 'R' is recs_rules_t:
 * its rules in the order of the file, the keys and the numbers that they
 * name.  Used in place, so it is padded.
 */

#ifndef _RECS_RULE_H_INCLUDED_
#define _RECS_RULE_H_INCLUDED_


#include "recs_format.h"


#define RECS_RULES_MAX        256
#define RECS_RULE_NAME        48
#define RECS_RULE_NUMBERS     100000   /* named by all rules */
#define RECS_RULE_KEYS        1024     /* regions and segments of all rules */
#define RECS_RULE_PLACE_MAX   100      /* of a pin, and items of a cap */
#define RECS_RULE_CAPS        8        /* most caps */
#define RECS_RULE_FACTOR_MAX  10.f     /* of a boost, and of all together;
                                          1 / this is the least */


typedef enum {
    RECS_RULE_PIN = 0,           /* items at "place" and behind it */
    RECS_RULE_BURY,              /* behind all others */
    RECS_RULE_BLOCK,             /* not listed */
    RECS_RULE_BOOST,             /* score x factor */
    RECS_RULE_CAP,               /* at most "place" items of one group */
    RECS_RULE_DIVERSITY,         /* strength "factor", 0..1 */
    RECS_RULE_ACTION_MAX
} recs_rule_action_e;

typedef enum {
    RECS_RULE_GROUP_BRAND = 0,
    RECS_RULE_GROUP_CATEGORY,    /* the deepest of an item */
    RECS_RULE_GROUP_MAX
} recs_rule_group_e;


/* What a rule asks of an item; bits of recs_rule_t.asks. */

#define RECS_RULE_ITEMS       0x001
#define RECS_RULE_CATEGORIES  0x002
#define RECS_RULE_BRANDS      0x004
#define RECS_RULE_TAGS        0x008
#define RECS_RULE_PRICE       0x010
#define RECS_RULE_MARGIN      0x020    /* (price - cost) / price */
#define RECS_RULE_STOCK       0x040
#define RECS_RULE_COVER       0x080    /* days: stock / sold a day */
#define RECS_RULE_AGE         0x100    /* days since it was created */
#define RECS_RULE_SEASON      0x200    /* in this week's list of SEASONAL */
#define RECS_RULE_ASKS        0x3ff


/* A part of the keys or numbers. */

typedef struct {
    uint32_t  first;
    uint32_t  count;             /* 0: not asked */
} recs_rule_span_t;


/*
 * When a rule is at work, and for which items: all that is set must hold, of
 * several names one.  Who has no price, cost, stock or date does not fulfil
 * what asks for it.
 */

typedef struct {
    char              name[RECS_RULE_NAME];    /* letters, digits, "-_.", then
                                                  zeros; shown in answers */
    uint32_t          action;        /* RECS_RULE_* */
    uint32_t          group;         /* of a cap, RECS_RULE_GROUP_* */
    uint32_t          place;         /* of a pin from 1; of a cap the number */
    float             factor;
    uint64_t          strategies;    /* bits, 0: all */
    int64_t           from_ms;       /* campaign; 0: since ever */
    int64_t           to_ms;         /* not any more then; 0: for ever */
    uint32_t          months;        /* bits 0..11 from January on, in UTC; 0:
                                        all */
    uint32_t          asks;
    recs_rule_span_t  regions;       /* keys (recs_key64) of the asker's */
    recs_rule_span_t  segments;      /* likewise */
    recs_rule_span_t  items;         /* ascending; of a pin as given */
    recs_rule_span_t  categories;    /* pairs: first, end of a subtree */
    recs_rule_span_t  brands;
    recs_rule_span_t  tags;
    int64_t           price_min;     /* micro, as all limits included */
    int64_t           price_max;
    int32_t           stock_min;
    int32_t           stock_max;
    float             margin_min;
    float             margin_max;
    float             cover_min;     /* days */
    float             cover_max;
    float             age_min;       /* days */
    float             age_max;
} recs_rule_t;

typedef struct {
    uint32_t     count;
    uint32_t     key_count;
    uint32_t     number_count;
    uint32_t     reserved;
    recs_rule_t  rules[];        /* then u64 keys, then u32 numbers */
} recs_rules_t;

#define recs_rules_keys(r)                                                   \
    ((const uint64_t *) (const void *) ((r)->rules + (r)->count))

#define recs_rules_numbers(r)                                                \
    ((const uint32_t *) (recs_rules_keys(r) + (r)->key_count))

#define recs_rules_size(count, keys, numbers)                                \
    (sizeof(recs_rules_t) + (size_t) (count) * sizeof(recs_rule_t)           \
     + (size_t) (keys) * sizeof(uint64_t)                                    \
     + (size_t) (numbers) * sizeof(uint32_t))


/* The words of actions and groups, as a rules file has them. */

extern const char *const  recs_rule_actions[RECS_RULE_ACTION_MAX];
extern const char *const  recs_rule_groups[RECS_RULE_GROUP_MAX];


/*
 * Whether "data" is a set of rules over the items, categories, brands and
 * tags of a snapshot that can be used in place; NULL, or the reason as a
 * static string.
 */

const char *recs_rules_check(const uint8_t *data, size_t size,
    const recs_format_header_t *header);


#endif /* _RECS_RULE_H_INCLUDED_ */
