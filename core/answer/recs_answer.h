/*
 * Copyright (C) recs authors
 *
 * From a question to a list: candidates, filter, rank, fallback.  Pure
 * functions over a view, a query and the caller's memory; nothing is
 * allocated, every loop is bounded.
 */

#ifndef _RECS_ANSWER_H_INCLUDED_
#define _RECS_ANSWER_H_INCLUDED_


#include "../recs_out.h"
#include "../event/recs_token.h"
#include "../snapshot/recs_forest.h"
#include "recs_filter.h"
#include "recs_shape.h"


#define RECS_CANDIDATES_MAX  32768     /* scored in one request */
#define RECS_PARTED_MAX      16384     /* scored where a forest ranks */
#define RECS_RANKED_MAX      4096      /* ranked in one request */
#define RECS_ROWS_MAX        200000    /* looked at in one request */
#define RECS_NEAR_MAX        16384     /* sessions compared in one request */
#define RECS_RANK_SPARE      64        /* ranked beyond what is listed */
#define RECS_RANK_FIRST      8         /* of them put in order at once */
#define RECS_ALTERNATIVES    5         /* tried for what is sold out */


typedef struct recs_answer_s  recs_answer_t;


typedef struct {
    recs_item_t  item;
    recs_item_t  seed;           /* the item that caused it, or NO_ITEM */
    float        score;          /* 0..1 */
    float        confidence;     /* 0..1 */
    uint8_t      strategy;       /* that found it */
    uint8_t      alternative;    /* it stands in for the seed, which is sold
                                    out */
    uint8_t      chosen;         /* by a rule alone, nothing found it */
    uint16_t     rule;           /* that moved it, RECS_MOVED_* */
} recs_answer_item_t;


/*
 * A rail of a page (recs_home.h): the items [first, first + count) of the
 * answer, all of one strategy and about one thing.
 */

typedef struct {
    uint8_t      row;            /* of recs_home_rails[] */
    uint32_t     first;
    uint32_t     count;
    recs_item_t  seed;           /* it is about, or NO_ITEM */
    uint32_t     category;       /* it is about, or RECS_NONE */
} recs_rail_t;


struct recs_answer_s {
    uint32_t            count;
    uint32_t            total;         /* found before offset was cut off */
    uint8_t             fallback_count;
    uint8_t             fallback[8];   /* strategies that filled it up */
    unsigned            unknown;       /* product or category not known */
    unsigned            truncated;     /* RECS_ROWS_MAX rows were looked at and
                                          there may be more */
    uint32_t            rail_count;    /* of a page */
    recs_answer_item_t  items[RECS_LIMIT_MAX];     /* up to "count" */
    recs_rail_t         rails[RECS_RAILS_MAX];     /* up to "rail_count" */
};


/* A row of a list in the order of something else than relevance. */

typedef struct {
    int64_t      key;            /* smallest first, then by popularity */
    recs_item_t  item;
    uint32_t     place;          /* in recs_scratch_t.gathered */
} recs_sort_row_t;


/* The components that a candidate's score is made of, for its features. */

typedef enum {
    RECS_COMPONENT_RELATED = 0,  /* rows of RECS_LIST_RELATED */
    RECS_COMPONENT_NEXT,
    RECS_COMPONENT_WALK,
    RECS_COMPONENT_VIEW_BUY,
    RECS_COMPONENT_CART_BUY,
    RECS_COMPONENT_QUERY_BUY,
    RECS_COMPONENT_ALIKE,        /* users or sessions alike */
    RECS_COMPONENT_BASKET,       /* RECS_PERSONAL_BASKET */
    RECS_COMPONENT_OWN,          /* what the asker has had to do with */
    RECS_COMPONENTS
} recs_component_e;


/* A session like the one asked about, see recs_session.h. */

typedef struct {
    uint32_t  turn;
    uint32_t  session;
    float     weight;
    uint32_t  place;             /* in recs_live_t.items, latest in common */
} recs_near_t;


/*
 * Working memory, one per worker or thread, zeroed once.  Tables are cleared
 * by counting "turn" up, not by writing.
 */

