/*
 * Copyright (C) recs authors
 *
 * HOME: rails, each a list of one strategy, in the order in which they say
 * something about the visitor; no product is in two of them.  A rail that its
 * strategy cannot fill with RECS_HOME_LEAST items is left out, nothing else
 * fills it up.
 */

#ifndef _RECS_HOME_H_INCLUDED_
#define _RECS_HOME_H_INCLUDED_


#include "recs_strategy.h"


#define RECS_HOME_LEAST  3       /* items of a rail, or as many as asked for */


/* What has to be known of the visitor for a rail. */

#define RECS_HOME_HISTORY   0x01
#define RECS_HOME_BOUGHT    0x02
#define RECS_HOME_SESSION   0x04     /* this very visit has begun */

typedef enum {
    RECS_HOME_VISITOR = 0,       /* it is about the visitor or the shop */
    RECS_HOME_PRODUCT,           /* about what was looked at last */
    RECS_HOME_OTHER_PRODUCT,     /* about the last of another category */
    RECS_HOME_CATEGORY           /* about the category looked at most */
} recs_home_about_e;

typedef struct {
    uint8_t            strategy;
    uint8_t            known;    /* RECS_HOME_* */
    recs_home_about_e  about;
    recs_str_t         title;
} recs_home_rail_t;

extern const recs_home_rail_t  recs_home_rails[];
extern const unsigned          recs_home_rail_count;


/*
 * At most query->rails rails of query->limit items each, RECS_LIMIT_MAX items
 * in all; offset and sort are not looked at.
 */

void recs_home(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, recs_answer_t *answer);


#endif /* _RECS_HOME_H_INCLUDED_ */
