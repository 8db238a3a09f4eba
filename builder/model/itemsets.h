/*
 * Copyright (C) recs authors
 *
 * Frequent itemsets and association rules, exact (Agrawal and Srikant 1994).
 * Found depth first over vertical lists (Eclat, Zaki 2000), whose
 * intersections are made by going once through the rest of each row that
 * holds the prefix (occurrence deliver, Uno et al. 2004).
 *
 * Cost: for each frequent itemset the rest of the rows that hold it; memory
 * the frequent entries, 8 bytes each, twice, and 20 an itemset.
 */

#ifndef _RECS_BUILDER_ITEMSETS_H_INCLUDED_
#define _RECS_BUILDER_ITEMSETS_H_INCLUDED_


#include "model.h"


/*
 * Itemsets are nodes of a prefix tree in preorder: the items of node n are
 * its own and those of its parents; its subtree is [n, sets[n].end).  Going
 * down, items come in the order of "rank", rare ones first.
 */

typedef struct {
    uint32_t         item;
    uint32_t         count;      /* rows that hold all of them */
    uint32_t         parent;     /* RECS_NONE: one item */
    uint32_t         end;
    uint32_t         length;     /* items */
} recs_itemset_t;

typedef struct {
    uint32_t         count;
    uint32_t         rows;
    recs_itemset_t  *sets;
    uint32_t        *single;     /* by item: the node of it alone, or NONE */
    uint32_t        *rank;       /* by item */
} recs_itemsets_t;


/* What counts as frequent, and where to stop. */

typedef struct {
    uint32_t         min_count;  /* rows, at least 1 */
    uint32_t         max_length; /* items, 0: any number */
    uint32_t         max_sets;   /* more are refused, 0: 2^32 - 2 */
} recs_itemsets_limits_t;


/*
 * All itemsets of rows whose entries are distinct items below "items".
 * RECS_ERROR: more than max_sets of them; nothing is left to be freed.
 */

int recs_itemsets_find(const recs_rows_t *rows, uint32_t items,
    const recs_itemsets_limits_t *limits, recs_itemsets_t *s,
    recs_error_t *err);
void recs_itemsets_free(recs_itemsets_t *s);

/* The node of n distinct items in any order, RECS_NONE: not frequent. */

uint32_t recs_itemsets_get(const recs_itemsets_t *s, const uint32_t *items,
    uint32_t n);


/*
 * Rules as of arules: one item on the right, the others of an itemset on the
 * left (none, where it is of one item), at least "min_length" items in all,
 * confidence = count of all / count of the left >= "confidence".  Calls
 * visit(ctx, ...) for each, in the order of the itemsets, and returns how
 * many; visit may be NULL.
 */

typedef struct {
    uint32_t         set;        /* node of left and right */
    uint32_t         right;      /* item */
    uint32_t         count;      /* rows with all */
    uint32_t         left;       /* rows with the left side */
    double           confidence;
    double           lift;
} recs_rule_t;

typedef void (*recs_rule_pt)(void *ctx, const recs_rule_t *rule);

uint64_t recs_itemsets_rules(const recs_itemsets_t *s, double confidence,
    uint32_t min_length, recs_rule_pt visit, void *ctx);


#endif /* _RECS_BUILDER_ITEMSETS_H_INCLUDED_ */
