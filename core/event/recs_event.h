/*
 * Copyright (C) recs authors
 *
 * An event: what a visitor did, what was shown, or what a shop says of a
 * product or a user.  One record for every source and every sink.
 */

#ifndef _RECS_EVENT_H_INCLUDED_
#define _RECS_EVENT_H_INCLUDED_


#include "../recs_types.h"


#define RECS_EVENT_ITEMS_MAX     100       /* lines of one event */
#define RECS_EVENT_METADATA_MAX  2048      /* bytes, longer is cut away */
#define RECS_IDENTITY_SIZE       16
#define RECS_FORMERS             3         /* keys before the current one */


/*
 * An identity is a key number and 15 bytes of HMAC-SHA-256 under that key
 * (recs_identity.h).  All zeros: none.
 */

typedef struct {
    uint8_t  bytes[RECS_IDENTITY_SIZE];
} recs_identity_t;


typedef enum {
    RECS_CLASS_ACTIVITY = 1,     /* a visitor's activity, a click */
    RECS_CLASS_LIST,             /* the items behind a recommendationId; the
                                    name of their strategy */
    RECS_CLASS_EXPOSURE,         /* an answer was served: id, session, time,
                                    device, placement */
    RECS_CLASS_PRODUCT,          /* a catalogue row, "document" is its JSON */
    RECS_CLASS_USER,             /* a row of the shop's users, the same */
    RECS_CLASS_ERASE             /* forget "user", or "session"; message_id
                                    is that of the receipt */
} recs_class_e;

typedef enum {
    RECS_CONSENT_UNKNOWN = 0,
    RECS_CONSENT_GRANTED,
    RECS_CONSENT_DENIED          /* nothing with an identifier is stored */
} recs_consent_e;

typedef enum {
    RECS_DEVICE_UNKNOWN = 0,
    RECS_DEVICE_DESKTOP,
    RECS_DEVICE_MOBILE,
    RECS_DEVICE_TABLET,
    RECS_DEVICE_TV,
    RECS_DEVICE_BOT
} recs_device_e;


/* One line of an event.  Money and quantity in millionths. */

typedef struct {
    recs_str_t  product;
    recs_str_t  variant;
    int64_t     price;           /* a piece, RECS_NO_MONEY */
    int64_t     quantity;        /* RECS_MICRO where the event has none */
    uint32_t    position;        /* 1-based, 0 unknown */
} recs_event_item_t;


typedef struct {

    /* the frame */

    uint8_t             type;            /* RECS_EVENT_*, recs_event_type.h */
    uint8_t             class;           /* recs_class_e */
    uint8_t             consent;         /* recs_consent_e */
    uint8_t             device;          /* recs_device_e */
    uint8_t             verified;        /* its user is, not only claimed */
    uint64_t            epoch;           /* 0: imported */
    uint64_t            sequence;
    int64_t             received_ms;
    int64_t             time_ms;         /* when it happened */
    int64_t             sent_ms;         /* the client's clock, 0 none */
    recs_identity_t     user;
    recs_identity_t     anonymous;
    recs_identity_t     session;

    /*
     * While keys rotate: user, anonymous and session under the keys before,
     * so that what is stored under them is known to be theirs.  Those of the
     * session are not stored.
     */

    recs_identity_t     formers[3][RECS_FORMERS];

    recs_str_t          shop;
    recs_str_t          region;
    recs_str_t          variant;         /* of an experiment */
    uint64_t            view;            /* id of the base it was served from */

    /* raw identifiers: only between parser and recs_identity_t */

    recs_str_t          user_id;
    recs_str_t          anonymous_id;
    recs_str_t          session_id;

    uint8_t             masked[2][2 * RECS_IDENTITY_SIZE];   /* of the same */

    /* only between parser and recs_event_check() */

    recs_str_t          entity_id;
    recs_str_t          entity_type;

    /* the payload; absent strings are empty, absent numbers 0 */

    recs_str_t          message_id;
    recs_str_t          recommendation;  /* recommendationId */
    recs_str_t          placement;
    recs_str_t          source;          /* search, category, ... */
    recs_str_t          query;
    recs_str_t          category;        /* categoryId */
    recs_str_t          brand;
    recs_str_t          order;           /* orderId */
    recs_str_t          status;          /* of an order */
    recs_str_t          currency;
    recs_str_t          page_url;
    recs_str_t          referrer;
    recs_str_t          browser;
    recs_str_t          address;         /* truncated before it is stored */
    recs_str_t          name;            /* of a CUSTOM event, of a LIST */
    recs_str_t          metadata;        /* JSON text */
    recs_str_t          document;        /* of PRODUCT and USER: JSON text */
    int64_t             value;           /* micro, RECS_NO_MONEY */
    int32_t             rating;          /* stars x 1000, 0 none */
    uint32_t            duration;        /* seconds */
    uint32_t            scroll;          /* per cent */
    uint32_t            position;        /* 1-based, 0 unknown */

    uint32_t            item_count;
    recs_event_item_t   items[RECS_EVENT_ITEMS_MAX];

    /* of LIST: the items shown, in order; of EXPOSURE: none */

    uint32_t            key_count;
    uint64_t            keys[RECS_EVENT_ITEMS_MAX];
} recs_event_t;


