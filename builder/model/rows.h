/*
 * Copyright (C) recs authors
 *
 * Lists of at most "max" entries a row, filled by threads in any order: row
 * r has its own place, so that what comes out does not depend on who writes
 * when.  Costs rows x max x size bytes of address space, of which only what
 * is written becomes memory; finish() closes the gaps in place.
 */

#ifndef _RECS_BUILDER_ROWS_H_INCLUDED_
#define _RECS_BUILDER_ROWS_H_INCLUDED_


#include "model.h"


typedef struct {
    uint32_t   rows;
    uint32_t   max;
    size_t     size;             /* of an entry */
    uint32_t  *counts;           /* entries of each row, set by who fills */
    uint8_t   *entries;
} recs_slots_t;

void recs_slots_init(recs_slots_t *s, uint32_t rows, uint32_t max,
    size_t size);
void *recs_slots_row(const recs_slots_t *s, uint32_t row);
void recs_slots_finish(recs_slots_t *s, recs_model_list_t *list);


/*
 * The same turned over: row t of "out" has the rows of "in" that have entry
 * t, below "things", ascending; free() both members.
 */

void recs_rows_turn(const recs_rows_t *in, uint32_t things,
    recs_rows_t *out);


/*
 * The best k of many: larger value first, equal ones by smaller item.  A
 * heap with the worst on top; recs_top_sort() leaves the best first.
 */

typedef struct {
    float      value;
    uint32_t   item;
    uint32_t   data;             /* whatever the caller wants back */
} recs_top_entry_t;

typedef struct {
    recs_top_entry_t  *entries;
    uint32_t           n;
    uint32_t           max;
} recs_top_t;

void recs_top_init(recs_top_t *top, uint32_t max);
void recs_top_free(recs_top_t *top);
void recs_top_push(recs_top_t *top, float value, uint32_t item,
    uint32_t data);
void recs_top_sort(recs_top_t *top);


/*
 * The same of numbers that are all different, for loops where a heap is too
 * slow: moves the k largest of n to the front, in any order; sorts n, the
 * largest first.
 */

void recs_keys_best(uint64_t *keys, uint32_t n, uint32_t k);
void recs_keys_sort(uint64_t *keys, uint32_t n);


/* For qsort() of recs_format_related_t: larger weight, then smaller item. */

int recs_related_order(const void *one, const void *two);


#endif /* _RECS_BUILDER_ROWS_H_INCLUDED_ */
