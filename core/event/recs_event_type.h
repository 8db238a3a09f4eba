/*
 * Copyright (C) recs authors
 *
 * The types of events: one row each in recs_event_types[].  Codes are stored
 * and never change.
 */

#ifndef _RECS_EVENT_TYPE_H_INCLUDED_
#define _RECS_EVENT_TYPE_H_INCLUDED_


#include "../recs_types.h"


/* What an event of the type says about a product (bits). */

#define RECS_SIGNAL_VIEW      0x0001
#define RECS_SIGNAL_CART      0x0002
#define RECS_SIGNAL_UNCART    0x0004
#define RECS_SIGNAL_WISH      0x0008
#define RECS_SIGNAL_UNWISH    0x0010
#define RECS_SIGNAL_PURCHASE  0x0020
#define RECS_SIGNAL_REFUND    0x0040
#define RECS_SIGNAL_RATING    0x0080
#define RECS_SIGNAL_CLICK     0x0100
#define RECS_SIGNAL_DISMISS   0x0200
#define RECS_SIGNAL_EXPOSURE  0x0400

/* What it needs and who may send it (bits). */

#define RECS_NEEDS_PRODUCT    0x01     /* productId, entityId or items[] */
#define RECS_NEEDS_ORDER      0x02
#define RECS_NEEDS_QUERY      0x04
#define RECS_NEEDS_CATEGORY   0x08
#define RECS_NEEDS_BRAND      0x10
#define RECS_NEEDS_RATING     0x20
#define RECS_SERVER_ONLY      0x40     /* refused from browsers */


typedef struct {
    uint8_t        code;
    const char    *name;             /* "PRODUCT_VIEW" */
    uint16_t       signal;           /* RECS_SIGNAL_* */
    uint8_t        needs;            /* RECS_NEEDS_*, RECS_SERVER_ONLY */
    float          weight;           /* implicit feedback, a default */
    const char *const  *aliases;     /* NULL-terminated, or NULL */
} recs_event_type_t;


/* The codes that code names; all others are only rows of the table. */

#define RECS_EVENT_PRODUCT_VIEW        3
#define RECS_EVENT_ADD_TO_CART         20
#define RECS_EVENT_CHECKOUT_COMPLETE   44
#define RECS_EVENT_PURCHASE            45
#define RECS_EVENT_REFUND              46
#define RECS_EVENT_RECOMMENDATION_VIEW   70
#define RECS_EVENT_RECOMMENDATION_CLICK  71
#define RECS_EVENT_LOGOUT              91
#define RECS_EVENT_PRODUCT_UPDATE      100   /* a catalogue row */
#define RECS_EVENT_USER_UPDATE         101   /* a row of the users */
#define RECS_EVENT_USER_ERASE          102   /* who is to be forgotten */
#define RECS_EVENT_CUSTOM              255


extern const recs_event_type_t  recs_event_types[];   /* name NULL ends */


/* By code; NULL where there is none. */

const recs_event_type_t *recs_event_type(unsigned code);

/*
 * By name or alias: case, blanks, "-" and "_" do not count.  A name that is
 * not known is CUSTOM.  NULL where the name is empty.
 */

const recs_event_type_t *recs_event_type_find(const recs_str_t *name);

/* Whether an event of the type says anything about its products. */

static inline unsigned
recs_event_type_counts(const recs_event_type_t *type)
{
    return type->signal != 0 || type->weight != 0;
}

/*
 * The implicit feedback of an event with a rating (stars x 1000, 0 none): a
 * RATING is worth its weight for each star above three, a review for two of
 * them; a review without stars has its weight, as all other types have.
 */

double recs_event_feedback(const recs_event_type_t *type, int32_t rating);


#endif /* _RECS_EVENT_TYPE_H_INCLUDED_ */
