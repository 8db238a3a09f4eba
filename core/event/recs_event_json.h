/*
 * Copyright (C) recs authors
 *
 * Events from JSON text.  The only file of core/event that knows jansson.
 */

#ifndef _RECS_EVENT_JSON_H_INCLUDED_
#define _RECS_EVENT_JSON_H_INCLUDED_


#include "recs_event.h"


#define RECS_JSON_DEPTH_MAX    32
#define RECS_JSON_EVENTS_MAX   1000


typedef struct recs_event_json_s  recs_event_json_t;


/*
 * Parses one object, or an array of objects (*count of them), which must stay
 * as it is until close: strings of events may point into it.  Refuses what
 * is not strict JSON in valid UTF-8: a byte order mark, two documents,
 * comments, NaN, numbers out of range, -0, duplicate keys, NUL characters,
 * lone surrogates, more than RECS_JSON_DEPTH_MAX levels (found by a scan
 * that needs no stack, before the parser runs), an empty array.  NULL with
 * *err; *count is 0 then, or more than RECS_JSON_EVENTS_MAX where that is
 * the reason.
 */

recs_event_json_t *recs_event_json_open(const uint8_t *data, size_t len,
    size_t *count, unsigned *array, const char **err);

/*
 * Event number n into *e (initialised here); its strings live until close.
 * Numbers where a string is expected (ids) are taken by their digits.  Of
 * metadata, members that name a person (email, phone, userId, ...) are
 * dropped, and all of it where it is longer than RECS_EVENT_METADATA_MAX.
 * The document of a PRODUCT_UPDATE is its member "document", or what the
 * event has besides the members of events, with its product id either way.
 * Does not call recs_event_check().  RECS_ERROR with *err, and *field the
 * name of the offending member or NULL.
 */

int recs_event_json_get(recs_event_json_t *json, size_t n, recs_event_t *e,
    const char **field, const char **err);

void recs_event_json_close(recs_event_json_t *json);


/*
 * Part of it: finds in JSON text what the parser allows or would need its
 * stack to find out.  RECS_ERROR with *err.
 */

int recs_event_json_scan(const uint8_t *data, size_t len, const char **err);


#endif /* _RECS_EVENT_JSON_H_INCLUDED_ */