typedef struct {
    uint32_t  turn;                                /* of seen */
    uint32_t  table_turn;
    uint32_t  mask;                                /* of table, by its use */
    uint32_t  count;                               /* in table */
    uint32_t  row, rows;                           /* of the table's scores */
    struct {
        uint32_t     turn;
        recs_item_t  item;
        float        score;
        recs_item_t  seed;
        float        best;       /* largest single contribution, of seed */
        uint32_t     row;        /* that added last */
    }         table[RECS_CANDIDATES_MAX * 2];      /* accumulates scores */
    uint32_t  used[RECS_CANDIDATES_MAX];           /* slots of table */
    unsigned  parted;                              /* parts are kept */
    uint32_t  component;                           /* that scores are of */
    struct {
        float     given[RECS_COMPONENTS];
        uint32_t  place;                           /* among the features */
    }         parts[RECS_PARTED_MAX * 2];          /* by slot of table */
    struct {
        uint32_t     turn;
        recs_item_t  item;
    }         seen[4096];                          /* listed or excluded */
    recs_shape_t  shape;
    recs_answer_item_t  held[RECS_SHAPE_POOL];     /* to be shaped */
    recs_format_seen_t  history[RECS_USER_ENTRIES * 2
                                + RECS_VISIT_TOUCHES * 2];
    recs_format_related_t  personal[RECS_PERSONAL_ENTRIES];
    recs_answer_item_t  ranked[RECS_RANKED_MAX];
    uint32_t  gathered_count;
    recs_answer_item_t  gathered[RECS_RANKED_MAX]; /* to be sorted */
    recs_sort_row_t  sorted[RECS_RANKED_MAX];
    float     features[RECS_FOREST_FEATURES * RECS_FOREST_ROWS];
    float     scores[RECS_FOREST_ROWS];            /* of a forest */
    uint64_t  order[RECS_FOREST_ROWS];
    recs_answer_item_t  again[RECS_FOREST_ROWS];   /* ranked anew */
    uint32_t  near_turn;
    uint32_t  near_count;
    uint32_t  near_shift;                          /* of near, by its use */
    recs_near_t  near[RECS_NEAR_MAX * 2];          /* sessions alike */
    uint64_t  keys[RECS_NEAR_MAX];                 /* of near, to be ranked */
    uint32_t  key_count;                           /* that were ranked */
    unsigned  key_more;                            /* there are others */
} recs_scratch_t;


/* The state of one answer in the making, for generators. */

typedef struct {
    const recs_view_t   *view;
    const recs_query_t  *query;
    recs_scratch_t      *scratch;
    recs_answer_t       *answer;
    uint32_t             skip;         /* of offset, still to be skipped */
    uint32_t             rows;         /* looked at so far */
    uint32_t             added;        /* by the strategy at work */
    recs_item_t          item;         /* of query->product, or NO_ITEM */
    uint32_t             category;     /* of query->category, or NONE */
    uint32_t             history_count;
    uint32_t             live_count;   /* of them, before the snapshot's */
    unsigned             history_read;
    uint8_t              user[16];     /* whose history it is, zeros: nobody's;
                                          with history_read */
    uint8_t              strategy;     /* at work */
    uint8_t              alternative;  /* what is sold out is being replaced */
    unsigned             parted;       /* parts of scores are kept */
    unsigned             collect;      /* features are wanted, no list */
    unsigned             gather;       /* all that pass, to be sorted */
    uint32_t             shape;        /* so many are held back, 0: none */
    uint64_t             listed;       /* strategies of what is listed, bits */
    uint32_t             segment;      /* of the user; with history_read */
    uint32_t             region;
    uint32_t             user_flags;   /* RECS_USER_*, with history_read */
    uint32_t             collected;    /* candidates with features */
    recs_match_t         match;        /* what may be listed */
} recs_answer_ctx_t;


