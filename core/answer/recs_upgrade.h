/*
 * Copyright (C) recs authors
 *
 * UPGRADE_PATH (algorithms.md 1.11): the next steps up from what somebody
 * has.  The ladder is in the snapshot (RECS_LIST_UPGRADE, RECS_COLUMN_TIER);
 * what depends on who asks and when is put to it here:
 *
 *   affinity = min(100, that of the ladder x 1.5 where the lower step was
 *              bought x due x season)
 *   due      = .5 + .5 min(1, days since it was bought / days that others
 *              took), 1 where that is not known
 *   season   = 1.3 from October to December, 1.2 in January and February
 *
 * The confidence is that of the customer (nothing bought, something bought,
 * RECS_USER_VALUABLE) times that of the step; the estimated conversion value
 * is price x affinity / 100 x confidence.  Who has bought nothing that a step
 * leads from is told those from what was looked at; who has bought nothing at
 * all, else, the ladder itself, from the lowest step on.
 */

#ifndef _RECS_UPGRADE_H_INCLUDED_
#define _RECS_UPGRADE_H_INCLUDED_


#include "recs_answer.h"


#define RECS_UPGRADE_LIMIT       3       /* items, where none are asked for */
#define RECS_UPGRADE_TIERS       4       /* with an affinity of their own */
#define RECS_UPGRADE_CAP         100.0f
#define RECS_UPGRADE_OWNED       1.5f
#define RECS_UPGRADE_ROWS        65536   /* looked through for a first step */

#define RECS_UPGRADE_NEW         .70f    /* confidence */
#define RECS_UPGRADE_REPEAT      .85f
#define RECS_UPGRADE_VALUABLE    .90f


/*
 * The affinity that a step has before anything is known: 40, 25, 15 and 5
 * for the first four, 5 for all above; 0 for tier 0.
 */

float recs_upgrade_affinity(unsigned tier);

/* The factor of the season at epoch milliseconds (UTC). */

float recs_upgrade_season(int64_t ms);

/* "affinity" and "estimatedConversionValue" (recs_strategy_put_pt). */

uint8_t *recs_upgrade_put(uint8_t *p, int64_t price, uint32_t score,
    uint32_t confidence);


#endif /* _RECS_UPGRADE_H_INCLUDED_ */
