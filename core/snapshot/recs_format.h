/*
 * Copyright (C) recs authors
 *
 * Snapshot format v4.  This header is the manual of the file.
 *
 * A snapshot is one LMDB file (unnamed database, keys compared as bytes),
 * written once in key order and never again.  All numbers are little-endian
 * and fixed width.  The first byte of a key is its section:
 *
 *   'A' column(u8) chunk(be32)    a column: one fixed-size value per row
 *   'B' be64(key64 of brand)      u32 brand number
 *   'C' be64(key64 of category)   u32 category number
 *   'F' strategy(u8)              the forest that ranks its candidates
 *                                 (recs_forest.h)
 *   'H'                           recs_format_header_t
 *   'L' list(u8)   chunk(be32)    a list column: many entries per row (CSR)
 *   'M'                           metadata, msgpack map, for people and tools
 *   'P' which(u8) identity(16)    a list made for one user: an array of
 *                                 recs_format_related_t, best first
 *   'R'                           the rules, an array of recs_rule_t
 *                                 (recs_rule.h) and what they name
 *   'T' be64(recs_key64_tag)      u32 tag number
 *   'Q' be64(recs_key64_search)   products wanted after a search: an array
 *                                 of recs_format_related_t, best first
 *   'S' which(u8) ...             what became of recommendations: cells of
 *                                 hours and days, reports (recs_cell.h)
 *   'U' identity(16 bytes)        recs_format_user_t and its entries
 *   'W'                           a filter of the identities of 'U': u64
 *                                 words, a power of two of them
 *                                 (recs_format_filter())
 *
 * Columns, lists, forests and the filter are used in place, so each of their
 * values is padded to at least RECS_FORMAT_PAD bytes: LMDB then stores it on
 * overflow pages, contiguous and 16-byte aligned.  Values of the other
 * sections may have any alignment and are copied out.
 *
 * Rows.  A column or list belongs to a domain (items, categories, ...).  Row
 * r of it is in chunk r >> shift, at r & ((1 << shift) - 1) inside; "shift"
 * is per column or list in the header and chosen so that no chunk exceeds
 * RECS_FORMAT_CHUNK_MAX bytes (64 MB).  Every chunk but the last is full.
 *
 * Categories are numbered in preorder of their tree, so that the subtree of
 * c is the interval [c, category_end[c]).  The key of a category is key64 of
 * its path joined by "/"; a leaf name that is unique is a second key.
 * Items are numbered by popularity, 0 first.
 */

#ifndef _RECS_FORMAT_H_INCLUDED_
#define _RECS_FORMAT_H_INCLUDED_


#include <string.h>

#include "../recs_types.h"


#define RECS_FORMAT_MAGIC       0x31504e5353434552ULL    /* "RECSSNP1" */
#define RECS_FORMAT_VERSION     4
#define RECS_FORMAT_PAD         4080       /* one LMDB page less its head */
#define RECS_FORMAT_CHUNK_MAX   (64u << 20)
#define RECS_FORMAT_CHUNKS      1024       /* most chunks of one column */
#define RECS_FORMAT_CURRENCIES  16
#define RECS_FORMAT_REGIONS     64
#define RECS_FORMAT_WEEKS       53
#define RECS_FORMAT_FACTORS     5          /* of SIMILAR_PRODUCTS */
#define RECS_FORMAT_VECTOR      32         /* bytes of RECS_COLUMN_VECTOR */
#define RECS_FORMAT_PAGE        4096       /* LMDB page */

#define RECS_FORMAT_KEY_MAX     30         /* longest key */


/* Domains: what a row of a column or list is. */

typedef enum {
    RECS_DOMAIN_ITEMS = 0,       /* one row per item */
    RECS_DOMAIN_CATEGORIES,
    RECS_DOMAIN_BRANDS,
    RECS_DOMAIN_SCOPES,          /* 0: the whole shop, 1 + c: category c */
    RECS_DOMAIN_WEEKS,           /* week of the year, 0..52 */
    RECS_DOMAIN_SLOTS,           /* slots of the key64 table, power of two */
    RECS_DOMAIN_REGIONS,
    RECS_DOMAIN_SESSIONS,        /* sessions kept, oldest first by their end */
    RECS_DOMAIN_TAGS,            /* tags, and attributes with their value */
    RECS_DOMAIN_SEGMENTS,        /* customer segments, by their number */
    RECS_DOMAIN_MAX
} recs_domain_e;


