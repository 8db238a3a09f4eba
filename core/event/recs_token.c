/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "recs_token.h"
#include "../recs_out.h"


#define RECS_TOKEN_PUBLIC   0x10
#define RECS_TOKEN_PRIVATE  0x11
#define RECS_TOKEN_SHOP     8
#define RECS_TOKEN_SIGN     16
#define RECS_TOKEN_SHORT    24     /* bytes without the signature */
#define RECS_TOKEN_LONG     32


static size_t recs_token_size(uint8_t kind);
static uint8_t *recs_token_put(uint8_t *p, uint64_t n, unsigned bytes);
static uint64_t recs_token_get(const uint8_t *p, unsigned bytes);
static uint8_t *recs_token_encode(const uint8_t *data, size_t len,
    uint8_t *p);
static int recs_token_decode(const recs_str_t *text, uint8_t *data);
static int recs_token_digit(uint8_t c);


static const uint8_t  recs_token_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";


uint8_t *
recs_token_write(const recs_token_t *t, const recs_key_t *key, uint64_t shop,
    uint8_t *p)
{
    size_t    size;
    uint8_t  *last, sign[RECS_SIGNATURE_SIZE];
    uint8_t   data[RECS_TOKEN_LONG + RECS_TOKEN_SIGN];

    last = data;
    *last++ = t->private ? RECS_TOKEN_PRIVATE : RECS_TOKEN_PUBLIC;
    *last++ = key->number;
    last = recs_token_put(last, t->expires, 4);
    last = recs_token_put(last, t->product, 8);
    last = recs_token_put(last, t->position, 2);
    last = recs_token_put(last, t->id, 8);

    if (t->private) {
        last = recs_token_put(last, t->epoch, 8);
    }

    size = last - data;

    /* what is signed is as long as what is sent: the shop is written over */

    (void) recs_token_put(last, shop, RECS_TOKEN_SHOP);
    recs_key_sign(key, data, size + RECS_TOKEN_SHOP, sign);
    memcpy(last, sign, RECS_TOKEN_SIGN);

    return recs_token_encode(data, size + RECS_TOKEN_SIGN, p);
}


int
recs_token_read(recs_token_t *t, const recs_keys_t *keys, uint64_t shop,
    const recs_str_t *text)
{
    size_t    size;
    uint8_t   data[RECS_TOKEN_LONG + RECS_TOKEN_SIGN + 3];
    uint8_t   sign[RECS_TOKEN_SIGN];
    unsigned  n;

    if (recs_token_decode(text, data) != RECS_OK) {
        return RECS_ERROR;
    }

    size = recs_token_size(data[0]);

    if (size == 0 || text->len != ((size + RECS_TOKEN_SIGN) * 8 + 5) / 6) {
        return RECS_ERROR;
    }

    for (n = 0; n < keys->count; n++) {
        if (keys->keys[n].number == data[1]) {
            break;
        }
    }

    if (n == keys->count) {
        return RECS_ERROR;
    }

    memcpy(sign, data + size, RECS_TOKEN_SIGN);
    (void) recs_token_put(data + size, shop, RECS_TOKEN_SHOP);

    if (recs_key_verify(&keys->keys[n], data, size + RECS_TOKEN_SHOP, sign,
                        RECS_TOKEN_SIGN)
        != RECS_OK)
    {
        return RECS_ERROR;
    }

    t->private = (data[0] == RECS_TOKEN_PRIVATE);
    t->expires = (uint32_t) recs_token_get(data + 2, 4);
    t->product = recs_token_get(data + 6, 8);
    t->position = (uint16_t) recs_token_get(data + 14, 2);
    t->id = recs_token_get(data + 16, 8);
    t->epoch = t->private ? recs_token_get(data + 24, 8) : 0;

    return RECS_OK;
}


size_t
recs_token_recommendation(const recs_token_t *t, uint8_t *buf)
{
    recs_out_t  out;

    recs_out_init(&out, buf, RECS_TOKEN_ID);

    if (t->private) {
        recs_out_hex64(&out, t->epoch);
        recs_out_byte(&out, '-');
        recs_out_u64(&out, t->id);

    } else {
        recs_out_hex64(&out, t->id);
    }

    return out.pos - buf;
}


/* Without the signature; 0: there is no such kind. */

static size_t
recs_token_size(uint8_t kind)
{
    return (kind == RECS_TOKEN_PUBLIC) ? RECS_TOKEN_SHORT
           : (kind == RECS_TOKEN_PRIVATE) ? RECS_TOKEN_LONG : 0;
}


static uint8_t *
recs_token_put(uint8_t *p, uint64_t n, unsigned bytes)
{
    while (bytes--) {
        *p++ = (uint8_t) (n >> (bytes * 8));
    }

    return p;
}


static uint64_t
recs_token_get(const uint8_t *p, unsigned bytes)
{
    uint64_t  n;

    for (n = 0; bytes; bytes--) {
        n = n << 8 | *p++;
    }

    return n;
}


static uint8_t *
recs_token_encode(const uint8_t *data, size_t len, uint8_t *p)
{
    uint32_t  bits;

    for ( /* void */ ; len >= 3; data += 3, len -= 3) {
        bits = (uint32_t) data[0] << 16 | (uint32_t) data[1] << 8 | data[2];

        *p++ = recs_token_digits[bits >> 18];
        *p++ = recs_token_digits[bits >> 12 & 63];
        *p++ = recs_token_digits[bits >> 6 & 63];
        *p++ = recs_token_digits[bits & 63];
    }

    /* 48 bytes are whole, 40 leave one behind */

    if (len) {
        *p++ = recs_token_digits[data[0] >> 2];
        *p++ = recs_token_digits[(data[0] & 3) << 4];
    }

    return p;
}


/*
 * The bytes of at most RECS_TOKEN_MAX characters.  Bits that are left over
 * must be zeros, or one token would have sixteen spellings.
 */

static int
recs_token_decode(const recs_str_t *text, uint8_t *data)
{
    int       digit;
    size_t    i;
    uint32_t  bits, have;

    if (text->len < 2 || text->len > RECS_TOKEN_MAX) {
        return RECS_ERROR;
    }

    bits = 0;
    have = 0;

    for (i = 0; i < text->len; i++) {
        digit = recs_token_digit(text->data[i]);

        if (digit < 0) {
            return RECS_ERROR;
        }

        bits = bits << 6 | (uint32_t) digit;
        have += 6;

        if (have >= 8) {
            have -= 8;
            *data++ = (uint8_t) (bits >> have);
            bits &= (1u << have) - 1;
        }
    }

    return bits ? RECS_ERROR : RECS_OK;
}


static int
recs_token_digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }

    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }

    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }

    return (c == '-') ? 62 : (c == '_') ? 63 : -1;
}
