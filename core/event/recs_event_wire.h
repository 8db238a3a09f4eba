/*
 * Copyright (C) recs authors
 *
 * Frame v1: the stored form of an event, in the journal, in Redis and in the
 * event log.
 *
 *   frame    length(u32) crc32c(u32) payload, padded with zeros to 8 bytes;
 *            little-endian, the checksum is that of the payload
 *   payload  a msgpack array: version 1, class, shop, epoch, sequence, type,
 *            received_ms, time_ms, sent_ms, user, anonymous, session (bin 16
 *            or nil), consent, region, device, variant, view, verified (1: the
 *            user is known to be this one, 0: the sender says so), fields
 *   fields   a msgpack map: field number (recs_event_fields[].wire) to value;
 *            40 and 41: user and browser under older keys, 16 bytes each, one
 *            after the other in a bin
 */

#ifndef _RECS_EVENT_WIRE_H_INCLUDED_
#define _RECS_EVENT_WIRE_H_INCLUDED_


#include "recs_event.h"


#define RECS_FRAME_HEAD      8
#define RECS_FRAME_MAX       65536     /* bytes of a whole frame */

#define recs_frame_size(payload)                                             \
    ((RECS_FRAME_HEAD + (size_t) (payload) + 7) & ~(size_t) 7)


/*
 * Encodes the payload into the caller's memory without allocating; returns
 * its length, 0 where it does not fit.
 */

size_t recs_event_encode(const recs_event_t *e, uint8_t *buf, size_t size);

/*
 * Decodes a payload; strings point into it.  Bounded: no count is believed
 * that the remaining bytes cannot hold, nothing is allocated in proportion
 * to a count.  RECS_ERROR with *err.
 */

int recs_event_decode(recs_event_t *e, const uint8_t *data, size_t len,
    const char **err);

/* Puts head and padding around a payload that is already at frame + 8. */

size_t recs_frame_seal(uint8_t *frame, size_t payload);

/*
 * Looks at the frame at "data".  RECS_OK: *payload is its payload and *size
 * what to advance by.  RECS_AGAIN: nothing here yet (length 0) or less than
 * a whole frame.  RECS_ERROR with *err: damaged.
 */

int recs_frame_read(const uint8_t *data, size_t len, recs_str_t *payload,
    size_t *size, const char **err);


#endif /* _RECS_EVENT_WIRE_H_INCLUDED_ */
