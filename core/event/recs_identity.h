/*
 * Copyright (C) recs authors
 *
 * Who somebody is, without saying who.  A raw id is turned into a key number
 * and 15 bytes of HMAC-SHA-256(key, kind || 0 || id) before anything is
 * stored.  The only file of core/event that knows libcrypto.
 *
 * The key file (mode 0640, made by whoever comes first) has one line a key,
 * "<number 1..255> <64 hexadecimal digits>"; the last line is the current
 * key, those before it are still known, for rotation.  Blank lines and lines
 * that begin with "#" are skipped.
 */

#ifndef _RECS_IDENTITY_H_INCLUDED_
#define _RECS_IDENTITY_H_INCLUDED_


#include <string.h>

#include "recs_event.h"


#define RECS_KEYS_MAX     4

#define RECS_KIND_USER       'u'
#define RECS_KIND_ANONYMOUS  'a'
#define RECS_KIND_SESSION    's'
#define RECS_KIND_ORDER      'o'     /* of who refused to be known */
#define RECS_KIND_MESSAGE    'm'

#define RECS_KEY_STATE    224    /* enough for two SHA256_CTX */


#define RECS_SIGNATURE_SIZE  32


typedef struct {
    uint8_t   number;
    uint64_t  state[RECS_KEY_STATE / 8];   /* inner and outer SHA-256 */
    uint64_t  sign[RECS_KEY_STATE / 8];    /* those of the signing key */
} recs_key_t;

typedef struct {
    unsigned    count;           /* 0: no key */
    recs_key_t  keys[RECS_KEYS_MAX];       /* the current one first */
} recs_keys_t;


/*
 * Reads the key file; where there is none and "create" is set, makes one
 * (O_EXCL, written, fsynced and linked into place, so that of two processes
 * that come at once both read the same key).  RECS_ERROR with *err.
 */

int recs_keys_load(recs_keys_t *keys, const char *path, unsigned create,
    const char **err);

/*
 * The identity of an id under key keys->keys[n].  Allocates nothing.  An
 * empty id, or no key, gives zeros.
 */

void recs_identity(const recs_keys_t *keys, unsigned n, uint8_t kind,
    const recs_str_t *id, recs_identity_t *identity);

/* Whether there is one. */

static inline int
recs_identity_known(const recs_identity_t *identity)
{
    uint64_t  words[2];

    memcpy(words, identity->bytes, RECS_IDENTITY_SIZE);

    return (words[0] | words[1]) != 0;
}

/*
 * Fills user, anonymous and session of an event from its raw ids under the
 * current key, "formers" under those before, and forgets the raw ids.  Called
 * once, for all that comes from outside.
 *
 * Who said no leaves no identifier: under RECS_CONSENT_DENIED all three stay
 * empty, nobody is verified, address, metadata and the addresses of pages go,
 * so do texts in which one of the ids stands and the recommendationId of a
 * private answer (it has a "-"), and what tells orders and messages apart are
 * 32 hexadecimal digits under the key, in e->masked.
 */

void recs_identity_event(const recs_keys_t *keys, recs_event_t *e);

/*
 * The same for events that come together, most of them of one visitor: what
 * was computed for the last one is taken again.  "last" is zeroed before the
 * first one; raw ids and keys must stay as they are until after the last.
 */

typedef struct {
    recs_str_t       ids[3];
    recs_identity_t  identities[3];
} recs_identity_last_t;

void recs_identity_events(const recs_keys_t *keys, recs_event_t *e,
    recs_identity_last_t *last);

/*
 * HMAC-SHA-256 under a key of its own, that is made of this one: nothing that
 * is signed is an identity, and the other way round.  It is HKDF-Expand
 * (RFC 5869 section 2.3) of the key with the info "recs click", 32 bytes.
 * Allocates nothing.  verify() compares the first "size" bytes, in a time that
 * does not depend on them.
 */

void recs_key_sign(const recs_key_t *key, const void *data, size_t len,
    uint8_t *signature);
int recs_key_verify(const recs_key_t *key, const void *data, size_t len,
    const uint8_t *signature, size_t size);

/* 64 bits from the kernel, for epochs. */

int recs_random64(uint64_t *n);


#endif /* _RECS_IDENTITY_H_INCLUDED_ */
