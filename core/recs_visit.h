/*
 * Copyright (C) recs authors
 *
 * A live session: what somebody has done since the last snapshot was made,
 * as far as an answer can use it.  Fixed size, no pointers: it lies in shared
 * memory, is copied as a whole, and goes to Redis as it is.  Products are
 * keys, not item numbers, so that a swap of snapshots costs nothing.
 *
 * The same record is kept for a session and for a user (the events of all
 * sessions in which that user was verified).
 */

#ifndef _RECS_VISIT_H_INCLUDED_
#define _RECS_VISIT_H_INCLUDED_


#include "recs_types.h"


#define RECS_VISIT_VERSION     1
#define RECS_VISIT_CLICKS      50    /* RECS_SESSION_MAX */
#define RECS_VISIT_TOUCHES     40
#define RECS_VISIT_CATEGORIES  8


/*
 * What was done with a product; "flags" are RECS_SEEN_*, and of what was
 * undone since, so that an older snapshot is not believed, RECS_TOUCH_*.
 */

#define RECS_TOUCH_UNCARTED  0x0100  /* taken out of the cart, or bought */
#define RECS_TOUCH_UNWISHED  0x0200
#define RECS_TOUCH_REFUNDED  0x0400  /* given back */


typedef struct {
    uint64_t      key;               /* key64 of the product */
    uint32_t      first;             /* epoch seconds */
    uint32_t      last;
    float         weight;            /* sum of the weights of event types */
    uint16_t      views;
    uint16_t      flags;
} recs_touch_t;


typedef struct {
    uint16_t      version;           /* RECS_VISIT_VERSION */
    uint16_t      click_count;
    uint16_t      touch_count;
    uint16_t      category_count;
    uint32_t      events;            /* that were applied, all */
    uint8_t       device;            /* RECS_DEVICE_*, 0 unknown */
    uint8_t       consent;           /* RECS_CONSENT_* */
    uint8_t       click_type;        /* of the last click, an event's code */
    uint8_t       left;              /* 1: its user has logged out, so that
                                        it is nobody's, whatever a snapshot
                                        says */
    uint8_t       user[16];          /* verified, of a session; else zeros */
    int64_t       first_ms;
    int64_t       last_ms;
    uint64_t      region;            /* key64 of its name, 0 unknown */
    uint64_t      search;            /* recs_key64_search() of the last one */
    uint64_t      order;             /* key64 of the last one's id, 0 none */
    uint64_t      clicks[RECS_VISIT_CLICKS];     /* oldest first, repeats */
    recs_touch_t  touches[RECS_VISIT_TOUCHES];   /* distinct, newest first */
    uint64_t      categories[RECS_VISIT_CATEGORIES];
                                     /* looked at, newest first, distinct */
} recs_visit_t;


#endif /* _RECS_VISIT_H_INCLUDED_ */
