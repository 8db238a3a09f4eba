/*
 * Copyright (C) recs authors
 *
 * A bounded writer into the caller's memory.  A write that does not fit
 * writes nothing, sets "overflow", and so do all later ones: test it once
 * at the end.  Nothing is terminated by a NUL.
 */

#ifndef _RECS_OUT_H_INCLUDED_
#define _RECS_OUT_H_INCLUDED_


#include <string.h>

#include "recs_types.h"


typedef struct {
    uint8_t   *pos;         /* next byte to write */
    uint8_t   *last;        /* end of the memory; pos after an overflow */
    unsigned   overflow;
} recs_out_t;


#define recs_out_lit(out, s)  recs_out_bytes(out, s, sizeof(s) - 1)

void recs_out_init(recs_out_t *out, void *memory, size_t size);


/* Inline: an answer is some three hundred of these. */

static inline void
recs_out_bytes(recs_out_t *out, const void *data, size_t len)
{
    if ((size_t) (out->last - out->pos) < len) {
        out->last = out->pos;
        out->overflow = 1;
        return;
    }

    if (len) {
        memcpy(out->pos, data, len);
        out->pos += len;
    }
}


static inline void
recs_out_byte(recs_out_t *out, uint8_t c)
{
    if (out->pos == out->last) {
        out->overflow = 1;
        return;
    }

    *out->pos++ = c;
}


/*
 * The same without bounds, for who has made sure of the room for several
 * pieces at once: each writes at p and returns what is behind, so that the
 * place is in a register and not in memory.  A number is at most
 * RECS_OUT_NUMBER bytes, of which all may be written to.
 */

#define RECS_OUT_NUMBER  40      /* sign, 20 digits, point, 6 decimals */

#define recs_put_lit(p, s)  recs_put(p, s, sizeof(s) - 1)

static inline uint8_t *
recs_put(uint8_t *p, const void *data, size_t len)
{
    memcpy(p, data, len);

    return p + len;
}

uint8_t *recs_put_u64(uint8_t *p, uint64_t n);
uint8_t *recs_put_micro(uint8_t *p, int64_t micro);

/* A share in ten thousandths, 0 to 10000: 9300 is "0.93". */
uint8_t *recs_put_share(uint8_t *p, uint32_t share);


/* Decimal digits. */
void recs_out_u64(recs_out_t *out, uint64_t n);
void recs_out_i64(recs_out_t *out, int64_t n);

/* 16 lower-case hexadecimal digits. */
void recs_out_hex64(recs_out_t *out, uint64_t n);
uint8_t *recs_put_hex64(uint8_t *p, uint64_t n);

/*
 * A fraction with up to four decimals, rounded half up, no trailing zeros
 * ("0.93", "1", "0").  Not a number and infinities are written as 0.
 */
void recs_out_fraction(recs_out_t *out, double n);

/* Millionths as a decimal without trailing zeros: 19900000 is "19.9". */
void recs_out_micro(recs_out_t *out, int64_t micro);

/*
 * The inside of a JSON string: quotes, backslash, control characters, and
 * also "<", ">", "&", U+2028 and U+2029, so that an answer is safe inside a
 * script element.  Bytes that are not valid UTF-8 become U+FFFD.
 */
void recs_out_json(recs_out_t *out, const void *data, size_t len);

/* The same with its quotes. */
void recs_out_quoted(recs_out_t *out, const void *data, size_t len);

/* A number behind a literal, as ",\"views\":". */

#define recs_out_count(out, before, n)                                       \
    (recs_out_lit(out, before), recs_out_u64(out, n))


#endif /* _RECS_OUT_H_INCLUDED_ */