/* Columns.  The table recs_format_columns[] has name, size and domain. */

typedef enum {
    RECS_COLUMN_KEY64 = 0,       /* u64  items  key64 of the product id */
    RECS_COLUMN_SLOT,            /* u32  slots  item + 1, 0 empty; probe
                                    linearly from key64 & (slots - 1) */
    RECS_COLUMN_CATEGORY,        /* u32  items  deepest category, RECS_NONE */
    RECS_COLUMN_BRAND,           /* u32  items  brand, RECS_NONE */
    RECS_COLUMN_PRICE,           /* i64  items  micro, RECS_NO_MONEY */
    RECS_COLUMN_LIST_PRICE,      /* i64  items  micro, RECS_NO_MONEY */
    RECS_COLUMN_REFERENCE_PRICE, /* i64  items  lowest price of the 30 days
                                    before the last drop, RECS_NO_MONEY */
    RECS_COLUMN_COST,            /* i64  items  micro, RECS_NO_MONEY */
    RECS_COLUMN_STOCK,           /* i32  items  pieces, RECS_NO_STOCK */
    RECS_COLUMN_RATING,          /* u16  items  mean stars x 1000, 0 none */
    RECS_COLUMN_RATING_COUNT,    /* u32  items */
    RECS_COLUMN_CREATED,         /* i64  items  epoch ms, 0 unknown */
    RECS_COLUMN_REGIONS,         /* u64  items  bit per region, 0 all */
    RECS_COLUMN_FLAGS,           /* u8   items  RECS_ITEM_* */
    RECS_COLUMN_CURRENCY,        /* u8   items  index in header.currencies */
    RECS_COLUMN_BASKETS,         /* u32  items  baskets that hold the item */
    RECS_COLUMN_POPULARITY,      /* f32  items  decayed signal */
    RECS_COLUMN_ORDER_PRICE,     /* u32  items  item numbers, cheapest first */
    RECS_COLUMN_ORDER_NEWEST,    /* u32  items  item numbers, newest first */
    RECS_COLUMN_ORDER_RATING,    /* u32  items  item numbers, best first */
    RECS_COLUMN_CATEGORY_END,    /* u32  categories  end of the subtree */
    RECS_COLUMN_CATEGORY_PARENT, /* u32  categories  RECS_NONE at the root */
    RECS_COLUMN_IDF,             /* f32  items  ln(sessions kept / clicks on
                                    the item in them), not below 0 */
    RECS_COLUMN_INTERVAL,        /* f32  items  median of days between two
                                    purchases of one user, 0 unknown */
    RECS_COLUMN_SESSION_TIME,    /* u32  sessions  epoch seconds of the end */
    RECS_COLUMN_TIER,            /* u8   items  step of the upgrade ladder, 1
                                    the lowest, 0 none */
    RECS_COLUMN_CTR,             /* f32  items  clicks / times listed, smoothed,
                                    below 0 unknown */
    RECS_COLUMN_VECTOR,          /* i8[RECS_FORMAT_VECTOR]  items  a direction
                                    of length 127, zeros: none; alike are
                                    those with a large inner product */
    RECS_COLUMN_DEMAND,          /* f32  items  pieces sold a day, lately, 0
                                    none */
    RECS_COLUMN_MAX
} recs_column_e;


/* RECS_COLUMN_FLAGS */

#define RECS_ITEM_LISTED     0x01    /* in the catalogue: may be shown */
#define RECS_ITEM_IN_STOCK   0x02    /* stock unknown or above 0 */
#define RECS_ITEM_SHOWN      (RECS_ITEM_LISTED | RECS_ITEM_IN_STOCK)


/* Lists.  The table recs_format_lists[] has name, entry size and domain. */

