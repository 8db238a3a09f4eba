/*
 * Copyright (C) recs authors
 *
 * The token of a link that counts a click: which product of which answer, at
 * which position, until when, under a key.  It names no place to go: that is
 * the catalogue's to say.
 *
 *   byte  0       0x10 of a public answer, 0x11 of a private one
 *         1       number of the key
 *         2..5    the minute since 1970 after which it does not count
 *         6..13   the product, key64
 *         14..15  position, from 1
 *         16..23  hash of a public answer, sequence of a private one
 *         24..31  epoch, of a private one only
 *         + 16    the first half of the signature (recs_key_sign()) over all
 *                 this and eight bytes, key64 of the shop's name
 *
 * Numbers are big-endian.  It is written in base64url without padding
 * (RFC 4648 section 5), 54 or 64 characters; each token has one spelling,
 * any other is refused.
 */

#ifndef _RECS_TOKEN_H_INCLUDED_
#define _RECS_TOKEN_H_INCLUDED_


#include "recs_identity.h"


#define RECS_TOKEN_MAX  64       /* characters */
#define RECS_TOKEN_ID   40       /* characters of a recommendationId */


typedef struct {
    uint64_t  product;           /* key64 */
    uint64_t  id;                /* of the answer: hash, or sequence */
    uint64_t  epoch;             /* of a private one */
    uint32_t  expires;           /* epoch minutes */
    uint16_t  position;
    uint8_t   private;
} recs_token_t;


/*
 * Writes a token at p, where there is room for RECS_TOKEN_MAX, and returns
 * what is behind.  Allocates nothing.
 */

uint8_t *recs_token_write(const recs_token_t *t, const recs_key_t *key,
    uint64_t shop, uint8_t *p);

/*
 * Reads a token that any of the keys has signed for this shop.  RECS_ERROR:
 * it is none, or not signed by them; *t is not to be used then.  How long it
 * takes does not depend on how much of a signature is right.  Whether it is
 * too late is for the caller to see.
 */

int recs_token_read(recs_token_t *t, const recs_keys_t *keys, uint64_t shop,
    const recs_str_t *text);

/*
 * The recommendationId as answers have it, into buf (RECS_TOKEN_ID); returns
 * its length.
 */

size_t recs_token_recommendation(const recs_token_t *t, uint8_t *buf);


/* What all the links of one answer have. */

typedef struct {
    recs_token_t       token;    /* without product and position */
    const recs_key_t  *key;
    uint64_t           shop;
    recs_str_t         prefix;   /* "/r/", nothing of it to be escaped */
} recs_links_t;


#endif /* _RECS_TOKEN_H_INCLUDED_ */
