/*
 * Copyright (C) recs authors
 *
 * Memory of the builder: a failed allocation ends the program with a message
 * and exit status 1, so that no caller has to test; nothing is half
 * published by that (publish renames last).  Plus the two containers that
 * every stage needs.
 */

#ifndef _RECS_BUILDER_MEMORY_H_INCLUDED_
#define _RECS_BUILDER_MEMORY_H_INCLUDED_


#include "../core/recs_types.h"


void *recs_alloc(size_t size);
void *recs_calloc(size_t n, size_t size);
void *recs_realloc(void *p, size_t size);


/*
 * Grows *array (elements of "size" bytes, *cap of them) so that it holds at
 * least "need": by half, in steps that keep the peak small.
 */

void recs_grow(void *array, size_t *cap, size_t need, size_t size);


/* Strings kept for ever, by number 0, 1, 2 ... in order of arrival. */

typedef struct recs_names_s  recs_names_t;

recs_names_t *recs_names_create(void);
void recs_names_destroy(recs_names_t *names);
uint32_t recs_names_add(recs_names_t *names, const void *data, size_t len);
uint32_t recs_names_find(const recs_names_t *names, const void *data,
    size_t len);                               /* RECS_NONE */
uint32_t recs_names_count(const recs_names_t *names);
recs_str_t recs_names_get(const recs_names_t *names, uint32_t n);


/* Fixed 16-byte keys (identities, order hashes), the same way. */

typedef struct recs_keys16_s  recs_keys16_t;

recs_keys16_t *recs_keys16_create(void);
void recs_keys16_destroy(recs_keys16_t *keys);
uint32_t recs_keys16_add(recs_keys16_t *keys, const uint8_t *key);
uint32_t recs_keys16_find(const recs_keys16_t *keys, const uint8_t *key);
uint32_t recs_keys16_count(const recs_keys16_t *keys);
const uint8_t *recs_keys16_get(const recs_keys16_t *keys, uint32_t n);


/*
 * Runs fn(ctx, thread, from, to) over [0, rows) cut into blocks that threads
 * take in turn; returns when all are done.  Results must not depend on which
 * thread takes which block.
 */

typedef void (*recs_parallel_pt)(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);

void recs_parallel(unsigned threads, uint32_t rows, uint32_t block,
    recs_parallel_pt fn, void *ctx);


#endif /* _RECS_BUILDER_MEMORY_H_INCLUDED_ */