typedef enum {
    RECS_LIST_FRAGMENT_JSON = 0, /* bytes  items   recs_format_fragment_t */
    RECS_LIST_SIMILAR,           /* items  recs_format_similar_t */
    RECS_LIST_TOGETHER,          /* items  recs_format_together_t */
    RECS_LIST_RELATED,           /* items  recs_format_related_t */
    RECS_LIST_TRENDING,          /* scopes recs_format_ranked_t */
    RECS_LIST_BESTSELLERS,       /* scopes recs_format_ranked_t */
    RECS_LIST_TOP_RATED,         /* scopes recs_format_ranked_t */
    RECS_LIST_NEW_ARRIVALS,      /* scopes recs_format_ranked_t */
    RECS_LIST_PRICE_DROP,        /* scopes recs_format_ranked_t */
    RECS_LIST_SEASONAL,          /* weeks  recs_format_ranked_t */
    RECS_LIST_CATEGORY_ITEMS,    /* categories  u32 items of the subtree,
                                    popular first */
    RECS_LIST_BRAND_ITEMS,       /* brands      u32 items, popular first */
    RECS_LIST_CATEGORY_PATH,     /* categories  bytes, path joined by "/" */
    RECS_LIST_BRAND_NAME,        /* brands      bytes */
    RECS_LIST_REGION_NAME,       /* regions     bytes */
    RECS_LIST_NEXT,              /* items  recs_format_related_t */
    RECS_LIST_SESSION_ITEMS,     /* sessions  u32 items, oldest first, some
                                    more than once */
    RECS_LIST_ITEM_SESSIONS,     /* items  u32 sessions, latest first */
    RECS_LIST_VIEW_BUY,          /* items  recs_format_related_t */
    RECS_LIST_CART_BUY,          /* items  recs_format_related_t */
    RECS_LIST_WALK,              /* items  recs_format_related_t, what is
                                    two and more rows of NEXT away */
    RECS_LIST_TAG_ITEMS,         /* tags   u32 items, popular first */
    RECS_LIST_ITEM_TAGS,         /* items  u32 tags, ascending */
    RECS_LIST_TAG_NAME,          /* tags   bytes, "tag" or "name=value" */
    RECS_LIST_REGION_TRENDING,   /* regions recs_format_ranked_t */
    RECS_LIST_LOW_STOCK,         /* scopes recs_format_ranked_t, what will be
                                    sold out first; value: days */
    RECS_LIST_UP_SELL,           /* items  recs_format_related_t */
    RECS_LIST_UPGRADE,           /* items  recs_format_upgrade_t */
    RECS_LIST_COMPLEMENTARY,     /* items  recs_format_related_t, bought
                                    after it by who bought it */
    RECS_LIST_SEGMENT,           /* segments recs_format_ranked_t */
    RECS_LIST_SEGMENT_NAME,      /* segments bytes */
    RECS_LIST_MAX
} recs_list_e;


/*
 * The chunk of a list: this head, offsets u32[rows + 1] (in entries, from
 * the start of "entries"), padding to 16 bytes, then the entries, which so
 * begin where recs_format_entries() says: to find a row the head need not be
 * read.
 */

typedef struct {
    uint32_t  rows;
    uint32_t  entry_size;
    uint32_t  count;             /* entries, == offsets[rows] */
    uint32_t  entries;           /* offset in bytes of the first entry */
} recs_format_chunk_t;

#define recs_format_entries(rows)                                            \
    (((uint64_t) sizeof(recs_format_chunk_t)                                 \
      + ((uint64_t) (rows) + 1) * sizeof(uint32_t) + 15) & ~(uint64_t) 15)


/*
 * How to serve from the components below, chosen on validation data or by
 * the operator (docs/algorithms.md).  A component of weight 0 is not read.
 * Ages are places from the newest: 0 is the last item of a history or of a
 * session.
 */