/*
 * Answers a question.  Always succeeds; the list is shorter than the limit
 * only where the catalogue is at its end or answer->truncated.
 *
 * By relevance: what the strategy finds, then what those behind it find
 * (recs_strategy_t.fallback), then the catalogue, popular first, from the
 * shortest posting lists that the filter names (recs_postings_t).  In another
 * order: what the strategy itself finds, at most RECS_RANKED_MAX of the most
 * relevant, in that order; then the rest of the catalogue in that order.  The
 * catalogue begins with the category asked for, where there is one.  Filters
 * act before anything is cut off.
 *
 * A row is looked at where an item is offered to the list, whether it passes
 * or not, or compared for a sorted one.
 */

void recs_answer(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, recs_answer_t *answer);

/* Begins the making of one answer; for tests of generators. */

void recs_answer_init(recs_answer_ctx_t *ctx, const recs_view_t *view,
    const recs_query_t *query, recs_scratch_t *scratch,
    recs_answer_t *answer);

/*
 * For generators: offers an item.  Dropped where it is not shown, does not
 * pass the filter, is excluded, in the cart, the product asked about, or
 * listed already.  In place of what is sold out and would pass otherwise comes
 * the first of the RECS_ALTERNATIVES most similar products that can be listed,
 * if there is one; not in a sorted list.  RECS_DONE: the list is full, or
 * enough rows were looked at; stop.
 */

int recs_answer_add(recs_answer_ctx_t *ctx, recs_item_t item, float score,
    float confidence, recs_item_t seed);

/*
 * The two halves of it: whether one more row may be looked at (RECS_OK or
 * RECS_DONE); lists an item that is known to pass, once.
 */

int recs_answer_row(recs_answer_ctx_t *ctx);
int recs_answer_put(recs_answer_ctx_t *ctx, const recs_answer_item_t *item);

/*
 * Whether an item is listed or excluded already; the same, and from now on it
 * is (RECS_OK: it was not).
 */

int recs_answer_seen(const recs_scratch_t *scratch, recs_item_t item);
int recs_answer_see(recs_scratch_t *scratch, recs_item_t item);

/*
 * Parts of recs_answer(): what one strategy finds; a whole list in another
 * order than by relevance.
 */

void recs_answer_run(recs_answer_ctx_t *ctx, unsigned strategy);
void recs_answer_sorted(recs_answer_ctx_t *ctx);

/*
 * Rules and diversity (recs_shape.h): from begin() on, hold() takes what
 * would be listed, and lists it as soon as nothing that is found later could
 * change the list, at the latest when ctx->shape are there; list() does so
 * where there are no more.
 */

void recs_shape_begin(recs_answer_ctx_t *ctx);
int recs_shape_hold(recs_answer_ctx_t *ctx, const recs_answer_item_t *item);
int recs_shape_list(recs_answer_ctx_t *ctx);

/*
 * Between two strategies: whether what is held back fills the list asked for
 * whatever the next one finds.
 */

unsigned recs_shape_enough(recs_answer_ctx_t *ctx);

/*
 * For generators: a table in which scores of candidates add up, and its
 * ranking.
 *
 * recs_answer_begin() empties the table; "most" is how many additions may
 * follow: a small table stays in the cache.  Of more candidates than that, or
 * than RECS_CANDIDATES_MAX, the last are ignored.  recs_answer_score_related()
 * adds weight x its weight to each item of a row, recs_answer_score_row() the
 * same score, once to an item that is there twice, recs_answer_score_away()
 * score x fall^k to the k-th of n items that are "step" (1 or -1) apart.
 * recs_answer_drop() takes a candidate out, recs_answer_scale() multiplies
 * its score.
 *
 * recs_answer_rank() puts the table (score, then item number) into
 * scratch->ranked and returns how many: the first "first" of them in order,
 * which is all that most answers look at; recs_answer_rank_next() those
 * behind, in turn, when they are needed.  "possible": only what
 * recs_answer_possible(), that is, may be listed, or something similar in its
 * place; scratch->key_more says whether there are more than were returned.
 */

void recs_answer_begin(recs_answer_ctx_t *ctx, uint32_t most);
void recs_answer_score(recs_answer_ctx_t *ctx, recs_item_t item, float score,
    recs_item_t seed);
void recs_answer_score_row(recs_answer_ctx_t *ctx, const recs_item_t *items,
    uint32_t n, float score, recs_item_t seed);
