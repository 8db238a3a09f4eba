/*
 * Copyright (C) recs authors
 *
 * A filter put into the numbers of one snapshot, once an answer, and where
 * the items are that it lets through.
 */

#ifndef _RECS_FILTER_H_INCLUDED_
#define _RECS_FILTER_H_INCLUDED_


#include "../snapshot/recs_view.h"
#include "recs_query.h"
#include "recs_rules.h"


/*
 * What an item must be like.  "shown" and "never" hold whether there is a
 * filter or not; the rest where "active" is set.
 */

typedef struct {
    uint8_t    shown;            /* RECS_ITEM_* that it must have */
    uint8_t    active;
    uint8_t    never;            /* nothing is like that: all names of one
                                    kind, or one tag, are unknown */
    uint8_t    unknown;          /* a name is not known to the snapshot */
    uint8_t    stock;            /* must be known and above 0 */
    uint8_t    priced;           /* a price is asked for */
    uint8_t    regional;
    uint8_t    brand_count;
    uint8_t    category_count;
    uint8_t    tag_count;
    uint16_t   rating;           /* at least, stars x 1000 */
    uint32_t   within;           /* besides, in this category's subtree, */
    uint32_t   within_end;       /* 0: none */
    int64_t    price_min;        /* micro, INT64_MIN: none */
    int64_t    price_max;        /* micro, INT64_MAX: none */
    uint64_t   regions;          /* bit of the region, 0: of none that is
                                    known, what is sold everywhere */
    const recs_rules_work_t  *rules;   /* whose blocks hold, NULL: none */
    uint32_t   brands[RECS_FILTER_MAX];
    uint32_t   categories[RECS_FILTER_MAX];    /* subtrees begin ... */
    uint32_t   ends[RECS_FILTER_MAX];          /* ... and end */
    uint32_t   tags[RECS_FILTER_MAX];
} recs_match_t;


/*
 * The filter of a question.  A name that the snapshot does not know matches
 * nothing: of several brands or categories the others count; an unknown
 * region is one in which only what is sold everywhere is sold.
 */

void recs_match_init(recs_match_t *match, const recs_view_t *view,
    const recs_query_t *query);

/* Adds that no rule at work may block an item. */

void recs_match_rules(recs_match_t *match, const recs_rules_work_t *rules);

/*
 * Adds that an item must be in a category's subtree, RECS_NONE: takes that
 * away again.  For a list of the category's own items nothing changes.
 */

void recs_match_within(recs_match_t *match, const recs_view_t *view,
    uint32_t category);

/* Whether an active filter lets an item through, by the view's columns. */

int recs_match_item(const recs_match_t *match, const recs_view_t *view,
    recs_item_t item);

/* Whether an item may be listed at all, as far as filters go. */

#define recs_match(match, view, item)                                        \
    ((recs_view_flags(view, item) & (match)->shown) == (match)->shown        \
     && (!(match)->active || recs_match_item(match, view, item)))


/*
 * Where to look for the items that a filter lets through: posting lists of
 * one kind, merged; those with the fewest entries that the filter names, or
 * of "category" where it is not RECS_NONE; all items where there is none.
 * Popular first, each item once; some may still not match.
 */

typedef struct {
    uint32_t         lists;      /* 0: all items */
    uint32_t         total;      /* entries of the lists, or items */
    uint32_t         next;       /* where there are no lists */
    const uint32_t  *rows[RECS_FILTER_MAX];
    const uint32_t  *ends[RECS_FILTER_MAX];
} recs_postings_t;

void recs_postings_init(recs_postings_t *p, const recs_view_t *view,
    const recs_match_t *match, uint32_t category);

/* The next item, RECS_NO_ITEM at the end. */

recs_item_t recs_postings_next(recs_postings_t *p);


#endif /* _RECS_FILTER_H_INCLUDED_ */