/*
 * Takes away everything of an event of class RECS_CLASS_PRODUCT that is about
 * its sender: what stays is type, times, id, product and document.
 */

void recs_event_product(recs_event_t *e);


/* Sets every member to its "absent" value. */

void recs_event_init(recs_event_t *e);
void recs_event_item_init(recs_event_item_t *item);


/*
 * The fields of the JSON contract, one row each: it drives JSON, CSV and
 * the payload of the wire form, so that a new field is one row.
 */

typedef enum {
    RECS_FIELD_STRING = 0,       /* recs_str_t */
    RECS_FIELD_TIME,             /* int64_t, epoch ms; RFC 3339 or s/ms/us */
    RECS_FIELD_MICRO,            /* int64_t, decimal number or string */
    RECS_FIELD_STARS,            /* int32_t, x 1000 */
    RECS_FIELD_COUNT,            /* uint32_t, 0 and up */
    RECS_FIELD_TEXT,             /* recs_str_t, an object as JSON text */
    RECS_FIELD_URL,              /* a string, stored without its query */
    RECS_FIELD_ADDRESS,          /* a string, stored truncated */
    RECS_FIELD_INDEX,            /* uint32_t, what counts from 0, plus 1 */
    RECS_FIELD_TYPE,             /* uint8_t, sets class and name, too */
    RECS_FIELD_CONSENT,          /* uint8_t */
    RECS_FIELD_DEVICE,           /* uint8_t */
    RECS_FIELD_AGENT             /* a User-Agent: sets device and browser */
} recs_field_e;

typedef struct {
    const char    *name;         /* "recommendationId" */
    const char *const  *aliases; /* NULL-terminated, or NULL */
    recs_field_e   kind;
    uint16_t       offset;       /* in recs_event_t or recs_event_item_t */
    uint16_t       max;          /* bytes of a string, see below */
    uint8_t        wire;         /* key in the payload map, 0: not there */
    uint8_t        line;         /* of an item, not of the event */
} recs_event_field_t;

/*
 * A string with a "max" of RECS_ID_MAX or less is a name: longer ones are
 * errors, and control characters in it are, too.  Above that it is a text,
 * which is cut to fit.
 */

extern const recs_event_field_t  recs_event_fields[];       /* name NULL ends */
extern const recs_event_field_t  recs_event_item_fields[];


/*
 * The field with a name or alias: case, blanks, "-" and "_" do not count.
 * Fields of an item are those of items[0].  *alias (may be NULL): it was an
 * alias.  NULL where there is none.
 */

const recs_event_field_t *recs_event_field(const recs_str_t *name,
    unsigned *alias);

/* The same among the members of items[] alone. */

const recs_event_field_t *recs_event_item_field(const recs_str_t *name,
    unsigned *alias);

/* Whether a field has a value; base is a recs_event_t or the item. */

int recs_event_field_set(const recs_event_field_t *field, const void *base);

/*
 * Reads the text of a field into item number n (of the event, where it is no
 * field of an item: n does not matter).  Strings are kept by reference, an
 * empty text changes nothing.  RECS_ERROR with *err.
 */

int recs_event_field_read(const recs_event_field_t *field, recs_event_t *e,
    unsigned n, const recs_str_t *text, const char **err);

/*
 * Makes a string fit its field: a URL without its query, a text cut between
 * two characters.  RECS_ERROR with *err where a name is too long.
 */

int recs_event_field_cut(const recs_event_field_t *field, recs_str_t *s,
    const char **err);

/*
 * Sets one field from its text (CSV cell, query argument).  RECS_DECLINED:
 * no such field; RECS_ERROR with *err: not a value of it.  Strings are kept
 * by reference.  An alias does not replace what is there already.  Objects
 * (metadata) are declined: they come from JSON, where they are cleaned.
 */

int recs_event_set(recs_event_t *e, const recs_str_t *name,
    const recs_str_t *value, const char **err);

/*
 * The last check, the same for every source: the type is known or CUSTOM,
 * an identity or an order is there, a product where the type needs one, the
 * numbers are in range.  Copies productId into items[0] where items is
 * empty.  RECS_ERROR with *err.
 */

int recs_event_check(recs_event_t *e, const char **err);


/*
 * Text to numbers; RECS_ERROR where the text is anything else.  A time is
 * RFC 3339 (also with a blank for "T", without a zone, which is UTC then, or
 * the date alone) or a number of s, ms, us or ns since 1970, told apart by
 * its size.  A decimal may have an exponent and is rounded to millionths.
 */

int recs_parse_time(const recs_str_t *text, int64_t *ms);
int recs_parse_micro(const recs_str_t *text, int64_t *micro);


#endif /* _RECS_EVENT_H_INCLUDED_ */
