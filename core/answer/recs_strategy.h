/*
 * Copyright (C) recs authors
 *
 * The strategies: one row a type of recommendation in recs_strategies[].
 * A new one is a row and a generator.
 */

#ifndef _RECS_STRATEGY_H_INCLUDED_
#define _RECS_STRATEGY_H_INCLUDED_


#include "recs_answer.h"


/* What an answer depends on; USER and SESSION make it private. */

#define RECS_DEPENDS_ITEM      0x01
#define RECS_DEPENDS_USER      0x02
#define RECS_DEPENDS_SESSION   0x04
#define RECS_DEPENDS_DATE      0x08

#define RECS_DEPENDS_PRIVATE   (RECS_DEPENDS_USER | RECS_DEPENDS_SESSION)

/* What must be in a question; who takes no product does not look at one. */

#define RECS_NEEDS_A_PRODUCT        0x01    /* productId, a path element */
#define RECS_NEEDS_PRODUCT_OR_CART  0x02
#define RECS_NEEDS_A_CATEGORY       0x04    /* categoryId */
#define RECS_MAY_HAVE_A_PRODUCT     0x08

#define RECS_TAKES_A_PRODUCT                                                 \
    (RECS_NEEDS_A_PRODUCT | RECS_NEEDS_PRODUCT_OR_CART                       \
     | RECS_MAY_HAVE_A_PRODUCT)

#define RECS_STRATEGY_FALLBACKS  4


typedef enum {
    RECS_PERSONALIZED = 0,
    RECS_SIMILAR_PRODUCTS,
    RECS_FREQUENTLY_BOUGHT_TOGETHER,
    RECS_TRENDING,
    RECS_RECENTLY_VIEWED,
    RECS_TOP_RATED,
    RECS_BESTSELLERS,
    RECS_SEASONAL,
    RECS_PRICE_DROP,
    RECS_NEW_ARRIVALS,
    RECS_CATEGORY_TRENDING,
    RECS_SESSION,
    RECS_BUY_AGAIN,
    RECS_CROSS_SELL,
    RECS_UP_SELL,
    RECS_UPGRADE_PATH,
    RECS_COMPLEMENTARY,
    RECS_SOCIAL_PROOF,
    RECS_HOME,
    RECS_CATALOGUE,              /* the last resort, never asked for */
    RECS_STRATEGY_MAX
} recs_strategy_e;


/*
 * Appends candidates, best first, by recs_answer_add() until it returns
 * RECS_DONE (the list is full) or there are no more.
 */

typedef void (*recs_strategy_pt)(recs_answer_ctx_t *ctx);

/* Answers the whole question, with rails: lists of several strategies. */

typedef void (*recs_strategy_page_pt)(const recs_view_t *view,
    const recs_query_t *query, recs_scratch_t *scratch,
    recs_answer_t *answer);

/*
 * Writes members of its own into an item's JSON, RECS_STRATEGY_PUT bytes at
 * most, and returns where they end; price in millionths or RECS_NO_MONEY,
 * score and confidence in RECS_SHARE.
 */

#define RECS_SHARE         10000
#define RECS_CENT          (RECS_MICRO / 100)
#define RECS_STRATEGY_PUT  128

typedef uint8_t *(*recs_strategy_put_pt)(uint8_t *p, int64_t price,
    uint32_t score, uint32_t confidence);


typedef struct {
    recs_str_t        name;          /* "SIMILAR_PRODUCTS" */
    recs_str_t        path;          /* "similar", below /recommendations */
    recs_str_t        algorithm;     /* shown in answers */
    recs_strategy_pt  generate;
    recs_str_t        reason;        /* code, "ALSO_VIEWED" */
    recs_str_t        text;          /* the sentence that goes with it */
    unsigned          depends;       /* RECS_DEPENDS_* */
    unsigned          needs;         /* RECS_NEEDS_* above */
    unsigned          minutes;       /* max-age of a public answer */
    recs_list_e       list;          /* of a ranked list, RECS_LIST_MAX */
    uint8_t           fallback[RECS_STRATEGY_FALLBACKS];
                                     /* tried in order; CATALOGUE ends it */
    unsigned          limit;         /* where none is asked for, 0: as set */
    recs_strategy_page_pt  page;     /* instead of "generate", NULL: a list */
    recs_strategy_put_pt   put;      /* more of an item, NULL: nothing */
} recs_strategy_t;

extern const recs_strategy_t  recs_strategies[RECS_STRATEGY_MAX];


/* By name ("SIMILAR_PRODUCTS", any case) or by path; RECS_STRATEGY_MAX. */

unsigned recs_strategy_find(const recs_str_t *name);
unsigned recs_strategy_find_path(const recs_str_t *path);


#endif /* _RECS_STRATEGY_H_INCLUDED_ */