typedef struct {

    /* PERSONALIZED: sum over the history of weight x decay^age x row */

    float     history_decay;     /* 1: none */
    float     related;           /* weight of the rows of RECS_LIST_RELATED */
    float     next;              /* of RECS_LIST_NEXT */
    float     view_buy;          /* of RECS_LIST_VIEW_BUY */
    float     cart_buy;          /* of RECS_LIST_CART_BUY */
    float     query_buy;         /* of the row of the last search */
    float     neighbours;        /* of RECS_PERSONAL_NEIGHBOURS */

    /*
     * SESSION: rows, walks and neighbours, which have the rest of 1, each
     * divided by its largest score (recs_session.h).  An age is counted in
     * clicks of the session.
     */

    float     rows;              /* share of RECS_LIST_NEXT, 0..1 */
    float     rows_decay;        /* e^(-age / this), 0: the last item only */
    uint32_t  sample;            /* neighbours looked at, the latest */
    uint32_t  neighbours_max;    /* neighbours used, the most similar */
    uint32_t  last;              /* clicks that neighbours are found by */
    uint8_t   position;          /* RECS_WEIGHT_*, of an item by its age */
    uint8_t   match;             /* RECS_WEIGHT_*, of a neighbour by the age
                                    of its latest item in common */
    uint8_t   similarity;        /* RECS_SIMILARITY_* */
    uint8_t   repeats;           /* RECS_REPEATS_* */
    float     position_scale;
    float     match_scale;
    float     distance_scale;    /* e^(-places behind the match / this) in
                                    the neighbour, 0: 1 */
    float     recency_days;      /* e^(-days / this) of a neighbour, 0 none */
    float     idf;               /* score x (1 + idf x ln ...), or, below 0,
                                    score x ln ... */
    float     reminder;          /* added to items of the session, not to
                                    the last, x e^(-age / scale) */
    float     reminder_scale;
    float     popularity;        /* weight of popularity, tie-breaker */
    float     before;            /* weight of what is before the match */
    float     before_scale;      /* as distance_scale, before the match */
    float     rarity;            /* weight of an item x (ln ...)^this */
    float     power;             /* likeness^this */
    float     without;           /* x likeness of who has not the last item */
    float     current;           /* x score of the last item itself */
    float     walks;             /* share of RECS_LIST_WALK, 0..1 */
    float     walks_decay;       /* as rows_decay */
    float     rows_power;        /* (score / its largest)^this, of both */

    /* PERSONALIZED, too */

    float     basket;            /* weight of RECS_PERSONAL_BASKET */
    float     favourites;        /* weight of popularity, as a share of the
                                    most popular item's */
    float     bought;            /* x score of what the asker has bought, 0:
                                    it is not listed */

    /* all lists */

    float     diversity;         /* strength, 0..1, where no rule says other
                                    (recs_shape.h) */

    /* CROSS_SELL, UP_SELL */

    float     margin;            /* score x (margin / its mean)^this, 0: no */

    float     reserved[1];
} recs_format_serving_t;

#define RECS_WEIGHT_SAME       0       /* 1 */
#define RECS_WEIGHT_LINEAR     1       /* max(0, 1 - scale x age) */
#define RECS_WEIGHT_SHARE      2       /* (clicks - age) / clicks */
#define RECS_WEIGHT_SQUARE     3       /* ((clicks - age) / clicks)^2 */
#define RECS_WEIGHT_EXP        4       /* e^(-age / scale), scale 0: the last
                                          item only */
#define RECS_WEIGHT_DISTINCT   5       /* max(0, (items - age) / items) */
#define RECS_WEIGHT_INVERSE    6       /* 1 / (1 + age) */
#define RECS_WEIGHT_INVERSE2   7       /* 1 / (1 + age)^2 */
#define RECS_WEIGHT_MAX        8

#define RECS_SIMILARITY_DOT    0       /* sum of the weights of items shared */
#define RECS_SIMILARITY_COSINE 1       /* ... / sqrt(items of neighbour) */
#define RECS_SIMILARITY_MAX    2

#define RECS_REPEATS_NO        0       /* no item of the session is listed */
#define RECS_REPEATS_YES       1       /* all may be */
#define RECS_REPEATS_OTHERS    2       /* all but the last */
#define RECS_REPEATS_MAX       3

/* Most sessions of recs_format_serving_t.sample and neighbours_max. */

#define RECS_SAMPLE_MAX        8192


/*
 * Segments of customers: by the category that they touch most (a scope, 0 the
 * whole shop) and by what they do there.  Segment scope x RECS_SEGMENT_KINDS
 * + kind; of a scope with few people all rows are empty.
 */

#define RECS_SEGMENT_ALL     0         /* whoever touches it */
#define RECS_SEGMENT_BUYERS  1         /* who have bought */
#define RECS_SEGMENT_LOYAL   2         /* often, and lately */
#define RECS_SEGMENT_KINDS   3


