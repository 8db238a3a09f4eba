/*
 * Copyright (C) recs authors
 *
 * What the asker has done since the snapshot was made (query->visit, of this
 * session, and query->known, of the verified user), as a history: in front of
 * the snapshot's own, so that whatever looks at a history sees it.
 *
 * A product that both know is one entry.  Of a product that was touched after
 * the snapshot's newest event views and weights add up, else the larger
 * counts, because the snapshot may have seen the same; what was taken out of
 * the cart or given back since is in no cart and no order any more.
 */

#ifndef _RECS_LIVE_H_INCLUDED_
#define _RECS_LIVE_H_INCLUDED_


#include "recs_answer.h"


/* Most entries that visit and known have together. */

#define RECS_LIVE_MAX  (2 * RECS_VISIT_TOUCHES)


/*
 * Puts the live entries, newest first, before the "count" entries of the
 * snapshot, there is room for RECS_LIVE_MAX more in "seen"; takes those out
 * that became one with them.  Returns how many there are then; *live of them
 * are live.
 */

uint32_t recs_live_history(recs_answer_ctx_t *ctx, recs_format_seen_t *seen,
    uint32_t count, uint32_t *live);

/*
 * Marks what must not be listed in a private answer: what was dismissed, now
 * or before, and what is in the cart, or was bought since the snapshot was
 * made, unless it may be listed again.
 */

void recs_live_exclude(recs_answer_ctx_t *ctx);

/* The cart of a live session, newest first, at most "max" items. */

uint32_t recs_live_cart(recs_answer_ctx_t *ctx, recs_item_t *items,
    uint32_t max);

/* Whose session it is, or NULL: nobody's, as far as is known. */

const uint8_t *recs_live_user(const recs_query_t *q);


#endif /* _RECS_LIVE_H_INCLUDED_ */
