/*
 * Copyright (C) recs authors
 *
 * A reader of msgpack that trusts nobody.  What it reads comes from files
 * and from a network, ten millions at a time: every read tests what is left,
 * no count is believed that the remaining bytes cannot hold, nothing is
 * allocated, nothing recurses.  A read that fails sets "failed", returns 0,
 * and so do all later ones: test it once at the end.
 */

#ifndef _RECS_UNPACK_H_INCLUDED_
#define _RECS_UNPACK_H_INCLUDED_


#include "recs_types.h"


typedef struct {
    const uint8_t  *pos;         /* next byte to read */
    const uint8_t  *last;
    unsigned        failed;
} recs_unpack_t;


void recs_unpack_init(recs_unpack_t *u, const void *data, size_t len);

/* An integer; the first fails above max, the third takes nil for "absent". */
uint64_t recs_unpack_uint(recs_unpack_t *u, uint64_t max);
int64_t recs_unpack_int(recs_unpack_t *u);
int64_t recs_unpack_int_or(recs_unpack_t *u, int64_t absent);

/* Whether a nil comes next, which is then read. */
unsigned recs_unpack_nil(recs_unpack_t *u);

/* A str or bin of up to max bytes, by reference; nil is empty. */
void recs_unpack_str(recs_unpack_t *u, recs_str_t *s, size_t max);

/* The number of members (pairs, of a map) that follow. */
uint32_t recs_unpack_array(recs_unpack_t *u);
uint32_t recs_unpack_map(recs_unpack_t *u);

/* Skips values with all that is in them. */
void recs_unpack_skip(recs_unpack_t *u, uint64_t values);


#endif /* _RECS_UNPACK_H_INCLUDED_ */