/* Which list of a user a 'P' value is. */

#define RECS_PERSONAL_BASKET      0    /* the next basket */
#define RECS_PERSONAL_NEIGHBOURS  1    /* from users alike */
#define RECS_PERSONAL_MAX         2

#define RECS_PERSONAL_ENTRIES     200  /* most entries */


/* What a snapshot is: recs_hot.h has the second. */

#define RECS_KIND_BASE  0
#define RECS_KIND_HOT   1


/* The value of 'H'. */

typedef struct {
    uint64_t  magic;
    uint32_t  version;
    uint32_t  header_size;       /* sizeof(recs_format_header_t) */
    uint64_t  id;                /* hash of all values but this one, also
                                    in the file name */
    int64_t   now_ms;            /* the clock of the build */
    int64_t   newest_ms;         /* newest event */
    uint64_t  events;            /* events counted */
    uint64_t  baskets;           /* baskets counted by TOGETHER */
    uint64_t  users;             /* rows of 'U' */
    uint32_t  rows[RECS_DOMAIN_MAX];
    uint32_t  recent_key;        /* key number that 'U' rows are under */
    uint32_t  kind;              /* RECS_KIND_* */
    uint64_t  base;              /* of a hot one: the base it was made beside,
                                    0 none */
    uint8_t   column_shift[32];
    uint8_t   list_shift[32];
    uint8_t   currencies[RECS_FORMAT_CURRENCIES][4];
    float     weights[8];        /* of SIMILAR_PRODUCTS, the stored order */
    recs_format_serving_t  serving;
} recs_format_header_t;


/*
 * A fragment is what an answer copies.  Bytes: id_size(u16),
 * static_size(u16), then id_size bytes, the product id as a JSON string with
 * its quotes, then the members of "product" as JSON text without braces:
 * static_size bytes of what never changes inside one snapshot, possibly none
 * ("title":"...","brand":"...","category":[...],"url":"..."), a comma where
 * there are some, and the offer as this snapshot has it (recs_offer.h:
 * price, rating, stock, available).  Where a layer above the snapshot changes
 * an item, the static part is copied and the offer rendered from columns.
 */

typedef struct {
    uint8_t   id_size[2];
    uint8_t   static_size[2];
} recs_format_fragment_t;


/*
 * SIMILAR_PRODUCTS: five factors in 1/255 and which of them are observable
 * for both products (bit f of "observed"); sorted by "score", which is that
 * at the header's weights in 1/65535, best first.  Factors: 0 category,
 * 1 brand, 2 price, 3 specification, 4 behaviour (algorithms.md 1.2).
 */

typedef struct {
    uint32_t  item;
    uint8_t   factors[RECS_FORMAT_FACTORS];
    uint8_t   observed;
    uint16_t  score;
} recs_format_similar_t;


/*
 * FREQUENTLY_BOUGHT_TOGETHER, best first (algorithms.md 1.3): count is
 * n_ij; support n_ij / n, confidence n_ij / n_i, lift n n_ij / (n_i n_j);
 * bound is the lower Wilson bound of the confidence (z = 1.28); score the
 * ranking value scaled to 0..1.
 */

typedef struct {
    uint32_t  item;
    uint32_t  count;
    float     score;
    float     support;
    float     confidence;
    float     lift;
    float     bound;
    uint32_t  reserved;
} recs_format_together_t;


/*
 * One entry of an item-item operator (RELATED, NEXT, VIEW_BUY, CART_BUY,
 * WALK) or of a list made for one user, largest weight first.  Weights of an
 * operator may be negative: what the row's item speaks against.
 */

typedef struct {
    uint32_t  item;
    float     weight;
} recs_format_related_t;


/* A step up from the row's item, the surest first (algorithms.md 1.11). */

typedef struct {
    uint32_t  item;
    float     affinity;          /* 0..100 */
    float     confidence;        /* 0..1 */
    float     days;              /* median from one purchase to the next, 0
                                    unknown */
} recs_format_upgrade_t;


/* One row of a ranked list, best first. */

