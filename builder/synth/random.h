/*
 * Copyright (C) recs authors
 *
 * Numbers that look random and depend on a seed alone (splitmix64: Steele,
 * Lea and Flood 2014).
 */

#ifndef _RECS_BUILDER_RANDOM_H_INCLUDED_
#define _RECS_BUILDER_RANDOM_H_INCLUDED_


#include <stdint.h>


typedef struct {
    uint64_t  state;
} recs_random_t;


static inline uint64_t
recs_random_mix(uint64_t n)
{
    n += 0x9e3779b97f4a7c15ULL;
    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9ULL;
    n = (n ^ (n >> 27)) * 0x94d049bb133111ebULL;

    return n ^ (n >> 31);
}


static inline uint64_t
recs_random_next(recs_random_t *r)
{
    uint64_t  n;

    n = recs_random_mix(r->state);
    r->state += 0x9e3779b97f4a7c15ULL;

    return n;
}


/* From 0 up to, but not, n. */

static inline uint32_t
recs_random_below(recs_random_t *r, uint32_t n)
{
    return (uint32_t) (((recs_random_next(r) >> 32) * n) >> 32);
}


/* From 0 up to, but not, 1. */

static inline double
recs_random_real(recs_random_t *r)
{
    return (double) (recs_random_next(r) >> 11) * 0x1p-53;
}


static inline unsigned
recs_random_chance(recs_random_t *r, double p)
{
    return recs_random_real(r) < p;
}


/* Near 0, most often within 1 to each side, at most 3. */

static inline double
recs_random_normal(recs_random_t *r)
{
    unsigned  i;
    double    sum;

    for (i = 0, sum = -3; i < 6; i++) {
        sum += recs_random_real(r);
    }

    return sum * 1.41421356;
}


#endif /* _RECS_BUILDER_RANDOM_H_INCLUDED_ */