void recs_answer_score_related(recs_answer_ctx_t *ctx,
    const recs_format_related_t *row, uint32_t n, float weight,
    recs_item_t seed);
void recs_answer_score_away(recs_answer_ctx_t *ctx, const recs_item_t *items,
    uint32_t n, int step, float score, float fall, recs_item_t seed);
void recs_answer_drop(recs_answer_ctx_t *ctx, recs_item_t item);
void recs_answer_scale(recs_answer_ctx_t *ctx, recs_item_t item,
    float factor);
unsigned recs_answer_possible(recs_answer_ctx_t *ctx, recs_item_t item);
uint32_t recs_answer_rank(recs_answer_ctx_t *ctx, uint32_t first,
    unsigned possible);
void recs_answer_rank_next(recs_answer_ctx_t *ctx, uint32_t from,
    uint32_t to);

/*
 * For generators: names the component (RECS_PART_*) that scores are from,
 * from here on.  Where a forest ranks, what each gave is kept.
 */

#define recs_answer_component(ctx, which)                                    \
    ((ctx)->scratch->component = (which))

/* Takes an item for one that is listed already. */

void recs_answer_hide(recs_answer_ctx_t *ctx, recs_item_t item);

/* The slot of an item in scratch->table, or the empty one where it would be. */

uint32_t recs_answer_slot(const recs_scratch_t *scratch, recs_item_t item);

/*
 * For generators: the history of the asker, newest first, read once: what
 * was done since the snapshot (recs_live.h), then what the snapshot has.
 */

const recs_format_seen_t *recs_answer_history(recs_answer_ctx_t *ctx,
    uint32_t *count);


/*
 * For generators: a list made for the asker (RECS_PERSONAL_*), and what was
 * wanted after the search asked about, best first.  Copies that the next call
 * of either writes over; NULL and 0 where there is none.
 */

const recs_format_related_t *recs_answer_personal(recs_answer_ctx_t *ctx,
    uint8_t which, uint32_t *count);
const recs_format_related_t *recs_answer_searched(recs_answer_ctx_t *ctx,
    uint32_t *count);


/*
 * Renders an answer as JSON.  "id" is the recommendationId; RECS_ERROR where
 * it does not fit; recs_answer_size() computes a safe bound.
 */

typedef struct {
    recs_str_t           id;
    recs_str_t           variant;    /* empty: null */
    const recs_links_t  *links;      /* of "clickUrl", NULL: there are none */
} recs_answer_head_t;

size_t recs_answer_size(const recs_view_t *view, const recs_answer_t *answer,
    const recs_answer_head_t *head);

/* The code of an item's reason: "ALSO_VIEWED". */

const recs_str_t *recs_answer_reason(const recs_answer_item_t *item);

int recs_answer_json(const recs_view_t *view, const recs_query_t *query,
    const recs_answer_t *answer, const recs_answer_head_t *head,
    recs_out_t *out);


/*
 * The asker's history as products, newest first, as the "items" of
 * GET /analytics/history: productId, views, firstViewedAt, lastViewedAt
 * (epoch ms), duration (seconds, where known), converted, activities, product.
 * Writes an array of at most query->limit objects, of those that query->seen
 * wants, and returns how many.
 */

uint32_t recs_history_json(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, recs_out_t *out);

/* A bound of what recs_history_json() writes for query->limit. */

size_t recs_history_size(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch);

/*
 * The parts of it: what is in scratch->history, newest first; an array of n
 * rows, each with its weight where that is wanted; a bound of the array.
 */

const recs_format_seen_t *recs_history(recs_answer_ctx_t *ctx,
    uint32_t *count);
void recs_history_rows(const recs_view_t *view, const recs_format_seen_t *seen,
    uint32_t n, unsigned weights, recs_out_t *out);
size_t recs_history_rows_size(const recs_view_t *view,
    const recs_format_seen_t *seen, uint32_t n);

/*
 * What an event of a type leaves in a history, RECS_SEEN_*, by a name or an
 * alias of it (recs_event_type.h); 0: nothing, or there is no such type.
 */

uint32_t recs_history_type(const recs_str_t *name);


#endif /* _RECS_ANSWER_H_INCLUDED_ */