typedef struct {
    uint32_t  item;
    float     score;             /* 0..1 inside the list */
    float     confidence;        /* 0..1, from the amount of evidence */
    float     value;             /* the ranking value in its own unit */
} recs_format_ranked_t;


/*
 * The value of 'U': this head and "count" entries, newest view first.  The
 * same record is stored for a user, an anonymous id and a session.
 */

typedef struct {
    uint32_t  count;
    uint32_t  flags;             /* RECS_USER_* */
    uint8_t   user[16];          /* of a session: its user, or zeros */
    int64_t   last_ms;           /* newest event */
    uint32_t  segment;           /* RECS_NONE: none */
    uint32_t  region;            /* RECS_NONE: unknown */
} recs_format_user_t;

#define RECS_USER_SESSION    0x01
#define RECS_USER_VALUABLE   0x02 /* has spent "high_value" or more, net */

#define RECS_USER_ENTRIES    256 /* most entries of a user */

typedef struct {
    uint32_t  item;
    uint16_t  views;
    uint16_t  flags;             /* RECS_SEEN_* */
    uint32_t  first;             /* epoch seconds of the first view */
    uint32_t  last;              /* epoch seconds of the last touch */
    float     weight;            /* decayed implicit feedback */
    uint32_t  duration;          /* seconds spent, 0 unknown */
} recs_format_seen_t;

#define RECS_SEEN_VIEWED     0x01
#define RECS_SEEN_CART       0x02
#define RECS_SEEN_WISHED     0x04
#define RECS_SEEN_PURCHASED  0x08
#define RECS_SEEN_DISMISSED  0x10


/* The tables that reader, writer, verify and inspect share. */

typedef struct {
    const char     *name;
    uint16_t        size;        /* bytes of a value or an entry */
    recs_domain_e   domain;
    recs_domain_e   of;          /* of a list: what the first u32 of an entry
                                    is a number of */
} recs_format_row_t;

extern const recs_format_row_t  recs_format_columns[RECS_COLUMN_MAX];
extern const recs_format_row_t  recs_format_lists[RECS_LIST_MAX];

/* Chunks that "rows" rows are in. */

#define recs_format_chunks(rows, shift)                                      \
    ((rows) ? (((rows) - 1) >> (shift)) + 1 : 0)


/*
 * Keys.  Each writes a key into "key" (RECS_FORMAT_KEY_MAX bytes) and
 * returns its length.
 */

size_t recs_format_chunk_key(uint8_t *key, uint8_t section, unsigned which,
    uint32_t chunk);
size_t recs_format_name_key(uint8_t *key, uint8_t section, uint64_t key64);
size_t recs_format_user_key(uint8_t *key, const uint8_t *identity);
size_t recs_format_personal_key(uint8_t *key, uint8_t which,
    const uint8_t *identity);

/* Of 'S': which is RECS_CELL_HOUR, _DAY or _NAME; of a report, and meta. */

#define RECS_FORMAT_REPORT_MAX  (RECS_FORMAT_KEY_MAX - 2)

size_t recs_format_cell_key(uint8_t *key, uint8_t which, uint32_t number);
size_t recs_format_report_key(uint8_t *key, const recs_str_t *name);
size_t recs_format_report_meta_key(uint8_t *key);


/*
 * The filter: an identity has three bits in one word (Putze, Sanders, Singler
 * 2007, blocked Bloom filters).  It is HMAC but for its first byte, so that
 * its own bytes do for hashes.  At RECS_FORMAT_FILTER_BITS for each identity
 * three of a hundred strangers are taken for users, and are looked up.
 */

#define RECS_FORMAT_FILTER_BITS  12
#define RECS_FORMAT_FILTER_MIN   512           /* words: a page of its own */
#define RECS_FORMAT_FILTER_MAX   (1u << 23)

static inline uint64_t
recs_format_filter(const uint8_t *identity, uint64_t *word)
{
    uint64_t  bits;

    memcpy(word, identity + 1, sizeof(uint64_t));
    memcpy(&bits, identity + 8, sizeof(uint64_t));

    return UINT64_C(1) << (bits >> 8 & 63) | UINT64_C(1) << (bits >> 16 & 63)
           | UINT64_C(1) << (bits >> 24 & 63);
}


#endif /* _RECS_FORMAT_H_INCLUDED_ */
