/*
 * Copyright (C) recs authors
 *
 * What is known of one user, for who may know it: the head of the snapshot's
 * record, what the history adds up to, what is live.  Products are named, no
 * identifier of a person is.
 */

#ifndef _RECS_PROFILE_H_INCLUDED_
#define _RECS_PROFILE_H_INCLUDED_


#include "recs_live.h"


#define RECS_PROFILE_SEEN   (RECS_USER_ENTRIES + RECS_LIVE_MAX)
#define RECS_PROFILE_LIKED  10       /* categories, and brands */


/* A category or brand, and what of the history is about it. */

typedef struct {
    uint32_t  number;
    uint32_t  products;
    float     weight;                /* of those that are liked, summed up */
} recs_profile_liked_t;

typedef struct {
    uint32_t              count;     /* distinct ones */
    float                 weight;    /* of all */
    recs_profile_liked_t  liked[RECS_PROFILE_SEEN];
                                     /* the first RECS_PROFILE_LIKED in order,
                                        most liked first */
} recs_profile_likes_t;


typedef struct {
    uint32_t              segment;   /* of the base, RECS_NONE */
    uint32_t              region;
    uint32_t              flags;     /* RECS_USER_* */
    int64_t               last_ms;   /* the latest event known, 0 none */
    uint32_t              count;     /* of scratch->history, newest first */
    uint32_t              live;      /* of them with something live */
    uint64_t              views;
    uint32_t              carts;     /* products in the cart */
    uint32_t              wishes;    /* products wished for */
    uint32_t              purchases; /* products bought and kept */
    uint32_t              dismissed;
    recs_profile_likes_t  categories;
    recs_profile_likes_t  brands;
} recs_profile_t;


/*
 * Looks a user up: query->asker.user and query->known say who, the session
 * must be nobody's.  RECS_DECLINED: nothing is known of that user.  The
 * history is in scratch->history until the next call of anything.  Takes at
 * most RECS_PROFILE_SEEN^2 comparisons.
 */

int recs_profile(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, recs_profile_t *p);

/*
 * The members of the profile without braces: segment, region, valuable,
 * lastActivityAt, counts, categories, brands, recent (as recs_history_json(),
 * with weights; at most query->limit), live.  size() is a bound.
 */

size_t recs_profile_size(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, const recs_profile_t *p);
void recs_profile_json(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, const recs_profile_t *p, recs_out_t *out);


#endif /* _RECS_PROFILE_H_INCLUDED_ */
