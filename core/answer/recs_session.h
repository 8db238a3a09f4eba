/*
 * Copyright (C) recs authors
 *
 * The live session behind SESSION, and sessions like it: VMIS-kNN
 * (Kersbergen et al., Serenade, SIGMOD 2022) with the weights of V-SKNN
 * (Ludewig and Jannach 2018) and VSTAN (Ludewig et al. 2020), chosen by
 * recs_format_serving_t.
 *
 *   weight of an item i    position(age) x ln(...)_i ^ rarity
 *   likeness of session n  (sum of the weights of items in common, divided
 *                          by sqrt(|n|) for cosine, x e^(-days before the
 *                          newest candidate / recency_days)) ^ power
 *                          x match(age of the latest item in common)
 *                          x without, where the last item is not in n
 *   score of an item       (sum of likeness x distance over n) x rarity
 *
 * Candidates are the "sample" latest sessions that hold one of the items of
 * the last "last" clicks; of them the "neighbours_max" most alike count, of
 * equal ones the later.  With a distance every occurrence of an item in a
 * neighbour counts by its places from the match, else an item counts once.
 */

#ifndef _RECS_SESSION_H_INCLUDED_
#define _RECS_SESSION_H_INCLUDED_


#include "recs_answer.h"


/* Places and ages are counted in clicks, 0 is the newest. */

typedef struct {
    uint32_t     length;                     /* clicks */
    uint32_t     count;                      /* distinct items in "window" */
    uint32_t     window;                     /* clicks that count, "last" */
    recs_item_t  clicks[RECS_SESSION_MAX];   /* newest first */
    recs_item_t  items[RECS_SESSION_MAX];    /* distinct, newest first */
    uint8_t      ages[RECS_SESSION_MAX];     /* of items */
} recs_live_t;


/*
 * The clicks of the live session, else the session of the question, else the
 * newest of the asker's history; what the snapshot does not know is left out.
 */

void recs_session_live(recs_answer_ctx_t *ctx, recs_live_t *live);

/* RECS_WEIGHT_* at an age, over a session of so many clicks and items. */

float recs_session_weight(unsigned kind, float scale, uint32_t age,
    const recs_live_t *live);

/*
 * Finds the neighbours, into scratch->keys, and returns how many; scores
 * what they hold into the table, which is begun with room for "more".
 */

uint32_t recs_neighbours_find(recs_answer_ctx_t *ctx,
    const recs_live_t *live);
void recs_neighbours_score(recs_answer_ctx_t *ctx, const recs_live_t *live,
    uint32_t n, uint32_t more);

/* The slot of a session in scratch->near, or the empty one for it. */

uint32_t recs_near_slot(const recs_scratch_t *scratch, uint32_t session);


#endif /* _RECS_SESSION_H_INCLUDED_ */
